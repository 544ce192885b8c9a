"""``tijian --version``: what is asked first when something is wrong."""

import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from tijian import __version__
from tijian.engine import SCHEMA_VERSION
from tijian.reports.doctor import version

from .cli_project import told


def test_version_names_the_program_its_commit_its_libraries_and_its_results(root: Path) -> None:
    said = told("--version").splitlines()
    assert said[0] == f"tijian {__version__}"
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert head[:12] in said[1]
    assert f"Polars {metadata.version('polars')}" in said[2]
    assert f"WeasyPrint {metadata.version('weasyprint')}" in said[2]
    assert f"第 {SCHEMA_VERSION} 版" in said[4]


def test_an_installed_program_says_the_commit_it_was_built_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "_build_facts.toml"
    facts.write_text(f'version = "0.1.0"\ncommit = "{"ab12" * 10}"\ndate = "2026-11-26"\n', encoding="utf-8")
    monkeypatch.setattr(version, "BUILD_FACTS", facts)
    assert version.commit_text() == "ab12ab12ab12（2026-11-26）"


def test_where_neither_tells_the_commit_it_is_said_to_be_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "BUILD_FACTS", tmp_path / "none")
    monkeypatch.setattr(version, "PACKAGE", tmp_path)
    assert version.commit_text().startswith("未知")
    (tmp_path / ".git").mkdir()
    assert version.commit_text() == "未知（git 不能用）", "git refuses what is no checkout"
    assert version.installed_version("no-such-package") == ""
