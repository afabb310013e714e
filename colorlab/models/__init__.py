"""The colorization networks, a file each, and `zoo`, which has them by name."""

from __future__ import annotations

from colorlab.models import (  # noqa: F401  imported for the networks that they register
    colorlab,
    coltran,
    convnet,
    dahl,
    efficientnet,
    larsson,
    live,
    nazeri,
    zhang,
)
from colorlab.models.base import STRIDE, Colorizer, trainable_parameters
from colorlab.models.registry import list_networks, register
from colorlab.models.zoo import (
    WEIGHTS,
    create_model,
    list_models,
    load_trained,
    read_card,
    trainable_state,
)

__all__ = [
    "STRIDE",
    "WEIGHTS",
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
