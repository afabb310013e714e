"""The colorization networks, by name.

A name is that of a network (`convnet`) or of a shipped head (`efficientnet_lite0_rebalanced`: the
network `efficientnet_lite0` with the weights of another training run).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from colorlab.models import colorlab, convnet, dahl, efficientnet, live  # noqa: F401  for what they register
from colorlab.models.base import STRIDE, Colorizer, trainable_parameters
from colorlab.models.encoders import read_state
from colorlab.models.registry import build, list_networks, register

__all__ = [
    "STRIDE",
    "Colorizer",
    "create_model",
    "list_models",
    "list_networks",
    "load_trained",
    "read_card",
    "register",
    "trainable_parameters",
    "trainable_state",
]

WEIGHTS = Path(__file__).parent.parent / "weights"


def list_models() -> list[str]:
    """Names of all networks and of all shipped heads, sorted."""
    return sorted({*list_networks(), *(path.stem for path in WEIGHTS.glob("*.json"))})


def create_model(
    name: str,
    weights: str | None = "trained",
    encoder_weights: str | None = "imagenet",
) -> Colorizer:
    """The named colorizer, in eval mode.

    `weights`: "trained" (encoder and our trained head), "encoder" (ImageNet encoder, random
    decoder: the start of a training run), None (all random), or a head's `.safetensors` file.
    `encoder_weights`: "imagenet", a file of a timm state dict, or None for random ones.
    For the name of a shipped head this is the network it is for; `name` may also be the folder that
    a training run left. Raises ValueError for an unknown name and RuntimeError where weights cannot
    be had.
    """
    run = Path(name)
    if (run / "head.safetensors").is_file():
        name = json.loads((run / "config.json").read_text())["model"]
        weights = str(run / "head.safetensors") if weights == "trained" else weights
    card = read_card(name)
    model = build(card["model"] if card else name)
    if weights is not None:
        model.load_encoder(encoder_weights)
    if weights == "trained":
        load_trained(model, WEIGHTS / f"{name}.safetensors")
    elif weights not in ("encoder", None):
        load_trained(model, Path(weights))
    return model.eval()


def read_card(name: str) -> dict[str, Any] | None:
    """The card of a model's shipped weights (data, recipe, scores, sha256); None without any."""
    path = WEIGHTS / f"{name}.json"
    card: dict[str, Any] | None = json.loads(path.read_text()) if path.is_file() else None
    return card


def _is_encoder(key: str) -> bool:
    return key.startswith("encoder.")


def trainable_state(model: Colorizer) -> dict[str, Tensor]:
    """Every tensor of the model but the frozen encoder's: what a trained head consists of."""
    state = model.state_dict()
    return {key: tensor.contiguous() for key, tensor in state.items() if not _is_encoder(key)}


def load_trained(model: Colorizer, path: Path) -> None:
    """Fill all but the encoder from a safetensors file, strictly.

    A network's `additions` may be missing, all together: they begin where they change nothing.
    Raises RuntimeError where the file is missing or of another network.
    """
    if not path.is_file():
        raise RuntimeError(
            f"no trained weights at {path}; `colorlab models` lists the models that have some"
        )
    head = read_state(path)
    missing, unexpected = model.load_state_dict(head, strict=False)
    missing = [key for key in missing if not _is_encoder(key)]
    counts = "num_batches_tracked"  # torch fills these in by itself
    added = [k for k in model.state_dict() if k.startswith(model.additions) and counts not in k]
    if model.additions and missing == added:
        missing = []
    if missing or unexpected:
        raise RuntimeError(
            f"{path} is not of this network: {len(missing)} tensors missing, "
            f"{len(unexpected)} unknown"
        )
