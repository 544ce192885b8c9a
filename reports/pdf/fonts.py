"""Our own cut of the Chinese fonts (自用字库): the characters that reports use, as smaller files made once per font.

A system's Chinese font has 65,000 glyphs, and every PDF is cut out of it anew: a sixth of a short report's time. What
is cut once here is GB 2312 and the signs around it; any other character still comes from the whole font, which stands
next in every font stack. The cut is made by the same library that the printer uses, so equal fonts give equal files.
It is kept under the user's cache folder, by the content of the font it was cut from; where nothing can be kept, it is
made again for each run.
"""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..templating import style_sheet
from ..theme import load_theme
from ..writing import write_whole
from .printing import FONTCONFIG, SUBSET, library
from .sheets import Look

_OWN = "tijian "  # before a family's name: our cut of it
_WEIGHTS = {"normal": 80, "bold": 200}  # CSS → fontconfig
SELDOM = "mono"  # for what is typed, in the manual alone: a cut would be loaded for every report in vain
_LARGE = 20_000  # glyphs: smaller fonts are used as they are
_SIGNS = (  # with GB 2312: Latin, Greek, Cyrillic; punctuation to geometric shapes; CJK signs; full-width forms
    (0x20, 0x17F), (0x370, 0x4FF), (0x2000, 0x27BF), (0x3000, 0x303F), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF),
)  # fmt: skip
_HARFBUZZ = ("libharfbuzz.so.0", "libharfbuzz.0.dylib")
_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int


@dataclass(frozen=True)
class Face:
    """One weight of a family as installed: the file, and which face of a collection."""

    family: str
    weight: str
    file: Path
    index: int


@cache
def look(*below: str) -> Look:
    """The reports' style sheet and others ``below`` it, with our cuts before the fonts they were cut from."""
    cuts = own_cuts()
    rules = "".join(
        f"@font-face {{ font-family: '{_OWN}{face.family}'; font-weight: {face.weight}; src: url('{path.as_uri()}') }}\n"
        for face, path in cuts
    )
    style = "".join(style_sheet(name) for name in ("style.css", *below))
    for name in load_theme().fonts:
        style = style.replace(load_theme().css_font(name), own_stack(name))
    return Look(rules + style, tuple(path.as_uri() for _, path in cuts))


@cache
def own_stack(name: str) -> str:
    """A CSS font stack of the theme with each of our cuts before what it was cut from."""
    stack = load_theme().css_font(name)
    for family in dict.fromkeys(face.family for face, _ in own_cuts()):
        stack = stack.replace(f"'{family}'", f"'{_OWN}{family}', '{family}'")
    return stack


def in_own_fonts(svg: str) -> str:
    """A drawing of ours, which names one font stack at its head, with our cuts before the fonts."""
    plain, own = (f'font-family="{stack("sans")}"' for stack in (load_theme().css_font, own_stack))
    return svg.replace(plain, own, 1)


@cache
def own_cuts() -> tuple[tuple[Face, Path], ...]:
    """The large fonts that the theme's stacks begin with on this machine, each with the file of our cut of it."""
    theme = load_theme()
    faces: list[Face] = []
    for name, stack in theme.fonts.items():
        if name == SELDOM:
            continue
        first = next((found for family in stack if (found := installed(family))), ())
        faces += [face for face in first if face not in faces]
    folder = _folder() if faces else Path()
    return tuple((face, path) for face in faces if (path := _cut_of(face, folder)) is not None)


def _cut_of(face: Face, folder: Path) -> Path | None:
    """The file of our cut of a face, made if it is not there; None where it is not worth it."""
    data = face.file.read_bytes()
    key = hashlib.sha256(data)
    key.update(repr((face.index, _SIGNS, harfbuzz_version())).encode())
    path = folder / f"{key.hexdigest()[:32]}.otf"
    if not path.is_file():
        made = subset(data, face.index, _characters())
        if made is None:
            return None
        try:
            write_whole(path, made)
        except OSError:  # no room where cuts are kept
            path = _for_now() / path.name
            write_whole(path, made)
    return path


def _folder() -> Path:
    """Where cuts are kept: the user's cache folder, or one for this run where that cannot be written."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    kept = Path(home) / "tijian" / "fonts"
    try:
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=kept):
            return kept
    except OSError:
        return _for_now()


@cache
def _for_now() -> Path:
    """A folder for this run."""
    made = Path(tempfile.mkdtemp(prefix="tijian-fonts-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@cache
def _characters() -> tuple[int, ...]:
    """GB 2312 and the signs, as code points."""
    kept = {code for first, last in _SIGNS for code in range(first, last + 1)}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            kept.update(map(ord, bytes([row, cell]).decode("gb2312", errors="ignore")))
    return tuple(sorted(kept))


@cache
def _harfbuzz() -> tuple[ctypes.CDLL, ctypes.CDLL] | None:
    """HarfBuzz and its subsetter, told what their functions take and give."""
    shaper, cutter = library("harfbuzz", _HARFBUZZ), library("harfbuzz-subset", SUBSET)
    if shaper is None or cutter is None:
        return None
    _declare(shaper, {
        "hb_blob_create": (_POINTER, _TEXT, ctypes.c_uint, _INT, _POINTER, _POINTER),
        "hb_blob_get_data": (_POINTER, _POINTER, ctypes.POINTER(ctypes.c_uint)),
        "hb_blob_destroy": (None, _POINTER),
        "hb_face_create": (_POINTER, _POINTER, ctypes.c_uint),
        "hb_face_get_glyph_count": (ctypes.c_uint, _POINTER),
        "hb_face_reference_blob": (_POINTER, _POINTER),
        "hb_face_destroy": (None, _POINTER),
        "hb_set_add": (None, _POINTER, ctypes.c_uint32),
        "hb_version_string": (_TEXT,),
    })  # fmt: skip
    _declare(cutter, {
        "hb_subset_input_create_or_fail": (_POINTER,),
        "hb_subset_input_destroy": (None, _POINTER),
        "hb_subset_input_unicode_set": (_POINTER, _POINTER),
        "hb_subset_or_fail": (_POINTER, _POINTER, _POINTER),
    })  # fmt: skip
    return shaper, cutter


def _declare(loaded: ctypes.CDLL, functions: dict[str, tuple[Any, ...]]) -> None:
    for name, (gives, *takes) in functions.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = gives, takes


def harfbuzz_version() -> str:
    """The version of the library that cuts fonts; empty where there is none."""
    both = _harfbuzz()
    return both[0].hb_version_string().decode() if both else ""


def subset(font: bytes, index: int, characters: tuple[int, ...]) -> bytes | None:
    """The face ``index`` of a font file with these characters only, and what they are shaped with.

    None when the font is small as it is, or cannot be cut.
    """
    both = _harfbuzz()
    if both is None:
        return None
    shaper, cutter = both
    blob = shaper.hb_blob_create(font, len(font), 1, None, None)  # 1: the bytes are ours and stay as they are
    face = shaper.hb_face_create(blob, index)
    wanted = cutter.hb_subset_input_create_or_fail()
    try:
        if shaper.hb_face_get_glyph_count(face) < _LARGE or not wanted:
            return None
        kept = cutter.hb_subset_input_unicode_set(wanted)
        for code in characters:
            shaper.hb_set_add(kept, code)
        made = cutter.hb_subset_or_fail(face, wanted)
        return _bytes_of(shaper, made) if made else None
    finally:
        cutter.hb_subset_input_destroy(wanted)
        shaper.hb_face_destroy(face)
        shaper.hb_blob_destroy(blob)


def _bytes_of(shaper: ctypes.CDLL, face: int) -> bytes:
    """The file of a face, which is given back to the library."""
    blob, length = shaper.hb_face_reference_blob(face), ctypes.c_uint()
    data = ctypes.string_at(shaper.hb_blob_get_data(blob, ctypes.byref(length)), length.value)
    shaper.hb_blob_destroy(blob)
    shaper.hb_face_destroy(face)
    return data


@cache
def _fontconfig() -> ctypes.CDLL | None:
    """fontconfig, told what its functions take and give."""
    fontconfig = library("fontconfig", FONTCONFIG)
    if fontconfig is not None:
        _declare(fontconfig, {
            "FcNameParse": (_POINTER, _TEXT),
            "FcConfigSubstitute": (_INT, _POINTER, _POINTER, _INT),
            "FcDefaultSubstitute": (None, _POINTER),
            "FcFontMatch": (_POINTER, _POINTER, _POINTER, ctypes.POINTER(_INT)),
            "FcPatternGetString": (_INT, _POINTER, _TEXT, _INT, ctypes.POINTER(_TEXT)),
            "FcPatternGetInteger": (_INT, _POINTER, _TEXT, _INT, ctypes.POINTER(_INT)),
            "FcPatternDestroy": (None, _POINTER),
        })  # fmt: skip
    return fontconfig


def installed(family: str) -> tuple[Face, ...]:
    """The faces of a family in regular and bold (one where it has no bold); none when it is not installed."""
    fontconfig = _fontconfig()
    if fontconfig is None:
        return ()
    faces: dict[tuple[Path, int], Face] = {}
    for weight in _WEIGHTS:
        face = _match(fontconfig, family, weight)
        if face is not None:
            faces.setdefault((face.file, face.index), face)
    return tuple(faces.values())


def _match(fontconfig: ctypes.CDLL, family: str, weight: str) -> Face | None:
    """The face that fontconfig has for a family and weight; None when it would take another family."""
    escaped = "".join(f"\\{c}" if c in "\\-:," else c for c in family)
    pattern = fontconfig.FcNameParse(f"{escaped}:weight={_WEIGHTS[weight]}".encode())
    fontconfig.FcConfigSubstitute(None, pattern, 0)
    fontconfig.FcDefaultSubstitute(pattern)
    found = fontconfig.FcFontMatch(None, pattern, ctypes.byref(_INT()))
    fontconfig.FcPatternDestroy(pattern)
    if not found:
        return None
    words, index = _TEXT(), _INT()
    try:
        fontconfig.FcPatternGetString(found, b"family", 0, ctypes.byref(words))
        if (words.value or b"").decode() != family:
            return None
        fontconfig.FcPatternGetString(found, b"file", 0, ctypes.byref(words))
        fontconfig.FcPatternGetInteger(found, b"index", 0, ctypes.byref(index))
        return Face(family, weight, Path(os.fsdecode(words.value or b"")), index.value)
    finally:
        fontconfig.FcPatternDestroy(found)
