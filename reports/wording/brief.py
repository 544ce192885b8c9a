"""Long texts of the lists cut for a page: the workbook has them whole."""

from __future__ import annotations

import re

_LEDGER_LINES = re.compile(r"，详见台账第[\d–]+行")


def brief(text: str, most: int) -> str:
    """``text`` without its lines of the ledger, cut at the last full clause within ``most`` characters."""
    text = _LEDGER_LINES.sub("", text).removesuffix("。")
    if len(text) <= most:
        return text
    ends = [m.start() for m in re.finditer("[，；。]", text[: most + 1])]
    return text[: ends[-1]] if ends else f"{text[:most]}…"
