"""What stands where a file should be (该放文件的地方放了什么): a file, nothing, or something that cannot be read as one.

A folder, a pipe, a device or links that lead round in a circle are told before anything is opened: reading a pipe would
wait for ever, and a device never ends.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ...findings import Findings, Place

FILE = "文件"
_KINDS = (
    (stat.S_ISREG, FILE), (stat.S_ISDIR, "文件夹"), (stat.S_ISFIFO, "管道"), (stat.S_ISSOCK, "套接字"),
    (stat.S_ISCHR, "设备"), (stat.S_ISBLK, "设备"),
)  # fmt: skip


def what_stands_at(path: Path) -> str:
    """``FILE`` for a regular file, "" for nothing, else what it is in Chinese."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "指向别处而那里没有文件的链接" if path.is_symlink() else ""
    except OSError as fault:
        return f"打不开的路径（{_REASONS.get(fault.errno or 0, fault.strerror or '原因不明')}）"
    return next((name for test, name in _KINDS if test(mode)), "别的东西")


_REASONS = {13: "没有读取的权限", 36: "路径太长", 40: "链接绕成了圈"}


def is_file(path: Path, place: Place, findings: Findings, *, missed_as: str = "") -> bool:
    """Whether a regular file stands there; F010 where something else does.

    Where nothing does and the file has a name to be missed under, finding P004.
    """
    what = what_stands_at(path)
    if what and what != FILE:
        findings.add("F010", place, value=place.file, what=what, expected="一个文件")
    elif not what and missed_as:
        findings.add("P004", place, name=missed_as, value=place.file, expected="把文件放到这个位置")
    return what == FILE
