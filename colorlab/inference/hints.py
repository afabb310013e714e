"""Telling a network the colour: hints, and how they spread to what looks alike.

A hint says which colour a place of the photo has. What a network's answer misses at the hinted
places is spread by Gaussian process regression, also called kriging (C. Rasmussen and C. Williams,
"Gaussian Processes for Machine Learning", 2006, Eq. 2.25): two places share an error as far as they
are near, of similar luma, and alike in the features of the network's encoder.

It works with any network and needs no training. The network `colorlab` can also be given hints
as an input (`models.colorlab`, after Zhang et al. 2017); it has learned to follow them less far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate, normalize

from colorlab.color import LAB, ColorSpace, rgb_to_lab
from colorlab.data.hints import Hint, draw_hints
from colorlab.inference.join import to_pixels
from colorlab.inference.predict import MAX_ASPECT, MAX_PANORAMA, working_luma
from colorlab.models import Colorizer
from colorlab.models.efficientnet import EfficientNetColorizer

_AROUND = ((0, 0), *((y / 1.5, x / 1.5) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x))
"""Where a round hint is read, in its radius."""


def place_hints(
    hints: Sequence[Hint], photo: tuple[int, int], size: tuple[int, int], space: ColorSpace
) -> tuple[Tensor, Tensor]:
    """Rows and columns (N, 2) at a network's working size, and their scaled chroma (N, 2).

    `photo` and `size` are (height, width). A hint with a radius of 3 working pixels or more is
    read at nine places, its middle and eight around it; hints outside the photo are left out, and a
    later one covers an earlier one at its place.
    """
    (height, width), (high, wide) = photo, size
    told: dict[tuple[int, int], Tensor] = {}
    for hint in hints:
        if not (0 <= hint.x < width and 0 <= hint.y < height):
            continue
        chroma = hint.chroma(space)
        small = hint.radius * high / height < 3
        for down, right in _AROUND[:1] if small else _AROUND:
            y = (hint.y + 0.5 + down * hint.radius) * high / height
            x = (hint.x + 0.5 + right * hint.radius) * wide / width
            if 0 <= y < high and 0 <= x < wide:
                told[int(y), int(x)] = chroma
    places = torch.tensor(list(told), dtype=torch.long).reshape(-1, 2)
    return places, torch.stack(list(told.values())) if told else torch.zeros(0, 2)


def hint_planes(hints: Sequence[Hint], size: tuple[int, int]) -> Tensor:
    """Hints of a photo of that (height, width) as `models.colorlab` takes them: (1, 3, H, W).

    Chroma where there are hints, scaled as in `LAB`, and the mask that says where.
    """
    marked, ab = draw_hints(hints, *size)
    chroma = torch.from_numpy(ab).permute(2, 0, 1) / torch.tensor(LAB.chroma_scale).view(2, 1, 1)
    return torch.cat([chroma, torch.from_numpy(marked)[None].float()])[None]


@dataclass(frozen=True)
class Likeness:
    """How alike two places are: Gaussian in each of these distances; chosen on validation photos.

    `near` is in the photo's short side, `luma` in [0, 1], `features` in their own spread, averaged
    over the encoder's taps; `noise` is how little a hint is trusted, in the variance of an error.
    """

    near: float = 0.4
    luma: float = 0.3
    features: float = 1.0
    noise: float = 0.02


def describe(luma: Tensor, taps: Sequence[Tensor], likeness: Likeness) -> Tensor:
    """What places are compared by, scaled so that distances are in standard deviations.

    Luma (1, 1, h, w) and an encoder's taps, finest first, to (channels, h, w). Of the taps those
    from stride 4 on are used, each centred, scaled to a mean squared norm of 1, and reduced to its
    32 principal components: distances stay as they were to a few per cent, at a tenth of the work.
    """
    high, wide = luma.shape[2:]
    short = min(high, wide)
    rows = (torch.arange(high) / (short * likeness.near))[:, None].expand(high, wide)
    columns = (torch.arange(wide) / (short * likeness.near))[None].expand(high, wide)
    parts = [torch.stack([rows, columns]), luma[0].float() / likeness.luma]
    coarse = [tap.float() for tap in taps if 4 * tap.shape[-1] <= wide]
    for tap in coarse:
        tap = tap - tap.mean(dim=(2, 3), keepdim=True)
        scale = tap.square().sum(dim=1).mean().sqrt().clamp(min=1e-6)
        tap = _principal(tap) / (scale * likeness.features * len(coarse) ** 0.5)
        parts.append(interpolate(tap, (high, wide), mode="bilinear")[0])
    return torch.cat(parts)


def _principal(tap: Tensor, most: int = 32) -> Tensor:
    """Centred features (1, C, h, w) turned to their principal axes, the first `most` of them."""
    _, channels, high, wide = tap.shape
    rows = tap.flatten(2)[0]  # (C, places)
    if channels <= high * wide:
        axes = torch.linalg.eigh(rows @ rows.T).eigenvectors[:, -most:]
        turned = axes.T @ rows
    else:
        squares, axes = torch.linalg.eigh(rows.T @ rows)
        turned = (axes * squares.clamp(min=0).sqrt()).T[-most:]
    return turned.reshape(1, -1, high, wide)


def krige(described: Tensor, places: Tensor, values: Tensor, noise: float) -> Tensor:
    """Spread values known at places, (N, C), to every place: (channels, h, w) to (C, h, w).

    The mean of a Gaussian process with unit variance and mean 0: far from all places it is 0. At
    the places it is the values, up to `noise`.
    """
    _, high, wide = described.shape
    everywhere = described.flatten(1)
    known = everywhere[:, places[:, 0] * wide + places[:, 1]]
    covariance = _kernel(known, known) + noise * torch.eye(len(places))
    weights = torch.linalg.solve(covariance.double(), values.double()).float()
    return (_kernel(everywhere, known) @ weights).T.reshape(-1, high, wide)


def _kernel(a: Tensor, b: Tensor) -> Tensor:
    """exp(-d**2 / 2) between the columns of (C, N) and (C, M): (N, M)."""
    square = a.square().sum(0)[:, None] + b.square().sum(0) - 2 * (a.T @ b)
    return square.clamp_(min=0).mul_(-0.5).exp_()


def spread_hints(chroma: Tensor, pixels: Tensor, model: Colorizer, hints: Sequence[Hint]) -> Tensor:
    """Correct a network's chroma (2, h, w) of a photo, RGB (3, H, W), by what was told of it."""
    size = (chroma.shape[1], chroma.shape[2])
    places, told = place_hints(hints, (pixels.shape[1], pixels.shape[2]), size, model.space)
    return correct(chroma, working_luma(pixels, model.space, MAX_PANORAMA), model, places, told)


@torch.inference_mode()
def correct(
    chroma: Tensor,
    luma: Tensor,
    model: Colorizer,
    places: Tensor,
    told: Tensor,
    likeness: Likeness = Likeness(),
) -> Tensor:
    """A network's chroma (2, h, w) of luma (1, 1, h, w), told the chroma (N, 2) of places (N, 2).

    The correction at a place is what was missing there, up to `likeness.noise`. A network without
    an encoder has no features: then hints spread by place and luma alone.
    """
    if not len(places):
        return chroma
    chroma = chroma.to("cpu", torch.float32)
    missing = told - chroma[:, places[:, 0], places[:, 1]].T
    described = describe(luma, _taps(luma, model), likeness)
    return chroma + krige(described, places, missing, likeness.noise)


def _taps(luma: Tensor, model: Colorizer) -> list[Tensor]:
    """The taps of a network's encoder, on the CPU; none where it has no encoder."""
    encoders = [part for part in model.modules() if isinstance(part, EfficientNetColorizer)]
    if not encoders:
        return []
    device = next(model.parameters()).device
    return [tap.to("cpu", torch.float32) for tap in encoders[0].encode(luma.to(device))]


@torch.inference_mode()
def match_reference(
    photo: NDArray[Any], reference: NDArray[Any], model: Colorizer, most: int = 40
) -> list[Hint]:
    """Hints for a photo from another one in colour, both uint8 or uint16 (H, W, 3).

    Places, a working pixel in 16 each way, are matched by the encoder's features at strides 16 and
    32 and by luma. The `most` surest matches become hints of the reference's mean colour there;
    a match counts only where each place is the other's best, or near it. A reference gives no hints
    unless some matches are more alike than places of unrelated photos get to be.
    Raises ValueError for a network without an encoder.
    """
    ours, theirs = (_cells(to_pixels(picture), model) for picture in (photo, reference))
    likeness = ours.features @ theirs.features.T - (ours.luma[:, None] - theirs.luma).abs()
    best, match = likeness.max(dim=1)
    mutual = best >= likeness.max(dim=0).values[match] - _NEAR_BEST
    if int((mutual & (best >= _ALIKE)).sum()) < _ENOUGH:
        return []
    order = torch.argsort(best + 10 * mutual, descending=True)[: min(most, int(mutual.sum()))]
    height, width = photo.shape[:2]
    high, wide = ours.grid
    colours = _mean_ab(to_pixels(reference), theirs.grid).flatten(1).T[match]
    return [
        Hint(
            x=(place % wide + 0.5) * width / wide,
            y=(place // wide + 0.5) * height / high,
            radius=0,
            ab=(float(colours[place, 0]), float(colours[place, 1])),
        )
        for place in order.tolist()
    ]


_NEAR_BEST = 0.05
_ALIKE, _ENOUGH = 0.5, 10
"""How many matches must be how alike. Of 11,760 places of 60 validation photos none found one as
alike in an unrelated photo; where fewer do, matched colours are worse than the network's guess."""


@dataclass(frozen=True)
class _Cells:
    """A photo's places, stride 16: unit features (N, C), mean luma (N,), and how they lie."""

    features: Tensor
    luma: Tensor
    grid: tuple[int, int]


def _cells(pixels: Tensor, model: Colorizer) -> _Cells:
    luma = working_luma(pixels, model.space, MAX_ASPECT)
    taps = _taps(luma, model)
    if not taps:
        raise ValueError("a reference is matched by an encoder's features: use a network with one")
    grid = (luma.shape[2] // 16, luma.shape[3] // 16)
    parts = []
    for tap in taps[-2:]:
        tap = interpolate(tap, grid, mode="bilinear")[0].flatten(1).T
        parts.append(normalize(tap - tap.mean(dim=0), dim=1))
    mean = interpolate(luma, grid, mode="area").flatten()
    return _Cells(normalize(torch.cat(parts, dim=1), dim=1), mean, grid)


def _mean_ab(pixels: Tensor, grid: tuple[int, int]) -> Tensor:
    """A coloured photo's mean a*, b* in each place of a grid: (2, h, w)."""
    top = 255 if pixels.dtype == torch.uint8 else 65535
    small = interpolate(pixels[None].float() / top, grid, mode="area")[0]
    return rgb_to_lab(small)[1:]
