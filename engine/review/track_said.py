"""Reviews as rows (整改复查): what each judgement rests on, in words, and this year's new problems beside the old ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from ..results import MENDED, NEW, SCHEMAS, UNCLEAR, conform
from .track import IN_TIME, counted

Row = dict[str, Any]


def review_rows(
    judged: pl.DataFrame,
    problems: pl.DataFrame,
    remedies: pl.DataFrame,
    units: pl.DataFrame,
    words: Mapping[str, str],
    year: int,
) -> pl.DataFrame:
    """The frame ``reviews``: last year's problems as judged, then this year's new ones.

    ``judged`` is of :func:`tijian.engine.review.track.judge`, ``problems`` and ``remedies`` are this year's lists, ``words`` the
    measure word of the things behind a count, by indicator.
    """
    said = [because(row, words.get(row["indicator"], "处"), year) for row in judged.iter_rows(named=True)]
    old = judged.with_columns(because=pl.Series(said, dtype=pl.String))
    columns = [
        "id",
        "unit",
        "level",
        "indicator",
        "dimension",
        "problem",
        "severity",
        "treatment",
        "lead",
        "value",
        "since",
        "outcome",
    ]
    due = remedies.select("due", "target", id="problem_id")
    fresh = (
        problems.filter(pl.col("outcome") == NEW)
        .select(columns)
        .join(due, on="id", how="left", maintain_order="left")
        .with_columns(disputed=pl.lit(False), late=pl.lit(False), because=pl.lit("上年未列入，今年列入"))
    )
    towns = dict(units.select("code", "town").iter_rows())
    both = pl.concat(
        conform("reviews", part.select(c for c in part.columns if c in SCHEMAS["reviews"]))
        for part in (old, fresh)
    )
    both = both.with_columns(
        year=pl.lit(year, dtype=pl.Int64),
        town=pl.col("unit").replace_strict(towns, default=None, return_dtype=pl.String),
    )
    return both.with_columns(counted=counted(both))


# ── why ───────────────────────────────────────────────────────────────────────────────────────────────────


def because(row: Row, word: str, year: int) -> str:
    """The judgement of one row of :func:`tijian.engine.review.track.judge` in words: the two values, the things, the dates."""
    if row["outcome"] == UNCLEAR:
        said = _unclear(row, word)
    else:
        said = "，".join(part for part in (_values(row), _things(row, word), _verdict(row)) if part)
    return "；".join(part for part in (said, _late(row), _disputed(row)) if part)


def _figure(row: Row, value: float | None) -> str:
    if value is None:
        return "无数据"
    return f"{value:.{1 if row['decimals'] is None else row['decimals']}f}{row['measured_in'] or ''}"


def _values(row: Row) -> str:
    return f"上年{_figure(row, row['value_then'])}，今年{_figure(row, row['value'])}"


def _things(row: Row, word: str) -> str:
    """``原有5栋，已整改3栋，仍有2栋，新增1栋``; empty where nothing is counted."""
    if not row["counts"] or not row["were"]:
        return ""
    parts = [
        ("已整改", row["mended"]),
        ("仍有", row["still"]),
        ("不在今年数据中", row["lost"]),
        ("新增", row["added"]),
    ]
    return "，".join([f"原有{row['were']}{word}", *(f"{what}{n}{word}" for what, n in parts if n)])


def _verdict(row: Row) -> str:
    """What settles it, where the things do not."""
    if row["outcome"] == MENDED:
        return _mended(row)
    if row["counts"] and row["were"]:
        return "" if row["again"] else "今年不再列为短板"
    if row["closed"] is None:
        return "今年仍是短板"
    if row["gap_now"] == 0:
        return "已达到上年所用的标准，但因其他依据仍是短板"
    against = f"与{_reference(row)}的差距"
    if row["closed"] > 0:
        whole = math.floor(100 * row["closed"] + 1e-9)  # 19.8 % is not the 20 % that would have been enough
        return f"{against}缩小{f'{whole}%' if whole else '不到1%'}，仍是短板"
    return f"{against}{'没有缩小' if row['closed'] == 0 else '扩大'}"


def _mended(row: Row) -> str:
    """No longer a shortfall; of a count the things say it, unless some are left within its limit."""
    if row["counts"]:
        return "" if row["value"] == 0 else f"不超过{_reference(row)}"
    return (
        f"达到{_reference(row)}" if row["gap_now"] == 0 and row["standard"] is not None else "今年不再是短板"
    )


def _reference(row: Row) -> str:
    if row["direction"] == "within":
        return "适度区间"
    if row["counts"] or row["standard"] is not None:
        return f"标准{_figure(row, row['reference'])}"
    return f"上年同级中位数{_figure(row, row['reference'])}"


def _unclear(row: Row, word: str) -> str:
    """Why it cannot be compared: the first reason that holds."""
    if not row["same"]:
        return "所在单元今年已调整，不能与上年比较"
    if not row["in_force"]:
        return "这项指标今年不在用，无法复查"
    if not row["alike"]:
        return f"{row['reason'] or '评价方向今年与上年相反'}，不能与上年比较，无法复查"
    if row["value"] is None:
        return f"上年{_figure(row, row['value_then'])}，今年没有可用的数据，无法复查"
    if row["disagree"]:
        return f"{_values(row)}，标准今年有变，按新旧标准结论不同"
    if row["counts"]:  # what failed is in this year's data no more
        return f"{_values(row)}，{_things(row, word)}，无法复查"
    return f"{_values(row)}，今年不再是短板，但指标值没有好转（上年列入的依据不再成立），不作整改认定"


def _late(row: Row) -> str:
    if not row["late"]:
        return ""
    until = str(row["due"]).removesuffix("前")
    if row["outcome"] == MENDED:
        return f"{row['done_date'].isoformat()}完成，晚于时限{until}"
    return f"{IN_TIME}，时限{until}已过"


def _disputed(row: Row) -> str:
    return "牵头单位报已整改，实测不符" if row["disputed"] else ""
