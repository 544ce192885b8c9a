"""`tijian init`: the files a new project begins with."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

FILES = ("tijian.toml", "单元名录.csv", "names.csv", "corrections.toml")
FOLDERS = ("inputs", "indicators", "history")


class FolderNotEmptyError(Exception):
    """The folder has something in it already; nothing was written."""


def write_template(folder: Path) -> list[Path]:
    """Write the template into ``folder``, which must not exist or be empty. Returns what was written.

    Text that Excel opens (CSV) gets a byte-order mark, so that Chinese is read right there.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmptyError(f"目录不是空的，未写任何文件：{folder}")
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    written = []
    for name in FILES:
        text = resources.files(__package__).joinpath("new_project", name).read_text(encoding="utf-8")
        path = folder / name
        path.write_text(text, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8")
        written.append(path)
    return written
