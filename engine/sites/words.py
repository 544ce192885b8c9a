"""Proposed sites in sentences (选址建议的说法), for 整治建议清单 and wherever else a site is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ...indicators.model import Indicator

Row = Mapping[str, object]
HECTARE_M2, LAND = 10_000, "㎡"
OPENING = "选址测算："  # what is said of sites stands after the measure and begins so


class SiteWords:
    """What the lists say about the sites of a run, by unit and indicator."""

    def __init__(self, sites: pl.DataFrame, names: Mapping[str, str]) -> None:
        """``names``: unit code → name."""
        self.names = names
        self.rows: dict[tuple[str, str], list[Row]] = {}
        self.best: dict[
            str, Row
        ] = {}  # indicator → the first site of the town where it lifts the district most
        for row in sites.sort("indicator", "unit", "rank").iter_rows(named=True):
            self.rows.setdefault((row["unit"], row["indicator"]), []).append(row)
            best = self.best.get(row["indicator"])
            if row["rank"] == 1 and (best is None or _lift(row) > _lift(best)):
                self.best[row["indicator"]] = row

    def of(self, unit: str, level: str, indicator: Indicator) -> str:
        """The sentence for a shortfall of a unit; empty where no site is proposed, and for a community, which has none."""
        if level == "town":
            return _of_town(self.rows.get((unit, indicator.code), []), indicator)
        best = self.best.get(indicator.code)
        return _of_district(best, self.names, indicator) if level == "district" and best is not None else ""


def gained_text(row: Row) -> str:
    """``1,234人``, ``12.3公顷``; 约 before what was estimated from the grid of the land."""
    gained, counted = float(str(row["gained"])), str(row["counted"])
    if counted == LAND:
        return f"约{gained / HECTARE_M2:,.1f}公顷"
    return f"{gained:,.0f}{counted}"


def values_text(row: Row, decimals: int, unit: str, of: str = "unit_") -> tuple[str, str] | None:
    """``("41.2%", "约57.9%")``: the town's value (with ``of=""`` the district's) before and after; None where print shows no difference."""
    before, after = (f"{float(str(row[f'{of}{end}'])):.{decimals}f}{unit}" for end in ("before", "after"))
    if before == after:
        return None
    return before, f"约{after}" if row["counted"] == LAND else after


def facility_text(row: Row) -> str:
    """``1处（按小型站计，服务半径798米）``, ``1处（服务半径500米）``."""
    as_one_of = f"按{row['supply']}计，" if row["supply"] else ""
    return f"1处（{as_one_of}服务半径{float(str(row['radius_m'])):,.0f}米）"


def _of_town(rows: Sequence[Row], indicator: Indicator) -> str:
    """The first site with all there is to say, the later ones with what they add."""
    parts = []
    for row in rows:
        values = values_text(row, indicator.decimals, indicator.unit)
        first = row is rows[0]
        if first:
            part = f"在{row['place']}新增{facility_text(row)}，可新增覆盖{gained_text(row)}"
        else:
            part = f"再在{row['place']}新增1处，可再覆盖{gained_text(row)}"
        if values:
            part += f"，覆盖率由{values[0]}提高到{values[1]}" if first else f"，提高到{values[1]}"
        parts.append(part)
    return f"{OPENING}{'；'.join(parts)}。" if parts else ""


def _of_district(row: Row, names: Mapping[str, str], indicator: Indicator) -> str:
    values = values_text(row, indicator.decimals, indicator.unit, of="")
    lift = f"，全区覆盖率由{values[0]}提高到{values[1]}" if values else ""
    return (
        f"{OPENING}单处增益最大的是在{names[str(row['unit'])]}{row['place']}新增{facility_text(row)}，"
        f"可新增覆盖该街镇{gained_text(row)}{lift}。"
    )


def _lift(row: Row) -> float:
    return float(str(row["after"])) - float(str(row["before"]))
