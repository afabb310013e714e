"""Batches for training: augmented, reproducible, and shared out among processes.

Photos travel as uint8 RGB; luma and chroma are made on the device, in the batch, in the colour
space that the model wants.
"""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, Sampler, default_collate
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from colorlab.data.photos import Photos
from colorlab.data.sources import Source, training_photos
from colorlab.machine import rank_and_world


@dataclass(frozen=True)
class Augmentation:
    """What training does to a photo before it sees it; the defaults are those of our own runs.

    `min_area`: smallest share of the photo that a random crop keeps (1: no such crop, all of the
    photo goes through `fit`); `rotation`: largest angle in degrees; `fit`: how a whole photo
    becomes a square, squashed as in the paper or cut to its short side. Validation uses `fit` too.
    """

    min_area: float = 0.35
    flip: bool = True
    rotation: float = 0.0
    fit: Literal["squash", "crop"] = "squash"

    def __call__(self, photo: Tensor, size: int) -> Tensor:
        """uint8 (3, H, W) to uint8 (3, size, size), drawn from torch's global random state."""
        if self.min_area < 1:
            crop = v2.RandomResizedCrop(size, scale=(self.min_area, 1.0), antialias=True)
            photo = crop(photo)
        elif self.fit == "crop":
            photo = squash(v2.RandomCrop(min(photo.shape[-2:]))(photo), size)
        else:
            photo = squash(photo, size)
        if self.flip and torch.rand(()) < 0.5:
            photo = photo.flip(-1)
        if self.rotation:
            photo = rotate(photo, float(torch.empty(()).uniform_(-self.rotation, self.rotation)))
        return photo

    def validation(self, photo: Tensor, size: int) -> Tensor:
        """uint8 (3, H, W) to uint8 (3, size, size): `fit` alone, nothing random."""
        if self.fit == "crop":
            photo = F.center_crop(photo, [min(photo.shape[-2:])])
        return squash(photo, size)


PAPER_AUGMENTATION = Augmentation(min_area=1.0, flip=True, rotation=36.0)
"""The paper's: squashed, flipped, rotated by up to a tenth of a turn either way."""


def squash(photo: Tensor, size: int) -> Tensor:
    """uint8 (3, H, W) to (3, size, size), aspect ratio ignored, as the paper resizes."""
    return F.resize(photo, [size, size], antialias=True)


def rotate(photo: Tensor, degrees: float) -> Tensor:
    """A square photo, uint8 (3, S, S), turned anticlockwise about its centre, bilinear.

    The corners are filled by reflection, the edge pixels repeated ("symmetric" in NumPy).
    """
    size = photo.shape[-1]
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    line = (torch.arange(size) * 2 + 1) / size - 1  # pixel centres, the photo being [-1, 1]
    # Sampling on a turned grid, not padding and turning: four times as fast.
    grid = torch.empty(size, size, 2)
    torch.add(cosine * line, (-sine * line)[:, None], out=grid[..., 0])
    torch.add(sine * line, (cosine * line)[:, None], out=grid[..., 1])
    turned = functional.grid_sample(
        photo[None].float(), grid[None], padding_mode="reflection", align_corners=False
    )
    return turned[0].round_().to(torch.uint8)


class TrainingPhotos(Dataset[Tensor]):
    """Augmented photos, one for every (epoch, index).

    The augmentation's random numbers depend on (seed, epoch, index) alone, so that a run is the
    same whatever the number of workers, and an interrupted one can be continued exactly.
    """

    def __init__(
        self, photos: Photos, sizes: Sequence[int], augment: Augmentation, seed: int
    ) -> None:
        self.photos, self.sizes, self.augment, self.seed = photos, sizes, augment, seed

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, key: tuple[int, int]) -> Tensor:
        epoch, index = key
        photo = self.photos.read_or_next(index)
        with _seeded(_mixed(self.seed, epoch, index)):
            return self.augment(photo, self.sizes[min(epoch, len(self.sizes) - 1)])


def _mixed(*numbers: int) -> int:
    """One seed from several numbers from 0 on; NumPy promises that it never changes."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Torch's global random numbers from `seed` inside, undisturbed outside."""
    # torch.random.fork_rng does this for every device and takes half as long as decoding a photo.
    state = torch.default_generator.get_state()
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        torch.default_generator.set_state(state)


class SquashedPhotos(Dataset[Tensor]):
    """Photos made square, in order: for validation and tests.

    Of plain paths every one must be readable (RuntimeError otherwise).
    """

    def __init__(
        self,
        photos: Photos | Sequence[Path],
        size: int,
        augment: Augmentation = Augmentation(),
    ) -> None:
        self.photos = photos if isinstance(photos, Photos) else Photos(photos, max_broken=0)
        self.size, self.augment = size, augment

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, index: int) -> Tensor:
        return self.augment.validation(self.photos.read_or_next(index), self.size)


class EpochSampler(Sampler[tuple[int, int]]):
    """(epoch, index) pairs in an order drawn from (seed, epoch); `set_epoch` says which epoch.

    Each of `ranks` processes gets every `ranks`-th pair; the remainder of the epoch's order, fewer
    than `ranks` photos, is left out of it, so that all processes take as many steps.
    """

    def __init__(self, count: int, seed: int, rank: int = 0, ranks: int = 1) -> None:
        self.count, self.seed, self.rank, self.ranks = count, seed, rank, ranks
        self.set_epoch(0)

    def __len__(self) -> int:
        return self.count // self.ranks

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """The epoch to give pairs of, and how many of its pairs were taken before."""
        self.epoch, self.start = epoch, start

    def __iter__(self) -> Iterator[tuple[int, int]]:
        generator = torch.Generator().manual_seed(_mixed(self.seed, self.epoch))
        order = torch.randperm(self.count, generator=generator)
        share = order[self.rank : len(self) * self.ranks : self.ranks]
        for index in share[self.start :].tolist():
            yield self.epoch, index


_GRACE = 20  # seconds


def _leave_signals_to_the_main_process(worker: int) -> None:
    """Ctrl-C and schedulers tell all processes to stop, but the main one needs its batch first.

    After SIGTERM a worker exits only after a while: a program that ends with a loader still open
    waits for it.
    """
    for number in (signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: signal.alarm(_GRACE))


def _collate(photos: list[Tensor]) -> Tensor:
    """Photos (3, H, W) to a batch (B, 3, H, W), channels last in memory.

    That is how the decoder leaves a photo and how convolutions like a batch; a batch in the
    standard order takes several times as long to put together.
    """
    batch: Tensor = default_collate([photo.permute(1, 2, 0) for photo in photos])
    return batch.permute(0, 3, 1, 2)


class ColorizationData:
    """Batches of uint8 RGB (B, 3, size, size), channels last in memory.

    `source` is anything that `open_photos` takes, or a (training, validation) pair of its results.
    `sizes` gives the training size of each epoch (its last entry holds for all later ones);
    validation photos are of `val_size`. With several processes (torchrun) each reads its own share.
    The next readable photo takes the place of a broken one; `log_broken` reports these.

    >>> data = ColorizationData("sample", sizes=[64], batch=4, workers=0)
    >>> [tuple(batch.shape) for batch in data.train_dataloader()]
    [(4, 3, 64, 64), (4, 3, 64, 64)]
    """

    def __init__(
        self,
        source: Source | tuple[Photos, Photos],
        sizes: Sequence[int] = (224,),
        batch: int = 32,
        augment: Augmentation = Augmentation(),
        val_size: int = 224,
        workers: int = 1,
        seed: int = 0,
    ) -> None:
        pair = source if isinstance(source, tuple) else training_photos(source)
        self.train_photos, self.val_photos = pair
        self.sizes, self.batch, self.augment = sizes, batch, augment
        self.val_size, self.workers, self.seed = val_size, workers, seed

    def train_dataloader(self) -> DataLoader[Tensor]:
        """Augmented batches; its sampler's `set_epoch` chooses the epoch."""
        photos = TrainingPhotos(self.train_photos, self.sizes, self.augment, self.seed)
        sampler = EpochSampler(len(photos), self.seed, *rank_and_world())
        # A small last batch would be a noisy step; a set smaller than a batch is one step.
        return self._loader(photos, sampler=sampler, drop_last=len(sampler) >= self.batch)

    def val_dataloader(self) -> DataLoader[Tensor]:
        """All validation photos in order, each in exactly one process."""
        photos = SquashedPhotos(self.val_photos, self.val_size, self.augment)
        rank, ranks = rank_and_world()
        # DistributedSampler would repeat photos to make shares even, and so count them twice.
        return self._loader(photos, sampler=range(rank, len(photos), ranks))

    def log_broken(self) -> None:
        """Log the broken photos that this process and its workers met, if any, as warnings."""
        self.train_photos.log_broken()
        self.val_photos.log_broken()

    def _loader(self, photos: Dataset[Tensor], **options: Any) -> DataLoader[Tensor]:
        return DataLoader(
            photos,
            batch_size=self.batch,
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
            prefetch_factor=4 if self.workers else None,
            pin_memory=torch.cuda.is_available(),
            collate_fn=_collate,
            worker_init_fn=_leave_signals_to_the_main_process,
            # Its own random numbers: how often an epoch was begun must not change the model's.
            generator=torch.Generator(),
            **options,
        )
