"""Sentences made from figures (文字结论): true comparisons in plain words, or nothing.

Each function looks at rows and returns one sentence, or an empty string when there is nothing to say. A
difference smaller than `WORTH_SAYING` points of score is none, a rank is told with its interval, a missing value
is named as missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.chance.differences import BETTER, WORSE
from ...engine.results import LEVEL_NAMES, UNGRADED
from .. import numbers
from ..tables.lists import band_of, compared_figure, decimals_of
from ..tables.spine import comparable
from ..view import Row, View
from .past_words import change_said

WORTH_SAYING = 2.0  # points of a 0–100 score
NAMED = 3  # how many things a sentence names before it says 等


def names(items: Sequence[str], most: int = NAMED, counter: str = "项") -> str:
    """``甲、乙、丙等5项`` — the first few by name, the rest as a count."""
    shown = "、".join(items[:most])
    return shown if len(items) <= most else f"{shown}等{len(items)}{counter}"


def such_as(items: Sequence[str], most: int = NAMED) -> str:
    """``有甲、乙等``, or ``为甲、乙`` of all of them: where how many there are has been said."""
    return f"为{'、'.join(items)}" if len(items) <= most else f"有{'、'.join(items[:most])}等"


def sentence(*parts: str, stop: str = "。") -> str:
    """The non-empty parts joined by ； into one sentence; empty when there are none."""
    said = [p for p in parts if p]
    return "；".join(said) + stop if said else ""


def level_name(level: str) -> str:
    """What units of a level are called in a sentence: 街镇, 社区."""
    return {"district": "区"}.get(level, LEVEL_NAMES.get(level, level))


def standing(view: View, unit: str) -> str:
    """Score, grade, rank with its interval and change against last year."""
    total = view.total(unit)
    if total is None or total["score"] is None:
        return "有数据的指标权重不足，今年不计综合得分。"
    said = f"综合得分{numbers.beside_grade(total['score'], view.cuts)}分，等级为{total['grade']}"
    return sentence(f"{said}{place_said(total)}{change_said(total)}")


def third_of(total: Row) -> str:
    """Which third of its peers a unit is in: a row of ``totals``."""
    return total["third"] or numbers.third(total["rank"], total["peers"])


def place_said(total: Row) -> str:
    """``，在全区17个街镇中列第3位（权重变动时90%区间第1–6位）``; of a community its third, of the district nothing."""
    if total["rank"] is None or total["level"] == "district":
        return ""
    if total["level"] == "community":
        third = third_of(total)
        return f"，在全区{total['peers']}个社区中居{third}"
    interval = numbers.span(total["rank_low"], total["rank_high"])
    held = f"（权重变动时90%区间第{interval}位）" if interval else ""
    if interval and total["rank_low"] == total["rank_high"]:
        held = "（权重变动时名次不变）"
    return f"，在全区{total['peers']}个{level_name(total['level'])}中列第{total['rank']}位{held}"


def dimension_gaps(view: View, unit: str) -> str:
    """Which dimensions lie clearly above and below the district's."""
    gaps = [
        (row["score"] - row["district_score"], row["dimension"])
        for row in view.dimensions(unit)
        if row["score"] is not None and row["district_score"] is not None
    ]
    above = sorted((g for g in gaps if g[0] >= WORTH_SAYING), key=lambda g: -g[0])[:NAMED]
    below = sorted((g for g in gaps if g[0] <= -WORTH_SAYING), key=lambda g: g[0])[:NAMED]
    if not above and not below:
        return "各维度与全区水平相近。" if gaps else ""
    return sentence(_side(above, "高于"), _side(below, "低于"))


def _side(gaps: list[tuple[float, str]], word: str) -> str:
    if not gaps:
        return ""
    who = "、".join(name for _, name in gaps)
    sizes = "、".join(numbers.score(abs(gap)) for gap, _ in gaps)
    return f"{who}{word}全区{'，分别' if len(gaps) > 1 else ''}{'差' if word == '低于' else '高'}{sizes}分"


def dimension_order(view: View, unit: str) -> str:
    """The best and the worst dimension by score (for the district, which has no peers)."""
    scored = [(row["score"], row["dimension"]) for row in view.dimensions(unit) if row["score"] is not None]
    if len(scored) < 2:
        return ""
    best, worst = max(scored), min(scored)
    if best[0] - worst[0] < WORTH_SAYING:
        return f"{len(scored)}个维度得分相近。"
    return (
        f"{len(scored)}个维度中，{best[1]}得分最高（{numbers.score(best[0])}分），"
        f"{worst[1]}得分最低（{numbers.score(worst[0])}分）。"
    )


def peers_spread(view: View, level: str) -> str:
    """How the units of a level lie: by grade, first and last, and how sure the order is."""
    totals = [t for t in (view.total(u) for u in view.of_level(level)) if t and t["score"] is not None]
    if len(totals) < 2:
        return ""
    counts = {name: sum(t["grade"] == name for t in totals) for name, _ in view.results.grade_cuts}
    grades = "、".join(f"{name}{n}个" for name, n in counts.items() if n)
    noun = level_name(level)
    if level == "community":
        return f"{len(totals)}个{noun}的综合等级为：{grades}。"
    first, last = max(totals, key=_by_score), min(totals, key=_by_score)
    said = (
        f"{len(totals)}个{noun}的综合等级为：{grades}；{view.name(first['unit'])}得分最高（{numbers.score(first['score'])}分），"
        f"{view.name(last['unit'])}最低（{numbers.score(last['score'])}分），"
        f"相差{numbers.score(first['score'] - last['score'])}分。"
    )
    return said + _sureness(view, totals)


def _by_score(total: Row) -> tuple[float, str]:
    return total["score"], total["unit"]


def _sureness(view: View, totals: list[Row]) -> str:
    """How many may well be first: their rank interval reaches place 1."""
    may = [view.name(t["unit"]) for t in totals if t["rank_low"] == 1]
    return f"权重在合理范围内变动时，{names(may)}都可能列第一，相近名次不宜解读。" if len(may) > 1 else ""


def satisfaction_against(view: View, unit: str) -> str:
    """Where residents' view and the figures disagree by more than a grade's width (10 points)."""
    apart = []
    for row in view.dimensions(unit):
        if row["objective"] is not None and row["perceived"] is not None:
            gap = row["perceived"] - row["objective"]
            if abs(gap) >= 10:
                apart.append(
                    f"{row['dimension']}（客观{numbers.score(row['objective'])}，满意度{numbers.score(row['perceived'])}）"
                )
    return f"居民感受与客观指标相差较大的有{'、'.join(apart)}。" if apart else ""


def vetoes(view: View, unit: str) -> str:
    """Dimensions in which a baseline indicator failed (底线型指标不达标)."""
    said = [
        f"{row['dimension']}的{names([indicator_name(view, code) for code in row['veto']])}"
        for row in view.dimensions(unit)
        if row["veto"]
    ]
    return f"底线型指标未守住底线的有：{'；'.join(said)}。" if said else ""


def indicator_name(view: View, code: str) -> str:
    """An indicator's name; its code when it is not in force."""
    return view.indicators[code]["name"] if code in view.indicators else code


def worst_problem(view: View, unit: str) -> str:
    """The unit's own first problem of the list, with value, gap and people."""
    rows = view.frame("problem_list").filter(unit=unit).head(1).to_dicts()
    if not rows:
        return ""
    row = rows[0]
    indicator = view.indicators[row["indicator"]]
    value = numbers.quantity(row["value"], indicator["unit"], decimals_of(indicator))
    said = f"最需要整治的是{indicator['name']}，现状{value}"
    said += _measured_against(view, row, indicator)
    everybody = view.units[unit]["population"]
    if (
        numbers.known(row["people"]) and row["people"] and row["people"] != everybody
    ):  # of all of them it says nothing
        said += f"，涉及约{numbers.people(row['people'])}"
    return said + "。"


def _measured_against(view: View, row: Row, indicator: Row) -> str:
    """What makes a problem one: the good range, the standard, or without either what its peers show."""
    if good := band_of(indicator):
        return f"，适度区间{numbers.with_unit(good, indicator['unit'] or '')}"
    if numbers.known(row["standard"]):
        return f"，标准{numbers.quantity(row['standard'], indicator['unit'], decimals_of(indicator))}"
    score = next((s for s in view.scores(row["unit"]) if s["indicator"] == row["indicator"]), None)
    if score is None or not numbers.known(score["peer_median"]) or not numbers.known(score["compared"]):
        return ""
    own, median = (told(score[key], indicator) for key in ("compared", "peer_median"))
    return f"，同级中位数{median}" if comparable(indicator) else f"（折合{own}，同级中位数{median}）"


def told(value: float | None, indicator: Row) -> str:
    """What units are compared by, with its unit: the value, or of a count its share or density."""
    figure = str(compared_figure(value, indicator))
    return numbers.with_unit(figure, indicator["unit"] or "") if comparable(indicator) else figure


def problem_counts(view: View, units: Sequence[str], indicators: Sequence[str] | None = None) -> str:
    """How many problems the list holds, by severity."""
    frame = view.frame("problem_list")
    frame = frame.filter(frame["unit"].is_in(list(units)))
    if indicators is not None:
        frame = frame.filter(frame["indicator"].is_in(list(indicators)))
    if frame.is_empty():
        return "问题清单中没有本单元的问题。"
    found = frame["severity"].value_counts()
    counts = dict(zip(found["severity"].to_list(), found["count"].to_list(), strict=True))
    told = "、".join(f"{s}色{counts[s]}项" for s in ("红", "橙", "黄") if counts.get(s))
    return f"列入问题清单{frame.height}项，其中{told}。"


def problems_said(view: View, unit: str) -> str:
    """Failed baseline indicators, how many problems under the unit, and its own first."""
    counts = problem_counts(view, view.subtree(unit))
    return vetoes(view, unit) + counts + worst_problem(view, unit)


def missing(view: View, unit: str) -> str:
    """Which indicators have no value, named."""
    rows = view.scores(unit)
    gone = [indicator_name(view, r["indicator"]) for r in rows if r["value"] is None]
    if not gone:
        return ""
    return f"应测{len(rows)}项指标中{len(gone)}项没有数据（{names(gone)}），未计入得分。"


def dimension_levels(view: View, unit: str, dimension: str) -> str:
    """A dimension's score, grade, change, and how many of its indicators meet the standard."""
    row = next((r for r in view.dimensions(unit) if r["dimension"] == dimension), None)
    if row is None or row["score"] is None:
        return f"{dimension}有数据的指标权重不足，不计得分。"
    said = f"{dimension}得分{numbers.score(row['score'])}分，等级为{row['grade']}{change_said(row)}"
    return f"{said}。{standards_met(view, unit, dimension)}"


def standards_met(view: View, unit: str, dimension: str) -> str:
    """How many measured indicators reach their standard, and which lie below their floor."""
    judged, met, failed = 0, 0, []
    for row in view.scores(unit):
        indicator = view.indicators[row["indicator"]]
        if row["dimension"] != dimension or row["value"] is None:
            continue
        reached = reaches(row["value"], indicator)
        if reached is not None:
            judged += 1
            met += reached
        if meets(row["value"], indicator["floor"], indicator["direction"]) is False:
            failed.append(_with_value(row, indicator))
    if not judged:
        return ""
    head = f"{judged}项有标准的指标中{met}项达标" if met else f"{judged}项有标准的指标均未达标"
    tail = f"低于底线的有{names(failed)}" if failed else ""
    return sentence(head, tail)


def meets(value: float | None, standard: float | None, direction: str | None) -> bool | None:
    """Whether a value reaches a standard; None when there is nothing to compare or no better side."""
    if value is None or standard is None or direction not in ("higher", "lower"):
        return None
    return value >= standard - 1e-9 if direction == "higher" else value <= standard + 1e-9


def reaches(value: float | None, indicator: Row) -> bool | None:
    """Whether a value reaches its indicator's target, or lies in the good range of a 适度 one."""
    if indicator["direction"] != "within" or not band_of(indicator):
        return meets(value, indicator["target"], indicator["direction"])
    if value is None:
        return None
    low, high = indicator["low"], indicator["high"]
    return (low is None or value >= low - 1e-9) and (high is None or value <= high + 1e-9)


def _with_value(row: Row, indicator: Row) -> str:
    return (
        f"{indicator['name']}（{numbers.quantity(row['value'], indicator['unit'], decimals_of(indicator))}）"
    )


def movers(view: View, unit: str, dimension: str) -> str:
    """Which indicators improved and which worsened against last year, by more than chance explains."""
    held: dict[str, list[str]] = {BETTER: [], WORSE: []}
    for row in view.scores(unit):
        if row["dimension"] != dimension or row["than_previous"] not in held:
            continue
        indicator = view.indicators[row["indicator"]]
        if numbers.rounded(row["change"], decimals_of(indicator)):
            held[row["than_previous"]].append(indicator["name"])
    better, worse = held.values()
    return sentence(
        f"较上年改善的有{names(better)}" if better else "", f"退步的有{names(worse)}" if worse else ""
    )


def widest_gap(view: View, dimension: str, level: str = "town") -> str:
    """The indicator on which units of a level differ most (by score): who leads, who trails, with values.

    Only where the one is better and the other worse than the district by more than chance explains, or the indicator has
    no better side.
    """
    best: tuple[float, str, Row, Row] | None = None
    for code, indicator in view.indicators.items():
        if indicator["dimension"] != dimension or not comparable(indicator):
            continue
        rows = [r for u in view.of_level(level) for r in view.scores(u) if r["indicator"] == code]
        rows = [r for r in rows if r["score"] is not None]
        if len(rows) < 3:
            continue
        high, low = max(rows, key=_by_score), min(rows, key=_by_score)
        spread = high["score"] - low["score"]
        apart = high["than_district"] in (BETTER, None) and low["than_district"] in (WORSE, None)
        if apart and spread >= 10 and (best is None or spread > best[0]):
            best = (spread, code, high, low)
    if best is None:
        return ""
    _, code, high, low = best
    indicator = view.indicators[code]

    def placed(row: Row) -> str:
        return f"{view.name(row['unit'])}{numbers.quantity(row['value'], indicator['unit'], decimals_of(indicator))}"

    return f"{level_name(level)}间差距最大的是{indicator['name']}：{placed(high)}，{placed(low)}。"


def above_below(view: View, dimension: str, level: str = "town") -> str:
    """How many units of a level lie clearly above and below the district in a dimension, and who is last."""
    rows = [
        r
        for u in view.of_level(level)
        for r in view.dimensions(u)
        if r["dimension"] == dimension and r["score"] is not None and r["district_score"] is not None
    ]
    if len(rows) < 3:
        return ""
    low = [r for r in rows if r["score"] <= r["district_score"] - WORTH_SAYING]
    high = [r for r in rows if r["score"] >= r["district_score"] + WORTH_SAYING]
    first, last = max(rows, key=_by_score), min(rows, key=_by_score)
    return (
        f"{len(rows)}个{level_name(level)}中{len(high)}个高于全区、{len(low)}个低于全区"
        f"（相差{WORTH_SAYING:g}分以上），{view.name(first['unit'])}最高（{numbers.score(first['score'])}分），"
        f"{view.name(last['unit'])}最低（{numbers.score(last['score'])}分）。"
    )


def graded(grade: str | None) -> bool:
    """True for a real grade, False for 未评价 and none."""
    return grade not in (None, "", UNGRADED)
