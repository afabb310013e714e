"""Several colourings of one photo, drawn from what a network takes for possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from colorlab.data.photo import read_photo
from colorlab.inference.colorize import load_model
from colorlab.inference.join import join_luminance, to_pixels
from colorlab.inference.predict import working_luma
from colorlab.models import Colorizer
from colorlab.models.classes import sample
from colorlab.models.coltran import ColTran
from colorlab.models.zhang import ClassColorizer, enlarge


def draw_colorings(
    photo: Any, model: str | Colorizer = "coltran_small", count: int = 4, seed: int = 0
) -> list[NDArray[np.uint8]]:
    """`count` colourings of a photo, uint8 (H, W, 3) each, of the seeds from `seed` on.

    `photo` is anything that `read_photo` takes, `model` one that draws pixel after pixel, or one of
    313 classes, whose draws are alike among neighbours (`models.classes.sample`). Raises PhotoError
    for a photo that can't be read, ValueError for a model that has one answer only.
    """
    network = load_model(model) if isinstance(model, str) else model
    pixels = to_pixels(read_photo(photo).rgb)
    luma = working_luma(pixels, network.space)
    seeds = range(seed, seed + count)
    with torch.inference_mode():
        if isinstance(network, ColTran):
            drawn = network.samples(luma, seeds)
        elif isinstance(network, ClassColorizer):
            logits = network.answer(luma)
            drawn = torch.cat([enlarge(sample(logits, one)) for one in seeds])
        else:
            raise ValueError("this model has one answer for a photo; nothing can be drawn from it")
        return [join_luminance(pixels, chroma, network.space).numpy() for chroma in drawn]
