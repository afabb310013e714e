"""Photos: one in and out, sets of them by name, and batches for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from colorlab.lazy import load_from

if TYPE_CHECKING:
    from colorlab.data.batches import PAPER_AUGMENTATION, Augmentation, ColorizationData
    from colorlab.data.photo import Photo, PhotoError, read_photo, write_photo
    from colorlab.data.photos import Photos, list_photos
    from colorlab.data.sources import (
        DATASETS,
        SamplePhoto,
        open_photos,
        sample_names,
        sample_paths,
        sample_photos,
        training_photos,
    )

__all__ = [
    "DATASETS",
    "PAPER_AUGMENTATION",
    "Augmentation",
    "ColorizationData",
    "Photo",
    "PhotoError",
    "Photos",
    "SamplePhoto",
    "list_photos",
    "open_photos",
    "read_photo",
    "sample_names",
    "sample_paths",
    "sample_photos",
    "training_photos",
    "write_photo",
]

# Reading one photo needs no torch; batches need torchvision's transforms, a second more.
_HOMES = {
    "batches": ("PAPER_AUGMENTATION", "Augmentation", "ColorizationData"),
    "photo": ("Photo", "PhotoError", "read_photo", "write_photo"),
    "photos": ("Photos", "list_photos"),
}
__getattr__ = load_from(
    __name__,
    dict.fromkeys(__all__, "sources")
    | {name: home for home, names in _HOMES.items() for name in names},
)
