"""What the tests of the command line share: the command itself, one finished sample, and a small real project.

The sample is made once per test session, whichever worker comes first; tests that change it work on a copy.
"""

import fcntl
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from shutil import copytree

import pytest
import xlsxwriter
from tijian.cli import main
from tijian.data.generator.sample import generate
from tijian.engine.findings import Findings
from tijian.indicators.form_model import Item
from tijian.indicators.forms import needed_items
from tijian.indicators.loader import load_indicators

COMMAND = Path(sys.executable).parent / "tijian"
YEARS = (2025, 2026)
YEAR = YEARS[-1]


def call(*words: object, cwd: Path | None = None, columns: int = 100) -> subprocess.CompletedProcess[str]:
    """``tijian words…`` through its entry point, in this process: a hundred starts of a process would cost minutes.

    What only a process of its own shows (signals, locks, two at once) is tested with :data:`COMMAND`.
    """
    typed = [str(word) for word in words]
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, chdir(cwd or Path.cwd()):
        patch.setattr(sys, "argv", ["tijian", *typed])
        patch.setenv("COLUMNS", str(columns))
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(typed, code, out.getvalue(), err.getvalue())


def told(*words: object, cwd: Path | None = None, columns: int = 100) -> str:
    """What the command prints when it is right: exit code 0."""
    done = call(*words, cwd=cwd, columns=columns)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def refused(code: int, *words: object, cwd: Path | None = None) -> str:
    """What the command says on stderr when it exits with ``code``."""
    done = call(*words, cwd=cwd)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stderr


def finished_sample(factory: pytest.TempPathFactory) -> Path:
    """The small sample with both years run; shared by all workers, never to be changed."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, mark = shared / "finished sample", shared / "finished-sample.ready"
    with (shared / "finished-sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            generate(folder, scale=0.1, years=YEARS)
            for year in YEARS:
                told("run", "-q", "-p", folder, "--year", year)
            mark.touch()
    return folder


def copy_of(folder: Path, to: Path) -> Path:
    """A copy of a project that a test may change."""
    return Path(copytree(folder, to / "项目"))


# ---- a small real project, from `init` -----------------------------------------------------------------------

UNITS = """统计用区划代码,名称,层级,上级代码,类型,常住人口,面积（平方公里）
310199,试验区,区,,,20000,8
310199001,东街道,街镇,310199,街道,12000,3
310199002,西镇,街镇,310199,镇,8000,5
310199001001,甲社区,社区,310199001,居委,7000,2
310199001002,乙社区,社区,310199001,居委,5000,1
310199002001,丙社区,社区,310199002,居委,6000,2
310199002002,丁村,社区,310199002,村委,2000,3
"""
NAMES = ("1号楼", "2号楼", "3号楼", "4号楼", "5号楼", "6号楼")


def fill_in(folder: Path, names: tuple[str, ...] = NAMES) -> None:
    """Fill in what ``tijian init`` left in ``folder``, and one department's form: the buildings."""
    set_up(folder)
    library = load_indicators(("national-2025", "national-2022"), folder, Findings())
    items = needed_items(library.forms["buildings"], library.indicators)
    write_form(folder / "inputs" / "2026" / "住宅楼栋调查表.xlsx", items, names)


def set_up(folder: Path) -> None:
    """The units, the district's code and name, as the comments of the template say."""
    (folder / "单元名录.csv").write_text(UNITS, encoding="utf-8-sig")
    path = folder / "tijian.toml"
    text = path.read_text(encoding="utf-8").replace("990101", "310199").replace("某区", "试验区")
    path.write_text(text, encoding="utf-8")


def write_form(
    path: Path, items: Sequence[Item], names: tuple[str, ...], cracked: tuple[int, ...] = (1, 4)
) -> None:
    """The department's form: a header row and a row per building; those numbered in ``cracked`` have cracks."""
    places = (
        ("东街道", "甲社区"),
        ("东街道", "甲社区"),
        ("东街道", "乙社区"),
        ("西镇", "丙社区"),
        ("西镇", "丁村"),
        ("西镇", "丁村"),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("调查表")
        sheet.write_row(0, 0, ["街镇", "社区", *(item.label for item in items)])
        for i, (name, place) in enumerate(zip(names, places, strict=True), 1):
            row: dict[str, object] = {item.name: "否" for item in items if item.type == "yesno"} | {
                "building_id": f"B-{i}", "name": name, "estate": "幸福里", "built_year": 1980 + i, "floors": 6,
                "households": 48, "structure_crack": "是" if i in cracked else "否",
            }  # fmt: skip
            sheet.write_row(i, 0, [*place, *(row.get(item.name) for item in items)])
