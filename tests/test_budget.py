"""Which projects gain most for the money: against trying every set, and faults of the table told one by one."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.analysis.budget import check_projects, choose_projects, rank_projects, spend
from tijian.engine.findings import Findings
from tijian.engine.intake.candidates import HEADERS, read_candidates
from tijian.engine.intake.names import NameBook
from tijian.engine.results import conform
from tijian.engine.scoring.everything import score_all
from tijian.engine.settings.project import Project, load_project
from tijian.engine.settings.scheme import Scoring

from .small_year import DISTRICT, TOWNS
from .test_gains import INDICATORS, YEAR, basis_of, measured, total_of, with_value

# ---- the choice ------------------------------------------------------------------------------------------------


def best_by_trying(worth: list[int], cost: list[int], group: list[int], budget: int) -> int:
    """The greatest worth of all sets within the budget with one of each group at most."""
    places = range(len(worth))
    return max(
        sum(worth[i] for i in some)
        for k in range(len(worth) + 1)
        for some in combinations(places, k)
        if sum(cost[i] for i in some) <= budget and len({group[i] for i in some}) == k
    )


TABLES = st.lists(
    st.tuples(st.integers(-5, 40), st.integers(0, 30), st.integers(0, 6)), min_size=1, max_size=11
)


@settings(max_examples=120, deadline=None)
@given(TABLES, st.integers(0, 120))
def test_no_other_set_within_the_budget_is_worth_more(rows: list[tuple[int, int, int]], budget: int) -> None:
    worth, cost, group = (list(column) for column in zip(*rows, strict=True))
    found = choose_projects(np.array(worth, float), np.array(cost, float), np.array(group), float(budget))
    taken = np.flatnonzero(found.chosen)
    assert sum(cost[i] for i in taken) <= budget
    assert len({group[i] for i in taken}) == len(taken)
    assert all(worth[i] > 0 for i in taken)
    assert sum(worth[i] for i in taken) == best_by_trying(worth, cost, group, budget)
    assert found.bound == 1.0


@settings(max_examples=60, deadline=None)
@given(TABLES, st.integers(0, 100), st.integers(0, 60))
def test_more_money_never_buys_less(rows: list[tuple[int, int, int]], budget: int, more: int) -> None:
    worth, cost, group = (np.array(column) for column in zip(*rows, strict=True))
    less, later = (
        choose_projects(worth.astype(float), cost.astype(float), group, float(b))
        for b in (budget, budget + more)
    )
    assert worth[later.chosen].sum() >= worth[less.chosen].sum()


def test_of_two_sets_worth_the_same_the_cheaper_is_taken() -> None:
    found = choose_projects(np.array([10.0, 5.0, 5.0]), np.array([9.0, 4.0, 4.0]), np.arange(3), 9.0)
    assert found.chosen.tolist() == [False, True, True]


def test_what_has_no_known_worth_is_never_chosen() -> None:
    found = choose_projects(np.array([np.nan, 0.0, -1.0]), np.zeros(3), np.arange(3), 100.0)
    assert not found.chosen.any()


# ---- the frames ------------------------------------------------------------------------------------------------


def table(*rows: tuple[str, str, str, float, float | None]) -> pl.DataFrame:
    """Candidates of (id, unit, indicator, cost, value afterwards), all of the file 项目库.xlsx."""
    return conform("projects", pl.DataFrame(
        [{"year": YEAR, "id": i, "name": f"{i}工程", "unit": u, "level": "district" if u == DISTRICT else "town",
          "indicator": c, "cost": cost, "value_then": then, "file": "项目库.xlsx", "row": n}
         for n, (i, u, c, cost, then) in enumerate(rows, 2)], infer_schema_length=None,
    ))  # fmt: skip


def project_with(tmp_path: Path, budget: str = "", scoring: str = "") -> Project:
    """A project whose folder holds a budget and a scheme and nothing else."""
    text = '[project]\nname = "试"\ndistrict = "100000"\nyear = 2026\n[units]\nfile = "单元.csv"\n'
    (tmp_path / "tijian.toml").write_text(
        f"{text}[budget]\n{budget}\n[scoring]\n{scoring}\n", encoding="utf-8"
    )
    findings = Findings()
    project = load_project(tmp_path, findings)
    assert project is not None, [str(f.message) for f in findings]
    return project


PROJECTS = (
    ("P1", TOWNS[0], "AQ-01", 300.0, None), ("P2", TOWNS[0], "JT-01", 200.0, 12.0), ("P3", TOWNS[1], "AQ-01", 100.0, None),
    ("P4", TOWNS[3], "AQ-02", 150.0, None), ("P5", TOWNS[0], "AQ-01", 120.0, 70.0), ("P6", DISTRICT, "JT-01", 900.0, None),
)  # fmt: skip


@pytest.mark.parametrize("means", ["arithmetic", "geometric"])
def test_a_project_gains_what_scoring_its_unit_again_gives(means: str, tmp_path: Path) -> None:
    project = project_with(tmp_path, "total = 600", f'aggregate_dimensions = "{means}"')
    basis = basis_of(measured())
    frames = score_all(basis, project.scoring)
    found = rank_projects(basis, frames | {"projects": table(*PROJECTS)}, project)
    rows = {r["id"]: r for r in found["projects"].iter_rows(named=True)}
    assert rows["P1"]["value_then"] == 90  # blank: the target
    for row in rows.values():
        then = total_of(
            with_value(basis, row["unit"], row["indicator"], row["value_then"]), project.scoring, row["unit"]
        )
        assert row["gain"] == pytest.approx(then - total_of(basis, project.scoring, row["unit"]))
        assert row["people"] == basis.units.filter(pl.col("code") == row["unit"])["population"][0]


@pytest.mark.parametrize(("means", "exact"), [("arithmetic", True), ("geometric", False)])
def test_the_chosen_are_reckoned_again_together(means: str, exact: bool, tmp_path: Path) -> None:
    project = project_with(tmp_path, "total = 600", f'aggregate_dimensions = "{means}"')
    basis = basis_of(measured())
    found = rank_projects(basis, score_all(basis, project.scoring) | {"projects": table(*PROJECTS)}, project)
    chosen = found["projects"].filter("chosen")
    whole = found["budget"].row(0, named=True)
    together = 0.0
    for (unit,), group in chosen.group_by(["unit"]):
        edited = basis
        for row in group.iter_rows(named=True):
            edited = with_value(edited, row["unit"], row["indicator"], row["value_then"])
        lift = total_of(edited, project.scoring, str(unit)) - total_of(basis, project.scoring, str(unit))
        together += lift * group["people"][0]
    assert whole["together"] == pytest.approx(together)
    assert whole["gain"] == pytest.approx((chosen["gain"] * chosen["people"]).sum())
    assert whole["exact"] is exact
    assert (whole["together"] == pytest.approx(whole["gain"])) is exact
    assert whole["spent"] == chosen["cost"].sum() <= whole["total"]
    assert whole["bound"] == 1


def test_two_projects_for_one_indicator_of_a_unit_are_alternatives(tmp_path: Path) -> None:
    project = project_with(tmp_path, "total = 5000")
    basis = basis_of(measured())
    found = rank_projects(basis, score_all(basis, Scoring()) | {"projects": table(*PROJECTS)}, project)[
        "projects"
    ]
    assert set(found.filter("chosen")["id"]) == {"P1", "P2", "P3", "P4", "P6"}  # all but the lesser way, P5
    assert found.filter(pl.col("id") == "P5")["extra"][0] is None


def test_a_project_left_out_says_how_much_more_money_it_would_take(tmp_path: Path) -> None:
    project = project_with(tmp_path, "total = 250")
    basis = basis_of(measured())
    rated = rank_projects(basis, score_all(basis, Scoring()) | {"projects": table(*PROJECTS)}, project)
    rows, spent = rated["projects"], rated["budget"]["spent"][0]
    assert 0 < spent <= 250
    left = rows.filter(pl.col("extra").is_not_null())
    assert left.height
    for row in left.iter_rows(named=True):
        assert row["extra"] == pytest.approx(row["cost"] - (250 - spent))
    assert rows.filter("chosen")["extra"].null_count() == rows.filter("chosen").height


def test_another_budget_is_tried_without_scoring_again_and_the_order_of_rows_is_nothing(
    tmp_path: Path,
) -> None:
    basis = basis_of(measured())
    frames = score_all(basis, Scoring())
    small = rank_projects(
        basis, frames | {"projects": table(*PROJECTS)}, project_with(tmp_path, "total = 100")
    )
    large = rank_projects(
        basis, frames | {"projects": table(*PROJECTS)}, project_with(tmp_path, "total = 700")
    )
    again, whole = spend(small["projects"].sample(fraction=1.0, shuffle=True, seed=3), 700.0)
    assert again["chosen"].to_list() == large["projects"]["chosen"].to_list()
    assert whole["gain"][0] == pytest.approx(large["budget"]["gain"][0])


def test_without_a_table_there_is_nothing_to_choose(tmp_path: Path) -> None:
    basis = basis_of(measured())
    assert (
        rank_projects(basis, score_all(basis, Scoring()) | {"projects": table()}, project_with(tmp_path))
        == {}
    )


# ---- the table -------------------------------------------------------------------------------------------------


def read(
    tmp_path: Path, rows: list[list[object]], headers: list[str] | None = None
) -> tuple[pl.DataFrame, Findings]:
    """What is read of a workbook with these rows, and the findings."""
    project = project_with(tmp_path, 'file = "项目库.xlsx"\ntotal = 100')
    with xlsxwriter.Workbook(str(tmp_path / "项目库.xlsx")) as book:
        sheet = book.add_worksheet("项目")
        for r, row in enumerate([headers or [*HEADERS.values()], *rows]):
            sheet.write_row(r, 0, row)
    findings = Findings()
    found, sources = read_candidates(project, NameBook(basis_of(measured()).units, {}), INDICATORS, findings)
    assert [s.file for s in sources] == ["项目库.xlsx"]
    return found, findings


def test_a_sound_table_is_read_with_codes_names_and_other_units_of_money(tmp_path: Path) -> None:
    headers = ["项目编号", "项目名称", "单元", "指标", "投资（亿元）", "实施后指标值"]
    rows: list[list[object]] = [
        ["P2", "乙", TOWNS[1], "指标AQ-01", 0.02, 85], ["P1", "甲", "第1街道", "JT-01", 0.5, None],
    ]  # fmt: skip
    found, findings = read(tmp_path, rows, headers)
    assert list(findings) == []
    assert found.select("id", "unit", "level", "indicator", "cost", "value_then", "row").rows() == [
        ("P1", TOWNS[0], "town", "JT-01", 5000.0, None, 3), ("P2", TOWNS[1], "town", "AQ-01", 200.0, 85.0, 2),
    ]  # fmt: skip


def test_every_fault_of_the_table_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["P1", "好项目", TOWNS[0], "AQ-01", 100, None],
        ["P2", "单元写错", "第九街道", "AQ-01", 100, None],
        ["P3", "指标写错", TOWNS[0], "指标AQ-0l", 100, None],
        ["P4", "没写投资", TOWNS[0], "JT-01", None, None],
        ["P5", "负的投资", TOWNS[1], "JT-01", -5, None],
        ["P1", "编号重复", TOWNS[1], "AQ-01", 100, None],
        ["P7", "投资是字", TOWNS[1], "AQ-01", "不详啊", None],
        [None, "没有编号", TOWNS[1], "AQ-01", 10, None],
    ]
    found, findings = read(tmp_path, rows)
    told = {(f.code, f.place.row, f.place.column) for f in findings}
    assert told == {
        ("N001", 3, "单元"), ("B001", 4, "指标"), ("B003", 5, "投资"), ("B003", 6, "投资"), ("T020", 7, "项目编号"),
        ("T010", 8, "投资"), ("T013", 9, "项目编号"),
    }  # fmt: skip
    assert all(f.place.file == "项目库.xlsx" and f.expected for f in findings)
    assert "指标AQ-01" in next(f.message for f in findings if f.code == "B001")
    assert found["id"].to_list() == ["P1"]


def test_an_indicator_is_not_for_a_unit_of_another_level(tmp_path: Path) -> None:
    project = project_with(tmp_path, 'file = "项目库.csv"')
    (tmp_path / "项目库.csv").write_text(
        f"{','.join(HEADERS.values())}\nP1,甲,{DISTRICT},AQ-01,5,\n", encoding="utf-8"
    )
    towns_only = tuple(i.model_copy(update={"levels": ("town",)}) for i in INDICATORS)
    findings = Findings()
    found, _ = read_candidates(project, NameBook(basis_of(measured()).units, {}), towns_only, findings)
    assert [f.code for f in findings] == ["B002"]
    assert found.is_empty()


def test_a_table_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    findings = Findings()
    project = project_with(tmp_path, 'file = "没有.xlsx"')
    found, sources = read_candidates(project, NameBook(basis_of(measured()).units, {}), INDICATORS, findings)
    assert [f.code for f in findings] == ["P004"]
    assert found.is_empty()
    assert sources == ()


def test_projects_that_can_gain_nothing_are_told_and_stay_on_the_table() -> None:
    basis = basis_of(measured(**{"AQ-02": (8, None, 0, 3, 1)}))
    candidates = table(
        ("P1", TOWNS[0], "AQ-01", 10, 40.0), ("P2", TOWNS[0], "JT-03", 10, None), ("P3", TOWNS[0], "AQ-02", 10, None),
        ("P4", TOWNS[0], "AQ-03", 10, 1.0), ("P5", TOWNS[1], "AQ-01", 10, None), ("P6", TOWNS[1], "JT-01", 10, 9.0),
    )  # fmt: skip
    unknown = basis.units.with_columns(
        population=pl.when(pl.col("code") == TOWNS[1]).then(None).otherwise("population")
    )
    findings = Findings()
    check_projects(candidates, basis.measurements, unknown, INDICATORS, YEAR, findings)
    assert sorted((f.code, f.place.row) for f in findings) == [
        ("B004", 2), ("B004", 5), ("B005", 3), ("B006", 4), ("B007", 6), ("B007", 7),
    ]  # fmt: skip
    assert all(f.level == "warning" for f in findings)
