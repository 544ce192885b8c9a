"""Files written whole (写文件): what is there is the old file or the new one, never half of one."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})  # all other files will meet it too


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A draft beside ``target`` to write to, which takes its place when all went well; folders are made.

    Drafts of the same file that killed processes left are cleared away. Raises OSError, naming the target, where it
    cannot be written.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(f".{glob.escape(target.name)}.*"):
            if left != draft and not _is_being_written(left):
                left.unlink(missing_ok=True)
        yield draft
        draft.replace(target)
    except BaseException as fault:
        with suppress(OSError):  # the folder is read-only: then there is no draft
            draft.unlink(missing_ok=True)
        if isinstance(fault, OSError) and fault.errno:
            raise OSError(fault.errno, os.strerror(fault.errno), str(target)) from fault
        raise


def write_whole(target: Path, data: bytes) -> None:
    """Write bytes whole or not at all. Raises OSError, naming the target, where it cannot be written."""
    with whole(target) as draft:
        draft.write_bytes(data)


def _is_being_written(draft: Path) -> bool:
    """Whether the process that a draft is named after still runs; True for what is no draft of ours."""
    number = draft.suffix.removeprefix(".")
    if not number.isdecimal():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
