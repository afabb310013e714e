"""Models by name, with their trained weights.

A name is that of a network (`convnet`), of a shipped head (`efficientnet_lite0_rebalanced`: the
network `efficientnet_lite0` with the weights of another training run), or the folder of a run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from colorlab.models.base import Colorizer, trainable_parameters
from colorlab.models.encoders import read_state
from colorlab.models.registry import build, list_networks

WEIGHTS = Path(__file__).parents[1] / "weights"


def list_models() -> list[str]:
    """Names of all networks and of all shipped heads, sorted.

    >>> "efficientnet_lite0_rebalanced" in list_models()
    True
    """
    return sorted({*list_networks(), *(path.stem for path in WEIGHTS.glob("*.json"))})


def create_model(
    name: str, weights: str | None = "trained", encoder_weights: str | None = "imagenet"
) -> Colorizer:
    """The named colorizer, in eval mode; for the name of a head, the network that it is for.

    `name`: one of `list_models()`, or the folder that a training run left (one called like a model
    is reached as "./name"). `weights`: "trained" (encoder and trained head), "encoder" (ImageNet
    encoder, random decoder: the start of a training run), None (all random), or a head's
    `.safetensors` file. `encoder_weights`: "imagenet", a file of a timm state dict, or None for
    random ones. Raises ValueError for an unknown name and RuntimeError where weights cannot be had.

    >>> create_model("convnet", weights=None).space.name
    'lab'
    """
    folder = Path(name)
    if name not in list_models() and (folder / "config.json").is_file():
        head, name = folder / "head.safetensors", _network_of(folder)
    else:
        head = WEIGHTS / f"{name}.safetensors"
    card = read_card(name)
    model = build(card["model"] if card else name)
    if weights is not None:
        model.load_encoder(encoder_weights)
    if weights == "trained":
        load_trained(model, head)
    elif weights not in ("encoder", None):
        load_trained(model, Path(weights))
    return model.eval()


def _network_of(run: Path) -> str:
    """The name of the network that a run trains; RuntimeError for a damaged record of it."""
    try:
        return str(json.loads((run / "config.json").read_text())["model"])
    except (ValueError, KeyError, TypeError) as error:
        raise RuntimeError(f"{run / 'config.json'} is not of a training run: {error!r}") from None


def read_card(name: str) -> dict[str, Any] | None:
    """The card of a model's shipped weights (data, recipe, scores, sha256); None without any.

    >>> read_card("efficientnet_lite0_rebalanced")["model"]
    'efficientnet_lite0'
    """
    path = WEIGHTS / f"{name}.json"
    card: dict[str, Any] | None = json.loads(path.read_text()) if path.is_file() else None
    return card


def describe_models() -> list[dict[str, Any]]:
    """A row a model: name, space, trainable parameters, and its card's training photos and scores.

    What there is none of is None.
    """
    rows = []
    for name in list_models():
        card = read_card(name)
        with torch.device("meta"):  # the largest network would take 600 MB, only to be counted
            network = create_model(name, weights=None)
        scores = card["scores"] if card else {}
        rows.append(
            {
                "model": name,
                "space": network.space.name,
                "trainable": trainable_parameters(network),
                "trained on": card["data"]["name"] if card else None,
                "MSE / grey": scores.get("mse_to_grey"),
                "chroma / truth": scores.get("chroma_to_truth"),
            }
        )
    return rows


def trainable_state(model: Colorizer) -> dict[str, Tensor]:
    """Every tensor of the model but the encoder's frozen ones: what a trained head consists of."""
    learned = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    state = model.state_dict()
    return {
        key: tensor.contiguous()
        for key, tensor in state.items()
        if key in learned or not _is_encoder(key)
    }


STEP = ".step"
"""Ends the names of the steps by which whole numbers are multiplied to be weights."""

CHANGE_SCALE = 256
"""Changes of an encoder are stored multiplied by this, where 8-bit floats are finest."""


def load_trained(model: Colorizer, path: Path) -> None:
    """Fill all but what is frozen of the encoder from a safetensors file, strictly.

    Weights are floats, or whole numbers with their steps beside them (`STEP`).
    What was learned of the encoder lies in the file, or beside it in one called after it
    ("colorlab.encoder.safetensors" of "colorlab.safetensors"): there as changes of the weights that
    the model has, times `CHANGE_SCALE`. A network's `additions` may be missing, all together: they
    begin where they change nothing. Raises RuntimeError where the file is missing or of another
    network.
    """
    if not path.is_file():
        raise RuntimeError(
            f"no trained weights at {path}; `colorlab models` lists the models that have some"
        )
    state = read_state(path)
    for key in [key for key in state if key.endswith(STEP)]:
        name = key.removesuffix(STEP)
        state[name] = state[name].float() * state.pop(key)
    if whole := [key for key, tensor in state.items() if tensor.dtype == torch.int8]:
        raise RuntimeError(f"{path} has whole numbers and no step for {whole[0]}")
    beside = path.with_suffix(".encoder.safetensors")
    if beside.is_file():
        before = model.state_dict()
        for key, change in read_state(beside).items():
            state[key] = before[key] + change.float() / CHANGE_SCALE
    missing, unexpected = model.load_state_dict(state, strict=False)
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


def _is_encoder(key: str) -> bool:
    return key.startswith("encoder.")
