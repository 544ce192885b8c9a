"""Workbooks that come back: which rows are read whatever was done to the file, and what is found wrong, all at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from tijian.engine.findings import Findings
from tijian.engine.intake.returned import read_returned, sent_out
from tijian.engine.results import conform
from tijian.engine.review.track import answered

from .small_year import units

YEAR, TODAY = 2025, date(2026, 9, 30)
HEADS = [
    "序号",
    "编号",
    "所在单元",
    "对应问题",
    "问题编号",
    "目标值",
    "整治类型",
    "牵头单位",
    "状态",
    "完成情况",
    "佐证",
    "完成日期",
]
IDS = ("100000001-AQ-02-Z", "100000001001-AQ-02-Z", "100000002-JT-01-Z")
Row = dict[str, object]
Change = Callable[[list[Row]], object]


def remedies() -> pl.DataFrame:
    rows = [
        ("100000001", "AQ-02", "共3栋燃气立管锈蚀", 0.0, ["区建设管理委"]),
        ("100000001001", "AQ-02", "共1栋燃气立管锈蚀", 0.0, ["区建设管理委"]),
        ("100000002", "JT-01", "公交站点覆盖率：未达目标", 90.0, ["区交通委", "区建设管理委"]),
    ]
    return conform(
        "remedy_list",
        pl.DataFrame(
            [
                {
                    "id": f"{unit}-{indicator}-Z", "year": YEAR, "problem_id": f"{unit}-{indicator}", "unit": unit,
                    "indicator": indicator, "problem": problem, "target": target, "lead": lead, "treatment": "限时解决",
                    "due": "2026年6月底前",
                }
                for unit, indicator, problem, target, lead in rows
            ]
        ),
    )  # fmt: skip


def as_sent() -> list[Row]:
    labels = {"100000001": "第1街道", "100000001001": "第1街道11社区", "100000002": "第2街道"}
    return [
        {
            "序号": i, "编号": r["id"], "所在单元": labels[r["unit"]], "对应问题": r["problem"], "问题编号": r["problem_id"],
            "目标值": r["target"], "整治类型": r["treatment"], "牵头单位": "、".join(r["lead"]), "状态": "未启动",
        }
        for i, r in enumerate(remedies().to_dicts(), 1)
    ]  # fmt: skip


def write(
    path: Path,
    rows: list[Row],
    heads: list[str] = HEADS,
    about: str = "区建设管理委（牵头，示例区） · 2025 年度",
    sheet: str = "整治建议清单",
) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "封面"
    cover.append(["示例区城市体检"])
    page = book.create_sheet(sheet)
    page.append(["整治建议清单"])
    page.append([about])
    page.append(heads)
    for row in rows:
        page.append([row.get(head) for head in heads])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def read(folder: Path) -> tuple[pl.DataFrame, Findings]:
    findings = Findings()
    return read_returned(folder, sent_out(remedies(), units(), YEAR, TODAY), findings), findings


def told(findings: Findings) -> list[tuple[str, int | None, str]]:
    return [(f.code, f.place.row, f.place.column) for f in findings]


MENDED: Row = {"状态": "已整改", "完成情况": "立管已更换", "佐证": "验收单", "完成日期": date(2026, 5, 1)}


def test_a_renamed_file_with_columns_moved_rows_sorted_and_the_sheet_renamed_still_reads(
    tmp_path: Path,
) -> None:
    rows = as_sent()
    rows[0] |= MENDED
    heads = ["佐证", "状态", "编号", *(h for h in HEADS if h not in ("佐证", "状态", "编号", "序号"))]
    write(tmp_path / "建委（改）.xlsx", rows[::-1], heads, sheet="Sheet2")
    found, findings = read(tmp_path)
    assert told(findings) == []
    assert found["id"].to_list() == sorted(IDS)
    first = found.filter(id=IDS[0]).row(0, named=True)
    assert (first["status"], first["evidence"], first["done_date"]) == ("已整改", "验收单", date(2026, 5, 1))
    assert (first["department"], first["file"], first["sheet"], first["row"]) == (
        "区建设管理委",
        "建委（改）.xlsx",
        "Sheet2",
        6,
    )
    assert found.filter(~answered())["id"].to_list() == [IDS[1], IDS[2]]


def test_what_nobody_touched_yields_to_whoever_speaks(tmp_path: Path) -> None:
    spoken = as_sent()
    spoken[1] |= {"状态": "整改中", "完成情况": "已招标"}
    write(tmp_path / "a.xlsx", as_sent())
    write(tmp_path / "b.xlsx", spoken)
    write(tmp_path / "c.xlsx", as_sent())
    found, findings = read(tmp_path)
    assert told(findings) == []
    assert found.filter(id=IDS[1])["file"].to_list() == ["b.xlsx"]


def put(at: int, **cells: object) -> Change:
    return lambda rows: rows[at].update(cells)


HOSTILE: dict[str, tuple[Change, list[tuple[str, int | None, str]]]] = {
    "an id nobody gave": (put(0, 编号="100000009-AQ-02-Z"), [("R004", 4, "编号")]),
    "an id that is gone": (put(1, 编号=None), [("R005", 5, "编号")]),
    "a row twice": (lambda rows: rows.append(dict(rows[0])), [("R006", 7, "编号")]),
    "ids sorted without their rows": (
        lambda rows: (rows[0].update(编号=IDS[1]), rows[1].update(编号=IDS[0])), [("R007", 4, "编号"), ("R007", 5, "编号")]
    ),
    "a problem under another's id": (put(0, 对应问题="共1栋燃气立管锈蚀", 所在单元="第1街道11社区", 问题编号=None), [("R007", 4, "编号")]),
    "a status of one's own": (put(0, 状态="快好了", 佐证="照片"), [("R008", 4, "状态")]),
    "another word for mended, and no evidence": (put(0, 状态="已完成"), [("R008", 4, "状态"), ("R009", 4, "佐证")]),
    "no status beside an answer": (put(0, 状态=None, 完成情况="做完了"), [("R008", 4, "状态")]),
    "mended without evidence": (put(0, 状态="已整改", 完成日期=date(2026, 5, 1)), [("R009", 4, "佐证")]),
    "half mended, a dash for evidence": (put(0, 状态="部分整改", 佐证="—"), [("R009", 4, "佐证")]),
    "impossible without a reason": (put(0, 状态="无法整改"), [("R010", 4, "完成情况")]),
    "done tomorrow": (put(0, **MENDED | {"完成日期": date(2026, 10, 1)}), [("R011", 4, "完成日期")]),
    "done before the year": (put(0, **MENDED | {"完成日期": date(2024, 12, 31)}), [("R011", 4, "完成日期")]),
    "done some time in May": (put(0, **MENDED | {"完成日期": "2026年5月"}), [("R011", 4, "完成日期")]),
    "a target of one's own": (put(0, 目标值=2), [("R013", 4, "目标值")]),
    "another lead": (put(0, 牵头单位="区水务局"), [("R013", 4, "牵头单位")]),
    "the problem in other words": (put(0, 对应问题="没有问题"), [("R013", 4, "对应问题")]),
    "mended on no day": (put(0, **MENDED | {"完成日期": None}), [("R014", 4, "完成日期")]),
    "the status cleared and nothing said": (put(0, 状态=None), []),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_every_fault_is_found_where_it_stands(tmp_path: Path, case: str) -> None:
    change, expected = HOSTILE[case]
    rows = as_sent()
    change(rows)
    write(tmp_path / "建委.xlsx", rows)
    found, findings = read(tmp_path)
    assert told(findings) == expected
    assert all(f.place.file == "建委.xlsx" and f.place.sheet == "整治建议清单" for f in findings)
    errors = {f.place.row for f in findings if f.level == "error"}
    assert not errors & set(found["row"])


def test_a_word_often_written_is_answered_with_the_state_it_means(tmp_path: Path) -> None:
    rows = as_sent()
    put(0, 状态="进行中")(rows)
    write(tmp_path / "建委.xlsx", rows)
    (fault,) = read(tmp_path)[1]
    assert fault.expected.startswith("整改中（可选的有未启动、")


def test_all_faults_of_all_files_are_told_at_once_and_each_says_what_would_be_right(tmp_path: Path) -> None:
    rows = as_sent()
    rows[0] |= {"编号": "100000001-AQ-02", "状态": "已整改"}
    rows[1] |= {"编号": None}
    rows[2] |= {"状态": "无法整改"}
    write(tmp_path / "a.xlsx", rows)
    write(tmp_path / "子目录" / "b.xlsx", as_sent(), about="2024 年度")
    write(tmp_path / "c.xlsx", [], ["甲", "乙"])
    (tmp_path / "照片.jpg").write_bytes(b"\xff\xd8\xff")
    _, findings = read(tmp_path)
    assert [(f.code, f.place.file) for f in findings] == [
        ("R004", "a.xlsx"), ("R005", "a.xlsx"), ("R010", "a.xlsx"), ("R001", "c.xlsx"), ("R002", "子目录/b.xlsx"),
        ("R015", "照片.jpg"),
    ]  # fmt: skip
    assert [f.expected for f in findings][:2] == [IDS[0], IDS[1]], "found by the row's problem and unit"
    assert findings.rows[4].value == "2024"


def test_two_files_that_say_different_things_are_both_named(tmp_path: Path) -> None:
    one, other = as_sent(), as_sent()
    one[0] |= MENDED
    other[0] |= {"状态": "整改中"}
    write(tmp_path / "新.xlsx", other)
    write(tmp_path / "旧.xlsx", one)
    _, findings = read(tmp_path)
    assert told(findings) == [("R012", 4, "")]
    assert findings.rows[0].place.file == "旧.xlsx"
    assert "新.xlsx › 整治建议清单 › 第 4 行" in findings.rows[0].message
    assert "整改中" in findings.rows[0].message
    assert "已整改／立管已更换／验收单／2026-05-01" in findings.rows[0].message


def test_a_list_without_its_columns_says_which_are_missing(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", as_sent(), [h for h in HEADS if h not in ("佐证", "完成日期")])
    found, findings = read(tmp_path)
    assert told(findings) == [("R003", 3, "")]
    assert findings.rows[0].value == "佐证、完成日期"
    assert found.is_empty()


def test_the_year_is_known_by_the_hidden_property_even_where_the_lines_above_were_deleted(
    tmp_path: Path,
) -> None:
    write(tmp_path / "a.xlsx", as_sent(), about="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book.custom_doc_props.append(openpyxl.packaging.custom.IntProperty(name="tijian_year", value=2024))
    book.save(tmp_path / "a.xlsx")
    _, findings = read(tmp_path)
    assert [(f.code, f.value) for f in findings] == [("R002", "2024")]


def test_a_folder_without_workbooks_is_no_return(tmp_path: Path) -> None:
    found, findings = read(tmp_path)
    assert [f.code for f in findings] == ["R016"]
    assert found.is_empty()
    assert found.schema == conform("returned", found).schema
