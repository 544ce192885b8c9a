"""The comparison page as one HTML file: nothing is fetched, nothing but our own script runs, all tables show without it.

The browser is told so itself (Content-Security-Policy): no network, no images, only the script and the style sheet whose
hashes it names, so that not even a style attribute counts. What comes from inputs is escaped by the templates, and in
the data for the script every ``<`` is.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from ...engine.results import SEVERITIES
from .. import numbers
from ..blocks import TableBlock
from ..charts.rows import rank_chart
from ..charts.svg import Chart, Drawing
from ..content.room import whole_table
from ..maps.frame import hatch
from ..maps.graded import legend_entries
from ..tables.table import LIST_MARK, Cell, Column, Figure, Table, text
from ..templating import asset, environment, printable, style_sheet
from ..theme import GradeCuts, load_theme
from .compare import Standing
from .content import Page
from .data import UNGRADED_CLASS, grade_classes, legend_of, page_json

_DEFS = re.compile("<defs>.*?</defs>", re.DOTALL)
_NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'  # a page needs none
_SCRIPTS = ("page.js", "page_state.js", "page_compare.js", "page_map.js", "page_lists.js")
_INTERVAL = 30.0  # mm: the drawing of a rank's interval


def page_html(page: Page, cuts: GradeCuts) -> str:
    """The whole file; the same page gives the same text."""
    counted = {"表": 0, "图": 0}

    def number(noun: str) -> str:
        counted[noun] += 1
        return f"{noun}{counted[noun]}"

    def table(block: TableBlock, landscape: bool) -> Markup:
        inside = screen_table(block.table, cuts)
        return Markup('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>').format(
            block.table.title, inside
        )

    def grade(name: str) -> Markup:
        return _chip(name, grade_classes(cuts))

    script = _whole_script()
    style = style_sheet("page.css") + _colours(cuts) + _printed_label(page.synthetic)
    helpers: dict[str, Callable[..., Any]] = {
        "number": number, "table": table, "image": inline, "severity": lambda name: _chip(name, _SEVERE), "grade": grade,
        "inline": inline, "screen_table": lambda held: screen_table(held, cuts), "fill": legend_of, "filters": filters,
        "ground": lambda name: grade_classes(cuts).get(name, UNGRADED_CLASS), "interval": _interval,
        "figure": numbers.number, "whole_table": whole_table,
    }  # fmt: skip
    template = environment().get_template("page.html")
    own = {"style": style, "script": script, "hatch": _hatch()}
    whole = template.render(
        page=page, legend=legend_entries(cuts), policy=_policy(script, style), data=page_json(page, cuts),
        overview=_overview(page), **{k: Markup(v) for k, v in own.items()}, **helpers,  # noqa: S704  files of ours
    )  # fmt: skip
    return printable(whole)


def _whole_script() -> str:
    """The files of the script as one function, so that they share what they define and the page sees none of it."""
    files = "\n".join(asset(name).strip() for name in _SCRIPTS)
    return f'(function () {{\n"use strict";\n{files}\n}})();'


_SEVERE = {name: f"s{i}" for i, name in enumerate(SEVERITIES)}


def _colours(cuts: GradeCuts) -> str:
    """The classes of grades and severities, in the theme's colours; ink that can be read on each."""
    theme = load_theme()
    grounds = {UNGRADED_CLASS: theme.ungraded}
    grounds |= {grade_classes(cuts)[name]: theme.grade(name, cuts) for name, _ in cuts}
    grounds |= {_SEVERE[name]: theme.severity[name] for name in SEVERITIES}
    return "".join(f".{name} {{ background: {c}; color: {theme.on(c)} }}\n" for name, c in grounds.items())


def _printed_label(label: str) -> str:
    """The label of made-up data in the margin of every printed page; nothing for real data."""
    if not label:
        return ""
    quoted = "".join(
        f"\\{ord(c):x} " for c in label
    )  # as code points: whatever the words, they stay a string
    return f'@page {{ @top-right {{ content: "{quoted}"; color: {load_theme().ink["warning"]} }} }}\n'


def _policy(script: str, style: str) -> str:
    """What a browser may do with the page: use the one script and the one style sheet that it knows by their hashes."""
    kept = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (script, style)]
    return (
        f"default-src 'none'; script-src 'sha256-{kept[0]}'; style-src 'sha256-{kept[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def inline(chart: Chart, role: str = "img") -> Markup:
    """A drawing as part of the page, with the words that stand for it; its hatch is the page's."""
    drawn = _DEFS.sub("", chart.svg).replace(_NAMESPACE, "", 1).removeprefix("<svg")
    # a drawing of ours: its words were escaped when it was drawn
    return Markup('<svg role="{}" aria-label="{}"').format(role, chart.alt) + Markup(drawn)  # noqa: S704


def _hatch() -> str:
    """The pattern for units of which nothing is known, once for all maps of the page."""
    draw = Drawing(0, 0)
    hatch(draw)
    return "".join(draw.parts)


def _overview(page: Page) -> list[tuple[str, Standing]]:
    """The scored towns of the page's own year with their names, best first."""
    found = [
        (name, standing)
        for (_, name), standing in zip(page.towns, page.compared.years[0].towns, strict=True)
        if standing is not None
    ]
    return sorted(found, key=lambda item: -1.0 if item[1].score is None else item[1].score, reverse=True)


def _interval(standing: Standing) -> Markup:
    """A rank and its interval as a drawing; nothing without a rank."""
    rank, low, high, peers = standing.place
    return Markup("") if rank is None else inline(rank_chart(rank, low, high, peers or 1, _INTERVAL))


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────


def screen_table(table: Table, cuts: GradeCuts) -> Markup:
    """A table for the screen: the browser finds the widths; a head cell says how it is aligned and which column it is."""
    head = Markup("").join(
        Markup('<th scope="col" class="{}" data-key="{}">{}</th>').format(c.align, c.key, c.title)
        for c in table.columns
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                _cell(cell, column, cuts) for cell, column in zip(row, table.columns, strict=True)
            )
        )
        for row in table.rows
    )
    return Markup('<table class="t"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(head, body)


def _cell(cell: Cell, column: Column, cuts: GradeCuts) -> Markup:
    said: str | Markup = text(cell, column)
    if column.kind == "grade":
        said = _chip(said, grade_classes(cuts))
    elif column.kind == "severity":
        said = _chip(said, _SEVERE)
    elif isinstance(cell, Figure) and cell.arrow and cell.better is not None:
        said = Markup('<span class="{}">{}</span>').format("better" if cell.better else "worse", said)
    return Markup('<td class="{}{}">{}</td>').format(
        column.align, " keep" if column.nowrap or column.kind == "number" else "", said
    )


def _chip(name: str, classes: Mapping[str, str]) -> Markup:
    """A grade or a severity, written on its colour."""
    if not name:
        return Markup("")
    return Markup('<span class="chip {}">{}</span>').format(classes.get(name, UNGRADED_CLASS), name)


def filters(table: Table, keys: Mapping[str, str]) -> list[tuple[str, str, list[str]]]:
    """What a table can be narrowed by: the label, the column's key, and the words its cells hold, each once, in order.

    ``keys``: column key → label. A list of names is cut at its 、, a place in the system (维度/指标) at its stroke.
    Columns the table does not have, or in which all cells hold the same, are left out.
    """
    found = []
    for key, label in keys.items():
        if key not in table.keys:
            continue
        at = table.keys.index(key)
        cells = [text(row[at], table.columns[at]) for row in table.rows]
        words = dict.fromkeys(word for cell in cells for word in _words(key, cell) if word)
        found.append((label, key, sorted(words, key=_severest) if key == "severity" else list(words)))
    return [(label, key, words) for label, key, words in found if len(words) > 1]


def _words(key: str, cell: str) -> list[str]:
    return (
        cell.split("/")[:1]
        if key == "subject"
        else (cell.split(LIST_MARK) if key in ("lead", "mark") else [cell])
    )


def _severest(word: str) -> int:
    return SEVERITIES.index(word) if word in SEVERITIES else len(SEVERITIES)
