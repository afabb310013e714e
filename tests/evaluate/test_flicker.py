"""Measures of flicker: known answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from skimage.color import rgb2lab

from colorlab.data.pan import simulate_pan
from colorlab.data.samples import sample_photos
from colorlab.evaluate.flicker import color_distribution_consistency, warped_difference
from colorlab.inference.steady import warp

COFFEE = np.ascontiguousarray(sample_photos("coffee")[0].rgb[::4, ::4])
STILL = np.zeros((2, *COFFEE.shape[:2]), np.float32)


def test_a_still_film_does_not_flicker() -> None:
    assert color_distribution_consistency([COFFEE] * 6) == 0
    assert warped_difference([COFFEE] * 3, [STILL] * 3) < 1e-4


def test_colours_with_nothing_in_common_are_ln_2_apart() -> None:
    black, white = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)
    film = [black, white] * 4
    assert color_distribution_consistency(film, [1]) == pytest.approx(np.log(2))
    assert color_distribution_consistency(film, [2]) == 0
    assert color_distribution_consistency(film) == pytest.approx(np.log(2) / 3)
    green = black.copy()
    green[..., 1] = 255
    assert color_distribution_consistency([black, green], [1]) == pytest.approx(np.log(2) / 3)


def test_consistency_agrees_with_scipy() -> None:
    frames = [COFFEE, COFFEE // 2, COFFEE // 3 + 20, 255 - COFFEE, COFFEE, COFFEE // 2]
    shares = np.stack(
        [[np.histogram(f[..., c], 256, (0, 256))[0] for c in range(3)] for f in frames]
    )
    apart = [jensenshannon(shares[k:], shares[:-k], axis=2) ** 2 for k in (1, 2, 4)]
    expected = np.mean([one.mean() for one in apart])
    assert color_distribution_consistency(frames) == pytest.approx(expected, rel=1e-6)


def test_a_change_of_colour_is_as_large_as_scikit_image_says() -> None:
    first, second = np.full((5, 6, 3), (200, 80, 60), np.uint8), np.full((5, 6, 3), 120, np.uint8)
    a, b = rgb2lab(first[0, 0])[1:], rgb2lab(second[0, 0])[1:]
    found = warped_difference([first, second], [STILL[:, :5, :6]] * 2)
    assert found == pytest.approx(np.hypot(*(a - b)), abs=0.01)


def test_where_a_point_was_out_of_sight_nothing_is_compared() -> None:
    flow = STILL.copy()
    flow[:, :, :75] = np.nan
    half = COFFEE.copy()
    half[:, :75] = 0
    assert warped_difference([COFFEE, half], [flow] * 2) < 1e-4
    with pytest.raises(ValueError, match="no pixel of any frame was in sight"):
        warped_difference([COFFEE, half], [STILL + np.nan] * 2)


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="a step of 4 needs more than 4 frames"):
        color_distribution_consistency([COFFEE] * 4)
    with pytest.raises(ValueError, match="two frames or more, got 1"):
        warped_difference([COFFEE], [STILL])


def test_the_known_motion_of_a_pan_is_true() -> None:
    """The frame before, moved along the flow, is the frame; without the flow it is not."""
    made = list(
        simulate_pan(sample_photos("china")[0].rgb, (96, 128), (0, 0, 300), (90, 60, 240), 9)
    )
    frames, flows = zip(*made, strict=True)
    assert not np.isfinite(flows[0]).any()
    for before, now, flow in zip(frames[:-1], frames[1:], flows[1:], strict=True):
        seen = np.isfinite(flow).all(0)
        assert 0.85 < seen.mean() < 1
        moved = warp(
            torch.from_numpy(before).permute(2, 0, 1).float(), torch.from_numpy(np.nan_to_num(flow))
        )
        off = np.abs(moved.permute(1, 2, 0).numpy() - now)[seen].mean()
        assert off < 0.4 * np.abs(before.astype(float) - now)[seen].mean()


def test_a_view_outside_the_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves the photo"):
        next(simulate_pan(COFFEE, (30, 40), (0, 0, 400), (0, 0, 40), 3))
    with pytest.raises(ValueError, match="at least two frames, got 1"):
        next(simulate_pan(COFFEE, (30, 40), (0, 0, 40), (0, 0, 40), 1))
