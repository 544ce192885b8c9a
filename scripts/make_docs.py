"""Write the pages that are made from the code: run by `make docs`; the tests say when they are stale."""

from __future__ import annotations

from pathlib import Path

import typer.main
from tijian.cli import app
from tijian.engine.findings import Findings
from tijian.indicators.loader import load_indicators
from tijian.indicators.reference import reference_page
from tijian.indicators.schema import SCHEMA_FILE, schema_text
from tijian.reports.indicator_pages import indicator_pages
from tijian.reports.manual.commands_page import commands_page
from tijian.reports.manual.findings_page import findings_page
from tijian.reports.manual.settings_page import settings_page

ROOT = Path(__file__).resolve().parents[1]
SETS = ("national-2025", "national-2022", "songjiang", "shanghai")
YEAR = 2026


def generated() -> dict[str, str]:
    """Path below the checkout → what must stand there.

    The shanghai set comes last so that the pages of all others speak of the national eight dimensions where only they
    are in force; its own indicators are shown as it places them.
    """
    nothing = Path("/nonexistent")
    national = load_indicators(SETS[:3], nothing, Findings())
    shanghai = load_indicators(SETS, nothing, Findings())
    pages = indicator_pages(shanghai, YEAR) | {
        name: text for name, text in indicator_pages(national, YEAR).items() if name != "README.md"
    }
    return {
        "docs/indicator-fields.md": reference_page(),
        "docs/manual/07-findings.md": findings_page(),
        "docs/manual/08-commands.md": commands_page(typer.main.get_command(app)),
        "docs/manual/09-settings.md": settings_page(),
        f"indicators/{SCHEMA_FILE}": schema_text(),
        **{f"docs/indicators/{name}": text for name, text in pages.items()},
    }


def main() -> None:
    """Write everything, and take away pages of indicators that are no more."""
    made = generated()
    for path in (ROOT / "docs" / "indicators").glob("*.md"):
        if f"docs/indicators/{path.name}" not in made:
            path.unlink()
    for name, text in made.items():
        target = ROOT / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
