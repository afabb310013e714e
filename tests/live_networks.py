"""What tests of the live network share: one that answers to lambda without having been trained."""

from __future__ import annotations

import torch

from colorlab.models import WEIGHTS, create_model
from colorlab.models.live import LiveColorizer

HEAD = WEIGHTS / "efficientnet_lite0.safetensors"
"""The fixed network's head, which a live one takes."""


def live_on_fixed_head() -> LiveColorizer:
    """On `HEAD`, with random films: the smaller lambda is, the more they do."""
    torch.manual_seed(0)
    live = create_model("efficientnet_lite0_live", weights=str(HEAD))
    assert isinstance(live, LiveColorizer)
    torch.nn.init.normal_(live.film.to_film.weight, std=0.3)
    return live
