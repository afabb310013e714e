"""What a colour looks like to readers and raters who see fewer colours.

The simulation of G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, "A Physiologically-based
Model for Simulation of Color Vision Deficiency", IEEE Transactions on Visualization and Computer
Graphics 15(6), 2009, at severity 1, when a kind of cone is missing. It is for showing what may be
lost; people differ, and no simulation is what a person sees.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from colorlab.color import linear_to_srgb, rgb_to_lab, srgb_to_linear

Observer = Literal["protan", "deutan", "tritan"]

SIMULATIONS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""The authors' matrices of severity 1, for linear RGB; they count the tritan one as the least sure.

Without L cones (protan), M cones (deutan), S cones (tritan)."""


def seen_by(rgb: Tensor, observer: Observer) -> Tensor:
    """sRGB as it may look to an observer: (..., 3, H, W) in [0, 1] to the same, cut to [0, 1].

    Raises ValueError for an unknown observer.

    >>> seen_by(torch.full((3, 1, 1), 0.5), "deutan").flatten()
    tensor([0.5000, 0.5000, 0.5000])
    """
    if observer not in SIMULATIONS:
        raise ValueError(f"observer must be one of {', '.join(SIMULATIONS)}, got {observer!r}")
    matrix = rgb.new_tensor(SIMULATIONS[observer])
    linear = torch.einsum("ij,...jhw->...ihw", matrix, srgb_to_linear(rgb))
    return linear_to_srgb(linear.clamp(0, 1)).clamp(0, 1)


def differences(one: Tensor, other: Tensor, observer: Observer | None = None) -> Tensor:
    """Delta E*ab of two pictures, (..., 3, H, W) in [0, 1] to (..., H, W); to all cones, or fewer.

    The plain distance in L*a*b* (CIE 1976): it was made for people with three kinds of cones, and
    is an orientation for others.
    """
    if observer is not None:
        one, other = seen_by(one, observer), seen_by(other, observer)
    return torch.linalg.vector_norm(rgb_to_lab(one) - rgb_to_lab(other), dim=-3)
