"""整改复查 as tables: how much was mended, what is left over, and where a claim and the measured value disagree."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.results import MENDED, NOT_MENDED, PARTLY, SEVERITIES, UNCLEAR
from ..view import Row, View
from .lists import unit_parts
from .table import Cell, Column, Figure, Table

COUNTED_NOTE = "同一指标在区、街镇、社区逐级列入的，只按列入的最细一级计一次；社区的问题计入所在街镇"
RATE_NOTE = "完成率 = 已整改 ÷（应整治 − 无法复查）；限时解决的，逾期完成的不算完成"
LEADS = 3  # lead units that are named in a row
_COUNTS = (
    Column("listed", "应整治", 18, "right", "number"),
    Column("mended", "已整改", 18, "right", "number"),
    Column("partly", "部分整改", 20, "right", "number"),
    Column("not_mended", "未整改", 18, "right", "number"),
    Column("unclear", "无法复查", 20, "right", "number"),
    Column("late", "逾期", 16, "right", "number"),
    Column("rate", "完成率", 20, "right", "number"),
)
_LEFT = (
    Column("unit_name", "所在单元", 25, kind="name"),
    Column("indicator", "指标", 33),
    Column("severity", "严重程度", 12, "center", "severity", nowrap=True),
    Column("due", "整治类型与时限", 24, kind="name"),
    Column("lead", "牵头单位", 24, kind="list"),
    Column("outcome", "结论", 16, nowrap=True),
    Column("because", "复查依据", 50),
)
_BY_INDICATOR = (
    Column("indicator", "指标", 66),
    Column("left", "遗留", 14, "right", "number"),
    Column("late", "其中逾期", 18, "right", "number"),
    Column("red", "其中红色", 18, "right", "number"),
    Column("partly", "已部分整改", 20, "right", "number"),
    Column("towns", "涉及街镇（个）", 22, "right", "number"),
    Column("lead", "牵头单位", 42, kind="list"),
)


def completion_table(rows: Sequence[Row], first: Column, names: Sequence[str], title: str) -> Table:
    """One line per row of ``completion``, named in the column ``first``; columns that are zero throughout are left out."""
    body = [(name, *_counts(row)) for name, row in zip(names, rows, strict=True)]
    table = Table(title, (first, *_COUNTS), tuple(body), units="单位：项")
    return table.without(*(key for key in ("unclear", "late") if not any(row[key] for row in rows)))


def _counts(row: Row) -> tuple[Cell, ...]:
    rate = Figure(None if row["rate"] is None else 100 * row["rate"], 1, unit="%")
    return (*(row[c.key] for c in _COUNTS[:-1]), rate)


def left_over(rows: Sequence[Row]) -> list[Row]:
    """What of last year's problems is not mended: the late ones first, then by severity, then the oldest."""
    order = {severity: i for i, severity in enumerate(SEVERITIES)}
    rest = [r for r in rows if r["outcome"] in (PARTLY, NOT_MENDED)]
    return sorted(
        rest,
        key=lambda r: (
            not r["late"],
            order.get(r["severity"], len(order)),
            r["since"],
            r["unit"],
            r["indicator"],
        ),
    )


def review_table(view: View, rows: Sequence[Row], title: str) -> Table:
    """Reviewed problems one by one, in the order given; how long one has been listed is said where it is older than last year."""
    body: list[tuple[Cell, ...]] = []
    for row in rows:
        since = f"{row['since']}年起列入；" if row["since"] < row["year"] - 1 else ""
        values: dict[str, Cell] = {
            "unit_name": unit_parts(view, row["unit"]),
            "indicator": indicator_name(view, row),
            "severity": row["severity"] or "",
            "due": (row["treatment"] or "", (row["due"] or "") + ("（已逾期）" if row["late"] else "")),
            "lead": _leads(row["lead"] or ()),
            "outcome": row["outcome"],
            "because": since + (row["because"] or "").split("；")[0],  # what follows the other columns say
        }
        body.append(tuple(values[c.key] for c in _LEFT))
    return Table(title, _LEFT, tuple(body))


def left_over_by_indicator(view: View, rows: Sequence[Row]) -> Table:
    """What is left over (rows as of :func:`left_over`) by indicator, those with most late ones first: where a district looks."""
    held: dict[str, list[Row]] = {}
    for row in rows:
        held.setdefault(row["indicator"], []).append(row)
    groups = sorted(held.values(), key=lambda g: (-sum(r["late"] for r in g), -len(g), g[0]["indicator"]))
    body: list[tuple[Cell, ...]] = []
    for group in groups:
        values: dict[str, Cell] = {
            "indicator": indicator_name(view, group[0]),
            "left": len(group),
            "late": sum(row["late"] for row in group),
            "red": sum(row["severity"] == SEVERITIES[0] for row in group),
            "partly": sum(row["outcome"] == PARTLY for row in group),
            "towns": len({row["town"] for row in group if row["town"]}),
            "lead": _leads(group[0]["lead"] or ()),
        }
        body.append(tuple(values[c.key] for c in _BY_INDICATOR))
    return Table("遗留问题（按指标）", _BY_INDICATOR, tuple(body), units="单位：项")


def _leads(names: Sequence[str]) -> tuple[str, ...]:
    """The lead units; of many the first two and how many there are."""
    return tuple(names) if len(names) <= LEADS else (*names[:2], f"等{len(names)}个单位")


def indicator_name(view: View, row: Row) -> str:
    """The indicator's name; what was written of the problem where the indicator is no longer in force."""
    known = view.indicators.get(row["indicator"])
    return known["name"] if known else row["problem"] or row["indicator"]


def tally(rows: Sequence[Row]) -> tuple[int, int, int, int]:
    """How many of ``rows`` are mended, partly mended, not mended, and not to be re-examined."""
    found = [row["outcome"] for row in rows]
    return found.count(MENDED), found.count(PARTLY), found.count(NOT_MENDED), found.count(UNCLEAR)
