"""Draw the funnel of docs/small-numbers.md from the finished results of the real city's example (see examples/yichang).

    .venv/bin/python scripts/make_small_numbers.py 项目目录

The drawing names no community.
"""

import sys
from dataclasses import replace
from pathlib import Path

from tijian.engine.storage.store import read_results
from tijian.reports.charts.funnel import funnel
from tijian.reports.content.funnels import funnel_of
from tijian.reports.view import View

YEAR, SHOWN = 2025, "ZF-54"


def main(project: Path) -> None:
    """Write the SVG beside the document, and say what is in it."""
    found = funnel_of(View(read_results(project / "results.duckdb", YEAR)), SHOWN)
    if isinstance(found, str):
        raise SystemExit(found)
    unnamed = [replace(spot, name="") for spot in found.spots]
    chart = funnel(unnamed, found.lines, found.worse, "漏斗图", ("个/km²", "面积（km²）"), 120)
    target = Path(__file__).resolve().parents[1] / "docs" / "small-numbers-funnel.svg"
    target.write_text(chart.svg, encoding="utf-8")
    sys.stdout.write(
        f"{target}\n{found.indicator['name']}: {len(found.spots)} units, phi {found.dispersion.phi:.2f}, "
        f"outside {found.named}, worse {len(found.outside(found.worse))}\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
