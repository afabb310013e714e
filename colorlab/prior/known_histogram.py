"""A photo's global colour histogram, told: two ways to let a colouring have it.

G. Larsson, M. Maire, G. Shakhnarovich, "Learning Representations for Automatic Colorization",
ECCV 2016, where the histogram is an upper bound to what a hint of a scene's colours could give.
"""

from __future__ import annotations

import numpy as np
import torch
from skimage.exposure import match_histograms
from torch import Tensor

_DARKEST = 1 / 255  # below it a ratio to lightness is noise


def match_quantiles(photo: Tensor, reference: Tensor) -> Tensor:
    """Quantile matching ("Q"): RGB (3, H, W) in [0, 1] with the colours of RGB (3, h, w).

    R, G and B, divided by (R + G + B)/3, each take the reference's quantiles, and are multiplied by
    the photo's own again, and clipped. Raises ValueError for other shapes.
    """
    for image in (photo, reference):
        if image.ndim != 3 or image.shape[0] != 3:
            raise ValueError(f"expected RGB of shape (3, H, W), got {tuple(image.shape)}")
    ours, theirs = (image.mean(0, keepdim=True).clamp(min=_DARKEST) for image in (photo, reference))
    ratios, wanted = (photo / ours).numpy(), (reference / theirs).numpy()
    matched = match_histograms(ratios, wanted, channel_axis=0)
    return (torch.from_numpy(np.asarray(matched)).to(photo) * ours).clamp(0, 1)


def chi_squared(p: Tensor, t: Tensor) -> Tensor:
    """Half the sum of (p - t)^2 / (p + t) over bins (K,): 0 where they agree, 1 where disjoint."""
    return ((p - t).square() / (p + t).clamp(min=1e-300)).sum() / 2


def histogram_bias(logits: Tensor, target: Tensor, strength: float, steps: int = 200) -> Tensor:
    """Energy minimisation ("E"): the bias (K,) that brings the mean distribution to a target's.

    `logits` (N, K) are those of N pixels' hues, or of their chroma, `target` (K,) the shares of
    their true histogram. The bias b minimises

        mean over n of KL(softmax(logits_n + b) || softmax(logits_n))
            + strength * chi_squared(mean over n of softmax(logits_n + b), target)

    by descending its gradient (L-BFGS, float64) from b = 0. At strength 0 it is 0; the larger
    `strength`, the nearer is the histogram to the target.

    Raises ValueError for shapes that don't belong together, a negative strength, or a target that
    isn't a distribution.
    """
    if logits.ndim != 2 or target.shape != logits.shape[1:]:
        raise ValueError(f"no target of such logits: {tuple(target.shape)}, {tuple(logits.shape)}")
    if strength < 0 or (target < 0).any() or abs(float(target.sum()) - 1) > 1e-4:
        raise ValueError("shares must be at least 0 and add up to 1, and the strength at least 0")
    known, wanted = logits.detach().double().log_softmax(1), target.double()
    bias = torch.zeros_like(wanted, requires_grad=True)
    descent = torch.optim.LBFGS(
        [bias], max_iter=steps, tolerance_grad=1e-12, tolerance_change=1e-14,
        line_search_fn="strong_wolfe",
    )  # fmt: skip

    def energy() -> Tensor:
        descent.zero_grad()
        given = (known + bias).log_softmax(1)
        kept = (given.exp() * (given - known)).sum(1).mean()
        value = kept + strength * chi_squared(given.exp().mean(0), wanted)
        value.backward()
        return value

    with torch.enable_grad():
        descent.step(energy)
    return bias.detach().to(logits.dtype)
