"""Frames that move on a static page."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageSequence

from colorlab.course.figures.animation import to_gif
from colorlab.data.samples import sample_photos


def test_a_gif_has_every_frame_and_changes_only_what_changes() -> None:
    grey = np.repeat(sample_photos("astronaut")[0].rgb[::4, ::4, 1:2], 3, axis=2)
    frames = [grey.copy() for _ in range(5)]
    for number, frame in enumerate(frames):
        frame[: 25 * number, :, 2] //= 2  # yellow comes down from the top
    data = to_gif(frames, seconds=0.1, last=1.0)
    assert data == to_gif(frames, seconds=0.1, last=1.0)
    with Image.open(io.BytesIO(data)) as gif:
        seen, times = [], []
        for frame in ImageSequence.Iterator(gif):
            seen.append(np.asarray(frame.convert("RGB")).astype(int))
            times.append(frame.info["duration"])
        assert gif.info["loop"] == 0
    assert times == [100] * 4 + [1000]
    assert max(abs(ours - frame).mean() for ours, frame in zip(seen, frames, strict=True)) < 6
    assert len(data) < 0.6 * sum(len(to_gif([frame])) for frame in frames)
