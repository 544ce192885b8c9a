"""What the workbooks of both editions share: names of sheets, properties, the facts on the cover."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from xlsxwriter.workbook import Workbook

from ...engine.results import Results
from ..tables.lists import LIST_TITLES
from .cover import COVER_NAME

SHEET_NAME_UNITS = 31  # Excel's limit, in UTF-16 units


def sheet_names(titles: Mapping[str, str]) -> dict[str, str]:
    """A sheet name Excel accepts for each title: no ``[]:*?/\\``, at most 31 units, no two alike."""
    taken = {COVER_NAME.casefold(), "history"}  # Excel keeps History for itself
    names = {}
    for which, title in titles.items():
        clean = "".join("_" if c in "[]:*?/\\" or ord(c) < 32 else c for c in title).strip(" '")
        name = base = _cut(clean or LIST_TITLES.get(which, "表"), SHEET_NAME_UNITS)
        for number in range(2, len(titles) + 3):
            if name.casefold() not in taken:
                break
            name = f"{_cut(base, SHEET_NAME_UNITS - 3)}({number})"
        taken.add(name.casefold())
        names[which] = name
    return names


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")


def facts_of(results: Results, about: str) -> tuple[tuple[str, str], ...]:
    """What the cover says of the run: (label, text)."""
    return (
        ("体检对象", about),
        ("体检年份", f"{results.year} 年"),
        ("数据性质", results.synthetic or "各部门、街镇填报及公开数据"),
        ("运行编号", results.run_id),
        ("软件版本", f"tijian {results.version}"),
    )


def set_properties(book: Workbook, results: Results, name: str, about: str) -> None:
    """Document properties: the date is the year's, not today's, so that equal results give equal bytes."""
    book.set_properties({
        "title": f"{results.title} {name} {about}",
        "subject": results.synthetic or name,
        "author": "tijian",
        "created": datetime(results.year, 1, 1),
    })  # fmt: skip
    book.set_custom_property("tijian_run", results.run_id)
    book.set_custom_property("tijian_year", results.year, "number")
