"""How `coltran_small` is trained: on photos made small once, and kept in memory.

    python -m colorlab.train.coltran scenes,everyday runs/coltran_small --steps 40000

It is a loop of its own, for the network takes true colours, too, and no photo is read twice. It may
be stopped at any time; the same command goes on. The run's folder is a model's name.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from colorlab.data.batches import EpochSampler, SquashedPhotos
from colorlab.data.photos import Photos
from colorlab.data.sources import source_name, training_photos
from colorlab.machine import keep_freed_memory
from colorlab.models import Colorizer, create_model
from colorlab.models.coltran import AUXILIARY, ColTran
from colorlab.models.fast import autocast
from colorlab.train.checkpoint import save_head
from colorlab.train.hinted import Average
from colorlab.train.machine import git_revision

MARGIN = 4  # pixels more than the network sees, for random crops
PARTS = ("bits", "guess", "color")  # of the loss

logger = logging.getLogger(__name__)


def small_photos(photos: Photos, side: int) -> Tensor:
    """All photos squeezed to squares: uint8 (N, 3, side, side); 36 x 36 takes 4 kB each."""
    squares = SquashedPhotos(photos, side)
    return torch.stack([squares[index] for index in range(len(squares))])


def batches(photos: Tensor, side: int, steps: range, batch: int, seed: int) -> Iterator[Tensor]:
    """uint8 (batch, 3, side, side) for each step: cropped, half of them mirrored.

    Each step's random numbers, torch's global ones, follow from seed and step alone: a run that
    goes on is the run that was never stopped.
    """
    sampler = EpochSampler(len(photos), seed)
    each = len(photos) // batch
    order: list[int] = []
    for step in steps:
        epoch, place = divmod(step, each)
        if not order or place == 0:
            sampler.set_epoch(epoch)
            order = [index for _, index in sampler]
        torch.manual_seed(seed + step)
        y, x = torch.randint(photos.shape[-1] - side + 1, (2,)).tolist()
        chosen = photos[order[place * batch : (place + 1) * batch]]
        chosen = chosen[..., y : y + side, x : x + side]
        yield torch.where(torch.rand(batch, 1, 1, 1) < 0.5, chosen, chosen.flip(-1))


def train_coltran(
    photos: tuple[Tensor, Tensor],
    run: Path,
    steps: int,
    batch: int = 16,
    rate: float = 1e-3,
    seed: int = 0,
    model: str = "coltran_small",
    save_every: int = 250,
) -> None:
    """Train for `steps` steps; with what an earlier call left in `run` it goes on.

    `photos`: uint8 (N, 3, S, S) to train on, S at least the network's side, and (M, 3, side, side)
    to validate on. Adam's rate rises over 200 steps, stays, and falls in the last fifth (published:
    RMSprop at 3e-4, 450,000 steps). Colorizer and upsampler share no weights: their losses are
    added. Leaves `head.safetensors` (averaged weights), `last.pt`, `metrics.csv` and
    `validation.csv` (in bits).
    Raises ValueError where there are fewer photos than a batch, or no such network.
    """
    torch.manual_seed(seed)
    network = create_model(model, weights=None).train()
    if not isinstance(network, ColTran):
        raise ValueError(f"{model} doesn't draw one pixel after another")
    if len(photos[0]) < batch:
        raise ValueError(f"a batch of {batch} needs as many photos, got {len(photos[0])}")
    average = Average(network)
    adam = torch.optim.Adam(network.parameters(), fused=True)
    done = 0
    if (run / "last.pt").exists():
        saved = torch.load(run / "last.pt", weights_only=True)
        network.load_state_dict(saved["model"])
        average.state, average.steps = saved["average"], saved["done"]
        adam.load_state_dict(saved["adam"])
        done = saved["done"]
    side, began = network.colorizer.size.side, time.monotonic()
    for rgb in batches(photos[0], side, range(done, steps), batch, seed):
        for group in adam.param_groups:
            group["lr"] = rate * min(1, (done + 1) / 200, (steps - done) / (0.2 * steps))
        with autocast(rgb.device):
            parts = network.losses(rgb)
        loss = (1 - AUXILIARY) * parts["bits"] + AUXILIARY * parts["guess"] + parts["color"]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        adam.zero_grad()
        average.update()
        done += 1
        seconds = round(time.monotonic() - began)
        if done % 20 == 0:
            _log(run / "metrics.csv", done, parts, seconds)
        if done % save_every == 0 or done == steps:
            state = {"model": network.state_dict(), "average": average.state}
            torch.save(state | {"adam": adam.state_dict(), "done": done}, run / "last.tmp")
            (run / "last.tmp").replace(run / "last.pt")
            save_head(average.state, run / "head.safetensors", {"model": model})
        if done % (4 * save_every) == 0 or done == steps:
            scores = validate(create_model(model, str(run / "head.safetensors")), photos[1])
            _log(run / "validation.csv", done, scores, seconds)
            logger.info(
                "step %d: %s", done, {name: round(float(x), 4) for name, x in scores.items()}
            )


@torch.inference_mode()
def validate(network: Colorizer, photos: Tensor, batch: int = 64) -> dict[str, Tensor]:
    """The parts of the loss, in bits, over photos uint8 (M, 3, side, side), in float32."""
    assert isinstance(network, ColTran)
    sums = dict.fromkeys(PARTS, torch.zeros(()))
    with torch.random.fork_rng(devices=[]):  # the channels that are drawn are always the same
        torch.manual_seed(0)
        for rgb in photos.split(batch):
            parts = network.losses(rgb)
            sums = {name: sums[name] + parts[name] * (len(rgb) / len(photos)) for name in PARTS}
    return sums


def _log(file: Path, step: int, parts: dict[str, Tensor], seconds: int) -> None:
    new = not file.exists()
    with open(file, "a", newline="") as opened:
        writer = csv.writer(opened)
        if new:
            writer.writerow(["step", *PARTS, "seconds"])
        writer.writerow([step, *(round(float(parts[name].detach()), 5) for name in PARTS), seconds])


def _photos(data: str, run: Path, side: int) -> tuple[Tensor, Tensor]:
    """Training photos with a margin, up to 512 to validate on without; kept for the next time."""
    kept = run / "photos.safetensors"
    if not kept.exists():
        train, val = training_photos(data)
        count = min(512, len(val))
        chosen = Photos(val.paths[i * len(val) // count] for i in range(count))
        logger.info("making %d photos small, once", len(train))
        found = {"train": small_photos(train, side + MARGIN), "val": small_photos(chosen, side)}
        save_file(found, run / "photos.tmp")
        (run / "photos.tmp").replace(kept)
    photos = load_file(kept)
    return photos["train"], photos["val"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train coltran_small.")
    parser.add_argument("data", help="as of `colorlab train`")
    parser.add_argument("run", type=Path, help="folder for the run; an old one is gone on with")
    parser.add_argument("--steps", type=int, default=40_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    keep_freed_memory()
    asked.run.mkdir(parents=True, exist_ok=True)
    recipe = {name: getattr(asked, name) for name in ("batch", "rate", "seed")}
    recipe["data"] = source_name(asked.data)
    begun = asked.run / "config.json"
    if begun.exists() and (before := json.loads(begun.read_text())["recipe"]) != recipe:
        parser.error(f"{asked.run} was begun with {before}, not {recipe}")
    photos = _photos(asked.data, asked.run, 32)
    config = {
        "model": "coltran_small",
        "data": {"name": recipe["data"], "train": len(photos[0]), "val": len(photos[1])},
        "recipe": recipe,
        "steps": asked.steps,
        "revision": git_revision(),
    }
    begun.write_text(json.dumps(config, indent=1) + "\n")
    train_coltran(photos, asked.run, asked.steps, asked.batch, asked.rate, asked.seed)


if __name__ == "__main__":
    main()
