"""An indicator by community on a map (社区分布图), for those in which communities differ most beyond chance.

Coloured by the empirical-Bayes estimate ``shrunk`` of ``measurements``: what a few cases in a small community seem to say is
drawn in towards the district, so that small numbers do not shout. The measured value stays in the tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.chance.differences import KINDS
from .. import numbers
from ..blocks import FigureBlock
from ..charts.svg import Chart
from ..maps import graded
from ..tables.lists import compared_figure, decimals_of, unit_label
from ..tables.spine import comparable
from ..view import View
from .figures import shapes_of
from .funnels import Funnel, funnel_of

SIZE = (83.0, 68.0)  # mm of a map: two stand side by side
WIDE = (112.0, 88.0)  # of one by itself
_DECIMALS = 1


def most_different(view: View, codes: Sequence[str], most: int) -> list[Funnel]:
    """The indicators among ``codes`` whose communities differ most beyond chance (largest φ over 1), at most ``most``."""
    found = [
        funnel
        for code in codes
        if view.indicators[code]["uncertainty"] in KINDS
        and "community" in (view.indicators[code]["levels"] or ())
        if isinstance(funnel := funnel_of(view, code), Funnel) and funnel.lines.between > 0
    ]
    found.sort(key=lambda f: (-f.dispersion.phi, view.indicator_order[f.indicator["code"]]))
    return found[:most]


def community_maps(view: View, codes: Sequence[str], most: int = 2) -> tuple[FigureBlock, ...]:
    """Maps by community of the ``most`` telling indicators among ``codes``, with a caption that says what was drawn."""
    size = SIZE if most > 1 else WIDE
    drawn = [
        (f, chart) for f in most_different(view, codes, most) if (chart := _map(view, f, size)) is not None
    ]
    if not drawn:
        return ()
    told = "；".join(_found(view, f) for f, _ in drawn)
    units = list(dict.fromkeys(unit for f, _ in drawn if (unit := compared_figure(None, f.indicator).unit)))
    legend = f"，图例单位为{'、'.join(units)}" if units else ""
    how = f"按经验贝叶斯收缩估计着色：社区越小越向全区值靠拢，个别数字不致夸大；按分位数分级{legend}；粗线为街镇界"
    return (FigureBlock(tuple(chart for _, chart in drawn), f"{told}。{how}"),)


def _shrunk(view: View, code: str) -> dict[str, float | None]:
    held = {u: view.measured(u, code) for u in view.of_level("community")}
    return {u: row["shrunk"] if row is not None else None for u, row in held.items()}


def _map(view: View, funnel: Funnel, size: tuple[float, float]) -> Chart | None:
    code = funnel.indicator["code"]
    values = _shrunk(view, code)
    decimals = decimals_of(funnel.indicator) if comparable(funnel.indicator) else _DECIMALS
    classes = graded.valued(values, decimals, funnel.indicator["direction"] or "")
    if classes is None:
        return None
    towns = view.of_level("town")
    return graded.classed_map(
        shapes_of(view, list(values)), classes, f"{_found(view, funnel)}", size, {t: view.name(t) for t in towns},
        over=shapes_of(view, towns),
    )  # fmt: skip


def _found(view: View, funnel: Funnel) -> str:
    """``各社区城市危旧房占比（%）：甲街道乙居委会最高，为12.3%，全区4.5%，差异为偶然的8.1倍``."""
    indicator = funnel.indicator
    known = {u: v for u, v in _shrunk(view, indicator["code"]).items() if v is not None}
    worst = (min if indicator["direction"] == "higher" else max)(known, key=lambda u: (known[u], u))
    word = "最低" if indicator["direction"] == "higher" else "最高"
    whole = view.measured(view.district, indicator["code"]) or {}
    what = indicator["name"] if comparable(indicator) else f"{indicator['name']}（占比）"
    said = f"各社区{what}：{unit_label(view, worst)}{word}（{compared_figure(known[worst], indicator)}）"
    return (
        f"{said}，全区为{compared_figure(whole.get('compared'), indicator)}，"
        f"社区间差异相当于偶然差异的{numbers.number(funnel.dispersion.phi, 1)}倍"
    )
