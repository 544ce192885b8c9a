"""Sentences on last year's problems (整改复查): how many are mended, which are late, what is disputed, what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...engine.results import NEW
from ...engine.review.track import ALL, EFFORT, IN_TIME
from .. import numbers
from ..view import Row
from . import words

_PARTS = (("已整改", "mended"), ("部分整改", "partly"), ("未整改", "not_mended"), ("无法复查", "unclear"))


def completion_said(by_treatment: Mapping[str, Row], year: int, head: str) -> str:
    """``上年…的问题664项，复查已整改126项…，完成率19.0%。限时解决192项…``; ``head`` says whose problems."""
    whole = by_treatment.get(ALL)
    if whole is None:
        return ""
    parts = "、".join(f"{word}{whole[key]}项" for word, key in _PARTS if whole[key])
    said = f"{head}{year - 1}年列入清单的问题{whole['listed']}项，按今年的实测值复查，{parts}{_rate(whole)}。"
    apart = [
        f"{word}{row['listed']}项{_rate(row)}{_late(row)}"
        for word in (IN_TIME, EFFORT)
        if (row := by_treatment.get(word))
    ]
    return said + (f"其中{'；'.join(apart)}。" if len(apart) > 1 else f"均为{apart[0]}。" if apart else "")


def _rate(row: Row) -> str:
    return "" if row["rate"] is None else f"，完成率{numbers.percent(row['rate'], 1)}"


def _late(row: Row) -> str:
    return f"，逾期{row['late']}项" if row["late"] else ""


def disputed_said(rows: Sequence[Row]) -> str:
    """How many were reported as mended and are not; empty where there is none."""
    found = sum(bool(row["disputed"]) for row in rows)
    return f"牵头单位报已整改、实测仍有问题的{found}项，以实测为准。" if found else ""


def new_said(rows: Sequence[Row]) -> str:
    """How many problems are new this year, and how many have been listed for three years and longer."""
    fresh = sum(row["outcome"] == NEW for row in rows)
    old = sum(row["outcome"] != NEW and row["since"] < row["year"] - 1 for row in rows if row["counted"])
    said = f"今年各级清单另有新列入的问题{fresh}项。" if fresh else ""
    return said + (f"上年的问题中，有{old}项此前已连续列入。" if old else "")


def extremes_said(rates: Sequence[tuple[str, float | None]], noun: str) -> str:
    """Which of several has mended most and which least; empty where they cannot be told apart (a rate of None stands out)."""
    known = sorted(((rate, name) for name, rate in rates if rate is not None), key=lambda r: -r[0])
    shown = [numbers.percent(rate, 1) for rate, _ in known]
    if len(known) < 2 or shown[0] == shown[-1]:
        return ""
    ends = [
        [name for (_, name), told in zip(known, shown, strict=True) if told == end]
        for end in (shown[0], shown[-1])
    ]
    most, least = (words.names(held, counter="个") for held in ends)
    return f"各{noun}完成率最高的是{most}（{shown[0]}），最低的是{least}（{shown[-1]}）"
