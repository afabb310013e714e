"""What is recorded of a live network over lambda, against slow sums; and its figure."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from colorlab import lambda_curve
from colorlab.candidates import Preprocessing, colorizer
from colorlab.color import LAB
from colorlab.evaluate import compare
from colorlab.lambda_curve import LAMBDAS, measure
from colorlab.lambda_plots import curve_figure
from colorlab.losses import RebalancedMSE
from colorlab.models import WEIGHTS, create_model
from colorlab.models.live import LiveColorizer, at_lambda
from colorlab.photos import Photos
from colorlab.rebalance import default_prior
from colorlab.samples import sample_paths

HEAD = WEIGHTS / "efficientnet_lite0.safetensors"
PHOTOS = sample_paths("coffee", "china", "astronaut")
SQUARE = Preprocessing(64)


@pytest.fixture(scope="module")
def live() -> LiveColorizer:
    torch.manual_seed(0)
    model = create_model("efficientnet_lite0_live", weights=str(HEAD))
    assert isinstance(model, LiveColorizer)
    torch.nn.init.normal_(model.film.to_film.weight, std=0.3)
    return model


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


def test_error_and_chroma_are_those_of_evaluate(live, scores):
    models = {"live": colorizer(at_lambda(live, 0.3))}
    report = compare(models, Photos(PHOTOS), SQUARE, ("mse", "mse_to_grey", "chroma_ratio"))
    place = LAMBDAS.index(0.3)
    for ours, theirs in (
        ("mse", "mse"),
        ("mse_to_grey", "mse_to_grey"),
        ("chroma_to_truth", "chroma_ratio"),
    ):
        value = report.scores["live"][theirs].value
        assert scores[ours][place] == pytest.approx(value, rel=2e-3)
    assert scores["photos"] == 3


def test_losses_are_those_of_the_weight_table(live, scores, squares):
    loss = RebalancedMSE(torch.from_numpy(default_prior().weights(0.5)))
    luma, chroma = LAB.split(torch.stack(squares).float() / 255)
    with torch.inference_mode():
        answers = {"live": live(luma, 0.5), "fixed": create_model("efficientnet_lite0")(luma)}
        plain = live(luma, 1.0)
    for name, answer in answers.items():
        assert scores["losses"]["0.5"][name] == pytest.approx(float(loss(answer, chroma)), rel=1e-3)
    grown = answers["live"].norm(dim=1).mean((1, 2)) / plain.norm(dim=1).mean((1, 2))
    knob = float(loss(plain * grown[:, None, None, None], chroma))
    assert scores["losses"]["0.5"]["knob"] == pytest.approx(knob, rel=1e-3)
    assert scores["knob_mse"][0] == pytest.approx(scores["mse"][0])


def test_ranks_are_each_photo_s(live, scores, squares):
    ranks = []
    for photo in squares:
        luma, _ = LAB.split(photo[None].float() / 255)
        with torch.inference_mode():
            shown = [LAB.split(LAB.merge(luma, live(luma, lam)))[1] for lam in LAMBDAS]
        ranks.append(spearmanr(LAMBDAS, [float(x.norm(dim=1).mean()) for x in shown]).statistic)
    assert scores["rank_below_-0.95"] == pytest.approx((np.array(ranks) < -0.95).mean(), abs=1e-4)
    assert scores["rank_quantiles"][0] == pytest.approx(min(ranks), abs=1e-3)


def test_the_figure_has_both_curves_and_the_fixed_networks(scores):
    figure = curve_figure(scores, {1.0: (0.6, 0.7), 0.5: (0.9, 1.3)})
    left, right = figure.axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), scores["mse_to_grey"])
    np.testing.assert_allclose(right.lines[0].get_ydata(), scores["chroma_to_truth"])
    assert left.lines[2].get_ydata()[1] == 0.9


def test_a_model_of_one_lambda_has_no_curve(monkeypatch):
    arguments = ["efficientnet_lite0", "--data", str(PHOTOS[0].parent), "--output", "x.json"]
    monkeypatch.setattr("sys.argv", ["lambda_curve", *arguments])
    with pytest.raises(ValueError, match="efficientnet_lite0 was trained for one lambda"):
        lambda_curve.main()
