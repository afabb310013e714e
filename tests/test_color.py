"""Colour conversions against scikit-image, published values, and their own inverses."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.color
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from colorlab import color
from colorlab.color import LAB, YUV, YUV_RAW
from colorlab.data.samples import sample_photos

UNIT = st.floats(0, 1, width=32)
SPACES = (LAB, YUV, YUV_RAW)
RGB = npst.arrays(np.float32, npst.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=UNIT)


def channels_last(image: torch.Tensor) -> np.ndarray:
    return image.movedim(-3, -1).numpy()


@pytest.fixture(scope="module")
def photo() -> torch.Tensor:
    return torch.from_numpy(sample_photos("coffee")[0].rgb).permute(2, 0, 1) / 255


@pytest.fixture(scope="module")
def every_fifth_colour() -> torch.Tensor:
    levels = torch.arange(0, 256, 5) / 255
    return torch.cartesian_prod(levels, levels, levels).T.reshape(3, 52, -1)


@pytest.mark.parametrize(
    ("ours", "reference"),
    [(color.rgb_to_lab, skimage.color.rgb2lab), (color.rgb_to_yuv, skimage.color.rgb2yuv)],
)
def test_forward_agrees_with_scikit_image(ours, reference, photo, every_fifth_colour):
    for image in (photo, every_fifth_colour):
        assert np.abs(channels_last(ours(image)) - reference(channels_last(image))).max() < 1e-3


def test_backward_agrees_with_scikit_image(every_fifth_colour):
    lab = color.rgb_to_lab(every_fifth_colour.double())
    reference = skimage.color.lab2rgb(channels_last(lab))
    assert np.abs(channels_last(color.lab_to_rgb(lab)) - reference).max() < 1e-5


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
def test_round_trip_keeps_shape_dtype_and_colour(space, dtype, lead, photo):
    image = photo.to(dtype)[:, ::7, ::7].expand(*lead, -1, -1, -1)
    luma, chroma = space.split(image)
    back = space.merge(luma, chroma)
    assert luma.shape == (*lead, 1, *image.shape[-2:])
    assert chroma.shape == (*lead, 2, *image.shape[-2:])
    assert back.dtype == dtype
    assert torch.allclose(back, image, atol=1e-5, rtol=0)


@given(RGB)
@settings(deadline=None)
def test_any_colour_survives_the_round_trip(values):
    image = torch.from_numpy(values).expand(3, -1, -1).clone()
    image[1] = image[1].flip(-1)  # not only greys
    for space in SPACES:
        assert torch.allclose(space.merge(*space.split(image)), image, atol=1e-5, rtol=0)


def test_known_colours():
    """Red, green, blue and middle grey as tabulated for sRGB and D65 (Lindbloom, rounded)."""
    grey = 119 / 255
    rgb = torch.tensor([[1.0, 0, 0, grey], [0, 1, 0, grey], [0, 0, 1, grey]])[:, None]
    lab = color.rgb_to_lab(rgb.double())
    assert lab[0, 0].tolist() == pytest.approx([53.24, 87.73, 32.30, 50.03], abs=0.02)
    assert lab[1, 0].tolist() == pytest.approx([80.09, -86.18, 79.19, 0.0], abs=0.02)
    assert lab[2, 0].tolist() == pytest.approx([67.20, 83.18, -107.86, 0.0], abs=0.02)


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_luma_is_the_first_half_of_split(space, photo):
    assert torch.allclose(space.luma(photo), space.split(photo)[0], atol=1e-6, rtol=0)


def test_chroma_ranges(every_fifth_colour):
    """The paper's ranges: L*a*b* chroma in [-1, 1], YUV chroma in [-0.5, 0.5], and filling it."""
    assert LAB.split(every_fifth_colour)[1].abs().max() <= 1
    for_paper = YUV.split(every_fifth_colour)[1]
    assert for_paper.amax(dim=(1, 2)).tolist() == pytest.approx([0.5, 0.5], abs=1e-6)
    raw = YUV_RAW.split(every_fifth_colour)[1]
    assert raw.amax(dim=(1, 2)).tolist() == pytest.approx([0.436, 0.615], abs=1e-3)


def test_grey_has_no_chroma():
    grey = torch.linspace(0, 1, 256).expand(3, 1, 256)
    assert color.rgb_to_lab(grey.double())[1:].abs().max() < 5e-3  # six-digit matrices
    assert color.rgb_to_yuv(grey)[1:].abs().max() < 1e-6


def test_merge_keeps_to_the_gamut():
    luma = torch.full((1, 4, 4), 0.5)
    rgb = LAB.merge(luma, torch.ones(2, 4, 4))
    assert rgb.min() >= 0
    assert rgb.max() <= 1


def test_in_gamut_agrees_with_scikit_image():
    units = torch.arange(-110.0, 111.0, 5)
    a, b = torch.meshgrid(units, units, indexing="ij")
    lab = torch.stack([torch.full_like(a, 60), a, b]).double()
    rgb = skimage.color.lab2xyz(channels_last(lab)) @ np.linalg.inv(np.array(color._XYZ_FROM_RGB)).T
    expected = ((rgb > -1e-4) & (rgb < 1 + 1e-4)).all(axis=-1)
    assert (color.in_gamut(lab).numpy() == expected).mean() > 0.999
    assert expected.any()
    assert not expected.all()


@pytest.mark.parametrize("point", [0.0, 0.002, 0.04045, 0.5, 1.0])
@pytest.mark.parametrize("convert", [color.rgb_to_lab, color.rgb_to_yuv, LAB.luma])
def test_gradients_are_finite_everywhere(convert, point):
    rgb = torch.full((3, 1, 1), point, dtype=torch.float64, requires_grad=True)
    convert(rgb).sum().backward()
    assert rgb.grad is not None
    assert torch.isfinite(rgb.grad).all()


def test_gradient_agrees_with_finite_differences():
    generator = torch.Generator().manual_seed(0)
    rgb = torch.rand(3, 2, 2, dtype=torch.float64, generator=generator).requires_grad_()
    assert torch.autograd.gradcheck(color.rgb_to_lab, rgb)
    lab = color.rgb_to_lab(rgb.detach()).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: color.lab_to_rgb(x, clip=False), lab)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match=r"expected shape \(\.\.\., 3, H, W\), got \(4, 5\)"):
        color.rgb_to_lab(torch.rand(4, 5))
    with pytest.raises(TypeError, match="floating"):
        color.rgb_to_lab(torch.zeros(3, 2, 2, dtype=torch.uint8))
    with pytest.raises(ValueError, match="expected shape"):
        LAB.merge(torch.rand(1, 2, 2), torch.rand(3, 2, 2))
