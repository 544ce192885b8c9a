"""What contributors are told is so: every path named exists, every dependency is accounted for, the hooks can run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tijian.engine.findings import catalogue

PAGES = ("CONTRIBUTING.md", "docs/architecture.md")
# what a fresh checkout has not yet, and what the walked-through change would make
ROOMS = ("engine", "indicators", "data", "reports")
NOT_THERE = {"results.duckdb", "tests/cases/broken/override_that_changes_nothing.toml", "/tmp/x"}
IN_WORDS = {"ibis-framework": "Ibis"}  # a library that decisions.md calls by another name


def paths_named(text: str) -> set[str]:
    """What stands between backticks, or after a prompt, and looks like a path of the checkout."""
    named = set()
    for quoted in re.findall(r"`([^`\n]+)`", text):
        words = quoted.split()
        named |= {
            w
            for w in words
            if re.fullmatch(r"[\w.<>*/-]+", w) and re.search(r"/|\.(py|toml|md|css|html)$", w)
        }
    return named


@pytest.mark.parametrize("page", PAGES)
def test_every_path_named_exists(page: str, root: Path) -> None:
    named = paths_named((root / page).read_text(encoding="utf-8"))
    assert len(named) > 15
    missing = [
        path
        for path in sorted(named - NOT_THERE)
        if not path.startswith(".venv/") and not any(root.glob(path.replace("<set>", "*").rstrip("/")))
    ]
    # a name alone is that of a neighbour of the path before it, or of a file that several folders have
    lone = {p for p in missing if "/" not in p and any(any(root.glob(f"{room}/**/{p}")) for room in ROOMS)}
    assert sorted(set(missing) - lone) == []


def test_every_function_that_the_guide_names_is_there(root: Path) -> None:
    """Names in backticks, followed or preceded by the file that holds them in the same sentence."""
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    source = "\n".join(
        p.read_text(encoding="utf-8")
        for room in ("engine", "reports", "indicators", "data", "tests", "cli.py")
        for p in ([root / room] if room.endswith(".py") else (root / room).rglob("*.py"))
    )
    names = {n for n in re.findall(r"`([A-Za-z_]{4,})`", text) if "_" in n or n[0].isupper()}
    assert len(names) > 25
    assert sorted(n for n in names if not re.search(rf"\b{n}\b", source)) == []


def test_every_dependency_has_its_reason(root: Path) -> None:
    """In bold, in the paragraph that says why."""
    bold = re.findall(r"\*\*(.+?)\*\*", (root / "docs" / "decisions.md").read_text(encoding="utf-8"), re.S)
    said = " ".join(bold).lower()
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {
        *project["dependencies"],
        *(need for extra in project["optional-dependencies"].values() for need in extra),
    }
    for path in sorted((root / "requirements").glob("*.in")):
        lines = path.read_text(encoding="utf-8").splitlines()
        asked |= {line for line in lines if line and not line.startswith(("#", "-"))}
    names = {canonicalize_name(Requirement(line).name) for line in asked}
    assert len(names) > 25
    unsaid = [
        n
        for n in sorted(names)
        if not re.search(rf"(?<![\w./-]){re.escape(IN_WORDS.get(n, n).lower())}(?![\w./-])", said)
    ]
    assert unsaid == []


def test_the_hooks_fetch_nothing_and_run_what_the_checkout_has(root: Path) -> None:
    text = (root / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^\s*- repo: (.+)$", text, re.M) == ["local"]
    assert set(re.findall(r"^\s*language: (.+)$", text, re.M)) == {"system"}
    targets = re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M)
    pinned = (root / "requirements" / "dev.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^\s*entry: (.+)$", text, re.M)
    assert len(entries) == text.count("- id:") == 3
    for entry in entries:
        program, *words = entry.split()
        if program == "make":
            assert words[-1] in targets
        else:
            assert re.search(rf"^{Path(program).name}==", pinned, re.M)


def test_the_change_that_is_walked_through_fits_the_code_as_it_is(root: Path) -> None:
    """Its code is the next one that is free, or, where somebody tries it, what it makes is what is told."""
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    entry = next(
        tomllib.loads(re.sub(r"^   ", "", block, flags=re.M))
        for block in re.findall(r"```toml\n(.+?)```", text, re.S)
        if "remedy" in block
    )
    (code,) = entry
    made = catalogue().get(code)
    if made is None:
        assert set(entry[code]) == {"level", "title", "message", "cause", "remedy"}
        assert int(max(c for c in catalogue() if c[0] == code[0])[1:]) + 1 == int(code[1:])
    else:
        assert {name: getattr(made, name) for name in entry[code]} == entry[code]
    laying = (root / "indicators" / "laying.py").read_text(encoding="utf-8")
    assert re.search(
        r"told, before = .+\n(.+\n){1,10}        else:\n(.+\n){0,3}            draft\.origin", laying
    )


def test_every_template_for_faults_and_wishes_has_its_head(root: Path) -> None:
    """Name and description between the dashes: forges show a template by these."""
    found = sorted((root / ".github" / "ISSUE_TEMPLATE").glob("*.md"))
    assert len(found) == 2
    for path in found:
        assert re.match(r"---\nname: \S.*\nabout: \S.*\n", path.read_text(encoding="utf-8")), path
    assert (root / ".github" / "PULL_REQUEST_TEMPLATE.md").is_file()
