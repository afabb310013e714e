"""What the weight sliders' twin is made of; tests/browser has the page."""

from __future__ import annotations

import numpy as np
import pytest

from colorlab.prior.prior import default_prior

pytest.importorskip("ipywidgets", reason="needs ipywidgets (extra: course)")

from colorlab.course.widgets.weight_widget import quantize, weight_twin


def test_it_is_small_and_whole() -> None:
    text = weight_twin(default_prior())
    assert len(text) < 100_000
    assert "{{" not in text
    assert "http" not in text


@pytest.mark.parametrize("lam", [-0.1, 1.1, float("nan")])
def test_it_refuses_an_impossible_lambda(lam: float) -> None:
    with pytest.raises(ValueError, match="lambda"):
        weight_twin(default_prior(), lam=lam)


def test_probabilities_survive_their_coding() -> None:
    p = np.array([[0.0, 1.0, 2.0**-40, 1e-5, 0.3, 1e-30]])
    codes = quantize(p)
    back = np.where(codes > 0, 2.0 ** (((codes - 1.0) / 65534 - 1) * 40), 0)
    np.testing.assert_allclose(back[0, :5], p[0, :5], rtol=3e-4)
    assert back[0, 5] == 2.0**-40
