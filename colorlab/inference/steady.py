"""Steady colours: the network's chroma averaged along time, within a shot, following motion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample, interpolate

MEMORY = 12.0
"""Over so many frames, at most, a colour is averaged."""

FLOW_SIDE = 112
"""Motion is looked for in frames with this shorter side, half of the network's."""

CUT = 0.4
"""By more than that the histograms of two shots differ, and only those of the fastest pans."""

_TRUST = 0.06  # a luma residual, in [0, 1], at which the past counts 1/e as much
_PATCH = 5  # pixels a side over which the residual is averaged, so that grain doesn't count

Motion = Callable[[Tensor, Tensor], Tensor]
"""Luma (h, w) in [0, 1] of a frame and of the one before to flow (2, h, w) as `warp` takes it."""


def steady(
    frames: Iterable[tuple[Tensor, Tensor]],
    motion: Motion | None = None,
    memory: float = MEMORY,
) -> Iterator[Tensor]:
    """The chroma (2, h, w) of frames, given as luma (h, w) in [0, 1] and chroma, averaged in time.

    A recursive filter: the n-th frame of a shot has the share 1/n, later ones 1/`memory`. With
    `motion`, such as `follow`, the past moves along, and counts less where its luma no longer fits
    (occlusion, light, a flow that is wrong), as in the motion-compensated filters of Dubois and
    Sabri 1984. Each frame is answered before the next is asked for; one is kept. Raises ValueError
    for a memory of less than a frame.
    """
    if memory < 1:
        raise ValueError(f"a memory has at least one frame, got {memory}")
    past: Tensor | None = None  # luma, two of chroma, and how many frames they are the mean of
    for luma, now in frames:
        count, mean = torch.zeros_like(luma), now
        if past is not None and past.shape[1:] == luma.shape and not is_cut(past[0], luma):
            moved = past if motion is None else warp(past, motion(luma, past[0]))
            count, mean = moved[3], moved[1:3]
            if motion is not None:
                count = count * _trust(luma - moved[0])
        mean = (count * mean + now) / (count + 1)
        past = torch.stack([luma, *mean, (count + 1).clamp(max=memory - 1)])
        yield mean


def _trust(residual: Tensor) -> Tensor:
    """How much a moved past counts, in [0, 1], by what its luma is off (h, w)."""
    even = avg_pool2d(residual[None], _PATCH, 1, _PATCH // 2, count_include_pad=False)[0]
    return torch.exp(-((even / _TRUST) ** 2))


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """An image (C, H, W) moved along a flow (2, H, W): each pixel shows what the flow points to.

    The flow is rows and columns to add to a pixel's place. Bilinear; beyond the edge lies the edge.
    """
    _, height, width = image.shape
    rows = torch.arange(height)[:, None] + 0.5 + flow[0]
    columns = torch.arange(width) + 0.5 + flow[1]
    grid = torch.stack([2 * columns / width - 1, 2 * rows / height - 1], dim=-1)
    return grid_sample(image[None], grid[None], padding_mode="border", align_corners=False)[0]


def follow(now: Tensor, before: Tensor) -> Tensor:
    """Optical flow (2, h, w) from a frame's luma (h, w) in [0, 1] to that of the one before.

    Le Besnerais and Champagnat's iterative Lucas-Kanade (2005, scikit-image), on small frames:
    half of the network's work.
    """
    from skimage.registration import optical_flow_ilk

    height, width = now.shape
    shrink = min(1.0, FLOW_SIDE / min(height, width))
    size = round(height * shrink), round(width * shrink)
    both = torch.stack([now, before])[None]
    small = interpolate(both, size, mode="bilinear", antialias=True)[0].numpy()
    found = torch.from_numpy(optical_flow_ilk(*small, radius=5, num_warp=6))
    flow = interpolate(found[None].float(), (height, width), mode="bilinear")[0]
    return flow * torch.tensor([height / size[0], width / size[1]]).view(2, 1, 1)


def is_cut(before: Tensor, now: Tensor) -> bool:
    """Whether a new shot begins between two frames, luma (h, w) in [0, 1].

    By the histograms of their four quarters (Boreczky and Rowe 1996 compare such criteria), each
    frame relative to its mean, so that flickering light is no cut. A dissolve is none either.
    """
    return float((_histograms(before) - _histograms(now)).abs().sum(1).mean()) / 2 > CUT


def _histograms(luma: Tensor) -> Tensor:
    """(4, 16), the quarters' distributions of luma over the frame's mean."""
    relative = (luma / luma.mean().clamp(min=1e-3)).clamp(max=2)
    quarters = [part for half in relative.tensor_split(2) for part in half.tensor_split(2, dim=1)]
    return torch.stack([torch.histc(part, 16, 0, 2) / part.numel() for part in quarters])
