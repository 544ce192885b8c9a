"""What is known of earlier years (往年): the store's years, and what tables of the project say about years before it.

Where both speak of the same year, unit and indicator, the store goes before the table. What is not the same thing any more
by this year's definitions is left out (:mod:`.comparable`); of what tables say no definition is known, and it is taken as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from ..evidence import HISTORY
from ..findings import Findings, Place
from ..results import LEVEL_NAMES, conform, empty
from ..scoring.everything import nothing_before
from ..storage import store
from .comparable import Link, Rules, comparable_values, in_other_units, link_frame, rules_of
from .rescored import scores_then
from .successors import carried, renamed_history

Links = Mapping[int, Mapping[str, Link]]  # of ``comparable.links_back``


def last_year(
    path: Path, told: pl.DataFrame, now: Rules, links: Links, changed: pl.DataFrame, names: tuple[str, ...]
) -> dict[str, pl.DataFrame]:
    """What is known of the year before ``now``, as far as it can be compared; empty where nothing is known.

    ``measurements``; ``scores``, ``dimensions`` and ``totals`` by this year's rules, with what was ``printed`` where that is
    another (:mod:`.rescored`); ``links``: how each indicator's value stands to this year's. ``path`` is the store's file, ``links``
    are of ``now``; ``told`` has the columns of HISTORY, ``changed`` those of PREDECESSORS: units that were split, merged or given another
    code have what belongs to them now (:mod:`.successors`). ``names`` are this year's dimensions.
    """
    year, before = now.year, nothing_before()
    then = rules_of(path, year - 1)
    kept = empty("measurements")
    if then is not None:
        kept = store.read_frame(path, "measurements", year - 1)
        back = links[year - 1]
        values = comparable_values(kept, back)
        before |= {"measurements": values, "links": link_frame(back)}
        before |= scores_then(path, then, now, back, values, names)
    added = told.filter(pl.col("year") == year - 1).join(kept, on=["unit", "indicator"], how="anti")
    before["measurements"] = pl.concat([before["measurements"], conform("measurements", added)])
    return carried({k: v for k, v in before.items() if k != "links"}, changed) | {"links": before["links"]}


def report_unknown_predecessors(
    path: Path, year: int, changed: pl.DataFrame, units: pl.DataFrame, findings: Findings
) -> None:
    """U012 for predecessors that last year's units do not have, U013 for those that were units of another level.

    Nothing where no results of last year are kept, and no U013 for one that ``units`` still has, which was told there.
    """
    if changed.is_empty() or year - 1 not in store.years(path):
        return
    place = Place("单元名录", column="原代码")
    known = dict(store.read_frame(path, "units", year - 1).select("code", "level").iter_rows())
    now = dict(units.select("code", "level").iter_rows())
    for code in changed["predecessor"].unique().sort():
        if code not in known:
            findings.add("U012", place, value=code, expected=f"{year - 1}年单元名录中的代码")
    for unit, code in changed.select("unit", "predecessor").iter_rows():
        if code in known and code not in now and unit in now and known[code] != now[unit]:
            findings.add("U013", place, value=code, level=LEVEL_NAMES[known[code]], own=LEVEL_NAMES[now[unit]],
                         expected=f"{year - 1}年{LEVEL_NAMES[now[unit]]}的代码")  # fmt: skip


def earlier_figures(path: Path, now: Rules, changed: pl.DataFrame) -> pl.DataFrame:
    """What departments stated in every year before ``now`` that was run: year, unit, input, item, value.

    What is asked in another unit now is left out.
    """
    columns = ["year", "unit", "input", "item", "value"]
    kept = [
        store.read_frame(path, "figures", y)
        .select(columns)
        .join(in_other_units(rules_of(path, y), now), on=["input", "item"], how="anti", maintain_order="left")
        for y in store.years(path)
        if y < now.year
    ]
    return renamed_history(pl.concat([empty("figures").select(columns), *kept]), changed)


def earlier_values(
    path: Path, told: pl.DataFrame, year: int, links: Links, changed: pl.DataFrame
) -> pl.DataFrame:
    """The columns of HISTORY for every year before ``year``, as far as its definitions are this year's by ``links``.

    Of units that changed only where the code alone did.
    """
    keys = ["year", "unit", "indicator"]
    kept = {y: store.read_frame(path, "measurements", y).select(list(HISTORY)) for y in sorted(links)}
    stored = pl.concat([pl.DataFrame(schema=HISTORY), *kept.values()])
    added = told.filter(pl.col("year") < year).join(stored, on=keys, how="anti", maintain_order="left")
    alike = [comparable_values(frame, links[y]) for y, frame in kept.items()]
    values = pl.concat([*alike, added.select(list(HISTORY))]).unique(keys, keep="first", maintain_order=True)
    return renamed_history(values, changed)
