"""For maintainers: what a network's distributions over colours are worth, beyond one answer.

    python -m colorlab.evaluate.distribution zhang_lite0 scenes/test imagenet_samples \\
        --output colorlab/runs/zhang_lite0/distribution.json
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from colorlab.color import LAB
from colorlab.data.sources import open_photos
from colorlab.evaluate.baselines import Candidate
from colorlab.evaluate.compare import compare, spread
from colorlab.evaluate.files import record_sets, recording
from colorlab.evaluate.methods import Preprocessing, colorizer
from colorlab.evaluate.report import Score
from colorlab.inference.colorize import load_model
from colorlab.models.classes import TEMPERATURE, sample
from colorlab.models.zhang import ClassColorizer, Reading, enlarge
from colorlab.prior.prior import shipped_prior
from colorlab.prior.zhang import soft_encode, zhang_prior, zhang_weights
from colorlab.train.chroma_errors import grey_error, squared_error

METRICS = ("mse_to_grey", "chroma_ratio", "auc", "auc_rebalanced")


def bits(logits: Tensor, chroma: Tensor) -> Tensor:
    """-log2 of the share that the nearest class of the true colour was given, (B, h, w).

    Logits (B, 313, h, w); true chroma (B, 2, 4h, 4w) is averaged over squares of 4 x 4 pixels.
    """
    numbers, _ = soft_encode(avg_pool2d(chroma, 4), k=1)
    return -logits.log_softmax(1).gather(1, numbers)[:, 0] / math.log(2)


class Reliability:
    """How often the likeliest class is right, by the share it was given (Guo et al. 2017).

    Right is what the network was taught: a softly encoded colour is in a class by its weight there,
    0.65 at most. Ten ranges of given shares, each 0.1 wide.
    """

    def __init__(self) -> None:
        self.count, self.given, self.found = np.zeros((3, 10))

    def add(self, logits: Tensor, chroma: Tensor) -> None:
        """As in `bits`."""
        numbers, weights = soft_encode(avg_pool2d(chroma, 4))
        given, top = logits.softmax(1).max(dim=1)
        found = (weights * (numbers == top[:, None])).sum(1)
        place = (given * 10).long().clamp(max=9).flatten()
        self.count += torch.bincount(place, minlength=10).numpy()
        self.given += torch.bincount(place, given.flatten().double(), 10).numpy()
        self.found += torch.bincount(place, found.flatten().double(), 10).numpy()

    def error(self) -> float:
        """Expected calibration error: |given - found| of each range, weighted by its pixels."""
        return float(np.abs(self.given - self.found).sum() / self.count.sum())

    def rows(self) -> list[list[float]]:
        """Share of the pixels, mean share given, and share found, of each range that has any."""
        each = zip(self.count / self.count.sum(), self.given, self.found, self.count, strict=True)
        return [[round(s, 4), round(g / n, 4), round(f / n, 4)] for s, g, f, n in each if n]


def diversity(samples: Sequence[Tensor]) -> Tensor:
    """The mean distance of two samples (B, 2, H, W), in L*a*b* units, (B,)."""
    pairs = [(x - y).norm(dim=1).mean(dim=(1, 2)) for x, y in combinations(samples, 2)]
    return 128 * torch.stack(pairs).mean(0)


@torch.inference_mode()
def measure(model: ClassColorizer, photos: Sequence[Tensor], samples: int = 4) -> dict[str, Any]:
    """Bits a pixel, calibration, and what samples are like, over RGB photos (3, S, S) in [0, 1].

    The distributions are those of colours as common as they are: nothing is rebalanced. Squared
    errors are over grey's, of chroma as predicted; "best" is each photo's best of all samples.
    """
    prior = torch.from_numpy(zhang_prior(shipped_prior("photos"))).log().float()
    reliability, sums = Reliability(), torch.zeros(6, dtype=torch.float64)
    for photo in photos:
        luma, chroma = LAB.split(photo[None])
        logits = model.answer(luma).float()
        reliability.add(logits, chroma)
        drawn = [enlarge(sample(logits, seed)) for seed in range(samples)]
        errors = torch.cat([squared_error(one, chroma) for one in drawn])
        known = prior.view(1, -1, 1, 1).expand_as(logits)
        row = (
            *(bits(logits, chroma).mean(), bits(known, chroma).mean(), diversity(drawn).mean()),
            *(errors.mean(), errors.min(), grey_error(chroma).mean()),
        )
        sums += torch.stack(row).double()
    network, alone, apart, mean, best, grey = (sums / len(photos)).tolist()
    return {
        "photos": len(photos),
        "bits": round(network, 4),
        "bits_of_the_prior": round(alone, 4),
        "calibration_error": round(reliability.error(), 4),
        "reliability": reliability.rows(),
        "samples": samples,
        "diversity": round(apart, 3),
        "sample_mse_to_grey": round(mean / grey, 4),
        "best_mse_to_grey": round(best / grey, 4),
    }


def readings(model: ClassColorizer, lam: float = 0.5) -> dict[str, Candidate]:
    """Ways to read one distribution, by name, and the regression networks beside them."""
    weights = torch.from_numpy(zhang_weights(shipped_prior("photos"), lam)).log().float()
    plain = torch.zeros(313)
    ways = {
        "mean": Reading(model, 1.0, plain),
        "annealed": Reading(model, TEMPERATURE, plain),
        "mode": Reading(model, 0.0, plain),
        "as shipped": Reading(model, TEMPERATURE, model.rebalance),
        "rebalanced mean": Reading(model, 1.0, weights),
        "rebalanced, annealed": Reading(model, TEMPERATURE, weights),
        "efficientnet_lite0": load_model("efficientnet_lite0"),
        "colorlab": load_model("colorlab"),
    }
    return {name: colorizer(way.eval()) for name, way in ways.items()}


def _rounded(score: Score) -> list[float]:
    return [round(x, 5) for x in (score.value, score.low, score.high)]


def main() -> None:
    """Read the command line."""
    asked = recording("distribution", limit=300, first="model").parse_args()
    square, model = Preprocessing(asked.size), load_model(asked.model)
    if not isinstance(model, ClassColorizer):
        raise SystemExit(f"{asked.model} has no distribution")

    def of_set(data: str) -> dict[str, Any]:
        chosen = spread(open_photos(data), asked.limit)
        found = measure(model, [square(photo).float() / 255 for photo, _ in chosen.readable()])
        report = compare(readings(model), chosen, square, METRICS)
        found["readings"] = {
            name: {metric: _rounded(score) for metric, score in scores.items()}
            for name, scores in report.scores.items()
        }
        return found

    record_sets(asked, of_set)


if __name__ == "__main__":
    main()
