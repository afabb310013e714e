"""Hypercolumns to histograms of hue and chroma, after Larsson et al. 2016.

G. Larsson, M. Maire, G. Shakhnarovich, "Learning Representations for Automatic Colorization",
ECCV 2016. A pixel's *hypercolumn* is what all layers of an encoder say at its place, each read
bilinearly. In training only a few random pixels of each photo are asked: no layer is ever enlarged.
`larsson2016` has the published layers; `larsson_lite0` is a small one on the encoder that comes
with the package.
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import grid_sample

from colorlab.color import LAB
from colorlab.models.base import Colorizer, check_luma
from colorlab.models.encoders import TappedEncoder, Taps
from colorlab.models.hue import BINS, grey_level, read, to_lab
from colorlab.models.lab_bins import expected
from colorlab.models.registry import register
from colorlab.models.zhang import enlarge

EVERY = 4  # pixels between the points of a whole photo's answer


def sample_at(x: Tensor, points: Tensor) -> Tensor:
    """Features (B, C, h, w) read bilinearly at points (B, H, W, 2): (B, C, H, W).

    Points are (x, y) from -1 to 1, the outer edges of the photo, whatever the features' size.
    """
    return grid_sample(x.float(), points, padding_mode="border", align_corners=False)


def random_points(luma: Tensor, count: int) -> Tensor:
    """The centres of `count` random pixels of each photo (B, 1, H, W): (B, count, 1, 2)."""
    height, width = luma.shape[2:]
    chosen = torch.randint(height * width, (len(luma), count, 1), device=luma.device)
    x, y = chosen % width, torch.div(chosen, width, rounding_mode="floor")
    return torch.stack([(2 * x + 1) / width - 1, (2 * y + 1) / height - 1], dim=-1)


def even_points(luma: Tensor, every: int = EVERY) -> Tensor:
    """The centres of squares of `every` x `every` pixels: (B, H / every, W / every, 2)."""
    rows, columns = (size // every for size in luma.shape[2:])
    y = (2 * torch.arange(rows, device=luma.device) + 1) / rows - 1
    x = (2 * torch.arange(columns, device=luma.device) + 1) / columns - 1
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)
    return grid.expand(len(luma), -1, -1, -1)


class Balance(nn.Module):
    """Divides each layer by the root of its second moment, so that all begin equally loud.

    Moments are measured on the first batches of training and stay from then on.
    """

    moments: Tensor
    batches: Tensor

    def __init__(self, layers: int, measured_on: int = 50) -> None:
        super().__init__()
        self.measured_on = measured_on
        self.register_buffer("moments", torch.ones(layers))
        self.register_buffer("batches", torch.tensor(0))

    def forward(self, layers: list[Tensor]) -> list[Tensor]:
        """Layers (B, C_i, H_i, W_i), to the same with second moments of about 1."""
        if self.training and self.batches < self.measured_on:
            now = torch.stack([x.detach().float().square().mean() for x in layers])
            self.batches += 1
            self.moments += (now - self.moments) / self.batches
        factors = self.moments.clamp(min=1e-12).rsqrt().unbind()
        return [x * factor for x, factor in zip(layers, factors, strict=True)]


class HueChromaColorizer(Colorizer):
    """Luma to logits of hue and chroma at points, and these to chroma in L*a*b*.

    An answer is (B, 2 K + 3, ...): K logits of hue, K of chroma, and what a loss must know about
    each point besides: x, y (as in `sample_at`), and the luma there. In training mode the points
    are random pixels, in eval mode the centres of squares of 4 x 4; a whole photo's chroma is
    found at a quarter of its size and enlarged bicubically.
    """

    space = LAB
    answers = "hue_chroma"

    def __init__(self, widths: tuple[int, ...], points: int, dropout: float) -> None:
        super().__init__()
        self.points = points
        self.balance = Balance(len(widths))
        self.hidden = nn.Sequential(
            nn.Conv2d(sum(widths), 1024, 1), nn.ReLU(inplace=True), nn.Dropout(dropout)
        )
        self.to_hue, self.to_chroma = nn.Conv2d(1024, BINS, 1), nn.Conv2d(1024, BINS, 1)

    def forward(self, luma: Tensor) -> Tensor:
        check_luma(luma)
        if self.training:
            return self.answer_at(luma, random_points(luma, self.points))
        return self.predict(luma)

    def predict(self, luma: Tensor) -> Tensor:
        return self.show(self.answer(luma))

    def answer(self, luma: Tensor) -> Tensor:
        """Luma (B, 1, H, W) to the answer (B, 2 K + 3, H/4, W/4)."""
        return self.answer_at(luma, even_points(luma))

    def answer_at(self, luma: Tensor, points: Tensor) -> Tensor:
        """The answer (B, 2 K + 3, H, W) at points (B, H, W, 2)."""
        layers = self.balance(self.layers(luma))
        kind = layers[-1].dtype  # that of mixed precision, where it is on
        hidden = self.hidden(torch.cat([sample_at(x, points).to(kind) for x in layers], dim=1))
        logits = self.to_hue(hidden).float(), self.to_chroma(hidden).float()
        return torch.cat([*logits, points.movedim(-1, 1), sample_at(luma, points)], dim=1)

    def show(self, answer: Tensor) -> Tensor:
        hue, chroma, _, luma = parts(answer)
        return enlarge(to_lab(*read(hue, chroma), luma))

    @abstractmethod
    def layers(self, luma: Tensor) -> list[Tensor]:
        """What hypercolumns are made of, finest first, each (B, C_i, H_i, W_i)."""


def parts(answer: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """An answer's logits of hue and of chroma (B, K, H, W), points (B, H, W, 2), luma."""
    hue, chroma, points, luma = answer.float().split((BINS, BINS, 2, 1), dim=1)
    return hue, chroma, points.movedim(1, -1), luma


_VGG = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions of each stage
_MEAN = 0.4488  # of photos' grey, which the published network takes off


class Larsson2016(HueChromaColorizer):
    """The published network: VGG-16, fc6 and fc7 as convolutions, hypercolumns of 12,417 channels.

    Its input is (R + G + B)/3; here it is the grey that has the luma's L*, which is the same for
    photos that are grey, and not for those that are made grey. The loss as published has one pixel
    as target; the released code takes windows of 7 x 7, and weights chroma by lightness.
    """

    def __init__(self) -> None:
        widths = (1, *(width for width, count in _VGG for _ in range(count)), 4096, 4096)
        super().__init__(widths, points=128, dropout=0.5)
        backbone: list[nn.Module] = []
        inputs = 1
        for width, count in _VGG:
            for _ in range(count):
                backbone += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
                inputs = width
            backbone.append(nn.MaxPool2d(2))
        backbone += [nn.Conv2d(512, 4096, 7, padding=3), nn.ReLU(), nn.Conv2d(4096, 4096, 1)]
        self.backbone = nn.Sequential(*backbone, nn.ReLU())

    def layers(self, luma: Tensor) -> list[Tensor]:
        x = grey_level(luma) - _MEAN
        found = [x]
        for layer in self.backbone:
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                found.append(x)
        return found


HYPERCOLUMN_TAPS = Taps(
    {"bn1": 2, "blocks.0": 2, "blocks.1": 4, "blocks.2": 8}
    | {"blocks.3": 16, "blocks.4": 16, "blocks.5": 32, "blocks.6": 32},
    unused=("conv_head", "bn2"),
)
"""What the stem and each stage of an EfficientNet end with: of Lite0, 816 channels."""


class EfficientNetHypercolumns(HueChromaColorizer):
    """Frozen encoder by timm's name; all that learns is behind its hypercolumns."""

    def __init__(self, encoder: str) -> None:
        tapped = TappedEncoder(encoder, HYPERCOLUMN_TAPS)
        super().__init__((1, *tapped.widths), points=256, dropout=0)
        self.encoder = tapped

    def layers(self, luma: Tensor) -> list[Tensor]:
        return [luma - 0.5, *self.encoder(self.encoder.preprocess(luma))]


@register("larsson2016")
def larsson2016() -> Larsson2016:
    """147,041,024 parameters, all trainable."""
    return Larsson2016()


@register("larsson_lite0")
def larsson_lite0() -> EfficientNetHypercolumns:
    """A small one on frozen Lite0: L*/100 in, hypercolumns of 817 channels, 256 points a photo."""
    return EfficientNetHypercolumns("tf_efficientnet_lite0")


class LabHypercolumns(EfficientNetHypercolumns):
    """The same with histograms of a* and b* in the places of hue's and chroma's.

    What is shown is their mean: two wide histograms give grey, so nothing has to fade.
    """

    answers = "lab_histograms"

    def show(self, answer: Tensor) -> Tensor:
        return enlarge(torch.stack([expected(x) for x in parts(answer)[:2]], dim=1))


@register("larsson_lab_lite0")
def larsson_lab_lite0() -> LabHypercolumns:
    """`larsson_lite0` with 32 bins each of a* and b*, at quantiles of a normal distribution."""
    return LabHypercolumns("tf_efficientnet_lite0")
