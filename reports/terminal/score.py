"""How a total and a dimension came about (`tijian explain 单元`, `tijian explain 单元 维度`), as trees and a table.

total ← dimensions ← objective score and the residents' view ← indicators, each with its weight and what it adds. The
figures are those of :mod:`tijian.reports.derivation`, which the printed 得分推算 shows too; one indicator is in :mod:`.explain`.
"""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from ...engine.results import UNGRADED, Results
from ...engine.scoring.tree import TOTAL
from .. import numbers
from ..derivation import DECIMALS, Part, derive
from ..tables.lists import band_of, decimals_of
from ..tables.ministry import dimension_line
from ..view import Row, View
from ..wording.past_words import of_row
from .findings import grade_text
from .folding import Folding

WEIGHT_DECIMALS = 1
HEADS = (
    ("编号", "left"), ("指标", "left"), ("现状值", "right"), ("标准值", "right"), ("得分", "right"), ("权重", "right"),
    ("计分权重", "right"), ("折合维度客观分", "right"), ("计入总分", "right"),
)  # fmt: skip


def total_view(results: Results, unit: str) -> RenderableType:
    """The whole derivation of a unit's total. Raises ValueError for a unit the results do not hold or do not score."""
    view = _view(results, unit)
    whole = derive(view, unit)
    root = _root(view, whole, f"{whole.name} 综合得分（{results.year} 年）")
    root.add(Text(_sum_line(whole)))
    root.add(Text(f"维度权重：{_basis(view, unit, TOTAL)}"))
    for line in of_row(view.total(unit)):
        root.add(Text(line))
    if whole.why:
        root.add(Text(f"没有综合得分：{whole.why}", style="yellow"))
    for part in whole.parts:
        _add_dimension(root, view, part)
    _add_missing(root, whole, "维度")
    root.add(_run_line(view))
    return root


def dimension_view(results: Results, unit: str, dimension: str) -> RenderableType:
    """One dimension of a unit with all its indicators. Raises ValueError as :func:`total_view`, and for a dimension
    that is not scored there."""
    view = _view(results, unit)
    whole = derive(view, unit)
    part = whole.find("dimension", dimension)
    if part is None:
        raise ValueError(f"{whole.name}没有“{dimension}”维度的指标")
    root = _root(view, part, f"{whole.name} {dimension}（{results.year} 年）")
    if part.weight is not None:
        counted = "" if part.effective is None else f"，计分时 {_share(part.effective)}"
        adds = "" if part.total_shown is None else f"，折合 {_points(part.total_shown)} 分"
        root.add(Text(f"在综合得分中的权重：{_share(part.weight)}{counted}{adds}"))
    objective = part.parts[0]
    for piece in part.parts:
        root.add(Text(_line(piece)))
    root.add(Text(f"客观得分 = {_sum_line(objective)}"))
    root.add(Text(f"指标权重：{_basis(view, unit, dimension)}"))
    for line in of_row(next((r for r in view.dimensions(unit) if r["dimension"] == dimension), None)):
        root.add(Text(line))
    graded = dimension_line(view, unit, dimension)
    if graded:
        root.add(Text(graded))
    body = []
    rows = {row["indicator"]: row for row in view.scores(unit)}
    for leaf in objective.parts:
        definition, row = view.indicators[leaf.code], rows[leaf.code]
        cells = (
            leaf.code, leaf.name, numbers.quantity(row["value"], definition["unit"] or "", decimals_of(definition)),
            _standard(definition), numbers.score(leaf.score), _share(leaf.weight), _share(leaf.effective),
            _points(leaf.term_shown), _points(leaf.total_shown),
        )  # fmt: skip
        body.append(tuple(Text(cell) for cell in cells))
    unscored = [Text(f"{leaf.code} {leaf.name}未计分：{leaf.why}", style="dim") for leaf in objective.missing]
    return Group(root, Folding("指标", HEADS, tuple(body), keep=2), *unscored, _run_line(view))


def _view(results: Results, unit: str) -> View:
    view = View(results)
    if unit not in view.units:
        raise ValueError(f"not in the results: {unit}")
    return view


def _root(view: View, part: Part, title: str) -> Tree:
    head = Text(f"{title}：", style="bold").append(f"{numbers.score(part.score)} ")
    root = Tree(head.append_text(grade_text(view.results, part.grade or UNGRADED)))
    if view.results.synthetic:
        root.add(Text(view.results.synthetic, style="yellow"))
    return root


def _add_dimension(root: Tree, view: View, part: Part) -> None:
    branch = root.add(Text(_line(part)))
    if part.why:
        branch.add(Text(f"没有得分：{part.why}", style="yellow"))
    objective, *residents = part.parts
    below = branch.add(Text(_line(objective)))
    for leaf in objective.parts:
        below.add(Text(_line(leaf), style="" if leaf.score is not None else "dim"))
    _add_missing(below, objective, "指标")
    for piece in residents:
        branch.add(Text(_line(piece)))


def _add_missing(branch: Tree, part: Part, what: str) -> None:
    """Which parts are missing and where their weight went."""
    missing = part.missing
    if not missing:
        return
    lost = sum(p.weight or 0.0 for p in missing)
    names = "、".join(p.code if p.kind == "indicator" else p.name for p in missing)
    went = "，由其余的按权重分担" if part.score is not None else ""
    branch.add(Text(f"未计分的{what} {len(missing)} 个：{names}；合计权重 {_share(lost)}{went}", style="dim"))


def _line(part: Part) -> str:
    """``ST-01 公园绿地 88.0 × 7.1% = 6.25，计入总分 0.63``; what does not count says why."""
    name = f"{part.code} {part.name}" if part.kind == "indicator" else part.name
    if part.score is None:
        return f"{name} 未计分（权重 {_share(part.weight)}）{f'：{part.why}' if part.why else ''}"
    if part.effective is None:
        return f"{name} {numbers.score(part.score)}（权重 {_share(part.weight)}，未用于计分）"
    said = f"{name} {numbers.score(part.score)} × {_share(part.effective)}"
    if part.term_shown is not None:
        said += f" = {_points(part.term_shown)}"
    elif part.term is not None:
        said += f"，换算后 {part.term:.4g}"
    if part.total_shown is not None and part.kind in ("indicator", "perceived"):
        said += f"，计入总分 {_points(part.total_shown)}"
    return said


def _sum_line(part: Part) -> str:
    """How the terms become the score: the mean in words, with the figures where they simply add up."""
    terms = [p.term_shown for p in part.parts if p.term_shown is not None]
    if not terms:
        return part.mean
    return f"{part.mean} = {' ＋ '.join(_points(term) for term in terms)} = {_points(part.score)}"


def _standard(definition: Row) -> str:
    """The value to reach: the band, the target, else the floor."""
    if band := band_of(definition):
        return numbers.with_unit(band, definition["unit"] or "")
    at = definition["target"] if numbers.known(definition["target"]) else definition["floor"]
    return numbers.quantity(at, definition["unit"] or "", decimals_of(definition))


def _basis(view: View, unit: str, parent: str) -> str:
    """How the weights of a parent's children came about."""
    level = view.units[unit]["level"]
    rows = view.frame("weights").filter(level=level, parent=parent)
    return "；".join(rows["basis"].drop_nulls().unique(maintain_order=True)) or numbers.MISSING


def _share(share: float | None) -> str:
    return numbers.percent(share, WEIGHT_DECIMALS)


def _points(points: float | None) -> str:
    return numbers.number(points, DECIMALS)


def _run_line(view: View) -> Text:
    return Text(f"运行 {view.results.run_id}，tijian {view.results.version}", style="dim")
