"""Colourfulness: how colourful people find a photo, whatever it shows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from colorlab.evaluate.metrics.base import Array, Facts, Images, metric

_HASLER = "Hasler & Suesstrunk 2003, M3"


def _opponents(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Red-green and yellow-blue on the 0..255 scale, signed, (B, H * W) each."""
    r, g, b = (rgb * 255).flatten(2).unbind(1)
    return r - g, (r + g) / 2 - b


def _m3(rg: Tensor, yb: Tensor) -> Tensor:
    spread = torch.sqrt(rg.var(1, correction=0) + yb.var(1, correction=0))
    return spread + 0.3 * torch.hypot(rg.mean(1), yb.mean(1))


def colorfulness(rgb: Tensor) -> Tensor:
    """Hasler and Suesstrunk's M3: RGB (B, 3, H, W) in [0, 1] to (B,); grey has 0.

    About 15 is slightly colourful, 59 quite, 109 extremely (their Table 2).
    """
    return _m3(*_opponents(rgb))


def absolute_colorfulness(rgb: Tensor) -> Tensor:
    """M3 with |rg| and |yb| in place of the signed differences: (B, 3, H, W) to (B,).

    Not the definition, but what the code behind several papers computes. Red beside green is no
    spread to it, so most photos get less.
    """
    rg, yb = _opponents(rgb)
    return _m3(rg.abs(), yb.abs())


@metric(
    Facts(
        name="colorfulness",
        title="colourfulness",
        unit="0-255",
        better="near the truth",
        definition="sqrt(s_rg^2 + s_yb^2) + 0.3 sqrt(m_rg^2 + m_yb^2) with signed rg = R - G, "
        "yb = (R + G)/2 - B, R, G, B in 0..255; mean over photos",
        source=_HASLER,
    )
)
def signed(shown: Images, truth: Images) -> Tensor:
    """(B, 1), of what is shown alone."""
    return shown.derive(colorfulness)[:, None]


@metric(
    Facts(
        name="colorfulness_abs",
        title="colourfulness (abs)",
        unit="0-255",
        better="near the truth",
        definition="as colourfulness, but with |rg| and |yb|: a variant found in the code of "
        "several papers, mostly lower",
        source=_HASLER + ", altered",
    )
)
def absolute(shown: Images, truth: Images) -> Tensor:
    """(B, 1), of what is shown alone."""
    return shown.derive(absolute_colorfulness)[:, None]


def _difference(means: Array) -> Array:
    return np.abs(means[..., 0] - means[..., 1])


@metric(
    Facts(
        name="delta_colorfulness_set",
        title="Delta colourfulness (set)",
        unit="0-255",
        better="lower",
        definition="|mean colourfulness of all outputs - mean colourfulness of all true photos|; "
        "too colourful and too pale photos cancel",
        source=_HASLER,
    ),
    combine=_difference,
)
def of_the_set(shown: Images, truth: Images) -> Tensor:
    """Colourfulness of output and truth, (B, 2)."""
    return torch.stack([shown.derive(colorfulness), truth.derive(colorfulness)], dim=1)


@metric(
    Facts(
        name="delta_colorfulness_photo",
        title="Delta colourfulness (photo)",
        unit="0-255",
        better="lower",
        definition="|colourfulness of the output - that of the true photo| of each photo, mean "
        "over photos; nothing cancels",
        source=_HASLER,
    )
)
def of_each_photo(shown: Images, truth: Images) -> Tensor:
    """(B, 1)."""
    return (shown.derive(colorfulness) - truth.derive(colorfulness)).abs()[:, None]
