"""The worked example of 计分方法, from the departments' tables to the list of problems, comes out as printed.

Data, definitions and every figure in between stand in the chapter and nowhere else; the engine runs on them from files.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tijian.engine.chance.discovery import discovery_bh
from tijian.engine.chance.funnel import p_two_sided, stable
from tijian.engine.diagnosis.everything import GROUND_WORDS
from tijian.engine.diagnosis.risk import LEVELS, NONE_FOUND, level_of, limits_of, risk_of_units
from tijian.engine.findings import Findings
from tijian.engine.results import UNGRADED
from tijian.engine.run import Run, run
from tijian.engine.scoring.aggregate import AGGREGATES
from tijian.engine.scoring.everything import score_all
from tijian.engine.scoring.robustness import concentration_for
from tijian.engine.scoring.scale import SCALES
from tijian.engine.scoring.weighting import WEIGHTS
from tijian.engine.scoring.weights_ahp import judge
from tijian.engine.settings.project import Project, load_project
from tijian.engine.settings.scheme import Scoring
from tijian.indicators.loader import indicator_frame

from .manual_page import HEAD, MANUAL, Row, Shown, as_printed, project_of, read_page, sheet, title_of

SYSTEM = """
dimensions = ["生态宜居", "安全便捷"]
"""
PAGE = read_page("05-scoring.md")
TEXT = " ".join((MANUAL / "05-scoring.md").read_text(encoding="utf-8").split())
SETTINGS = [block for block in PAGE.blocks if block.has("scoring")]


def spelt_out(table: Shown) -> list[Row]:
    """Of the lifts and the answers the chapter prints how many; the files have a row for each."""
    rows: list[Row] = []
    for row in table.rows:
        town, whole, *told = row.values()
        if "电梯" in row:
            kinds = [int(k) for k in told]
            found = [("15", "0")] * kinds[0] + [("9", "3")] * kinds[1] + [("20", "4")] * kinds[2]
            found += [("5", "0")] * (int(whole) - len(found))
            rows += [
                {"街镇": town, "电梯编号": f"{town}{i:02}", "使用年限": a, "上年困人次数": b}
                for i, (a, b) in enumerate(found, 1)
            ]
        elif "非常满意" in row:
            words = [word for word, count in list(row.items())[1:] for _ in range(int(count))]
            rows += [
                {"序号": str(len(rows) + i), "街镇": town, "您对以下方面的满意度—公园绿化": word}
                for i, word in enumerate(words, 1)
            ]
        else:
            rows.append(row)
    return rows


def example_project(folder: Path) -> Path:
    sent = project_of(PAGE, folder, SYSTEM)
    for table in PAGE.tables:
        if "收回如下" in table.introduced:
            sheet(sent / f"{title_of(table)}.xlsx", spelt_out(table))
    return folder


def project_with(folder: Path, text: str) -> Project:
    """A project of nothing but a head and these settings."""
    folder.mkdir()
    (folder / "tijian.toml").write_text(HEAD + text, encoding="utf-8")
    findings = Findings()
    project = load_project(folder, findings)
    assert project is not None, [f.message for f in findings]
    return project


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Run:
    findings = Findings()
    project = load_project(example_project(tmp_path_factory.mktemp("计分")), findings)
    assert project is not None, [f.message for f in findings]
    return run(project, until="lists", progress=lambda *_: None)


def table(heading: str, *headers: str) -> list[Row]:
    """The rows of the one table under a heading that has these columns."""
    found = [t.rows for t in PAGE.tables if heading in t.heading and set(headers) <= t.rows[0].keys()]
    assert len(found) == 1, (heading, headers, len(found))
    return found[0]


def named(state: Run, frame: str) -> pl.DataFrame:
    """A frame with the units' names in 单元."""
    units = state.gathered.units.select(单元="name", unit="code")
    return state.frames[frame].join(units, on="unit", maintain_order="left")


def differing(
    rows: list[Row], found: dict[tuple[str, ...], dict[str, float | None]], *keys: str
) -> list[object]:
    """(row, column, printed, found) wherever the chapter prints another figure; ``found`` by the row's ``keys``."""
    return [
        (*(row[k] for k in keys), column, row[column], value)
        for row in rows
        for column, value in found[tuple(row[k] for k in keys)].items()
        if not as_printed(row[column], value)
    ]


def by_indicator(state: Run, frame: str, column: str, suffix: str = "") -> dict[tuple[str, ...], dict]:
    """unit → indicator → a column of a frame."""
    out: dict[tuple[str, ...], dict] = {}
    for row in named(state, frame).iter_rows(named=True):
        out.setdefault((row["单元"],), {})[row["indicator"] + suffix] = row[column]
    return out


def test_the_five_indicators_in_short_are_those_of_the_definitions(state: Run) -> None:
    ways = {"higher": "越大越好", "lower": "越小越好", "within": "适度"}
    short = [tuple(row.values()) for row in table("贯穿全章的例子", "怎样计分")]
    assert [row[:5] for row in short] == [
        (i.code, i.name, i.dimension, i.aspect, ways[i.direction]) for i in state.library.indicators
    ]
    for (*_, standard, _how), indicator in zip(short, state.library.indicators, strict=True):
        there = indicator.standard_in(2026)
        figures = [] if there is None else [there.floor, there.target, there.low, there.high]
        said = [float(n) for n in re.findall(r"[\d.]+", standard)]
        assert set(said) == {f for f in figures if f is not None}, indicator.code


# ── from values to totals ─────────────────────────────────────────────────────────────────────────────────


def test_the_values_of_step_one(state: Run) -> None:
    rows = [
        {re.sub("（.*）", "", key): cell for key, cell in row.items()}
        for row in table("第一步", "LZ-03 占比（%）")
    ]
    values, shares = (
        by_indicator(state, "scores", "value"),
        by_indicator(state, "scores", "compared", " 占比"),
    )
    found = {key: of | {"LZ-03 占比": shares[key]["LZ-03 占比"]} for key, of in values.items()}
    assert len(rows) == len(found)
    assert differing(rows, found, "单元") == []


def test_the_scores_of_step_two(state: Run) -> None:
    found = by_indicator(state, "scores", "score")
    rows = table("例子的得分", "LZ-05")
    assert len(rows) == len(found)
    assert differing(rows, found, "单元") == []


def test_other_scales_of_the_same_column(state: Run) -> None:
    towns = ("东街道", "西街道", "南镇", "北镇")
    values = by_indicator(state, "scores", "value")
    column = np.array([values[town,]["LZ-02"] for town in towns])
    rows = table("别的标度", "标度")
    found = {
        (row["标度"],): dict(
            zip(towns, SCALES[row["标度"].strip("`")](column, direction="higher"), strict=True)
        )
        for row in rows
    }
    assert differing(rows, found, "标度") == []
    shares = np.array([values[town,]["LZ-01"] for town in towns])
    to_target = SCALES["distance_to_target"](shares, direction="higher", target=80.0, worst=0.0)
    assert "LZ-01 的东、西、南、北依次是 " + "、".join(f"{x:g}" for x in to_target) in TEXT


def test_other_ways_with_what_is_missing(state: Run) -> None:
    for row in table("换别的缺项办法", "`missing`"):
        if row["北镇得分"] == "看数据":
            continue
        scheme = Scoring(missing=row["`missing`"].strip("`"))
        made = score_all(state.basis, scheme)["dimensions"].filter(unit="310199004", dimension="安全便捷")
        assert as_printed(row["北镇得分"], made["score"][0]), row


def test_weights_read_from_the_scores(state: Run) -> None:
    scores = by_indicator(state, "scores", "score")
    matrix = np.array(
        [[of["LZ-01"], of["LZ-02"]] for (unit,), of in sorted(scores.items()) if unit != "示例区"]
    )
    rows = table("由数据定的权重", "方法")
    found = {
        (r["方法"],): dict(zip(("LZ-01", "LZ-02"), WEIGHTS[r["方法"].strip("`")](matrix), strict=True))
        for r in rows
    }
    assert differing(rows, found, "方法") == []


def test_the_experts_matrix() -> None:
    rows = [list(row.values())[1:] for row in table("层次分析法", "判断矩阵")]
    matrix = np.array([[eval_fraction(cell) for cell in row] for row in rows])
    judged = judge(matrix)
    assert "得权重 " + "、".join(f"{w:.3f}" for w in judged.weights) in TEXT
    assert f"λ = {judged.lambda_max:.4f}" in TEXT
    assert f"÷ 0.58 = {judged.consistency_ratio:.3f}" in TEXT


def eval_fraction(cell: str) -> float:
    over, _, under = cell.partition("/")
    return float(over) / float(under or 1)


def test_the_dimensions_of_step_five(state: Run) -> None:
    rows = table("第五步", "客观得分")
    columns = {
        "objective": "客观得分",
        "perceived": "满意度",
        "score": "维度得分",
        "weight_present": "有得分的权重（%）",
    }
    found = {
        (r["单元"], r["dimension"]): {
            ours: r[c] if c != "weight_present" else 100 * r[c] for c, ours in columns.items()
        }
        for r in named(state, "dimensions").iter_rows(named=True)
    }
    assert {(r["单元"], r["维度"]) for r in rows} == found.keys()
    assert differing(rows, found, "单元", "维度") == []


def test_the_totals_of_step_six_and_other_means(state: Run) -> None:
    totals = {r["单元"]: r for r in named(state, "totals").iter_rows(named=True)}
    rows = table("第六步", "等级")
    assert differing(rows, {(u,): {"综合得分": r["score"]} for u, r in totals.items()}, "单元") == []
    assert {row["单元"]: row["等级"] for row in rows} == {unit: r["grade"] for unit, r in totals.items()}
    wide = named(state, "dimensions").pivot(on="dimension", index="单元", values="score", maintain_order=True)
    half = np.array([0.5, 0.5])
    rows = table("别的综合办法", "写法")
    found = {
        (r["写法"],): dict(
            zip(wide["单元"], AGGREGATES[r["写法"].strip("`")](wide[:, 1:].to_numpy(), half)[0], strict=True)
        )
        for r in rows
    }
    for of in found.values():
        del of["示例区"]
    assert differing(rows, found, "写法") == []


def test_the_ranks_of_step_seven(state: Run) -> None:
    rows = table("第七步", "名次")
    found = {
        (r["单元"],): {"名次": r["rank"], "区间下": r["rank_low"], "区间上": r["rank_high"]}
        for r in named(state, "totals").drop_nulls("rank").iter_rows(named=True)
    }
    assert len(rows) == len(found)
    assert differing(rows, found, "单元") == []
    assert [round(concentration_for(np.ones(k)), 9) for k in (2, 3)] == [15, 31]


# ── what is said of them ──────────────────────────────────────────────────────────────────────────────────


def test_the_ministrys_grades_of_step_eight(state: Run) -> None:
    found = by_indicator(state, "scores", "ministry")
    assert {(row.pop("单元"),): row for row in map(dict, table("第八步", "LZ-01"))} == found
    aspects = {
        (r["单元"], r["dimension"], r["aspect"] or ""): r
        for r in named(state, "aspects").iter_rows(named=True)
    }
    for row in table("方面和维度的评级", "方面"):
        own = aspects[row["单元"], row["维度"], row["方面"]]
        assert row["评级"] == own["grade"] != UNGRADED, row
        assert as_printed(row["G（%）"], 100 * own["good"]), row
        assert as_printed(row["V（%）"], 100 * own["very_good"]), row


def test_the_differences_of_step_nine(state: Run) -> None:
    rows = table("第九步", "结论")
    x1, n1, x2, n2 = (np.array([float(r[c]) for r in rows]) for c in ("x₁", "n₁", "x₂", "n₂"))
    own, others = stable(x1, n1, "share"), stable(x2, n2, "share")
    expected = stable(x2 / n2 * n1, n1, "share").values
    z = (own.values - expected) / np.hypot(own.errors, others.errors)
    p = p_two_sided(z)
    worked = {"φ（本单元）": own.values, "φ（其余）": expected, "z": z, "p": p, "q": discovery_bh(p)}
    found = {(r["单元"],): {c: v[i] for c, v in worked.items()} for i, r in enumerate(rows)}
    assert differing(rows, found, "单元") == []
    told = {"better": "优于", "worse": "差于", "same": "无明显差异"}
    tested = named(state, "scores").filter(pl.col("q").is_not_null())
    assert tested["indicator"].unique().to_list() == ["LZ-03"]
    assert {r["单元"]: (told[r["than_peers"]], round(r["q"], 4)) for r in tested.iter_rows(named=True)} == {
        r["单元"]: (r["结论"], float(r["q"])) for r in rows
    }


def test_the_shortfalls_of_step_ten_in_the_order_of_the_list(state: Run) -> None:
    rows = table("第十步", "严重程度")
    found = named(state, "shortfalls").filter(level="town")
    own = [
        (r["单元"], r["indicator"], "；".join(GROUND_WORDS[g] for g in r["grounds"]), r["severity"])
        for r in found.iter_rows(named=True)
    ]
    assert [(r["单元"], r["指标"], r["依据"], r["严重程度"]) for r in rows] == own
    figures = {
        (r["单元"], r["indicator"]): {"差距占比": r["gap_share"], "优先级": r["priority"]}
        for r in found.iter_rows(named=True)
    }
    assert differing(rows, figures, "单元", "指标") == []


def test_the_risks_of_step_eleven(state: Run) -> None:
    units = state.gathered.units
    definitions = indicator_frame(state.library, 2026)
    risks = risk_of_units(state.frames["ledger"], definitions, state.frames["measurements"], units, "town")
    limits, names = limits_of(risks["index"]), dict(units.select("code", "name").iter_rows())
    rows = table("第十一步", "点数")
    found = {
        (names[r["unit"]],): {"点数": r["points"], "指数（每平方公里）": r["index"]}
        for r in risks.iter_rows(named=True)
    }
    assert differing(rows, found, "单元") == []
    levels = {
        names[r["unit"]]: (NONE_FOUND, *LEVELS)[level_of(r["index"], limits) or 0]
        for r in risks.iter_rows(named=True)
    }
    assert {row["单元"]: row["等级"] for row in rows} == levels


def test_the_remedies_of_step_twelve(state: Run) -> None:
    found = [
        (r["单元"], r["indicator"], r["term"], r["due"], r["amount"])
        for r in named(state, "remedy_list").filter(level="town").iter_rows(named=True)
    ]
    assert [tuple(row.values()) for row in table("第十二步", "期限")] == found


# ── the settings ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_settings_printed_are_those_that_hold_when_nothing_is_said(tmp_path: Path) -> None:
    plain, shown, changed = (
        project_with(tmp_path / name, text)
        for name, text in (("plain", ""), *zip(("shown", "changed"), (b.text for b in SETTINGS), strict=True))
    )
    assert len(SETTINGS) + 2 == len(PAGE.blocks), "a block that no test reads"
    parts = ("scoring", "diagnosis", "small_numbers")
    assert [getattr(shown, part) for part in parts] == [getattr(plain, part) for part in parts]
    assert changed.scoring.weighting.blend == ("given", "entropy")
    unsaid = set(Scoring.model_fields) - set(SETTINGS[0].says["scoring"])
    assert unsaid == {"dimension_weights", "weighting", "indicators"}, "a setting the chapter does not show"
