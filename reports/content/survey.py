"""居民满意度: what residents say, with the interval that a sample allows."""

from __future__ import annotations

from ...engine.results import TOO_FEW
from .. import numbers
from ..blocks import FigureBlock, Prose, Section, TableBlock
from ..charts.rows import survey_chart
from ..charts.svg import Chart, Drawing
from ..tables.table import Column, Figure, Table
from ..view import Row, View
from ..wording import words
from ..wording.withheld import notes_of, published
from .department import side_by_side

DISSATISFIED = 60.0
DRAWN = 16  # questions in the figure: with its chapter's heading it must find room on one page; the table has them all


def survey_sections(view: View, unit: str, title: str = "居民满意度") -> tuple[Section, ...]:
    """The unit's survey, question by question, lowest first; none where nobody was asked."""
    rows = sorted(_rows(view, unit), key=lambda r: (r["score"], r["question"]))
    used, few = [r for r in rows if not r["note"]], [r for r in rows if r["note"]]
    if used:
        return (_section(view, unit, title, used, too_few(few)),)
    return (Section(title, (Prose((too_few(few),)),)),) if few else ()


def too_few(rows: list[Row]) -> str:
    """Which questions too few people answered, so that their scores are not used; empty where there is none."""
    if not rows:
        return ""
    told = [r["answers"] for r in rows if not r["suppressed"]]
    most = f"最多{max(told)}份" if len(told) == len(rows) else "很少"
    which = f"{words.names([r['label'] for r in rows])}等题" if len(rows) < 4 else f"{len(rows)}个题目"
    return f"{which}有效答卷{most}，{TOO_FEW}，得分不作评价。"


def _section(view: View, unit: str, title: str, rows: list[Row], unused: str) -> Section:
    district = {r["question"]: r["score"] for r in _rows(view, view.district)}
    own = unit == view.district
    columns = (
        Column("label", "题目", 46),
        Column("answers", "有效回答", 18, "right", "number"),
        Column("score", "得分", 14, "right", "number", 1),
        Column("interval", "95%区间", 24, "right", nowrap=True),
        Column("district", "全区", 14, "right", "number", 1),
        Column("gap", "与全区差", 18, "right", "number"),
    )
    body = tuple(
        (
            r["label"] or r["question"], published(r, r["answers"]), r["score"], numbers.span(r["low"], r["high"], 1),
            district.get(r["question"]),
            Figure(_gap(r, district), 1, signed=True),
        )
        for r in rows
    )  # fmt: skip
    table = Table("居民满意度（0—100分，由低到高）", columns, body, notes=notes_of(rows))
    table = table.without("district", "gap") if own else table
    part = f"（得分最低的{DRAWN}个题目）" if len(rows) > DRAWN else ""
    figure = FigureBlock(
        (survey_figure(rows[:DRAWN], {} if own else district),),
        f"{_finding(rows)}{part}。圆点为得分，灰条为95%区间，红线为60分{'' if own else '，黑线为全区'}",
    )
    table = side_by_side(table, DRAWN) if own else table
    return Section(title, (Prose((spoken(rows) + unused,)), figure, TableBlock(table, dense=True)))


def _rows(view: View, unit: str) -> list[Row]:
    frame = view.frame("survey").filter(unit=unit).drop_nulls("score")
    return frame.sort("question").to_dicts()


def _gap(row: Row, district: dict[str, float]) -> float | None:
    reference = district.get(row["question"])
    return None if reference is None else row["score"] - reference


def spoken(rows: list[Row]) -> str:
    """What the answers say: how many, the best and worst question, which are surely under 60."""
    low, high = rows[0], rows[-1]
    head = (
        f"居民问卷{len(rows)}个题目中，{high['label']}得分最高（{numbers.score(high['score'])}分），"
        f"{low['label']}最低（{numbers.score(low['score'])}分）。"
        if len(rows) > 1
        else f"居民问卷{low['label']}得{numbers.score(low['score'])}分。"
    )
    surely = [r["label"] for r in rows if r["high"] is not None and r["high"] < DISSATISFIED]
    maybe = [
        r["label"]
        for r in rows
        if r["score"] < DISSATISFIED and (r["high"] is None or r["high"] >= DISSATISFIED)
    ]
    tail = words.sentence(
        f"{words.names(surely)}的95%区间整体低于60分，可以认定居民不满意" if surely else "",
        f"{words.names(maybe)}低于60分，但样本量尚不足以认定" if maybe else "",
    )
    return head + tail


def _finding(rows: list[Row]) -> str:
    under = sum(r["high"] is not None and r["high"] < DISSATISFIED for r in rows)
    return f"{under}个题目可以认定低于60分" if under else "没有题目可以认定低于60分"


def survey_figure(rows: list[Row], district: dict[str, float], width: float = 165) -> Chart:
    """All questions as intervals, one row each, lowest first."""
    step, names = 5.0, 52.0
    draw = Drawing(width, len(rows) * step + 6)
    for i, row in enumerate(rows):
        line = survey_chart(
            row["score"], row["low"], row["high"], district.get(row["question"]), width - names - 14
        )
        top = i * step * 10
        inner = line.svg[line.svg.index(">") + 1 : line.svg.rindex("</svg>")]
        draw.text((names * 10 - 20, top + 31), row["label"] or row["question"], 25, anchor="end")
        draw.parts.append(f'<g transform="translate({names * 10:g},{top:g})">{inner}</g>')
        draw.text((width * 10 - 6, top + 31), numbers.score(row["score"]), 25, anchor="end", bold=True)
    bottom, span = len(rows) * step * 10 + 24, (width - names - 14) * 10 - 28
    for tick in (40, 60, 80, 100):
        x = names * 10 + 14 + span * (tick - 40) / 60
        draw.text((x, bottom), numbers.number(tick), 20, draw.theme.ink["muted"], "middle")
    told = "、".join(f"{r['label']}{numbers.score(r['score'])}" for r in rows)
    return draw.chart(f"居民满意度：{told}")
