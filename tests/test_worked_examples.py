"""The published worked examples beside the checkout, each in the variant its README states, as printed.

Small ones are also retyped in the tests of their own method, which say something where the folder is absent.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tijian.engine.scoring.aggregate import aggregate_geometric
from tijian.engine.scoring.outranking import condorcet, copeland, outranking_matrix, topsis, vikor
from tijian.engine.scoring.scale import scale_zscore
from tijian.engine.scoring.sobol import sobol_indices
from tijian.engine.scoring.weights import weights_critic, weights_entropy, weights_merec, weights_stdev
from tijian.engine.scoring.weights_ahp import judge
from tijian.engine.scoring.weights_pca import principal_components

WORKED = Path(__file__).resolve().parents[2] / "shared" / "real" / "worked"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not WORKED.is_dir(), reason=f"the worked examples are not beside the checkout: {WORKED}"
    ),
]


def case(name: str) -> tuple[list[dict[str, str]], dict[str, Any], dict[str, Any]]:
    """Rows of inputs.csv, params.json and expected.json of one example."""
    folder = WORKED / name
    with (folder / "inputs.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    params, expected = (
        json.loads((folder / f"{part}.json").read_text(encoding="utf-8")) for part in ("params", "expected")
    )
    return rows, params, expected


def matrix(rows: list[dict[str, str]]) -> np.ndarray:
    """Everything but the first column (the name of the row) as numbers."""
    return np.array([[float(value) for value in list(row.values())[1:]] for row in rows])


def directions(params: dict[str, Any]) -> list[str]:
    return ["higher" if sign == 1 else "lower" for sign in params["directions"]]


def test_ahp_drinks() -> None:
    rows, params, expected = case("ahp_saaty2008_drinks")
    names = params["elements"]
    a = np.eye(len(names))
    for row in rows:
        i, j = names.index(row["a"]), names.index(row["b"])
        a[i, j], a[j, i] = float(row["a_over_b"]), 1 / float(row["a_over_b"])
    weights = dict(zip(names, judge(a).weights, strict=True))
    for digits in (3, 4):
        assert {n: round(float(w), digits) for n, w in weights.items()} == expected[f"weights_{digits}dp"]
    assert round(judge(a, random_index="saaty_1980").consistency_ratio, 3) == expected["CR_saaty_RI"]
    assert round(judge(a, random_index="saaty_2005").consistency_ratio, 3) == expected["CR_saaty_RI"]
    assert round(judge(a, random_index="donegan_dodd").consistency_ratio, 4) == expected["CR_donegan_dodd_RI"]


def test_copeland_tennessee() -> None:
    rows, _, expected = case("copeland_tennessee")
    cities = list(expected["copeland_wins_minus_losses"])
    places = np.array(
        [[row["ranking"].split(">").index(city) for row in rows] for city in cities], dtype=float
    )
    votes = np.array([float(row["votes"]) for row in rows])
    shares = outranking_matrix(places, votes, directions=["lower"] * len(rows))
    scores = dict(zip(cities, copeland(shares).tolist(), strict=True))
    assert scores == expected["copeland_wins_minus_losses"]
    assert cities[condorcet(shares) or 0] == expected["condorcet_winner"]
    assert sorted(cities, key=lambda city: -scores[city]) == expected["ranking"]


@pytest.mark.parametrize("correlation", ["pearson", "spearman"])
@pytest.mark.parametrize("scaled", [True, False])
def test_critic(correlation: str, scaled: bool) -> None:
    rows, _, expected = case("critic_diakoulaki1995")
    weights = weights_critic(matrix(rows), correlation=correlation, scaled=scaled)
    printed = expected[f"{correlation}_{'scaled' if scaled else 'unscaled'}"]
    assert np.round(weights, expected["decimals"]).tolist() == printed


def test_entropy_on_raw_shares() -> None:
    rows, _, expected = case("entropy_elsayed2017")
    weights = weights_entropy(matrix(rows), basis="raw")
    assert np.round(weights, expected["decimals"]).tolist() == expected["weights"]


def test_merec() -> None:
    rows, params, expected = case("merec_keshavarz2021")
    weights = weights_merec(matrix(rows), directions=directions(params))
    assert np.round(weights, expected["decimals"]).tolist() == expected["weights"]


def test_standard_deviation_weights() -> None:
    rows, _, expected = case("stddev_weights_jahan2013")
    assert np.round(weights_stdev(matrix(rows)), expected["decimals"]).tolist() == expected["weights"]


def test_mpi_is_the_product_of_headcount_and_intensity() -> None:
    rows, _, expected = case("mpi_2022_HxA")
    h_and_a = np.array([[float(row["H_pct"]), float(row["A_pct"])] for row in rows])
    means, _ = aggregate_geometric(h_and_a, np.ones(2), zero_floor=0.0)
    published = np.array([float(row["MPI"]) for row in rows])
    assert len(rows) > 100
    np.testing.assert_allclose((means / 100) ** 2, published, rtol=0, atol=expected["tolerance"])


def test_outranking_of_coinr() -> None:
    rows, params, expected = case("outranking_coinr")
    shares = outranking_matrix(matrix(rows), np.array(params["weights"]), directions=directions(params))
    for entry in ("outrank[2,1]", "outrank[3,1]", "outrank[4,1]"):
        i, j = (int(place) - 1 for place in entry[8:-1].split(","))
        assert shares[i, j] == pytest.approx(expected[entry], abs=1e-12)
    assert (np.diag(shares) == expected["diagonal"]).all()
    dominant = np.count_nonzero(shares == 1)
    assert dominant == expected["n_dominant_pairs"]
    assert dominant / (len(rows) * (len(rows) - 1) / 2) == expected["fraction_dominant"]
    tie = expected["copeland_tie_example"]
    values = np.column_stack([tie["x1"], tie["x2"]]).astype(float)
    assert copeland(outranking_matrix(values, np.ones(2))).tolist() == tie["scores"]


def test_pca_of_usarrests() -> None:
    rows, _, expected = case("pca_usarrests")
    values = matrix(rows)
    components = principal_components(values)
    np.testing.assert_allclose(np.abs(components.vectors[:, 0]), expected["loadings_PC1_abs"], atol=5e-8)
    np.testing.assert_allclose(np.sqrt(components.eigenvalues), expected["sd"], atol=5e-5)
    np.testing.assert_allclose(components.shares, expected["proportion_variance"], atol=5e-5)
    np.testing.assert_allclose(np.cumsum(components.shares), expected["cumulative"], atol=5e-5)
    scores = np.column_stack([scale_zscore(column, direction="higher") for column in values.T])
    printed = np.array(list(expected["zscores_first3"].values()))  # of the sample deviation
    np.testing.assert_allclose((scores[:3] - 50) / 10, printed, atol=5e-9)


def test_sobol_of_ishigami() -> None:
    rows, _, expected = case("sobol_ishigami")
    low, high = (np.array([float(row[end]) for row in rows]) for end in ("low", "high"))

    def model(points: np.ndarray) -> np.ndarray:
        x = low + points * (high - low)
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    shares = sobol_indices(model, len(rows), samples=2**13)
    np.testing.assert_allclose(shares.first, expected["S1"], atol=0.01)
    np.testing.assert_allclose(shares.total, expected["ST"], atol=0.01)


def test_topsis() -> None:
    rows, params, expected = case("topsis_tzeng2011")
    closeness = topsis(matrix(rows), np.array(params["weights"]), directions=directions(params))
    assert np.round(closeness, expected["decimals"]).tolist() == expected["closeness"]


def test_vikor() -> None:
    rows, params, expected = case("vikor_yang2020")
    result = vikor(matrix(rows), np.array(params["weights"]), directions=directions(params), v=params["v"])
    assert np.round(result.compromise, expected["decimals"]).tolist() == expected["Q"]
