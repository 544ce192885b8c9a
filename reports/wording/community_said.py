"""A community in words: beside its town and the district, what is near its homes and what is not."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.results import UNGRADED
from .. import numbers
from ..view import Row, View
from . import words

NEAR, FAR = 90.0, 50.0  # percent of people or land with a service: from here it is near, under this it is not
SERVICES = ("coverage", "walk", "circle")
_ENDINGS = ("服务半径覆盖率", "覆盖率", "设施齐全人口比例")


def beside_said(view: View, unit: str) -> str:
    """In which dimensions it is above or below both its town and the district, or between them."""
    town = view.units[unit]["town"]
    of_town = {r["dimension"]: r["score"] for r in view.dimensions(town)} if town else {}
    held: dict[str, list[str]] = {}
    for row in view.dimensions(unit):
        side = _side(row["score"], of_town.get(row["dimension"]), row["district_score"])
        if side:
            held.setdefault(side, []).append(row["dimension"])
    near = view.name(town) if town else "所在街镇"
    titles = {
        "above": f"高于{near}和全区", "below": f"低于{near}和全区", "town": f"高于全区、低于{near}",
        "whole": f"高于{near}、低于全区",
    }  # fmt: skip
    return words.sentence(*(f"{words.names(held[k], 8)}{titles[k]}" for k in titles if k in held))


def _side(score: float | None, town: float | None, district: float | None) -> str:
    """Above or below both by what is worth saying, or between the two; empty where it is near either."""
    if score is None or town is None or district is None:
        return ""
    over_town, over_district = score - town, score - district
    if min(abs(over_town), abs(over_district)) < words.WORTH_SAYING:
        return ""
    if over_town > 0:
        return "above" if over_district > 0 else "whole"
    return "town" if over_district > 0 else "below"


def third_in(row: Row) -> str:
    """Which third of the district's communities a dimension lies in; empty without a rank."""
    return numbers.third(row["rank"], row["peers"]) if row["rank"] is not None else ""


def service_name(indicator: Row) -> str:
    """``公园绿化活动场地`` of ``公园绿化活动场地服务半径覆盖率``."""
    name = str(indicator["name"])
    return next((name.removesuffix(end) for end in _ENDINGS if name.endswith(end)), name)


def near_said(view: View, rows: Sequence[Row], without: dict[str, str]) -> str:
    """What most have near and what most have not; ``rows`` of ``scores``, ``without`` how much of it has none, in words."""
    known = [r for r in rows if r["value"] is not None]
    near = [service_name(view.indicators[r["indicator"]]) for r in known if r["value"] >= NEAR]
    far = [
        f"{service_name(view.indicators[r['indicator']])}（{without.get(r['indicator']) or numbers.quantity(100 - r['value'], '%', 0)}没有）"
        for r in sorted(known, key=lambda r: r["value"])
        if r["value"] < FAR
    ]
    return words.sentence(
        f"九成以上居民或用地够得到的有{words.names(near, 6)}" if near else "",
        f"一半以上够不到的有{words.names(far, 5)}" if far else "",
    )


def ministry_said(view: View, unit: str) -> str:
    """``住建部评级：生态宜居优、安全韧性中（存在燃气安全隐患的住宅数量低于底线）。``; empty where nothing is graded."""
    rows = [r for r in view.aspects(unit) if r["dimension"] and r["aspect"] is None and r["graded"]]
    told = [
        f"{r['dimension']}{r['grade']}"
        + (
            f"（{words.names([words.indicator_name(view, c) for c in r['veto']])}低于底线）"
            if r["before_veto"]
            else ""
        )
        for r in rows
        if r["grade"] not in (None, UNGRADED)
    ]
    return f"住建部评级：{'、'.join(told)}。" if told else ""
