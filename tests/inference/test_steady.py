"""Colours averaged along time: known answers, motion, cuts, and flicker on a film with truth."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from colorlab.color import LAB
from colorlab.course.lessons import to_tensor
from colorlab.data.historic import historic_photos
from colorlab.data.pan import simulate_pan
from colorlab.data.samples import sample_photos
from colorlab.evaluate.flicker import warped_difference
from colorlab.evaluate.metrics import ChromaErrors
from colorlab.inference.colorize import load_model
from colorlab.inference.join import join_luminance, to_pixels
from colorlab.inference.predict import predict_chroma, working_luma
from colorlab.inference.steady import MEMORY, follow, is_cut, steady, warp

from . import films


def luma_of(frame: np.ndarray) -> torch.Tensor:
    return LAB.luma(to_tensor(frame))[0, 0]


def test_warping_by_whole_pixels_moves_them() -> None:
    image = torch.rand(2, 9, 12, generator=torch.Generator().manual_seed(0))
    flow = torch.stack([torch.full((9, 12), 2.0), torch.full((9, 12), -3.0)])
    moved = warp(image, flow)
    assert torch.allclose(moved[:, :7, 3:], image[:, 2:, :-3], atol=1e-5)
    assert torch.allclose(moved[:, 7:, 3:], image[:, -1:, :-3].expand(-1, 2, -1), atol=1e-5)


def test_standing_still_is_a_running_mean_and_then_an_exponential_one() -> None:
    luma = torch.full((8, 8), 0.5)
    values = [1.0, 3.0, -2.0, 6.0, 0.0]
    frames = [(luma, torch.full((2, 8, 8), value)) for value in values]
    means = [float(chroma.mean()) for chroma in steady(frames, memory=3)]
    third = (1 + 3 - 2) / 3
    fourth = (2 * third + 6) / 3
    assert means == pytest.approx([1, 2, third, fourth, (2 * fourth + 0) / 3], abs=1e-6)
    same = [float(chroma.mean()) for chroma in steady(frames, memory=1)]
    assert same == pytest.approx(values)
    with pytest.raises(ValueError, match=r"at least one frame, got 0\.5"):
        next(steady(frames, memory=0.5))


def test_each_frame_is_answered_before_the_next_is_asked_for() -> None:
    asked = []

    def frames():
        for number in range(4):
            asked.append(number)
            yield torch.rand(8, 8), torch.zeros(2, 8, 8)

    assert [len(asked) for _ in steady(frames())] == [1, 2, 3, 4]


def test_motion_of_a_pan_is_found() -> None:
    shown, flows = films.pan("motorcycle", 4)
    for before, now, true in zip(shown[:-1], shown[1:], flows[1:], strict=True):
        found = follow(luma_of(now), luma_of(before)).numpy()
        off = np.hypot(*(found - true))
        assert np.nanmedian(off) < 0.2
        assert np.nanmedian(np.hypot(*true)) > 2.5


def test_cuts_are_found_and_pans_and_flickering_light_are_none() -> None:
    """Cuts between all pairs of 13 photos; pans over them, also under light that flickers."""
    photos = [p.rgb for p in sample_photos() if p.name not in ("hubble", "retina")]
    photos += [p.rgb for p in historic_photos()]
    shots, rng = [], np.random.default_rng(0)
    for photo in photos:
        height, width = photo.shape[:2]
        wide = 0.7 * min(height * 4 / 3, width)
        end = (width - wide, height - wide * 0.75, wide)
        frames = [f for f, _ in simulate_pan(photo, (96, 128), (0, 0, wide), end, 12)]
        light = rng.uniform(0.93, 1.07, len(frames))
        shots.append(
            [
                luma_of((f * k).clip(0, 255).astype(np.uint8))
                for f, k in zip(frames, light, strict=True)
            ]
        )
    within = [is_cut(a, b) for shot in shots for a, b in itertools.pairwise(shot)]
    between = [is_cut(a[-1], b[0]) for a, b in itertools.permutations(shots, 2)]
    assert sum(within) <= 0.03 * len(within)
    assert sum(between) >= 0.97 * len(between)
    black = torch.zeros(8, 8)
    assert not is_cut(black, black)


def test_nothing_of_a_shot_is_left_in_the_next() -> None:
    first, _ = films.pan("china", 3)
    second, _ = films.pan("coffee", 3)
    lumas = [luma_of(frame) for frame in first + second]
    chroma = [torch.full((2, 96, 128), value) for value in (1.0, 1.0, 1.0, -1.0, -1.0, -1.0)]
    for motion in (None, follow):
        shown = list(steady(zip(lumas, chroma, strict=True), motion))
        assert torch.equal(shown[3], chroma[3])
        assert torch.allclose(shown[2], chroma[2])


def test_following_lessens_flicker_and_averaging_smears() -> None:
    """On a pan over a photo, with grain: motion and true colours are known."""
    model = load_model("colorlab")
    shown, flows = films.pan("coffee", 12)
    grey = films.grainy(shown)
    with torch.inference_mode():
        lumas = [working_luma(to_pixels(f), model.space)[0, 0] for f in grey]
        alone = [predict_chroma(to_pixels(f), model).float() for f in grey]
    ways = {"alone": alone}
    ways["averaged"] = list(steady(zip(lumas, alone, strict=True), memory=MEMORY))
    ways["followed"] = list(steady(zip(lumas, alone, strict=True), follow))
    flicker, error = {}, {}
    for name, chroma in ways.items():
        colored = [
            join_luminance(to_pixels(f), c, model.space).numpy()
            for f, c in zip(grey, chroma, strict=True)
        ]
        flicker[name] = warped_difference(colored, flows)
        errors = ChromaErrors()
        for ours, truth in zip(colored, shown, strict=True):
            errors.add(to_tensor(ours), to_tensor(truth))
        error[name] = errors.mse_to_grey
    assert flicker["followed"] < 0.4 * flicker["alone"]
    assert error["alone"] < 1.02 * error["followed"] < error["averaged"]
