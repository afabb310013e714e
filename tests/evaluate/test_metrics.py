"""The pixels' metrics against independent references on real photos."""

from __future__ import annotations

import math

import numpy as np
import pytest
import skimage.color
import skimage.metrics
import torch
from torch import Tensor

from colorlab.data.samples import sample_photos
from colorlab.evaluate.metrics import ChromaErrors, Images, get_metric, measure
from colorlab.evaluate.metrics.auc import LARGEST, class_counts, rarity
from colorlab.evaluate.metrics.colorfulness import absolute_colorfulness, colorfulness
from colorlab.evaluate.metrics.delta_e import delta_e_2000
from colorlab.models.classes import zhang_bins

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


def test_psnr_and_ssim_are_scikit_image_s(shown: Tensor, truth: Tensor):
    pairs = [[x.permute(1, 2, 0).numpy() for x in pair] for pair in zip(shown, truth, strict=True)]
    psnr = [skimage.metrics.peak_signal_noise_ratio(b, a, data_range=1) for a, b in pairs]
    np.testing.assert_allclose(measure("psnr", shown, truth), psnr, rtol=1e-5)
    np.testing.assert_allclose(measure("psnr_pooled", shown, truth), psnr, rtol=1e-5)
    one, two = (np.concatenate(side) for side in zip(*pairs, strict=True))
    pooled = get_metric("psnr_pooled")
    rows = pooled.rows(Images(shown), Images(truth)).double().numpy()
    together = skimage.metrics.peak_signal_noise_ratio(two, one, data_range=1)
    assert pooled.combine(rows.mean(0)) == pytest.approx(together, rel=1e-5)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    ssim = [
        skimage.metrics.structural_similarity(a, b, data_range=1, channel_axis=-1, **options)
        for a, b in pairs
    ]
    np.testing.assert_allclose(measure("ssim", shown, truth), ssim, atol=1e-2)  # other borders


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
    rows = get_metric("auc_rebalanced").rows(Images(shown), Images(truth, known={"rarity": table}))
    areas, weights = rows.sum(0).tolist()
    assert areas / weights == pytest.approx(np.mean(of_class), rel=1e-3)
    assert weights / len(truth) == pytest.approx(1, rel=1e-5)
    with pytest.raises(ValueError, match="needs the rarity"):
        measure("auc_rebalanced", shown, truth)


def test_grey_is_the_unit_of_mse_to_grey(truth: Tensor):
    grey = truth.mean(dim=1, keepdim=True).expand_as(truth)
    np.testing.assert_allclose(measure("mse_to_grey", grey, truth), 1, atol=1e-3)
    np.testing.assert_allclose(measure("chroma_ratio", grey, truth), 0, atol=1e-2)
    np.testing.assert_allclose(measure("colorfulness", grey, truth), 0, atol=1e-4)
    assert np.isnan(measure("mse_to_grey", grey * 0, grey * 0)).all()
