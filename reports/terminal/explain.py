"""How one score came about (`tijian explain 单元 指标`), as a tree to read from the top down.

weights and the Ministry's grade beside it; score ← scale and anchors ← value ← numerator/denominator ← inputs, files and their SHA-256, the unit's rows, ledger lines
← definition and standard. Every number shown stands in the results; nothing is computed again but the one
line of interpolation, and that is shown only when it gives the stored score, and the weights of :mod:`tijian.reports.derivation`. How
the total and the dimensions come about is in :mod:`.terminal_score`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import polars as pl
from rich.text import Text
from rich.tree import Tree

from ...engine.intake.traced import Traced
from ...engine.results import LEVEL_NAMES, LEVELS, UNGRADED, Results
from ...engine.years.comparable import CHANGED
from .. import numbers
from ..derivation import DECIMALS, derive, weight_in_total, why_unscored
from ..tables.ministry import indicator_line
from ..tables.spine import than_said
from ..view import Row, View
from ..wording import withheld
from ..wording.indicator_words import DIRECTION_NAMES, KIND_NAMES, standard_text
from ..wording.past_words import last_score
from ..wording.scale_words import AMONG_PEERS, scale_said, scaled_facts
from ..wording.words import told
from .findings import grade_text
from .traced import traced_lines

LEDGER_SHOWN = 5
BASELINE_CAP = 59.0  # a baseline indicator below its floor scores no more (architecture.md §6)
SHA_SHOWN = 12  # as many hex digits as the reports print
# value → score of the anchors scale (architecture.md §6), worst first
ANCHOR_SCORES = (
    ("worst", "最差", 0.0), ("floor", "底线", 60.0), ("target", "目标", 90.0), ("best", "最佳", 100.0),
)  # fmt: skip
INTERVALS = {"wilson": "比例的威尔逊区间", "poisson": "件数的泊松区间", "survey": "按有效答卷数"}
ORIGIN_NAMES = {
    "computed": "由明细或下级数据计算",
    "stated": "由填报的分子、分母计算",
    "reported": "部门直接填报",
    "missing": "缺数据",
}


def explain_view(
    results: Results, unit: str, indicator: str, behind: Mapping[str, Traced] | None = None
) -> Tree:
    """The tree for one unit (code) and one indicator (code); ``behind`` is what of each input the value was made from.

    Raises ValueError for a unit or an indicator the results do not hold.
    """
    about = _one(results.units, "code", unit)
    definition = _one(results.indicators, "code", indicator)
    score = _cell(results.scores, unit, indicator)
    measured = _cell(results.measurements, unit, indicator)
    root = Tree(
        Text.assemble((f"{about['name']} {indicator} {definition['name']}", "bold"), f"（{results.year} 年）")
    )
    if results.synthetic:
        root.add(Text(results.synthetic, style="yellow"))
    _add_score(root, results, score, definition)
    _add_place(root, results, unit, definition, score)
    _add_value(root, results, score, measured, definition)
    _add_evidence(root, results, unit, definition, behind or {})
    _add_definition(root, definition)
    root.add(Text(f"运行 {results.run_id}，tijian {results.version}", style="dim"))
    return root


def _one(frame: pl.DataFrame, key: str, wanted: str) -> Row:
    found = frame.filter(pl.col(key) == wanted)
    if found.is_empty():
        raise ValueError(f"not in the results: {wanted}")
    return found.row(0, named=True)


def _cell(frame: pl.DataFrame, unit: str, indicator: str) -> Row | None:
    found = frame.filter((pl.col("unit") == unit) & (pl.col("indicator") == indicator))
    return found.row(0, named=True) if found.height else None


def _shown(value: float | None, definition: Row) -> str:
    return numbers.quantity(value, definition["unit"] or "", definition["decimals"] or 0)


def _add_score(root: Tree, results: Results, score: Row | None, definition: Row) -> None:
    """Score, grade and rank, and the scale that made the score of the value."""
    if score is None or score["score"] is None:
        why = "没有可计分的数值" if score is None else why_unscored(score)
        root.add(Text(f"得分：{UNGRADED}（{why}）"))
        return
    line = grade_text(results, score["grade"], f"得分：{numbers.score(score['score'])} ")
    if score["level"] != "community" and score["rank"] is not None:
        line.append(f"，同级第 {numbers.rank(score['rank'], score['peers'])}")
    branch = root.add(line)
    branch.add(Text(f"换算：{scale_said(score, results)}"))
    for fact in (
        *scaled_facts(score, results, definition["decimals"] or 0),
        *_scale_facts(score, definition),
    ):
        branch.add(Text(fact))


def _add_place(root: Tree, results: Results, unit: str, definition: Row, score: Row | None) -> None:
    """The Ministry's grade, the weight in the dimension and in the total, and the points that come of it."""
    if score is None:
        return
    root.add(Text(indicator_line(score, results.scheme.ministry)))
    whole = derive(View(results), unit)
    part = whole.find("indicator", definition["code"])
    if part is None:
        return
    weights = f"在“{score['dimension']}”中 {numbers.percent(part.weight, 1)}"
    overall = f"在综合得分中 {numbers.percent(weight_in_total(whole, part.code), 2)}"
    branch = root.add(Text(f"权重：{weights}，{overall}"))
    if part.effective is not None:
        branch.add(Text(f"缺项的权重由其余各项分担以后，占客观得分的 {numbers.percent(part.effective, 1)}"))
    if part.total_shown is not None:
        branch.add(Text(f"计入综合得分 {numbers.number(part.total_shown, DECIMALS)} 分"))


def _scale_facts(score: Row, definition: Row) -> list[str]:
    """What the scale worked with: the anchors and the line of interpolation, or the peers' range."""
    if score["method"] in AMONG_PEERS:
        return _among_peers(score, definition)
    if score["method"] != "anchors":
        return []
    anchors = anchors_of(definition)
    lines = [
        "锚点：" + "；".join(f"{word} {_shown(at, definition)} → {pts:g} 分" for word, at, pts in anchors)
    ]
    arithmetic = interpolation(score, definition)
    if arithmetic:
        lines.append(arithmetic)
    elif definition["kind"] == "baseline" and score["score"] == BASELINE_CAP:
        lines.append(f"底线型指标未达底线，得分不超过 {BASELINE_CAP:g} 分")
    return lines if anchors else []


def _among_peers(score: Row, definition: Row) -> list[str]:
    """The peers' range, where it was the values shown that were scaled; how far a floor that only peers can scale reaches."""
    lines = []
    if numbers.known(score["peer_low"]) and not numbers.known(score["scaled"]):
        low, high = (told(score[key], definition) for key in ("peer_low", "peer_high"))
        lines.append(f"同级 {score['peers']} 个单元的范围：{low} 至 {high}")
    if definition["kind"] == "baseline" and numbers.known(definition["floor"]):
        floor = _shown(definition["floor"], definition)
        lines.append(
            f"底线型指标：达到底线（{floor}）的得 100 分，没有达到的在 0–{BASELINE_CAP:g} 分之间拉开"
        )
    return lines


def anchors_of(definition: Row) -> list[tuple[str, float, float]]:
    """(name, value, score) of each anchor, worst first; of anchors that coincide the best, as in scoring."""
    given = [
        (word, definition[key], points)
        for key, word, points in ANCHOR_SCORES
        if numbers.known(definition[key])
    ]
    return [a for a, after in zip(given, [*given[1:], None], strict=True) if not after or after[1] != a[1]]


def interpolation(score: Row, definition: Row) -> str:
    """The segment the compared value lies on, worked out; empty when it does not give the stored score.

    It does not, for example, for a baseline indicator (底线型) below its floor, whose score is capped.
    """
    value = score["compared"]
    if not numbers.known(value):
        return ""
    for (_, low, low_points), (_, high, high_points) in pairwise(anchors_of(definition)):
        if not min(low, high) <= value <= max(low, high):
            continue
        result = low_points + (high_points - low_points) * (value - low) / (high - low)
        if abs(result - score["score"]) > 0.05:
            continue
        places = (definition["decimals"] or 0) + 1
        v, a, b = (numbers.number(x, places) for x in (value, low, high))
        step = f"{high_points - low_points:g}"
        return f"{low_points:g} + {step} × ({v} − {a}) ÷ ({b} − {a}) = {numbers.score(result)}"
    return ""


def _add_value(
    root: Tree, results: Results, score: Row | None, measured: Row | None, definition: Row
) -> None:
    """The value, what it was divided from, and what it is compared with."""
    if measured is None:
        root.add(Text(f"现状值：{numbers.MISSING}（本单元没有测算结果）"))
        return
    branch = root.add(Text(f"现状值：{_shown(measured['value'], definition)}"))
    for word, key in (("分子", "numerator"), ("分母", "denominator")):
        if numbers.known(measured[key]):
            branch.add(Text(f"{word}：{_component(measured[key], key, definition)}"))
    if measured["origin"]:
        branch.add(Text(f"来历：{ORIGIN_NAMES.get(measured['origin'], measured['origin'])}"))
    if measured["rows"] is not None:
        branch.add(Text(f"依据记录：{measured['rows']} 条"))
    if numbers.known(measured["basis"]):
        branch.add(Text(f"所依据的人口占比：{numbers.percent(measured['basis'], 1)}"))
    if numbers.known(measured["reported"]):
        branch.add(Text(f"部门填报值：{_shown(measured['reported'], definition)}"))
    if measured["compared"] is not None and measured["compared"] != measured["value"]:
        branch.add(Text(f"用于比较的值：{told(measured['compared'], definition)}"))
    if measured["uncertainty"] in INTERVALS and numbers.known(measured["low"]):
        low, high = (told(measured[key], definition) for key in ("low", "high"))
        branch.add(Text(f"95% 置信区间：{low} 至 {high}（{INTERVALS[measured['uncertainty']]}）"))
    if measured["note"]:
        branch.add(Text(f"说明：{measured['note']}"))
    for line in (*_comparisons(score, definition), *_calls(results, measured["unit"], definition)):
        branch.add(Text(line))


def _component(value: float, key: str, definition: Row) -> str:
    """A numerator or denominator: whole when it is whole, otherwise with two decimals.

    With the unit where the results say which: of a count (things of a kind, of so many things, people or km²), and of what a
    service reaches.
    """
    shown = numbers.number(value, 0 if float(value).is_integer() else 2)
    unit = definition["counted"]
    if definition["method"] == "count":
        _, _, per = (definition["compared_unit"] or "").partition("/")
        unit = per if per and key == "denominator" else definition["unit"]
    return numbers.with_unit(shown, unit or "")


def _comparisons(score: Row | None, definition: Row) -> list[str]:
    if score is None:
        return []
    lines = []
    if numbers.known(score["previous"]):
        lines.append(f"上年值：{_shown(score['previous'], definition)}{_than(score, 'previous')}")
    if score["break_reason"]:
        lines.append(f"{score['break_reason']}，上年值不与今年比较")
    reason = CHANGED if score["break_reason"] else None
    lines += last_score(score["previous_score"], score["previous_printed"], reason)
    for word, key, other in (
        ("全区值", "district_value", "district"),
        ("同类中位数", "peer_median", "peers"),
    ):
        if numbers.known(score[key]):
            shown = "" if score["level"] == LEVELS[0] and other == "district" else _than(score, other)
            lines.append(f"{word}：{told(score[key], definition)}{shown}")
    if numbers.known(score["satisfaction"]):
        lines.append(f"居民满意度：{numbers.score(score['satisfaction'])}")
    return lines


def _than(score: Row, key: str) -> str:
    """What chance leaves of the difference, in brackets; empty where nothing can be said."""
    said = than_said(score[f"than_{key}"], key)
    return f"（{said}）" if said else ""


def _calls(results: Results, unit: str, definition: Row) -> list[str]:
    """The residents' tickets of the indicator's categories: what people call about beside what was measured."""
    here = {r["category"]: r for r in results.tickets.filter(pl.col("unit") == unit).to_dicts()}
    return [
        f"12345工单·{category}：{_called(here[category])}"
        for category in definition["tickets"] or ()
        if category in here
    ]


def _called(row: Row) -> str:
    """``12 件，每万人 3.1 件``; a sign with its meaning where the count is not published."""
    if row["suppressed"]:
        return withheld.NOTE
    rate = f"，每万人 {numbers.number(row['per_10k'], 1)} 件" if numbers.known(row["per_10k"]) else ""
    return f"{row['count']} 件{rate}"


def _add_evidence(
    root: Tree, results: Results, unit: str, definition: Row, behind: Mapping[str, Traced]
) -> None:
    """The input files behind the value with the unit's rows, and the ledger lines of the unit and everything within it."""
    branch = root.add(Text("证据"))
    names = definition["inputs"] or []
    files = results.inputs.filter(pl.col("name").is_in(names)).sort("name", "file")
    for row in files.to_dicts():
        facts = [f"{row['rows']} 行"] if row["rows"] is not None else []
        facts += [f"{row['unplaced']} 行未能落到单元"] if row["unplaced"] else []
        sha = f"SHA-256 {row['sha256'][:SHA_SHOWN]}" if row["sha256"] else ""
        told = branch.add(Text("，".join([f"{row['name']}：{row['file']}", *facts, *([sha] if sha else [])])))
        if row["name"] in behind:
            for line in traced_lines(behind[row["name"]], row["file"]):
                told.add(Text(line))
    for name in (n for n in names if n not in set(files["name"])):
        branch.add(Text(f"{name}：本年没有这项数据", style="yellow"))
    lines = ledger_of(results, unit).filter(pl.col("indicator") == definition["code"])
    if lines.is_empty():
        return
    things = lines["thing"].n_unique()
    list_name = results.list_names.get("ledger", "问题台账")
    ledger = branch.add(Text(f"{list_name}：{lines.height} 条，涉及 {things} 个对象"))
    for row in lines.head(LEDGER_SHOWN).to_dicts():
        place = " › ".join(
            p for p in (row["file"], row["sheet"], f"第 {row['row']} 行" if row["row"] else "") if p
        )
        ledger.add(Text(f"第 {row['line']} 条 {row['thing_name'] or row['thing']}：{row['says']}（{place}）"))
    if lines.height > LEDGER_SHOWN:
        ledger.add(Text(f"…另有 {lines.height - LEDGER_SHOWN} 条，见清单工作簿的“问题台账”", style="dim"))


def ledger_of(results: Results, unit: str) -> pl.DataFrame:
    """The ledger lines of a unit and of every unit within it, by line."""
    level = _one(results.units, "code", unit)["level"]
    within = results.units.filter(pl.col(level) == unit).select(pl.col("code").alias("unit"))
    return results.ledger.join(within, on="unit", how="semi").sort("line")


def _add_definition(root: Tree, definition: Row) -> None:
    branch = root.add(Text(f"定义：{definition['definition'] or numbers.MISSING}"))
    if definition["formula"]:
        branch.add(Text(f"计算方法：{definition['formula']}"))
    branch.add(Text(f"标准：{standard_text(definition)}"))
    kind = KIND_NAMES.get(definition["kind"], definition["kind"])
    direction = DIRECTION_NAMES.get(definition["direction"], definition["direction"])
    levels = "、".join(LEVEL_NAMES.get(level, level) for level in definition["levels"] or ())
    branch.add(Text("；".join(p for p in (kind, direction, levels, definition["system"]) if p)))
    if not definition["confirmed"]:
        branch.add(Text("定义尚未与官方文本核对", style="yellow"))
