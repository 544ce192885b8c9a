"""Results of earlier programs read as results of today (旧版结果库升级): one step from each schema version to the next.

A step says of every table that it touches how the table of version n + 1 is made from those of version n. What a step does
not name stays as it is: a table or column that the file lacks is empty or null, because nobody found it out then. Nothing
is calculated anew: a step only says what was true of that version and stands nowhere in its file, or stands elsewhere.

The versions, and what they added:

* 1: units, measurements, scores, dimensions, totals, ledger, shortfalls, strengths, the three lists, survey, findings, inputs, runs;
  then, without another number, ``targets``, ``tickets`` and columns of ``indicators``.
* 2: answers weigh differently (``survey.weighted``, ``effective``, ``note``); then ``service``, ``facilities``, ``sites``.
* 3: the scheme as a fact, ``weights``, ``aspects``, intervals and what the totals are worth, ``predecessors``, ``projects``,
  ``suppressed`` counts; then ``history``, ``budget``, ``figures``. (``scores.shrunk`` stood there for a few commits, always null.)
* 4: ``returned``, ``reviews``, ``completion``, the edition as a fact; then ``reviews.counted``, ``completion.in_time``, ``building_groups``,
  ``survey.block``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import Any

import polars as pl

from ..results import LEVEL_NAMES, LEVELS

Read = Callable[
    [str], pl.DataFrame
]  # a table of one year by its name; without columns where the file has none
Step = Mapping[str, Callable[[Read], pl.DataFrame]]  # table → how it is made from the version before

TOTAL = "总分"
_ORDER = pl.col("level").replace_strict({level: i for i, level in enumerate(LEVELS)}, default=None)
WALK_SPEED = 1.2  # m/s, by which version 1 told distances as minutes
FEWEST = 3  # answers or tickets that may be published, when projects could not say so yet


def upgraded(version: int, read: Read) -> Read:
    """Tables as the version after the last step has them, given those of ``version``; each is made when it is asked for."""
    if version > max(STEPS):
        return read
    told = reduce(
        lambda before, step: partial(_after, STEPS[step], before), range(version, max(STEPS) + 1), read
    )
    return partial(_after, {"facts": partial(_with_fact, key="upgraded_from", value=version)}, told)


def _after(step: Step, read: Read, name: str) -> pl.DataFrame:
    """One table after a step."""
    return step[name](read) if name in step else read(name)


# ---- 1 → 2 ---------------------------------------------------------------------------------------------------


def _unweighted(read: Read) -> pl.DataFrame:
    """Every answer counted the same, so that they were worth their number."""
    answers = pl.col("answers").cast(pl.Float64)
    return _filled(read("survey"), effective=answers, weighted=pl.lit(value=False))


def _walk_speed(read: Read) -> pl.DataFrame:
    return _with_fact(read, "walk_speed", _recorded(read, "project", "space", "walk_speed_m_s") or WALK_SPEED)


# ---- 2 → 3 ---------------------------------------------------------------------------------------------------


def _with_scheme(read: Read) -> pl.DataFrame:
    """The scheme was in the record only; what it could not choose yet is as it is by default."""
    return _with_fact(read, "scheme", _recorded(read, "project", "scoring") or {})


def _compared_with_all(read: Read) -> pl.DataFrame:
    """Peers were all units of the level; no value was treated as an outlier and none was estimated."""
    level = pl.col("level").replace_strict(LEVEL_NAMES, default=None, return_dtype=pl.String)
    no = pl.lit(value=False)
    return _filled(read("scores"), treated=no, imputed=no, peer_group=pl.format("全部{}", level))


def _weights(read: Read) -> pl.DataFrame:
    """The weights that were in force: of indicators equal or as defined, of dimensions as the project gave them.

    Of indicators those that were expected of a level, of dimensions those that have one there; each parent's sum to one.
    """
    if read("weights").width:
        return read("weights")
    scheme = _recorded(read, "project", "scoring") or {}
    equal, given = scheme.get("weights", "equal") == "equal", scheme.get("dimension_weights") or {}
    indicators = read("indicators")
    place = indicators.select(child="code", place="position")
    first = indicators.group_by(child="dimension").agg(place=pl.col("position").min())
    leaves = read("scores").select("level", parent="dimension", child="indicator", weight="weight").unique()
    leaves = leaves.join(place, on="child", how="left").with_columns(
        weight=pl.lit(1.0) if equal else pl.col("weight"),
        method=pl.lit("equal" if equal else "given"),
        basis=pl.lit("等权" if equal else "给定权重：指标定义的 weight"),
    )
    branches = read("dimensions").select("level", child="dimension").unique()
    branches = branches.join(first, on="child", how="left").with_columns(
        parent=pl.lit(TOTAL),
        weight=pl.col("child").replace_strict(given, default=1.0, return_dtype=pl.Float64),
        method=pl.lit("given"),
        basis=pl.lit(
            "给定权重：" + ("tijian.toml 的 dimension_weights" if given else "没有另外给定，各维度相同")
        ),
    )
    rows = pl.concat([part.sort(_ORDER, "place") for part in (leaves, branches)], how="diagonal")
    return rows.with_columns(
        pl.col("weight") / pl.col("weight").sum().over("level", "parent"),
        year=pl.lit(read("runs")["year"][0]),
    )


def _few_withheld(name: str, read: Read) -> pl.DataFrame:
    """Counts of so few people that they are not printed today, nor what would give them away."""
    from ..chance.disclosure import suppress_survey, suppress_tickets  # of old files only

    frame = read(name)
    if not frame.height or _has(frame, "suppressed"):
        return frame
    suppress = {"survey": suppress_survey, "tickets": suppress_tickets}[name]
    return suppress(frame, read("units"), FEWEST)


# ---- 3 → 4 ---------------------------------------------------------------------------------------------------


def _facts_4(read: Read) -> pl.DataFrame:
    """The edition was in the record only; so was the scheme of the first files of version 3."""
    told = _with_scheme(read)
    return _with_fact(
        lambda _: told, "edition", _recorded(read, "project", "project", "edition") or "shanghai"
    )


# ---- what steps share ----------------------------------------------------------------------------------------


def _with_fact(read: Read, key: str, value: object) -> pl.DataFrame:
    """The facts with one more, unless it is there."""
    facts = read("facts")
    if not facts.height or key in facts["key"]:
        return facts
    told = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return pl.concat([facts.select("key", "value"), pl.DataFrame({"key": [key], "value": [told]})])


def _has(frame: pl.DataFrame, column: str) -> bool:
    """Whether a column says anything: some stood empty in the file until the program filled them in."""
    return column in frame.columns and frame[column].null_count() < frame.height


def _filled(frame: pl.DataFrame, **true_then: pl.Expr) -> pl.DataFrame:
    """The frame with what was true of every row, in the columns that it lacks or that say nothing."""
    if not frame.width:
        return frame
    return frame.with_columns(**{name: told for name, told in true_then.items() if not _has(frame, name)})


def _recorded(read: Read, *keys: str) -> Any:
    """What the run's record says under nested keys; None where it says nothing."""
    runs = read("runs")
    found: Any = json.loads(runs["record"][0]) if runs.height else {}
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


_WITHHELD = {name: partial(_few_withheld, name) for name in ("survey", "tickets")}
STEPS: Mapping[int, Step] = {
    1: {"survey": _unweighted, "facts": _walk_speed},
    2: {"scores": _compared_with_all, "weights": _weights, "facts": _with_scheme, **_WITHHELD},
    # the first files of version 3 had the columns of version 3 without their contents
    3: {"scores": _compared_with_all, "facts": _facts_4, **_WITHHELD},
}
