"""The table of projects (项目库): what could be built or done where, for how much money, and what would come of it.

One row per project: 项目编号, 项目名称, 单元 (name or code), 指标 (code or name), 投资 in 万元 (another unit of money in the
header is converted), and 实施后指标值, which left blank means the indicator's target. `[budget]` in the project file names
the workbook; ``engine/analysis/budget.py`` chooses among the projects.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import polars as pl

from ...indicators.model import Indicator
from ..evidence import Source
from ..findings import Findings, Place
from ..results import LEVEL_NAMES, conform, empty
from ..settings.project import Project
from ..storage.record import source_of
from .names import NameBook, place_by_name
from .sheets.cells import fold_name
from .sheets.files import is_file
from .sheets.tables import TableSpec, read_table

HEADERS = {
    "id": "项目编号", "name": "项目名称", "_unit": "单元", "indicator": "指标", "cost": "投资", "value_then": "实施后指标值",
}  # fmt: skip
MONEY = "万元"


def read_candidates(
    project: Project, book: NameBook, indicators: Sequence[Indicator], findings: Findings
) -> tuple[pl.DataFrame, tuple[Source, ...]]:
    """The candidates (columns of the frame ``projects``, sorted by id) and the file read; none where none is named.

    Findings: those of the table reader and N001–N005 for units; P004 no such file, T020 an id given twice (the later row
    is left out), B001 an indicator that is not in force, B002 one that is not judged at the unit's level, B003 no cost or
    one below zero. A row with a fault is left out.
    """
    rules = project.budget
    if not rules.file or not indicators:  # without indicators only the units and inputs are wanted (forms)
        return empty("projects"), ()
    path, shown = project.input_path(rules.file), rules.file.replace("{year}", str(project.year))
    if not is_file(path, Place(shown), findings, missed_as="项目库"):
        return empty("projects"), ()
    spec = TableSpec(
        columns=HEADERS, types={"cost": "number", "value_then": "number"}, units={"cost": MONEY},
        required=frozenset(HEADERS) - {"value_then"}, sheet=rules.sheet,
    )  # fmt: skip
    read = read_table(path, spec, findings, shown_as=shown)
    rows = place_by_name(read, book, findings, level=None, headers=(HEADERS["_unit"], None))
    levels = dict(book.units.select("code", "level").iter_rows())
    rows = rows.with_columns(
        level=pl.col("unit").replace_strict(levels, default=None, return_dtype=pl.String),
        file=pl.lit(shown), row=pl.col("_row"), year=pl.lit(project.year, dtype=pl.Int64),
    )  # fmt: skip
    rows = _with_codes(rows, indicators, findings)
    rows = _costed(_at_their_level(rows, indicators, findings), findings)
    rows = _once(rows, findings).drop_nulls(["id", "unit", "indicator", "cost"])
    return conform("projects", rows.drop("_file", "_sheet", "_row").sort("id")), (source_of(path, shown),)


def _with_codes(rows: pl.DataFrame, indicators: Sequence[Indicator], findings: Findings) -> pl.DataFrame:
    """``indicator`` as a code, whether its code or its name was written; B001 once for each that is neither."""
    known = {fold_name(i.code): i.code for i in indicators} | {fold_name(i.name): i.code for i in indicators}
    names = [i.name for i in indicators] + [i.code for i in indicators]
    written = rows["indicator"].drop_nulls().unique(maintain_order=True).to_list()
    for word in (w for w in written if fold_name(w) not in known):
        same = rows.filter(pl.col("indicator") == word)
        near = "、".join(difflib.get_close_matches(word, names, n=3, cutoff=0.3)) or "无"
        findings.add("B001", _place(same.row(0, named=True), "indicator"), value=word, count=same.height, near=near,
                     expected="现行指标的编号或名称（tijian indicators）")  # fmt: skip
    codes = {word: known.get(fold_name(word)) for word in written}
    return rows.with_columns(pl.col("indicator").replace_strict(codes, default=None, return_dtype=pl.String))


def _at_their_level(rows: pl.DataFrame, indicators: Sequence[Indicator], findings: Findings) -> pl.DataFrame:
    """Without the rows whose indicator is not judged at the level of their unit, each a B002."""
    levels, names = {i.code: i.levels for i in indicators}, {i.code: i.name for i in indicators}
    kept = []
    for row in rows.iter_rows(named=True):
        code, level = row["indicator"], row["level"]
        kept.append(code is None or level is None or level in levels[code])
        if not kept[-1]:
            where = "、".join(LEVEL_NAMES[name] for name in levels[code])
            findings.add("B002", _place(row, "indicator"), value=names[code], level=LEVEL_NAMES[level], levels=where,
                         expected=f"{where}的单元")  # fmt: skip
    return rows.filter(pl.Series(kept, dtype=pl.Boolean))


def _costed(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Without the rows whose cost is blank or below zero, each a B003; what could not be read at all is told already."""
    told = {
        (f.place.file, f.place.sheet, f.place.row)
        for f in findings
        if f.place.column.startswith(HEADERS["cost"])
    }
    wrong = (pl.col("cost") < 0).fill_null(True)
    for row in rows.filter(wrong).iter_rows(named=True):
        if (row["_file"], row["_sheet"], row["_row"]) not in told:
            value = "空" if row["cost"] is None else f"{row['cost']:g}"
            findings.add("B003", _place(row, "cost"), value=value, expected="不小于 0 的数（万元）")
    return rows.filter(~wrong)


def _once(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """The first row of each id; T020 for every later one."""
    again = pl.col("id").is_not_null() & ~pl.col("id").is_first_distinct()
    for row in rows.filter(again).iter_rows(named=True):
        findings.add("T020", _place(row, "id"), value=row["id"], expected="每行一个不同的编号")
    return rows.filter(~again)


def _place(row: dict[str, object], column: str) -> Place:
    return Place(str(row["_file"]), str(row["_sheet"]), int(str(row["_row"])), HEADERS[column])
