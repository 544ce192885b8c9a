"""Diagnosis (诊断): which indicators of which unit fall short, on what grounds, and how urgent each is.

Grounds: below_floor 低于底线, below_target 未达目标, below_peers 明显落后同类 (worse than the peers' median by more
than ``peer_sd`` robust standard deviations), worsening 较上年变差, dissatisfied 居民不满意 (the whole 95 % interval
of the question's score lies under the threshold), baseline_found 底线型问题 (one occurrence is a problem).
Strengths are found the same way, mirrored. Missing data are never a shortfall, and what rests on too little (样本不足) is
not judged.

Against peers and against last year chance is ruled out first (:mod:`..chance.differences`): a unit is behind its peers only
when it also differs from them after the false-discovery control over every unit and indicator of its level, and has
become worse only when the two years lie further apart than chance has them. Below a standard is judged by the value, and
told 样本较少 where the value's interval holds the standard.
"""

from __future__ import annotations

import polars as pl

from ...indicators.model import Indicator
from ..results import TOO_FEW, TREATMENTS, conform
from ..settings.project import Diagnosis

GROUND_WORDS = {
    "below_floor": "低于底线",
    "baseline_found": "存在底线型问题",
    "below_target": "未达目标",
    "below_peers": "明显落后于同级单元",
    "worsening": "较上年变差",
    "dissatisfied": "居民满意度低",
}
BY_STANDARD = ("below_floor", "baseline_found", "below_target")
_PEERS = "同级单元"  # how the ground of being worse or better than peers ends
STRENGTH_WORDS = {"above_target": "达到目标", "above_peers": "明显领先同级单元", "improving": "较上年改善"}
FEW = "（样本较少，与标准的差距在偶然范围内）"
_IQR_TO_SD = 1.349  # the interquartile range of a normal distribution in standard deviations (robust sd)
_SEVERITY_WEIGHT = {"红": 1.0, "橙": 0.6, "黄": 0.3}


def judge(
    scores: pl.DataFrame,
    measurements: pl.DataFrame,
    units: pl.DataFrame,
    survey: pl.DataFrame,
    indicators: tuple[Indicator, ...],
    rules: Diagnosis,
    year: int,
    *,
    false_discovery: float = 0.05,
) -> pl.DataFrame:
    """Every measured unit × indicator with one boolean column per ground, its standard, gap and peers' spread.

    The working frame that both :func:`find_shortfalls` and :func:`find_strengths` read. ``gap`` is in the unit of
    the compared value and positive when worse than the standard.
    """
    answers = survey.select("unit", "question", "answers", low95="low", high95="high")
    frame = (
        scores.filter(pl.col("value").is_not_null() & pl.col("note").ne_missing(TOO_FEW))
        .join(
            measurements.select("unit", "indicator", value_low="low", value_high="high"),
            on=["unit", "indicator"],
            how="left",
            maintain_order="left",
        )
        .join(standards(indicators, year), on="indicator", how="left", maintain_order="left")
        .join(units.select("population", unit="code"), on="unit", how="left", maintain_order="left")
        .join(answers, on=["unit", "question"], how="left", maintain_order="left")
    )
    spread = (pl.col("peer_q3") - pl.col("peer_q1")) / _IQR_TO_SD
    frame = against_standards(frame).with_columns(
        spread=spread, ahead=(pl.col("compared") - pl.col("peer_median")) * pl.col("sign")
    )
    return _with_grounds(frame, rules, false_discovery)


def against_standards(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with ``sign``, ``target_gap``, ``floor_gap`` and the grounds that a standard alone decides.

    These are :data:`BY_STANDARD`, of which nothing known is none. ``frame`` has value, compared and the columns of
    :func:`standards`.
    """
    sign = pl.when(pl.col("direction") == "higher").then(1.0).when(pl.col("direction") == "lower").then(-1.0)
    # 底线型 counts have a limit of zero: the ground is that something was found, said once and not three times
    zero_tolerance = (pl.col("kind") == "baseline") & pl.col("is_count")
    return (
        frame.with_columns(sign=sign)
        .with_columns(target_gap=_gap(pl.col("target")), floor_gap=_gap(pl.col("floor")))
        .with_columns(
            below_floor=(pl.col("floor_gap") > 0).fill_null(False) & ~zero_tolerance,
            below_target=((pl.col("target_gap") > 1e-9).fill_null(False) & ~zero_tolerance) | _outside_band(),
            baseline_found=(zero_tolerance & (pl.col("value") > 0)).fill_null(False),
        )
    )


def _with_grounds(frame: pl.DataFrame, rules: Diagnosis, false_discovery: float) -> pl.DataFrame:
    """One boolean column for each further ground and each strength; nothing known is no ground."""
    relative = pl.col("change") * pl.col("sign") / pl.col("previous").abs()
    enough = pl.col("answers") >= rules.minimum_answers
    apart = (pl.col("q") <= false_discovery).fill_null(True)  # null: fully examined, no chance to rule out
    return frame.with_columns(
        below_peers=(
            apart & (pl.col("spread") > 0) & (-pl.col("ahead") > rules.peer_sd * pl.col("spread"))
        ).fill_null(False),
        worsening=(
            ~pl.col("improved") & (relative < -rules.worsening) & pl.col("than_previous").ne_missing("same")
        ).fill_null(False),
        dissatisfied=(enough & (pl.col("high95") < rules.dissatisfied)).fill_null(False),
        above_target=(pl.col("target_gap") <= 1e-9).fill_null(False),
        above_peers=(
            apart & (pl.col("spread") > 0) & (pl.col("ahead") > rules.peer_sd * pl.col("spread"))
        ).fill_null(False),
        improving=(
            pl.col("improved") & (relative > rules.worsening) & pl.col("than_previous").ne_missing("same")
        ).fill_null(False),
    )


def standards(indicators: tuple[Indicator, ...], year: int) -> pl.DataFrame:
    """What of the definitions diagnosis needs, one row per indicator."""
    rows = []
    for i in indicators:
        s = i.standard_in(year)
        rows.append(
            (i.code, i.direction, i.kind, i.is_count, i.is_count and i.compared_unit == "%", TREATMENTS[i.treatment], i.survey, i.compared_unit, i.decimals,
             s.target if s else None, s.floor if s else None, s.worst if s else None, s.low if s else None, s.high if s else None)
        )  # fmt: skip
    schema = {
        "indicator": pl.String, "direction": pl.String, "kind": pl.String, "is_count": pl.Boolean, "of_things": pl.Boolean,
        "treatment": pl.String, "question": pl.String, "compared_unit": pl.String, "decimals": pl.Int64, "target": pl.Float64, "floor": pl.Float64, "worst": pl.Float64,
        "band_low": pl.Float64, "band_high": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _gap(standard: pl.Expr) -> pl.Expr:
    """How far the value is on the wrong side of a standard; negative when better; null without one.

    A count's standard is stated in the count's own unit, a ratio's in the ratio's.
    """
    return (
        standard - pl.when(pl.col("is_count")).then(pl.col("value")).otherwise(pl.col("compared"))
    ) * pl.col("sign")


def _outside_band() -> pl.Expr:
    """适度 indicators outside their band."""
    inside = (pl.col("compared") >= pl.col("band_low").fill_null(float("-inf"))) & (
        pl.col("compared") <= pl.col("band_high").fill_null(float("inf"))
    )
    has_band = pl.col("band_low").is_not_null() | pl.col("band_high").is_not_null()
    return (has_band & (pl.col("direction") == "within") & ~inside).fill_null(False)


def find_shortfalls(judged: pl.DataFrame, year: int) -> pl.DataFrame:
    """The frame ``shortfalls``, most urgent first within a unit.

    Severity 红: a floor is missed, or a 底线型 count is found and its unit is also behind its peers, or two grounds
    with a gap over half of the way to the worst peer; 橙: two grounds, or any 底线型 occurrence; 黄: the rest. 未达
    目标 alone on a guiding indicator is 黄. Priority (0–1) = people × distance × certainty: the geometric mean of
    the unit's share of the largest population at its level, the gap's share of the way to the worst peer, and the
    severity's weight (红 1, 橙 0.6, 黄 0.3).
    """
    grounds = pl.concat_list([pl.when(pl.col(g)).then(pl.lit(g)) for g in GROUND_WORDS]).list.drop_nulls()
    frame = judged.with_columns(grounds=grounds).filter(pl.col("grounds").list.len() > 0)
    band_edge = pl.when(pl.col("compared") < pl.col("band_low")).then("band_low").otherwise("band_high")
    within = pl.col("direction") == "within"
    frame = frame.with_columns(
        standard=pl.when(within).then(band_edge).otherwise(pl.coalesce("target", "floor")),
    ).with_columns(
        gap=pl.when(within).then((pl.col("compared") - pl.col("standard")).abs())
        .otherwise(pl.coalesce("target_gap", "floor_gap")),
    )  # fmt: skip
    frame = frame.with_columns(gap_share=_share_of_the_way())
    return _rank_urgency(frame, year)


def _share_of_the_way() -> pl.Expr:
    """How far a unit is on the way from right to worst, 0–1; null where the way has no length.

    From the standard to the worst (the standard's, else the worst peer's); without a standard from the peers' median
    to the worst peer. A count and its standard are in things while peers compare in shares: there from the best peer.
    Below a band the worst peer is the lowest, above it the highest.
    """
    lower_is_worse = (pl.col("sign") > 0) | (
        (pl.col("direction") == "within") & (pl.col("compared") < pl.col("band_low"))
    )
    worst_peer = (
        pl.when(lower_is_worse.fill_null(False)).then(pl.col("peer_low")).otherwise(pl.col("peer_high"))
    )
    start = (
        pl.when(pl.col("is_count")).then(pl.col("peer_low")).otherwise(pl.coalesce("standard", "peer_median"))
    )
    worst = pl.when(pl.col("is_count")).then(worst_peer).otherwise(pl.coalesce("worst", worst_peer))
    way = (worst - start).abs()
    return pl.when(way > 0).then(((pl.col("compared") - start).abs() / way).clip(0.0, 1.0))


def _rank_urgency(frame: pl.DataFrame, year: int) -> pl.DataFrame:
    """Severity, priority and the grounds in words."""
    count = pl.col("grounds").list.len()
    red = (
        pl.col("below_floor")
        | (pl.col("baseline_found") & (pl.col("below_peers") | pl.col("worsening")))
        | ((count >= 2) & (pl.col("gap_share") > 0.5).fill_null(False))
    )
    orange = (count >= 2) | pl.col("baseline_found") | pl.col("below_peers")
    frame = frame.with_columns(
        severity=pl.when(red).then(pl.lit("红")).when(orange).then(pl.lit("橙")).otherwise(pl.lit("黄")),
        people=pl.col("population"),
    )
    weight = pl.col("severity").replace_strict(_SEVERITY_WEIGHT, return_dtype=pl.Float64)
    share = (pl.col("people") / pl.col("people").max().over("level")).fill_null(0.0).clip(1e-6)
    frame = frame.with_columns(
        priority=(share * pl.col("gap_share").fill_null(0.1).clip(0.01) * weight).pow(1 / 3),
        because=_beside_peers(because(pl.col("grounds"), GROUND_WORDS)) + _thin(),
        year=pl.lit(year, dtype=pl.Int64),
    )
    columns = ["year", "unit", "level", "indicator", "grounds", "value", "standard", "gap", "gap_share", "severity",
               "people", "priority", "treatment", "because"]  # fmt: skip
    order = pl.col("severity").replace_strict({"红": 0, "橙": 1, "黄": 2}, return_dtype=pl.Int64)
    return conform(
        "shortfalls", frame.sort("unit", order, pl.col("priority") * -1, "indicator").select(columns)
    )


def because(grounds: pl.Expr, words: dict[str, str]) -> pl.Expr:
    """The grounds in words, joined by ；."""
    return grounds.list.eval(pl.element().replace_strict(words, return_dtype=pl.String)).list.join("；")


def _thin() -> pl.Expr:
    """样本较少, where a missed standard lies within the value's interval (of a count, in things: not comparable)."""
    missed = pl.col("below_floor") | pl.col("below_target")
    holds = (pl.col("value_low") <= pl.col("standard")) & (pl.col("standard") <= pl.col("value_high"))
    return (
        pl.when((missed & holds & ~pl.col("is_count")).fill_null(False))
        .then(pl.lit(FEW))
        .otherwise(pl.lit(""))
    )


def _beside_peers(told: pl.Expr) -> pl.Expr:
    """The grounds with the figures of the peers behind the ground they belong to; at the end where it is another."""
    peers, figures = pl.lit(_PEERS), _peer_words()
    return (
        pl.when(told.str.contains(_PEERS, literal=True))
        .then(told.str.replace(_PEERS, peers + figures, literal=True))
        .otherwise(told + figures)
    )


def _peer_words() -> pl.Expr:
    """What the comparison with peers rests on, where it is a ground: of counts the shares, else the peers' median."""
    known = pl.col("compared").is_not_null() & pl.col("peer_median").is_not_null()
    own, median = _figure("compared"), _figure("peer_median")
    shares = pl.format("（占比{}，同级中位{}）", own, median)
    return (
        pl.when(known & pl.col("of_things")).then(shares)
        .when(known & (pl.col("below_peers") | pl.col("above_peers")) & ~pl.col("is_count")).then(pl.format("（同级中位数{}）", median))
        .when(known & pl.col("is_count")).then(pl.format("（{}，同级中位{}）", own, median))
        .otherwise(pl.lit(""))
    )  # fmt: skip


def _digits() -> pl.Expr:
    """To how many digits a compared value and its peers' median are told, both alike: the indicator's; of a count's share
    one, of its rate more where either is small."""
    sizes = [pl.col(column).abs() for column in ("compared", "peer_median")]
    least = pl.min_horizontal(pl.when(size > 0).then(size) for size in sizes)
    plain = least.is_null() | (least >= 1) | (pl.col("compared_unit") == "%")
    rate = pl.when(plain).then(1).when(least >= 0.01).then(2).otherwise(4)
    return pl.when(pl.col("is_count")).then(rate).otherwise(pl.col("decimals"))


def _figure(column: str) -> pl.Expr:
    """A compared value with its unit, to :func:`_digits`."""
    whole = pl.col(column).round(0).cast(pl.Int64).cast(pl.String)
    figure = pl.coalesce(
        *(pl.when(_digits() == digits).then(_fixed(column, digits)) for digits in (1, 2, 3, 4)), whole
    )
    return figure + pl.col("compared_unit")


def _fixed(column: str, digits: int) -> pl.Expr:
    """A number with so many digits after the point, zeros too."""
    scaled = (pl.col(column).abs() * 10**digits).round(0).cast(pl.Int64)
    sign = pl.when((pl.col(column) < 0) & (scaled > 0)).then(pl.lit("-")).otherwise(pl.lit(""))
    text = scaled.cast(pl.String).str.zfill(digits + 1)
    return pl.concat_str(sign, text.str.head(-digits), pl.lit("."), text.str.tail(digits))


def find_strengths(judged: pl.DataFrame, year: int) -> pl.DataFrame:
    """The frame ``strengths``: well ahead of peers, or on target and improving, with nothing held against it."""
    grounds = pl.concat_list([pl.when(pl.col(g)).then(pl.lit(g)) for g in STRENGTH_WORDS]).list.drop_nulls()
    bad = pl.any_horizontal(*GROUND_WORDS)
    frame = judged.with_columns(grounds=grounds).filter(
        ~bad & (pl.col("above_peers") | (pl.col("above_target") & pl.col("improving"))
                | (pl.col("above_target") & (pl.col("level") == "district")))
    )  # fmt: skip
    by_peers = pl.col("above_peers")
    frame = frame.with_columns(
        reference=pl.when(by_peers).then(pl.col("peer_median")).otherwise(pl.col("target")),
        reference_name=pl.when(by_peers).then(pl.lit("同级中位数")).otherwise(pl.lit("目标值")),
        because=_beside_peers(because(pl.col("grounds"), STRENGTH_WORDS)),
        year=pl.lit(year, dtype=pl.Int64),
    ).with_columns(
        reference=pl.when(~pl.col("is_count")).then(pl.col("reference")),
        reference_name=pl.when(~pl.col("is_count")).then(pl.col("reference_name")),
        lead_by=pl.when(pl.col("is_count"))
        .then(None)
        .when(by_peers)
        .then(pl.col("ahead"))
        .otherwise(-pl.col("target_gap")),
        _sd=pl.col("ahead") / pl.col("spread"),
    )
    columns = [
        "year",
        "unit",
        "level",
        "indicator",
        "grounds",
        "value",
        "reference",
        "reference_name",
        "lead_by",
        "because",
    ]
    frame = frame.sort("unit", pl.col("_sd").fill_null(0.0) * -1, "indicator")
    return conform("strengths", frame.select(columns))
