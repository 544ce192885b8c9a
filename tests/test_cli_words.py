"""The command's words: help in Chinese with an example for every command, and wrong usage told with exit code 2."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tijian.reports.terminal.help import lines_of
from tijian.reports.widths import display_width

from .cli_project import call, refused, told

COMMANDS = (
    "init",
    "sample",
    "forms",
    "check",
    "run",
    "report",
    "lists",
    "compare",
    "sites",
    "indicators",
    "explain",
)
HEAVY = {
    "duckdb",
    "numpy",
    "polars",
    "pydantic",
    "pyproj",
    "rich",
    "scipy",
    "shapely",
    "weasyprint",
    "xlsxwriter",
}


def test_the_command_alone_shows_what_there_is() -> None:
    page = told()
    assert [c for c in COMMANDS if not re.search(rf"^  {c} ", page, re.MULTILINE)] == []
    assert "退出码" in page
    assert "tijian sample" in page


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_chinese_with_an_example(command: str) -> None:
    page = told(command, "--help")
    assert f"例：tijian {command}" in page
    assert page.split()[0] == "用法：tijian"
    prose = re.sub(r"<[^>]*>|tijian[\w .-]*|--?[a-z-]+|\[[\d.<=x]+\]", "", page)
    assert re.findall(r"\b(?:Usage|Options?|Show|Default|Required|message|exit|Install)\b", prose) == []


@pytest.mark.parametrize("columns", [60, 100])
def test_no_help_text_is_cut_off_and_no_line_is_wider_than_the_terminal(columns: int) -> None:
    page = told("report", "--help", columns=columns)
    assert "只出这些单元（名称或代码）的，可多次给出" in re.sub(r"\s", "", page)
    assert max(display_width(line) for line in page.splitlines()) <= columns


def test_a_line_of_help_never_begins_with_a_stop_nor_breaks_a_word() -> None:
    text = "不加选择时全部生成，内容未变的（逐字节）保留原文件：results.duckdb。"
    for width in range(16, 60):
        lines = list(lines_of(text, width))
        assert "".join(lines) == text
        assert max(map(display_width, lines)) <= width
        assert [line for line in lines[1:] if line[0] in "，。：）"] == []


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]])
def test_help_and_version_load_nothing_that_calculates_or_draws(words: list[str]) -> None:
    asked = (
        f"import atexit, sys; atexit.register(lambda: print(*{HEAVY} & {{*sys.modules}}, file=sys.stderr))"
    )
    shown = f"from tijian.cli import main; sys.argv[1:] = {words}; main()"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; {shown}"], check=True, capture_output=True, text=True
    )
    assert "tijian" in done.stdout
    assert done.stderr.split() == []


def test_the_version_is_the_packages() -> None:
    from tijian import __version__  # noqa: PLC0415 — only this test needs it

    assert told("--version").splitlines()[0] == f"tijian {__version__}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["foo"], "没有这个命令"),
        (["run", "--unti", "lists"], "没有选项 --unti；相近的有"),
        (["run", "--until", "nowhere"], "--until 的值不对：'nowhere' 不在可选值中"),
        (["run", "--year", "去年"], "--year 的值不对：应为整数"),
        (["report", "--level", "street"], "'区级', '街镇', '社区'"),
        (["report", "--unit"], "选项 --unit 后面要跟一个值"),
        (["sample", "新目录", "--scale", "0"], "应不小于"),
        (["sample", "新目录", "--scale", "2"], "应不大于"),
        (["init"], "缺少 目录"),
        (["explain"], "缺少 单元"),
        (["compare", "某街道"], "请至少给出两个单元"),
    ],
)
def test_wrong_usage_is_told_in_chinese(words: list[str], said: str, tmp_path: Path) -> None:
    assert said in refused(2, *words, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_project_is_told_with_what_to_do(tmp_path: Path) -> None:
    for command in (
        ["forms"],
        ["check"],
        ["run"],
        ["report"],
        ["lists"],
        ["sites"],
        ["indicators"],
        ["explain", "某街道", "JT-03"],
    ):
        done = call(*command, cwd=tmp_path)
        assert done.returncode == 1, command
        assert "P001" in done.stdout
        assert "tijian init" in done.stdout


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    occupied = tmp_path / "不是目录"
    occupied.write_text("")
    assert "不是目录" in refused(3, "init", occupied)
    full = tmp_path / "有东西"
    full.mkdir()
    (full / "在先.txt").write_text("")
    for command in ("init", "sample"):
        assert "目录不是空的，未写任何文件" in refused(3, command, full)
    assert [p.name for p in full.iterdir()] == ["在先.txt"]
