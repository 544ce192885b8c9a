"""The residents' questionnaire (居民满意度问卷) and the 12345 tickets (热线工单).

What people say follows what their town is like, with a community's own mood on top, so that the two sorts of
evidence agree in the main and part company here and there.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from ...indicators.form_model import Question
from .asked import SAMPLE, Asked
from .books import Office
from .messy import Book, Cell, Sheet
from .values import TRAITS, ValuesError
from .world import Array, World

ANSWERS = 5_200
TICKETS = 15_000
AT_LEAST = 7  # answers from each community; a few answered less, see faults.py
BLOCKS = ("住宅", "小区", "街区", "城市")
FIRST_NUMBER = 15  # of the four matrix questions
# what people say of themselves: the answers to choose from and how many choose each
SEXES = {"男": 0.46, "女": 0.54}
AGES = {"16–30岁": 0.30, "30–60岁": 0.55, "60岁以上": 0.15}
OCCUPATIONS = {
    "党政机关或事业人员": 0.10, "教育科研人员": 0.07, "企业员工": 0.36, "工人": 0.12, "个体经营者": 0.10,
    "待业者": 0.03, "离退休人员": 0.12, "学生": 0.06, "其他": 0.04,
}  # fmt: skip
RETIRED = "离退休人员"
RESIDENCES = {"不足半年": 0.01, "半年至1年": 0.09, "1至5年": 0.38, "5年以上": 0.52}
WORDS = ("非常不满意", "不满意", "一般", "满意", "非常满意")
CUTS = np.array([-1.75, -1.0, -0.1, 1.05])  # of a latent mood with standard deviation 1
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


def read_questions(
    asked: Asked, path: Path = SAMPLE / "values" / "questions.csv"
) -> dict[str, tuple[str, ...]]:
    """Question → the traits of a town that its answers follow. Raises ValuesError unless every question has one line."""
    lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    table = {line[0]: tuple(line[1].split("|")) for line in lines[1:] if len(line) == 2}
    ids = [q.id for q in asked.library.questions]
    faults = [] if lines and lines[0] == ["id", "traits"] else [f"{path.name}:1 表头应为 id,traits"]
    faults += [f"{path.name}:{n} 应为题号和特征两列" for n, line in enumerate(lines, 1) if len(line) != 2]
    faults += [f"{path.name} 缺少 {i}" for i in ids if i not in table]
    faults += [f"{path.name} 多出 {i}" for i in table if i not in ids]
    faults += [
        f"{path.name} {i}：没有这个特征 {t}"
        for i, traits in table.items()
        for t in traits
        if t.removeprefix("-") not in TRAITS
    ]
    if faults or len(lines) - 1 != len(table):
        raise ValuesError("\n".join(faults or [f"{path.name} 有重复的题号"]))
    return table


def survey_book(office: Office, name: str) -> Book:
    """The platform's export: a row per answer, each matrix question spread over columns."""
    world, year = office.world, office.year
    source, traits = office.asked.inputs[name], read_questions(office.asked)
    rng = world.rng("survey", year)
    community = _sample(world, round(ANSWERS * world.scale), rng)
    town = world.town_of[community]
    questions = sorted(office.asked.library.questions, key=lambda q: (BLOCKS.index(q.block), q.id))
    words = _answers(world, community, year - office.first, [traits[q.id] for q in questions], rng)
    people = _people(len(community), rng)
    minutes = np.sort(rng.integers(0, 20 * 24 * 60, len(community)))
    names, kinds = world.communities["base"].to_list(), world.communities["kind"].to_list()
    rows: list[list[Cell]] = []
    for i, c in enumerate(community.tolist()):
        suffix = "社区" if kinds[c] == "居委会" else "村"
        wish = WISHES[int(rng.integers(len(WISHES)))] if rng.random() < 0.12 else None
        rows.append([i + 1, _moment(year, int(minutes[i])), "微信", *(p[i] for p in people.values()),
                     world.towns[town[i]].name, names[c] + suffix, *words[i], wish])  # fmt: skip
    labels = [source.columns.get(item, item) for item in people]
    headers = [
        source.columns["answer_id"],
        "提交答卷时间",
        "来源",
        *labels,
        source.within or "",
        source.unit or "",
    ]
    last = f"{FIRST_NUMBER + len(BLOCKS)}、您还有什么建议"
    sheet = Sheet("Sheet1", f"{year}年居民满意度调查答卷", [*headers, *_matrix(questions), last], rows)
    return Book(office.asked.path(name, year), [sheet])


def _matrix(questions: Sequence[Question]) -> list[str]:
    """The headers of the four matrix questions: the first column of each carries its stem."""
    headers, seen = [], set()
    for question in questions:
        stem = "" if question.block in seen else f"您对{question.block}以下方面的满意度—"
        seen.add(question.block)
        headers.append(f"{FIRST_NUMBER + BLOCKS.index(question.block)}、{stem}{question.text}")
    return headers


def _people(count: int, rng: np.random.Generator) -> dict[str, list[str]]:
    """What each person says of themselves: of the old most have retired, of the others nobody."""
    sex, age, work, home = (
        np.array(list(shares), dtype=object)[rng.choice(len(shares), count, p=list(shares.values()))]
        for shares in (SEXES, AGES, OCCUPATIONS, RESIDENCES)
    )
    old, others = list(AGES)[-1], np.array([w for w in OCCUPATIONS if w != RETIRED], dtype=object)
    weight = np.array([OCCUPATIONS[w] for w in others])
    drawn = others[rng.choice(len(others), count, p=weight / weight.sum())]
    work = np.where((age == old) & (rng.random(count) < 0.8), RETIRED, np.where(work == RETIRED, drawn, work))
    seconds = [f"{s}秒" for s in rng.integers(45, 600, count)]
    return {"seconds": seconds, "sex": sex.tolist(), "age": age.tolist(), "occupation": work.tolist(),
            "residence": home.tolist()}  # fmt: skip


def _sample(world: World, count: int, rng: np.random.Generator) -> Array:
    """The community of each answer: a few from everywhere, the rest by people; in the order they came in."""
    people = world.communities["population"].to_numpy()
    floor = np.repeat(np.arange(len(people)), min(AT_LEAST, max(1, count // (2 * len(people)))))
    rest = rng.choice(len(people), size=count - len(floor), p=people / people.sum())
    return rng.permutation(np.concatenate([floor, rest]))


def _answers(
    world: World, community: Array, years_on: int, traits: Sequence[tuple[str, ...]], rng: np.random.Generator
) -> list[list[str | None]]:
    """The words of each answer, (answers × questions); about one cell in fifty is left blank."""
    town = world.town_of[community]
    mood = rng.normal(0, 0.15, world.communities.height)[community] + rng.normal(0, 0.5, len(community))
    effort = world.trait("effort")[town]
    columns = []
    for follows in traits:
        level = np.mean([world.degree(t)[town] for t in follows], axis=0)
        latent = 1.9 * (level - 0.42) + 0.25 * effort * years_on + mood + rng.normal(0, 0.75, len(community))
        words = np.array(WORDS, dtype=object)[np.searchsorted(CUTS, latent)]
        words[rng.random(len(words)) < 0.02] = None
        columns.append(words)
    return [list(answer) for answer in zip(*columns, strict=True)]


def _moment(year: int, minutes: int) -> str:
    """When an answer was handed in, as the platform writes it: during the twenty days from 20 April."""
    day = date(year, 4, 20) + timedelta(days=minutes // 1440)
    return f"{day.year}/{day.month}/{day.day} {minutes % 1440 // 60}:{minutes % 60:02d}"


def tickets_book(office: Office, name: str) -> Book:
    """A year of tickets up to 30 April: more where a trait is wanting, fewer as the town mends things."""
    world, year, first = office.world, office.year, office.first
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
    sheet = Sheet("", "12345热线工单明细", headers, rows)
    return Book(office.asked.path(name, year), [sheet], encoding="utf-8")
