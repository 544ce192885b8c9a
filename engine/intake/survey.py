"""Survey (居民满意度问卷): a questionnaire platform's export → one row per answer, each question scored 0–100.

The export's header is the question's text. Of a matrix question the first column carries stem and item
(``15、您对以下方面的满意度—停车``), the following ones only number and item (``15、养老服务``), so a question is
found by the item its header ends with. Words become scores by the project's ``answers``; a blank is no answer, a
word the project does not know is a finding. What was pasted in twice is found by ``survey_batches.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from ..findings import Findings, Place
from ..settings.project import Input
from .sheets.cells import fold_name
from .sheets.tables import TableSpec, read_headers, read_table
from .survey_batches import report_batches, report_careless, with_batches

LIKERT = {"非常满意": 100.0, "比较满意": 75.0, "满意": 75.0, "一般": 50.0, "基本满意": 50.0, "不太满意": 25.0,
          "不满意": 25.0, "很不满意": 0.0, "非常不满意": 0.0}  # fmt: skip
# what may be asked of the person: the check of the sample says which of them are not
OF_THE_PERSON = ("sex", "age", "occupation", "residence", "seconds")


def read_survey(
    item: Input, path: Path, shown: str, findings: Findings, correct: Callable[[pl.DataFrame], pl.DataFrame],
    *, once: bool = True,
) -> pl.DataFrame | None:  # fmt: skip
    """The answers of one file, with ``_unit``/``_within`` as written; None when the file cannot be read.

    ``once`` counts an answer that was pasted in again only once.
    """
    headers = read_headers(path, findings, shown_as=shown, sheet=item.sheet)
    if headers is None:
        return None
    columns = {
        ours: header
        for ours, header in item.columns.items()
        if ours not in OF_THE_PERSON or _ending(header, headers)
    }
    for ours, header in (("_unit", item.unit), ("_within", item.within)):
        if header:
            columns[ours] = _ending(header, headers) or header
    for question, text in item.questions.items():
        found = _ending(text, headers)
        if found is None:
            findings.add(
                "S001",
                Place(shown, column=text),
                value=text,
                expected="表头以这几个字结尾的一列",
                question=question,
            )
            continue
        columns[question] = found
    spec = TableSpec(
        sheet=item.sheet, columns=columns, required=frozenset(c for c in ("_unit",) if c in columns)
    )
    frame = read_table(path, spec, findings, shown_as=shown, correct=correct)
    if frame is None or frame.is_empty():
        return frame
    frame = report_batches(with_batches(frame, path, item), item, findings, once=once)
    frame = _score(frame, item, findings)
    report_careless(frame, item, findings)
    return frame


def _ending(text: str, headers: list[str]) -> str | None:
    """The one header that is ``text``, or ends with it; None when none or several do."""
    wanted = fold_name(text)
    whole = [h for h in headers if fold_name(h) == wanted]
    ends = whole or [h for h in headers if fold_name(h).endswith(wanted)]
    shortest = sorted(ends, key=len)
    return shortest[0] if shortest and (len(shortest) == 1 or whole) else None


def _score(frame: pl.DataFrame, item: Input, findings: Findings) -> pl.DataFrame:
    """Words → 0–100; S002 once for each unknown word of a question."""
    known = {fold_name(k): v for k, v in (item.answers or LIKERT).items()}
    for question, text in item.questions.items():
        if question not in frame.columns:
            continue
        words = frame[question].unique().drop_nulls().to_list()
        scores = {w: known.get(fold_name(w)) for w in words}
        for word in sorted(w for w in words if fold_name(w) and scores[w] is None):
            first = frame.filter(pl.col(question) == word).row(0, named=True)
            findings.add("S002", Place(first["_file"], first["_sheet"], first["_row"], text), value=word,
                         expected="、".join(item.answers or LIKERT))  # fmt: skip
        frame = frame.with_columns(
            pl.col(question).replace_strict(scores, default=None, return_dtype=pl.Float64).alias(question)
        )
    return frame
