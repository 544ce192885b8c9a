"""Only what would say something else is printed again; the fonts that reports are printed in."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import polars as pl
import pypdf
import pytest
from tijian.engine.results import Results
from tijian.reports.build import Built, Job, build_reports, left_over, plan
from tijian.reports.pdf import fonts, press
from tijian.reports.pdf.sheets import Look, Sheets
from tijian.reports.stamps import NAME, look_stamp
from tijian.reports.terminal.reports import said, time_left
from weasyprint.urls import FatalURLFetchingError

from .results_fixture import DISTRICT, make_results

ONE, OTHER = f"{DISTRICT}002001", f"{DISTRICT}003001"
pytestmark = pytest.mark.slow


@cache
def results() -> Results:
    return make_results()


@cache
def jobs() -> list[Job]:
    return plan(results(), units=[ONE, OTHER])


def built(out: Path, of: Results | None = None, wanted: list[Job] | None = None) -> list[Built]:
    return build_reports(of or results(), out, wanted or jobs(), workers=1)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("printed")
    assert [b.kept for b in built(out)] == [False, False]
    return out


@pytest.fixture
def out(printed: Path, tmp_path: Path) -> Path:
    subprocess.run(["cp", "-rp", f"{printed}/.", str(tmp_path)], check=True)
    return tmp_path


def times(out: Path) -> dict[str, int]:
    return {str(path.relative_to(out)): path.stat().st_mtime_ns for path in out.rglob("*.pdf")}


def test_what_says_the_same_is_kept_and_said_to_be(out: Path) -> None:
    before = times(out)
    again = built(out)
    assert [b.kept for b in again] == [True, True]
    assert [b.pages for b in again] == [b.pages for b in built(out)]
    assert times(out) == before
    assert all(line.endswith("页，未变，保留）") for line in said(again, [], []).made)


def test_another_run_of_the_same_results_keeps_them_without_putting_them_together(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tijian.reports.build.assemble", None)
    again = built(out, dataclasses.replace(results(), run_id="another"))
    assert [b.kept for b in again] == [True, True]


def test_only_reports_that_the_change_reaches_are_printed_again(out: Path) -> None:
    units = results().units.with_columns(
        name=pl.when(pl.col("code") == ONE).then(pl.lit("改名居委会")).otherwise(pl.col("name"))
    )
    again = built(out, dataclasses.replace(results(), units=units))
    assert [b.job.key for b in again if b.kept] == [OTHER]
    third = built(out, dataclasses.replace(results(), units=units, run_id="third"))
    assert [b.kept for b in third] == [True, True], "what was kept then is known to belong to these results"


def test_a_deleted_or_edited_report_is_printed_again(out: Path) -> None:
    first, second = (out / job.path for job in jobs())
    whole = first.read_bytes()
    first.write_bytes(whole + b"%")
    second.unlink()
    assert [b.kept for b in built(out)] == [False, False]
    assert first.read_bytes() == whole
    assert second.is_file()


@pytest.mark.parametrize("record", ["", "{", "[]", '{"a.pdf": {"source": 1}}', '{"a.pdf": 3}'])
def test_a_record_that_cannot_be_read_only_costs_time(out: Path, record: str) -> None:
    (out / NAME).write_text(record)
    assert [b.kept for b in built(out, wanted=jobs()[:1])] == [False]
    assert [b.kept for b in built(out, wanted=jobs()[:1])] == [True]


def test_what_was_printed_before_an_interruption_is_kept(tmp_path: Path) -> None:
    def interrupted(done: int, total: int, what: Built) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_reports(results(), tmp_path, jobs(), workers=1, progress=interrupted)
    assert [b.kept for b in built(tmp_path)] == [True, False]


def test_old_reports_that_nobody_plans_any_more_are_named_and_left(out: Path) -> None:
    assert left_over(out, jobs()) == []
    old = left_over(out, jobs()[:1])
    assert old == [out / jobs()[1].path]
    (note,) = said([], [], old).notes
    assert note.startswith("1 份旧报告已不在应出的报告之列，未删除：")
    old[0].unlink()
    assert left_over(out, jobs()[:1]) == []


def test_the_look_is_known_by_what_the_fonts_are_not_by_where_they_lie() -> None:
    here, there, other = (
        Look(f"src: url('{font}')", (font,))
        for font in ("file:///a/1.otf", "file:///b/1.otf", "file:///a/2.otf")
    )
    assert look_stamp(here) == look_stamp(there) != look_stamp(other)


def test_how_long_it_will_take_is_said_once_it_can_be_known() -> None:
    assert time_left(5.0, done=1.0, rest=99.0) == ""
    assert time_left(60.0, done=50.0, rest=50.0) == "约剩 60 秒"
    assert time_left(600.0, done=50.0, rest=50.0) == "约剩 10 分钟"
    assert time_left(60.0, done=99.0, rest=1.0) == "约剩 10 秒"
    assert time_left(60.0, done=100.0, rest=0.0) == ""


# ---- our own cut of the fonts ----------------------------------------------------------------------------------


def test_the_cut_is_found_again_and_two_that_make_it_at_once_agree(tmp_path: Path) -> None:
    code = (
        "from tijian.reports.pdf.fonts import own_cuts; print(*sorted(p for _, p in own_cuts()), sep='\\n')"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    first, second = (process.communicate()[0].splitlines() for process in both)
    assert first == second
    assert sorted(map(str, (tmp_path / "tijian" / "fonts").iterdir())) == first, "nothing half made is left"
    assert len(first) >= 2
    assert [Path(p).read_bytes() for p in first] == [
        p.read_bytes() for p in sorted((p for _, p in fonts.own_cuts()), key=lambda p: p.name)
    ]


def test_where_nothing_can_be_kept_the_cut_is_made_for_this_run_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    code = (
        "from tijian.reports.pdf.fonts import own_cuts; print(own_cuts()[0][1], own_cuts()[0][1].is_file())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "XDG_CACHE_HOME": str(blocked)},
    ).stdout.split()  # fmt: skip
    assert told[1] == "True"
    assert not Path(told[0]).exists()


def test_a_small_font_is_used_as_it_is() -> None:
    _, path = fonts.own_cuts()[0]
    assert fonts.subset(path.read_bytes(), 0, (0x4E00,)) is None
    assert fonts.subset(b"no font at all", 0, (0x4E00,)) is None


def test_a_rare_character_is_printed_from_the_whole_font() -> None:
    html = "<html lang='zh-CN'><head><title>t</title></head><body><p class='body'>{}</p></body></html>"
    common, rare = (
        press.print_sheets(Sheets(html.format(words)), fonts.look()).data for words in ("体检", "体检㙟")
    )
    assert all("tijian" in font for font in embedded(common))
    (whole,) = embedded(rare) - embedded(common)
    assert "tijian" not in whole
    assert pypdf.PdfReader(io.BytesIO(rare)).pages[0].extract_text().startswith("体检㙟")


def embedded(pdf: bytes) -> set[str]:
    found = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"]
    return {str(found[name].get_object()["/BaseFont"]) for name in found}


def test_nothing_but_our_fonts_is_read_from_disk() -> None:
    ours = press.press(fonts.look()).fetcher
    assert ours.fetch(fonts.look().fonts[0]).read()[:4] == b"OTTO"
    with pytest.raises(FatalURLFetchingError, match="拒绝读取"):
        ours.fetch("file:///etc/passwd")
