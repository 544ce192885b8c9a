"""The weights as they are shown: in the district's report, and on the terminal."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from rich.console import Console
from tijian.engine.methods.weights import weighing_notes
from tijian.engine.results import Results, conform
from tijian.engine.scoring.tree import TOTAL
from tijian.engine.settings.scheme import Scoring, Weighting
from tijian.reports.blocks import TableBlock
from tijian.reports.content.parts import method
from tijian.reports.tables.weights import weights_table
from tijian.reports.terminal.weights import weights_view
from tijian.reports.view import View

from .results_fixture import YEAR, make_results

GIVEN = "给定权重：tijian.toml 的 dimension_weights"
ENTROPY = "熵权法：得分经极差标准化，0·ln 0 取 0，17 个街镇；区级取各街镇的权重"
SHARES = {"生态宜居": 0.6, "交通便捷": 0.4}


@pytest.fixture(scope="module")
def results() -> Results:
    """Two dimensions: the five indicators of the first weigh the same, the four of the second do not."""
    told = make_results()
    rows = [("district", TOTAL, name, share, "given", GIVEN) for name, share in SHARES.items()]
    for name, shares in (("生态宜居", [0.2] * 5), ("交通便捷", [0.1, 0.2, 0.3, 0.4])):
        codes = told.indicators.filter(pl.col("dimension") == name)["code"].to_list()
        same = len(set(shares)) == 1
        rows += [
            ("district", name, code, share, "equal" if same else "entropy", "等权" if same else ENTROPY)
            for code, share in zip(codes, shares, strict=True)
        ]
    frame = pl.DataFrame(rows, schema=["level", "parent", "child", "weight", "method", "basis"], orient="row")
    return replace(told, weights=conform("weights", frame.with_columns(year=pl.lit(YEAR))))


def test_every_indicator_has_its_share_of_the_total_and_the_shares_sum_to_one_hundred(
    results: Results,
) -> None:
    table = weights_table(View(results), "district")
    assert len(table) == 9
    assert sum(v for v in table.values("effective") if isinstance(v, float)) == pytest.approx(100)
    row = dict(zip(table.keys, table.texts()[-1], strict=True))
    assert row == {
        "dimension": "交通便捷", "of_dimension": "40.00", "code": "JT-04", "indicator": "道路技术状况指标优良率",
        "weight": "40.00", "effective": "16.00", "method": "熵权法",
    }  # fmt: skip
    assert table.notes[:3] == (
        f"各维度：{GIVEN.replace('：', '，')}",
        "维度内（生态宜居）：等权",
        f"维度内（交通便捷）：{ENTROPY.replace('：', '，', 1)}",
    )


def test_the_report_puts_indicators_of_the_same_weight_into_one_row(results: Results) -> None:
    table = weights_table(View(results), "district", together=True)
    assert table.texts()[0] == ["生态宜居", "60.00", "", "5 项指标，每项同权", "20.00", "12.00", "等权"]
    assert len(table) == 1 + 4


def test_only_the_district_s_report_prints_the_weights(results: Results) -> None:
    def titles(*, weights: bool) -> list[str]:
        blocks = method(View(results), weights=weights).blocks
        return [block.table.title for block in blocks if isinstance(block, TableBlock)]

    assert titles(weights=True) == ["指标权重（区级）", "输入文件"]
    assert titles(weights=False) == ["输入文件"]
    none = replace(results, weights=results.weights.clear())
    assert [b.table.title for b in method(View(none), weights=True).blocks if isinstance(b, TableBlock)] == [
        "输入文件"
    ]


def shown(results: Results, level: str) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(weights_view(results, level))
    return capture.get()


def test_the_terminal_shows_the_tree_with_every_indicator(results: Results) -> None:
    page = shown(results, "district")
    lines = [" ".join(line.split()) for line in page.splitlines()]
    assert "生态宜居 60.00% 60.00% 给定权重" in lines
    assert "ST-02 城市绿地率 20.00% 12.00% 等权" in lines
    assert any(line.startswith("各维度：给定权重") for line in lines)


def test_a_level_without_weights_is_told_in_a_sentence(results: Results) -> None:
    assert "没有这一级的权重" in shown(results, "community")


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        (Scoring(), ["维度内各指标等权；各维度等权。", "维度内用加权算术平均，维度间用加权算术平均。有得分的权重不足 60%"]),
        (Scoring(weights="given", dimension_weights={"甲": 2.0}), ["各指标按指标定义中给定的权重；各维度按项目给定的权重。"]),
        (
            Scoring(weights="critic", deviation="population", weighting=Weighting(correlation="spearman")),
            ["按CRITIC 法（得分（已同向）经极差标准化，斯皮尔曼相关系数，总体标准差）", "由数据定权的，区级取各街镇的权重"],
        ),
        (
            Scoring(weights_dimensions="ahp", weighting=Weighting(combine="AIP", priority="row_geometric")),
            ["按层次分析法（专家判断矩阵，几何平均法，多位专家时几何平均各人的权重（AIP）", "平均随机一致性指标取 saaty_1980"],
        ),
        (Scoring(weights="blend", weighting=Weighting(alpha=0.3)), ["组合赋权：30% 按层次分析法", "，70% 按熵权法"]),
        (Scoring(aggregate_dimensions="geometric"), ["维度间用加权几何平均（不足 1 分的按 1 分计）"]),
        (Scoring(aggregate_indicators="generalised", power=-2, zero_floor=0), ["指数为 -2 的加权幂平均（有一项 0 分即为 0 分）"]),
        (Scoring(aggregate_indicators="median", missing="refuse"), ["维度内用加权中位数", "缺一项即不出该级得分"]),
    ],
)  # fmt: skip
def test_the_method_notes_say_every_choice(scheme: Scoring, words: list[str]) -> None:
    said = "".join(weighing_notes(scheme))
    for word in words:
        assert word in said
