"""Colouring a photo: its own luminance at full resolution, the network's chroma on top."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from colorlab.color import LAB, ColorSpace
from colorlab.data.photo import Photo, PhotoError, read_photo, write_photo
from colorlab.models import STRIDE, Colorizer, create_model
from colorlab.models.fast import autocast, fast
from colorlab.models.live import at_lambda

SHORT_SIDE = 224
"""The network sees a photo with its shorter side this long: the size of the paper."""

MAX_ASPECT = 4
"""Longer panoramas are squeezed to this aspect for the network, to bound its memory."""

BAND_PIXELS = 32_768
"""Full-resolution work goes through this many pixels at a time: they stay in the cache."""


Method = Callable[[NDArray[np.uint8], Colorizer], NDArray[np.uint8]]
"""A way to colour: photo, uint8 (H, W, 3), and model to a photo of the same shape."""


def colorize(
    photo: str | Path | Image.Image | NDArray[np.generic],
    model: str | Colorizer = "efficientnet_lite0",
    lam: float | None = None,
) -> NDArray[np.uint8]:
    """Colour one photo; returns uint8 (H, W, 3), or (H, W, 4) where the photo had alpha.

    `photo`: a file, PIL image or array of any kind that `data.photo.read_photo` takes; of a
    colour photo only the luminance is used. `model`: a name of `list_models()` with trained
    weights, or a colorizer. `lam`, for `efficientnet_lite0_live` alone, goes from 1 (cautious) to
    0.1 (vivid); without it lambda is 1, where nothing is weighted, as with any model.
    Raises PhotoError for a photo that can't be read, ValueError for a lambda that can't be had.
    """
    network = load_model(model) if isinstance(model, str) else model
    if lam is not None:
        network = at_lambda(network, lam)
    source = read_photo(photo)
    rgb = colorize_rgb(source.rgb, network)
    return rgb if source.alpha is None else np.dstack([rgb, source.alpha])


@lru_cache(maxsize=4)
def load_model(name: str) -> Colorizer:
    """The trained model, read from disk once, its BatchNorms folded into its convolutions."""
    return fast(create_model(name))


def colorize_rgb(
    rgb: NDArray[np.uint8], model: Colorizer, seen: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """uint8 (H, W, 3) to uint8 (H, W, 3): chroma predicted small, enlarged, joined in bands.

    The network looks at `seen` instead, uint8 (h, w, 3) of the same scene, where that is given.
    """
    pixels = to_pixels(rgb)
    with torch.inference_mode():
        looked_at = pixels if seen is None else to_pixels(seen)
        chroma = predict_chroma(looked_at, model)
        return join_luminance(pixels, chroma, model.space).numpy()


def colorize_file(
    source: Path,
    target: Path,
    model: Colorizer,
    side_by_side: bool = False,
    overwrite: bool = False,
    method: Method | None = None,
) -> None:
    """Colour one file into another; with `side_by_side` the grey photo stands to its left.

    `method` does the work in place of `colorize_rgb` (`old_photos.colorize_old`).

    Raises PhotoError for a photo that can't be read and a result that can't be written; a photo
    is never replaced by its own result.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise PhotoError(f"{source}: the result would replace the photo itself")
    if target.exists() and not overwrite:  # said before the work is done
        raise PhotoError(f"{target}: exists already (--force overwrites)")
    photo = read_photo(source)
    result = replace(photo, rgb=(method or colorize_rgb)(photo.rgb, model))
    if side_by_side:
        grey = grey_photo(photo, model.space)
        alpha = None if photo.alpha is None else np.hstack([photo.alpha, photo.alpha])
        result = replace(result, rgb=np.hstack([grey, result.rgb]), alpha=alpha)
    write_photo(result, target, overwrite)


def to_pixels(rgb: NDArray[np.uint8]) -> Tensor:
    """A picture, uint8 (H, W, 3), as a tensor (3, H, W).

    A view; of read-only memory, which torch can't share, a copy.
    """
    return torch.from_numpy(rgb if rgb.flags.writeable else rgb.copy()).permute(2, 0, 1)


def grey_photo(photo: Photo, space: ColorSpace = LAB) -> NDArray[np.uint8]:
    """What a colorizer is given, as a picture: the luminance of a photo, uint8 (H, W, 3)."""
    return join_luminance(to_pixels(photo.rgb), torch.zeros(2, 1, 1), space).numpy()


def working_size(height: int, width: int) -> tuple[int, int]:
    """The network's (height, width): short side 224, aspect kept to a multiple of 32."""
    short = min(height, width)
    sides = (SHORT_SIDE * min(side / short, MAX_ASPECT) for side in (height, width))
    high, wide = (max(STRIDE, round(side / STRIDE) * STRIDE) for side in sides)
    return high, wide


def predict_chroma(pixels: Tensor, model: Colorizer) -> Tensor:
    """uint8 RGB (3, H, W) to the network's chroma (2, h, w) at its working size.

    In bfloat16 where the processor has it: chroma moves by 0.6 of an L*a*b* unit on average.
    """
    device = next(model.parameters()).device
    luma = working_luma(pixels, model.space).to(device)
    with autocast(device):
        return model(luma)[0]


def working_luma(pixels: Tensor, space: ColorSpace) -> Tensor:
    """uint8 RGB (3, H, W) to what a network is given of it, luma (1, 1, h, w)."""
    # Torch's antialiased resize of uint8 RGB is vectorised; of one float channel it is not.
    size = working_size(*pixels.shape[1:])
    small = interpolate(pixels[None], size, mode="bilinear", antialias=True)
    return space.luma(small.float() / 255)


def join_luminance(pixels: Tensor, chroma: Tensor, space: ColorSpace) -> Tensor:
    """The photo's luminance with other chroma: uint8 (3, H, W) and (2, h, w) to uint8 (H, W, 3).

    Chroma is enlarged bilinearly. Bands of rows small enough for the processor's cache are spread
    over threads; memory stays near the photo's own.
    """
    _, height, width = pixels.shape
    chroma = chroma.to("cpu", torch.float32)[None]
    # Columns are enlarged once, at the small height; rows band by band.
    chroma = interpolate(chroma, (chroma.shape[2], width), mode="bilinear")[0]
    joined = torch.empty((height, width, 3), dtype=torch.uint8)
    rows = max(1, BAND_PIXELS // width)

    @torch.inference_mode()
    def join(top: int) -> None:
        bottom = min(top + rows, height)
        luma = space.luma(pixels[:, top:bottom].float() / 255)
        rgb = space.merge(luma, _enlarge_rows(chroma, top, bottom, height))
        joined[top:bottom] = (rgb * 255).round_().to(torch.uint8).permute(1, 2, 0)

    threads = torch.get_num_threads()
    # Each thread does its small operations alone: waiting for others costs more than it saves.
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        list(pool.map(join, range(0, height, rows)))
    torch.set_num_threads(threads)  # the initializer also set what later threads would begin with
    return joined


def _enlarge_rows(chroma: Tensor, top: int, bottom: int, height: int) -> Tensor:
    """Rows top..bottom of (2, h, W) enlarged to (2, height, W), bilinear as in `interpolate`."""
    last = chroma.shape[1] - 1
    at = ((torch.arange(top, bottom) + 0.5) * (chroma.shape[1] / height) - 0.5).clamp(0, last)
    above = at.floor().long()
    below = (above + 1).clamp(max=last)
    return torch.lerp(chroma[:, above], chroma[:, below], (at - above)[:, None])
