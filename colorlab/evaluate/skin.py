"""For maintainers: the error of skin and of clothing by how light they are, recorded.

    python -m colorlab.evaluate.skin everyday/test imagenet_samples \\
        --output colorlab/runs/colorlab/skin.json

On squares, of what is shown, as `colorlab evaluate`. Skin is in discs marked by hand, one a photo
(`SPOTS`): a rule of colour finds cars and cats where it should find dark skin, which is recorded,
too. A disc belongs to the class of its median `typology_angle`. Clothing is the middle of photos of
clothes, without what a rule takes for skin, by its median L*. Shadow counts as dark, in both.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.color import rgb_to_lab, rgb_to_yuv
from colorlab.data.files import write_json
from colorlab.data.photos import Photos
from colorlab.data.sources import open_photos
from colorlab.evaluate.baselines import Candidate, constant
from colorlab.evaluate.files import check_writable
from colorlab.evaluate.intervals import bootstrap_means, interval, left_out_means, plain_means
from colorlab.evaluate.methods import Preprocessing, find_all
from colorlab.machine import keep_freed_memory
from colorlab.models.live import LIKE_PHOTOS
from colorlab.train.machine import git_revision

_WORN = """
abaya academic_gown apron ballplayer bikini bolo_tie bonnet bow_tie bulletproof_vest cardigan cloak
cowboy_hat feather_boa fur_coat gown groom hoopskirt jean jersey kimono lab_coat maillot
military_uniform miniskirt mortarboard neck_brace pajama pickelhaube poncho sarong sombrero stole
suit sunglass sweatshirt swimming_trunks trench_coat vestment Windsor_tie wig
"""
WORN = frozenset(_WORN.split())
"""ImageNet's classes of clothes, most of them photographed on a person."""

SPOTS = Path(__file__).parents[1] / "runs" / "colorlab" / "skin_spots.csv"
"""Skin marked by hand: photo (its folder and name), x, y, radius, in shares of the square."""

WITHOUT_PEOPLE = ("cars", "cats", "flowers", "fruit", "imagenette_church")
"""The kinds of the everyday photos on which a rule should find no skin, or next to none."""

TONES = {"very light": 55, "light": 41, "intermediate": 28, "tan": 10, "brown": -30, "dark": -90}
"""Classes of `typology_angle` and where each begins, in degrees (Chardon et al. 1991)."""
SHADES = {"light": 65, "middle": 35, "dark": 0}
"""Classes of clothing, and the L* where each begins."""

HUES = 36
"""Bins of the hues that are counted, from 0 to 360 degrees."""

_COLOURED = 4.0  # in a*b*: below, a hue is rounding
_LEAST = 0.01  # of a square's pixels: with less, a photo has none of it


def chai_ngan(rgb: Tensor) -> Tensor:
    """Where a rule of chroma alone sees skin: RGB (..., 3, H, W) in [0, 1] to bool (..., H, W).

    D. Chai and K. N. Ngan, "Face segmentation using skin-color map in videophone applications",
    IEEE Transactions on Circuits and Systems for Video Technology 9(4), 1999: as 8-bit BT.601
    YCbCr, Cb in 77..127 and Cr in 133..173. Wood and sand pass, too.

    >>> chai_ngan(torch.tensor([0.85, 0.65, 0.55]).view(3, 1, 1)).item()
    True
    """
    _, u, v = rgb_to_yuv(rgb).unbind(-3)
    cb, cr = 128 + 224 * u / 0.872, 128 + 224 * v / 1.23  # BT.601's digital range, 16..240
    return (cb >= 77) & (cb <= 127) & (cr >= 133) & (cr <= 173)


def hue_errors(shown: Tensor, true: Tensor) -> Tensor:
    """Angles between two hues in degrees, 0..180: a*, b* (2, N) twice to (N,)."""
    turn = torch.atan2(shown[1], shown[0]) - torch.atan2(true[1], true[0])
    return torch.rad2deg((torch.remainder(turn + torch.pi, 2 * torch.pi) - torch.pi).abs())


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
    International Journal of Cosmetic Science 13 (1991). Meant for a colorimeter on skin: in a
    photo, light and exposure are in it. Where b* is not positive it is +-90.

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
    `accepted` are the shares of the pixels that `RULES` take for skin.
    """

    photo: Path
    group: str
    numbers: NDArray[np.float64]
    hues: NDArray[np.float64]
    accepted: Mapping[str, float]


RULES = {"chai_ngan": chai_ngan, "kovac": kovac}


def read_spots(path: Path = SPOTS) -> dict[str, tuple[float, float, float]]:
    """The marked discs by photo, "folder/name": x, y and radius, as shares of a square's side."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["photo"]: (float(row["x"]), float(row["y"]), float(row["radius"]))
            for row in csv.DictReader(file)
        }


def disc(size: int, x: float, y: float, radius: float) -> Tensor:
    """The pixels of a square within a radius, all in shares of its side: bool (size, size)."""
    places = (torch.arange(size) + 0.5) / size
    return torch.hypot(places - x, places[:, None] - y) <= radius


def tone_of(rgb: Tensor, there: Tensor) -> str:
    """The class in `TONES` of the pixels `there` (H, W) of RGB (3, H, W)."""
    lightness, _, b = rgb_to_lab(rgb)
    return class_of(float(typology_angle(lightness, b)[there].median()), TONES)


def clothing_of(rgb: Tensor) -> tuple[Tensor, str] | None:
    """A photo's middle half, each way, without its skin, (H, W), and its class; None for none."""
    there = ~chai_ngan(rgb)
    height, width = there.shape
    middle = torch.zeros_like(there)
    middle[height // 4 : -(height // 4), width // 4 : -(width // 4)] = True
    there &= middle
    if there.float().mean() < _LEAST:
        return None
    return there, class_of(float(rgb_to_lab(rgb)[0][there].median()), SHADES)


def is_worn(photo: Path) -> bool:
    """Whether a photo is of clothes, by its folder or its ImageNet class."""
    return photo.parent.name == "street_fashion" or photo.stem.partition("_")[2] in WORN


def _key(photo: Path) -> str:
    return "/".join(photo.parts[-2:])


def measure(
    candidates: Mapping[str, Candidate],
    photos: Photos,
    square: Preprocessing,
    spots: Mapping[str, tuple[float, float, float]],
) -> dict[str, list[Part]]:
    """The marked skin and the clothing of photos, colours cut to the gamut."""
    found: dict[str, list[Part]] = {"skin": [], "clothing": []}
    for photo, path in photos.readable():
        rgb = square(photo).float() / 255
        parts: dict[str, tuple[Tensor, str]] = {}
        if _key(path) in spots:
            there = disc(square.size, *spots[_key(path)])
            parts["skin"] = there, tone_of(rgb, there)
        if is_worn(path) and (clothing := clothing_of(rgb)):
            parts["clothing"] = clothing
        if not parts:
            continue
        with torch.inference_mode():
            shown = [show(rgb[None], [path])[0] for show in candidates.values()]
        colours = [rgb_to_lab(picture)[1:] for picture in (rgb, *shown)]  # (2, H, W) each
        for name, (there, group) in parts.items():
            accepted = {key: float(rule(rgb)[there].float().mean()) for key, rule in RULES.items()}
            numbers, hues = _numbers([ab[:, there] for ab in colours])
            found[name].append(Part(path, group, numbers, hues, accepted))
    return found


def mistaken(photos: Photos, square: Preprocessing) -> dict[str, Any]:
    """What `chai_ngan` takes for skin on photos without people.

    The number of photos, of those with a hundredth or more of it, and these by the class in which
    it would put them.
    """
    found: dict[str, Any] = {"photos": 0, "with_skin": 0, "classes": dict.fromkeys(TONES, 0)}
    for photo, _ in photos.readable():
        rgb = square(photo).float() / 255
        there = chai_ngan(rgb)
        found["photos"] += 1
        if there.float().mean() >= _LEAST:
            found["with_skin"] += 1
            found["classes"][tone_of(rgb, there)] += 1
    return found


def _numbers(colours: Sequence[Tensor]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`Part.numbers` and `Part.hues` of a*, b* (2, N): the truth's, and then each candidate's."""
    true, *answers = colours
    coloured = true.norm(dim=0) > _COLOURED
    rows = []
    for answer in answers:
        errors = hue_errors(answer, true)[coloured & (answer.norm(dim=0) > 0.5)]
        sizes = [(answer - true).square().sum(0), true.square().sum(0)]
        chromas = [answer.norm(dim=0), true.norm(dim=0)]
        rows.append([float(x.mean()) for x in (*sizes, *chromas, errors, *answer, *true)])
    return np.array(rows), np.stack([_hues(ab) for ab in colours])


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
    for rule in RULES:
        found[rule] = round(float(np.mean([part.accepted[rule] for part in parts])), 4)
    for number, name in enumerate(names):
        of = rows[:, number]
        means = (plain_means(of), bootstrap_means(of), left_out_means(of))
        ratios = {"mse_to_grey": (0, 1), "chroma_to_truth": (2, 3)}
        values = {key: [m[..., i] / m[..., j] for m in means] for key, (i, j) in ratios.items()}
        values["hue_error"] = [m[..., 4] for m in means]
        numbers = {
            key: _rounded([float(value), *interval(float(value), drawn, left_out)])
            for key, (value, drawn, left_out) in values.items()
        }
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
    hues = zip(["truth", *names], shares, strict=True)
    result["hues"] = {name: _rounded(row) for name, row in hues if name != "grey"}
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
    everything = [path for data in asked.data for path in open_photos(data).paths]
    spots = read_spots()
    paths = [path for path in everything if _key(path) in spots or is_worn(path)]
    if missing := spots.keys() - set(map(_key, paths)):
        raise ValueError(f"{len(missing)} of the marked photos are not there: {min(missing)}, ...")
    candidates = {"grey": constant(0.0, 0.0)}
    candidates |= find_all(["colorlab", "zhang_lite0"], paths, square, (1.0, LIKE_PHOTOS))
    ends = [Path(data).parts[-2 if Path(data).name == "test" else -1 :] for data in asked.data]
    command = " ".join([parser.prog, *map("/".join, ends), f"--size {asked.size}"])
    head = {"command": command, "revision": git_revision(), "size": asked.size}
    found = record(measure(candidates, Photos(paths), square, spots), list(candidates))
    others = [path for path in everything if path.parent.name in WITHOUT_PEOPLE]
    found["mistaken"] = mistaken(Photos(others), square)
    write_json(asked.output, head | found)


if __name__ == "__main__":
    main()
