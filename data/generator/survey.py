"""The residents' questionnaire (居民满意度问卷) and the 12345 tickets (热线工单).

What people say follows what their town is like, with a community's own mood on top, so that the two sorts of
evidence agree in the main and part company here and there.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from .messy import Book, Cell, Sheet
from .world import Array, World

ANSWERS = 5_000
TICKETS = 15_000
STEM = "您对以下方面的满意度"
# question → the traits it follows
QUESTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("建筑与燃气安全", ("upkeep",)),
    ("楼道安全", ("upkeep", "property_care")),
    ("停车", ("property_care", "access")),
    ("养老服务", ("elder",)),
    ("公园绿化", ("green",)),
    ("公共交通", ("transit",)),
    ("道路通畅", ("drainage", "access")),
    ("市容环境", ("clean",)),
    ("垃圾分类", ("clean", "property_care")),
    ("历史风貌", ("heritage",)),
    ("内涝防治", ("drainage",)),
    ("无障碍环境", ("access",)),
    ("就业创业", ("jobs",)),
    ("物业服务", ("property_care",)),
)
WORDS = ("非常不满意", "不满意", "一般", "满意", "非常满意")
CUTS = np.array([-1.75, -1.0, -0.1, 1.05])  # of a latent mood with standard deviation 1
AGES = ("18-29岁", "30-44岁", "45-59岁", "60岁及以上")
# category → (trait whose lack makes people call, share of calls)
CATEGORIES: tuple[tuple[str, str, float], ...] = (
    ("物业服务", "property_care", 0.15),
    ("停车管理", "property_care", 0.12),
    ("房屋修缮", "upkeep", 0.11),
    ("燃气安全", "upkeep", 0.04),
    ("电梯运行", "upkeep", 0.05),
    ("市容环境", "clean", 0.11),
    ("垃圾分类", "clean", 0.06),
    ("违法建筑", "clean", 0.06),
    ("公共交通", "transit", 0.06),
    ("道路养护", "access", 0.06),
    ("排水积水", "drainage", 0.06),
    ("噪声扰民", "clean", 0.08),
    ("养老服务", "elder", 0.02),
    ("公园绿化", "green", 0.02),
)
WISHES = (
    "希望增加停车位",
    "公交班次太少",
    "楼道灯坏了很久没人修",
    "希望有一个托老所",
    "很满意，继续保持",
    "广场舞声音太大",
)


def survey_book(world: World, year: int, first: int) -> Book:
    """The platform's export: a row per answer, the matrix question spread over columns."""
    rng = world.rng("survey", year)
    community = _sample(world, round(ANSWERS * world.scale), rng)
    town = world.town_of[community]
    words = _answers(world, community, town, year - first, rng)
    n = len(community)
    sexes, ages = rng.choice(["男", "女"], n), rng.choice(AGES, n, p=[0.2, 0.33, 0.25, 0.22])
    seconds, minutes = rng.integers(45, 600, n), np.sort(rng.integers(0, 20 * 24 * 60, n))
    names = world.communities["base"].to_list()
    kinds = world.communities["kind"].to_list()
    rows: list[list[Cell]] = []
    for i, c in enumerate(community.tolist()):
        suffix = "社区" if kinds[c] == "居委会" else "村"
        when = _moment(year, int(minutes[i]))
        wish = WISHES[int(rng.integers(len(WISHES)))] if rng.random() < 0.12 else None
        rows.append([i + 1, when, f"{seconds[i]}秒", "微信", str(sexes[i]), str(ages[i]),
                     world.towns[town[i]].name, names[c] + suffix, *words[i], wish])  # fmt: skip
    headers = ["序号", "提交答卷时间", "所用时间", "来源", "性别", "年龄段", "您居住的街镇", "您居住的社区"]
    matrix = [f"{15 + q}、{f'{STEM}—' if q == 0 else ''}{name}" for q, (name, _) in enumerate(QUESTIONS)]
    sheet = Sheet("Sheet1", f"{year}年居民满意度调查答卷", [*headers, *matrix, "30、您还有什么建议"], rows)
    return Book(f"inputs/{year}/居民满意度问卷.xlsx", [sheet])


def _sample(world: World, count: int, rng: np.random.Generator) -> Array:
    """The community of each answer: a few from everywhere, the rest by people; in the order they came in."""
    people = world.communities["population"].to_numpy()
    floor = np.repeat(np.arange(len(people)), min(7, max(1, count // (2 * len(people)))))
    rest = rng.choice(len(people), size=count - len(floor), p=people / people.sum())
    return rng.permutation(np.concatenate([floor, rest]))


def _answers(
    world: World, community: Array, town: Array, years_on: int, rng: np.random.Generator
) -> list[list[str | None]]:
    """The words of each answer, (answers × questions); about one cell in fifty is left blank."""
    mood = rng.normal(0, 0.15, world.communities.height)[community] + rng.normal(0, 0.5, len(community))
    effort = world.trait("effort")[town]
    columns = []
    for _, traits in QUESTIONS:
        level = np.mean([world.trait(t)[town] for t in traits], axis=0)
        latent = 1.9 * (level - 0.42) + 0.25 * effort * years_on + mood + rng.normal(0, 0.75, len(community))
        words = np.array(WORDS, dtype=object)[np.searchsorted(CUTS, latent)]
        words[rng.random(len(words)) < 0.02] = None
        columns.append(words)
    return [list(answer) for answer in zip(*columns, strict=True)]


def _moment(year: int, minutes: int) -> str:
    """When an answer was handed in, as the platform writes it: during the twenty days from 20 April."""
    day = date(year, 4, 20) + timedelta(days=minutes // 1440)
    return f"{day.year}/{day.month}/{day.day} {minutes % 1440 // 60}:{minutes % 60:02d}"


def tickets_book(world: World, year: int, first: int) -> Book:
    """A year of tickets up to 30 April: more where a trait is wanting, fewer as the town mends things."""
    rng = world.rng("tickets", year)
    people = world.communities["population"].to_numpy()
    town = world.town_of
    lack = {trait: 0.35 + 1.3 * (1 - world.trait(trait)[town]) for _, trait, _ in CATEGORIES}
    calm = 1 - 0.15 * world.trait("effort")[town] * (year - first)
    rate = TICKETS * world.scale / people.sum()
    picked = [
        (c, k)
        for k, (_, trait, share) in enumerate(CATEGORIES)
        for c, count in enumerate(rng.poisson(people * rate * share * lack[trait] * calm))
        for _ in range(count)
    ]
    days = np.sort(rng.integers(0, 365, len(picked)))
    rows: list[list[Cell]] = []
    for i, p in enumerate(rng.permutation(len(picked))):
        c, k = picked[p]
        place, category = world.towns[town[c]], CATEGORIES[k][0]
        day = date(year - 1, 5, 1) + timedelta(days=int(days[i]))
        done = rng.random() < 0.80 + 0.18 * place.effort
        repeat = rng.random() < 0.06 + 0.08 * (1 - place.effort)
        rows.append(
            [
                f"GD{year}{i + 1:06d}",
                day.isoformat(),
                place.name,
                world.communities["name"][c],
                category,
                f"市民反映{category}问题，要求处理",
                "是" if done else "否",
                "是" if repeat else "否",
            ]
        )
    headers = ["工单编号", "来电日期", "街镇", "社区", "诉求类别", "诉求内容", "是否办结", "是否重复"]
    return Book(
        f"inputs/{year}/12345工单.csv", [Sheet("", "12345热线工单明细", headers, rows)], encoding="utf-8"
    )
