"""Networks that answer with a distribution over 313 colours a pixel, after Zhang et al. 2016.

R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016: `zhang2016` has the
published layers; `zhang_lite0` is a small one on the encoder that comes with the package.
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from colorlab.color import LAB
from colorlab.models.base import Block, Colorizer, check_luma
from colorlab.models.classes import annealed_mean
from colorlab.models.efficientnet import UpAdd
from colorlab.models.encoders import PAPER_TAPS, TappedEncoder
from colorlab.models.registry import register


class ClassColorizer(Colorizer):
    """Luma to logits of 313 classes at a quarter of its size, and these to chroma.

    In training mode the network answers with the logits, as the loss takes them; in eval mode with
    chroma, the annealed mean at 0.38, enlarged. `rebalance` (313,) is added to the logits before
    they are read: the logarithms of class weights, where training had none. It is zero at first,
    and part of a trained head.
    """

    space = LAB
    answers = "classes"
    rebalance: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("rebalance", torch.zeros(313))

    def forward(self, luma: Tensor) -> Tensor:
        check_luma(luma)
        return self.answer(luma) if self.training else self.predict(luma)

    def predict(self, luma: Tensor) -> Tensor:
        return self.show(self.answer(luma))

    def answer(self, luma: Tensor) -> Tensor:
        """Luma (B, 1, H, W) to logits (B, 313, H/4, W/4), of colours as common as they are."""
        return self.logits(luma)

    @abstractmethod
    def logits(self, luma: Tensor) -> Tensor:
        """The network itself."""

    def show(self, answer: Tensor) -> Tensor:
        """Logits (B, 313, h, w), rebalanced, to the annealed mean's chroma (B, 2, 4h, 4w)."""
        return enlarge(annealed_mean(answer.float() + self.rebalance[:, None, None]))


def enlarge(chroma: Tensor) -> Tensor:
    """Chroma (B, 2, h, w) of logits to the luma's size, (B, 2, 4h, 4w)."""
    return interpolate(chroma, scale_factor=4.0, mode="bicubic")


class Reading(Colorizer):
    """A network of classes read in another way: to be used like any other colorizer.

    `rebalance` (313,) takes the place of the network's own; zeros leave colours as common as they
    are. At temperature 1 without rebalancing it is the distribution's mean, a regression's answer.
    """

    space = LAB
    rebalance: Tensor

    def __init__(self, model: ClassColorizer, temperature: float, rebalance: Tensor) -> None:
        super().__init__()
        self.model, self.temperature = model, temperature
        self.register_buffer("rebalance", rebalance)

    def predict(self, luma: Tensor) -> Tensor:
        logits = self.model.answer(luma).float() + self.rebalance[:, None, None]
        return enlarge(annealed_mean(logits, self.temperature))


# Stages of the published network: channels, convolutions, stride of the last, dilation.
_STAGES = (
    (64, 2, 2, 1),
    (128, 2, 2, 1),
    (256, 3, 2, 1),
    (512, 3, 1, 1),
    (512, 3, 1, 2),
    (512, 3, 1, 2),
    (512, 3, 1, 1),
)


class Zhang2016(ClassColorizer):
    """The published network: 22 layers of convolution, no pooling, three halvings, one doubling.

    A ReLU behind each convolution, BatchNorm behind each stage but the last; dilated by 2 in stages
    5 and 6. What is trained with rebalanced loss has its weights in the logits: `rebalance` is 0.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 1
        for width, count, stride, dilation in _STAGES:
            for number in range(1, count + 1):
                step = stride if number == count else 1
                layers += [
                    nn.Conv2d(inputs, width, 3, step, padding=dilation, dilation=dilation),
                    nn.ReLU(inplace=True),
                ]
                inputs = width
            layers.append(nn.BatchNorm2d(width))
        layers += [nn.ConvTranspose2d(inputs, 256, 4, stride=2, padding=1), nn.ReLU(inplace=True)]
        for _ in range(2):
            layers += [nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(256, 313, 1))

    def logits(self, luma: Tensor) -> Tensor:
        return self.layers(luma - 0.5)


class ClassDecoder(nn.Module):
    """The paper's decoder up to a quarter of the photo's size, and 313 logits there.

    Blocks are named as those of `efficientnet.Decoder`, and of the same shapes.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth, deepest = widths
        self.block32 = Block(deepest, sixteenth, kernel=1)
        self.block16 = UpAdd(sixteenth, eighth)
        self.block8 = UpAdd(eighth, quarter)
        self.block4 = UpAdd(quarter, half)
        self.to_logits = nn.Conv2d(half, 313, 1)

    def forward(self, taps: list[Tensor]) -> Tensor:
        """Taps at strides 2, 4, 8, 16, 32 to logits (B, 313, H/4, W/4)."""
        _, quarter, eighth, sixteenth, deepest = taps
        x = self.block16(self.block32(deepest), sixteenth)
        x = self.block4(self.block8(x, eighth), quarter)
        return self.to_logits(x)


class EfficientNetClasses(ClassColorizer):
    """Frozen encoder by timm's name, decoder to 313 classes trained."""

    def __init__(self, encoder: str) -> None:
        super().__init__()
        self.encoder = TappedEncoder(encoder, PAPER_TAPS)
        self.decoder = ClassDecoder(self.encoder.widths)

    def logits(self, luma: Tensor) -> Tensor:
        return self.decoder(self.encoder(self.encoder.preprocess(luma)))


@register("zhang2016")
def zhang2016() -> Zhang2016:
    """32,235,385 parameters, all trainable."""
    return Zhang2016()


@register("zhang_lite0")
def zhang_lite0() -> EfficientNetClasses:
    """A small one on Lite0, trained without class weights: they are added when it is read."""
    return EfficientNetClasses("tf_efficientnet_lite0")
