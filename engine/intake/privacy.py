"""Personal data (个人信息): found at intake, masked before anything is stored or printed, and told of.

What counts as personal is said in ``engine/personal.py``; looked for is it in every text column of every input. The text
around it stays.
"""

from __future__ import annotations

import polars as pl

from ..evidence import POSITION
from ..findings import Findings, Place
from ..personal import SUSPECT, masked


def mask_personal(frame: pl.DataFrame, headers: dict[str, str], findings: Findings) -> pl.DataFrame:
    """``frame`` with personal numbers masked; K001 per column with the first row and the number of rows.

    ``headers`` maps our column names → the headers in the file, for the finding.
    """
    texts = [c for c, t in frame.schema.items() if t == pl.String and c not in POSITION]
    for column in texts:
        texts_here = frame[column].unique().drop_nulls().sort()
        suspects = texts_here.filter(texts_here.str.contains(SUSPECT)).to_list()
        clean = {text: safe for text in suspects if (safe := masked(text)) != text}
        if not clean:
            continue
        hits = frame.filter(pl.col(column).is_in(list(clean)))
        first = hits.row(0, named=True)
        place = Place(first["_file"], first["_sheet"], first["_row"], headers.get(column, column))
        findings.add("K001", place, count=hits.height, expected="删去电话、证件号码后再报送")
        frame = frame.with_columns(pl.col(column).replace(clean))
    return frame
