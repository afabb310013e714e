"""What training minimises: Eq. 1 (plain) and Eq. 2 (colour-rebalanced) of the paper.

A loss is a function of predicted and true chroma, and an entry of `LOSSES`: `@loss(...)` above the
function that builds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from colorlab.color import LAB, ColorSpace
from colorlab.models.live import LOWEST, lambda_at, rarity_logs
from colorlab.prior.bins import chroma_bins
from colorlab.prior.prior import default_prior, equation_3
from colorlab.train.classes import class_loss
from colorlab.train.hue import hue_chroma_loss, lab_histogram_loss

Loss = Callable[..., Tensor]
"""Predicted and true chroma in, a scalar out; one that takes lambda has it as third argument."""

Builder = Callable[[float, ColorSpace], Loss]


@dataclass(frozen=True)
class LossEntry:
    """A loss on the list: `words` describe it on a run's card, "{lam:g}" being its lambda.

    `build` takes lambda and the model's colour space. With `takes_lambda` network and loss are
    given another lambda for every photo. The loss is of networks whose `Colorizer.answers` is `of`.
    """

    words: str
    build: Builder
    takes_lambda: bool = False
    of: str = "chroma"


LOSSES: dict[str, LossEntry] = {}
"""All losses by name."""


def loss(
    name: str, words: str, takes_lambda: bool = False, of: str = "chroma"
) -> Callable[[Builder], Builder]:
    """Put a loss's builder on the list; ValueError where the name is taken."""

    def add(build: Builder) -> Builder:
        if name in LOSSES:
            raise ValueError(f"loss {name!r} is registered already")
        LOSSES[name] = LossEntry(words, build, takes_lambda, of)
        return build

    return add


def build_loss(name: str, lam: float = 0.9, space: ColorSpace = LAB) -> Loss:
    """The named loss; the rebalanced ones weigh by the prior that comes with the package.

    Raises ValueError for an unknown name, and where a rebalanced loss is asked for in another
    colour space than L*a*b*: its weights belong to bins of (a*, b*).
    """
    if name not in LOSSES:
        raise ValueError(f"no loss {name!r}; there are: {', '.join(LOSSES)}")
    return LOSSES[name].build(lam, space)


@loss("mse", "Eq. 1, mean squared chroma error")
def _mse(lam: float, space: ColorSpace) -> Loss:
    return chroma_mse


@loss("rebalanced", "Eq. 2, rebalanced at lambda {lam:g}")
def _rebalanced(lam: float, space: ColorSpace) -> Loss:
    _need_lab("rebalanced", space)
    return RebalancedMSE(torch.from_numpy(default_prior().weights(lam)))


@loss("live", "Eq. 2, rebalanced at another lambda for every photo", takes_lambda=True)
def _any_lambda(lam: float, space: ColorSpace) -> Loss:
    _need_lab("live", space)
    return LiveMSE(default_prior().smoothed())


@loss("classes", "cross-entropy of 313 colours (Zhang et al.), at lambda {lam:g}", of="classes")
def _classes(lam: float, space: ColorSpace) -> Loss:
    _need_lab("classes", space)
    return class_loss(lam)


@loss(
    "hue_chroma", "histograms of hue and chroma at random points (Larsson et al.)", of="hue_chroma"
)
def _hue_chroma(lam: float, space: ColorSpace) -> Loss:
    _need_lab("hue_chroma", space)
    return hue_chroma_loss


@loss(
    "lab_histograms",
    "histograms of a* and b* at random points (Larsson et al.)",
    of="lab_histograms",
)
def _lab_histograms(lam: float, space: ColorSpace) -> Loss:
    _need_lab("lab_histograms", space)
    return lab_histogram_loss


def _need_lab(name: str, space: ColorSpace) -> None:
    if space is not LAB:
        raise ValueError(f"the {name} loss is of L*a*b*, and this model works in {space.name}")


def chroma_mse(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean squared chroma error over both channels and all pixels (Eq. 1).

    Both of shape (B, 2, H, W), in scaled units ((a*, b*)/128 in [-1, 1]). Returns a scalar, the
    mean over the batch. Raises ValueError where the shapes differ (no silent broadcasting).
    """
    return _squared_error(predicted, target).mean()


def _squared_error(predicted: Tensor, target: Tensor) -> Tensor:
    if predicted.shape != target.shape:
        raise ValueError(f"shapes differ: {tuple(predicted.shape)} and {tuple(target.shape)}")
    return (predicted - target).square()


class RebalancedMSE(nn.Module):
    """Squared chroma error weighted by the rarity of the *true* colour (Eq. 2).

    `weights` is the table v(a, b) of Eq. 3, shape (256, 256), a* first, one L*a*b* unit a bin,
    bin 128 being 0 (`colorlab.prior.prior`). The module's input is scaled L*a*b* chroma.
    """

    weights: Tensor

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        if weights.shape != (256, 256):
            raise ValueError(f"the weight table must be (256, 256), got {tuple(weights.shape)}")
        if not (torch.isfinite(weights).all() and (weights >= 0).all()):
            raise ValueError("the weight table has negative or infinite entries")
        self.register_buffer("weights", weights.to(torch.float32))

    def forward(self, predicted: Tensor, target: Tensor) -> Tensor:
        """(B, 2, H, W) twice, (a*, b*)/128, to the weighted mean over both channels and all pixels.

        Raises ValueError where the shapes differ.
        """
        errors = _squared_error(predicted, target)
        a, b = chroma_bins(target).unbind(-3)  # (B, H, W) each
        v = self.weights[a, b].unsqueeze(-3)  # (B, 1, H, W)
        return (v * errors).mean()


class LiveMSE(nn.Module):
    """Eq. 2 with another lambda for every photo, from 0.1 to 1, where it is Eq. 1.

    `p` is the smoothed prior of Eq. 3, shape (256, 256). Its weights are a constant of lambda over
    (1 - lam) p + lam / 2^16. That constant is a smooth function of lambda: it is computed at
    `nodes` of them, and read off between, so that no table is built while training.

    With small lambdas all errors cost more, grey's at 0.1 five times what they cost at 1, and
    would drown the others. So each photo's loss is divided by what grey costs on the prior's
    colours, relative to lambda 1: a constant of lambda too, so the best answer stays the same.
    """

    relative: Tensor
    scales: Tensor
    grey: Tensor

    def __init__(self, p: NDArray[np.float64], nodes: int = 1025) -> None:
        super().__init__()
        if p.shape != (256, 256):
            raise ValueError(f"the prior must be (256, 256), got {p.shape}")
        a, b = (np.indices(p.shape) - 128) / 128
        spent = p * (a**2 + b**2)
        lams = lambda_at(torch.linspace(0, float(rarity_logs(torch.tensor(LOWEST))[1]), nodes))
        scales, grey = [], []
        for lam in lams.double().tolist():
            v = equation_3(p, lam)
            scales.append(v.flat[0] * ((1 - lam) * p.flat[0] * p.size + lam))
            grey.append((spent * v).sum() / spent.sum())
        self.register_buffer("relative", torch.from_numpy(p * p.size).float())
        self.register_buffer("scales", torch.tensor(scales).log().float())
        self.register_buffer("grey", torch.tensor(grey).log().float())

    def weights(self, chroma: Tensor, lam: Tensor) -> Tensor:
        """v of Eq. 3 for true chroma (B, 2, H, W) and lambdas (B,) or (1,), shape (B, 1, H, W)."""
        a, b = chroma_bins(chroma).unbind(-3)
        lam = lam.view(-1, 1, 1, 1)
        mixture = (1 - lam) * self.relative[a, b].unsqueeze(-3) + lam
        return self._between(self.scales, lam) / mixture

    def grey_cost(self, lam: Tensor) -> Tensor:
        """What grey costs (Eq. 2) on the prior's colours at lambdas (...), relative to lambda 1."""
        return self._between(self.grey, lam)

    def _between(self, logs: Tensor, lam: Tensor) -> Tensor:
        """A function of lambda, from its logarithms at the nodes."""
        at = rarity_logs(lam)[..., 1] / rarity_logs(lam.new_tensor(LOWEST))[1] * (len(logs) - 1)
        below = at.floor().clamp(0, len(logs) - 2).long()
        return torch.lerp(logs[below], logs[below + 1], at - below).exp()

    def forward(self, predicted: Tensor, target: Tensor, lam: float | Tensor = 1.0) -> Tensor:
        """(B, 2, H, W) twice, (a*, b*)/128, and one lambda or (B,), to a scalar.

        Raises ValueError where the shapes differ.
        """
        errors = _squared_error(predicted, target)
        lam = torch.as_tensor(lam, dtype=torch.float32, device=target.device).view(-1)
        errors = self.weights(target, lam) * errors
        return (errors.mean(dim=(1, 2, 3)) / self.grey_cost(lam)).mean()


def draw_lambdas(count: int) -> Tensor:
    """Lambdas to train on, (count,), in [0.1, 1], by torch's own random numbers.

    A third are 1, a third lie evenly in lambda, and a third evenly in the logarithm of how much
    the commonest colour weighs: just below 1 the loss changes fast, and lambda hardly.
    """
    even, kind = LOWEST + (1 - LOWEST) * torch.rand(count), torch.rand(count)
    in_weight = lambda_at(rarity_logs(even.new_tensor(LOWEST))[1] * torch.rand(count))
    return torch.where(kind < 1 / 3, 1.0, torch.where(kind < 2 / 3, even, in_weight))
