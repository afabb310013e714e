"""Validation: the loss, and chroma errors that compare between all models."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from lightning.fabric import Fabric
from torch import Tensor, distributed, nn

from colorlab.color import LAB
from colorlab.models import Colorizer
from colorlab.train.chroma_errors import GREY
from colorlab.train.losses import Loss

SHOWN = 4  # sample pictures an epoch

Scores = dict[str, float]
"""Scores by name; NaN for a ratio to photos that have no colour."""


def validate(
    fabric: Fabric,
    model: Colorizer,
    loss: Loss,
    batches: Iterable[Tensor],
    each_batch: Callable[[], None] = lambda: None,
) -> Scores:
    """Scores over all photos of all processes, each photo counted once; batches are uint8 RGB.

    `val_loss` is the training loss; the rest is measured in L*a*b* on what the model shows,
    whatever its own space: `val_mse` is Eq. 1, `val_mse_to_grey` its ratio to that of no colour,
    `val_chroma_to_truth` the mean chroma's ratio to the photos'.
    """
    sums = torch.zeros(5, dtype=torch.float64, device=fabric.device)
    seen, elements = 0, 0
    model.eval()
    with torch.inference_mode():
        for photos in batches:
            rgb = photos.to(fabric.device, non_blocking=True).float() / 255
            luma, chroma = model.space.split(rgb)
            with fabric.autocast():
                answer = model.answer(luma)
            answer = answer.float()
            predicted = model.show(answer)
            _, ours = LAB.split(model.space.merge(luma, predicted))
            _, truth = LAB.split(rgb)
            parts = (
                loss(answer, chroma) * len(photos),
                (ours - truth).square().sum(),
                truth.square().sum(),
                ours.norm(dim=1).sum(),
                truth.norm(dim=1).sum(),
            )
            sums += torch.stack(parts).double()
            seen += len(photos)
            elements += truth.numel()
            each_batch()
    model.train()
    everything = torch.cat([sums, sums.new_tensor([seen, elements])])
    if fabric.world_size > 1:
        distributed.all_reduce(everything)
    total, error, grey, colors, true_colors, count, chroma_values = everything.tolist()
    # Of grey photos both ratios would be rounding errors over rounding errors.
    colored = true_colors / (chroma_values / 2) > GREY / LAB.chroma_scale[0]
    return {
        "val_loss": total / count,
        "val_mse": error / chroma_values,
        "val_mse_to_grey": error / grey if colored else math.nan,
        "val_chroma_to_truth": colors / true_colors if colored else math.nan,
    }


def share_statistics(fabric: Fabric, model: nn.Module) -> None:
    """Give all processes the BatchNorm statistics of the first: those that are saved and scored."""
    if fabric.world_size > 1:
        for buffer in model.buffers():
            distributed.broadcast(buffer, 0)


def sample_picture(fabric: Fabric, model: Colorizer, photos: Tensor) -> Tensor:
    """A row for each photo: as grey, as coloured, as it was; uint8 (B, 3, S, S) to (3, H, W)."""
    model.eval()
    with torch.inference_mode(), fabric.autocast():
        rgb = photos.to(fabric.device).float() / 255
        luma = model.space.luma(rgb)
        chroma = model(luma).float()
        shown = model.space.merge(luma, chroma)
        grey = model.space.merge(luma, torch.zeros_like(chroma))
    model.train()
    rows = torch.cat([grey, shown, rgb], dim=3)  # (B, 3, S, 3 S)
    picture = torch.cat(list(rows), dim=1)
    return (picture * 255).round().to(torch.uint8).cpu()
