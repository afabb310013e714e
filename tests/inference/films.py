"""Small films to try things on: a pan over a sample photo, with grain, encoded by PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.data.pan import Flow, simulate_pan
from colorlab.data.samples import sample_photos
from colorlab.inference.old import simulate_grain

RATE = Fraction(24000, 1001)


def pan(name: str = "china", frames: int = 24) -> tuple[list[NDArray[np.uint8]], list[Flow]]:
    """The first frames of a pan of 24, in colour, 96 x 128 pixels, and their flows."""
    (photo,) = sample_photos(name)
    made = simulate_pan(photo.rgb, (96, 128), (0, 0, 300), (200, 90, 270), 24)
    shown, flows = zip(*islice(made, frames), strict=True)
    return list(shown), list(flows)


def grainy(frames: Sequence[NDArray[np.uint8]], sigma: float = 8) -> list[NDArray[np.uint8]]:
    """The frames in grey, each with grain of its own."""
    return [simulate_grain(frame, sigma, seed) for seed, frame in enumerate(frames)]


def write_film(
    path: Path,
    frames: Sequence[NDArray[np.uint8]],
    codec: str = "libx264",
    pixels: str = "yuv420p",
    sound: str = "",
    turned: int = 0,
    times: Sequence[int] | None = None,
    aspect: Fraction = Fraction(1),
    **metadata: str,
) -> Path:
    """A film of 24000/1001 frames a second, `times` in those; `sound` is a codec, of a tone."""
    import av

    with av.open(path, "w", options={"movflags": "faststart"}) as film:
        film.metadata.update(metadata)
        options = {"crf": "10"} if codec == "libx264" else {}
        video: Any = film.add_stream(codec, rate=RATE, options=options)
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt, video.codec_context.sample_aspect_ratio = pixels, aspect
        if turned:
            video.set_display_rotation(turned)
        tone: Any = film.add_stream(sound, rate=16000, layout="mono") if sound else None
        for at, rgb in zip(times or range(len(frames)), frames, strict=True):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts, frame.time_base = at, 1 / RATE
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        if sound:
            wave = (8000 * np.sin(np.arange(16000) * 0.17)).astype(np.int16)[None]
            heard = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = 16000, 0, Fraction(1, 16000)
            film.mux(tone.encode(heard))
            film.mux(tone.encode(None))
    return path
