"""Experts' comparisons (判断矩阵): a workbook with a sheet per comparison and expert → :class:`Comparison`.

A sheet is named for the parent, 总分 or a dimension, with the expert behind a dash (总分-张工). Its first row and first
column name the children by name, code or both; a cell says how many times as important the row is as the column: a
number or a fraction, 1/9 to 9. Half of the matrix is enough, the other half being its reciprocals.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

import numpy as np

from ...indicators.loader import Library
from ..evidence import Comparison, Source
from ..findings import Findings, Place
from ..scoring.tree import TOTAL, uses_ahp
from ..scoring.weights_ahp import CONSISTENT, MOST, judge
from ..settings.project import FILE_NAME, Project
from ..settings.scheme import Weighting
from ..storage.record import source_of
from .sheets.cells import fold_name, narrow, parse_blank, parse_number
from .sheets.files import is_file, what_stands_at
from .sheets.grid import Grid, as_text, read_grids
from .sheets.tables import NOT_DATA

LEAST, MOST_TIMES = 1 / 9.5, 9.0  # a ninth is also written 0.11
_RECIPROCAL = 0.05  # as engine/scoring/weights_ahp.py: 0.13 beside 8 is meant as an eighth
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")  # in the name of a sheet
_LONGEST_NAME = 31
_DASH = re.compile(r"[-－–—]")
_FRACTION = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?)\s*/\s*([0-9]{1,3}(?:\.[0-9]+)?)")


@dataclass(frozen=True)
class _Sheet:
    """One comparison's sheet: where each child's row and column are (from 0), and how a child is called."""

    grid: Grid
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    called: Mapping[str, str]

    def place(self, row: str, column: str) -> Place:
        """The cell of two children."""
        return self.grid.place.at(row=self.rows[row] + 1, column=self.called[column])


def comparisons_asked(project: Project, library: Library) -> dict[str, dict[str, str]]:
    """Parent → child → its name, for every comparison that the project's ways of weighing ask experts for.

    A parent with one child needs none, one with more than fifteen cannot be compared in one matrix.
    """
    asked: dict[str, dict[str, str]] = {}
    scheme = project.scoring
    of_dimension: dict[str, dict[str, str]] = {name: {} for name in library.dimension_names}
    for indicator in library.indicators:
        of_dimension[indicator.dimension][indicator.code] = indicator.name
    if uses_ahp(scheme.weights_dimensions, scheme.weighting):
        asked[TOTAL] = {name: name for name, children in of_dimension.items() if children}
    if any(uses_ahp(way, scheme.weighting) for way in (scheme.weights, *project.robustness.weights)):
        asked |= of_dimension
    return {parent: children for parent, children in asked.items() if 1 < len(children) <= MOST}


def sheet_name(parent: str, expert: str = "") -> str:
    """The name of a comparison's sheet: what Excel takes of the parent's and the expert's."""
    return _FORBIDDEN.sub("", f"{parent}-{expert}" if expert else parent)[:_LONGEST_NAME]


def judgements_file(project: Project) -> str:
    """Where the workbook lies in the project folder; ``{year}`` is the year of the run."""
    return project.scoring.weighting.judgements.replace("{year}", str(project.year))


def read_judgements(
    project: Project, library: Library, findings: Findings
) -> tuple[tuple[Comparison, ...], tuple[Source, ...]]:
    """The comparisons asked for, in the order of parents and sheets, and the file; both empty where none is asked for.

    Children stand in the library's order whatever the sheet's. Findings W001–W010 and W012, P003 for an expert who has
    an importance and no sheet.
    """
    asked = comparisons_asked(project, library)
    if not asked:
        return (), ()
    rules, shown = project.scoring.weighting, judgements_file(project)
    path = project.path(shown)
    if what_stands_at(path) and not is_file(path, Place(shown), findings):
        return (), ()
    if not what_stands_at(path):
        names = "、".join(sheet_name(parent) for parent in asked)
        findings.add("W001", Place(shown), value=shown, expected=f"工作表：{names}")
        return (), ()
    read: list[Comparison] = []
    experts = set()
    for grid in read_grids(path, findings, shown_as=shown):
        if fold_name(grid.sheet) in NOT_DATA:
            continue
        parent, expert = _whose(grid, (TOTAL, *library.dimension_names))
        experts.add(expert)
        if parent not in asked:
            _tell_unasked(grid, parent, asked, library, findings)
        elif any((c.parent, c.expert) == (parent, expert) for c in read):
            findings.add("W010", grid.place, value=grid.sheet, expected="每位专家每项比较一张表")
        elif comparison := _comparison(grid, (parent, expert), asked[parent], rules, findings):
            read.append(comparison)
    _tell_unknown_experts(rules, experts, findings)
    order = {parent: i for i, parent in enumerate(asked)}
    return tuple(sorted(read, key=lambda c: order[c.parent])), (source_of(path, shown),)


def check_weighted_dimensions(project: Project, library: Library, findings: Findings) -> None:
    """P003 for a dimension that the project weighs and the indicators in force do not know."""
    field = "scoring.dimension_weights"
    for name in project.scoring.dimension_weights:
        if name not in library.dimension_names:
            near = difflib.get_close_matches(name, library.dimension_names, n=1, cutoff=0.3)
            detail = "没有这个维度" + (f"，相近的是“{near[0]}”" if near else "")
            findings.add("P003", Place(FILE_NAME, column=field), value=name, field=field, detail=detail,
                         expected="、".join(library.dimension_names))  # fmt: skip


# ---- whose sheet it is -----------------------------------------------------------------------------------


def _whose(grid: Grid, parents: tuple[str, ...]) -> tuple[str, str]:
    """(parent, expert) of a sheet by its name; the parent as written where it is none of ``parents``."""
    known = {fold_name(sheet_name(parent)): parent for parent in parents}
    if fold_name(grid.sheet) in known:
        return known[fold_name(grid.sheet)], ""
    for dash in reversed(list(_DASH.finditer(grid.sheet))):
        parent = known.get(fold_name(grid.sheet[: dash.start()]))
        if parent is not None:
            return parent, grid.sheet[dash.end() :].strip()
    return _DASH.split(grid.sheet)[0].strip(), ""


def _tell_unasked(
    grid: Grid, parent: str, asked: Mapping[str, object], library: Library, findings: Findings
) -> None:
    """W012 for a sheet of a parent whose children are not compared, W002 for one that is no parent."""
    if parent == TOTAL or parent in library.dimension_names:
        count = len({i.code for i in library.indicators if i.dimension == parent})
        why = "没有选用层次分析法"
        if parent != TOTAL and count <= 1:
            why = "只有一项，不用比较"
        elif parent != TOTAL and count > MOST:
            why = f"有 {count} 项，超过一张矩阵能比较的 {MOST} 项"
        findings.add("W012", grid.place, value=parent, why=why, expected="删去这张表，或改用层次分析法")
        return
    near = difflib.get_close_matches(parent, list(asked), n=3, cutoff=0.3)
    findings.add(
        "W002", grid.place, value=grid.sheet, near="、".join(near) or "无", expected="、".join(asked)
    )


def _tell_unknown_experts(rules: Weighting, experts: set[str], findings: Findings) -> None:
    """P003 for an expert the project gives an importance who judged nothing: a slip would otherwise count 1 silently."""
    for expert in rules.experts:
        if expert not in experts:
            field = "scoring.weighting.experts"
            findings.add("P003", Place(FILE_NAME, column=field), value=expert, field=field,
                         detail="判断矩阵里没有这位专家的工作表",
                         expected="、".join(sorted(e for e in experts if e)) or "工作表名写成“总分-专家姓名”")  # fmt: skip


# ---- one sheet -------------------------------------------------------------------------------------------


def _comparison(
    grid: Grid, whose: tuple[str, str], called: Mapping[str, str], rules: Weighting, findings: Findings
) -> Comparison | None:
    """The comparison of one sheet; None, with findings, where it cannot be used."""
    faults = len(findings.errors)
    sheet = _laid_out(grid, called, findings)
    told, unreadable = _cells(sheet, findings)
    matrix = _square(sheet, told, unreadable, findings)
    if len(findings.errors) > faults:
        return None
    judgement = judge(matrix, method=rules.priority, random_index=rules.random_index)
    if judgement.consistency_ratio >= CONSISTENT:
        children = tuple(called)
        i, j = judgement.worst
        one, other = children[i], children[j]
        if one not in sheet.rows or other not in sheet.columns:
            one, other, i, j = other, one, j, i
        implied = judgement.weights[i] / judgement.weights[j]
        findings.add("W009", sheet.place(one, other), value=_said(matrix[i, j]), ratio=f"{judgement.consistency_ratio:.3f}",
                     table=rules.random_index, expert=whose[1] or "未具名", one=called[one], other=called[other],
                     implied=_said(implied), expected=f"一致性比率小于 {CONSISTENT:g}")  # fmt: skip
        return None
    return Comparison(*whose, tuple(called), tuple(map(tuple, matrix.tolist())))


def _laid_out(grid: Grid, called: Mapping[str, str], findings: Findings) -> _Sheet:
    """Where the children are; W003 for a name that is none of them, W004 for one that is missing, W010 for one twice.

    The header is the row, and the column, in which most children are named; what stands above is a title. A strange
    name without a figure beside it, where no child is missing, is a remark.
    """
    spelt = {fold_name(name): child for child, name in called.items()}
    for child, name in called.items():
        spelt |= {fold_name(child): child, fold_name(f"{child}{name}"): child}
    text = [[fold_name(as_text(cell)) for cell in row] for row in grid.rows]
    width = max(map(len, text))
    top = max(range(len(text)), key=lambda r: (sum(cell in spelt for cell in text[r]), -r))
    left = max(range(width), key=lambda c: (sum(row[c] in spelt for row in text[top + 1 :]), -c))
    down, across = range(top + 1, len(text)), range(left + 1, width)
    rows, strange_rows = _axis([(r, (r, left)) for r in down], grid, spelt, findings)
    columns, strange_columns = _axis([(c, (top, c)) for c in across], grid, spelt, findings)
    missing = [name for child, name in called.items() if child not in rows and child not in columns]
    strange = [at for r, at in strange_rows if missing or any(text[r][c] for c in columns.values())]
    strange += [at for c, at in strange_columns if missing or any(text[r][c] for r in rows.values())]
    written = {as_text(grid.rows[r][c]).strip(): grid.place.at(row=r + 1) for r, c in reversed(strange)}
    for name, place in reversed(written.items()):
        near = difflib.get_close_matches(name, [*called.values(), *called], n=3, cutoff=0.3)
        findings.add(
            "W003", place, value=name, near="、".join(near) or "无", expected="、".join(called.values())
        )
    for name in missing:
        findings.add("W004", grid.place, value=name, expected="首行和首列写全所有比较项")
    return _Sheet(grid, rows, columns, called)


def _axis(
    cells: list[tuple[int, tuple[int, int]]], grid: Grid, spelt: Mapping[str, str], findings: Findings
) -> tuple[dict[str, int], list[tuple[int, tuple[int, int]]]]:
    """(child → index, what is no child) along one axis; ``cells`` are (index, the cell of its name). W010."""
    found: dict[str, int] = {}
    strange = []
    for index, (r, c) in cells:
        written = as_text(grid.rows[r][c]).strip()
        child = spelt.get(fold_name(written))
        if child in found:
            findings.add("W010", grid.place.at(row=r + 1), value=written, expected="每项只写一次")
        elif child is not None:
            found[child] = index
        elif written:
            strange.append((index, (r, c)))
    return found, strange


def _cells(sheet: _Sheet, findings: Findings) -> tuple[dict[tuple[str, str], float], set[frozenset[str]]]:
    """(row, column) → times, and the pairs with a cell that says nothing sound; W005, W007 (diagonal) and W008."""
    told: dict[tuple[str, str], float] = {}
    unreadable: set[frozenset[str]] = set()
    for row, r in sheet.rows.items():
        for column, c in sheet.columns.items():
            raw = sheet.grid.rows[r][c]
            text = as_text(raw)
            if parse_blank(text) is not None or text.startswith(
                "="
            ):  # our forms fill the other half by formulas
                continue
            times, place = _times(raw), sheet.place(row, column)
            if times is None:
                hint = "1/9 至 9 的数或分数；Excel 把 1/3 当成了日期，请先把单元格设为分数格式，或写 =1/3"
                plain = "1/9 至 9 的数或分数，如 3、1/3"
                expected = hint if isinstance(raw, date | time | timedelta) else plain
                findings.add("W005", place, value=text, expected=expected)
            elif not LEAST <= times <= MOST_TIMES:
                findings.add("W008", place, value=text, expected="1/9 至 9；差得再多也写 9 或 1/9")
            elif row == column and abs(times - 1) > _RECIPROCAL:
                findings.add("W007", place, value=text, other="1", expected="一项与自己比较为 1")
            else:
                told[row, column] = times
                continue
            unreadable.add(frozenset((row, column)))
    return told, unreadable


def _square(
    sheet: _Sheet,
    told: Mapping[tuple[str, str], float],
    unreadable: set[frozenset[str]],
    findings: Findings,
) -> np.ndarray:
    """The whole matrix in the order of the children; W006 for pairs nobody compared, W007 where two halves disagree."""
    children = tuple(sheet.called)
    matrix, blank = np.eye(len(children)), []
    whole = {(column, row): 1 / times for (row, column), times in told.items()} | dict(told)
    there = {c for c in children if c in sheet.rows or c in sheet.columns}
    for i, one in enumerate(children):
        for j, other in enumerate(children[:i]):
            if (one, other) not in whole:
                if {one, other} <= there and frozenset((one, other)) not in unreadable:
                    blank.append((sheet.called[other], sheet.called[one]))
                continue
            first, second = whole[one, other], whole[other, one]
            if abs(first * second - 1) > _RECIPROCAL:
                findings.add("W007", sheet.place(one, other), value=_said(first), other=_said(second),
                             expected=f"{_said(1 / second)}，或改另一格")  # fmt: skip
            # of two the larger counts, its reciprocal having been rounded
            times = first if first >= second else 1 / second
            matrix[i, j], matrix[j, i] = times, 1 / times
    if blank:
        pairs = "、".join(f"{one}与{other}" for one, other in blank[:3]) + ("等" if len(blank) > 3 else "")
        findings.add("W006", sheet.grid.place, value=pairs, count=len(blank), expected="对角线以上每格都填")
    return matrix


def _times(raw: object) -> float | None:
    """The number a cell says, a fraction too; None for anything else."""
    if isinstance(raw, bool | date | time | timedelta):
        return None
    text = narrow(as_text(raw))
    found = _FRACTION.fullmatch(text)
    if found:
        return float(found[1]) / float(found[2]) if float(found[2]) > 0 else None
    cell = parse_number(text)
    return None if cell.unit else cell.value


def _said(times: float) -> str:
    """A judgement as Saaty writes it: 3, 1/3, 2.4."""
    return f"{times:.2g}" if times >= 1 else f"1/{1 / times:.2g}"
