"""Colour by strokes: multigrid against direct, a moved stroke and a new colour against anew.

Seconds are of this machine, as busy as it was; the ratios are of two things in one run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from colorlab.classic.levin import Spreader, colorize_by_strokes, spread_exactly, spread_strokes
from colorlab.classic.planes import lightness_of, split
from colorlab.classic.yatziv import blend_strokes, distances, luma_graph
from colorlab.data.samples import sample_photos
from colorlab.models import create_model
from colorlab.models.fast import autocast, fast

from ..classic.graphs import every_edge
from .timing import best_of_turns

Result = TypeVar("Result")


def photo_of(height: int, width: int) -> NDArray[np.uint8]:
    """A sample photo, enlarged or made smaller: uint8 (height, width, 3)."""
    photo = Image.fromarray(sample_photos("astronaut")[0].rgb)
    return np.asarray(photo.resize((width, height), Image.Resampling.BICUBIC))


def strokes(shape: tuple[int, int], shift: int = 0) -> NDArray[np.int_]:
    """The number of the stroke at each pixel, -1 for none; the first of eight is shifted down."""
    height, width = shape
    number = np.full(shape, -1)
    for k in range(8):
        y, x = height * (1 + k // 2) // 6, width * (1 + 5 * (k % 2)) // 8
        y += shift if k == 0 else 0
        number[y : y + 5, x : x + width // 8] = k
    return number


def timed(step: Callable[[], Result]) -> tuple[float, Result]:
    started = time.perf_counter()
    result = step()
    return time.perf_counter() - started, result


def test_multigrid_against_a_direct_solve(benchmark: BenchmarkFixture) -> None:
    lightness, ab = split(photo_of(384, 384))
    luma, marked = lightness / 100, strokes((384, 384)) >= 0
    sides = {
        "direct": lambda: spread_exactly(luma, marked, ab),
        "multigrid": lambda: spread_strokes(luma, marked, ab),
    }
    best = best_of_turns(sides, 2)
    benchmark.pedantic(sides["multigrid"], rounds=1)
    print(
        f"\n384 by 384: direct {best['direct']:.2f} s, multigrid {best['multigrid']:.2f} s,", end=""
    )
    print(
        f" {best['direct'] / best['multigrid']:.1f}x (a direct solve grows faster than its photo)"
    )
    benchmark.extra_info.update(best)


def test_one_megapixel(benchmark: BenchmarkFixture) -> None:
    lightness, ab = split(photo_of(1000, 1000))
    luma, number = lightness / 100, strokes((1000, 1000))
    marked, moved = number >= 0, strokes((1000, 1000), shift=25) >= 0
    set_up, spreader = timed(lambda: Spreader(luma))
    spread, first = timed(lambda: spreader.spread(marked, ab))
    reaching, reach = timed(lambda: spreader.reach(marked, number == 3))
    best = best_of_turns(
        {
            "anew": lambda: spreader.spread(moved, ab),
            "moved": lambda: spreader.spread(moved, ab, start=first),
            "new colour": lambda: first + reach[..., None] * (20.0, -5.0),
        },
        3,
    )
    benchmark.pedantic(lambda: spreader.spread(moved, ab, start=first), rounds=1)
    print(f"\n1 megapixel: strokes to picture {set_up + spread:.1f} s (goal: 8 s),", end="")
    print(f" of which {set_up:.1f} s are spent once a photo")
    print(f"  other strokes {best['anew']:.2f} s; one stroke moved {best['moved']:.2f} s", end="")
    print(f" (goal: 1.5 s), {best['anew'] / best['moved']:.1f}x")
    print(f"  a new colour {best['new colour']:.3f} s (goal: 0.3 s),", end="")
    print(f" {best['anew'] / best['new colour']:.0f}x; its stroke's reach {reaching:.2f} s, once")
    benchmark.extra_info.update(best, set_up=set_up, spread=spread, reach=reaching)


def test_blending_a_colour(benchmark: BenchmarkFixture) -> None:
    """Against the network's answer at 224 by 224, which is what a hint to it costs.

    And a search of the edges that count against one of them all.
    """
    luma = lightness_of(photo_of(1000, 1000)) / 100
    number = strokes(luma.shape)
    marked = number >= 0
    colours = np.random.default_rng(0).normal(0, 30, (8, 2))
    ab = colours[np.maximum(number, 0)]
    network = fast(create_model("efficientnet_lite0", weights=None))
    small = torch.rand(1, 1, 224, 224)
    whole, thinned = every_edge(luma.astype(np.float64)), luma_graph(luma)
    with torch.inference_mode(), autocast(small.device):
        best = best_of_turns(
            {
                "blending": lambda: blend_strokes(luma, marked, ab),
                "network": lambda: network(small),
                "all edges": lambda: distances(luma, number == 0, whole),
                "those that count": lambda: distances(luma, number == 0, thinned),
            },
            3,
        )
    a_colour = best["blending"] / 8
    benchmark.pedantic(lambda: blend_strokes(luma, marked, ab), rounds=1)
    print(f"\n1 megapixel, 8 colours: {best['blending']:.2f} s, {a_colour:.2f} s each", end="")
    print(f" (goal: 0.4 s); {a_colour / best['network']:.0f}x a network at 224 by 224")
    print(f"  a search of all edges {best['all edges']:.2f} s, of the", end="")
    print(f" {thinned.nnz / whole.nnz:.0%} that count {best['those that count']:.2f} s,", end="")
    print(f" {best['all edges'] / best['those that count']:.1f}x")
    benchmark.extra_info.update(best)


def test_twelve_megapixels(benchmark: BenchmarkFixture) -> None:
    photo = photo_of(3000, 4000)
    _, ab = split(photo)
    marked = strokes(photo.shape[:2]) >= 0
    small = photo_of(750, 1000)
    sides = {
        "large": lambda: colorize_by_strokes(photo, marked, ab),
        "small": lambda: colorize_by_strokes(small, marked[::4, ::4], ab[::4, ::4]),
    }
    best = best_of_turns(sides, 1)
    benchmark.pedantic(sides["large"], rounds=1)
    print(f"\n12 megapixels by strokes {best['large']:.1f} s,", end="")
    print(f" {best['large'] / best['small']:.1f}x the 0.75 megapixels it is solved at")
    benchmark.extra_info.update(best)
