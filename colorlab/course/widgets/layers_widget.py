"""Two looks into the paper's network: a photo layer by layer, and the channels of its taps.

All of it runs in the page, with or without a kernel; the pictures are made when the cell runs.
"""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from colorlab.color import LAB
from colorlab.course.figures.layers import activations, walk
from colorlab.course.figures.receptive import extent
from colorlab.course.lessons import to_picture, to_tensor
from colorlab.course.widgets.parts import fill, live
from colorlab.data.formats import data_uri
from colorlab.data.samples import sample_photos
from colorlab.models import create_model
from colorlab.models.efficientnet import EfficientNetColorizer

SIZE = 224  # pixels of the square that the network sees
REACH = 56  # cells a side of the map of what a place depends on
KEPT = {"tap 2": 24, "tap 4": 24, "tap 8": 48, "tap 16": 64, "tap 32": 96}
"""Channels of each tap that can be browsed: those that vary most over the photo."""
FINEST = 56  # cells a side of a channel's map, at most

PARTS = {"luma": "photo", "tap": "frozen encoder", "block": "trained decoder", "a*": "answer"}
PARTS |= {"b*": "answer", "joined": "photo"}
WORDS = {
    "luma": "The grey photo: all that the network is given, one number a pixel.",
    "tap 2": "Edges and fine texture: each place knows a few pixels around it.",
    "tap 4": "Corners and coarser texture, on a quarter of the grid.",
    "tap 8": "Parts of things and of surfaces; the first places that see further than a detail.",
    "tap 16": "What things are begins to show, and their outlines blur.",
    "tap 32": "What there is, hardly where: the classifier would now average and name it.",
    "block32": "The decoder begins: 1280 channels become as many as the next finer tap has.",
    "block16": "Doubled in size, the tap of stride 16 added, and mixed by a 3×3 convolution.",
    "block8": "The same with the tap of stride 8: outlines come back.",
    "block4": "And with that of stride 4. From here on the layers are slim.",
    "block2": "The finest tap joins, and with it fine edges.",
    "block1": "The luma itself joins, and the photo's own grid is reached.",
    "a*": "One of the two answers, from green to red, at one lightness.",
    "b*": "The other, from blue to yellow. Both are smooth: detail is the luma's business.",
    "joined": "The luma that was there all along, with a* and b*.",
}


def layer_walk(photo: str = "china", at: tuple[float, float] = (0.32, 0.5)) -> str:
    """The photo at each layer of `efficientnet_lite0`, by a slider, as HTML with its own script.

    Beside each layer is what one place, `at` in shares of the sides, depends on. About 250 kB;
    needs no kernel. Raises ValueError for an unknown photo and for a place outside it.
    """
    if not all(0 <= share < 1 for share in at):
        raise ValueError(f"a place must be in [0, 1), got {at}")
    network, luma, credit = _opened(photo)
    stops = []
    for stop in walk(network, luma, at):
        channels, high, wide = stop.shape
        kind = stop.name.split(" ")[0].rstrip("0123456789")
        reach = adaptive_avg_pool2d(torch.from_numpy(stop.gradient)[None], REACH)[0]
        whole = stop.field is None or stop.field >= SIZE
        fields = "all of the photo" if whole else f"{stop.field} × {stop.field} pixels"
        half = extent(stop.gradient, 0.5)
        stops.append(
            {
                "name": stop.name,
                "part": PARTS[kind],
                "picture": _picture_uri(to_picture(stop.picture.movedim(-1, 0))),
                "shape": f"{channels} × {high} × {wide}",
                "side": high,
                "field": fields,
                "half": f"{half} × {half} pixels",
                "parameters": f"{stop.parameters:,}",
                "reach": _eight_bits(reach.sqrt() / reach.max().sqrt()),
                "words": WORDS[stop.name],
            }
        )
    return fill(
        "layer_walk.html",
        last=len(stops) - 1,
        photo=_grey_uri(luma),
        credit=escape(credit),
        script=live(
            "layerWalk", {"stops": stops, "cells": REACH, "at": at}, "heat.js", "layer_walk.js"
        ),
    )


def feature_browser(photo: str = "china", at: tuple[float, float] = (0.32, 0.5)) -> str:
    """Channels of the frozen encoder's taps, sorted by how they answer to a place of a photo.

    HTML with its own script, about 200 kB; needs no kernel. `at` is the first place, in shares of
    the sides. Raises ValueError for an unknown photo and for a place outside it.
    """
    if not all(0 <= share < 1 for share in at):
        raise ValueError(f"a place must be in [0, 1), got {at}")
    network, luma, credit = _opened(photo)
    with torch.inference_mode():
        layers = activations(network, luma)
    taps = []
    for name, kept in KEPT.items():
        features = layers[name]
        features = adaptive_avg_pool2d(features, min(FINEST, features.shape[-1]))[0]
        busiest = features.flatten(1).std(dim=1).topk(kept).indices.sort().values
        chosen = features[busiest]
        low, high = (chosen.flatten(1).aminmax(dim=1)[k][:, None, None] for k in (0, 1))
        taps.append(
            {
                "stride": int(name.split(" ")[1]),
                "side": chosen.shape[-1],
                "all": features.shape[0],
                "numbers": busiest.tolist(),
                "sprite": _sprite_uri((chosen - low) / (high - low)),
            }
        )
    return fill(
        "feature_browser.html",
        photo=_grey_uri(luma),
        alt=escape(f"The sample photo {photo} in grey"),
        credit=escape(credit),
        script=live(
            "featureBrowser",
            {"taps": taps, "at": at},
            *("lab.js", "plane.js", "heat.js", "feature_browser.js"),
        ),
    )


def _opened(photo: str) -> tuple[EfficientNetColorizer, Tensor, str]:
    """The trained network, the luma of the photo's middle square (1, 1, 224, 224), its credit."""
    sample = sample_photos(photo)[0]
    high, wide = sample.rgb.shape[:2]
    side = min(high, wide)
    top, left = (high - side) // 2, (wide - side) // 2
    luma = LAB.luma(to_tensor(sample.rgb[top : top + side, left : left + side]))
    luma = interpolate(luma, (SIZE, SIZE), mode="bilinear", antialias=True)
    network = create_model("efficientnet_lite0")
    assert isinstance(network, EfficientNetColorizer)
    return network, luma, f"The photo: {sample.name}, {sample.credit}, {sample.licence}"


def _grey_uri(luma: Tensor) -> str:
    return _picture_uri(
        to_picture(LAB.merge(luma, torch.zeros_like(luma).expand(-1, 2, -1, -1))[0])
    )


def _picture_uri(picture: NDArray[np.uint8]) -> str:
    """Small ones keep each cell as it is."""
    small = len(picture) < FINEST
    return data_uri(picture, "PNG") if small else data_uri(picture, "JPEG", 85)


def _eight_bits(shares: Tensor) -> str:
    """Shares in [0, 1] in 255 steps, row by row, in base64."""
    return base64.b64encode((255 * shares).round().byte().numpy().tobytes()).decode()


def _sprite_uri(shares: Tensor) -> str:
    """Maps in [0, 1], (C, h, w), one below the other, as a grey PNG."""
    buffer = io.BytesIO()
    pixels: Any = (255 * shares.flatten(0, 1)).round().byte().numpy()
    Image.fromarray(pixels).save(buffer, "png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
