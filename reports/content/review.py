"""整改复查: what became of last year's problems, by treatment, by town or department, and one by one what is left over.

Nothing where no earlier year was run. What is counted, and how, is said in ``engine/review/track.py`` and under the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from ...engine.results import MENDED, NEW, NOT_MENDED, PARTLY, UNCLEAR
from ...engine.review.track import ALL, EFFORT, IN_TIME
from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..charts.stacked import stacked_bars
from ..charts.svg import Chart
from ..tables.review import (
    COUNTED_NOTE,
    RATE_NOTE,
    completion_table,
    left_over,
    left_over_by_indicator,
    review_table,
    tally,
)
from ..tables.table import Column
from ..theme import load_theme
from ..view import Row, Scope, View
from ..wording.review_said import completion_said, disputed_said, extremes_said, new_said

PRINTED = 20  # problems left over that are listed one by one
BARS = 18  # bars of one drawing
DISPUTED = "报已整改而实测不符的问题"
FEWEST = 5  # problems judged, below which a rate is not called the highest or the lowest
_KINDS = (MENDED, PARTLY, NOT_MENDED, UNCLEAR)
_TREATMENT = Column("treatment", "整治类型", 26, nowrap=True)


def review_section(view: View, unit: str) -> tuple[Section, ...]:
    """整改复查 of a district, a town or a community: one section, or none where nothing was listed last year."""
    rows = view.listed("reviews", Scope(units=view.subtree(unit)))
    old = [row for row in rows if row["outcome"] != NEW]
    if not old:
        return ()
    finest = [row for row in old if row["counted"]]
    completion = _completion(view, unit, None) or _of_rows(old)
    blocks = [
        Prose((completion_said(completion, view.results.year, ""), disputed_said(finest) + new_said(rows))),
        *_by_treatment(completion),
        *(
            _by_town(view)
            if unit == view.district
            else _by_department(old, view.units[unit]["level"] == "town")
        ),
    ]
    rest = _by_indicator(view, finest) if unit == view.district else _one_by_one(view, finest)
    return (Section("上年度问题整改复查", (*blocks, *rest)),)


def department_review(view: View, department: str) -> tuple[Section, ...]:
    """整改复查 of what a department leads: one section, or none."""
    rows = view.listed("reviews", Scope(department=department))
    old = [row for row in rows if row["outcome"] != NEW]
    if not old:
        return ()
    finest = [row for row in old if row["counted"]]
    completion = _completion(view, view.district, department)
    said = completion_said(completion, view.results.year, "贵单位牵头，")
    blocks: list[Block] = [Prose((said, disputed_said(finest) + new_said(rows))), *_by_treatment(completion)]
    return (Section("上年度问题整改复查", (*blocks, *_one_by_one(view, finest, "lead"))),)


def _completion(view: View, unit: str, department: str | None) -> dict[str, Row]:
    """Treatment → the row of ``completion``; empty for a unit that has none (a community)."""
    frame = view.frame("completion").filter(
        pl.col("unit") == unit, pl.col("department").eq_missing(pl.lit(department, dtype=pl.String))
    )
    return {row["treatment"]: row for row in frame.to_dicts()}


def _of_rows(rows: Sequence[Row]) -> dict[str, Row]:
    """The same of a unit's own rows: a community's all count."""
    held: dict[str, list[Row]] = {}
    for row in rows:
        held.setdefault(row["treatment"], []).append(row)
    groups = {t: held[t] for t in (IN_TIME, EFFORT) if t in held} | {ALL: list(rows)}
    made = {}
    for treatment, group in groups.items():
        mended, partly, not_mended, unclear = tally(group)
        late = [row for row in group if row["late"]]
        in_time = mended - sum(row["outcome"] == MENDED for row in late)
        judged = len(group) - unclear
        made[treatment] = {
            "listed": len(group), "mended": mended, "partly": partly, "not_mended": not_mended, "unclear": unclear,
            "late": len(late), "rate": in_time / judged if judged else None,
        }  # fmt: skip
    return made


def _by_treatment(completion: dict[str, Row]) -> Iterable[Block]:
    if completion:
        rows = list(completion.values())
        table = completion_table(rows, _TREATMENT, list(completion), "问题整治完成率")
        yield TableBlock(replace(table, notes=(COUNTED_NOTE, RATE_NOTE)))


def _by_town(view: View) -> Iterable[Block]:
    """The towns' outcomes as bars, then the departments' as a table."""
    whole = view.frame("completion").filter(pl.col("treatment") == ALL)
    towns = whole.filter(pl.col("level") == "town").sort("unit").to_dicts()
    names = [view.name(row["unit"]) for row in towns]
    counts = [(row["mended"], row["partly"], row["not_mended"], row["unclear"]) for row in towns]
    yield from _figure(names, counts, [row["rate"] for row in towns], "街镇")
    departments = (
        whole.drop_nulls("department").sort("listed", "department", descending=[True, False]).to_dicts()
    )
    if departments:
        first = Column("department", "牵头单位", 48, nowrap=True)
        table = completion_table(
            departments, first, [r["department"] for r in departments], "各牵头单位问题整治完成率"
        )
        yield TableBlock(table, dense=True)


def _by_department(rows: Sequence[Row], finest: bool) -> Iterable[Block]:
    """A town's or a community's outcomes by lead department, as bars; those with most problems."""
    held: dict[str, list[Row]] = {}
    for row in rows:
        for department in row["lead"] or () if row["counted"] or not finest else ():
            held.setdefault(department, []).append(row)
    names = sorted(held, key=lambda d: (-len(held[d]), d))[:BARS]
    counts = [tally(held[name]) for name in names]
    yield from _figure(names, counts, [_rate(c) for c in counts], "牵头单位")


def _rate(counts: tuple[int, int, int, int]) -> float | None:
    judged = sum(counts[:3])
    return counts[0] / judged if judged else None


def _figure(
    names: Sequence[str], counts: Sequence[tuple[int, ...]], rates: Sequence[float | None], noun: str
) -> Iterable[Block]:
    """Bars of the outcomes, where there are several to see side by side."""
    if len(names) < 2:
        return
    drawn = _bars(names, counts, noun)
    enough = [rate if sum(c[:3]) >= FEWEST else None for rate, c in zip(rates, counts, strict=True)]
    said = extremes_said(list(zip(names, enough, strict=True)), noun)
    yield FigureBlock((drawn,), said or f"各{noun}上年度问题的复查结果（项）")


def _bars(names: Sequence[str], counts: Sequence[tuple[int, ...]], noun: str) -> Chart:
    theme = load_theme()
    colours = (theme.ramp[0], theme.ramp[2], theme.ramp[-1], theme.ungraded)
    used = [i for i in range(len(_KINDS)) if any(c[i] for c in counts)]
    alt = "；".join(
        f"{name}" + "、".join(f"{_KINDS[i]}{c[i]}项" for i in used if c[i])
        for name, c in zip(names, counts, strict=True)
    )
    return stacked_bars(
        [(name, [c[i] for i in used]) for name, c in zip(names, counts, strict=True)],
        [(_KINDS[i], colours[i]) for i in used],
        [f"共{sum(c)}项" for c in counts],
        f"各{noun}上年度问题的复查结果：{alt}",
    )


def _by_indicator(view: View, rows: Sequence[Row]) -> Iterable[Block]:
    """Contradicted claims one by one, and what is left over summed up: a district has thousands of them."""
    rest = left_over(rows)
    yield from _listed(view, [row for row in rest if row["disputed"]], DISPUTED)
    if rest:
        table = left_over_by_indicator(view, rest)
        yield TableBlock(table.head(PRINTED), dense=True)
        if len(table) > PRINTED:
            said = (
                f"共{len(table)}项指标有遗留问题，此处列前{PRINTED}项（逾期多的在前）；逐条见今年的问题清单。"
            )
            yield Prose((said,), "note")


def _one_by_one(view: View, rows: Sequence[Row], *drop: str) -> Iterable[Block]:
    """Claims that the measured value contradicts, then what is left over, the most pressing first."""
    rest = left_over(rows)
    disputed = [row for row in rest if row["disputed"]]
    others = [row for row in rest if not row["disputed"]]
    yield from _listed(view, disputed, DISPUTED, *drop)
    yield from _listed(view, others, "其他遗留问题" if disputed else "遗留问题", *drop)


def _listed(view: View, rows: Sequence[Row], title: str, *drop: str) -> Iterable[Block]:
    if rows:
        yield TableBlock(review_table(view, rows[:PRINTED], title).without(*drop), dense=True)
    if len(rows) > PRINTED:
        said = f"共{len(rows)}项，此处列前{PRINTED}项（逾期的、严重的在前）；其余见今年的问题清单。"
        yield Prose((said,), "note")
