"""待核实数据: the questions put to a department in its task sheet, and the most telling of them in the district's report."""

from __future__ import annotations

from ..blocks import Block, Bullets, Point, Prose, Section, TableBlock
from ..tables.questions import counts_said, question_rows, question_said, questions_table
from ..view import Scope, View
from .lists import shown

TITLE = "待核实数据"
TOLD = 3  # questions named in the district's report
PRINTED = 30  # rows on paper; the workbook has them all


def question_sections(view: View, department: str) -> tuple[Section, ...]:
    """The department's section; none where nothing is asked of it."""
    scope = Scope(department=department)
    rows = question_rows(view, scope)
    if not rows:
        return ()
    said = (
        f"贵单位填报的数据中有{counts_said(rows)}需要核实，请在工作簿的“数据核实”表中答复“属实”，或答复“更正为”并填更正值。"
        "在答复之前，结果按填报值计算。"
    )
    table = questions_table(view, scope).without("answer", "corrected", "kind")
    rest = f"共{len(rows)}个，此处列前{PRINTED}个，其余见清单工作簿。" if len(rows) > PRINTED else ""
    body = (Prose((said,)), TableBlock(shown(table, PRINTED), dense=True), Prose((rest,), "note"))
    return (Section(TITLE, body, landscape=True),)


def questions_told(view: View) -> tuple[Block, ...]:
    """For 数据质量 of the district's report: how many there are, and the three most telling; nothing without any."""
    rows = question_rows(view, Scope())
    if not rows:
        return ()
    said = f"数据核实：{counts_said(rows)}填报数据与往年、同级单元或另一处数据相差悬殊，已列入各填报单位的工作簿，请其核实。"
    points = tuple(Point(question_said(view, row)) for row in rows[:TOLD])
    heading = f"最需要核实的{len(points)}个" if len(rows) > len(points) else "需要核实的数据"
    return Prose((said,)), Bullets(((heading, points),))
