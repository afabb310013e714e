"""Methods before networks by their names under the evaluator."""

from __future__ import annotations

import numpy as np
import torch

from colorlab.classic.cheng import colorize_by_features
from colorlab.color import LAB
from colorlab.course.results import METHODS as TITLES
from colorlab.course.results import read_methods
from colorlab.data import sample_paths, sample_photos
from colorlab.evaluate.classic import METHODS, by_features
from colorlab.evaluate.methods import Preprocessing, find_all


def test_the_results_chapter_has_a_row_for_every_method():
    assert METHODS.keys() < TITLES.keys()
    for photos in ("scenes", "everyday"):
        assert METHODS.keys() < read_methods(photos)["scores"].keys()


def test_cheng_is_a_candidate_by_name():
    paths = sample_paths("coffee", "chelsea")
    found = find_all(["cheng2015"], paths, Preprocessing(96))
    assert list(found) == ["cheng2015"]
    photos = [
        Preprocessing(96)(torch.from_numpy(photo.rgb.copy()).permute(2, 0, 1))
        for photo in sample_photos("coffee", "chelsea")
    ]
    truth = torch.stack(photos).float() / 255
    shown = found["cheng2015"](truth, paths)
    torch.testing.assert_close(shown, by_features()(truth, paths))
    assert shown.shape == truth.shape
    assert (LAB.luma(shown) - LAB.luma(truth)).abs().max() < 0.005
    # As the function of photos does it, to the rounding to bytes.
    bytes_ = colorize_by_features(photos[0].permute(1, 2, 0).numpy())
    np.testing.assert_allclose(shown[0].permute(1, 2, 0).numpy(), bytes_ / 255, atol=0.51 / 255)
