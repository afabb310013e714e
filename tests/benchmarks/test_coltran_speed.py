"""Drawing pixel after pixel: with the keys and values of what was drawn, and without.

Seconds are of the processor on one core; the ratio is of two things in one run.
"""

from __future__ import annotations

import time

import torch
from pytest_benchmark.fixture import BenchmarkFixture

from colorlab.models import create_model
from colorlab.models.coltran import ColTran

from .timing import best_of_turns, one_thread

PIXELS = 8  # without a cache every pixel takes as long: so many are timed


def test_drawing_eight_photos(benchmark: BenchmarkFixture) -> None:
    model = create_model("coltran_small", weights=None)
    assert isinstance(model, ColTran)
    core = model.colorizer
    side = core.size.side
    grey = torch.randint(256, (8, side, side), generator=torch.Generator().manual_seed(0))
    bins = torch.zeros_like(grey)

    def without() -> None:
        encoded = core.encode(grey)
        for x in range(PIXELS):
            bins[:, 0, x] = core.decode(encoded, bins)[:, 0, x].argmax(-1)

    with torch.inference_mode(), one_thread():
        sides = {"cache": lambda: core.sample(grey, range(8)), "without": without}
        best = best_of_turns(sides, 2, time.process_time)
        benchmark.pedantic(without, rounds=1)
    whole = best["without"] * side**2 / PIXELS
    print(f"\n8 photos of {side} x {side}: with a cache {best['cache']:.2f} s,", end="")
    print(f" without {whole:.0f} s ({PIXELS} pixels timed), {whole / best['cache']:.0f}x")
    benchmark.extra_info.update(best, whole=whole)
