"""Training a colorizer against an adversary: Nazeri, Ng and Ebrahimi 2018, at small sizes too.

    python -m colorlab.train.adversarial scenes,everyday runs/gan --steps 20000
    python -m colorlab.train.adversarial scenes,everyday runs/l1 --steps 20000 --adversary 0

Both begin with the same weights and see the same photos: what differs is the adversary's doing.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss

from colorlab.data.batches import ColorizationData, EpochSampler, SquashedPhotos
from colorlab.data.files import whole_file, write_json, write_whole
from colorlab.data.photos import Photos
from colorlab.data.sources import open_photos, source_name, training_photos
from colorlab.machine import keep_freed_memory
from colorlab.models import STRIDE, create_model, trainable_state
from colorlab.models.fast import autocast
from colorlab.models.nazeri import PatchDiscriminator, Unet, discriminator_of
from colorlab.train.chroma_errors import grey_error, mean_chroma, squared_error
from colorlab.train.machine import git_revision

logger = logging.getLogger(__name__)

L1 = 100.0  # the weight of L1 beside the adversary's 1, as published
REAL = 0.9  # what a photo's logits are told to be: one-sided label smoothing


@dataclass(frozen=True)
class Recipe:
    """How a generator is trained; the defaults are the published ones but for size and model.

    `adversary` is the weight of the discriminator's opinion, beside 100 of L1; at 0 there is no
    discriminator, and what is left is regression. `rate` is the generator's, the discriminator's
    is a tenth of it (at equal rates it is soon too sure for the generator to learn from it); both
    fall tenfold in 500,000 steps. `every`: steps between snapshots. Raises
    ValueError for a size that is no multiple of 32, and numbers that make no sense.
    """

    model: str = "nazeri_small"
    adversary: float = 1.0
    size: int = 64
    batch: int = 16
    rate: float = 3e-4
    seed: int = 0
    every: int = 500

    def __post_init__(self) -> None:
        if self.size < 1 or self.size % STRIDE:
            raise ValueError(f"the size must be a multiple of {STRIDE}, got {self.size}")
        if self.adversary < 0 or min(self.batch, self.every, self.rate) <= 0:
            raise ValueError(f"batch, every and rate must be above 0, adversary not below: {self}")


def discriminator_loss(of_photo: Tensor, of_answer: Tensor) -> Tensor:
    """Binary cross-entropy of logits: photos are to get 0.9, answers 0; a scalar."""
    real = binary_cross_entropy_with_logits(of_photo, torch.full_like(of_photo, REAL))
    return real + binary_cross_entropy_with_logits(of_answer, torch.zeros_like(of_answer))


def generator_loss(
    answer: Tensor, truth: Tensor, of_answer: Tensor | None = None, adversary: float = 1.0
) -> Tensor:
    """100 L1 + `adversary` times the cross-entropy of the logits of the answer towards 1.

    That form (Goodfellow et al. 2014, section 3) has a gradient where the discriminator is sure,
    unlike the discriminator's own loss with its sign turned. Without logits it is 100 L1 alone.
    """
    loss = L1 * l1_loss(answer, truth)
    if of_answer is None:
        return loss
    fooled = binary_cross_entropy_with_logits(of_answer, torch.ones_like(of_answer))
    return loss + adversary * fooled


class Match:
    """A generator, its discriminator (None without an adversary), and their optimizers."""

    def __init__(self, recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed)
        model = create_model(recipe.model, weights=None)
        if not isinstance(model, Unet):
            raise ValueError(f"{recipe.model} is no generator of models.nazeri")
        self.recipe = recipe
        self.model = model.train().to(memory_format=torch.channels_last)
        self.judge: PatchDiscriminator | None = None
        self.adams = [_adam(model)]
        if recipe.adversary:
            judge = discriminator_of(model).train()
            self.judge = judge.to(memory_format=torch.channels_last)
            self.adams.append(_adam(judge))
        self.done = 0

    def step(self, luma: Tensor, chroma: Tensor) -> dict[str, float]:
        """One step of the discriminator and two of the generator, as published; their losses."""
        rate = max(1e-6, self.recipe.rate * 0.1 ** (self.done / 500_000))
        for adam, share in zip(self.adams, (1, 0.1), strict=False):
            adam.param_groups[0]["lr"] = share * rate
        truth = self.model.truth(luma, chroma)
        losses = {"discriminator": 0.0}
        for turn in range(2):
            with autocast(luma.device):
                answer = self.model.answer(luma)
            answer, judged = answer.float(), None
            if self.judge:
                if turn == 0:  # the generator's first step takes the same answer
                    both = (self._judged(luma, x) for x in (truth, answer.detach()))
                    losses["discriminator"] = self._learn(discriminator_loss(*both), 1)
                self.judge.requires_grad_(False)
                judged = self._judged(luma, answer)
                self.judge.requires_grad_(True)
            loss = generator_loss(answer, truth, judged, self.recipe.adversary)
            losses |= {"l1": L1 * l1_loss(answer, truth).item(), "generator": self._learn(loss, 0)}
        self.done += 1
        return losses | {"rate": rate}

    def _judged(self, luma: Tensor, colours: Tensor) -> Tensor:
        assert self.judge is not None
        with autocast(luma.device):
            return self.judge(luma, colours).float()

    def _learn(self, loss: Tensor, which: int) -> float:
        self.adams[which].zero_grad()
        loss.backward()
        self.adams[which].step()
        return loss.item()

    def state(self) -> dict[str, Any]:
        """All that is needed to go on, tensors and plain values."""
        judge = self.judge.state_dict() if self.judge else {}
        return {
            "model": self.model.state_dict(),
            "judge": judge,
            "adams": [adam.state_dict() for adam in self.adams],
            "random": torch.get_rng_state(),
            "done": self.done,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a `state`."""
        self.model.load_state_dict(state["model"])
        if self.judge:
            self.judge.load_state_dict(state["judge"])
        for adam, saved in zip(self.adams, state["adams"], strict=True):
            adam.load_state_dict(saved)
        torch.set_rng_state(state["random"])
        self.done = state["done"]


def _adam(model: nn.Module) -> torch.optim.Adam:
    """Without momentum, as published; the rate is set before every step."""
    return torch.optim.Adam(model.parameters(), betas=(0.0, 0.999), fused=True)


def train_adversarial(
    photos: tuple[Photos, Photos],
    run: Path,
    steps: int,
    recipe: Recipe = Recipe(),
    shown: Photos | None = None,
    facts: dict[str, Any] | None = None,
) -> Match:
    """Train until `steps` steps are done; a stopped run goes on where its last snapshot was.

    Leaves in `run` `config.json`, `metrics.csv`, `head.safetensors`, `last.pt` to go on from, and
    for each snapshot `snapshots/STEP.safetensors`, a head in float16, and
    `answers/STEP.safetensors`, float16 (P, 2, S, S): the chroma of the photos `shown`, which are
    squashed to the size that is trained at.

    Raises ValueError where there are fewer photos than a batch, for a model that is no generator,
    and where `run` is of another recipe.
    """
    if len(photos[0]) < recipe.batch:
        raise ValueError(f"a batch of {recipe.batch} needs as many photos, got {len(photos[0])}")
    match = Match(recipe)
    if (run / "last.pt").exists():
        before = json.loads((run / "config.json").read_text())["recipe"]
        if before != asdict(recipe):
            raise ValueError(f"{run} is of another recipe: {before}")
        match.load(torch.load(run / "last.pt", weights_only=True))
    config = {"model": recipe.model, "recipe": asdict(recipe), "steps": steps}
    config |= {"photos": [len(part) for part in photos], "revision": git_revision()}
    write_json(run / "config.json", config | (facts or {}))
    log, began = _Log(run / "metrics.csv", match.done), time.monotonic()
    data = ColorizationData(
        photos, [recipe.size], recipe.batch, val_size=recipe.size, seed=recipe.seed
    )
    fixed = SquashedPhotos(shown, recipe.size) if shown else None
    for rgb in itertools.islice(_batches(data, match.done), max(0, steps - match.done)):
        losses = match.step(*match.model.space.split(rgb.float() / 255))
        if match.done % 20 == 0 or match.done == steps:
            log.add({"step": match.done, **losses, "seconds": round(time.monotonic() - began)})
        if match.done % recipe.every == 0 or match.done == steps:
            scores = validate(match.model, data)
            log.add({"step": match.done, **scores})
            logger.info("step %d: %s", match.done, scores)
            _snapshot(match, run, fixed)
    return match


def _batches(data: ColorizationData, done: int) -> Iterator[Tensor]:
    """uint8 RGB (B, 3, S, S), epoch after epoch, from batch `done` on."""
    loader = data.train_dataloader()
    assert isinstance(loader.sampler, EpochSampler)
    epoch, step = divmod(done, len(loader))
    while True:
        loader.sampler.set_epoch(epoch, step * data.batch)
        yield from loader
        epoch, step = epoch + 1, 0


@torch.inference_mode()
def validate(model: Unet, data: ColorizationData, batches: int = 20) -> dict[str, float]:
    """Squared error over grey's, mean chroma over the truth's, on evenly spread photos."""
    sums = torch.zeros(4, dtype=torch.float64)
    photos = SquashedPhotos(data.val_photos, data.val_size)
    chosen = range(0, len(photos), max(1, len(photos) // (batches * data.batch)))
    model.eval()
    for some in torch.tensor(chosen).split(data.batch):
        rgb = torch.stack([photos[index] for index in some.tolist()])
        luma, chroma = model.space.split(rgb.float() / 255)
        with autocast(luma.device):
            ours = model(luma).float()
        parts = squared_error(ours, chroma), grey_error(chroma), *map(mean_chroma, (ours, chroma))
        sums += torch.stack([part.double().sum() for part in parts])
    model.train()
    error, grey, colour, true_colour = sums.tolist()
    return {"val_mse_to_grey": error / grey, "val_chroma_to_truth": colour / true_colour}


def _snapshot(match: Match, run: Path, shown: SquashedPhotos | None) -> None:
    """The head and, as numbers, what it makes of the photos shown; last what to go on from."""
    head = trainable_state(match.model)
    half = {key: x.half() if x.is_floating_point() else x for key, x in head.items()}
    name = f"{match.done:06d}.safetensors"
    write_whole(run / "head.safetensors", save(head))
    write_whole(run / "snapshots" / name, save(half))
    if shown:
        match.model.eval()
        with torch.inference_mode():
            rgb = torch.stack([shown[index] for index in range(len(shown))])
            chroma = match.model(match.model.space.luma(rgb.float() / 255))
        match.model.train()
        names = ",".join(path.name for path in shown.photos.paths)
        file = save({"chroma": chroma.half().contiguous()}, {"photos": names})
        write_whole(run / "answers" / name, file)
    with whole_file(run / "last.pt") as part:
        torch.save(match.state(), part)


class _Log:
    """A CSV file; what a stopped run wrote after step `done`, its last snapshot, is dropped."""

    columns = ("step", "discriminator", "generator", "l1", "rate", "seconds",
               "val_mse_to_grey", "val_chroma_to_truth")  # fmt: skip

    def __init__(self, path: Path, done: int) -> None:
        self.path = path
        rows: list[dict[str, str]] = []
        if done:
            with path.open(newline="") as file:
                rows = [row for row in csv.DictReader(file) if int(row["step"]) <= done]
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, self.columns)
            writer.writeheader()
            writer.writerows(rows)

    def add(self, row: dict[str, float]) -> None:
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, self.columns).writerow(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", help="as of `colorlab train`")
    parser.add_argument("run", type=Path, help="folder for the run; an old one is gone on with")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--shown", help="photos whose answers are kept, as of `colorlab train`")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    asked = vars(parser.parse_args())
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    keep_freed_memory()
    facts = {"data": source_name(asked["data"])}
    try:
        recipe = Recipe(**{name: asked[name] for name in asdict(Recipe())})
        photos = training_photos(asked["data"])
        shown = open_photos(asked["shown"]) if asked["shown"] else None
        train_adversarial(photos, asked["run"], asked["steps"], recipe, shown, facts)
    except (ValueError, OSError) as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
