"""What departments sent back (部门回收): the workbooks of a folder → rows of the frame ``returned``, with a finding for every fault.

A workbook is known by what stands in it and not by its name: a visible sheet with 编号, 状态 and 完成情况 or 佐证, its columns in
any order, its rows sorted or filtered. Which year it was written for is told by the property our workbooks carry, else by
the lines above the header. A row says something once somebody has touched it: one still as it was sent yields to any that
speaks, replaces nothing that was returned before, and is nobody's answer (:func:`tijian.engine.review.track.answered`).
"""

from __future__ import annotations

import difflib
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from ..findings import Findings, Place
from ..lists import OPEN
from ..results import MENDED, PARTLY, SCHEMAS, STATES
from ..review.track import IN_TIME
from .sheets.cells import fold_name, parse_blank, parse_date, parse_number
from .sheets.grid import Grid, as_text, read_grids
from .sheets.headers import Header, find_header

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".csv"})
HOPELESS = "无法整改"
# what is often written instead, and which of the states it means
_MEANT = {
    **dict.fromkeys(("已完成", "完成", "整改完成", "已办结", "办结", "已整治", "已解决"), MENDED),
    **dict.fromkeys(("部分完成", "基本完成", "部分整治"), PARTLY),
    **dict.fromkeys(("进行中", "推进中", "正在整改", "在整改", "整治中", "办理中", "实施中"), "整改中"),
    **dict.fromkeys(("未开始", "没有启动", "尚未启动", "未整改"), "未启动"),
    **dict.fromkeys(("不能整改", "不具备条件", "无法完成", "无法解决"), HOPELESS),
}
_FILLED = {"status": "状态", "done": "完成情况", "evidence": "佐证", "done_date": "完成日期"}
_SENT = {
    "id": "编号",
    "problem_id": "问题编号",
    "unit": "所在单元",
    "problem": "对应问题",
    "target": "目标值",
    "lead": "牵头单位",
}
_LABELS = {**_SENT, **_FILLED}
_PROPERTY = re.compile(rb'name="tijian_year"[^>]*>\s*<[^>]*>\s*([0-9]{4})')
_WRITTEN_YEAR = re.compile(r"([0-9]{4})\s*年(?:度)?")
_WHOSE = re.compile(r"^(.+?)（牵头")
Row = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """What went out: the year's remedies by id (with ``unit_name``, ``unit_label``), the ids by folded problem, the year,
    and the day it is now.
    """

    remedies: Mapping[str, Row]
    by_problem: Mapping[str, list[str]]
    year: int
    today: date


@dataclass(frozen=True)
class Said:
    """One row of a workbook: the remedy's id, what is said of it, by whom, and where."""

    id: str
    department: str
    status: str
    done: str
    evidence: str
    done_date: date | None
    place: Place

    @property
    def words(self) -> tuple[object, ...]:
        """What is said."""
        return self.status, self.done, self.evidence, self.done_date

    @property
    def untouched(self) -> bool:
        """Whether it stands as it was sent."""
        return self.words == (OPEN, "", "", None)


def sent_out(remedies: pl.DataFrame, units: pl.DataFrame, year: int, today: date) -> Sent:
    """What went out of ``remedies`` (the frame ``remedy_list`` of the year)."""
    names = dict(units.select("code", "name").iter_rows())
    towns = dict(units.filter(pl.col("level") == "community").select("code", "town").iter_rows())
    rows: dict[str, Row] = {}
    by_problem: dict[str, list[str]] = {}
    for row in remedies.iter_rows(named=True):
        name = names.get(row["unit"], row["unit"])
        rows[row["id"]] = row | {
            "unit_name": name,
            "unit_label": names.get(towns.get(row["unit"]), "") + name,
        }
        by_problem.setdefault(fold_name(row["problem"]), []).append(row["id"])
    return Sent(rows, by_problem, year, today)


def read_returned(folder: Path, sent: Sent, findings: Findings) -> pl.DataFrame:
    """The frame ``returned`` of the workbooks under ``folder``, in the order of ids; R001–R016. Not to be used where there are errors.

    ``department`` are those that say the same of a row, joined by 、; of a workbook that is no department's, its leads.
    """
    said: list[Said] = []
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith((".", "~$"))]
    for path in paths:
        shown = path.relative_to(folder).as_posix()
        if path.suffix.lower() in WORKBOOKS:
            said += _read_book(path, shown, sent, findings)
        else:
            findings.add("R015", Place(shown), value=path.suffix, expected="整治建议清单工作簿")
    if not any(p.suffix.lower() in WORKBOOKS for p in paths):
        findings.add("R016", Place(str(folder)), expected="各部门填好的一表三清单工作簿")
    rows = [
        {
            "year": sent.year, "id": s.id, "department": s.department, "status": s.status, "done": s.done, "evidence": s.evidence,
            "done_date": s.done_date, "file": s.place.file, "sheet": s.place.sheet, "row": s.place.row,
        }
        for s in _agreed(said, findings)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMAS["returned"])


def _agreed(said: list[Said], findings: Findings) -> list[Said]:
    """One row for each id, those that somebody touched before the others, of all who say the same; R012 where two differ."""
    held: dict[str, Said] = {}
    for row in said:
        before = held.setdefault(row.id, row)
        if before is row:
            continue
        if before.words == row.words:
            held[row.id] = replace(before, department=both(before.department, row.department))
        elif before.untouched:
            held[row.id] = row
        elif not row.untouched:
            findings.add("R012", row.place, value=_short(row), other=str(before.place), said=_short(before),
                         expected="同一编号只留一处，或两处写得一样")  # fmt: skip
    return [held[key] for key in sorted(held)]


def both(departments: str, others: str) -> str:
    """The departments of two texts in which 、 joins them, each once."""
    return "、".join(dict.fromkeys(filter(None, (*departments.split("、"), *others.split("、")))))


def _short(row: Said) -> str:
    parts = (row.status, row.done, row.evidence, row.done_date.isoformat() if row.done_date else "")
    return "／".join(part for part in parts if part)


# ---- one workbook ----------------------------------------------------------------------------------------


def _read_book(path: Path, shown: str, sent: Sent, findings: Findings) -> Iterator[Said]:
    """The rows of one workbook; R001 where it has no list, R002 where it is another year's."""
    before = len(findings.errors)
    grids = read_grids(path, findings, shown_as=shown)
    lists = [(grid, header) for grid in grids if (header := _list_header(grid)) is not None]
    if not lists:
        if len(findings.errors) == before:
            names = "、".join(grid.sheet for grid in grids)
            findings.add(
                "R001", Place(shown), value=names, expected="含编号、状态、完成情况、佐证各列的整治建议清单"
            )
        return
    year = _year_in(path, grids, lists)
    if year is not None and year != sent.year:
        findings.add("R002", Place(shown), value=year, asked=sent.year, expected=f"{sent.year} 年的清单")
        return
    seen: dict[str, int] = {}
    for grid, header in lists:
        yield from _read_list(grid, header, sent, seen, findings)


def _list_header(grid: Grid) -> Header | None:
    """The header of a sheet that is a list of remedies; None for any other sheet."""
    header = find_header(grid, list(_LABELS.values()))
    if header is None or not header.find(_SENT["id"]) or not header.find(_FILLED["status"]):
        return None
    return header if header.find(_FILLED["done"]) or header.find(_FILLED["evidence"]) else None


def _year_in(path: Path, grids: list[Grid], lists: list[tuple[Grid, Header]]) -> int | None:
    """The year a workbook was written for: by its property, the lines above its list, or its cover; None where none says."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "docProps/custom.xml" in archive.namelist():
                found = _PROPERTY.search(archive.read("docProps/custom.xml"))
                if found:
                    return int(found[1])
    above = [cell for grid, header in lists for row in grid.rows[: header.top] for cell in row]
    facts = [
        row[1]
        for grid in grids
        for row in grid.rows
        if len(row) > 1 and fold_name(as_text(row[0])) == "体检年份"
    ]
    for cell in [*above, *facts]:
        found_year = _WRITTEN_YEAR.search(as_text(cell))
        if found_year:
            return int(found_year[1])
    return None


def _read_list(
    grid: Grid, header: Header, sent: Sent, seen: dict[str, int], findings: Findings
) -> Iterator[Said]:
    """The rows of one sheet; R003 for a column that is not there. ``seen``: ids of this workbook with their row."""
    columns = {key: found[0] for key, label in _LABELS.items() if (found := header.find(label))}
    missing = [label for key, label in _FILLED.items() if key not in columns]
    if missing:
        findings.add(
            "R003",
            grid.place.at(row=header.bottom + 1),
            value="、".join(missing),
            expected="按发出的列名补上",
        )
    department = _department(grid, header)
    for at in range(header.bottom + 1, len(grid.rows)):
        row = grid.rows[at]
        cells = {key: as_text(row[c]).strip() for key, c in columns.items()}
        if not any(cells[key] for key in ("id", "problem_id", "problem", *_FILLED) if key in cells):
            continue
        place = grid.place.at(row=at + 1)
        remedy = _identified(cells, place, sent, seen, findings)
        if remedy is not None and not missing:
            said = _said(cells, remedy, place, department, sent, findings)
            if said is not None:
                yield said


def _department(grid: Grid, header: Header) -> str:
    """Whose workbook it is, as the line above the list says; empty for one of a unit."""
    for row in grid.rows[: header.top]:
        for cell in row:
            if found := _WHOSE.search(as_text(cell)):
                return found[1].strip()
    return ""


# ---- which remedy a row is about -------------------------------------------------------------------------


def _identified(
    cells: Mapping[str, str], place: Place, sent: Sent, seen: dict[str, int], findings: Findings
) -> Row | None:
    """The remedy that a row is about, None where its id cannot be believed: R004–R007; R013 for cells that were overwritten."""
    key = fold_name(cells["id"])
    at = place.at(column=_LABELS["id"])
    meant = _meant(cells, sent)
    if not key:
        findings.add("R005", at, expected=meant or "发出时的编号")
        return None
    if key not in sent.remedies:
        near = difflib.get_close_matches(key, sent.remedies, n=1, cutoff=0.8)
        findings.add(
            "R004",
            at,
            value=cells["id"],
            year=sent.year,
            expected=meant or (near[0] if near else "发出时的编号"),
        )
        return None
    if key in seen:
        findings.add(
            "R006",
            at,
            value=cells["id"],
            first=seen[key],
            expected=meant if meant != key else "每个编号只有一行",
        )
        return None
    seen[key] = place.row or 0
    remedy = sent.remedies[key]
    wrong = _mismatch(cells, remedy, meant)
    if wrong:
        findings.add("R007", at, value=cells["id"], what=wrong, expected=meant or "发出时的编号")
        return None
    _tell_overwritten(cells, remedy, place, findings)
    return remedy


def _meant(cells: Mapping[str, str], sent: Sent) -> str:
    """The id of the one remedy whose problem and unit stand in the row; empty where none or several do."""
    problem, unit = fold_name(cells.get("problem", "")), fold_name(cells.get("unit", ""))
    alike = sent.by_problem.get(problem, []) if problem else []
    found = [key for key in alike if _is_unit(unit, sent.remedies[key])]
    return found[0] if len(found) == 1 else ""


def _is_unit(written: str, remedy: Row) -> bool:
    """Whether the cell names the remedy's unit, alone or behind its town's."""
    return written in (fold_name(remedy["unit_name"]), fold_name(remedy["unit_label"]))


def _mismatch(cells: Mapping[str, str], remedy: Row, meant: str) -> str:
    """What in the row belongs to another id; empty where nothing does."""
    if cells.get("problem_id") and fold_name(cells["problem_id"]) != remedy["problem_id"]:
        return f"问题编号写的是 {cells['problem_id']}"
    if cells.get("unit") and not _is_unit(fold_name(cells["unit"]), remedy):
        return f"所在单元写的是 {cells['unit']}"
    return "对应问题是另一编号的" if meant and meant != remedy["id"] else ""


def _tell_overwritten(cells: Mapping[str, str], remedy: Row, place: Place, findings: Findings) -> None:
    """R013 for a locked cell that does not say what was sent; what was sent stays in force."""
    if cells.get("problem") and fold_name(cells["problem"]) != fold_name(remedy["problem"]):
        findings.add(
            "R013", place.at(column=_LABELS["problem"]), value=cells["problem"], expected=remedy["problem"]
        )
    if "target" in cells:
        written, target = parse_number(cells["target"]), remedy["target"]
        same = written.blank is not None if target is None else _close(written.value, target)
        if not same:
            expected = "空着" if target is None else f"{target:g}"
            findings.add("R013", place.at(column=_LABELS["target"]), value=cells["target"], expected=expected)
    if cells.get("lead"):
        written_leads = {fold_name(part) for part in re.split(r"[、,，;；/]", cells["lead"]) if part.strip()}
        if written_leads != {fold_name(lead) for lead in remedy["lead"] or ()}:
            expected = "、".join(remedy["lead"] or ())
            findings.add("R013", place.at(column=_LABELS["lead"]), value=cells["lead"], expected=expected)


def _close(written: float | None, target: float) -> bool:
    return written is not None and abs(written - target) <= 1e-6 * max(1.0, abs(target))


# ---- what a row says -------------------------------------------------------------------------------------


def _said(
    cells: Mapping[str, str], remedy: Row, place: Place, department: str, sent: Sent, findings: Findings
) -> Said | None:
    """What a row says; None where it says nothing (状态 cleared, the rest blank) or something that cannot be taken: R008–R011."""
    status, done, evidence = fold_name(cells["status"]), *(_words(cells[key]) for key in ("done", "evidence"))
    if not status and not (done or evidence or cells["done_date"]):
        return None
    faults = len(findings.errors)
    if status not in STATES:
        meant = _MEANT.get(status, "")
        choices = "、".join(STATES)
        findings.add("R008", place.at(column=_LABELS["status"]), value=cells["status"],
                     expected=f"{meant}（可选的有{choices}）" if meant else choices)  # fmt: skip
        status = meant  # so that what else is wanted of it is told with it
    if status in (MENDED, PARTLY) and not evidence:
        findings.add(
            "R009",
            place.at(column=_LABELS["evidence"]),
            value=status,
            expected="验收单、照片、文件的名称或文号",
        )
    if status == HOPELESS and not done:
        findings.add("R010", place.at(column=_LABELS["done"]), value=status, expected="写明为什么不能整改")
    day = _day(cells["done_date"], place.at(column=_LABELS["done_date"]), sent, findings)
    if len(findings.errors) > faults:
        return None
    if status == MENDED and day is None and remedy["treatment"] == IN_TIME:
        findings.add("R014", place.at(column=_LABELS["done_date"]), expected=f"{remedy['due']}的哪一天完成")
    return Said(
        remedy["id"], department or "、".join(remedy["lead"] or ()), status, done, evidence, day, place
    )


def _words(text: str) -> str:
    """Text of a cell; a dash is nothing."""
    return "" if parse_blank(text, words=False) is not None else text


def _day(text: str, place: Place, sent: Sent, findings: Findings) -> date | None:
    """The day something was finished; R011 where it is no day between the year's first and today."""
    cell = parse_date(text)
    if cell.blank is not None:
        return None
    first = date(sent.year, 1, 1)
    if cell.value is None or not first <= cell.value <= sent.today:
        why = "认不出日期" if cell.value is None else "早于体检年份" if cell.value < first else "晚于今天"
        findings.add(
            "R011",
            place,
            value=text,
            why=why,
            expected=f"{first} 至 {sent.today} 之间的日期，如 {sent.year}-09-30",
        )
        return None
    return cell.value
