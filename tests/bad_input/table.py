"""The corpus as a page: every case beside what is told of it (docs/bad-input.md)."""

from __future__ import annotations

import re
import tempfile
from itertools import groupby
from pathlib import Path

from tijian.engine.findings import Finding

from .outcome import CASES, GROUPS, finished, outcome

PAGE = "docs/bad-input.md"
COMMAND = ".venv/bin/python scripts/make_bad_input.py"
SHOWN = 3  # findings of a case that are printed; the others are counted
HEAD = """# Bad input: what is told of it

{cases} faults, each planted by a function in `tests/bad_input/` into a small project in which everything is right, after a
good run. `tests/test_bad_input.py` compares every finding with what the case declares (file, sheet, row, column, code), and
proves that nothing in the folder has changed, `results.duckdb` and `out/` to the byte. {errors} cases end the run (exit status
1); {warnings} are told as warnings, because the rest can be used (a boundary that crosses itself is mended, a number beyond all
bounds is missing, a telephone number is masked); {nothing} look like faults and are read as what they are.

Made by `{command}`; a test says when it is stale. The words behind the code are those the user reads.
"""


def page() -> str:
    """The page as it must stand."""
    with tempfile.TemporaryDirectory() as place:
        base = finished(Path(place) / "base")
        rows = []
        for number, case in enumerate(CASES):
            folder = Path(place) / str(number)
            rows.append((case, outcome(case, base, folder).findings))
    ends = sum(any(f.level == "error" for f in told) for _, told in rows)
    nothing = sum(not told for _, told in rows)
    parts = [
        HEAD.format(
            cases=len(rows),
            errors=ends,
            nothing=nothing,
            warnings=len(rows) - ends - nothing,
            command=COMMAND,
        )
    ]
    about = {
        module.__name__.rpartition(".")[2]: (module.__doc__ or "").strip().splitlines()[0]
        for module in GROUPS
    }
    for group, cases in groupby(
        sorted(rows, key=lambda r: list(about).index(r[0].group)), key=lambda r: r[0].group
    ):
        lines = [f"| {case.title} | {_told(told)} |" for case, told in cases]
        parts.append(
            f"\n## {about[group]}\n\n| case | what is told |\n| --- | --- |\n" + "\n".join(lines) + "\n"
        )
    return "".join(parts)


def _told(told: tuple[Finding, ...]) -> str:
    """The findings of one case in one cell of the table."""
    if not told:
        return "nothing: it is read"
    lines = [f"**{f.code}** {_cell(str(f.place))}：{_cell(f.message)}" for f in told[:SHOWN]]
    more = [f"… and {len(told) - SHOWN} more"] if len(told) > SHOWN else []
    return "<br>".join([*lines, *more])


def _cell(text: str) -> str:
    """A text as it may stand in a table: no path of this machine, no marks of the page, nothing that runs over lines."""
    text = re.sub(r"/\S*?/(\d+|base)/", "", text)
    text = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    text = " ".join(text.split())
    for mark in "\\`*_<>|[]":
        text = text.replace(mark, {"<": "&lt;", ">": "&gt;"}.get(mark, "\\" + mark))
    return text if len(text) <= 160 else text[:159] + "…"
