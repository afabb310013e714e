"""All offline metrics on 256x256 photos: what each costs, and how long 1,000 photos take."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from colorlab.candidates import Preprocessing, colorizer
from colorlab.evaluate import compare
from colorlab.metrics import Images, Metric, get_metric, list_metrics
from colorlab.metrics.auc import class_counts, rarity
from colorlab.metrics.delta_e import delta_e_2000
from colorlab.metrics.fidelity import structural_similarity
from colorlab.metrics.lite0 import look
from colorlab.models import create_model
from colorlab.photos import Photos
from colorlab.samples import sample_photos

PHOTOS = 32


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    """Different 256x256 crops of the sample photos, as JPEG."""
    folder = tmp_path_factory.mktemp("photos")
    samples = [sample.rgb for sample in sample_photos("coffee", "china", "flower", "motorcycle")]
    random = np.random.default_rng(0)
    paths = [folder / f"n01440764_{number}.jpg" for number in range(PHOTOS)]
    for number, path in enumerate(paths):
        rgb = samples[number % len(samples)]
        top, left = (random.integers(length - 255) for length in rgb.shape[:2])
        Image.fromarray(rgb[top : top + 256, left : left + 256]).save(path, quality=90)
    return Photos(paths)


def test_a_thousand_photos(photos: Photos, benchmark: BenchmarkFixture) -> None:
    """The whole of `colorlab evaluate` for one model; 1,000 photos are to take under 3 minutes."""
    model = create_model("efficientnet_lite0").to(memory_format=torch.channels_last)
    preprocess = Preprocessing(256)
    few = Photos([photos.paths[index] for index in range(8)])

    def seconds(chosen: Photos) -> tuple[float, float]:
        wall, processor = time.perf_counter(), time.process_time()
        compare({"model": colorizer(model)}, chosen, preprocess)
        return time.perf_counter() - wall, time.process_time() - processor

    seconds(few)  # networks are loaded
    small, many = seconds(few), benchmark.pedantic(seconds, args=(photos,), rounds=1)
    # What doesn't grow with the photos (Frechet distances above all) is counted once.
    wall, processor = (a + (b - a) / (PHOTOS - 8) * 992 for a, b in zip(small, many, strict=True))
    print(
        f"\n1,000 photos of 256x256, every offline metric, one model and the baselines: "
        f"{wall:.0f} s (goal 180) with {torch.get_num_threads()} threads, {processor:.0f} s of "
        f"processor time; {(PHOTOS - 8) / (many[0] - small[0]):.1f} photos/s"
    )


def test_each_metric(photos: Photos, benchmark: BenchmarkFixture) -> None:
    """Photos a second of each metric on one core, what they share (L*a*b*, features) apart."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    preprocess = Preprocessing(256)
    truth = torch.stack([preprocess(photos[index][0]) for index in range(16)]).float() / 255
    table = rarity(class_counts(Images(truth)))

    def pair() -> tuple[Images, Images]:
        shown, true = Images(truth.flip(0)), Images(truth, torch.zeros(16).long(), table)
        _ = shown.lab, true.lab
        return shown, true

    def fastest(work: object, rounds: int = 3) -> float:
        assert callable(work)
        times = []
        for _ in range(rounds):
            shown, true = pair()
            started = time.process_time()
            work(shown, true)
            times.append(time.process_time() - started)
        return min(times) / 16

    def every() -> dict[str, float]:
        costs = {"L*a*b*": fastest(lambda shown, true: Images(shown.rgb).lab)}
        costs["Lite0's features"] = fastest(lambda shown, true: shown.derive(look))
        for name in list_metrics():
            entry = get_metric(name)
            if isinstance(entry, Metric) and name not in ("lpips", "top1", "top5"):
                costs[name] = fastest(entry.rows)
        return costs

    with torch.inference_mode():
        costs = benchmark.pedantic(every, rounds=1)
    torch.set_num_threads(threads)
    print()
    for name, cost in costs.items():
        print(f"  {name:26} {1 / cost:8,.0f} photos/s")


def test_against_the_references(benchmark: BenchmarkFixture) -> None:
    """Our Delta E and SSIM against scikit-image's and torchmetrics', in turns on one core."""
    from skimage.color import deltaE_ciede2000
    from torchmetrics.functional.image import structural_similarity_index_measure

    rgb = torch.from_numpy(sample_photos("coffee", "china")[0].rgb[:256, :256].copy())
    first = rgb.permute(2, 0, 1)[None].float() / 255
    second = first.flip(-1)
    lab = [Images(x).lab for x in (first, second)]
    arrays = [x[0].permute(1, 2, 0).numpy() for x in lab]
    works = {
        "Delta E 2000, ours": lambda: delta_e_2000(*lab),
        "Delta E 2000, scikit-image": lambda: deltaE_ciede2000(*arrays),
        "SSIM, ours": lambda: structural_similarity(first, second),
        "SSIM, torchmetrics": lambda: structural_similarity_index_measure(
            first, second, data_range=1.0
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in works}

    def in_turns() -> None:
        for _ in range(15):
            for name, work in works.items():
                started = time.process_time()
                work()
                times[name].append(time.process_time() - started)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    benchmark.pedantic(in_turns, rounds=1)
    torch.set_num_threads(threads)
    best = {name: 1000 * min(taken) for name, taken in times.items()}
    print()
    for name, milliseconds in best.items():
        print(f"  {name:28} {milliseconds:6.1f} ms a photo of 256x256")
    for metric, reference in (("Delta E 2000", "scikit-image"), ("SSIM", "torchmetrics")):
        ratio = best[f"{metric}, {reference}"] / best[f"{metric}, ours"]
        print(f"  {metric}: {ratio:.1f} times as fast as {reference}")
