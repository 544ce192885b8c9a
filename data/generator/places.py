"""The invented towns (街镇) of 云湖区 and the words its names are made of.

Each town has a character that everything generated in it follows, so that strengths and shortfalls tell a
story: an old centre with worn houses but good buses, a new quarter short of services for the old, a far lake
town with parks and few buses. No name is that of a real place of Shanghai; the district lies in mid-lake.
"""

from __future__ import annotations

from dataclasses import dataclass

LABEL = "合成演示数据"
DISTRICT_CODE = "990117"
DISTRICT_NAME = "云湖区"
CENTRE_LON, CENTRE_LAT = 120.12, 31.20


@dataclass(frozen=True)
class Town:
    """A town's character. ``x, y`` place it in the unit disc; the rest run 0–1, 1 is best, unless said.

    ``people`` relative population; ``stock`` mean building year of its housing; ``rural`` share of people in
    villages; ``effort`` how much of what was found in one year is mended by the next.
    """

    name: str
    x: float
    y: float
    people: float
    stock: float
    rural: float
    upkeep: float
    property_care: float
    transit: float
    green: float
    elder: float
    clean: float
    heritage: float
    jobs: float
    drainage: float
    access: float
    effort: float

    @property
    def kind(self) -> str:
        """街道 or 镇."""
        return "街道" if self.name.endswith("街道") else "镇"

    @property
    def zone(self) -> str:
        """Where in the city the town lies (所在区域), which is what the table of units states as its kind."""
        return "新城" if self.kind == "街道" else "新市镇"


# Alternating, so that the first few make a small district of both kinds. The columns as in Town.
TOWNS = (
    Town("望云街道", .02, .07, 1.25, 1987, .0, .20, .30, .95, .35, .80, .60, .95, .45, .30, .30, .55),
    Town("湖心镇", .34, -.78, .35, 1999, .62, .55, .35, .10, .90, .40, .55, .65, .10, .45, .25, .30),
    Town("锦澜街道", .32, .15, 1.60, 2012, .0, .90, .90, .65, .75, .20, .90, .30, .85, .85, .85, .60),
    Town("沙棠镇", -.40, .58, 1.20, 1998, .25, .25, .20, .35, .20, .25, .20, .20, .70, .35, .20, .20),
    Town("鹤屿镇", .66, .22, 1.10, 2007, .15, .75, .70, .55, .60, .55, .75, .40, .95, .70, .65, .45),
    Town("澄心街道", -.15, -.11, 1.30, 1992, .0, .40, .45, .90, .40, .85, .65, .70, .50, .40, .45, .50),
    Town("青禾镇", .12, -.50, .80, 2002, .40, .60, .55, .40, .65, .60, .80, .50, .40, .55, .50, .50),
    Town("栖鹭街道", .17, -.13, 1.20, 1996, .0, .50, .55, .80, .55, .65, .70, .55, .55, .20, .55, .40),
    Town("柳浔镇", -.64, -.24, .75, 1997, .45, .35, .40, .30, .45, .50, .40, .90, .30, .35, .30, .35),
    Town("枫渚镇", .58, -.32, 1.00, 2004, .25, .65, .60, .45, .50, .45, .60, .35, .75, .60, .55, .40),
    Town("明漪街道", -.27, .18, 1.35, 2004, .0, .70, .75, .75, .65, .60, .80, .40, .60, .65, .70, .65),
    Town("稻浦镇", -.30, -.55, .50, 1996, .58, .45, .30, .15, .70, .35, .45, .60, .15, .40, .25, .25),
    Town("听泉街道", -.02, .33, 1.45, 2008, .0, .80, .80, .70, .85, .50, .85, .35, .65, .75, .80, .55),
    Town("竹庐镇", -.66, .18, .70, 2000, .42, .50, .50, .25, .80, .70, .65, .55, .25, .55, .40, .45),
    Town("云岫镇", .10, .70, .95, 2005, .28, .70, .65, .50, .70, .55, .70, .45, .55, .65, .60, .50),
    Town("雁泽镇", .53, .63, .65, 2001, .45, .55, .45, .20, .60, .30, .50, .30, .35, .25, .35, .30),
    Town("芦湾镇", -.66, -.62, .40, 1998, .60, .40, .30, .12, .75, .45, .50, .75, .12, .30, .20, .30),
)  # fmt: skip

FIRST = "云锦望澄栖明听青柳枫竹荷桂兰梅松金银玉翠碧丹紫晨晴和安康福宁"
URBAN_SECOND = "园苑庭里坊华景馨怡庆"
VILLAGE_SECOND = "浜泾塘埭圩港桥湾溇渡"
SHARED_NAME = "新风"  # a name two towns both use: it can only be told apart inside its town

ESTATE_FIRST = (
    "东",
    "西",
    "南",
    "北",
    "新",
    "大",
    "小",
    "上",
    "中",
    "下",
    "前",
    "后",
    "春",
    "夏",
    "秋",
    "冬",
)
ESTATE_OLD = ("新村", "一村", "二村", "三村", "四村", "公房", "里弄", "住宅")
ESTATE_MIDDLE = ("小区", "公寓", "花园", "家园", "苑", "新苑", "佳苑", "名苑")
ESTATE_NEW = ("华庭", "雅苑", "名邸", "悦府", "澜庭", "书院", "嘉园", "国际")

ROAD_FIRST = "云锦望澄栖明听青柳枫竹荷桂兰梅松金银玉翠碧丹紫晨晴和安康福宁"
ROAD_SECOND = "湖泽川原岭屏汀洲霞岚溪谷"


def choose_towns(scale: float) -> tuple[Town, ...]:
    """The towns of a district at ``scale``: all 17 at 1, five at 0.1, at least four; 街道 first."""
    count = min(len(TOWNS), max(4, round(len(TOWNS) * scale**0.5)))
    return tuple(sorted(TOWNS[:count], key=lambda town: town.kind != "街道"))


def number_towns(towns: tuple[Town, ...]) -> list[str]:
    """The 9-digit codes (统计用区划代码): 街道 from 001, 镇 from 100."""
    codes, next_of = [], {"街道": 1, "镇": 100}
    for town in towns:
        codes.append(f"{DISTRICT_CODE}{next_of[town.kind]:03d}")
        next_of[town.kind] += 1
    return codes
