"""File names (文件名) made from names of units, departments and topics.

Names come from inputs, and a name is not a path: whatever stands in it, the result is one plain file name
that Windows, macOS and Linux all accept. Offices on Windows also need short paths, so each has a limit.
"""

from __future__ import annotations

import unicodedata

RESERVED = set('<>:"/\\|?*')
# Names Windows keeps for devices, with or without an extension.
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{p}{n}" for p in ("COM", "LPT") for n in range(1, 10))}
NAMELESS = "未命名"


def _is_kept(character: str) -> bool:
    """Whether ``character`` may stand in a file name: no control, format, surrogate or reserved character."""
    return character not in RESERVED and unicodedata.category(character)[0] != "C"


def safe_name(text: str, limit: int = 40) -> str:
    """``text`` as one file name of at most ``limit`` characters, without its extension; never empty.

    Blanks are folded to one; reserved and control characters become ``_``; dots and blanks at either end go
    (a leading dot hides a file, a trailing one is lost on Windows). Raises ValueError for a limit under 1.
    """
    if limit < 1:
        raise ValueError("limit must be at least 1")
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(c if _is_kept(c) else "_" for c in folded).strip(" .")
    kept = kept[:limit].rstrip(" .")
    if kept.split(".")[0].strip().upper() in DEVICES:
        kept = f"_{kept}"[:limit]
    return kept or NAMELESS[:limit]
