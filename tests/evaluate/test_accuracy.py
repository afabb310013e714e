"""Nazeri's accuracy: a pixel is right within 2 % of each channel's range."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.color
import torch

from colorlab.color import lab_to_rgb
from colorlab.data.samples import sample_photos
from colorlab.evaluate.metrics import measure


@pytest.mark.parametrize(
    ("off", "right"),
    [
        ((0.0, 0.0, 0.0), 1),
        ((2.2, 0.0, 0.0), 1),  # of 50 to 52.2, which is rounded to 52
        ((2.8, 0.0, 0.0), 0),
        ((0.0, 4.3, -4.3), 1),
        ((0.0, 4.7, 0.0), 0),  # rounded to 5, above 4.4
        ((0.0, 0.0, -4.7), 0),
        ((2.0, 4.0, 4.7), 0),  # two channels are not enough
    ],
)
def test_all_three_channels_must_be_right(off: tuple[float, float, float], right: int) -> None:
    true = torch.tensor([50.0, 10.0, 20.0]).view(1, 3, 1, 1).expand(1, 3, 4, 4)
    shown = true.clone()
    shown[..., :2] += torch.tensor(off).view(1, 3, 1, 1)  # half of the pixels
    value = measure("accuracy", lab_to_rgb(shown), lab_to_rgb(true))
    assert value == pytest.approx((1 + right) / 2)


def test_it_is_the_definition_on_photos() -> None:
    photos = [x.rgb[:120, :120] / 255 for x in sample_photos("coffee", "china")]
    grey = [np.repeat(skimage.color.rgb2gray(x)[..., None], 3, axis=2) for x in photos]
    wanted = []
    for ours, true in zip(grey, photos, strict=True):
        off = np.abs(np.rint(skimage.color.rgb2lab(ours)) - np.rint(skimage.color.rgb2lab(true)))
        wanted.append((off <= (2, 4.4, 4.4)).all(-1).mean())
    shown, truth = (torch.from_numpy(np.stack(x)).movedim(-1, 1) for x in (grey, photos))
    np.testing.assert_allclose(measure("accuracy", shown, truth), wanted, atol=1e-3)
    assert min(wanted) > 0.005
    assert max(wanted) < 0.9
