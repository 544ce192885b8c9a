"""The Human Development Index 2021 from its four indicators, to the third decimal, for all 191 countries.

Method: UNDP, Human Development Report 2021/22, technical note 1. It is our scale (min-max between goalposts)
and our geometric aggregation, nothing else.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from tijian.engine.scoring.aggregate import aggregate_arithmetic, aggregate_geometric
from tijian.engine.scoring.scale import scale_minmax

PUBLISHED = Path(__file__).resolve().parents[2] / "shared" / "real" / "hdi-2021" / "hdi_2021.csv"

# country: life expectancy, expected schooling, mean schooling, GNI per head (2017 PPP $), HDI (HDR 2021/22)
RETYPED = {
    "Afghanistan": (61.9824, 10.26384398, 2.98506999, 1824.190915, 0.478),
    "Angola": (61.6434, 12.1721, 5.417390823, 5465.617791, 0.586),
    "South Africa": (62.341, 13.64371014, 11.37316036, 12948.37325, 0.713),
    "Zimbabwe": (59.2531, 12.11096904, 8.710908501, 3809.887158, 0.593),
}


def hdi(rows: np.ndarray) -> np.ndarray:
    """HDI of (countries, 4): life expectancy, expected schooling, mean schooling, GNI per head."""
    health = scale_minmax(rows[:, 0], direction="higher", low=20, high=85)
    expected = scale_minmax(rows[:, 1], direction="higher", low=0, high=18)
    mean = scale_minmax(rows[:, 2], direction="higher", low=0, high=15)
    education, _ = aggregate_arithmetic(np.column_stack([expected, mean]), np.ones(2))
    income = scale_minmax(np.log(rows[:, 3]), direction="higher", low=np.log(100), high=np.log(75_000))
    total, _ = aggregate_geometric(np.column_stack([health, education, income]), np.ones(3))
    return total / 100


def test_a_few_countries_retyped_from_the_report() -> None:
    rows = np.array(list(RETYPED.values()))
    assert np.round(hdi(rows[:, :4]), 3).tolist() == rows[:, 4].tolist()


@pytest.mark.real
def test_all_191_countries_come_out_as_published() -> None:
    if not PUBLISHED.exists():
        pytest.skip(f"the published table is not beside the checkout: {PUBLISHED}")
    with PUBLISHED.open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.DictReader(file))
    names = ("le_2021", "eys_2021", "mys_2021", "gnipc_2021")
    rows = np.array([[float(record[name]) for name in names] for record in records])
    published = [float(record["hdi_2021"]) for record in records]
    ours = np.round(hdi(rows), 3).tolist()
    wrong = [(r["country"], a, b) for r, a, b in zip(records, ours, published, strict=True) if a != b]
    assert len(records) == 191
    assert wrong == []
