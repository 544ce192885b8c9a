"""The tables that go with the forms (填报说明、图层要求、问卷题目、发表清单), and which workbooks are sent out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ...engine.intake.judgements import comparisons_asked, judgements_file
from ...engine.intake.survey import LIKERT
from ...engine.review.prefill import BASE_FOLDER, BASE_LISTS, Known, base_list_file
from ...engine.settings.forms import form_file
from ...engine.settings.project import Input, Project
from ...indicators.asking import forms_asked, items_asked, users_of, users_of_item
from ...indicators.form_model import Form, Item
from ...indicators.loader import Library
from ...indicators.measure_model import Reported, Survey
from ...indicators.model import Indicator
from ..names import safe_name
from ..tables.table import Cell, Column, Table
from .content import FormSheet, base_list, form_sheet, units_list

GEOMETRIES = {"point": "点", "line": "线", "polygon": "面"}
TYPES = {
    "text": "文字",
    "number": "数字",
    "integer": "整数",
    "yesno": "是或否",
    "date": "日期，如 2026-05-01",
}
# what a project may say of an input that was written for another table than ours
OTHERWISE = (
    "sheet", "header_row", "unit", "within", "columns", "fill_down", "layout", "item", "value", "x", "y", "crs", "at",
    "tags", "walkable", "where", "questions",
)  # fmt: skip
QUESTIONS, DISPATCH, GUIDE, LAYER = "问卷题目", "发表清单", "填报说明", "图层要求"
NONE = "—"


@dataclass(frozen=True)
class Book:
    """One workbook: where it is written, the sheet to fill in (if any) and the tables to read (sheet name, table)."""

    path: PurePath
    about: str
    sheet: FormSheet | None
    tables: tuple[tuple[str, Table], ...]


def departments(library: Library) -> tuple[str, ...]:
    """Who is sent a form, in the order of the forms."""
    return tuple(dict.fromkeys(form.provider for form in forms_asked(library)))


def all_books(project: Project, library: Library, known: Known, chosen: Sequence[str] = ()) -> list[Book]:
    """Every workbook to be sent out; of the departments ``chosen``, where given, their forms alone."""
    answers = five_answers(project)
    books = [
        _form_book(form, library, known, answers)
        for form in forms_asked(library)
        if not chosen or form.provider in chosen
    ]
    if chosen:
        return books
    lists = [units_list(known, project.units.columns)]
    lists += [base_list(form, library, known) for form in _listed(library)]
    books += [Book(PurePath(BASE_FOLDER, f"{s.title}.xlsx"), s.provider, s, ()) for s in lists]
    if any(form.kind == "survey" for form in forms_asked(library)):
        tables = (("题目", question_table(library)), ("答案与计分", answer_table(answers)))
        books.append(Book(PurePath(f"{QUESTIONS}.xlsx"), "居民满意度问卷", None, tables))
    dispatch = dispatch_table(project, library, known)
    books.append(Book(PurePath(f"{DISPATCH}.xlsx"), "全部填报单位", None, ((DISPATCH, dispatch),)))
    return books


def five_answers(project: Project) -> dict[str, float]:
    """The five answers of the questionnaire and what each scores, best first: the project's, else ours."""
    given = next((i.answers for i in project.inputs.values() if i.answers), LIKERT)
    best_first = sorted(given.items(), key=lambda pair: -pair[1])
    return {
        word: score
        for i, (word, score) in enumerate(best_first)
        if score not in [s for _, s in best_first[:i]]
    }


def _listed(library: Library) -> list[Form]:
    return [form for form in forms_asked(library) if form.input in BASE_LISTS]


def _form_path(form: Form) -> PurePath:
    return PurePath(safe_name(form.provider), f"{safe_name(form.title)}.xlsx")


def _form_book(form: Form, library: Library, known: Known, answers: Mapping[str, float]) -> Book:
    if form.kind == "layer":
        return Book(_form_path(form), form.provider, None, ((LAYER, layer_table(form, library)),))
    sheet = form_sheet(form, library, known, tuple(answers))
    return Book(_form_path(form), form.provider, sheet, ((GUIDE, guide_table(form, library)),))


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────


def guide_table(form: Form, library: Library) -> Table:
    """填报说明: how each item is filled in, and what for."""
    if form.kind == "reported":
        rows = [
            (i.measure.item, _range("数字", None, None), i.unit or NONE, i.definition, _named([i]))
            for i in users_of(form, library)
            if isinstance(i.measure, Reported)
        ]
    else:
        rows = [
            (item.label, how_to(item), item.unit or NONE, item.note or NONE, _purpose(form, item, library))
            for item in items_asked(form, library)
        ]
    if form.kind == "survey":
        rows += [(q.text, "五个答案中选一个", NONE, f"{q.block}板块", _named(_of_question(q.id, library)))
                 for q in library.questions]  # fmt: skip
    columns = (
        Column("label", "填报项", 44), Column("how", "怎么填", 40), Column("unit", "计量单位", 18),
        Column("note", "说明", 90), Column("used", "用于指标", 80),
    )  # fmt: skip
    return Table(f"{form.title} {GUIDE}", columns, tuple(rows))


def layer_table(form: Form, library: Library) -> Table:
    """图层要求: geometry, fields, coordinate system."""
    geometry = GEOMETRIES[form.geometry or "point"]
    rows: list[tuple[Cell, ...]] = [
        ("几何类型", geometry, f"按{form.of}逐个绘制" + (f"；{form.note}" if form.note else "")),
        ("坐标系", "CGCS2000", "EPSG:4490（经纬度）或 CGCS2000 三度带；文件里要带坐标系，地方坐标系请先转换"),
        ("文件格式", "GeoPackage", "也可用 Shapefile（四个文件齐全）或 GeoJSON；一个图层一个文件"),
    ]
    rows += [
        (f"字段：{item.label}", how_to(item) + (f"（{item.unit}）" if item.unit else ""),
         "；".join(part for part in (item.note, f"用于 {_purpose(form, item, library)}") if part))
        for item in items_asked(form, library)
    ]  # fmt: skip
    columns = (Column("what", "项目", 40), Column("how", "要求", 50), Column("note", "说明", 110))
    used = _named(users_of(form, library))
    return Table(f"{form.title} {LAYER}", columns, tuple(rows), notes=(f"用于指标：{used}",))


def question_table(library: Library) -> Table:
    """问卷题目: block by block, with the indicators each question stands beside."""
    columns = (
        Column("block", "板块", 18), Column("id", "题号", 14), Column("text", "您对以下方面的满意度", 60),
        Column("used", "对照的指标", 100),
    )  # fmt: skip
    blocks = list(dict.fromkeys(q.block for q in library.questions))
    ordered = sorted(library.questions, key=lambda q: blocks.index(q.block))
    rows = tuple((q.block, q.id, q.text, _named(_of_question(q.id, library))) for q in ordered)
    return Table(QUESTIONS, columns, rows)


def answer_table(answers: Mapping[str, float]) -> Table:
    """The five answers and how they score."""
    columns = (Column("word", "答案", 40), Column("score", "得分（0–100）", 30, "right", "number"))
    return Table("答案与计分", columns, tuple(answers.items()), notes=("不答的空着，不计分。",))


def dispatch_table(project: Project, library: Library, known: Known) -> Table:
    """发表清单: what goes to whom, what for, where the returned file is put and what tijian.toml has to say."""
    columns = (
        Column("provider", "填报单位", 40), Column("title", "表", 46), Column("kind", "一行是", 26),
        Column("items", "填报项数", 18, "right", "number"), Column("indicators", "用它的指标数", 22, "right", "number"),
        Column("codes", "用它的指标", 70), Column("before", "预先填好的取自", 50), Column("file", "发表文件", 70),
        Column("place", "收到后放到", 66), Column("toml", "tijian.toml 里写", 60),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        ("各街镇", "社区名录", "单元", None, None, NONE, project.units.file or NONE, f"{BASE_FOLDER}/社区名录.xlsx",
         "社区名录.xlsx", "[units] 里 file = \"社区名录.xlsx\"")
    ]  # fmt: skip
    for form in _listed(library):
        rows.append(_base_row(form, project, known))
    for form in sorted(forms_asked(library), key=lambda f: departments(library).index(f.provider)):
        rows.append(_dispatch_row(form, project, library, known))
    if asked := comparisons_asked(project, library):
        name = judgements_file(project)
        rows.append(("专家", "判断矩阵", "一次比较", len(asked), None, NONE, NONE, f"{safe_name(PurePath(name).stem)}.xlsx", name,
                     "已写好"))  # fmt: skip
    return Table(DISPATCH, columns, tuple(rows))


def _base_row(form: Form, project: Project, known: Known) -> tuple[Cell, ...]:
    place = base_list_file(form).replace("{year}", str(project.year))
    base = [item for item in form.item if item.base or item.name == form.key]
    return (form.provider, f"{form.of}名录", form.of, len(base), None, NONE, known.files.get(form.input, NONE),
            f"{BASE_FOLDER}/{form.of}名录.xlsx", place, "不用写；放好后再运行一次 tijian forms，名录就带进调查表")  # fmt: skip


def _dispatch_row(form: Form, project: Project, library: Library, known: Known) -> tuple[Cell, ...]:
    used = users_of(form, library)
    item = project.inputs.get(form.input)
    items = len({i.measure.item for i in used if isinstance(i.measure, Reported)} if form.kind == "reported"
                else items_asked(form, library))  # fmt: skip
    questions = len(library.questions) if form.kind == "survey" else 0
    place = _place(form, item).replace("{year}", str(project.year))
    return (form.provider, form.title, f"{form.of}（图层）" if form.kind == "layer" else form.of, items + questions,
            len(used), "、".join(i.code for i in used), known.files.get(form.input, NONE), _form_path(form).as_posix(),
            place, _to_write(form, item))  # fmt: skip


def _place(form: Form, item: Input | None) -> str:
    """Where the returned file goes: the project's own place when a file of our kind fits there."""
    fits = (".gpkg", ".shp", ".geojson") if form.kind == "layer" else (".xlsx",)
    files = item.files if item is not None else ()
    return files[0] if len(files) == 1 and PurePath(files[0]).suffix.lower() in fits else form_file(form)


def _to_write(form: Form, item: Input | None) -> str:
    """What the project file has to say of the input."""
    if item is None:
        return f"[inputs.{form.input}]"
    told = [name for name in OTHERWISE if name in item.model_fields_set and form.kind != "layer"]
    if item.files and item.files[0] != _place(form, item):
        told.insert(0, "file")
    if not told:
        return "已写好"
    return f"[inputs.{form.input}] 里的 {'、'.join(told)} 是照另一种表写的，用本表时删去"


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────


def how_to(item: Item) -> str:
    """What may be written into an item's cells."""
    if item.options:
        return f"选填：{'、'.join(item.options)}"
    return _range(TYPES[item.type], item.low, item.high)


def _range(what: str, low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{what}，{low:g} 至 {high:g}"
    return (
        what
        + (f"，不小于 {low:g}" if low is not None else "")
        + (f"，不大于 {high:g}" if high is not None else "")
    )


def _purpose(form: Form, item: Item, library: Library) -> str:
    used = _named(users_of_item(form, item, library))
    if used == NONE and item.last_year_of:
        return "上年值，已预先填好的请核对"
    if item.name == form.key or item.required or (item.base and used == NONE):
        return "辨认" if form.kind == "layer" else "名录"
    return used


def _named(indicators: Sequence[Indicator]) -> str:
    return "、".join(f"{i.code} {i.name}" for i in indicators) or NONE


def _of_question(question: str, library: Library) -> list[Indicator]:
    return [
        i for i in library.indicators
        if i.survey == question or (isinstance(i.measure, Survey) and i.measure.question == question)
    ]  # fmt: skip
