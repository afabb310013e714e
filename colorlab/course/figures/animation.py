"""Pictures that follow each other in a notebook's output: they move on a static page, too."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def to_gif(frames: Sequence[NDArray[np.uint8]], seconds: float = 0.2, last: float = 2.0) -> bytes:
    """A GIF that begins again at its end; frames are uint8 (H, W, 3), `last` rests for longer.

    All frames share 64 colours, chosen for the first and the last one, so a frame stores only what
    has changed. The bytes depend on the frames alone.
    """
    both = Image.fromarray(np.concatenate([frames[0], frames[-1]]))
    palette = both.quantize(64, dither=Image.Dither.NONE)
    first, *rest = (
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in frames
    )
    times = [round(1000 * seconds)] * len(rest) + [round(1000 * last)]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=times, loop=0)
    return buffer.getvalue()


def show_frames(frames: Sequence[NDArray[np.uint8]], alt: str) -> None:
    """Display frames, uint8 (H, W, 3), as `to_gif` makes them move; `alt` says what they show."""
    from IPython import display  # the library itself works without IPython

    display.display(display.Image(data=to_gif(frames), format="gif", alt=alt))
