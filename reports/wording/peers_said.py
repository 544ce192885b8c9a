"""同类单元: whom a unit is compared with, by name, and where it stands among them."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.peers import everybody
from .. import numbers
from ..view import View
from . import words

NAMED = 20  # peers named; more are counted
MATES = 6  # units of the same type named
TOTAL = "综合"


def peers_of(view: View, unit: str) -> tuple[str, list[str]]:
    """The unit's group and the codes of all it is compared among, itself included; empty where it has none."""
    groups = view.peer_groups
    group, level = groups.get(unit), view.units[unit]["level"]
    if not group:
        return "", []
    held = view.of_level(level)
    return group, held if group == everybody(level) else [u for u in held if groups.get(u) == group]


def peers_said(view: View, unit: str) -> str:
    """``同类单元：街道（4个）：甲、乙、丙、丁。``; where all of the level are compared, how many they are."""
    group, members = peers_of(view, unit)
    level = view.units[unit]["level"]
    if len(members) < 2:
        return ""
    count = f"{len(members)}个"
    if group == everybody(level):
        return f"同类单元：{group}（{count}）。"
    named = words.names([view.name(u) for u in members], NAMED, "个")
    return f"同类单元：{group}（{count}）：{named}。"


def score_of(view: View, unit: str, what: str) -> float | None:
    """The unit's total (``what`` 综合) or one of its dimensions; None without."""
    if what == TOTAL:
        total = view.total(unit)
        return total["score"] if total else None
    return next((r["score"] for r in view.dimensions(unit) if r["dimension"] == what), None)


def place_in(view: View, unit: str, what: str, among: Sequence[str]) -> tuple[int, int] | None:
    """(place, of how many) by score among the units that have one, equal scores on one place; None without a score."""
    own = score_of(view, unit, what)
    held = [s for u in among if (s := score_of(view, u, what)) is not None]
    return None if own is None or len(held) < 2 else (1 + sum(s > own for s in held), len(held))


def places_said(view: View, unit: str, mates: Sequence[str]) -> str:
    """In which dimensions it is first and last of its level, and how it stands among its type, who is ahead by name.

    ``mates`` are the units of its type, itself included; empty where nothing is to be said of them.
    """
    level = view.units[unit]["level"]
    peers = view.of_level(level)
    ranked = [
        (place, row["dimension"])
        for row in view.dimensions(unit)
        if (place := place_in(view, unit, row["dimension"], peers)) is not None
    ]
    if not ranked:
        return ""
    ranked.sort(key=lambda r: r[0])
    ahead = "、".join(f"{name}第{at}" for (at, of), name in ranked[: words.NAMED] if 2 * at <= of)
    behind = "、".join(f"{name}第{at}" for (at, of), name in ranked[::-1][: words.NAMED] if 2 * at > of + 1)
    parts = (f"位次靠前的是{ahead}" if ahead else "", f"靠后的是{behind}" if behind else "")
    told = "，".join(p for p in parts if p)
    said = f"在{len(peers)}个{words.level_name(level)}中{told}。" if told else ""
    return said + _among(view, unit, mates)


def _among(view: View, unit: str, mates: Sequence[str]) -> str:
    """``与同型的甲（77.9分）、乙（75.0分）相比，综合得分列第2位，安全韧性比它们的平均低5.2分。``"""
    others = [u for u in mates if u != unit and score_of(view, u, TOTAL) is not None]
    place = place_in(view, unit, TOTAL, mates)
    if not others or place is None:
        return ""
    others.sort(key=lambda u: -(score_of(view, u, TOTAL) or 0.0))
    named = words.names(
        [f"{view.name(u)}（{numbers.score(score_of(view, u, TOTAL))}分）" for u in others], MATES, "个"
    )
    return f"与同型的{named}相比，综合得分列第{place[0]}位{_apart(view, unit, others)}。"


def _apart(view: View, unit: str, others: Sequence[str]) -> str:
    """The dimension furthest above and the one furthest below the mean of its type."""
    gaps = []
    for row in view.dimensions(unit):
        held = [s for u in others if (s := score_of(view, u, row["dimension"])) is not None]
        if held and row["score"] is not None:
            gaps.append((row["score"] - sum(held) / len(held), row["dimension"]))
    above = max(gaps, default=(0.0, ""))
    below = min(gaps, default=(0.0, ""))
    parts = []
    if above[0] >= words.WORTH_SAYING:
        parts.append(f"{above[1]}比它们的平均高{numbers.score(above[0])}分")
    if below[0] <= -words.WORTH_SAYING:
        parts.append(
            f"{below[1]}低{numbers.score(-below[0])}分"
            if parts
            else f"{below[1]}比它们的平均低{numbers.score(-below[0])}分"
        )
    return f"；{'，'.join(parts)}" if parts else ""
