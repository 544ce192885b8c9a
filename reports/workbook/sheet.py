"""One :class:`~tijian.reports.tables.table.Table` on one worksheet: real numbers, links, cells to fill in, ready to print.

The sheet reads, from the top: title, a line saying whom it is about (with the synthetic label, 合成演示数据,
when the data are made up), the header, the rows. Text is written as text whatever it looks like: a cell that
begins with ``= + - @`` also carries Excel's text prefix, so that editing it does not turn it into a formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from .. import numbers
from ..tables.table import Cell, Column, Figure, Spine, Table, is_blank, text
from ..widths import display_width
from .styles import Styles

TITLE_ROW, ABOUT_ROW, HEADER_ROW, FIRST_ROW = range(4)
MAX_ROWS = 1_048_576 - FIRST_ROW  # Excel's limit
MAX_LINKS = 65_000  # Excel keeps 65,530 links a sheet
MM_PER_UNIT = 1.85  # a column-width unit: 7 pixels at 96 dpi
WIDEST, WIDEST_LINK = 60.0, 44.0
LINE_HEIGHT, HIGHEST = 15.0, 409.0  # points; Excel's limit
LINES_TO_FILL_IN = 2
A4 = 9
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NOTHING = "无"
DATE_FORMAT = "yyyy-mm-dd"
MOST = 10**15  # more digits than a spreadsheet keeps
WRITABLE = {
    "select_locked_cells": True, "select_unlocked_cells": True, "autofilter": True, "sort": True,
    "format_columns": True, "format_rows": True,
}  # fmt: skip


@dataclass(frozen=True)
class FillIn:
    """A column the department fills in: a choice (``choices``), a date not before ``since``, a ``number``, or words."""

    hint: str
    choices: tuple[str, ...] = ()
    since: date | None = None
    number: bool = False


@dataclass(frozen=True)
class Plan:
    """How one table stands on its sheet.

    ``name`` the sheet's name, ``about`` the line under the title, ``label`` the synthetic label or empty,
    ``footer`` what the printed foot says at the left, ``freeze`` the last column that stays in view,
    ``links`` (row of the table, column key) → target inside the workbook, ``home`` where the title leads (empty:
    nowhere), ``fill_in`` column key → how it is filled in, ``dates`` the columns whose ISO dates are written as dates,
    ``alarms`` column key → when its cell turns to the colour of warning: a formula with ``{key}`` for the cell of the
    same row in column key. ``locked``: whether all other cells are protected.
    """

    name: str
    about: str
    label: str
    footer: str
    freeze: str
    links: Mapping[tuple[int, str], str] = field(default_factory=dict)
    home: str = ""
    fill_in: Mapping[str, FillIn] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    alarms: Mapping[str, str] = field(default_factory=dict)
    locked: bool = True


def link_to(sheet: str, row: int, last: int | None = None) -> str:
    """The address of a row (from 0) of a sheet, or of the rows to ``last``, for a link inside the workbook."""
    quoted = sheet.replace("'", "''")
    through = f":{xl_rowcol_to_cell(last, 0)}" if last is not None and last > row else ""
    return f"internal:'{quoted}'!{xl_rowcol_to_cell(row, 0)}{through}"


def write_text(sheet: Worksheet, styles: Styles, at: tuple[int, int], shown: str, **look: object) -> None:
    """Text as text: with Excel's text prefix where it begins as a formula would."""
    sheet.write_string(*at, shown, styles.get(**_as_text(shown, look)))


def write_link(
    sheet: Worksheet, styles: Styles, at: tuple[int, int], shown: str, target: str, **look: object
) -> None:
    """Text that leads to ``target`` (of :func:`link_to`)."""
    tip = f"转到 {target.removeprefix('internal:')}"
    sheet.write_url(*at, target, styles.get(**_as_text(shown, look)), shown, tip)


def _as_text(shown: str, look: dict[str, object]) -> dict[str, object]:
    return look | {"quote_prefix": True} if shown.startswith(FORMULA_STARTS) else look


def kept(table: Table) -> Table:
    """The rows of a table that a worksheet holds: all of them, short of Excel's limit."""
    return table.head(MAX_ROWS)


def write_table(sheet: Worksheet, styles: Styles, table: Table, plan: Plan) -> None:
    """Write ``table`` on ``sheet`` as ``plan`` says. Charts inside cells (spines) are left out."""
    spines = [c.key for c in table.columns if c.kind == "spine"]
    shown = table.without(*spines)
    about = plan.about
    if len(shown) > MAX_ROWS:
        about += f"（共 {len(shown)} 行，超出工作表上限，只列前 {MAX_ROWS} 行）"
        shown = kept(shown)
    plan = replace(plan, about=about)
    _write_head(sheet, styles, shown, plan)
    _write_body(sheet, styles, shown, plan)
    _set_rows(sheet, shown, _set_columns(sheet, shown, plan), plan)
    _add_rules(sheet, styles, shown, plan)
    _set_up_page(sheet, shown, plan)


def _write_head(sheet: Worksheet, styles: Styles, table: Table, plan: Plan) -> None:
    header = {"bold": True, "text_wrap": True, "valign": "vcenter", "top": 2, "bottom": 1, "align": "center"}
    sheet.set_row(TITLE_ROW, 28)
    sheet.set_row(HEADER_ROW, 32)
    title: dict[str, object] = {"bold": True, "font_size": styles.sizes["title"]}
    if plan.home:
        write_link(
            sheet, styles, (TITLE_ROW, 0), table.title, plan.home, **title, font_color=styles.ink["accent"]
        )
    else:
        write_text(sheet, styles, (TITLE_ROW, 0), table.title, **title, font_color=styles.ink["text"])
    about = " · ".join(part for part in (plan.about, table.units, plan.label) if part)
    colour = styles.ink["warning" if plan.label else "muted"]
    write_text(sheet, styles, (ABOUT_ROW, 0), about, font_color=colour, bold=bool(plan.label))
    for at, column in enumerate(table.columns):
        fill = {"bg_color": styles.ink["accent_wash"]} if column.key in plan.fill_in else {}
        write_text(sheet, styles, (HEADER_ROW, at), column.title, **header, **fill)


def _write_body(sheet: Worksheet, styles: Styles, table: Table, plan: Plan) -> None:
    if not table.rows:
        write_text(sheet, styles, (FIRST_ROW, 0), NOTHING, font_color=styles.ink["muted"])
    links = 0
    for i, row in enumerate(table.rows):
        for at, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            target = plan.links.get((i, column.key))
            if target and links < MAX_LINKS:
                links += 1
                linked = {**styles.body, "font_color": styles.ink["accent"], "underline": 1}
                write_link(sheet, styles, (FIRST_ROW + i, at), text(cell, column), target, **linked)
            elif column.key in plan.dates and cell:
                look = styles.get(**styles.body, align=column.align, num_format=DATE_FORMAT)
                sheet.write_datetime(FIRST_ROW + i, at, date.fromisoformat(str(cell)), look)
            else:
                write_cell(sheet, styles, (FIRST_ROW + i, at), cell, column, plan.fill_in.get(column.key))


def write_cell(
    sheet: Worksheet,
    styles: Styles,
    at: tuple[int, int],
    cell: Cell,
    column: Column,
    fill_in: FillIn | None = None,
) -> None:
    """One cell: a number as a number in its own decimals, everything else as text."""
    look: dict[str, object] = {**styles.body, "align": column.align}
    if fill_in is not None:
        look |= {"locked": False, "bg_color": styles.ink["accent_wash"]}
        if fill_in.since is not None:
            look["num_format"] = DATE_FORMAT
    number = _number_of(cell)
    if number is not None:
        figure = cell if isinstance(cell, Figure) else Figure(number, column.decimals)
        sheet.write_number(*at, number, styles.get(**look, num_format=number_format(figure)))
    elif cell == "" or (is_blank(cell) and column.kind != "number"):
        sheet.write_blank(*at, None, styles.get(**look))
    else:
        write_text(sheet, styles, at, text(cell, column), **look)


def _number_of(cell: Cell) -> float | None:
    value = cell.value if isinstance(cell, Figure) else cell
    if value is None or isinstance(value, (bool, str, tuple, Spine)):
        return None
    return float(value) if numbers.known(value) else None


def number_format(figure: Figure) -> str:
    """Excel's format for a figure: its decimals, sign, arrow before and unit behind, a true minus."""
    before = f'"{figure.arrow} "' if figure.arrow else ""
    unit = numbers.with_unit("0", figure.unit)[1:].replace('"', "″")
    behind = f'"{unit}"' if unit else ""
    sections = numbers.sheet_format(figure.decimals, figure.signed).split(";")
    return ";".join(f"{before}{section}{behind}" for section in sections)


def _set_columns(sheet: Worksheet, table: Table, plan: Plan) -> list[float]:
    """Widths as on paper, but never so narrow that a number or an unbreakable name is cut off; the widths set.

    Nor a text that leads somewhere: LibreOffice does not break it.
    """
    linked = {key for _, key in plan.links}
    widths = []
    for at, column in enumerate(table.columns):
        width = column.width / MM_PER_UNIT
        least = display_width(column.title) / 2 + 3  # the header may take two lines beside its filter button
        if column.nowrap or column.kind == "number" or column.key in linked:
            shown = (display_width(text(row[at], column)) for row in table.rows)
            longest = max(shown, default=0) + 1.5
            least = max(least, min(longest, WIDEST_LINK) if column.key in linked else longest)
        widths.append(round(min(max(width, least), WIDEST), 2))
        sheet.set_column(at, at, widths[-1])
    return widths


def _set_rows(sheet: Worksheet, table: Table, widths: Sequence[float], plan: Plan) -> None:
    """Heights that show every line: Excel finds them by itself, other programs believe what the file says."""
    least = LINES_TO_FILL_IN if plan.fill_in else 1
    for i, row in enumerate(table.rows):
        cells = zip(row, table.columns, widths, strict=True)
        lines = max(lines_of(text(cell, column), width) for cell, column, width in cells)
        set_lines(sheet, FIRST_ROW + i, max(lines, least))


def set_lines(sheet: Worksheet, row: int, lines: int) -> None:
    """A row as high as so many lines of body text, as far as Excel allows."""
    sheet.set_row(row, min(lines * LINE_HEIGHT + 3, HIGHEST))


def lines_of(shown: str, width: float) -> int:
    """How many lines a text takes in a column of ``width`` units: rather one too many than one cut off."""
    if 2 * len(shown) < width - 1 and "\n" not in shown:
        return 1
    usable = max(width - 2, 4.0)  # the padding, and the half character that no longer fits
    return sum(max(ceil(display_width(part) / usable), 1) for part in shown.split("\n"))


def _add_rules(sheet: Worksheet, styles: Styles, table: Table, plan: Plan) -> None:
    """Colours of grades, severities and states, alarms, the choices of fill-in cells, protection of all other cells."""
    last = FIRST_ROW + max(len(table), 1) - 1
    cell_of = {key: xl_rowcol_to_cell(FIRST_ROW, at, col_abs=True) for at, key in enumerate(table.keys)}
    for at, column in enumerate(table.columns):
        if column.key in plan.alarms:
            alarm = {
                "type": "formula", "criteria": "=" + plan.alarms[column.key].format_map(cell_of),
                "format": styles.get(bold=True, font_color=styles.ink["paper"], bg_color=styles.ink["warning"]),
            }  # fmt: skip
            sheet.conditional_format(FIRST_ROW, at, last, at, alarm)
        for word, (fill, ink) in styles.ramp(column).items():
            look = styles.get(bg_color=fill, font_color=ink)
            said = word.replace('"', '""')
            rule = {"type": "cell", "criteria": "==", "value": f'"{said}"', "format": look}
            sheet.conditional_format(FIRST_ROW, at, last, at, rule)
        if table.rows and column.key in plan.fill_in:
            _add_fill_in(sheet, (FIRST_ROW, last, at), column, plan.fill_in[column.key])
    if plan.locked:
        sheet.protect("", WRITABLE)


def _add_fill_in(sheet: Worksheet, place: tuple[int, int, int], column: Column, fill_in: FillIn) -> None:
    first, last, at = place
    rule: dict[str, Any] = {"input_title": column.title, "input_message": fill_in.hint}
    if fill_in.choices:
        wrong = f"请从下拉列表中选择：{'、'.join(fill_in.choices)}。"
        rule |= {"validate": "list", "source": list(fill_in.choices), "error_message": wrong}
    elif fill_in.since is not None:
        wrong = f"请填写 {fill_in.since.isoformat()} 或以后的日期，如 {fill_in.since.year}-09-30。"
        rule |= {"validate": "date", "criteria": ">=", "value": fill_in.since, "error_message": wrong}
    elif fill_in.number:
        most = {"minimum": -MOST, "maximum": MOST}
        rule |= {
            "validate": "decimal",
            "criteria": "between",
            **most,
            "error_message": "请只填数字，不带单位。",
        }
    else:
        rule |= {"validate": "any"}
    sheet.data_validation(first, at, last, at, {**rule, "error_title": "填写有误"})


def _set_up_page(sheet: Worksheet, table: Table, plan: Plan) -> None:
    """A4 landscape, one page wide, the header on every page, page numbers, filter and frozen panes."""
    last = FIRST_ROW + max(len(table), 1) - 1
    columns = len(table.columns)
    sheet.freeze_panes(FIRST_ROW, table.keys.index(plan.freeze) + 1 if plan.freeze in table.keys else 0)
    sheet.autofilter(HEADER_ROW, 0, last, columns - 1)
    set_up_print(sheet, title=table.title, plan=plan, landscape=True)
    sheet.repeat_rows(HEADER_ROW)
    sheet.print_area(0, 0, last, columns - 1)


def set_up_print(sheet: Worksheet, *, title: str, plan: Plan, landscape: bool) -> None:
    """Paper, margins (inches), print header (label, title, whom it is about) and footer (run, page)."""
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
    sheet.hide_gridlines(2)
    label, middle, about, foot = (_header_text(p) for p in (plan.label, title, plan.about, plan.footer))
    sheet.set_header(f"&L{label}&C{middle}&R{about}")
    sheet.set_footer(f"&L{foot}&R第 &P 页，共 &N 页")


def _header_text(shown: str, limit: int = 60) -> str:
    """Text for a print header: & doubled (it starts a code there) and short (255 characters in all)."""
    return shown[:limit].replace("&", "&&")
