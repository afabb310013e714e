"""Small experiments for a chapter: overfitting a few photos, and real runs from a notebook.

Whether a network can overfit a handful of photos is checked before any long training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from colorlab.color import ColorSpace
from colorlab.data.batches import squash
from colorlab.data.samples import sample_photos
from colorlab.models import Colorizer
from colorlab.train import PRESETS, train
from colorlab.train.losses import chroma_mse
from colorlab.train.records import Run, read_run

Loss = Callable[[Tensor, Tensor], Tensor]


def to_tensor(picture: NDArray[np.uint8]) -> Tensor:
    """A photo, uint8 (H, W, 3), as a batch of one: float (1, 3, H, W) in [0, 1].

    >>> to_tensor(np.full((2, 4, 3), 255, np.uint8)).shape
    torch.Size([1, 3, 2, 4])
    """
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 255


def to_picture(rgb: Tensor) -> NDArray[np.uint8]:
    """RGB (3, H, W) in [0, 1] as a photo, uint8 (H, W, 3)."""
    return to_pictures(rgb[None])[0]


def to_pictures(batch: Tensor) -> list[NDArray[np.uint8]]:
    """RGB (B, 3, H, W) in [0, 1] as a list of photos, uint8 (H, W, 3)."""
    return list((batch * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy())


def sample_batch(size: int = 96, *names: str) -> Tensor:
    """The named sample photos (all without a name), squashed: RGB (B, 3, size, size) in [0, 1]."""
    photos = [torch.from_numpy(photo.rgb).permute(2, 0, 1) for photo in sample_photos(*names)]
    return torch.stack([squash(photo, size) for photo in photos]).float() / 255


def grey_loss(photos: Tensor, space: ColorSpace, loss: Loss = chroma_mse) -> float:
    """What answering grey everywhere costs on RGB photos (B, 3, H, W) in [0, 1]."""
    _, chroma = space.split(photos)
    return float(loss(torch.zeros_like(chroma), chroma))


def overfit(
    model: Colorizer,
    photos: Tensor,
    steps: int,
    loss: Loss = chroma_mse,
    rate: float = 1e-3,
    seen: Callable[[int, Colorizer], None] | None = None,
) -> list[float]:
    """Fit the trainable part of `model` to RGB photos (B, 3, H, W) in [0, 1], all in every step.

    Adam with the paper's betas. Nothing here is random: a model made after the same
    `torch.manual_seed` learns the same. Returns the loss before each step, in the units of the
    model's own space, and leaves the model in eval mode, ready to colour these photos. `seen` is
    told how many steps are done, after each; the model that it is given is to be left as it is.
    """
    luma, chroma = model.space.split(photos)
    model.train().to(memory_format=torch.channels_last)
    learning = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.Adam(learning, lr=rate, betas=(0.9, 0.999))
    losses = []
    for step in range(steps):
        adam.zero_grad()
        value = loss(model(luma), chroma)
        value.backward()
        adam.step()
        losses.append(value.item())
        if seen:
            seen(step + 1, model)
    _settle_batchnorms(model, luma)
    model.eval()
    return losses


def _settle_batchnorms(model: Colorizer, luma: Tensor) -> None:
    """Measure BatchNorm's statistics anew: its running averages lag behind so few steps."""
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d) and m.training]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average, here of one batch
    with torch.no_grad():
        model(luma)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def colorize_batch(model: Colorizer, photos: Tensor) -> Tensor:
    """Chroma of RGB photos (B, 3, H, W) in [0, 1] as `model` sees it; RGB of the same shape."""
    with torch.inference_mode():
        luma = model.space.luma(photos)
        return model.space.merge(luma, model(luma))


def train_for_real(
    model: str,
    data: str,
    epochs: int,
    loss: Literal["mse", "rebalanced"] = "mse",
    lam: float = 0.9,
    folder: Path = Path("runs"),
) -> Run:
    """Train the named model on photos by the preset `scenes`, for `epochs` epochs of 128 pixels.

    The run goes to the first free folder of `folder`/MODEL_LOSS_NUMBER; returns its record.
    """
    recipe = replace(PRESETS["scenes"], epochs=epochs, final_epochs=0, loss=loss, lam=lam)
    number = 1
    while (run := folder / f"{model}_{loss}_{number}").exists():
        number += 1
    train(model, data, run, recipe)
    return read_run(run)
