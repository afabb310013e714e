"""Command-line options that are declared once: as the fields of the dataclasses they fill."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import Field, field, fields
from typing import Annotated, Any, get_type_hints

import typer

Command = Callable[..., None]


def option(default: Any, help: str) -> Any:
    """A dataclass field that the command line offers as an option, with its help text."""
    return field(default=default, metadata={"help": help})


def given(kind: type, values: dict[str, Any]) -> dict[str, Any]:
    """Those of a command's values that are fields of `kind` and were given."""
    names = {entry.name for entry in fields(kind)}
    return {name: value for name, value in values.items() if name in names and value is not None}


def numbers(text: str | None, flag: str) -> list[float]:
    """The numbers of an option that takes several; ValueError naming `flag` for anything else.

    >>> numbers("0.5,1", "--lam"), numbers(None, "--lam")
    ([0.5, 1.0], [])
    """
    try:
        return [float(part) for part in text.split(",")] if text else []
    except ValueError:
        raise ValueError(f"{flag} takes numbers with commas between, got {text!r}") from None


def with_options(*kinds: type) -> Callable[[Command], Command]:
    """Give a command with `**values` an option for every field made by `option`.

    Each is None unless given. The fields' types must be builtin ones.
    """

    def extend(command: Command) -> Command:
        hints = get_type_hints(command, include_extras=True)
        own = [
            entry.replace(annotation=hints[entry.name])
            for entry in inspect.signature(command).parameters.values()
            if entry.kind is not entry.VAR_KEYWORD
        ]
        offered = [one for kind in kinds for one in fields(kind) if "help" in one.metadata]
        added = [_parameter(one) for one in offered]
        signature = inspect.Signature([*own, *added])
        command.__signature__ = signature  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
        return command

    return extend


def _parameter(entry: Field[Any]) -> inspect.Parameter:
    kind = eval(entry.type) if isinstance(entry.type, str) else entry.type
    flag = f"--{entry.name.replace('_', '-')}"
    if entry.default is True:
        flag += f"/--no-{entry.name.replace('_', '-')}"
    hint = Annotated[kind | None, typer.Option(flag, help=entry.metadata["help"])]  # type: ignore[valid-type]
    return inspect.Parameter(
        entry.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint
    )
