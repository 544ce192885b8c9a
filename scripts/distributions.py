"""Source archive and wheel of one commit, with the facts of the build in them; archives whose bytes repeat.

They are built from what is committed, in a folder of their own, so that the checkout neither shows in them nor is
touched: the facts (tijian/_build_facts.toml: version, commit, date) are never in a checkout.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Commit:
    """What is built: the commit's full name, its time in seconds since 1970 and the version in its pyproject.toml."""

    name: str
    epoch: int
    version: str

    @property
    def date(self) -> str:
        """The day of the commit in UTC, as 2026-11-26."""
        return datetime.fromtimestamp(self.epoch, UTC).date().isoformat()

    @property
    def facts(self) -> str:
        """The text of _build_facts.toml."""
        return f'version = "{self.version}"\ncommit = "{self.name}"\ndate = "{self.date}"\n'


def git(*arguments: str) -> str:
    """What git says about this checkout."""
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def commit(name: str = "HEAD") -> Commit:
    """The commit ``name``."""
    project = tomllib.loads(git("show", f"{name}:pyproject.toml"))["project"]
    return Commit(git("rev-parse", name), int(git("log", "-1", "--format=%ct", name)), project["version"])


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums(paths: Iterable[Path], below: Path) -> str:
    """The lines `sha256sum -c` reads, for files named by their paths below a folder."""
    return "".join(f"{sha256(path)}  {path.relative_to(below).as_posix()}\n" for path in sorted(paths))


def pack(folder: Path, archive: Path, epoch: int) -> None:
    """Write ``folder`` as .tar.gz: the bytes hang on names, contents, execute bits and ``epoch`` alone."""
    paths = sorted([folder, *folder.rglob("*")], key=lambda path: path.as_posix())
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in paths:
            entry = tarfile.TarInfo(path.relative_to(folder.parent).as_posix())
            entry.mtime = epoch
            if path.is_dir():
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
            else:
                entry.size, entry.mode = path.stat().st_size, 0o755 if os.access(path, os.X_OK) else 0o644
                with path.open("rb") as file:
                    tar.addfile(entry, file)


def _hook(name: str, source: Path, out: Path, epoch: int) -> Path:
    """Call setuptools' ``name`` ("build_sdist", "build_wheel") in a source folder; the one file it wrote into ``out``."""
    code = f"import sys, setuptools.build_meta as backend; backend.{name}(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(out)],
        cwd=source, check=False, capture_output=True, text=True, umask=0o022,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{done.stderr}\n打包失败：{name}")
    (made,) = out.iterdir()
    return made


def build(built: Commit, out: Path) -> tuple[Path, Path]:
    """Write source archive and wheel of a commit into ``out``; the wheel is built from the source archive."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        source, loose, wheels = (Path(temporary) / name for name in ("source", "loose", "wheels"))
        for folder in (source, loose, wheels):
            folder.mkdir()
        exported = subprocess.run(
            ["git", "archive", "--format=tar", built.name], cwd=ROOT, check=True, capture_output=True
        )
        with tarfile.open(fileobj=io.BytesIO(exported.stdout)) as tar:
            tar.extractall(source, filter="data")
        (source / "_build_facts.toml").write_text(built.facts, encoding="utf-8")
        with tarfile.open(_hook("build_sdist", source, loose, built.epoch)) as tar:
            tar.extractall(loose, filter="data")
        (unpacked,) = (path for path in loose.iterdir() if path.is_dir())
        for leftover in loose.glob("*.tar.gz"):
            leftover.unlink()
        sdist = out / f"{unpacked.name}.tar.gz"
        pack(unpacked, sdist, built.epoch)
        made = _hook("build_wheel", unpacked, wheels, built.epoch)
        wheel = out / made.name
        wheel.write_bytes(made.read_bytes())
    return sdist, wheel
