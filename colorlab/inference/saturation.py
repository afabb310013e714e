"""More or less colour than a network answers with."""

from __future__ import annotations

from torch import Tensor

from colorlab.models import Colorizer


class Saturated(Colorizer):
    """A colorizer whose chroma is multiplied by `factor`: 0 is grey, 1 the network's own answer.

    Raises ValueError for a factor below 0 or above 4.
    """

    def __init__(self, model: Colorizer, factor: float) -> None:
        if not 0 <= factor <= 4:
            raise ValueError(f"saturation must lie in [0, 4], got {factor:g}")
        super().__init__()
        self.space, self.model, self.factor = model.space, model, factor

    def predict(self, luma: Tensor) -> Tensor:
        return self.model.predict(luma) * self.factor
