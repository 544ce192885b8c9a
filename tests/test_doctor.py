"""``tijian doctor``: what the machine and the project lack, a page printed for a try, and a bundle that tells nothing of people."""

from __future__ import annotations

import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from shutil import copytree

import pytest
from tijian.reports.doctor import bundle as bundles
from tijian.reports.doctor import machine
from tijian.reports.doctor.check import Check, lines_of
from tijian.reports.doctor.page import faults_of
from tijian.reports.terminal.doctor import doctor
from tijian.reports.terminal.session import EXIT_STATE, EXIT_USAGE, StoppedError

from .cli_project import call, fill_in, told
from .older_results import opened

PHONE, IDENTITY, PERSON, HEADER = "13812345678", "310115198001011234", "欧阳建国", "户主诸葛秀英"
NAMES = (f"1号楼{PHONE}", "2号楼", f"{PERSON}家", "4号楼", IDENTITY, "6号楼")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in the home of 司马相如, whose inputs, file names and settings name people."""
    folder = tmp_path_factory.mktemp("司马相如") / "项目"
    assert call("init", folder).returncode == 0
    fill_in(folder, NAMES)
    path = folder / "tijian.toml"
    text = path.read_text(encoding="utf-8") + f"\n# 联系人 {PERSON} {PHONE}\n"
    path.write_text(text, encoding="utf-8")
    (folder / "names.csv").write_text(f"写法,代码\n{HEADER},310199\n{PERSON},000\n", encoding="utf-8")
    opened("version-2", folder)
    return folder


@pytest.fixture
def of_somebody(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, run by the user simaxr from that home."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    monkeypatch.setenv("XDG_CACHE_HOME", cache)  # the cut fonts: made once for all tests
    monkeypatch.setenv("HOME", str(project.parent))
    monkeypatch.setenv("LOGNAME", "simaxr")
    return project


def without_printer(*words: object) -> subprocess.CompletedProcess[str]:
    """``tijian words…`` on a machine that has no Pango and whose fontconfig is gone."""
    blocked = """
import ctypes, ctypes.util, sys
real = ctypes.CDLL
def only(name, *rest, **more):
    if name and any(word in str(name) for word in ("pango", "fontconfig")):
        raise OSError(f"{name}: cannot open shared object file")
    return real(name, *rest, **more)
ctypes.CDLL, ctypes.util.find_library = only, lambda name: None
from tijian.cli import main
import atexit
atexit.register(lambda: print("weasyprint" in sys.modules, file=sys.stderr))
sys.argv[1:] = sys.argv[2:]
main()
"""
    return subprocess.run(
        [sys.executable, "-c", blocked, "-", *map(str, words)], capture_output=True, text=True, check=False
    )


def test_where_all_is_well_every_line_says_so_and_a_page_was_printed(tmp_path: Path) -> None:
    path = tmp_path / "试印.pdf"
    lines = told("doctor", "--pdf", path, cwd=tmp_path).splitlines()
    named = {line[2:].split("：")[0] for line in lines if line[:2] in ("✓ ", "! ")}
    assert {
        "Python",
        "Python 包",
        "系统库",
        "字体 标题",
        "字体 仿宋（正文）",
        "内存",
        "磁盘",
        "处理器",
        "文字编码",
        "试印",
    } <= named
    assert not [line for line in lines if line.startswith("✗")]
    assert faults_of(path.read_bytes()) == ()
    words = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    for printed in ("打印检查", machine.RARE, "甲街道", "91.5"):
        assert printed in words


def test_the_page_is_always_printed_to_the_same_place_where_a_file_manager_shows_it(
    of_somebody: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "试印.pdf"
    page.write_bytes(b"of last time")
    assert f"✓ 试印：{page}（" in str(doctor())
    assert faults_of(page.read_bytes()) == ()
    project = copytree(of_somebody, tmp_path / "项目")
    assert f"✓ 试印：{project / 'out' / '试印.pdf'}（" in str(doctor(Path("项目")))
    assert faults_of((project / "out" / "试印.pdf").read_bytes()) == ()


def test_a_page_that_can_be_printed_but_not_written_is_told_with_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "试印.pdf").mkdir()
    said = str(doctor())
    assert (
        f"! 试印：写不到 {tmp_path / '试印.pdf'}（那里是目录，不是文件）\n  → 用 --pdf 文件 换一个能写的位置"
        in said
    )
    with pytest.raises(OSError, match="directory"):
        doctor(pdf=tmp_path / "试印.pdf")


def test_a_page_that_is_not_one_or_lacks_its_fonts_is_found_out(tmp_path: Path) -> None:
    two = b"1 0 obj <</Type /Page>> endobj 2 0 obj <</Type /Page>> endobj 3 0 obj <</Type /Pages>> endobj"
    assert faults_of(two) == ("有 2 页，应为 1 页", "没有用到字体")
    one = b"<</Type /Page>> <</FontDescriptor 5 0 R>> <</FontDescriptor 6 0 R>> <</FontFile3 7 0 R>>"
    assert faults_of(one) == ("2 种字体中只嵌入 1 种",)


def test_without_pango_it_still_looks_at_everything_and_says_what_to_install(tmp_path: Path) -> None:
    done = without_printer("doctor", "-p", tmp_path)
    assert done.returncode == 2, "no project there"
    done = without_printer("doctor")
    assert done.returncode == 3, done.stderr
    assert done.stderr.split() == ["False"], "the printer is not loaded"
    assert re.search(
        r"✗ 系统库 Pango：没有（排版）\n +→ Debian 一类系统：sudo apt-get install libpango-1.0-0\n",
        done.stdout,
    )
    assert "✗ 系统库 fontconfig" in done.stdout
    assert "✗ 试印：没有试印" in done.stdout
    assert "✓ 内存" in done.stdout


def test_packages_are_held_against_the_least_version_they_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    required = ["duckdb>=2.0", "polars>=99.1", 'pyspark>=4; extra == "spark"', "nowhere>=1"]
    assert machine.minimums(required) == [("duckdb", "2.0"), ("polars", "99.1"), ("nowhere", "1")]
    monkeypatch.setattr(machine.metadata, "requires", lambda _: required)
    said = lines_of(machine.packages())
    assert re.search(r"✗ Python 包 polars：[\d.]+，低于要求的 99\.1\n", said)
    assert "✗ Python 包 nowhere：没有安装" in said
    assert re.search(r"✓ Python 包：duckdb [\d.]+$", said)


def test_a_terminal_that_does_not_speak_utf8_and_a_full_machine_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine.os, "device_encoding", lambda _: "GBK")
    assert (
        lines_of([machine.encoding()])
        == "! 文字编码：不是 UTF-8：终端 GBK\n  → 运行前执行 export LANG=C.UTF-8"
    )
    usage = shutil.disk_usage(tmp_path)._replace(free=50 * 2**20)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    assert lines_of([machine.disk(tmp_path)], steady=True).startswith("✗ 磁盘：不足\n  → 至少要空出 0.2 GB")


def test_the_project_is_told_with_its_results_and_who_holds_it(of_somebody: Path, tmp_path: Path) -> None:
    with (of_somebody / ".tijian.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        said = str(doctor(of_somebody, pdf=tmp_path / "a.pdf"))
    assert "! 占用：正被另一次运行使用（进程 4711）" in said
    assert "✓ 结果库：第 2 版，2025年，" in said
    assert "读时按第" in said
    assert "✓ 写入" in said
    assert "✓ 占用：没有别的运行在用" in str(doctor(of_somebody, pdf=tmp_path / "a.pdf"))


def test_what_is_no_project_and_what_cannot_be_read_are_told(of_somebody: Path, tmp_path: Path) -> None:
    with pytest.raises(StoppedError) as stopped:
        doctor(tmp_path)
    assert (stopped.value.code, "不是项目目录" in str(stopped.value)) == (EXIT_USAGE, True)
    with pytest.raises(StoppedError) as stopped:
        doctor(of_somebody, bundle=tmp_path / "求助.rar")
    assert stopped.value.code == EXIT_USAGE
    (tmp_path / "tijian.toml").write_text("[project\n", encoding="utf-8")
    with pytest.raises(StoppedError) as stopped:
        doctor(tmp_path, pdf=tmp_path / "a.pdf", bundle=tmp_path / "求助.zip")
    assert stopped.value.code == EXIT_STATE
    assert "✗ 项目文件：tijian.toml 有 1 处错误" in str(stopped.value)
    with zipfile.ZipFile(tmp_path / "求助.zip") as archive:
        assert "P002" in archive.read("问题.csv").decode()


def test_a_bundle_tells_nothing_of_people_and_is_the_same_twice(of_somebody: Path, tmp_path: Path) -> None:
    before = sorted(of_somebody.rglob("*"))
    said = str(doctor(of_somebody, pdf=tmp_path / "a.pdf", bundle=tmp_path / "求助.zip"))
    assert "发出前请打开看一遍" in said
    doctor(of_somebody, pdf=tmp_path / "a.pdf", bundle=tmp_path / "又.zip")
    assert (tmp_path / "求助.zip").read_bytes() == (tmp_path / "又.zip").read_bytes()
    assert sorted(of_somebody.rglob("*")) == before
    with zipfile.ZipFile(tmp_path / "求助.zip") as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert all(name in files["说明.txt"] for name in files if name != "说明.txt")
    secret = (PHONE, IDENTITY, PERSON, HEADER, "1号楼", "甲社区", "司马相如", "simaxr", str(of_somebody),
              str(of_somebody.parent), platform.node(), "望云街道", "住宅楼栋调查表")  # fmt: skip
    for name, text in files.items():
        for word in secret:
            assert not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text), (name, word)
            assert word in (platform.node(), "simaxr") or word not in text, (name, word)
    assert re.search(r"^K001,warning,.*,inputs\.buildings,.*,\d+,", files["问题.csv"], re.MULTILINE)
    assert "2025,totals,23,year unit level score" in files["结果.csv"]
    assert '"upgraded_from": 2' in files["运行.json"]
    assert files["错误.txt"].strip() == "没有"
    assert "✓ 内存：足够" in files["本机.txt"]


def test_an_error_of_the_program_is_told_by_its_lines_without_what_it_says(
    of_somebody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError(PERSON)

    monkeypatch.setattr(bundles, "check", fails)
    error = bundles.contents(of_somebody, "")["错误.txt"]
    assert error.startswith("ZeroDivisionError\nreports/doctor/bundle.py:")
    assert PERSON not in error


def test_experts_are_numbered_and_files_told_by_their_ending() -> None:
    settings = {
        "scoring": {"weighting": {"experts": {"诸葛亮": 2.0, "周瑜": 1.0}, "judgements": "诸葛亮.xlsx"}}
    }
    told_of = {
        "scoring": {"weighting": {"experts": {"专家1": 2.0, "专家2": 1.0}, "judgements": "［文件］.xlsx"}}
    }
    assert bundles.settings_told(settings) == told_of


def test_figures_of_the_minute_are_left_out_where_the_same_must_be_said_twice() -> None:
    check = Check("well", "内存", "共 16.0 GB，可用 9.2 GB", steady="足够")
    assert lines_of([check]) == "✓ 内存：共 16.0 GB，可用 9.2 GB"
    assert lines_of([check], steady=True) == "✓ 内存：足够"
