"""Whatever stands in a file, reading it ends in a table and findings; and how a table looks changes nothing in it."""

import io
import tempfile
from pathlib import Path

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.findings import Findings
from tijian.engine.intake.sheets.longform import read_cells
from tijian.engine.intake.sheets.tables import TableSpec, read_headers, read_table

WORDS = ["街镇", "户数", "人口", "户数（万户）", "合计", "注：", "注：估计", "单位：万人", "(户)", "万人", "Region", "Total area", "甲", "栏次",
         "一、城区", "①", "—", "…", "未填报", "约200", "2.99万", "１２", "12%", "2026-05-20", "是", "填表人：张三", "\n", "“", '"', "=1+1",
         "户 数\n（户）", "望云街道", "x" * 300]  # fmt: skip
CELLS = st.one_of(
    st.none(),
    st.sampled_from(WORDS),
    st.integers(-5, 2030),
    st.floats(-1e6, 1e6),
    st.booleans(),
    st.text(max_size=6),
)
GRIDS = st.lists(st.lists(CELLS, max_size=7), max_size=12)
SPEC = TableSpec(
    columns={"town": "街镇", "homes": "户数", "people": "人口", "day": "日期", "lift": "电梯"},
    types={"homes": "integer", "people": "number", "day": "date", "lift": "yesno"},
    units={"people": "人", "homes": "户"},
    limits={"people": (0, 1e9)},
    required=frozenset({"town"}),
    fill_down=frozenset({"town"}),
)


def workbook(rows, merges=()):
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet("表")
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None and value != "":
                    page.write(r, c, value)
        for top, left, bottom, right in merges:
            page.merge_range(top, left, bottom, right, rows[top][left] if left < len(rows[top]) else "")
    return memory.getvalue()


def read_everything(content):
    """The file through every entry; raises whatever they raise."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "表"
        path.write_bytes(content)
        findings = Findings()
        frame = read_table(path, SPEC, findings, shown_as="表")
        cells = read_cells(path, Findings())
        headers = read_headers(path, Findings(), shown_as="表")
    return frame, findings, cells, headers


def holds(content):
    frame, findings, cells, headers = read_everything(content)
    assert frame.schema == SPEC.empty().schema
    assert frame.height or len(findings), "nothing was read and nothing was said"
    assert frame["people"].is_nan().sum() == 0
    assert frame.filter(frame["_row"] < 2).is_empty()
    assert headers is None or all(headers)
    assert cells.filter(cells["number"].is_not_null() & cells["blank"].is_not_null()).is_empty()


@settings(max_examples=150)
@given(GRIDS)
def test_any_cells_whatever_end_in_a_table_and_findings(rows):
    holds(workbook([["街镇", "户数", "人口"], *rows]))
    holds(workbook(rows))


@settings(max_examples=60)
@given(
    GRIDS,
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3), st.integers(0, 3)), max_size=3
    ),
)
def test_any_merged_areas_whatever_end_in_a_table_and_findings(rows, areas):
    padded = [[*row, *[None] * (10 - len(row))] for row in [["街镇", "户数", "人口"], *rows, *[[]] * 10]]
    taken, merges = set(), []
    for top, left, down, across in areas:
        area = {(r, c) for r in range(top, top + down + 1) for c in range(left, left + across + 1)}
        if len(area) > 1 and not area & taken:
            taken |= area
            merges.append((top, left, top + down, left + across))
    holds(workbook(padded, merges))


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes_whatever_end_in_a_table_and_findings(content):
    holds(content)


@settings(max_examples=100)
@given(st.text(max_size=300))
def test_any_text_whatever_ends_in_a_table_and_findings(text):
    holds(text.encode("utf-8", "surrogatepass"))
    holds(("街镇,户数,人口\r\n" + text).encode("utf-8", "surrogatepass"))


NAMES = st.lists(
    st.sampled_from([f"{a}{b}" for a in "望临锦翠云" for b in ("溪街道", "河镇", "湖社区")]),
    min_size=1,
    max_size=8,
    unique=True,
)


@settings(max_examples=80)
@given(
    names=NAMES,
    data=st.data(),
    title=st.sampled_from([[], [["2026年住宅情况表"]], [["住宅情况表"], ["填报单位：区房管局（盖章）"], []]]),
    levels=st.booleans(),
    unit=st.sampled_from([("", 1), ("万人", 10_000), ("千人", 1000), ("人", 1)]),
    unit_in=st.sampled_from(["header", "row", "above"]),
    notes=st.sampled_from(
        [[], [["注：估计数。"]], [[], ["数据来源：区统计局"], ["填表人：张三", "审核：李四"]]]
    ),
    typed=st.sampled_from(["number", "text", "wide", "thousands"]),
)
def test_how_a_table_looks_changes_nothing_in_it(names, data, title, levels, unit, unit_in, notes, typed):
    """The same figures under a title, in one or two header rows, in any unit, typed in any way, notes below or not."""
    label, factor = unit
    values = data.draw(st.lists(st.integers(0, 99_999), min_size=len(names), max_size=len(names)))
    homes = data.draw(st.lists(st.integers(0, 9_999), min_size=len(names), max_size=len(names)))
    bracket = f"（{label}）" if label and unit_in == "header" else ""
    header = (
        [["街镇", "常住", None], [None, f"人口{bracket}", "户数"]]
        if levels
        else [["街镇", f"常住人口{bracket}", "常住户数"]]
    )
    body = [
        [n, write_number(v, typed), write_number(h, typed)]
        for n, v, h in zip(names, values, homes, strict=True)
    ]
    above = [[f"单位：{label}"]] if label and unit_in == "above" else []
    units = [[None, label, "户"]] if label and unit_in == "row" else []
    rows = [*title, *above, *header, *units, *body, *notes]
    spec = TableSpec(
        columns={
            "town": "街镇",
            "people": "常住 人口" if levels else "常住人口",
            "homes": "常住 户数" if levels else "常住户数",
        },
        types={"people": "number", "homes": "number"},
        units={"people": "人"},
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "表.xlsx"
        path.write_bytes(workbook(rows))
        findings = Findings()
        frame = read_table(path, spec, findings, shown_as="表")
    first = len(rows) - len(body) - len(notes) + 1
    assert [f.message for f in findings] == []
    assert frame["town"].to_list() == names
    assert frame["people"].to_list() == [v * factor for v in values]
    assert frame["homes"].to_list() == homes
    assert frame["_row"].to_list() == [first + i for i in range(len(names))]


def write_number(value, way):
    """A number as an office may type it."""
    if way == "number":
        return value
    if way == "thousands":
        return f"{value:,}"
    return (
        str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        if way == "wide"
        else f" {value} "
    )
