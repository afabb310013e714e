"""Colouring a photo: its own luminance at full resolution, the network's chroma on top."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from colorlab import DEFAULT_MODEL, __version__
from colorlab.color import LAB, ColorSpace
from colorlab.data.formats import FORMATS, format_of
from colorlab.data.hints import Hint
from colorlab.data.metadata import marked
from colorlab.data.photo import Photo, PhotoError, read_pages, read_photo, write_photo
from colorlab.data.pixels import is_grey
from colorlab.inference.averaged import Averaged
from colorlab.inference.files import is_film
from colorlab.inference.hints import match_reference, spread_hints
from colorlab.inference.join import join_luminance, to_pixels
from colorlab.inference.predict import (
    find_mount,
    predict_chroma,
)
from colorlab.inference.writing import Writing
from colorlab.models import Colorizer, create_model
from colorlab.models.fast import fast
from colorlab.models.live import at_lambda


class Method(Protocol):
    """A way to colour: photo, uint8 or uint16 (H, W, 3), and model to a photo of the same shape.

    `out` is memory that the result may be written into, such as the photo's own.
    """

    def __call__(
        self, rgb: NDArray[Any], model: Colorizer, *, out: NDArray[Any] | None = None
    ) -> NDArray[Any]: ...


def colorize(
    photo: Any,
    model: str | Colorizer = DEFAULT_MODEL,
    lam: float | None = None,
    hints: Sequence[Hint] = (),
    reference: Any = None,
    best: bool = False,
) -> NDArray[np.uint8]:
    """Colour one photo; returns uint8 (H, W, 3), or (H, W, 4) where the photo had alpha.

    `photo`: a file, PIL image, array or tensor of any kind that `data.photo.read_photo` takes; of a
    colour photo only the luminance is used. `model`: a name of `list_models()` with trained
    weights, or a colorizer. `lam`, for `colorlab` and `efficientnet_lite0_live`, goes from 1
    (cautious) to 0.1 (vivid); without it lambda is 1, where nothing is weighted, as with any model.
    `hints` say which colour a place has, and `reference`, a photo in colour of the same kind of
    scene, gives more of them (`inference.hints`); one of something else is warned of, and gives
    none. `best` takes three times as long and averages over two scales and mirror images
    (`inference.averaged`).
    Raises PhotoError for a photo that can't be read, ValueError for a lambda that can't be had.
    """
    network = load_model(model) if isinstance(model, str) else model
    if lam is not None:
        network = at_lambda(network, lam)
    if best:
        network = Averaged(network)
    source = read_photo(photo)
    notes = list(source.notes)
    rgb = guided(hints, reference, notes.append)(source.rgb, network)
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return rgb if source.alpha is None else np.dstack([rgb, source.alpha])


@lru_cache(maxsize=4)
def load_model(name: str, device: str = "cpu") -> Colorizer:
    """The trained model, read from disk once and made fast, on a device such as "cuda:1".

    `name` is one of `list_models()` or a run's folder. Raises as `create_model`, and ValueError for
    a device that is not there.
    """
    model = fast(create_model(name))
    try:
        return model.to(device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"no device {device!r} here ({str(error).splitlines()[0]})") from None


def colorize_rgb(
    rgb: NDArray[Any],
    model: Colorizer,
    seen: NDArray[np.uint8] | None = None,
    hints: Sequence[Hint] = (),
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """(H, W, 3), uint8 or uint16, to the same: chroma predicted small, enlarged, joined in bands.

    The network looks at `seen` instead, uint8 (h, w, 3) of the same scene, where that is given.
    It does not look at a plain mount around the picture, and the mount stays grey. `hints` correct
    the network's answer at their places and at those that look alike. The result is written into
    `out`, an array like `rgb`, where that is given; `rgb` itself saves the memory of another.
    """
    pixels = to_pixels(rgb)
    looked_at = pixels if seen is None else to_pixels(seen)
    _, height, width = pixels.shape
    with torch.inference_mode():
        top, left, bottom, right = box = find_mount(pixels) or (0, 0, height, width)
        y, x = (looked_at.shape[side] / pixels.shape[side] for side in (1, 2))
        inside = looked_at[
            :, round(top * y) : round(bottom * y), round(left * x) : round(right * x)
        ]
        chroma = predict_chroma(inside, model)
        if hints:
            moved = [replace(hint, x=hint.x - left, y=hint.y - top) for hint in hints]
            chroma = spread_hints(chroma, pixels[:, top:bottom, left:right], model, moved)
        joined = torch.from_numpy(np.empty(rgb.shape, rgb.dtype) if out is None else out)
        grey = torch.zeros(2, 1, 1)
        mount = [(0, 0, top, width), (bottom, 0, height, width)]
        mount += [(top, 0, bottom, left), (top, right, bottom, width)]
        for part, colours in ((box, chroma), *((part, grey) for part in mount)):
            rows, columns = slice(part[0], part[2]), slice(part[1], part[3])
            if part[0] < part[2] and part[1] < part[3]:
                join_luminance(
                    pixels[:, rows, columns], colours, model.space, joined[rows, columns]
                )
        return joined.numpy()


REFUSED = "the reference shows something else, so no colours were taken from it"


class Guided:
    """A way to colour that is told colours: by hints, and by a photo in colour (`read_photo`).

    Where that gives no hints (`match_reference`), `tell` is called with a sentence that says so.
    `by_person` is whether the photo coloured last was told any.
    """

    def __init__(
        self,
        hints: Sequence[Hint] = (),
        reference: Any = None,
        tell: Callable[[str], None] = lambda note: None,
    ) -> None:
        self.hints, self.tell, self.by_person = hints, tell, False
        self.example = None if reference is None else read_photo(reference).rgb

    def __call__(
        self, rgb: NDArray[Any], model: Colorizer, *, out: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        matched = [] if self.example is None else match_reference(rgb, self.example, model)
        if self.example is not None and not matched:
            self.tell(REFUSED)
        hints = [*matched, *self.hints]
        self.by_person = bool(hints)
        return colorize_rgb(rgb, model, hints=hints, out=out)


guided = Guided


def provenance(model: str = "", lam: float | None = None) -> str:
    """What a result's metadata say of its colours: whose guess they are."""
    by = f", model {model}" if model else ""
    at = f", lambda {lam:g}" if lam is not None else ""
    return f"Colours are a machine's guess: colorlab {__version__}{by}{at}"


def colorize_file(
    source: Path,
    target: Path,
    model: Colorizer,
    side_by_side: bool = False,
    overwrite: bool = False,
    method: Method | None = None,
    writing: Writing = Writing(),
    origin: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[str]:
    """Colour every page of a file into another; with `side_by_side` grey photos to their left.

    A film, by its suffix, goes to `inference.film.colorize_film`, which tells `progress` of frames.

    `method` does the work in place of `colorize_rgb`, such as `inference.old.colorize_old`.
    `origin` is what the metadata say of the colours, by default `provenance()`. Returns sentences
    about what was left out or is doubtful. Raises PhotoError for a photo that can't be read and a
    result that can't be written; a photo is never replaced by its own result.
    """
    if is_film(source):
        from colorlab.inference.film import colorize_film

        by = provenance() if origin is None else origin
        return colorize_film(source, target, model, overwrite, writing, by, progress)
    if target.exists() and source.exists() and target.samefile(source):
        raise PhotoError(f"{source}: the result would replace the photo itself")
    if target.exists() and not overwrite:  # said before the work is done
        raise PhotoError(f"{target}: exists already, and was not to be overwritten")
    notes: list[str] = []
    mark = (origin or provenance()) if writing.mark else ""
    name = format_of(target.suffix)
    if mark and name and "EXIF" not in FORMATS[name].keeps:
        notes.append(f"{name} has no place to say that the colours are a machine's guess")
        mark = ""

    def results() -> Iterator[Photo]:
        for photo in read_pages(source, writing.page, writing.max_megapixels):
            notes.extend(note for note in photo.notes if note not in notes)
            yield _result(photo, model, side_by_side, method, mark)

    lost = write_photo(results(), target, overwrite, writing.quality, writing.profile)
    return notes + lost


def _result(
    photo: Photo, model: Colorizer, side_by_side: bool, method: Method | None, mark: str
) -> Photo:
    alpha, metadata = photo.alpha, photo.metadata
    # A photo in colour gives its memory to the result; a grey one has a third of what that needs.
    own = photo.rgb.flags.writeable and not is_grey(photo.rgb) and not side_by_side
    rgb = (method or colorize_rgb)(photo.rgb, model, out=photo.rgb if own else None)
    if side_by_side:
        rgb = np.hstack([grey_photo(photo, model.space), rgb])
        alpha = None if alpha is None else np.hstack([alpha, alpha])
    if mark and isinstance(method, Guided) and method.by_person:
        mark += ", guided by a person"
    if mark:
        metadata = marked(metadata, mark, f"colorlab {__version__}")
    return replace(photo, rgb=rgb, alpha=alpha, metadata=metadata)


def grey_photo(photo: Photo, space: ColorSpace = LAB) -> NDArray[np.uint8]:
    """What a colorizer is given, as a picture: the luminance of a photo, uint8 (H, W, 3)."""
    return join_luminance(to_pixels(photo.rgb), torch.zeros(2, 1, 1), space).numpy()
