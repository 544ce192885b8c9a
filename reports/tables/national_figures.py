"""Figures of the national edition: each scale in a line, its indicators one by one, and housing by when it was built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from ...engine.measure.building_groups import GROUPS
from ...engine.results import TREATMENTS
from .. import numbers
from ..view import Row, View
from .change import change_or_why, with_reasons
from .lists import band_of, compared_figure, decimals_of
from .national_problems import HOUSING, asked, codes_of, problem_codes
from .scales import SCALES
from .spine import comparable
from .table import Cell, Column, Figure, Table

_TOWNS = 2  # named as having most
_TOTALS = (
    Column("scale", "尺度", 28, nowrap=True),
    Column("base", "基础指标", 16, "right", "number"),
    Column("own", "其他指标", 16, "right", "number"),
    Column("valued", "有数据", 14, "right", "number"),
    Column("problems", "列入问题清单的指标", 20, "right", "number"),
    Column("at_once", "限时解决", 16, "right", "number"),
    Column("effort", "尽力解决", 16, "right", "number"),
    Column("things", "有问题的对象", 20, "right", "number"),
    Column("lines", "台账条数", 18, "right", "number"),
)
_FIGURES = (
    Column("aspect", "方面", 22, nowrap=True),
    Column("number", "序号", 9, "right", "number", nowrap=True),
    Column("indicator", "指标项", 44),
    Column("value", "体检结果", 18, "right", nowrap=True),
    Column("compared", "占比或密度", 17, "right", nowrap=True),
    Column("change", "较上年", 16, "right", nowrap=True),
    Column("standard", "标准值", 15, "right", nowrap=True),
    Column("survey", "居民问卷", 26),
    Column("towns", "问题较多的街镇", 52, kind="list"),
)


def totals_table(view: View) -> Table:
    """A line for each scale: indicators, problems by when they are to be solved, failing things, lines of the ledger."""
    ledger, values = view.frame("ledger"), {r["indicator"]: r["value"] for r in view.scores(view.district)}
    rows: list[tuple[Cell, ...]] = []
    for scale in SCALES:
        codes = [c for c in codes_of(view, scale) if c in values]
        problems = problem_codes(view, scale)
        lines = ledger.filter(pl.col("indicator").is_in(codes))
        when = Counter(TREATMENTS.get(view.indicators[c]["treatment"]) for c in problems)
        base = sum(bool(view.indicators[c]["number"]) for c in codes)
        rows.append(
            (
                scale, base, len(codes) - base, sum(values[c] is not None for c in codes), len(problems),
                when["限时解决"], when["尽力解决"], lines.select("input", "thing").n_unique(), lines.height,
            )
        )  # fmt: skip
    note = "有问题的对象为楼栋、小区、道路、设施等，同一对象有几个问题只计一次；台账每个对象每个子项一条"
    return Table("四个尺度体检结果总览", _TOTALS, tuple(rows), notes=(note,))


def scale_figures(view: View, scale: str) -> Table:
    """The indicators of one of the lower three scales by aspect: how many, which share, against last year, where most.

    The handbook's own and those with a problem; a note says how many others there are.
    """
    scores = {r["indicator"]: r for r in view.scores(view.district) if r["value"] is not None}
    problems, left_out = problem_codes(view, scale), 0
    rows: list[tuple[Cell, ...]] = []
    for code in codes_of(view, scale):
        row, indicator = scores.get(code), view.indicators[code]
        if row is None:
            continue
        if not indicator["number"] and code not in problems:
            left_out += 1
            continue
        decimals, unit = decimals_of(indicator), indicator["unit"] or ""
        target = indicator["target"] if numbers.known(indicator["target"]) else indicator["floor"]
        rows.append(
            (
                indicator["aspect"] or "", indicator["number"], indicator["name"], Figure(row["value"], decimals, unit=unit),
                "" if comparable(indicator) else compared_figure(row["compared"], indicator), change_or_why(view, row, decimals),
                band_of(indicator) or Figure(target, decimals), asked(view, code), tuple(worst_towns(view, code)),
            )
        )  # fmt: skip
    notes = (f"另有{left_out}项没有列入问题清单的其他指标见附件1",) if left_out else ()
    table = Table(f"{scale}指标分项结果", _FIGURES, tuple(rows), notes=notes)
    return with_reasons(view, table.without_blank(("change", "survey", "compared", "standard", "towns")))


def ledger_by_town(view: View, scale: str) -> Table:
    """台账汇总: how many things of each town have each problem of a scale; a thing with several sub-rules counts once."""
    codes = [
        c for c in codes_of(view, scale) if c in set(view.frame("ledger")["indicator"].unique().to_list())
    ]
    lines = view.frame("ledger").filter(pl.col("indicator").is_in(codes))
    counts = lines.group_by("town", "indicator").agg(pl.col("thing").n_unique())
    held = {(town, code): n for town, code, n in counts.iter_rows()}
    whole = dict(lines.group_by("indicator").agg(pl.col("thing").n_unique()).iter_rows())
    columns = (
        Column("town", "街镇", 26, nowrap=True), *(Column(c, _short(view.indicators[c]["name"]), 22, "right", "number") for c in codes),
        Column("lines", "台账行数", 20, "right", "number"),
    )  # fmt: skip
    per_town = dict(lines.group_by("town").len().iter_rows())
    body: list[tuple[Cell, ...]] = [
        (view.name(t), *(held.get((t, c), 0) for c in codes), per_town[t])
        for t in view.of_level("town")
        if t in per_town
    ]
    if body:
        body.append(("合计", *(whole[c] for c in codes), lines.height))
    return Table(f"{scale}问题台账汇总（有问题的对象数）", columns, tuple(body))


def worst_towns(view: View, code: str, most: int = _TOWNS) -> list[str]:
    """The towns with the worst value of an indicator, each with it: of a count the most things, else by its direction."""
    indicator = view.indicators[code]
    direction = indicator["direction"]
    if direction not in ("lower", "higher"):
        return []
    found = [
        (row["value"], town)
        for town in view.of_level("town")
        for row in view.scores(town)
        if row["indicator"] == code and row["value"] is not None
    ]
    counted = not comparable(indicator)
    found = [(v, t) for v, t in found if v > 0 or not counted]
    found.sort(key=lambda f: (-f[0] if direction == "lower" else f[0], f[1]))
    if len(found) < 2 or found[0][0] == found[-1][0]:
        return []
    decimals, unit = decimals_of(indicator), indicator["unit"] or ""
    return [f"{view.name(t)}（{numbers.quantity(v, unit, decimals)}）" for v, t in found[:most]]


def groups_of(view: View, code: str) -> list[Row]:
    """Rows of ``building_groups`` of the district and one indicator, in the handbook's order of groups."""
    rows = view.frame("building_groups").filter(unit=view.district, indicator=code).to_dicts()
    return sorted(rows, key=lambda r: GROUPS.index(r["group"]))


def groups_table(view: View, scale: str) -> Table:
    """分类住区: for each group how many things there are and which share of them fails each of the scale's counts."""
    codes = [c for c in codes_of(view, scale) if groups_of(view, c)]
    held = {c: {r["group"]: r for r in groups_of(view, c)} for c in codes}
    groups = [g for g in GROUPS if any(g in rows for rows in held.values())]
    noun = "住宅（栋）" if scale == HOUSING else "小区（个）"
    columns = (
        Column("group", "类别", 26, nowrap=True), Column("things", noun, 18, "right", "number"),
        *(Column(c, _short(view.indicators[c]["name"]), 18, "right") for c in codes),
    )  # fmt: skip
    body = []
    for group in groups:
        found = [held[c][group] for c in codes if group in held[c]]
        shares: list[Cell] = [
            Figure(100 * row["failing"] / row["things"], 1, unit="%")
            if (row := held[c].get(group)) and row["things"]
            else ""
            for c in codes
        ]
        body.append((group, max(r["things"] for r in found), *shares))
    note = "各列为该类中有这项问题的占比，分母为名录中该类的全部对象；同一对象有几个子项的问题只计一次"
    return Table(f"{scale}分类分析（按建成年代和类型）", columns, tuple(body), notes=(note,))


def _short(name: str) -> str:
    """``结构安全隐患`` of ``存在结构安全隐患的住宅数量``: what a narrow column can say."""
    for words_off in ("存在", "需要进行", "未达标配建", "的住宅数量", "的小区数量", "数量"):
        name = name.removeprefix(words_off).removesuffix(words_off)
    return name.removeprefix("的")


def kinds_table(view: View, codes: Sequence[str]) -> Table:
    """The counts of the lower scales by kind of community (居委会, 村委会 …): Σ failing / Σ examined of each kind."""
    kinds = list(dict.fromkeys(view.units[u]["kind"] or "" for u in view.of_level("community")))
    kinds = sorted(k for k in kinds if k)
    frame = view.frame("measurements").filter(pl.col("indicator").is_in(list(codes)), level="community")
    rows: list[tuple[Cell, ...]] = []
    for code in codes:
        sums: dict[str, tuple[float, float]] = {}
        for row in frame.filter(indicator=code).drop_nulls("denominator").to_dicts():
            kind = view.units[row["unit"]]["kind"] or ""
            top, bottom = sums.get(kind, (0.0, 0.0))
            sums[kind] = top + (row["numerator"] or 0.0), bottom + row["denominator"]
        if len([k for k in kinds if sums.get(k, (0, 0))[1]]) > 1:
            shares = tuple(
                Figure(100 * sums[k][0] / sums[k][1], 1, unit="%") if sums.get(k, (0, 0))[1] else ""
                for k in kinds
            )
            rows.append((view.indicators[code]["name"], *shares))
    columns = (
        Column("indicator", "指标项", 70),
        *(Column(f"k{n}", k, 26, "right") for n, k in enumerate(kinds)),
    )
    return Table("按社区类型的问题占比", columns, tuple(rows))


def shares_of(view: View, scale: str) -> tuple[str, ...]:
    """The counts of a scale that are compared as a share of things examined (``%``), with a value in the district."""
    values = {r["indicator"]: r["value"] for r in view.scores(view.district)}
    return tuple(
        c
        for c in codes_of(view, scale)
        if not comparable(view.indicators[c])
        and view.indicators[c]["compared_unit"] == "%"
        and values.get(c) is not None
    )
