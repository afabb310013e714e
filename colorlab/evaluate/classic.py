"""Methods before networks under the judge of the networks: how each is called.

A new method is a function in `colorlab.classic` and its line in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from colorlab.classic.cheng import ChengNetwork, load_network, predict_ab
from colorlab.classic.hertzmann import colorize_by_analogy
from colorlab.classic.levin import spread_strokes
from colorlab.classic.reinhard import transfer_statistics
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


METHODS: dict[str, Callable[..., Candidate]] = {
    "cheng2015": by_features,
    "levin+10": partial(by_strokes, spread_strokes),
    "yatziv+10": partial(by_strokes, blend_strokes),
    "reinhard+next": partial(by_example, transfer_statistics),
    "welsh+next": partial(by_example, colorize_by_example),
    "analogies+next": partial(by_example, colorize_by_analogy),
}
"""Makers by name. "+10" stands for any number of true colours told, which the maker is given;
"+next" is told the next photo."""

STROKES = {name.removesuffix("+10"): make for name, make in METHODS.items() if "+10" in name}
"""Those that are told colours."""
