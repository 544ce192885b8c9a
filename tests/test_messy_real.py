"""Real tables as offices send them, read cell by cell and compared with what a person reads in them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest
from tijian.engine.findings import Findings
from tijian.engine.intake.measures import fold_unit
from tijian.engine.intake.sheets.cells import fold_name
from tijian.engine.intake.sheets.longform import read_cells
from tijian.engine.intake.sheets.tables import TableSpec, read_headers, read_table
from tijian.engine.intake.survey import read_survey
from tijian.engine.settings.project import Input, Survey
from tijian.engine.survey.profile import profile

MESSY = Path(__file__).parents[1].parent / "shared" / "real" / "messy"
CASES = (
    "nbs_city_gdp_gaps",
    "nbs_shanghai_xls_and_gbk_csv",
    "nj_1-10_life_expectancy",
    "nj_1-12_1-8_density_floating",
    "nj_1-1_pop_by_region",
    "nj_2-11_households",
    "survey_wenjuanxing_export",
    "xlsx_named_csv",
    "yc_merged_group_table",
    "yc_tickets_by_community",
    "yc_yearly_comparison",
)
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not MESSY.is_dir(), reason="the real tables are not beside the checkout"),
]


def truth(case: str) -> list[dict[str, str]]:
    with (MESSY / case / "truth.csv").open(encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def what_is_wrong(cells: pl.DataFrame, wanted: dict[str, str]) -> str:
    """Why a row of the truth table is not what was read; "" when it is."""
    here = cells.filter(pl.col("file") == wanted["file"], pl.col("cell") == wanted["cell"])
    if wanted["sheet"]:
        here = here.filter(pl.col("sheet") == wanted["sheet"])
    if here.is_empty():
        return "the cell was not read"
    found = [why_not(row, wanted) for row in here.iter_rows(named=True)]
    return "" if "" in found else found[0]


def why_not(read: dict[str, object], wanted: dict[str, str]) -> str:
    misplaced = not_this_place(read, wanted)
    if misplaced or wanted["value"] == "MISSING":
        return misplaced or ("" if read["blank"] else f"not blank but {read['text']!r}")
    band = re.fullmatch(r"band ([\d.]+)-([\d.]+)|at least ([\d.]+) %", wanted["unit"])
    if band:
        low, high = (float(band[1]), float(band[2])) if band[1] else (float(band[3]), None)
        return "" if (read["low"], read["high"]) == (low, high) else f"band {read['low']}–{read['high']}"
    if wanted["unit"] != "" and not wanted["unit"].startswith("score"):
        unit = fold_unit(str(read["unit"]))
        if not (
            unit.startswith(plain_unit(wanted["unit"])) or wanted["unit"] in UNSTATED.get(wanted["file"], ())
        ):
            return f"unit {read['unit']!r}"
    if read["number"] is None:
        return (
            ""
            if fold_name(str(read["text"])).replace("~", "-") == wanted["value"]
            else f"text {read['text']!r}"
        )
    off = abs(float(str(read["number"])) - float(wanted["value"]))
    return "" if off <= float(wanted["tolerance"] or 1e-9) else f"number {read['number']!r}"


def not_this_place(read: dict[str, object], wanted: dict[str, str]) -> str:
    """Whether the labels of the row and the column are others than a person would give the cell."""
    row, _, of = wanted["row"].partition("/")
    if of and of != "300米" and read["of"] != of:
        return f"of {read['of']!r}"
    if wanted["file"] in LABELLED_BY_HAND:
        return ""
    if read["row"] != fold_name(row):
        return f"row {read['row']!r}"
    label = f"{read['column']} {read['of']}"
    missing = [word for word in wanted["column"].split() if word != "合计" and word not in label]
    return f"column {read['column']!r}" if missing else ""


#: Files whose rows or columns have no short name in the file; the truth table numbers or abridges them.
LABELLED_BY_HAND = ("熵权法.csv", "问卷数据.xlsx")
#: Units a person knows from what the table is about; they are not written anywhere in the file.
UNSTATED = {
    "12345_社区x9类.csv": ("件",),
    "12345_区级x9类.csv": ("件",),
    "page7_分组汇总_2026-08-14_最终.xlsx": ("栋", "件", "每百栋"),
}


def plain_unit(unit: str) -> str:
    """The truth's unit without its remark that the figures are of a sample."""
    return fold_unit(unit.replace("(样本)", ""))


@pytest.mark.parametrize("case", CASES)
def test_every_cell_of_the_truth_table_is_read_as_a_person_reads_it(case: str) -> None:
    findings = Findings()
    paths = sorted(
        p for p in (MESSY / case).iterdir() if p.suffix in (".xls", ".xlsx", ".csv") and p.name != "truth.csv"
    )
    cells = pl.concat([read_cells(path, findings) for path in paths])
    wanted = [row for row in truth(case) if row["row"] != "header"]
    wrong = [(row["cell"], row["value"], why) for row in wanted if (why := what_is_wrong(cells, row))]
    assert not list(findings)
    assert not wrong, f"{len(wanted) - len(wrong)} of {len(wanted)} right; wrong: {wrong}"


def test_two_panels_of_years_become_one_table() -> None:
    path = MESSY / "nj_1-12_1-8_density_floating" / "1-12 全国历年人口密度.xls"
    spec = TableSpec(
        columns={"year": "年份", "people": "全国人口", "density": "人口密度"},
        types={"year": "integer", "people": "number", "density": "number"},
        units={"people": "人", "density": "人/公顷"},
    )
    findings = Findings()
    frame = read_table(path, spec, findings, shown_as="1-12.xls")
    assert not list(findings)
    assert frame["year"].to_list() == list(range(1949, 2023))
    assert frame.filter(year=1949).row(0)[:2] == (1949, 541_670_000.0)
    assert frame.filter(year=2022).select("density", "_row").row(0) == (1.47, 45)


def test_the_xls_and_its_gb18030_twin_give_the_same_table() -> None:
    folder = MESSY / "nbs_shanghai_xls_and_gbk_csv"
    spec = TableSpec(
        columns={"item": "指标", "y2019": "2019年", "y2000": "2000年"},
        types={"y2019": "number", "y2000": "number"},
    )
    findings = Findings()
    a, b = (
        read_table(folder / f"主要城市年度数据.{end}", spec, findings, shown_as="t") for end in ("xls", "csv")
    )
    assert not list(findings)
    assert a.height == 13
    assert a.drop("_sheet").equals(b.drop("_sheet"))


def test_a_survey_export_keeps_every_answer() -> None:
    path = MESSY / "survey_wenjuanxing_export" / "问卷数据.xlsx"
    findings = Findings()
    headers = read_headers(path, findings, shown_as="问卷")
    assert headers is not None
    assert len(headers) == 22
    spec = TableSpec(columns={"serial": "序号", "last": headers[-1]})
    frame = read_table(path, spec, findings, shown_as="问卷")
    assert not list(findings)
    assert (frame.height, frame["serial"].n_unique()) == (1044, 904)


AGREEMENT = {"完全同意": 100.0, "同意": 75.0, "一般": 50.0, "不同意": 25.0, "完全不同意": 0.0}


def test_two_batches_in_one_export_are_told_and_every_answer_that_differs_stays() -> None:
    path = MESSY / "survey_wenjuanxing_export" / "问卷数据.xlsx"
    headers = read_headers(path, Findings(), shown_as="问卷")
    assert headers is not None
    asked = [h.split("—")[-1].removeprefix("7、") for h in headers if h.startswith("7、")]
    item = Input(
        kind="survey", file="问卷数据.xlsx", key="serial",
        columns={"serial": "序号", "sex": "1、您的性别：", "age": "2、您的年龄段："},
        questions={f"Q{n:02d}": text for n, text in enumerate(asked, 1)}, answers=AGREEMENT,
    )  # fmt: skip
    findings = Findings()
    frame = read_survey(item, path, "问卷数据.xlsx", findings, lambda raw: raw)
    assert frame is not None
    assert frame.height == 1044
    batch, straight = list(findings)
    assert (batch.code, batch.place.row, batch.value) == ("S003", 901, "2")
    assert "其后有 140 份序号与前面相同；内容不同的答卷都保留" in batch.message
    plain = sum(len(set(row)) == 1 for row in frame.select(list(item.questions)).iter_rows())
    assert (straight.code, straight.value) == ("S005", str(plain))
    known = profile(frame, Survey())
    assert set(known["sex"]) == {"男", "女"}
    bands = dict(zip(frame["age"], known["age"], strict=True))
    assert bands["18~20"] == bands["20～22"] == "16–30岁"
