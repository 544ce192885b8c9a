"""Forms of several sets laid over one another, and mistakes in entries that are no indicators, told with both files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tijian.engine.findings import Findings
from tijian.engine.settings.forms import complete_inputs
from tijian.engine.settings.project import Input, load_project
from tijian.indicators.layers import ENTRIES
from tijian.indicators.loader import load_indicators

from .cli_project import call, refused
from .layering_sets import FORM, SOURCE, borrow, codes, indicator, laid, load, project, system

ENTRY_FILES = sorted((Path(__file__).parent / "cases" / "broken" / "entries").glob("*.toml"))

# ---- forms ----------------------------------------------------------------------------------------

FORMS = {
    "one/system": system("one", "出行"),
    "one/a": indicator("XX-01"),
    "one/forms": FORM.format(title="电车填报表"),
    "two/system": system("two"),
}
HEAD = FORM.format(title="电车填报表").split("\n  [[form.item]]")[0]


def item(name: str, label: str, kind: str = "integer") -> str:
    """One ``[[form.item]]``."""
    return f'\n  [[form.item]]\n  name = "{name}"\n  label = "{label}"\n  type = "{kind}"\n'


def test_a_later_set_adds_items_to_the_form_of_an_earlier_one(tmp_path: Path) -> None:
    library, findings = load(
        tmp_path, FORMS | {"two/forms": HEAD + item("trams_old", "电车 超龄")}, "one", "two"
    )
    assert findings == []
    assert [i.name for i in library.forms["trams"].item] == ["trams", "trams_good", "trams_old"]


def test_the_same_item_said_twice_alike_is_no_clash(tmp_path: Path) -> None:
    library, findings = load(tmp_path, FORMS | {"two/forms": HEAD + item("trams", "电车 总数")}, "one", "two")
    assert findings == []
    assert len(library.forms["trams"].item) == 2


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        (HEAD + item("trams", "电车 总数", "number"), "item.trams", "trams = 电车 总数"),
        (HEAD + item("trams", "电车 数量"), "item.trams", "trams = 电车 总数"),
        (HEAD + item("tramcars", "电车 总数"), "item.tramcars", "trams = 电车 总数"),
        (HEAD.replace("电车填报表", "有轨电车表"), "title", "电车填报表"),
        (HEAD.replace('"town"', '"community"'), "level", "town"),
    ],
    ids=["another type", "another header", "a header in use", "another title", "another level"],
)
def test_forms_that_say_different_things_name_both_files(
    tmp_path: Path, text: str, column: str, expected: str
) -> None:
    library, (finding,) = load(tmp_path, FORMS | {"two/forms": text}, "one", "two")
    assert (finding.code, finding.place.file, finding.place.column) == (
        "I015",
        "indicators/two/forms.toml",
        column,
    )
    assert "indicators/one/forms.toml" in finding.message
    assert finding.expected == expected
    assert library.forms["trams"].title == "电车填报表", "the earlier form stands"


def test_questions_that_differ_name_both_files(tmp_path: Path) -> None:
    ask = '[[question]]\nid = "Q90"\nblock = "城市"\ntext = "{}"\n'
    files = FORMS | {"one/q": ask.format("有轨电车"), "two/q": ask.format("电车")}
    library, (finding,) = load(tmp_path, files, "one", "two")
    assert (finding.code, finding.place.file, finding.expected) == (
        "I015",
        "indicators/two/q.toml",
        "有轨电车",
    )
    assert "indicators/one/q.toml" in finding.message
    assert [q.text for q in library.questions] == ["有轨电车"]


def test_the_command_refuses_forms_that_clash(tmp_path: Path) -> None:
    clash = HEAD.replace("电车填报表", "有轨电车表")
    laid(project(tmp_path, "one", "two"), FORMS | {"two/forms": clash})
    done = call("indicators", cwd=tmp_path, columns=200)
    assert done.returncode == 1
    assert "I015" in done.stdout
    assert "indicators/two/forms.toml" in done.stdout
    assert "indicators/one/forms.toml" in done.stdout


def test_an_input_named_in_one_line_is_completed_from_the_borrowed_form(tmp_path: Path) -> None:
    laid(project(tmp_path, "taker"), SOURCE | {"taker/a": borrow("source", "XX-01")})
    with (tmp_path / "tijian.toml").open("a", encoding="utf-8") as file:
        file.write("\n[inputs.trams]\n")
    findings = Findings()
    loaded = load_project(tmp_path, findings)
    assert loaded is not None
    library = load_indicators(loaded.project.indicators, tmp_path, findings, inputs=tuple(loaded.inputs))
    completed: Input = complete_inputs(loaded, library, findings).inputs["trams"]
    assert findings.rows == []
    assert (completed.kind, completed.title) == ("figures", "电车填报表")
    assert completed.columns == {"trams": "电车 总数", "trams_good": "电车 达标"}


# ---- mistakes in entries that are no indicators ---------------------------------------------------


@pytest.mark.parametrize("path", ENTRY_FILES, ids=lambda p: p.stem)
def test_a_broken_entry_is_told_of_in_words_its_author_can_use(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    code, field, words, expected = (part.strip() for part in text.splitlines()[0].lstrip("# ").split("|"))
    base = {"base/system": system("base", "出行"), "base/a": indicator("XX-01")}
    library, findings = load(tmp_path, base | {"case": text}, "base")
    assert [f.code for f in findings] == [code], [f.message for f in findings]
    (finding,) = findings
    assert (finding.place.file, finding.place.column) == ("indicators/case.toml", field)
    assert words in finding.message
    assert expected in finding.expected
    (table,) = tomllib.loads(text)
    assert finding.place.sheet.startswith(f"{ENTRIES[table][0]} ")
    assert codes(library) == ["XX-01"], "what is right is still loaded"


def test_the_command_tells_a_broken_form_with_its_file(tmp_path: Path) -> None:
    broken = next(p for p in ENTRY_FILES if p.stem == "form_without_level").read_text(encoding="utf-8")
    laid(project(tmp_path, "base"), {"base/system": system("base", "出行"), "本区表": broken})
    assert "indicators/本区表.toml" in call("indicators", cwd=tmp_path, columns=200).stdout
    refused(1, "run", "-q", cwd=tmp_path)
