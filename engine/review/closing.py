"""Closing a year (闭环): taking in what departments sent back, and what the next year's run makes of last year's lists."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from ...indicators.model import Indicator
from ..evidence import Gathered, Querying
from ..findings import Findings
from ..intake.returned import both, read_returned, sent_out
from ..lists import thing_word
from ..measure.aggregate_sql import querying as querying_here
from ..measure.ledger import things_examined
from ..results import SCHEMAS, empty
from ..settings.project import Project
from ..storage import store
from ..storage.lock import locked
from . import track
from .track_said import review_rows

_SAID = ("status", "done", "evidence", "done_date")  # of an answer: what it says


@dataclass(frozen=True)
class Taken:
    """How many rows of the workbooks read say something ``new`` (of ids nobody had answered), something ``other`` than was kept,
    the ``same``, or nothing: ``blank``, as they were sent.
    """

    new: int
    other: int
    same: int
    blank: int


def take_back(project: Project, folder: Path, year: int, today: date, findings: Findings) -> Taken:
    """Read the workbooks under ``folder`` and keep what they say of ``year``'s remedies; how much of it was new.

    Raises InputError with every finding when there are errors (nothing is stored), StoreError, and LockedError during a run.
    """
    path = project.store_path
    with locked(project.root):
        remedies, units = (store.read_frame(path, name, year) for name in ("remedy_list", "units"))
        before = store.read_frame(path, "returned", year)
        read = read_returned(folder, sent_out(remedies, units, year, today), findings)
        findings.raise_if_errors()
        kept, taken = taken_over(before, read)
        if not kept.equals(before):
            store.replace_frame(path, "returned", year, kept)
    return taken


def taken_over(before: pl.DataFrame, read: pl.DataFrame) -> tuple[pl.DataFrame, Taken]:
    """What was ``returned`` before and what is read now as one such frame, and how much of it is new.

    What was returned before stays, unless its id is among the new; a row that stands as it was sent replaces nothing, and one that
    says the same again is as good as not there. ``department`` are all that answered a row, or all that sent it back blank.
    """
    held = {row["id"]: row for row in before.with_columns(speaks=track.answered()).to_dicts()}
    counts: Counter[str] = Counter()
    for row in read.with_columns(speaks=track.answered()).to_dicts():
        old = held.get(row["id"])
        alike = old is not None and all(old[key] == row[key] for key in _SAID)
        if not row["speaks"]:
            counts["blank"] += 1
        elif old is None or not old["speaks"]:
            counts["new"] += 1
        else:
            counts["same" if alike else "other"] += 1
        if old is None or (row["speaks"] and not old["speaks"]):
            held[row["id"]] = row
        elif row["speaks"] == old["speaks"]:
            held[row["id"]] = (old if alike else row) | {
                "department": both(old["department"] or "", row["department"] or "")
            }
    rows = [{name: held[key][name] for name in SCHEMAS["returned"]} for key in sorted(held)]
    return pl.DataFrame(rows, schema=SCHEMAS["returned"]), Taken(
        **{name: counts[name] for name in ("new", "other", "same", "blank")}
    )


def last_lists(path: Path, year: int) -> track.Year | None:
    """The frames of the year before ``year`` that its problems are judged by; None where it was not run."""
    if year - 1 not in store.years(path):
        return None
    return {name: store.read_frame(path, name, year - 1) for name in track.FRAMES}


def with_last_year(
    now: track.Year,
    then: track.Year | None,
    gathered: Gathered,
    indicators: tuple[Indicator, ...],
    year: int,
    querying: Querying = querying_here,
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """This year's problems with how long they have been listed, and last year's as judged (None where nothing is known).

    ``now`` has problem_list, scores, ledger, indicators, units and links (:mod:`..years.comparable`). Data sets are asked by ``querying``.
    """
    problems = now["problem_list"]
    if then is None:
        return problems.with_columns(since=pl.lit(year, dtype=pl.Int64)), None
    changed = gathered.predecessors
    listed = set(now["ledger"]["indicator"])
    failing = set(now["scores"].filter(pl.col("value") > 0)["indicator"])
    unlisted = {i.code for i in indicators if i.measure.method == "count" and i.code in failing - listed}
    # of which the ledger would have been too long: what became of each thing is not known, so the values are the judge
    then = {**then, "ledger": then["ledger"].filter(~pl.col("indicator").is_in(list(unlisted)))}
    examined = things_examined(indicators, gathered.evidence, then["ledger"], querying)
    judged = track.judge(then, now, changed, examined, year)
    return track.with_past(problems, judged, changed, year), judged


def reviewed(
    judged: pl.DataFrame | None,
    problems: pl.DataFrame,
    remedies: pl.DataFrame,
    units: pl.DataFrame,
    indicators: tuple[Indicator, ...],
    year: int,
) -> dict[str, pl.DataFrame]:
    """The frames ``reviews`` and ``completion`` from what :func:`with_last_year` gave and this year's remedies."""
    if judged is None:
        return {"reviews": empty("reviews"), "completion": empty("completion")}
    words = {indicator.code: thing_word(indicator) for indicator in indicators}
    rows = review_rows(judged, problems, remedies, units, words, year)
    return {"reviews": rows, "completion": track.complete(rows, units, year)}
