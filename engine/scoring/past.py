"""This year's scores beside last year's (与上年比较): the change, what was printed then, and why something is not compared.

A dimension or a total is compared only where every indicator that has a score in it this year was the same thing last
year: a mean of other things is no measure of change.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ..results import conform
from ..years.comparable import BROKEN, CHANGED, COUNT_ONLY, NEW

RESCORED = "上年得分按今年标准重算"
_NAMED, _LISTED = 3, 12
Frames = dict[str, pl.DataFrame]


def with_past(made: Frames, before: Mapping[str, pl.DataFrame], titles: Mapping[str, str]) -> Frames:
    """``scores``, ``dimensions`` and ``totals`` beside last year's: previous score, what was printed, and why it is not compared.

    ``before`` has last year's frames of :func:`~tijian.engine.years.rescored.scores_then` under these names, and ``links``;
    ``titles`` name indicators.
    """
    links = before["links"]
    reasons = links.filter(pl.col("state") == BROKEN).select("indicator", break_reason="reason")
    past = before["scores"].select("unit", "indicator", previous_score="score", previous_printed="printed")
    scores = made["scores"].drop("previous_score", "previous_printed", "break_reason", strict=False)
    scores = scores.join(reasons, on="indicator", how="left", maintain_order="left").join(
        past, on=["unit", "indicator"], how="left", maintain_order="left"
    )
    other = _not_as_last_year(made["scores"], links, titles)
    return {
        "scores": conform("scores", scores),
        "dimensions": conform(
            "dimensions", _beside(made["dimensions"], before["dimensions"], other, ["level", "dimension"])
        ),
        "totals": conform("totals", _beside(made["totals"], before["totals"], other, ["level"])),
    }


def _not_as_last_year(scores: pl.DataFrame, links: pl.DataFrame, titles: Mapping[str, str]) -> pl.DataFrame:
    """level, dimension, title of what counts this year and was another thing, or nothing, last year; the title says which."""
    why = {BROKEN: CHANGED, COUNT_ONLY: "比较用的分母已变", NEW: "今年新列入"}
    other = links.filter(pl.col("state").is_in(list(why))).select(
        "indicator",
        title=pl.format(
            "“{}”{}",
            pl.col("indicator").replace_strict(dict(titles), default=pl.col("indicator")),
            pl.col("state").replace_strict(why, return_dtype=pl.String),
        ),
    )
    return (
        scores.filter(pl.col("score").is_not_null())
        .select("level", "dimension", "indicator")
        .unique()
        .join(other, on="indicator")
        .sort("level", "dimension", "indicator")
    )


def _beside(frame: pl.DataFrame, past: pl.DataFrame, other: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """``frame`` with previous, previous_printed, break_reason and change; ``on`` is what ``other`` is gathered by."""
    keys = ["unit", "dimension"] if "dimension" in on else ["unit"]
    named = pl.col("title").unique(maintain_order=True)
    shown = named.head(_NAMED).str.join("、")
    more = pl.when(named.len() > _NAMED).then(pl.format("等 {} 项指标", named.len())).otherwise(pl.lit(""))
    why = other.group_by(on, maintain_order=True).agg(break_reason=pl.format("{}{}", shown, more))
    old = past.select(*keys, _score="score", _printed="printed")
    joined = (
        frame.drop("previous", "change", "previous_printed", "break_reason", strict=False)
        .join(old, on=keys, how="left", maintain_order="left")
        .join(why, on=on, how="left", maintain_order="left")
    )
    known = pl.coalesce(
        "_printed", "_score"
    )  # null: nothing was printed of this unit, so that nothing is broken off
    broken = pl.col("break_reason").is_not_null()
    return joined.with_columns(
        previous=pl.when(~broken).then("_score"),
        previous_printed=pl.when(broken).then(known).otherwise("_printed"),
        break_reason=pl.when(known.is_not_null()).then("break_reason"),
    ).with_columns(change=pl.col("score") - pl.col("previous")).drop("_score", "_printed")  # fmt: skip


def past_notes(frames: Mapping[str, pl.DataFrame], titles: Mapping[str, str]) -> list[str]:
    """How last year was compared, for the notes on method; nothing where every value and score stands as it was printed."""
    scores, totals = frames["scores"], frames["totals"]
    broken = scores.drop_nulls("break_reason")["indicator"].unique().sort().to_list()
    said = []
    if broken:
        named = "、".join(titles.get(code, code) for code in broken[:_LISTED])
        said.append(
            f"{CHANGED}：{named}{'等' if len(broken) > _LISTED else ''} {len(broken)} 项指标今年的口径与上年不同，上年值不与今年比较，也不据以判定变差、改善和整改。"
        )
    if totals["break_reason"].null_count() < totals.height:
        said.append(
            "有指标今年新列入、口径或比较用的分母已变的维度，以及综合得分，上年得分不可比，不列变化。"
        )
    again = pl.col("previous_score").is_not_null() & pl.col("previous_printed").is_not_null()
    again_whole = pl.col("previous").is_not_null() & pl.col("previous_printed").is_not_null()
    if scores.filter(again).height or totals.filter(again_whole).height:
        said.append(
            f"{RESCORED}：上年得分以上年的值按今年的标准和计分方案重新计算，变化只反映数值的变化；当年印发的得分不变，可用 tijian explain 查看。"
        )
    return said
