"""Boundary changes (区划调整): what each unit was made of since last year, from two columns of the units table.

``原代码`` holds the codes of last year (several with 、 or ;), ``占原单元份额`` for each what share of its people came into
this unit (0–1; left empty: all of them). Split: two units name the same predecessor with shares that add up to one. Merger:
one unit names two. A new code for the same unit: one predecessor, no share.
"""

from __future__ import annotations

import re

import polars as pl

from ..evidence import PREDECESSORS
from ..findings import Findings, Place
from ..results import LEVEL_NAMES
from .sheets.cells import narrow

COLUMNS = {"predecessor": "原代码", "share": "占原单元份额"}
_ROUNDING = 0.005  # shares are written to two or three digits


def read_predecessors(raw: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """unit, predecessor, share, sorted; empty where the table has no such column.

    ``raw`` is the units table as read (code, ``_file``, ``_sheet``, ``_row``). Faults are findings U010 (a share that is
    none or of no code, or not as many shares as codes) and U011 (shares of one predecessor that add up to more than all of it); U015 warns of those that add up to less.
    """
    rows: list[tuple[str, str, float]] = []
    places: dict[str, Place] = {}
    if "predecessor" not in raw.columns:
        return pl.DataFrame(schema=PREDECESSORS)
    for row in raw.iter_rows(named=True):
        codes = _parts(row["predecessor"])
        place = Place(row["_file"], row["_sheet"], row["_row"])
        if not codes:
            if _parts(row.get("share")):
                findings.add("U010", place.at(column=COLUMNS["share"]), value=str(row["share"]),
                             expected="同一行写原代码，或删去份额")  # fmt: skip
            continue
        shares = _shares(row.get("share"), len(codes), place, findings)
        for code, share in zip(codes, shares, strict=True):
            rows.append((str(row["code"]).strip(), code, share))
            places.setdefault(code, place)
    frame = pl.DataFrame(rows, schema=PREDECESSORS, orient="row").sort("unit", "predecessor")
    totals = frame.group_by("predecessor", maintain_order=True).agg(pl.col("share").sum())
    for code, total in totals.filter(pl.col("share") > 1 + _ROUNDING).iter_rows():
        findings.add("U011", places[code].at(column=COLUMNS["share"]), value=f"{total:g}", code_before=code,
                     expected="同一个原代码的各份额合计不超过 1")  # fmt: skip
    for code, total in totals.filter(pl.col("share") < 1 - _ROUNDING).iter_rows():
        findings.add("U015", places[code].at(column=COLUMNS["share"]), value=f"{total:g}", code_before=code,
                     expected="同一个原代码的各份额合计等于 1")  # fmt: skip
    return frame


def check_predecessors(
    changed: pl.DataFrame, units: pl.DataFrame, raw: pl.DataFrame, findings: Findings
) -> None:
    """U013 for a predecessor that is a unit of another level, U014 for one that still exists and says nothing of itself.

    The latter's own value of last year would be dropped, since part of what it was went elsewhere.
    """
    levels = dict(units.select("code", "level").iter_rows())
    rows = {str(r["code"]).strip(): r for r in raw.iter_rows(named=True)}
    of_themselves = set(changed["unit"])
    for unit, code in changed.select("unit", "predecessor").iter_rows():
        if code not in levels or unit not in levels:
            continue
        row = rows[unit]
        place = Place(row["_file"], row["_sheet"], row["_row"], COLUMNS["predecessor"])
        if levels[code] != levels[unit]:
            findings.add("U013", place, value=code, level=LEVEL_NAMES[levels[code]], own=LEVEL_NAMES[levels[unit]],
                         expected=f"上年{LEVEL_NAMES[levels[unit]]}的代码")  # fmt: skip
        elif code not in of_themselves:
            findings.add("U014", place, value=code, expected=f"在 {code} 一行也写原代码 {code} 和留下的份额")


def _parts(cell: object) -> list[str]:
    """The codes or shares of one cell."""
    return [part.strip() for part in re.split(r"[、;；,，/\s]+", str(cell or "")) if part.strip()]


def _shares(cell: object, wanted: int, place: Place, findings: Findings) -> list[float]:
    """One share a code; 1 each where none is written, and where what is written cannot be used (U010)."""
    written = _parts(re.sub(r"\s+%", "%", narrow(str(cell or ""))))
    if not written:
        return [1.0] * wanted
    try:
        shares = [float(part.rstrip("%")) / (100.0 if part.endswith("%") else 1.0) for part in written]
    except ValueError:
        shares = []
    if len(shares) == wanted and all(0.0 < share <= 1.0 for share in shares):
        return shares
    findings.add("U010", place.at(column=COLUMNS["share"]), value=str(cell),
                 expected=f"{wanted} 个大于 0、不大于 1 的数，用“、”隔开；全部并入的可不写")  # fmt: skip
    return [1.0] * wanted
