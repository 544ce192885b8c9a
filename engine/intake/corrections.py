"""Corrections (更正): hand fixes of the evidence, declared with reason and author, that expire loudly.

Each names an input, which row (``match``: our column names → what stands there), which column, what must stand
there now (``expect``), and the new value or ``drop``. One that matches nothing stops the run: the source was
mended, or the fix was wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from ..findings import Findings, Place
from ..settings.project_words import tell_toml, wanted_instead
from .fix_rows import Miss, columns_of, matches, says, why_missed
from .sheets.files import is_file
from .sheets.grid import as_text

_EXAMPLES = {
    "input": 'input = "buildings"', "match": 'match = { _unit = "望云街道" }', "reason": 'reason = "电话核实：多打了一个数字"',
    "by": 'by = "区房管局 张工"', "date": "date = 2026-05-20",
}  # fmt: skip


def _as_a_cell(told: object) -> object:
    """A number, true or false, or a day of TOML as the text of a cell that says it; everything else as it is."""
    return as_text(told) if isinstance(told, bool | int | date) else told


Written = Annotated[str, BeforeValidator(_as_a_cell)]


class Correction(BaseModel):
    """One declared fix."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str
    file: str = ""
    match: dict[str, Written]
    column: str = ""
    expect: Written = ""
    value: Written | None = None
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
        if self.drop and not self.match and not self.column:
            raise ValueError("match 空着又 drop = true，会删去整张表：写明删哪一行")
        return self


@dataclass(frozen=True)
class Corrections:
    """The fixes of a project by their number in the file (from 1), with the file they stand in.

    ``lines`` tells for each number in which line it begins (under "") and has each of its keys. While the inputs are read,
    ``hits`` counts how many rows each fix has met, and ``missed`` keeps why one met none, of the file where it came furthest.
    """

    numbered: dict[int, Correction]
    shown_as: str
    lines: dict[int, dict[str, int]] = field(default_factory=dict)
    hits: dict[int, int] = field(default_factory=dict)
    missed: dict[int, Miss] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[Correction, ...]:
        """The fixes in the order written."""
        return tuple(self.numbered.values())

    def of(self, name: str) -> list[tuple[int, Correction]]:
        """(number from 1, fix) of one input."""
        return [(i, c) for i, c in self.numbered.items() if c.input == name]

    def hit(self, number: int, count: int) -> None:
        """A fix has met so many rows more."""
        self.hits[number] = self.hits.get(number, 0) + count

    def miss(self, number: int, why: Miss) -> None:
        """A fix has met no row of a file."""
        if number not in self.missed or self.missed[number].stage < why.stage:
            self.missed[number] = why


def load_corrections(path: Path, findings: Findings, known: Mapping[str, str]) -> Corrections:
    """Read corrections.toml; an absent file is no fixes. ``known`` are the inputs: name → title. Faults are C001 and C003."""
    if not is_file(path, Place(path.name), findings):
        return Corrections({}, path.name)
    place = Place(path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text, parse_float=str)  # 30.50 in a cell is written 30.50
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        tell_toml(fault, "C001", path, place, findings, which="写法不对")
        return Corrections({}, path.name)
    entries = raw.pop("correction", [])
    headless = [key for key in raw if key in Correction.model_fields]
    if headless:
        findings.add("C003", place.at(column=headless[0]), value="、".join(headless),
                     expected="前面加一行 [[correction]]")  # fmt: skip
    for key in [
        *([] if isinstance(entries, list) else ["correction"]),
        *(k for k in raw if k not in headless),
    ]:
        findings.add("C003", place.at(column=key), value=key, expected="[[correction]]")
    lines = _lines(text)
    numbered = {}
    for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        try:
            correction = Correction.model_validate(entry)
        except ValidationError as fault:
            for error in fault.errors():
                _explain(error, number, place, lines.get(number, {}), findings)
            continue
        if correction.input not in known:
            here = place.at(row=lines.get(number, {}).get("input"), column="input")
            _no_input(correction.input, number, here, known, findings)
            continue
        numbered[number] = correction
    return Corrections(numbered, path.name, lines)


def _lines(text: str) -> dict[int, dict[str, int]]:
    """Number of a fix → the line of its head (under "") and of its keys, from 1."""
    found: dict[int, dict[str, int]] = {}
    for row, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*correction\s*\]\]", line):
            found[len(found) + 1] = {"": row}
        elif found and (key := re.match(r"\s*(\w+)\s*=", line)):
            found[len(found)].setdefault(key[1], row)
    return found


def _no_input(name: str, number: int, place: Place, known: Mapping[str, str], findings: Findings) -> None:
    """C001 for a fix of an input that the project has not; its title in place of its name is the usual slip."""
    titled = [ours for ours, title in known.items() if name in (title, f"inputs.{ours}")]
    near = titled or get_close_matches(name, list(known), n=1)
    findings.add(
        "C001",
        place,
        value=name,
        which=f"第 {number} 条",
        detail=f"没有 {name} 这项输入" + (f"，应是 {near[0]}" if titled else f"，相近的是 {near[0]}" if near else ""),
        expected="可用的输入：" + "、".join(f"{ours}（{title}）" if title else ours for ours, title in known.items()),
    )  # fmt: skip


def _explain(error: object, number: int, place: Place, lines: Mapping[str, int], findings: Findings) -> None:
    """C001 for one thing that is wrong with one fix, at the line of the key where that is known."""
    row: dict[str, Any] = dict(error)  # type: ignore[call-overload]
    key = str(row["loc"][-1]) if row["loc"] else ""
    place = place.at(row=lines.get(str(row["loc"][0]) if row["loc"] else "", lines.get("")), column=key)
    kind, value = row["type"], row["input"] if key else ""
    if kind == "extra_forbidden":
        near = get_close_matches(key, list(Correction.model_fields), n=1)
        value, detail = key, f"没有 {key} 这个键" + (f"，相近的是“{near[0]}”" if near else "")
        expected = "可用的键：" + "、".join(Correction.model_fields)
    elif kind == "missing":
        value, detail, expected = "", f"缺少 {key}", f"加一行，如 {_EXAMPLES[key]}"
    elif kind == "model_type":
        detail, expected = "不是一段更正", "一行 [[correction]]，下面一行一个键"
    elif not key:  # what is wrong is how the keys go together
        detail, expected = (
            wanted_instead(kind, {}, row["msg"]),
            "见 corrections.toml 开头的范例或手册“更正”一节",
        )
    else:
        detail, expected = f"{key} 的写法不对", wanted_instead(kind, row.get("ctx", {}), row["msg"])
        if row["loc"][0] in ("match", "expect", "value") and kind == "string_type":
            expected = "加引号的文字，或一个数、true、false、日期"
        elif key in _EXAMPLES:
            expected += f"；如 {_EXAMPLES[key]}"
    findings.add("C001", place, value=value, which=f"第 {number} 条", detail=detail, expected=expected)


def apply_corrections(
    raw: pl.DataFrame, name: str, corrections: Corrections, headers: Mapping[str, str]
) -> pl.DataFrame:
    """``raw`` (one file's text as it stands, under our column names) with the fixes of input ``name`` made.

    ``headers`` are our names → the headers of the file. How many rows each fix met, and why it met none, goes into
    ``corrections``, for :func:`report_unmatched`.
    """
    for number, fix in corrections.of(name):
        if not _of_this_file(raw, fix):
            continue
        hit = _hit(raw, fix)
        if hit is None or not hit.any():
            why = why_missed(raw, fix.match, fix.column, fix.expect, fix.value, headers)
            corrections.miss(number, why)
        else:
            corrections.hit(number, int(hit.sum()))
            raw = _mended(raw, fix, hit)
    return raw


def rows_met(
    raw: pl.DataFrame, name: str, corrections: Corrections
) -> Iterator[tuple[int, Correction, pl.DataFrame]]:
    """(number from 1, fix, the rows of ``raw`` it meets as they stand before it) of each fix that meets any."""
    for number, fix in corrections.of(name):
        hit = _hit(raw, fix)
        if hit is not None and hit.any():
            yield number, fix, raw.filter(hit)
            raw = _mended(raw, fix, hit)


def _hit(raw: pl.DataFrame, fix: Correction) -> pl.Series | None:
    """Which rows a fix meets; None where ``raw`` has not the columns it is about."""
    columns = [*fix.match, *([fix.column] if fix.column else [])]
    if not _of_this_file(raw, fix) or any(c not in columns_of(raw) for c in columns):
        return None
    return raw.select(_meets(fix).fill_null(False))[:, 0]


def _of_this_file(raw: pl.DataFrame, fix: Correction) -> bool:
    """Whether a fix is about the file whose rows these are."""
    return not raw.is_empty() and str(raw["_file"][0]).endswith(fix.file)


def _mended(raw: pl.DataFrame, fix: Correction, hit: pl.Series) -> pl.DataFrame:
    if fix.drop:
        return raw.filter(~hit)
    mended = pl.when(hit).then(pl.lit(fix.value)).otherwise(pl.col(fix.column))
    return raw.with_columns(mended.alias(fix.column))


def _meets(fix: Correction) -> pl.Expr:
    """Whether a row is the one the fix means, and still says what the fix expects."""
    meets = matches(fix.match)
    if fix.column and (fix.expect or not fix.drop):
        meets &= says(fix.column, fix.expect)
    return meets


def report_unmatched(corrections: Corrections, files: dict[str, list[str]], findings: Findings) -> None:
    """C002 for each fix that met no row: the source was mended, or the fix is wrong.

    ``files`` maps each input read → its files. A fix of an input, or of a file, that this year does not read is for
    another year and says nothing here. What met none without a table to look at is a layer or a data set.
    """
    unread = Miss(
        0, "match", "", "没有可以改的行：更正只改表格，不改图层和 Parquet", "在原文件里改，删去这一条"
    )
    for number, fix in corrections.numbered.items():
        read = [f for f in files.get(fix.input, ()) if f.endswith(fix.file)]
        if read and not corrections.hits.get(number):
            why = corrections.missed.get(number, unread)
            lines = corrections.lines.get(number, {})
            place = Place(corrections.shown_as, row=lines.get(why.key, lines.get("")), column=why.key)
            findings.add("C002", place, value=why.value, number=number, name=fix.input, detail=why.detail,
                         expected=why.expected)  # fmt: skip
