"""What the weights of Eq. 3 do, drawn fast enough to follow a slider.

`render` is a pure function from the sliders' values to three small pictures and a few numbers.
Nothing in it is a matplotlib figure: what stays the same is drawn once, the rest comes from lookup
tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import matplotlib
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from colorlab.color import rgb_to_lab
from colorlab.course.figures.chroma import HUES, LOW, as_picture, gamut, weight_colors
from colorlab.data.samples import sample_photos
from colorlab.prior.prior import ColorPrior, chroma_bins

Picture = NDArray[np.uint8]

_PAPER, _INK = (255, 255, 255), (34, 34, 34)
_ALONG_A, _ALONG_B = (0, 114, 178), (213, 94, 0)  # Okabe and Ito's blue and vermilion
_SIDE = 448  # two pixels a bin
_LEFT, _BOTTOM = 62, 30  # the profile's margins
_OCTAVES = 6  # of the profile, either side of weight 1


@dataclass(frozen=True)
class PhotoBins:
    """A photo made small, and where its pixels lie in a prior's table.

    `rgb` is uint8 (H, W, 3); `a` and `b` are bins (H, W) in 0..255; `squared_chroma` (H, W) is
    a*^2 + b*^2 in scaled units, twice the loss (Eq. 1) of answering grey.
    """

    rgb: Picture
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    squared_chroma: NDArray[np.float64]


@cache
def photo_bins(name: str, width: int = 240) -> PhotoBins:
    """The sample photo `name`, `width` pixels wide; ValueError where there is no such photo."""
    image = Image.fromarray(sample_photos(name)[0].rgb)
    size = (width, round(width * image.height / image.width))
    rgb = np.asarray(image.resize(size, Image.Resampling.LANCZOS))
    chroma = rgb_to_lab(torch.tensor(rgb).permute(2, 0, 1).double() / 255)[1:] / 128
    a, b = chroma_bins(chroma).numpy()
    return PhotoBins(rgb, a, b, chroma.square().sum(0).numpy())


@dataclass(frozen=True)
class WeightView:
    """The pictures (uint8 RGB) and numbers for one setting of the sliders.

    `weight_map` is the (a*, b*) plane, `profile` its cuts along the axes, `photo_map` the photo's
    pixels in the colours of their weights, dotted where the weight is above 1.

    `lowest` and `highest` are the weights in the sRGB gamut, `pushed_up` the share of the photo's
    pixels that weigh more than 1. `rare_pixels` is the share of its pixels with a rare colour
    (`rare_bins`), `rare_loss` what these carry of the loss of an answer that is grey everywhere
    (Eq. 2), and `rare_loss_plain` what they carry of it unweighted (lambda = 1, Eq. 1).
    """

    weight_map: Picture
    profile: Picture
    photo_map: Picture
    lowest: float
    highest: float
    pushed_up: float
    rare_pixels: float
    rare_loss: float
    rare_loss_plain: float


def rare_bins(smoothed: NDArray[np.float64], share: float = 0.1) -> NDArray[np.bool_]:
    """The rarest bins of a distribution, as many as together hold no more than `share` of it.

    Unlike "weight above 1" this doesn't move with lambda, so that losses can be compared.
    """
    order = np.argsort(smoothed, axis=None)
    rare = np.empty(smoothed.size, bool)
    rare[order] = np.cumsum(smoothed.flat[order]) <= share
    return rare.reshape(smoothed.shape)


def render(lam: float, sigma: float, window: int, photo_name: str, prior: ColorPrior) -> WeightView:
    """Draw what the weights for lambda, sigma (bins) and window (bins) do to a sample photo.

    Raises ValueError for an unknown photo, and where the prior has no such weights: see
    `ColorPrior.weights`.
    """
    photo = photo_bins(photo_name)
    weights = prior.weights(lam, sigma, window)
    pixels = weights[photo.a, photo.b]
    rare = rare_bins(prior.smoothed(sigma, window))[photo.a, photo.b]
    inside = weights[gamut().mask]
    return WeightView(
        weight_map=draw_weight_map(weights),
        profile=_draw_profile(weights),
        photo_map=draw_photo_map(pixels),
        lowest=float(inside.min()),
        highest=float(inside.max()),
        pushed_up=float((pixels > 1).mean()),
        rare_pixels=float(rare.mean()),
        rare_loss=_share(rare, pixels * photo.squared_chroma),
        rare_loss_plain=_share(rare, photo.squared_chroma),
    )


def _share(chosen: NDArray[np.bool_], amounts: NDArray[np.float64]) -> float:
    return float(amounts[chosen].sum() / amounts.sum())


def _twice(picture: NDArray[np.generic]) -> NDArray[np.generic]:
    return picture.repeat(2, axis=0).repeat(2, axis=1)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf", size)


def _x(units: float) -> float:
    """Where a value of a* or b* lies in a picture of two pixels a bin, from the left."""
    return 2 * (units - LOW) + 1


@cache
def _plane() -> tuple[Picture, NDArray[np.bool_]]:
    """The weight map's background with its labels, and the mask of what sRGB can show."""
    image = Image.new("RGB", (_SIDE, _SIDE), _PAPER)
    draw = ImageDraw.Draw(image)
    for name, a, b in HUES:
        draw.text((_x(a), _SIDE - _x(b)), name, (68, 68, 68), _font(15), anchor="mm")
    for units in (-50, 50):
        sign = f"{units:+d}".replace("-", "−")
        draw.text((_x(units), _SIDE - 3), sign, _INK, _font(13), anchor="ms")
        draw.text((4, _SIDE - _x(units)), sign, _INK, _font(13), anchor="lm")
    draw.text((_x(0), _SIDE - 3), "a*", _INK, _font(15), anchor="ms")
    draw.text((4, _SIDE - _x(0)), "b*", _INK, _font(15), anchor="lm")
    mask = np.asarray(_twice(as_picture(gamut().mask)), bool)
    return np.asarray(image), mask


def draw_weight_map(weights: NDArray[np.float64]) -> Picture:
    """The weights (256, 256) inside the gamut, uint8 (448, 448, 3); a dark line where v = 1."""
    background, mask = _plane()
    shown = _twice(weight_colors(as_picture(weights)))
    picture = np.where(mask[..., None], shown, background)
    up = _twice(as_picture(weights) > 1)
    line = np.zeros_like(mask)
    for axis in (0, 1):  # two pixels wide, one on either side
        change = np.diff(up, axis=axis)
        line |= np.insert(change, 0, False, axis) | np.insert(change, _SIDE - 1, False, axis)
    picture[line & mask] = _INK
    return np.asarray(picture, np.uint8)


def draw_photo_map(pixels: NDArray[np.float64]) -> Picture:
    """Each pixel's weight (H, W) as a colour, uint8 (2H, 2W, 3); dots where the weight is above 1.

    The dots say without colour which pixels are pushed up.
    """
    picture = np.array(_twice(weight_colors(pixels)), np.uint8)
    dots = np.zeros(pixels.shape, bool)
    dots[1::3, 1::3] = True
    picture[_twice(dots & (pixels > 1))] = _INK
    return picture


def _y(weight: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Where a weight lies in the profile, from the top; it is cut at 2**-6 and 2**6."""
    octave = np.clip(np.log2(weight), -_OCTAVES, _OCTAVES)
    height = _SIDE - _BOTTOM - 36
    return np.asarray(36 + height * (0.5 - octave / (2 * _OCTAVES)))


@cache
def _profile_axes() -> Image.Image:
    image = Image.new("RGB", (_LEFT + _SIDE, _SIDE), _PAPER)
    draw = ImageDraw.Draw(image)
    for octave in range(-_OCTAVES, _OCTAVES + 1):
        y = float(_y(2.0**octave))
        draw.line((_LEFT, y, image.width, y), _INK if octave == 0 else (221, 221, 221))
        text = f"×{2**octave}" if octave >= 0 else f"×1/{2**-octave}"
        draw.text((_LEFT - 6, y), text, _INK, _font(14), anchor="rm")
    for units in (-100, -50, 0, 50, 100):
        x = _LEFT + _x(units)
        draw.line((x, 36, x, _SIDE - _BOTTOM), (221, 221, 221))
        label = f"{units:+d}".replace("-", "−") if units else "0"
        draw.text((x, _SIDE - _BOTTOM + 6), label, _INK, _font(14), anchor="mt")
    draw.line((_LEFT, 16, _LEFT + 34, 16), _ALONG_A, 3)
    draw.text((_LEFT + 42, 16), "a* (b* = 0)", _INK, _font(14), anchor="lm")
    for x in range(_LEFT + 200, _LEFT + 236, 12):
        draw.line((x, 16, x + 7, 16), _ALONG_B, 3)
    draw.text((_LEFT + 244, 16), "b* (a* = 0)", _INK, _font(14), anchor="lm")
    return image


def _draw_profile(weights: NDArray[np.float64]) -> Picture:
    """The weights along b* = 0 (solid) and a* = 0 (dashed), as far as sRGB reaches."""
    image = _profile_axes().copy()
    draw = ImageDraw.Draw(image)
    for cut, inside, color, dashed in (
        (weights[:, 128], gamut().mask[:, 128], _ALONG_A, False),
        (weights[128], gamut().mask[128], _ALONG_B, True),
    ):
        units = np.arange(-128, 128)[inside]
        points = list(zip(_LEFT + _x(1) + 2.0 * (units - 1), _y(cut[inside]), strict=True))
        if dashed:
            for start in range(0, len(points) - 1, 6):
                draw.line(points[start : start + 5], color, 3)
        else:
            draw.line(points, color, 3, joint="curve")
    return np.asarray(image)
