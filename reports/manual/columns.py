"""How wide the columns of a table in Markdown are: by what they hold, as in the reports' tables."""

from __future__ import annotations

from collections.abc import Sequence

from ..pdf.table_html import fitted
from ..tables.table import Column, Table
from ..theme import load_theme


def column_shares(rows: Sequence[Sequence[str]]) -> list[float]:
    """The share of the width that each column gets; the first row is the header. Names with _ are not broken."""
    theme = load_theme()
    total = theme.page["width"] - 2 * theme.page["side"]
    header, *body = [[cell.replace("_", "-") for cell in row] for row in rows]
    columns = tuple(Column(f"c{i}", title, total / len(header)) for i, title in enumerate(header))
    table = fitted(Table("", columns, tuple(map(tuple, body))), total, theme.type["table"])
    return [column.width / sum(c.width for c in table.columns) for column in table.columns]
