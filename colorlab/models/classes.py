"""Colour as one of 313 classes: the centres, and how a distribution over them is read.

R. Zhang, P. Isola, A. A. Efros, "Colorful Image Colorization", ECCV 2016, section 2.3. Whatever is
read, and at whatever temperature, the logits stay as they are: a network need not run again.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import conv2d

TEMPERATURE = 0.38
"""The paper's: between the mode (0) and the mean (1). The released network's factor on its logits,
2.606, is a temperature of 0.3837."""

# a*: lowest and highest b* of the published centres; between them every tenth.
_ROWS = {
    -90: (50, 90),
    -80: (20, 90),
    -70: (0, 90),
    -60: (-20, 90),
    -50: (-30, 100),
    -40: (-40, 100),
    -30: (-50, 100),
    -20: (-50, 100),
    -10: (-60, 100),
    0: (-70, 100),
    10: (-80, 90),
    20: (-80, 90),
    30: (-90, 90),
    40: (-100, 90),
    50: (-100, 80),
    60: (-110, 80),
    70: (-110, 80),
    80: (-110, 70),
    90: (-110, 70),
    100: (-90, 0),
}


def zhang_bins() -> NDArray[np.int64]:
    """The 313 published centres, int64 (313, 2), (a*, b*) in L*a*b* units, by a*, then b*.

    Their authors call them in gamut, with room to spare: an sRGB colour is nearest to one of 261
    of them. They are the corners of the ten-unit squares that hold sRGB colours (309), and four
    more.
    """
    return np.array([(a, b) for a, (low, high) in _ROWS.items() for b in range(low, high + 1, 10)])


def chroma_of(numbers: Tensor) -> Tensor:
    """The centres of classes (B, H, W) as scaled chroma, (B, 2, H, W), (a*, b*)/128."""
    return (_centres(numbers.device) / 128)[numbers].movedim(-1, 1)


def annealed_mean(logits: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """The mean colour of softmax(logits / temperature): (B, 313, H, W) to chroma (B, 2, H, W).

    At 1 it is the distribution's mean, which a squared error would have asked for; towards 0 it
    becomes the `mode`, and at 0 is that. Raises ValueError for a negative temperature.
    """
    if temperature < 0:
        raise ValueError(f"a temperature can't be negative, got {temperature:g}")
    if temperature == 0:
        return mode(logits)
    shares = (logits.float() / temperature).softmax(dim=1)
    return torch.einsum("bqhw,qc->bchw", shares, _centres(logits.device) / 128)


def mode(logits: Tensor) -> Tensor:
    """The likeliest class's centre, (B, 313, H, W) to chroma (B, 2, H, W)."""
    return chroma_of(logits.argmax(dim=1))


def sample(logits: Tensor, seed: int = 0, reach: float = 4, temperature: float = 1) -> Tensor:
    """One colour drawn for each pixel, neighbours alike: (B, 313, H, W) to chroma (B, 2, H, W).

    Each pixel's class is drawn from softmax(logits / temperature), exactly, by the Gumbel-max trick
    (the largest of logits plus Gumbel noise). The noise of each class varies smoothly over the
    photo, `reach` being its Gaussian's standard deviation in pixels of the logits: what is alike
    and near gets one colour. With reach 0 pixels are independent.

    Raises ValueError for a temperature that isn't positive, or a negative reach.
    """
    if temperature <= 0 or reach < 0:
        raise ValueError("a sample needs a temperature above 0 and a reach of at least 0")
    drawn = torch.Generator().manual_seed(seed)
    noise = smooth_noise(logits.shape, reach, drawn).to(logits.device)
    uniform = torch.special.ndtr(noise).clamp(1e-7, 1 - 1e-7)
    return mode(logits.float() / temperature - (-uniform.log()).log())


def smooth_noise(shape: tuple[int, ...], reach: float, drawn: torch.Generator) -> Tensor:
    """Gaussian noise (B, C, H, W), each value of mean 0 and variance 1, neighbours correlated."""
    batch, channels, height, width = shape
    margin = math.ceil(2.5 * reach)
    noise = torch.randn(
        (batch * channels, 1, height + 2 * margin, width + 2 * margin), generator=drawn
    )
    if margin:
        taps = torch.exp(-(torch.arange(-margin, margin + 1) ** 2) / (2 * reach**2))
        taps /= taps.norm()  # so that the sum of independent values keeps variance 1
        noise = conv2d(conv2d(noise, taps.view(1, 1, -1, 1)), taps.view(1, 1, 1, -1))
    return noise.view(batch, channels, height, width)


def _centres(device: torch.device) -> Tensor:
    return torch.tensor(zhang_bins(), dtype=torch.float32, device=device)
