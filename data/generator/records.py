"""The sheets that list things, a row each (明细): housing, bridges, flood points, schools, clinics."""

from __future__ import annotations

import numpy as np
import shapely

from .housing import Housing
from .messy import Book, Cell, Sheet, leave_blank, type_numbers_oddly
from .places import FIRST, ROAD_SECOND
from .world import Array, World

YES_NO = (("是", "否"), ("有", "无"), ("√", "×"), ("是", "否"))  # each office keeps to its own pair
BUILDING_FLAGS = {
    "structure_crack": "结构构件裂缝",
    "load_wall_removed": "拆改承重结构",
    "gas_riser_corroded": "燃气立管锈蚀",
    "stair_damaged": "楼梯扶手照明损坏",
    "fire_door_broken": "消防门损坏",
    "hydrant_missing": "消火栓缺失或无水",
    "corridor_blocked": "楼道堆物或停放电动自行车",
    "facade_falling": "外墙脱落",
    "roof_leak": "屋面渗漏",
    "pipe_damaged": "管线破损",
    "elevator": "电梯",
    "elevator_possible": "具备加装电梯条件",
    "entrance_accessible": "出入口无障碍",
    "energy_retrofitted": "已节能改造",
    "fibre": "光纤入户",
}
BUILDING_HEADERS = [
    "序号",
    "街镇",
    "社区",
    "所属小区",
    "楼栋编号",
    "楼栋名称",
    "建成年份",
    "地上层数",
    "户数",
    "结构构件裂缝",
    "拆改承重结构",
    "燃气立管运行年限",
    "燃气立管锈蚀",
    "楼梯扶手照明损坏",
    "消防门损坏",
    "消火栓缺失或无水",
    "楼道堆物或停放电动自行车",
    "外墙脱落",
    "屋面渗漏",
    "管线破损",
    "非成套住宅套数",
    "电梯",
    "具备加装电梯条件",
    "出入口无障碍",
    "已节能改造",
    "光纤入户",
    "备注",
]
ESTATE_HEADERS = [
    "序号", "所在街镇", "所在社区", "小区编号", "小区名称", "建成年份", "户数", "居住人口", "专业化物业管理",
    "停车泊位 现有", "停车泊位 需求", "充电桩 现有", "充电桩 需求", "电动自行车充电设施", "公共活动场地面积",
    "生活垃圾分类达标", "地下车库信号覆盖", "养老服务设施", "婴幼儿照护设施", "配建幼儿园", "备注",
]  # fmt: skip


def buildings_book(world: World, housing: Housing) -> Book:
    """住宅楼栋调查表: one sheet per town, the town's cell merged over all its rows."""
    rng = world.rng("bldgbook", housing.year)
    communities = world.communities["name"].to_list()
    estates = housing.estates["name"].to_list()
    sheets = []
    for t, town in enumerate(world.towns):
        mine = housing.buildings.filter(housing.buildings["town"] == t)
        yes_no = YES_NO[t % len(YES_NO)]
        rows: list[list[Cell]] = []
        for n, b in enumerate(mine.iter_rows(named=True), 1):
            row: dict[str, Cell] = {
                "序号": n,
                "街镇": town.name,
                "社区": communities[b["community"]],
                "所属小区": estates[b["estate"]],
                "楼栋编号": b["building_id"],
                "楼栋名称": estates[b["estate"]] + b["name"],
                "建成年份": b["built_year"],
                "地上层数": b["floors"],
                "户数": b["households"],
                "燃气立管运行年限": b["gas_riser_age"],
                "非成套住宅套数": b["incomplete_flats"],
            }
            row |= {header: yes_no[not b[name]] for name, header in BUILDING_FLAGS.items()}
            rows.append([row.get(header) for header in BUILDING_HEADERS])
        sheet = Sheet(town.name, f"{town.name}住宅楼栋调查表", list(BUILDING_HEADERS), rows, merged=("街镇",),
                      notes=("注：隐患类填是否存在；燃气立管运行年限按最近一次更换起算。",),
                      filled_by=town.name)  # fmt: skip
        leave_blank(sheet, ("屋面渗漏", "管线破损", "光纤入户", "燃气立管运行年限"), rng, 0.004)
        type_numbers_oddly(sheet, ("建成年份", "地上层数", "户数"), rng, 0.01)
        sheets.append(sheet)
    return Book(f"inputs/{housing.year}/住宅楼栋调查表.xlsx", sheets)


def estates_book(world: World, housing: Housing) -> Book:
    """住宅小区调查表: one sheet, towns written without 街道 or 镇, two header rows, a units row."""
    rng = world.rng("estbook", housing.year)
    communities = world.communities["base"].to_list()
    kinds = world.communities["kind"].to_list()
    rows: list[list[Cell]] = []
    for n, e in enumerate(housing.estates.iter_rows(named=True), 1):
        suffix = "居民委员会" if kinds[e["community"]] == "居委会" else "村民委员会"
        garage = ("是" if e["garage_signal"] else "否") if e["has_garage"] else "—"  # no garage, no answer
        yes = {k: "是" if v else "否" for k, v in e.items() if isinstance(v, bool)}
        rows.append(
            [
                n,
                _stem(world.towns[e["town"]].name),
                communities[e["community"]] + suffix,
                e["estate_id"],
                e["name"],
                e["built_year"],
                e["households"],
                e["population"],
                yes["property_managed"],
                e["parking_spaces"],
                e["parking_needed"],
                e["chargers"],
                e["chargers_needed"],
                yes["ebike_charging"],
                e["activity_area"],
                yes["waste_sorted"],
                garage,
                yes["elderly_service"],
                yes["childcare"],
                yes["kindergarten"],
                None,
            ]
        )
    units = {
        "户数": "户",
        "居住人口": "人",
        "停车泊位 现有": "个",
        "停车泊位 需求": "个",
        "充电桩 现有": "个",
        "充电桩 需求": "个",
        "公共活动场地面积": "平方米",
    }
    sheet = Sheet("小区", "住宅小区调查表", list(ESTATE_HEADERS), rows, units=units,
                  notes=("注：停车泊位需求按户均配建标准测算。", "数据来源：各街镇上报汇总"),
                  filled_by="区住房保障房屋管理局")  # fmt: skip
    leave_blank(sheet, ("充电桩 现有", "公共活动场地面积"), rng, 0.006)
    type_numbers_oddly(sheet, ("户数", "居住人口", "停车泊位 需求", "公共活动场地面积"), rng, 0.03)
    return Book(f"inputs/{housing.year}/住宅小区调查表.xlsx", [sheet])


def bridges_book(world: World, year: int, first: int) -> Book:
    """城市桥梁检测表: a grade A–E 级; worse where drains are bad, some mended each year."""
    rng = world.rng("bridges")
    rows: list[list[Cell]] = []
    for t, (town, code) in enumerate(zip(world.towns, world.town_codes, strict=True)):
        for k in range(1, max(4, round(world.town_area[t] * 0.35)) + 1):
            worn = rng.beta(2, 2 + 4 * town.drainage)
            grade = "ABCDE"[int(np.searchsorted([0.25, 0.5, 0.72, 0.87], worn))]
            mended = grade in "DE" and rng.random() < town.effort * (0.4 + 0.4 * (year - first))
            name = f"{_word(rng)}{'桥' if rng.random() < 0.7 else '大桥'}"
            rows.append([f"{code}Q{k:02d}", name, town.name, f"{grade}级", "是" if mended else "否", None])
    sheet = Sheet(
        "桥梁",
        "城市桥梁定期检测情况表",
        ["桥梁编号", "桥名", "街镇", "技术状况等级", "是否已维修加固", "备注"],
        rows,
        notes=("说明：技术状况等级按最近一次定期检测结论。",),
        filled_by="区交通委",
    )
    return Book(f"inputs/{year}/城市桥梁检测表.xlsx", [sheet])


def flood_book(world: World, year: int, first: int) -> Book:
    """内涝积水点台账: a GB18030 CSV with longitude and latitude (WGS84)."""
    rng = world.rng("flood")
    rows: list[list[Cell]] = []
    for t, town in enumerate(world.towns):
        count = rng.poisson((1.5 + 9 * (1 - town.drainage)) * max(0.3, min(1.0, world.scale * 2)))
        mine = np.flatnonzero(world.town_of == t)
        for community in rng.choice(mine, size=count):
            lon, lat = world.lonlat(world.scatter(int(community), 1, rng), "EPSG:4326")[0]
            depth = round(float(rng.gamma(3, 9)) + 8, 1)
            mended = rng.random() < town.effort * (0.5 + 0.5 * (year - first))
            place = f"{town.name}{_word(rng)}路{_word(rng)}路口"
            severe = "是" if depth > 40 else "否"
            rows.append([f"JS{len(rows) + 1:03d}", place, float(round(lon, 6)), float(round(lat, 6)), depth,
                         severe, "是" if mended else "否"])  # fmt: skip
    sheet = Sheet("", "内涝积水点台账", ["编号", "位置", "经度", "纬度", "最大积水深度(cm)", "是否严重易涝",
                  "是否已整治"], rows, filled_by="区水务局")  # fmt: skip
    return Book(f"inputs/{year}/内涝积水点.csv", [sheet], encoding="gb18030")


def places_book(
    world: World, path: str, title: str, headers: list[str], things: list[tuple[str, str, str]], xy: Array,
    crs: str, office: str,
) -> Book:  # fmt: skip
    """A list of places with coordinates: ``things`` are (id, name, kind), ``xy`` planar metres (n, 2)."""
    degrees = world.lonlat(xy, crs).round(6).tolist()
    rows: list[list[Cell]] = [
        [n, code, name, kind, *lonlat]
        for n, ((code, name, kind), lonlat) in enumerate(zip(things, degrees, strict=True), 1)
    ]
    sheet = Sheet("名录", title, headers, rows, notes=("注：坐标为主要出入口位置。",), filled_by=office)
    return Book(path, [sheet])


def schools_book(world: World, year: int) -> Book:
    """中小学名录 (CGCS2000): primary schools by people, middle schools by town, more where access is good."""
    rng = world.rng("schools")
    things: list[tuple[str, str, str]] = []
    points: list[Array] = []
    people = world.communities["population"].to_numpy()
    for c, row in enumerate(world.communities.iter_rows(named=True)):
        access = world.towns[row["town"]].access
        for kind, per in (("小学", 13_000), ("初中", 24_000), ("高中", 70_000)):
            for _ in range(rng.poisson(people[c] / per * (0.5 + 0.9 * access))):
                things.append(
                    (f"XX{len(things) + 1:04d}", f"{row['base']}{kind if kind != '高中' else '中学'}", kind)
                )
                points.append(world.scatter(c, 1, rng))
    return places_book(
        world,
        f"inputs/{year}/中小学名录.xlsx",
        "中小学校名录",
        ["序号", "学校代码", "学校名称", "学段", "经度", "纬度"],
        things,
        np.concatenate(points),
        "EPSG:4490",
        "区教育局",
    )


def clinics_book(world: World, year: int, first: int) -> Book:
    """医疗机构名录 (WGS84): a centre per town, stations by people; a later year has a few more."""
    rng = world.rng("clinics")
    things: list[tuple[str, str, str]] = []
    points: list[Array] = []
    people = world.communities["population"].to_numpy()
    for t, town in enumerate(world.towns):
        mine = np.flatnonzero(world.town_of == t)
        things.append((f"ZX{t + 1:03d}", f"{town.name}社区卫生服务中心", "社区卫生服务中心"))
        points.append(world.scatter(int(mine[people[mine].argmax()]), 1, rng))
        if town.people > 1.1:
            things.append((f"YY{t + 1:03d}", f"云湖区{_stem(town.name)}医院", "二级医院"))
            points.append(world.scatter(int(rng.choice(mine)), 1, rng))
        for c in mine:
            built = rng.random() < (0.25 + 0.35 * town.elder) * min(1.5, people[c] / 6000)
            added = rng.random() < 0.10 * town.effort
            spot = world.scatter(int(c), 1, rng)
            if built or (added and year > first):
                base = world.communities["base"][int(c)]
                things.append((f"FW{c + 1:04d}", f"{base}社区卫生服务站", "社区卫生服务站"))
                points.append(spot)
    return places_book(
        world,
        f"inputs/{year}/医疗机构名录.xlsx",
        "医疗机构名录",
        ["序号", "机构代码", "机构名称", "类别", "经度", "纬度"],
        things,
        np.concatenate(points),
        "EPSG:4326",
        "区卫生健康委",
    )


def inside_district(world: World, xy: Array) -> Array:
    """Which points lie inside the district, shape (n,)."""
    return shapely.contains_xy(world.outline, xy[:, 0], xy[:, 1])


def _word(rng: np.random.Generator) -> str:
    """A two-character invented name."""
    return FIRST[int(rng.integers(len(FIRST)))] + ROAD_SECOND[int(rng.integers(len(ROAD_SECOND)))]


def _stem(name: str) -> str:
    """A town's name as offices shorten it: 望云街道 → 望云."""
    return name.removesuffix("街道").removesuffix("镇")
