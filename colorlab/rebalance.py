"""Colour statistics: which chroma is common, and how much a rare one should count."""

from __future__ import annotations

from torch import Tensor


def chroma_bins(chroma: Tensor) -> Tensor:
    """Scaled L*a*b* chroma to its bins: (..., 2, H, W) in [-1, 1] to int64 in 0..255, same shape.

    One bin a unit of a* or b*, the nearest (halves to the even one); bin 128 is 0, and the ends
    hold what lies beyond.
    """
    return ((chroma * 128).round() + 128).clamp(0, 255).long()
