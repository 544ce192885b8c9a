"""Write docs/bad-input.md: plant every fault of tests/bad_input/ and put down what is told of it."""

from __future__ import annotations

from pathlib import Path

from tijian.tests.bad_input.table import PAGE, page

if __name__ == "__main__":
    (Path(__file__).resolve().parents[1] / PAGE).write_text(page(), encoding="utf-8")
