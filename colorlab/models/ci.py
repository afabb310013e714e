"""Line art and hints to colours: Ci et al. 2018, as published; not trained here.

Y. Ci, X. Ma, Z. Wang, H. Li, Z. Luo, "User-Guided Deep Anime Line Art Colorization with Conditional
Adversarial Networks", ACM Multimedia 2018, with the layers of their public code. No network here
takes luma: the input is a line drawing (of photos: `data.drawings`), so `create_model` does not
know them.

Generator and critic are both given local features of the drawing, from a network that is fixed.
Theirs was illustration2vec, trained on anime, whose weights can't be had here; the feature network
is an argument, and its `name` says what it is. Losses: `train.wgan`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from colorlab.models.encoders import TappedEncoder, Taps, load_encoder

DILATIONS = (1, 1, 2, 2, 4, 4, 2, 1)


class LocalFeatures(nn.Module):
    """A fixed network that describes a drawing at a sixteenth of its size, in `width` channels."""

    name: str
    width: int

    def forward(self, sketch: Tensor) -> Tensor:
        """A drawing (B, 1, H, W) in [-1, 1], 1 being paper, to (B, width, H/16, W/16)."""
        raise NotImplementedError


class Vgg11Features(LocalFeatures):
    """The layers of illustration2vec's first fifteen, which are VGG-11's, on the halved drawing.

    The weights are random: it has the published shape, and knows nothing.
    """

    name, width = "VGG-11's first 15 layers, random", 512

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.AvgPool2d(2)]
        inputs = 3
        for widths in ((64,), (128,), (256, 256), (512, 512)):
            for width in widths:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU(inplace=True)]
                inputs = width
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
        self.layers = nn.Sequential(*layers[:-1]).requires_grad_(False)

    def forward(self, sketch: Tensor) -> Tensor:
        return self.layers(sketch.expand(-1, 3, -1, -1))


class Lite0Features(LocalFeatures):
    """EfficientNet-Lite0's tap at stride 16, trained on ImageNet's photos."""

    name, width = "EfficientNet-Lite0 at stride 16, ImageNet", 672

    def __init__(self) -> None:
        super().__init__()
        taps = Taps({"blocks.5.0.bn1": 16}, unused=("blocks.6", "conv_head", "bn2"))
        self.encoder = TappedEncoder("tf_efficientnet_lite0", taps)
        load_encoder(self.encoder, "imagenet")

    def forward(self, sketch: Tensor) -> Tensor:
        return self.encoder(self.encoder.preprocess(sketch / 2 + 0.5))[0]


class Bottleneck(nn.Module):
    """ResNeXt's, without normalisation: 1x1 to half, grouped 3x3 (4x4 to halve), 1x1, added."""

    def __init__(self, width: int, groups: int, dilation: int = 1, stride: int = 1) -> None:
        super().__init__()
        half = width // 2
        self.reduce = nn.Conv2d(width, half, 1, bias=False)
        self.grouped = nn.Conv2d(
            half, half, 2 + stride, stride, dilation, dilation, groups, bias=False
        )
        self.expand = nn.Conv2d(half, width, 1, bias=False)
        self.shortcut = nn.AvgPool2d(2) if stride == 2 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W) to the same, halved where the stride is 2."""
        inner = leaky_relu(self.grouped(leaky_relu(self.reduce(x), 0.2)), 0.2)
        return self.shortcut(x) + self.expand(inner)


def _convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """With bias and LeakyReLU; 4x4 of stride 2 halve, others keep the size."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding=(kernel - 1) // 2)
    return nn.Sequential(conv, nn.LeakyReLU(0.2))


def _tunnel(
    inputs: int, width: int, outputs: int, dilations: tuple[int, ...], groups: int
) -> nn.Sequential:
    """Bottlenecks between two convolutions, then twice the size by pixel shuffle."""
    return nn.Sequential(
        *_convolution(inputs, width, 3),
        *(Bottleneck(width, groups, dilation) for dilation in dilations),
        nn.Conv2d(width, 4 * outputs, 3, padding=1),
        nn.PixelShuffle(2),
        nn.LeakyReLU(0.2),
    )


class Ci2018(nn.Module):
    """The generator: drawing, hints and the drawing's features to colours.

    21,936,003 parameters as published, with 512 channels of features. `width` is the published ngf,
    `groups` the cardinality, of which the finest level has half.
    """

    def __init__(self, features: LocalFeatures, width: int = 64, groups: int = 32) -> None:
        super().__init__()
        self.features = features
        w = width
        self.to_hint = _convolution(4, w, 7)
        self.down = nn.ModuleList(
            [
                _convolution(1, w // 2, 3),
                _convolution(w // 2, w, 4, 2),
                _convolution(w, 2 * w, 4, 2),
                _convolution(3 * w, 4 * w, 4, 2),  # beside the hint
                _convolution(4 * w, 8 * w, 4, 2),
            ]
        )
        self.up = nn.ModuleList(
            [
                _tunnel(8 * w + features.width, 8 * w, 4 * w, (1,) * 20, groups),
                _tunnel(8 * w, 4 * w, 2 * w, DILATIONS, groups),
                _tunnel(4 * w, 2 * w, w, DILATIONS, groups),
                _tunnel(2 * w, w, w // 2, (1, 2, 4, 2, 1), groups // 2),
            ]
        )
        self.last = nn.Conv2d(w, 3, 3, padding=1)

    def forward(self, sketch: Tensor, hints: Tensor) -> Tensor:
        """A drawing (B, 1, H, W) in [-1, 1] and hints (B, 4, H/4, W/4) to RGB (B, 3, H, W).

        Hints are RGB in [-1, 1] times mask, and mask (`train.wgan.draw_cells`); colours come in
        [-1, 1]. Raises ValueError unless H and W are multiples of 16 and the hints a quarter.
        """
        check(sketch, hints)
        levels = []
        x = sketch
        for number, down in enumerate(self.down):
            x = down(torch.cat([x, self.to_hint(hints)], dim=1) if number == 3 else x)
            levels.append(x)
        levels[-1] = self.features(sketch)
        for up in self.up:
            x = up(torch.cat([x, levels.pop()], dim=1))
        return torch.tanh(self.last(torch.cat([x, levels.pop()], dim=1)))


def check(sketch: Tensor, hints: Tensor) -> None:
    """ValueError unless the shapes are (B, 1, H, W) in 16s, and (B, 4, H/4, W/4)."""
    batch, channels, height, width = sketch.shape
    if channels != 1 or height % 16 or width % 16:
        raise ValueError(f"expected a drawing (B, 1, H, W) in 16s, got {tuple(sketch.shape)}")
    if hints.shape != (batch, 4, height // 4, width // 4):
        raise ValueError(f"expected hints of a quarter, got {tuple(hints.shape)}")


class CiCritic(nn.Module):
    """The adversary: colours and the drawing's features to a number that has no bounds.

    10,612,033 parameters as published. It is made for 512 pixels a side: its last convolution takes
    the 4x4 that are left.
    """

    def __init__(self, features: LocalFeatures, width: int = 64) -> None:
        super().__init__()
        self.features = features
        w = width
        colours: list[nn.Module] = [*_unbiased(3, w, 7, 1, 3), *_unbiased(w, w, 4, 2, 1)]
        for inputs in (w, 2 * w, 4 * w):
            colours += [Bottleneck(inputs, 8), Bottleneck(inputs, 8, stride=2)]
            if inputs < 4 * w:
                colours += _unbiased(inputs, 2 * inputs, 1, 1, 0)
        self.colours = nn.Sequential(*colours)
        both: list[nn.Module] = _unbiased(4 * w + features.width, 8 * w, 3, 1, 1)
        for _ in range(3):
            both += [Bottleneck(8 * w, 8), Bottleneck(8 * w, 8, stride=2)]
        both += [Bottleneck(8 * w, 8), *_unbiased(8 * w, 8 * w, 4, 1, 0)]
        self.both = nn.Sequential(*both, nn.Flatten(), nn.Linear(8 * w, 1))

    def forward(self, colours: Tensor, sketch: Tensor) -> Tensor:
        """RGB (B, 3, 512, 512) in [-1, 1] and their drawing (B, 1, 512, 512) to (B, 1).

        Raises ValueError for another size.
        """
        if colours.shape[2:] != (512, 512):
            raise ValueError(f"the critic is made for 512x512, got {tuple(colours.shape[2:])}")
        return self.both(torch.cat([self.colours(colours), self.features(sketch)], dim=1))


def _unbiased(inputs: int, outputs: int, kernel: int, stride: int, around: int) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, around, bias=False)
    return [conv, nn.LeakyReLU(0.2)]
