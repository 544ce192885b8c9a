"""How a score was scaled, treated and filled in is told where a planner reads it: explain, 数据质量, method notes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from tijian.engine.findings import Findings
from tijian.engine.methods.scale import scaling_notes
from tijian.engine.results import Results
from tijian.engine.scoring.impute import IMPUTATIONS
from tijian.engine.scoring.scale import SCALES
from tijian.engine.settings.scheme import Scoring
from tijian.indicators.loader import Library, load_indicators
from tijian.reports.blocks import Prose
from tijian.reports.content.parts import quality
from tijian.reports.view import View
from tijian.reports.wording.scale_words import scale_said, scaled_facts

from .results_fixture import DISTRICT, make_results

FIRST = f"{DISTRICT}001"


@pytest.fixture(scope="module")
def results() -> Results:
    return make_results()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return load_indicators(("national-2025",), Path(tmp_path_factory.mktemp("none")), Findings())


def under(results: Results, **settings: object) -> Results:
    return replace(results, scheme=Scoring.model_validate(settings))


def row(method: str, **more: object) -> dict[str, object]:
    return {"indicator": "ST-01", "method": method, "scaled": None, "treated": False} | more


@pytest.mark.parametrize(
    ("settings", "method", "words"),
    [
        ({"scale": "zscore"}, "zscore", "按同级单元的平均值和标准差换算（标准分）"),
        ({"scale": "minmax"}, "minmax", "按同级单元的最小值、最大值线性换算"),
        ({"scale": "distance_to_target"}, "minmax", "没有能用的目标值，按同级单元的最小值、最大值线性换算"),
        ({"scale": "distance_to_reference"}, "minmax", "参照值不大于 0，按同级单元的最小值、最大值线性换算"),
        (
            {"indicators": {"ST-01": {"per": "area_km2"}}}, "minmax",
            "平均后的量没有标准可用，按同级单元的最小值、最大值线性换算",
        ),
        ({}, "neighbours", "缺数据，按得分最相近的同级单元估算"),
    ],
)  # fmt: skip
def test_the_scale_is_named_and_why_it_is_not_the_one_wished_for(
    results: Results, settings: dict[str, object], method: str, words: str
) -> None:
    assert scale_said(row(method), under(results, **settings)) == words


@pytest.mark.parametrize(
    ("standard", "words"),
    [
        ({}, "没有标准，"),
        ({"target": 0.0, "floor": 0.0}, "标准只有0栋这一个数，看得出达没达到，定不出差多少该得几分，"),
        ({"floor": 0.0}, "标准只有0栋这一个数，看得出达没达到，定不出差多少该得几分，"),
    ],
)
def test_a_standard_that_gives_no_scores_is_told_apart_from_none(
    results: Results, standard: dict[str, float], words: str
) -> None:
    anchors = {name: standard.get(name) for name in ("target", "floor", "best", "worst")}
    given = (pl.lit(value, dtype=pl.Float64).alias(name) for name, value in anchors.items())
    definitions = results.indicators.with_columns(*given, unit=pl.lit("栋"), decimals=pl.lit(0))
    with_it = replace(under(results, scale="anchors"), indicators=definitions)
    assert scale_said(row("minmax"), with_it) == words + "按同级单元的最小值、最大值线性换算"


def test_every_method_that_scoring_writes_has_words(results: Results) -> None:
    methods = {*SCALES, *IMPUTATIONS, "goalposts", "towns", "none"}
    for method in methods:
        assert scale_said(row(method), results) != method


def test_what_was_scaled_in_place_of_the_value_is_shown(results: Results) -> None:
    per = under(results, indicators={"ST-01": {"per": "per_10k"}}, outliers={"method": "winsorise"})
    assert scaled_facts(row("minmax", scaled=12.34), per, 0) == ["每万人的量：12.34"]
    assert scaled_facts(row("minmax", scaled=12.34, treated=True), per, 0) == [
        "每万人的量（缩尾处理后）：12.34"
    ]
    assert scaled_facts(row("minmax"), per, 0) == []


def said(view: View, unit: str) -> str:
    return "".join(
        text for block in quality(view, unit).blocks if isinstance(block, Prose) for text in block.paragraphs
    )


def test_data_quality_tells_what_was_treated_and_how_many_scores_are_estimates(results: Results) -> None:
    towns = results.units.filter(level="town")["code"]
    one = (pl.col("indicator") == "JT-03") & (pl.col("level") == "town")
    last = pl.col("unit") == towns[-1]
    far = results.measurements.with_columns(
        compared=pl.when(one & last).then(900.0).otherwise("compared"), basis=pl.lit(1.0)
    )
    scores = results.scores.with_columns(
        treated=(one & last), scaled=pl.when(one & last).then(40.0), imputed=(pl.col("unit") == FIRST) & one
    )
    view = View(
        replace(
            under(results, scale="minmax", outliers={"method": "winsorise"}), scores=scores, measurements=far
        )
    )
    words = said(view, FIRST)
    assert "为免个别过大过小的值左右同级比较" in words
    assert "平均单程通勤时间（街镇" in words
    assert "改动 1 个，缩尾，偏度 " in words
    assert "本单元有 1 项指标没有得分，综合时用估算的得分代替" in words
    assert "估算" not in said(view, towns[1])


def test_data_quality_says_nothing_of_treatments_where_there_are_none(results: Results) -> None:
    assert "异常值" not in said(View(results), FIRST)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"scale": "zscore", "deviation": "population"}, "标准差除以 n）"),
        ({"scale": "zscore"}, "标准差除以 n − 1）"),
        ({"scale": "distance_to_target"}, "没有目标值的在同级单元间按最小值—最大值法比较"),
        ({"panel": "all"}, "取本年和以往各年的全部值"),
        ({"outliers": {"method": "trim", "share": 0.05}}, "截尾：超出 5.0% 和 95.0% 分位数（linear 定义）"),
        (
            {"outliers": {"method": "winsorise", "most": 3}},
            "偏度绝对值超过 2 且峰度超过 3.5（样本偏度、超额峰度）时，把最外的值",
        ),
        ({"missing": "neighbours", "neighbours": 4}, "得分最相近的 4 个同级单元的平均估算得分"),
        (
            {"indicators": {"AQ-01": {"per": "per_10k", "scale": "rank", "outliers": "none"}}},
            "按每万人的量在同级单元间比较，原值照列，按位次法计分，不处理异常值",
        ),
        (
            {"indicators": {"AQ-01": {"scale": "minmax", "low": 1, "high": 2}}},
            "按最小值—最大值法计分，下门槛值 1、上门槛值 2",
        ),
    ],
)  # fmt: skip
def test_every_choice_in_force_has_its_sentence(
    library: Library, settings: dict[str, object], words: str
) -> None:
    notes = "".join(scaling_notes(Scoring.model_validate(settings), library))
    assert words in notes
    plain = "".join(scaling_notes(Scoring(), library))
    assert ("异常值" in plain, "估算" in plain, "单项另定" in plain) == (False, False, False)


def test_a_setting_for_an_indicator_not_in_force_is_not_told() -> None:
    none = SimpleNamespace(indicators=())
    scheme = Scoring.model_validate({"indicators": {"AQ-01": {"scale": "rank"}}})
    assert not any("单项另定" in note for note in scaling_notes(scheme, none))
