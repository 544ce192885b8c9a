"""Whether this machine can print Chinese PDF (打印环境检查): asked once, told in Chinese, never worked around."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from functools import cache

# the libraries' names where ctypes.util cannot find them by itself (no compiler, no ldconfig)
SUBSET = ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib")
PANGO = ("libpango-1.0.so.0", "libpango-1.0.0.dylib")
FONTCONFIG = ("libfontconfig.so.1", "libfontconfig.1.dylib")
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
    if library("pango-1.0", PANGO) is None:
        problems.append("缺少系统库 libpango（排版用它）")
    if library("harfbuzz-subset", SUBSET) is None:
        problems.append("缺少系统库 libharfbuzz-subset（没有它，每份报告要多花约十秒）")
    if not chinese_fonts():
        problems.append("缺少中文字体（没有它，汉字会印成方框）")
    if problems:
        raise PrintingError(f"无法输出 PDF：{'；'.join(problems)}。Debian、Ubuntu 请运行：{INSTALL}")


def missing_glyphs(words: str) -> str:
    """The characters of ``words`` that no installed font can print (本机字体没有的字), in order of their code.

    Asked of fontconfig, as the printer does when it looks for another font; without fontconfig nothing is missing.
    """
    covered, has = _covered()
    if covered is None or has is None:
        return ""
    return "".join(
        sorted(c for c in set(words) if not c.isspace() and c.isprintable() and not has(covered, ord(c)))
    )


def with_stand_ins(words: str) -> tuple[str, str]:
    """The words with 〓 (the printer's sign for a sort he lacks) for what no installed font can print, and what that was."""
    missing = missing_glyphs(words)
    return words.translate(dict.fromkeys(map(ord, missing), "〓")) if missing else words, missing


@cache
def _covered() -> tuple[ctypes.c_void_p | None, Callable[[ctypes.c_void_p, int], int] | None]:
    """Every character of every installed font as one set of fontconfig's, and the question whether it holds one."""
    fontconfig = library("fontconfig", FONTCONFIG)
    if fontconfig is None:
        return None, None
    for name in ("FcPatternCreate", "FcObjectSetCreate", "FcCharSetCreate"):
        getattr(fontconfig, name).restype = ctypes.c_void_p
    fontconfig.FcObjectSetAdd.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    fontconfig.FcFontList.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    fontconfig.FcPatternGetCharSet.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_void_p,
    ]
    fontconfig.FcCharSetMerge.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    fontconfig.FcCharSetHasChar.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
    wanted = fontconfig.FcObjectSetCreate()
    fontconfig.FcObjectSetAdd(wanted, b"charset")
    found = fontconfig.FcFontList(None, fontconfig.FcPatternCreate(), wanted).contents
    whole = ctypes.c_void_p(fontconfig.FcCharSetCreate())
    fonts = ctypes.cast(found.fonts, ctypes.POINTER(ctypes.c_void_p))
    for i in range(found.nfont):
        held = ctypes.c_void_p()
        if fontconfig.FcPatternGetCharSet(fonts[i], b"charset", 0, ctypes.byref(held)) == 0:
            fontconfig.FcCharSetMerge(whole, held, None)
    return whole, fontconfig.FcCharSetHasChar


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
    fontconfig = library("fontconfig", FONTCONFIG)
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
