"""What came of running a year again, at the end of `tijian run` (与上次运行相比)."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.results import LEVEL_NAMES, LEVELS, SEVERITIES
from ...engine.years.since_last_run import Frames, SinceRun, since_last_run
from .. import numbers
from ..view import Row

SHOWN = 5  # of values, of totals and of problems; the rest are counted
MOST_DECIMALS = 6
HEAD = "与上次运行相比"
ALIKE = "指标值、综合得分、名次、等级和问题清单都没有变化。"


def what_came_of_it(then: Frames | None, now: Frames) -> list[RenderableType]:
    """What is printed under the summary of a run: nothing where the year was not run before."""
    if then is None:
        return []
    return [since_run_view(since_last_run(then, now), now["units"], now["indicators"])]


def since_run_view(since: SinceRun, units: pl.DataFrame, indicators: pl.DataFrame) -> RenderableType:
    """A short block: how many values changed and the largest, totals, problems, ledger; one line where nothing did."""
    if since.nothing:
        return Text(f"{HEAD}：{ALIKE}")
    names = dict(units.select("code", "name").iter_rows())
    defined = {row["code"]: row for row in indicators.to_dicts()}
    lines = [
        *_values(since.values, names, defined),
        *_totals(since.totals, names),
        *_problems(since.problems, names, defined),
    ]
    before, after = since.ledger
    if before != after:
        lines.append(f"问题台账：{before:,} 行 → {after:,} 行")
    return Group(Text(f"{HEAD}：", style="bold"), *(Text(f"  {line}") for line in lines))


def _by_level(frame: pl.DataFrame) -> str:
    """``区级 2 项、街镇 5 项``."""
    counts = dict(frame.group_by("level").len().iter_rows())
    return "、".join(f"{LEVEL_NAMES[level]} {counts[level]:,} 个" for level in LEVELS if level in counts)


def _values(values: pl.DataFrame, names: dict[str, str], defined: dict[str, Row]) -> Iterable[str]:
    if values.is_empty():
        yield "指标值没有变化"
        return
    appeared, gone = values["was"].null_count(), values["now"].null_count()
    parts = [
        f"{word} {count:,} 个" for word, count in (("原来没有的", appeared), ("不再有值的", gone)) if count
    ]
    among = f"（其中{'，'.join(parts)}）" if parts else ""
    yield f"指标值变了 {values.height:,} 个：{_by_level(values)}{among}。得分变动最大的："
    for row in values.head(SHOWN).to_dicts():
        definition = defined.get(row["indicator"], {})
        was, now = _pair(row["was"], row["now"], definition)
        title = f"{row['indicator']} {definition.get('name', '')}".strip()
        yield f"  {names.get(row['unit'], row['unit'])} {title}：{was} → {now}"
    if values.height > SHOWN:
        yield f"  …另有 {values.height - SHOWN:,} 个"


def _pair(was: float | None, now: float | None, definition: Row) -> tuple[str, str]:
    """Both with their unit; with more decimals than usual where they would look alike."""
    least = definition.get("decimals") or 0
    for decimals in range(least, MOST_DECIMALS + 1):
        shown = [numbers.quantity(value, definition.get("unit") or "", decimals) for value in (was, now)]
        if shown[0] != shown[1]:
            break
    return shown[0], shown[1]


def _totals(totals: pl.DataFrame, names: dict[str, str]) -> Iterable[str]:
    """District and towns by name; communities, which are given no places, as a count."""
    if totals.is_empty():
        yield "综合得分、名次、等级没有变化"
        return
    yield f"综合得分、名次或等级变了的单元：{_by_level(totals)}"
    named = totals.filter(pl.col("level") != LEVELS[-1])
    for row in named.head(SHOWN).to_dicts():
        parts = [_arrow("", *_pair(row["score_was"], row["score"], {"unit": "分", "decimals": 1}))]
        parts += (
            [_arrow("第 ", row["rank_was"], row["rank"], " 名")] if row["rank_was"] != row["rank"] else []
        )
        parts += [_arrow("", row["grade_was"], row["grade"])] if row["grade_was"] != row["grade"] else []
        yield f"  {names.get(row['unit'], row['unit'])}：{'，'.join(parts)}"
    if named.height > SHOWN:
        yield f"  …另有 {named.height - SHOWN} 个区级、街镇单元"


def _arrow(before: str, was: object, now: object, after: str = "") -> str:
    shown = [f"{before}{value}{after}" if value is not None else numbers.MISSING for value in (was, now)]
    return f"{shown[0]} → {shown[1]}" if shown[0] != shown[1] else shown[1]


def _problems(problems: pl.DataFrame, names: dict[str, str], defined: dict[str, Row]) -> Iterable[str]:
    if problems.is_empty():
        yield "问题清单没有增减"
        return
    new = problems.filter(pl.col("severity_was").is_null())
    gone = problems.filter(pl.col("severity").is_null())
    other = problems.drop_nulls(["severity", "severity_was"])
    for word, rows, column in (("新增", new, "severity"), ("不再列入", gone, "severity_was")):
        if rows.height:
            worst = rows.sort(pl.col(column).replace_strict({s: i for i, s in enumerate(SEVERITIES)}), "id")
            told = "、".join(
                _problem(row, row[column], names, defined) for row in worst.head(SHOWN).to_dicts()
            )
            yield f"问题清单{word} {rows.height:,} 条：{told}{'等' if rows.height > SHOWN else ''}"
    if other.height:
        told = "、".join(
            _problem(row, f"{row['severity_was']} → {row['severity']}", names, defined)
            for row in other.head(SHOWN).to_dicts()
        )
        yield f"严重程度变了 {other.height:,} 条：{told}{'等' if other.height > SHOWN else ''}"


def _problem(row: Row, severity: str, names: dict[str, str], defined: dict[str, Row]) -> str:
    name = defined.get(row["indicator"], {}).get("name", "")
    return f"{names.get(row['unit'], row['unit'])} {row['indicator']} {name}（{severity}）"
