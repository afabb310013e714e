"""For maintainers: what a live head does at every lambda, beside networks trained for one.

    python -m colorlab.evaluate.lambda_curve efficientnet_lite0_live --data ../photos/scenes/test \\
        --fixed 1=runs/a/head.safetensors --fixed 0.9=runs/b/head.safetensors \\
        --output colorlab/runs/efficientnet_lite0_live/lambda.json

The photos are 224 pixels a side, squashed. All is measured on the network's answer as it is, before
colours are cut to the sRGB gamut, in bfloat16 where that pays; the losses are Eq. 2 with its own
weights. "Knob" is the answer at lambda 1, each photo's chroma multiplied so that it is as colourful
as the answer at another lambda: what a control of saturation would do.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor

from colorlab.color import LAB
from colorlab.data.files import write_json
from colorlab.data.sources import open_photos
from colorlab.evaluate.files import check_writable
from colorlab.evaluate.methods import Preprocessing
from colorlab.machine import keep_freed_memory
from colorlab.models import create_model
from colorlab.models.efficientnet import EfficientNetColorizer
from colorlab.models.fast import autocast, fast
from colorlab.models.live import LiveColorizer, lambda_for, vividness
from colorlab.prior.prior import default_prior
from colorlab.train.chroma_errors import grey_error, mean_chroma, squared_error
from colorlab.train.losses import RebalancedMSE

LAMBDAS = tuple(round(1 - 0.05 * step, 2) for step in range(19))
"""From 1 down to 0.1."""

_BATCH = 4  # larger ones leave the processor's cache

Array = NDArray[np.float64]


def measure(
    live: LiveColorizer, fixed: Mapping[float, EfficientNetColorizer], photos: Sequence[Tensor]
) -> dict[str, Any]:
    """Scores of the live network at `LAMBDAS`, and its losses beside those of `fixed`.

    `photos` are squares, uint8 (3, S, S), S a multiple of 32; `fixed` are networks on the same
    frozen encoder by the lambda that each was trained for. All must be in eval mode.
    """
    prior = default_prior()
    losses = {lam: RebalancedMSE(torch.from_numpy(prior.weights(lam))) for lam in fixed}
    # Loss, squared error and chroma, summed over photos.
    sums = {lam: {name: np.zeros(3) for name in ("live", "fixed", "knob")} for lam in fixed}
    rows: list[Tensor] = []  # of each photo: errors and chroma at all lambdas, the knob's errors
    truths: list[Tensor] = []  # its error in grey, its chroma
    for start in range(0, len(photos), _BATCH):
        luma, true = LAB.split(torch.stack(list(photos[start : start + _BATCH])).float() / 255)
        with torch.inference_mode(), autocast(luma.device):
            taps = live.encode(luma)
            answers = {lam: live.decode(taps, luma, lam).float() for lam in LAMBDAS}
            others = {lam: network.decoder(taps, luma).float() for lam, network in fixed.items()}
        chroma = torch.stack([mean_chroma(x) for x in answers.values()])  # (lambdas, B)
        growth = (chroma / chroma[0])[..., None, None, None]
        knobs = {lam: answers[1] * factor for lam, factor in zip(LAMBDAS, growth, strict=True)}
        errors, knob = (
            torch.stack([squared_error(x, true) for x in each.values()])
            for each in (answers, knobs)
        )
        rows.append(torch.stack([errors, chroma, knob]))
        truths.append(torch.stack([grey_error(true), mean_chroma(true)]))
        for lam, loss in losses.items():
            shown = {"live": answers[lam], "fixed": others[lam], "knob": knobs[lam]}
            for name, answer in shown.items():
                error, color = squared_error(answer, true).mean(), mean_chroma(answer).mean()
                means = [float(loss(answer, true)), float(error), float(color)]
                sums[lam][name] += len(true) * np.array(means)
    (errors, chroma, knob), (grey, truth) = torch.cat(rows, 2).numpy(), torch.cat(truths, 1).numpy()
    ranks = np.array([spearmanr(LAMBDAS, column).statistic for column in chroma.T])
    names, units = ("loss", "mse_to_grey", "chroma_to_truth"), [1, grey.mean(), truth.mean()]
    return {
        "photos": len(grey),
        "lambdas": list(LAMBDAS),
        "mse": _rounded(errors.mean(1)),
        "mse_to_grey": _rounded(errors.mean(1) / grey.mean()),
        "chroma_to_truth": _rounded(chroma.mean(1) / truth.mean()),
        "like_photos": like_photos(chroma.mean(1) / truth.mean()),
        "knob_mse_to_grey": _rounded(knob.mean(1) / grey.mean()),
        "rank_below_-0.95": round(float((ranks < -0.95).mean()), 5),
        "rank_quantiles": _rounded(np.quantile(ranks, [0, 0.01, 0.05, 0.1, 0.5])),
        "at": {
            f"{lam:g}": {
                name: dict(zip(names, _rounded(found / len(grey) / units), strict=True))
                for name, found in three.items()
            }
            for lam, three in sums.items()
        },
    }


def like_photos(chroma_to_truth: Array) -> float:
    """The lambda at which chroma is the truth's, of chroma at `LAMBDAS`; 1 or 0.1 if it is never.

    Read off between two lambdas along `vividness`, where chroma grows evenly.
    """
    return lambda_for(float(np.interp(1, chroma_to_truth, [vividness(lam) for lam in LAMBDAS])))


def _rounded(values: Array) -> list[float]:
    return [round(float(value), 6) for value in values]


def _network(source: str) -> EfficientNetColorizer:
    """A shipped model, or a head of `efficientnet_lite0`, made fast."""
    is_head = source.endswith(".safetensors")
    model = create_model("efficientnet_lite0", source) if is_head else create_model(source)
    if not isinstance(model, EfficientNetColorizer):
        raise ValueError(f"{source} is no EfficientNet colorizer")
    return fast(model)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m colorlab.evaluate.lambda_curve")
    parser.add_argument("live", help="a live model")
    parser.add_argument("--data", type=Path, required=True, help="a folder of photos")
    parser.add_argument("--fixed", action="append", default=[], help="lambda=model or head")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    live = _network(arguments.live)
    if not isinstance(live, LiveColorizer):
        raise ValueError(f"{arguments.live} was trained for one lambda")
    check_writable(arguments.output)
    pairs = [text.split("=", 1) for text in arguments.fixed]
    keep_freed_memory()
    square = Preprocessing(arguments.size)
    photos = [square(photo) for photo, _ in open_photos(arguments.data).readable()]
    scores = measure(live, {float(lam): _network(name) for lam, name in pairs}, photos)
    write_json(arguments.output, {"size": arguments.size} | scores)


if __name__ == "__main__":
    main()
