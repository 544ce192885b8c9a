"""Findings (体检数据问题): the one catalogue of everything that can be wrong with an input.

A finding is a fault of the *input*, told to the person who can mend it: which file, sheet, row and column,
what stands there, and what would be right. Code never raises for a user's mistake at the place where it
notices one; it adds a finding and goes on, so that all faults of a file are told at once. A stage that cannot
go on raises :class:`InputError`, which carries every finding gathered so far.

The kinds (stable code, level, message, cause, remedy) are data in ``findings.toml`` beside this module.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

import polars as pl

from .personal import masked

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Kind:
    """One kind of finding: a row of the catalogue."""

    code: str
    level: Level
    title: str
    message: str  # str.format template over the finding's `facts`
    cause: str
    remedy: str


@dataclass(frozen=True)
class Place:
    """Where a finding stands. Narrowed step by step: file → sheet → row → column (行号从 1 起, 与 Excel 一致)."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def at(self, **narrower: str | int | None) -> Place:
        """The same place with a sheet, row or column added."""
        return replace(self, **narrower)  # type: ignore[arg-type]

    def __str__(self) -> str:
        """The place as a person reads it: 文件 › 工作表 › 第 n 行 › 列."""
        row = f"第 {self.row} 行" if self.row is not None else ""
        column = f"列“{self.column}”" if self.column else ""
        return " › ".join(part for part in (self.file, self.sheet, row, column) if part)


@dataclass(frozen=True)
class Finding:
    """One fault at one place."""

    code: str
    place: Place
    message: str
    value: str = ""
    expected: str = ""

    @property
    def kind(self) -> Kind:
        """The row of the catalogue this finding belongs to."""
        return catalogue()[self.code]

    @property
    def level(self) -> Level:
        """``error`` stops a run; ``warning`` is printed and carried into the reports."""
        return self.kind.level


@cache
def catalogue() -> dict[str, Kind]:
    """Every kind of finding, by code, in code order."""
    text = resources.files(__package__).joinpath("findings.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)
    return {code: Kind(code=code, **rows[code]) for code in sorted(rows)}


@dataclass
class Findings:
    """The findings of one run, in the order met."""

    rows: list[Finding] = field(default_factory=list)

    def add(
        self, code: str, place: Place, *, value: object = "", expected: str = "", **facts: object
    ) -> Finding:
        """Add one finding of kind ``code``; ``facts`` fill the kind's message template.

        ``value`` is what stands in the input (shortened to 80 characters), ``expected`` what would be right. Personal
        numbers in any of them are masked: a finding is printed, sent around and stored.
        Raises KeyError for a code or a fact the catalogue does not know: that is our mistake, not the user's.
        """
        kind = catalogue()[code]
        shown = "" if value is None else masked(str(value))
        facts = {name: masked(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
        expected = masked(expected)
        shown = shown if len(shown) <= 80 else shown[:79] + "…"
        message = kind.message.format(value=shown, expected=expected, **facts)
        finding = Finding(code=code, place=place, message=message, value=shown, expected=expected)
        self.rows.append(finding)
        return finding

    def extend(self, other: Iterable[Finding]) -> None:
        """Take over findings gathered elsewhere."""
        self.rows.extend(other)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def plain(self) -> list[dict[str, Any]]:
        """The findings as plain values that JSON holds; :meth:`from_plain` makes them again."""
        return [asdict(finding) for finding in self.rows]

    @classmethod
    def from_plain(cls, rows: Iterable[dict[str, Any]]) -> Findings:
        """The findings that :meth:`plain` told."""
        return cls([Finding(**{**row, "place": Place(**row["place"])}) for row in rows])

    @property
    def errors(self) -> list[Finding]:
        """Those that stop a run."""
        return [f for f in self.rows if f.level == "error"]

    def raise_if_errors(self) -> None:
        """Raise :class:`InputError` with everything gathered, if any of it is an error."""
        if self.errors:
            raise InputError(self)

    def frame(self) -> pl.DataFrame:
        """The findings as a frame: code, level, file, sheet, row, column, value, expected, message."""
        return pl.DataFrame(
            [
                (f.code, f.level, f.place.file, f.place.sheet, f.place.row, f.place.column, f.value,
                 f.expected, f.message)
                for f in self.rows
            ],
            schema={
                "code": pl.String, "level": pl.String, "file": pl.String, "sheet": pl.String,
                "row": pl.Int64, "column": pl.String, "value": pl.String, "expected": pl.String,
                "message": pl.String,
            },
            orient="row",
        )  # fmt: skip


class InputError(Exception):
    """The input cannot be used; carries every finding gathered. The CLI prints them and exits with 1."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        super().__init__("；".join(f"{f.code} {f.place}：{f.message}" for f in findings.errors))
