"""What holds for every metric: its best value, its symmetry, its units, and refused input."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from colorlab.evaluate.metrics import (
    ChromaErrors,
    Images,
    get_metric,
    list_metrics,
    measure,
    metric,
)
from colorlab.evaluate.metrics.auc import class_counts, rarity
from colorlab.evaluate.metrics.colorfulness import absolute_colorfulness, colorfulness
from colorlab.evaluate.metrics.delta_e import delta_e_2000

PIXELS = [
    "mse",
    "mse_to_grey",
    "chroma_ratio",
    "psnr",
    "psnr_pooled",
    "ssim",
    "delta_e",
    "colorfulness",
    "colorfulness_abs",
    "delta_colorfulness_set",
    "delta_colorfulness_abs",
    "delta_colorfulness_photo",
    "auc",
    "auc_rebalanced",
    "accuracy",
]
ASYMMETRIC = {"mse_to_grey", "chroma_ratio", "colorfulness", "colorfulness_abs", "auc_rebalanced"}
each = pytest.mark.parametrize("name", PIXELS)
seeds = st.integers(0, 2**32 - 1)


def random_images(seed: int, count: int = 3) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    pair = torch.rand(2, count, 3, 16, 16, generator=generator)
    return pair[0], pair[1]


def value(name: str, shown: Tensor, truth: Tensor) -> np.ndarray:
    return measure(name, shown, truth, rarity=rarity(class_counts(Images(truth))))


def test_these_are_all_the_metrics():
    others = {"top1", "top5", "top1_lite2", "frechet_lite0", "lpips", "fid"}
    assert set(list_metrics()) == {*PIXELS, *others}


@each
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_identity_is_best(name: str, seed: int):
    shown, truth = random_images(seed)
    perfect, ours = value(name, truth, truth), value(name, shown, truth)
    best = {
        "psnr": np.inf,
        "psnr_pooled": np.inf,
        "ssim": 1,
        "auc": 1,
        "auc_rebalanced": 1,
        "accuracy": 1,
        "chroma_ratio": 1,
    }
    if name.startswith("colorfulness"):
        function = colorfulness if name == "colorfulness" else absolute_colorfulness
        np.testing.assert_allclose(perfect, function(truth), rtol=1e-5)
        return
    np.testing.assert_allclose(perfect, best.get(name, 0), atol=1e-6)
    better = get_metric(name).facts.better
    if better == "lower":
        assert (ours > perfect).all()
    elif better == "higher":
        assert (ours < perfect).all()


@each
@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_batches_equal_singles(name: str, seed: int):
    shown, truth = random_images(seed)
    table = rarity(class_counts(Images(truth)))
    together = measure(name, shown, truth, rarity=table)
    singles = [measure(name, shown[i : i + 1], truth[i : i + 1], rarity=table)[0] for i in range(3)]
    np.testing.assert_allclose(together, singles, rtol=2e-5, atol=1e-6)


@each
def test_the_order_of_arguments(name: str):
    shown, truth = random_images(1)
    shown = shown * 0.5 + 0.1
    swapped = np.allclose(value(name, shown, truth), value(name, truth, shown), rtol=1e-4)
    assert swapped == (name not in ASYMMETRIC)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, towards=st.floats(0.05, 0.95))
def test_nearer_colors_are_better(seed: int, towards: float):
    """Going from another image towards the truth improves what compares pixel by pixel."""
    shown, truth = random_images(seed)
    nearer = shown + (truth - shown) * towards
    for name in ("psnr", "auc", "mse"):
        sign = 1 if get_metric(name).facts.better == "higher" else -1
        gain = sign * (value(name, nearer, truth) - value(name, shown, truth))
        if name == "psnr":
            assert (gain > 0).all()
        else:  # L*a*b* bends what is straight in RGB
            assert gain.mean() > 0 or towards < 0.2


# Bad input.


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x * 255, r"must lie in \[0, 1\]"),
        (lambda x: x - 1, r"must lie in \[0, 1\]"),
        (lambda x: x * math.nan, r"must lie in \[0, 1\]"),
        (lambda x: (x * 255).byte(), "expected floating RGB"),
        (lambda x: x[:, :1], "expected RGB"),
        (lambda x: x[0], "expected RGB"),
        (lambda x: x[:0], "expected RGB"),
        (lambda x: x[..., :8], "the shown images are"),
    ],
)
def test_bad_images_are_refused(change, message: str):
    _, truth = random_images(0)
    with pytest.raises(ValueError, match=message):
        measure("mse", change(truth), truth)
    with pytest.raises(ValueError, match=message):
        ChromaErrors().add(change(truth), truth) if "floating" not in message else measure(
            "mse", truth, change(truth)
        )


def test_names_are_given_once_and_listed():
    with pytest.raises(ValueError, match="no metric 'beauty'; there are: mse, "):
        get_metric("beauty")
    with pytest.raises(ValueError, match="'mse' is registered already"):
        metric("mse", "", "lower", "")(lambda shown, truth: shown.rgb)
    with pytest.raises(ValueError, match="of a set of photos"):
        measure("frechet_lite0", torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16))
    with pytest.raises(ValueError, match="11 pixels or more"):
        measure("ssim", torch.zeros(1, 3, 9, 9), torch.zeros(1, 3, 9, 9))
    with pytest.raises(ValueError, match="two L"):
        delta_e_2000(torch.zeros(3, 2, 2), torch.zeros(3, 2, 1))


def test_every_metric_says_what_it_is():
    for name in list_metrics():
        facts = get_metric(name).facts
        assert facts.name == name
        assert facts.better in ("lower", "higher", "near the truth")
        assert len(facts.definition) > 30
        assert facts.source
