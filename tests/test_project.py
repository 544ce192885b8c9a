"""tijian.toml: what is wrong with it is told in Chinese, all at once, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from tijian.engine.findings import Findings
from tijian.engine.settings.project import Project, load_project

HEAD = '[project]\nname = "示例区"\ndistrict = "990101"\nyear = 2026\n[units]\nfile = "units.csv"\n'


def told(folder: Path, text: str) -> list[tuple[str, str, str]]:
    (folder / "tijian.toml").write_text(text, encoding="utf-8")
    findings = Findings()
    load_project(folder, findings)
    return [(f.code, f.place.column, f.expected) for f in findings]


def test_a_right_file_says_nothing_and_years_can_be_changed(tmp_path: Path) -> None:
    assert told(tmp_path, HEAD) == []
    project = load_project(tmp_path, Findings())
    assert project is not None
    assert (project.year, project.for_year(2025).year, project.for_year(2025).out.name) == (
        2026,
        2025,
        "2025",
    )


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ('[scoring]\ndraws = "许多"\n', "scoring.draws", "整数"),
        ("[scoring]\nminimum_present = 1.5\n", "scoring.minimum_present", "不大于 1"),
        ("[scoring]\nperceived_share = 20\n", "scoring.perceived_share", "20% 写 0.2；不大于 1"),
        ('[scoring]\nminimum_present = "60%"\n', "scoring.minimum_present", "60% 写 0.6；数"),
        ('[scoring]\nscale = "z-score"\n', "scoring.scale", '是不是 "zscore"？可选：'),
        ('[scoring]\nweights_dimensions = "AHP"\n', "scoring.weights_dimensions", '是不是 "ahp"？可选：'),
        (
            '[scoring]\nscale = "z"\n',
            "scoring.scale",
            '"minmax"（按同级的最小值、最大值线性换算）、"zscore"（',
        ),
        (
            '[scoring]\ngrades = [["良", 80], ["优", 90]]\n',
            "scoring",
            "grades 的分数线应从高到低排列且不重复",
        ),
        ("[lists]\ntable = 3\n", "lists.table", "加引号的文字"),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(
    tmp_path: Path, line: str, column: str, expected: str
) -> None:
    ((code, told_at, right),) = told(tmp_path, HEAD + line)
    assert (code, told_at) == ("P003", column)
    assert right == expected or (expected.endswith(("：", "（")) and expected in right)


def test_an_unknown_key_lists_the_allowed_ones(tmp_path: Path) -> None:
    ((code, column, expected),) = told(tmp_path, HEAD + "[lists]\ntabel = 3\n")
    assert (code, column) == ("P003", "lists.tabel")
    assert "table" in expected
    assert "remedies" in expected


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    faults = told(tmp_path, HEAD.replace("2026", "1999") + '[scoring]\nscale = "z"\nextra = 1\n')
    assert [column for _, column, _ in faults] == ["project.year", "scoring.scale", "scoring.extra"]


def test_a_line_that_is_no_toml_is_shown(tmp_path: Path) -> None:
    (tmp_path / "tijian.toml").write_text(HEAD + "[lists]\ntable = “指标表”\n", encoding="utf-8")
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    (finding,) = findings.rows
    assert (finding.code, finding.place.row, finding.value) == ("P002", 8, "table = “指标表”")


def test_a_file_in_another_encoding_and_no_file_are_told(tmp_path: Path) -> None:
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    (tmp_path / "tijian.toml").write_bytes(HEAD.encode("gb18030"))
    assert load_project(tmp_path, findings) is None
    assert [f.code for f in findings] == ["P001", "P002"]
    assert "UTF-8" in findings.rows[1].message


def test_the_template_of_a_new_project_tells_of_every_section(root: Path) -> None:
    text = (root / "data" / "new_project" / "tijian.toml").read_text(encoding="utf-8")
    plain = {"root", "names", "corrections"}  # a file's name, not a section
    assert [name for name in Project.model_fields if name not in plain and f"[{name}" not in text] == []
