"""Personal data (个人信息): found at intake, masked before anything is stored or printed, and told of.

What is looked for, in every text column of every input: mainland mobile numbers (1[3-9] and nine digits) and
resident identity numbers (18 characters with a date of birth inside, GB 11643-1999; the check digit is not asked
for, because a mistyped number is personal too). The text around them stays.
"""

from __future__ import annotations

import polars as pl

from ..evidence import POSITION
from ..findings import Findings, Place

MOBILE = r"(^|[^0-9])1[3-9][0-9]{9}($|[^0-9])"
IDENTITY = r"(^|[^0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]($|[^0-9A-Za-z])"
MASK = "$1［已隐去］$2"


def mask_personal(frame: pl.DataFrame, headers: dict[str, str], findings: Findings) -> pl.DataFrame:
    """``frame`` with personal numbers masked; K001 per column with the first row and the number of rows.

    ``headers`` maps our column names → the headers in the file, for the finding.
    """
    texts = [c for c, t in frame.schema.items() if t == pl.String and c not in POSITION]
    for column in texts:
        identity = frame[column].str.contains(IDENTITY)
        found = frame[column].str.contains(MOBILE) | identity.fill_null(False)
        hits = frame.filter(found.fill_null(False))
        if hits.is_empty():
            continue
        first = hits.row(0, named=True)
        place = Place(first["_file"], first["_sheet"], first["_row"], headers.get(column, column))
        findings.add("K001", place, count=hits.height, expected="删去电话、证件号码后再报送")
        frame = frame.with_columns(
            pl.col(column).str.replace_all(IDENTITY, MASK).str.replace_all(MOBILE, MASK).alias(column)
        )
    return frame
