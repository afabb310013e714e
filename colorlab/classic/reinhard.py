"""Colour by example for a photo that has colours: the whole photo takes the statistics of another.

E. Reinhard, M. Ashikhmin, B. Gooch and P. Shirley, "Color Transfer between Images", IEEE Computer
Graphics and Applications 21(5), 2001. Beside it its neighbours: histogram matching, and the linear
Monge-Kantorovich map (F. Pitie and A. Kokaram, "The linear Monge-Kantorovitch linear colour
mapping", CVMP 2007; formula recalled, the map's property tested).

All three change lightness too. `colorlab.classic.planes.with_own_lightness` keeps the photo's.
A grey photo has no spread of colour to stretch: it takes the reference's mean colour, a tint.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.exposure import match_histograms

from colorlab.classic.planes import Photo, check_photo
from colorlab.color import linear_to_srgb, srgb_to_linear

Doubles = NDArray[np.float64]

_LMS_FROM_RGB = np.array(
    [[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]]
)
# Inverted numerically: the paper's printed inverse is off by up to 0.0072.
_RGB_FROM_LMS = np.linalg.inv(_LMS_FROM_RGB)
_LAB_FROM_LOG = np.diag(1 / np.sqrt([3, 6, 2])) @ [[1, 1, 1], [1, 1, -2], [1, -1, 0]]
_DARKEST = 1 / 65535  # a logarithm needs light
_FLAT = 1e-3  # a channel with a smaller standard deviation is rounding, not colour


def rgb_to_lalphabeta(rgb: Doubles) -> Doubles:
    """Linear RGB in [0, 1] to lαβ of base-10 logarithms; channels last, (..., 3) in and out.

    Light below 1/65535 counts as that. Grey is not exactly achromatic: white is (-.00095, .00076,
    .00009), since the paper's matrix has rows that sum to a little less than 1.
    """
    return np.log10(np.maximum(rgb @ _LMS_FROM_RGB.T, _DARKEST)) @ _LAB_FROM_LOG.T


def lalphabeta_to_rgb(lalphabeta: Doubles) -> Doubles:
    """Back to linear RGB, not clipped; (..., 3) in and out."""
    return 10 ** (lalphabeta @ _LAB_FROM_LOG) @ _RGB_FROM_LMS.T


def match_moments(values: Doubles, reference: Doubles) -> Doubles:
    """Give each channel the mean and standard deviation of the reference's: (N, C) and (M, C).

    A flat channel (standard deviation below 0.001) becomes the reference's mean.
    """
    spread = values.std(0)
    factor = np.where(spread > _FLAT, reference.std(0) / np.maximum(spread, _FLAT), 0)
    return (values - values.mean(0)) * factor + reference.mean(0)


def _linear(photo: Photo, name: str) -> Doubles:
    check_photo(photo, name)
    levels: Doubles = srgb_to_linear(torch.arange(256, dtype=torch.float64) / 255).numpy()
    return levels[photo]


def _bytes(linear: Doubles) -> Photo:
    rgb = linear_to_srgb(torch.from_numpy(np.clip(linear, 0, 1))).numpy()
    return np.rint(255 * rgb).astype(np.uint8)


def transfer_statistics(photo: Photo, reference: Photo) -> Photo:
    """Reinhard's transfer: `photo` with the mean and spread of `reference` in lαβ.

    uint8 (H, W, 3) sRGB in and out, the two of any sizes. The statistics are those of linear light,
    as the paper's matrix asks for. Raises ValueError for another shape or type.
    """
    source = rgb_to_lalphabeta(_linear(photo, "photo").reshape(-1, 3))
    target = rgb_to_lalphabeta(_linear(reference, "reference").reshape(-1, 3))
    return _bytes(lalphabeta_to_rgb(match_moments(source, target))).reshape(photo.shape)


def match_histogram(photo: Photo, reference: Photo) -> Photo:
    """Match the histograms of R, G and B one by one: uint8 (H, W, 3) in and out.

    The channels' marginal distributions become the reference's; how they depend on each other
    doesn't. Raises ValueError for another shape or type.
    """
    check_photo(photo)
    check_photo(reference, "reference")
    matched = match_histograms(photo, reference, channel_axis=-1)
    return np.clip(np.rint(matched), 0, 255).astype(np.uint8)


def _power(matrix: Doubles, exponent: float) -> Doubles:
    """A power of a symmetric positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    powers: Doubles = (vectors * values**exponent) @ vectors.T
    return powers


def monge_kantorovich_map(source: Doubles, target: Doubles) -> Doubles:
    """The symmetric T with T source T = target, for covariance matrices (C, C).

    Of all linear maps that turn one Gaussian into the other, it moves colours the least.
    A direction without spread (a grey photo has two) counts as having the variance 1e-8.
    """
    floor = 1e-8 * np.eye(len(source))
    root, inverse = _power(source + floor, 0.5), _power(source + floor, -0.5)
    return inverse @ _power(root @ (target + floor) @ root, 0.5) @ inverse


def transfer_covariance(photo: Photo, reference: Photo) -> Photo:
    """Give `photo` the mean colour and the RGB covariance of `reference`, by the least motion.

    uint8 (H, W, 3) sRGB in and out; computed on encoded sRGB. ValueError for another shape or type.
    """
    check_photo(photo)
    check_photo(reference, "reference")
    source, target = photo.reshape(-1, 3) / 255, reference.reshape(-1, 3) / 255
    matrix = monge_kantorovich_map(np.cov(source.T), np.cov(target.T))
    mapped = (source - source.mean(0)) @ matrix + target.mean(0)
    return np.rint(255 * np.clip(mapped, 0, 1)).astype(np.uint8).reshape(photo.shape)
