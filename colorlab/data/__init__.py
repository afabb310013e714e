"""Photos: one in and out, sets of them by name, and batches for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from colorlab.data.batches import PAPER_AUGMENTATION, Augmentation, ColorizationData
    from colorlab.data.photo import Photo, PhotoError, read_photo, write_photo
    from colorlab.data.photos import Photos, list_photos
    from colorlab.data.samples import SamplePhoto, sample_names, sample_paths, sample_photos
    from colorlab.data.sources import DATASETS, open_photos, training_photos

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

# Lazily: reading one photo needs no torch, and batches need torchvision's transforms.
__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "batches": ["PAPER_AUGMENTATION", "Augmentation", "ColorizationData"],
        "photo": ["Photo", "PhotoError", "read_photo", "write_photo"],
        "photos": ["Photos", "list_photos"],
        "samples": ["SamplePhoto", "sample_names", "sample_paths", "sample_photos"],
        "sources": ["DATASETS", "open_photos", "training_photos"],
    },
)
