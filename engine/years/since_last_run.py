"""What came of running a year again (与上次运行相比): values, totals, grades, places and problems that are not as they were.

Pure but for :func:`last_run`, which reads what the new results are about to replace. Values count as the same to nine digits: in
what is printed nobody sees the difference, and another version of a library may round otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..results import LEVELS
from ..storage import store

SAME = 1e-9  # of the larger of two values
_TABLES = ("measurements", "scores", "totals", "problem_list", "ledger")
Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class SinceRun:
    """The differences between two runs of one year; frames without rows where there are none.

    ``values``: unit, level, indicator, was, now (null: no value), moved (points of score); the most moved first. ``totals``: unit,
    level, and score, grade and rank with ``_was``; of every unit of which one differs. ``problems``: id, unit, level, indicator,
    severity, severity_was (null: not listed). ``ledger`` is how many lines there were and are.
    """

    values: pl.DataFrame
    totals: pl.DataFrame
    problems: pl.DataFrame
    ledger: tuple[int, int]

    @property
    def nothing(self) -> bool:
        """Whether the two came to the same."""
        frames = (self.values, self.totals, self.problems)
        return all(frame.is_empty() for frame in frames) and self.ledger[0] == self.ledger[1]


def last_run(path: Path, year: int) -> dict[str, pl.DataFrame] | None:
    """The frames of ``year`` that are compared, as the file has them; None where the year was not run. Raises StoreError."""
    if year not in store.years(path):
        return None
    return {name: store.read_frame(path, name, year) for name in _TABLES}


def since_last_run(then: Frames, now: Frames) -> SinceRun:
    """The differences of ``now`` (the frames of a whole run) from ``then``, of the same year."""
    return SinceRun(
        values=_values(then, now),
        totals=_totals(then["totals"], now["totals"]),
        problems=_problems(then["problem_list"], now["problem_list"]),
        ledger=(then["ledger"].height, now["ledger"].height),
    )


def _differs(was: str, now: str) -> pl.Expr:
    """Whether two columns of numbers differ in more than their last digits, or one of them alone is there."""
    a, b = pl.col(was), pl.col(now)
    apart = (a - b).abs() > SAME * pl.max_horizontal(a.abs(), b.abs())
    return (a.is_null() != b.is_null()) | apart.fill_null(False)


def _values(then: Frames, now: Frames) -> pl.DataFrame:
    key = ("unit", "level", "indicator")
    both = _joined(then["measurements"], now["measurements"], key, "value").rename(
        {"value_was": "was", "value": "now"}
    )
    changed = both.filter(_differs("was", "now"))
    scores = _joined(then["scores"], now["scores"], key, "score").select(
        *key, moved=(pl.col("score") - pl.col("score_was")).abs()
    )
    larger = pl.max_horizontal(pl.col("was").abs(), pl.col("now").abs())
    return (
        changed.join(scores, on=key, how="left")
        .with_columns(
            pl.col("moved").fill_null(0.0),
            share=((pl.col("now") - pl.col("was")).abs() / larger).fill_null(1.0),
            place=pl.col("level").replace_strict({level: i for i, level in enumerate(LEVELS)}),
        )
        .sort(
            pl.col("moved").round(6), pl.col("share").round(6), "place", "unit", "indicator",
            descending=[True, True, False, False, False],
        )
        .drop("share", "place")
    )  # fmt: skip


def _totals(then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """District, towns, communities; of each those first that have another rank or grade, then those whose score moved most."""
    both = _joined(then, now, ("unit", "level"), "score", "grade", "rank")
    rank_or_grade = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in ("rank", "grade")
    )
    moved = (pl.col("score") - pl.col("score_was")).abs().fill_null(0.0)
    place = pl.col("level").replace_strict({level: i for i, level in enumerate(LEVELS)})
    return both.filter(_differs("score_was", "score") | rank_or_grade).sort(
        place, rank_or_grade, moved.round(6), "unit", descending=[False, True, True, False]
    )


def _problems(then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """What is listed anew, no longer, or as more or less severe."""
    both = _joined(then, now, ("id", "unit", "level", "indicator"), "severity")
    return both.filter(pl.col("severity").ne_missing(pl.col("severity_was"))).sort("id")


def _joined(then: pl.DataFrame, now: pl.DataFrame, key: tuple[str, ...], *columns: str) -> pl.DataFrame:
    """``columns`` of both by ``key``; those of ``then`` end in ``_was``."""
    old = then.select(*key, *(pl.col(c).alias(f"{c}_was") for c in columns))
    return old.join(now.select(*key, *columns), on=key, how="full", coalesce=True)
