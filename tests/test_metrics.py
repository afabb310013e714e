"""Every metric against an independent reference on real photos, and its properties."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import skimage.color
import skimage.metrics
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from colorlab.data import sample_photos
from colorlab.metrics import ChromaErrors, Facts, Images, get_metric, list_metrics, measure, metric
from colorlab.metrics.auc import LARGEST, class_counts, rarity
from colorlab.metrics.colorfulness import absolute_colorfulness, colorfulness
from colorlab.metrics.delta_e import delta_e_2000
from colorlab.metrics.fidelity import structural_similarity
from colorlab.metrics.frechet import Gaussian, frechet_distance
from colorlab.metrics.lite0 import look, wordnet_label
from colorlab.quantize import zhang_bins

# Sharma, Wu and Dalal 2005, Table 1: L1, a1, b1, L2, a2, b2, Delta E.
SHARMA = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0010 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 2.4900 -0.0010 50 -2.4900 0.0012 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0010 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0011 -2.4900 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
NAMES = ("coffee", "china", "flower", "motorcycle")


def photos(*names: str, size: int = 160) -> Tensor:
    """The middles of sample photos, RGB (B, 3, size, size) in [0, 1]."""
    squares = []
    for photo in sample_photos(*names):
        top, left = ((side - size) // 2 for side in photo.rgb.shape[:2])
        squares.append(photo.rgb[top : top + size, left : left + size].copy())
    return torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2) / 255


@pytest.fixture(scope="module")
def truth() -> Tensor:
    return photos(*NAMES)


@pytest.fixture(scope="module")
def shown(truth: Tensor) -> Tensor:
    """Other photos' channels mixed in: wrong in lightness, hue and chroma everywhere."""
    return (0.7 * truth + 0.3 * truth.roll(1, 0).flip(1)).clamp(0, 1)


def numpy_lab(rgb: Tensor) -> np.ndarray:
    return skimage.color.rgb2lab(rgb.permute(0, 2, 3, 1).double().numpy())


# Against references.


def test_delta_e_is_sharma_s_table():
    table = np.array([line.split() for line in SHARMA.split("\n") if line], dtype=float)
    assert table.shape == (34, 7)
    first, second = (
        torch.from_numpy(x.T.copy())[:, :, None] for x in (table[:, :3], table[:, 3:6])
    )
    for one, other in ((first, second), (second, first)):
        ours = delta_e_2000(one, other)[:, 0].numpy()
        np.testing.assert_allclose(ours, table[:, 6], atol=5e-5)


def test_delta_e_is_scikit_image_s(shown: Tensor, truth: Tensor):
    reference = skimage.color.deltaE_ciede2000(numpy_lab(shown), numpy_lab(truth))
    lab = [Images(x.double()).lab for x in (shown, truth)]
    np.testing.assert_allclose(delta_e_2000(*lab).numpy(), reference, atol=2e-3)
    np.testing.assert_allclose(
        measure("delta_e", shown, truth), reference.mean(axis=(1, 2)), rtol=1e-4
    )


def test_chroma_metrics_are_scikit_image_s(shown: Tensor, truth: Tensor):
    ours, true = (numpy_lab(x)[..., 1:] / 128 for x in (shown, truth))
    error, grey = (np.square(x).mean(axis=(1, 2, 3)) for x in (ours - true, true))
    lengths = [np.hypot(*np.moveaxis(x, -1, 0)).mean(axis=(1, 2)) for x in (ours, true)]
    np.testing.assert_allclose(measure("mse", shown, truth), error, rtol=1e-4)
    np.testing.assert_allclose(measure("mse_to_grey", shown, truth), error / grey, rtol=1e-4)
    ratios = lengths[0] / lengths[1]
    np.testing.assert_allclose(measure("chroma_ratio", shown, truth), ratios, rtol=1e-4)

    sums = ChromaErrors()
    for pair in zip(shown.split(2), truth.split(2), strict=True):
        sums.add(*pair)
    assert sums.photos == 4
    assert sums.mse == pytest.approx(error.mean(), rel=1e-4)
    assert sums.mse_to_grey == pytest.approx(error.mean() / grey.mean(), rel=1e-4)
    assert sums.chroma_to_truth == pytest.approx(lengths[0].mean() / lengths[1].mean(), rel=1e-4)


def test_psnr_and_ssim_are_scikit_image_s_and_torchmetrics_s(shown: Tensor, truth: Tensor):
    from torchmetrics.functional.image import structural_similarity_index_measure

    pairs = [[x.permute(1, 2, 0).numpy() for x in pair] for pair in zip(shown, truth, strict=True)]
    psnr = [skimage.metrics.peak_signal_noise_ratio(b, a, data_range=1) for a, b in pairs]
    np.testing.assert_allclose(measure("psnr", shown, truth), psnr, rtol=1e-5)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    ssim = [
        skimage.metrics.structural_similarity(a, b, data_range=1, channel_axis=-1, **options)
        for a, b in pairs
    ]
    np.testing.assert_allclose(measure("ssim", shown, truth), ssim, atol=1e-2)  # other borders
    same = structural_similarity_index_measure(shown, truth, data_range=1.0, reduction="none")
    np.testing.assert_allclose(structural_similarity(shown, truth), same, atol=1e-4)


def test_colorfulness_is_the_definition(truth: Tensor):
    for rgb, signed, absolute in zip(
        truth.numpy(), colorfulness(truth), absolute_colorfulness(truth), strict=True
    ):
        r, g, b = rgb.astype(np.float64) * 255
        rg, yb = r - g, 0.5 * (r + g) - b
        for ours, x, y in ((signed, rg, yb), (absolute, abs(rg), abs(yb))):
            m3 = math.hypot(x.std(), y.std()) + 0.3 * math.hypot(x.mean(), y.mean())
            assert float(ours) == pytest.approx(m3, rel=1e-4)
        assert absolute <= signed * (1 + 1e-6)
    assert absolute_colorfulness(truth)[1] < 0.98 * colorfulness(truth)[1]


def test_colorfulness_of_two_patches_by_hand():
    red_and_green = torch.zeros(1, 3, 32, 32)
    red_and_green[:, 0, :, :16] = 1
    red_and_green[:, 1, :, 16:] = 1
    # rg = +-255, spread 255, mean 0; yb = 127.5 everywhere.
    assert float(colorfulness(red_and_green)) == pytest.approx(255 + 0.3 * 127.5)
    # |rg| = 255 everywhere: the spread is gone.
    assert float(absolute_colorfulness(red_and_green)) == pytest.approx(
        0.3 * math.hypot(255, 127.5)
    )


def test_auc_is_the_swept_curve(shown: Tensor, truth: Tensor):
    errors = np.linalg.norm((numpy_lab(shown) - numpy_lab(truth))[..., 1:], axis=-1).reshape(4, -1)
    # Errors from 0 to well beyond the last threshold.
    for thresholds, tolerance in ((np.arange(151.0), 2e-3), (np.linspace(0, LARGEST, 5001), 1e-4)):
        curve = np.array([[(e <= t).mean() for t in thresholds] for e in errors])
        area = np.trapezoid(curve, thresholds, axis=1) / LARGEST
        np.testing.assert_allclose(measure("auc", shown, truth), area, atol=tolerance)


def test_rebalanced_auc_gives_each_color_the_same_say(shown: Tensor, truth: Tensor):
    shown, truth = shown[..., ::3, ::3], truth[..., ::3, ::3]
    lab, true = numpy_lab(shown)[..., 1:], numpy_lab(truth)[..., 1:]
    area = np.clip(1 - np.linalg.norm(lab - true, axis=-1) / 150, 0, None)
    distances = np.rint(true)[..., None, :] - zhang_bins()
    classes = np.square(distances).sum(-1).argmin(-1)
    of_class = [area[classes == c].mean() for c in np.unique(classes)]

    table = rarity(class_counts(Images(truth)))
    rows = get_metric("auc_rebalanced").rows(Images(shown), Images(truth, None, table))
    areas, weights = rows.sum(0).tolist()
    assert areas / weights == pytest.approx(np.mean(of_class), rel=1e-3)
    assert weights / len(truth) == pytest.approx(1, rel=1e-5)
    with pytest.raises(ValueError, match="needs the rarity"):
        measure("auc_rebalanced", shown, truth)


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
        labels = [wordnet_label(Path(f"{synset}_x.jpg")) for synset in synsets]
        assert any(measure("top1", rgb, rgb, torch.tensor([label])) == 1 for label in labels)
        assert measure("top5", rgb, rgb, torch.tensor([0])) == 0  # a tench
        assert np.isnan(measure("top5", rgb, rgb))
        with torch.inference_mode():
            features, scores = look(rgb)
        assert features.shape == (1, 1280)
        assert scores.shape == (1, 1000)


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


# Properties.

PIXELS = [
    "mse",
    "mse_to_grey",
    "chroma_ratio",
    "psnr",
    "ssim",
    "delta_e",
    "colorfulness",
    "colorfulness_abs",
    "delta_colorfulness_set",
    "delta_colorfulness_photo",
    "auc",
    "auc_rebalanced",
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
    others = {"top1", "top5", "frechet_lite0", "lpips", "fid"}
    assert set(list_metrics()) == {*PIXELS, *others}


@each
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_identity_is_best(name: str, seed: int):
    shown, truth = random_images(seed)
    perfect, ours = value(name, truth, truth), value(name, shown, truth)
    best = {"psnr": np.inf, "ssim": 1, "auc": 1, "auc_rebalanced": 1, "chroma_ratio": 1}
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


def test_grey_is_the_unit_of_mse_to_grey(truth: Tensor):
    grey = truth.mean(dim=1, keepdim=True).expand_as(truth)
    np.testing.assert_allclose(measure("mse_to_grey", grey, truth), 1, atol=1e-3)
    np.testing.assert_allclose(measure("chroma_ratio", grey, truth), 0, atol=1e-2)
    np.testing.assert_allclose(measure("colorfulness", grey, truth), 0, atol=1e-4)
    assert np.isnan(measure("mse_to_grey", grey * 0, grey * 0)).all()


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
def test_bad_images_are_refused(truth: Tensor, change, message: str):
    with pytest.raises(ValueError, match=message):
        measure("mse", change(truth), truth)
    with pytest.raises(ValueError, match=message):
        ChromaErrors().add(change(truth), truth) if "floating" not in message else measure(
            "mse", truth, change(truth)
        )


def test_names_are_given_once_and_listed():
    with pytest.raises(ValueError, match="no metric 'beauty'; there are: mse, "):
        get_metric("beauty")
    facts = Facts("mse", "", "", "lower", "", "")
    with pytest.raises(ValueError, match="'mse' is registered already"):
        metric(facts)(lambda shown, truth: shown.rgb)
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
