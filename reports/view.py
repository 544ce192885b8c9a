"""Looking things up in a run's results: one unit, one indicator, everything under a unit.

A :class:`View` is made once per process over a :class:`~tijian.engine.results.Results`; it selects and orders
rows and decides nothing. Rows come back as plain dicts keyed by the names of ``engine/results.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import polars as pl

from ..engine.results import LEVELS, Results

Row = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """Which rows of a list are meant. None is “all”; several conditions are all to hold.

    ``department`` with ``role`` “lead” (牵头) or “supporting” (配合) selects by responsibility. Rows come in the
    frame's own order (unit by unit), or by 优先级 over all units with ``by_priority``.
    """

    units: tuple[str, ...] | None = None
    indicators: tuple[str, ...] | None = None
    department: str | None = None
    role: Literal["lead", "supporting"] = "lead"
    by_priority: bool = False


class View:
    """Results with the look-ups a report needs."""

    def __init__(self, results: Results) -> None:
        """Index the units and the definitions; everything else is indexed when first asked for."""
        self.results = results
        self.units: dict[str, Row] = {row["code"]: row for row in results.units.sort("code").to_dicts()}
        self.indicators: dict[str, Row] = {
            row["code"]: row for row in results.indicators.sort("position", "code").to_dicts()
        }
        self.indicator_order = {code: i for i, code in enumerate(self.indicators)}
        self.unit_order = {code: i for i, code in enumerate(self.units)}

    def frame(self, name: str) -> pl.DataFrame:
        """One of the frames, this year's rows only."""
        frame: pl.DataFrame = getattr(self.results, name)
        return frame.filter(pl.col("year") == self.results.year) if "year" in frame.columns else frame

    @cached_property
    def district(self) -> str:
        """The code of the district. Raises ValueError when there is none."""
        for code, row in self.units.items():
            if row["level"] == "district":
                return code
        raise ValueError("results hold no unit of level district")

    def name(self, unit: str) -> str:
        """The name of a unit; its code when the results do not know it."""
        return self.units[unit]["name"] if unit in self.units else unit

    @property
    def cuts(self) -> tuple[float, ...]:
        """The scores from which a grade begins, the best first."""
        return tuple(cut for _, cut in self.results.grade_cuts)

    def of_level(self, level: str, within: str | None = None) -> list[str]:
        """Codes of the units of a level in code order, those under ``within`` only if given."""
        above = self.units[within]["level"] if within else None
        return [
            code
            for code, row in self.units.items()
            if row["level"] == level and (above is None or row[above] == within)
        ]

    def subtree(self, unit: str) -> tuple[str, ...]:
        """The unit and everything beneath it, in code order."""
        level = self.units[unit]["level"]
        if level not in LEVELS:
            return tuple(c for c, r in self.units.items() if c == unit or r["parent"] == unit)
        return tuple(c for c, r in self.units.items() if r[level] == unit)

    @cached_property
    def _scores(self) -> dict[str, list[Row]]:
        return _by_unit(self.frame("scores"), self.indicator_order, "indicator")

    @cached_property
    def _measured(self) -> dict[tuple[str, str], Row]:
        rows = self.frame("measurements").to_dicts()
        return {(row["unit"], row["indicator"]): row for row in rows}

    @cached_property
    def _dimensions(self) -> dict[str, list[Row]]:
        order = {name: i for i, name in enumerate(self.results.dimension_names)}
        return _by_unit(self.frame("dimensions"), order, "dimension")

    @cached_property
    def _totals(self) -> dict[str, Row]:
        return {row["unit"]: row for row in self.frame("totals").to_dicts()}

    def scores(self, unit: str) -> list[Row]:
        """The unit's rows of ``scores`` in the order of the indicator system."""
        return self._scores.get(unit, [])

    @cached_property
    def peer_groups(self) -> dict[str, str | None]:
        """Each scored unit's peer group, the same for all its indicators."""
        return {unit: rows[0]["peer_group"] for unit, rows in self._scores.items()}

    def measured(self, unit: str, indicator: str) -> Row | None:
        """The measurement behind a score, or None."""
        return self._measured.get((unit, indicator))

    def dimensions(self, unit: str) -> list[Row]:
        """The unit's dimension rows in the project's order."""
        return self._dimensions.get(unit, [])

    @cached_property
    def _aspects(self) -> dict[str, list[Row]]:
        held: dict[str, list[Row]] = {}
        for row in self.frame("aspects").to_dicts():
            held.setdefault(row["unit"], []).append(row)
        return held

    def aspects(self, unit: str) -> list[Row]:
        """The unit's grades by the Ministry's handbook: of its dimensions, their aspects, the aspects over all dimensions."""
        return self._aspects.get(unit, [])

    def total(self, unit: str) -> Row | None:
        """The unit's total row, or None when it was not scored."""
        return self._totals.get(unit)

    @cached_property
    def _weights(self) -> dict[tuple[str, str], dict[str, float]]:
        held: dict[tuple[str, str], dict[str, float]] = {}
        rows = self.frame("weights").select("level", "parent", "child", "weight")
        for level, parent, child, weight in rows.iter_rows():
            held.setdefault((level, parent), {})[child] = weight
        return held

    def weights(self, level: str, parent: str) -> dict[str, float]:
        """Child → its weight in ``parent`` (a dimension, or 总分) at a level, summing to one."""
        return self._weights.get((level, parent), {})

    def listed(self, name: str, scope: Scope) -> list[Row]:
        """Rows of a list frame within ``scope``."""
        frame = self.frame(name)
        if scope.units is not None:
            frame = frame.filter(pl.col("unit").is_in(list(scope.units)))
        if scope.indicators is not None:
            frame = frame.filter(pl.col("indicator").is_in(list(scope.indicators)))
        if scope.department is not None:
            frame = self._of_department(frame, scope.department, scope.role)
        if scope.by_priority and "priority" in frame.columns:
            frame = frame.sort("priority", "id", descending=[True, False], nulls_last=True)
        return frame.to_dicts()

    def _of_department(self, frame: pl.DataFrame, department: str, role: str) -> pl.DataFrame:
        if role in frame.columns:
            return frame.filter(pl.col(role).list.contains(department))
        return frame.filter(pl.col("indicator").is_in(list(self.indicators_of(department, role))))

    def indicators_of(self, department: str, role: str = "lead") -> tuple[str, ...]:
        """Codes of the indicators a department leads (牵头) or supports (配合)."""
        return tuple(c for c, row in self.indicators.items() if department in (row[role] or []))

    @cached_property
    def departments(self) -> tuple[str, ...]:
        """Every lead unit of a listed problem or a remedy and whoever is asked about a figure, in order of its first
        indicator, then name.
        """
        order: dict[str, int] = {}
        for i, row in enumerate(self.indicators.values()):
            for department in row["lead"] or []:
                order.setdefault(department, i)
        named = pl.concat(
            [self.frame(n).select("lead") for n in ("problem_list", "remedy_list", "questions")]
        )
        leads = named.explode("lead").drop_nulls().unique().to_series().to_list()
        return tuple(sorted(leads, key=lambda d: (order.get(d, len(self.indicators)), d)))

    @cached_property
    def input_files(self) -> dict[str, list[str]]:
        """Input name → the files it came from, each once."""
        files: dict[str, list[str]] = {}
        for row in self.frame("inputs").sort("name", "file").to_dicts():
            held = files.setdefault(row["name"], [])
            if row["file"] and row["file"] not in held:
                held.append(row["file"])
        return files


def _by_unit(frame: pl.DataFrame, order: dict[str, int], key: str) -> dict[str, list[Row]]:
    """Rows by unit, each unit's rows ordered by ``order`` of column ``key``."""
    held: dict[str, list[Row]] = {}
    for row in frame.to_dicts():
        held.setdefault(row["unit"], []).append(row)
    for rows in held.values():
        rows.sort(key=lambda r: (order.get(r[key], len(order)), r[key]))
    return held
