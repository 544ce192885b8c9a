"""Writing the lists from the terminal (生成一表三清单): whose workbooks were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ..view import View
from ..workbook.lists import write_all_lists, write_lists
from .session import all_known, find_unit_code, load_results, open_project


def write_chosen_lists(
    project: Path,
    year: int | None,
    asked_units: Sequence[str] | None,
    asked_departments: Sequence[str] | None,
    tell: Callable[[str, int, int, str], None],
) -> list[Path]:
    """Write the workbooks of the units and departments asked for, of all where none is; their paths.

    Units and departments both: a book for each pair. Raises StoppedError when there are no results or no such name.
    """
    loaded = open_project(project, year)
    results = load_results(loaded, year)
    departments = all_known(asked_departments, View(results).departments, "有任务的牵头单位")
    out = loaded.for_year(results.year).out
    if not (asked_units or departments):
        return write_all_lists(results, out, partial(tell, "workbook"))
    units: list[str | None] = [find_unit_code(results, name) for name in asked_units or ()] or [None]
    return [write_lists(results, out, unit=u, department=d) for u in units for d in departments or [None]]
