"""The two READMEs say what the command line does: every command, every exit code, no command that is not there."""

import re
from pathlib import Path
from typing import get_args

import pytest
import typer.main
from tijian import cli
from tijian.reports.terminal.options import Stage

from .sample_tables import ROOT

COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
READMES = ("README.md", "README.zh-CN.md")


@pytest.fixture(params=READMES)
def text(request: pytest.FixtureRequest, root: Path) -> str:
    return (root / request.param).read_text(encoding="utf-8")


def test_every_command_is_told_and_no_other(text: str) -> None:
    assert set(re.findall(r"\btijian ([a-z]+(?:-[a-z]+)*)", text)) == set(COMMANDS)


def test_every_option_named_exists(text: str) -> None:
    known = {
        option for command in COMMANDS.values() for parameter in command.params for option in parameter.opts
    }
    assert set(re.findall(r"`(--[a-z-]+)", text)) <= known | {"--help"}


def test_every_stage_a_run_may_stop_at_is_told(text: str) -> None:
    assert [s for s in get_args(Stage) if f"`{s}`" not in text and s != "store"] == []


def test_every_exit_code_is_told(text: str) -> None:
    codes = {0, 130} | {code for name, code in vars(cli).items() if name.startswith("EXIT_")}
    told = re.findall(r"^\| (\d+) \|", text, re.MULTILINE) or re.findall(
        r"`(\d+)`", text[text.index("**Exit codes**") :].split("\n\n", maxsplit=1)[0]
    )
    assert set(map(int, told)) == codes


def test_every_make_target_named_exists(text: str, root: Path) -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony is not None
    assert set(re.findall(r"\bmake ([a-z]+)", text)) <= set(phony[1].split())


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_numbers_of_indicators_are_those_of_the_sets(readme: str) -> None:
    told = dict(
        re.findall(r"^\| `([\w-]+)` \| .+ \| (\d+) \|$", (ROOT / readme).read_text(encoding="utf-8"), re.M)
    )
    defined = {}
    for name in told:
        texts = [p.read_text(encoding="utf-8") for p in (ROOT / "indicators" / name).glob("*.toml")]
        defined[name] = sum(len(re.findall(r"^\[\[indicator\]\]", text, re.M)) for text in texts)
    assert {name: int(n) for name, n in told.items()} == defined
    assert set(told) == {p.parent.name for p in (ROOT / "indicators").glob("*/system.toml")} - {"forms"}
