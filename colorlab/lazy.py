"""Packages that are cheap to import: a module is loaded when one of its names is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def load_from(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A `__getattr__` (PEP 562) for `package`; `homes` are the names' modules, without its prefix.

    The function raises AttributeError for any other name.
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return load
