"""Raw accuracy: the area under the curve of pixels whose colour is right within a threshold.

R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, section 3.1.

Their class-balanced variant divides by how common a colour is on ImageNet, which they test on. We
take the frequencies of the photos that are measured. Those of another set won't do: under our prior
of scenes, one of 320 ImageNet photos, with a colour that scenes hardly have, held 95 % of the
weight.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from colorlab.color import LAB
from colorlab.evaluate.metrics.base import Array, Images, Needs, metric, photo_means, ratio
from colorlab.models.classes import zhang_bins
from colorlab.prior.bins import chroma_bins
from colorlab.prior.zhang import nearest_bin

LARGEST = 150.0
"""The curve's last threshold, in L*a*b* units."""


def _pixel_areas(shown: Images, truth: Images) -> Tensor:
    """Each pixel's own area under its step from 0 to 1, over the widest, (B, H, W).

    A pixel with error e counts for all thresholds from e on: (150 - e) / 150 of the area, none for
    e > 150. The mean over pixels is the area under their curve, for infinitely fine thresholds.
    """
    error = torch.hypot(*(shown.lab - truth.lab)[:, 1:].unbind(1))
    return (1 - error / LARGEST).clamp(min=0)


@metric("auc", "AuC", better="higher", source="Zhang et al. 2016, section 3.1")
def auc(shown: Images, truth: Images) -> Tensor:
    """Share of pixels with (a*, b*) error up to t, integrated over t = 0..150 and divided by 150;
    that is 1 - mean of min(error, 150) / 150.
    """
    return photo_means(_pixel_areas(shown, truth))


def _bins(images: Images) -> tuple[Tensor, Tensor]:
    a, b = chroma_bins(images.lab[:, 1:] / LAB.chroma_scale[0]).unbind(1)
    return a, b


def class_counts(images: Images) -> Array:
    """How many pixels are nearest to each of Zhang's 313 colours, float64 (313,)."""
    classes = torch.from_numpy(nearest_bin()).to(images.rgb.device)[_bins(images)]
    return torch.bincount(classes.flatten(), minlength=len(zhang_bins())).double().cpu().numpy()


def rarity(counts: Array) -> Tensor:
    """One over each true colour's frequency, float32 (256, 256), a* first (`chroma_bins`).

    `counts` are the `class_counts` of the whole set. The mean over the set's pixels is 1; a class
    that never occurs gets 0.
    """
    seen = counts > 0
    weights = np.zeros_like(counts)
    weights[seen] = counts.sum() / (seen.sum() * counts[seen])
    return torch.from_numpy(weights[nearest_bin()]).float()


class Rarity:
    """`rarity` of a set that is looked at batch by batch."""

    def __init__(self) -> None:
        self._counts = np.zeros(len(zhang_bins()))

    def add(self, truth: Images) -> None:
        self._counts += class_counts(truth)

    def value(self) -> Tensor:
        return rarity(self._counts)


@metric(
    "auc_rebalanced",
    "AuC, rebalanced",
    better="higher",
    source="Zhang et al. 2016, section 3.1 and Eq. 4 with lambda = 0",
    combine=ratio,
    needs=Needs(of_set={"rarity": Rarity}),
)
def rebalanced(shown: Images, truth: Images) -> Tensor:
    """AuC with each pixel weighted by 1 / frequency of its true colour in the photos measured: each
    of Zhang's 313 colours that occurs counts alike.
    """
    weights = truth.known("rarity").to(truth.rgb.device)[_bins(truth)]
    areas = _pixel_areas(shown, truth)
    sums = [x.flatten(1).mean(1, dtype=torch.float64) for x in (weights * areas, weights)]
    return torch.stack(sums, dim=1)
