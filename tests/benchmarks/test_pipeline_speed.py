"""Is the pipeline fast enough? Photos a second from 256x256 JPEGs, and how long training waits."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from colorlab.color import LAB
from colorlab.data import PAPER_AUGMENTATION, Augmentation, ColorizationData, decode, rotate
from colorlab.losses import chroma_mse
from colorlab.models import create_model
from colorlab.photos import Photos
from colorlab.samples import sample_photos

PHOTOS = 1024
AUGMENTATIONS = {
    "squash": Augmentation(min_area=1, flip=False),
    "own (crop, flip)": Augmentation(),
    "paper (squash, flip, rotate)": PAPER_AUGMENTATION,
}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    """Different 256x256 crops of the sample photos, JPEG quality 75 as Places365-small has."""
    folder = tmp_path_factory.mktemp("photos")
    samples = [sample.rgb for sample in sample_photos("coffee", "china", "flower", "motorcycle")]
    random = np.random.default_rng(0)
    paths = [folder / f"{number}.jpg" for number in range(PHOTOS)]
    for number, path in enumerate(paths):
        rgb = samples[number % len(samples)]
        top, left = (random.integers(length - 255) for length in rgb.shape[:2])
        Image.fromarray(rgb[top : top + 256, left : left + 256]).save(path, quality=75)
    return Photos(paths)


def fastest(*works: Callable[[], Any], rounds: int = 40) -> list[float]:
    """The least seconds of each work on one core; taken in turns, so that load hits all alike."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, taken in zip(works, times, strict=True):
            started = time.perf_counter()
            work()
            taken.append(time.perf_counter() - started)
    torch.set_num_threads(threads)
    return [min(taken) for taken in times]


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_loader_rate(photos: Photos, name: str, benchmark: Any) -> None:
    data = ColorizationData((photos, photos), [224], 32, AUGMENTATIONS[name], workers=2)
    loader = data.train_dataloader()

    def epoch() -> int:
        return sum(len(batch) for batch in loader)

    epoch()  # the workers start, the files come into the system's cache
    count = benchmark.pedantic(epoch, rounds=3)
    rate = count / benchmark.stats.stats.min
    # Processor time is not wall time: on a busy machine it still tells what a free one would do.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    data = ColorizationData((photos, photos), [224], 32, AUGMENTATIONS[name], workers=0)
    batches = iter(data.train_dataloader())
    started = time.process_time()
    computed = sum(len(next(batches)) for _ in range(10))
    seconds = time.process_time() - started
    torch.set_num_threads(threads)
    print(
        f"\n{name}: {rate:,.0f} photos/s from 2 workers at 224x224 (goal 600); "
        f"{computed / seconds:,.0f} a second of one core's processor time"
    )


def test_decoders(photos: Photos, benchmark: Any) -> None:
    paths = [photos.paths[index] for index in range(64)]

    def by_pillow() -> None:
        for path in paths:
            with Image.open(io.BytesIO(path.read_bytes())) as image:
                np.asarray(image.convert("RGB"))

    pillow, ours = fastest(by_pillow, lambda: [decode(path) for path in paths], rounds=10)
    benchmark.pedantic(lambda: [decode(path) for path in paths], rounds=3)
    print(f"\ndecode: {pillow / ours:.1f} times as fast as Pillow (both: one core, this run)")


def test_rotation(photos: Photos, benchmark: Any) -> None:
    square = F.resize(photos[0][0], [224, 224], antialias=True)

    def pad_and_turn() -> Tensor:
        wide = F.pad(square, [48] * 4, padding_mode="symmetric")
        turned = F.rotate(wide, 30.0, interpolation=v2.InterpolationMode.BILINEAR)
        return F.center_crop(turned, [224, 224])

    padded, sampled = fastest(pad_and_turn, lambda: rotate(square, 30.0))
    benchmark.pedantic(lambda: rotate(square, 30.0), rounds=10)
    print(f"\nrotate: {padded / sampled:.1f} times as fast as padding and turning (this run)")


@pytest.mark.parametrize("name", ["own (crop, flip)", "paper (squash, flip, rotate)"])
def test_training_hardly_waits(photos: Photos, name: str, benchmark: Any) -> None:
    """The share of the time that a training loop spends waiting for its next batch."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = create_model("efficientnet_lite0", weights="encoder").to(device)
    model = model.to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(p for p in model.parameters() if p.requires_grad)
    data = ColorizationData((photos, photos), [224], 32, AUGMENTATIONS[name], workers=1)

    def step(batch: Tensor) -> None:
        luma, chroma = LAB.split(batch.to(device, non_blocking=True).float() / 255)
        loss = chroma_mse(model(luma), chroma)
        adam.zero_grad()
        loss.backward()
        adam.step()
        if device == "cuda":
            torch.cuda.synchronize()

    def ten_steps(batches: Iterator[Tensor]) -> tuple[float, float]:
        waited = 0.0
        started = time.perf_counter()
        for _ in range(10):
            asked = time.perf_counter()
            batch = next(batches)
            waited += time.perf_counter() - asked
            step(batch)
        return waited, time.perf_counter() - started

    batches = iter(data.train_dataloader())
    step(next(batches))
    waited, total = benchmark.pedantic(ten_steps, args=(batches,), rounds=1)
    print(
        f"\n{name}: training {320 / total:.0f} photos/s on {device}, "
        f"{waited / total:.1%} of the time spent waiting for photos (goal: below 5 %)"
    )
