"""Whom a unit is compared with, and that nobody is named for what chance explains."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tijian.engine.chance.differences import with_differences
from tijian.engine.chance.measured import mark_small, with_intervals, with_shrunk
from tijian.engine.diagnosis import everything as diagnosis
from tijian.engine.findings import Findings
from tijian.engine.peers import peer_groups, report_unknown_peers
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.scoring.score import score_indicators
from tijian.engine.settings.project import Diagnosis, load_project
from tijian.engine.settings.scheme import Scoring, SmallNumbers

from .small_year import Ratio, indicator, standard

NOTHING = pl.DataFrame(schema={"unit": pl.String, "name": pl.String})
YEAR = 2026


def units(kinds: list[str]) -> pl.DataFrame:
    """A district and a town of each kind given, of 10,000 people each."""
    rows: list[tuple[object, ...]] = [("d", "示例区", "district", None, "市辖区", 10000.0 * len(kinds), 10.0)]
    rows += [(f"t{i}", f"第{i}镇", "town", "d", kind, 10000.0, 1.0) for i, kind in enumerate(kinds)]
    schema = dict(list(SCHEMAS["units"].items())[:7])
    return conform("units", pl.DataFrame(rows, schema=schema, orient="row"))


# ── whom ──────────────────────────────────────────────────────────────────────────────────────────────────


def groups(rules: SmallNumbers, types: pl.DataFrame = NOTHING) -> dict[str, str]:
    return dict(peer_groups(units(["街道"] * 4 + ["镇"] * 5 + ["乡"]), types, rules).iter_rows())


def test_without_a_choice_everybody_of_the_level_is_a_peer() -> None:
    assert set(groups(SmallNumbers()).values()) == {"全部区级", "全部街镇"}


def test_peers_by_kind_leave_a_kind_of_few_with_everybody() -> None:
    found = groups(SmallNumbers(peers="kind"))
    assert [found[u] for u in ("t0", "t4", "t9", "d")] == ["街道", "镇", "全部街镇", "全部区级"]


def test_peers_by_type_and_by_groups_of_the_project() -> None:
    types = pl.DataFrame({"unit": [f"t{i}" for i in range(5)], "name": ["老城高密度型"] * 5})
    found = groups(SmallNumbers(peers="type"), types)
    assert [found[u] for u in ("t0", "t5")] == ["老城高密度型", "全部街镇"]
    rules = SmallNumbers(peers="groups", groups={"新城": ("第0镇", "t1", "第2镇", "t3")}, fewest_peers=4)
    assert [groups(rules)[u] for u in ("t0", "t3", "t4")] == ["新城", "新城", "全部街镇"]


def test_units_that_do_not_exist_or_stand_in_two_groups_are_named() -> None:
    rules = SmallNumbers(peers="groups", groups={"甲": ("第0镇", "没有镇"), "乙": ("第0镇",)})
    findings = Findings()
    report_unknown_peers(units(["镇"] * 3), rules, findings)
    assert [(f.code, f.value, f.place.column) for f in findings] == [
        ("P009", "没有镇", "small_numbers.groups.甲"), ("P009", "第0镇", "small_numbers.groups.乙"),
    ]  # fmt: skip


def test_a_wrong_word_for_peers_lists_the_right_ones(tmp_path: Path) -> None:
    head = '[project]\nname = "甲"\ndistrict = "990101"\nyear = 2026\n[units]\n'
    (tmp_path / "tijian.toml").write_text(f'{head}[small_numbers]\npeers = "kinds"\n', encoding="utf-8")
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    assert [f.expected[:20] for f in findings] == ['是不是 "kind"？可选："all"（']


# ── what may be said ──────────────────────────────────────────────────────────────────────────────────────

SHARE = indicator(
    "AQ-01", Ratio(method="ratio", of="figures", numerator="sum(a)", denominator="sum(b)", scale=100.0),
    direction="lower", uncertainty="wilson",
)  # fmt: skip


def judged(
    cases: list[float], sizes: list[float], *, kinds: list[str] | None = None, rules: SmallNumbers | None = None,
    of: object = SHARE, before: list[float] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The towns' diagnosis on one share, this year's cases and sizes given (and last year's cases)."""
    rules = rules or SmallNumbers()
    land = units(kinds or ["镇"] * len(cases))

    def values(counts: list[float]) -> pl.DataFrame:
        frame = pl.DataFrame(
            {"unit": [f"t{i}" for i in range(len(counts))] + ["d"], "numerator": [*counts, sum(counts)],
             "denominator": [*sizes, sum(sizes)]}
        ).with_columns(
            level=pl.when(pl.col("unit") == "d").then(pl.lit("district")).otherwise(pl.lit("town")),
            indicator=pl.lit("AQ-01"), compared=100 * pl.col("numerator") / pl.col("denominator"), basis=pl.lit(1.0),
            note=pl.lit(""),
        ).with_columns(value="compared")  # fmt: skip
        return mark_small(
            conform("measurements", with_intervals(frame, "wilson", 100.0)), (of,), rules.minimum, 6
        )

    measured = values(cases)
    last = values(before) if before else empty("measurements")
    named = land.join(peer_groups(land, NOTHING, rules), left_on="code", right_on="unit")
    scores = score_indicators(measured, named, (of,), Scoring(), YEAR, empty("survey"), last)
    scores = with_differences(scores, measured, last, {"AQ-01": "lower"})
    return diagnosis.judge(scores, measured, land, empty("survey"), (of,), Diagnosis(), YEAR)


def ground(frame: pl.DataFrame, name: str) -> list[str]:
    return frame.filter(pl.col("level") == "town", pl.col(name))["unit"].to_list()


def test_a_small_town_with_two_bad_things_is_not_behind_its_peers_and_a_large_one_with_as_high_a_share_is() -> (
    None
):
    cases, sizes = [2, 50, 40, 45, 60, 50, 40], [8, 200, 400, 420, 610, 480, 410]
    frame = judged(cases, sizes)
    far = frame.filter(pl.col("unit").is_in(["t0", "t1"]))
    assert far["compared"].to_list() == [25.0, 25.0]
    assert ground(frame, "below_peers") == ["t1"]


def test_worse_than_last_year_needs_more_than_chance() -> None:
    frame = judged([6, 60, 30, 30], [40, 400, 300, 300], before=[4, 40, 30, 30])
    assert ground(frame, "worsening") == ["t1"]


def test_a_missed_standard_is_judged_by_the_value_and_marked_where_the_sample_is_small() -> None:
    strict = indicator(
        "AQ-01",
        SHARE.measure,
        direction="lower",
        uncertainty="wilson",
        standard=(standard(target=10.0, worst=100.0),),
    )
    frame = judged([2, 200, 30, 30], [15, 1000, 1000, 1000], of=strict)
    assert ground(frame, "below_target") == ["t0", "t1"]
    because = dict(diagnosis.find_shortfalls(frame, YEAR).select("unit", "because").iter_rows())
    assert diagnosis.FEW in because["t0"]
    assert diagnosis.FEW not in because["t1"]


def test_under_the_smallest_denominator_nothing_is_held_against_a_unit() -> None:
    rules = SmallNumbers(minimum={"AQ-01": {"town": 30}})
    frame = judged([9, 30, 30, 30], [10, 300, 300, 300], rules=rules)
    assert "t0" not in frame["unit"].to_list()


@pytest.mark.parametrize(("peers", "median"), [("all", 12.0), ("kind", 5.0)])
def test_the_median_is_that_of_the_peer_group(peers: str, median: float) -> None:
    rules = SmallNumbers(peers=peers, fewest_peers=3)
    frame = judged([50, 50, 50, 200, 210, 190], [1000] * 6, kinds=["街道"] * 3 + ["镇"] * 3, rules=rules)
    town = frame.filter(pl.col("unit") == "t0").row(0, named=True)
    assert (town["peer_group"], town["peer_median"]) == ({"all": "全部街镇", "kind": "街道"}[peers], median)


def test_a_unit_whose_kind_has_too_few_is_compared_among_all_of_its_level_and_not_among_those_left_over() -> (
    None
):
    rules = SmallNumbers(peers="kind", fewest_peers=3)
    frame = judged([50, 60, 70, 300, 240], [1000] * 5, kinds=["街道"] * 3 + ["镇", "镇"], rules=rules)
    found = frame.filter(level="town").select("unit", "peer_group", "peer_median", "than_peers").rows()
    assert found == [
        ("t0", "街道", 6.0, "same"), ("t1", "街道", 6.0, "same"), ("t2", "街道", 6.0, "same"),
        ("t3", "全部街镇", 7.0, "worse"), ("t4", "全部街镇", 7.0, "worse"),
    ]  # fmt: skip


def test_peer_scales_look_at_shrunken_values_only_where_the_scheme_shrinks() -> None:
    """Of two towns with the same share the small one is drawn nearer to the rest; the value stays what was measured."""
    cases, sizes = [5.0, 250.0, 100.0, 90.0], [20.0, 1000.0, 1000.0, 1000.0]
    frame = pl.DataFrame(
        {"unit": [f"t{i}" for i in range(4)], "numerator": cases, "denominator": sizes}
    ).with_columns(
        level=pl.lit("town"), indicator=pl.lit("AQ-01"), compared=100 * pl.col("numerator") / pl.col("denominator"),
        basis=pl.lit(1.0), note=pl.lit(""),
    ).with_columns(value="compared")  # fmt: skip
    measured = conform("measurements", with_shrunk(with_intervals(frame, "wilson", 100.0)))
    land = units(["镇"] * 4)
    nothing = (empty("survey"), empty("measurements"))
    plain, shrunken = (
        score_indicators(measured, land, (SHARE,), Scoring(shrink=shrink), YEAR, *nothing).filter(
            level="town"
        )
        for shrink in (False, True)
    )
    assert plain["score"].to_list()[:2] == [0.0, 0.0]
    assert shrunken["score"][0] > shrunken["score"][1]
    assert shrunken["value"].to_list() == plain["value"].to_list() == measured["value"].to_list()
    assert shrunken["treated"].to_list() == [True] * 4
