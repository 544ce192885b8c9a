"""一表一台账两清单 of each of the Ministry's four scales: the tables of the national edition, for its report and its workbook.

住房、小区（社区）、街区、城区（城市） each have 指标调查表, 问题台账, 问题清单, 整治建议清单; before them stands 指标汇总表, after
them 更新项目清单 where the project asks for it (《城市体检工作手册（试行）》 annexes 3 to 5).
"""

from __future__ import annotations

from dataclasses import replace

from ...engine.lists import measure_text
from ...engine.results import TREATMENTS
from .. import numbers
from ..view import Row, Scope, View
from .change import change_or_why, with_reasons
from .lists import deadline_of, decimals_of, ledger_table, source_of
from .national_problems import (
    CITY,
    ESTATES,
    HOUSING,
    asked,
    codes_of,
    count_said,
    grounds,
    problem_codes,
    result_of,
    scale_problems,
    sub_rules,
    towns_listing,
)
from .projects import project_table, wants_projects
from .scales import SCALES, scales_table
from .table import Cell, Column, Figure, Table

AT_ONCE = TREATMENTS["within_deadline"]
_AREAS = 6  # towns named as 整治区域
_REMEDIES = (
    Column("no", "序号", 9, "right", "number", nowrap=True),
    Column("indicator", "问题涉及的指标项", 36),
    Column("result", "指标结果", 18, "right", nowrap=True),
    Column("problem", "存在问题", 64),
    Column("measure", "整治建议", 64),
    Column("area", "整治区域", 34, kind="list"),
    Column("treatment", "整治类型", 18, nowrap=True),
    Column("lead", "责任单位", 40, kind="list"),
    Column("order", "整治优先级", 14, "right", "number"),
    Column("next_year", "是否纳入下一年度计划", 18, "center", "yesno"),
    Column("term", "完成时限", 24, kind="name"),
    Column("since", "首次列入年份", 16, "right", "number"),
)
_CITY_SURVEY = (
    Column("aspect", "方面", 30),
    Column("number", "序号", 11, "right", "number", nowrap=True),
    Column("indicator", "指标项", 60),
    Column("unit", "单位", 17, kind="name", nowrap=True),
    Column("value", "指标值", 18, "right", "number", nowrap=True),
    Column("change", "较上年", 18, "right", "number", nowrap=True),
    Column("standard", "标准值", 18, "right", "number", nowrap=True),
    Column("ministry", "单项评级", 16, "center", nowrap=True),
    Column("survey", "居民问卷", 30),
    Column("source", "数据来源", 50),
)


def national_tables(view: View) -> dict[str, Table]:
    """Title (of a sheet, of an annex) → table, in the order of the handbook's annexes; tables without rows are left out."""
    tables = [scales_table(view, view.district)]
    for scale in SCALES:
        tables.append(with_reasons(view, scale_survey(view, scale)))
        tables.append(scale_ledger(view, scale))
        tables.append(scale_problems(view, scale))
        tables.append(scale_remedies(view, scale))
    if wants_projects(view):
        tables.append(project_table(view, Scope(units=(view.district, *view.of_level("town")))))
    return {table.title: table for table in tables if len(table)}


def scale_ledger(view: View, scale: str) -> Table:
    """问题台账 of one scale: every failing thing, one line per thing and sub-rule."""
    return replace(ledger_table(view, Scope(indicators=codes_of(view, scale))), title=f"{scale}问题台账")


def scale_survey(view: View, scale: str, level: str | None = None) -> Table:
    """指标调查表 of one scale: at 城区 its indicators one by one, else unit by unit with a column for each indicator.

    ``level`` of the units: 住房 and 小区 are counted by 社区, 街区 by 街镇 (the handbook's units), unless it says otherwise.
    Below 城区 the handbook's own indicators only; all of them stand in 指标汇总表.
    """
    if scale == CITY:
        return _city_survey(view)
    codes = tuple(c for c in codes_of(view, scale) if view.indicators[c]["number"])
    units = view.of_level(level or ("community" if scale in (HOUSING, ESTATES) else "town"))
    columns = (
        Column("town", "街镇", 24, nowrap=True), Column("unit", "社区", 30),
        Column("people", "常住人口（人）", 18, "right", "number"),
        *(Column(c, _headed(view.indicators[c]), 18, "right", "number") for c in codes),
    )  # fmt: skip
    rows = []
    for unit in units:
        values = {r["indicator"]: r["value"] for r in view.scores(unit)}
        row = view.units[unit]
        below = row["level"] == "community"
        figures = tuple(Figure(values.get(c), decimals_of(view.indicators[c])) for c in codes)
        if any(numbers.known(f.value) for f in figures):
            town = view.name(row["town"]) if row["town"] else row["name"]
            rows.append((town, row["name"] if below else "", numbers.rounded(row["population"], 0), *figures))
    return Table(f"{scale}指标调查表", columns, tuple(rows)).without_blank(("unit",))


def _headed(indicator: Row) -> str:
    return f"{indicator['number']} {indicator['name']}（{indicator['unit']}）"


def _city_survey(view: View) -> Table:
    rows = {r["indicator"]: r for r in view.scores(view.district)}
    body = []
    for code in codes_of(view, CITY):
        if code in rows:
            indicator, row = view.indicators[code], rows[code]
            decimals = decimals_of(indicator)
            target = indicator["target"] if numbers.known(indicator["target"]) else indicator["floor"]
            body.append(
                (
                    indicator["aspect"] or "", indicator["number"], indicator["name"], indicator["unit"] or "",
                    Figure(row["value"], decimals), change_or_why(view, row, decimals), Figure(target, decimals), row["ministry"] or "",
                    asked(view, code), source_of(view, row, indicator),
                )
            )  # fmt: skip
    return Table(f"{CITY}指标调查表", _CITY_SURVEY, tuple(body)).without_blank(("change", "survey"))


def scale_remedies(view: View, scale: str) -> Table:
    """整治建议清单 of one scale, a row for each indicator of its 问题清单, the most urgent with 整治优先级 1.

    What the district's own list says, where it has the indicator. A count that only its towns listed takes their first
    date and is worded for the district; one that nobody listed has neither a place in the order nor a date.
    """
    codes = problem_codes(view, scale)
    rules = sub_rules(view, codes)
    chosen = {code: _remedy_row(view, code) for code in codes}
    places = {code: n for n, code in enumerate(_by_urgency(codes, chosen), 1)}
    rows: list[tuple[Cell, ...]] = []
    for number, code in enumerate(codes, 1):
        row, indicator = chosen[code], view.indicators[code]
        cells: dict[str, Cell] = {
            "no": number, "indicator": indicator["name"], "result": result_of(view, code),
            "problem": _in_brief(view, code, rules.get(code, [])), "measure": _measure_of(view, code, row),
            "area": _area_of(view, code, rules.get(code, [])), "treatment": TREATMENTS.get(indicator["treatment"], ""),
            "lead": (*(indicator["lead"] or ()), *(indicator["supporting"] or ())), "order": places.get(code),
            "next_year": row["next_year"] if row else None, "term": deadline_of(row) if row else "",
            "since": _since(view, row),
        }  # fmt: skip
        rows.append(tuple(cells[c.key] for c in _REMEDIES))
    note = "责任单位中先列牵头单位；整治优先级1为最先，限时解决的在前；区和街镇都没有列入清单的不排先后"
    table = Table(f"{scale}整治建议清单", _REMEDIES, tuple(rows), notes=(note,) if rows else ())
    return table.without_blank(("since",))


def _remedy_row(view: View, code: str) -> Row | None:
    """The district's row of 整治建议清单, or the most urgent of its towns'."""
    for units in ((view.district,), tuple(view.of_level("town"))):
        found = view.listed("remedy_list", Scope(units=units, indicators=(code,), by_priority=True))
        if found:
            return found[0]
    return None


def _since(view: View, row: Row | None) -> int | None:
    """The first year in which the problem of a remedy was listed; None where no earlier year was run."""
    if row is None:
        return None
    problems = view.listed("problem_list", Scope(units=(row["unit"],), indicators=(row["indicator"],)))
    return problems[0]["since"] if problems else None


def _by_urgency(codes: tuple[str, ...], chosen: dict[str, Row | None]) -> list[str]:
    """限时解决 first, then what the district itself lists, each by priority: that of a town weighs its own people only."""
    rows = {code: row for code in codes if (row := chosen[code]) is not None}

    def place(code: str) -> tuple[bool, bool, float, int]:
        row = rows[code]
        return (
            row["treatment"] != AT_ONCE,
            row["level"] != "district",
            -(row["priority"] or 0.0),
            codes.index(code),
        )

    return sorted(rows, key=place)


def _measure_of(view: View, code: str, row: Row | None) -> str:
    if row is not None and row["unit"] == view.district:
        return row["measure"] or ""
    indicator = view.indicators[code]
    known = {"value": result_of(view, code).value, "gap": None}
    return measure_text(
        indicator["remedy"] or "", indicator["unit"] or "", decimals_of(indicator), view.name(view.district),
        known, indicator["target"],
    )  # fmt: skip


def _in_brief(view: View, code: str, rules: list[Row]) -> str:
    """What is wrong with how many, without the names that 问题清单 has; of an indicator without things why it was listed."""
    if rules:
        return "；".join(f"（{n}）{count_said(r)}" for n, r in enumerate(rules, 1))
    own = view.listed("problem_list", Scope(units=(view.district,), indicators=(code,)))
    return grounds(own[0]) if own else ""


def _area_of(view: View, code: str, rules: list[Row]) -> tuple[str, ...]:
    """The towns where most of it is; the whole district where no town stands out."""
    towns = _most_things(rules) if rules else towns_listing(view, code)
    if not towns:
        return (view.name(view.district),)
    return (*towns[:_AREAS], *([f"等{len(towns)}个街镇"] if len(towns) > _AREAS else []))


def _most_things(rules: list[Row]) -> list[str]:
    counts: dict[str, int] = {}
    for rule in rules:
        for town, count in rule["towns"]:
            counts[town] = counts.get(town, 0) + count
    return sorted(counts, key=lambda t: (-counts[t], t))
