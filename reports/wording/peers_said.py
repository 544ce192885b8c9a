"""同类单元: whom a unit is compared with, by name."""

from __future__ import annotations

from ...engine.peers import everybody
from ..view import View
from . import words

NAMED = 20  # peers named; more are counted


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
