"""The comparison page as one HTML file: nothing is fetched, nothing but our own script runs, all tables show without it.

The browser is told so itself (Content-Security-Policy): no network, no images, and only the script whose hash it
names. What comes from inputs is escaped by the templates, and in the data for the script every ``<`` is.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from ...engine.results import SEVERITIES, UNGRADED
from ..blocks import TableBlock
from ..charts.radar import DASHES, OVERLAID
from ..charts.svg import Chart, Drawing
from ..maps.frame import NO_DATA, hatch
from ..maps.graded import Classes, legend_entries
from ..pdf.table_html import grade_chip, severity_chip
from ..tables.table import LIST_MARK, Cell, Column, Figure, Table, text
from ..templating import asset, environment, printable, style_sheet
from ..theme import GradeCuts, Theme, load_theme
from .compare import Compared
from .content import Layer, Page

_DEFS = re.compile("<defs>.*?</defs>", re.DOTALL)
_NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'  # a page needs none


def page_html(page: Page, cuts: GradeCuts) -> str:
    """The whole file; the same page gives the same text."""
    theme = load_theme()
    counted = {"表": 0, "图": 0}

    def number(noun: str) -> str:
        counted[noun] += 1
        return f"{noun}{counted[noun]}"

    def ground(grade: str) -> Markup:
        colour = theme.grade(grade, cuts)
        return Markup("background:{};color:{}").format(colour, theme.on(colour))

    def table(block: TableBlock, landscape: bool) -> Markup:
        return screen_table(block.table, cuts)

    script = "\n".join(asset(name).strip() for name in ("page.js", "page_compare.js"))
    helpers: dict[str, Callable[..., Any]] = {
        "number": number, "table": table, "ground": ground, "image": inline, "severity": severity_chip,
        "grade": partial(grade_chip, cuts=cuts), "inline": inline, "screen_table": partial(screen_table, cuts=cuts),
        "fill": _fill, "filters": filters,
    }  # fmt: skip
    template = environment().get_template("page.html")
    own = {"style": style_sheet("page.css"), "script": script, "hatch": _hatch()}
    whole = template.render(
        page=page, legend=legend_entries(cuts), groups=_groups(page.layers), policy=_policy(script),
        data=_json(page, cuts), **{k: Markup(v) for k, v in own.items()}, **helpers,  # noqa: S704  files of ours
    )  # fmt: skip
    return printable(whole)


def _policy(script: str) -> str:
    """What a browser may do with the page: use the styles in it and run the one script it knows by its hash."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
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


def screen_table(table: Table, cuts: GradeCuts) -> Markup:
    """A table for the screen: the browser finds the widths, and a head cell says in its class how it is aligned."""
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(c.align, c.title) for c in table.columns
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
        said = grade_chip(said, cuts)
    elif column.kind == "severity":
        said = severity_chip(said)
    elif isinstance(cell, Figure) and cell.arrow and cell.better is not None:
        said = Markup('<span class="{}">{}</span>').format("better" if cell.better else "worse", said)
    return Markup('<td class="{}{}">{}</td>').format(
        column.align, " keep" if column.nowrap or column.kind == "number" else "", said
    )


def _fill(classes: Classes) -> list[tuple[str, str]]:
    """The legend of a map's classes: words and colour; an empty colour is the hatch."""
    keys = list(zip(classes.names, classes.colours, strict=True))
    return [*keys, (classes.unknown, "")] if any(at is None for at in classes.of.values()) else keys


def _groups(layers: tuple[Layer, ...]) -> list[tuple[str, list[tuple[int, str]]]]:
    """The layers' places and names by group, in the page's order."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for at, layer in enumerate(layers):
        groups.setdefault(layer.group, []).append((at, layer.name))
    return list(groups.items())


# ── data for the script ───────────────────────────────────────────────────────────────────────────────────


def _json(page: Page, cuts: GradeCuts) -> Markup:
    """What the script needs, as JSON that can end no element."""
    theme = load_theme()
    colours = [(name, theme.grade(name, cuts)) for name, _ in cuts] + [(UNGRADED, theme.ungraded)]
    held = {
        "towns": [name for _, name in page.towns],
        "grades": [[name, colour, theme.on(colour)] for name, colour in colours],
        "severities": list(SEVERITIES),
        "hatch": NO_DATA,
        "layers": [_layer(layer, [code for code, _ in page.towns]) for layer in page.layers],
        "compare": _compared(page.compared, theme),
    }
    written = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return Markup(written.replace("<", "\\u003c"))  # noqa: S704  cannot end the element any more


def _compared(found: Compared, theme: Theme) -> dict[str, Any]:
    """The towns of every year as arrays in the page's order; a gap under the places of its pair (``"0-3"``)."""
    years = [
        {
            "year": one.year,
            "untold": one.untold,
            "district": [_short(v) for v in one.district],
            "towns": [
                None
                if t is None
                else [
                    _short(t.score), t.grade, t.rank, t.change, t.satisfaction, [_short(v) for v in t.dimensions]
                ]
                for t in one.towns
            ],
            "gaps": {f"{i}-{j}": [gap.points, gap.named] for (i, j), gap in one.gaps.items()},
        }
        for one in found.years
    ]  # fmt: skip
    ink = {name: theme.ink[name] for name in ("text", "muted", "hair", "paper", "accent", "warning")}
    return {
        "dimensions": found.dimensions, "indicators": found.indicators, "missing": found.missing, "years": years,
        "colours": theme.kinds[:OVERLAID], "dashes": DASHES, "ink": ink,
    }  # fmt: skip


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def filters(table: Table, keys: Mapping[str, str]) -> list[tuple[str, int, list[str]]]:
    """What a table can be narrowed by: the label, the column's place, and the words its cells hold, each once, in order.

    ``keys``: column key → label. A list of names is cut at its 、, a place in the system (维度/指标) at its stroke.
    """
    found = []
    for key, label in keys.items():
        at = table.keys.index(key)
        cells = [text(row[at], table.columns[at]) for row in table.rows]
        words = dict.fromkeys(word for cell in cells for word in _words(key, cell) if word)
        found.append((label, at, sorted(words, key=_severest) if key == "severity" else list(words)))
    return [(label, at, words) for label, at, words in found if len(words) > 1]


def _words(key: str, cell: str) -> list[str]:
    return cell.split("/")[:1] if key == "subject" else (cell.split(LIST_MARK) if key == "lead" else [cell])


def _severest(word: str) -> int:
    return SEVERITIES.index(word) if word in SEVERITIES else len(SEVERITIES)


def _layer(layer: Layer, towns: list[str]) -> dict[str, Any]:
    """A layer: its table as text, and for each colouring the legend and the colour of every town by its place in it."""
    table = layer.table
    return {
        "title": table.title,
        "units": table.units,
        "columns": [[c.title, c.align, c.kind] for c in table.columns],
        "rows": table.texts(),
        "ways": [
            {
                "what": way.what,
                "keys": _fill(way.classes),
                "of": [way.classes.of.get(code) for code in towns],
                "finding": way.finding,
            }
            for way in layer.colourings
        ],
    }
