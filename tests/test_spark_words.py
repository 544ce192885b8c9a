"""What an indicator says, said for Spark: every shipped definition, and what is refused with a sentence, before anything runs.

sqlglot, which turns the dialects into each other, is no part of the environment the tests run in: what it says of all pieces is
asked once, of a process that finds it in ``build/spark``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tijian.indicators.model import Indicator

from .cli_project import COMMAND
from .data_set_project import INDICATOR, write_project
from .spark_questions import (
    OF_A_ROW,
    OF_MANY_ROWS,
    ON_DATA_SETS,
    QUERY,
    REFUSED,
    TRANSLATED,
    WRONG_IN_BOTH,
)

pytestmark = pytest.mark.slow

#: SH-06 turns the columns of a questionnaire into rows; a questionnaire is never a data set.
ONLY_HERE = {"SH-06": "pivot"}
ASK = """
import json, sys
from tests.spark_questions import KINDS, PROJECT, TRANSLATED
from tijian.engine.spark.kinds import OF_TYPE, OWN
from tijian.engine.spark.objections import objections_to, why_not
kinds = {column: OF_TYPE[kind] for column, kind in KINDS.items()} | OWN
print(json.dumps({
    "shipped": {i.code: list(objections_to(i.measure, PROJECT.inputs)) for i in TRANSLATED},
    "pieces": {sql: why_not(sql if "select" in sql else f"SELECT ({sql})", kinds) for sql in json.load(sys.stdin)},
}))
"""


@dataclass(frozen=True)
class Said:
    """Objections to each shipped definition, by its code, and to pieces of SQL: None where there is none."""

    shipped: dict[str, list[str]]
    pieces: dict[str, str | None]


@pytest.fixture(scope="module")
def said(root: Path) -> Said:
    asked = json.dumps([*OF_A_ROW, *OF_MANY_ROWS, *WRONG_IN_BOTH, QUERY, *REFUSED])
    done = subprocess.run(
        [sys.executable, "-c", ASK], input=asked, cwd=root, env=with_spark(root), text=True, capture_output=True, check=True
    )  # fmt: skip
    return Said(**json.loads(done.stdout))


def with_spark(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root / "build/spark")}


@pytest.mark.parametrize("indicator", TRANSLATED, ids=lambda i: i.code)
def test_a_shipped_definition_is_said_in_sparks_sql(said: Said, indicator: Indicator) -> None:
    why = said.shipped[indicator.code]
    if indicator.code in ONLY_HERE:
        assert ONLY_HERE[indicator.code] in why[0]
    else:
        assert why == []


def test_the_page_says_how_many_definitions_translate_and_were_run(said: Said, root: Path) -> None:
    page = (root / "docs/scale.md").read_text(encoding="utf-8")
    numbers = re.search(
        r"Of the (\d+) definitions .*? (\d+) translate.*?the (\d+) whose inputs are records", page, re.DOTALL
    )
    assert numbers is not None
    translating = sum(not why for why in said.shipped.values())
    assert [int(n) for n in numbers.groups()] == [len(TRANSLATED), translating, len(ON_DATA_SETS)]


def test_what_was_held_to_both_engines_is_not_refused(said: Said) -> None:
    asked = (*OF_A_ROW, *OF_MANY_ROWS, *WRONG_IN_BOTH, QUERY)
    assert {sql: said.pieces[sql] for sql in asked if said.pieces[sql] is not None} == {}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_would_differ_is_refused_in_chinese(said: Said, sql: str) -> None:
    why = said.pieces[sql]
    assert why is not None
    assert re.search("[\u4e00-\u9fff]{2}", why), why


# ---- told at once, before Spark is started ---------------------------------------------------------------

#: What stands beside the first line of the message.
BESIDE = "6这些指标的输入改用表格，改写计算式，或不用--enginespark"

CANNOT = {
    "KJ-01": ("房屋覆盖率", 'method = "coverage"\n  demand = "houses"\n  supply = "houses"\n  radius_m = 500', "coverage"),
    "KJ-02": ("房屋密度", 'method = "density"\n  of = "houses"\n  what = "number"', "density"),
    "WJ-01": ("房屋满意度", 'method = "survey"\n  of = "houses"\n  question = "Q1"', "survey"),
    "SB-01": ("房屋上报率", 'method = "reported"\n  of = "houses"\n  item = "房屋率"', "reported"),
    "RA-11": ("最多的年代", 'method = "ratio"\n  of = "houses"\n  numerator = "mode(built)"\n  where = "area > 0"', "mode"),
    "CO-11": ("面积尾数", 'method = "ratio"\n  of = "houses"\n  numerator = "count(*) filter (where area % 2 = 1)"', "%"),
}  # fmt: skip


def test_all_that_cannot_be_computed_there_is_told_in_one_sentence_before_spark_starts(
    root: Path, tmp_path: Path
) -> None:
    folder = write_project(tmp_path / "项目", parquet=True)
    with (folder / "indicators/own/指标.toml").open("a", encoding="utf-8") as file:
        file.writelines(
            INDICATOR.format(code=code, name=name, unit="%", direction="higher", measure=text)
            for code, (name, text, _) in CANNOT.items()
        )
    done = subprocess.run(
        [COMMAND, "run", "-q", "-p", folder, "--engine", "spark", "--master", "spark://127.0.0.1:1"],
        env={**with_spark(root), "COLUMNS": "140"}, text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    said = re.sub(r"\s+", "", done.stdout + done.stderr).replace(BESIDE, "")
    assert said.count("不能在Spark上算：") == 1, said
    assert f"{len(CANNOT)}项指标" in said
    for code, (name, _, why) in CANNOT.items():
        assert re.search(rf"{code}{name}（[^（）]*{re.escape(why)}", said), (code, said)
    assert "RA-01" not in said  # what can is not named
    assert not (folder / "results.duckdb").exists()
