"""Cheng's method (`classic.cheng`) under the judge of the networks, by the name "cheng2015"."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from colorlab.classic.cheng import ChengNetwork, load_network, predict_ab
from colorlab.color import LAB
from colorlab.evaluate.baselines import Candidate
from colorlab.evaluate.guided import with_chroma

CHENG = "cheng2015"


def by_features(network: ChengNetwork | None = None) -> Candidate:
    """Colour from luma alone by hand-made features; the shipped network by default."""
    network = network or load_network()

    def show(truth: Tensor, files: Sequence[Path]) -> Tensor:
        shown = [
            with_chroma(photo, predict_ab(photo, network) / LAB.chroma_scale[0], LAB)
            for photo in truth.cpu()
        ]
        return torch.stack(shown).to(truth.device)

    return show
