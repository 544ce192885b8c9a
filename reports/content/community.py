"""社区体检报告: one community on two pages: its portrait, beside its town and the district, what is near, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from .. import numbers
from ..blocks import Prose, Report, Section, TableBlock
from ..tables.lists import decimals_of, unit_label
from ..tables.table import Cell, Column, Figure, Table
from ..view import Row, Scope, View
from ..wording.brief import brief
from ..wording.community_said import SERVICES, beside_said, ministry_said, near_said, service_name, third_in
from ..wording.peers_said import peers_said
from .department import side_by_side
from .parts import portrait, run_line, short_leads
from .service import services
from .survey import survey_sections

TASKS = 5  # rows of what to do
LOW = 8  # other indicators of low grade
LEAST = 5  # services of the table, those that fewest have
SAID, DONE = 44, 56  # characters of a problem and of its measure; the workbook has them whole
WHOLE = 99.95  # percent from which all have a service
_NEAR = (
    Column("service", "服务", 52),
    Column("own", "本社区", 18, "right", "number", 1),
    Column("town", "所在街镇", 18, "right", "number", 1),
    Column("district", "全区", 18, "right", "number", 1),
    Column("without", "没有服务的", 26, "right", nowrap=True),
    Column("third", "在全区社区中", 24, nowrap=True),
)
_TASKS = (
    Column("severity", "程度", 11, "center", "severity", nowrap=True),
    Column("problem", "短板", 58),
    Column("measure", "怎么办", 68),
    Column("due", "完成时限", 21),
    Column("lead", "牵头单位", 24, kind="list"),
)
_REST = (
    Column("indicator", "指标", 46),
    Column("value", "现状", 20, "right", nowrap=True),
    Column("grade", "等级", 12, "center", "grade", nowrap=True),
)


def community_report(view: View, unit: str) -> Report:
    """The short report of one community (社区)."""
    rows = view.scores(unit)
    served = [r for r in rows if view.indicators[r["indicator"]]["method"] in SERVICES]
    others = [r for r in rows if r not in served]
    problems = view.listed("problem_list", Scope(units=(unit,)))
    asked = "".join(
        b.paragraphs[0] for part in survey_sections(view, unit) for b in part.blocks if isinstance(b, Prose)
    )
    rest, said = _rest(view, others, [r["indicator"] for r in problems[:TASKS]])
    sections = (
        Section(
            "与街镇、全区对照",
            (
                Prose((beside_said(view, unit),)),
                TableBlock(beside_table(view, unit), dense=True),
            ),
        ),
        *_near(view, unit, served),
        *_tasks(view, unit, problems),
        Section("其余指标", (rest, Prose((said + asked, _made_from(view, unit, len(rows))), "note"))),
    )
    return Report(
        kind="社区体检报告", subject=unit_label(view, unit), district=view.name(view.district),
        year=view.results.year, synthetic=view.results.synthetic, run_line=run_line(view), cover=None,
        portrait=portrait(view, unit, excerpts=()), sections=sections, full=False,
    )  # fmt: skip


def beside_table(view: View, unit: str) -> Table:
    """Total and dimensions side by side: of the community, of its town, of the district; its place as a third."""
    town = view.units[unit]["town"]
    names = ["综合", *(r["dimension"] for r in view.dimensions(unit))]
    columns = (
        Column("who", "", 24, nowrap=True),
        *(Column(n, n, 16, "right", "number", nowrap=True) for n in names),
    )
    rows: list[tuple[Cell, ...]] = []
    for label, who in (("本社区", unit), (view.name(town or ""), town), ("全区", view.district)):
        held = _scores(view, who)
        if held:
            rows.append((label, *(Figure(held.get(n), 1) for n in names)))
    thirds = {r["dimension"]: third_in(r) for r in view.dimensions(unit)}
    thirds["综合"] = third_in(view.total(unit) or {"rank": None})
    rows.append(("三等分位置", *(thirds[n].removesuffix("三分之一") for n in names)))
    return Table("与所在街镇、全区的得分对照", columns, tuple(rows))


def _scores(view: View, unit: str | None) -> dict[str, float | None]:
    if not unit:
        return {}
    total = view.total(unit)
    return {
        "综合": total["score"] if total else None,
        **{r["dimension"]: r["score"] for r in view.dimensions(unit)},
    }


def _near(view: View, unit: str, served: Sequence[Row]) -> tuple[Section, ...]:
    """身边的服务: nothing where no service is measured."""
    if not any(r["value"] is not None for r in served):
        return ()
    found = services(view, unit, [r["indicator"] for r in served])
    without = {s.code: s.amount(s.missing) for s in found if s.missing > 0}
    table = near_table(view, unit, served, without)
    return (
        Section("身边的服务", (Prose((near_said(view, served, without),)), TableBlock(table, dense=True))),
    )


def near_table(view: View, unit: str, served: Sequence[Row], without: dict[str, str]) -> Table:
    """A row for each service that not all have: the share here, in the town and in the district; least first."""
    town = view.units[unit]["town"]
    near = {r["indicator"]: r["value"] for r in view.scores(town)} if town else {}
    whole = {r["indicator"]: r["value"] for r in view.scores(view.district)}
    known = [r for r in served if r["value"] is not None and r["value"] < WHOLE]
    known = sorted(known, key=lambda r: (r["value"], view.indicator_order[r["indicator"]]))[:LEAST]
    rows = tuple(
        (
            service_name(view.indicators[r["indicator"]]), Figure(r["value"], 1), Figure(near.get(r["indicator"]), 1),
            Figure(whole.get(r["indicator"]), 1), without.get(r["indicator"], ""), third_in(r),
        )
        for r in known
    )  # fmt: skip
    return Table("够得到的居民或用地占比", _NEAR, rows, units="单位：%").without_blank(("without",))


def _tasks(view: View, unit: str, problems: Sequence[Row]) -> tuple[Section, ...]:
    """短板与整治: the gravest problems with what is to be done, by when and by whom."""
    rest = f"共{len(problems)}项，此处列前{TASKS}项，其余见{view.name(view.units[unit]['town'] or '')}的清单工作簿。"
    blocks = (
        TableBlock(tasks_table(view, unit, problems[:TASKS]), "没有列入清单的问题。", dense=True),
        Prose((rest if len(problems) > TASKS else "",), "note"),
    )
    return (Section("短板与整治", blocks),)


def tasks_table(view: View, unit: str, problems: Sequence[Row]) -> Table:
    """A problem with its things by name, its measure, its date and who leads."""
    remedies = {r["problem_id"]: r for r in view.listed("remedy_list", Scope(units=(unit,)))}
    rows: list[tuple[Cell, ...]] = []
    for row in problems:
        remedy = remedies.get(row["id"])
        measure = (remedy["measure"] or "") if remedy else ""
        measure = measure.removeprefix(f"对{view.name(unit)}问题清单所列对象，").removeprefix(
            f"在{view.name(unit)}"
        )
        rows.append(
            (
                row["severity"] or "", brief(row["problem"] or "", SAID), brief(measure, DONE),
                (remedy["due"] or "") if remedy else "", short_leads(row["lead"] or ()),
            )
        )  # fmt: skip
    return Table("最需要整治的问题", _TASKS, tuple(rows))


def _rest(view: View, rows: Sequence[Row], told: Sequence[str]) -> tuple[TableBlock, str]:
    """其余指标: the lowest that no row above tells of in a table, and how many have which of the better grades."""
    known = [r for r in rows if r["value"] is not None]
    if not known:
        return TableBlock(rest_table(view, []), "没有其余指标的数据。"), ""
    names = [name for name, _ in view.results.grade_cuts]
    low = names[-2:]
    shown = [r for r in known if r["grade"] in low and r["indicator"] not in told]
    shown = sorted(shown, key=lambda r: (r["score"], view.indicator_order[r["indicator"]]))[:LOW]
    counts = "、".join(f"{n}{c}项" for n in names[:-2] if (c := sum(r["grade"] == n for r in known)))
    said = f"其余指标中{counts}，逐项见清单工作簿。" if counts else ""
    table = TableBlock(side_by_side(rest_table(view, shown), 3), dense=True)
    return table, said


def rest_table(view: View, rows: Sequence[Row]) -> Table:
    """Indicators in brief: value and grade."""
    body: list[tuple[Cell, ...]] = []
    for row in rows:
        indicator = view.indicators[row["indicator"]]
        value = numbers.quantity(row["value"], indicator["unit"] or "", decimals_of(indicator))
        body.append((indicator["name"], value, row["grade"] or ""))
    return Table("等级较低的其余指标", _REST, tuple(body))


def _made_from(view: View, unit: str, count: int) -> str:
    return (
        f"{ministry_said(view, unit)}{peers_said(view, unit)}本报告由{numbers.number(count)}项社区级指标计算，算法见"
        f"{view.name(view.district)}区级体检报告。{run_line(view)}。"
    )
