"""Outlier screening of reported data (数据核实): figures that look wrong, put to their department as questions.

What is looked at: every number that departments state (填报表 and 直接上报值) and, against its own past alone, the value
of each indicator of the district and its towns. A figure raises one question, of the most telling kind: magnitude 数量级,
digit 数字笔误, sources 两处不一致, history 与往年不符, peers 与同级相差悬殊; what else speaks against it is said with it. The tests
are in ``checks.py``. A missing value raises no question; nothing is changed: the department answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from ...indicators.loader import Library
from ...indicators.measure_model import Reported, Survey
from ...indicators.model import Indicator
from ..evidence import Gathered
from ..findings import Findings, Place
from ..intake.corrections import Correction
from ..intake.names import stem
from ..results import LEVEL_NAMES, conform
from ..settings.scheme import Screening
from . import words
from .checks import (
    DIGIT,
    FITS,
    HISTORY,
    KINDS,
    SOURCES,
    Doubt,
    Past,
    Scale,
    by_history,
    by_peers,
    fell_to_nothing,
    first_of,
    past_of,
    peers_of,
    scale_of,
)
from .figures import Column, columns_of, of_indicator, stated_figures, with_last_year
from .sources import Pair, pairs

CODES = dict(zip(KINDS, ("Q001", "Q002", "Q003", "Q004", "Q005"), strict=True))
EARLIER = {"year": pl.Int64, "unit": pl.String, "input": pl.String, "item": pl.String, "value": pl.Float64}
VALUES_TIMES = 2  # as far off as a figure: what is reckoned from things moves with one large new thing
VALUES_AT = (
    "district",
    "town",
)  # a community's indicator rests on too few things for its year-to-year change to tell


@dataclass(frozen=True)
class Known:
    """What is known beside this year's evidence: figures and values of earlier years, and fixes already declared.

    ``figures`` (year, unit, input, item, value), ``values`` (columns of HISTORY), ``settled`` the project's corrections.
    """

    figures: pl.DataFrame
    values: pl.DataFrame
    settled: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Question:
    """One question before it is numbered. ``told``: another finding says the same already."""

    unit: str
    level: str
    column: Column
    kind: str
    value: float
    expected: float
    says: str
    size: float
    place: Place
    told: bool = False


def screen(
    gathered: Gathered, measurements: pl.DataFrame, library: Library, known: Known, limits: Screening, year: int,
    findings: Findings,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """The frames ``figures`` (what was stated) and ``questions``, with one finding Q001–Q005 for each question."""
    columns = columns_of(gathered.evidence, library)
    stated = stated_figures(gathered.evidence, columns, gathered.units)
    earlier = with_last_year(known.figures, stated, columns, year)
    asked = _of_figures(stated, earlier, columns, gathered.units, limits, year)
    two = pairs(stated, earlier, columns, measurements, gathered, library, limits.sources, year)
    doubtful = _reached(asked, gathered.units)  # a sum that disagrees because one of its parts is in question
    two = [p for p in two if not p.told or (p.unit, p.column.codes[0]) not in doubtful]
    asked = _one_each([*asked, *map(_of_pair, two)])
    asked += _of_values(measurements, known.values, asked, library, gathered.units, limits, year)
    names = dict(gathered.units.select("code", "name").iter_rows())
    asked = [q for q in asked if not _settled(q, names, known.settled)]
    asked.sort(key=lambda q: (KINDS.index(q.kind), -round(q.size, 6), q.unit, q.column.input, q.column.item))
    for question in asked:
        _tell(question, names[question.unit], findings)
    return {
        "figures": conform("figures", stated.drop("_file", "_sheet", "_row").with_columns(year=pl.lit(year))),
        "questions": _frame(asked, year),
    }


def _of_figures(
    stated: pl.DataFrame, earlier: pl.DataFrame, columns: Mapping[tuple[str, str], Column], units: pl.DataFrame,
    limits: Screening, year: int,
) -> list[Question]:  # fmt: skip
    """history, digit, magnitude and peers, item by item and level by level."""
    sizes = {c: dict(units.select("code", c).iter_rows()) for c in ("population", "area_km2")}
    held, years = _held(earlier.filter(pl.col("year") < year), ["input", "item", "unit"])
    found = []
    for key, group in stated.partition_by(
        "input", "item", "level", as_dict=True, maintain_order=True
    ).items():
        column = columns[str(key[0]), str(key[1])]
        rows = group.to_dicts()
        codes = [r["unit"] for r in rows]
        now = group["value"].to_numpy()
        before = _matrix(held, years, [(key[0], key[1], c) for c in codes])
        at = {"": np.ones(len(now))} | {
            name: np.array([of[c] or math.nan for c in codes], dtype=float) for name, of in sizes.items()
        }
        if np.any(now < 0) and column.measured_in != "%":
            continue  # a quantity that may be below nothing (°C, growth in money) has no usual ratio
        judged = _judged(now, before, years, year, column.measured_in, at, limits, str(key[2]))
        for row, (doubt, says) in zip(rows, judged, strict=True):
            if doubt is not None:
                found.append(
                    Question(
                        row["unit"], row["level"], column, doubt.kind, row["value"],
                        words.near(doubt.expected, row["value"]), says, doubt.size, column.place(row),
                    )
                )  # fmt: skip
    return found


Held = dict[tuple[object, ...], dict[int, float]]


def _held(earlier: pl.DataFrame, keys: list[str]) -> tuple[Held, list[int]]:
    """``keys`` → year → value, and the years, ascending."""
    held: Held = {}
    for *key, year, value in earlier.select(*keys, "year", "value").drop_nulls("value").iter_rows():
        held.setdefault(tuple(key), {})[year] = value
    return held, sorted(earlier["year"].unique().to_list())


def _matrix(held: Held, years: list[int], keys: list[tuple[object, ...]]) -> np.ndarray:
    """Keys × years, NaN for what is not known."""
    table = [[held.get(key, {}).get(year, math.nan) for year in years] for key in keys]
    return np.array(table, dtype=float).reshape(len(keys), len(years))


def _judged(
    now: np.ndarray, before: np.ndarray, years: list[int], year: int, unit: str, sizes: dict[str, np.ndarray],
    limits: Screening, level: str,
) -> list[tuple[Doubt | None, str]]:  # fmt: skip
    """For each unit the doubt there is, and what to say."""
    scale = scale_of(unit == "%", now, before)
    gaps = np.array([year - y for y in years], dtype=float)
    pasts = past_of(now, before, gaps, scale, np.zeros(len(now)))
    standing = peers_of(now, sizes, scale)
    found: list[tuple[Doubt | None, str]] = []
    for i, (value, past) in enumerate(zip(now.tolist(), pasts, strict=True)):
        own = None if past is None else by_history(value, past, scale, limits)
        if own is None and not scale.counted and fell_to_nothing(now, before, i):
            last = before[i][np.isfinite(before[i])][-1]
            own = Doubt(HISTORY, float(last), limits.history)
        peers = None
        if standing is not None:
            usual = past is not None and own is None and past.away(scale.at(value)) <= FITS
            peers = by_peers(value, i, *standing, limits, usual)
        doubt = first_of(own, peers)
        facts = [] if doubt is None else [words.asked(doubt, value, unit)]
        if own is not None:
            facts += _history_facts(value, before[i], years, past, scale, unit)
        if peers is not None and standing is not None:
            facts.append(words.peers_said(value, i, *standing, unit, LEVEL_NAMES[level]))
        found.append((doubt, "；".join(f for f in facts if f)))
    return found


def _history_facts(
    value: float, before: np.ndarray, years: list[int], past: Past | None, scale: Scale, unit: str
) -> list[str]:
    last = float(before[np.isfinite(before)][-1])
    quiet = Past(0, 0, 0, None, 0)
    return [
        words.change_said(value, last, scale),
        words.past_said(before.tolist(), years, past or quiet, scale, unit),
    ]


def _of_pair(pair: Pair) -> Question:
    return Question(
        pair.unit, pair.level, pair.column, SOURCES, pair.value, pair.other, pair.says, pair.apart, pair.place, pair.told
    )  # fmt: skip


def _one_each(asked: Iterable[Question]) -> list[Question]:
    """One question per figure, the most telling; what the others say is said with it."""
    held: dict[tuple[str, str, str, str], list[Question]] = {}
    for question in asked:
        column = question.column
        held.setdefault((column.input, column.item, column.label, question.unit), []).append(question)
    kept = []
    for same in held.values():
        first, *rest = sorted(same, key=lambda q: (KINDS.index(q.kind), -q.size))
        says = "；".join([first.says, *(q.says for q in rest)])
        kept.append(Question(**(first.__dict__ | {"says": says})))
    return kept


def _of_values(
    measurements: pl.DataFrame, earlier: pl.DataFrame, asked: list[Question], library: Library, units: pl.DataFrame,
    limits: Screening, year: int,
) -> list[Question]:  # fmt: skip
    """Indicator values far off their own past, where no figure behind them is in question already."""
    limits = limits.model_copy(update={"history": VALUES_TIMES * limits.history})
    doubtful = _reached(asked, units)
    frame = measurements.filter(pl.col("value").is_finite(), pl.col("level").is_in(VALUES_AT)).sort("unit")
    here = earlier.filter((pl.col("year") < year) & pl.col("unit").is_in(frame["unit"].unique().implode()))
    held, years = _held(here, ["indicator", "unit"])
    gaps = np.array([year - y for y in years], dtype=float)
    found = []
    groups = _with_chance(frame).partition_by("indicator", "level", as_dict=True, maintain_order=True)
    for key, group in groups.items():
        indicator = library.get(str(key[0]))
        now = group["value"].to_numpy()
        if indicator is None or isinstance(indicator.measure, Reported | Survey) or np.any(now < 0):
            continue
        before = _matrix(held, years, [(key[0], unit) for unit in group["unit"]])
        scale = scale_of(indicator.unit == "%", now, before)
        noise = np.zeros(len(now)) if scale.counted else group["_share" if scale.share else "_log"].to_numpy()
        for i, past in enumerate(past_of(now, before, gaps, scale, noise)):
            unit, value = group["unit"][i], float(now[i])
            if past is None or (unit, indicator.code) in doubtful:
                continue
            doubt = by_history(value, past, scale, limits)
            if (
                doubt is None or doubt.kind == DIGIT
            ):  # a value reckoned from many rows has no digits of its own
                continue
            facts = [words.asked(doubt, value, indicator.unit)]
            facts += _history_facts(value, before[i], years, past, scale, indicator.unit)
            said = "；".join(f for f in facts if f)
            found.append(_of_value(unit, str(key[1]), value, indicator, doubt, said))
    return found


def _with_chance(measurements: pl.DataFrame) -> pl.DataFrame:
    """Variances that come of small numbers, from the 95 % intervals: ``_share`` of the value, ``_log`` of its logarithm."""
    half = (pl.col("high") - pl.col("low")) / 3.92

    def squared(spread: pl.Expr) -> pl.Expr:
        return pl.when(spread.is_finite()).then(spread**2).otherwise(0.0)

    return measurements.with_columns(_share=squared(half), _log=squared(half / pl.col("compared")))


def _of_value(unit: str, level: str, value: float, indicator: Indicator, doubt: Doubt, says: str) -> Question:
    return Question(
        unit, level, of_indicator(indicator), doubt.kind, value, words.near(doubt.expected, value), says, doubt.size,
        Place(f"指标 {indicator.code}"),
    )  # fmt: skip


def _reached(asked: Iterable[Question], units: pl.DataFrame) -> set[tuple[str, str]]:
    """(unit, indicator) whose value a questioned figure enters: its own unit's and those above."""
    above = {r["code"]: [r[level] for level in LEVEL_NAMES if r[level]] for r in units.to_dicts()}
    return {(u, code) for q in asked for code in q.column.codes for u in {q.unit, *above.get(q.unit, [])}}


def _settled(question: Question, names: Mapping[str, str], fixes: Iterable[Correction]) -> bool:
    """Whether the project has declared what stands in the cell (更正, or 属实 with the value unchanged)."""
    column = question.column
    for fix in fixes:
        says = fix.match.get("_unit", "")
        here = says == question.unit or stem(says) == stem(names[question.unit])
        item = fix.match.get("item", column.item)
        if fix.input != column.input or not here or not column.item:
            continue
        if fix.column == column.item or (fix.column == "value" and item in (column.item, column.label)):
            return True
    return False


def _tell(question: Question, unit: str, findings: Findings) -> None:
    """The finding of one question, unless another finding says the same."""
    if question.told:
        return
    column = question.column
    measured = column.measured_in
    findings.add(
        CODES[question.kind], question.place, value=f"{words.shown(question.value)}{measured}", unit=unit,
        title=column.title, label=column.label, says=question.says,
        expected=f"{words.shown(question.expected)}{measured} 左右，或说明属实",
    )  # fmt: skip


def _frame(asked: list[Question], year: int) -> pl.DataFrame:
    """The questions numbered, in their schema."""
    rows = [
        {
            "id": f"HS-{year}-{number:03d}", "year": year, "unit": q.unit, "level": q.level,
            "indicator": q.column.codes[0] if q.column.codes else "", "input": q.column.input, "item": q.column.item,
            "label": q.column.label, "measured_in": q.column.measured_in, "kind": q.kind, "value": q.value,
            "expected": q.expected, "says": q.says, "lead": list(q.column.lead), "file": q.place.file,
            "sheet": q.place.sheet, "row": q.place.row,
        }
        for number, q in enumerate(asked, 1)
    ]  # fmt: skip
    return conform("questions", pl.DataFrame(rows, infer_schema_length=None))
