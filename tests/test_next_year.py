"""`tijian init --from`: the next year begins from last year's folder, with what stays and without what was said of that year."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from shutil import copytree

import polars as pl
import pytest
from tijian.data.next_year import Begun, NextYearError, begin_year, with_next_year
from tijian.engine.findings import Findings
from tijian.engine.results import conform
from tijian.engine.review.prefill import know_before
from tijian.engine.settings.project import load_project
from tijian.engine.storage import store
from tijian.indicators.loader import load_indicators

from .cli_project import call, refused, set_up, told

CORRECTION = """[[correction]]
input = "buildings"
match = { building_id = "B-1" }
column = "built_year"
expect = "19885"
value = "1985"
reason = "多打了一个 8"
by = "区房管局"
date = 2026-05-20
"""
SQUARE = [[121.2, 31.0], [121.3, 31.0], [121.3, 31.1], [121.2, 31.1], [121.2, 31.0]]
BOUNDARY = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"DM": "310199"},
            "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
        }
    ],
}
OWN = """
[[override]]
code = "JT-03"
field = "measure.radius_m"
value = 800
reason = "本区按800米"
"""


def files_of(folder: Path) -> dict[str, str]:
    """Every file of a folder with the digest of its bytes and the time it was changed."""
    held = sorted(p for p in folder.rglob("*") if p.is_file())
    return {
        str(p.relative_to(folder)): f"{hashlib.sha256(p.read_bytes()).hexdigest()} {p.stat().st_mtime_ns}"
        for p in held
    }


def setting(folder: Path, old: str, new: str) -> None:
    path = folder / "tijian.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def last(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of 2026 with everything that a year may leave in its folder."""
    folder = tmp_path_factory.mktemp("last") / "试验区-2026"
    told("init", folder)
    set_up(folder)
    setting(folder, "# [[units.boundaries]]\n# file = \"边界.gpkg\"\n# code = \"代码字段\"",
            "[[units.boundaries]]\nfile = \"inputs/{year}/边界.shp\"\ncode = \"DM\"")  # fmt: skip
    setting(folder, "[inputs]\n", '[inputs]\nmine = { kind = "layer", file = "inputs/2026/本区.gpkg" }\n'
            'old = { kind = "layer", file = "旧.gpkg", years = [2025] }\n')  # fmt: skip
    setting(folder, "# [budget]", "[budget]")
    setting(folder, '# file = "项目库.xlsx"', 'file = "项目库.xlsx"')
    setting(folder, "# total = 3000", "total = 3000")
    (folder / "corrections.toml").write_text(CORRECTION, encoding="utf-8")
    (folder / "indicators" / "本区.toml").write_text(OWN, encoding="utf-8")
    for name in ("inputs/2026/边界.shp", "inputs/2026/边界.dbf", "inputs/2026/住宅楼栋调查表.xlsx", "项目库.xlsx",
                 "判断矩阵.xlsx", "history/往年.csv", "history/~$往年.xlsx", "out/2026/报告.pdf", ".tijian/2026/x"):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


@pytest.fixture(scope="module")
def begun(last: Path) -> tuple[Begun, Path]:
    before = files_of(last)
    folder = last.parent / "试验区-2027"
    done = begin_year(folder, last)
    assert files_of(last) == before, "last year's folder is only read"
    return done, folder


def test_the_settings_are_last_years_with_the_year_one_later_and_their_comments_kept(
    last: Path, begun: tuple[Begun, Path]
) -> None:
    old = (last / "tijian.toml").read_text(encoding="utf-8").splitlines()
    new = (begun[1] / "tijian.toml").read_text(encoding="utf-8").splitlines()
    ((was, now),) = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert was.startswith("year = 2026 ")
    assert now == was.replace("2026", "2027")


def test_what_stays_is_carried_over_and_what_was_handed_in_or_printed_is_not(
    begun: tuple[Begun, Path],
) -> None:
    held = set(files_of(begun[1]))
    assert held == {
        "tijian.toml", "单元名录.csv", "names.csv", "corrections.toml", "项目库.xlsx", "判断矩阵.xlsx", "history/往年.csv",
        "inputs/2027/边界.shp", "inputs/2027/边界.dbf", "indicators/本区.toml", "indicators/本区指标.toml",
        "indicators/indicator.schema.json",
    }  # fmt: skip
    assert (begun[1] / "inputs/2027/边界.dbf").read_bytes() == "inputs/2026/边界.dbf".encode()


def test_the_new_years_folder_of_inputs_is_made_even_where_no_input_is_named(tmp_path: Path) -> None:
    told("init", tmp_path / "旧")
    assert list((tmp_path / "旧" / "inputs").iterdir()) == [tmp_path / "旧" / "inputs" / "2026"]
    head, _, rest = (tmp_path / "旧" / "tijian.toml").read_text(encoding="utf-8").partition("[inputs]\n")
    (tmp_path / "旧" / "tijian.toml").write_text(head + rest[rest.index("[scoring]") :], encoding="utf-8")
    begin_year(tmp_path / "新", tmp_path / "旧")
    assert [p.name for p in (tmp_path / "新" / "inputs").iterdir()] == ["2027"]


def test_a_folder_of_inputs_outside_of_the_project_is_not_made_but_named(tmp_path: Path) -> None:
    told("init", tmp_path / "旧")
    setting(tmp_path / "旧", '# data = "/data/体检数据"', f'data = "{tmp_path / "别处"}"')
    done = begin_year(tmp_path / "新", tmp_path / "旧")
    assert f"今年的表放到 {tmp_path / '别处' / 'inputs' / '2027'}，请先建好这个目录" in "\n".join(
        done.look_at
    )
    assert not (tmp_path / "别处").exists()
    assert not (tmp_path / "新" / "inputs").exists()


def test_last_years_corrections_stay_to_be_read_and_correct_nothing(begun: tuple[Begun, Path]) -> None:
    text = (begun[1] / "corrections.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {}
    assert '# expect = "19885"' in text
    assert "2026 年的更正，只供参考" in text


def test_inputs_to_come_and_what_still_says_last_year_are_listed(begun: tuple[Begun, Path]) -> None:
    done, _ = begun
    expected = {item.title: (item.files, item.provider) for item in done.expected}
    assert expected["住宅楼栋调查表"] == (("inputs/2027/住宅楼栋调查表.xlsx",), "区住房保障房屋管理局")
    assert expected["mine"][0] == ("inputs/2026/本区.gpkg",)
    assert "old" not in expected
    said = "\n".join(done.look_at)
    assert 'name = "试验区2026年城市体检"' in said
    assert "inputs/2026/本区.gpkg" in said
    assert "输入 old 写着只用于 2025 年" in said
    assert "没有 2026 年的体检结果" in said
    assert "某区" not in said, "comments are not settings"


def test_forms_of_the_new_year_show_last_years_figures_from_the_results(
    begun: tuple[Begun, Path], tmp_path: Path
) -> None:
    """Last year's files are not in the folder; what was stated in them is in the results that came along."""
    folder = copytree(begun[1], tmp_path / "明年")
    setting(folder, "边界.shp", "边界.geojson")
    (folder / "inputs" / "2027" / "边界.geojson").write_text(json.dumps(BOUNDARY), encoding="utf-8")
    stated = {
        "year": 2026,
        "unit": "310199",
        "level": "district",
        "input": "water_supply",
        "item": "daily_supply",
        "value": 87.28,
    }
    runs = {
        "year": 2026,
        "run_id": "x",
        "version": "x",
        "stage": "store",
        "record": '{"project": {}, "indicators": [], "judgements": []}',
    }
    frames = {
        "figures": conform("figures", pl.DataFrame([stated])),
        "runs": conform("runs", pl.DataFrame([runs])),
    }
    store.write_year(folder / "results.duckdb", 2026, frames, {"title": '"试验区"'})
    findings = Findings()
    project = load_project(folder, findings)
    assert project is not None
    library = load_indicators(project.project.indicators, folder, findings)
    known = know_before(project, library, lambda *_: None)
    assert known.last_year["water_supply"].rows(named=True) == [{"unit": "310199", "daily_supply": 87.28}]
    assert known.files["water_supply"] == "results.duckdb"


def test_the_command_tells_what_to_do_next_in_chinese(last: Path, tmp_path: Path) -> None:
    said = told("init", tmp_path / "明年", "--from", last, columns=200)
    for part in (
        "带过来的",
        "要重新收的输入",
        "请核对：",
        "接下来：",
        "原代码",
        "tijian forms",
        "与上年相比",
    ):
        assert part in said, part


def test_it_says_of_every_kind_of_file_why_it_came_along_or_has_to_come_anew(
    last: Path, tmp_path: Path
) -> None:
    lines = told("init", tmp_path / "明年", "--from", last, columns=240).splitlines()
    carried = lines[: next(n for n, line in enumerate(lines) if line.startswith("要重新收的输入"))]
    for files, why in (
        ("tijian.toml", "年份改为 2027"), ("单元名录.csv、inputs/2027/边界.dbf、inputs/2027/边界.shp", "单元和边界"), ("项目库.xlsx", "可选的项目"),
        ("corrections.toml", "只作注释"), ("indicators/本区.toml、indicators/本区指标.toml", "本区自己的指标"),
    ):  # fmt: skip
        assert any(line.startswith(f"  {files}：") and why in line for line in carried), files
    (layer,) = [line for line in lines if line.startswith("  图层：")]
    assert "没有变的，把上年的文件复制到" in layer
    assert any("mine" in line and "图层" in line for line in lines)
    (units,) = [line for line in lines if "单元的边界说的是单元本身" in line]
    assert lines.index(units) > lines.index(layer)


def test_a_folder_with_something_in_it_is_refused_and_left_alone(last: Path, tmp_path: Path) -> None:
    (tmp_path / "有").write_text("x", encoding="utf-8")
    assert "目录不是空的" in refused(3, "init", tmp_path, "--from", last)
    assert set(files_of(tmp_path)) == {"有"}


def test_a_folder_inside_last_years_is_refused(last: Path) -> None:
    with pytest.raises(NextYearError, match="不能放在上年目录里面"):
        begin_year(last / "明年", last)
    assert not (last / "明年").exists()


def test_a_source_that_is_no_project_or_has_a_fault_is_refused_with_the_fault(tmp_path: Path) -> None:
    (tmp_path / "空").mkdir()
    done = call("init", tmp_path / "新", "--from", tmp_path / "空")
    assert done.returncode == 1
    assert "P001" in done.stdout
    told("init", tmp_path / "旧")
    setting(tmp_path / "旧", 'scale = "anchors"', 'scale = "anchor"')
    done = call("init", tmp_path / "新", "--from", tmp_path / "旧")
    assert done.returncode == 1
    assert "scoring.scale" in done.stdout
    assert not (tmp_path / "新").exists()


@pytest.mark.parametrize(
    "text",
    [
        'project = { name = "某区", year = 2026 }\n',
        'project.year = 2026\nproject.name = "某区"\n',
        '[project]\nname = """\nyear = 2026\n"""\nyear=2_026\n',
        '[project]\nname = """\nyear = 2026\n"""\nyear = 2026\n',
    ],
)
def test_a_year_that_does_not_stand_plainly_is_not_guessed_at(text: str) -> None:
    with pytest.raises(NextYearError, match="没有单独成行的 year = 2026"):
        with_next_year(text, 2026)


def test_only_the_projects_own_year_is_changed_whatever_the_ends_of_lines() -> None:
    text = '\ufeff# year = 2026\r\n[ project ] # 体检\r\n  year  =  2026   # 今年\r\nname = "2026"\r\n[x]\r\nyear = 2026\r\n'
    assert with_next_year(text, 2026) == text.replace("year  =  2026", "year  =  2027")
