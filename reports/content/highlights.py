"""优势 and 短板 in a line each: what stands first on a unit's page."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.diagnosis.everything import FEW
from .. import numbers
from ..blocks import Bullets, Point
from ..tables.lists import decimals_of
from ..tables.spine import comparable
from ..view import Row, Scope, View
from ..wording import words

SHORT = 3


def highlights(view: View, unit: str, *, apart: bool = False) -> Bullets:
    """Top strengths and top problems of the unit itself, one line each; ``apart``: of different dimensions first."""
    strengths = first_of(view, "strength_list", unit, SHORT, apart=apart)
    problems = first_of(view, "problem_list", unit, SHORT, apart=apart)
    return Bullets(
        (
            ("优势", tuple(Point(_where(view, unit, row) + strength_line(view, row)) for row in strengths)),
            (
                "短板",
                tuple(
                    Point(_where(view, unit, row) + problem_line(view, row), row["severity"] or "")
                    for row in problems
                ),
            ),
        )
    )


def first_of(view: View, name: str, unit: str, most: int, *, apart: bool = False) -> list[Row]:
    """The unit's own first rows of a list; the district, when it has too few, goes on with its towns'.

    ``apart``: the first of each dimension before the second of any.
    """
    rows = view.listed(name, Scope(units=(unit,)))
    rows = (one_each(rows) if apart else rows)[:most]
    if view.units[unit]["level"] == "district" and len(rows) < most:
        towns = view.listed(name, Scope(units=tuple(view.of_level("town"))))
        rows += (one_each(towns) if apart else towns)[: most - len(rows)]
    return rows


def one_each(rows: Sequence[Row]) -> list[Row]:
    """The rows with the first of each dimension before all others, each part in its order."""
    first = {row["dimension"]: row for row in reversed(rows)}
    return sorted(rows, key=lambda row: first[row["dimension"]] is not row)


def _where(view: View, unit: str, row: Row) -> str:
    return "" if row["unit"] == unit else f"{view.name(row['unit'])}："


def strength_line(view: View, row: Row) -> str:
    """A strength in a line: the value, its place among towns, the first ground."""
    indicator = view.indicators[row["indicator"]]
    if not comparable(indicator):
        return f"{indicator['name']}：{first_ground(row)}"
    value = numbers.quantity(row["value"], indicator["unit"], decimals_of(indicator))
    score = next((s for s in view.scores(row["unit"]) if s["indicator"] == row["indicator"]), None)
    place = f"，同类第{score['rank']}" if score and score["rank"] and row["level"] == "town" else ""
    return f"{indicator['name']}{value}{place}，{first_ground(row)}"


def problem_line(view: View, row: Row) -> str:
    """``存在结构安全隐患的住宅数量512栋（2.8%），存在底线型问题``; who is affected only where that is not everybody."""
    indicator = view.indicators[row["indicator"]]
    value = numbers.quantity(row["value"], indicator["unit"], decimals_of(indicator))
    score = next((s for s in view.scores(row["unit"]) if s["indicator"] == row["indicator"]), None)
    share = ""
    if (
        score is not None
        and indicator["compared_unit"] == "%"
        and not comparable(indicator)
        and numbers.known(score["compared"])
    ):
        share = f"（占{words.told(score['compared'], indicator)}）"
    people, whole = row["people"], view.units[row["unit"]]["population"]
    some = numbers.known(people) and people and numbers.known(whole) and people < whole
    few = "（样本较少）" if FEW in (row["because"] or "") else ""
    return f"{indicator['name']}{value}{share}，{first_ground(row)}{few}{f'，影响{numbers.people(people)}' if some else ''}"


def first_ground(row: Row) -> str:
    """The first of the grounds a row was listed for; the list has them all."""
    return (row["because"] or "").split("；")[0].split("（")[0]
