"""For maintainers: what a live head does at every lambda, beside networks trained for one.

    python -m colorlab.lambda_curve efficientnet_lite0_live --data ../photos/scenes/test \\
        --fixed 1=runs/a/head.safetensors --fixed 0.9=runs/b/head.safetensors \\
        --output colorlab/runs/efficientnet_lite0_live_seed0/lambda.json

The photos are 224 pixels a side, squashed. Error and chroma are of what is shown, with colours cut
to the sRGB gamut; the losses are Eq. 2 with its own weights, on the network's answer as it is.
"Knob" is the answer at lambda 1, each photo's chroma multiplied so that it is as colourful as the
answer at another lambda: what a control of saturation would do.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor

from colorlab.candidates import Preprocessing
from colorlab.color import LAB
from colorlab.data import open_photos
from colorlab.files import write_whole
from colorlab.losses import RebalancedMSE
from colorlab.memory import keep_freed_memory
from colorlab.models import create_model
from colorlab.models.efficientnet import EfficientNetColorizer
from colorlab.models.fold import fold_batchnorms
from colorlab.models.live import LiveColorizer
from colorlab.rebalance import default_prior

LAMBDAS = tuple(round(1 - 0.05 * step, 2) for step in range(19))
"""From 1 down to 0.1."""

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
    errors: list[list[float]] = []  # a row a photo
    knob: list[list[float]] = []
    chroma: list[list[float]] = []
    grey: list[float] = []
    truth: list[float] = []
    found = {lam: np.zeros(3) for lam in fixed}  # live, fixed, knob
    for photo in photos:
        rgb = photo[None].float() / 255
        luma, true = LAB.split(rgb)
        with torch.inference_mode():
            taps = live.encode(luma)
            answers = {lam: live.decode(taps, luma, lam) for lam in LAMBDAS}
            knobs = {
                lam: answers[1] * _colors(x) / _colors(answers[1]) for lam, x in answers.items()
            }
            shown = [_shown(luma, answer) for answer in answers.values()]
            chroma.append([_colors(x) for x in shown])
            errors.append([float((x - true).square().mean()) for x in shown])
            turned = (_shown(luma, answer) for answer in knobs.values())
            knob.append([float((x - true).square().mean()) for x in turned])
            for lam, network in fixed.items():
                three = (answers[lam], network.decoder(taps, luma), knobs[lam])
                found[lam] += [float(losses[lam](x, true)) for x in three]
        grey.append(float(true.square().mean()))
        truth.append(_colors(true))
    names = ("live", "fixed", "knob")
    return _summary(np.array(errors), np.array(chroma), np.array(grey), np.array(truth)) | {
        "knob_mse": np.mean(knob, axis=0).round(6).tolist(),
        "losses": {
            f"{lam:g}": dict(zip(names, (sums / len(grey)).round(6).tolist(), strict=True))
            for lam, sums in found.items()
        },
    }


def _shown(luma: Tensor, chroma: Tensor) -> Tensor:
    return LAB.split(LAB.merge(luma, chroma))[1]


def _colors(chroma: Tensor) -> float:
    return float(chroma.norm(dim=1).mean())


def _summary(errors: Array, chroma: Array, grey: Array, truth: Array) -> dict[str, Any]:
    """What is kept of errors and chroma (photos, lambdas), grey's errors and true chroma."""
    ranks = np.array([spearmanr(LAMBDAS, row).statistic for row in chroma])
    return {
        "photos": len(grey),
        "lambdas": list(LAMBDAS),
        "mse": errors.mean(0).round(6).tolist(),
        "mse_to_grey": (errors.mean(0) / grey.mean()).round(5).tolist(),
        "chroma_to_truth": (chroma.mean(0) / truth.mean()).round(5).tolist(),
        "rank_below_-0.95": round(float((ranks < -0.95).mean()), 5),
        "rank_quantiles": np.quantile(ranks, [0, 0.01, 0.05, 0.1, 0.5]).round(4).tolist(),
    }


def _network(source: str) -> EfficientNetColorizer:
    """A shipped model, or a head of `efficientnet_lite0`, made fast."""
    if source.endswith(".safetensors"):
        model = create_model("efficientnet_lite0", source)
    else:
        model = create_model(source)
    if not isinstance(model, EfficientNetColorizer):
        raise ValueError(f"{source} is no EfficientNet colorizer")
    return fold_batchnorms(model).to(memory_format=torch.channels_last)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m colorlab.lambda_curve")
    parser.add_argument("live", help="a live model")
    parser.add_argument("--data", type=Path, required=True, help="a folder of photos")
    parser.add_argument("--fixed", action="append", default=[], help="lambda=model or head")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    live = _network(arguments.live)
    if not isinstance(live, LiveColorizer):
        raise ValueError(f"{arguments.live} was trained for one lambda")
    pairs = [text.split("=", 1) for text in arguments.fixed]
    keep_freed_memory()
    square = Preprocessing(arguments.size)
    photos = [square(photo) for photo, _ in open_photos(arguments.data).readable()]
    scores = measure(live, {float(lam): _network(name) for lam, name in pairs}, photos)
    text = json.dumps({"size": arguments.size} | scores, indent=1)
    write_whole(arguments.output, (text + "\n").encode())


if __name__ == "__main__":
    main()
