"""街镇对比: what is on the comparison page, made of the same objects as the reports; ``page/html.py`` writes it.

Everything to choose from (years, towns, layers of the map) is in ``compared``; the rest is of the page's own year.
Nothing is worked out here that the results do not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...engine.results import Results
from ..blocks import Section
from ..charts.svg import Chart
from ..content.figures import shapes_of
from ..content.parts import run_line
from ..content.problems import problems_section
from ..content.service import service_part
from ..maps.graded import screen_map
from ..tables.table import Table
from ..view import View
from .compare import Compared, compared
from .layers import Layer
from .lists import communities, listed, reviewed

_MAP = (105.0, 110.0)  # mm; drawn larger on a screen, its words with it


@dataclass(frozen=True)
class Service:
    """The map of one indicator of service, with its caption and its table."""

    name: str
    section: Section


@dataclass(frozen=True)
class Page:
    """The comparison page. ``towns`` are codes and names; the shapes of ``map`` carry their places among them."""

    district: str
    year: int
    synthetic: str
    run_line: str
    towns: tuple[tuple[str, str], ...]
    map: Chart | None
    services: tuple[Service, ...]
    problems: tuple[Section, ...]
    compared: Compared
    listed: Table
    reviewed: Table
    communities: Table

    @property
    def title(self) -> str:
        """``示例区街镇对比（2026年度）（合成演示数据）``: the title, with the label of made-up data."""
        label = f"（{self.synthetic}）" if self.synthetic else ""
        return f"{self.district}街镇对比（{self.year}年度）{label}"

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What the map can show in the page's own year."""
        return self.compared.years[0].layers

    @property
    def values(self) -> Table:
        """Every indicator's values in the page's own year."""
        return self.compared.years[0].values


def comparison_page(view: View, others: Sequence[Results] = ()) -> Page | None:
    """Everything on the page; ``others`` are other years' results. None where no town was scored."""
    towns = view.of_level("town")
    if not any(view.scores(u) or view.total(u) for u in towns):
        return None
    names = {u: view.name(u) for u in towns}
    held = compared(view, towns, others)
    return Page(
        district=view.name(view.district), year=view.results.year, synthetic=view.results.synthetic,
        run_line=run_line(view), towns=tuple(names.items()), map=_map(view, names, held.years[0].layers),
        services=_services(view),
        problems=tuple(p for s in problems_section(view, view.district) for p in s.parts), compared=held,
        listed=listed(view, towns), reviewed=reviewed(view, towns), communities=communities(view),
    )  # fmt: skip


def _map(view: View, names: dict[str, str], layers: Sequence[Layer]) -> Chart | None:
    """The towns in the classes of the first layer; None without one or without shapes."""
    if not layers:
        return None
    first = layers[0].colourings[0].classes
    return screen_map(
        shapes_of(view, list(names)), first, f"各街镇{layers[0].name}图", list(names), names, _MAP
    )


def _services(view: View) -> tuple[Service, ...]:
    """Each indicator of service that leaves somebody without, in the order of the system."""
    held = set(view.frame("service")["indicator"].unique())
    parts = [(c, service_part(view, view.district, (c,))) for c in view.indicators if c in held]
    return tuple(Service(view.indicators[c]["name"], part) for c, part in parts if part is not None)
