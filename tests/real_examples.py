"""Running a shipped example on the real data beside the checkout: a copy of it, its data path pointed there."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def copy_example(name: str, real: Path, folder: Path) -> Path:
    """``examples/NAME`` in a folder of its own, so that what a run writes stays out of the checkout."""
    copy = folder / name
    shutil.copytree(ROOT / "examples" / name, copy, ignore=shutil.ignore_patterns("out", "results.duckdb*"))
    config = copy / "tijian.toml"
    written = config.read_text(encoding="utf-8")
    assert "../../../shared/real" in written
    config.write_text(written.replace("../../../shared/real", real.as_posix()), encoding="utf-8")
    return copy
