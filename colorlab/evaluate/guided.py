"""Methods that are told colours, judged like the others: hints are drawn from the truth.

The rule: a photo's hints lie anywhere with equal chance, by a generator seeded with the photo's
file name; more hints are the fewer ones and others. Each is a disc of radius 2 with the mean true
a*, b* of the 5x5 pixels around its middle. "levin+10" is Levin's method with ten, "colorlab+10" a
network told ten.

Methods that are given a reference get the photo that follows in its folder, by name, the last one
the first: in sets that are sorted by kind it mostly shows the same kind of thing. "welsh+next" is
Welsh's method with that, "colorlab+next" a network told what it matches there.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.classic.planes import Photo
from colorlab.color import LAB, ColorSpace, lab_to_rgb, lightness, reduce_to_gamut
from colorlab.data.batches import Augmentation
from colorlab.data.decode import decode
from colorlab.data.hints import Hint, draw_hints
from colorlab.data.photos import list_photos
from colorlab.evaluate.baselines import Candidate
from colorlab.inference.colorize import guided
from colorlab.inference.hints import correct, hint_planes, place_hints
from colorlab.models import Colorizer
from colorlab.models.colorlab import HintedColorizer

Spread = Callable[[NDArray[Any], NDArray[np.bool_], NDArray[Any]], NDArray[Any]]
"""A way to spread strokes: L*/100 (H, W), marks (H, W) and a*, b* (H, W, 2) to a*, b*."""

Example = Callable[[Photo, Photo], Photo]
"""A way to colour by a reference: uint8 (H, W, 3), both, to the same."""


def true_hints(truth: Tensor, count: int, name: str) -> list[Hint]:
    """Hints from a photo's true colours, RGB (3, H, W) in [0, 1], by the rule above."""
    ab = LAB.split(truth)[1].cpu() * torch.tensor(LAB.chroma_scale).view(2, 1, 1)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    height, width = truth.shape[1:]
    hints = []
    for down, right in rng.random((count, 2)).tolist():  # the first ten of 20 are those of 10
        y, x = int(down * height), int(right * width)
        around = ab[:, max(0, y - 2) : y + 3, max(0, x - 2) : x + 3].mean(dim=(1, 2))
        hints.append(Hint(x, y, 2, ab=(float(around[0]), float(around[1]))))
    return hints


def by_strokes(spread: Spread, count: int) -> Candidate:
    """A method before networks with `count` true hints a photo; without hints, grey."""

    def chroma(truth: Tensor, hints: Sequence[Hint]) -> Tensor:
        height, width = truth.shape[1:]
        if not hints:
            return torch.zeros(2, height, width)
        marked, ab = draw_hints(hints, height, width)
        found = spread(LAB.luma(truth)[0].cpu().numpy(), marked, ab)
        return torch.from_numpy(np.moveaxis(found, -1, 0)).float() / LAB.chroma_scale[0]

    return _candidate(chroma, count, LAB)


def by_network(model: Colorizer, count: int) -> Candidate:
    """A network that is told `count` true hints a photo."""

    def chroma(truth: Tensor, hints: Sequence[Hint]) -> Tensor:
        luma, size = model.space.luma(truth)[None], (truth.shape[1], truth.shape[2])
        with torch.inference_mode():
            answer = model(luma)[0]
        return correct(answer, luma, model, *place_hints(hints, size, size, model.space))

    return _candidate(chroma, count, model.space)


def by_input(model: HintedColorizer, count: int) -> Candidate:
    """A network that is fed `count` true hints a photo; its answer is not corrected afterwards."""

    def chroma(truth: Tensor, hints: Sequence[Hint]) -> Tensor:
        planes = hint_planes(hints, (truth.shape[1], truth.shape[2]))
        with torch.inference_mode():
            return model(LAB.luma(truth)[None], hints=planes if hints else None)[0]

    return _candidate(chroma, count, LAB)


def by_example(way: Example) -> Candidate:
    """A method that is given the next photo as its reference; the photo itself comes grey."""

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        shown = []
        for photo, file in zip(truth, files, strict=True):
            luma = LAB.luma(photo)[None]
            grey = LAB.merge(luma, luma.new_zeros(1, 2, *luma.shape[2:]))[0]
            coloured = way(_bytes(grey), _reference(file, photo.shape[-1]))
            rgb = torch.from_numpy(coloured.copy()).movedim(-1, 0).to(photo) / 255
            shown.append(with_chroma(photo, LAB.split(rgb)[1], LAB))  # Reinhard moves L* too
        return torch.stack(shown)

    return show


def network_by_example(model: Colorizer) -> Example:
    """The network, told the colours of the reference's places that look like the photo's."""

    def way(photo: Photo, reference: Photo) -> Photo:
        return guided(reference=reference)(photo, model)

    return way


def next_photo(file: Path) -> Path:
    """The photo that follows in the folder, by name; after the last one the first."""
    photos = list_photos(file.parent)
    return photos[(photos.index(file) + 1) % len(photos)]


def _reference(file: Path, size: int) -> Photo:
    return _bytes(Augmentation().validation(decode(next_photo(file)), size) / 255)


def _bytes(rgb: Tensor) -> Photo:
    """RGB (3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (255 * rgb.clamp(0, 1)).round().byte().movedim(0, -1).cpu().numpy()


def _candidate(
    chroma: Callable[[Tensor, Sequence[Hint]], Tensor], count: int, space: ColorSpace
) -> Candidate:
    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        shown = []
        for photo, file in zip(truth, files, strict=True):
            found = chroma(photo, true_hints(photo, count, file.name))
            shown.append(with_chroma(photo, found.to(photo.device), space))
        return torch.stack(shown)

    return show


def with_chroma(truth: Tensor, chroma: Tensor, space: ColorSpace) -> Tensor:
    """RGB (3, H, W) in [0, 1] with other chroma (2, H, W), in the scaled units of `space`.

    As `colorize` joins them: L* kept, in the gamut.
    """
    if space is not LAB:
        return space.merge(space.luma(truth), chroma)
    scale = chroma.new_tensor(LAB.chroma_scale).view(2, 1, 1)
    return lab_to_rgb(reduce_to_gamut(torch.cat([lightness(truth), chroma * scale])))
