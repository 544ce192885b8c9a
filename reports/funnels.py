"""Which indicators are worth a funnel plot, and what it says (漏斗图: 社区之间的差异是否超出偶然)."""

from __future__ import annotations

from . import numbers, words
from .blocks import Block, FigureBlock, Prose
from .charts_funnel import Spot, funnel, outside
from .view import Row, View

MOST = 4  # funnels a report carries
LEAST_UNITS = 10
MOST_OUTSIDE = 0.25  # more units beyond the 99.8 % limits than this: chance is not what sets them apart
INDEPENDENT = ("ratio", "count", "tickets", "survey")  # things that fail one by one, unlike covered areas


def funnel_blocks(view: View) -> tuple[Block, ...]:
    """Funnels of the shares compared over communities, those with most units outside the limits first."""
    found = []
    for code, indicator in view.indicators.items():
        spots, share = spots_of(view, code, indicator)
        if len(spots) < LEAST_UNITS or share is None or not 0 < share < 1:
            continue
        below, above = outside(spots, share)
        if len(below) + len(above) > MOST_OUTSIDE * len(spots):
            continue
        worse = above if indicator["direction"] == "lower" else below
        found.append((len(worse), view.indicator_order[code], indicator, spots, share, worse))
    found.sort(key=lambda f: (-f[0], f[1]))
    blocks: list[Block] = []
    chosen = found[:MOST]
    for start in range(0, len(chosen), 2):
        pair = chosen[start : start + 2]
        charts = tuple(
            funnel(spots, share, f"{indicator['name']}漏斗图", indicator["direction"] == "lower", 82)
            for _, _, indicator, spots, share, _ in pair
        )
        said = "；".join(_said(indicator, spots, worse) for _, _, indicator, spots, _, worse in pair)
        blocks.append(FigureBlock(charts, said))
    if not blocks:
        return ()
    intro = (
        "社区规模小，数值高低常出于偶然。漏斗图以基数为横轴，虚线、实线为95%与99.8%控制限，"
        "只有落在实线之外的社区才可以说与全区不同。"
    )
    return (Prose((intro,)), *blocks)


def _said(indicator: Row, spots: list[Spot], worse: list[Spot]) -> str:
    if not worse:
        return f"{indicator['name']}：{len(spots)}个社区都在控制限之内或优于全区"
    return f"{indicator['name']}：{words.names([s.name for s in worse])}差于全区（99.8%控制限之外）"


def spots_of(view: View, code: str, indicator: Row) -> tuple[list[Spot], float | None]:
    """The communities with numerator and denominator, and the district's share; only for shares in %.

    Coverage of people by a radius is no sample of independent trials: neighbours share their bus stop. It has no
    funnel.
    """
    if indicator["unit"] != "%" or indicator["method"] not in INDEPENDENT:
        return [], None
    spots = []
    for unit in view.of_level("community"):
        row = view.measured(unit, code)
        if row is None or not numbers.known(row["numerator"]) or not row["denominator"]:
            continue
        if 0 <= row["numerator"] <= row["denominator"]:
            spots.append(Spot(view.name(unit), row["denominator"], row["numerator"] / row["denominator"]))
    whole = sum(s.size for s in spots)
    return spots, (sum(s.share * s.size for s in spots) / whole if whole else None)
