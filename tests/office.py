"""LibreOffice for tests (无界面转换): files in, the same files as PDF or xlsx out."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path


def converted(paths: Iterable[Path], out: Path, form: str) -> dict[str, Path]:
    """Every file converted to ``form`` (pdf, xlsx) in ``out``, by the names of the originals.

    A profile of its own keeps two tests that run side by side apart.
    """
    paths = list(paths)
    command = [
        "soffice", f"-env:UserInstallation={(out / 'profile').as_uri()}", "--headless", "--convert-to", form, "--outdir", str(out),
        *map(str, paths),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    made = {path.name: out / f"{path.stem}.{form}" for path in paths}
    missing = [name for name, path in made.items() if not path.is_file()]
    assert not missing, (missing, done.stdout, done.stderr)
    return made
