"""The fixture's year with the weights its totals are made of: every indicator and every dimension alike."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from tijian.engine.results import Results, conform

from .results_fixture import make_results


def equal_weights(results: Results) -> Results:
    """``results`` with the frame ``weights`` filled: equal shares at every level."""
    leaves = results.scores.select("year", "level", parent="dimension", child="indicator").unique()
    tops = results.dimensions.select("year", "level", child="dimension").unique()
    rows = pl.concat([leaves, tops.select("year", "level", pl.lit("总分").alias("parent"), "child")])
    share = 1.0 / pl.len().over("level", "parent")
    rows = rows.sort("level", "parent", "child").with_columns(weight=share, method=pl.lit("equal"))
    return replace(results, weights=conform("weights", rows))


def compared_results(hostile: bool = False) -> Results:
    """A year of results that can be compared."""
    return equal_weights(make_results(hostile=hostile))
