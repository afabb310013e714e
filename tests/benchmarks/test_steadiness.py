"""How steady a model's colours are: mottling, and what should not move them but does.

    python tests/benchmarks/test_steadiness.py --photos FOLDER --limit 40 --model colorlab

prints a line a measure, over photos taken evenly from the folder, by default the sample photos.
All but the first two blocks is measured on what users get, the 8-bit pictures of `colorize_rgb`.
Differences are distances in (a*, b*).
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from colorlab.color import LAB, lab_to_rgb, lightness, rgb_to_lab
from colorlab.data.photo import Photo
from colorlab.data.sources import open_photos
from colorlab.evaluate.compare import spread
from colorlab.evaluate.metrics.delta_e import delta_e_2000
from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model
from colorlab.inference.predict import predict_chroma, working_luma
from colorlab.machine import keep_freed_memory
from colorlab.models import Colorizer
from colorlab.models.live import LiveColorizer, at_lambda

Picture = NDArray[np.uint8]

REGION = 1 / 4
"""A region's side by the photo's short one: 56 pixels of 224. Neighbours overlap by half."""

UNIFORM = 5.0
"""A region is uniform where its true (a*, b*) deviate by less."""

LAMBDAS = (1.0, 0.7, 0.1)


def lab_of(rgb: Picture) -> Tensor:
    """uint8 (H, W, 3) to L*a*b* (3, H, W)."""
    return rgb_to_lab(torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1).float() / 255)


def colours(rgb: Picture, model: Colorizer) -> Tensor:
    """(a*, b*) of the coloured photo, (2, H, W)."""
    return lab_of(colorize_rgb(np.ascontiguousarray(rgb), model))[1:]


def resized(ab: Tensor, height: int, width: int) -> Tensor:
    return interpolate(ab[None], (height, width), mode="bilinear", antialias=True)[0]


def difference(first: Tensor, second: Tensor) -> float:
    """The mean distance, at the size of the smaller."""
    size = min(first.shape[1:], second.shape[1:])
    return float((resized(first, *size) - resized(second, *size)).norm(dim=0).mean())


def deviations(ab: Tensor) -> Tensor:
    """Standard deviations, both channels together, in a photo's regions: (2, H, W) to (N,)."""
    side = max(4, round(REGION * min(ab.shape[1:])))
    mean, square = (avg_pool2d(x[None], side, side // 2) for x in (ab, ab.square()))
    return (square - mean.square()).clamp(min=0).sum(dim=1).sqrt().flatten()


def saved_as_jpeg(rgb: Picture, quality: int) -> Picture:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def scaled(rgb: Picture, share: float) -> Picture:
    height, width = (max(1, round(side * share)) for side in rgb.shape[:2])
    return np.asarray(Image.fromarray(rgb).resize((width, height), Image.Resampling.BOX))


def mottling(rgb: Picture, model: Colorizer) -> Iterator[tuple[str, list[float]]]:
    """Deviations in the regions whose true colour is uniform."""
    true = deviations(lab_of(rgb)[1:])
    uniform = true < UNIFORM
    yield "deviation of the true colour", true[uniform].tolist()
    for lam in LAMBDAS if isinstance(model, LiveColorizer) else ():
        found = deviations(colours(rgb, at_lambda(model, lam)))[uniform]
        yield f"deviation, lambda {lam:g}", found.tolist()
        yield f"% of regions above 8, lambda {lam:g}", (100.0 * (found > 8)).tolist()


def precision(rgb: Picture, model: Colorizer) -> Iterator[tuple[str, list[float]]]:
    """bfloat16 against float32, where the processor has it: shares of pixels and the largest."""
    pixels = torch.from_numpy(rgb).permute(2, 0, 1)
    luma = working_luma(pixels, model.space)
    for lam in (1.0, 0.1) if isinstance(model, LiveColorizer) else ():
        chosen = at_lambda(model, lam)
        with torch.inference_mode():
            answers = predict_chroma(pixels, chosen).float(), chosen(luma)[0]
        labs = [torch.cat([100 * luma[0], 128 * answer]) for answer in answers]
        apart = delta_e_2000(*labs)
        yield (
            f"% of pixels beyond 1 Delta E, lambda {lam:g}",
            [100 * float((apart > 1).float().mean())],
        )
        yield f"largest Delta E, lambda {lam:g}", [float(apart.max())]


def stability(rgb: Picture, model: Colorizer) -> Iterator[tuple[str, list[float]]]:
    """The same photo otherwise: mean differences in (a*, b*)."""
    height, width = rgb.shape[:2]
    whole = colours(rgb, model)
    for share in (0.5, 0.25):
        yield f"at {share:.0%} of its size", [difference(whole, colours(scaled(rgb, share), model))]
    top, left = round(0.15 * height), round(0.15 * width)
    part = (slice(top, height - top), slice(left, width - left))
    yield "cropped to 70 %", [difference(whole[:, *part], colours(rgb[part], model))]
    yield "flipped", [difference(whole, colours(rgb[:, ::-1], model).flip(2))]
    still = colours(rgb[: height - 16, : width - 16], model)
    for step in (1, 4, 16):
        moved = colours(rgb[step : height - 16 + step, step : width - 16 + step], model)
        yield (
            f"shifted by {step} px",
            [difference(still[:, step:, step:], moved[:, :-step, :-step])],
        )
    jpeg = saved_as_jpeg(grey_photo(Photo(rgb)), 40)
    yield "saved as JPEG 40", [difference(whole, colours(jpeg, model))]


def panorama(rgb: Picture, model: Colorizer) -> Iterator[tuple[str, list[float]]]:
    """A strip 13:1 of the photo and its mirror image in turns: its middle against that alone."""
    height, width = rgb.shape[:2]
    copies = round(13 * height / width) // 2 * 2 + 1
    turns = [rgb if turn % 2 == copies // 2 % 2 else rgb[:, ::-1] for turn in range(copies)]
    start = copies // 2 * width
    middle = colours(np.concatenate(turns, axis=1), model)[:, :, start : start + width]
    yield "the middle of a panorama 13:1", [difference(colours(rgb, model), middle)]


def neutral(rgb: Picture, model: Colorizer) -> Iterator[tuple[str, list[float]]]:
    """Chroma where there is none: in highlights, and on mounts of three kinds."""
    true = lab_of(rgb)
    bright = (true[0] > 90) & (true[1:].norm(dim=0) < 3)
    yield "chroma of neutral highlights", colours(rgb, model).norm(dim=0)[bright].tolist()
    height, width = rgb.shape[:2]
    edge = max(4, min(height, width) // 12)
    noise = np.random.default_rng(0).normal(0, 6, (height + 2 * edge, width + 2 * edge, 1))
    bars = np.zeros((height + 2 * edge, width, 3))
    for name, ground, columns in (
        ("plain white mount", np.full((*noise.shape[:2], 3), 245), edge),
        ("uneven grey mount", np.repeat(noise + 170, 3, axis=2), edge),
        ("black bars above and below", bars, 0),
    ):
        mounted = ground.clip(0, 255).astype(np.uint8)
        inside = (slice(edge, edge + height), slice(columns, columns + width))
        mounted[inside] = rgb
        chroma = colours(mounted, model).norm(dim=0)
        outside = torch.ones_like(chroma, dtype=torch.bool)
        outside[inside] = False
        yield f"chroma of a {name}", [float(chroma[outside].mean())]


def luminance(rgb: Picture, model: Colorizer) -> Iterator[tuple[str, list[float]]]:
    """How far L* moves; beside it, how far rounding the *grey* photo to 8 bits moves it."""
    true = lab_of(rgb)[:1]
    shown = lab_of(colorize_rgb(rgb, model))[0]
    off = (shown - true[0]).abs()
    grey = lab_to_rgb(torch.cat([true, torch.zeros_like(true).expand(2, -1, -1)]))
    rounded = lightness((255 * grey).round() / 255)
    yield "L* moved, mean", [float(off.mean())]
    yield "L* moved, most", [float(off.max())]
    yield "L* moved by rounding grey, most", [float((rounded - true).abs().max())]


BLOCKS = (mottling, precision, stability, panorama, neutral, luminance)


def measure(model: Colorizer, photos: list[Picture]) -> Mapping[str, float]:
    """Each measure's mean over all photos, or regions, or pixels; of "most" and "largest" the top.

    Raises ValueError for a model that is not of L*a*b*.
    """
    if model.space is not LAB:
        raise ValueError("steadiness is measured of models of L*a*b*")
    found: dict[str, list[float]] = {}
    for rgb in photos:
        for block in BLOCKS:
            for name, values in block(rgb, model):
                found.setdefault(name, []).extend(values)
    tops = ("most", "largest")
    return {
        name: max(values) if any(top in name for top in tops) else float(np.mean(values))
        for name, values in found.items()
        if values
    }


def report(model: str, source: str, limit: int | None) -> Mapping[str, float]:
    """Measure and print."""
    keep_freed_memory()
    chosen = spread(open_photos(source), limit)
    photos = [photo.permute(1, 2, 0).contiguous().numpy() for photo, _ in chosen.readable()]
    found = measure(load_model(model), photos)
    print(f"\n{model} on {len(photos)} photos:")
    for name, value in found.items():
        print(f"  {name:45} {value:8.2f}")
    return found


def test_steadiness(benchmark: BenchmarkFixture) -> None:
    found = benchmark.pedantic(report, args=("colorlab", "sample", 3), rounds=1)
    benchmark.extra_info.update(found)
    assert found["L* moved, most"] < 1.5


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="colorlab", help="of `colorlab models`, or a run")
    parser.add_argument("--photos", default="sample", help="a folder, a list, or a set's name")
    parser.add_argument("--limit", type=int, default=None, help="only so many photos")
    asked = parser.parse_args()
    report(asked.model, asked.photos, asked.limit)
