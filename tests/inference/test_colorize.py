"""Colouring whole photos: the luminance stays, the chroma is the network's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import interpolate

import colorlab
from colorlab.color import LAB, YUV, YUV_RAW, lab_to_rgb, lightness, reduce_to_gamut, rgb_to_lab
from colorlab.data.photo import Photo, PhotoError
from colorlab.data.samples import sample_photos
from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model
from colorlab.inference.join import join_luminance
from colorlab.inference.predict import working_size
from colorlab.models import Colorizer


@pytest.fixture(scope="module")
def model() -> Colorizer:
    return load_model("efficientnet_lite0")


@pytest.fixture(scope="module")
def china() -> np.ndarray:
    return sample_photos("china")[0].rgb


def lab(picture: np.ndarray) -> torch.Tensor:
    return rgb_to_lab(torch.from_numpy(picture).permute(2, 0, 1) / 255)


def test_luminance_stays_and_colour_comes(model, china):
    result = colorize_rgb(china, model)
    assert result.shape == china.shape
    assert result.dtype == np.uint8
    before, after = lab(china), lab(result)
    # Cut to the gamut, a colour's lightness moves a little; elsewhere by rounding only.
    assert (before[0] - after[0]).abs().mean() < 0.5
    assert after[1:].norm(dim=0).mean() > 3


def test_it_colours_real_photos_better_than_grey(model, china):
    """The shipped head on a photo it never saw: a blue sky, so a sum of squares below grey's."""
    error = (lab(colorize_rgb(china, model)) - lab(china))[1:].square().sum()
    assert error < 0.8 * lab(china)[1:].square().sum()


def test_only_the_luminance_of_a_colour_photo_is_used(model, china):
    from_colour = colorize_rgb(china, model).astype(int)
    from_grey = colorize_rgb(grey_photo(Photo(china)), model).astype(int)
    assert np.abs(from_colour - from_grey).mean() < 1.5


def test_bands_are_seamless(china):
    """Joined band by band on threads, the result is that of one piece, by torch's own bicubic."""
    pixels = torch.from_numpy(china).permute(2, 0, 1)
    chroma = torch.rand(2, 9, 13, generator=torch.Generator().manual_seed(0)) - 0.5
    rgb = pixels.float() / 255
    for space in (LAB, YUV, YUV_RAW):
        whole = interpolate(chroma[None], pixels.shape[1:], mode="bicubic")[0]
        if space is LAB:
            colors = 128 * whole
        else:
            colors = rgb_to_lab(space.merge(space.luma(rgb), whole))[1:]
        shown = lab_to_rgb(reduce_to_gamut(torch.cat([lightness(rgb), colors])))
        expected = (shown * 255).round().byte().permute(1, 2, 0)
        joined = join_luminance(pixels, chroma, space)
        apart = (joined.int() - expected.int()).abs().amax(dim=2)
        # The gamut's edge is crossed twice by a few hues, and a rounding decides where.
        assert (apart > 1).float().mean() < 1e-3
        assert (apart > 1).float().mean(dim=1).max() < 0.02, "no row is a seam"


def test_the_number_of_threads_is_given_back(model, china):
    before = torch.get_num_threads()
    colorize_rgb(china, model)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (7, 3), (33, 64), (300, 301)])
def test_any_size(model, shape):
    assert colorize_rgb(np.full((*shape, 3), 120, np.uint8), model).shape == (*shape, 3)


def test_working_sizes():
    assert working_size(224, 224) == (224, 224)
    assert working_size(3000, 4000) == (224, 288)
    assert working_size(4000, 3000) == (288, 224)
    assert working_size(10, 5000) == (224, 896)


def test_colorize_takes_what_people_have(china, tmp_path):
    image = Image.fromarray(china[::2, ::2])
    image.save(tmp_path / "photo.png")
    results = [
        colorlab.colorize(given)
        for given in (image, np.asarray(image), tmp_path / "photo.png", str(tmp_path / "photo.png"))
    ]
    assert all(np.array_equal(result, results[0]) for result in results)
    grey = np.asarray(image.convert("L"))
    assert colorlab.colorize(grey).shape == (*grey.shape, 3)
    image.putalpha(77)
    with_alpha = colorlab.colorize(image)
    assert with_alpha.shape == (*grey.shape, 4)
    assert (with_alpha[..., 3] == 77).all()


def test_colorize_refuses_in_words(tmp_path):
    with pytest.raises(PhotoError, match="no such file"):
        colorlab.colorize(tmp_path / "missing.jpg")
    with pytest.raises(ValueError, match="no model 'best'"):
        colorlab.colorize(np.zeros((4, 4, 3), np.uint8), model="best")


def test_grey_photo_is_grey_with_the_same_lightness(china):
    grey = grey_photo(Photo(china))
    assert (np.ptp(grey.astype(int), axis=2) <= 1).all()
    assert (lab(grey)[0] - lab(china)[0]).abs().max() < 0.5
    assert LAB.name == "lab"
