"""A full disk and a read-only folder: one line says what and why, nothing earlier is lost, and nothing half done is left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tijian.reports.writing import write_whole

from .cli_project import fill_in, told

ALONE = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--mount", "--map-root-user"]
BY_AND_BY = ("report", "lists", "forms")  # what was finished before the disk was full is whole, and stays


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with its results, a report, and a workbook to be taken in again."""
    folder = tmp_path_factory.mktemp("finished") / "项目"
    told("init", folder)
    fill_in(folder)
    told("run", "-q", "-p", folder)
    (sent,) = told("lists", "-q", "-p", folder, "--unit", "甲社区").split()
    (folder / "收回").mkdir()
    shutil.move(sent, folder / "收回")
    return folder


def tried(finished: Path, place: Path) -> list[dict[str, Any]]:
    """What became of each command, with no room and then with room."""
    mount = [*ALONE, "sh", "-c", 'mount -t tmpfs tmpfs "$0"', str(place)]
    if shutil.which("unshare") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here, not even in a namespace of our own")
    script = Path(__file__).with_name("full_disk.py")
    done = subprocess.run(
        [*ALONE, sys.executable, script, finished, place], check=False, capture_output=True, text=True
    )
    assert [done.returncode, done.stderr] == [0, ""], done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_where_nothing_can_be_written_every_command_says_so_in_one_line_and_nothing_is_lost(
    finished: Path, tmp_path: Path
) -> None:
    found = tried(finished, tmp_path)
    assert len({each["command"] for each in found}) == 8
    for each in found:
        if "room" in each:  # there is room again
            assert [each["code"], each["drafts"]] == [0, []], each
            continue
        read_only = each["left"] is None
        assert [each["code"], len(each["said"])] == [3, 1], each
        assert ("目录是只读的" if read_only else "磁盘已满") in each["said"][0], each
        assert str(tmp_path) in each["said"][0], each
        assert each["lost"] == [], each
        whole = [path for path in each["more"] if not Path(path).name.startswith(".")]
        assert each["more"] == (whole if each["command"] in BY_AND_BY and not read_only else []), each


def test_what_a_killed_process_had_begun_is_cleared_away_by_the_next_that_writes_it(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, another = tmp_path / f".甲.pdf.{ended.pid}", tmp_path / f".甲.pdf.{os.getppid()}"
    left.write_bytes(b"half")
    another.write_bytes(b"of one that still writes")
    write_whole(tmp_path / "甲.pdf", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["甲.pdf", another.name])
