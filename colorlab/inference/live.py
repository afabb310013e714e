"""A photo seen by the network once, and its colours at any lambda after that.

Of a live colorizer only the decoder hears of lambda. So what the encoder found is kept, and moving
a slider costs half of the network, on a small picture.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from colorlab.inference.colorize import load_model
from colorlab.inference.join import join_luminance, to_pixels
from colorlab.inference.predict import working_luma
from colorlab.models.fast import autocast
from colorlab.models.live import LiveColorizer

Picture = NDArray[np.uint8]

LIVE = "efficientnet_lite0_live"


def live_model(name: str = LIVE) -> LiveColorizer:
    """The trained live colorizer, read once. Raises ValueError for a model without a lambda."""
    model = load_model(name)
    if not isinstance(model, LiveColorizer):
        raise ValueError(f"{name} was trained for one lambda; {LIVE} takes any")
    return model


class LivePhoto:
    """A photo, uint8 (H, W, 3), under a live colorizer, which looks at `seen` if that is given."""

    def __init__(self, rgb: Picture, model: LiveColorizer, seen: Picture | None = None) -> None:
        self.model = model
        self._pixels = to_pixels(rgb)
        self._seen = self._pixels if seen is None else to_pixels(seen)
        device = next(model.parameters()).device
        self._autocast = autocast(device)
        with torch.inference_mode(), self._autocast:
            self._luma = working_luma(self._seen, model.space).to(device)
            self._taps = model.encode(self._luma)

    @torch.inference_mode()
    def chroma(self, lam: float) -> Tensor:
        """The network's answer at one lambda, in [0.1, 1]: (2, h, w) at its working size."""
        with self._autocast:
            return self.model.decode(self._taps, self._luma, lam)[0]

    @cached_property
    def _small(self) -> Tensor:
        size = self._luma.shape[2:]
        small = torch.nn.functional.interpolate(
            self._pixels[None], size, mode="bilinear", antialias=True
        )
        return small[0]

    def preview(self, lam: float) -> Picture:
        """The photo in these colours as small as the network sees it, uint8 (h, w, 3)."""
        return self.join(self.chroma(lam))

    @torch.inference_mode()
    def join(self, chroma: Tensor) -> Picture:
        """The photo with any chroma (2, h, w) of that size, uint8 (h, w, 3)."""
        luma = self.model.space.luma(self._small.float() / 255)
        rgb = self.model.space.merge(luma, chroma.to("cpu", torch.float32))
        return (rgb * 255).round_().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()

    @torch.inference_mode()
    def full(self, lam: float) -> Picture:
        """The photo in these colours with all its pixels, uint8 (H, W, 3)."""
        return join_luminance(self._pixels, self.chroma(lam), self.model.space).numpy()
