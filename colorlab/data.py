"""Photos: the samples that come with the package, folders of them, and batches for training.

Photos travel as uint8 RGB; luma and chroma are made on the device, in the batch, in the colour
space that the model wants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from colorlab.photo import read_photo

PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm"}


@dataclass(frozen=True)
class SamplePhoto:
    """A photo inside an installed package: `rgb` is uint8 (H, W, 3)."""

    name: str
    rgb: NDArray[np.uint8]
    credit: str
    licence: str


_CC0 = "CC0 1.0"
_NASA = "public domain (NASA)"
_CC_BY = "CC BY 2.0"
# name, function of skimage.data, credit, licence
_FROM_SKIMAGE = (
    ("astronaut", "astronaut", "Eileen Collins, NASA", _NASA),
    ("chelsea", "chelsea", "Stefan van der Walt", _CC0),
    ("coffee", "coffee", "Rachel Michetti", _CC0),
    ("rocket", "rocket", "SpaceX", _CC0),
    ("motorcycle", "stereo_motorcycle", "Middlebury Stereo 2014, D. Scharstein et al.", _CC0),
    ("hubble", "hubble_deep_field", "NASA, ESA, Hubble eXtreme Deep Field", _NASA),
    ("retina", "retina", "Mikael Häggström", _CC0),
)
_FROM_SKLEARN = (
    ("china", "china.jpg", "danielbuechele (Flickr)", _CC_BY),
    ("flower", "flower.jpg", "vultilion (Flickr)", _CC_BY),
)


def sample_photos(*names: str) -> list[SamplePhoto]:
    """Colour photos inside the scikit-image and scikit-learn packages; none is in a training set.

    All of them, or the named ones in that order. Raises ValueError for a name there is not.
    """
    available = {
        name: (function, credit, licence) for name, function, credit, licence in _FROM_SKIMAGE
    }
    available |= {name: (file, credit, licence) for name, file, credit, licence in _FROM_SKLEARN}
    unknown = [name for name in names if name not in available]
    if unknown:
        raise ValueError(f"no sample photo {unknown[0]!r}; there are: {', '.join(available)}")
    return [
        SamplePhoto(name, _load(available[name][0]), *available[name][1:])
        for name in names or available
    ]


def _load(source: str) -> NDArray[np.uint8]:
    if source.endswith(".jpg"):
        from sklearn.datasets import load_sample_image

        photo = load_sample_image(source)
    else:
        import skimage.data

        photo = getattr(skimage.data, source)()
    if isinstance(photo, tuple):  # a stereo pair and its disparity
        photo = photo[0]
    return np.ascontiguousarray(photo[..., :3], dtype=np.uint8)


def list_photos(folder: str | Path) -> list[Path]:
    """All photo files below `folder`, sorted by path; hidden ones are left out.

    Raises FileNotFoundError where there is no such folder or no photo in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f"no such folder: {root}")
    paths = sorted(p for p in root.rglob("*") if p.suffix.lower() in PHOTO_SUFFIXES)
    paths = [p for p in paths if not p.name.startswith(".")]
    if not paths:
        raise FileNotFoundError(f"no photos in {root}")
    return paths


def decode(path: Path) -> Tensor:
    """A photo file as uint8 RGB (3, H, W), upright; ValueError for one that can't be read.

    torchvision's C++ decoders do the common case, Pillow what they refuse.
    """
    try:
        # A path rather than bytes: an unreadable file fails in the same place as a broken one.
        return decode_image(str(path), ImageReadMode.RGB, apply_exif_orientation=True)
    except RuntimeError:
        return torch.from_numpy(read_photo(path).rgb).permute(2, 0, 1)


@dataclass(frozen=True)
class Augmentation:
    """What training does to a photo before it sees it; the defaults are those of our own runs.

    `min_area`: smallest share of the photo that a random crop keeps (1: no crop, the whole photo
    squashed to a square, as in the paper); `rotation`: largest angle in degrees.
    """

    min_area: float = 0.35
    flip: bool = True
    rotation: float = 0.0

    def __call__(self, photo: Tensor, size: int) -> Tensor:
        """uint8 (3, H, W) to uint8 (3, size, size), drawn from torch's global random state."""
        if self.min_area < 1:
            crop = v2.RandomResizedCrop(size, scale=(self.min_area, 1.0), antialias=True)
            photo = crop(photo)
        else:
            photo = squash(photo, size)
        if self.flip and torch.rand(()) < 0.5:
            photo = photo.flip(-1)
        if self.rotation:
            photo = _rotate(photo, float(torch.empty(()).uniform_(-self.rotation, self.rotation)))
        return photo


def squash(photo: Tensor, size: int) -> Tensor:
    """uint8 (3, H, W) to (3, size, size), aspect ratio ignored, as the paper resizes."""
    return F.resize(photo, [size, size], antialias=True)


def _rotate(photo: Tensor, degrees: float) -> Tensor:
    """Rotate about the centre; the corners are filled by reflection."""
    size = photo.shape[-1]
    # At 45 degrees a corner reaches (sqrt(2) - 1) / 2 of the size beyond the border.
    border = int(size * 0.21) + 1
    wide = F.pad(photo, [border] * 4, padding_mode="reflect")
    turned = F.rotate(wide, degrees, interpolation=v2.InterpolationMode.BILINEAR)
    return F.center_crop(turned, [size, size])


class TrainingPhotos(Dataset[Tensor]):
    """Augmented photos, one for every (epoch, index).

    The augmentation's random numbers hang on (seed, epoch, index) alone, so that a run is the same
    whatever the number of workers, and an interrupted one can be continued exactly.
    """

    def __init__(
        self, paths: list[Path], sizes: list[int], augment: Augmentation, seed: int
    ) -> None:
        self.paths, self.sizes, self.augment, self.seed = paths, sizes, augment, seed

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, key: tuple[int, int]) -> Tensor:
        epoch, index = key
        photo = decode(self.paths[index])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(hash((self.seed, epoch, index)))
            return self.augment(photo, self.sizes[min(epoch, len(self.sizes) - 1)])


class SquashedPhotos(Dataset[Tensor]):
    """Photos squashed to a square, in order: for validation and tests."""

    def __init__(self, paths: list[Path], size: int) -> None:
        self.paths, self.size = paths, size

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        return squash(decode(self.paths[index]), self.size)


class EpochSampler(Sampler[tuple[int, int]]):
    """(epoch, index) pairs in an order drawn from (seed, epoch); Lightning calls `set_epoch`."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed, self.epoch = count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[int, int]]:
        generator = torch.Generator().manual_seed(hash((self.seed, self.epoch)))
        for index in torch.randperm(self.count, generator=generator).tolist():
            yield self.epoch, index


class ColorizationData(lightning.LightningDataModule):
    """Batches of uint8 RGB (B, 3, size, size) from a folder with `train` and `val` inside.

    `sizes` gives the training size of each epoch (its last entry holds for all later ones);
    validation squashes photos to `val_size`.
    """

    def __init__(
        self,
        folder: str | Path,
        sizes: list[int],
        batch: int = 32,
        augment: Augmentation = Augmentation(),
        val_size: int = 224,
        workers: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.train_paths = list_photos(Path(folder) / "train")
        self.val_paths = list_photos(Path(folder) / "val")
        self.sizes, self.batch, self.augment = sizes, batch, augment
        self.val_size, self.workers, self.seed = val_size, workers, seed

    def _loader(self, photos: Dataset[Tensor], **options: Any) -> DataLoader[Tensor]:
        return DataLoader(
            photos,
            batch_size=self.batch,
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
            pin_memory=torch.cuda.is_available(),
            **options,
        )

    def train_dataloader(self) -> DataLoader[Tensor]:
        photos = TrainingPhotos(self.train_paths, self.sizes, self.augment, self.seed)
        sampler = EpochSampler(len(photos), self.seed)
        return self._loader(photos, sampler=sampler, drop_last=True)

    def val_dataloader(self) -> DataLoader[Tensor]:
        return self._loader(SquashedPhotos(self.val_paths, self.val_size))
