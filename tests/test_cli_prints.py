"""What the command line prints from finished results: reports, lists, comparison, provenance; and a project's first day."""

import re
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from pypdf import PdfReader

from .cli_project import NAMES, YEAR, call, copy_of, fill_in, finished_sample, refused, told


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished sample for this module: reports are added to it, results never change."""
    return copy_of(finished_sample(tmp_path_factory), tmp_path_factory.mktemp("prints"))


@pytest.fixture(scope="module")
def units(project: Path) -> list[tuple[str, str, str]]:
    """(code, name, level) of every unit, as the table of units has them."""
    rows = openpyxl.load_workbook(project / "单元名录.xlsx").active.iter_rows(values_only=True)
    return [(str(r[0]), str(r[1]), str(r[2])) for r in rows if r[0] and re.fullmatch(r"\d+", str(r[0]))]


@pytest.fixture(scope="module")
def towns(units: list[tuple[str, str, str]]) -> list[str]:
    return [name for code, name, _ in units if len(code) == 9]


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(path).pages)


def printed(stdout: str) -> list[Path]:
    """The files a command says it has written; each must be there."""
    paths = [Path(re.sub(r"（\d+ 页.*）$", "", line)) for line in stdout.splitlines()]
    assert [p for p in paths if not p.is_file()] == []
    return paths


# ---- reports -------------------------------------------------------------------------------------------------


def test_one_units_report_by_code_and_twice_the_same_bytes(
    project: Path, units: list[tuple[str, str, str]]
) -> None:
    code, name = next((c, n) for c, n, _ in units if len(c) == 12)
    (path,) = printed(told("report", "-q", "--unit", code, "-p", project))
    assert path.relative_to(project / "out" / str(YEAR)).parts[0] == "社区"
    assert name in path.name
    text = text_of(path)
    assert name in text
    assert "合成演示数据" in text
    first = path.read_bytes()
    assert printed(told("report", "-q", "--unit", code, "-p", project)) == [path]
    assert path.read_bytes() == first


def test_a_departments_brief(project: Path) -> None:
    paths = printed(told("report", "-q", "--department", "区交通委", "-p", project))
    assert [p.parent.name for p in paths] == ["部门", "督办"]  # it is late with something
    assert all("区交通委" in text_of(path) for path in paths)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "--unit", "锦澜街"], "锦澜街道"),
        (["report", "--department", "区交通"], "区交通委"),
        (["report", "--topic", "住房"], "住房安全"),
        (["report", "--level", "区级", "--unit", "锦澜街道"], "没有可出的报告"),
        (["lists", "--department", "区交通"], "区交通委"),
        (["lists", "--unit", "锦澜街"], "锦澜街道"),
        (["compare", "锦澜街道", "锦栏街道"], "锦澜街道"),
        (["compare", "锦澜街道", "锦澜街道"], "重复"),
        (["explain", "锦澜街道", "JT-99"], "没有编号为“JT-99”的指标"),
        (["explain", "锦澜街道", "交通"], "也可以写维度：生态宜居"),
        (["explain", "锦栏街道", "JT-03"], "锦澜街道"),
        (["indicators", "JT-99"], "没有编号为“JT-99”的指标"),
    ],
)
def test_an_unknown_name_is_answered_with_what_there_is(project: Path, words: list[str], said: str) -> None:
    assert said in refused(2, *words, "-p", project)


def test_a_year_that_was_never_run_is_told_with_the_years_there_are(project: Path) -> None:
    assert "2025、2026" in refused(3, "explain", "锦澜街道", "JT-03", "--year", 2019, "-p", project)


# ---- lists, comparison, provenance ---------------------------------------------------------------------------


def test_a_departments_workbook(project: Path) -> None:
    (path,) = printed(told("lists", "-q", "--department", "区交通委", "-p", project))
    book = openpyxl.load_workbook(path)
    assert {"指标评估表", "优势清单", "问题清单", "整治建议清单", "问题台账"} <= set(book.sheetnames)
    cells = [str(cell) for row in book["整治建议清单"].iter_rows(values_only=True) for cell in row if cell]
    assert any("区交通委" in cell for cell in cells)


def test_towns_side_by_side(project: Path, towns: list[str]) -> None:
    page = told("compare", *towns[:3], "-p", project, columns=160)
    assert all(name in page for name in (*towns[:3], "交通便捷", "生态宜居"))


def test_an_indicator_and_a_score_are_explained(project: Path, towns: list[str]) -> None:
    listing = told("indicators", "-p", project)
    assert len(set(re.findall(r"\b[A-Z]{2}-\d\d\b", listing))) >= 32
    assert "公交站点500米覆盖率" in told("indicators", "JT-03", "-p", project)
    page = told("explain", towns[0], "JT-03", "-p", project, columns=160)
    assert all(
        word in page for word in ("得分", "分子", "分母", "SHA-256", "标准", "公交站点_gcj02.geojson", "运行")
    )


def test_a_total_and_a_dimension_are_explained(project: Path, towns: list[str]) -> None:
    whole = told("explain", towns[0], "-p", project, columns=160)
    assert all(
        word in whole for word in ("综合得分", "加权算术平均", "交通便捷", "JT-03", "计入总分", "运行")
    )
    part = told("explain", towns[0], "交通便捷", "-p", project, columns=160)
    assert all(word in part for word in ("交通便捷", "客观得分", "住建部评级", "JT-03", "计分权重"))
    assert "生态宜居" not in part
    one = told("explain", towns[0], "JT-03", "-p", project, columns=160)
    assert all(word in one for word in ("住建部评级", "在综合得分中", "计入综合得分"))


def test_progress_is_on_stderr_and_quiet_silences_it(project: Path) -> None:
    aloud, quiet = call("check", "-p", project), call("check", "-q", "-p", project)
    assert "读取数据" in aloud.stderr
    assert quiet.stderr == ""
    assert aloud.stdout == quiet.stdout


def test_a_results_file_that_is_not_ours_is_told(project: Path, tmp_path: Path) -> None:
    told("init", tmp_path / "新")
    (tmp_path / "新" / "results.duckdb").write_bytes(b"not a database at all" * 100)
    assert "结果库打不开" in refused(3, "lists", "-p", tmp_path / "新")


# ---- a project's first day -----------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "-2+3号楼",  # what looks like a formula that does something is refused when it is read
    "{unit}",
    "[red]5号楼",
    "6号楼",
)


def first_day(folder: Path, names: tuple[str, ...]) -> Path:
    told("init", folder)
    fill_in(folder, names)
    return folder


def test_what_init_leaves_is_understood_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "新区"
    assert [Path(line).name for line in told("init", folder).splitlines()] == [
        "tijian.toml", "单元名录.csv", "names.csv", "corrections.toml", "本区指标.toml", "indicator.schema.json", "2026",
    ]  # fmt: skip
    comments = [x for x in (folder / "tijian.toml").read_text(encoding="utf-8").splitlines() if "#" in x]
    assert len(comments) > 15
    assert (folder / "单元名录.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel shows no Chinese
    done = call("check", "-q", "-p", folder)
    assert done.returncode == 1  # understood, but there is no evidence yet
    page = done.stdout
    assert "共 1 处错误" in page
    assert "M007" in page
    assert "names.csv" not in page


def test_from_an_empty_folder_to_a_report(tmp_path: Path) -> None:
    folder = first_day(tmp_path / "新区", NAMES)
    assert "M002" in told("check", "-q", "-p", folder)  # forms not returned yet: warned of, not refused
    told("run", "-q", "-p", folder)
    page = told("explain", "东街道", "AQ-01", "-p", folder)
    assert "住宅楼栋调查表.xlsx" in page
    wanted = ("--level", "区级", "--topic", "住房安全", "--word")
    paths = printed(told("report", "-q", *wanted, "-p", folder))
    pdfs, documents = ([p for p in paths if p.suffix == ending] for ending in (".pdf", ".docx"))
    assert {p.parent.name for p in pdfs} == {"区级", "专项"}
    assert documents == [
        p.with_suffix(".docx") for p in pdfs if p.parent.name == "区级"
    ]  # the topic's is as printed
    words = Document(str(documents[0]))
    whole = "".join(p.text for p in words.paragraphs) + "".join(
        c.text for t in words.tables for c in t._cells
    )
    for text in (re.sub(r"\s", "", text_of(pdfs[0])), whole):
        assert "西镇" in text
        assert "4号楼" in text  # the cracked one, by name
        assert "合成演示数据" not in text


def test_hostile_names_stay_text_in_every_print(tmp_path: Path) -> None:
    folder = first_day(tmp_path / "新区", HOSTILE)
    units = folder / "单元名录.csv"
    units.write_text(
        units.read_text(encoding="utf-8-sig").replace("丁村", "../丁<b>村"), encoding="utf-8-sig"
    )
    form = openpyxl.load_workbook(folder / "inputs" / "2026" / "住宅楼栋调查表.xlsx")
    sheet = form.active
    for row in sheet.iter_rows(min_row=2):
        row[1].value = "../丁<b>村" if row[1].value == "丁村" else row[1].value
        row[[c.value for c in sheet[1]].index("结构构件裂缝")].value = "是"
    form.save(folder / "inputs" / "2026" / "住宅楼栋调查表.xlsx")
    told("run", "-q", "-p", folder)
    reports = printed(
        told(
            "report",
            "-q",
            "--level",
            "街镇",
            "--level",
            "社区",
            "--department",
            "区住房保障房屋管理局",
            "-p",
            folder,
        )
    )
    books = printed(told("lists", "-q", "-p", folder))
    out = (folder / "out").resolve()
    assert [p for p in (*reports, *books) if not p.resolve().is_relative_to(out)] == []
    assert [p for p in tmp_path.rglob("*") if p.is_file() and folder not in p.parents] == []
    text = re.sub(r"\s", "", "".join(text_of(p) for p in reports))
    assert [
        n for n in (HOSTILE[0], HOSTILE[1], HOSTILE[4], "../丁<b>村") if re.sub(r"\s", "", n) not in text
    ] == []
    district = openpyxl.load_workbook(books[0])
    cells = [cell for name in district.sheetnames for row in district[name].iter_rows() for cell in row]
    assert any(HOSTILE[2] in str(cell.value) for cell in cells)
    assert [c.coordinate for c in cells if c.data_type == "f" and HOSTILE[2] in str(c.value)] == []
