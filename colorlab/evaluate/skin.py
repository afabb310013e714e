"""For maintainers: the error of skin and of clothing by how light they are, recorded.

    python -m colorlab.evaluate.skin everyday/test imagenet_samples \\
        --output colorlab/runs/colorlab/skin.json

On squares, of what is shown, as `colorlab evaluate`. Skin is found by the rule of
`evaluate.kinds.skin` in the true colours, on photos of people; every photo counts once, in the
class of its median `typology_angle`. Clothing is the middle of photos of clothes that people wear,
without its skin, by its median L*: there is no better mask. Shadow counts as dark, in both.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.color import LAB, rgb_to_lab
from colorlab.data.files import write_whole
from colorlab.data.photos import Photos
from colorlab.data.sources import open_photos
from colorlab.evaluate.baselines import Candidate, constant
from colorlab.evaluate.files import check_writable
from colorlab.evaluate.intervals import bootstrap_means, interval, left_out_means, plain_means
from colorlab.evaluate.kinds import PEOPLE, hue_errors, skin
from colorlab.evaluate.methods import Preprocessing, find_all
from colorlab.machine import keep_freed_memory
from colorlab.models.live import LIKE_PHOTOS
from colorlab.train.machine import git_revision

WORN = frozenset(
    "abaya academic_gown apron ballplayer bikini bolo_tie bonnet bow_tie bulletproof_vest cardigan "
    "cloak cowboy_hat feather_boa fur_coat gown groom hoopskirt jean jersey kimono lab_coat "
    "maillot military_uniform miniskirt mortarboard neck_brace pajama pickelhaube poncho sarong "
    "sombrero stole suit sunglass sweatshirt swimming_trunks trench_coat vestment Windsor_tie "
    "wig".split()
)
"""ImageNet's classes whose photos show a person in the thing named."""

TONES = {"very light": 55, "light": 41, "intermediate": 28, "tan": 10, "brown": -30, "dark": -90}
"""Classes of `typology_angle` and where each begins, in degrees (Chardon et al. 1991)."""
SHADES = {"light": 65, "middle": 35, "dark": 0}
"""Classes of clothing, and the L* where each begins."""

HUES = 36
"""Bins of the hues that are counted, from 0 to 360 degrees."""

_COLOURED = 4.0  # in a*b*: below, a hue is rounding
_LEAST = 0.01  # of a square's pixels: with less, a photo has none of it


def kovac(rgb: Tensor) -> Tensor:
    """Where another rule sees skin in daylight: RGB (..., 3, H, W) in [0, 1] to bool (..., H, W).

    J. Kovac, P. Peer and F. Solina, "Human Skin Colour Clustering for Face Detection" (EUROCON
    2003). It asks for R > 95 of 255, so what is dark is never skin.

    >>> kovac(torch.tensor([0.85, 0.65, 0.55]).view(3, 1, 1)).item()
    True
    """
    red, green, blue = (255 * rgb).unbind(-3)
    spread = (255 * rgb).amax(-3) - (255 * rgb).amin(-3)
    bright = (red > 95) & (green > 40) & (blue > 20)
    return bright & (spread > 15) & (red - green > 15) & (red > blue)


def typology_angle(lightness: Tensor, b: Tensor) -> Tensor:
    """The individual typology angle, in degrees: arctan((L* - 50) / b*), of any shape.

    A. Chardon, I. Cretois and C. Hourseau, "Skin colour typology and suntanning pathways",
    International Journal of Cosmetic Science 13 (1991). Meant for a colorimeter on skin: in a photo,
    light and exposure are in it. Where b* is not positive it is +-90.

    >>> typology_angle(torch.tensor(65.0), torch.tensor(15.0)).item()
    45.0
    """
    return torch.rad2deg(torch.atan2(lightness - 50, b.clamp(min=0)))


def class_of(value: float, classes: Mapping[str, float]) -> str:
    """The first class that begins at or below a value; the last for what lies below all.

    >>> class_of(30, TONES)
    'intermediate'
    """
    return next((name for name, least in classes.items() if value >= least), [*classes][-1])


@dataclass(frozen=True)
class Part:
    """A photo's skin, or its clothing: where it belongs, and its pixels' means.

    `numbers` are a row for each candidate: squared error and grey's (of a*, b*, summed), chroma
    and the truth's, hue error in degrees (NaN without colour), mean a*, b* and the truth's.
    `hues` are shares of hues, the truth's and then each candidate's, (1 + candidates, `HUES`).
    """

    photo: Path
    group: str
    numbers: NDArray[np.float64]
    hues: NDArray[np.float64]


def skin_of(rgb: Tensor) -> tuple[Tensor, str] | None:
    """A photo's skin (H, W) and its class; None where there is next to none."""
    lightness, a, b = rgb_to_lab(rgb)
    there = skin(rgb) & (torch.hypot(a, b) > _COLOURED)
    if there.float().mean() < _LEAST:
        return None
    return there, class_of(float(typology_angle(lightness, b)[there].median()), TONES)


def clothing_of(rgb: Tensor) -> tuple[Tensor, str] | None:
    """A photo's middle half, each way, without its skin, (H, W), and its class; None for none."""
    there = ~skin(rgb)
    height, width = there.shape
    middle = torch.zeros_like(there)
    middle[height // 4 : -(height // 4), width // 4 : -(width // 4)] = True
    there &= middle
    if there.float().mean() < _LEAST:
        return None
    return there, class_of(float(rgb_to_lab(rgb)[0][there].median()), SHADES)


def shows_people(photo: Path) -> bool:
    """Whether a photo is of a kind of `PEOPLE`, or of a class that is worn."""
    return photo.parent.name in PEOPLE or is_worn(photo)


def is_worn(photo: Path) -> bool:
    """Whether a photo is of clothes on a person, by its folder or its ImageNet class."""
    return photo.parent.name == "street_fashion" or photo.stem.partition("_")[2] in WORN


def measure(
    candidates: Mapping[str, Candidate], photos: Photos, square: Preprocessing
) -> dict[str, list[Part]]:
    """The skin and the clothing of every photo that has some, colours cut to the gamut."""
    found: dict[str, list[Part]] = {"skin": [], "clothing": []}
    for photo, path in photos.readable():
        rgb = square(photo).float() / 255
        parts = {"skin": skin_of(rgb), "clothing": clothing_of(rgb) if is_worn(path) else None}
        if not any(parts.values()):
            continue
        with torch.inference_mode():
            shown = [show(rgb[None], [path])[0] for show in candidates.values()]
        colours = [rgb_to_lab(picture)[1:] for picture in (rgb, *shown)]  # (2, H, W) each
        for name, part in parts.items():
            if part:
                there, group = part
                found[name].append(_part(path, group, [ab[:, there] for ab in colours]))
    return found


def _part(photo: Path, group: str, colours: Sequence[Tensor]) -> Part:
    true, *answers = colours  # (2, N)
    coloured = true.norm(dim=0) > _COLOURED
    rows = []
    for answer in answers:
        errors = hue_errors(answer, true)[coloured & (answer.norm(dim=0) > 0.5)]
        sizes = [(answer - true).square().sum(0), true.square().sum(0)]
        chromas = [answer.norm(dim=0), true.norm(dim=0)]
        means = [*sizes, *chromas, errors, *answer, *true]
        rows.append([float(mean.mean()) for mean in means])
    hues = np.stack([_hues(ab) for ab in colours])
    return Part(photo, group, np.array(rows), hues)


def _hues(ab: Tensor) -> NDArray[np.float64]:
    """Shares of hues, each pixel weighted by its chroma, so that grey has no say."""
    angles = torch.remainder(torch.rad2deg(torch.atan2(ab[1], ab[0])), 360).numpy()
    counts, _ = np.histogram(angles, HUES, (0, 360), weights=ab.norm(dim=0).numpy())
    return np.asarray(counts / max(counts.sum(), 1e-9))


def summary(parts: Sequence[Part], names: Iterable[str]) -> dict[str, Any]:
    """A group's numbers for each candidate, each with its 95 % interval [value, low, high].

    Means over photos, ratios of such means; colours are (a*, b*). Intervals are None with fewer
    than two photos, as is the hue of what has none.
    """
    if not parts:
        return {"photos": 0}
    rows = np.stack([part.numbers for part in parts])  # (photos, candidates, 9)
    found: dict[str, Any] = {"photos": len(parts), "truth": _rounded(rows[:, 0, 7:].mean(0))}
    for number, name in enumerate(names):
        of = rows[:, number]
        means = (plain_means(of), bootstrap_means(of), left_out_means(of))
        ratios = {"mse_to_grey": (0, 1), "chroma_to_truth": (2, 3)}
        values = {key: [m[..., i] / m[..., j] for m in means] for key, (i, j) in ratios.items()}
        values["hue_error"] = [m[..., 4] for m in means]
        numbers = {key: _rounded([v[0], *interval(*v)]) for key, v in values.items()}
        found[name] = numbers | {"colour": _rounded(of[:, 5:7].mean(0))}
    return found


def _rounded(values: Iterable[float]) -> list[float | None]:
    return [round(float(value), 4) if np.isfinite(value) else None for value in values]


def record(found: Mapping[str, Sequence[Part]], names: Sequence[str]) -> dict[str, Any]:
    """Skin and clothing, all and by class, and the hues of skin."""
    result: dict[str, Any] = {"candidates": list(names)}
    for kind, classes in {"skin": TONES, "clothing": SHADES}.items():
        groups = {"all": found[kind]}
        groups |= {name: [part for part in found[kind] if part.group == name] for name in classes}
        result[kind] = {name: summary(parts, names) for name, parts in groups.items()}
    shares = np.mean([part.hues for part in found["skin"]], axis=0)
    result["hues"] = {
        name: _rounded(row) for name, row in zip(["truth", *names], shares, strict=True)
    }
    return result


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m colorlab.evaluate.skin")
    parser.add_argument("data", nargs="+", help="folders of photos")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    check_writable(asked.output)
    keep_freed_memory()
    square = Preprocessing(asked.size)
    paths = [path for data in asked.data for path in open_photos(data).paths if shows_people(path)]
    lams = (1.0, LIKE_PHOTOS)
    candidates = {"grey": constant(0.0, 0.0)}
    candidates |= find_all(["colorlab", "zhang_lite0"], paths, square, lams)
    ends = [Path(data).parts[-2 if Path(data).name == "test" else -1 :] for data in asked.data]
    command = " ".join([parser.prog, *map("/".join, ends), f"--size {asked.size}"])
    head = {"command": command, "revision": git_revision(), "size": asked.size}
    head |= {"photos": len(paths)}
    found = record(measure(candidates, Photos(paths), square), list(candidates))
    write_whole(asked.output, (json.dumps(head | found, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
