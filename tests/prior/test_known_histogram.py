"""A global histogram that is known: what both ways must leave alone, and what they must reach."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from colorlab.data.samples import sample_photos
from colorlab.prior.known_histogram import chi_squared, histogram_bias, match_quantiles


def photo(name: str) -> torch.Tensor:
    return torch.from_numpy(sample_photos(name)[0].rgb[:256:2, :256:2].copy()).movedim(2, 0) / 255


@pytest.fixture
def logits() -> torch.Tensor:
    torch.manual_seed(0)
    return 2 * torch.randn(60, 8, dtype=torch.float64)


@pytest.fixture
def target() -> torch.Tensor:
    shares = torch.tensor([5, 1, 1, 4, 2, 0.5, 3, 1], dtype=torch.float64)
    return shares / shares.sum()


def mean_shares(logits: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return (logits + bias).softmax(1).mean(0)


def test_without_strength_nothing_is_biased(logits, target):
    assert torch.equal(histogram_bias(logits, target, 0), torch.zeros(8).double())


def test_a_histogram_that_is_there_already_needs_no_bias(logits):
    bias = histogram_bias(logits, logits.softmax(1).mean(0), 1000)
    assert torch.allclose(bias, torch.zeros(8).double(), atol=1e-9)


def test_with_strength_the_target_is_reached(logits, target):
    distances = [
        float(chi_squared(mean_shares(logits, histogram_bias(logits, target, s)), target))
        for s in (0, 1, 10, 1e6)
    ]
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > 0.05
    assert distances[-1] < 1e-9
    found = mean_shares(logits, histogram_bias(logits, target, 1e6))
    assert torch.allclose(found, target, atol=1e-4)


def test_the_bias_is_the_minimum_by_another_way(logits, target):
    """The energy written out in NumPy, its minimum found without a gradient given."""
    known = logits.softmax(1).numpy()

    def energy(bias: np.ndarray) -> float:
        given = known * np.exp(bias)
        given /= given.sum(1, keepdims=True)
        p, t = given.mean(0), target.numpy()
        kept = (given * np.log(given / known)).sum(1).mean()
        return float(kept + 3 * ((p - t) ** 2 / (p + t)).sum() / 2)

    bias = histogram_bias(logits, target, 3).numpy()
    best = minimize(energy, np.zeros(8), method="BFGS").x
    np.testing.assert_allclose(bias - bias.mean(), best - best.mean(), atol=1e-4)


@pytest.mark.parametrize(
    ("shares", "strength"), [([0.5] * 8, 1), ([0.125] * 8, -1), ([0.25] * 4, 1)]
)
def test_what_is_no_histogram_is_refused(logits, shares, strength):
    with pytest.raises(ValueError, match="add up to 1|no target of such logits"):
        histogram_bias(logits, torch.tensor(shares), strength)


def test_a_photo_has_its_own_quantiles():
    own = photo("astronaut")
    assert torch.allclose(match_quantiles(own, own), own, atol=1e-5)


def test_quantiles_are_those_of_the_reference():
    ours, theirs = photo("astronaut") * 0.5 + 0.25, photo("coffee") * 0.5 + 0.25
    matched = match_quantiles(ours, theirs)
    ratios = (matched / ours.mean(0)).flatten(1).quantile(torch.linspace(0.05, 0.95, 19), dim=1)
    wanted = (theirs / theirs.mean(0)).flatten(1).quantile(torch.linspace(0.05, 0.95, 19), dim=1)
    assert torch.allclose(ratios, wanted, atol=0.02)


def test_grey_gives_grey_and_a_stack_is_refused():
    grey = photo("coffee").mean(0, keepdim=True).expand(3, -1, -1)
    assert torch.allclose(match_quantiles(grey, grey), grey, atol=1e-6)
    with pytest.raises(ValueError, match=r"\(3, H, W\)"):
        match_quantiles(grey[None], grey)
