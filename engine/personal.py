"""Personal numbers (手机号、身份证号): how they are known, and taken out of a text.

Looked for are mainland mobile numbers (1[3-9] and nine digits, with or without +86, in one piece or 3-4-4), resident
identity numbers (18 characters with a date of birth inside, GB 11643-1999; the check digit is not asked for, because a
mistyped number is personal too), and those of the old fifteen digits where the text says 身份证: alone they look like any
code of a building. Full-width digits count as digits.
"""

from __future__ import annotations

import re

_D = "[0-9０-９]"
_GAP = r"[-－\s]?"
_MOBILE = rf"(?<!{_D})(?:[+＋]?[8８][6６]{_GAP})?[1１][3-9３-９]{_D}{_GAP}{_D}{{4}}{_GAP}{_D}{{4}}(?!{_D})"
_IDENTITY = (
    rf"(?<!{_D})[1-9１-９]{_D}{{5}}(?:[1１][9９]|[2２][0０]){_D}{{2}}(?:[0０][1-9１-９]|[1１][0-2０-２])"
    rf"(?:[0０][1-9１-９]|[12１２]{_D}|[3３][01０１]){_D}{{3}}[0-9０-９XxＸｘ](?![0-9０-９A-Za-z])"
)
_OLD_IDENTITY = rf"(?<=身份证)([^0-9０-９]{{0,6}}){_D}{{15}}(?!{_D})"
_PERSONAL = re.compile(f"{_IDENTITY}|{_MOBILE}")
_OLD = re.compile(_OLD_IDENTITY)
#: What every text with a personal number has, for a first look at whole columns; most such texts have none.
SUSPECT = rf"{_D}{_D}{_D}{_GAP}{_D}{{4}}{_GAP}{_D}{{4}}"
MASK = "［已隐去］"


def masked(text: str) -> str:
    """The text with every personal number replaced by ［已隐去］."""
    if len(text) < 11:
        return text
    return _OLD.sub(rf"\g<1>{MASK}", _PERSONAL.sub(MASK, text))
