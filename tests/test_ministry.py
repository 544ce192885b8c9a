"""The Ministry's grading beside the score: single indicators by the standard, aspects and dimensions by shares."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tijian.engine.results import SCHEMAS, UNGRADED, conform
from tijian.engine.scoring.grade import grade_ministry_aspect
from tijian.engine.scoring.ministry import grade_aspects, grade_indicators, share_grades
from tijian.engine.settings.scheme import Ministry, Scoring
from tijian.indicators.measure_model import Count, Ratio, Rule
from tijian.indicators.model import Indicator

from .small_year import indicator, standard

YEAR = 2026
V, G, F, P, N = "很好", "较好", "一般", "不足", UNGRADED
RATIO = Ratio(method="ratio", of="figures", numerator="sum(a)", denominator="sum(b)")
COUNT = Count(
    method="count", of="buildings", key="id",
    rule=(Rule(id="r", when="bad", says="有隐患", degree="一般", difficulty="低"),),
)  # fmt: skip
SCHEME, RULES = Scoring(), Ministry()
GOAL = indicator("ST-01", RATIO, scale="城区（城市）", standard=(standard(floor=60, target=80),))


def graded(
    one: Indicator,
    values: list[float | None],
    *,
    satisfaction: list[float | None] | None = None,
    scheme: Scoring = SCHEME,
    **measured: object,
) -> pl.DataFrame:
    """The graded scores of one indicator over units 0, 1, 2 …; every value stands on all the people unless said."""
    units = [f"{i:03d}" for i in range(len(values))]
    keys = pl.DataFrame(
        {"unit": units, "indicator": one.code, "year": YEAR, "level": "town", "dimension": one.dimension}
    )
    found = {"basis": 1.0} | measured
    measurements = keys.drop("dimension").with_columns(
        compared=pl.Series(values, dtype=pl.Float64),
        value=pl.Series(values, dtype=pl.Float64),
        **{k: pl.lit(v) for k, v in found.items()},
    )
    scores = keys.with_columns(satisfaction=pl.Series(satisfaction or [None] * len(units), dtype=pl.Float64))
    return grade_indicators(
        conform("scores", scores), conform("measurements", measurements), (one,), scheme, YEAR
    )


# ---- single indicators ---------------------------------------------------------------------------------------


def test_a_value_is_graded_by_how_near_the_standard_it_is() -> None:
    # target 80 is 90 points, floor 60 is 60: half-way, at 70, is 75
    found = graded(GOAL, [100, 80, 79, 70, 69, 60, 59.9, None])
    assert found["ministry"].to_list() == [V, V, G, G, F, F, P, N]
    assert found["lowered"].to_list() == [False] * 8


@pytest.mark.parametrize("scale", ["minmax", "rank", "zscore"])
def test_the_grade_looks_at_the_standard_whatever_the_scores_are_made_by(scale: str) -> None:
    found = graded(GOAL, [100, 70, 59], scheme=Scoring(scale=scale))
    assert found["ministry"].to_list() == [V, G, P]


def test_what_has_no_standard_is_not_graded_though_peers_score_it() -> None:
    found = graded(indicator("ST-02", RATIO), [10, 20, 30, 40])
    assert found["ministry"].to_list() == [N] * 4


def test_a_limit_of_zero_is_met_or_missed() -> None:
    # 清零: it says what is right, not how bad the rest is
    water = indicator(
        "ST-09",
        COUNT,
        scale="城区（城市）",
        unit="个",
        direction="lower",
        standard=(standard(target=0, floor=0),),
    )
    assert graded(water, [0, 0.1, 55, None])["ministry"].to_list() == [V, P, P, N]


def test_a_band_is_graded_too() -> None:
    density = indicator(
        "ST-03", RATIO, direction="within", unit="万人/km²", standard=(standard(low=0.7, high=1.5),)
    )
    assert graded(density, [1.0, 0.7, 0.0])["ministry"].to_list() == [V, V, P]


def test_dissatisfied_residents_take_one_step_off() -> None:
    values = [100.0, 75.0, 65.0, 30.0, 100.0, None]
    unhappy = [59.0, 10.0, 59.9, 0.0, 60.0, 10.0]
    found = graded(GOAL, values, satisfaction=unhappy)
    assert found["ministry"].to_list() == [G, F, P, P, V, N]
    assert found["lowered"].to_list() == [True, True, True, False, False, False]


def test_the_step_down_and_its_bound_are_settings() -> None:
    off = Scoring(ministry=Ministry(step_down=False))
    assert graded(GOAL, [100], satisfaction=[10], scheme=off)["ministry"].to_list() == [V]
    strict = Scoring(ministry=Ministry(dissatisfied=80))
    assert graded(GOAL, [100], satisfaction=[79], scheme=strict)["ministry"].to_list() == [G]


def test_cut_offs_are_settings_but_the_four_names_are_the_handbooks() -> None:
    strict = Ministry(cuts=((V, 100), (G, 90), (F, 60), (P, 0)))
    assert graded(GOAL, [100, 80, 60], scheme=Scoring(ministry=strict))["ministry"].to_list() == [V, G, F]
    for cuts, words in [
        (((V, 90), (G, 75), (F, 60)), "依次为"),
        (((V, 90), ("好", 75), (F, 60), (P, 0)), "依次为"),
        (((V, 90), (G, 90), (F, 60), (P, 0)), "不重复"),
        (((V, 90), (G, 75), (F, 60), (P, 10)), "不高于 0"),
    ]:
        with pytest.raises(ValidationError, match=words):
            Ministry(cuts=cuts)


def test_values_of_too_few_people_or_answers_are_not_graded() -> None:
    assert graded(GOAL, [100], basis=0.3)["ministry"].to_list() == [N]
    assert graded(GOAL, [100], note="样本不足")["ministry"].to_list() == [N]


def test_counts_of_the_lower_scales_stay_counts_unless_asked_for() -> None:
    houses = indicator(
        "AQ-01",
        COUNT,
        scale="住房",
        unit="栋",
        direction="lower",
        kind="baseline",
        standard=(standard(floor=0),),
    )
    assert graded(houses, [0, 12])["ministry"].to_list() == [N, N]
    asked = Scoring(ministry=Ministry(grade_counts=True))
    assert graded(houses, [0, 12], scheme=asked)["ministry"].to_list() == [V, P]
    # a share on the same scale is no count
    share = indicator("AQ-05", RATIO, scale="住房", standard=(standard(floor=60, target=80),))
    assert graded(share, [80])["ministry"].to_list() == [V]


# ---- aspects -------------------------------------------------------------------------------------------------


def rows_of(units: dict[str, list[str]]) -> pl.DataFrame:
    """Rows for ``share_grades``: each unit's grades under one aspect."""
    rows = [
        (YEAR, unit, "town", f"ST-{i:02d}", "甲", grade, None, True)
        for unit, grades in units.items()
        for i, grade in enumerate(grades)
    ]
    names = ["year", "unit", "level", "indicator", "aspect", "ministry", "note", "counts"]
    return pl.DataFrame(
        rows, schema=dict.fromkeys(names, pl.String) | {"year": pl.Int64, "counts": pl.Boolean}, orient="row"
    )


@given(
    st.lists(st.lists(st.sampled_from([V, G, F, P, N]), min_size=1, max_size=12), min_size=1, max_size=8),
    st.booleans(),
)
def test_whole_frames_are_graded_as_one_aspect_after_another(units: list[list[str]], count: bool) -> None:
    rules = Ministry(count_ungraded=count)
    named = {f"{i:03d}": grades for i, grades in enumerate(units)}
    found = {r["unit"]: r for r in share_grades(rows_of(named), ["aspect"], rules).to_dicts()}
    for unit, grades in named.items():
        one, row = grade_ministry_aspect(grades, count_ungraded=count), found[unit]
        assert (row["grade"], row["other"], row["undefined"]) == (one.grade, one.other, one.undefined)
        assert (row["indicators"], row["graded"]) == (len(grades), len(grades) - grades.count(N))
        assert len(row["poor"]) == grades.count(P)
        if row["graded"]:
            assert (row["good"], row["very_good"]) == (one.good, one.very_good)
        else:
            assert row["good"] is None
            assert row["very_good"] is None


@given(st.permutations(range(8)))
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    rows = rows_of({"001": [V, V, G, F, P, N, P, G]})
    assert share_grades(rows[order], ["aspect"], Ministry()).equals(
        share_grades(rows, ["aspect"], Ministry())
    )


def small_system() -> tuple[Indicator, ...]:
    """Two aspects in one dimension, one of them going on in another; a 底线型 count."""
    share = {"standard": (standard(floor=60, target=80),), "scale": "城区（城市）"}
    house = {
        "scale": "住房",
        "unit": "栋",
        "direction": "lower",
        "kind": "baseline",
        "standard": (standard(floor=0),),
    }
    return (
        indicator("ST-01", RATIO, dimension="生态宜居", aspect="水", **share),
        indicator("ST-02", RATIO, dimension="生态宜居", aspect="水", **share),
        indicator("AQ-01", COUNT, dimension="安全韧性", aspect="房", **house),
        indicator("AQ-02", RATIO, dimension="安全韧性", aspect="房", **share),
        indicator("AQ-03", RATIO, dimension="安全韧性", aspect="水", **share),
    )


def aspects(grades: dict[str, str], failed: tuple[str, ...] = (), rules: Ministry = RULES) -> pl.DataFrame:
    system = small_system()
    scores = pl.DataFrame(
        [
            {"year": YEAR, "unit": "001", "level": "town", "indicator": i.code, "dimension": i.dimension,
             "ministry": grades.get(i.code, N), "note": "低于底线" if i.code in failed else None}
            for i in system
        ],
        schema_overrides=SCHEMAS["scores"],
    )  # fmt: skip
    return grade_aspects(conform("scores", scores), system, rules, ("生态宜居", "安全韧性"))


def test_aspects_dimensions_and_aspects_over_all_dimensions_are_graded() -> None:
    found = aspects({"ST-01": V, "ST-02": V, "AQ-02": V, "AQ-03": P})
    rows = {(r["dimension"], r["aspect"]): r for r in found.to_dicts()}
    assert list(rows) == [
        ("生态宜居", None), ("生态宜居", "水"), ("安全韧性", None), ("安全韧性", "房"), ("安全韧性", "水"),
        (None, "房"), (None, "水"),
    ]  # fmt: skip
    assert rows["生态宜居", None]["grade"] == "优"
    assert rows["安全韧性", None]["grade"] == "差"  # half is 很好, and one 不足
    assert rows[None, "水"]["grade"] == "中"  # two of three, and one 不足
    assert rows[None, "水"]["poor"] == ["AQ-03"]


def test_counts_left_ungraded_are_in_neither_denominator() -> None:
    housing = aspects({"AQ-02": V}).filter(dimension="安全韧性", aspect="房").row(0, named=True)
    assert (housing["indicators"], housing["graded"], housing["grade"], housing["other"]) == (
        1,
        1,
        "优",
        "优",
    )
    asked = aspects({"AQ-02": V}, rules=Ministry(grade_counts=True))
    assert asked.filter(dimension="安全韧性", aspect="房")["other"].to_list() == ["中"]  # one of two


def test_a_failed_floor_bars_a_good_grade_and_says_what_it_would_have_been() -> None:
    grades = {"AQ-02": V, "AQ-03": V}
    whole = aspects(grades, failed=("AQ-01",)).filter(
        pl.col("dimension") == "安全韧性", pl.col("aspect").is_null()
    )
    assert whole.select("grade", "before_veto", "veto").row(0) == ("中", "优", ["AQ-01"])
    free = aspects(grades, failed=("AQ-01",), rules=Ministry(veto=False)).filter(
        aspect="房", dimension="安全韧性"
    )
    assert free.select("grade", "before_veto", "veto").row(0) == ("优", None, ["AQ-01"])


def test_a_veto_does_not_raise_a_grade() -> None:
    low = aspects({"AQ-02": P, "AQ-03": P}, failed=("AQ-01",)).filter(dimension="安全韧性", aspect="房")
    assert low.select("grade", "before_veto").row(0) == ("差", None)


# ---- a real city ---------------------------------------------------------------------------------------------

# 宜昌 2025 prints a grade for each single indicator (很好/较好/一般/不足, —— where there is none) and none for the
# aspects; these are counted by hand from that table: (n, graded, 很好, 较好, 不足), grade, grade with 未评价 counted.
YICHANG = {
    "生态宜居": ((10, 10, 4, 1, 3), "差", "差"),  # G 50 % with 不足
    "历史文化保护利用": ((5, 5, 4, 0, 1), "良", "良"),  # V 80 %, but a 不足
    "产城融合、职住平衡": ((7, 6, 5, 0, 0), "优", "良"),  # V 83.3 % of six, 71.4 % of seven
    "安全韧性": ((9, 8, 6, 0, 1), "中", "中"),  # G 75 % of eight, 66.7 % of nine
    "智慧高效": ((6, 6, 4, 1, 1), "良", "良"),  # G 83.3 % with 不足
    "特色指标": ((8, 8, 2, 5, 1), "良", "良"),  # G 87.5 % with 不足
    "安全耐久": ((4, 0, 0, 0, 0), N, N),  # counts of houses, not graded by the city either
}


@pytest.fixture(scope="module")
def yichang(real: Path) -> pl.DataFrame:
    path = real / "yichang-2025" / "indicator_table_2025.csv"
    if not path.is_file():
        pytest.skip(f"no {path}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        printed = list(csv.DictReader(file))
    graded = (V, G, F, P)
    return pl.DataFrame(
        [
            {"year": 2025, "unit": "宜昌", "level": "district", "indicator": row["序号"], "dimension": row["维度"],
             "aspect": row["子维度"], "note": None, "counts": True,
             "ministry": row["2025年评价结果"] if row["2025年评价结果"] in graded else N}
            for row in printed
        ],
        schema_overrides={"note": pl.String},
    )  # fmt: skip


@pytest.mark.real
@pytest.mark.parametrize("count", [False, True])
def test_the_aspects_of_yichang_2025_are_as_counted_by_hand(yichang: pl.DataFrame, count: bool) -> None:
    found = {
        r["aspect"]: r for r in share_grades(yichang, ["aspect"], Ministry(count_ungraded=count)).to_dicts()
    }
    for aspect, ((n, graded, very_good, good, poor), without, counted) in YICHANG.items():
        row = found[aspect]
        grades = (counted, without) if count else (without, counted)
        assert (row["grade"], row["other"]) == grades, aspect
        assert (row["indicators"], row["graded"], len(row["poor"])) == (n, graded, poor)
        if graded:
            of = n if count else graded
            assert (row["very_good"], row["good"]) == (very_good / of, (very_good + good) / of)


@pytest.mark.real
def test_the_city_scale_of_yichang_2025_as_a_whole_is_middling(yichang: pl.DataFrame) -> None:
    city = (
        share_grades(yichang, ["dimension"], Ministry()).filter(dimension="城市（城区）").row(0, named=True)
    )
    # 32 of 43 are 很好 or 较好 (74.4 %), seven are 不足: those of the city's own list of problems
    assert (city["indicators"], city["graded"], len(city["poor"])) == (45, 43, 7)
    assert city["good"] == pytest.approx(32 / 43)
    assert (city["grade"], city["other"]) == ("中", "中")
