"""What commands say, and where: results on stdout, all else on stderr."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

out = Console()
err = Console(stderr=True, soft_wrap=True, highlight=False)


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} {task.fields.get('unit', 'photos')}/s" if task.speed else "")


def complain(error: object) -> None:
    """What went wrong, on stderr; mostly one line, more where files are listed."""
    err.print(Text.assemble(("error: ", "bold red"), str(error) or type(error).__name__))


def warn(text: str) -> None:
    """What the user should know of a result, a line on stderr."""
    err.print(Text.assemble(("warning: ", "bold yellow"), text))


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """For heavy imports: they make a million objects to keep, and each sweep looks at them all.

    What they made is kept for good, so the sweep at the end is spared too: four seconds for a
    photo instead of five and a half.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def progress_bar(disable: bool = False) -> Progress:
    """A progress bar on stderr: photos done, photos a second, time left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Speed())
    return Progress(*columns, TimeRemainingColumn(), console=err, transient=True, disable=disable)


def write_line(text: str) -> None:
    """A line on stdout as it is: not wrapped, not coloured."""
    print(text, flush=True)  # noqa: T201


def cell(value: object) -> str:
    """A value as a table shows it: three decimals, thousands apart, a dash for nothing."""
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value or "-")
