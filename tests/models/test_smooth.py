"""The default network's last step, a fast guided filter, against the plain one in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import avg_pool2d

from colorlab.classic.guided import enlarge, guided_coefficients
from colorlab.color import LAB
from colorlab.data.samples import sample_photos
from colorlab.evaluate.methods import Preprocessing
from colorlab.models.colorlab import smooth


@pytest.fixture(scope="module")
def photo() -> tuple[torch.Tensor, torch.Tensor]:
    rgb = torch.from_numpy(np.array(sample_photos("coffee")[0].rgb)).permute(2, 0, 1)
    return LAB.split(Preprocessing(224)(rgb)[None].float() / 255)


def test_it_is_the_guided_filter(photo):
    luma, chroma = photo
    small = avg_pool2d(chroma, 4)[0].permute(1, 2, 0).numpy()
    guide = avg_pool2d(luma, 4)[0, 0].numpy()
    # SciPy mirrors at the rim, so look inside.
    a, b = guided_coefficients(small, guide, radius=4, epsilon=1e-3)
    slow = enlarge(a, 224, 224) * luma[0, 0, ..., None].numpy() + enlarge(b, 224, 224)
    found = smooth(chroma, luma)[0].permute(1, 2, 0).numpy()
    inside = slice(40, -40)
    np.testing.assert_allclose(found[inside, inside], slow[inside, inside], atol=2e-4)


def test_flat_colour_stays_and_blotches_go(photo):
    luma, chroma = photo
    flat = torch.full_like(chroma, 0.2)
    torch.testing.assert_close(smooth(flat, luma), flat, atol=1e-5, rtol=0)
    torch.manual_seed(0)
    blotches = torch.nn.functional.interpolate(0.1 * torch.randn(1, 2, 14, 14), 224, mode="bicubic")
    left = smooth(flat + blotches, luma) - flat
    assert left.std() < 0.5 * blotches.std()


def test_a_colour_that_follows_the_light_keeps_its_edges(photo):
    luma, _ = photo
    chroma = torch.cat([0.3 * luma, 0.1 - 0.2 * luma], dim=1)
    assert (smooth(chroma, luma) - chroma).abs().mean() < 0.15 * chroma.std()
