"""The optional further list 更新项目清单: every 工程类 remedy as a project to be budgeted, if the project asks for it.

A row is one remedy whose measure is construction. What it would bring is told only where a standard scales the
indicator (the score at the target is then 90, ``engine/scoring/scale.py``); cost and funds are the district's to fill.
"""

from __future__ import annotations

from .lists_tables import deadline_of, title_of, unit_label
from .table import Cell, Column, Table
from .view import Scope, View

PROJECTS = "projects"
WORKS = "工程类"
TARGET_SCORE = 90
COLUMNS = (
    Column("no", "序号", 9, "right", "number", nowrap=True),
    Column("name", "项目名称", 46),
    Column("remedy_id", "对应建议", 26),
    Column("content", "建设内容及规模", 60),
    Column("lead", "实施单位", 26, kind="list"),
    Column("cost", "估算投资（万元）", 18, "right"),
    Column("funds", "资金来源", 20),
    Column("term", "计划起止", 24),
    Column("gain", "预期提升", 28),
    Column("status", "状态", 14, nowrap=True),
)


def wants_projects(view: View) -> bool:
    """Whether the project file names this list (``[lists] projects = "…"``)."""
    return bool(view.results.list_names.get(PROJECTS))


def project_table(view: View, scope: Scope) -> Table:
    """更新项目清单 within ``scope``, by the order of 整治建议清单."""
    rows = []
    works = [row for row in view.listed("remedy_list", scope) if row["measure_kind"] == WORKS]
    for number, row in enumerate(works, 1):
        indicator = view.indicators[row["indicator"]]
        content = "；".join(part.rstrip("。") for part in (row["measure"], row["amount"]) if part)
        values: dict[str, Cell] = {
            "no": number, "name": f"{unit_label(view, row['unit'])}{indicator['name']}整治项目", "remedy_id": row["id"],
            "content": content, "lead": tuple(row["lead"] or indicator["lead"] or ()), "cost": "", "funds": "",
            "term": deadline_of(row), "gain": _gain(view, row["unit"], row["indicator"]), "status": row["status"] or "",
        }  # fmt: skip
        rows.append(tuple(values[c.key] for c in COLUMNS))
    return Table(title_of(view, PROJECTS), COLUMNS, tuple(rows))


def _gain(view: View, unit: str, indicator: str) -> str:
    """The indicator's score now and at its target, where the standard says what the target is worth."""
    score = next((r for r in view.scores(unit) if r["indicator"] == indicator), None)
    if (
        score is None
        or score["method"] != "anchors"
        or score["score"] is None
        or score["score"] >= TARGET_SCORE
    ):
        return ""
    return f"该项得分 {score['score']:.1f} → {TARGET_SCORE}"
