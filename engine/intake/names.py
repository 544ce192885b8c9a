"""Names (单元名称对照): how departments write a unit → its code.

Names are matched inside their parent where the input gives one, with width, blanks and the suffixes 街道 / 镇 /
居委会 … folded. What is unknown or ambiguous becomes a finding with the nearest names: never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from ..findings import Findings, Place
from ..results import LEVELS
from .nearest import Nearest
from .sheets.cells import fold_name

_SUFFIXES = re.compile(
    r"(街道办事处|街道办|街办|街道|镇人民政府|镇政府|乡人民政府|社区居民委员会|社区居委会|居民委员会|居委会|居委|"
    r"村民委员会|村委会|村委|社区|镇|乡|村|区)$"
)


TOTAL_ROWS = frozenset({"合计", "总计", "全区", "全区合计", "全区总计", "区级", "本区", "全区平均"})


def stem(name: str) -> str:
    """A unit's name without width, blank and suffix differences; a name that is all suffix stays whole."""
    folded = fold_name(name)
    short = _SUFFIXES.sub("", folded)
    return short or folded


@dataclass
class NameBook:
    """Finds a unit by name or code. ``aliases`` come from names.csv: folded spelling → code."""

    units: pl.DataFrame
    aliases: dict[str, str]
    used_aliases: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_code = {str(r["code"]): r for r in self.units.iter_rows(named=True)}
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        self._nearest: dict[tuple[str | None, str | None], Nearest] = {}
        for code, row in self._by_code.items():
            self._by_name.setdefault(fold_name(row["name"]), []).append(code)
            self._by_stem.setdefault(stem(row["name"]), []).append(code)

    def find(self, name: str, *, level: str | None, within: str | None) -> list[str]:
        """The codes ``name`` may mean, best reading first tried: alias, code, whole name, stem. Empty: unknown."""
        folded = fold_name(name)
        if folded in self.aliases:
            self.used_aliases.add(folded)
            return [self.aliases[folded]]
        if folded in self._by_code:
            return [folded]
        if folded in TOTAL_ROWS and within is None:
            return [str(c) for c in self.units.filter(pl.col("level") == "district")["code"]]
        for table, key in ((self._by_name, folded), (self._by_stem, stem(name))):
            found = [c for c in table.get(key, ()) if self._fits(c, level, within)]
            if found:
                return found
        return []

    def near(self, name: str, *, level: str | None, within: str | None) -> list[str]:
        """Up to three names a person may have meant."""
        if (level, within) not in self._nearest:
            pool = [str(r["name"]) for c, r in self._by_code.items() if self._fits(c, level, within)]
            self._nearest[level, within] = Nearest(pool)
        return self._nearest[level, within](name)

    def name_of(self, code: str) -> str:
        """The name of a unit by its code."""
        return str(self._by_code[code]["name"])

    def _fits(self, code: str, level: str | None, within: str | None) -> bool:
        row = self._by_code[code]
        if level is not None and row["level"] != level:
            return False
        return within is None or within in (row[lv] for lv in LEVELS)


def report_unused(book: NameBook, findings: Findings, *, shown_as: str) -> None:
    """A warning for each alias that no input needed."""
    for spelling in sorted(set(book.aliases) - book.used_aliases):
        findings.add("N003", Place(shown_as), value=spelling, expected="删去或改正")


def place_by_name(
    frame: pl.DataFrame,
    book: NameBook,
    findings: Findings,
    *,
    level: str | None,
    headers: tuple[str, str | None],
) -> pl.DataFrame:
    """``frame`` with ``unit`` (code or null) from its columns ``_unit`` and, where given, ``_within``.

    ``headers`` are the two columns' headers in the file, for the findings. One finding per spelling, at the
    first row that has it, with the number of rows.
    """
    within_column = "_within" if headers[1] else None
    keys = ["_unit", *([within_column] if within_column else [])]
    spellings = (
        frame.group_by(keys, maintain_order=True)
        .agg(
            pl.len().alias("count"), pl.col("_file").first(), pl.col("_sheet").first(), pl.col("_row").first()
        )
        .sort("_file", "_sheet", "_row")
    )
    codes: list[str | None] = []
    for row in spellings.iter_rows(named=True):
        codes.append(_resolve(row, book, findings, level=level, headers=headers))
    found = spellings.select(keys).with_columns(pl.Series("unit", codes, dtype=pl.String))
    return frame.join(found, on=keys, how="left", nulls_equal=True, maintain_order="left").drop(keys)


def _resolve(
    row: dict[str, object],
    book: NameBook,
    findings: Findings,
    *,
    level: str | None,
    headers: tuple[str, str | None],
) -> str | None:
    """The code for one spelling, or None with a finding."""
    place = Place(str(row["_file"]), str(row["_sheet"]), int(str(row["_row"])))
    name, count = row["_unit"], row["count"]
    parent: str | None = None
    if headers[1] and row.get("_within"):
        parents = book.find(str(row["_within"]), level=None, within=None)
        if len(parents) != 1:
            near = book.near(str(row["_within"]), level="town", within=None)
            findings.add("N001", place.at(column=headers[1]), value=row["_within"], count=count, within="",
                         near="、".join(near) or "无", expected="名录中的街镇名称或代码")  # fmt: skip
            return None
        parent = parents[0]
    if name is None or not str(name).strip():
        if parent is not None:
            return parent
        findings.add("N005", place.at(column=headers[0]), count=count, expected="所在单元的名称或代码")
        return None
    found = book.find(str(name), level=level, within=parent) or (
        book.find(str(name), level=None, within=parent)
    )
    if len(found) == 1:
        return found[0]
    within = str(row["_within"]) if parent else ""
    near = [book._by_code[c]["name"] + c for c in found] or book.near(str(name), level=level, within=parent)
    code = "N002" if found else "N001"
    findings.add(code, place.at(column=headers[0]), value=name, count=count, within=within,
                 near="、".join(near) or "无", expected="名录中的名称或代码")  # fmt: skip
    return None


class UnknownUnitError(Exception):
    """A unit was asked for by a name that none or several have; the message lists what there is."""


def find_unit(units: pl.DataFrame, text: str) -> str:
    """The code of the one unit called ``text`` (name or code). Raises UnknownUnitError."""
    book = NameBook(units, {})
    found = book.find(text, level=None, within=None)
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownUnitError(f"有多个叫“{text}”的单元，请改用代码：{'、'.join(found)}")
    near = book.near(text, level=None, within=None)
    told = f"相近的有：{'、'.join(near)}" if near else "单元的名称和代码见单元名录"
    raise UnknownUnitError(f"没有叫“{text}”的单元。{told}")
