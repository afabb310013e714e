"""Timing several things in one run, so that a busy machine slows them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch


def best_of_turns(
    sides: Mapping[str, Callable[[], object]],
    turns: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """The least seconds of each side, the sides taking turns."""
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(turns):
        for name, side in sides.items():
            started = clock()
            side()
            best[name] = min(best[name], clock() - started)
    return best


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch computes on one thread in here."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
