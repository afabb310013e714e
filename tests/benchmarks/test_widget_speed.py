"""A step of the weight sliders against drawing the same weights with matplotlib."""

from __future__ import annotations

import itertools
import time

from pytest_benchmark.fixture import BenchmarkFixture

from colorlab.course.figures.base import to_file
from colorlab.course.figures.chroma import weight_figure
from colorlab.course.widgets import weight_sliders
from colorlab.prior.prior import default_prior


def test_a_step_of_the_slider(benchmark: BenchmarkFixture) -> None:
    slider = weight_sliders(default_prior()).children[0]
    values = itertools.cycle((0.8, 0.7, 0.6, 0.5, 0.4, 0.3))

    def move() -> None:
        slider.value = next(values)

    benchmark.pedantic(move, rounds=12, warmup_rounds=2)
    step = benchmark.stats.stats.min
    started = time.perf_counter()
    to_file(weight_figure({"weights": default_prior().weights(0.9)}))
    figure = time.perf_counter() - started
    print(f"\na slider step {1000 * step:.0f} ms, one matplotlib figure {1000 * figure:.0f} ms: ")
    print(f"  {figure / step:.1f}x (goal: a step under 100 ms)")
