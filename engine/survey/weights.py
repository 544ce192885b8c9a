"""Weights of the answers (答卷的权重): a survey brought to the population's make-up by sex and age.

Where `[survey.population]` gives the shares, each survey's answers of the district are raked to them
(:mod:`.raking`); the weight of every answer stands in the column ``_weight`` of its evidence, and everything that
takes a mean over answers uses it. Without shares, or without the columns asked about, there is no such column and
every answer counts the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from ..evidence import Evidence
from ..findings import Findings, Place
from ..settings.project import FILE_NAME, Survey
from .profile import age_band, sex_of, understood
from .raking import UNKNOWN, Margin, rake

WEIGHT = "_weight"
NEAR_ENOUGH = 0.01  # how far a weighted share may be from the one wanted before it is told
WORDS = {"sex": "性别", "age": "年龄"}


def weigh(evidence: dict[str, Evidence], rules: Survey, findings: Findings) -> dict[str, Evidence]:
    """The evidence, the surveys among it with ``_weight``; S006 for what cannot be met."""
    wanted = {"sex": rules.population.sex, "age": rules.population.age}
    wanted = {column: shares for column, shares in wanted.items() if shares}
    if not wanted:
        return evidence
    return {
        name: _weighed(item, wanted, rules.weights_between, findings)
        if item.input.kind == "survey" and not item.frame.is_empty()
        else item
        for name, item in evidence.items()
    }


def _weighed(
    item: Evidence, wanted: dict[str, dict[str, float]], between: tuple[float, float], findings: Findings
) -> Evidence:
    """One survey with its weights."""
    margins = {
        column: _margin(item.frame, column, shares, findings)
        for column, shares in wanted.items()
        if column in item.frame.columns
    }
    if not margins:
        return item
    raked = rake(list(margins.values()), between=between)
    if raked.furthest > NEAR_ENOUGH:
        findings.add("S006", Place(FILE_NAME, column="survey.weights_between"), value="、".join(WORDS[c] for c in margins),
                     group="加权后", what=f"与人口结构最多仍差 {raked.furthest:.1%}（权重限在 {between[0]:g}–{between[1]:g}）",
                     expected="各类人都有足够的答卷")  # fmt: skip
    return replace(item, frame=item.frame.with_columns(pl.Series(WEIGHT, raked.weights)))


def _margin(frame: pl.DataFrame, column: str, shares: dict[str, float], findings: Findings) -> Margin:
    """What one column says of each answer, as one of the categories of ``shares``; S006 for a category nobody is of."""
    names = list(shares)
    category = understood(frame, column, lambda label: _category(label, column, names), pl.Int64)
    codes = category.fill_null(UNKNOWN).to_numpy()
    place = Place(FILE_NAME, column=f"survey.population.{column}")
    for code, name in enumerate(names):
        if code not in codes:
            findings.add("S006", place, value=name, group=WORDS[column], what="在答卷中一份也没有，不能加权到这一类",
                         expected="、".join(frame[column].drop_nulls().unique().sort().to_list()[:6]))  # fmt: skip
    share = np.array([shares[name] for name in names])
    return Margin(codes, share / share.sum())


def _category(label: str, column: str, names: list[str]) -> int | None:
    """The place in ``names`` of what a person told."""
    if column == "age":
        band = age_band(label, names)
        return None if band is None else names.index(band)
    own = sex_of(label)
    return next((i for i, name in enumerate(names) if own is not None and sex_of(name) == own), None)
