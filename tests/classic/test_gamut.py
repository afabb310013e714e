"""Colours that sRGB cannot show lose chroma, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.color
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from skimage.color.colorconv import xyz_from_rgb

from colorlab.classic.planes import join, lightness_of, split
from colorlab.color import in_gamut, lab_to_linear, reduce_to_gamut, rgb_to_lab

from .photos import sample

UNIT = npst.arrays(np.float32, (3, 1, 5), elements=st.floats(-1, 1, width=32))
SCALE, MIDDLE = torch.tensor([[50.0, 180, 180], [50, 0, 0]])[..., None, None]


@given(UNIT)
def test_the_result_can_be_shown_and_keeps_lightness_and_hue(unit):
    lab = torch.from_numpy(unit) * SCALE + MIDDLE
    shown = reduce_to_gamut(lab)
    assert in_gamut(shown).all()
    torch.testing.assert_close(shown[0], lab[0], rtol=0, atol=0)
    before, after = lab[1:].double(), shown[1:].double()
    assert (after.norm(dim=0) <= before.norm(dim=0) * (1 + 1e-6)).all()
    cross = before[0] * after[1] - before[1] * after[0]
    assert cross.abs().max() <= 1e-5 * before.norm(dim=0).max() ** 2 + 1e-9
    assert ((before * after).sum(0) >= 0).all()


@given(npst.arrays(np.float32, (3, 2, 3), elements=st.floats(0, 1, width=32)))
def test_colours_in_gamut_are_left_bit_for_bit(rgb):
    lab = rgb_to_lab(torch.from_numpy(rgb))
    assert torch.equal(reduce_to_gamut(lab), lab)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_no_more_chroma_is_lost_than_need_be(dtype):
    """Against bisection to 1e-9 on scikit-image's conversion."""
    hue = torch.arange(0, 360, 15, dtype=dtype).deg2rad()
    level = torch.arange(5, 96, 10, dtype=dtype)
    lab = torch.stack(
        [
            level[:, None].expand(-1, len(hue)),
            150 * hue.cos().expand(len(level), -1),
            150 * hue.sin().expand(len(level), -1),
        ]
    )
    shown = reduce_to_gamut(lab)[1:].norm(dim=0).double().numpy()
    low, high = np.zeros_like(shown), np.full_like(shown, 150.0)
    white = skimage.color.xyz_tristimulus_values(illuminant="D65", observer="2")
    for _ in range(40):
        middle = (low + high) / 2
        colour = np.moveaxis(lab.double().numpy(), 0, -1).copy()
        colour[..., 1:] *= (middle / 150)[..., None]
        fy = (colour[..., 0] + 16) / 116
        f = np.stack([fy + colour[..., 1] / 500, fy, fy - colour[..., 2] / 200], -1)
        xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * white
        linear = xyz @ np.linalg.inv(xyz_from_rgb).T
        inside = ((linear >= -1e-4) & (linear <= 1 + 1e-4)).all(-1)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    assert (shown <= low + 1e-2).all()
    # The search's 150/4096, and its narrower tolerance where the gamut's edge is met at a slant.
    assert (low - shown).max() < 0.3
    assert (low - shown).mean() < 0.05


def test_batches_views_and_odd_layouts():
    generator = torch.Generator().manual_seed(0)
    lab = torch.rand(2, 3, 3, 40, 50, generator=generator) * 200 - 100
    lab[:, :, 0] = lab[:, :, 0].abs()
    shown = reduce_to_gamut(lab)
    for i in range(2):
        for j in range(3):
            assert torch.equal(reduce_to_gamut(lab[i, j]), shown[i, j])
    turned = reduce_to_gamut(lab.transpose(-1, -2)).transpose(-1, -2)
    assert torch.equal(turned, shown)
    assert reduce_to_gamut(torch.zeros(3, 0, 4)).shape == (3, 0, 4)


def test_the_input_is_left_alone():
    lab = torch.tensor([50.0, 120.0, 0.0]).view(3, 1, 1)
    assert not torch.equal(reduce_to_gamut(lab), lab)
    assert lab.flatten().tolist() == [50, 120, 0]


def test_clipping_by_channel_would_have_moved_the_lightness():
    lab = torch.tensor([97.0, 60.0, 0.0]).view(3, 1, 1)
    shown = join(lab[0].numpy(), lab[1:].permute(1, 2, 0).numpy())
    assert abs(float(lightness_of(shown)[0, 0]) - 97) < 0.3
    y = lab_to_linear(lab).clamp(0, 1)
    weights = torch.tensor(xyz_from_rgb[1]).float().view(3, 1, 1)
    by_channel = 116 * float((weights * y).sum()) ** (1 / 3) - 16
    assert abs(by_channel - 97) > 2


@pytest.mark.parametrize(
    ("lab", "error"),
    [(torch.zeros(2, 4, 4), ValueError), (torch.zeros(3, 4, 4, dtype=torch.int32), TypeError)],
)
def test_what_is_no_lab_picture_is_refused(lab, error):
    with pytest.raises(error, match="expected"):
        reduce_to_gamut(lab)


def test_a_photo_taken_apart_is_put_together_again():
    photo = sample("astronaut")
    np.testing.assert_array_equal(join(*split(photo)), photo)
    np.testing.assert_allclose(lightness_of(photo), split(photo)[0], atol=1e-4)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 4), (0, 5, 3)])
def test_a_photo_has_three_channels_and_pixels(shape):
    with pytest.raises(ValueError, match="shape"):
        split(np.zeros(shape, np.uint8))


def test_chroma_and_lightness_must_match():
    with pytest.raises(ValueError, match="chroma must have shape"):
        join(np.zeros((3, 4), np.float32), np.zeros((4, 3, 2)))
    with pytest.raises(ValueError, match="uint8"):
        split(np.zeros((3, 4, 3)))
