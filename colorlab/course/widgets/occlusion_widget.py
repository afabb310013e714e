"""A part of a photo erased, and how far the network's colours move, with a running kernel.

The book's page "What did it look at?" does the same in the browser.
"""

from __future__ import annotations

from typing import Any

import ipywidgets as w
import matplotlib as mpl
import numpy as np
import torch
from torch import Tensor

from colorlab.course.lessons import to_picture, to_tensor
from colorlab.course.widgets.parts import Picture, control, on_change, pictures_row
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import load_model
from colorlab.inference.predict import working_luma
from colorlab.models import Colorizer

Span = tuple[float, float]
"""From where to where, in shares of a side."""


def erase(
    network: Colorizer, luma: Tensor, columns: Span, rows: Span
) -> tuple[Tensor, Tensor, Tensor]:
    """Luma (1, 1, H, W) with its mean in a box; the chroma then; how far each pixel's moved.

    The last, (H, W), is in units of a* and b* (the colour difference of CIE 1976 where L* stays),
    and NaN in the box. Raises ValueError for a network that isn't of L*a*b*.
    """
    if network.space.name != "lab":
        raise ValueError(
            f"distances are of L*a*b*, and this network's space is {network.space.name}"
        )
    high, wide = luma.shape[2:]
    top, bottom = (round(share * high) for share in rows)
    left, right = (round(share * wide) for share in columns)
    erased = luma.clone()
    erased[..., top:bottom, left:right] = luma.mean()
    with torch.inference_mode():
        before, after = network(luma).float(), network(erased).float()
    moved = 128 * (after - before)[0].norm(dim=0)
    moved[top:bottom, left:right] = torch.nan
    return erased, after, moved


def render(
    network: Colorizer, luma: Tensor, columns: Span, rows: Span
) -> tuple[dict[str, Picture], str]:
    """The photo coloured without the box, a map of how far colours moved, and what to say of it."""
    erased, chroma, moved = erase(network, luma, columns, rows)
    outside = moved[~moved.isnan()]
    if not len(outside):
        return {"colours now": to_picture(network.space.merge(erased, chroma)[0])}, "All is erased."
    most = float(outside.max())
    shares = (moved / max(most, 1.0)).nan_to_num().numpy()
    heat = mpl.colormaps["inferno"](shares)[..., :3]
    weight = np.clip(3 * shares, 0, 0.9)[..., None]
    grey = 0.6 * network.space.merge(luma, torch.zeros_like(chroma))[0].permute(1, 2, 0).numpy()
    shown = (255 * (weight * heat + (1 - weight) * grey)).round().astype(np.uint8)
    words = f"Outside the box colours moved by {outside.mean():.1f} on average, {most:.1f} at most."
    coloured = to_picture(network.space.merge(erased, chroma)[0])
    return {"colours now": coloured, "how far they moved": shown}, words


def occlusion(photo: str = "china", model: str = "efficientnet_lite0") -> Any:
    """Sliders for a box to erase from a sample photo, and what the network makes of the rest.

    Raises ValueError for an unknown photo or model, and for one that isn't of L*a*b*.
    """
    network = load_model(model)
    rgb = to_tensor(sample_photos(photo)[0].rgb)[0]
    luma = working_luma((255 * rgb).round().byte(), network.space)
    options: dict[str, Any] = {"min": 0.0, "max": 1.0, "step": 0.02, "readout_format": ".2f"}
    columns = control(w.FloatRangeSlider, "columns", value=(0.0, 1.0), **options)
    rows = control(w.FloatRangeSlider, "rows, from the top", value=(0.62, 0.78), **options)
    view = w.HTML()

    def draw(change: Any = None) -> None:
        pictures, words = render(network, luma, columns.value, rows.value)
        view.value = pictures_row(pictures, "JPEG", "14em") + f"<p>{words}</p>"

    on_change(draw, columns, rows)
    draw()
    return w.VBox([columns, rows, view])
