"""Which indicators are worth a funnel plot, and what each says (漏斗图: 社区之间的差异是否超出偶然).

Every indicator of shares or rates that is compared over communities is tried; those that name most communities are
drawn, and of all others one sentence each says what was found, so that none is left out unsaid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...engine.chance.differences import KINDS
from ...engine.chance.funnel import Overdispersion, overdispersion, z_scores
from ...engine.results import TOO_FEW
from .. import numbers
from ..blocks import Block, FigureBlock, Prose
from ..charts.funnel import Z_ALARM, Lines, Spot, funnel
from ..charts.svg import Chart
from ..tables.spine import comparable
from ..view import Row, View
from ..wording import words

MOST = 4  # funnels a report carries, which with the rest in words fill a page
FUNNELS_BESIDE_MAPS = 2  # where maps by community stand on the same page
FEWEST = 2  # as many where communities can be compared at all, even if none is named
LEAST_UNITS = 10
_CALM = 4  # indicators named of those that a sentence only counts
INTRO = (
    "社区规模小，数值高低常出于偶然。漏斗图横轴为数值所依据的基数，横线为全区值，虚线、实线为95%与99.8%控制限，基数越小限越宽；"
    "只有落在实线之外的社区才可以说与全区不同，实心为差于全区，粗圈为好于全区。"
    "离散系数φ为社区之间的差异相当于偶然差异的倍数，大于1的，控制限按各社区间的真实差异放宽。"
)


@dataclass(frozen=True)
class Funnel:
    """One indicator over the communities: the spots, furthest out first, the lines, and which side is worse (0: neither).

    ``furthest`` is the largest |z|, how far out the first spot lies.
    """

    indicator: Row
    spots: tuple[Spot, ...]
    lines: Lines
    dispersion: Overdispersion
    worse: int
    furthest: float

    def outside(self, side: int) -> list[str]:
        """Who lies beyond the 99.8 % limits on a side, furthest first."""
        return [s.name for s in self.spots if s.side == side]

    @property
    def named(self) -> int:
        """How many communities lie beyond the 99.8 % limits on either side."""
        return sum(s.side != 0 for s in self.spots)


def funnel_blocks(view: View, most: int = MOST) -> tuple[Block, ...]:
    """Funnels of the indicators that name most communities, in pairs, and a sentence on all others."""
    tried = [
        (code, funnel_of(view, code)) for code, i in view.indicators.items()
        if i["uncertainty"] in KINDS and "community" in (i["levels"] or ())
    ]  # fmt: skip
    if not tried or not view.of_level("community"):
        return ()
    found = [f for _, f in tried if isinstance(f, Funnel)]
    ranked = sorted(found, key=lambda f: (-f.named, -f.furthest))
    chosen = ranked[: min(most, max(FEWEST, sum(f.named > 0 for f in found)))]
    left = [f for f in found if f not in chosen]
    unfit = [(why, view.indicators[code]["name"]) for code, why in tried if isinstance(why, str)]
    pairs = [chosen[i : i + 2] for i in range(0, len(chosen), 2)]
    figures = [FigureBlock(tuple(map(_chart, pair)), "；".join(map(caption, pair))) for pair in pairs]
    intro = [Prose((INTRO,))] if figures else []
    return (*intro, *figures, Prose((_others(left, unfit, drawn=bool(figures)),), "note"))


def funnel_of(view: View, code: str) -> Funnel | str:
    """The funnel of one indicator over all communities, or why there is none.

    The common value is the district's. Limits are widened by τ² where φ is over 1; a community is named when it lies
    beyond the 99.8 % limits that are drawn. Communities with too little to judge (样本不足) are left out.
    """
    indicator = view.indicators[code]
    kind = KINDS[indicator["uncertainty"]]
    rows = [r for u in view.of_level("community") if (r := _usable(view.measured(u, code))) is not None]
    whole = _usable(view.measured(view.district, code))
    if len(rows) < LEAST_UNITS or whole is None:
        return f"可比的社区不足{LEAST_UNITS}个"
    x, n = (np.array([r[k] for r in rows], dtype=np.float64) for k in ("numerator", "denominator"))
    common = whole["numerator"] / whole["denominator"]
    if common <= 0 or (kind == "share" and common >= 1):
        return "全区都有或者都没有"
    if n.min() == n.max():
        return "各社区基数相同"
    dispersion = overdispersion(x, n, common, kind)
    between = dispersion.between if dispersion.phi > 1 else 0.0
    lines = Lines(common, kind, between, whole["compared"] / common)
    z = z_scores(x, n, common, kind, between=between)
    side = np.where(np.abs(z) > Z_ALARM, np.sign(z), 0).astype(int)
    order = sorted(range(len(rows)), key=lambda i: (-abs(z[i]), rows[i]["unit"]))
    spots = tuple(
        Spot(view.name(rows[i]["unit"]), float(n[i]), float(x[i] / n[i]) * lines.scale, int(side[i])) for i in order
    )  # fmt: skip
    worse = {"higher": -1, "lower": 1}.get(indicator["direction"], 0)
    return Funnel(indicator, spots, lines, dispersion, worse, float(np.abs(z).max()))


def _usable(row: Row | None) -> Row | None:
    """A measurement with an interval, on enough to be judged."""
    if row is None or row["uncertainty"] not in KINDS or row["note"] == TOO_FEW:
        return None
    return row if numbers.known(row["low"]) else None


def _chart(f: Funnel) -> Chart:
    name = f.indicator["name"]
    return funnel(
        f.spots, f.lines, f.worse, f"{name}漏斗图：{caption(f)}", (_measured_in(f), _rests_on(f)), 82
    )


def _measured_in(f: Funnel) -> str:
    unit = f.indicator["compared_unit"] or f.indicator["unit"] or ""
    shown = f"占比，{unit}" if f.lines.kind == "share" and not comparable(f.indicator) else unit
    return f"{f.indicator['name']}（{shown}）" if shown else f.indicator["name"]


def _rests_on(f: Funnel) -> str:
    """What the exposure is, as far as the unit of the rate says it."""
    per = (f.indicator["compared_unit"] or "").partition("/")[2]
    if per.endswith("人"):
        return "人数" if f.lines.scale > 1 else f"人数（{per}）"
    return (
        f"面积（{per}）"
        if per == "km²"
        else f"基数（{per}）"
        if per and f.lines.scale == 1
        else "基数（分母）"
    )


def caption(f: Funnel) -> str:
    """What a funnel shows: who lies outside, and how much more the communities differ than chance has them."""
    return f"{f.indicator['name']}：{_named(f)}（{_dispersed(f)}）"


def _named(f: Funnel) -> str:
    words_of = {f.worse: "差于全区", -f.worse: "好于全区"} if f.worse else {-1: "低于全区", 1: "高于全区"}
    told = [
        f"{words.names(outside, counter='个')}{word}"
        for side, word in words_of.items() if (outside := f.outside(side))
    ]  # fmt: skip
    return "，".join(told) if told else f"{len(f.spots)}个社区都与全区无明显差异"


def _dispersed(f: Funnel) -> str:
    phi = f"离散系数φ={numbers.number(f.dispersion.phi, 2)}"
    if f.lines.between:
        return f"各社区差异大于偶然，{phi}，控制限已相应放宽"
    return f"各社区差异不超出偶然，{phi}"


def _others(left: Sequence[Funnel], unfit: Sequence[tuple[str, str]], *, drawn: bool) -> str:
    """Of the indicators not drawn: who is named there, in which nobody is, and which cannot be judged, and why."""
    parts: list[str] = []
    outside = [f for f in left if f.named]
    if outside:
        parts.append(f"还有社区在99.8%控制限之外的{'、'.join(_counted(f) for f in outside)}")
    calm = [f.indicator["name"] for f in left if not f.named]
    if calm:
        parts.append(f"没有社区在99.8%控制限之外的{len(calm)}项，{words.such_as(calm, _CALM)}")
    for why in dict.fromkeys(why for why, _ in unfit):
        held = [name for reason, name in unfit if reason == why]
        parts.append(f"{why}、不作判断的{len(held)}项，{words.such_as(held, _CALM)}")
    head = "漏斗图未列出的其余指标：" if drawn else "社区之间的差异是否超出偶然："
    return words.sentence(*parts) and head + words.sentence(*parts)


def _counted(f: Funnel) -> str:
    worse = len(f.outside(f.worse)) if f.worse else 0
    tail = f"，其中差于全区{worse}个" if worse else ""
    return f"{f.indicator['name']}（{f.named}个{tail}）"
