"""All offline metrics on 256x256 photos: what each costs, and how long 1,000 photos take."""

from __future__ import annotations

import time

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from colorlab.data.photos import Photos
from colorlab.data.samples import sample_photos
from colorlab.evaluate.compare import compare
from colorlab.evaluate.methods import Preprocessing, colorizer
from colorlab.evaluate.metrics import Images, Metric, get_metric, list_metrics
from colorlab.evaluate.metrics.auc import class_counts, rarity
from colorlab.evaluate.metrics.delta_e import delta_e_2000
from colorlab.evaluate.metrics.lite0 import look
from colorlab.models import create_model

from .crops import save_crops
from .timing import best_of_turns, one_thread

PHOTOS = 32


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    folder = tmp_path_factory.mktemp("photos")
    paths = [folder / f"n01440764_{number}.jpg" for number in range(PHOTOS)]
    save_crops(paths, quality=90)
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
    preprocess = Preprocessing(256)
    truth = torch.stack([preprocess(photos[index][0]) for index in range(16)]).float() / 255
    table = rarity(class_counts(Images(truth)))

    def pair() -> tuple[Images, Images]:
        shown, true = Images(truth.flip(0)), Images(truth, known={"rarity": table})
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

    with one_thread(), torch.inference_mode():
        costs = benchmark.pedantic(every, rounds=1)
    print()
    for name, cost in costs.items():
        print(f"  {name:26} {1 / cost:8,.0f} photos/s")


def test_delta_e_against_scikit_image(benchmark: BenchmarkFixture) -> None:
    """In turns on one core."""
    from skimage.color import deltaE_ciede2000

    rgb = torch.from_numpy(sample_photos("coffee", "china")[0].rgb[:256, :256].copy())
    first = rgb.permute(2, 0, 1)[None].float() / 255
    second = first.flip(-1)
    lab = [Images(x).lab for x in (first, second)]
    arrays = [x[0].permute(1, 2, 0).numpy() for x in lab]
    works = {
        "ours": lambda: delta_e_2000(*lab),
        "scikit-image": lambda: deltaE_ciede2000(*arrays),
    }
    with one_thread():
        best = benchmark.pedantic(best_of_turns, args=(works, 15, time.process_time), rounds=1)
    print()
    for name, seconds in best.items():
        print(f"  Delta E 2000, {name:12} {1000 * seconds:6.1f} ms a photo of 256x256")
    print(f"  {best['scikit-image'] / best['ours']:.1f} times as fast as scikit-image")
