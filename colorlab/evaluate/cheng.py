"""Cheng's method (`classic.cheng`) under the judge of the networks, by the name "cheng2015"."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from colorlab.classic.cheng import ChengNetwork, load_network, predict_ab
from colorlab.color import lab_to_rgb, lightness, reduce_to_gamut
from colorlab.evaluate.baselines import Candidate

CHENG = "cheng2015"


def by_features(network: ChengNetwork | None = None) -> Candidate:
    """Colour from luma alone by hand-made features; the shipped network by default."""
    network = network or load_network()

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        shown = [with_ab(photo, predict_ab(photo, network)) for photo in truth.cpu()]
        return torch.stack(shown).to(truth.device)

    return show


def with_ab(rgb: Tensor, ab: Tensor) -> Tensor:
    """RGB (3, H, W) in [0, 1] with its own L* and other a*, b* (2, H, W); in gamut."""
    return lab_to_rgb(reduce_to_gamut(torch.cat([lightness(rgb), ab])))
