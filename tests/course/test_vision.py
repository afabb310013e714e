"""Simulated colour vision against the cones themselves, and what must not change."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab, xyz2rgb

from colorlab.color import rgb_to_lab
from colorlab.course.vision import SIMULATIONS, differences, seen_by

# X, Y, Z to L, M, S: the Hunt-Pointer-Estevez matrix, normalised to D65.
CONES = np.array([[0.4002, 0.7076, -0.0808], [-0.2263, 1.1653, 0.0457], [0, 0, 0.9182]])


def as_rgb(cones: np.ndarray) -> torch.Tensor:
    """What sRGB shows of an excitation of the cones (3,), as (3, 1, 1)."""
    xyz = np.linalg.solve(CONES, cones)
    return torch.from_numpy(xyz2rgb(xyz.reshape(1, 1, 3))).movedim(-1, 0)


@pytest.mark.parametrize(("observer", "cone"), [("protan", 0), ("deutan", 1), ("tritan", 2)])
def test_what_only_the_missing_cone_tells_apart_looks_alike(observer, cone):
    grey = np.array([0.3, 0.3, 0.3])
    step = np.zeros(3)
    step[cone] = 0.2 if cone == 2 else 0.04
    one, other = as_rgb(grey + step), as_rgb(grey - step)
    before, after = differences(one, other).item(), differences(one, other, observer).item()
    assert before > 25
    assert after < 0.35 * before
    # And what another cone tells apart does not vanish.
    for seen in SIMULATIONS.keys() - {observer}:
        if {seen, observer} != {"protan", "deutan"}:  # red-green both
            assert differences(one, other, seen).item() > after


@pytest.mark.parametrize("observer", SIMULATIONS)
def test_greys_stay(observer):
    greys = torch.linspace(0, 1, 11).expand(3, 1, 11)
    torch.testing.assert_close(seen_by(greys, observer), greys, atol=1e-3, rtol=0)


def test_differences_are_those_of_scikit_image():
    one, other = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0), dtype=float)
    labs = [rgb2lab(x.movedim(0, -1).numpy()) for x in (one, other)]
    expected = np.linalg.norm(labs[0] - labs[1], axis=-1)
    np.testing.assert_allclose(differences(one, other).numpy(), expected, atol=0.05)


def test_a_deutan_keeps_lightness_nearly_and_loses_a():
    red = torch.tensor((0.8, 0.3, 0.3)).view(3, 1, 1)
    before, after = rgb_to_lab(red).flatten(), rgb_to_lab(seen_by(red, "deutan")).flatten()
    assert abs(before[0] - after[0]) < 12
    assert abs(after[1]) < 0.3 * before[1]


def test_an_unknown_observer_is_refused():
    with pytest.raises(ValueError, match="protan, deutan, tritan"):
        seen_by(torch.zeros(3, 1, 1), "dog")
