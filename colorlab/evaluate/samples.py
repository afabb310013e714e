"""For maintainers: what several colourings of a photo are worth, by how they were drawn.

    python -m colorlab.evaluate.samples coltran_small scenes/test imagenet_samples \\
        --output colorlab/runs/coltran_small/samples.json
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from colorlab.color import LAB
from colorlab.data.sources import open_photos
from colorlab.evaluate.compare import spread
from colorlab.evaluate.distribution import diversity
from colorlab.evaluate.files import record_sets, recording
from colorlab.evaluate.methods import Preprocessing
from colorlab.inference.colorize import load_model
from colorlab.machine import keep_freed_memory
from colorlab.models.classes import sample
from colorlab.models.coltran import ColTran, bits, to_bins, to_grey
from colorlab.models.zhang import ClassColorizer, enlarge
from colorlab.train.chroma_errors import grey_error, mean_chroma, squared_error

Draw = Callable[[Tensor, int], Tensor]
"""Luma (B, 1, S, S), and how many of each, to chroma (count, B, 2, S, S)."""


def after_another(model: ColTran) -> Draw:
    """One pixel after another."""

    def draw(luma: Tensor, count: int) -> Tensor:
        seeds = [seed for seed in range(count) for _ in luma]
        return model.samples(luma.repeat(count, 1, 1, 1), seeds).unflatten(0, (count, -1))

    return draw


def at_once(model: ClassColorizer, reach: float) -> Draw:
    """All pixels at once, by noise that is alike within `reach`; at 0 each is alone."""

    def draw(luma: Tensor, count: int) -> Tensor:
        logits = model.answer(luma).float()
        return torch.stack([enlarge(sample(logits, seed, reach)) for seed in range(count)])

    return draw


def unrest(chroma: Tensor, side: int = 32) -> Tensor:
    """How far pixels of a picture of `side` pixels are from the next in their row, (B,).

    Chroma (B, 2, H, W) is averaged over the pixels; mean distances, in L*a*b* units.
    """
    small = adaptive_avg_pool2d(chroma, side)
    return 128 * (small[..., 1:] - small[..., :-1]).norm(dim=1).mean(dim=(1, 2))


@torch.inference_mode()
def measure_samples(
    ways: Mapping[str, Draw], photos: Sequence[Tensor], count: int = 4, batch: int = 8
) -> dict[str, dict[str, Any]]:
    """What samples of RGB photos (3, S, S) in [0, 1] are like, by the way that they were drawn.

    "diversity" in L*a*b* units; "chroma_ratio" and "unrest" over the photos' own; "best" is the
    squared error, over grey's, of each photo's best of the first 1, 2, ... `count`, and "mse" of
    all.
    """
    truth = torch.zeros(3, dtype=torch.float64)
    sums = {name: torch.zeros(4 + count, dtype=torch.float64) for name in ways}
    for start in range(0, len(photos), batch):
        luma, chroma = LAB.split(torch.stack(list(photos[start : start + batch])))
        own = grey_error(chroma), mean_chroma(chroma), unrest(chroma)
        truth += torch.stack([each.sum() for each in own]).double()
        for name, draw in ways.items():
            drawn = draw(luma, count)
            errors = torch.stack([squared_error(one, chroma) for one in drawn])
            each = [torch.stack([of(one) for one in drawn]) for of in (mean_chroma, unrest)]
            row = diversity(list(drawn)), *(x.mean(0) for x in (errors, *each))
            found = torch.stack([*row, *errors.cummin(dim=0).values])
            sums[name] += found.double().sum(1)
    grey, vivid, restless = truth.tolist()
    return {
        name: {
            "diversity": round(total[0] / len(photos), 3),
            "mse": round(total[1] / grey, 4),
            "chroma_ratio": round(total[2] / vivid, 4),
            "unrest": round(total[3] / restless, 4),
            "best": [round(x / grey, 4) for x in total[4:]],
        }
        for name, total in ((name, found.tolist()) for name, found in sums.items())
    }


@torch.inference_mode()
def bits_a_pixel(model: ColTran, photos: Sequence[Tensor]) -> dict[str, Any]:
    """What true coarse colours cost, uint8 (3, side, side): by row, together, and by grey alone.

    "guess" is the encoder's own, which is told no colour. An even guess costs 9.
    """
    found = []
    for rgb in torch.stack(list(photos)).split(32):
        grey, bins = to_grey(LAB.luma(rgb.float() / 255)), to_bins(rgb)
        logits, guess = model.colorizer(grey, bins)
        rows = [bits(logits[:, y], bins[:, y]) for y in range(bins.shape[1])]
        found.append(torch.stack([*rows, bits(guess, bins)]) * len(rgb))
    *costs, alone = (torch.stack(found).sum(0) / len(photos)).tolist()
    return {
        "bits": round(sum(costs) / len(costs), 4),
        "guess": round(alone, 4),
        "rows": [round(cost, 3) for cost in costs],
    }


def main() -> None:
    """Read the command line."""
    asked = recording("samples", limit=100, first="model").parse_args()
    keep_freed_memory()
    model, other = load_model(asked.model), load_model("zhang_lite0")
    if not isinstance(model, ColTran):
        raise SystemExit(f"{asked.model} does not draw one pixel after another")
    assert isinstance(other, ClassColorizer)
    ways = {asked.model: after_another(model)}
    ways |= {"zhang_lite0": at_once(other, 4), "zhang_lite0, each pixel alone": at_once(other, 0)}
    square, small = Preprocessing(asked.size), Preprocessing(model.colorizer.size.side)

    def of_set(data: str) -> dict[str, Any]:
        chosen = [photo for photo, _ in spread(open_photos(data), asked.limit).readable()]
        found = measure_samples(ways, [square(photo).float() / 255 for photo in chosen])
        told = bits_a_pixel(model, [small(photo) for photo in chosen])
        return {"photos": len(chosen), **told, "ways": found}

    record_sets(asked, of_set)


if __name__ == "__main__":
    main()
