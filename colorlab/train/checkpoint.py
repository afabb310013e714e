"""Checkpoints: all that a run needs to resume as if it had never stopped, in one file."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from colorlab.data.files import write_whole

FORMAT = 2


@dataclass
class Position:
    """How far a run is: in `epoch`, `step` steps of it are done; all in all `total` steps.

    `best` has the epoch of the lowest validation loss so far and its scores, and is empty before
    the first validation. `logged` is the length of the metrics file in bytes, `seconds` the time
    spent.
    """

    epoch: int = 0
    step: int = 0
    total: int = 0
    best: dict[str, float] = field(default_factory=dict)
    logged: int = 0
    seconds: float = 0.0


@dataclass
class Checkpoint:
    """The state of a run after some step.

    `identity` says which run it is of (model, recipe, photos); `head` is the trained part of the
    network with its BatchNorm statistics; `random` the states of the random number generators.
    """

    identity: dict[str, Any]
    position: Position
    head: dict[str, Tensor]
    optimizer: dict[str, Any]
    schedule: dict[str, Any]
    random: dict[str, Tensor] = field(default_factory=lambda: random_state())

    def save(self, path: Path) -> None:
        """Write it, whole or not at all. OSError where that fails."""
        content = {name.name: getattr(self, name.name) for name in fields(self)}
        content |= {"format": FORMAT, "position": asdict(self.position)}
        buffer = io.BytesIO()
        torch.save(content, buffer)
        write_whole(path, buffer.getvalue())


def load_checkpoint(path: Path) -> Checkpoint:
    """Read what `Checkpoint.save` wrote; nothing but tensors and plain values is unpickled.

    Raises RuntimeError for a missing, damaged or foreign file.
    """
    if not path.is_file():
        raise RuntimeError(f"there is no checkpoint {path}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        if content.pop("format") != FORMAT:
            raise ValueError("another format")
        return Checkpoint(**content | {"position": Position(**content["position"])})
    except Exception as error:  # a damaged archive fails in many ways
        raise RuntimeError(
            f"{path} is damaged, or not a checkpoint of colorlab ({type(error).__name__})"
        ) from error


def save_head(head: dict[str, Tensor], path: Path, facts: dict[str, str]) -> None:
    """The trained part alone, as safetensors with `facts` in its metadata, whole or not at all."""
    write_whole(path, save(head, facts))


def random_state() -> dict[str, Tensor]:
    """The states of torch's random number generators: the processor's, and the GPU's if in use."""
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def set_random_state(state: dict[str, Tensor]) -> None:
    """Put back what `random_state` gave."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])
