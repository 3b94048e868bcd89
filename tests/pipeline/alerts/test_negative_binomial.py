"""The tail that levels are read from, against SciPy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from pipeline.alerts.negative_binomial import upper_tail


@given(
    observed=st.integers(0, 400),
    mean=st.floats(0.01, 300, allow_nan=False),
    spread=st.floats(0.05, 3, allow_nan=False),
)
def test_it_is_the_one_of_the_textbook(observed: int, mean: float, spread: float) -> None:
    size = 1 / spread
    assert upper_tail(observed, mean, spread) == pytest.approx(
        float(nbinom.sf(observed - 1, size, size / (size + mean))), abs=1e-9
    )


def test_a_flood_of_reports_ends_at_once() -> None:
    assert upper_tail(10_000_000, 3.0, 0.4) == 0.0
