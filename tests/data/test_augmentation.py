"""Augmentation: cropping, squashing, mirroring and turning photos."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.transform import rotate as skimage_rotate

from colorlab.data.batches import PAPER_AUGMENTATION, Augmentation, rotate, squash
from colorlab.data.samples import sample_photos

PHOTO = torch.from_numpy(sample_photos("coffee")[0].rgb).permute(2, 0, 1)


@settings(deadline=None, max_examples=60)
@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    size=st.integers(2, 48),
    min_area=st.sampled_from([0.05, 0.35, 1.0]),
    flip=st.booleans(),
    rotation=st.sampled_from([0.0, 36.0, 180.0]),
    fit=st.sampled_from(["squash", "crop"]),
)
def test_any_photo_becomes_a_square_within_its_own_colours(
    height: int, width: int, size: int, min_area: float, flip: bool, rotation: float, fit: str
) -> None:
    photo = torch.randint(0, 256, (3, height, width), dtype=torch.uint8)
    augment = Augmentation(min_area, flip, rotation, fit)  # type: ignore[arg-type]
    for square in (augment(photo, size), augment.validation(photo, size)):
        assert square.shape == (3, size, size)
        assert square.dtype == torch.uint8
        # Interpolating and reflecting invent no brightness, and a grey border would.
        assert (square.amax((1, 2)) <= photo.amax((1, 2))).all()
        assert (square.amin((1, 2)) >= photo.amin((1, 2))).all()


@pytest.mark.parametrize("degrees", [-36.0, -10.0, 0.0, 5.0, 36.0, 90.0])
def test_rotation_agrees_with_scikit_image(degrees: float) -> None:
    square = squash(PHOTO, 96)
    expected = skimage_rotate(square.permute(1, 2, 0).numpy() / 255.0, degrees, mode="symmetric")
    turned = rotate(square, degrees).permute(1, 2, 0).numpy() / 255.0
    assert np.abs(turned - expected).max() < 1.01 / 255


def test_rotations_fill_the_range() -> None:
    """The paper turns by up to 0.1 of a turn either way; a half-black photo shows the angle."""
    line = torch.zeros(3, 64, 64, dtype=torch.uint8)
    line[:, :, 32:] = 255
    augment = Augmentation(min_area=1, flip=False, rotation=36.0)
    angles = []
    for _ in range(300):
        turned = augment(line, 64)[0].float() / 255
        # On the upper edge the border stands away from the middle by 32 tan(angle).
        edges = turned[[16, 47]].sum(dim=1)
        angles.append(float(torch.rad2deg(torch.atan((edges[0] - edges[1]) / 31))))
    assert max(map(abs, angles)) < 36.5
    assert max(angles) > 33
    assert min(angles) < -33
    assert abs(sum(angles)) / 300 < 5


def test_half_of_the_photos_are_mirrored() -> None:
    augment = Augmentation(min_area=1)
    square = squash(PHOTO, 32)
    seen = [augment(square, 32) for _ in range(200)]
    mirrored = sum(torch.equal(photo, square.flip(-1)) for photo in seen)
    assert sum(torch.equal(photo, square) for photo in seen) + mirrored == 200
    assert 70 < mirrored < 130


def test_crop_keeps_the_aspect_ratio_and_squash_does_not() -> None:
    circle = torch.zeros(3, 60, 120, dtype=torch.uint8)
    y, x = torch.meshgrid(torch.arange(60) - 29.5, torch.arange(120) - 59.5, indexing="ij")
    circle[:, (x**2 + y**2) < 20**2] = 255
    cropped, squashed = (
        Augmentation(min_area=1, fit=fit).validation(circle, 60)[0] > 127
        for fit in ("crop", "squash")
    )
    assert int(cropped.any(0).sum()) == int(cropped.any(1).sum()) == 40
    assert int(squashed.any(0).sum()) * 2 == int(squashed.any(1).sum()) == 40


def test_the_papers_augmentation_is_as_documented() -> None:
    assert Augmentation(1.0, flip=True, rotation=36.0, fit="squash") == PAPER_AUGMENTATION
