"""指标之间的关系: for whoever keeps the indicator system. Does a dimension measure one thing; what counts twice, what cancels out?"""

from __future__ import annotations

from ...engine.analysis.multivariate import LEVELS, REPEATS, SURE, WHOLE
from ...engine.results import LEVEL_NAMES
from ..blocks import Block, Prose, Section, TableBlock
from ..tables.table import Column, Figure, Table
from ..view import Row, View

SHOWN = 8  # pairs of each kind and level
ENOUGH = 3  # units for each indicator, under which components are uncertain (Handbook, step 4: the 3:1 rule)
KINDS = {"repeats": "近乎重复", "opposes": "相互抵消"}
_COHERENCE = (
    Column("level", "层级", 14, nowrap=True), Column("dimension", "维度", 24, nowrap=True),
    Column("units", "单元数", 15, "right", "number"), Column("indicators", "指标数", 15, "right", "number"),
    Column("alpha", "α系数", 16, "right", "number", 2), Column("components", "主成分数", 18, "right", "number"),
    Column("first", "第一主成分", 21, "right", "number"), Column("kept", "保留合计", 18, "right", "number"),
    Column("repeats", "重复对", 15, "right", "number"), Column("opposes", "抵消对", 15, "right", "number"),
)  # fmt: skip
_PAIRS = (
    Column("kind", "关系", 20, nowrap=True), Column("level", "层级", 14, nowrap=True), Column("dimension", "维度", 24, nowrap=True),
    Column("pair", "两项指标", 84), Column("r", "r", 14, "right", "number", 2), Column("units", "单元数", 14, "right", "number"),
)  # fmt: skip


def coherence_parts(view: View) -> tuple[Section, ...]:
    """The part 指标之间的关系 of the method: a row per dimension, and the pairs worth a look; nothing where nothing was related."""
    rows = view.frame("coherence").to_dicts()
    if not rows:
        return ()
    pairs = view.frame("correlations").to_dicts()
    flagged = [p for p in pairs if p["flag"]]
    blocks: list[Block] = [Prose(_read()), TableBlock(_coherence(view, rows, flagged), dense=True)]
    blocks += [Prose((_chance(pairs), *_left_over(flagged)))]
    blocks += [TableBlock(_pairs(view, flagged), "没有近乎重复或相互抵消的指标。", dense=True)]
    return (Section("指标之间的关系", tuple(blocks)),)


def _read() -> tuple[str, ...]:
    """What the figures mean."""
    return (
        "本节供指标体系的维护者参考，不影响得分。克朗巴哈α系数看一个维度的指标是否在说同一件事：0.7以上较一致，"
        "低则各说各的，平均后差异相互抵消；主成分看这些指标实际上有几个方面，第一主成分占比越高越集中。",
        f"两项指标的相关系数r大于{REPEATS:g}的近乎重复，等于一件事计了两遍，可考虑合并或分担权重；为负的此长彼消，求平均时相互抵消。"
        f"两种都只在超出偶然（双侧{SURE:.0%}显著）时列出。",
    )


def _coherence(view: View, rows: list[Row], flagged: list[Row]) -> Table:
    def count(row: Row, flag: str) -> int:
        return sum(p["flag"] == flag and all(p[k] == row[k] for k in ("level", "dimension")) for p in flagged)

    body = tuple(
        (
            LEVEL_NAMES[r["level"]], "各维度之间" if r["dimension"] == WHOLE else r["dimension"], r["units"], r["indicators"],
            r["alpha"], r["components"], _share(r["first_share"]), _share(r["kept_share"]),
            count(r, "repeats"), count(r, "opposes"),
        )
        for r in rows
    )  # fmt: skip
    notes = [
        "单元数、指标数为齐全的单元和在其间有差异的指标；不到三分之二单元有得分的指标不计入",
        *_unsure(rows),
    ]
    return Table("各维度的内部一致性", _COHERENCE, body, notes=tuple(notes))


def _share(share: float | None) -> Figure:
    return Figure(None if share is None else share * 100, 0, unit="%")


def _unsure(rows: list[Row]) -> list[str]:
    """A note on the levels with too few units for so many indicators."""
    few = [r for r in rows if r["alpha"] is not None and r["units"] < ENOUGH * r["indicators"]]
    levels = list(dict.fromkeys(r["level"] for r in few))
    told = []
    for level in levels:
        names = [r["dimension"] for r in few if r["level"] == level and r["dimension"] != WHOLE]
        every = len(names) == sum(r["level"] == level and r["dimension"] != WHOLE for r in rows)
        told.append(f"{LEVEL_NAMES[level]}级{'各维度' if every else '、'.join(names)}" if names else "")
    said = "，".join(t for t in told if t)
    return [f"{said}的单元数不到指标数的{ENOUGH}倍，α系数和主成分仅供参考"] if said else []


def _chance(pairs: list[Row]) -> str:
    """How many pairs would oppose each other by chance alone."""
    expected = round(len(pairs) * SURE / 2)
    return f"共比较{len(pairs)}对；即使各项指标互不相关，也会有约{expected}对因偶然被列为相互抵消。"


def _strongest(flagged: list[Row]) -> list[tuple[str, str, list[Row]]]:
    """(kind, level, pairs, strongest first), for every kind and level that has some."""
    groups = [
        (kind, level, [p for p in flagged if (p["flag"], p["level"]) == (kind, level)])
        for kind in KINDS for level in LEVELS
    ]  # fmt: skip
    return [
        (kind, level, sorted(held, key=lambda p: (-abs(p["r"]), p["dimension"], p["a"], p["b"])))
        for kind, level, held in groups
        if held
    ]


def _left_over(flagged: list[Row]) -> list[str]:
    """How many pairs the table leaves out."""
    told = "、".join(
        f"{LEVEL_NAMES[level]}{KINDS[kind]}的另有{len(held) - SHOWN}对"
        for kind, level, held in _strongest(flagged)
        if len(held) > SHOWN
    )
    return [f"下表每级每种至多列最强的{SHOWN}对；{told}。"] if told else []


def _pairs(view: View, flagged: list[Row]) -> Table:
    """The strongest pairs of each kind and level."""
    body = tuple(
        (KINDS[kind], LEVEL_NAMES[level], "各维度之间" if p["dimension"] == WHOLE else p["dimension"],
         f"{_name(view, p['a'])}—{_name(view, p['b'])}", p["r"], p["units"])
        for kind, level, held in _strongest(flagged) for p in held[:SHOWN]
    )  # fmt: skip
    return Table("近乎重复和相互抵消的指标", _PAIRS, body)


def _name(view: View, code: str) -> str:
    return str(view.indicators[code]["name"]) if code in view.indicators else code
