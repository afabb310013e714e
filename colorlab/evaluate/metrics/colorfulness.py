"""Colourfulness: how colourful people find a photo, whatever it shows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from colorlab.evaluate.metrics.base import Array, Images, metric

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


@metric("colorfulness", "colourfulness", better="near the truth", source=_HASLER, unit="0-255")
def signed(shown: Images, truth: Images) -> Tensor:
    """sqrt(s_rg^2 + s_yb^2) + 0.3 sqrt(m_rg^2 + m_yb^2) with signed rg = R - G, yb = (R + G)/2 - B,
    R, G, B in 0..255; mean over photos.
    """
    return shown.derive(colorfulness)[:, None]


@metric(
    "colorfulness_abs",
    "colourfulness (abs)",
    better="near the truth",
    source=_HASLER + ", altered",
    unit="0-255",
)
def absolute(shown: Images, truth: Images) -> Tensor:
    """As colourfulness, but with |rg| and |yb|: a variant found in the code of several papers,
    mostly lower.
    """
    return shown.derive(absolute_colorfulness)[:, None]


def _difference(means: Array) -> Array:
    return np.abs(means[..., 0] - means[..., 1])


@metric(
    "delta_colorfulness_set",
    "Delta colourfulness (set)",
    better="lower",
    source=_HASLER,
    unit="0-255",
    combine=_difference,
)
def of_the_set(shown: Images, truth: Images) -> Tensor:
    """|mean colourfulness of all outputs - mean colourfulness of all true photos|; too colourful
    and too pale photos cancel.
    """
    return torch.stack([shown.derive(colorfulness), truth.derive(colorfulness)], dim=1)  # (B, 2)


@metric(
    "delta_colorfulness_abs",
    "Delta colourfulness (set, abs)",
    better="lower",
    source="Kang et al. 2023, table 1",
    unit="0-255",
    combine=_difference,
)
def of_the_set_absolute(shown: Images, truth: Images) -> Tensor:
    """|mean colourfulness (abs) of all outputs - that of all true photos|, with the variant's |rg|
    and |yb|: the Delta CF of tables that follow DDColor's.
    """
    variants = [images.derive(absolute_colorfulness) for images in (shown, truth)]
    return torch.stack(variants, dim=1)  # (B, 2)


@metric(
    "delta_colorfulness_photo",
    "Delta colourfulness (photo)",
    better="lower",
    source=_HASLER,
    unit="0-255",
)
def of_each_photo(shown: Images, truth: Images) -> Tensor:
    """|colourfulness of the output - that of the true photo| of each photo, mean over photos;
    nothing cancels.
    """
    return (shown.derive(colorfulness) - truth.derive(colorfulness)).abs()[:, None]
