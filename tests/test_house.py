"""The house's plan, checked: which room may use which, no circles, no file too long."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import colorlab

PACKAGE = Path(colorlab.__file__).parent

FLOORS = (
    {"color", "machine", "options", "terminal"},
    {"data", "models"},
    {"prior", "classic"},
    {"train", "inference"},
    {"evaluate"},
    {"course"},
    {"cli", "__main__"},
)
"""Rooms and single modules from the ground up; each may use those below it, and itself."""

FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
LONGEST = 400  # lines


def room_of(module: str) -> str:
    """colorlab.data.photo to data."""
    return module.split(".")[1]


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> set[str]:
    """The package's modules that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from colorlab.data import photo` may name a module or a thing in one.
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name in MODULES}


MODULES = modules()
GRAPH = {name: imports(path) - {name, "colorlab"} for name, path in MODULES.items()}


def test_there_are_few_rooms():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert len(rooms) <= 10
    assert len(FLOORS) <= 7
    assert {room_of(name) for name in MODULES if name != "colorlab"} <= set(FLOOR)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "colorlab"])
def test_a_module_uses_only_what_lies_below(name):
    for used in GRAPH[name]:
        ours, theirs = room_of(name), room_of(used)
        below = FLOOR[theirs] < FLOOR[ours]
        assert ours == theirs or below, f"{name} uses {used}, which is not below it"


def test_no_circle():
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path[path.index(name) :], name))
        if name not in done:
            for used in GRAPH[name]:
                # A room's __init__ gathers its modules; they may import each other through it.
                visit(used, (*path, name))
            done.add(name)

    for name in GRAPH:
        visit(name, ())


@pytest.mark.parametrize("path", MODULES.values(), ids=MODULES)
def test_no_file_is_too_long(path):
    assert len(path.read_text().splitlines()) <= LONGEST


def test_public_names_are_there():
    assert all(hasattr(colorlab, name) for name in colorlab.__all__)
