"""What tests of the data share: photos that can be told apart, and the batches of an epoch."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from torch import Tensor

from colorlab.data.batches import ColorizationData, EpochSampler
from colorlab.data.samples import sample_photos


def batches(data: ColorizationData, epoch: int = 0) -> list[Tensor]:
    """All training batches of an epoch."""
    loader = data.train_dataloader()
    assert isinstance(loader.sampler, EpochSampler)
    loader.sampler.set_epoch(epoch)
    return list(loader)


def numbered(folder: Path, count: int) -> list[Path]:
    """Tiny photos, the red of each being its number."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:03d}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(path)
    return paths


def write_splits(folder: Path, size: tuple[int, int], *names: str) -> Path:
    """A folder as `colorlab train` takes it: the samples, (width, height), in `train` and `val`."""
    for split in ("train", "val"):
        (folder / split).mkdir(parents=True)
        for photo in sample_photos(*names):
            small = Image.fromarray(photo.rgb).resize(size)
            small.save(folder / split / f"{photo.name}.png")
    return folder
