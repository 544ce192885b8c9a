"""Units side by side as they are shown: the same tables on the terminal, on paper and in the workbook."""

from __future__ import annotations

import math
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from rich.cells import cell_len
from tijian.engine.analysis.comparing_peers import best_practice, nearest_peers
from tijian.engine.results import Results
from tijian.reports.blocks import FigureBlock, Heat, TableBlock
from tijian.reports.charts.gap import waterfall
from tijian.reports.charts.radar import overlay
from tijian.reports.content.compare import compare_report
from tijian.reports.pdf.render import print_report
from tijian.reports.tables.comparison import (
    Comparison,
    compare_units,
    dimensions_table,
    gap_by_dimension,
    practice_table,
    stem_of,
    totals_table,
)
from tijian.reports.tables.comparison_gap import drivers_table, gap_said, gap_table
from tijian.reports.terminal.compare import compare_view
from tijian.reports.view import View
from tijian.reports.workbook.compare import write_comparison

from .cli_project import YEAR, copy_of, finished_sample, refused, told
from .results_fixture import DISTRICT, make_results
from .shown import on_screen

TOWNS = tuple(f"{DISTRICT}{i:03d}" for i in range(1, 18))
COMMUNITIES = (f"{DISTRICT}001001", f"{DISTRICT}002001")


@cache
def results() -> Results:
    return make_results(hostile=True)


@cache
def of(*units: str) -> Comparison:
    return compare_units(View(results()), units)


def figures(cells: list) -> list[float]:
    return [cell.value for cell in cells]


# ---- who is alike, who does it well -----------------------------------------------------------------------


def test_the_nearest_peer_of_a_twin_is_its_twin() -> None:
    """The second town is given the first one's scores, people, land and kind."""
    held, (first, second) = results(), TOWNS[:2]
    own = held.dimensions.filter(unit=first).with_columns(unit=pl.lit(second))
    facts = held.units.filter(code=first).row(0, named=True)
    twin = held.units.with_columns(
        pl.when(pl.col("code") == second).then(pl.lit(facts[name])).otherwise(name).alias(name)
        for name in ("population", "area_km2", "kind")
    )
    others = held.dimensions.filter(pl.col("unit") != second)
    found = nearest_peers(replace(held, units=twin, dimensions=pl.concat([others, own])), TOWNS[:2], 2)
    assert found["peer"].to_list()[::2] == [second, first]
    assert found["distance"].to_list()[::2] == [0.0, 0.0]
    assert (found["distance"].to_list()[1::2]) == pytest.approx([found["distance"][1]] * 2)


def test_distance_is_the_root_mean_square_of_standardised_differences() -> None:
    """Scores 0, 1, 2 in one dimension (deviation √⅔), nothing known of people or land, one kind."""
    codes = list(TOWNS[:3])
    units = results().units.filter(pl.col("code").is_in(codes)).with_columns(
        population=pl.lit(None, dtype=pl.Float64), kind=pl.lit("镇")
    )  # fmt: skip
    dimensions = results().dimensions.filter(
        pl.col("unit").is_in(codes) & (pl.col("dimension") == "生态宜居")
    ).with_columns(score=pl.Series([0.0, 1.0, 2.0]))  # fmt: skip
    found = nearest_peers(replace(results(), units=units, dimensions=dimensions), codes[:1], 2)
    step = 1 / math.sqrt(2 / 3)
    # of two features (dimension, kind) the kind is the same
    assert found["distance"].to_list() == pytest.approx([step / math.sqrt(2), 2 * step / math.sqrt(2)])


def test_peers_do_not_hang_on_the_order_of_rows_or_units() -> None:
    turned = replace(results(), dimensions=results().dimensions.reverse(), units=results().units.reverse())
    assert nearest_peers(turned, TOWNS[:3]).equals(nearest_peers(results(), TOWNS[:3]))
    swapped = nearest_peers(results(), TOWNS[2::-1])
    assert swapped.sort("unit", "order").equals(nearest_peers(results(), TOWNS[:3]).sort("unit", "order"))


def test_best_practice_is_the_best_of_the_level_whoever_was_chosen_and_ties_are_all_named() -> None:
    scores = results().scores.filter(pl.col("level") == "town")
    tied = scores.filter(pl.col("indicator") == "JT-02").sort("compared", "unit").tail(3)["unit"].to_list()
    best = pl.when((pl.col("indicator") == "JT-02") & pl.col("unit").is_in(tied))
    level = results().scores.with_columns(
        compared=best.then(99.0).otherwise("compared"), value=best.then(99.0).otherwise("value")
    )
    found = (
        best_practice(replace(results(), scores=level), TOWNS[:2])
        .filter(indicator="JT-02")
        .row(0, named=True)
    )
    assert found["holders"] == sorted(tied)
    assert found["best"] == 99.0
    less = best_practice(results(), TOWNS).filter(indicator="AQ-01").row(0, named=True)
    assert less["best"] == scores.filter(indicator="AQ-01")["compared"].min(), "less is better here"


def test_communities_are_shown_where_the_best_third_begins_and_no_single_name() -> None:
    table = practice_table(of(*COMMUNITIES))
    assert len(table)
    names = {row["name"] for row in results().units.to_dicts()}
    assert names.isdisjoint(map(str, table.values("holders")))
    row = best_practice(results(), COMMUNITIES).row(0, named=True)
    held = results().scores.filter(pl.col("level") == "community", indicator=row["indicator"])
    reached = held.filter(
        pl.col("compared") >= row["third"]
        if row["best"] >= row["third"]
        else pl.col("compared") <= row["third"]
    )
    assert reached.height >= row["scored"] / 3


# ---- the gap ---------------------------------------------------------------------------------------------


def test_the_table_of_the_gap_of_two_adds_up_downwards_and_across() -> None:
    table = gap_table(of(*TOWNS[:2]))
    assert table is not None
    a, b = (results().totals.filter(unit=u)["score"][0] for u in TOWNS[:2])
    points = figures(table.values("points"))
    assert points[-1] == pytest.approx(a - b, abs=1e-9)
    assert sum(points[:-1]) == pytest.approx(points[-1], abs=1e-9)
    for row in table.rows[:-1]:
        inside = [c.value or 0.0 for c in row[5:]]
        assert sum(inside) == pytest.approx(row[4].value, abs=1e-9)


def test_of_many_units_each_row_adds_up_to_its_gap_from_the_mean() -> None:
    table = gap_table(of(*TOWNS))
    assert table is not None
    mean = sum(results().totals.filter(pl.col("unit").is_in(TOWNS))["score"]) / 17
    for unit, row in zip(TOWNS, table.rows, strict=True):
        total, gap, *parts = (cell.value for cell in row[1:])
        assert gap == pytest.approx(total - mean, abs=1e-9)
        assert sum(parts) == pytest.approx(gap, abs=1e-9)
        assert total == of(*TOWNS).score(unit)


def test_the_sentence_names_the_sides_and_the_largest_part_first() -> None:
    c = of(*TOWNS[:2])
    by = {d: p for d, p in gap_by_dimension(c, TOWNS[0]).items() if d}
    said = gap_said(c)
    assert said.startswith("示例中心街道综合得分比示例东街道低")
    worst = min(by, key=lambda d: by[d])
    assert f"主要来自{worst}（" in said
    assert gap_said(of(TOWNS[1], TOWNS[0])).startswith("示例东街道综合得分比示例中心街道高")


def test_results_without_weights_say_so_and_show_the_rest() -> None:
    old = replace(results(), weights=results().weights.clear())
    c = compare_units(View(old), TOWNS[:2])
    assert gap_table(c) is None
    assert drivers_table(c) is None
    text = shown(old, TOWNS[:2])
    assert "没有权重表，不能分解得分差距" in text
    assert "差别最大的指标" in text


def test_more_than_seventeen_units_or_one_twice_are_refused() -> None:
    for units in ((*TOWNS, COMMUNITIES[0]), TOWNS[:1], (TOWNS[0], TOWNS[0])):
        with pytest.raises(ValueError, match="different units"):
            compare_units(View(results()), units)


# ---- terminal, paper, workbook ---------------------------------------------------------------------------


def shown(held: Results, units: tuple[str, ...], width: int = 120) -> str:
    return on_screen(compare_view(held, units), width)


def test_seventeen_towns_fit_a_terminal_with_their_names_whole() -> None:
    text = shown(results(), TOWNS)
    names = dict(results().units.select("code", "name").iter_rows())
    for part in ("综合得分", "各维度得分与等级", "差距分解", "差别最大的指标", "最相近的单元"):
        body = text.split(part)[1]
        assert all(names[u] in body for u in TOWNS)
    assert max(len(line) for line in text.splitlines()) <= 120


@pytest.mark.parametrize("count", [2, 5, 17])
def test_a_narrow_terminal_gets_several_tables_and_no_figure_is_cut(count: int) -> None:
    text = shown(results(), TOWNS[:count], width=80)
    assert max(cell_len(line.rstrip()) for line in text.splitlines()) <= 80
    assert "…" not in text
    for unit in TOWNS[:count]:
        total = results().totals.filter(unit=unit).row(0, named=True)
        assert f"{total['rank']}（{total['rank_low']}–{total['rank_high']}）/17" in text
    assert shown(results(), TOWNS[:count], width=80).count("生态宜居") >= 2


def test_five_outlines_are_drawn_over_one_another_each_with_its_own_dash_and_mark() -> None:
    chart = overlay(("甲", "乙", "丙"), [(str(i), (60.0 + i, 70.0, None if i else 80.0)) for i in range(5)])
    assert chart.svg.count("stroke-dasharray") >= 4
    assert "丙80.0" in chart.alt
    assert "丙—" in chart.alt
    with pytest.raises(ValueError, match="at most five"):
        overlay(("甲", "乙", "丙"), [(str(i), (1.0, 2.0, 3.0)) for i in range(6)])


def test_a_waterfall_without_a_difference_and_with_hostile_names_is_drawn() -> None:
    chart = waterfall(("<b>&", 70.0), [("甲", 0.0)], ("乙", 70.0))
    assert "&lt;b&gt;&amp;" in chart.svg
    assert "nan" not in chart.svg


@pytest.mark.parametrize("count", [2, 5, 17])
def test_the_report_shows_the_heat_of_the_chosen_the_gap_and_who_does_it_well(count: int) -> None:
    c = of(*TOWNS[:count])
    report = compare_report(c)
    blocks = list(report.blocks())
    (heat,) = [b for b in blocks if isinstance(b, Heat)]
    assert len(heat.rows) == count
    titles = [b.table.title for b in blocks if isinstance(b, TableBlock)]
    assert any(t.startswith("差距分解") for t in titles)
    assert "标杆做法：谁做得好" in titles
    assert sum(isinstance(b, FigureBlock) for b in blocks) == {2: 2, 5: 2, 17: 0}[count]


def test_the_report_prints_the_same_bytes_and_hostile_names_as_text(tmp_path: Path) -> None:
    c = of(*COMMUNITIES)  # the first is called <script>alert(1)</script>社区
    first, second = (print_report(compare_report(c), results().grade_cuts) for _ in range(2))
    assert first.data == second.data
    (tmp_path / "对比.pdf").write_bytes(first.data)
    text = subprocess.run(
        ["pdftotext", tmp_path / "对比.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "<script>alert(1)</script>" in text.replace("\n", "")


def test_the_workbook_holds_the_tables_as_numbers_and_the_same_bytes(tmp_path: Path) -> None:
    c = of(*TOWNS[:3])
    for name in ("一.xlsx", "二.xlsx"):
        write_comparison(c, tmp_path / name)
    book = openpyxl.load_workbook(tmp_path / "一.xlsx")
    assert book.sheetnames == ["综合", "维度", "指标", "差距分解", "相近单元", "标杆做法"]
    rows = list(book["综合"].iter_rows(min_row=4, values_only=True))
    assert [r[1] for r in rows] == pytest.approx(figures(totals_table(c).values("score")))
    heads = [cell.value for cell in book["指标"][3]]
    name = c.names[1]
    assert [f"{name}（{what}）" for what in ("现状值", "得分", "名次", "变化")] == heads[7:11]
    assert all("合成演示数据" in (book[s]["A2"].value or "") for s in book.sheetnames)


def test_units_are_columns_where_they_are_few_and_rows_where_they_are_many() -> None:
    assert dimensions_table(of(*TOWNS[:2])).keys == ("dimension", *TOWNS[:2], "district")
    many = dimensions_table(of(*TOWNS))
    assert many.keys[:2] == ("unit", "total")
    assert len(many) == 18, "seventeen towns and the district"


def test_file_names_are_safe_and_short() -> None:
    assert stem_of(of(*TOWNS[:2])) == "对比_示例中心街道_示例东街道"
    assert stem_of(of(*TOWNS)) == "对比_17个街镇"
    assert "/" not in stem_of(of(*COMMUNITIES))
    assert "<" not in stem_of(of(*COMMUNITIES))


# ---- the command -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(finished_sample(tmp_path_factory), tmp_path_factory.mktemp("compare"))


def test_the_command_writes_the_report_and_the_workbook_and_says_where(project: Path) -> None:
    names = told("compare", "望云街道", "锦澜街道", "-p", project, "--pdf", "--xlsx").splitlines()
    out = project / "out" / str(YEAR)
    assert names[0].startswith(str(out / "对比_望云街道_锦澜街道.pdf") + "（")
    assert names[1] == str(out / "对比_望云街道_锦澜街道.xlsx")
    assert (out / "对比_望云街道_锦澜街道.pdf").read_bytes().startswith(b"%PDF")
    assert "差距分解" in openpyxl.load_workbook(names[1]).sheetnames


def test_the_gap_of_a_real_run_adds_up(project: Path) -> None:
    text = told("compare", "望云街道", "锦澜街道", "-p", project)
    assert "不能分解" not in text
    assert "差距分解：望云街道减锦澜街道" in text
    assert "合计（综合得分差）" in text


def test_eighteen_units_are_too_many(project: Path) -> None:
    assert "最多比较 17 个单元，给出了 18 个" in refused(2, "compare", *("望云街道",) * 18, "-p", project)
