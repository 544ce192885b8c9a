"""What a form says is counted may change while its header stays: `tijian check` tells it, from the record of last year's run."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from .bad_input.small_project import Small, make
from .cli_project import told

FORM = """
[[form]]
input = "estates"
title = "小区情况"
kind = "figures"
of = "社区"
level = "community"
provider = "区房管局"
note = "含售后公房。"

  [[form.item]]
  name = "estates"
  label = "小区数（个）"
  type = "number"
  note = "不含别墅区"

  [[form.item]]
  name = "good"
  label = "达标小区数（个）"
  type = "number"
  note = "达到本市标准的"
"""


@pytest.fixture
def next_year(tmp_path: Path) -> Small:
    """A project that was run with the form as above and is now in its next year."""
    small = make(tmp_path / "项目")
    small.text("indicators/tiny/forms.toml", FORM)
    told("run", "-q", "-p", small.folder)
    small.settings("year = 2026", "year = 2027")
    return small


def since(small: Small) -> str:
    """The last part of what ``check`` says, without the ends of its lines."""
    said = told("check", "-q", "-p", small.folder, columns=300)
    return said.partition("与上年相比")[2]


def test_a_note_that_is_reworded_is_told_with_what_it_was(next_year: Small) -> None:
    assert "填报说明" not in since(next_year)
    next_year.replace("indicators/tiny/forms.toml", "不含别墅区", "含别墅区")
    next_year.replace("indicators/tiny/forms.toml", "含售后公房。", "含售后公房、商品房。")
    said = since(next_year)
    assert "小区情况（estates）" in said
    assert "“小区数（个）”的填报说明由“不含别墅区”改为“含别墅区”" in said
    assert "填报范围与要求由“含售后公房。”改为“含售后公房、商品房。”" in said
    assert "达标小区数" not in said


def test_of_a_year_whose_record_does_not_say_it_nothing_is_told(next_year: Small) -> None:
    with duckdb.connect(str(next_year.path("results.duckdb"))) as file:
        ((text,),) = file.execute("SELECT record FROM runs WHERE year = 2026").fetchall()
        record = json.loads(text)
        assert record.pop("forms")["estates"]["estates"] == "不含别墅区"
        file.execute("UPDATE runs SET record = ?", [json.dumps(record, ensure_ascii=False)])
    next_year.replace("indicators/tiny/forms.toml", "不含别墅区", "含别墅区")
    assert "填报说明" not in since(next_year)
