"""Semantic interpretability: does a classifier recognise the colorized photo?"""

from __future__ import annotations

import torch
from torch import Tensor

from colorlab.evaluate.metrics.base import Facts, Images, metric
from colorlab.evaluate.metrics.lite0 import look

_SOURCE = "Zhang et al. 2016, section 3.1 (there: VGG-16)"
_UNLABELLED = "no photo's file or folder name begins with a WordNet id of ImageNet-1k"


def _hits(shown: Images, labels: Tensor, places: int) -> Tensor:
    _, scores = shown.derive(look)
    best = scores.topk(places, dim=1).indices
    hit = (best == labels.to(best.device)[:, None]).any(dim=1).double()
    return hit.masked_fill(labels.to(best.device) < 0, torch.nan)[:, None]


@metric(
    Facts(
        name="top1",
        title="top-1 accuracy",
        unit="share",
        better="higher",
        definition="share of labelled photos whose true class is EfficientNet-Lite0's first answer "
        "to the output",
        source=_SOURCE,
        undefined=_UNLABELLED,
    )
)
def top1(shown: Images, truth: Images) -> Tensor:
    """1 for a hit, 0 for a miss, NaN without a label, (B, 1)."""
    return _hits(shown, truth.labels, 1)


@metric(
    Facts(
        name="top5",
        title="top-5 accuracy",
        unit="share",
        better="higher",
        definition="share of labelled photos whose true class is among EfficientNet-Lite0's first "
        "five answers to the output",
        source=_SOURCE,
        undefined=_UNLABELLED,
    )
)
def top5(shown: Images, truth: Images) -> Tensor:
    """1 for a hit, 0 for a miss, NaN without a label, (B, 1)."""
    return _hits(shown, truth.labels, 5)
