"""What the script of the comparison page needs, as plain lists and dictionaries: the choices, and every year's figures."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from ...engine.results import SEVERITIES, UNGRADED
from ..charts.radar import DASHES, OVERLAID
from ..maps.frame import NO_DATA
from ..maps.graded import Classes
from ..tables.table import Figure, Table
from ..theme import GradeCuts, load_theme
from .compare import Standing, YearOf
from .content import Page
from .layers import TOTAL, Layer

_INKS = ("text", "muted", "hair", "band", "paper", "accent", "warning")
UNGRADED_CLASS = "gx"


def grade_classes(cuts: GradeCuts) -> dict[str, str]:
    """Grade → the class of the style sheet that colours it; best first, 未评价 last."""
    return {**{name: f"g{i}" for i, (name, _) in enumerate(cuts)}, UNGRADED: UNGRADED_CLASS}


def page_json(page: Page, cuts: GradeCuts) -> Markup:
    """The data as JSON that can end no element: every ``<`` in it is escaped."""
    theme = load_theme()
    held = {
        "towns": [list(town) for town in page.towns],
        "grades": list(grade_classes(cuts).items()),
        "severities": list(SEVERITIES),
        "total": TOTAL,
        "dimensions": page.compared.dimensions,
        "indicators": page.compared.indicators,
        "missing": page.compared.missing,
        "years": [_year(one, [code for code, _ in page.towns]) for one in page.compared.years],
        "hatch": NO_DATA,
        "colours": theme.kinds[:OVERLAID],
        "dashes": DASHES,
        "ink": {name: theme.ink[name] for name in _INKS},
    }
    written = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return Markup(written.replace("<", "\\u003c"))  # noqa: S704  cannot end the element any more


def _year(one: YearOf, towns: list[str]) -> dict[str, Any]:
    """A year; the gap of a pair stands under its places (``"0-3"``), a layer under its place in the list."""
    return {
        "year": one.year,
        "untold": one.untold,
        "whole": _short(one.whole),
        "district": [_short(v) for v in one.district],
        "towns": [None if t is None else _town(t) for t in one.towns],
        "gaps": {f"{i}-{j}": [gap.points, gap.named] for (i, j), gap in one.gaps.items()},
        "layers": [_layer(layer, towns) for layer in one.layers],
        "aspects": {
            name: [[aspect, [_short(v, 2) for v in scores]] for aspect, scores in found]
            for name, found in one.aspects.items()
            if found
        },
        "values": one.values.texts(),
    }


def _town(t: Standing) -> dict[str, Any]:
    return {
        "score": _short(t.score), "grade": t.grade, "rank": t.rank, "change": t.change, "satisfaction": t.satisfaction,
        "dimensions": [_short(v) for v in t.dimensions], "grades": t.grades, "place": t.place,
    }  # fmt: skip


def _layer(layer: Layer, towns: list[str]) -> dict[str, Any]:
    """A layer: its table as text, and for each colouring the legend and the class of every town by its place in it."""
    table = layer.table
    return {
        "key": layer.key,
        "name": layer.name,
        "group": layer.group,
        "title": table.title,
        "units": table.units,
        "columns": [[c.key, c.title, c.align, c.kind] for c in table.columns],
        "rows": table.texts(),
        "improved": _improved(table),
        "values": [_short(v) for v in layer.values],
        "scores": [_short(v, 2) for v in layer.scores],
        "unit": layer.unit,
        "decimals": layer.decimals,
        "better": layer.better,
        "ways": [
            {
                "what": way.what,
                "keys": legend_of(way.classes),
                "of": [way.classes.of.get(code) for code in towns],
                "finding": way.finding,
            }
            for way in layer.colourings
        ],
    }


def _improved(table: Table) -> list[bool | None]:
    """Whether each town's change is good news; empty where the table has no changes."""
    if "change" not in table.keys:
        return []
    return [cell.better if isinstance(cell, Figure) else None for cell in table.values("change")]


def legend_of(classes: Classes) -> list[tuple[str, str]]:
    """The legend of a map's classes: words and colour; an empty colour is the hatch."""
    keys = list(zip(classes.names, classes.colours, strict=True))
    return [*keys, (classes.unknown, "")] if any(at is None for at in classes.of.values()) else keys


def _short(value: float | None, digits: int = 6) -> float | None:
    return None if value is None else round(value, digits)
