"""Does an image lie on its photo? If it is turned, mirrored or another, scores have no meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, normalize

from colorlab.evaluate.methods import listed
from colorlab.evaluate.metrics import Images

_SIDE = 32  # pixels of the small grey pictures that are compared
# Correlations; a colorized photo keeps its light and dark, and has over 0.9.
_UNLIKE = 0.5  # an image below this shows something else
_ALIKE, _BETTER = 0.75, 0.1  # what another way round must reach, and by how much be better

_TURNS: dict[str, Callable[[Tensor], Tensor]] = {
    "look turned anticlockwise": lambda x: x.rot90(1, (1, 2)),
    "look turned clockwise": lambda x: x.rot90(3, (1, 2)),
    "look upside down": lambda x: x.rot90(2, (1, 2)),
    "look mirrored": lambda x: x.flip(2),
    "look mirrored top to bottom": lambda x: x.flip(1),
    "look mirrored along a diagonal": lambda x: x.transpose(1, 2),
    "look mirrored along the other diagonal": lambda x: x.rot90(2, (1, 2)).transpose(1, 2),
}
"""What a wrong image looks like, and how its photo becomes so, (B, S, S) in and out."""


class Alignment:
    """Compares light and dark of images with those of their photos, batch by batch."""

    def __init__(self) -> None:
        self._photos = 0
        self._faults: dict[str, list[str]] = defaultdict(list)

    def add(self, shown: Images, truth: Images) -> None:
        """Take in a batch; `truth` has its files."""
        ours, true = shown.derive(_small), truth.derive(_small)
        ways = torch.stack([true, *(turn(true) for turn in _TURNS.values())])
        likeness = (ways * ours).sum(dim=(2, 3)).T  # (B, ways): correlations
        varied = true.flatten(1).any(1) & ours.flatten(1).any(1)  # a flat picture is like any
        for file, row, known in zip(truth.files, likeness.tolist(), varied.tolist(), strict=True):
            best = max(range(len(row)), key=row.__getitem__)
            if known and row[best] > max(_ALIKE, row[0] + _BETTER):
                self._faults[list(_TURNS)[best - 1]].append(Path(file).name)
            elif known and row[0] < _UNLIKE:
                self._faults["look unlike their photos"].append(Path(file).name)
        self._photos += len(truth.rgb)

    def faults(self) -> list[str]:
        """A phrase for each kind of fault: how many images, what they look like, which.

        >>> alignment, photo = Alignment(), torch.rand(1, 3, 64, 64)
        >>> alignment.add(Images(photo.flip(3)), Images(photo, [Path("a.png")]))
        >>> alignment.faults()
        ['1 of 1 images look mirrored (a.png)']
        """
        return [
            f"{len(files)} of {self._photos} images {fault} ({listed(files)})"
            for fault, files in self._faults.items()
        ]


def _small(rgb: Tensor) -> Tensor:
    """RGB (B, 3, H, W) to small grey pictures (B, 32, 32) of mean 0 and length 1, or all 0."""
    grey = adaptive_avg_pool2d(rgb.mean(dim=1, keepdim=True), _SIDE).flatten(1)
    grey = grey - grey.mean(dim=1, keepdim=True)
    grey = grey * (grey.norm(dim=1, keepdim=True) > 0.1)  # of 32x32 pixels: a hair's contrast
    return normalize(grey, dim=1).view(-1, _SIDE, _SIDE)
