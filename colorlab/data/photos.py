"""A collection of photo files: read one by one, the unreadable ones counted and listed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import overload

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from colorlab.data.decode import decode
from colorlab.data.photo import PhotoError

HEIF_SUFFIXES = frozenset((".heic", ".heif", ".hif"))
"""Suffixes of photos that need the extra "heic"."""

_COMMON = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".tif", ".tiff")
PHOTO_SUFFIXES = frozenset((*_COMMON, ".bmp", ".gif", ".ppm", ".jp2", ".j2k")) | (
    HEIF_SUFFIXES if find_spec("pillow_heif") else frozenset()
)
"""Suffixes, in lower case, of the files in a folder that count as photos."""

_LISTED = 20  # how many broken photos a message names

logger = logging.getLogger(__name__)


def list_photos(folder: str | Path) -> list[Path]:
    """All photo files below `folder`, sorted by path; hidden files and folders are left out.

    Raises FileNotFoundError where there is no such folder or no photo in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f"no such folder: {root}")
    found = []
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if os.path.splitext(name)[1].lower() in PHOTO_SUFFIXES and not name.startswith("."):
                found.append(os.path.join(place, name))
    if not found:
        raise FileNotFoundError(f"no photos in {root}")
    found.sort(key=lambda path: path.split(os.sep))
    return [Path(path) for path in found]


class PathList(Sequence[Path]):
    """Many paths in two flat buffers.

    Two million `Path` objects take 0.8 GB, and a forked worker copies those it reads (reading
    changes their reference counts); these buffers take a sixth of that and stay shared.
    """

    def __init__(self, paths: Iterable[str | Path]) -> None:
        names = [os.fsencode(path) for path in paths]
        self._names = b"".join(names)
        self._ends = np.cumsum([0, *map(len, names)], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> Path: ...

    @overload
    def __getitem__(self, index: slice) -> PathList: ...

    def __getitem__(self, index: int | slice) -> Path | PathList:
        if isinstance(index, slice):
            return PathList(self[i] for i in range(*index.indices(len(self))))
        index = range(len(self))[index]  # the same IndexError, and negative indices, as a list's
        return Path(os.fsdecode(self._names[self._ends[index] : self._ends[index + 1]]))


class Photos(Dataset[tuple[Tensor, Path]]):
    """Photo files as (uint8 RGB (3, H, W), path) pairs; sizes differ from photo to photo.

    Indexing raises PhotoError for a photo that can't be read. `readable` and `read_or_next` skip
    such photos and record them in `broken`, from worker processes too. Once more than the share
    `max_broken` of all photos is broken, both raise RuntimeError with the list: then something
    other than a few bad files is wrong.

    >>> from colorlab.data import open_photos
    >>> photo, path = open_photos("sample")[0]
    >>> path.name, tuple(photo.shape)
    ('astronaut.png', (3, 512, 512))
    """

    def __init__(self, paths: Iterable[str | Path], max_broken: float = 0.01) -> None:
        self.paths = PathList(paths)
        self.max_broken = max_broken
        # Shared memory: the main process sees what a worker marks, with nothing sent.
        self._is_broken = torch.zeros(len(self.paths), dtype=torch.bool).share_memory_()

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, Path]:
        path = self.paths[index]
        return decode(path), path

    def readable(self) -> Iterator[tuple[Tensor, Path]]:
        """All pairs but those of broken photos; these are logged as a warning at the end."""
        for index in range(len(self)):
            try:
                pair = self[index]
            except PhotoError:
                self.mark_broken(index)
            else:
                yield pair
        self.log_broken()

    def read_or_next(self, index: int) -> Tensor:
        """The photo at `index`, or instead of a broken one the next readable one (cyclic).

        So every batch has its full size, and a run depends on the files alone.
        """
        for step in range(len(self)):
            at = (index + step) % len(self)
            try:
                return self[at][0]
            except PhotoError:
                self.mark_broken(at)
        raise RuntimeError(self.broken_report())

    @property
    def broken(self) -> list[Path]:
        """The photos found broken so far."""
        return [self.paths[index] for index in self._is_broken.nonzero().flatten().tolist()]

    def broken_report(self) -> str:
        """One sentence with the count and the list (its first twenty) of broken photos."""
        broken = self.broken
        listed = ", ".join(map(str, broken[:_LISTED]))
        more = f", and {len(broken) - _LISTED} more" if len(broken) > _LISTED else ""
        return f"{len(broken)} of {len(self)} photos could not be read: {listed}{more}"

    def log_broken(self) -> None:
        """Log the photos found broken so far, if any, as a warning."""
        if self._is_broken.any():
            logger.warning("skipped: %s", self.broken_report())

    def mark_broken(self, index: int) -> None:
        """Record a photo as broken; RuntimeError with the list where there are too many now."""
        self._is_broken[index] = True
        if int(self._is_broken.sum()) > self.max_broken * len(self):
            raise RuntimeError(
                f"{self.broken_report()} (at most {self.max_broken:.0%} may be broken)"
            )
