"""Is training fast enough? Our step against the plain way, and the engine against the bare step."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from colorlab.color import LAB
from colorlab.data.batches import Augmentation, SquashedPhotos
from colorlab.data.photos import list_photos
from colorlab.machine import keep_freed_memory
from colorlab.models import create_model
from colorlab.models.fast import autocast, fast
from colorlab.train import Recipe, Status, train
from colorlab.train.losses import chroma_mse

from .crops import save_crops

BATCH, SIZE = 16, 224
PLAIN = Augmentation(min_area=1, flip=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `train` takes it."""
    root = tmp_path_factory.mktemp("photos")
    paths = [root / "train" / f"{number}.jpg" for number in range(12 * BATCH)]
    paths.append(root / "val" / "0.jpg")
    for path in paths:
        path.parent.mkdir(exist_ok=True)
    save_crops(paths)
    return root


def per_photo(step: Callable[[], Any], steps: int = 9) -> tuple[float, float]:
    """Seconds a photo by the clock, the median of some steps, and of processor time, their mean."""
    step()
    walls, started = [], time.process_time()
    for _ in range(steps):
        begun = time.perf_counter()
        step()
        walls.append(time.perf_counter() - begun)
    return float(np.median(walls)) / BATCH, (time.process_time() - started) / steps / BATCH


def give_memory_back() -> None:
    """Undo `keep_freed_memory`: the plain way knows nothing of it."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    for option, default in ((-4, 65536), (-1, 128 * 1024), (-2, 128 * 1024)):
        mallopt(option, default)


class ByScikitImage(Dataset[tuple[Tensor, Tensor]]):
    """Luma and chroma of each photo, converted before they are put into a batch."""

    def __init__(self, photos: SquashedPhotos) -> None:
        self.photos = photos

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        lab = rgb2lab(self.photos[index].permute(1, 2, 0).numpy())
        planes = torch.from_numpy(lab).permute(2, 0, 1).float().contiguous()
        return planes[:1] / 100, planes[1:] / 128


def plain_step(folder: Path) -> Callable[[], None]:
    """fp32, contiguous, conversion by scikit-image in the loader."""
    model = create_model("efficientnet_lite0", weights="encoder").train()
    adam = torch.optim.Adam(p for p in model.parameters() if p.requires_grad)
    photos = SquashedPhotos(list_photos(folder / "train"), SIZE, PLAIN)

    def endless() -> Iterator[Any]:
        while True:
            yield from DataLoader(ByScikitImage(photos), batch_size=BATCH)

    batches = endless()

    def step() -> None:
        luma, chroma = next(batches)
        loss = chroma_mse(model(luma), chroma)
        adam.zero_grad()
        loss.backward()
        adam.step()

    return step


def bare_step(folder: Path) -> Callable[[], None]:
    """The network alone as the engine runs it: luma and chroma of one batch are in memory."""
    model = create_model("efficientnet_lite0", weights="encoder")
    fast(model.train())
    adam = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), fused=True)
    photos = SquashedPhotos(list_photos(folder / "train"), SIZE, PLAIN)
    rgb = torch.stack([photos[index] for index in range(BATCH)]).float() / 255
    luma, chroma = LAB.split(rgb.contiguous(memory_format=torch.channels_last))

    def step() -> None:
        with autocast(luma.device):
            predicted = model(luma)
        loss = chroma_mse(predicted.float(), chroma)
        loss.backward()
        adam.step()
        adam.zero_grad()

    return step


def engine(folder: Path, run: Path, workers: int) -> tuple[float, float]:
    """Seconds a photo of a real `train` from files, its first two steps and validation left out."""
    told: list[tuple[int, float, float]] = []

    def listen(report: Status) -> None:
        if not report.scores:
            told.append((report.photos, time.perf_counter(), time.process_time()))

    recipe = Recipe(epochs=1, size=SIZE, final_epochs=0, batch=BATCH)
    train("efficientnet_lite0", folder, run, recipe, workers=workers, report=listen)
    seconds = [(b[1] - a[1]) / BATCH for a, b in pairwise(told[1:])]
    processor = (told[-1][2] - told[1][2]) / (told[-1][0] - told[1][0])
    return float(np.median(seconds)), processor


def test_step_against_the_plain_way(folder: Path, tmp_path: Path, benchmark: Any) -> None:
    give_memory_back()
    plain, plain_processor = per_photo(plain_step(folder), steps=4)
    wall, processor = benchmark.pedantic(engine, args=(folder, tmp_path / "run", 1), rounds=1)
    print(
        f"\ntraining efficientnet_lite0, batches of {BATCH} at {SIZE}x{SIZE} from files: "
        f"{1 / wall:.0f} photos/s, the plain way {1 / plain:.0f}: {plain / wall:.1f} times as fast "
        f"(goal 4); by processor time of the training process {plain_processor / processor:.1f}"
    )


def test_engine_against_the_bare_step(folder: Path, tmp_path: Path, benchmark: Any) -> None:
    keep_freed_memory()
    step = bare_step(folder)
    before, processor_before = per_photo(step)
    wall, processor = benchmark.pedantic(engine, args=(folder, tmp_path / "run", 1), rounds=1)
    after, processor_after = per_photo(step)  # before and after, for machines get busy and free
    bare, bare_processor = min(before, after), min(processor_before, processor_after)
    print(
        f"\nthe engine, from files: {1 / wall:.0f} photos/s, the bare network step from memory "
        f"{1 / bare:.0f}: {bare / wall:.0%} of its throughput (goal 90 %); "
        f"by processor time of the training process {bare_processor / processor:.0%}"
    )
