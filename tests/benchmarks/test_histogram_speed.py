"""Counting colours: against decoding alone, against scikit-image, and with two workers.

All sides are timed in one run, in turns, so that a busy machine slows them alike; the ratios are
of the best turns. One core is meant, so torch gets one thread, and processor time is printed too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture
from skimage.color import rgb2lab

from colorlab.data.decode import decode
from colorlab.data.photos import Photos
from colorlab.data.samples import sample_photos
from colorlab.machine import keep_freed_memory
from colorlab.prior.bins import ColorCounter
from colorlab.prior.count import count_files, count_photos

from .timing import best_of_turns, one_thread

PLACES365 = 1_803_460  # training photos
TURNS = 15


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """100 JPEGs as Places365-small has them: 256x256, quality 75; cut from the sample photos."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    samples = [p.rgb for p in sample_photos() if min(p.rgb.shape[:2]) >= 256]
    for index in range(100):
        rgb = samples[index % len(samples)]
        top, left = (int(rng.integers(0, side - 255)) for side in rgb.shape[:2])
        crop = np.rot90(rgb[top : top + 256, left : left + 256], int(rng.integers(0, 4)))
        Image.fromarray(crop).save(folder / f"{index:03}.jpg", quality=75)
    return sorted(folder.iterdir())


@pytest.fixture(autouse=True)
def on_one_thread() -> Iterator[None]:
    with one_thread():
        yield


def decode_alone(paths: list[Path]) -> None:
    for path in paths:
        decode(path)


def decode_and_count(paths: list[Path], counter: ColorCounter) -> None:
    count_files(paths, counter)


def by_scikit_image(paths: list[Path]) -> None:
    counts = np.zeros(1 << 16, np.int64)
    for path in paths:
        lab = rgb2lab(decode(path).permute(1, 2, 0).numpy())
        a, b = np.clip(np.round(lab[..., 1:]) + 128, 0, 255).astype(np.int64).reshape(-1, 2).T
        counts += np.bincount(256 * a + b, minlength=1 << 16)


def test_one_core(benchmark: BenchmarkFixture, paths: list[Path]) -> None:
    keep_freed_memory()  # as `count_photos` does: decoding alone, too, is faster with it
    counter = ColorCounter()
    many, few = paths * 3, paths[::5]
    for name, clock in (("wall", time.perf_counter), ("processor", time.process_time)):
        best = best_of_turns(
            {
                "decode": lambda: decode_alone(many),
                "decode + count": lambda: decode_and_count(many, counter),
                "scikit-image": lambda: by_scikit_image(few),
            },
            TURNS,
            clock,
        )
        rates = {
            side: (len(few) if side == "scikit-image" else len(many)) / seconds
            for side, seconds in best.items()
        }
        ratio = rates["decode + count"] / rates["decode"]
        gain = rates["decode + count"] / rates["scikit-image"]
        text = ", ".join(f"{side} {rate:,.0f}/s" for side, rate in rates.items())
        print(f"\n{name} time, one core, 256x256 JPEG: {text}")
        print(f"  decode + count is {ratio:.0%} of decode alone, {gain:.1f}x the scikit-image way")
    for cores in (2, 16, 128):
        minutes = PLACES365 / rates["decode + count"] / cores / 60
        print(f"  Places365 ({PLACES365:,} photos) on {cores} cores: {minutes:,.1f} minutes")
    print("  (projected from the one-core rate: it takes for granted that files come fast enough)")
    benchmark.extra_info.update(of_decode_alone=ratio, times_scikit_image=gain)
    benchmark.pedantic(lambda: decode_and_count(many, counter), rounds=3)


def test_two_workers(benchmark: BenchmarkFixture, paths: list[Path], tmp_path: Path) -> None:
    photos = Photos(paths * 60)

    def count(workers: int) -> None:
        count_photos(photos, tmp_path / f"{workers}.npz", "x", workers, save_every=60)

    best = best_of_turns({"1": lambda: count(1), "2": lambda: count(2)}, turns=5)
    gain = best["1"] / best["2"]
    one, two = (len(photos) / best[workers] for workers in ("1", "2"))
    print(f"\n1 worker {one:,.0f} photos/s, 2 workers {two:,.0f} photos/s: {gain:.2f}x")
    benchmark.extra_info.update(two_workers=gain)
    benchmark.pedantic(lambda: count(2), rounds=1)
