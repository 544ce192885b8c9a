"""What is made from the definitions cannot fall behind them: reference pages, the editor's schema, the printed manual."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tijian.data.template import write_template
from tijian.engine.findings import Findings
from tijian.indicators.loader import Library, load_indicators
from tijian.indicators.schema import file_schema
from tijian.reports.content.handbook import handbook_report
from tijian.reports.indicator_pages import indicator_pages
from tijian.reports.pdf.render import print_report

from .results_fixture import CUTS
from .sample_tables import ROOT

SETS = ("national-2025", "national-2022", "songjiang", "shanghai")
SHIPPED = sorted(p for name in (*SETS, "forms") for p in (ROOT / "indicators" / name).glob("*.toml"))


def generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "scripts" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, str] = module.generated()
    return made


@pytest.fixture(scope="module")
def library() -> Library:
    return load_indicators(SETS[:3], Path("/nonexistent"), Findings())


def test_the_generated_pages_are_those_in_the_checkout() -> None:
    """To renew them: `make docs`."""
    made = generated()
    stale = [
        n
        for n, text in made.items()
        if not (ROOT / n).is_file() or (ROOT / n).read_text(encoding="utf-8") != text
    ]
    assert stale == []
    there = {f"docs/indicators/{p.name}" for p in (ROOT / "docs" / "indicators").glob("*.md")}
    assert there <= set(made), "a page without an indicator"


def test_there_is_a_page_for_every_indicator_and_the_index_leads_to_it(library: Library) -> None:
    pages = indicator_pages(library, 2026)
    assert set(pages) == {f"{i.code}.md" for i in library.indicators} | {"README.md"}
    assert set(re.findall(r"\]\((\S+\.md)\)", pages["README.md"])) == set(pages) - {"README.md"}


def test_a_page_tells_what_the_definition_tells(library: Library) -> None:
    pages = indicator_pages(library, 2026)
    for indicator in library.indicators:
        page = pages[f"{indicator.code}.md"]
        told = " ".join(indicator.definition.split()).replace("|", "\\|")
        assert told in page, indicator.code
        for standard in indicator.standard:
            assert standard.source.replace("|", "\\|") in page, indicator.code
        for parameter in indicator.parameter:
            assert all(option.says in page for option in parameter.option), indicator.code


def keys_of(value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """The keys of a TOML value that a schema does not know, as paths."""
    if "$ref" in schema:
        return keys_of(value, definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "discriminator" in schema:
        chosen = schema["discriminator"]["mapping"][value["method"]]
        return keys_of(value, {"$ref": chosen}, definitions)
    if "anyOf" in schema:
        return min((keys_of(value, option, definitions) for option in schema["anyOf"]), key=len)
    if isinstance(value, list):
        return [k for v in value for k in keys_of(v, schema.get("items", {}), definitions)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    return [
        found
        for key, part in value.items()
        for found in (
            keys_of(part, schema["properties"][key], definitions) if key in schema["properties"] else [key]
        )
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_schema_knows_every_key_of_the_shipped_files(path: Path) -> None:
    if path.name == "system.toml":
        pytest.skip("the schema is about indicator files")
    schema = file_schema()
    assert keys_of(tomllib.loads(path.read_text(encoding="utf-8")), schema, schema["$defs"]) == []


def test_the_schema_refuses_keys_nobody_knows_and_says_what_each_one_means() -> None:
    schema = file_schema()
    assert schema["additionalProperties"] is False
    assert keys_of({"indicator": [{"colour": "red"}]}, schema, schema["$defs"]) == ["colour"]
    for name in ("Indicator", "Form", "Question"):
        model = schema["$defs"][name]
        assert model["additionalProperties"] is False
        silent = [n for n, p in model["properties"].items() if "description" not in p]
        assert silent == []
    json.dumps(schema)


def test_the_manual_prints_every_indicator_once(library: Library) -> None:
    report = handbook_report(library, title="示例区", year=2026, synthetic="合成演示数据", version="0")
    parts = [part.title for section in report.sections for part in section.parts]
    assert [title.split(" ")[0] for title in parts] == [i.code for i in library.indicators]
    few = Library(
        library.systems, library.indicators[:3], library.origin, {}, library.dimension_names, library.forms, library.questions
    )  # fmt: skip
    small = handbook_report(few, title="示例区", year=2026, synthetic="合成演示数据", version="0")
    first, second = print_report(small, CUTS), print_report(small, CUTS)
    assert first.data == second.data
    assert first.pages >= 3


def test_the_examples_a_new_project_begins_with_are_right_once_uncommented(tmp_path: Path) -> None:
    write_template(tmp_path / "project")
    path = tmp_path / "project" / "indicators" / "本区指标.toml"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#:schema indicator.schema.json\n")
    assert json.loads((path.parent / "indicator.schema.json").read_text(encoding="utf-8")) == file_schema()
    assert tomllib.loads(text) == {}, "nothing is changed until somebody wants it"
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    examples = [line for line in lines if re.match(r"\s*(\[\[|\[|[a-z_]+ = )", line)]
    path.write_text("\n".join(examples), encoding="utf-8")
    findings = Findings()
    library = load_indicators(("national-2025", "national-2022"), tmp_path / "project", findings)
    assert [f.message for f in findings] == []
    assert {c.code for c in library.changes if c.layer == "本项目"} == {"JT-03", "JK-11", "JT-08", "BQ-01"}
    assert "benches" in library.forms
