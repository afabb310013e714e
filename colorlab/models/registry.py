"""The list of models: one decorator adds one, one call makes one."""

from __future__ import annotations

from collections.abc import Callable

from colorlab.models.base import Colorizer

Builder = Callable[[], Colorizer]
_BUILDERS: dict[str, Builder] = {}


def register(name: str) -> Callable[[Builder], Builder]:
    """Add a builder (no arguments, random weights) under `name`; a name is given once."""

    def add(builder: Builder) -> Builder:
        if name in _BUILDERS:
            raise ValueError(f"model {name!r} is registered already")
        _BUILDERS[name] = builder
        return builder

    return add


def list_networks() -> list[str]:
    """Names of all networks, sorted."""
    return sorted(_BUILDERS)


def build(name: str) -> Colorizer:
    """The named network with random weights. Raises ValueError listing the names there are."""
    if name not in _BUILDERS:
        raise ValueError(f"no model {name!r}; there are: {', '.join(list_networks())}")
    return _BUILDERS[name]()
