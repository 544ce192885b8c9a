"""One run at a time per project (运行锁): a lock file held by the kernel, so that a dead holder's lock is free.

The file names its holder, for the message to whoever comes second; the lock itself is ``flock``, which ends with
the process however it ends, so a stale file never stops a run.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = ".tijian.lock"


class LockedError(Exception):
    """Another run holds the project; the message names it."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the project's lock. Raises LockedError when another process has it, or the folder cannot be written."""
    path = folder / LOCK_NAME
    try:
        stream = path.open("a+", encoding="utf-8")
    except OSError as fault:
        raise LockedError(f"项目目录不能写入：{folder}（{fault.strerror}）") from fault
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            raise LockedError(
                f"这个项目正在被另一次运行使用（进程 {stream.read().strip() or '未知'}），请等它结束"
            ) from None
        stream.seek(0)
        stream.truncate()
        stream.write(str(os.getpid()))
        stream.flush()
        yield
        stream.seek(0)
        stream.truncate()
