"""What the lambda widget's twin is made of; tests/browser has the page."""

from __future__ import annotations

import numpy as np
import pytest

from colorlab.course.widgets.twin import encode, twin_html
from colorlab.prior.prior import default_prior


def test_it_is_small_and_whole() -> None:
    text = twin_html(default_prior())
    assert len(text) < 100_000
    assert "{{" not in text
    assert "http" not in text


@pytest.mark.parametrize("lam", [-0.1, 1.1, float("nan")])
def test_it_refuses_an_impossible_lambda(lam: float) -> None:
    with pytest.raises(ValueError, match="lambda"):
        twin_html(default_prior(), lam=lam)


def test_probabilities_survive_their_coding() -> None:
    p = np.array([[0.0, 1.0, 2.0**-40, 1e-5, 0.3, 1e-30]])
    codes = encode(p)
    back = np.where(codes > 0, 2.0 ** (((codes - 1.0) / 65534 - 1) * 40), 0)
    np.testing.assert_allclose(back[0, :5], p[0, :5], rtol=3e-4)
    assert back[0, 5] == 2.0**-40
