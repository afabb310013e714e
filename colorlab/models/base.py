"""What every colorizer is, and the one block that all of the paper's networks are made of."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from colorlab.color import ColorSpace
from colorlab.models.encoders import TappedEncoder, load_encoder

STRIDE = 32
"""Heights and widths are multiples of this: the networks halve their input five times."""


class Colorizer(nn.Module):
    """Luma in, chroma out, in the luma/chroma space the network was made for."""

    space: ColorSpace
    additions: str | tuple[str, ...] = ()
    """Prefixes of what a network adds to another's design, changing nothing until it has learned.

    A head of that other network, without these tensors, is a head of this one too.
    """
    answers: str = "chroma"
    """What its `answer` is, and a loss must be of: "chroma", "classes", "hue_chroma" ...."""

    def forward(self, luma: Tensor) -> Tensor:
        """Luma (B, 1, H, W) in [0, 1] to chroma (B, 2, H, W) in `space`'s scaled units.

        Raises ValueError unless H and W are multiples of 32.
        """
        check_luma(luma)
        return self.predict(luma)

    @abstractmethod
    def predict(self, luma: Tensor) -> Tensor:
        """The network itself; `forward` has checked the shape."""

    def answer(self, luma: Tensor) -> Tensor:
        """What the loss takes: chroma, unless the network learns something that is made into it."""
        return self(luma)

    def show(self, answer: Tensor) -> Tensor:
        """Chroma (B, 2, H, W) of an `answer`."""
        return answer

    def load_encoder(self, weights: str | None) -> None:
        """Give the encoder its weights; a network without a `TappedEncoder` has nothing to load."""
        if isinstance(encoder := getattr(self, "encoder", None), TappedEncoder):
            load_encoder(encoder, weights)


def check_luma(luma: Tensor) -> None:
    """ValueError unless `luma` is (B, 1, H, W), H and W being multiples of 32."""
    if luma.ndim != 4 or luma.shape[1] != 1:
        raise ValueError(f"expected luma of shape (B, 1, H, W), got {tuple(luma.shape)}")
    if luma.shape[2] % STRIDE or luma.shape[3] % STRIDE or 0 in luma.shape:
        raise ValueError(f"H and W must be multiples of {STRIDE}, got {tuple(luma.shape[2:])}")


class Block(nn.Sequential):
    """The paper's "Conv2D block": convolution with bias, BatchNorm, ReLU; the size stays.

    Before the ReLU the features may be modulated, see `modulate`.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor, film: Tensor | None = None, extra: Tensor | None = None) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H, W)."""
        conv, norm, relu = self
        return relu(modulate(norm(conv(x)), film, extra))


def modulate(x: Tensor, film: Tensor | None = None, extra: Tensor | None = None) -> Tensor:
    """Scale and shift the channels of `x` (B, C, H, W), then add other features.

    `film` is scales and shifts, (2, B, C) or (2, 1, C) for all photos alike; `extra` is
    (B, C, H, W). Without either, `x` stays as it is.
    """
    if film is not None:
        scale, shift = film.to(x.dtype)[..., None, None]
        x = torch.addcmul(shift, x, scale)
    return x if extra is None else x + extra.to(x.dtype)


def upsample(x: Tensor) -> Tensor:
    """Nearest-neighbour upsampling by 2."""
    return interpolate(x, scale_factor=2.0, mode="nearest")


def trainable_parameters(model: nn.Module) -> int:
    """How many numbers training changes."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
