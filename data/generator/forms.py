"""The department forms (填报表): figures per town or community, each in the look of its own office.

A share is generated from the town's trait, then its two parts; between years it moves by the town's effort.
The last row of a town form is 合计, which agrees with the rows above it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

import numpy as np

from .messy import Book, Cell, Sheet, leave_blank, spaced, type_numbers_oddly
from .places import DISTRICT_CODE, DISTRICT_NAME
from .records import _stem
from .world import Array, World

Columns = dict[str, Array]


def units_book(world: World) -> Book:
    """单元名录: the whole tree with people and area, in code order."""
    area = world.town_area.round(2)
    rows: list[list[Cell]] = [
        [
            DISTRICT_CODE,
            DISTRICT_NAME,
            "区",
            None,
            int(world.town_people.sum()),
            float(area.sum().round(2)),
            "区",
        ]
    ]
    for t, (town, code) in enumerate(zip(world.towns, world.town_codes, strict=True)):
        rows.append(
            [code, town.name, "街镇", DISTRICT_CODE, int(world.town_people[t]), float(area[t]), town.kind]
        )
        for row in world.communities.filter(world.communities["town"] == t).iter_rows(named=True):
            rows.append(
                [row["code"], row["name"], "社区", code, row["population"], row["area_km2"], row["kind"]]
            )
    headers = ["统计用区划代码", "名称", "层级", "上级代码", "常住人口（人）", "面积（平方公里）", "类型"]
    return Book("单元名录.xlsx", [Sheet("名录", f"{DISTRICT_NAME}体检单元名录", headers, rows)])


@dataclass
class Maker:
    """Makes the columns of one office's form, so that a year differs from the one before only by progress.

    ``office`` seeds the figures; ``years_on`` is how many years after the first.
    """

    world: World
    office: str
    years_on: int

    def __post_init__(self) -> None:
        """Start the office's own random numbers."""
        self.rng = self.world.rng("form", self.office)
        self.people = self.world.town_people.astype(float)

    def per_head(self, rate: float, spread: float = 0.25, trait: Array | None = None) -> Array:
        """An amount that goes with people; ``trait`` bends it between half and half again."""
        noise = self.rng.lognormal(0, spread, len(self.people))
        return self.people * rate * noise * (1.0 if trait is None else 0.5 + trait)

    def share(self, trait: str, low: float, high: float, pace: float = 0.06) -> Array:
        """A share between ``low`` and ``high`` following a trait, growing yearly with the town's effort."""
        base = low + (high - low) * self.world.trait(trait) + self.rng.normal(0, 0.03, len(self.people))
        return np.clip(base + pace * self.world.trait("effort") * self.years_on, 0.0, 1.0)


def whole(values: Array) -> Array:
    """Whole things."""
    return np.maximum(0, np.round(values)).astype(int)


@dataclass(frozen=True)
class TownForm:
    """The look of one office's form: ``name`` writes a town's name as the office does."""

    path: str
    title: str
    office: str
    name: Callable[[str], str]
    units: dict[str, str]
    unit: str = "街镇"
    encoding: str = ""


def _town_form(world: World, form: TownForm, columns: Columns) -> Book:
    """A form with a row per town and 合计 below."""
    rows: list[list[Cell]] = [
        [t + 1, form.name(town.name), *(values[t].item() for values in columns.values())]
        for t, town in enumerate(world.towns)
    ]
    total = [values.sum() for values in columns.values()]
    rows.append([None, "合计", *(int(v) if isinstance(v, np.integer) else round(float(v), 4) for v in total)])
    sheet = Sheet(
        "填报表",
        form.title,
        ["序号", form.unit, *columns],
        rows,
        units=form.units,
        notes=("注：本表由各街镇填报、主管部门汇总。",),
        filled_by=form.office,
    )
    type_numbers_oddly(sheet, columns, world.rng("odd", form.path), 0.05)
    return Book(form.path, [sheet], encoding=form.encoding)


def greening_book(world: World, year: int, first: int, park_area: Array) -> Book:
    """区绿化市容局: 万㎡ and 公顷; ``park_area`` ㎡ per town comes from the park layer."""
    make = Maker(world, "greening", year - first)
    sweepable = (make.per_head(11.0) / 1e4).round(2)
    toilets = whole(make.per_head(0.00022) + 2)
    signs, adverts = whole(make.per_head(0.012, trait=world.trait("jobs"))), whole(make.per_head(0.0006) + 3)
    fronts = whole(make.per_head(0.02))
    columns = {
        "道路保洁 机扫面积": (sweepable * make.share("clean", 0.72, 1.0)).round(2),
        "道路保洁 可机扫面积": sweepable,
        "公共厕所 总数": toilets,
        "公共厕所 达星级": whole(toilets * make.share("clean", 0.62, 0.98)),
        "户外招牌 总数": signs,
        "户外招牌 已审批备案": whole(signs * make.share("clean", 0.42, 0.9)),
        "户外广告 点位内设置": adverts,
        "户外广告 已审批": whole(adverts * make.share("clean", 0.8, 1.0)),
        "公园绿地 面积": (park_area / 1e4).round(2),
        "门前责任区 应签约": fronts,
        "门前责任区 履约": whole(fronts * make.share("clean", 0.65, 0.97)),
    }
    units = {
        "道路保洁 机扫面积": "万㎡",
        "道路保洁 可机扫面积": "万㎡",
        "公共厕所 总数": "座",
        "公共厕所 达星级": "座",
        "户外招牌 总数": "块",
        "户外招牌 已审批备案": "块",
        "户外广告 点位内设置": "处",
        "户外广告 已审批": "处",
        "公园绿地 面积": "公顷",
        "门前责任区 应签约": "户",
        "门前责任区 履约": "户",
    }
    form = TownForm(
        f"inputs/{year}/区绿化市容局填报表.xlsx",
        f"{year}年市容绿化填报表",
        "区绿化市容局",
        _stem,
        units=units,
    )
    return _town_form(world, form, columns)


def utilities_book(world: World, year: int, first: int) -> Book:
    """区建设管理委: pipes in km, sewage in 万吨, floor areas in 万㎡."""
    make = Maker(world, "utilities", year - first)
    worn = 1 - world.trait("upkeep")
    gas = (make.per_head(0.00012, trait=worn) + 0.5).round(2)
    sewage, lifts = (make.per_head(58.0) / 1e4).round(2), whole(make.per_head(0.0006, trait=worn) + 3)
    network, works = (make.per_head(0.0011) + 8).round(1), whole(make.per_head(0.0009) + 5)
    built = (make.per_head(0.35, 0.5, world.trait("jobs")) / 1e4).round(2)
    columns = {
        "老旧燃气管网 计划改造": gas,
        "老旧燃气管网 已改造": (gas * make.share("effort", 0.35, 1.0, 0.3)).round(2),
        "生活污水 产生量": sewage,
        "生活污水 集中收集量": (sewage * make.share("drainage", 0.55, 0.97, 0.03)).round(2),
        "电梯安全评估 需整改": lifts,
        "电梯安全评估 已整改": whole(lifts * make.share("effort", 0.4, 1.0, 0.2)),
        "避难场所 有效面积": (make.per_head(2.1, 0.3, world.trait("green")) / 1e4).round(2),
        "新建民用建筑 绿色建筑面积": (built * make.share("jobs", 0.75, 1.0)).round(2),
        "新建民用建筑 总面积": built,
        "重要管网 已监测": (network * make.share("drainage", 0.08, 0.45, 0.12)).round(1),
        "重要管网 总长": network,
        "限额以下工程 总数": works,
        "限额以下工程 纳管数": whole(works * make.share("clean", 0.55, 1.0)),
    }
    units = {
        "老旧燃气管网 计划改造": "公里",
        "老旧燃气管网 已改造": "公里",
        "生活污水 产生量": "万吨",
        "生活污水 集中收集量": "万吨",
        "电梯安全评估 需整改": "台",
        "电梯安全评估 已整改": "台",
        "避难场所 有效面积": "万平方米",
        "新建民用建筑 绿色建筑面积": "万平方米",
        "新建民用建筑 总面积": "万平方米",
        "重要管网 已监测": "km",
        "重要管网 总长": "km",
        "限额以下工程 总数": "项",
        "限额以下工程 纳管数": "项",
    }
    form = TownForm(
        f"inputs/{year}/区建设管理委填报表.xlsx",
        f"{year}年市政公用填报表",
        "区建设管理委",
        str,
        unit="街镇名称",
        units=units,
    )
    return _town_form(world, form, columns)


def culture_book(world: World, year: int, first: int) -> Book:
    """区文化旅游局: a CSV with a byte order mark; the names stretched with blanks."""
    make = Maker(world, "culture", year - first)
    heritage = world.trait("heritage")
    historic, relics = whole(heritage**2 * 60 + 2), whole(heritage**2 * 22 + 1)
    planned = whole(3 + 6 * heritage + make.rng.integers(0, 4, len(heritage)))
    vacant = np.clip(0.32 - 0.2 * heritage - 0.04 * make.years_on * world.trait("effort"), 0.02, 1)
    columns = {
        "历史建筑总数": historic,
        "历史建筑空置数": whole(historic * vacant),
        "历史建筑挂牌建档数": whole(historic * make.share("heritage", 0.6, 1.0, 0.2)),
        "文物建筑总数": relics,
        "文物建筑活化利用数": whole(relics * make.share("heritage", 0.25, 0.85, 0.1)),
        "公共文化设施面积": whole(make.per_head(0.17, 0.35, world.trait("heritage"))),
        "美丽街区已建成": whole(planned * make.share("clean", 0.3, 0.95, 0.2)),
        "美丽街区计划": planned,
    }
    form = TownForm(
        f"inputs/{year}/区文化旅游局填报表.csv",
        f"{year}年文化旅游填报表",
        "区文化旅游局",
        lambda name: spaced(_stem(name)),
        units={"公共文化设施面积": "㎡"},
        encoding="utf-8-sig",
    )
    return _town_form(world, form, columns)


def economy_book(world: World, year: int, first: int) -> Book:
    """区经委: long form, a row per town and item."""
    make = Maker(world, "economy", year - first)
    jobs, on = world.trait("jobs"), make.years_on
    output = make.per_head(7.2, 0.2, jobs) / 1e4
    growth = 1 + 0.02 + 0.08 * jobs
    items = {
        "新增中小微企业数": whole(make.per_head(0.0065, 0.2, jobs) * (1 + 0.05 * on)),
        "高新技术企业数": whole(make.per_head(0.0006, 0.3, jobs**2) * (1 + 0.08 * on)),
        "上市公司数": whole(make.per_head(0.000008, 0.5, jobs**2) + 0.6 * (jobs > 0.8) * on),
        "众创空间数": whole(make.per_head(0.00003, 0.3, jobs) + 0.5 * on),
        "非公经济增加值": (output * growth ** (on + 1)).round(2),
        "上年非公经济增加值": (output * growth**on).round(2),
    }
    unit = {"非公经济增加值": "亿元", "上年非公经济增加值": "亿元"}
    rows: list[list[Cell]] = [
        [town.name, item, values[t].item(), unit.get(item, "家")]
        for t, town in enumerate(world.towns)
        for item, values in items.items()
    ]
    sheet = Sheet("数据", f"{year}年经济科创填报表", ["街镇", "指标项", "数值", "计量单位"], rows,
                  notes=("数据来源：区经委、区科委",), filled_by="区经委")  # fmt: skip
    type_numbers_oddly(sheet, ("数值",), world.rng("oddecon", year), 0.04)
    return Book(f"inputs/{year}/区经委填报表.xlsx", [sheet])


def welfare_book(world: World, year: int, first: int) -> Book:
    """区民政局: a row per community, the town's cell merged over its communities."""
    rng = world.rng("welfare")
    people, town = world.communities["population"].to_numpy(), world.town_of
    effort, on, n = world.trait("effort")[town], year - first, world.communities.height
    village = (world.communities["kind"] == "村委会").to_numpy()
    elderly = whole(
        people
        * np.clip(0.15 + (2010 - world.trait("stock")[town]) * 0.006 + rng.normal(0, 0.02, n), 0.06, 0.45)
    )
    homes, ramps = (
        whole(elderly * 0.012 + rng.integers(0, 3, n)),
        whole(people * 0.006 + rng.integers(2, 9, n)),
    )
    wanted = whole(people * 0.012 * (0.5 + world.trait("jobs")[town]))

    def part(total: Array, trait: str, low: float, high: float) -> Array:
        share = low + (high - low) * world.trait(trait)[town] + rng.normal(0, 0.07, n) + 0.1 * on * effort
        return whole(total * np.clip(share, 0, 1))

    old = np.where(
        village & (rng.random(n) < 0.35), people * rng.beta(2, 8, n) * (1 - world.trait("upkeep")[town]), 0
    )
    columns = {
        "60岁以上老年人数": elderly,
        "困难老年人家庭 已适老化改造": part(homes, "elder", 0.35, 0.95),
        "困难老年人家庭 需适老化改造": homes,
        "居住在城中村人口": whole(old * (1 - 0.15 * on)),
        "无障碍设施 应设": ramps,
        "无障碍设施 已设": part(ramps, "access", 0.45, 0.95),
        "保障性租赁住房 新市民已入住": part(wanted, "jobs", 0.25, 0.75),
        "保障性租赁住房 申请": wanted,
    }
    names = world.communities["name"].to_list()
    rows: list[list[Cell]] = [
        [world.towns[town[c]].name, names[c], *(values[c].item() for values in columns.values())]
        for c in range(n)
    ]
    sheet = Sheet("社区填报", f"{year}年民政与人口填报表", ["街镇", "社区", *columns], rows, merged=("街镇",),
                  units=dict.fromkeys(("60岁以上老年人数", "居住在城中村人口"), "人"),
                  notes=("注：1. 困难老年人家庭指低保、低收入家庭。2. 无障碍设施指公共建筑出入口坡道。",),
                  filled_by="区民政局")  # fmt: skip
    odd = world.rng("oddwelf", year)
    leave_blank(sheet, ("居住在城中村人口", "保障性租赁住房 申请"), odd, 0.02)
    type_numbers_oddly(sheet, ("60岁以上老年人数", "无障碍设施 应设"), odd, 0.05)
    return Book(f"inputs/{year}/区民政局填报表.xlsx", [sheet])


def buses_book(world: World, year: int, first: int) -> Book:
    """区交通委: the whole district in one row."""
    people, on = world.town_people.sum(), year - first
    buses = int(people / 2100)
    road = round(float(world.town_area.sum()) * 2.35, 1)
    row: list[Cell] = [DISTRICT_NAME, buses, round(buses * min(1.0, 0.93 + 0.05 * on)),
                       round(road * (0.665 + 0.06 * on), 1), road]  # fmt: skip
    headers = ["单位", "公交车总数", "新能源公交车数", "技术状况优良里程", "评定里程"]
    units = {"公交车总数": "辆", "新能源公交车数": "辆", "技术状况优良里程": "公里", "评定里程": "公里"}
    sheet = Sheet("公交与道路", f"{year}年公共交通填报表", headers, [row], units=units, filled_by="区交通委")
    return Book(f"inputs/{year}/区交通委填报表.xlsx", [sheet])


def reported_items() -> list[dict[str, str]]:
    """The items reported as bare rates: item, unit, level, low, high (data/sample/reported_items.csv)."""
    text = resources.files("tijian.data").joinpath("sample/reported_items.csv").read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def statistics_book(world: World, year: int, first: int) -> Book:
    """统计与监测数据: 区域, 指标名称, 数值 in long form; per cent written with or without the sign."""
    rows: list[list[Cell]] = []
    for item in reported_items():
        rng = world.rng("stats", item["level"], item["item"])
        low, high = float(item["low"]), float(item["high"])
        middle, drift = rng.uniform(0.35, 0.75), rng.normal(0.02, 0.03) * (year - first)
        of_towns = item["level"] == "town"
        for area in [t.name for t in world.towns] if of_towns else [DISTRICT_NAME]:
            place = float(rng.normal(0, 0.18)) if of_towns else 0.0
            value = round(low + (high - low) * float(np.clip(middle + drift + place, 0, 1)), 2)
            rows.append([area, item["item"], value, item["unit"], None])
    sheet = Sheet(
        "监测数据",
        f"{year}年统计公报及监测数据",
        ["区域", "指标名称", "数值", "计量单位", "备注"],
        rows,
        notes=("数据来源：统计公报、环境与交通监测",),
        filled_by="区统计局",
    )
    return Book(f"inputs/{year}/统计与监测数据.xlsx", [sheet])
