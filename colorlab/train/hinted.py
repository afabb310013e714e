"""How the default network, `colorlab`, is trained: lambda, hints, aged photos, averaged weights.

    python -m colorlab.train.hinted scenes,everyday runs/colorlab --steps 5000

It is a loop of its own, because the photo's input and its truth differ, and so do hints and the
steadiness term from anything in `colorlab.train.loop`.
"""

from __future__ import annotations

import argparse
import copy
import csv
import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import avg_pool2d

from colorlab.data.aging import age
from colorlab.data.batches import ColorizationData, EpochSampler
from colorlab.data.files import write_json
from colorlab.data.photos import Photos
from colorlab.data.sources import source_name, training_photos
from colorlab.machine import keep_freed_memory
from colorlab.models import Colorizer, create_model, trainable_state
from colorlab.models.colorlab import HintedColorizer
from colorlab.models.fast import fast
from colorlab.prior.prior import shipped_prior
from colorlab.train.chroma_errors import grey_error, squared_error
from colorlab.train.losses import LiveMSE, draw_lambdas
from colorlab.train.machine import git_revision

logger = logging.getLogger(__name__)

UNIFORM = 5 / 128  # true chroma that varies less around a pixel, in scaled units, is of one colour
_WINDOW = 1 / 8  # of the photo's side: how far "around" goes


def draw_hints(chroma: Tensor, share: float = 0.6, most: int = 64) -> Tensor:
    """Hints from the truth: chroma (B, 2, H, W) to (B, 3, H, W), chroma times mask and mask.

    On `share` of the photos; from 1 to `most`, few being as likely as many; squares of 1 to 13
    pixels, each of its pixels' mean colour.
    """
    hints = torch.zeros(len(chroma), 3, *chroma.shape[2:])
    height, width = chroma.shape[2:]
    for index in torch.nonzero(torch.rand(len(chroma)) < share).flatten().tolist():
        count = round(math.exp(float(torch.rand(())) * math.log(most)))
        for y, x, size in torch.rand(count, 3).tolist():
            _hint(hints[index], chroma[index], int(y * height), int(x * width), int(size * 7))
    return hints


def _hint(hints: Tensor, chroma: Tensor, y: int, x: int, reach: int) -> None:
    """Tell (3, H, W) the mean of chroma (2, H, W) in a square around a pixel."""
    inside = (..., slice(max(0, y - reach), y + reach + 1), slice(max(0, x - reach), x + reach + 1))
    hints[:2][inside] = chroma[inside].mean(dim=(1, 2), keepdim=True)
    hints[2:][inside] = 1.0


def unsteadiness(predicted: Tensor, truth: Tensor) -> Tensor:
    """Predicted chroma's variance beyond the true one, where that is small: mottling, a scalar.

    Both (B, 2, H, W) in scaled units; variances are taken in windows of an eighth of the side.
    """
    window = int(truth.shape[-1] * _WINDOW) // 2 * 2
    uniform = _variance(truth, window) < UNIFORM**2
    excess = (_variance(predicted, window) - _variance(truth, window)).clamp(min=0)
    return (excess * uniform).mean()


def _variance(chroma: Tensor, window: int) -> Tensor:
    """Of both channels together, in windows: (B, 2, H, W) to (B, 1, h, w)."""
    mean = avg_pool2d(chroma, window, window // 2)
    square = avg_pool2d(chroma.square(), window, window // 2)
    return (square - mean.square()).sum(dim=1, keepdim=True)


class Average:
    """Exponentially averaged weights and BatchNorm statistics (Polyak and Juditsky 1992)."""

    def __init__(self, model: Colorizer, decay: float = 0.999) -> None:
        self.model, self.decay, self.steps = model, decay, 0
        self.state = {name: value.clone() for name, value in trainable_state(model).items()}

    @torch.no_grad()
    def update(self) -> None:
        self.steps += 1
        keep = min(self.decay, self.steps / (self.steps + 10))
        for name, value in trainable_state(self.model).items():
            if value.is_floating_point():
                self.state[name].lerp_(value, 1 - keep)
            else:
                self.state[name].copy_(value)


def train_hinted(
    photos: tuple[Photos, Photos],
    run: Path,
    steps: int,
    large_share: float = 0.15,
    sizes: tuple[int, int] = (128, 192),
    batch: int = 32,
    rate: float = 7e-4,
    seed: int = 0,
    start: str = "trained",
    learn: tuple[str, ...] = (),
) -> None:
    """Train `colorlab` for `steps` steps, the last `large_share` of them on larger photos.

    `learn` are the encoder's stages that learn, too, at 0.3 of the rate (`TappedEncoder.learn`).

    Leaves `head.safetensors` (averaged weights), `last.pt` to go on from, and `metrics.csv` in
    `run`; called again with the same arguments it goes on. The rate warms up and falls along half
    a cosine. Raises ValueError where there are fewer photos than a batch.
    """
    if len(photos[0]) < batch:
        raise ValueError(f"a batch of {batch} needs as many photos, got {len(photos[0])}")
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = create_model("colorlab", weights=start)
    assert isinstance(model, HintedColorizer)
    if learn:
        model.encoder.learn(learn)
    plain = copy.deepcopy(model)  # what `validate` fills with the averaged weights
    model = fast(model.train())
    average = Average(model)
    shares = {"encoder.": 0.3, "hints.": 4.0}  # of the rate, by the parameters' names; else 1
    groups: dict[float, list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            share = next((shares[key] for key in shares if name.startswith(key)), 1.0)
            groups.setdefault(share, []).append(parameter)
    adam = torch.optim.Adam(
        [{"params": group, "lr": share * rate} for share, group in groups.items()], fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: _rate_at(step, steps))
    loss = LiveMSE(shipped_prior("photos").smoothed())
    small = round(steps * (1 - large_share))
    done = 0
    if (run / "last.pt").exists():
        saved = torch.load(run / "last.pt", weights_only=True)
        model.load_state_dict(saved["model"], strict=False)  # the encoder is not in it
        average.state, average.steps = saved["average"], saved["average_steps"]
        adam.load_state_dict(saved["adam"])
        schedule.load_state_dict(saved["schedule"])
        done = saved["done"]
        torch.manual_seed(seed + done)
    began = time.monotonic()
    for rgb in _batches(photos, sizes, small, steps, done, batch, seed):
        luma, chroma = model.space.split(rgb.float() / 255)
        with torch.no_grad():
            luma, chroma = age(rgb.float() / 255, luma, chroma)
            hints = draw_hints(chroma)
        lam = draw_lambdas(len(luma))
        with torch.autocast("cpu", torch.bfloat16):
            predicted = model(luma, lam, hints)
        predicted = predicted.float()
        error = loss(predicted, chroma, lam)
        rough = unsteadiness(predicted, chroma)
        (error + rough).backward()
        adam.step()
        schedule.step()
        adam.zero_grad()
        average.update()
        done += 1
        if done % 20 == 0:
            seconds = round(time.monotonic() - began)
            _log(run, [done, error.item(), rough.item(), float(schedule.get_last_lr()[0]), seconds])
        if done % 250 == 0 or done == steps:
            torch.save(
                {
                    "model": trainable_state(model),
                    "average": average.state,
                    "average_steps": average.steps,
                    "adam": adam.state_dict(),
                    "schedule": schedule.state_dict(),
                    "done": done,
                },
                run / "last.tmp",
            )
            (run / "last.tmp").replace(run / "last.pt")
            plain.load_state_dict(average.state, strict=False)
            save_file(trainable_state(plain), run / "head.safetensors")
        if done % 1000 == 0 or done == steps:
            alone, told_ratio = validate(plain.eval(), photos[1])
            logger.info("step %d: %.4f of grey, ten hints %.4f of none", done, alone, told_ratio)


def describe(
    data: str, photos: tuple[Photos, Photos], steps: int, rate: float, seed: int, **more: str
) -> dict[str, Any]:
    """What the card of the default network says of its training."""
    return {
        "licence": "MIT; weights of the encoder begin from EfficientNet-Lite0's (Apache 2.0)",
        "data": {"name": source_name(data), "train": len(photos[0]), "val": len(photos[1])},
        "loss": "Eq. 2 with another lambda in [0.1, 1] for every photo, and the variance where the "
        "true colour is uniform; scores at lambda 1, without hints",
        "recipe": {
            "loss": "live",
            "batch": 32,
            "rate": rate,
            "schedule": "200 steps of warming up, then half a cosine",
            "sizes": "128 px, the last 15 % of the steps 192 px",
            "ema": 0.999,
            "input": "colorlab.data.aging, half of the photos",
            "hints": "colorlab.train.hinted.draw_hints: on 60 % of the photos, 1 to 64",
        }
        | more,
        "steps": steps,
        "seed": seed,
        "revision": git_revision(),
    }


def _rate_at(step: int, steps: int, warm: int = 200) -> float:
    """What share of the highest rate a step takes."""
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _batches(
    photos: tuple[Photos, Photos],
    sizes: tuple[int, int],
    small: int,
    steps: int,
    done: int,
    batch: int,
    seed: int,
) -> Iterator[Tensor]:
    """uint8 RGB (batch, 3, S, S) for the steps from `done` on: small photos, then large ones."""
    each = len(photos[0]) // batch  # steps an epoch
    epoch, step = divmod(done, each)
    taken = done
    while taken < steps:
        size = sizes[taken >= small]
        until = steps if taken >= small else small
        data = ColorizationData(photos, [size], batch=batch, workers=1, seed=seed)
        loader = data.train_dataloader()
        assert isinstance(loader.sampler, EpochSampler)
        loader.sampler.set_epoch(epoch, step * batch)
        for rgb in loader:
            yield rgb
            taken, step = taken + 1, step + 1
            if taken == until or step == each:
                break
        if step == each:
            epoch, step = epoch + 1, 0


@torch.no_grad()
def validate(model: HintedColorizer, photos: Photos, limit: int = 320) -> tuple[float, float]:
    """Squared error over grey's at lambda 1 without hints; with ten hints, over that without.

    At 224 px, on about `limit` of the photos; hints are 5x5 pixels of true mean chroma.
    """
    drawn = torch.Generator().manual_seed(0)
    plain = told = grey = 0.0
    data = ColorizationData((photos, photos), [224], batch=16, workers=0)
    for number, rgb in enumerate(data.val_dataloader()):
        if number % max(1, len(photos) // limit):
            continue
        luma, chroma = model.space.split(rgb.float() / 255)
        hints = torch.zeros(len(luma), 3, *luma.shape[2:])
        places = torch.randint(luma.shape[-1], (len(luma), 10, 2), generator=drawn)
        for index, at in enumerate(places.tolist()):
            for y, x in at:
                _hint(hints[index], chroma[index], y, x, reach=2)
        with torch.autocast("cpu", torch.bfloat16):
            answer, hinted = model(luma), model(luma, 1.0, hints)
        plain += float(squared_error(answer.float(), chroma).sum())
        told += float(squared_error(hinted.float(), chroma).sum())
        grey += float(grey_error(chroma).sum())
    return plain / grey, told / plain


def _log(run: Path, row: list[float]) -> None:
    new = not (run / "metrics.csv").exists()
    with open(run / "metrics.csv", "a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "loss", "unsteadiness", "rate", "seconds"])
        writer.writerow(row)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the default network.")
    parser.add_argument("data", help="as of `colorlab train`")
    parser.add_argument("run", type=Path, help="folder for the run; an old one is gone on with")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--start", default="trained", help="trained, encoder, or a head")
    parser.add_argument("--rate", type=float, default=7e-4)
    parser.add_argument("--learn", default="", help="the encoder's stages: blocks.5,blocks.6")
    parser.add_argument("--seed", type=int, default=0)
    asked = vars(parser.parse_args())
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    keep_freed_memory()
    data, run = asked.pop("data"), asked.pop("run")
    photos = training_photos(data)
    write_json(run / "config.json", describe(data, photos, **asked))
    train_hinted(photos, run, **asked | {"learn": tuple(filter(None, asked["learn"].split(",")))})


if __name__ == "__main__":
    main()
