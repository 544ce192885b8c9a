"""A new project's folder (新建目录): empty before, and filled whole or left as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

YEAR_FOLDER = "inputs/{year}"  # where what is handed in is put, and where forms are looked for


class FolderNotEmptyError(Exception):
    """The folder has something in it already; nothing was written."""


@contextmanager
def fresh_folder(folder: Path) -> Iterator[None]:
    """Where a project is begun. Raises FolderNotEmptyError unless ``folder`` is absent or empty.

    When what fills it fails (the disk is full), all of it is removed again, so that the same command works the next time.
    """
    before = folder.exists()
    if before and any(folder.iterdir()):
        raise FolderNotEmptyError(f"目录不是空的，未写任何文件：{folder}")
    folder.mkdir(parents=True, exist_ok=True)  # where it cannot be made, this is known before the work
    try:
        yield
    except BaseException as fault:
        for entry in folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        if not before:
            folder.rmdir()
        if isinstance(fault, OSError) and fault.errno and not fault.filename:  # a full disk names no file
            raise OSError(fault.errno, os.strerror(fault.errno), str(folder)) from fault
        raise
