"""The mean of several looks at a photo: at other scales, and mirrored."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import interpolate

from colorlab.models import STRIDE, Colorizer

SCALES = (5 / 7, 1.0)
"""Of the usual size: 160 and 224 pixels. Larger ones add error on validation photos."""


class Averaged(Colorizer):
    """A colorizer whose answers are averaged over `scales` of the photo, each also mirrored.

    With the usual two scales it takes three times as long as `model`, any colorizer.
    """

    def __init__(self, model: Colorizer, scales: tuple[float, ...] = SCALES) -> None:
        super().__init__()
        self.space, self.model, self.scales = model.space, model, scales

    def predict(self, luma: Tensor) -> Tensor:
        high, wide = luma.shape[2:]
        answers = []
        for scale in self.scales:
            size = [max(STRIDE, round(side * scale / STRIDE) * STRIDE) for side in (high, wide)]
            seen = interpolate(luma, size, mode="bicubic", antialias=True).clamp(0, 1)
            answer = self.model.predict(seen) + self.model.predict(seen.flip(3)).flip(3)
            answers.append(
                interpolate(answer.float(), (high, wide), mode="bilinear", antialias=True)
            )
        return sum(answers[1:], answers[0]) / (2 * len(answers))
