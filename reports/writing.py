"""Files written whole (写文件): what is there is the old file or the new one, never half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A draft beside ``target`` to write to, which takes its place when all went well; folders are made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(target: Path, data: bytes) -> None:
    """Write bytes whole or not at all."""
    with whole(target) as draft:
        draft.write_bytes(data)
