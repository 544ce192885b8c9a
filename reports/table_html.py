"""A :class:`~.table.Table` as HTML for print: three rules, no verticals, widths that fit the longest name.

Columns that must not break (names, figures) get the width of their longest cell; the rest of the page's width
is shared among the columns that may. So nothing is clipped and nothing runs over the edge, whatever the data.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from markupsafe import Markup, escape

from .charts_rows import spine_chart
from .svg import Chart, text_width
from .table import Cell, Column, Figure, Spine, Table, text
from .theme import GradeCuts, load_theme

_PADDING = 2.2  # mm, left and right of a cell together, plus a little air
_LONGEST = 46.0  # mm: a “name” longer than this may break after all
_WIDEST = 120.0  # mm: no column of words asks for more
_SPINE = 32.0
_MM_PER_PT = 0.3528
_DATE = re.compile(r"（?\d{4}-\d{2}-\d{2}前?[）。；，]?")
_TOKEN = re.compile(rf"{_DATE.pattern}|[0-9A-Za-z.%‰+\-−]+")  # dates, codes and figures do not break


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
    head = Markup("").join(_head(c) for c in shown.columns)
    body = Markup("").join(_row(row, shown.columns, cuts) for row in shown.rows)
    return Markup(
        '<table class="t" style="width:{:.2f}mm;font-size:{:g}pt"><colgroup>{}</colgroup>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
    ).format(total, size, cols, head, body)


def _head(column: Column) -> Markup:
    parts = (Markup('<span class="keep">{}</span>').format(part) for part in title_parts(column.title))
    return Markup('<th class="{}">{}</th>').format(column.align, Markup("<wbr>").join(parts))


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
    return _with_whole_dates(text(cell, column))


def _with_whole_dates(words: str) -> Markup:
    """The words escaped, with dates that do not break at their hyphens."""
    parts, end = [], 0
    for match in _DATE.finditer(words):
        parts.append(escape(words[end : match.start()]))
        parts.append(Markup('<span class="keep">{}</span>').format(match.group()))
        end = match.end()
    return Markup("").join([*parts, escape(words[end:])])


def _unbroken(column: Column) -> bool:
    return column.nowrap or column.kind in ("number", "grade", "severity", "yesno")


def keeps(column: Column, cell: Cell) -> bool:
    """True when a cell must stay on one line."""
    return _unbroken(column) and text_width(text(cell, column), 1.0) * 3 <= _LONGEST


def fitted(table: Table, total: float, size: float) -> Table:
    """A copy whose widths add up to ``total``: unbreakable columns as wide as need be, the rest share.

    Columns of words share what is left by how much they have to say, none under its longest unbreakable word.
    """
    em = size * _MM_PER_PT
    needs = [_need(table, i, em) for i in range(len(table.columns))]
    room = total - sum(least for least, _ in needs)
    wishes = [max(0.0, most - least) for least, most in needs]
    if room <= 0 or not sum(wishes):  # everything shrinks or grows alike rather than run off the page
        widths = [least for least, _ in needs]
    else:
        share = room / sum(wishes)
        widths = [least + wish * min(1.0, share) for (least, _), wish in zip(needs, wishes, strict=True)]
    columns = tuple(replace(c, width=w) for c, w in zip(table.columns, widths, strict=True))
    return replace(table, columns=columns).widened(total)


def _need(table: Table, index: int, em: float) -> tuple[float, float]:
    """(least width, width at which every cell stays on one line) of a column in mm."""
    column = table.columns[index]
    if column.kind == "spine":
        return _SPINE, _SPINE
    cells = [row[index] for row in table.rows]
    title = max(text_width(part, em) for part in title_parts(column.title)) * 0.95
    if column.kind == "list":
        words = [name for cell in cells if isinstance(cell, tuple) for name in cell]
        longest = max((text_width(f"{name}、", em) for name in words), default=0.0)
    elif _unbroken(column):
        longest = max((text_width(text(c, column), em) for c in cells if keeps(column, c)), default=0.0)
        longest += 2 * em if column.kind in ("grade", "severity") else 0.0
    else:
        shown = [text(cell, column) for cell in cells]
        tokens = [token for words in shown for token in _TOKEN.findall(words)]
        longest = max((min(text_width(token, em), _LONGEST) for token in tokens), default=0.0)
        longest = max(longest, min(5 * em, max((text_width(words, em) for words in shown), default=0.0)))
        most = max((text_width(words, em) for words in shown), default=0.0)
        least = max(title, longest) + _PADDING
        return least, max(least, min(most, _WIDEST) + _PADDING)
    least = max(title, longest) + _PADDING
    return least, least


def title_parts(title: str) -> list[str]:
    """Where a column's title may break: at a slash or a bracket, else into even parts of up to five characters."""
    if "/" in title or "（" in title:
        return re.split(r"(?<=/)|(?=（)", title)
    if len(title) < 4:
        return [title]
    lines = max(2, math.ceil(len(title) / 5))
    step = math.ceil(len(title) / lines)
    return [title[i : i + step] for i in range(0, len(title), step)]
