"""Every command that the READMEs and the manual tell works: run as written, chapter by chapter, on the sample.

A chapter begins in an empty folder in which 演示 (the sample, both years run) and 松江区-2026 (as `tijian init` leaves it) lie.
Commands stand in blocks `sh`, one a line. One that is meant to fail says so in its comment: 退出码 1.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import typer.main
from tijian import cli
from tijian.engine.results import Results
from tijian.reports.build import Job, plan
from tijian.reports.manual.book import CONTENTS
from tijian.reports.manual.markdown import fences, inline_codes, read_chapter
from tijian.reports.terminal import lists, reports

from .cli_project import call, finished_sample, told
from .sample_tables import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs" / "manual").glob("*.md"))]
SAMPLE, NEW = "演示", "松江区-2026"
COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
OF_ALL = {option for parameter in typer.main.get_command(cli.app).params for option in parameter.opts} | {
    "--help",
    "-h",
}
SHOWING = {"check", "compare", "explain", "gains", "help-finding", "indicators", "manual", "robust", "sites", "targets", "types",
           "weights"}  # fmt: skip
BESIDE = {"mkdir", "cp", "mv", "rm", "ls"}  # what else a block may hold


def blocks_of(document: Path, *kinds: str) -> Iterator[str]:
    chapter = read_chapter(document.name, document.read_text(encoding="utf-8"))
    yield from (text for kind, text in fences(chapter) if kind in kinds)


def lines_of(document: Path, *kinds: str) -> list[str]:
    lines = [line.strip() for text in blocks_of(document, *kinds) for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@dataclass
class Desk:
    """Where a chapter's commands are typed; what only shows something is shown once, however often it is told."""

    folder: Path
    shown: set[str] = field(default_factory=set)
    at: Path = Path()

    def lay(self) -> None:
        """As a chapter finds it; the sample stays as it is, with what was printed of it."""
        for there in self.folder.iterdir():
            if there.name != SAMPLE:
                shutil.rmtree(there) if there.is_dir() else there.unlink()
        told("init", NEW, cwd=self.folder)
        self.at = self.folder

    def type(self, line: str) -> str:
        """What is wrong with what came of a line; nothing where it did what it should."""
        words = shlex.split(line, comments=True)
        if words[0] == "cd":
            self.at = (self.at / words[1]).resolve()
            return "" if self.at.is_dir() else "no such folder"
        if words[0] in BESIDE:
            done = subprocess.run(words, cwd=self.at, capture_output=True, text=True, check=False)
            return done.stderr
        if words[0] != "tijian":
            return "not a command of ours: it belongs in a block `console`"
        if words[1:3] == ["sample", SAMPLE]:  # it was, and it takes its time
            return wrong_with(words)
        if words[1:3] == ["init", NEW] and self.at == self.folder:
            shutil.rmtree(self.folder / NEW, ignore_errors=True)
        if words[1] in SHOWING and line in self.shown:
            return ""
        self.shown.add(line)
        done = call(*words[1:], cwd=self.at)
        wanted = re.search(r"#.*退出码 ?(\d)", line)
        allowed = {int(wanted[1])} if wanted else {0}
        return (
            ""
            if done.returncode in allowed
            else f"exit code {done.returncode}\n{done.stdout[-600:]}{done.stderr[-600:]}"
        )


def one_report(*args: object) -> list[Job]:
    """The first of the reports asked for: that all of them can be printed is for other tests to show."""
    return plan(*args)[:1]


def one_workbook(results: Results, out: Path, _progress: object) -> list[Path]:
    """The district's workbook of all there are, as with reports."""
    return [lists.write_lists(results, out, unit=None, department=None)]


def test_every_command_of_the_documents_does_what_it_says(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "plan", one_report)
    monkeypatch.setattr(lists, "write_all_lists", one_workbook)
    desk = Desk(tmp_path_factory.mktemp("手册"))
    shutil.copytree(finished_sample(tmp_path_factory), desk.folder / SAMPLE)
    wrong = []
    for document in DOCUMENTS:
        lines = lines_of(document, "sh")
        if lines:
            desk.lay()
        wrong += [f"{document.name}: {line}\n{fault}" for line in lines if (fault := desk.type(line))]
    assert not wrong, "\n\n".join(wrong)


def wrong_with(words: list[str]) -> str:
    """What of a command as told is not there: the command itself, or an option of it."""
    if len(words) < 2 or words[1] in OF_ALL:
        return ""
    if words[1] not in COMMANDS:
        return "no such command" if re.fullmatch(r"[a-z-]+", words[1]) else ""
    known = {option for parameter in COMMANDS[words[1]].params for option in parameter.opts} | OF_ALL
    typed = {word.split("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)}
    return "、".join(sorted(typed - known))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_is_only_mentioned_exists_with_its_options(document: Path) -> None:
    chapter = read_chapter(document.name, document.read_text(encoding="utf-8"))
    mentioned = [*inline_codes(chapter), *lines_of(document, "console", "text", "sh")]
    commands = [text for text in mentioned if text.startswith("tijian ")]
    offences = [f"{text}: {fault}" for text in commands if (fault := wrong_with(text.split("#")[0].split()))]
    assert offences == []


def test_blocks_say_what_they_hold() -> None:
    offences = [
        f"{document.name}: {text[:40]}"
        for document in DOCUMENTS
        for text in [*blocks_of(document, "", "bash", "shell")]
    ]
    assert offences == []


def test_the_manual_has_its_chapters_and_the_contents_name_them_all() -> None:
    folder = ROOT / "docs" / "manual"
    contents = (folder / CONTENTS).read_text(encoding="utf-8")
    chapters = sorted(path.name for path in folder.glob("*.md") if path.name != CONTENTS)
    assert re.findall(r"\]\((\d\d-[a-z]+\.md)\)", contents) == chapters
