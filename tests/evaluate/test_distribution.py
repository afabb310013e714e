"""Bits, calibration and diversity, on distributions whose answers are known."""

from __future__ import annotations

import math

import pytest
import torch

from colorlab.data.samples import sample_photos
from colorlab.evaluate.distribution import Reliability, bits, diversity, measure, readings
from colorlab.models.classes import zhang_bins
from colorlab.train.classes import begin


def on_a_class(count: int = 1, size: int = 32) -> torch.Tensor:
    """Chroma (count, 2, size, size) of the class (20, -10)."""
    return (torch.tensor([20.0, -10.0]) / 128).view(1, 2, 1, 1).expand(count, 2, size, size)


def given(share: float, cells: int = 8) -> torch.Tensor:
    """Logits (1, 313, cells, cells): `share` for (20, -10), the rest for all others alike."""
    logits = torch.full((313,), math.log((1 - share) / 312))
    logits[zhang_bins().tolist().index([20, -10])] = math.log(share)
    return logits.view(1, 313, 1, 1).expand(1, 313, cells, cells)


def test_bits_are_those_of_the_true_class() -> None:
    assert bits(given(0.25), on_a_class()).flatten().tolist() == pytest.approx([2.0] * 64, abs=1e-5)
    assert bits(torch.zeros(1, 313, 8, 8), on_a_class()).mean() == pytest.approx(math.log2(313))


@pytest.mark.parametrize(("share", "error"), [(0.6488, 0), (0.35, 0.2988), (0.95, 0.3012)])
def test_who_says_what_was_taught_is_calibrated(share: float, error: float) -> None:
    reliability = Reliability()
    reliability.add(given(share), on_a_class())
    assert reliability.error() == pytest.approx(error, abs=1e-3)
    assert reliability.rows() == [pytest.approx([1.0, share, 0.6488], abs=1e-3)]


def test_diversity_is_a_mean_distance() -> None:
    red, grey = on_a_class(2), torch.zeros(2, 2, 32, 32)
    distance = math.hypot(20, 10)
    assert diversity([red, grey]).tolist() == pytest.approx([distance] * 2)
    assert diversity([red, red, grey]).tolist() == pytest.approx([distance * 2 / 3] * 2)


def test_a_network_without_training_is_measured() -> None:
    model = begin().eval()
    photo = torch.from_numpy(sample_photos("coffee")[0].rgb[:256, :256].copy())
    found = measure(model, [photo.permute(2, 0, 1).float() / 255], samples=2)
    assert found["bits"] > 0
    assert found["best_mse_to_grey"] <= found["sample_mse_to_grey"]
    assert 0 <= found["calibration_error"] < 1


def test_readings_go_from_cautious_to_bold() -> None:
    rgb = torch.from_numpy(sample_photos("coffee")[0].rgb[:64, :64].copy())
    shown = readings(begin().eval())
    answers = [
        shown[name](rgb.permute(2, 0, 1)[None].float() / 255, [])
        for name in ("mean", "rebalanced mean")
    ]
    plain, bold = (one.amax(1).sub(one.amin(1)).mean() for one in answers)
    assert bold > plain
