"""What the terminal shows (终端显示): findings, and what every view of it is made of.

Pure functions from frames to rich renderables; nothing here prints. Text from inputs goes into ``Text``
objects and is never read as markup. The views of single commands are in the modules beside this one
(``terminal_*.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ...engine.findings import Finding, Findings, catalogue
from ...engine.results import Results
from ..wording.finding_words import LEVELS

SHOWN_PER_KIND = 20  # places listed for one kind of finding; the workbook and the PDF carry all of them
LEVEL_STYLES = {"error": (LEVELS["error"], "bold red"), "warning": (LEVELS["warning"], "yellow")}
Row = dict[str, Any]


def plain_table(title: str, *columns: tuple[str, str]) -> Table:
    """An empty three-line table; ``columns`` are (header, justification)."""
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for header, justify in columns:
        table.add_column(Text(header), justify=justify, overflow="fold")  # type: ignore[arg-type]
    return table


def grade_text(results: Results, grade: str | None, before: str = "") -> Text:
    """A grade, written and coloured by its place among the project's grades; ``before`` stands in front."""
    names = [name for name, _ in results.grade_cuts]
    text = Text(before)
    if not grade:
        return text
    if grade not in names:
        return text.append(grade, style="dim")
    styles = ("blue", "green", "yellow", "dark_orange", "bold red")
    place = round(names.index(grade) * (len(styles) - 1) / max(1, len(names) - 1))
    return text.append(grade, style=styles[place])


# ── findings ──────────────────────────────────────────────────────────────────────────────────────────────


def findings_view(findings: Findings, *, closing: bool = True) -> RenderableType:
    """Every kind of finding once, with where it stands and how to mend it; errors first, then by code.

    ``closing`` adds the line that says whether a run can go on.
    """
    if not len(findings):
        return Text("未发现问题。", style="green")
    order = {"error": 0, "warning": 1}
    rows = sorted(findings, key=lambda f: (order[f.level], f.code))
    parts = [_kind_view(code, list(found)) for code, found in groupby(rows, key=lambda f: f.code)]
    if not closing:
        return Group(*parts)
    return Group(
        *parts, findings_summary(findings), Text("tijian help-finding 代码 查看原因和改法。", style="dim")
    )


def findings_summary(findings: Findings) -> Text:
    """One line: how many errors and warnings, and whether a run can go on."""
    errors = len(findings.errors)
    warnings = len(findings) - errors
    text = Text(f"共 {errors} 处错误、{warnings} 处提醒。", style="bold red" if errors else "bold")
    return text.append("请改正错误后重新运行。" if errors else "可以运行；提醒将写入报告的数据质量一节。")


def _kind_view(code: str, found: Sequence[Finding]) -> RenderableType:
    kind = catalogue()[code]
    word, style = LEVEL_STYLES[kind.level]
    head = Text.assemble((f"{word} {code} ", style), (kind.title, "bold"), f"（{len(found)} 处）")
    table = plain_table("", ("位置", "left"), ("说明", "left"), ("原值", "left"), ("应为", "left"))
    for finding in found[:SHOWN_PER_KIND]:
        cells = (str(finding.place), finding.message, finding.value, finding.expected)
        table.add_row(*(Text(cell) for cell in cells))
    rest = len(found) - SHOWN_PER_KIND
    more = [Text(f"  …另有 {rest} 处同类问题", style="dim")] if rest > 0 else []
    advice = Text(f"  原因：{kind.cause}\n  改法：{kind.remedy}\n", style="dim")
    return Group(head, table, *more, advice)
