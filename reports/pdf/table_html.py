"""A :class:`~tijian.reports.tables.table.Table` as HTML for print: three rules, no verticals, widths that fit the longest name.

Columns that must not break (names, figures) get the width of their longest part; the rest of the page's width
is shared among the columns that may. So nothing is clipped and nothing runs over the edge, whatever the data.
Lines of names are broken here, not by the printer: a cell of text costs it far less than one of marked-up words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from ..charts.rows import spine_chart
from ..charts.svg import Chart, text_width
from ..tables.table import Cell, Column, Figure, Spine, Table, marked, text
from ..theme import GradeCuts, load_theme
from .fonts import in_own_fonts
from .printing import with_stand_ins

PADDING = 2.2  # mm, left and right of a cell together, plus a little air
_LONGEST = 46.0  # mm: a word longer than this may break after all
_WHOLE = {"number": 7.2, "text": 13.0}  # em: figures and names up to this stay on one line
_PARTS = {"list": 9.0, "name": 13.0}  # em: departments and parts of names up to this stay whole
_SMALL = 5.0  # em: a name up to this is not broken at its slash
_TITLE = 0.94  # the size of column titles, as in the style sheet
_SOFT = 0.5  # of its own width: what a column of words gets before another gets more
_LEADING = 1.35  # as in the style sheet
_TOGETHER = 36.0  # mm of rows that are kept on one page where a table begins or ends
_LIST = 11.0  # em: what a list of more than one line gets, where there is room
_SPINE = 29.0
_MM_PER_PT = 0.3528
_DATE = re.compile(r"（?\d{4}(?:-\d{2}-\d{2}|年\d{1,2}月底?)前?[）。；，]?")
_TOKEN = re.compile(rf"{_DATE.pattern}|[0-9A-Za-z.%‰+\-−]+")  # dates, codes and figures do not break


def image(chart: Chart) -> Markup:
    """A drawing as an image of its size on paper; what no font can print is stood in for, as on the page."""
    chart = replace(chart, svg=in_own_fonts(with_stand_ins(chart.svg)[0]))
    return Markup('<img src="{}" alt="{}" style="width:{:.2f}mm;height:{:.2f}mm"/>').format(
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


def table_html(
    table: Table, cuts: GradeCuts, total: float, size: float = 8.0, edges: tuple[int, int] = (4, 5)
) -> Markup:
    """The table ``total`` millimetres wide in ``size`` point; the caller prints title, notes and source.

    A break over two pages leaves at least ``edges`` rows above and below it, of rows of many lines two.
    """
    shown = fitted(table, total, size)
    cols = Markup("").join(Markup('<col style="width:{:.2f}mm"/>').format(c.width) for c in shown.columns)
    em = size * _MM_PER_PT
    head = Markup("").join(_head(c, em) for c in shown.columns)
    first = _few(shown.rows[: edges[0]], shown.columns, em)
    last = len(shown) - _few(shown.rows[::-1][: edges[1]], shown.columns, em)
    body = Markup("").join(
        _row(row, shown.columns, cuts, em, kept=i < first or i > last) for i, row in enumerate(shown.rows)
    )
    return Markup(
        '<table class="t" style="width:{:.2f}mm;font-size:{:g}pt"><colgroup>{}</colgroup>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
    ).format(total, size, cols, head, body)


def _few(rows: Sequence[tuple[Cell, ...]], columns: tuple[Column, ...], em: float) -> int:
    """How many of these rows stay together: as many as are not too tall for it, two at least."""
    words = [i for i, c in enumerate(columns) if c.kind == "text"]
    room = _TOGETHER
    for count, row in enumerate(rows):
        wide = [text_width(text(row[i], columns[i]), em) / (columns[i].width - PADDING) for i in words]
        room -= _LEADING * em * math.ceil(max([1.0, *wide]))
        if room < 0:
            return max(2, count)
    return len(rows)


def _head(column: Column, em: float) -> Markup:
    return Markup('<th scope="col" class="{} keep">{}</th>').format(
        column.align, _lines(title_parts(column.title), column, em * _TITLE)
    )


def _row(
    row: tuple[Cell, ...], columns: tuple[Column, ...], cuts: GradeCuts, em: float, kept: bool
) -> Markup:
    cells = (_cell(cell, column, cuts, em) for cell, column in zip(row, columns, strict=True))
    mark = Markup(' class="k"') if kept else ""
    return Markup("<tr{}>{}</tr>").format(mark, Markup("").join(cells))


def _cell(cell: Cell, column: Column, cuts: GradeCuts, em: float) -> Markup:
    if column.kind in _PARTS:
        whole, content = True, _lines(parts_of(cell, column), column, em)
    else:
        whole, content = keeps(column, cell), _content(cell, column, cuts)
    return Markup('<td class="{}">{}</td>').format(column.align + (" keep" if whole else ""), content)


def _lines(parts: Sequence[str], column: Column, em: float) -> Markup:
    """The parts one after another, with a new line where the next does not fit the column."""
    room = column.width - PADDING + 0.01
    lines: list[str] = []
    pieces = [p for part in parts for p in _pieces(part, math.ceil(text_width(part, em) / room))]
    for part in pieces:
        if lines and text_width(lines[-1] + part, em) <= room:
            lines[-1] += part
        else:
            lines.append(part)
    return Markup("<br/>").join(lines)


def _pieces(words: str, count: int) -> list[str]:
    """Words too long for one line in ``count`` pieces of one length."""
    step = math.ceil(len(words) / max(1, count)) or 1
    return [words[i : i + step] for i in range(0, len(words), step)]


def parts_of(cell: Cell, column: Column) -> list[str]:
    """What stays whole in a cell of names: each department with its 、, a town, what stands in brackets."""
    if isinstance(cell, tuple):
        words = list(cell)
    else:
        whole = text(cell, column)  # km/h is not worth two lines
        words = [whole] if text_width(whole, 1.0) <= _SMALL else _breakable(whole)
    return words if column.kind == "name" else marked(words)


def _breakable(words: str) -> list[str]:
    """A name cut where a line may end: after a slash, before a bracket."""
    return re.split(r"(?<=/)|(?=（)", words)


def _content(cell: Cell, column: Column, cuts: GradeCuts) -> Markup:
    if isinstance(cell, Spine):
        return image(spine_chart(cell, width=column.width - 1.6))
    if column.kind == "grade":
        return grade_chip(text(cell, column), cuts)
    if column.kind == "severity":
        return severity_chip(text(cell, column))
    if isinstance(cell, Figure) and cell.arrow and cell.better is not None:
        return Markup('<span class="{}">{}</span>').format("better" if cell.better else "worse", str(cell))
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
    if column.kind in _PARTS:
        return False
    return column.nowrap or column.kind in ("number", "grade", "severity", "yesno")


def keeps(column: Column, cell: Cell) -> bool:
    """True when a cell must stay on one line."""
    most = _WHOLE["number" if column.kind == "number" else "text"]
    return _unbroken(column) and text_width(text(cell, column), 1.0) <= most


@dataclass(frozen=True)
class _Need:
    """What a column asks for, in mm: ``least``, never less; ``soft``, if there is room; ``most``, never more.

    ``words`` is the width of its average cell: how it shares in what is left.
    """

    least: float
    soft: float
    most: float
    words: float


def fitted(table: Table, total: float, size: float) -> Table:
    """A copy whose widths add up to ``total``: unbreakable columns as wide as need be, the rest share.

    Columns of words share what is left by how much their average cell has to say, so that rows stay low; none
    gets less than its longest unbreakable word nor more than its longest cell.
    """
    needs = [_need(table, i, size * _MM_PER_PT) for i in range(len(table.columns))]
    hard, wished = sum(need.least for need in needs), sum(need.soft for need in needs)
    granted = min(1.0, max(0.0, total - hard) / (wished - hard)) if wished > hard else 1.0
    widths = [need.least + granted * (need.soft - need.least) for need in needs]
    room = total - sum(widths)
    open_ = [i for i, need in enumerate(needs) if need.most > need.soft]
    while room > 0.1 and open_:
        whole = sum(needs[i].words for i in open_)
        gains = {i: min(room * needs[i].words / whole, needs[i].most - widths[i]) for i in open_}
        for i, gain in gains.items():
            widths[i] += gain
        room -= sum(gains.values())
        open_ = [i for i in open_ if needs[i].most - widths[i] > 0.1]
    widths = _wider_parts(table, widths, total, size * _MM_PER_PT)
    columns = tuple(replace(c, width=w) for c, w in zip(table.columns, widths, strict=True))
    return replace(table, columns=columns).widened(total)


def _wider_parts(table: Table, widths: list[float], total: float, em: float) -> list[float]:
    """The widths with what all other columns left given to those of departments and names, up to their longest cell."""
    wider = list(widths)
    for i, column in enumerate(table.columns):
        if column.kind in _PARTS and (room := total - sum(wider)) > 0:
            longest = max((text_width(text(row[i], column), em) for row in table.rows), default=0.0)
            wider[i] += min(room, max(0.0, longest + PADDING - wider[i]))
    return wider


def _need(table: Table, index: int, em: float) -> _Need:
    column = table.columns[index]
    if column.kind == "spine":
        return _Need(_SPINE, _SPINE, _SPINE, _SPINE)
    title = max(text_width(part, em) for part in title_parts(column.title)) * (_TITLE + 0.01)
    cells = [row[index] for row in table.rows]
    shown = [text_width(text(cell, column), em) for cell in cells]
    least = max(title, _longest(column, cells, shown, em)) + PADDING
    if column.kind == "list":  # a row is not made higher by its departments than by its words
        parts = [text_width(part, em) for cell in cells for part in parts_of(cell, column)]
        wish = max([*parts, *(width / 2 for width in shown)], default=0.0)
        soft = max(least, min(wish, _LIST * em) + PADDING)
        return _Need(least, soft, soft, soft)
    if column.kind == "name" or _unbroken(column):  # nothing gained by more
        return _Need(least, least, least, least)
    most = max([least, *(width + PADDING for width in shown)])
    average = sum(shown) / len(shown) if shown else 0.0
    return _Need(least, max(least, min(most, _SOFT * column.width)), most, max(average, em))


def _longest(column: Column, cells: Sequence[Cell], shown: Sequence[float], em: float) -> float:
    """The widest thing in a column that must not break, in mm; of words at least six characters."""
    some = min(6 * em, max(shown, default=0.0))
    if column.kind in _PARTS:
        parts = [part for cell in cells for part in parts_of(cell, column)]
        return max((min(text_width(part, em), _PARTS[column.kind] * em) for part in parts), default=0.0)
    if _unbroken(column):
        kept = [width for cell, width in zip(cells, shown, strict=True) if keeps(column, cell)]
        broken = some if len(kept) < len(cells) else 0.0
        return max([broken, *kept]) + (2 * em if column.kind in ("grade", "severity") else 0.0)
    tokens = [token for cell in cells for token in _TOKEN.findall(text(cell, column))]
    return max([some, *(min(text_width(token, em), _LONGEST) for token in tokens)])


def title_parts(title: str) -> list[str]:
    """Where a column's title may break: at a slash or a bracket, else into even parts of up to five characters."""
    if "/" in title or "（" in title:
        return _breakable(title)
    if len(title) < 4:
        return [title]
    return _pieces(title, max(2, math.ceil(len(title) / 5)))
