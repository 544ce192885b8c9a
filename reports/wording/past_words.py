"""How a score stands to last year's, in words: the change, a score reckoned anew, or why it is not compared (与上年比较)."""

from __future__ import annotations

from ...engine.scoring.past import RESCORED
from .. import numbers
from ..view import Row

NOT_COMPARED = "不可比"


def change_said(row: Row) -> str:
    """``，较上年提高1.2分``, with what it is against or why there is no change to tell; empty where nothing is known.

    ``row`` is one of ``dimensions`` or ``totals``.
    """
    if row["break_reason"]:
        return f"（{not_compared(row)}）"
    shown = numbers.rounded(row["change"], 1)
    if shown is None:
        return ""
    against = f"（{RESCORED}）" if numbers.known(row["previous_printed"]) else ""
    if shown == 0:
        return f"，与上年持平{against}"
    return f"，较上年{'提高' if shown > 0 else '下降'}{numbers.score(abs(shown))}分{against}"


def not_compared(row: Row) -> str:
    """``上年得分不可比：“甲”口径已变、“乙”今年新列入`` of a row that has a ``break_reason``."""
    return f"上年得分{NOT_COMPARED}：{row['break_reason']}"


def last_score(score: float | None, printed: float | None, reason: str | None = None) -> list[str]:
    """``上年得分：82.0（按今年标准重算；当年印发 90.0）``: last year's score as compared, and the one printed then.

    One line, or none where nothing was scored last year.
    """
    if reason and numbers.known(printed):
        return [f"上年得分：{numbers.score(printed)}，不与今年比较（{reason}）"]
    if not numbers.known(score):
        return [f"上年得分：{numbers.score(printed)}，按今年的标准没有得分"] if numbers.known(printed) else []
    if numbers.known(printed):
        return [f"上年得分：{numbers.score(score)}（按今年标准重算；当年印发 {numbers.score(printed)}）"]
    return [f"上年得分：{numbers.score(score)}"]


def of_row(row: Row | None) -> list[str]:
    """:func:`last_score` of a row of ``dimensions`` or ``totals``."""
    return [] if row is None else last_score(row["previous"], row["previous_printed"], row["break_reason"])
