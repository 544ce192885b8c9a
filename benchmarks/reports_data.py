"""What ``reports.py`` prints: the reports of a finished project as finished HTML, made once.

    python benchmarks/reports_data.py PROJECT FOLDER [TOWNS] [COMMUNITIES]

``long.pickle`` and ``community.pickle`` hold for each report what goes to the engine's press and the same as one plain page:
the style sheet at its head, every drawing in its place, the excerpt that fits put in. ``look.pickle`` is the engine's
style sheet and fonts.
"""

from __future__ import annotations

import base64
import pickle
import re
import sys
from pathlib import Path

from tijian.engine.storage.store import read_results
from tijian.reports.build import plan
from tijian.reports.content.assemble import assemble
from tijian.reports.pdf import press
from tijian.reports.pdf.fonts import look, own_stack
from tijian.reports.pdf.render import sheets_of
from tijian.reports.templating import style_sheet
from tijian.reports.theme import load_theme
from tijian.reports.view import View

DRAWING = re.compile(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="[^"]*" style="([^"]*)"/>')


def make(project: Path, folder: Path, most: dict[str, int | None]) -> None:
    """The files, of at most so many reports of a kind (None: all)."""
    results = read_results(project / "results.duckdb")
    view = View(results)
    jobs = plan(results, ["district", "town", "community"])
    for name, kinds in {"long": ("district", "town"), "community": ("community",)}.items():
        chosen = [job for kind in kinds for job in [j for j in jobs if j.kind == kind][: most.get(kind)]]
        both = []
        for job in chosen:
            sheets = sheets_of(assemble(view, job.kind, job.key), results.grade_cuts)
            both.append((sheets, plain_page(press.fitted(sheets, look()))))
        (folder / f"{name}.pickle").write_bytes(pickle.dumps(both))
    (folder / "look.pickle").write_bytes(pickle.dumps(look()))


def plain_page(page: str) -> str:
    """The page as one would write it for WeasyPrint without further thought: all inline, the system's fonts."""

    def inline(found: re.Match[str]) -> str:
        svg = base64.b64decode(found.group(1)).decode()
        svg = svg.replace(own_stack("sans"), load_theme().css_font("sans"))
        return svg.replace("<svg ", f'<svg style="{found.group(2)}" ', 1)

    return DRAWING.sub(inline, page).replace("</head>", f"<style>{style_sheet('style.css')}</style></head>")


if __name__ == "__main__":
    towns, communities = (int(each) if each else None for each in (sys.argv[3:5] or ("", "")))
    make(Path(sys.argv[1]), Path(sys.argv[2]), {"town": towns, "community": communities})
