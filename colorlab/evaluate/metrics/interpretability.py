"""Semantic interpretability: does a classifier recognise the colorized photo?"""

from __future__ import annotations

import torch
from torch import Tensor

from colorlab.evaluate.metrics.base import Images, Needs, Unavailable, metric
from colorlab.evaluate.metrics.lite0 import LITE2, classifier, look, wordnet_label

_SOURCE = "Zhang et al. 2016, section 3.1 (there: VGG-16)"
_UNLABELLED = "no photo's file or folder name begins with a WordNet id of ImageNet-1k"


def _second_look(rgb: Tensor) -> Tensor:
    """Lite2's class scores, (B, 1000)."""
    return look(rgb, LITE2)[1]


def _prepare_lite2(download: bool) -> None:
    try:
        classifier(LITE2)
    except RuntimeError as error:
        raise Unavailable(str(error)) from None


def _hits(scores: Tensor, truth: Images, places: int) -> Tensor:
    """1 for a hit, 0 for a miss, NaN for a photo without a label, (B, 1)."""
    names = [wordnet_label(file) for file in truth.files] or [-1] * len(scores)
    labels = torch.tensor(names, device=scores.device)[:, None]
    hit = (scores.topk(places, dim=1).indices == labels).any(dim=1, keepdim=True).double()
    return hit.masked_fill(labels < 0, torch.nan)


@metric(
    "top1", "top-1 accuracy", better="higher", source=_SOURCE, unit="share", undefined=_UNLABELLED
)
def top1(shown: Images, truth: Images) -> Tensor:
    """Share of labelled photos whose true class is EfficientNet-Lite0's first answer to the
    output; it is also the encoder of most of the colorizers here.
    """
    return _hits(shown.derive(look)[1], truth, 1)


@metric(
    "top5", "top-5 accuracy", better="higher", source=_SOURCE, unit="share", undefined=_UNLABELLED
)
def top5(shown: Images, truth: Images) -> Tensor:
    """Share of labelled photos whose true class is among EfficientNet-Lite0's first five answers to
    the output.
    """
    return _hits(shown.derive(look)[1], truth, 5)


@metric(
    "top1_lite2",
    "top-1, Lite2",
    better="higher",
    source=_SOURCE,
    unit="share",
    undefined=_UNLABELLED,
    needs=Needs(_prepare_lite2),
)
def top1_lite2(shown: Images, truth: Images) -> Tensor:
    """Share of labelled photos whose true class is EfficientNet-Lite2's first answer to the
    output: a judge that no colorizer here is built on (its weights are a package of their own).
    """
    return _hits(shown.derive(_second_look), truth, 1)
