"""Peers (同类单元): whom each unit is compared with, so that a town among farmland is not measured against a city quarter.

The peers' median and spread, and with them the ground 明显落后于同级单元, are those of a unit's group; ranks and peer scales
stay over all units of the level, since places are given in one order. A group too small to compare in (``fewest_peers``)
goes with everybody of its level, and says so.
"""

from __future__ import annotations

import polars as pl

from .findings import Findings, Place
from .results import LEVEL_NAMES, LEVELS
from .settings.scheme import SmallNumbers

GROUPS = {"unit": pl.String, "peer_group": pl.String}


def everybody(level: str) -> str:
    """What the group of all units of a level is called."""
    return f"全部{LEVEL_NAMES[level]}"


def peer_groups(units: pl.DataFrame, types: pl.DataFrame, rules: SmallNumbers) -> pl.DataFrame:
    """unit, peer_group for every unit of ``units``, sorted by unit; ``types`` has unit and name of its type.

    A unit without kind, type or named group, or whose group at its level has fewer than ``rules.fewest_peers`` members, is
    compared with all of its level.
    """
    named = {
        "all": pl.DataFrame(schema={"code": pl.String, "group": pl.String}),
        "kind": units.select("code", group="kind"),
        "type": types.select(code="unit", group="name"),
        "groups": _given(units, rules),
    }[rules.peers]
    frame = units.select("code", "level").join(named, on="code", how="left", maintain_order="left")
    members = pl.col("group").count().over("level", "group")
    whole = pl.col("level").replace_strict(
        {level: everybody(level) for level in LEVELS}, return_dtype=pl.String
    )
    return frame.select(
        unit="code",
        peer_group=pl.when(pl.col("group").is_not_null() & (members >= rules.fewest_peers))
        .then(pl.col("group")).otherwise(whole),
    ).sort("unit")  # fmt: skip


def _given(units: pl.DataFrame, rules: SmallNumbers) -> pl.DataFrame:
    """The groups the project names, each unit by name or code."""
    rows = [(unit, group) for group, members in rules.groups.items() for unit in members]
    named = pl.DataFrame(rows, schema={"key": pl.String, "group": pl.String}, orient="row")
    by_code = units.select("code", key="code").join(named, on="key")
    by_name = units.select("code", key="name").join(named, on="key")
    return (
        pl.concat([by_code, by_name])
        .select("code", "group")
        .unique("code", keep="first", maintain_order=True)
    )


def report_unknown_peers(units: pl.DataFrame, rules: SmallNumbers, findings: Findings) -> None:
    """P009 for every unit that a group names and the units table does not have, and for one named in two groups."""
    known = {*units["code"], *units["name"]}
    seen: dict[str, str] = {}
    for group, members in rules.groups.items():
        place = Place("tijian.toml", column=f"small_numbers.groups.{group}")
        for unit in members:
            if unit not in known:
                findings.add(
                    "P009", place, value=unit, detail="单元名录里没有这个单元", expected="名录中的名称或代码"
                )
            elif unit in seen:
                findings.add(
                    "P009", place, value=unit, detail=f"已在“{seen[unit]}”组中", expected="一个单元只归一组"
                )
            seen.setdefault(unit, group)
