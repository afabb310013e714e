"""The paper's naive ConvNet (section 4.2): everything learned from scratch, with skip additions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from colorlab.color import LAB
from colorlab.models.base import Colorizer
from colorlab.models.registry import register


def halving(inputs: int, outputs: int) -> nn.Sequential:
    """Convolution of stride 2 with bias, BatchNorm, ReLU: half the height and width."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def doubling(inputs: int, outputs: int) -> nn.Sequential:
    """Transposed convolution of stride 2 with bias, BatchNorm, ReLU: twice the height and width."""
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class ConvNet(Colorizer):
    """Five halvings, five doublings, each doubled result *added* to the encoder's of its size.

    `skips=False` leaves the additions out: what they carry can then be seen.
    """

    space = LAB

    def __init__(
        self,
        widths: tuple[int, ...] = (64, 128, 256, 512, 1024),
        last: int = 32,
        skips: bool = True,
    ) -> None:
        super().__init__()
        self.skips = skips
        self.down = nn.ModuleList(map(halving, (1, *widths[:-1]), widths))
        upward = (*widths[::-1], last)
        self.up = nn.ModuleList(map(doubling, upward[:-1], upward[1:]))
        self.to_chroma = nn.Conv2d(last + 1, 2, 1)

    def predict(self, luma: Tensor) -> Tensor:
        x, finer = luma, []
        for down in self.down:
            x = down(x)
            finer.append(x)
        finer.pop()  # the deepest activation has no doubled one to be added to
        for up in self.up:
            x = up(x)
            if finer and self.skips:
                x = x + finer.pop()
        x = torch.cat([x, luma.to(x.dtype)], dim=1)
        return torch.tanh(self.to_chroma(x))


@register("convnet")
def convnet() -> ConvNet:
    """12,561,764 parameters, all trainable."""
    return ConvNet()
