"""Learning histograms at points, of hue and chroma or of a* and b*: Larsson et al., ECCV 2016."""

from __future__ import annotations

from torch import Tensor

from colorlab.color import LAB
from colorlab.models.hue import bin_of, hue_chroma
from colorlab.models.lab_bins import bin_of as lab_bin_of
from colorlab.models.larsson import parts, sample_at

HUE_WEIGHT = 5
"""The paper's: hue counts as chroma does where chroma is a fifth."""


def hue_chroma_loss(answer: Tensor, chroma: Tensor) -> Tensor:
    """KL(y_C || f_C) + 5 C KL(y_H || f_H), in nats, the mean over all points.

    `answer` is of a `HueChromaColorizer`, (B, 2 K + 3, ...), at points that it names; `chroma` is
    the photos' own, (B, 2, H, W), (a*, b*)/128. C is the true chroma. A target is of one pixel, so
    all of it is in one bin, and its divergence is the cross-entropy.
    """
    hue_logits, chroma_logits, points, luma = parts(answer)
    rgb = LAB.merge(luma, sample_at(chroma, points))
    hue, saturation, _ = hue_chroma(rgb)
    of_hue = _nats(hue_logits, bin_of(hue, hue_logits.shape[1]))
    of_chroma = _nats(chroma_logits, bin_of(saturation, chroma_logits.shape[1]))
    return (of_chroma + HUE_WEIGHT * saturation * of_hue).mean()


def lab_histogram_loss(answer: Tensor, chroma: Tensor) -> Tensor:
    """The sum of both histograms' cross-entropies, in nats, the mean over all points.

    `answer` is of `LabHypercolumns`; both as for `hue_chroma_loss`.
    """
    *logits, points, _ = parts(answer)
    bins = lab_bin_of(sample_at(chroma, points)).unbind(1)
    of_a, of_b = (_nats(x, true) for x, true in zip(logits, bins, strict=True))
    return (of_a + of_b).mean()


def _nats(logits: Tensor, true: Tensor) -> Tensor:
    """Cross-entropy of logits (B, K, H, W) and the numbers of the true bins (B, H, W)."""
    told = logits.gather(1, true.unsqueeze(1)).squeeze(1)
    return logits.logsumexp(dim=1) - told
