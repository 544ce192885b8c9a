"""Whether every Python gives the same bytes (各版 Python 结果逐字节相同): one small year, made by each that is installed.

Each interpreter gets its own environment with the locked packages (``build/same-bytes/``, the first time a few minutes),
and makes the sample, both years, lists, reports, a page and forms, each in other circumstances: hash seed, time zone,
number of threads, empty caches. What they made is compared file by file, and of ``results.duckdb`` table by table. Prints
a table of digests; exit 1 where any two differ, 2 where there are no two interpreters to compare.

    .venv/bin/python scripts/same_bytes.py
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tijian.engine.results import SCHEMAS
from tijian.engine.storage.kept import digest
from tijian.engine.storage.record import file_hash
from tijian.engine.storage.store import facts_of, read_frame

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "build" / "same-bytes"
PINS = (ROOT / "requirements" / "build.txt", ROOT / "requirements" / "run.txt")
MINORS = ("3.11", "3.12", "3.13")
YEARS = (2025, 2026)
CIRCUMSTANCES = (("Asia/Shanghai", "2"), ("America/New_York", "1"), ("UTC", "4"))  # time zone, threads
THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
NOT_COMPARED = {".tijian.lock", ".reports.json"}  # the holder's number; which Python printed
MAIN = "from tijian.cli import main; main()"


@dataclass(frozen=True)
class Maker:
    """An interpreter with the locked packages, and what it is run in."""

    version: str
    python: Path
    surroundings: dict[str, str]


def main() -> int:
    """Make everything with every interpreter found and compare; the exit status."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--scale", type=float, default=0.02, help="size of the sample")
    scale = asked.parse_args().scale
    found = {minor: python for minor in MINORS if (python := interpreter(minor)) is not None}
    if len(found) < 2:
        print(f"two of Python {', '.join(MINORS)} are needed; found: {', '.join(found) or 'none'}")
        return 2
    told = {}
    for number, (minor, python) in enumerate(found.items()):
        maker = ready(minor, python, number)
        print(f"Python {maker.version}: {maker.python}", flush=True)
        told[minor] = contents(make(maker, minor, scale))
    return 1 if show(told) else 0


def interpreter(minor: str) -> Path | None:
    """A Python of this version that can make environments: on the PATH, or one of pyenv's."""
    named = shutil.which(f"python{minor}")
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for candidate in [*([Path(named)] if named else []), *sorted(kept.glob(f"{minor}.*/bin/python"))]:
        tried = subprocess.run(
            [candidate, "-c", "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if tried.stdout.strip() == minor:
            return candidate
    return None


def ready(minor: str, python: Path, number: int) -> Maker:
    """The interpreter in an environment of its own with the locked packages, made if it is not there."""
    place = PLACE / f"python{minor}"
    mark, wanted = place / "locked.txt", "\n".join(file_hash(pins) for pins in PINS)
    if not mark.is_file() or mark.read_text(encoding="utf-8") != wanted:
        print(f"Python {minor}: installing the locked packages", flush=True)
        subprocess.run([python, "-m", "venv", "--clear", place], check=True)
        pip = [
            str(place / "bin" / "python"),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "-qqq",
            "install",
            "--no-input",
        ]
        locked = [word for pins in PINS for word in ("-r", str(pins))]
        subprocess.run([*pip, "--no-deps", "--require-hashes", *locked], check=True)
        mark.write_text(wanted, encoding="utf-8")
    package = PLACE / "package"  # the checkout under the package's name
    package.mkdir(parents=True, exist_ok=True)
    if not (package / "tijian").exists():
        (package / "tijian").symlink_to(ROOT)
    zone, threads = CIRCUMSTANCES[number % len(CIRCUMSTANCES)]
    surroundings = {
        "PYTHONPATH": str(package), "PYTHONHASHSEED": str(number), "TZ": zone, **dict.fromkeys(THREADS, threads),
        "XDG_CACHE_HOME": str(PLACE / f"cache{minor}"),
    }  # fmt: skip
    python = place / "bin" / "python"
    version = subprocess.run([python, "-V"], check=True, capture_output=True, text=True).stdout.split()[-1]
    return Maker(version, python, surroundings)


def make(maker: Maker, minor: str, scale: float) -> Path:
    """Everything a small year leads to, made anew; the project's folder."""
    project = PLACE / f"made{minor}" / "演示"
    shutil.rmtree(project.parent, ignore_errors=True)
    shutil.rmtree(maker.surroundings["XDG_CACHE_HOME"], ignore_errors=True)
    project.parent.mkdir(parents=True)

    def tijian(*words: object) -> None:
        print("  tijian", *words, flush=True)
        command = [str(maker.python), "-c", MAIN, *map(str, words)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | maker.surroundings, cwd=project.parent)  # fmt: skip

    tijian("sample", project.name, "--scale", scale, "-q")
    for year in YEARS:
        tijian("run", "-q", "-p", project.name, "--year", year)
    town, community, department = somebody(project / "results.duckdb")
    tijian("lists", "-q", "-p", project.name, "--unit", town)
    tijian("lists", "-q", "-p", project.name, "--department", department)
    tijian(
        "report", "-q", "-p", project.name, "--unit", town, "--unit", community, "--department", department
    )
    tijian("page", "-p", project.name)
    tijian("forms", "-q", "-p", project.name, "--department", department)
    return project


def somebody(results: Path) -> tuple[str, str, str]:
    """The first town, the first community and the first department with something to do."""
    units = read_frame(results, "units", YEARS[-1]).sort("code")
    leads = read_frame(results, "remedy_list", YEARS[-1])["lead"].explode().drop_nulls()
    codes = [units.filter(units["level"] == level)["code"][0] for level in ("town", "community")]
    return codes[0], codes[1], min(leads)


def contents(project: Path) -> dict[str, str]:
    """What there is in a project → its SHA-256: files by their path, tables of the results by year and name."""
    store = project / "results.duckdb"
    paths = (path.relative_to(project) for path in sorted(project.rglob("*")) if path.is_file())
    files = {
        str(path): file_hash(project / path) for path in paths
        if path.name not in NOT_COMPARED and path.parts[0] not in (".tijian", store.name)
    }  # fmt: skip
    tables = {
        f"results.duckdb {year} {name}": digest(read_frame(store, name, year)) for year in YEARS for name in SCHEMAS
    }  # fmt: skip
    facts = {
        f"results.duckdb {year} facts": hashlib.sha256(repr(sorted(facts_of(store, year).items())).encode()).hexdigest()
        for year in YEARS
    }  # fmt: skip
    return files | tables | facts


def show(told: dict[str, dict[str, str]]) -> int:
    """Print the digests side by side and what they come to; how many differ."""
    names = sorted({name for digests in told.values() for name in digests})
    print("  ".join(["", *(f"{minor:<12}" for minor in told)]))
    differ = 0
    for name in names:
        row = [digests.get(name, "missing") for digests in told.values()]
        differ += len(set(row)) > 1
        print("≠" if len(set(row)) > 1 else "=", *(f"{each[:12]:<13}" for each in row), name)
    kinds: dict[str, int] = {}
    for name in names:
        kind = (
            "tables of results.duckdb" if name.startswith("results.duckdb") else Path(name).suffix.lstrip(".")
        )
        kinds[kind] = kinds.get(kind, 0) + 1
    print(
        f"{len(names)} compared ({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}); {differ} differ"
    )
    return differ


if __name__ == "__main__":
    sys.exit(main())
