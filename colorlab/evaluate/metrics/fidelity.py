"""PSNR and SSIM: measures of compression, borrowed for colour."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from colorlab.evaluate.metrics.base import Array, Images, metric, photo_means

_WINDOW = 11  # pixels a side: the Gaussian of sigma 1.5 of Wang et al.


@metric("psnr", "PSNR", better="higher", source="ITU-T J.340", unit="dB")
def psnr(shown: Images, truth: Images) -> Tensor:
    """10 log10(1 / mean squared error of R, G and B in [0, 1]) of each photo, then the mean over
    photos; infinite for an identical photo (torchmetrics).
    """
    from torchmetrics.functional.image import peak_signal_noise_ratio

    values = peak_signal_noise_ratio(
        shown.rgb, truth.rgb, data_range=1.0, reduction="none", dim=(1, 2, 3)
    )
    return values[:, None]


def _decibels(means: Array) -> Array:
    """Mean squared errors (..., 1) to PSNR (...)."""
    with np.errstate(divide="ignore"):
        return np.asarray(-10 * np.log10(means[..., 0]))


@metric(
    "psnr_pooled",
    "PSNR, pooled",
    better="higher",
    source="ITU-T J.340, of the mean error",
    unit="dB",
    combine=_decibels,
)
def psnr_pooled(shown: Images, truth: Images) -> Tensor:
    """10 log10(1 / mean squared error of R, G and B in [0, 1] over all photos): unlike a mean of
    decibels it isn't lifted by photos that are nearly grey.
    """
    return photo_means((shown.rgb - truth.rgb).square())


@metric("ssim", "SSIM", better="higher", source="Wang et al. 2004")
def ssim(shown: Images, truth: Images) -> Tensor:
    """Structural similarity of R, G and B in [0, 1], Gaussian window of sigma 1.5 on 11 pixels,
    mean over channels and pixels, then over photos (torchmetrics).
    """
    from torchmetrics.functional.image import structural_similarity_index_measure

    if min(truth.rgb.shape[-2:]) < _WINDOW:
        size = tuple(truth.rgb.shape[-2:])
        raise ValueError(f"SSIM needs {_WINDOW} pixels or more a side, got {size}")
    values = []
    # One photo at a time, channels last: as fast as the batch, with an eighth of its memory.
    for pair in zip(shown.rgb.split(1), truth.rgb.split(1), strict=True):
        x, y = (image.contiguous(memory_format=torch.channels_last) for image in pair)
        value = structural_similarity_index_measure(x, y, data_range=1.0, reduction="none")
        assert isinstance(value, Tensor)  # a pair only where more than the index is asked for
        values.append(value)
    return torch.cat(values)[:, None]
