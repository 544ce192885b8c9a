"""The items of a long table (长表的项目): asked for and not there, stated twice, or written as nobody else writes them.

A long table says in a cell what a figure is, so that one cell misspelt loses one figure of one unit and no column.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ....indicators.measure_model import Reported
from ....indicators.model import Indicator
from ...evidence import Evidence
from ...findings import Findings, Place
from ...settings.project import Input
from ..nearest import Nearest
from .headers import split_unit

ALIKE = (
    0.6  # how much of two names has to be the same for one to be the other misspelt: difflib's own measure
)
SHOWN = 10  # rows named of one text


@dataclass(frozen=True)
class Misspelt:
    """A text that is none of the items asked for, and the one that its units lack: where it stands, and whose it is."""

    text: str
    meant: str
    files: Sequence[str]
    sheets: Sequence[str]
    rows: Sequence[int]
    units: Sequence[str]


def check_items(frame: pl.DataFrame, item: Input, units: pl.DataFrame, findings: Findings) -> None:
    """T009 for figures that no row of a long table states, T019 for names that seem misspelt, N009 where a unit states
    an item on two rows.

    What a table of reported values is asked for is known from the indicators only: see :func:`check_reported`.
    """
    stated = frame.drop_nulls("item")
    there = stated["item"].unique().to_list()
    known = set(item.columns.values()) if item.kind == "figures" else set(there)
    nearest = Nearest([name for name in there if name not in known])
    for header in sorted(known.difference(there)):
        place = Place(frame["_file"][0], frame["_sheet"][0], column=item.item or "")
        near = "、".join(nearest(header)) or "无"
        findings.add("T009", place, value=header, near=near, expected=header)
    names = dict(units.select("code", "name").iter_rows())
    _tell(misspelt(stated, known.intersection(there)), item.item or "", names, findings)
    again = (
        stated.drop_nulls("unit")
        .filter(pl.col("item").is_in(list(known)))
        .group_by("unit", "item", maintain_order=True)
        .agg("_file", "_sheet", "_row")
        .filter(pl.col("_row").list.len() > 1)
    )
    for row in again.iter_rows(named=True):
        place = Place(row["_file"][1], row["_sheet"][1], row["_row"][1], item.item or "")
        findings.add("N009", place, value=row["item"], unit=names[row["unit"]], count=len(row["_row"]),
                     lines="、".join(map(str, row["_row"])), expected="每个单元每项一行")  # fmt: skip


def check_reported(
    evidence: Mapping[str, Evidence],
    indicators: Sequence[Indicator],
    units: pl.DataFrame,
    findings: Findings,
) -> None:
    """T019 for names in tables of reported values that seem to be an item some indicator reads, misspelt."""
    names = dict(units.select("code", "name").iter_rows())
    for name, read in evidence.items():
        if read.input.kind == "reported":
            measures = [i.measure for i in indicators if isinstance(i.measure, Reported)]
            asked = {measure.item for measure in measures if measure.of == name}
            _tell(misspelt(read.frame, asked), read.input.item or "", names, findings)


def misspelt(frame: pl.DataFrame, known: Collection[str]) -> list[Misspelt]:
    """The texts of ``frame`` (unit, item, _file, _sheet, _row) that stand in place of one of ``known``, in their order.

    Such a text is much like the item, none of the units that have it states the item itself, and so both are never beside
    each other: otherwise it is another item, of which a system's export has many. Units of measure in brackets do not count.
    """
    stated = frame.drop_nulls(["unit", "item"]).select("unit", "item", "_file", "_sheet", "_row")
    is_known = pl.col("item").is_in(sorted(known))
    unknown = stated.filter(~is_known)
    if unknown.is_empty() or not known:
        return []
    of_item = stated.filter(is_known).group_by("item").agg("unit").rows()
    holders = {item: set(having) for item, having in of_item}
    bare: dict[str, list[str]] = {}
    for item in sorted(known):
        bare.setdefault(split_unit(item)[0], []).append(item)
    nearest = Nearest(list(bare))
    found = []
    for row in unknown.group_by("item", maintain_order=True).all().iter_rows(named=True):
        text, having = row["item"], dict.fromkeys(row["unit"])
        word = split_unit(text)[0]
        alike = [name for name in nearest(word) if difflib.SequenceMatcher(None, name, word).ratio() >= ALIKE]
        lacking = [
            item for name in alike for item in bare[name] if having.keys().isdisjoint(holders.get(item, ()))
        ]
        if lacking:
            found.append(Misspelt(text, lacking[0], row["_file"], row["_sheet"], row["_row"], tuple(having)))
    return found


def _tell(found: Sequence[Misspelt], column: str, names: Mapping[str, str], findings: Findings) -> None:
    """T019 once for each text, at its first row."""
    for one in found:
        place = Place(one.files[0], one.sheets[0], one.rows[0], column)
        lines = "、".join(map(str, one.rows[:SHOWN])) + ("…" if len(one.rows) > SHOWN else "")
        whose = "、".join(names[unit] for unit in one.units[:3])
        whose += f"等 {len(one.units)} 个单元" if len(one.units) > 3 else ""
        findings.add(
            "T019", place, value=one.text, lines=lines, unit=whose, near=one.meant, expected=one.meant
        )
