"""Whether this machine can print Chinese PDF (打印环境检查): asked once, told in Chinese, never worked around."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

# the libraries' names where ctypes.util cannot find them by itself (no compiler, no ldconfig)
_SUBSET = ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib")
_PANGO = ("libpango-1.0.so.0", "libpango-1.0.0.dylib")
_FONTCONFIG = ("libfontconfig.so.1", "libfontconfig.1.dylib")
INSTALL = "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig-config fonts-noto-cjk"


class PrintingError(RuntimeError):
    """The machine lacks what printing Chinese PDF needs; the message says what, why, and what to install."""


class _FontSet(ctypes.Structure):
    """fontconfig's FcFontSet, as far as it is read here."""

    _fields_ = (("nfont", ctypes.c_int), ("sfont", ctypes.c_int), ("fonts", ctypes.c_void_p))


def check_printing() -> None:
    """Raise :class:`PrintingError` unless Pango, libharfbuzz-subset and a Chinese font are there.

    Without libharfbuzz-subset WeasyPrint falls back to a font subsetter that takes about ten seconds a report.
    """
    problems = []
    if library("pango-1.0", _PANGO) is None:
        problems.append("缺少系统库 libpango（排版用它）")
    if library("harfbuzz-subset", _SUBSET) is None:
        problems.append("缺少系统库 libharfbuzz-subset（没有它，每份报告要多花约十秒）")
    if not chinese_fonts():
        problems.append("缺少中文字体（没有它，汉字会印成方框）")
    if problems:
        raise PrintingError(f"无法输出 PDF：{'；'.join(problems)}。Debian、Ubuntu 请运行：{INSTALL}")


def library(name: str, fallbacks: tuple[str, ...]) -> ctypes.CDLL | None:
    """The shared library, or None when it cannot be loaded."""
    for candidate in (ctypes.util.find_library(name), *fallbacks):
        if candidate is None:
            continue
        try:
            return ctypes.CDLL(candidate)
        except OSError:
            continue
    return None


@cache
def chinese_fonts() -> int:
    """How many installed fonts cover simplified Chinese, as fontconfig counts; 0 without fontconfig."""
    fontconfig = library("fontconfig", _FONTCONFIG)
    if fontconfig is None:
        return 0
    for name in ("FcNameParse", "FcObjectSetCreate"):
        getattr(fontconfig, name).restype = ctypes.c_void_p
    fontconfig.FcNameParse.argtypes = [ctypes.c_char_p]
    fontconfig.FcObjectSetAdd.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    fontconfig.FcFontList.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    pattern = fontconfig.FcNameParse(b":lang=zh-cn")
    wanted = fontconfig.FcObjectSetCreate()
    fontconfig.FcObjectSetAdd(wanted, b"family")
    found = fontconfig.FcFontList(None, pattern, wanted)
    return int(found.contents.nfont) if found else 0
