"""Colour by strokes without its widget: one photo, what is told of it, and three ways to spread it.

What the network finds in a photo is computed once; a stroke then costs one regression. The two
methods before networks answer on a small photo first, and again on a larger one; Levin's goes on
from its last answer then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab import DEFAULT_MODEL
from colorlab.classic.guided import guided_upsample
from colorlab.classic.levin import Doubles, Marks, Spreader, colorize_by_strokes
from colorlab.classic.planes import join, lightness_of
from colorlab.classic.yatziv import blend_strokes, colorize_by_blending
from colorlab.color import lab_to_rgb, reduce_to_gamut, rgb_to_lab
from colorlab.course.widgets.parts import Picture
from colorlab.course.widgets.studio_photo import shrink
from colorlab.data.hints import Hint, draw_hints
from colorlab.data.photo import Photo
from colorlab.inference.colorize import grey_photo, load_model
from colorlab.inference.hints import Likeness, describe, krige, place_hints
from colorlab.inference.join import join_luminance, to_pixels
from colorlab.inference.predict import MAX_ASPECT, MAX_PANORAMA, predict_chroma, working_luma
from colorlab.models import Colorizer
from colorlab.models.efficientnet import EfficientNetColorizer
from colorlab.models.fast import autocast
from colorlab.models.live import LOWEST, LiveColorizer
from colorlab.prior.prior import shipped_prior

PREVIEW_PIXELS = 300_000
ROUGH_SIDE = 128
"""The longer side of the photo on which Levin and Yatziv-Sapiro answer first, in pixels."""

MOST_PLACES = 256
"""The network's correction is computed from this many hinted places at most."""

LAMBDAS = (1.0, 0.5, 0.25, LOWEST)
"""From the cautious answer, which is the result, to the vivid one."""

_UNLIKE, _LEAST_CHROMA = 14, 12  # in L*a*b* units

Rgb = tuple[int, int, int]

CLASSIC: dict[str, Callable[..., Picture]] = {
    "levin": colorize_by_strokes,
    "yatziv": colorize_by_blending,
}
SPREADERS = ("network", *CLASSIC)


class StrokesPhoto:
    """A photo to be coloured as it is told: `photo` in full, `small` as uint8 (h, w, 3) of 0.3 MP.

    Hints are in pixels of the full photo. Raises ValueError for a model without trained weights.
    """

    def __init__(self, photo: Photo, name: str, model: str = DEFAULT_MODEL) -> None:
        self.photo, self.name = photo, name
        height, width = photo.rgb.shape[:2]
        scale = min(1.0, (PREVIEW_PIXELS / (height * width)) ** 0.5)
        self.small = shrink(photo.rgb, max(1, round(scale * max(height, width))))
        self._model = load_model(model)
        self._levins: dict[tuple[int, ...], _Levin] = {}  # by the size at which they solve

    def preview(self, hints: Sequence[Hint], spreader: str, rough: bool = False) -> Picture:
        """The photo in its colours, uint8 (h, w, 3), by one of `SPREADERS`.

        `rough` is for the methods before networks: solved at 128 pixels, carried up. Where nothing
        is told they leave the photo grey. Raises ValueError for an unknown spreader.
        """
        _check(spreader)
        if spreader == "network":
            chroma = self._correct(hints)
            return join_luminance(to_pixels(self.small), chroma, self._model.space).numpy()
        solved = shrink(self.small, ROUGH_SIDE) if rough else self.small
        height, width = solved.shape[:2]
        marked, ab = draw_hints(self._scaled(hints, height, width), height, width)
        if not marked.any():
            return grey_photo(Photo(self.small))
        lightness, luma = lightness_of(self.small), lightness_of(solved) / 100
        found: NDArray[np.floating]
        if spreader == "yatziv":
            found = blend_strokes(luma, marked, ab)
        else:
            levin = self._levins.get(luma.shape) or _Levin(luma)
            found = levin(marked, ab)
            self._levins[luma.shape] = levin
        if solved is not self.small:
            found = guided_upsample(found, luma, lightness / 100)
        return join(lightness, found)

    def quick(self, hints: Sequence[Hint], spreader: str) -> bool:
        """Whether a preview that is not rough comes at once: Levin's where only colours changed."""
        levin = self._levins.get(self.small.shape[:2])
        if spreader != "levin" or levin is None:
            return spreader == "network"
        height, width = self.small.shape[:2]
        return levin.knows(draw_hints(self._scaled(hints, height, width), height, width)[0])

    def full(self, hints: Sequence[Hint], spreader: str) -> Photo:
        """The result with all of the photo's pixels, its alpha and EXIF. Raises as `preview`.

        The methods before networks solve a megapixel of it, and raise ValueError for no hints.
        """
        _check(spreader)
        rgb = self.photo.rgb
        if spreader == "network":
            space = self._model.space
            coloured = join_luminance(to_pixels(rgb), self._correct(hints), space).numpy()
        else:
            coloured = CLASSIC[spreader](rgb, *draw_hints(hints, *rgb.shape[:2]))
        return replace(self.photo, rgb=coloured)

    def likely(self, x: float, y: float, most: int = 8) -> list[Rgb]:
        """Colours that the place (x, y) may have, sRGB in 0..255, the likeliest first.

        The network's answers there, from the cautious one to the vivid one, then the commonest
        colour of each hue, each unlike those before it and none of them grey. They have the photo's
        lightness there, kept in 35..85 so that they can be told apart.
        """
        height, width = self.photo.rgb.shape[:2]
        right, down = (min(max(at / side, 0), 1 - 1e-6) for at, side in ((x, width), (y, height)))
        chosen: list[NDArray[np.float64]] = []
        for ab in (*self._answers_at(right, down), *_common_colors()):
            unlike = all(np.linalg.norm(ab - other) >= _UNLIKE for other in chosen)
            if unlike and np.linalg.norm(ab) >= _LEAST_CHROMA and len(chosen) < most:
                chosen.append(ab)
        high, wide = self.small.shape[:2]
        pixel = self.small[int(down * high), int(right * wide)][None, None]
        lightness = float(np.clip(lightness_of(pixel)[0, 0], 35, 85))
        lab = torch.tensor([[lightness, *ab] for ab in chosen], dtype=torch.float32).T[..., None]
        rgb = lab_to_rgb(reduce_to_gamut(lab))[..., 0].T
        return [(r, g, b) for r, g, b in (rgb * 255).round().int().tolist()]

    def _answers_at(self, right: float, down: float) -> list[NDArray[np.float64]]:
        """What the network answers at a place, in shares of the sides, as a* and b*."""
        seen, space = self._seen, self._model.space
        _, _, high, wide = seen.luma.shape
        y, x = int(down * high), int(right * wide)
        luma = seen.luma[0, :, y, x].float()[:, None, None]
        chroma = [answer[:, y, x].float()[:, None, None] for answer in seen.answers]
        return [rgb_to_lab(space.merge(luma, each))[1:, 0, 0].double().numpy() for each in chroma]

    @cached_property
    def _seen(self) -> _Seen:
        return _look(to_pixels(self.photo.rgb), self._model)

    @torch.inference_mode()
    def _correct(self, hints: Sequence[Hint]) -> Tensor:
        """The network's chroma at its working size, corrected as `inference.hints.correct` does."""
        chroma = self._seen.answers[0]
        size = (chroma.shape[1], chroma.shape[2])
        height, width = self.photo.rgb.shape[:2]
        places, told = _thinned(*place_hints(hints, (height, width), size, self._model.space))
        if not len(places):
            return chroma
        missing = told - chroma[:, places[:, 0], places[:, 1]].T
        return chroma + krige(self._seen.described, places, missing, Likeness().noise)

    def _scaled(self, hints: Sequence[Hint], height: int, width: int) -> list[Hint]:
        """Hints in pixels of the photo at another size."""
        down, right = height / self.photo.rgb.shape[0], width / self.photo.rgb.shape[1]
        return [
            replace(
                hint,
                x=(hint.x + 0.5) * right - 0.5,
                y=(hint.y + 0.5) * down - 0.5,
                radius=hint.radius * (down * right) ** 0.5,
            )
            for hint in hints
        ]


class _Levin:
    """Levin's method on one photo, luma (h, w): each answer begins with the one before.

    Where strokes stay and one of them changes its colour, nothing is solved but, once, its reach.
    """

    def __init__(self, luma: NDArray[np.floating]) -> None:
        self.spreader = Spreader(luma)
        self._lock = Lock()  # the widget refines in a thread
        self._last: tuple[Marks, NDArray[np.floating], Doubles] | None = None
        self._reach: tuple[Marks, Doubles] | None = None

    def knows(self, marked: Marks) -> bool:
        """Whether the last answer was for strokes at these places."""
        last = self._last
        return last is not None and bool((last[0] == marked).all())

    def __call__(self, marked: Marks, ab: NDArray[np.floating]) -> Doubles:
        """Chroma (h, w, 2) from that of the marked pixels."""
        with self._lock:
            start = None
            if self._last is not None:
                before, told, start = self._last
                changed = (ab != told).any(axis=-1)
                by = (ab - told)[changed]
                if (before == marked).all() and (by == by[:1]).all():
                    return start + self._reach_of(marked, changed)[..., None] * by[:1].sum(axis=0)
            answer = self.spreader.spread(marked, ab, start)
            self._last, self._reach = (marked, ab, answer), None
            return answer

    def _reach_of(self, marked: Marks, stroke: Marks) -> Doubles:
        if not stroke.any():
            return np.zeros(stroke.shape)
        if self._reach is None or (self._reach[0] != stroke).any():
            self._reach = stroke, self.spreader.reach(marked, stroke)
        return self._reach[1]


@dataclass(frozen=True)
class _Seen:
    """What a network found: luma (1, 1, h, w), chroma (2, h, w) at `LAMBDAS`, what is compared."""

    luma: Tensor
    answers: list[Tensor]
    described: Tensor


@torch.inference_mode()
def _look(pixels: Tensor, model: Colorizer) -> _Seen:
    """Encode a photo (3, H, W) once: its chroma, at several lambdas if the network takes them."""
    luma = working_luma(pixels, model.space, MAX_PANORAMA)
    height, width = pixels.shape[1:]
    whole = max(height, width) <= MAX_ASPECT * min(height, width)
    taps: list[Tensor] = []
    with autocast(luma.device):
        if isinstance(model, EfficientNetColorizer):
            taps = model.encode(luma)
        if isinstance(model, LiveColorizer) and whole:
            answers = [model.decode(taps, luma, lam)[0] for lam in LAMBDAS]
        else:
            answers = [predict_chroma(pixels, model)]
    described = describe(luma, taps, Likeness())
    return _Seen(luma, [answer.float() for answer in answers], described)


def _thinned(places: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
    """At most `MOST_PLACES` places (N, 2), of each colour the last one in a cell of a grid."""
    cell = 1
    kept = list(range(len(places)))
    while len(kept) > MOST_PLACES and cell < 64:
        cell += 1
        rows = zip((places // cell).tolist(), told.tolist(), strict=True)
        kept = list({(*at, *colour): number for number, (at, colour) in enumerate(rows)}.values())
    return places[kept], told[kept]


@cache
def _common_colors() -> list[NDArray[np.float64]]:
    """Mean a* and b* of eight hues in photos, the commonest first; near-greys are left out."""
    counts = shipped_prior("photos").counts.ravel()
    a, b = np.divmod(np.arange(256 * 256), 256) - np.array([[128.0], [128.0]])
    vivid = np.hypot(a, b) >= 25
    hue = ((np.arctan2(b, a) / np.pi + 1) * 4).astype(int)[vivid] % 8
    count, of_a, of_b = (
        np.bincount(hue, weights[vivid], 8) for weights in (counts, counts * a, counts * b)
    )
    return list(np.stack([of_a / count, of_b / count], 1)[np.argsort(-count)])


def _check(spreader: str) -> None:
    if spreader not in SPREADERS:
        raise ValueError(f"no way {spreader!r} to spread; there are: {', '.join(SPREADERS)}")
