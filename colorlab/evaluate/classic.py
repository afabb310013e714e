"""Methods before networks under the judge of the networks: how each is called.

A new method is a function in `colorlab.classic` and its line in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from colorsys import hsv_to_rgb
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from colorlab.classic.cheng import ChengNetwork, load_network, predict_ab
from colorlab.classic.hertzmann import colorize_by_analogy
from colorlab.classic.levin import spread_strokes
from colorlab.classic.lookup import slice_intensity
from colorlab.classic.reinhard import match_histogram, transfer_covariance, transfer_statistics
from colorlab.classic.welsh import colorize_by_example
from colorlab.classic.yatziv import blend_strokes
from colorlab.color import LAB
from colorlab.evaluate.baselines import Candidate
from colorlab.evaluate.guided import by_example, by_strokes, with_chroma


def by_features(network: ChengNetwork | None = None) -> Candidate:
    """Cheng's method, from luma alone; the shipped network by default."""
    network = network or load_network()

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        shown = [
            with_chroma(photo, predict_ab(photo, network) / LAB.chroma_scale[0], LAB)
            for photo in truth.cpu()
        ]
        return torch.stack(shown).to(truth.device)

    return show


def by_slices() -> Candidate:
    """Intensity slicing: eight even intervals of L*, with hues from blue to red."""
    hues = np.array([hsv_to_rgb((7 - k) / 10.5, 1, 1) for k in range(8)])
    colours = np.rint(255 * hues).astype(int).tolist()

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        grey = (255 * LAB.luma(truth)[:, 0]).round().byte().cpu().numpy()
        sliced = torch.from_numpy(slice_intensity(grey, range(32, 256, 32), colours))
        chroma = LAB.split(sliced.movedim(-1, 1).to(truth) / 255)[1]
        return torch.stack([with_chroma(*each, LAB) for each in zip(truth, chroma, strict=True)])

    return show


METHODS: dict[str, Callable[..., Candidate]] = {
    "cheng2015": by_features,
    "slicing": by_slices,
    "levin+10": partial(by_strokes, spread_strokes),
    "yatziv+10": partial(by_strokes, blend_strokes),
    "histogram+next": partial(by_example, match_histogram),
    "covariance+next": partial(by_example, transfer_covariance),
    "reinhard+next": partial(by_example, transfer_statistics),
    "welsh+next": partial(by_example, colorize_by_example),
    "analogies+next": partial(by_example, colorize_by_analogy),
}
"""Makers by name. "+10" stands for any number of true colours told, which the maker is given;
"+next" is told the next photo."""

STROKES = {name.removesuffix("+10"): make for name, make in METHODS.items() if "+10" in name}
"""Those that are told colours."""
