"""Dragging lambda: the decoder alone against the whole network, and against the fixed network."""

from __future__ import annotations

import itertools

import torch
from pytest_benchmark.fixture import BenchmarkFixture

from colorlab.course.widgets import lambda_slider
from colorlab.data.samples import sample_photos
from colorlab.inference.live import LivePhoto
from colorlab.models import create_model
from colorlab.models.base import Colorizer
from colorlab.models.fast import autocast, fast
from colorlab.models.live import LiveColorizer

from .timing import best_of_turns

TURNS = 60


def folded(name: str) -> Colorizer:
    return fast(create_model(name, weights=None))


def test_a_step_of_lambda(benchmark: BenchmarkFixture) -> None:
    live, fixed = folded("efficientnet_lite0_live"), folded("efficientnet_lite0")
    assert isinstance(live, LiveColorizer)
    luma = torch.rand(1, 1, 224, 224)
    with torch.inference_mode(), autocast(luma.device):
        taps = live.encode(luma)
        best = best_of_turns(
            {
                "fixed": lambda: fixed(luma),
                "live": lambda: live(luma, 0.5),
                "decoder": lambda: live.decode(taps, luma, 0.5),
            },
            TURNS,
        )
    photo = LivePhoto(sample_photos("astronaut")[0].rgb, live)  # square: 224 by 224
    lams = itertools.cycle(round(0.1 + 0.01 * step, 2) for step in range(91))
    benchmark.pedantic(lambda: photo.preview(next(lams)), rounds=30, warmup_rounds=3)
    frame = benchmark.stats.stats.median
    ms = {name: 1000 * seconds for name, seconds in best.items()}
    print(f"\n224 by 224, {torch.get_num_threads()} threads:")
    print(f"  whole network: live {ms['live']:.1f} ms, fixed {ms['fixed']:.1f} ms,", end=" ")
    print(f"{ms['live'] / ms['fixed'] - 1:+.1%} (goal: at most 5 %)")
    print(f"  decoder alone: {ms['decoder']:.1f} ms")
    print(f"  a preview at another lambda: {1 / frame:.0f} a second (goal: 15)")
    benchmark.extra_info.update(ms, previews_a_second=1 / frame)


def test_a_step_of_the_slider(benchmark: BenchmarkFixture) -> None:
    live = folded("efficientnet_lite0_live")
    assert isinstance(live, LiveColorizer)
    slider = lambda_slider("astronaut", model=live).children[0]
    places = itertools.cycle((20, 25, 30, 35))

    def move() -> None:
        slider.index = next(places)

    benchmark.pedantic(move, rounds=12, warmup_rounds=2)
    print(f"\na step that rests, all pixels: {1000 * benchmark.stats.stats.min:.0f} ms")
