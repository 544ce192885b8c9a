"""Whether this machine has what the program needs (本机环境): versions, system libraries, fonts, memory, disk, encoding.

Nothing here loads the printer: it is asked for by name, so that what is missing can be told.
"""

from __future__ import annotations

import locale
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ..pdf.fonts import installed
from ..pdf.printing import FONTCONFIG, PANGO, SUBSET, library, missing_glyphs
from ..theme import load_theme
from .check import Check
from .version import installed_version, pango_version, system_text

OLDEST_PYTHON = (3, 11)
ENOUGH_MEMORY, LEAST_MEMORY = 2.0, 0.5  # GB that are free
ENOUGH_DISK, LEAST_DISK = 2.0, 0.2
RARE = "㙦堃喆𬭎"  # of names: the last beyond what two bytes hold
LIBRARIES = {  # as the printer loads them: names to look for, Debian's package, what for
    "glib": (("gobject-2.0", ("libgobject-2.0.so.0",)), "libglib2.0-0", "Pango 用它"),
    "Pango": (("pango-1.0", PANGO), "libpango-1.0-0", "排版"),
    "PangoFT2": (("pangoft2-1.0", ("libpangoft2-1.0.so.0",)), "libpangoft2-1.0-0", "排版时找字"),
    "HarfBuzz": (("harfbuzz", ("libharfbuzz.so.0",)), "libharfbuzz0b", "字形"),
    "HarfBuzz subset": (("harfbuzz-subset", SUBSET), "libharfbuzz-subset0", "只把用到的字放进 PDF"),
    "fontconfig": (("fontconfig", FONTCONFIG), "libfontconfig1", "找字体"),
}
ROLES = {"title": "标题", "hei": "黑体", "kai": "楷体", "fang": "仿宋（正文）", "sans": "图表"}
GENERIC = ("serif", "sans-serif", "monospace")


def machine_checks(folder: Path) -> tuple[Check, ...]:
    """Everything about the machine; ``folder``: where there must be room."""
    return (python(), *packages(), *libraries(), *fonts(), memory(), disk(folder), cores(), encoding())


def python() -> Check:
    """Python and the system."""
    told = f"{platform.python_version()}（{system_text()}）"
    if sys.version_info < OLDEST_PYTHON:
        return Check("bad", "Python", told, f"需要 Python {'.'.join(map(str, OLDEST_PYTHON))} 或更新的版本")
    return Check("well", "Python", told)


def packages() -> Iterator[Check]:
    """Our packages against the versions the program was written against; those that are as they should be in one line."""
    try:
        required = metadata.requires("tijian") or []
    except metadata.PackageNotFoundError:
        yield Check(
            "note", "Python 包", "没有 tijian 的安装记录，不能核对版本", "用 install.sh 或 make demo 安装"
        )
        return
    right = []
    for name, least in minimums(required):
        have = installed_version(name)
        if not have or _numbers(have) < _numbers(least):
            told = f"{have}，低于要求的 {least}" if have else "没有安装"
            yield Check("bad", f"Python 包 {name}", told, "用 install.sh 或 make demo 重新安装")
        else:
            right.append(f"{name} {have}")
    yield Check("well", "Python 包", "、".join(right))


def minimums(required: list[str]) -> list[tuple[str, str]]:
    """(package, least version) of requirements like ``duckdb>=2.0``; those of extras are left out."""
    found = (
        re.match(r"([\w.-]+)>=([\d.]+)$", text.split(";")[0].strip())
        for text in required
        if "extra ==" not in text
    )
    return [(match[1], match[2]) for match in found if match]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+", maxsplit=1)[0]))


def libraries() -> Iterator[Check]:
    """The system's libraries that printing needs."""
    missing = {name: row for name, row in LIBRARIES.items() if library(*row[0]) is None}
    for name, (_, package, use) in missing.items():
        yield Check(
            "bad", f"系统库 {name}", f"没有（{use}）", f"Debian 一类系统：sudo apt-get install {package}"
        )
    there = [
        name + (f" {pango_version()}" if name == "Pango" else "") for name in LIBRARIES if name not in missing
    ]
    if there:
        yield Check("well", "系统库", "、".join(there))


def fonts() -> Iterator[Check]:
    """For each typeface of the reports the first of its families that is installed, and where; whether rare characters print."""
    for role, name in ROLES.items():
        families = [family for family in load_theme().fonts[role] if family not in GENERIC]
        found = next((face for family in families for face in installed(family)[:1]), None)
        if found is None:
            yield Check("bad", f"字体 {name}", f"没有（{'、'.join(families)} 都没有装）",
                        "Debian 一类系统：sudo apt-get install fonts-noto-cjk")  # fmt: skip
        else:
            yield Check("well", f"字体 {name}", f"{found.family}（{found.file}）")
    missing = missing_glyphs(RARE)
    if missing:
        yield Check(
            "note",
            "生僻字",
            f"本机字体没有：{missing}，报告里以〓代替",
            "装上含有这些字的字体，如 fonts-noto-cjk-extra",
        )
    else:
        yield Check("well", "生僻字", f"{RARE} 都能印")


def memory() -> Check:
    """What memory there is, as Linux tells it."""
    try:
        told = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return Check("note", "内存", "本机不是 Linux，没有查", "全区一年建议空出 2 GB")
    free, total = (_gigabytes(told, key) for key in ("MemAvailable", "MemTotal"))
    return _room("内存", free, total, LEAST_MEMORY, ENOUGH_MEMORY, "关掉别的程序，或换内存大些的机器")


def _gigabytes(told: str, key: str) -> float:
    found = re.search(rf"^{key}:\s+(\d+) kB", told, re.MULTILINE)
    return int(found[1]) / 2**20 if found else 0.0


def disk(folder: Path) -> Check:
    """What room there is on the disk that holds ``folder``."""
    usage = shutil.disk_usage(folder)
    return _room(
        "磁盘",
        usage.free / 2**30,
        usage.total / 2**30,
        LEAST_DISK,
        ENOUGH_DISK,
        "清理磁盘，或把项目移到别的盘上",
    )


def _room(name: str, free: float, total: float, least: float, enough: float, todo: str) -> Check:
    """Memory or disk in GB; ``steady`` tells only whether it is enough."""
    told = f"共 {total:.1f} GB，可用 {free:.1f} GB"
    if free < least:
        return Check("bad", name, told, f"至少要空出 {least:g} GB：{todo}", steady="不足")
    if free < enough:
        return Check("note", name, told, f"全区一年建议空出 {enough:g} GB：{todo}", steady="偏少")
    return Check("well", name, told, steady="足够")


def cores() -> Check:
    """How many processes may print side by side."""
    many = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check("well", "处理器", f"{many} 核可用（tijian report --workers {many}）")


def encoding() -> Check:
    """Whether Chinese can be shown and file names hold it."""
    usual = locale.getpreferredencoding(False)
    used = {"终端": os.device_encoding(1) or usual, "文件名": sys.getfilesystemencoding(), "系统": usual}
    other = {name: told for name, told in used.items() if "utf" not in (told or "").lower()}
    if other:
        told = "、".join(f"{name} {code or '未知'}" for name, code in other.items())
        return Check("note", "文字编码", f"不是 UTF-8：{told}", "运行前执行 export LANG=C.UTF-8")
    return Check("well", "文字编码", "UTF-8")
