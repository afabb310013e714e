"""How much the colours of a film flicker: two measures, of which neither needs the true colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from colorlab.color import rgb_to_lab
from colorlab.inference.steady import warp

STEPS = (1, 2, 4)

Frame = NDArray[np.uint8]


def color_distribution_consistency(frames: Sequence[Frame], steps: Sequence[int] = STEPS) -> float:
    """Liu et al. 2021's CDC of frames, uint8 (H, W, 3); 0 for frames that are alike, at most ln 2.

    The mean Jensen-Shannon divergence, in nats, between the distributions (256 bins) of R, of G and
    of B in frames t and t + k: over all t and the three channels, then over the k of `steps`. It
    does not ask where a colour is, so motion alone that keeps the mixture of colours costs nothing;
    what comes into view does. Raises ValueError for fewer frames than the longest step needs.
    """
    if len(frames) <= max(steps):
        raise ValueError(f"a step of {max(steps)} needs more than {len(frames)} frames")
    shares = np.stack([_shares(frame) for frame in frames])
    return float(np.mean([_divergence(shares[k:], shares[:-k]).mean() for k in steps]))


def _shares(frame: Frame) -> NDArray[np.float64]:
    """(3, 256), each row a distribution."""
    counts = [np.bincount(frame[..., c].ravel(), minlength=256) for c in range(3)]
    return np.stack(counts) / (frame.shape[0] * frame.shape[1])


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Jensen and Shannon's, over the last axis."""
    from scipy.special import rel_entr

    middle = (p + q) / 2
    return np.asarray((rel_entr(p, middle) + rel_entr(q, middle)).sum(-1) / 2)


def warped_difference(frames: Sequence[Frame], flows: Sequence[NDArray[np.float32]]) -> float:
    """How far, in L*a*b* units, a*b* of a moving point are from what they were a frame ago.

    `frames` are uint8 (H, W, 3); `flows` (2, H, W), one a frame, say where each pixel was before
    (rows and columns to add), NaN where it was out of sight; the first is not looked at. The
    warping error of Lai et al. 2018, of chroma alone and not squared. The mean over all pixels that
    were in sight, so 0 for colours that go with what they are on. Raises ValueError for fewer than
    two frames, or where none of their pixels was in sight before.
    """
    if len(frames) != len(flows) or len(frames) < 2:
        raise ValueError(f"need a flow for each of two frames or more, got {len(flows)}")
    chroma = [_chroma(frame) for frame in frames]
    distances = []
    for before, now, flow in zip(chroma[:-1], chroma[1:], flows[1:], strict=True):
        seen = torch.from_numpy(np.isfinite(flow).all(0))
        moved = warp(before, torch.from_numpy(np.nan_to_num(flow)))
        distances.append((now - moved).norm(dim=0)[seen])
    every = torch.cat(distances)
    if not len(every):
        raise ValueError("no pixel of any frame was in sight a frame before")
    return float(every.mean())


def _chroma(frame: Frame) -> torch.Tensor:
    """a* and b* of a frame, (2, H, W)."""
    return rgb_to_lab(torch.from_numpy(frame).permute(2, 0, 1).float() / 255)[1:]
