"""The studio without its widget: one photo, a quick preview of its colours, and the full result.

The network's chroma is computed once a photo and model; saturation and strength act on it, so that
the preview and the full-resolution result are the same picture at two sizes.
"""

from __future__ import annotations

import contextlib
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from colorlab import DEFAULT_MODEL
from colorlab.course.widgets.parts import Picture
from colorlab.data.photo import Photo, PhotoError, read_photo, write_photo
from colorlab.inference.colorize import grey_photo, load_model
from colorlab.inference.files import result_name
from colorlab.inference.join import join_luminance, to_pixels
from colorlab.inference.live import LivePhoto
from colorlab.inference.old import tone, without_grain
from colorlab.inference.predict import predict_chroma
from colorlab.models import list_models, read_card
from colorlab.models.live import LOWEST, LiveColorizer

PREVIEW_SIDE = 1000
"""The longer side of a preview, in pixels."""

MAX_MEGAPIXELS = 100
"""Larger photos are refused: they and their results are held in memory, 0.3 GB each at this."""

RANGES = {"saturation": (0.0, 2.0), "strength": (0.0, 1.0), "lam": (LOWEST, 1.0)}
"""Of the numbers of a `Look`."""


@dataclass(frozen=True)
class Look:
    """How a photo is coloured.

    `model` is a name of `trained_models`; `old` works as `inference.old.colorize_old`.
    `saturation`, 0 to 2, multiplies the network's chroma before it is cut to what sRGB can show.
    `strength`, 0 to 1, is the share of the finished picture in a mix with the photo's own grey
    (CIE L*), value by value in sRGB; so at 0 an old photo is not toned either. `lam`, 0.1 to 1, is
    for a model that takes lambda. Raises ValueError for a number outside its range.
    """

    model: str = DEFAULT_MODEL
    old: bool = False
    saturation: float = 1.0
    strength: float = 1.0
    lam: float = 1.0

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            if not low <= (value := getattr(self, name)) <= high:
                raise ValueError(f"{name} must be in [{low:g}, {high:g}], got {value}")


class StudioPhoto:
    """A photo at work: `photo` in full, `small` as the preview's uint8 (h, w, 3), `grey` likewise.

    The toned photo and what each model's encoder found are computed once.
    """

    def __init__(self, photo: Photo, name: str) -> None:
        self.photo, self.name = photo, name
        self.small = shrink(photo.rgb)
        self.grey = grey_photo(Photo(self.small))
        self._chroma: dict[tuple[str, bool], Callable[[float], Tensor]] = {}

    @property
    def in_colour(self) -> bool:
        """Whether it has colours to compare with; a slight cast, as of a scanned print, is none."""
        return bool(np.percentile(np.ptp(self.small, axis=2), 99) > 24)

    @cached_property
    def _toned(self) -> Picture:
        return tone(self.photo.rgb)

    @cached_property
    def _small_toned(self) -> Picture:
        return shrink(self._toned)

    def preview(self, look: Look) -> Picture:
        """The result at the preview's size, uint8 (h, w, 3). Raises as `load_model` does."""
        base = self._small_toned if look.old else self.small
        coloured = _join(base, self._predict(look), look.model)
        return coloured if look.strength == 1 else _mix(self.grey, coloured, look.strength)

    def full(self, look: Look, progress: Callable[[float], None] = lambda share: None) -> Photo:
        """The result with all of the photo's pixels, its alpha and EXIF.

        `progress` is told the share that is done, step after step, up to 1.
        """
        chroma = self._predict(look)
        progress(0.3)
        base = self._toned if look.old else self.photo.rgb
        coloured = _join(base, chroma, look.model)
        progress(0.8)
        if look.strength < 1:
            coloured = _mix(grey_photo(Photo(self.photo.rgb)), coloured, look.strength)
        progress(1)
        return replace(self.photo, rgb=coloured)

    def _predict(self, look: Look) -> Tensor:
        """The network's chroma (2, h, w) at its working size, times the saturation."""
        key = (look.model, look.old)
        if key not in self._chroma:
            model = load_model(look.model)
            seen = without_grain(self._toned) if look.old else self.photo.rgb
            if isinstance(model, LiveColorizer):
                self._chroma[key] = LivePhoto(seen, model).chroma
            else:
                with torch.inference_mode():
                    chroma = predict_chroma(to_pixels(seen), model)
                self._chroma[key] = lambda lam: chroma
        return self._chroma[key](look.lam).float() * look.saturation


def open_photo(source: str | Path | bytes | Picture, name: str = "photo") -> StudioPhoto:
    """A photo for the studio from a file, a file's bytes called `name`, or an array.

    Whatever `read_photo` reads, up to 100 megapixels. Raises PhotoError with the reason, one
    sentence that begins with the photo's name.

    >>> open_photo(np.zeros((60, 90), np.uint8)).preview(Look(saturation=1.5)).shape
    (60, 90, 3)
    """
    if isinstance(source, np.ndarray):
        return StudioPhoto(read_photo(source), name)
    if not isinstance(source, bytes):
        path = Path(source).expanduser()
        _refuse_giants(path)
        return StudioPhoto(read_photo(path), path.name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "upload")
        path.write_bytes(source)
        try:
            _refuse_giants(path)
            return StudioPhoto(read_photo(path), name)
        except PhotoError as error:
            raise PhotoError(str(error).replace(str(path), name)) from None


def _refuse_giants(path: Path) -> None:
    """Raise PhotoError before a photo is decoded that is too large to work on."""
    megapixels = 0.0
    # Whatever else is wrong with the file, `read_photo` says it.
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(path) as image:
            megapixels = image.width * image.height / 1e6
    if megapixels > MAX_MEGAPIXELS:
        raise PhotoError(
            f"{path}: {megapixels:.0f} megapixels, and the studio takes {MAX_MEGAPIXELS} at most; "
            "`colorlab colorize` takes more"
        )


def shrink(rgb: Picture, side: int = PREVIEW_SIDE) -> Picture:
    """uint8 (H, W, 3) with its longer side at most `side` pixels; a smaller photo as it is."""
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return rgb
    size = max(1, round(height * scale)), max(1, round(width * scale))
    small = interpolate(to_pixels(rgb)[None], size, mode="bilinear", antialias=True)[0]
    return small.permute(1, 2, 0).contiguous().numpy()


def result_file(photo: Photo, name: str, format: str) -> tuple[str, bytes]:
    """A result as a file's name and bytes: `name` with the suffix of `format`, "jpeg" or "png".

    Raises PhotoError for a picture that the format can't hold.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / result_name(Path(name), format)
        write_photo(photo, target)
        return target.name, target.read_bytes()


def trained_models() -> list[str]:
    """The models of `list_models` that come with trained weights."""
    return [name for name in list_models() if read_card(name)]


def _join(base: Picture, chroma: Tensor, model: str) -> Picture:
    """The luminance of `base`, uint8 (h, w, 3), with a model's chroma (2, any, any)."""
    with torch.inference_mode():
        return join_luminance(to_pixels(base), chroma, load_model(model).space).numpy()


def _mix(grey: Picture, coloured: Picture, strength: float) -> Picture:
    """Row by row: as floats, a large photo would take four times its memory."""
    mixed = np.empty_like(coloured)
    for row in range(len(grey)):
        one, other = torch.from_numpy(grey[row]).float(), torch.from_numpy(coloured[row]).float()
        mixed[row] = torch.lerp(one, other, strength).round_()
    return mixed
