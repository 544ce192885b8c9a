"""`make release`: what is handed over repeats byte for byte and knows what it was built from; what a release is refused for."""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from .sample_tables import ROOT
from .test_packaging import run, shipped_files

sys.path.insert(0, str(ROOT / "scripts"))
import distributions
import release

FACTS = "tijian/_build_facts.toml"
WRITTEN = """# Changes

What versions mean.

## Unreleased

- A new thing.

## 0.1.0 (2026-01-05)

- The first version.
"""


# ── the change log ────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_unreleased_becomes_the_version_with_its_date() -> None:
    assert release.released(WRITTEN, "0.2.0", "2026-11-26", ["not looked at"]) == (
        "# Changes\n\nWhat versions mean.\n\n## Unreleased\n\n## 0.2.0 (2026-11-26)\n\n- A new thing.\n\n"
        "## 0.1.0 (2026-01-05)\n\n- The first version.\n"
    )


def test_where_nothing_was_written_the_subjects_of_the_commits_are_the_draft() -> None:
    text = release.released(WRITTEN.replace("- A new thing.\n\n", ""), "0.2.0", "2026-11-26", ["One", "Two"])
    assert "## 0.2.0 (2026-11-26)\n\n- One\n- Two\n\n## 0.1.0" in text


def test_a_version_that_was_being_written_is_completed_and_dated() -> None:
    text = release.released(WRITTEN.replace(" (2026-01-05)", ""), "0.1.0", "2026-11-26", [])
    assert "## Unreleased\n\n## 0.1.0 (2026-11-26)\n\n- The first version.\n- A new thing.\n" in text


def test_a_version_is_released_once() -> None:
    with pytest.raises(ValueError, match=r"已经有 0\.1\.0"):
        release.released(WRITTEN, "0.1.0", "2026-11-26", [])


def test_a_release_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="没有任何改动"):
        release.released("# Changes\n", "0.2.0", "2026-11-26", [])


# ── what must agree ───────────────────────────────────────────────────────────────────────────────────────

AGREED = {
    "pyproject.toml": 'version = "0.2.0"\n',
    "__init__.py": '__version__ = "0.2.0"\n',
    "CHANGELOG.md": "# Changes\n\n## Unreleased\n\n## 0.2.0 (2026-11-26)\n\n- A new thing.\n",
}


def test_a_commit_where_all_agrees_can_be_released() -> None:
    assert release.disagreements("0.2.0", AGREED, "", "", "abc") == []
    assert release.disagreements("0.2.0", AGREED, "", "abc", "abc") == []


@pytest.mark.parametrize(
    ("texts", "changed", "tagged", "told"),
    [
        ({}, " M cli.py", "", "没提交的改动"),
        ({"__init__.py": '__version__ = "0.1.0"\n'}, "", "", "__init__.py 里的版本是 0.1.0，应是 0.2.0"),
        ({"CHANGELOG.md": AGREED["CHANGELOG.md"].replace(" (2026-11-26)", "")}, "", "", "没有日期"),
        ({"CHANGELOG.md": WRITTEN.replace("0.1.0", "0.2.0")}, "", "", "Unreleased 里还有内容"),
        ({}, "", "def", "标签 v0.2.0 已经有了"),
    ],
)
def test_each_disagreement_is_told(texts: dict[str, str], changed: str, tagged: str, told: str) -> None:
    (found,) = release.disagreements("0.2.0", AGREED | texts, changed, tagged, "abc")
    assert told in found


def test_a_version_is_prepared_in_a_clone_and_refused_until_it_is_committed(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", "--no-tags", ROOT, clone, cwd=tmp_path)
    run(sys.executable, "scripts/release.py", "prepare", "99.0.1", cwd=clone)
    assert '__version__ = "99.0.1"' in (clone / "__init__.py").read_text(encoding="utf-8")
    date = run(
        "git", "log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%d", cwd=clone, TZ="UTC"
    ).strip()
    assert f"\n## 99.0.1 ({date})\n" in (clone / "CHANGELOG.md").read_text(encoding="utf-8")
    refused = subprocess.run(
        [sys.executable, "scripts/release.py", "build"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "有没提交的改动" in refused.stderr
    assert not (clone / "dist").exists()


# ── what is handed over ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_two_builds_of_a_commit_give_the_same_bytes_that_tell_the_commit_and_install(tmp_path: Path) -> None:
    """One test for all of it: each build takes seconds, and the work may be spread over processes."""
    built = distributions.commit()
    sdist, wheel = distributions.build(built, tmp_path / "first")
    again = distributions.build(built, tmp_path / "second")
    assert [distributions.sha256(path) for path in again] == [distributions.sha256(p) for p in (sdist, wheel)]
    assert not (ROOT / "_build_facts.toml").exists()

    with zipfile.ZipFile(wheel) as archive:
        facts = tomllib.loads(archive.read(FACTS).decode())
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert facts == {"version": built.version, "commit": built.name, "date": built.date}
    committed = set(run("git", "ls-tree", "-rz", "--name-only", built.name, cwd=ROOT).split("\0"))
    assert held - {FACTS} >= {f"tijian/{name}" for name in shipped_files(ROOT) & committed}
    with tarfile.open(sdist) as tar:
        assert {entry.uid for entry in tar} == {0}
        assert {entry.mtime for entry in tar} == {built.epoch}

    target, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps")
    run(*pip, "--no-index", "--no-build-isolation", "--target", target, sdist, cwd=elsewhere)
    said = run(sys.executable, target / "bin/tijian", "--version", cwd=elsewhere, PYTHONPATH=str(target))
    assert said.startswith(f"tijian {built.version}")
    assert (target / FACTS).is_file()
