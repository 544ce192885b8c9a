"""Results files that earlier programs wrote (``golden/results``), and the small project they are of."""

import gzip
import re
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden" / "results"
FILES = {  # file → its schema version
    "version-1": 1, "version-2": 2, "version-3-early": 3, "version-3": 3, "version-4-early": 4, "version-4": 4,
}  # fmt: skip
YEAR = 2025
INPUTS = {
    "buildings", "estates", "bridges", "clinics", "bus_stops", "residences", "residents", "tickets", "greening",
    "utilities", "welfare", "flood_points", "care_homes",
}  # fmt: skip


def opened(name: str, folder: Path) -> Path:
    """The results file ``name`` as it was written, put into ``folder`` as results.duckdb."""
    path = folder / "results.duckdb"
    path.write_bytes(gzip.decompress((GOLDEN / f"{name}.duckdb.gz").read_bytes()))
    return path


def reduced(folder: Path) -> None:
    """Cut the sample project in ``folder`` down to :data:`INPUTS`, two indicator sets and a scheme that scores what is left."""
    path = folder / "tijian.toml"
    parts = re.split(r"^(?=\[)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = [part for part in parts if _wanted(part)]
    text = "".join(kept).replace(
        '["national-2025", "national-2022", "songjiang"]', '["national-2025", "songjiang"]'
    )
    assert "[scoring]\n" in text
    text = text.replace("[scoring]\n", "[scoring]\ndraws = 200\nminimum_present = 0.05\n")
    path.write_text(text, encoding="utf-8")


def _wanted(part: str) -> bool:
    named = re.match(r"\[inputs\.(\w+)\]", part)
    return named[1] in INPUTS if named else not part.startswith(("[budget]", "[topics]"))
