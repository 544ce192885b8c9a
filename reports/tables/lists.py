"""一表三清单 and 问题台账 as :class:`~tijian.reports.tables.table.Table` objects: the columns Shanghai prints, for any scope.

The same builders serve the PDF, the workbook and the page; a renderer may leave columns out (``without``),
never invent one. Which rows: a :class:`~tijian.reports.view.Scope`. Titles come from the project (``Results.list_names``).
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from ...engine.chance.differences import BETTER, WORSE
from ...engine.diagnosis.everything import FEW
from ...engine.results import LEVELS, TOO_FEW, TREATMENTS
from .. import numbers
from ..view import Row, Scope, View
from .list_columns import (
    INDICATOR_COLUMNS,
    LEDGER_COLUMNS,
    OF_EARLIER_YEARS,
    PROBLEM_COLUMNS,
    REMEDY_COLUMNS,
    STRENGTH_COLUMNS,
)
from .spine import comparable, spine_of
from .table import Cell, Column, Figure, Table

LIST_TITLES = {
    "table": "指标评估表",
    "strengths": "优势清单",
    "problems": "问题清单",
    "remedies": "整治建议清单",
    "projects": "更新项目清单",
    "ledger": "问题台账",
    "targets": "行动计划目标达成情况",
    "scales": "指标汇总表（四个尺度）",
    "questions": "数据核实",
}
DIRECTIONS = {"higher": "高优", "lower": "低优", "within": "适度"}
DIRECTION_NOTE = "方向：高优为越高越好，低优为越低越好，适度为落在区间内为好；计数类指标按占比或密度与同类比较，全区均值和同类中位数也以此列出"
_PER_HEAD, _MANY, _SMALL = "/人", 10_000, 0.1  # what is less than this a head is told by the ten thousand
_RATE_DECIMALS = {"%": 1, "‰": 1}  # of the shares and densities counts are compared by; others two


def title_of(view: View, which: str) -> str:
    """What the project calls the table or a list (``which`` is a key of LIST_TITLES)."""
    return view.results.list_names.get(which) or LIST_TITLES[which]


def indicator_table(view: View, scope: Scope, unit_column: bool = True) -> Table:
    """指标评估表: every measured or expected indicator of the scope's units.

    Units come in code order, indicators in the order of the system. Ranks of communities are told as thirds.
    """
    rows = tuple(_indicator_row(view, row, i) for i, row in enumerate(indicator_rows(view, scope), 1))
    table = Table(
        title_of(view, "table"), INDICATOR_COLUMNS, rows, notes=(DIRECTION_NOTE,), source=_run_source(view)
    )
    return table if unit_column else table.without("unit_name")


def indicator_rows(view: View, scope: Scope) -> list[Row]:
    """The rows of ``scores`` behind :func:`indicator_table`, in its order."""
    codes = scope.units if scope.units is not None else tuple(view.units)
    wanted = set(scope.indicators) if scope.indicators is not None else set(view.indicators)
    if scope.department is not None:
        wanted &= set(view.indicators_of(scope.department, scope.role))
    return [row for code in codes for row in view.scores(code) if row["indicator"] in wanted]


def _indicator_row(view: View, row: Row, number: int) -> tuple[Cell, ...]:
    indicator = view.indicators[row["indicator"]]
    decimals = decimals_of(indicator)
    values: dict[str, Cell] = {
        "no": number,
        "unit_name": view.name(row["unit"]),
        "dimension": row["dimension"],
        "indicator": indicator["name"],
        "unit": indicator["unit"] or "",
        "direction": DIRECTIONS.get(indicator["direction"], indicator["direction"] or ""),
        "value": Figure(row["value"], decimals),
        "interval": interval_of(view, row, indicator),
        "previous": Figure(row["previous"], decimals),
        "change": change_of(row, decimals),
        "standard": band_of(indicator) or Figure(indicator["target"], decimals),
        "district": compared_figure(row["district_value"], indicator),
        "peers": compared_figure(row["peer_median"], indicator),
        "spine": spine_of(row, indicator),
        "score": TOO_FEW if row["score"] is None and row["note"] == TOO_FEW else Figure(row["score"], 1),
        "grade": row["grade"] or "",
        "ministry": row["ministry"] or "",
        "rank": rank_of(row),
        "satisfaction": Figure(row["satisfaction"], 1),
        "lead": tuple(indicator["lead"] or ()),
        "source": source_of(view, row, indicator),
        "note": _notes_of(view, row),
    }
    return _ordered(INDICATOR_COLUMNS, values)


def interval_of(view: View, row: Row, indicator: Row) -> str:
    """The 95 % interval of a value in its own unit; empty where there is none, and for counts: theirs is of their share."""
    measured = view.measured(row["unit"], row["indicator"])
    if measured is None or not comparable(indicator):
        return ""
    return numbers.span(measured["low"], measured["high"], decimals_of(indicator))


def decimals_of(indicator: Row) -> int:
    """The decimals an indicator is printed with (one where the definition says nothing)."""
    return 1 if indicator["decimals"] is None else int(indicator["decimals"])


def band_of(indicator: Row) -> str:
    """The good range of a 适度 indicator, ``0.6–1``; empty for the others."""
    if indicator["direction"] != "within":
        return ""
    return numbers.band(indicator["low"], indicator["high"], decimals_of(indicator))


def compared_figure(value: float | None, indicator: Row) -> Figure:
    """What units are compared by: the value itself, of a count its share or density with its own unit (``8.4%``)."""
    if comparable(indicator):
        return Figure(value, decimals_of(indicator))
    unit = indicator["compared_unit"] or indicator["unit"] or ""
    if unit.endswith(_PER_HEAD) and value is not None and abs(value) < _SMALL:
        return Figure(value * _MANY, 1, unit=f"{unit.removesuffix(_PER_HEAD)}/万人")
    return Figure(value, _RATE_DECIMALS.get(unit, 2), unit=unit)


def change_of(row: Row, decimals: int) -> Figure:
    """The change against last year with its arrow and whether it is an improvement."""
    shown = numbers.rounded(row["change"], decimals)
    if shown is None:
        return Figure(None, decimals, signed=True)
    arrow = "→" if shown == 0 else ("↑" if shown > 0 else "↓")
    return Figure(row["change"], decimals, signed=True, arrow=arrow, better=_improved(row) if shown else None)


def _improved(row: Row) -> bool | None:
    """Whether a change is good news: an indicator's by the limits of chance, a score's as it stands."""
    if "than_previous" in row:
        return {BETTER: True, WORSE: False}.get(row["than_previous"])
    return row["improved"]


def rank_of(row: Row) -> str:
    """``9/17``; a community's rank is told as a third of its peers."""
    if row["level"] == "community":
        return numbers.third(row["rank"], row["peers"])
    return numbers.rank(row["rank"], row["peers"])


def source_of(view: View, row: Row, indicator: Row) -> str:
    """Which files the value stands on, by file name; 上报值 when only the rate itself was handed in."""
    measured = view.measured(row["unit"], row["indicator"])
    if measured is None or measured["value"] is None:
        return ""
    files = [PurePath(f).name for name in indicator["inputs"] or [] for f in view.input_files.get(name, [])]
    names = "、".join(dict.fromkeys(files))
    return f"{names}（上报值）" if measured["origin"] == "reported" else names


def _notes_of(view: View, row: Row) -> str:
    measured = view.measured(row["unit"], row["indicator"])
    parts = [row["note"], measured["note"] if measured else None, row["break_reason"]]
    return "；".join(dict.fromkeys(p for p in parts if p))


def strength_table(view: View, scope: Scope) -> Table:
    """清单一 优势清单."""
    rows = []
    for number, row in enumerate(view.listed("strength_list", scope), 1):
        indicator = view.indicators[row["indicator"]]
        values: dict[str, Cell] = {
            **_common(view, row, number),
            "strength": row["strength"] or "",
            "value": _figure(row["value"], indicator),
            "reference": _figure(row["reference"], indicator),
            "lead_by": _gap(row["lead_by"], indicator),
            "note": row["note"] or "",
        }
        rows.append(_ordered(STRENGTH_COLUMNS, values))
    return Table(title_of(view, "strengths"), STRENGTH_COLUMNS, tuple(rows), source=_run_source(view))


def problem_table(view: View, scope: Scope) -> Table:
    """清单二 问题清单, by priority; 整改情况 and 遗留年数 where it follows on an earlier year's list."""
    rows = []
    for number, row in enumerate(view.listed("problem_list", scope), 1):
        indicator = view.indicators[row["indicator"]]
        values: dict[str, Cell] = {
            **_common(view, row, number),
            "problem": _problem_of(row),
            "value": _figure(row["value"], indicator),
            "standard": _standard(row["standard"], indicator),
            "gap": _gap(row["gap"], indicator),
            "people": Figure(row["people"], 0, unit="人"),
            "severity": row["severity"] or "",
            "degree": row["degree"] or "",
            "difficulty": row["difficulty"] or "",
            "supporting": tuple(row["supporting"] or ()),
            "ledger": _ledger_lines(row["ledger_from"], row["ledger_to"]),
            "outcome": row["outcome"] or "",
            "left_over": row["year"] - row["since"] if row["outcome"] and row["since"] else None,
        }
        rows.append(_ordered(PROBLEM_COLUMNS, values))
    table = Table(title_of(view, "problems"), PROBLEM_COLUMNS, tuple(rows), source=_run_source(view))
    return table.without_blank(OF_EARLIER_YEARS)


def _problem_of(row: Row) -> str:
    """The problem, and that it rests on a small sample, which a table without the grounds would hide."""
    said = row["problem"] or ""
    return f"{said}{FEW}" if FEW in (row["because"] or "") and FEW not in said else said


def remedy_table(view: View, scope: Scope) -> Table:
    """清单三 整治建议清单, by priority; 状态, 完成情况 and 佐证 are for the department to fill in."""
    rows = []
    for number, row in enumerate(view.listed("remedy_list", scope), 1):
        indicator = view.indicators[row["indicator"]]
        values: dict[str, Cell] = {
            **_common(view, row, number),
            **{
                k: row[k] or ""
                for k in ("problem", "problem_id", "measure", "measure_kind", "amount", "area")
            },
            **{k: row[k] or "" for k in ("status", "done", "evidence")},
            "target": _figure(row["target"], indicator),
            "treatment": TREATMENTS.get(row["treatment"], row["treatment"] or ""),
            "term": deadline_of(row),
            "priority": Figure(row["priority"], 2),
            "next_year": row["next_year"],
            "supporting": tuple(row["supporting"] or ()),
            "town": view.name(row["town"]) if row["town"] else "",
        }
        rows.append(_ordered(REMEDY_COLUMNS, values))
    return Table(title_of(view, "remedies"), REMEDY_COLUMNS, tuple(rows), source=_run_source(view))


def ledger_table(view: View, scope: Scope) -> Table:
    """问题台账: one line per thing and sub-rule, with the file and row it was read from."""
    rows = []
    for row in view.listed("ledger", scope):
        values: dict[str, Cell] = {
            "line": row["line"],
            "unit_name": unit_parts(view, row["unit"]),
            "indicator": view.indicators[row["indicator"]]["name"],
            "thing_name": row["thing_name"] or "",
            "thing": row["thing"] or "",
            "says": row["says"] or "",
            "degree": row["degree"] or "",
            "difficulty": row["difficulty"] or "",
            "treatment": TREATMENTS.get(row["treatment"], row["treatment"] or ""),
            "source": _place(row),
        }
        rows.append(_ordered(LEDGER_COLUMNS, values))
    return Table(title_of(view, "ledger"), LEDGER_COLUMNS, tuple(rows), source=_run_source(view))


def deadline_of(row: Row) -> str:
    """``近期（2027年6月底前）``: the term and, where there is one, the date."""
    term, due = row["term"] or "", row["due"] or ""
    due = due if not due or due.endswith("前") else f"{due}前"
    return f"{term}（{due}）" if term and due else term or due


def _common(view: View, row: Row, number: int) -> dict[str, Cell]:
    """The cells the three lists share."""
    indicator = view.indicators[row["indicator"]]
    return {
        "no": number,
        "id": row["id"] or "",
        "unit_name": unit_parts(view, row["unit"]),
        "subject": f"{row['dimension']}/{indicator['name']}",
        "because": row.get("because") or "",
        "lead": tuple(row.get("lead") or indicator["lead"] or ()),
    }


def unit_parts(view: View, unit: str) -> tuple[str, ...]:
    """A unit's name in parts; the town's name goes before a community's, since communities share names."""
    row = view.units.get(unit)
    if row is None or row["level"] != LEVELS[2] or not row["town"]:
        return (view.name(unit),)
    return view.name(row["town"]), row["name"]


def unit_label(view: View, unit: str) -> str:
    """A unit's name in one piece: ``听泉街道松庭居委会``."""
    return "".join(unit_parts(view, unit))


def _figure(value: float | None, indicator: Row) -> Figure:
    return Figure(value, decimals_of(indicator), unit=indicator["unit"] or "")


def _standard(value: float | None, indicator: Row) -> Cell:
    good = band_of(indicator)
    return numbers.with_unit(good, indicator["unit"] or "") if good else _figure(value, indicator)


def _gap(value: float | None, indicator: Row) -> Figure:
    size = None if value is None else abs(value)
    return Figure(size, decimals_of(indicator), unit=numbers.difference_unit(indicator["unit"] or ""))


def _ledger_lines(first: int | None, last: int | None) -> str:
    if first is None:
        return ""
    return f"第{first}行" if last in (None, first) else f"第{first}{numbers.EN_DASH}{last}行"


def _place(row: Row) -> str:
    line = f"第{row['row']}行" if row["row"] is not None else ""
    return " › ".join(p for p in (PurePath(row["file"] or "").name, row["sheet"], line) if p)


def _run_source(view: View) -> str:
    return f"{view.results.year}年度城市体检，运行编号 {view.results.run_id}"


def _ordered(columns: tuple[Column, ...], values: dict[str, Any]) -> tuple[Cell, ...]:
    return tuple(values[c.key] for c in columns)
