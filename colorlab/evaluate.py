"""Measuring a colorizer on a folder of colour photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch.utils.data import DataLoader

from colorlab.data import SquashedPhotos
from colorlab.metrics import ChromaErrors
from colorlab.models import Colorizer
from colorlab.photos import Photos


def evaluate(
    model: Colorizer,
    photos: Photos | Sequence[Path],
    size: int = 224,
    batch: int = 16,
    progress: Callable[[int], None] = lambda photos: None,
) -> ChromaErrors:
    """Errors of `model` on photos squashed to `size`, its output taken through RGB to L*a*b*.

    So models of all colour spaces are compared on what they show, colours cut to the sRGB gamut.
    `progress` is told the number of photos in each finished batch.
    """
    errors = ChromaErrors()
    device = next(model.parameters()).device
    with torch.inference_mode():
        for rgb in DataLoader(SquashedPhotos(photos, size), batch_size=batch):
            truth = rgb.to(device).float() / 255
            luma = model.space.luma(truth)
            errors.add(model.space.merge(luma, model(luma)), truth)
            progress(len(rgb))
    return errors
