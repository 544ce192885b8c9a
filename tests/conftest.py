"""What every test shares: repeatable hypothesis runs and the real data beside the checkout."""

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "real"

# The same examples on every run and no time limit per example: a slow machine must not change the verdict.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real data sets beside the checkout; the test is skipped where it is absent."""
    if not REAL.is_dir():
        pytest.skip(f"no real data sets at {REAL}")
    return REAL
