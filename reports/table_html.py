"""A :class:`~.table.Table` as HTML for print: three rules, no verticals, fixed widths that fit the longest name.

Columns that must not break (names, figures) get the width of their longest cell; the rest of the page's width is
shared among the columns that may. So nothing is clipped and nothing runs over the edge, whatever the data.
"""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup, escape

from .charts_rows import spine_chart
from .svg import Chart, text_width
from .table import Cell, Column, Figure, Spine, Table, text
from .theme import GradeCuts, load_theme

_PADDING = 2.2  # mm, left and right of a cell together, plus a little air
_LONGEST = 46.0  # mm: a “name” longer than this may break after all
_MM_PER_PT = 0.3528


def image(chart: Chart) -> Markup:
    """A drawing as an image of its size on paper."""
    return Markup('<img src="{}" alt="{}" style="width:{:.2f}mm;height:{:.2f}mm">').format(
        chart.uri, chart.alt, chart.width, chart.height
    )


def grade_chip(name: str, cuts: GradeCuts) -> Markup:
    """A grade, written on its colour."""
    if not name:
        return Markup("")
    theme = load_theme()
    ground = theme.grade(name, cuts)
    return Markup('<span class="chip" style="background:{};color:{}">{}</span>').format(
        ground, theme.on(ground), name
    )


def severity_chip(name: str) -> Markup:
    """A severity 红/橙/黄, written on its colour."""
    if not name:
        return Markup("")
    theme = load_theme()
    ground = theme.severity.get(name, theme.ink["paper"])
    return Markup('<span class="chip" style="background:{};color:{}">{}</span>').format(
        ground, theme.on(ground), name
    )


def table_html(table: Table, cuts: GradeCuts, total: float, size: float = 8.0) -> Markup:
    """The table ``total`` millimetres wide in ``size`` point; the caller prints title, notes and source."""
    shown = fitted(table, total, size)
    cols = Markup("").join(Markup('<col style="width:{:.2f}mm">').format(c.width) for c in shown.columns)
    head = Markup("").join(Markup('<th class="{}">{}</th>').format(c.align, c.title) for c in shown.columns)
    body = Markup("").join(_row(row, shown.columns, cuts) for row in shown.rows)
    return Markup(
        '<table class="t" style="width:{:.2f}mm;font-size:{:g}pt"><colgroup>{}</colgroup>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
    ).format(total, size, cols, head, body)


def _row(row: tuple[Cell, ...], columns: tuple[Column, ...], cuts: GradeCuts) -> Markup:
    cells = (_cell(cell, column, cuts) for cell, column in zip(row, columns, strict=True))
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))


def _cell(cell: Cell, column: Column, cuts: GradeCuts) -> Markup:
    classes = column.align + (" keep" if keeps(column, cell) else "")
    return Markup('<td class="{}">{}</td>').format(classes, _content(cell, column, cuts))


def _content(cell: Cell, column: Column, cuts: GradeCuts) -> Markup:
    if isinstance(cell, Spine):
        return image(spine_chart(cell, cuts, width=column.width - 1.6))
    if column.kind == "grade":
        return grade_chip(text(cell, column), cuts)
    if column.kind == "severity":
        return severity_chip(text(cell, column))
    if isinstance(cell, Figure) and cell.arrow and cell.better is not None:
        return Markup('<span class="{}">{}</span>').format("better" if cell.better else "worse", str(cell))
    if column.kind == "list" and isinstance(cell, tuple):
        # a department's name stays whole; the line may end between two of them
        return Markup("、<wbr>").join(Markup('<span class="keep">{}</span>').format(name) for name in cell)
    return escape(text(cell, column))


def keeps(column: Column, cell: Cell) -> bool:
    """True when a cell must stay on one line."""
    wanted = column.nowrap or column.kind in ("number", "grade", "severity", "yesno")
    return wanted and text_width(text(cell, column), 1.0) * 3 <= _LONGEST


def fitted(table: Table, total: float, size: float) -> Table:
    """A copy whose widths add up to ``total``: unbreakable columns as wide as need be, the rest share."""
    em = size * _MM_PER_PT
    needs = [_need(table, i, em) for i in range(len(table.columns))]
    fixed = [need for need, elastic in needs if not elastic]
    elastic = [(i, table.columns[i].width) for i, (_, soft) in enumerate(needs) if soft]
    room = total - sum(fixed)
    least = [max(need, 6 * em) for need, soft in needs if soft]
    if not elastic:
        return table.widened(total)
    if room < sum(
        least
    ):  # too much that must not break: everything shrinks alike rather than run off the page
        widths = [need if not soft else max(need, 6 * em) for need, soft in needs]
    else:
        widths = [need for need, _ in needs]
        for i, width in _shares(elastic, least, room):
            widths[i] = width
    columns = tuple(replace(c, width=w) for c, w in zip(table.columns, widths, strict=True))
    return replace(table, columns=columns).widened(total)


def _shares(elastic: list[tuple[int, float]], least: list[float], room: float) -> list[tuple[int, float]]:
    """The room shared in proportion to the wished widths, none under its least."""
    spare = room - sum(least)
    wish = [max(0.0, width - low) for (_, width), low in zip(elastic, least, strict=True)]
    whole = sum(wish) or float(len(wish))
    wish = wish if sum(wish) else [1.0] * len(wish)
    return [(i, low + spare * w / whole) for (i, _), low, w in zip(elastic, least, wish, strict=True)]


def _need(table: Table, index: int, em: float) -> tuple[float, bool]:
    """(least width in mm, whether the column may take more or less than that)."""
    column = table.columns[index]
    cells = [row[index] for row in table.rows]
    head = text_width(column.title, em)
    title = head / 2 + em / 2 if len(column.title) > 3 else head
    if column.kind == "spine":
        return column.width, False
    if column.kind == "list":
        longest = max(
            (text_width(name, em) for c in cells if isinstance(c, tuple) for name in c), default=0.0
        )
        return max(title, min(longest + em, _LONGEST)) + _PADDING, True
    if column.nowrap or column.kind in ("number", "grade", "severity", "yesno"):
        longest = max((text_width(text(c, column), em) for c in cells if keeps(column, c)), default=0.0)
        chip = 2 * em if column.kind in ("grade", "severity") else 0.0
        return max(title, longest + chip) + _PADDING, False
    return title + _PADDING, True
