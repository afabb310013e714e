"""One network for every lambda: the Lite0 colorizer with lambda as a second input.

Lambda enters by feature-wise scale and shift of the decoder's blocks (Perez et al. 2018, "FiLM:
Visual Reasoning with a General Conditioning Layer", arXiv:1709.07871). That one network can so
learn a whole family of losses is shown by Dosovitskiy and Djolonga 2020, "You Only Train Once:
Loss-Conditional Training of Deep Networks" (ICLR).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from colorlab.models.base import Colorizer, check_luma
from colorlab.models.efficientnet import EfficientNetColorizer
from colorlab.models.registry import register

LOWEST = 0.1
"""Lambdas go from here to 1: below, a handful of pixels would carry the whole loss."""


def rarity_logs(lam: Tensor) -> Tensor:
    """Where lambdas (...) stand between the plain and the rebalanced loss: (..., 2), in [0, 1].

    The logarithms of what Eq. 3 divides by for a colour never seen, lam, and for the commonest,
    seen about 200 times as often as under a uniform distribution; 0 and 0 at lambda 1, where both
    weigh the same. The second moves fast just below 1, where the weights do, and lambda does not.
    """
    never = lam.log() / math.log(LOWEST)
    commonest = (lam + 200 * (1 - lam)).log() / math.log(200)
    return torch.stack([never, commonest], dim=-1)


def lambda_at(commonest: Tensor) -> Tensor:
    """The lambda whose second `rarity_logs` is `commonest`, any shape."""
    return (200 - 200**commonest) / 199


LIKE_PHOTOS = 0.938
"""At this lambda the default network's mean chroma is the photos' own, on validation photos."""


def vividness(lam: float) -> float:
    """Where a slider has this lambda: 0 for 1 (cautious) to 1 for 0.1 (vivid).

    Along it the default network's mean chroma grows evenly: at nine lambdas, on 176 validation
    photos, its ratio to the truth lies within 0.03 of the straight line from end to end. A mix of
    `rarity_logs`, chosen to fit.
    """
    commonest = math.log(lam + 200 * (1 - lam)) / math.log(LOWEST + 200 * (1 - LOWEST))
    return 0.75 * commonest + 0.25 * math.log(lam) / math.log(LOWEST)


def lambda_for(place: float) -> float:
    """The lambda, to four digits, whose `vividness` is `place`, in [0, 1]."""
    low, high = LOWEST, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if vividness(middle) > place else (low, middle)
    return round((low + high) / 2, 4)


class LambdaFilm(nn.Module):
    """From lambda to a scale and a shift for each of the decoder's channels.

    Its last layer begins at zero, where no feature is changed: filled with the head of
    `efficientnet_lite0`, the network is that one, at every lambda, until it learns.
    """

    def __init__(self, widths: tuple[int, ...], hidden: int = 16) -> None:
        super().__init__()
        self.widths = widths
        self.embed = nn.Sequential(nn.Linear(2, hidden), nn.SiLU(), nn.Linear(hidden, hidden))
        self.act = nn.SiLU()
        self.to_film = nn.Linear(hidden, 2 * sum(widths))
        nn.init.zeros_(self.to_film.weight)
        nn.init.zeros_(self.to_film.bias)

    def forward(self, lam: Tensor) -> tuple[Tensor, ...]:
        """Lambdas (B,) or (1,) to scales and shifts for each width, (2, B, width)."""
        with torch.autocast(lam.device.type, enabled=False):  # bfloat16 has two digits
            film = self.to_film(self.act(self.embed(rarity_logs(lam))))
        scales, shifts = film.chunk(2, dim=1)
        return torch.stack([1 + scales, shifts]).split(self.widths, dim=2)


class LiveColorizer(EfficientNetColorizer):
    """A colorizer that is told lambda, in [0.1, 1], with every photo; 1 is Eq. 1.

    To change lambda is to `decode` again: what `encode` gave stays as it is.
    """

    additions: str | tuple[str, ...] = "film."

    def __init__(self, encoder: str, fine: tuple[int, int]) -> None:
        super().__init__(encoder, fine)
        self.film = LambdaFilm(self.decoder.block_widths)

    def forward(self, luma: Tensor, lam: float | Tensor = 1.0) -> Tensor:
        """As of every colorizer; `lam` as in `decode`."""
        check_luma(luma)
        return self.predict(luma, lam)

    def predict(self, luma: Tensor, lam: float | Tensor = 1.0) -> Tensor:
        return self.decode(self.encode(luma), luma, lam)

    def decode(self, taps: list[Tensor], luma: Tensor, lam: float | Tensor = 1.0) -> Tensor:
        """As of any EfficientNet colorizer; `lam` is one for all photos or one for each, (B,)."""
        lam = torch.as_tensor(lam, dtype=torch.float32, device=luma.device).reshape(-1)
        return self.decoder(taps, luma, self.film(lam))


class AtLambda(Colorizer):
    """A live colorizer whose lambda is set: to be used like any other."""

    def __init__(self, live: LiveColorizer, lam: float) -> None:
        super().__init__()
        self.space, self.live, self.lam = live.space, live, lam

    def predict(self, luma: Tensor) -> Tensor:
        return self.live.predict(luma, self.lam)


def at_lambda(model: Colorizer, lam: float) -> AtLambda:
    """The model at one lambda.

    Raises ValueError for a network that was trained for one lambda alone, and for lambda outside
    [0.1, 1].
    """
    if not isinstance(model, LiveColorizer):
        raise ValueError(
            "lambda can be chosen for colorlab and efficientnet_lite0_live: other networks were "
            "each trained for one"
        )
    if not LOWEST <= lam <= 1:
        raise ValueError(f"lambda must lie in [{LOWEST}, 1], got {lam:g}")
    return AtLambda(model, lam)


@register("efficientnet_lite0_live")
def efficientnet_lite0_live() -> LiveColorizer:
    """`efficientnet_lite0` with lambda as a second input."""
    return LiveColorizer("tf_efficientnet_lite0", fine=(32, 16))
