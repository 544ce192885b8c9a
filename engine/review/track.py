"""The loop that closes a year (整改复查): last year's problems judged by this year's values, and what is left over.

The measured value is the judge; what a department claims stands beside it. A problem is 已整改 when it was measured again and
its indicator is no longer a shortfall (a count: is at or below its limit too), 部分整改 when it is not, but at least
:data:`ENOUGH` of the gap has closed (of counted things: so many of last year's are mended), 未整改 otherwise. It is 无法复查 where
nothing can be said: not measured this year, the unit or the definition changed, the standard changed and the old and the new
one disagree, or no longer a shortfall although the value is no better (the peers became worse). A thing that failed last
year and is not in this year's data at all is not mended: missing is never silently zero.

问题整治完成率 = mended / to be mended, 限时解决 and 尽力解决 apart, a 限时 one past its date not met (《城市体检工作手册（试行）》). Its
rows are counted once: of one indicator the finest level that was listed, communities with their town.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from ..measure.ledger import spread_ledger
from ..results import MENDED, NEW, NOT_MENDED, PARTLY, STATES, TOO_FEW, UNCLEAR, conform
from ..years.comparable import BROKEN
from ..years.successors import renamed

ENOUGH = 0.2  # share of the gap that must have closed for 部分整改
_EXACT = 1e-9  # a gap of 40 that has become one of 32 has closed by a fifth, whatever the binary digits say
STEP, MOST = 0.1, 0.3  # 优先级 rises by so much for every year left over, at most by so much
IN_TIME, EFFORT, ALL = "限时解决", "尽力解决", "合计"
FRAMES = ("problem_list", "remedy_list", "returned", "scores", "ledger", "indicators", "units")
Year = Mapping[str, pl.DataFrame]


def answered() -> pl.Expr:
    """Whether a row of ``returned`` says anything: one that stands as it was sent is nobody's answer."""
    written = (pl.col(column).fill_null("") != "" for column in ("done", "evidence"))
    return pl.any_horizontal(
        pl.col("status").ne_missing(STATES[0]), *written, pl.col("done_date").is_not_null()
    )


def due_date(due: pl.Expr) -> pl.Expr:
    """``2026年6月底前`` as the last day of that month; null where it says no month."""
    found = due.str.extract_groups(r"(?<year>\d{4})年(?<month>\d{1,2})月")
    year, month = (found.struct.field(name).cast(pl.Int32, strict=False) for name in ("year", "month"))
    return pl.date(year, month, 1).dt.month_end()


# ── judging ───────────────────────────────────────────────────────────────────────────────────────────────


def judge(then: Year, now: Year, changed: pl.DataFrame, examined: pl.DataFrame, year: int) -> pl.DataFrame:
    """Every problem of last year with all that it is judged by, and its ``outcome``.

    ``then`` and ``now`` are the frames :data:`FRAMES` of last year and of this (``now`` without remedies and returns, but with
    ``links``, how each indicator's value of last year stands to this year's: :mod:`..years.comparable`), ``changed`` has the columns of PREDECESSORS, ``examined`` (indicator, thing) the things this year's data know.
    The working frame of :func:`tijian.engine.review.track_said.review_rows`, sorted by unit as it is now and by indicator.
    """
    rows = _listed(then, year).join(_followed(then, now, changed), on="was", maintain_order="left")
    rows = _measured(rows, then, now)
    rows = _defined(rows, then, now)
    rows = _things(rows, then, now, examined)
    rows = _gaps(rows)
    again = now["problem_list"].select("unit", "indicator", again=pl.lit(True))
    rows = rows.join(again, on=["unit", "indicator"], how="left").with_columns(
        pl.col("again").fill_null(False)
    )
    rows = _outcomes(rows)
    return _flags(rows, year).sort("unit", "indicator", "id")


def _listed(then: Year, year: int) -> pl.DataFrame:
    """Last year's problems with their remedy and what was returned of it; ``was``: the unit's code then."""
    remedies = then["remedy_list"].select("due", "target", id="problem_id", remedy="id")
    said = then["returned"].filter(answered())
    claims = said.select("done", "evidence", "done_date", remedy="id", claimed="status")
    columns = ["id", "unit", "level", "indicator", "dimension", "problem", "severity", "treatment", "lead", "standard", "value",
               "since", "priority"]  # fmt: skip
    return (
        then["problem_list"]
        .select(columns)
        .rename({"unit": "was", "value": "value_then"})
        .with_columns(pl.col("since").fill_null(year - 1))
        .join(remedies, on="id", how="left", maintain_order="left")
        .join(claims, on="remedy", how="left", maintain_order="left")
    )


def _followed(then: Year, now: Year, changed: pl.DataFrame) -> pl.DataFrame:
    """was, unit, same: each unit of last year as it is now, and whether it is the same unit, if under another code.

    One that was split or merged goes to the unit that most of its people are in; one that is gone keeps its code.
    """
    alike = renamed(changed).select(was="predecessor", unit="unit").with_columns(same=pl.lit(True))
    moved = changed.sort("share", "unit", descending=[True, False]).unique(
        "predecessor", keep="first", maintain_order=True
    )
    other = moved.select(was="predecessor", unit="unit").with_columns(same=pl.lit(False))
    anew = changed.select(was="unit", unit="unit").unique("was").with_columns(same=pl.lit(False))
    here = pl.col("code").is_in(now["units"]["code"].implode())
    rest = then["units"].select(was="code", unit="code", same=here)
    return pl.concat([alike, other, anew, rest]).unique("was", keep="first", maintain_order=True)


def _measured(rows: pl.DataFrame, then: Year, now: Year) -> pl.DataFrame:
    """With this year's ``value`` (null where it may not be judged) and last year's median of the peers."""
    usable = pl.when(pl.col("note").ne_missing(TOO_FEW)).then("value")
    values = now["scores"].select("unit", "indicator", value=usable)
    peers = then["scores"].select("indicator", "peer_median", was="unit")
    return rows.join(values, on=["unit", "indicator"], how="left", maintain_order="left").join(
        peers, on=["was", "indicator"], how="left", maintain_order="left"
    )


def _defined(rows: pl.DataFrame, then: Year, now: Year) -> pl.DataFrame:
    """With last year's definition, whether the indicator is in force, means what it meant, and is judged by the same standard.

    What only has another factor now is told by the new one: last year's value, standard and peers too.
    """
    old = then["indicators"].select(
        "name", "decimals", "direction", "low", "high", "method", indicator="code", _unit="unit"
    )
    new = now["indicators"].select("code", unit_now="unit")
    links = now["links"].select("indicator", "state", "reason", "factor", "one_way", "one_limit")
    both = (
        old.join(new, left_on="indicator", right_on="code", how="left", coalesce=False)
        .join(links, on="indicator", how="left")
        .with_columns(
            in_force=pl.col("code").is_not_null(),
            alike=(pl.col("state").ne_missing(BROKEN) & pl.col("one_way").ne_missing(False)),
            one_limit=pl.col("one_limit").ne_missing(False),
            factor=pl.col("factor").fill_null(1.0),
            counts=pl.col("method") == "count",
        )
        .with_columns(measured_in=pl.when(pl.col("factor") == 1).then("_unit").otherwise("unit_now"))
    )
    keep = ["indicator", "name", "measured_in", "decimals", "direction", "low", "high", "in_force", "alike", "one_limit",
            "counts", "factor", "reason"]  # fmt: skip
    joined = rows.join(both.select(keep), on="indicator", how="left", maintain_order="left")
    told = ("value_then", "standard", "peer_median", "low", "high")
    return joined.with_columns(
        pl.col("in_force", "alike", "one_limit", "counts").fill_null(False),
        *(pl.col(c) * pl.col("factor").fill_null(1.0) for c in told),
    ).drop("factor")


def _things(rows: pl.DataFrame, then: Year, now: Year, examined: pl.DataFrame) -> pl.DataFrame:
    """With how many of last year's things (``were``) are mended, still there (``still``), not in this year's data (``lost``),
    and how many are new (``added``); null where the indicator has no ledger.
    """
    keys = ["unit", "indicator", "thing"]
    moved = rows.select("was", "unit").unique()
    old = (
        spread_ledger(then["ledger"], then["units"])
        .select("indicator", "thing", was="above")
        .join(moved, on="was")
    )
    old = old.select(keys).unique().with_columns(old=pl.lit(True))
    new = spread_ledger(now["ledger"], now["units"]).select("indicator", "thing", unit="above")
    new = new.unique().with_columns(new=pl.lit(True))
    known = examined.select("indicator", "thing").unique().with_columns(known=pl.lit(True))
    asked = examined.select("indicator").unique().with_columns(asked=pl.lit(True))
    both = (
        old.join(new, on=keys, how="full", coalesce=True)
        .join(known, on=["indicator", "thing"], how="left")
        .join(asked, on="indicator", how="left")
        .with_columns(pl.col("old", "new", "known", "asked").fill_null(False))
    )
    gone = pl.col("old") & ~pl.col("new")
    lost = gone & pl.col("asked") & ~pl.col("known")
    counted = both.group_by("unit", "indicator").agg(
        were=pl.col("old").sum(), still=(pl.col("old") & pl.col("new")).sum(), lost=lost.sum(), mended=(gone & ~lost).sum(),
        added=(pl.col("new") & ~pl.col("old")).sum(),
    )  # fmt: skip
    return rows.join(counted.cast(dict.fromkeys(("were", "still", "lost", "mended", "added"), pl.Int64)),
                     on=["unit", "indicator"], how="left", maintain_order="left")  # fmt: skip


def _gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """With ``gap_then``, ``gap_now`` (both to last year's ``standard``, else its peers' median; never negative) and ``closed``.

    ``closed`` is the share of the gap that has closed, of counted things the share that is mended.
    """
    reference = (
        pl.when("counts")
        .then(pl.col("standard").fill_null(0.0))
        .otherwise(pl.coalesce("standard", "peer_median"))
    )

    def gap(value: str) -> pl.Expr:
        outside = pl.max_horizontal(
            pl.col("low").fill_null(float("-inf")) - pl.col(value),
            pl.col(value) - pl.col("high").fill_null(float("inf")),
        )
        wrong = (
            pl.when(pl.col("direction") == "within").then(outside)
            .when(pl.col("direction") == "higher").then(reference - pl.col(value))
            .otherwise(pl.col(value) - reference)
        )  # fmt: skip
        return pl.when(pl.col(value).is_not_null()).then(wrong.clip(lower_bound=0.0))

    things = pl.when((pl.col("were") > 0) & (pl.col("value_then") == pl.col("were"))).then(
        pl.col("mended") / pl.col("were")
    )
    rows = rows.with_columns(reference=reference, gap_then=gap("value_then"), gap_now=gap("value"))
    share = pl.when(pl.col("gap_then") > 0).then(1 - pl.col("gap_now") / pl.col("gap_then"))
    return rows.with_columns(closed=pl.coalesce(things, share))


def _outcomes(rows: pl.DataFrame) -> pl.DataFrame:
    """With the ``outcome``."""
    again, counts, lost = pl.col("again"), pl.col("counts"), pl.col("lost").fill_null(0) > 0
    disagree = (~pl.col("one_limit") & (again != (pl.col("gap_now") > 0))).fill_null(False)
    no_better = ((pl.col("gap_then") > 0) & (pl.col("gap_now") >= pl.col("gap_then"))).fill_null(False)
    within = ~again & (~counts | (pl.col("gap_now") == 0).fill_null(False))
    unclear = (
        ~pl.col("same") | ~pl.col("in_force") | ~pl.col("alike") | pl.col("value").is_null() | disagree
        | (within & no_better) | (within & lost & (pl.col("mended") == 0))
    )  # fmt: skip
    outcome = (
        pl.when(unclear).then(pl.lit(UNCLEAR))
        .when(within & ~lost).then(pl.lit(MENDED))
        .when(within | (pl.col("closed") >= ENOUGH - _EXACT).fill_null(False)).then(pl.lit(PARTLY))
        .otherwise(pl.lit(NOT_MENDED))
    )  # fmt: skip
    return rows.with_columns(outcome=outcome, disagree=disagree, within=within)


def _flags(rows: pl.DataFrame, year: int) -> pl.DataFrame:
    """With ``disputed`` and ``late``.

    As of the last day of the year examined, because a run knows no clock: what is due on that very day is not late.
    """
    outcome, claims = pl.col("outcome"), pl.col("claimed")
    due = due_date(pl.col("due"))
    undone = outcome.is_in([PARTLY, NOT_MENDED]) | (
        (outcome == UNCLEAR) & (claims != MENDED).fill_null(False)
    )
    too_late = (outcome == MENDED) & (pl.col("done_date") > due).fill_null(False)
    passed = (pl.col("treatment") == IN_TIME) & (due < date(year, 12, 31)).fill_null(False)
    return rows.with_columns(
        disputed=(claims == MENDED).fill_null(False) & outcome.is_in([PARTLY, NOT_MENDED]),
        late=passed & (undone | too_late),
    )


# ── what is left over ─────────────────────────────────────────────────────────────────────────────────────


def with_past(problems: pl.DataFrame, judged: pl.DataFrame, changed: pl.DataFrame, year: int) -> pl.DataFrame:
    """``problem_list`` with ``since`` and ``outcome``; what is left over rises in priority, and its grounds say so.

    A unit made of units that were listed with the indicator goes on from them: not new, and not comparable.
    """
    kept = judged.filter("same").select("unit", "indicator", "since", "outcome")
    made = changed.select(was="predecessor", unit="unit").join(judged.drop("unit"), on="was")
    made = made.select("unit", "indicator", "since", outcome=pl.lit(UNCLEAR))
    known = (
        pl.concat([kept, made])
        .group_by("unit", "indicator", maintain_order=True)
        .agg(pl.col("since").min(), pl.col("outcome").first())
    )
    joined = problems.drop("since", "outcome").join(
        known, on=["unit", "indicator"], how="left", maintain_order="left"
    )
    joined = joined.with_columns(pl.col("since").fill_null(year), pl.col("outcome").fill_null(NEW))
    rise = pl.min_horizontal((year - pl.col("since")) * STEP, pl.lit(MOST))
    rise = pl.min_horizontal(rise, (1 - pl.col("priority")).clip(lower_bound=0.0))
    said = pl.format("；{}年起连续列入，优先级提高{}", "since", rise.round(2))
    joined = joined.with_columns(
        priority=pl.col("priority") + rise,
        because=pl.when(rise > 0).then(pl.col("because") + said).otherwise("because"),
    )
    urgency = pl.col("severity").replace_strict({"红": 0, "橙": 1, "黄": 2}, return_dtype=pl.Int64)
    return conform("problem_list", joined.sort("unit", urgency, pl.col("priority") * -1, "indicator"))


# ── how much was mended ───────────────────────────────────────────────────────────────────────────────────


def counted(rows: pl.DataFrame) -> pl.Expr:
    """Which rows of reviews (level, town, indicator, outcome) count, so that nothing is counted twice (see the head)."""
    old = rows.filter(pl.col("outcome") != NEW)
    below = old.filter(pl.col("level") == "community")
    in_towns = old.filter(pl.col("level") != "district")["indicator"].unique()
    in_communities = below.select(pl.concat_str("town", "indicator", separator=" ")).to_series().unique()
    key = pl.concat_str("town", "indicator", separator=" ")
    covered = (
        pl.when(pl.col("level") == "district").then(pl.col("indicator").is_in(in_towns.implode()))
        .when(pl.col("level") == "town").then(key.is_in(in_communities.implode()).fill_null(False))
        .otherwise(False)
    )  # fmt: skip
    return (pl.col("outcome") != NEW) & ~covered


def complete(reviews: pl.DataFrame, units: pl.DataFrame, year: int) -> pl.DataFrame:
    """The frame ``completion``: the district, every town and every lead department that has rows which count."""
    district = units.filter(pl.col("level") == "district")["code"][0]
    rows = reviews.filter("counted")
    nobody = pl.lit(None, dtype=pl.String)
    groups = [
        rows.with_columns(unit=pl.lit(district), level=pl.lit("district"), department=nobody),
        rows.drop_nulls("town").with_columns(unit="town", level=pl.lit("town"), department=nobody),
        rows.explode("lead").drop_nulls("lead").with_columns(
            unit=pl.lit(district), level=pl.lit("district"), department="lead"
        ),
    ]  # fmt: skip
    columns = ["unit", "level", "department", "treatment", "outcome", "late"]
    single = pl.concat(g.select(columns) for g in groups)
    both = pl.concat([single, single.with_columns(treatment=pl.lit(ALL))])
    outcome = pl.col("outcome")
    summed = both.group_by("unit", "level", "department", "treatment").agg(
        listed=pl.len(),
        mended=(outcome == MENDED).sum(),
        in_time=((outcome == MENDED) & ~pl.col("late")).sum(),
        partly=(outcome == PARTLY).sum(),
        not_mended=(outcome == NOT_MENDED).sum(),
        unclear=(outcome == UNCLEAR).sum(),
        late=pl.col("late").sum(),
    )
    judged = pl.col("listed").cast(pl.Int64) - pl.col("unclear").cast(pl.Int64)
    order = pl.col("treatment").replace_strict({IN_TIME: 0, EFFORT: 1, ALL: 2}, return_dtype=pl.Int64)
    return conform(
        "completion",
        summed.with_columns(
            year=pl.lit(year), rate=pl.when(judged > 0).then(pl.col("in_time") / judged)
        ).sort(pl.col("department").is_not_null(), "unit", "department", order),
    )  # fmt: skip
