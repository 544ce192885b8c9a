"""A trial reading in a process of its own (旧格式工作簿的试读): what would end the program ends only the trial.

The reader of .xls, .xlsb and .ods believes what a damaged file says of its own size; where that is more than there is
memory, the whole process is ended, which no handler can catch. An .xlsx is looked at beforehand (``sheet_xml.py``).
"""

from __future__ import annotations

import subprocess
import sys

MOST_MEMORY = 4 << 30
LONGEST_S = 120
_TRIAL = f"""
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MOST_MEMORY}, {MOST_MEMORY}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import python_calamine
with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as book:
    for name in book.sheet_names:
        book.get_sheet_by_name(name)
"""


def survives(workbook: bytes) -> bool:
    """Whether the reader comes to an end with a workbook, be it with a fault it can name."""
    try:
        done = subprocess.run(  # noqa: S603 (our own words, run by our own interpreter; -P keeps the folder's modules out)
            [sys.executable, "-P", "-c", _TRIAL],
            input=workbook,
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode in (0, 1)
