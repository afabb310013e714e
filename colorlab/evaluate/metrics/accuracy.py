"""Pixels that are right, where right means within 2 % of what a channel can be."""

from __future__ import annotations

from torch import Tensor

from colorlab.evaluate.metrics.base import Images, metric, photo_means

_ALLOWED = (2.0, 4.4, 4.4)  # 2 % of L* in 0..100, and of a* and b* in -110..110


@metric("accuracy", "accuracy (2 %)", better="higher", source="Nazeri, Ng & Ebrahimi 2018")
def accuracy(shown: Images, truth: Images) -> Tensor:
    """Share of pixels where, all rounded to whole numbers, L* is at most 2 off and a* and b* at
    most 4.4, which is 2 % of 0..100 and of -110..110; mean over photos. Grey photos are easy: grey
    itself gets every pixel whose a* and b* are within 4. The published numbers are of networks that
    predict L*, too, and lose pixels by it.
    """
    off = (shown.lab.round() - truth.lab.round()).abs()
    allowed = off.new_tensor(_ALLOWED).view(3, 1, 1)
    return photo_means((off <= allowed).all(dim=1).float())
