"""Semantic interpretability: does a classifier recognise the colorized photo?"""

from __future__ import annotations

import torch
from torch import Tensor

from colorlab.evaluate.metrics.base import Images, metric
from colorlab.evaluate.metrics.lite0 import look, wordnet_label

_SOURCE = "Zhang et al. 2016, section 3.1 (there: VGG-16)"
_UNLABELLED = "no photo's file or folder name begins with a WordNet id of ImageNet-1k"


def _hits(shown: Images, truth: Images, places: int) -> Tensor:
    """1 for a hit, 0 for a miss, NaN for a photo without a label, (B, 1)."""
    _, scores = shown.derive(look)
    names = [wordnet_label(file) for file in truth.files] or [-1] * len(scores)
    labels = torch.tensor(names, device=scores.device)[:, None]
    hit = (scores.topk(places, dim=1).indices == labels).any(dim=1, keepdim=True).double()
    return hit.masked_fill(labels < 0, torch.nan)


@metric(
    "top1", "top-1 accuracy", better="higher", source=_SOURCE, unit="share", undefined=_UNLABELLED
)
def top1(shown: Images, truth: Images) -> Tensor:
    """Share of labelled photos whose true class is EfficientNet-Lite0's first answer to the
    output.
    """
    return _hits(shown, truth, 1)


@metric(
    "top5", "top-5 accuracy", better="higher", source=_SOURCE, unit="share", undefined=_UNLABELLED
)
def top5(shown: Images, truth: Images) -> Tensor:
    """Share of labelled photos whose true class is among EfficientNet-Lite0's first five answers to
    the output.
    """
    return _hits(shown, truth, 5)
