"""What is recorded of a live network over lambda, against slow sums; and its figure."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from colorlab.color import LAB
from colorlab.course.figures.lambda_curve import curve_figure
from colorlab.data.photos import Photos
from colorlab.data.samples import sample_paths
from colorlab.evaluate import lambda_curve
from colorlab.evaluate.compare import compare
from colorlab.evaluate.lambda_curve import LAMBDAS, like_photos, measure
from colorlab.evaluate.methods import Preprocessing, find_all
from colorlab.machine import multiplies_bf16
from colorlab.models import create_model
from colorlab.models.live import LiveColorizer, lambda_for, vividness
from colorlab.prior.prior import default_prior
from colorlab.train.losses import RebalancedMSE

from ..live_networks import live_on_fixed_head

PHOTOS = sample_paths("coffee", "china", "astronaut")
SQUARE = Preprocessing(64)


@pytest.fixture(scope="module")
def live() -> LiveColorizer:
    return live_on_fixed_head()


@pytest.fixture(scope="module")
def squares() -> list[torch.Tensor]:
    return [SQUARE(photo) for photo, _ in Photos(PHOTOS).readable()]


@pytest.fixture(scope="module")
def scores(live, squares) -> dict[str, object]:
    fixed = create_model("efficientnet_lite0")
    return measure(live, {1.0: fixed, 0.5: fixed}, squares)


def test_lambdas_go_from_1_to_a_tenth():
    assert LAMBDAS[0] == 1
    assert LAMBDAS[-1] == 0.1
    assert len(LAMBDAS) == 19
    np.testing.assert_allclose(np.diff(LAMBDAS), -0.05)


def answers(model, squares, lam) -> tuple[torch.Tensor, torch.Tensor]:
    """A live network's chroma and the true one, as they are measured."""
    luma, chroma = LAB.split(torch.stack(squares).float() / 255)
    half = multiplies_bf16(torch.device("cpu"))
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
        return model(luma, lam).float(), chroma


def test_where_colours_are_as_strong_as_the_photos():
    even = [0.5 + vividness(lam) for lam in LAMBDAS]
    assert like_photos(np.array(even)) == pytest.approx(lambda_for(0.5), abs=1e-3)
    assert like_photos(np.array(even) + 1) == 1
    assert like_photos(np.array(even) - 1) == 0.1


def test_error_and_chroma_are_means_over_the_photos(live, scores, squares):
    answer, true = answers(live, squares, 0.3)
    place = LAMBDAS.index(0.3)
    mse = float((answer - true).square().mean())
    assert scores["mse"][place] == pytest.approx(mse, rel=1e-3)
    to_grey = mse / float(true.square().mean())
    assert scores["mse_to_grey"][place] == pytest.approx(to_grey, rel=1e-3)
    ratio = float(answer.norm(dim=1).mean() / true.norm(dim=1).mean())
    assert scores["chroma_to_truth"][place] == pytest.approx(ratio, rel=1e-3)
    assert scores["photos"] == 3


def test_error_is_nearly_that_of_evaluate(scores):
    """At lambda 1, where hardly a colour lies beyond the gamut."""
    found = find_all(["efficientnet_lite0"], PHOTOS, SQUARE)
    report = compare(found, Photos(PHOTOS), SQUARE, ("mse_to_grey", "chroma_ratio"))
    ours, theirs = scores["at"]["1"]["fixed"], report.scores["efficientnet_lite0"]
    assert ours["mse_to_grey"] == pytest.approx(theirs["mse_to_grey"].value, rel=0.05)
    assert ours["chroma_to_truth"] == pytest.approx(theirs["chroma_ratio"].value, rel=0.05)


def test_losses_are_those_of_the_weight_table(live, scores, squares):
    loss = RebalancedMSE(torch.from_numpy(default_prior().weights(0.5)))
    bold, true = answers(live, squares, 0.5)
    plain, _ = answers(live, squares, 1.0)
    growth = bold.norm(dim=1).mean((1, 2)) / plain.norm(dim=1).mean((1, 2))
    for name, answer in (("live", bold), ("knob", plain * growth[:, None, None, None])):
        expected = pytest.approx(float(loss(answer, true)), rel=1e-3)
        assert scores["at"]["0.5"][name]["loss"] == expected
    assert scores["at"]["1"]["live"]["loss"] == pytest.approx(scores["mse"][0], rel=1e-4)
    assert scores["knob_mse_to_grey"][0] == pytest.approx(scores["mse_to_grey"][0])


def test_ranks_are_each_photo_s(live, scores, squares):
    every = [answers(live, squares, lam)[0].norm(dim=1).mean(dim=(1, 2)) for lam in LAMBDAS]
    chroma = torch.stack(every).numpy()
    ranks = [spearmanr(LAMBDAS, chroma[:, photo]).statistic for photo in range(3)]
    assert scores["rank_below_-0.95"] == pytest.approx((np.array(ranks) < -0.95).mean(), abs=1e-4)
    assert scores["rank_quantiles"][0] == pytest.approx(min(ranks), abs=1e-3)


def test_the_figure_has_both_curves_and_the_fixed_networks(scores):
    figure = curve_figure(scores)
    left, right = figure.axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), scores["mse_to_grey"])
    np.testing.assert_allclose(right.lines[0].get_ydata(), scores["chroma_to_truth"])
    assert left.lines[2].get_ydata()[1] == scores["at"]["0.5"]["fixed"]["mse_to_grey"]


def test_a_model_of_one_lambda_has_no_curve(monkeypatch):
    arguments = ["efficientnet_lite0", "--data", str(PHOTOS[0].parent), "--output", "x.json"]
    monkeypatch.setattr("sys.argv", ["lambda_curve", *arguments])
    with pytest.raises(ValueError, match="efficientnet_lite0 was trained for one lambda"):
        lambda_curve.main()
