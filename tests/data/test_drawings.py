"""Line drawings of photos, against SciPy's Gaussians and by what they must show."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from colorlab.color import LAB
from colorlab.data.drawings import line_drawing
from colorlab.data.samples import sample_photos


def camera() -> torch.Tensor:
    rgb = torch.from_numpy(sample_photos("coffee")[0].rgb[::3, ::3].copy()).permute(2, 0, 1)
    return LAB.luma(rgb[None] / 255)


@pytest.mark.parametrize("sigma", [0.3, 0.5, 1.0])
def test_it_is_the_difference_of_scipys_gaussians(sigma: float) -> None:
    luma = camera()
    picture = luma[0, 0].double().numpy()
    fine, coarse = (gaussian_filter(picture, s, mode="mirror") for s in (sigma, 4.5 * sigma))
    difference = fine - 0.95 * coarse
    wanted = np.where(difference >= 0.01, 1, 1 + np.tanh((difference - 0.01) / 0.1))
    found = line_drawing(luma, sigma, threshold=0.01, softness=0.1)[0, 0].numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert 0.05 < (found < 0.5).mean() < 0.5


@pytest.mark.parametrize("light", [0.0, 0.4, 1.0])
def test_what_is_even_is_paper_however_dark(light: float) -> None:
    assert torch.equal(line_drawing(torch.full((1, 1, 32, 32), light)), torch.ones(1, 1, 32, 32))


def test_an_edge_is_inked_on_its_dark_side() -> None:
    step = torch.full((1, 1, 32, 32), 0.2)
    step[..., 16:] = 0.9
    row = line_drawing(step)[0, 0, 10]
    assert (row[16:] == 1).all()
    assert row[15] < 0.01
    assert (row[:8] > 0.99).all()


def test_a_hard_threshold_leaves_paper_and_ink_alone() -> None:
    hard, soft = line_drawing(camera(), softness=1e-9), line_drawing(camera(), softness=0.05)
    assert set(hard.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(hard == 1, soft == 1)
    assert ((soft > 0.2) & (soft < 0.8)).float().mean() > 0.05


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="expected luma"):
        line_drawing(torch.rand(1, 3, 8, 8))
    with pytest.raises(ValueError, match="above 0"):
        line_drawing(torch.rand(1, 1, 8, 8), sigma=0)
