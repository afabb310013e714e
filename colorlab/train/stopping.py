"""What ends a run early: signals, losses that are not finite, and full memory."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from colorlab.train.recipe import Recipe


class Stopped(Exception):
    """A run that was asked to stop has saved its state, and can be resumed.

    `exit_status` is what a command should end with: 0, but 130 after Ctrl-C, as shells have it.
    """

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.exit_status = 130 if number == signal.SIGINT else 0


class StopRequest:
    """Notes the first SIGTERM, SIGINT or SIGUSR1 (schedulers warn with it); a second one kills.

    As a context manager it listens inside the block; `signal` is 0 until one has come. Only a
    main thread can listen, elsewhere none ever comes.
    """

    SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)

    def __init__(self) -> None:
        self.signal = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            for number in self.SIGNALS:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        self._stop_listening()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        self._stop_listening()

    def _stop_listening(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}


class LossGuard:
    """Remembers the first step whose loss was not finite, without waiting for a GPU."""

    NEVER = 2**62

    def __init__(self, device: torch.device) -> None:
        self.first_bad = torch.full((), self.NEVER, dtype=torch.int64, device=device)

    def watch(self, loss: Tensor, step: int) -> None:
        """Take in the loss of a step."""
        bad = torch.where(torch.isfinite(loss), self.NEVER, step)
        self.first_bad = torch.minimum(self.first_bad, bad)


def all_finite(tensors: dict[str, Tensor]) -> bool:
    """Whether every number of every tensor is finite."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values())


@contextmanager
def naming_the_batch(recipe: Recipe, size: int) -> Iterator[None]:
    """Turn running out of memory into a RuntimeError that names the batch size to try."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        used = f"out of memory with {recipe.batch} photos of {size}x{size} in a batch"
        if recipe.batch == 1:
            raise RuntimeError(f"{used}; try a smaller size") from error
        half = recipe.batch // 2
        raise RuntimeError(
            f"{used}; try batch={half}, with accumulate={2 * recipe.accumulate} "
            "for steps over as many photos"
        ) from error


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception of Python, torch or its libraries says that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(phrase in text for phrase in _PHRASES)


# torch's processor allocator, oneDNN and the operating system, in their own words.
_PHRASES = ("can't allocate memory", "cannot allocate memory", "not enough memory", "bad_alloc")
