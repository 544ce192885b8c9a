"""What ``tijian --version`` says (版本信息): the program and its commit, what it runs on, and the version of its results.

Nothing that calculates or draws is loaded: versions of libraries come from their installation records, Pango's from Pango.
"""

from __future__ import annotations

import ctypes
import platform
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

from ... import __version__
from ...engine import SCHEMA_VERSION
from ..pdf.printing import PANGO, library

PACKAGE = Path(__file__).resolve().parents[2]
BUILD_FACTS = (
    PACKAGE / "_build_facts.toml"
)  # written by scripts/distributions.py into what it builds; in no checkout
LIBRARIES = {"duckdb": "DuckDB", "polars": "Polars", "weasyprint": "WeasyPrint"}
_DAY = "%cs"


def version_text() -> str:
    """Several lines; the first is ``tijian X.Y.Z``."""
    names = [f"{name} {installed_version(package) or '未安装'}" for package, name in LIBRARIES.items()]
    return "\n".join(
        (
            f"tijian {__version__}",
            f"提交：{commit_text()}",
            f"Python {platform.python_version()}；{'；'.join(names)}；Pango {pango_version() or '未安装'}",
            f"系统：{system_text()}",
            f"结果库格式：第 {SCHEMA_VERSION} 版",
        )
    )


def commit_text() -> str:
    """The commit the program is of, with its day; of a checkout also whether files were changed since."""
    if BUILD_FACTS.is_file():
        facts = tomllib.loads(BUILD_FACTS.read_text(encoding="utf-8"))
        return f"{facts['commit'][:12]}（{facts['date']}）"
    if not (PACKAGE / ".git").exists():
        return "未知（不是从发布的安装包装的，也不在源码库里）"
    told = _git("log", "-1", "--abbrev=12", f"--format=%h（{_DAY}）")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return (told or "未知（git 不能用）") + ("，有未提交的改动" if changed else "")


def _git(*arguments: str) -> str:
    """What git says about the checkout; nothing where there is no git or it refuses."""
    try:
        words = ["git", "-C", str(PACKAGE), *arguments]
        done = subprocess.run(words, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def installed_version(package: str) -> str:
    """The version of an installed package; empty where it is not there."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def pango_version() -> str:
    """The version of the system's Pango; empty where it is not there."""
    pango = library("pango-1.0", PANGO)
    if pango is None:
        return ""
    pango.pango_version_string.restype = ctypes.c_char_p
    return bytes(pango.pango_version_string()).decode()


def system_text() -> str:
    """The system and the machine's kind, nothing that tells one machine from another."""
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:  # no such file: not a Linux of this century
        name = ""
    return f"{name or platform.system()}，{platform.machine()}"
