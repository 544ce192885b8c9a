"""The check of a survey (样本检查): what came in, against the sampling plan.

An answer counts where at least one question is answered. Shares are of the answers whose person told (sex, age, work):
the others are counted apart. The check is told as findings S007–S011 and shown by `tijian survey`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ..evidence import Evidence
from ..findings import Findings, Place
from ..settings.project import Survey
from ..units import ancestry
from .plan import AGE, OFFICIALS, SEX, WORK, Plan, bands, make_plan
from .profile import profile

NAMED = 5  # units named in a finding; `tijian survey` lists all
OUTSIDE, RESIDENCE = "对象", "居住时长"
TOO_YOUNG, NEWLY_COME = "不满16周岁", "居住不满半年"
NEW_AT_MOST = 0.5  # the handbook: 以稳定居住半年以上的居民为主
COLUMNS = {SEX: "sex", AGE: "age", WORK: "occupation", RESIDENCE: "residence"}


@dataclass(frozen=True)
class Check:
    """One survey against the plan.

    ``units``: unit, level, name, parent, population, wanted, answers, short (answers missing, 0 for none), in code
    order. ``people``: group, category, answers, told (answers whose person told), share, low, high, ok (null: there
    is no bound, or nobody told). ``unasked``: groups the questionnaire has no column for.
    """

    name: str
    file: str
    answers: int
    unplaced: int
    units: pl.DataFrame
    people: pl.DataFrame
    unasked: tuple[str, ...]


def check_survey(item: Evidence, plan: Plan, units: pl.DataFrame, rules: Survey) -> Check:
    """What came in of one survey."""
    asked = [q for q in item.input.questions if q in item.frame.columns]
    said_something = pl.any_horizontal(pl.col(q).is_not_null() for q in asked) if asked else pl.lit(False)
    answers = profile(item.frame.filter(said_something), rules)
    counts = (
        answers.select("unit")
        .drop_nulls()
        .join(ancestry(units), on="unit")
        .group_by(pl.col("ancestor").alias("unit"))
        .agg(pl.len().cast(pl.Int64).alias("answers"))
    )
    came = (
        plan.units.drop("note")
        .join(counts, on="unit", how="left", maintain_order="left")
        .with_columns(pl.col("answers").fill_null(0))
        .with_columns(short=(pl.col("wanted") - pl.col("answers")).clip(lower_bound=0))
    )
    unasked = tuple(group for group, column in COLUMNS.items() if column not in item.frame.columns)
    file = item.sources[0].file if item.sources else item.name
    unplaced = answers["unit"].null_count()
    return Check(item.name, file, answers.height, unplaced, came, _people(answers, rules), unasked)


def check_surveys(
    evidence: dict[str, Evidence], units: pl.DataFrame, rules: Survey, findings: Findings
) -> tuple[Check, ...]:
    """Every survey that came in with answers, with its findings added."""
    surveys = [e for e in evidence.values() if e.input.kind == "survey" and not e.frame.is_empty()]
    if not surveys:
        return ()
    plan = make_plan(units, rules)
    checks = tuple(check_survey(item, plan, units, rules) for item in surveys)
    for item, check in zip(surveys, checks, strict=True):
        _tell(check, plan, rules, item.input.columns, findings)
    return checks


def _people(answers: pl.DataFrame, rules: Survey) -> pl.DataFrame:
    """The make-up of the answers, category by category."""
    rows = []
    for band in bands(rules):
        column = {SEX: "sex", AGE: "age", WORK: "official"}[band.group]
        wanted = True if band.category == OFFICIALS else band.category
        rows.append((band.group, band.category, *_count(answers[column], wanted), band.low, band.high))
    rows.append((OUTSIDE, TOO_YOUNG, *_count(answers["too_young"], True), None, 0.0))
    rows.append((OUTSIDE, NEWLY_COME, *_count(answers["newly_come"], True), None, NEW_AT_MOST))
    schema = {"group": pl.String, "category": pl.String, "answers": pl.Int64, "told": pl.Int64,
              "low": pl.Float64, "high": pl.Float64}  # fmt: skip
    share = pl.col("share")
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .with_columns(share=pl.when(pl.col("told") > 0).then(pl.col("answers") / pl.col("told")))
        .with_columns(
            ok=pl.when(pl.col("low").is_not_null() | pl.col("high").is_not_null()).then(
                (share >= pl.col("low").fill_null(0.0) - 1e-9)
                & (share <= pl.col("high").fill_null(1.0) + 1e-9)
            )
        )
        .select("group", "category", "answers", "told", "share", "low", "high", "ok")
    )


def _count(told: pl.Series, wanted: str | bool) -> tuple[int, int]:
    """(answers of the category, answers whose person told)."""
    known = told.drop_nulls()
    return int((known == wanted).sum()), len(known)


def _tell(check: Check, plan: Plan, rules: Survey, headers: dict[str, str], findings: Findings) -> None:
    """The findings of one survey."""
    place = Place(check.file)
    finest = check.units.filter(pl.col("level") == plan.level)
    few = finest.filter(pl.col("answers") < rules.per_unit)
    if few.height:
        findings.add("S007", place, value=_named(few["name"]), count=few.height, least=rules.per_unit,
                     missing=int((rules.per_unit - few["answers"]).sum()), expected=f"每个社区不少于 {rules.per_unit} 份")  # fmt: skip
    placed = check.answers - check.unplaced
    if placed < plan.total:
        findings.add("S008", place, value=placed, wanted=plan.total, missing=plan.total - placed,
                     expected=f"不少于 {plan.total} 份")  # fmt: skip
    columns = COLUMNS | {OUTSIDE: "age"}
    for row in check.people.filter(~pl.col("ok")).iter_rows(named=True):
        asked_in = "residence" if row["category"] == NEWLY_COME else columns[row["group"]]
        at = place.at(column=headers.get(asked_in, ""))
        code = "S010" if row["group"] == OUTSIDE else "S009"
        findings.add(code, at, value=f"{row['share']:.1%}", group=row["group"], category=row["category"], count=row["answers"],
                     expected=allowed(row["low"], row["high"]))  # fmt: skip
    if check.unasked:
        findings.add("S011", place, value="、".join(check.unasked), expected="问卷里有这几列")


def allowed(low: float | None, high: float | None) -> str:
    """The shares between which a category must lie, in words; empty where there is no bound."""
    if high == 0:
        return "不作为调查对象"
    if low is not None and high is not None:
        return f"{low:.0%}–{high:.0%}"
    return f"不超过 {high:.0%}" if high is not None else ""


def _named(names: Iterable[str]) -> str:
    all_of_them = list(names)
    return "、".join(all_of_them[:NAMED]) + ("等" if len(all_of_them) > NAMED else "")
