"""Scoring from measurements to totals on the very small district, for tests of what a scheme does."""

from __future__ import annotations

import polars as pl
import pytest
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.scoring.everything import Basis, nothing_before, score_all
from tijian.engine.settings.scheme import Scoring
from tijian.indicators.model import Indicator

from .small_year import DISTRICT, TOWNS, Reported, indicator, units

YEAR = 2026
NAN = float("nan")
COMMUNITIES = tuple(f"{town}00{j}" for town in TOWNS for j in (1, 2))
SCALES = ("anchors", "minmax", "zscore", "percentile", "rank", "distance_to_target", "distance_to_reference")
Values = dict[str, dict[str, float | None]]  # indicator → unit → value


def told(code: str, *levels: str, **more: object) -> Indicator:
    """A figure that departments hand in; towns only unless other levels are named."""
    options = {"unit": "处", "levels": levels or ("town",)} | more
    return indicator(code, Reported(method="reported", of="form", item=code), **options)


def measurements(values: Values, **columns: float) -> pl.DataFrame:
    """Values that stand on the whole of their unit (basis 1), compared as they are, unless ``columns`` say otherwise."""
    level = dict(units().select("code", "level").iter_rows())
    rows = [
        {"year": YEAR, "unit": unit, "level": level[unit], "indicator": code, "value": value, "compared": value, "basis": 1.0}
        | columns
        for code, of in values.items() for unit, value in of.items() if value is not None
    ]  # fmt: skip
    return conform("measurements", pl.DataFrame(rows, infer_schema_length=None))


def over_towns(*values: float | None) -> dict[str, float | None]:
    return dict(zip(TOWNS, values, strict=True))


FOUR = over_towns(2, 4, 8, 6)  # mean 5, sample deviation √(20/3), population's √5
AMOUNTS = over_towns(10, 30, 60, 100)  # of 1,000, 2,000, 3,000 and 4,000 people, on 10 km² each


def score(
    values: Values | pl.DataFrame,
    scheme: Scoring,
    *indicators: Indicator,
    earlier: list[tuple[int, str, str, float]] = [],  # noqa: B006  (never changed)
    of: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """The whole of scoring; ``of`` are the units."""
    measured = values if isinstance(values, pl.DataFrame) else measurements(values)
    columns = {"year": pl.Int64, "unit": pl.String, "indicator": pl.String, "value": pl.Float64}
    return score_all(
        Basis(
            measurements=measured, units=units() if of is None else of, survey=empty("survey"), indicators=indicators,
            names=("安全韧性",), year=YEAR, before=nothing_before(),
            earlier=pl.DataFrame(earlier, schema=columns, orient="row"),
        ),
        scheme,
    )  # fmt: skip


def column(scores: pl.DataFrame, name: str, code: str = "AQ-01", level: str = "town") -> list[object]:
    return scores.filter(indicator=code, level=level).sort("unit")[name].to_list()


def near(*values: float | None) -> list[object]:
    return [None if v is None else pytest.approx(v, abs=1e-9) for v in values]


def fifth(code: str, people: float) -> pl.DataFrame:
    """One more town, as a frame of units."""
    row = (code, "第5街道", "town", DISTRICT, "街道", people, 10.0, DISTRICT, code, None)
    return pl.DataFrame([row], schema=dict(SCHEMAS["units"]), orient="row")
