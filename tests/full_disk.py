"""Run inside a mount namespace of its own: every command that writes, in a read-only folder and on a full disk.

    unshare --mount python full_disk.py PROJECT PLACE

PROJECT is copied to a small file system mounted at PLACE; what became of each command is printed as JSON, and of the
quick ones whether they succeed once there is room.
"""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from tijian.cli import main as tijian

SIZE = "24m"
LITTLE = 8 << 10  # bytes: the first file fits, the next does not
RECORDS = (".tijian.lock", ".reports.json", ".tijian")
QUICK = ("lists", "forms", "page", "init", "track")


def main() -> None:
    """Try every command and print what became of it."""
    given, place = Path(sys.argv[1]), Path(sys.argv[2])
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], check=True)
    project = Path(shutil.copytree(given, place / "项目"))
    told = []
    for name, (words, lefts) in commands(project).items():
        if name == "run":
            (project / "说明.txt").write_text("改动")  # so that there is something to run
        for left in (None, *lefts):
            before = listing(place)
            with read_only(place) if left is None else full(place, left):
                code, err = call(words)
            after = listing(place)
            told.append({
                "command": name, "left": left, "code": code, "said": err.splitlines(),
                "lost": sorted(path for path, was in before.items() if after.get(path) != was),
                "more": sorted(set(after) - set(before)),
            })  # fmt: skip
        if name in QUICK:
            code, err = call(words)
            told.append(
                {
                    "command": name,
                    "room": True,
                    "code": code,
                    "said": err.splitlines(),
                    "drafts": drafts(place),
                }
            )
    print(json.dumps(told, ensure_ascii=False))


def commands(project: Path) -> dict[str, tuple[list[object], list[int]]]:
    """Each command's words, and how many bytes there is room for."""
    here = ["-q", "-p", project]
    return {
        "run": (["run", *here], [0, 64 << 10]),
        "report": (["report", *here, "--unit", "甲社区", "--unit", "乙社区"], [0, 4 * LITTLE]),
        "lists": (["lists", *here, "--unit", "甲社区"], [0, LITTLE]),
        "forms": (["forms", *here, "--department", "区住房保障房屋管理局"], [0, LITTLE]),
        "page": (["page", "-p", project], [0, LITTLE]),
        "sample": (["sample", "-q", project.with_name("演示"), "--scale", 0.01], [1 << 20]),
        "init": (["init", project.with_name("新年度")], [0, LITTLE]),
        "track": (["track", "-p", project, project / "收回"], [0]),
    }


def call(words: list[object]) -> tuple[object, str]:
    """(exit code, stderr) of ``tijian words…``."""
    err = io.StringIO()
    typed = patch.object(sys, "argv", ["tijian", *map(str, words)])
    with typed, chdir("/"), redirect_stdout(io.StringIO()), redirect_stderr(err):
        try:
            tijian()
        except SystemExit as ended:
            return ended.code, err.getvalue()
    return "no exit", err.getvalue()


@contextmanager
def full(place: Path, left: int) -> Iterator[None]:
    """No room in the file system but for ``left`` bytes, rounded to whole pages."""
    free = os.statvfs(place)
    filler = place / "filler"
    with filler.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, free.f_bavail * free.f_bsize - left)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Nothing in the folder can be written; root too is stopped by a mount."""
    subprocess.run(["mount", "--bind", place, place], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def listing(place: Path) -> dict[str, str]:
    """What there is but the program's own records: path → digest of the file."""
    files = (path for path in place.rglob("*") if path.is_file() and path.name != "filler")
    return {
        str(path.relative_to(place)): sha256(path.read_bytes()).hexdigest()
        for path in files if not set(RECORDS) & set(path.parts)
    }  # fmt: skip


def drafts(place: Path) -> list[str]:
    """Unfinished files that are still there."""
    return sorted(path.name for path in place.rglob(".*") if not set(RECORDS) & set(path.parts))


if __name__ == "__main__":
    main()
