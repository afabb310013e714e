"""The lambda widget's twin for a page without a kernel: one piece of HTML with all it needs.

The browser repeats `weight_view.render` on a coarser table: cells of two by two L*a*b*
units, the smoothed probability of each on a log scale of 2^16 steps (0.04 % a step).
"""

from __future__ import annotations

import base64
import html
import json
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from colorlab.course.figures.chroma import HUES, LOW, WEIGHT_OCTAVES, gamut, weight_colors
from colorlab.course.widgets.weight_view import photo_bins, rare_bins
from colorlab.data.encoding import data_uri
from colorlab.data.samples import sample_photos
from colorlab.prior.prior import ColorPrior

_OCTAVES = 40
"""The stored probabilities span 2^-40 to 1; smaller ones, no pixel in 10^12, become 2^-40."""

_PHOTO_WIDTH = 120


def coarse(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bins (256, 256) summed two by two, (128, 128)."""
    return np.asarray(table.reshape(128, 2, 128, 2).sum(axis=(1, 3)))


def twin_html(prior: ColorPrior, photo: str = "motorcycle", lam: float = 0.9) -> str:
    """The twin as HTML with style, script and table inside, about 80 kB (sigma 5, window 10).

    It starts at `lam`. Display it with `IPython.display.HTML`. Raises ValueError for an unknown
    photo, an empty prior, and a lambda outside [0, 1].
    """
    if not 0 <= lam <= 1:
        raise ValueError(f"lambda must be in [0, 1], got {lam}")
    sample = sample_photos(photo)[0]
    small = photo_bins(photo, _PHOTO_WIDTH)
    p = coarse(prior.smoothed())
    inside = gamut().mask.reshape(128, 2, 128, 2).any(axis=(1, 3))
    present = (p > 0) | inside  # a superset of what photos can have
    codes = encode(p)
    places = (np.arange(256) + 0.5) / 256 - 0.5
    ramp = weight_colors(2.0 ** (2 * WEIGHT_OCTAVES * places))
    data = {
        "present": _base64(np.packbits(present)),
        "gamut": _base64(np.packbits(inside)),
        "codes": _base64(codes[present]),
        "octaves": _OCTAVES,
        "rare": int(codes[rare_bins(p)].max(initial=0)),
        "pixels": _base64(((small.a // 2) * 128 + small.b // 2).astype("<u2")),
        "width": _PHOTO_WIDTH,
        "colors": _base64(ramp),
        "low": LOW,
        "hues": HUES,
    }
    text = _static("twin.html")
    for name, value in {
        "style": _static("twin.css"),
        "script": _static("twin.js"),
        "data": json.dumps(data, separators=(",", ":")),
        "lam": f"{lam:.2f}",
        "alt": html.escape(f"The sample photo {sample.name}"),
        "credit": html.escape(f"The photo: {sample.name}, {sample.credit}, {sample.licence}"),
        "photo": data_uri(photo_bins(photo).rgb),
    }.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def encode(p: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Probabilities to 0 for none and 1..65535 for 2^-40..1, evenly in the logarithm."""
    octaves = np.log2(p, where=p > 0, out=np.full_like(p, -_OCTAVES)).clip(-_OCTAVES, 0)
    steps = np.round((octaves / _OCTAVES + 1) * 65534).astype("<u2") + 1
    return np.asarray(np.where(p > 0, steps, 0), "<u2")


def _static(name: str) -> str:
    return (files("colorlab.course.widgets") / name).read_text("utf-8")


def _base64(table: NDArray[np.generic]) -> str:
    return base64.b64encode(table.tobytes()).decode()
