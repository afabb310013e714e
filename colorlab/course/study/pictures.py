"""The pairs of a study: each picture with its true colours, with a model's, and with another's."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from colorlab import DEFAULT_MODEL
from colorlab.color import LAB
from colorlab.course.study.sessions import PAIRS, PICTURE_SIDE, Trial
from colorlab.data.decode import decode
from colorlab.data.photo import PhotoError
from colorlab.data.photos import list_photos
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import colorize_rgb, load_model
from colorlab.models import Colorizer

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Pairs:
    """Pictures to judge a model on; `real` and `fake` give one by its name, uint8 (256, 256, 3).

    `photos` maps each picture to the photo it comes from; `note` is for raters and readers.
    """

    model: str
    photos: dict[str, str]
    real: Callable[[str], Picture]
    fake: Callable[[str], Picture]
    note: str = ""

    def shown(self, trial: Trial) -> tuple[Picture, Picture]:
        """The left and the right picture of a trial; PhotoError where one can't be read."""
        real = self.real(trial.picture)
        if trial.donor:
            fake = with_colors_of(real, self.real(trial.donor))
        else:
            fake = self.fake(trial.picture)
        return (fake, real) if trial.fake_side == "left" else (real, fake)


def pairs_by_model(
    photos: str | Path = "sample", model: str | Colorizer = DEFAULT_MODEL, name: str = ""
) -> Pairs:
    """Pairs of colour photos and a model's colorizations of them.

    `photos` is a folder, or "sample" for the sample photos and parts of them; middle squares are
    scaled to 256 x 256. `model` is a name of `list_models()` with trained weights, or a colorizer,
    which then needs a `name` for the records. Raises ValueError for an unknown model or a colorizer
    without a name, FileNotFoundError for a folder without photos.

    >>> pairs_by_model().real("coffee-1").shape
    (256, 256, 3)
    """
    if not isinstance(model, str) and not name:
        raise ValueError("a loaded model needs a name for the records")
    network = load_model(model) if isinstance(model, str) else model
    real: Callable[[str], Picture]
    if photos == "sample":
        squares = dict(_sample_squares())
        origin, real = {square: square.partition("-")[0] for square in squares}, squares.__getitem__
        note = (
            f"The {len(squares)} pictures are parts of only {len(set(origin.values()))} sample "
            "photos, so you will meet the same subjects again: good for trying the test, not for "
            "a result."
        )
    else:
        files = _by_name(Path(photos))
        origin, real, note = _in_folder(files)

    def fake(picture: str) -> Picture:
        return colorize_rgb(real(picture), network)

    return Pairs(name or str(model), origin, real, fake, note)


def pairs_by_results(photos: Path, results: Path, name: str) -> Pairs:
    """Pairs of colour photos and another program's colorizations of them.

    Each photo in the folder `photos` needs a file of the same name, with any suffix, in `results`;
    both are cut and scaled in the same way. Raises ValueError, naming a photo, where a result is
    missing, and later PhotoError where its shape is not the photo's.
    """
    files, made = _by_name(photos), _by_name(results)
    missing = sorted(files.keys() - made.keys())
    if missing:
        raise ValueError(f"{results}: no result for {missing[0]} ({len(missing)} are missing)")

    def fake(picture: str) -> Picture:
        real, result = _read(files[picture]), _read(made[picture])
        if abs(real.shape[1] / real.shape[0] - result.shape[1] / result.shape[0]) > 0.02:
            raise PhotoError(f"{made[picture]}: not of the same shape as its photo")
        return middle_square(result)

    origin, real, note = _in_folder(files)
    return Pairs(name, origin, real, fake, note)


def readable_photos(pairs: Pairs, seed: int, count: int = PAIRS) -> dict[str, str]:
    """As `pairs.photos`, but `count` of them drawn by `seed`, with broken files passed over.

    Of a large folder only so many files are read. Raises ValueError where none can be read.
    """
    names = sorted(pairs.photos)
    random.Random(seed).shuffle(names)
    chosen: dict[str, str] = {}
    for name in names:
        try:
            pairs.real(name)
        except PhotoError:
            continue
        chosen[name] = pairs.photos[name]
        if len(chosen) == count:
            break
    if not chosen:
        raise ValueError("none of the photos can be read")
    return chosen


def middle_square(rgb: Picture, size: int = PICTURE_SIDE) -> Picture:
    """uint8 (H, W, 3) to (size, size, 3): its largest middle square, scaled with antialiasing."""
    side = min(rgb.shape[:2])
    top, left = ((length - side) // 2 for length in rgb.shape[:2])
    square = Image.fromarray(np.ascontiguousarray(rgb[top : top + side, left : left + side]))
    return np.asarray(square.resize((size, size), Image.Resampling.LANCZOS))


def with_colors_of(picture: Picture, donor: Picture) -> Picture:
    """The L* of `picture` with the a* and b* of `donor`, cut to sRGB; uint8, all of one shape.

    The "Random" baseline of Zhang et al. (2016), here with a donor from the study's own photos.
    """
    ours, theirs = (torch.tensor(rgb).permute(2, 0, 1) / 255 for rgb in (picture, donor))
    mixed = LAB.merge(LAB.split(ours)[0], LAB.split(theirs)[1])
    return (mixed * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()


def _sample_squares(part: float = 0.6) -> Iterator[tuple[str, Picture]]:
    """Of each sample photo its middle square, then five smaller ones: the corners, the middle."""
    for photo in sample_photos():
        yield f"{photo.name}-1", middle_square(photo.rgb)
        height, width = photo.rgb.shape[:2]
        side = round(part * min(height, width))
        low, right = height - side, width - side
        corners = [(0, 0), (0, right), (low // 2, right // 2), (low, 0), (low, right)]
        for number, (top, left) in enumerate(corners, 2):
            square = photo.rgb[top : top + side, left : left + side]
            yield f"{photo.name}-{number}", middle_square(square)


def _by_name(folder: Path) -> dict[str, Path]:
    """Photo files by their path inside the folder, without suffix."""
    found: dict[str, Path] = {}
    for path in list_photos(folder):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if name in found:
            raise ValueError(f"{folder}: {found[name].name} and {path.name} have one name")
        found[name] = path
    return found


def _read(path: Path) -> Picture:
    return np.ascontiguousarray(decode(path).permute(1, 2, 0).numpy())


def _in_folder(files: dict[str, Path]) -> tuple[dict[str, str], Callable[[str], Picture], str]:
    """`Pairs.photos`, `real` and `note` where each file is a photo of its own."""
    few = f"There are only {len(files)} photos for {PAIRS} pairs: some come again."
    return (
        {name: name for name in files},
        lambda picture: middle_square(_read(files[picture])),
        few if len(files) < PAIRS else "",
    )
