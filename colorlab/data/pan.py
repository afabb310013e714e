"""A simulated camera that pans and zooms over a photo: frames whose motion is known exactly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

View = tuple[float, float, float]
"""What a camera sees of a photo: its left and top edge, and its width, in pixels of the photo."""

Flow = NDArray[np.float32]
"""Where each pixel was a frame ago: (2, H, W), rows and columns to add; NaN where out of sight."""


def simulate_pan(
    photo: NDArray[np.uint8], size: tuple[int, int], start: View, end: View, frames: int
) -> Iterator[tuple[NDArray[np.uint8], Flow]]:
    """Frames, uint8 (H, W, 3), of a camera that goes evenly from `start` to `end`, each with flow.

    `size` is (H, W). Between the photo's pixels it is interpolated bicubically; where the view is
    larger than the frame, averaged. The first flow is NaN. Raises ValueError for a view that leaves
    the photo and for less than two frames.
    """
    height, width = size
    if frames < 2:
        raise ValueError(f"a pan has at least two frames, got {frames}")
    for left, top, wide in (start, end):
        high = wide * height / width
        if min(left, top) < 0 or left + wide > photo.shape[1] or top + high > photo.shape[0]:
            raise ValueError(f"the view {(left, top, wide)} leaves the photo")
    picture = Image.fromarray(photo)
    rows, columns = np.mgrid[:height, :width] + 0.5
    before: View | None = None
    for share in np.linspace(0, 1, frames):
        left, top, wide = view = tuple((1 - share) * np.array(start) + share * np.array(end))
        box = (left, top, left + wide, top + wide * height / width)
        frame = np.array(picture.resize((width, height), Image.Resampling.BICUBIC, box))
        yield frame, _flow(rows, columns, view, before or (np.nan,) * 3)
        before = view


def _flow(rows: NDArray[np.float64], columns: NDArray[np.float64], now: View, before: View) -> Flow:
    height, width = rows.shape
    zoom = now[2] / before[2]
    was_x = (now[0] - before[0]) * width / before[2] + columns * zoom
    was_y = (now[1] - before[1]) * width / before[2] + rows * zoom
    inside = (was_x >= 0.5) & (was_x <= width - 0.5) & (was_y >= 0.5) & (was_y <= height - 0.5)
    flow = np.stack([was_y - rows, was_x - columns]).astype(np.float32)
    flow[:, ~inside] = np.nan
    return flow
