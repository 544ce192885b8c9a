"""Who answered (答卷人): the words of a questionnaire about sex, age, work and length of residence, understood.

Questionnaires word these freely (``30-44岁``, ``60岁及以上``, ``不足半年``, ``1–5年``); what cannot be understood is
unknown, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from math import inf

import polars as pl

from ..intake.sheets.cells import fold_name, narrow, parse_band
from ..settings.project import Survey

YOUNGEST = 16  # 周岁, of the people the handbook wants asked
SETTLED_MONTHS = 6  # 稳定居住半年以上
_UNDER = re.compile(r"不足|未满|不满|少于|小于|低于|以下|以内|之内|<")
_OVER = re.compile(r"以上|超过|大于|多于|满|>|≥|\+")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(个?月|年)?")
_NUMERALS = str.maketrans("一二两三四五六七八九", "1223456789")


def age_range(label: str) -> tuple[float, float] | None:
    """(youngest, oldest) of an age or an age band as written, in years; None when it says neither."""
    plain = re.sub(r"周?岁", "", narrow(label)).replace("及以", "以")
    plain = re.sub(r"^(?:未满|不满)(\d+)$", r"\1以下", plain).replace("+", "以上")
    if re.fullmatch(r"\d{1,3}(?:\.\d+)?", plain):
        return float(plain), float(plain)
    band = parse_band(plain)
    return None if band is None else (band[0] or 0.0, inf if band[1] is None else band[1])


def age_band(label: str, bands: Iterable[str]) -> str | None:
    """Which of ``bands`` an age or a narrower band lies in; None when it lies across two or cannot be read.

    A person of exactly 30 belongs to 30–60, the band that begins there; a band 16–30 is 16–30.
    """
    same = [band for band in bands if fold_name(band) == fold_name(label)]
    own = age_range(label)
    if same or own is None:
        return same[0] if same else None
    low, high = own
    for band in bands:
        whole = age_range(band)
        if whole is None:
            continue
        begins = low >= whole[0] and (low < whole[1] or whole[1] == inf)
        if begins and high <= whole[1]:
            return band
    return None


def sex_of(label: str) -> str | None:
    """男, 女, or None when it says neither."""
    found = {sex for sex in "男女" if sex in label}
    return found.pop() if len(found) == 1 else None


def too_young(label: str) -> bool | None:
    """Whether an age or an age band is under 16 as a whole; None when it cannot be read."""
    own = age_range(label)
    return None if own is None else own[0] < YOUNGEST and own[1] <= YOUNGEST


def newly_come(label: str) -> bool | None:
    """Whether a length of residence is under half a year; None when it cannot be read. A bare number is months."""
    plain = narrow(label).replace("半年", "6个月").translate(_NUMERALS)
    found = _LENGTH.findall(plain)
    if not found or len(found) > 2:
        return None
    unit = found[-1][1]
    months = [float(number) * (12 if (own or unit) == "年" else 1) for number, own in found]
    if len(months) == 1 and _UNDER.search(plain):
        return months[0] <= SETTLED_MONTHS
    if len(months) == 1 and _OVER.search(plain):
        return False if months[0] >= SETTLED_MONTHS else None
    return months[0] < SETTLED_MONTHS and months[-1] <= SETTLED_MONTHS


def seconds_of(label: str) -> float | None:
    """How long an answer took, in seconds: ``235秒``, ``3分55秒``, ``235``; None when it cannot be read."""
    found = re.fullmatch(r"(?:(\d+)(?:分钟?|:))?\s*(?:(\d+(?:\.\d+)?)\s*(?:秒|s)?)?", narrow(label))
    if found is None or not any(found.groups()):
        return None
    return 60.0 * float(found[1] or 0) + float(found[2] or 0)


def profile(answers: pl.DataFrame, rules: Survey) -> pl.DataFrame:
    """``answers`` with what is known of each person, null where it is not: ``sex`` 男/女, ``age`` a band of
    ``rules.ages``, ``official``, ``too_young``, ``newly_come``. A column the questionnaire lacks is null throughout.
    """
    bands = list(rules.ages)
    return answers.with_columns(
        sex=understood(answers, "sex", sex_of, pl.String),
        age=understood(answers, "age", lambda label: age_band(label, bands), pl.String),
        official=understood(
            answers, "occupation", lambda label: any(w in label for w in rules.officials), pl.Boolean
        ),
        too_young=understood(answers, "age", too_young, pl.Boolean),
        newly_come=understood(answers, "residence", newly_come, pl.Boolean),
    )


def understood(
    answers: pl.DataFrame, column: str, read: Callable[[str], object], dtype: type[pl.DataType]
) -> pl.Series:
    """A column of labels as ``read`` understands them, each label read once; nulls where there is no column."""
    if column not in answers.columns:
        return pl.Series([None] * answers.height, dtype=dtype)
    labels = answers[column].cast(pl.String).str.strip_chars()
    words = [w for w in labels.unique().drop_nulls().to_list() if w]
    return labels.replace_strict({w: read(w) for w in words}, default=None, return_dtype=dtype)
