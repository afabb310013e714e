"""What the weights of Eq. 3 do to a photo, drawn fast enough to follow a slider.

`render` is a pure function from the sliders' values to three small pictures and a few numbers.
Matplotlib takes ten times as long: what stays the same is drawn once with Pillow, the rest comes
from lookup tables. In `weight_twin` the browser repeats `render` on a coarser table: cells of two
by two L*a*b* units, the smoothed probability of each on a log scale of 2^16 steps (0.04 % a step).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import ipywidgets as w
import matplotlib
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from skimage.segmentation import find_boundaries

from colorlab.color import rgb_to_lab
from colorlab.course.figures.chroma import (
    HUES,
    LOW,
    WEIGHT_OCTAVES,
    as_picture,
    gamut,
    weight_colors,
)
from colorlab.course.widgets.parts import Picture, control, fill, on_change, pictures_row
from colorlab.data.formats import data_uri
from colorlab.data.samples import sample_names, sample_photos
from colorlab.prior.bins import chroma_bins
from colorlab.prior.prior import ColorPrior

_INK = (34, 34, 34)
_ALONG_A, _ALONG_B = (0, 114, 178), (213, 94, 0)  # Okabe and Ito's blue and vermilion
_SIDE = 448  # of the maps: two pixels a bin
_LEFT, _TOP, _BOTTOM = 62, 36, 30  # the profile's margins
_OCTAVES = 6  # of the profile, either side of weight 1
TWIN_OCTAVES = 40  # the twin's probabilities span 2^-40 to 1; smaller ones are no pixel in 10^12
_TWIN_WIDTH = 120  # pixels, of the twin's photo


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

    >>> from colorlab.prior.prior import default_prior
    >>> render(0.5, 5, 10, "coffee", default_prior()).weight_map.shape
    (448, 448, 3)
    """
    photo = photo_bins(photo_name)
    weights = prior.weights(lam, sigma, window)
    pixels = weights[photo.a, photo.b]
    rare = rare_bins(prior.smoothed(sigma, window))[photo.a, photo.b]
    loss, plain = pixels * photo.squared_chroma, photo.squared_chroma
    inside = weights[gamut().mask]
    return WeightView(
        weight_map=draw_weight_map(weights),
        profile=_draw_profile(weights),
        photo_map=draw_photo_map(pixels),
        lowest=float(inside.min()),
        highest=float(inside.max()),
        pushed_up=float((pixels > 1).mean()),
        rare_pixels=float(rare.mean()),
        rare_loss=float(loss[rare].sum() / loss.sum()),
        rare_loss_plain=float(plain[rare].sum() / plain.sum()),
    )


def describe(view: WeightView) -> str:
    """The view's numbers in words."""
    return (
        f"Weights inside the sRGB gamut go from {view.lowest:.3g} to {view.highest:.3g}; "
        f"{view.pushed_up:.1%} of the photo's pixels weigh more than 1. Rare colours (those that "
        f"make up the rarest tenth of the prior) are {view.rare_pixels:.1%} of its pixels. They "
        f"carry {view.rare_loss:.1%} of the loss of a grey answer; if all pixels weighed the same "
        f"(λ = 1) it would be {view.rare_loss_plain:.1%}."
    )


def _twice(picture: NDArray[np.generic]) -> NDArray[np.generic]:
    return picture.repeat(2, axis=0).repeat(2, axis=1)


def _write(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, anchor: str) -> None:
    fonts = f"{matplotlib.get_data_path()}/fonts/ttf"
    font = ImageFont.truetype(f"{fonts}/DejaVuSans.ttf", 16)
    draw.text(at, text.replace("-", "−"), _INK, font, anchor=anchor)


def _x(units: Any) -> Any:
    """Where a value of a* or b* lies in a picture of two pixels a bin, from the left."""
    return 2 * (units - LOW) + 1


@cache
def _plane() -> Picture:
    """The weight map's background: white, with the names of the axes and of the hues."""
    image = Image.new("RGB", (_SIDE, _SIDE), "white")
    draw = ImageDraw.Draw(image)
    for name, a, b in HUES:
        _write(draw, (_x(a), _SIDE - _x(b)), name, "mm")
    for units in (-50, 0, 50):
        _write(draw, (_x(units), _SIDE - 3), f"{units:+d}" if units else "a*", "ms")
        _write(draw, (4, _SIDE - _x(units)), f"{units:+d}" if units else "b*", "lm")
    return np.asarray(image)


def draw_weight_map(weights: NDArray[np.float64]) -> Picture:
    """The weights (256, 256) inside the gamut, uint8 (448, 448, 3); a dark line where v = 1."""
    inside = _twice(as_picture(gamut().mask))
    picture = np.where(inside[..., None], _twice(weight_colors(as_picture(weights))), _plane())
    line = find_boundaries(_twice(as_picture(weights) > 1))  # a pixel wide on either side
    picture[line & inside] = _INK
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
    return np.asarray(_TOP + (_SIDE - _BOTTOM - _TOP) * (0.5 - octave / (2 * _OCTAVES)))


@cache
def _profile_axes() -> Image.Image:
    image = Image.new("RGB", (_LEFT + _SIDE, _SIDE), "white")
    draw = ImageDraw.Draw(image)
    for octave in range(-_OCTAVES, _OCTAVES + 1):
        y = float(_y(2.0**octave))
        draw.line((_LEFT, y, image.width, y), _INK if octave == 0 else "#dddddd")
        text = f"×{2**octave}" if octave >= 0 else f"×1/{2**-octave}"
        _write(draw, (_LEFT - 6, y), text, "rm")
    for units in (-100, -50, 0, 50, 100):
        x = _LEFT + _x(units)
        draw.line((x, _TOP, x, _SIDE - _BOTTOM), "#dddddd")
        _write(draw, (x, _SIDE - _BOTTOM + 6), f"{units:+d}" if units else "0", "mt")
    draw.line((_LEFT, 16, _LEFT + 34, 16), _ALONG_A, 3)
    _write(draw, (_LEFT + 42, 16), "a* (b* = 0)", "lm")
    for x in range(_LEFT + 200, _LEFT + 236, 12):
        draw.line((x, 16, x + 7, 16), _ALONG_B, 3)
    _write(draw, (_LEFT + 244, 16), "b* (a* = 0)", "lm")
    return image


def _draw_profile(weights: NDArray[np.float64]) -> Picture:
    """The weights along b* = 0 (solid) and a* = 0 (dashed), as far as sRGB reaches."""
    image = _profile_axes().copy()
    draw = ImageDraw.Draw(image)
    for cut, inside, color, dash in (
        (weights[:, 128], gamut().mask[:, 128], _ALONG_A, 256),
        (weights[128], gamut().mask[128], _ALONG_B, 5),
    ):
        places = _LEFT + _x(np.arange(-128, 128)[inside])
        points = list(zip(places, _y(cut[inside]), strict=True))
        for start in range(0, len(points) - 1, dash + 1):
            draw.line(points[start : start + dash], color, 3, joint="curve")
    return np.asarray(image)


def weight_sliders(prior: ColorPrior, photo: str = "motorcycle") -> w.VBox:
    """Sliders for lambda, sigma and window and a choice of photo, over the weights of `prior`.

    Raises ValueError for an unknown photo.
    """
    photo_bins(photo)  # refuse an unknown name here rather than inside the widget
    lam = control(w.FloatSlider, "λ", value=0.9, min=0, max=1, step=0.01)
    sigma = control(w.FloatSlider, "σ (bins)", value=5, min=0.5, max=20, step=0.5)
    window = control(w.IntSlider, "window (bins)", value=10, min=1, max=60)
    chosen = control(w.Dropdown, "photo", options=sample_names(), value=photo)
    status, pictures = w.HTML(), w.HTML()

    def redraw(_: Any = None) -> None:
        try:
            view = render(lam.value, sigma.value, window.value, chosen.value, prior)
        except ValueError as reason:  # lambda = 0, most often: say why and leave the pictures
            status.value = f'<p role="status"><strong>No weights:</strong> {reason}.</p>'
            return
        status.value = f'<p role="status">{describe(view)}</p>'
        panels = {
            "Weight map: from purple (1/16 or less) to brown (16 or more); line: 1": (
                view.weight_map
            ),
            "Weight profile along the two axes, cut at 1/64 and 64": view.profile,
            f"The photo: {chosen.value}": photo_bins(chosen.value).rgb,
            "The weight of each of its pixels; dotted where above 1": view.photo_map,
        }
        pictures.value = pictures_row(panels, each="13em")

    on_change(redraw, lam, sigma, window, chosen)
    redraw()
    return w.VBox([lam, sigma, window, chosen, status, pictures])


def weight_twin(prior: ColorPrior, photo: str = "motorcycle", lam: float = 0.9) -> str:
    """The weights for a page without a kernel, sigma 5 and window 10, as HTML of about 80 kB.

    It starts at `lam`. Display it with `IPython.display.HTML`. Raises ValueError for an unknown
    photo, an empty prior, and a lambda outside [0, 1].
    """
    if not 0 <= lam <= 1:
        raise ValueError(f"lambda must be in [0, 1], got {lam}")
    sample, small = sample_photos(photo)[0], photo_bins(photo, _TWIN_WIDTH)
    p = coarse(prior.smoothed())
    inside = coarse(gamut().mask) > 0
    present = (p > 0) | inside  # a superset of what photos can have
    codes = quantize(p)
    places = (np.arange(256) + 0.5) / 256 - 0.5
    tables: dict[str, NDArray[Any]] = {
        "present": np.packbits(present),
        "gamut": np.packbits(inside),
        "codes": codes[present],
        "pixels": ((small.a // 2) * 128 + small.b // 2).astype("<u2"),
        "colors": weight_colors(2.0 ** (2 * WEIGHT_OCTAVES * places)),
    }
    data: dict[str, object] = {
        name: base64.b64encode(table.tobytes()).decode() for name, table in tables.items()
    }
    data |= {"octaves": TWIN_OCTAVES, "width": _TWIN_WIDTH, "low": LOW}
    data["rare"] = int(codes[rare_bins(p)].max(initial=0))
    return fill(
        "weight_twin.html",
        data=json.dumps(data, separators=(",", ":")),
        lam=f"{lam:.2f}",
        alt=escape(f"The sample photo {sample.name}"),
        credit=escape(f"The photo: {sample.name}, {sample.credit}, {sample.licence}"),
        photo=data_uri(photo_bins(photo).rgb),
        plane=data_uri(_plane()[..., 0], "PNG"),
    )


def coarse(table: NDArray[np.generic]) -> NDArray[np.float64]:
    """Bins (256, 256) summed two by two, (128, 128)."""
    return np.asarray(table.reshape(128, 2, 128, 2).sum(axis=(1, 3)), np.float64)


def quantize(p: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Probabilities to 0 for none and 1..65535 for 2^-40..1, evenly in the logarithm."""
    octaves = np.log2(p, where=p > 0, out=np.full_like(p, -TWIN_OCTAVES)).clip(-TWIN_OCTAVES, 0)
    steps = np.round((octaves / TWIN_OCTAVES + 1) * 65534).astype("<u2") + 1
    return np.asarray(np.where(p > 0, steps, 0), "<u2")
