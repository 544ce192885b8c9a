"""Edited re-runs of a run's record: as stored without an edit, another scheme with one, and nothing written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tijian.engine.analysis.rerun import edited, of_levels, parse_edits, recorded, rescore
from tijian.engine.results import SCHEMAS
from tijian.engine.scoring.everything import Basis
from tijian.engine.settings.scheme import Scoring
from tijian.engine.storage.store import StoreError, read_frame

from .cli_project import YEAR, YEARS, finished_sample, refused, told

SCORED = ("scores", "weights", "aspects", "dimensions", "totals")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_sample(tmp_path_factory)


@pytest.fixture(scope="module")
def run(sample: Path) -> tuple[Basis, Scoring]:
    return recorded(sample / "results.duckdb", YEAR)


@pytest.mark.parametrize("year", YEARS)
def test_without_an_edit_every_score_is_the_one_stored(sample: Path, year: int) -> None:
    store = sample / "results.duckdb"
    frames = rescore(*recorded(store, year))
    for name in SCORED:
        stored = read_frame(store, name, year)
        assert frames[name].select(list(SCHEMAS[name])).equals(stored), name


def test_a_year_that_was_never_run_cannot_be_run_again(sample: Path) -> None:
    with pytest.raises(StoreError, match="没有 1999 年的结果"):
        recorded(sample / "results.duckdb", 1999)


def test_an_edit_changes_the_scheme_and_nothing_else(run: tuple[Basis, Scoring]) -> None:
    basis, scheme = run
    made = edited(
        scheme, {"scale": "rank", "outliers.method": "trim", "dimension_weights.健康舒适": 3}, basis
    )
    assert (made.scale, made.outliers.method, made.dimension_weights["健康舒适"]) == ("rank", "trim", 3.0)
    assert made.outliers.skew == scheme.outliers.skew
    assert made.model_copy(update={"scale": scheme.scale, "outliers": scheme.outliers,
                                   "dimension_weights": scheme.dimension_weights}) == scheme  # fmt: skip


def test_harmonic_totals_are_never_above_arithmetic_ones(run: tuple[Basis, Scoring]) -> None:
    basis, scheme = run
    towns = of_levels(basis, "town")
    mean, harmonic = (
        rescore(towns, scheme, aggregate_dimensions=name, draws=100)["totals"]["score"] for name in ("arithmetic", "harmonic")
    )  # fmt: skip
    assert (harmonic < mean).all()


def test_a_level_by_itself_scores_as_it_does_among_the_others(
    run: tuple[Basis, Scoring], sample: Path
) -> None:
    basis, scheme = run
    alone = rescore(of_levels(basis, "town"), scheme, draws=100)["totals"]
    stored = read_frame(sample / "results.duckdb", "totals", YEAR).filter(level="town")
    assert alone.select("unit", "rank").equals(stored.select("unit", "rank"))
    np.testing.assert_allclose(alone["score"], stored["score"], rtol=1e-12)


def test_every_wrong_edit_is_told_at_once_with_what_would_be_right(run: tuple[Basis, Scoring]) -> None:
    basis, scheme = run
    wrong = {"scael": "rank", "aggregate_dimensions": "max", "outliers.how": 1, "dimension_weights.环境": 2, "scale.x": 1,
             "indicators.XX-99.scale": "rank", "perceived_share": 3}  # fmt: skip
    with pytest.raises(ValueError, match="scael") as fault:
        edited(scheme, wrong, basis)
    said = str(fault.value)
    assert "scael：没有这个键，相近的是“scale”，可用的键：scale、" in said
    assert 'aggregate_dimensions：类型或取值不符，可选："arithmetic"（算术平均）、"geometric"' in said
    assert "outliers.how：没有这个键，可用的键：method、skew" in said
    assert "dimension_weights.环境：没有名为“环境”的维度，有：生态宜居、健康舒适" in said
    assert "indicators.XX-99.scale：没有名为“XX-99”的指标" in said
    assert "scale.x：scale 是一个值，下面没有键" in said
    assert "perceived_share：类型或取值不符，3% 写 0.03；不大于 1" in said


def test_edits_are_read_as_they_are_written_in_the_project_file() -> None:
    texts = [
        "scale=rank",
        "perceived_share = 0.3",
        "reported_wins=true",
        'dimension_weights={ "交通便捷" = 2 }',
    ]
    assert parse_edits(texts) == {
        "scale": "rank", "perceived_share": 0.3, "reported_wins": True, "dimension_weights": {"交通便捷": 2},
    }  # fmt: skip
    with pytest.raises(ValueError, match="“scale”应写成 键=值"):
        parse_edits(["scale"])


def test_what_if_shows_both_totals_and_writes_nothing(sample: Path) -> None:
    store = sample / "results.duckdb"
    before = store.read_bytes()
    said = told("robust", "-p", sample, "--what-if", "aggregate_dimensions=harmonic", columns=160)
    assert "假设推算：aggregate_dimensions=harmonic" in said
    assert "现行得分" in said
    assert "假设名次" in said
    assert store.read_bytes() == before


def test_what_if_says_what_cannot_be_used_on_these_data(sample: Path) -> None:
    said = told("robust", "-p", sample, "--what-if", "weights=ahp", columns=160)
    assert "没有按 ahp 赋权" in said


def test_what_if_refuses_a_key_there_is_not(sample: Path) -> None:
    said = refused(2, "robust", "-p", sample, "--what-if", "aggregation=harmonic")
    assert "aggregation：没有这个键，相近的是“aggregate_dimensions”，可用的键：scale、" in said
