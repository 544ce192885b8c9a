"""Measure every indicator in force at each of its levels (逐项计算)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import duckdb
import polars as pl

from ...indicators.catchment_model import Catchment
from ...indicators.measure_model import (
    Circle,
    Count,
    Coverage,
    Density,
    Ratio,
    Reported,
    Sql,
    Survey,
    Walk,
)  # fmt: skip
from ...indicators.model import Indicator
from ..chance.measured import with_intervals
from ..evidence import Evidence, Gathered
from ..findings import Findings, Place
from ..results import LEVEL_NAMES, conform, empty
from ..settings.forms import column_meant
from ..settings.scheme import Scoring
from .aggregate_sql import (
    MeasureError,
    MissingColumnError,
    measure_ratio,
    measure_reported,
    measure_sql,
    measure_survey,
    run_sql,
)
from .catchment import measure_catchment
from .ledger import ledger_lines, measure_count, number_lines
from .many import measure_many
from .pairs import Measured, Pairs
from .recall import NOTHING_RECALLED, Recalled, keep_measured
from .rollup import roll_up
from .spatial import measure_coverage, measure_density
from .walk import measure_circle, measure_walk

Progress = Callable[[int, int, str], None]


def measure_everything(
    indicators: Sequence[Indicator],
    gathered: Gathered,
    con: duckdb.DuckDBPyConnection,
    scheme: Scoring,
    year: int,
    findings: Findings,
    progress: Progress,
    recalled: Recalled = NOTHING_RECALLED,
) -> dict[str, pl.DataFrame]:
    """The frames measurements, ledger, service and facilities of the year, in their schemas.

    An indicator whose input is absent or empty has no measurement and a finding M002; one whose SQL does not run
    has finding M001. ``con`` is the sandboxed connection with one table per input. Indicators
    in ``recalled`` are not measured again; what the others come to is handed to it.
    """
    measured: list[pl.DataFrame] = []
    ledger: list[pl.DataFrame] = []
    places: dict[str, list[pl.DataFrame]] = {"service": [], "facilities": []}
    for done, indicator in enumerate(indicators):
        progress(done, len(indicators), indicator.name)
        if not _has_evidence(indicator, gathered.evidence, findings):
            continue
        found = recalled.known.get(indicator.code) or _measured(indicator, gathered, con, findings)
        if found is None:
            continue
        if indicator.code not in recalled.known:
            keep_measured(indicator, gathered, recalled.kept, found)
        findings.extend(told for told in found.findings if told not in findings.rows)
        if found.lines is not None:
            ledger.append(found.lines)
        for name, frame in (("service", found.service), ("facilities", found.facilities)):
            if frame is not None:
                places[name].append(
                    frame.with_columns(year=pl.lit(year, pl.Int64), indicator=pl.lit(indicator.code))
                )
        rolled = roll_up(found.pairs, gathered.units, reported_wins=scheme.reported_wins)
        rolled = rolled.filter(pl.col("level").is_in(list(indicator.levels)))
        _report_disagreement(indicator, rolled, gathered.units, scheme, findings)
        rolled = _without_impossible(indicator, rolled, gathered, findings)
        if rolled.is_empty():
            findings.add(
                "M003",
                Place(f"指标 {indicator.code}"),
                name=indicator.name,
                expected="至少一个单元有可算的数据",
            )
        rolled = with_intervals(rolled, indicator.interval, found.pairs.scale)
        measured.append(rolled.with_columns(indicator=pl.lit(indicator.code)))
    progress(len(indicators), len(indicators), "")
    if not any(part.height for part in measured):
        findings.add("M007", Place("tijian.toml"), expected="至少一项输入，使至少一项指标有数据")
    return {
        "measurements": _measurements(measured, scheme, year),
        "ledger": number_lines(ledger, year),
        **{name: pl.concat(parts) if parts else empty(name) for name, parts in places.items()},
    }


def _measurements(measured: list[pl.DataFrame], scheme: Scoring, year: int) -> pl.DataFrame:
    """All values in one frame; those that stand on too few people carry a note that keeps them out of scoring."""
    frame = pl.concat(measured) if measured else empty("measurements")
    note = (
        pl.when(pl.col("basis") < scheme.minimum_basis)
        .then(pl.lit("数据覆盖人口不足，不计分"))
        .otherwise(pl.lit(""))
    )
    frame = frame.with_columns(year=pl.lit(year), note=note)
    return conform("measurements", frame).sort("indicator", "unit")


def _measured(
    indicator: Indicator, gathered: Gathered, con: duckdb.DuckDBPyConnection, findings: Findings
) -> Measured | None:
    """What one indicator comes to; None, with M006 or M001, where its definition cannot be computed on the evidence."""
    try:
        return measure_one(indicator, gathered, con)
    except MissingColumnError as fault:
        told = {f.value for f in findings if f.code == "I017" and f.place.file == f"指标 {indicator.code}"}
        if fault.column in told:  # what no form has was told when the indicators met the forms
            return None
        read = [gathered.evidence[name].input for name in indicator.measure.inputs]
        labels = {name: label for item in read for name, label in item.columns.items()}
        findings.add("M006", Place("tijian.toml", column="columns"), value=fault.column, name=indicator.name,
                     which=indicator.code, inputs="、".join(item.title or n for item, n in zip(read, indicator.measure.inputs, strict=True)),
                     expected=column_meant(fault.column, labels))  # fmt: skip
    except MeasureError as fault:
        findings.add("M001", Place(f"指标 {indicator.code}"), detail=str(fault),
                     expected="能在输入上运行的 DuckDB 表达式")  # fmt: skip
    return None


def measure_one(indicator: Indicator, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> Measured:
    """What one indicator comes to on the evidence. Raises MeasureError."""
    evidence = gathered.evidence
    if any(evidence[name].many is not None for name in indicator.measure.inputs):
        return measure_many(indicator, gathered, gathered.query or partial(run_sql, con))
    match indicator.measure:
        case Count() as measure:
            lines = ledger_lines(indicator, evidence, con)
            return Measured(measure_count(measure, lines, evidence, con), lines)
        case Ratio() as measure:
            return Measured(measure_ratio(measure, evidence, con))
        case Sql() as measure:
            return Measured(_meeting(measure_sql(measure, evidence, partial(run_sql, con)), gathered.units))
        case Survey() as measure:
            return Measured(measure_survey(measure, evidence, con))
        case Reported() as measure:
            return Measured(measure_reported(measure, evidence))
        case measure:
            return _measure_space(measure, gathered, con)


def _meeting(pairs: Pairs, units: pl.DataFrame) -> Pairs:
    """The pairs of a query, unless numerators all stand at one level of units and denominators at another: nothing could be divided.

    Raises MeasureError. It comes of joining records or places, which lie in communities, to figures that are of towns.
    """
    frame = pairs.frame.join(units.select("level", unit="code"), on="unit")
    over, under = (
        set(frame.filter(pl.col(part).fill_null(0.0) != 0)["level"]) for part in ("numerator", "denominator")
    )
    if over and under and not over & under:
        there, here = ("、".join(LEVEL_NAMES[level] for level in sorted(levels)) for levels in (over, under))
        raise MeasureError(
            f"分子都归在{there}，分母都归在{here}，没有一个单元两样都有；明细和图层归到最细一级，要街镇的写 _town as unit"
        )
    return pairs


def _measure_space(
    measure: Coverage | Walk | Circle | Catchment | Density,
    gathered: Gathered,
    con: duckdb.DuckDBPyConnection,
) -> Measured:
    """The methods that look at where things are."""
    match measure:
        case Coverage():
            return measure_coverage(measure, gathered, con)
        case Walk():
            return measure_walk(measure, gathered, con)
        case Circle():
            return measure_circle(measure, gathered, con)
        case Catchment():
            return measure_catchment(measure, gathered, con)
        case Density():
            return Measured(measure_density(measure, gathered, con))


def _has_evidence(indicator: Indicator, evidence: dict[str, Evidence], findings: Findings) -> bool:
    """Whether every input the indicator reads is there; a finding names the ones that are not."""
    absent = [n for n in indicator.measure.inputs if n not in evidence]
    blank = [n for n in indicator.measure.inputs if n in evidence and evidence[n].says_nothing]
    told = {f.value for f in findings if f.code == "I010"}
    if blank or set(absent) - told:  # an input that is not declared was told when the indicators were read
        findings.add("M002", Place(f"指标 {indicator.code}"), name=indicator.name, inputs="、".join(absent + blank),
                     expected="收到这些表，放进 inputs/；已经收到的，先改正读它时的错误")  # fmt: skip
    return not absent and not blank


def _without_impossible(
    indicator: Indicator, rolled: pl.DataFrame, gathered: Gathered, findings: Findings
) -> pl.DataFrame:
    """M005 for shares below 0 or above 100 %: they are told and left out, because a part cannot exceed its whole.

    It stands where the unit's own row does, else (a unit whose rows are its parts') in the file.
    """
    if not indicator.is_share:
        return rolled
    wrong = (pl.col("value") < -1e-9) | (pl.col("value") > 100 + 1e-9)
    names = dict(gathered.units.select("code", "name").iter_rows())
    for row in rolled.filter(wrong).iter_rows(named=True):
        parts = (
            ""
            if row["numerator"] is None
            else f"（分子 {row['numerator']:g}，分母 {row['denominator'] or 0:g}）"
        )
        findings.add("M005", _stands_at(indicator, row["unit"], gathered), value=f"{row['value']:.1f}%", name=indicator.name,
                     unit=names[row["unit"]], parts=parts, inputs="、".join(indicator.measure.inputs),
                     expected="0–100%；请提供单位核对分子、分母两栏")  # fmt: skip
    return rolled.filter(~wrong)


def _stands_at(indicator: Indicator, unit: str, gathered: Gathered) -> Place:
    """Where the figures of a unit stand that an indicator is made of: its only row, else the file."""
    evidence = gathered.evidence[indicator.measure.inputs[0]].frame
    own = evidence.filter(pl.col("unit") == unit) if "unit" in evidence.columns else evidence.clear()
    if own.height == 1:
        return Place(own["_file"][0], own["_sheet"][0], own["_row"][0])
    return (
        Place(evidence["_file"][0], evidence["_sheet"][0])
        if evidence.height
        else Place(f"指标 {indicator.code}")
    )


def _report_disagreement(
    indicator: Indicator, rolled: pl.DataFrame, units: pl.DataFrame, scheme: Scoring, findings: Findings
) -> None:
    """M004 where what a unit states differs from what its children add up to by more than the tolerance."""
    both = rolled.filter(pl.col("reported").is_not_null() & (pl.col("rows") > 0))
    names = dict(units.select("code", "name").iter_rows())
    for row in both.iter_rows(named=True):
        computed, stated = row["value"], row["reported"]
        if abs(computed - stated) > scheme.reported_tolerance * max(abs(stated), abs(computed), 1e-12):
            findings.add("M004", Place(f"指标 {indicator.code}"), name=indicator.name, unit=names[row["unit"]],
                         level=LEVEL_NAMES[row["level"]], computed=f"{computed:.4g}", stated=f"{stated:.4g}",
                         value=f"{stated:.4g}", expected="两个数一致；请提供单位核对")  # fmt: skip
