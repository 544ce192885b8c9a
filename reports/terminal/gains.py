"""Gains on the terminal (提升潜力): the greatest of a unit, what lifts it a grade, and the projects a budget buys."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.analysis.budget import within_budget
from ...engine.analysis.whatif import trees
from ...engine.results import Results
from ..tables.gains import GAIN_NOTE, gains_table, lift_said, units_gains_table
from ..view import View
from ..wording.projects_said import NOTE, budget_said, projects_table
from .folding import folding

MOST = 10


def gains_view(results: Results, unit: str | None = None, budget: float | None = None) -> RenderableType:
    """The ten greatest gains of a unit (the district by default) and its way to the next grade; its projects.

    For the district the greatest gain of every town too. ``budget`` (万元) chooses the projects anew, writing nothing.
    """
    if budget is not None and results.projects.height:
        results = with_budget(results, budget)
    view = View(results)
    code = unit or view.district
    name = f"{view.name(code)} {results.year} 年"
    table, said = gains_table(view, code, MOST), lift_said(view, code)
    if not said and not len(table):
        return Text(f"{name}没有综合得分，推算不出提升。")
    parts: list[RenderableType] = [Text(said)] if said else []
    parts += [folding(table, f"{name}{table.title}", 2)] if len(table) else []
    if code == view.district:
        towns = units_gains_table(view, view.of_level("town"))
        parts += [folding(towns)] if len(towns) else []
    parts.append(Text(f"{GAIN_NOTE}。", style="dim"))
    return Group(*parts, *_projects(view, code, budget))


def with_budget(results: Results, budget: float) -> Results:
    """The results as they would be if ``budget`` (万元) were there to spend."""
    frames = {name: getattr(results, name) for name in ("scores", "dimensions", "totals", "weights")}
    chosen = within_budget(results.projects, trees(frames, results.scheme), budget)
    return replace(results, projects=chosen["projects"], budget=chosen["budget"])


def _projects(view: View, code: str, budget: float | None) -> list[RenderableType]:
    """The projects of the unit and all inside it, with what the budget buys of the whole table."""
    inside = set(view.subtree(code))
    rows = [row for row in view.frame("projects").to_dicts() if row["unit"] in inside]
    if not rows:
        told = "没有项目库：在 tijian.toml 的 [budget] 里写明项目库文件，才能按投资额度优选项目。"
        return (
            [Text(told, style="yellow")] if budget is not None and not view.frame("projects").height else []
        )
    made = projects_table(view, rows)
    supposed = "" if budget is None else "（假设的投资额度，没有写入结果）"
    return [
        folding(made, f"{made.title}{supposed}", 2),
        Text(budget_said(view)),
        Text(f"{NOTE}。", style="dim"),
    ]
