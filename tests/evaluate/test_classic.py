"""Methods before networks by their names under the evaluator."""

from __future__ import annotations

import numpy as np
import torch

from colorlab.classic.cheng import colorize_by_features
from colorlab.color import LAB
from colorlab.course.results import METHODS as TITLES
from colorlab.course.results import read_methods
from colorlab.data import sample_paths, sample_photos
from colorlab.data.decode import decode
from colorlab.evaluate.classic import METHODS, by_features
from colorlab.evaluate.methods import Preprocessing, find_all

NOT_RECORDED = {"slicing", "histogram+next", "covariance+next"}
"""Pseudo-colour, and relatives of Reinhard's transfer, which the record has."""


def test_the_results_chapter_has_a_row_for_every_method_of_a_paper():
    papers = METHODS.keys() - NOT_RECORDED
    assert papers < TITLES.keys()
    for photos in ("scenes", "everyday"):
        assert papers < read_methods(photos)["scores"].keys()


def test_slicing_gives_each_interval_of_lightness_its_hue():
    paths = sample_paths("coffee", "chelsea")
    photos = [Preprocessing(64)(decode(path)) for path in paths]
    truth = torch.stack(photos).float() / 255
    (candidate,) = find_all(["slicing"], paths, Preprocessing(64)).values()
    shown = candidate(truth, paths)
    luma, chroma = LAB.split(shown)
    assert (luma - LAB.luma(truth)).abs().max() < 0.005
    grey = LAB.merge(LAB.luma(truth), torch.zeros_like(chroma))
    torch.testing.assert_close(candidate(grey, paths), shown, atol=2e-3, rtol=0)
    middle = (luma - 0.56).abs() < 0.05  # 128 to 160 of 256: a green
    assert middle.any()
    assert (chroma[:, :1][middle] < 0).all()
    assert (chroma[:, :1][(luma > 0.89) & (luma < 0.97)] > 0).all()  # red


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
