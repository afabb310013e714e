"""The paper's own network (section 4.2, Figure 4): a frozen EfficientNet and a decoder on it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from colorlab.color import LAB
from colorlab.models.base import Colorizer, block, double
from colorlab.models.doubled import DoublingBlock
from colorlab.models.encoders import PAPER_TAPS, TappedEncoder, load_encoder
from colorlab.models.registry import register


class Decoder(nn.Module):
    """From five activations and the luma to chroma, coarse to fine.

    At each scale: a block brings the features to the width of the next finer activation, they are
    upsampled and *added* to it. `fine` are the widths at half and at full resolution.
    """

    def __init__(self, widths: tuple[int, ...], fine: tuple[int, int]) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth, deepest = widths
        self.block32 = block(deepest, sixteenth, kernel=1)
        self.block16 = block(sixteenth, eighth)
        self.block8 = block(eighth, quarter)
        self.block4 = block(quarter, half)
        self.block2 = block(half, fine[0])
        self.block1 = DoublingBlock(*block(fine[0] + 1, fine[1]))
        self.to_chroma = nn.Conv2d(fine[1], 2, 3, padding=1)

    def forward(self, taps: list[Tensor], luma: Tensor) -> Tensor:
        """Taps at strides 2, 4, 8, 16, 32, luma (B, 1, H, W); chroma (B, 2, H, W)."""
        half, quarter, eighth, sixteenth, deepest = taps
        x = double(self.block32(deepest)) + sixteenth
        x = double(self.block16(x)) + eighth
        x = double(self.block8(x)) + quarter
        x = double(self.block4(x)) + half
        x = self.block2(x)
        x = self.block1(x, luma.to(x.dtype))
        return torch.tanh(self.to_chroma(x))


class EfficientNetColorizer(Colorizer):
    """Frozen encoder by timm's name, decoder trained; L*a*b* in and out."""

    space = LAB

    def __init__(self, encoder: str, fine: tuple[int, int]) -> None:
        super().__init__()
        self.encoder = TappedEncoder(encoder, PAPER_TAPS)
        self.decoder = Decoder(self.encoder.widths, fine)

    def predict(self, luma: Tensor) -> Tensor:
        return self.decoder(self.encoder(self.encoder.preprocess(luma)), luma)

    def load_encoder(self, weights: str | None) -> None:
        load_encoder(self.encoder, weights)


@register("efficientnet_b7")
def efficientnet_b7() -> EfficientNetColorizer:
    """The paper's network: 11,292,674 trainable parameters."""
    return EfficientNetColorizer("tf_efficientnet_b7", fine=(128, 64))


@register("efficientnet_lite0")
def efficientnet_lite0() -> EfficientNetColorizer:
    """The same design on the small encoder that installs with the package."""
    return EfficientNetColorizer("tf_efficientnet_lite0", fine=(32, 16))
