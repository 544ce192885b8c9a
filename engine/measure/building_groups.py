"""分类住区: things of the ledger by when they were built and of what kind, as the Ministry's handbook reports housing apart.

《城市体检工作手册（试行）》: 2000年前、2000—2010年、2010年后建成的楼房小区, 自建房, 历史文化街区和其他平房区 are analysed one by
one. The year comes from the column ``built_year`` of our own forms; the kind only from an input that has a column
``housing_kind``, which goes before the year.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ...indicators.measure_model import Count
from ...indicators.model import Indicator
from ..evidence import Evidence
from ..results import conform, empty
from ..units import ancestry

BUILT, KIND = "built_year", "housing_kind"
BEFORE, BETWEEN, AFTER = "2000年以前", "2000—2010年", "2010年以后"
SELF_BUILT, HISTORIC, UNDATED = "自建房", "历史风貌", "未填建成年份"
GROUPS = (BEFORE, BETWEEN, AFTER, SELF_BUILT, HISTORIC, UNDATED)
_HISTORIC_WORDS = "历史|风貌|平房"


def group_buildings(
    evidence: Mapping[str, Evidence], ledger: pl.DataFrame, indicators: tuple[Indicator, ...],
    units: pl.DataFrame, year: int,
) -> pl.DataFrame:  # fmt: skip
    """The frame ``building_groups``: of every count whose things have a year, the things and the failing ones by group.

    Of the district and its towns. Every thing on the list counts, examined or not; one that lies in no unit does not.
    """
    above = ancestry(units).filter(pl.col("level").is_in(["district", "town"]))
    failing = ledger.select("indicator", "thing").unique().with_columns(failing=pl.lit(True))
    parts = []
    for indicator in indicators:
        measure = indicator.measure
        if not isinstance(measure, Count) or measure.of not in evidence:
            continue
        frame = evidence[measure.of].frame
        if BUILT not in frame.columns or frame.is_empty():
            continue
        things = frame.drop_nulls("unit").select(
            "unit", thing=pl.col(measure.key).cast(pl.String), group=_group(frame)
        )
        parts.append(
            things.unique(["unit", "thing"], keep="first", maintain_order=True)
            .with_columns(indicator=pl.lit(indicator.code))
            .join(failing, on=["indicator", "thing"], how="left", maintain_order="left")
        )
    if not parts:
        return empty("building_groups")
    counted = (
        pl.concat(parts)
        .join(above, on="unit")
        .group_by("ancestor", "level", "indicator", "group")
        .agg(things=pl.len().cast(pl.Int64), failing=pl.col("failing").fill_null(False).sum().cast(pl.Int64))
        .rename({"ancestor": "unit"})
        .with_columns(year=pl.lit(year, dtype=pl.Int64))
    )
    order = pl.col("group").replace_strict({g: i for i, g in enumerate(GROUPS)}, return_dtype=pl.Int64)
    return conform("building_groups", counted.sort("unit", "indicator", order))


def _group(frame: pl.DataFrame) -> pl.Expr:
    """The group of a thing: its kind where that is one of the handbook's, else the years it was built in."""
    built = pl.col(BUILT).cast(pl.Int64)
    by_year = (
        pl.when(built.is_null()).then(pl.lit(UNDATED)).when(built < 2000).then(pl.lit(BEFORE))
        .when(built <= 2010).then(pl.lit(BETWEEN)).otherwise(pl.lit(AFTER))
    )  # fmt: skip
    if KIND not in frame.columns:
        return by_year
    kind = pl.col(KIND).cast(pl.String).fill_null("")
    return (
        pl.when(kind.str.contains("自建")).then(pl.lit(SELF_BUILT))
        .when(kind.str.contains(_HISTORIC_WORDS)).then(pl.lit(HISTORIC)).otherwise(by_year)
    )  # fmt: skip
