"""What is asked of a department about a figure (疑问的说法), in Chinese, with the unit of the item."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..intake.measures import conversion
from .checks import DIGIT, MAGNITUDE, Doubt, Past, Peers, Scale, dropped_or_added, swapped

TIMES = {1: "10 倍", 2: "100 倍", 3: "1000 倍", 4: "1 万倍"}
# units that one is mistaken for: tried in this order, so that the everyday one is named
UNITS = (
    "元", "万元", "亿元", "人", "万人", "户", "万户", "㎡", "公顷", "km²", "万㎡", "m", "km", "kg", "t", "万t", "L", "m³", "万m³",
    "个", "万个", "套", "万套", "件", "万件", "kWh", "万kWh", "人次", "万人次", "辆", "万辆", "cm", "mm",
)  # fmt: skip
YEARS_SHOWN = 3


def shown(value: float) -> str:
    """A figure with up to six digits that count, thousands apart, no zeros behind."""
    short = float(f"{value:.6g}")
    return f"{short:,.0f}" if short == round(short) else f"{short:,.10f}".rstrip("0")


def near(expected: float, value: float) -> float:
    """An expected figure as precise as it can be: four digits, whole where the figure asked about is."""
    short = float(f"{expected:.4g}")
    return float(round(expected)) if value == round(value) and abs(expected) >= 10 else short


def _short(value: float) -> str:
    """A whole figure as it is, another with four digits that count."""
    return shown(value if value == round(value) else float(f"{value:.4g}"))


def asked(doubt: Doubt, value: float, unit: str) -> str:
    """The question itself, as far as the kind of doubt has one of its own; else empty."""
    if doubt.kind == MAGNITUDE:
        return slip(unit, doubt.power)
    if doubt.kind == DIGIT and doubt.candidate is not None:
        text = f"{value:.10g}"
        if doubt.candidate in swapped(text):
            how = "相邻两位数字颠倒"
        elif doubt.candidate in dropped_or_added(text):
            how = "多写了一位数字" if abs(doubt.candidate) < abs(value) else "漏写了一位数字"
        else:
            return ""
        return f"是否{how}（{shown(doubt.candidate)} 写成 {shown(value)}）"
    return ""


def slip(unit: str, power: int) -> str:
    """Which unit may have been written for which: a value 10,000 times too large in 万元 was meant in 元."""
    gap = f"差约 {TIMES[abs(power)]}"
    if unit == "%" and power == -2:
        return f"是否把百分数填成小数，如 95% 填成 0.95（{gap}）"
    if pair := _mistaken(unit, Fraction(10) ** power):
        return f"是否把{pair[0]}填成{pair[1]}（{gap}）"
    if abs(power) == 1:
        return f"是否{'多写' if power > 0 else '少写'}一位数字或小数点错位（{gap}）"
    return f"是否计量单位弄错（{gap}）"


def _mistaken(unit: str, factor: Fraction) -> tuple[str, str] | None:
    """Two units of the item's kind that are ``factor`` apart, the item's own first: a sheet may be in another than its form."""
    if not unit:
        return None
    alike = [unit, *(u for u in UNITS if u != unit and conversion(unit, u) is not None)]
    return next(((a, b) for a in alike for b in alike if conversion(a, b) == factor), None)


def past_said(before: Sequence[float], years: Sequence[int], past: Past, scale: Scale, unit: str) -> str:
    """The last years' figures and the usual change."""
    known = [(y, v) for y, v in zip(years, before, strict=True) if np.isfinite(v)][-YEARS_SHOWN:]
    told = "、".join(f"{year} 年 {shown(v)}{unit}" for year, v in known)
    if not past.usual:
        return told
    usual = f"{past.usual:.1f} 个百分点" if scale.share else f"{100 * (np.exp(past.usual) - 1):.0f}%"
    few = not scale.share and past.usual < 0.005
    return told + ("，历年变化很小" if few else f"，通常每年变化约 {usual}")


def change_said(value: float, last: float, scale: Scale) -> str:
    """How far the figure is from the last one."""
    if scale.share:
        return f"比最近一年{'高' if value > last else '低'} {abs(value - last):.1f} 个百分点"
    if not last or not value:
        return ""
    ratio = value / last
    if ratio >= 2:
        return f"是最近一年的 {shown(float(f'{ratio:.3g}'))} 倍"
    if ratio <= 0.5:
        return f"只有最近一年的 {shown(float(f'{100 * ratio:.2g}'))}%"
    return f"比最近一年{'多' if ratio > 1 else '少'} {abs(ratio - 1) * 100:.0f}%"


def peers_said(value: float, i: int, peers: Peers, scale: Scale, unit: str, level: str) -> str:
    """Where the peers stand, per person or km² where they are compared so."""
    per = {"": "", "population": "每人", "area_km2": "每平方公里"}[peers.name]
    middle, mine = scale.back(peers.middle), value / float(peers.per[i])
    return f"同级{level}{per}中位数 {shown(float(f'{middle:.3g}'))}{unit}，本单元{per} {shown(float(f'{mine:.3g}'))}{unit}"


def two_said(a: str, one: float, b: str, other: float, unit: str) -> str:
    """Two sources and how far apart they are."""
    share = 100 * abs(one - other) / max(abs(one), abs(other))
    return f"{a} {_short(one)}{unit}，{b} {_short(other)}{unit}，相差 {share:.0f}%"
