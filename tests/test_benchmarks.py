"""The benchmarks run: small, without the libraries they compare with, and they refuse to time different answers."""

from __future__ import annotations

import base64
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import shapely


@pytest.fixture(scope="module")
def benchmark(root: Path) -> Iterator[Callable[[str], ModuleType]]:
    """A module of the benchmarks by name; they find each other as they do when run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "benchmarks")
        yield importlib.import_module


@pytest.fixture(scope="module")
def space(benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return benchmark("space")


@pytest.fixture(scope="module")
def data(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("space")
    subprocess.run([sys.executable, root / "benchmarks" / "space_data.py", folder, "tiny"], check=True)
    return folder


def answer(root: Path, data: Path, case: str) -> tuple[int, float]:
    command = [sys.executable, root / "benchmarks" / "space_cases.py", case, data]
    done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert done["peak"] > 10, "a process of Python takes more than 10 MB"
    assert done["wall"] > 0
    return done["many"], done["total"]


def test_one_command_prints_every_job_and_says_which_libraries_were_left_out(root: Path) -> None:
    command = [
        sys.executable,
        root / "benchmarks" / "space.py",
        "--size",
        "tiny",
        "--runs",
        "1",
        "--without-peers",
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = printed.splitlines()
    assert sum(line.startswith("| engine | ") for line in lines) == 7
    assert sum(line.startswith("| scipy | ") for line in lines) == 2
    left_out = [line.split(" | ")[0] for line in lines if "left out" in line]
    assert left_out == ["| geopandas", "| geopandas", "| networkit", "| pandana"]


def test_points_are_counted_as_a_plain_table_of_distances_counts_them(root: Path, data: Path) -> None:
    demand, supply = np.load(data / "demand.npy"), np.load(data / "supply.npy")
    nearest = np.min([np.hypot(*(demand - place).T) for place in supply], axis=0)
    expected = nearest[nearest <= 500]
    assert len(expected) > 20
    assert answer(root, data, "points.engine") == (len(expected), pytest.approx(expected.sum()))


def test_land_is_measured_as_one_union_cut_by_each_community(root: Path, data: Path) -> None:
    with np.load(data / "communities.npz") as stored:
        ends = np.cumsum(stored["size"])
        raw = stored["wkb"].tobytes()
        units = [
            shapely.from_wkb(raw[end - size : end]) for end, size in zip(ends, stored["size"], strict=True)
        ]
    assert sum(unit.area for unit in units) == pytest.approx(40_000.0**2), "the communities fill the square"
    reach = shapely.union_all(shapely.buffer(shapely.points(np.load(data / "supply.npy")), 500, quad_segs=32))
    areas = np.array([unit.intersection(reach).area for unit in units])
    many, total = answer(root, data, "area.engine")
    assert (many, total) == ((areas > 0).sum(), pytest.approx(areas.sum(), rel=1e-9))


def test_the_engine_walks_as_far_as_bare_scipy(root: Path, data: Path) -> None:
    answer(root, data, "snap.engine")
    ours, floor = (answer(root, data, f"walk.{library}") for library in ("engine", "scipy"))
    assert ours == (floor[0], pytest.approx(floor[1]))
    assert 0 < ours[0] < 30 * 30, "some junctions are out of reach"


def test_nothing_is_timed_when_the_answers_differ(
    space: ModuleType, benchmark: Callable[[str], ModuleType]
) -> None:
    job, compare = space.Job("a job", ("engine", "other"), within=1e-6), benchmark("side_by_side").compare
    same, less = {"many": 1000, "total": 5e6}, {"many": 999, "total": 5e6}
    compare(job, {"engine": [same], "other": [{"many": 1000, "total": 5e6 + 1}], "third": "not installed"})
    with pytest.raises(SystemExit, match="other has many 999, the engine 1000"):
        compare(job, {"engine": [same], "other": [less]})


def test_ratios_are_of_medians_and_a_library_that_is_not_there_has_its_row(space: ModuleType) -> None:
    def run(wall: float) -> dict[str, float]:
        return {"ready": 1.0, "wall": wall, "cpu": wall, "peak": 100.0, "many": 5, "total": 9.0}

    found = {
        "engine": [run(1), run(9), run(2)],
        "other": [run(8), run(5), run(99)],
        "third": "not installed: why",
    }
    rows = space.table(space.Job("a job", tuple(found)), found).splitlines()
    assert rows[-2].startswith("| other | 8.000 | 4.00 | 8.000 | 4.00 | 100 | 1.00 |")
    assert rows[-1].startswith("| third | not installed: why |")


def test_scoring_is_measured_in_one_command_beside_the_bare_floor(root: Path) -> None:
    command = [
        sys.executable,
        root / "benchmarks" / "scoring.py",
        "--small",
        "--runs",
        "1",
        "--without-peers",
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert sum(line.startswith("| engine | ") for line in printed) == 5
    assert sum(line.startswith("| numpy | ") for line in printed) == 3
    left_out = [line.split(" | ")[0] for line in printed if "left out" in line]
    assert left_out == [
        "| pandas", "| pandas-groupby", "| scikit-criteria", "| pymcdm", "| pandas", "| SALib",
    ]  # fmt: skip
    assert any(line.startswith("**a country") and "many 3,000" in line for line in printed)


def test_a_country_is_measured_stage_by_stage_and_beside_its_floors(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, root / "benchmarks" / "national.py", "--scale", "0.0005", "--runs", "1"]
    printed = subprocess.run(
        [*command, "--folder", tmp_path], capture_output=True, text=True, check=True
    ).stdout
    lines = printed.splitlines()
    libraries = [line.split(" | ")[0] for line in lines if line.startswith("| ") and line.endswith(" | 1 |")]
    each = ["engine", "duckdb", "duckdb-delivered", "engine", "engine", "decoding", "engine", "numpy"]
    assert libraries == [f"| {name}" for name in each]
    table = lines[lines.index("### Stages") : lines.index("### Scale 0.0005")]
    stages = [line.split(" | ")[0] for line in table if line.startswith("| ")]
    assert stages == [
        "| stage", "| units", "| settle", "| measure", "| roll_up", "| values", "| score", "| diagnose", "| store", "| all",
    ]  # fmt: skip
    assert any(line.startswith("**pairs of all communities") and "towns" in line for line in lines)


def test_growth_of_one_is_cost_growing_as_the_country_does(benchmark: Callable[[str], ModuleType]) -> None:
    national = benchmark("national")

    def told(seconds: float, peak: float) -> dict[str, object]:
        return {
            "stages": {name: [seconds, 2 * seconds, peak] for name in national.STAGES},
            "rows": 5,
            "shortfalls": 2,
            "results": 1.0,
        }

    rows = national.stages({"0.01": told(9, 50), "0.1": told(2, 100), "1": told(10, 300)}).splitlines()
    assert rows[2].endswith("| 2.00 | 4.00 | 100 | 10.00 | 20.00 | 300 | 0.50 |"), (
        "ten times the size, five times the work"
    )
    assert rows[10].startswith("| all |")
    assert rows[10].endswith("| 80.00 | 160.00 | 300 | 0.50 |"), "sums of seconds, and the largest peak"


def test_least_and_median_times_stand_beside_each_other(benchmark: Callable[[str], ModuleType]) -> None:
    def run(wall: float) -> dict[str, float]:
        return {"ready": 1.0, "wall": wall, "cpu": wall, "peak": 100.0, "more": 7.0, "many": 5}

    scoring = benchmark("scoring")
    found = {"engine": [run(2), run(9), run(4)], "other": [run(8), run(6), run(20)], "third": "left out"}
    rows = scoring.table(scoring.Job("a job", tuple(found)), found).splitlines()
    assert rows[-2] == "| other | 6.0000 | 3.00 | 8.0000 | 2.00 | 8.000 | 100 | 7 | 3 |"
    assert rows[-1].startswith("| third | left out |")


@pytest.mark.parametrize(
    ("name", "peers"),
    [
        ("space", {"geopandas", "networkit", "pandana", "scipy"}),
        ("scoring", {"pandas", "pymcdm", "salib", "scikit-criteria"}),
    ],
)
def test_the_peers_are_pinned_by_hash_and_no_address_of_an_index_is_kept(
    root: Path, name: str, peers: set[str]
) -> None:
    lines = (root / "benchmarks" / f"requirements-{name}.txt").read_text(encoding="utf-8").splitlines()
    named = [n for n, line in enumerate(lines) if "==" in line and not line.lstrip().startswith("#")]
    assert {lines[n].split("==")[0] for n in named} >= peers
    assert all(lines[n].endswith("\\") and "--hash=sha256:" in lines[n + 1] for n in named)
    assert not [line for line in lines if "://" in line or line.startswith("--")]


def test_ratios_of_printing_are_to_the_engine_and_the_peak_is_the_highest(
    benchmark: Callable[[str], ModuleType],
) -> None:
    def run(wall: float, cpu: float, peak: float) -> dict[str, float]:
        return {"ready": 1.0, "wall": wall, "cpu": cpu, "peak": peak, "more": 0.0, "reports": 4, "pages": 60}

    reports = benchmark("reports")
    found = {"engine": [run(2, 4, 90), run(3, 5, 110)], "plain_tagged": [run(8, 8, 300), run(12, 12, 200)]}
    rows = reports.table(reports.JOBS["long"], found).splitlines()
    assert rows[1] == "**the district and its towns**: 4 reports, 60 pages"
    assert rows[-1] == "| plain tagged | 8.0 | 4.00 | 10.0 | 4.00 | 10.0 | 2.22 | 7.5 | 300 | 2 |"


def test_the_plain_page_has_its_drawings_and_style_in_it(benchmark: Callable[[str], ModuleType]) -> None:
    chart = base64.b64encode(b'<svg width="9mm"><path d="M0,0"/></svg>').decode()
    page = (
        f'<html><head></head><img src="data:image/svg+xml;base64,{chart}" alt="a" style="width:9mm"/></html>'
    )
    plain = benchmark("reports_data").plain_page(page)
    assert '<svg style="width:9mm" width="9mm"><path d="M0,0"/></svg></html>' in plain
    assert plain.count("<style>") == 1
    assert "tijian" not in plain
