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

from ..plain_words import in_plain_words

LOCK_NAME = ".tijian.lock"
_LONGEST = 20  # digits of a process's number


class LockedError(Exception):
    """Another run holds the project; the message names it."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the project's lock. Raises LockedError when another process has it, or the folder cannot be written.

    Where there is no room for the holder's number there is none for results either: told at once, not after the work.
    """
    path = folder / LOCK_NAME
    try:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as fault:
        raise _not_writable(folder, fault) from fault
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(held, _LONGEST).decode().strip() or "未知"
            raise LockedError(f"这个项目正在被另一次运行使用（进程 {holder}），请等它结束") from None
        try:
            os.truncate(held, 0)
            os.write(held, str(os.getpid()).encode())
        except OSError as fault:
            raise _not_writable(folder, fault) from fault
        try:
            yield
        finally:
            os.truncate(held, 0)
    finally:
        os.close(held)


def holder(folder: Path) -> str | None:
    """Who holds the project's lock, as a process number (``未知`` where the file does not say); None where nobody does."""
    try:
        asked = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None  # no run has been here, or not one that we may know of
    try:
        fcntl.flock(asked, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(asked, _LONGEST).decode().strip() or "未知"
    finally:
        os.close(asked)
    return None


def _not_writable(folder: Path, fault: OSError) -> LockedError:
    return LockedError(f"项目目录不能写入：{folder}（{in_plain_words(fault)}）")
