"""The paper's own network (section 4.2, Figure 4): a frozen EfficientNet and a decoder on it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from colorlab.color import LAB
from colorlab.models.base import Block, Colorizer, upsample
from colorlab.models.encoders import PAPER_TAPS, TappedEncoder
from colorlab.models.registry import register


class UpAdd(Block):
    """Upsample the coarse features, add the fine ones (as many channels), and a block on the sum.

    Coarse (B, C, h, w) and fine (B, C, 2h, 2w) to the block's channels at 2h x 2w.
    """

    def forward(  # type: ignore[override]
        self, coarse: Tensor, fine: Tensor, film: Tensor | None = None, extra: Tensor | None = None
    ) -> Tensor:
        """Coarse (B, inputs, h, w) and fine (B, inputs, 2h, 2w) to (B, outputs, 2h, 2w)."""
        return super().forward(upsample(coarse) + fine, film, extra)


class UpConcat(Block):
    """Upsample the coarse features, concatenate the fine ones, and a block on both.

    Coarse (B, C, h, w) and fine (B, D, 2h, 2w) to the block's channels at 2h x 2w.
    """

    def __init__(self, coarse: int, fine: int, outputs: int) -> None:
        super().__init__(coarse + fine, outputs)
        self.widths = coarse, fine

    def forward(  # type: ignore[override]
        self, coarse: Tensor, fine: Tensor, film: Tensor | None = None, extra: Tensor | None = None
    ) -> Tensor:
        """Coarse (B, c, h, w) and fine (B, inputs - c, 2h, 2w) to (B, outputs, 2h, 2w)."""
        return super().forward(torch.cat([upsample(coarse), fine], dim=1), film, extra)


Modulation = Sequence[Tensor | None]
"""For each of the decoder's six blocks, in running order, a tensor that `modulate` takes."""


class Decoder(nn.Module):
    """From five activations and the luma to chroma, coarse to fine.

    At each scale: a block brings the features to the width of the next finer activation, and the
    next block takes them upsampled and *added* to it. `fine` are the widths at half and at full
    resolution. `block_widths` are those of all six blocks, in running order.
    """

    def __init__(self, widths: tuple[int, ...], fine: tuple[int, int]) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth, deepest = widths
        self.block_widths = (sixteenth, eighth, quarter, half, *fine)
        self.block32 = Block(deepest, sixteenth, kernel=1)
        self.block16 = UpAdd(sixteenth, eighth)
        self.block8 = UpAdd(eighth, quarter)
        self.block4 = UpAdd(quarter, half)
        self.block2 = UpAdd(half, fine[0])
        self.block1 = UpConcat(fine[0], 1, fine[1])
        self.to_chroma = nn.Conv2d(fine[1], 2, 3, padding=1)

    def forward(
        self,
        taps: list[Tensor],
        luma: Tensor,
        films: Modulation = (None,) * 6,
        extras: Modulation = (None,) * 6,
    ) -> Tensor:
        """Taps at strides 2, 4, 8, 16, 32, luma (B, 1, H, W); chroma (B, 2, H, W)."""
        half, quarter, eighth, sixteenth, deepest = taps
        in32, in16, in8, in4, in2, in1 = zip(films, extras, strict=True)
        x = self.block32(deepest, *in32)
        x = self.block16(x, sixteenth, *in16)
        x = self.block8(x, eighth, *in8)
        x = self.block4(x, quarter, *in4)
        x = self.block2(x, half, *in2)
        x = self.block1(x, luma.to(x.dtype), *in1)
        return torch.tanh(self.to_chroma(x))


class EfficientNetColorizer(Colorizer):
    """Frozen encoder by timm's name, decoder trained; L*a*b* in and out."""

    space = LAB

    def __init__(self, encoder: str, fine: tuple[int, int]) -> None:
        super().__init__()
        self.encoder = TappedEncoder(encoder, PAPER_TAPS)
        self.decoder = Decoder(self.encoder.widths, fine)

    def encode(self, luma: Tensor) -> list[Tensor]:
        """Luma (B, 1, H, W) to the encoder's five activations, finest first."""
        return self.encoder(self.encoder.preprocess(luma))

    def decode(self, taps: list[Tensor], luma: Tensor) -> Tensor:
        """The encoder's taps and luma (B, 1, H, W) to chroma (B, 2, H, W)."""
        return self.decoder(taps, luma)

    def predict(self, luma: Tensor) -> Tensor:
        return self.decode(self.encode(luma), luma)


@register("efficientnet_b7")
def efficientnet_b7() -> EfficientNetColorizer:
    """The paper's network: 11,292,674 trainable parameters."""
    return EfficientNetColorizer("tf_efficientnet_b7", fine=(128, 64))


@register("efficientnet_lite0")
def efficientnet_lite0() -> EfficientNetColorizer:
    """The same design on the small encoder that installs with the package."""
    return EfficientNetColorizer("tf_efficientnet_lite0", fine=(32, 16))
