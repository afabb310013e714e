"""A U-Net and its adversary: Nazeri, Ng and Ebrahimi 2018.

K. Nazeri, E. Ng, M. Ebrahimi, "Image Colorization using Generative Adversarial Networks", AMDO
2018, as in their public code: a U-Net of 4x4 convolutions answers with L*, a* and b*, and a
discriminator looks at grey and colours together, patch by patch. `nazeri2018` has the layers that
they trained on Places, `nazeri2018_cifar` those for 32 pixels. `nazeri_small` is ours: fewer
levels and channels, and chroma alone, on the true luminance. Losses: `train.adversarial`.

In eval mode BatchNorm uses running statistics, and dropout is off: what a photo gets must not hang
on the photos beside it, nor on chance. Their code normalises by the batch in testing, too, and its
dropout is on wherever the option `training` is true, as it is by default even in test mode; for
that, leave the network in training mode.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from colorlab.color import LAB
from colorlab.models.base import Colorizer
from colorlab.models.registry import register

RANGE = 110 / 128
"""Their a* and b* in [-110, 110] become [-1, 1]; ours are divided by 128."""


class Unet(Colorizer):
    """4x4 convolutions down, transposed ones up, each result beside its mirror's.

    `down` and `up` are channels; the first convolution keeps the size, the others halve or double
    it. With `outputs` 3 the network answers with lightness too, `luma` and `chroma` in [-1, 1] as
    published, and shows its chroma on the true luminance; with 2 it answers with (a*, b*)/128.
    `dropped` is how many of the first upward steps drop half of their channels in training.
    """

    space = LAB

    def __init__(
        self, down: tuple[int, ...], up: tuple[int, ...], outputs: int = 3, dropped: int = 0
    ) -> None:
        super().__init__()
        if outputs not in (2, 3) or len(up) != len(down) - 1:
            raise ValueError(
                f"2 or 3 outputs, one step up fewer than down: {outputs}, {down}, {up}"
            )
        self.outputs = outputs
        inputs = (1, *down[:-1])
        self.down = nn.ModuleList(
            _convolution(before, after, stride=2 if number else 1)
            for number, (before, after) in enumerate(zip(inputs, down, strict=True))
        )
        beside = (0, *down[-2:0:-1])  # channels of the mirror that the step before was put beside
        self.up = nn.ModuleList(
            nn.Sequential(
                nn.ConvTranspose2d(before + mirror, after, 4, stride=2, padding=1),
                nn.BatchNorm2d(after, eps=1e-3),
                nn.ReLU(inplace=True),
                *([nn.Dropout(0.5)] if number < dropped else []),
            )
            for number, (before, mirror, after) in enumerate(
                zip((down[-1], *up[:-1]), beside, up, strict=True)
            )
        )
        self.last = nn.Conv2d(down[0] + up[-1], outputs, 1)
        self.apply(_initialise)

    def predict(self, luma: Tensor) -> Tensor:
        return self.show(self.answer(luma))

    def answer(self, luma: Tensor) -> Tensor:
        """Luma (B, 1, H, W) to (B, outputs, H, W) in [-1, 1]; see `truth`.

        Sizes that the halvings don't divide are padded by their last pixels, and cut again.
        """
        height, width = luma.shape[2:]
        fold = 2 ** len(self.up)
        x = pad(2 * luma - 1, (0, -width % fold, 0, -height % fold), mode="replicate")
        finer = []
        for down in self.down:
            x = down(x)
            finer.append(x)
        finer.pop()  # the deepest has no mirror
        for up in self.up:
            x = torch.cat([finer.pop(), up(x)], dim=1)
        return torch.tanh(self.last(x))[..., :height, :width]

    def show(self, answer: Tensor) -> Tensor:
        return answer if self.outputs == 2 else answer[:, 1:] * RANGE

    def truth(self, luma: Tensor, chroma: Tensor) -> Tensor:
        """Luma and chroma of a photo as `answer` should have them, (B, outputs, H, W)."""
        return chroma if self.outputs == 2 else torch.cat([2 * luma - 1, chroma / RANGE], dim=1)


class PatchDiscriminator(nn.Module):
    """Grey and colours to a map of logits, one for each patch: is it of a photo?

    4x4 convolutions of stride 2, the last two of stride 1; no BatchNorm in the first.
    """

    def __init__(self, inputs: int = 4, widths: tuple[int, ...] = (64, 128, 256, 512)) -> None:
        super().__init__()
        layers = [
            _convolution(before, after, stride=2 if after != widths[-1] else 1, norm=bool(number))
            for number, (before, after) in enumerate(
                zip((inputs, *widths[:-1]), widths, strict=True)
            )
        ]
        last = nn.Conv2d(widths[-1], 1, 4)
        self.layers = nn.Sequential(*layers, nn.Sequential(nn.ZeroPad2d(_SAME), last))
        self.apply(_initialise)

    def forward(self, luma: Tensor, colours: Tensor) -> Tensor:
        """Luma (B, 1, H, W) in [0, 1] and the answer to it to logits (B, 1, H/8, W/8)."""
        return self.layers(torch.cat([2 * luma - 1, colours], dim=1))


def discriminator_of(model: Unet) -> PatchDiscriminator:
    """The published adversary of a generator, as wide as its first convolution."""
    width = model.last.in_channels // 2
    return PatchDiscriminator(1 + model.outputs, (width, 2 * width, 4 * width, 8 * width))


_SAME = (1, 2, 1, 2)  # TensorFlow's padding of an even kernel: the extra pixel comes last


def _convolution(inputs: int, outputs: int, stride: int, norm: bool = True) -> nn.Sequential:
    """4x4 convolution with bias, BatchNorm, LeakyReLU; strides of 2 halve, of 1 keep the size."""
    around = [nn.ZeroPad2d(_SAME)] if stride == 1 else []
    return nn.Sequential(
        *around,
        nn.Conv2d(inputs, outputs, 4, stride, padding=0 if around else 1),
        *([nn.BatchNorm2d(outputs, eps=1e-3)] if norm else []),
        nn.LeakyReLU(0.2, inplace=True),
    )


def _initialise(layer: nn.Module) -> None:
    """TensorFlow's `variance_scaling_initializer`: variance 1 / fan-in, no bias at first."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        std = layer.weight[0].numel() ** -0.5
        nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


@register("nazeri2018")
def nazeri2018(outputs: int = 3) -> Unet:
    """As trained on Places, 256 pixels: 42,023,811 parameters; `outputs` 2 for chroma alone."""
    down = (64, 64, 128, 256, 512, 512, 512, 512)
    return Unet(down, (512, 512, 512, 256, 128, 64, 64), outputs)


@register("nazeri2018_cifar")
def nazeri2018_cifar() -> Unet:
    """As trained on CIFAR-10, 32 pixels."""
    return Unet((64, 128, 256, 512, 512), (512, 256, 128, 64), dropped=2)


@register("nazeri_small")
def nazeri_small() -> Unet:
    """For photos of 64 pixels and a single processor: chroma alone, no dropout."""
    return Unet((32, 64, 128, 128, 128, 128), (128, 128, 128, 64, 32), outputs=2)
