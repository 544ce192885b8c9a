"""A :class:`~.table.Table` as HTML for print: three rules, no verticals, widths that fit the longest name.

Columns that must not break (names, figures) get the width of their longest cell; the rest of the page's width
is shared among the columns that may. So nothing is clipped and nothing runs over the edge, whatever the data.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from .charts_rows import spine_chart
from .svg import Chart, text_width
from .table import Cell, Column, Figure, Spine, Table, text
from .theme import GradeCuts, load_theme

_PADDING = 2.2  # mm, left and right of a cell together, plus a little air
_LONGEST = 46.0  # mm: a word longer than this may break after all
_WHOLE = {"number": 6.8, "text": 13.0}  # em: figures and names up to this stay on one line
_SPINE = 32.0
_MM_PER_PT = 0.3528
_DATE = re.compile(r"（?\d{4}(?:-\d{2}-\d{2}|年\d{1,2}月底?)前?[）。；，]?")
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
        return Markup("、<wbr>").join(_whole(name) for name in cell)
    return _with_whole_dates(text(cell, column))


def _whole(name: str) -> Markup:
    """A name that stays on one line, unless it is too long for any column."""
    return Markup('<span class="keep">{}</span>').format(name) if len(name) <= 10 else escape(name)


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
    most = _WHOLE["number" if column.kind == "number" else "text"]
    return _unbroken(column) and text_width(text(cell, column), 1.0) <= most


@dataclass(frozen=True)
class _Need:
    """What a column asks for, in mm: ``least``, never less; ``most``, never more; ``words``, the average cell."""

    least: float
    most: float
    words: float


def fitted(table: Table, total: float, size: float) -> Table:
    """A copy whose widths add up to ``total``: unbreakable columns as wide as need be, the rest share.

    Columns of words share what is left by how much their average cell has to say, so that rows stay low; none
    gets less than its longest unbreakable word nor more than its longest cell.
    """
    needs = [_need(table, i, size * _MM_PER_PT) for i in range(len(table.columns))]
    widths = [need.least for need in needs]
    room = total - sum(widths)
    open_ = [i for i, need in enumerate(needs) if need.most > need.least]
    while room > 0.1 and open_:
        whole = sum(needs[i].words for i in open_)
        gains = {i: min(room * needs[i].words / whole, needs[i].most - widths[i]) for i in open_}
        for i, gain in gains.items():
            widths[i] += gain
        room -= sum(gains.values())
        open_ = [i for i in open_ if needs[i].most - widths[i] > 0.1]
    columns = tuple(replace(c, width=w) for c, w in zip(table.columns, widths, strict=True))
    return replace(table, columns=columns).widened(total)


def _need(table: Table, index: int, em: float) -> _Need:
    column = table.columns[index]
    if column.kind == "spine":
        return _Need(_SPINE, _SPINE, _SPINE)
    title = max(text_width(part, em) for part in title_parts(column.title)) * 0.95
    cells = [row[index] for row in table.rows]
    shown = [text_width(text(cell, column), em) for cell in cells]
    if column.kind == "list":
        names = [name for cell in cells if isinstance(cell, tuple) for name in cell]
        longest = max((min(text_width(f"{name}、", em), 11 * em) for name in names), default=0.0)
    elif _unbroken(column):
        kept = [width for cell, width in zip(cells, shown, strict=True) if keeps(column, cell)]
        longest = max(kept, default=0.0) + (2 * em if column.kind in ("grade", "severity") else 0.0)
    else:
        tokens = [token for cell in cells for token in _TOKEN.findall(text(cell, column))]
        longest = max((min(text_width(token, em), _LONGEST) for token in tokens), default=0.0)
        longest = max(longest, min(6 * em, max(shown, default=0.0)))
    least = max(title, longest) + _PADDING
    if column.kind == "list" or _unbroken(column):
        return _Need(least, least, least)
    average = sum(shown) / len(shown) if shown else 0.0
    return _Need(least, max([least, *(width + _PADDING for width in shown)]), max(average, em))


def title_parts(title: str) -> list[str]:
    """Where a column's title may break: at a slash or a bracket, else into even parts of up to five characters."""
    if "/" in title or "（" in title:
        return re.split(r"(?<=/)|(?=（)", title)
    if len(title) < 4:
        return [title]
    lines = max(2, math.ceil(len(title) / 5))
    step = math.ceil(len(title) / lines)
    return [title[i : i + step] for i in range(0, len(title), step)]
