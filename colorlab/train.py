"""Training: one readable recipe for every colorizer, on Lightning."""

from __future__ import annotations

import ctypes
import json
import subprocess
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from safetensors.torch import save_file
from torch import Tensor

from colorlab.color import LAB
from colorlab.data import PAPER_AUGMENTATION, Augmentation, ColorizationData
from colorlab.files import write_whole
from colorlab.losses import RebalancedMSE, chroma_mse
from colorlab.models import Colorizer, create_model, trainable_state
from colorlab.rebalance import default_prior

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Recipe:
    """What a network learns from, how long, on what size and how fast.

    `loss` is Eq. 1 ("mse") or Eq. 2 ("rebalanced", with the weights of `lam`).

    Most epochs are spent on small pictures, the last on larger ones: cheaper, and the network ends
    at the scale it is used at. Adam's learning rate falls along half a cosine to zero.
    """

    loss: Literal["mse", "rebalanced"] = "mse"
    lam: float = 0.9
    epochs: int = 12
    size: int = 128
    final_epochs: int = 1
    final_size: int = 160
    batch: int = 32
    rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    augment: Augmentation = Augmentation()
    seed: int = 0

    @property
    def sizes(self) -> list[int]:
        """The training size of every epoch."""
        return [self.size] * self.epochs + [self.final_size] * self.final_epochs


PRESETS = {
    "quick": Recipe(epochs=1, size=64, final_epochs=0),
    "scenes": Recipe(epochs=4, size=128, final_epochs=1, final_size=160),
    "paper": Recipe(epochs=10, size=224, final_epochs=0, augment=PAPER_AUGMENTATION),
}
"""Recipes by name: a first look; this course's own runs; the paper's."""


def build_loss(recipe: Recipe) -> Loss:
    """The recipe's loss; the rebalanced one weighs by the prior that comes with the package."""
    if recipe.loss == "mse":
        return chroma_mse
    return RebalancedMSE(torch.from_numpy(default_prior().weights(recipe.lam)))


class Colorization(lightning.LightningModule):
    """A colorizer, its loss, and what is logged of it; batches are uint8 RGB (B, 3, H, W)."""

    def __init__(
        self, model: Colorizer, rate: float, betas: tuple[float, float], loss: Loss = chroma_mse
    ) -> None:
        super().__init__()
        self.model, self.loss, self.rate, self.betas = model, loss, rate, betas
        self._sums = torch.zeros(4, dtype=torch.float64)

    def _split(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        photos = photos.to(memory_format=torch.channels_last)
        return self.model.space.split(photos.float() / 255)

    def training_step(self, photos: Tensor, batch_idx: int) -> Tensor:
        luma, chroma = self._split(photos)
        loss = self.loss(self.model(luma).float(), chroma)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, photos: Tensor, batch_idx: int) -> None:
        luma, chroma = self._split(photos)
        predicted = self.model(luma).float()
        self.log("val_loss", self.loss(predicted, chroma), batch_size=len(photos))
        # Through RGB to L*a*b*, whatever the model's space: so all are measured alike.
        _, ours = LAB.split(self.model.space.merge(luma, predicted))
        _, truth = LAB.split(photos.float() / 255)
        sums = (
            (ours - truth).square().sum(),
            truth.square().sum(),
            ours.norm(dim=1).sum(),
            truth.norm(dim=1).sum(),
        )
        self._sums += torch.stack(sums).double().cpu()
        self._elements = getattr(self, "_elements", 0) + truth.numel()

    def on_validation_epoch_end(self) -> None:
        error, grey, chroma, true_chroma = self._sums.tolist()
        self.log("val_mse", error / self._elements)
        self.log("val_mse_to_grey", error / grey, prog_bar=True)
        self.log("val_chroma_to_truth", chroma / true_chroma, prog_bar=True)
        self._sums.zero_()
        self._elements = 0

    def configure_optimizers(self) -> Any:
        learning = [p for p in self.model.parameters() if p.requires_grad]
        adam = torch.optim.Adam(learning, lr=self.rate, betas=self.betas, fused=True)
        steps = int(self.trainer.estimated_stepping_batches)
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, T_max=steps)
        return {"optimizer": adam, "lr_scheduler": {"scheduler": cosine, "interval": "step"}}


def fast_precision() -> Literal["bf16-mixed", "32-true"]:
    """ "bf16-mixed" where the processor or GPU multiplies bf16 natively, else "32-true"."""
    if torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported() else "32-true"
    return "bf16-mixed" if torch.cpu._is_avx512_bf16_supported() else "32-true"


def keep_freed_memory() -> None:
    """Have glibc keep freed memory for the next step instead of giving it back to the system.

    A training step frees and takes gigabytes; fresh pages cost more than the arithmetic on them
    (1.7 times the photos a second on two cores). Elsewhere than on Linux with glibc: nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    m_trim_threshold, m_top_pad, m_mmap_max = -1, -2, -4  # malloc.h
    mallopt(m_mmap_max, 0)
    mallopt(m_trim_threshold, 2**31 - 1)
    mallopt(m_top_pad, 2**28)


def git_revision() -> str:
    """The commit the code was at, with "+" where it was changed since; "unknown" without git."""
    try:
        here = Path(__file__).parent
        ask = ["git", "-C", str(here), "describe", "--always", "--dirty=+", "--abbrev=12"]
        return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def train(
    name: str,
    data: str | Path,
    run: str | Path,
    recipe: Recipe,
    workers: int = 1,
    start: str = "encoder",
) -> Colorizer:
    """Train the named model on the folder `data` (`train` and `val` inside); returns it.

    `start` is what `create_model` takes as weights: "encoder" for a fresh decoder, or the head of
    an earlier run to go on from it, with a new schedule.
    Leaves in the folder `run`: `config.json`, `metrics.csv`, `checkpoints/`, and the trained part
    of the network in `head.safetensors`. Raises FileExistsError where there is such a folder.
    """
    keep_freed_memory()
    lightning.seed_everything(recipe.seed, workers=True, verbose=False)
    run = Path(run)
    run.mkdir(parents=True, exist_ok=False)
    logger = CSVLogger(run, name="", version="")
    _ = logger.experiment  # made first: it calls a folder with anything in it an old run
    config: dict[str, Any] = {"model": name, "recipe": asdict(recipe), "revision": git_revision()}
    config["start"] = Path(start).parent.name if start.endswith(".safetensors") else start
    config |= {"torch": torch.__version__, "threads": torch.get_num_threads()}
    _write_json(run / "config.json", config)

    model = create_model(name, weights=start).to(memory_format=torch.channels_last)
    photos = ColorizationData(
        data, recipe.sizes, recipe.batch, recipe.augment, workers=workers, seed=recipe.seed
    )
    checkpoints = ModelCheckpoint(
        run / "checkpoints", monitor="val_loss", filename="best", save_last=True
    )
    trainer = lightning.Trainer(
        max_epochs=len(recipe.sizes),
        precision=fast_precision(),
        logger=logger,
        callbacks=[checkpoints],
        log_every_n_steps=20,
        num_sanity_val_steps=0,
        enable_model_summary=False,
        default_root_dir=run,
    )
    started = time.monotonic()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*in eval mode")  # the encoder is meant to be
        warnings.filterwarnings("ignore", message=".*does not have many workers")  # one is enough
        warnings.filterwarnings("ignore", message=".*smaller than the logging interval")
        learner = Colorization(model, recipe.rate, recipe.betas, build_loss(recipe))
        trainer.fit(learner, datamodule=photos)
    config["seconds"] = round(time.monotonic() - started)
    _write_json(run / "config.json", config)
    save_file(trainable_state(model), run / "head.safetensors")
    return model


def _write_json(path: Path, content: dict[str, Any]) -> None:
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode())
