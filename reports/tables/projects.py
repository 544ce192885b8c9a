"""The optional further list 更新项目清单: every 工程类 remedy as a project to be budgeted, if the project asks for it.

A row is one remedy whose measure is construction, and after it a row for each place where a new facility of its would
serve most (``engine/sites/everything.py``). What a remedy would bring is told only where a standard scales the indicator (the score
at the target is then 90, ``engine/scoring/scale.py``), what a place would bring as whom it serves and what the indicator
becomes; cost and funds are the district's to fill.

Where there is a table of projects (``[budget]``), its projects stand first, those chosen before the others, with their
cost and what they gain; the remedies they are for are not repeated.
"""

from __future__ import annotations

from ...engine.sites.words import OPENING, facility_text, gained_text, values_text
from .. import numbers
from ..view import Row, Scope, View
from ..wording.projects_said import by_worth, change_of, choice_of, money, worth
from .lists import deadline_of, decimals_of, title_of, unit_label
from .table import Cell, Column, Table

PROJECTS = "projects"
WORKS = "工程类"
TARGET_SCORE = 90
COLUMNS = (
    Column("no", "序号", 9, "right", "number", nowrap=True),
    Column("name", "项目名称", 46),
    Column("remedy_id", "对应建议", 26, nowrap=True),
    Column("content", "建设内容及规模", 56),
    Column("lead", "实施单位", 26, kind="list"),
    Column("cost", "估算投资（万元）", 18, "right"),
    Column("funds", "资金来源", 20),
    Column("term", "计划起止", 24),
    Column("gain", "预期提升", 36),
    Column("choice", "优选结果", 24),
    Column("status", "状态", 14, nowrap=True),
)


def wants_projects(view: View) -> bool:
    """Whether the project file names this list (``[lists] projects = "…"``)."""
    return bool(view.results.list_names.get(PROJECTS))


def project_table(view: View, scope: Scope) -> Table:
    """更新项目清单 within ``scope``: the table of projects, then what is left of 整治建议清单, in its order."""
    sites: dict[tuple[str, str], list[Row]] = {}
    for site in view.frame("sites").sort("rank").to_dicts():
        sites.setdefault((site["unit"], site["indicator"]), []).append(site)
    candidates = by_worth(view.listed(PROJECTS, scope))
    planned = {(row["unit"], row["indicator"]) for row in candidates}
    remedies = view.listed("remedy_list", scope)
    of = {(row["unit"], row["indicator"]): row for row in remedies}
    rows = [_of_candidate(view, row, of.get((row["unit"], row["indicator"]))) for row in candidates]
    for row in remedies:
        pair = row["unit"], row["indicator"]
        if row["measure_kind"] == WORKS and pair not in planned:
            rows.append(_of_remedy(view, row))
            rows += [_of_site(view, row, site) for site in sites.get(pair, [])]
    body = tuple(tuple(({"no": n} | cells)[c.key] for c in COLUMNS) for n, cells in enumerate(rows, 1))
    table = Table(title_of(view, PROJECTS), COLUMNS, body)
    return table if candidates else table.without("choice")


def _of_candidate(view: View, row: Row, remedy: Row | None) -> dict[str, Cell]:
    """A project of the table, with what ``remedy`` (of the same unit and indicator, if there is one) says of it."""
    indicator = view.indicators[row["indicator"]]
    cells: dict[str, Cell] = {
        "remedy_id": "", "content": "", "lead": tuple(indicator["lead"] or ()), "funds": "", "term": "", "status": "",
    }  # fmt: skip
    if remedy is not None:
        cells |= _of_remedy(view, remedy)
    return cells | {
        "name": f"{row['name']}（{row['id']}）", "cost": money(row["cost"]), "gain": _worth(view, row), "choice": choice_of(row),
    }  # fmt: skip


def _worth(view: View, row: Row) -> str:
    """What a project brings: points of its unit's total, for how many people, and what becomes of the indicator."""
    if worth(row) == float("-inf"):
        return ""
    people = numbers.people(row["people"])
    return f"综合得分{numbers.signed(row['gain'], 2)}分，涉及{people}；{change_of(view, row)}"


def _of_remedy(view: View, row: Row) -> dict[str, Cell]:
    """A remedy as a project, without what it says of sites: they are projects of their own."""
    indicator = view.indicators[row["indicator"]]
    measure = (row["measure"] or "").partition(OPENING)[0]
    content = "；".join(part.rstrip("。") for part in (measure, row["amount"]) if part)
    return {
        "name": f"{unit_label(view, row['unit'])}{indicator['name']}整治项目", "remedy_id": row["id"],
        "content": content, "lead": tuple(row["lead"] or indicator["lead"] or ()), "cost": "", "funds": "",
        "term": deadline_of(row), "gain": _gain(view, row["unit"], row["indicator"]), "status": row["status"] or "",
        "choice": "",
    }  # fmt: skip


def _of_site(view: View, remedy: Row, site: Row) -> dict[str, Cell]:
    """A proposed site as a project of its own; what it gains counts the sites ranked before it as built."""
    indicator = view.indicators[site["indicator"]]
    values = values_text(site, decimals_of(indicator), indicator["unit"] or "")
    gain = f"新增覆盖{gained_text(site)}" + (f"，{values[0]} → {values[1]}" if values else "")
    return _of_remedy(view, remedy) | {
        "name": f"{unit_label(view, site['unit'])}{indicator['name']}新增设施（选址{site['rank']}）",
        "content": f"在{site['place']}新增{facility_text(site)}", "gain": gain,
    }  # fmt: skip


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
