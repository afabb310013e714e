"""Mounts with the grain of a scan are found, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from colorlab.data.samples import sample_photos
from colorlab.inference.predict import find_mount


def on_mount(name: str, sigma: float) -> torch.Tensor:
    """Every second pixel of a sample photo on grey card, 20 wide, with Gaussian noise."""
    rgb = sample_photos(name)[0].rgb[::2, ::2]
    height, width = rgb.shape[:2]
    noise = np.random.default_rng(0).normal(170, sigma, (height + 40, width + 40, 1))
    mounted = np.repeat(noise, 3, axis=2).clip(0, 255).astype(np.uint8)
    mounted[20:-20, 20:-20] = rgb
    return torch.from_numpy(mounted).permute(2, 0, 1)


@pytest.mark.parametrize("sigma", [0, 6])
@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_a_mount_is_found_to_the_pixel(name, sigma):
    mounted = on_mount(name, sigma)
    height, width = mounted.shape[1:]
    assert find_mount(mounted) == pytest.approx((20, 20, height - 20, width - 20), abs=2)


def test_photos_have_none():
    for photo in sample_photos():
        assert find_mount(torch.from_numpy(np.array(photo.rgb)).permute(2, 0, 1)) is None
