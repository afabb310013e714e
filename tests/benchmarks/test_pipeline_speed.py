"""Is the pipeline fast enough? Photos a second from 256x256 JPEGs, and how long training waits."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from colorlab.color import LAB
from colorlab.data.batches import PAPER_AUGMENTATION, Augmentation, ColorizationData, rotate
from colorlab.data.decode import decode
from colorlab.data.photos import Photos
from colorlab.models import create_model
from colorlab.models.fast import fast
from colorlab.train.losses import chroma_mse

from .crops import save_crops
from .timing import best_of_turns, one_thread

PHOTOS = 1024
AUGMENTATIONS = {
    "squash": Augmentation(min_area=1, flip=False),
    "own (crop, flip)": Augmentation(),
    "paper (squash, flip, rotate)": PAPER_AUGMENTATION,
}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    folder = tmp_path_factory.mktemp("photos")
    paths = [folder / f"{number}.jpg" for number in range(PHOTOS)]
    save_crops(paths)
    return Photos(paths)


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
    data = ColorizationData((photos, photos), [224], 32, AUGMENTATIONS[name], workers=0)
    batches = iter(data.train_dataloader())
    with one_thread():
        started = time.process_time()
        computed = sum(len(next(batches)) for _ in range(10))
        seconds = time.process_time() - started
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

    def ours() -> None:
        for path in paths:
            decode(path)

    with one_thread():
        best = best_of_turns({"Pillow": by_pillow, "ours": ours}, turns=10)
    benchmark.pedantic(ours, rounds=3)
    gain = best["Pillow"] / best["ours"]
    print(f"\ndecode: {gain:.1f} times as fast as Pillow (both: one core, this run)")


def test_rotation(photos: Photos, benchmark: Any) -> None:
    square = F.resize(photos[0][0], [224, 224], antialias=True)

    def pad_and_turn() -> Tensor:
        wide = F.pad(square, [48] * 4, padding_mode="symmetric")
        turned = F.rotate(wide, 30.0, interpolation=v2.InterpolationMode.BILINEAR)
        return F.center_crop(turned, [224, 224])

    def ours() -> Tensor:
        return rotate(square, 30.0)

    with one_thread():
        best = best_of_turns({"padded": pad_and_turn, "ours": ours}, turns=40)
    benchmark.pedantic(ours, rounds=10)
    gain = best["padded"] / best["ours"]
    print(f"\nrotate: {gain:.1f} times as fast as padding and turning (this run)")


@pytest.mark.parametrize("name", ["own (crop, flip)", "paper (squash, flip, rotate)"])
def test_training_hardly_waits(photos: Photos, name: str, benchmark: Any) -> None:
    """The share of the time that a training loop spends waiting for its next batch."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = fast(create_model("efficientnet_lite0", weights="encoder").to(device))
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
