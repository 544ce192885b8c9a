"""Merged cells among the data (数据区的合并单元格): what one cell over several rows or columns says of each.

Words, yes or no and dates hold for every row they are merged over. A number does not: whether it is the whole, or
each row's, nobody can tell, so it is a finding (T008) and missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...findings import Findings
from .grid import Grid, as_text


def merged_cells(
    grid: Grid,
    rows: Sequence[int],
    columns: Mapping[str, int],
    types: Mapping[str, str],
    labels: Mapping[str, str],
    findings: Findings,
) -> dict[tuple[int, int], object]:
    """(row, column), from 0 → what stands there, for cells whose merged area says something else than the cell.

    ``rows`` are the data rows, ``columns`` our name → column, ``types`` as in a contract, ``labels`` our name → header.
    """
    said: dict[tuple[int, int], object] = {}
    held = set(rows)
    width = len(grid.rows[0]) if grid.rows else 0
    for top, left, bottom, right in grid.merges:
        if top > len(grid.rows) or left > width:  # an area outside everything that is filled in
            continue
        inside = [r for r in range(top - 1, bottom) if r in held]
        ours = [name for name, c in columns.items() if left - 1 <= c < right]
        value = grid.rows[top - 1][left - 1]
        if not inside or not ours or not as_text(value).strip():
            continue
        numbers = [name for name in ours if types.get(name) in ("number", "integer")]
        if numbers and (len(inside) > 1 or len(ours) > 1):
            place = grid.place.at(row=top, column=labels[numbers[0]])
            span = f"第 {top} 行" if top == bottom else f"第 {top}–{bottom} 行"
            what = "、".join(labels[name] for name in ours)
            findings.add(
                "T008", place, value=as_text(value), span=span, what=what, expected="每格一个数，取消合并"
            )
        for name in ours:
            for r in inside:
                if name in numbers:
                    said[r, columns[name]] = None if len(inside) > 1 or len(ours) > 1 else value
                elif columns[name] == left - 1:
                    said[r, columns[name]] = value
    return said
