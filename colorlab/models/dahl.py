"""Ryan Dahl's decoder (2016), which the paper replicates (section 4.2): YUV on a frozen VGG-16."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from colorlab.color import YUV
from colorlab.models.base import Block, Colorizer, upsample
from colorlab.models.encoders import DAHL_TAPS, VGG16_TAPS, TappedEncoder, Taps
from colorlab.models.registry import register


class DahlDecoder(nn.Module):
    """A slimmed hypercolumn: taps added up from coarse to fine, each behind its own BatchNorm.

    `widths` are the taps' channels, finest first. At the end three channels are added to the
    encoder's own (normalised) input and become chroma; the sigmoid keeps them in (-0.5, 0.5).
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.norms = nn.ModuleList(map(nn.BatchNorm2d, widths))
        # To the width of the next finer tap, the last one to three channels; 1x1 at the deepest.
        narrower = (3, *widths[:-1])
        self.blocks = nn.ModuleList(map(Block, widths[:-1], narrower[:-1]))
        self.blocks.append(Block(widths[-1], narrower[-1], kernel=1))
        self.input_norm = nn.BatchNorm2d(3)
        self.last_block = Block(3, 3)
        self.to_chroma = nn.Conv2d(3, 2, 3, padding=1)

    def forward(self, taps: list[Tensor], rgb: Tensor) -> Tensor:
        """Taps finest first and the encoder's input (B, 3, H, W) to chroma (B, 2, H, W)."""
        x = self.blocks[-1](self.norms[-1](taps[-1]))
        for i in reversed(range(len(taps) - 1)):
            x = self.blocks[i](upsample(x) + self.norms[i](taps[i]))
        if x.shape[-1] < rgb.shape[-1]:  # the finest tap may be of half the size
            x = upsample(x)
        x = self.last_block(x + self.input_norm(rgb))
        return torch.sigmoid(self.to_chroma(x)) - 0.5


class DahlColorizer(Colorizer):
    """Frozen encoder by timm's name, Dahl's decoder trained; YUV in and out."""

    space = YUV

    def __init__(self, encoder: str, taps: Taps) -> None:
        super().__init__()
        self.encoder = TappedEncoder(encoder, taps)
        self.decoder = DahlDecoder(self.encoder.widths)

    def predict(self, luma: Tensor) -> Tensor:
        rgb = self.encoder.preprocess(luma)
        return self.decoder(self.encoder(rgb), rgb)


@register("dahl_vgg16")
def dahl_vgg16() -> DahlColorizer:
    """The paper's replica: 504,865 trainable parameters."""
    return DahlColorizer("vgg16", VGG16_TAPS)


@register("dahl_lite0")
def dahl_lite0() -> DahlColorizer:
    """A stand-in for `dahl_vgg16`: the same decoder on the encoder that comes with the package."""
    return DahlColorizer("tf_efficientnet_lite0", DAHL_TAPS)
