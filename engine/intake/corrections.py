"""Corrections (更正): hand fixes of the evidence, declared with reason and author, that expire loudly.

Each names an input, which row (``match``: our column names → what stands there), which column, what must stand
there now (``expect``), and the new value or ``drop``. One that matches nothing stops the run: the source was
mended, or the fix was wrong.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ..findings import Findings, Place
from ..project_words import wanted_instead, where_toml_breaks
from .cells import fold_name
from .files import is_file


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
    """The fixes of a project, in the order written, with the file they stand in.

    ``hits`` counts, while the inputs are read, how many rows each fix (by its number) has met.
    """

    rows: tuple[Correction, ...]
    shown_as: str
    hits: dict[int, int] = field(default_factory=dict)

    def of(self, name: str) -> list[tuple[int, Correction]]:
        """(number from 1, fix) of one input."""
        return [(i, c) for i, c in enumerate(self.rows, 1) if c.input == name]


def load_corrections(path: Path, findings: Findings, known: tuple[str, ...]) -> Corrections:
    """Read corrections.toml; an absent file is no fixes. Faults are findings C001 and C003."""
    if not is_file(path, Place(path.name), findings):
        return Corrections((), path.name)
    place = Place(path.name)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        row, detail = where_toml_breaks(fault)
        findings.add("C001", place.at(row=row), which="写法不对", detail=detail, expected="UTF-8 编码的 TOML")
        return Corrections((), path.name)
    entries = raw.pop("correction", [])
    for key in [*raw] if isinstance(entries, list) else ["correction", *raw]:
        findings.add("C003", place.at(column=key), value=key, expected="[[correction]]")
    rows = []
    for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        try:
            correction = Correction.model_validate(entry)
        except ValidationError as fault:
            for error in fault.errors():
                _explain(error, number, place, findings)
            continue
        if correction.input not in known:
            findings.add(
                "C001",
                place,
                value=correction.input,
                which=f"第 {number} 条",
                detail="没有这项输入",
                expected="、".join(known),
            )
            continue
        rows.append(correction)
    return Corrections(tuple(rows), path.name)


def _explain(error: object, number: int, place: Place, findings: Findings) -> None:
    """C001 for one thing that is wrong with one fix."""
    row: dict[str, Any] = dict(error)  # type: ignore[call-overload]
    key = str(row["loc"][-1]) if row["loc"] else ""
    keys = "、".join(Correction.model_fields)
    if row["type"] == "extra_forbidden":
        near = get_close_matches(key, list(Correction.model_fields), n=1)
        detail = f"没有 {key} 这个键" + (f"，相近的是“{near[0]}”" if near else "")
        findings.add(
            "C001",
            place.at(column=key),
            value=key,
            which=f"第 {number} 条",
            detail=detail,
            expected=f"可用的键：{keys}",
        )
    elif row["type"] == "missing":
        findings.add(
            "C001",
            place.at(column=key),
            which=f"第 {number} 条",
            detail=f"缺少 {key}",
            expected=f"写明 {key}",
        )
    else:
        wanted = wanted_instead(row["type"], row.get("ctx", {}), row["msg"])
        if not key:  # what is wrong is how the keys go together
            findings.add(
                "C001", place, which=f"第 {number} 条", detail=wanted, expected="见 tijian init 写出的范例"
            )
            return
        findings.add("C001", place.at(column=key), value=row["input"], which=f"第 {number} 条",
                     detail=f"{key} 的写法不对", expected=wanted)  # fmt: skip


def apply_corrections(raw: pl.DataFrame, name: str, corrections: Corrections) -> pl.DataFrame:
    """``raw`` (one file's text as it stands, under our column names) with the fixes of input ``name`` made.

    How many rows each fix met is added to ``corrections.hits``, for :func:`report_unmatched`.
    """
    for number, fix in corrections.of(name):
        columns = [*fix.match, *([fix.column] if fix.column else [])]
        if raw.is_empty() or any(c not in raw.columns for c in columns):
            continue
        hit = raw.select(_meets(fix).fill_null(False))[:, 0]
        corrections.hits[number] = corrections.hits.get(number, 0) + int(hit.sum())
        if fix.drop:
            raw = raw.filter(~hit)
        else:
            mended = pl.when(hit).then(pl.lit(fix.value)).otherwise(pl.col(fix.column))
            raw = raw.with_columns(mended.alias(fix.column))
    return raw


def _meets(fix: Correction) -> pl.Expr:
    """Whether a row is the one the fix means, and still says what the fix expects."""
    meets = pl.lit(True)
    for column, wanted in fix.match.items():
        meets &= _folded(column) == fold_name(wanted)
    if fix.column and (fix.expect or not fix.drop):
        meets &= _folded(fix.column) == fold_name(fix.expect)
    if fix.file:
        meets &= pl.col("_file").str.ends_with(fix.file)
    return meets


def report_unmatched(corrections: Corrections, files: dict[str, list[str]], findings: Findings) -> None:
    """C002 for each fix that met no row: the source was mended, or the fix is wrong.

    ``files`` maps each input read → its files. A fix of an input, or of a file, that this year does not read is for
    another year and says nothing here.
    """
    for number, fix in enumerate(corrections.rows, 1):
        read = [f for f in files.get(fix.input, ()) if f.endswith(fix.file)]
        if read and not corrections.hits.get(number):
            place = Place(corrections.shown_as, column=fix.column)
            findings.add("C002", place, value=str(fix.match), number=number, name=fix.input,
                         expected=fix.expect or "删去该行")  # fmt: skip


def _folded(column: str) -> pl.Expr:
    """A text column folded the way names are, blank for null."""
    return pl.col(column).fill_null("").map_elements(fold_name, return_dtype=pl.String)
