"""The invented towns (街镇) of 云湖区 and the words its names are made of.

Each town has a character that everything generated in it follows, so that strengths and shortfalls tell a story:
an old centre with worn houses but good buses, a new quarter short of services for the old, a far lake town with
parks and few buses. No name here is a real place of Shanghai, and the district lies in the middle of a lake.
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
    kind: str
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


# Alternating, so that the first few make a small district of both kinds.
TOWNS = (
    #    name        kind    x      y     people stock rural upkp prop trns grn  eldr cln  hert jobs drn  accs effort
    Town("望云街道", "街道", 0.02, 0.07, 1.25, 1987, 0.0, 0.20, 0.30, 0.95, 0.35, 0.80, 0.60, 0.95, 0.45, 0.30, 0.30, 0.55),
    Town("湖心镇", "镇", 0.34, -0.78, 0.35, 1999, 0.62, 0.55, 0.35, 0.10, 0.90, 0.40, 0.55, 0.65, 0.10, 0.45, 0.25, 0.30),
    Town("锦澜街道", "街道", 0.32, 0.15, 1.60, 2012, 0.0, 0.90, 0.90, 0.65, 0.75, 0.20, 0.90, 0.30, 0.85, 0.85, 0.85, 0.60),
    Town("沙棠镇", "镇", -0.40, 0.58, 1.20, 1998, 0.25, 0.25, 0.20, 0.35, 0.20, 0.25, 0.20, 0.20, 0.70, 0.35, 0.20, 0.20),
    Town("鹤屿镇", "镇", 0.66, 0.22, 1.10, 2007, 0.15, 0.75, 0.70, 0.55, 0.60, 0.55, 0.75, 0.40, 0.95, 0.70, 0.65, 0.45),
    Town("澄心街道", "街道", -0.15, -0.11, 1.30, 1992, 0.0, 0.40, 0.45, 0.90, 0.40, 0.85, 0.65, 0.70, 0.50, 0.40, 0.45, 0.50),
    Town("青禾镇", "镇", 0.12, -0.50, 0.80, 2002, 0.40, 0.60, 0.55, 0.40, 0.65, 0.60, 0.80, 0.50, 0.40, 0.55, 0.50, 0.50),
    Town("栖鹭街道", "街道", 0.17, -0.13, 1.20, 1996, 0.0, 0.50, 0.55, 0.80, 0.55, 0.65, 0.70, 0.55, 0.55, 0.20, 0.55, 0.40),
    Town("柳浔镇", "镇", -0.64, -0.24, 0.75, 1997, 0.45, 0.35, 0.40, 0.30, 0.45, 0.50, 0.40, 0.90, 0.30, 0.35, 0.30, 0.35),
    Town("枫渚镇", "镇", 0.58, -0.32, 1.00, 2004, 0.25, 0.65, 0.60, 0.45, 0.50, 0.45, 0.60, 0.35, 0.75, 0.60, 0.55, 0.40),
    Town("明漪街道", "街道", -0.27, 0.18, 1.35, 2004, 0.0, 0.70, 0.75, 0.75, 0.65, 0.60, 0.80, 0.40, 0.60, 0.65, 0.70, 0.65),
    Town("稻浦镇", "镇", -0.30, -0.55, 0.50, 1996, 0.58, 0.45, 0.30, 0.15, 0.70, 0.35, 0.45, 0.60, 0.15, 0.40, 0.25, 0.25),
    Town("听泉街道", "街道", -0.02, 0.33, 1.45, 2008, 0.0, 0.80, 0.80, 0.70, 0.85, 0.50, 0.85, 0.35, 0.65, 0.75, 0.80, 0.55),
    Town("竹庐镇", "镇", -0.66, 0.18, 0.70, 2000, 0.42, 0.50, 0.50, 0.25, 0.80, 0.70, 0.65, 0.55, 0.25, 0.55, 0.40, 0.45),
    Town("云岫镇", "镇", 0.10, 0.70, 0.95, 2005, 0.28, 0.70, 0.65, 0.50, 0.70, 0.55, 0.70, 0.45, 0.55, 0.65, 0.60, 0.50),
    Town("雁泽镇", "镇", 0.53, 0.63, 0.65, 2001, 0.45, 0.55, 0.45, 0.20, 0.60, 0.30, 0.50, 0.30, 0.35, 0.25, 0.35, 0.30),
    Town("芦湾镇", "镇", -0.66, -0.62, 0.40, 1998, 0.60, 0.40, 0.30, 0.12, 0.75, 0.45, 0.50, 0.75, 0.12, 0.30, 0.20, 0.30),
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
    """The towns of a district at ``scale``: all 17 at 1, five at 0.1, never fewer than four; 街道 first, as codes run."""
    count = min(len(TOWNS), max(4, round(len(TOWNS) * scale**0.5)))
    return tuple(sorted(TOWNS[:count], key=lambda town: town.kind != "街道"))


def number_towns(towns: tuple[Town, ...]) -> list[str]:
    """The 9-digit codes (统计用区划代码): 街道 from 001, 镇 from 100."""
    codes, next_of = [], {"街道": 1, "镇": 100}
    for town in towns:
        codes.append(f"{DISTRICT_CODE}{next_of[town.kind]:03d}")
        next_of[town.kind] += 1
    return codes
