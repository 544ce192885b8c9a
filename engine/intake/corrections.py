"""Corrections (更正): hand fixes of the evidence, declared with reason and author, that expire loudly.

Each names an input, which row (``match``: our column names → what stands there), which column, what must stand
there now (``expect``), and the new value or ``drop``. One that matches nothing stops the run: the source was
mended, or the fix was wrong.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ..findings import Findings, Place
from .cells import fold_name


class Correction(BaseModel):
    """One declared fix."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str
    file: str = ""
    match: dict[str, str]
    column: str = ""
    expect: str = ""
    value: str | None = None
    drop: bool = False
    reason: str
    by: str
    date: date

    @model_validator(mode="after")
    def _one_of(self) -> Correction:
        if self.drop == (self.value is not None):
            raise ValueError("value 和 drop = true 恰写一个")
        if not self.drop and not self.column:
            raise ValueError("改值要写 column")
        return self


@dataclass(frozen=True)
class Corrections:
    """The fixes of a project, in the order written, with the file they stand in."""

    rows: tuple[Correction, ...]
    shown_as: str

    def of(self, name: str) -> list[tuple[int, Correction]]:
        """(number from 1, fix) of one input."""
        return [(i, c) for i, c in enumerate(self.rows, 1) if c.input == name]


def load_corrections(path: Path, findings: Findings, known: tuple[str, ...]) -> Corrections:
    """Read corrections.toml; an absent file is no fixes. Faults are findings C001."""
    if not path.is_file():
        return Corrections((), path.name)
    place = Place(path.name)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        findings.add("C001", place, number=0, detail=str(fault), expected="UTF-8 编码的 TOML")
        return Corrections((), path.name)
    rows = []
    for number, entry in enumerate(raw.get("correction", []), 1):
        try:
            correction = Correction(**entry)
        except (ValidationError, TypeError) as fault:
            detail = (
                "；".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}" for e in fault.errors())
                if isinstance(fault, ValidationError)
                else str(fault)
            )
            findings.add("C001", place, number=number, detail=detail, expected="见 tijian init 写出的范例")
            continue
        if correction.input not in known:
            findings.add(
                "C001",
                place,
                value=correction.input,
                number=number,
                detail="没有这项输入",
                expected="、".join(known),
            )
            continue
        rows.append(correction)
    return Corrections(tuple(rows), path.name)


def apply_corrections(
    raw: pl.DataFrame, name: str, corrections: Corrections, findings: Findings
) -> pl.DataFrame:
    """``raw`` (text as it stands, under our column names) with the fixes of input ``name`` made.

    A fix may match several rows only when all of them hold what it expects. One that matches none is finding C002.
    """
    for number, fix in corrections.of(name):
        columns = [*fix.match, *([fix.column] if fix.column else [])]
        absent = [c for c in columns if c not in raw.columns]
        hit = pl.lit(not absent)
        if not absent:
            for column, wanted in fix.match.items():
                hit &= _folded(column) == fold_name(wanted)
            if fix.expect or not fix.drop:
                hit &= _folded(fix.column) == fold_name(fix.expect)
            if fix.file:
                hit &= pl.col("_file").str.ends_with(fix.file)
        count = raw.select(hit.fill_null(False).sum()).item() if not absent and raw.height else 0
        if not count:
            place = Place(corrections.shown_as, column=fix.column)
            findings.add(
                "C002",
                place,
                value=str(fix.match),
                number=number,
                name=name,
                expected=fix.expect or "删去该行",
            )
            continue
        if fix.drop:
            raw = raw.filter(~hit.fill_null(False))
        else:
            raw = raw.with_columns(
                pl.when(hit.fill_null(False))
                .then(pl.lit(fix.value))
                .otherwise(pl.col(fix.column))
                .alias(fix.column)
            )
    return raw


def _folded(column: str) -> pl.Expr:
    """A text column folded the way names are, blank for null."""
    return pl.col(column).fill_null("").map_elements(fold_name, return_dtype=pl.String)
