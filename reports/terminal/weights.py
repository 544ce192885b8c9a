"""The weights in force on the terminal (现行权重): every dimension and indicator, its share of the total, method and basis."""

from __future__ import annotations

from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.results import Results
from ...engine.scoring.tree import METHOD_NAMES, TOTAL
from ..tables.weights import weights_table
from ..view import View
from .findings import plain_table


def weights_view(results: Results, level: str) -> RenderableType:
    """The weights of a level as the run used them; a sentence where none of its units was scored."""
    made = weights_table(View(results), level)
    if not len(made):
        return Text(
            f"{results.year} 年的结果里没有这一级的权重：没有在这一级评价的指标，或结果是旧版本算的，请重新运行 tijian run。"
        )
    shown = plain_table(
        f"{results.year} 年{made.title}",
        ("维度和指标", "left"), ("上级中的权重", "right"), ("总分中的权重", "right"), ("方法", "left"),
    )  # fmt: skip
    at = {key: i for i, key in enumerate(made.keys)}
    tops = results.weights.filter(level=level, parent=TOTAL).to_dicts()
    ways = {row["child"]: METHOD_NAMES[row["method"]] for row in tops}
    for dimension, rows in groupby(made.rows, key=lambda row: row[at["dimension"]]):
        of = list(rows)
        whole = _percent(of[0][at["of_dimension"]])
        shown.add_row(
            *(Text(cell, style="bold") for cell in (str(dimension), whole, whole, ways[str(dimension)]))
        )
        for row in of:
            label = f"  {row[at['code']]} {row[at['indicator']]}"
            shares = (_percent(row[at["weight"]]), _percent(row[at["effective"]]))
            shown.add_row(*map(Text, (label, *shares, str(row[at["method"]]))))
    return Group(shown, *(Text(note, style="dim") for note in made.notes))


def _percent(share: object) -> str:
    return f"{share:.2f}%"
