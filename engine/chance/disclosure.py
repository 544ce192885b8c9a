"""Disclosure control (统计披露控制): counts of so few people that somebody could be recognised are not published.

A count of 1 to under the threshold is hidden (primary suppression). A hidden count must not come out again by subtraction,
so others are hidden with it (secondary suppression) along every sum that is printed: a unit's categories add up to its 合计,
communities to their town, towns to the district. The rules, after A. Hundepool et al., *Statistical Disclosure Control*
(Wiley, 2012), ch. 4:

* a sum in which one count alone is hidden, be it the total, hides its smallest other part too, or else its total;
* so does a sum whose total is published and whose hidden parts are as few as they are many (all ones), or fewer together
  than the threshold: a hidden count is known to be at least 1, because zeros, which are about nobody, are published;
* then the sums are looked at together: a count that some combination of them gives exactly hides another beside it, until
  there is none.

What it is not: optimal (an integer programme would hide fewer counts), nor does it keep a hidden count from being bounded
by a combination of several sums. Counts that no unit below accounts for (a ticket that only names the town) are taken to be
known, which hides too much rather than too little. One ticket is taken for one person, and a
share is judged by its base alone: of 12 tickets 8.3 % is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import splu

from ...indicators.model import Indicator
from ..measure.tickets import ALL
from ..results import TOO_FEW
from ..scoring.base import Bools, Floats, Integers

_RIDGE, _ROUNDS, _NOTHING = 1e-8, 4, 1e-6


@dataclass(frozen=True)
class Sum:
    """One printed sum: the place of its total among the counts, and those of its parts."""

    total: int
    parts: tuple[int, ...]


def suppress_tickets(tickets: pl.DataFrame, units: pl.DataFrame, fewest: int) -> pl.DataFrame:
    """``tickets`` with suppressed: which rows may not be published, counts under ``fewest`` and what would give them away."""
    frame = tickets.with_row_index("_at")
    across = [
        Sum(int(total), tuple(parts))
        for total, parts in frame.filter(pl.col("category") == ALL)
        .select("unit", total="_at")
        .join(frame.filter(pl.col("category") != ALL).group_by("unit").agg(parts=pl.col("_at").sort()), on="unit")
        .sort("total").select("total", "parts").iter_rows()
    ]  # fmt: skip
    sums = [*across, *_up_the_tree(frame, units, "category")]
    hidden = suppressed(frame["count"].to_numpy(), sums, fewest)
    return tickets.with_columns(suppressed=pl.Series(hidden, dtype=pl.Boolean))


def suppress_survey(survey: pl.DataFrame, units: pl.DataFrame, fewest: int) -> pl.DataFrame:
    """``survey`` with suppressed: which numbers of answers may not be published."""
    frame = survey.with_row_index("_at")
    hidden = suppressed(frame["answers"].to_numpy(), list(_up_the_tree(frame, units, "question")), fewest)
    return survey.with_columns(suppressed=pl.Series(hidden, dtype=pl.Boolean))


def suppress_people(people: pl.DataFrame, whole: Collection[str], fewest: int) -> pl.DataFrame:
    """``people`` (group, category, answers, told) with suppressed: who answered, category by category.

    The categories of the groups named in ``whole`` add up to told, which the printed shares give away.
    """
    frame = people.with_row_index("_at")
    told = frame.filter(pl.col("group").is_in(list(whole))).group_by("group", maintain_order=True)
    groups = told.agg(parts=pl.col("_at"), total=pl.col("told").first())
    sums = [Sum(frame.height + i, tuple(parts)) for i, parts in enumerate(groups["parts"])]
    counts = np.concatenate([frame["answers"].to_numpy(), groups["total"].to_numpy()])
    hidden = suppressed(counts, sums, fewest)[: frame.height]
    return people.with_columns(suppressed=pl.Series(hidden, dtype=pl.Boolean))


def withhold_answers(
    measurements: pl.DataFrame, survey: pl.DataFrame, indicators: Iterable[Indicator], fewest: int
) -> pl.DataFrame:
    """``measurements`` in which indicators asked in a survey tell no more than ``survey`` (with suppressed) may.

    A suppressed number of answers takes numerator, denominator and rows with it; of fewer than ``fewest`` answers the mean
    and all that comes of it is gone too, with the note 样本不足.
    """
    asked = pl.DataFrame(
        [(i.code, i.measure.question) for i in indicators if i.measure.method == "survey"],
        schema={"indicator": pl.String, "question": pl.String}, orient="row",
    )  # fmt: skip
    told = asked.join(survey.select("unit", "question", "answers", _hidden="suppressed"), on="question")
    few, hidden = (pl.col("answers") < fewest).fill_null(False), pl.col("_hidden").fill_null(False)
    counts, means = (
        ("numerator", "denominator", "rows"),
        ("value", "compared", "low", "high", "size", "shrunk"),
    )
    return (
        measurements.join(told, on=["unit", "indicator"], how="left", maintain_order="left")
        .with_columns(
            *(pl.when(~hidden).then(pl.col(name)).alias(name) for name in counts),
            *(pl.when(~few).then(pl.col(name)).alias(name) for name in means),
            note=pl.when(few).then(pl.lit(TOO_FEW)).otherwise(pl.col("note")),
        )
        .drop("question", "answers", "_hidden")
    )


def _up_the_tree(frame: pl.DataFrame, units: pl.DataFrame, column: str) -> Iterator[Sum]:
    """The sums of each unit's children, for each value of ``column``."""
    parents = units.select(unit="code", parent="parent").drop_nulls()
    parts = frame.join(parents, on="unit").group_by("parent", column).agg(parts=pl.col("_at").sort())
    totals = frame.select(column, parent="unit", total="_at")
    found = totals.join(parts, on=["parent", column]).sort("total").select("total", "parts")
    return (Sum(int(total), tuple(parts)) for total, parts in found.iter_rows())


def suppressed(counts: Integers, sums: Sequence[Sum], fewest: int) -> Bools:
    """Which of ``counts`` (cells,) to hide, so that no count of 1 to under ``fewest`` can be read or computed.

    Where the sums hold, no hidden cell is fixed by any linear combination of ``sums`` and the published cells. Among equals
    the first is hidden. Raises ValueError for a count below zero.
    """
    values = np.asarray(counts, dtype=np.int64)
    if (values < 0).any():
        raise ValueError("件数不能为负")
    hidden = (values > 0) & (values < fewest)
    table = _Table(values, hidden, sums, _sums_of_cells(len(values), sums), fewest)
    _close_lines(table, range(len(sums)))
    while _close_combinations(table):
        pass
    return hidden


def derivable(hidden: Bools, sums: Sequence[Sum]) -> Bools:
    """Which hidden cells (cells,) are fixed by a linear combination of the sums and the published cells.

    A cell is fixed when every change of the hidden cells that keeps all sums leaves it as it is; one such change, drawn at
    random, moves all the others. It comes from projecting random numbers onto the null space of the sums.
    """
    places = np.flatnonzero(hidden)
    column = {int(cell): i for i, cell in enumerate(places)}
    entries = [
        (row, column[cell], -1.0 if cell == line.total else 1.0)
        for row, line in enumerate(s for s in sums if hidden[[s.total, *s.parts]].any())
        for cell in (line.total, *line.parts)
        if cell in column
    ]
    fixed = np.zeros(len(hidden), dtype=bool)
    if not entries:
        return fixed
    rows, columns, signs = (np.array(part) for part in zip(*entries, strict=True))
    lines = csr_array((signs, (rows, columns)), shape=(rows.max() + 1, len(places)))
    gram = (lines @ lines.T + _RIDGE * eye_array(lines.shape[0])).tocsc()
    solver = splu(gram)
    change: Floats = np.random.default_rng(0).uniform(1.0, 2.0, len(places))
    for _ in range(_ROUNDS):  # each takes out what the ridge of the one before left in
        change = change - lines.T @ solver.solve(lines @ change)
    fixed[places] = np.abs(change) < _NOTHING
    return fixed


@dataclass(frozen=True)
class _Table:
    """The counts, which of them are ``hidden`` (changed in place as more are), and the sums each stands in."""

    values: Integers
    hidden: Bools
    sums: Sequence[Sum]
    of_cell: list[list[int]]
    fewest: int


def _sums_of_cells(cells: int, sums: Sequence[Sum]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(cells)]
    for at, line in enumerate(sums):
        for cell in (line.total, *line.parts):
            found[cell].append(at)
    return found


def _close_lines(table: _Table, lines: Iterable[int]) -> None:
    """Hide what each sum by itself would give away, until none does."""
    todo = list(lines)
    while todo:
        line = table.sums[todo.pop()]
        companion = _smallest(table, [line]) if _gives_away(table, line) else None
        if companion is not None:
            table.hidden[companion] = True
            todo += table.of_cell[companion]


def _gives_away(table: _Table, line: Sum) -> bool:
    """Whether one sum tells a hidden count: it is the only one, or all of them must be ones or are too few together."""
    parts = np.array(line.parts)
    hidden = table.hidden[parts]
    many, total_hidden = int(hidden.sum()), bool(table.hidden[line.total])
    if many + total_hidden == 0:
        return False
    together = int(table.values[parts][hidden].sum())
    return many + total_hidden == 1 or (not total_hidden and together < max(table.fewest, many + 1))


def _close_combinations(table: _Table) -> bool:
    """Hide one more beside each count that several sums together give; whether any was hidden."""
    fresh: set[int] = set()
    for cell in np.flatnonzero(derivable(table.hidden, table.sums)):
        near = [table.sums[at] for at in table.of_cell[cell]]
        if any(fresh & {line.total, *line.parts} for line in near):
            continue  # it may be safe by now
        companion = _smallest(table, near)
        if companion is None:
            companion = _smallest(table, [s for s in table.sums if table.hidden[[s.total, *s.parts]].any()])
        if companion is not None:
            fresh.add(companion)
            table.hidden[companion] = True
            _close_lines(table, table.of_cell[companion])
    return bool(fresh)


def _smallest(table: _Table, lines: Sequence[Sum]) -> int | None:
    """The smallest published count that is not zero among the parts of ``lines``, else among their totals."""
    for cells in ({c for line in lines for c in line.parts}, {line.total for line in lines}):
        free = [(int(table.values[c]), c) for c in cells if table.values[c] > 0 and not table.hidden[c]]
        if free:
            return min(free)[1]
    return None
