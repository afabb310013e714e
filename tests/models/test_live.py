"""One network for every lambda: the network, its loss, and a small run."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from colorlab import colorize
from colorlab.color import LAB
from colorlab.course.lessons import sample_batch
from colorlab.data.samples import sample_photos
from colorlab.evaluate.methods import Preprocessing, find_all
from colorlab.models import create_model, trainable_parameters, trainable_state
from colorlab.models.fast import fast
from colorlab.models.live import (
    LIKE_PHOTOS,
    LambdaFilm,
    LiveColorizer,
    at_lambda,
    lambda_at,
    lambda_for,
    rarity_logs,
    vividness,
)
from colorlab.prior.prior import default_prior
from colorlab.train import Recipe, train
from colorlab.train.losses import LiveMSE, RebalancedMSE, chroma_mse, draw_lambdas
from colorlab.train.records import read_run

from ..batches import write_splits
from ..live_networks import HEAD, live_on_fixed_head


@pytest.fixture(scope="module")
def live() -> LiveColorizer:
    return live_on_fixed_head()


@pytest.fixture(scope="module")
def luma() -> torch.Tensor:
    return LAB.luma(sample_batch(96, "coffee", "chelsea", "astronaut"))


@pytest.fixture(scope="module")
def loss() -> LiveMSE:
    return LiveMSE(default_prior().smoothed())


def test_it_begins_as_the_fixed_network(luma):
    fixed = create_model("efficientnet_lite0")
    live = create_model("efficientnet_lite0_live", weights=str(HEAD))
    with torch.inference_mode():
        for lam in (1.0, 0.5, torch.tensor([0.1, 0.7, 1.0])):
            assert torch.equal(live(luma, lam), fixed(luma))
    assert trainable_parameters(live) <= 1.05 * trainable_parameters(fixed)


def test_the_shipped_head_is_bolder_the_smaller_lambda_is(luma):
    shipped = create_model("efficientnet_lite0_live")
    with torch.inference_mode():
        chroma = [
            float(shipped(luma, lam).norm(dim=1).mean()) for lam in (1.0, 0.95, 0.7, 0.4, 0.1)
        ]
    assert chroma == sorted(chroma)
    assert chroma[-1] > 1.5 * chroma[0]


def test_film_is_the_scale_and_the_shift_of_each_channel():
    torch.manual_seed(0)
    film = LambdaFilm((5, 3)).double()
    torch.nn.init.normal_(film.to_film.weight)
    lam = torch.rand(4).double()
    scales, shifts = film.to_film(film.act(film.embed(rarity_logs(lam)))).chunk(2, dim=1)
    for found, place in zip(film(lam), (slice(0, 5), slice(5, 8)), strict=True):
        expected = torch.stack([1 + scales[:, place], shifts[:, place]])
        torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_every_photo_has_its_own_lambda(live, luma):
    lams = torch.tensor([0.2, 0.55, 1.0])
    with torch.inference_mode():
        together = live(luma, lams)
        for i, lam in enumerate(lams.tolist()):
            alone = live(luma[i : i + 1], lam)
            torch.testing.assert_close(alone, together[i : i + 1], atol=1e-5, rtol=0)
        assert (live(luma, 0.2) - live(luma)).abs().mean() > 1e-3
        assert torch.equal(live(luma), live(luma, 1.0))


def test_the_encoder_runs_once_for_all_lambdas(live, luma):
    with torch.inference_mode():
        taps = live.encode(luma)
        for lam in (0.1, 0.9):
            assert torch.equal(live.decode(taps, luma, lam), live(luma, lam))


def test_folded_and_at_one_lambda_it_is_a_colorizer_like_any_other(live, luma):
    folded = at_lambda(fast(copy.deepcopy(live)), 0.4)
    with torch.inference_mode():
        torch.testing.assert_close(folded(luma), live(luma, 0.4), atol=1e-5, rtol=0)
    assert folded.space is LAB


def test_lambdas_that_cannot_be_are_refused(live):
    for lam in (0.0, 0.05, 1.01, float("nan")):
        with pytest.raises(ValueError, match=r"lambda must lie in \[0.1, 1\]"):
            at_lambda(live, lam)
    with pytest.raises(ValueError, match="other networks were each trained for one"):
        at_lambda(create_model("efficientnet_lite0", weights=None), 0.5)


def test_colorize_takes_lambda(live):
    photo = sample_photos("coffee")[0].rgb
    plain, vivid = colorize(photo, live), colorize(photo, live, lam=0.2)
    assert np.array_equal(plain, colorize(photo, live, lam=1))
    assert not np.array_equal(plain, vivid)
    with pytest.raises(ValueError, match="lambda must lie"):
        colorize(photo, live, lam=2)
    with pytest.raises(
        ValueError, match="lambda can be chosen for colorlab and efficientnet_lite0_live"
    ):
        colorize(photo, "efficientnet_lite0", lam=0.5)


@pytest.fixture(scope="module")
def run_folder(live, tmp_path_factory) -> Path:
    """As a run leaves it."""
    folder = tmp_path_factory.mktemp("runs") / "vivid"
    folder.mkdir()
    save_file(trainable_state(live), folder / "head.safetensors")
    (folder / "config.json").write_text('{"model": "efficientnet_lite0_live"}')
    (folder / "metrics.csv").write_text("step,train_loss\n0,0.1\n")
    return folder


def test_a_candidate_for_each_lambda(live, luma, run_folder):
    both = [str(run_folder), "efficientnet_lite0"]
    found = find_all(both, [], Preprocessing(96), lams=(0.1, 1))
    assert list(found) == ["vivid@0.1", "vivid@1", "efficientnet_lite0"]
    rgb = sample_batch(96, "coffee", "chelsea", "astronaut")
    with torch.inference_mode():
        expected = LAB.merge(luma, live(luma, 0.1))
        torch.testing.assert_close(found["vivid@0.1"](rgb, []), expected, atol=1e-4, rtol=0)
        plain = find_all(both, [], Preprocessing(96))
        torch.testing.assert_close(plain["vivid"](rgb, []), found["vivid@1"](rgb, []))
    with pytest.raises(ValueError, match="no lambda can be chosen for efficientnet_lite0"):
        find_all(["efficientnet_lite0"], [], Preprocessing(96), lams=(0.5,))


def colorlab(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "colorlab"), *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "160", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_evaluate_gives_a_score_for_each_lambda(photos, run_folder, tmp_path):
    evaluate = ("evaluate", "--data", photos / "val", "--model", run_folder, "--size", 64)
    evaluate += ("--limit", 3)
    report = tmp_path / "report.json"
    done = colorlab(*evaluate, "--lam", "1,0.3", "--metrics", "mse", "--json", report)
    assert done.returncode == 0, done.stderr
    assert "vivid@0.3" in done.stdout
    scores = json.loads(report.read_text())["scores"]
    assert scores["vivid@1"]["mse"] != scores["vivid@0.3"]["mse"]
    assert "numbers with commas between" in colorlab(*evaluate, "--lam", "vivid").stderr


def test_colorize_refuses_a_lambda_that_a_model_does_not_take(photos):
    done = colorlab("colorize", photos / "val" / "coffee.png", "-m", "dahl_lite0", "--lam", 0.5)
    assert done.returncode == 1
    assert "lambda can be chosen for colorlab and efficientnet_lite0_live" in done.stderr


@pytest.mark.parametrize("shape", [(1, 1, 30, 64), (1, 3, 64, 64)])
def test_other_shapes_are_refused(live, shape):
    with pytest.raises(ValueError, match="multiples of 32|expected luma"):
        live(torch.zeros(shape), 0.5)


def every_bin() -> torch.Tensor:
    """The middles of all bins as a picture, (1, 2, 256, 256)."""
    return torch.from_numpy((np.indices((256, 256))[None] - 128) / 128).float()


@pytest.mark.parametrize("lam", [1.0, 0.9997, 0.993, 0.9, 0.7123, 0.5, 0.2, 0.1013, 0.1])
def test_weights_are_those_of_equation_3(loss, lam):
    found = loss.weights(every_bin(), torch.tensor([lam]))[0, 0].numpy()
    np.testing.assert_allclose(found, default_prior().weights(lam), rtol=1e-4)


def test_at_lambda_1_it_is_equation_1():
    loss = LiveMSE(default_prior().smoothed(), nodes=3)
    predicted, target = torch.rand(2, 2, 8, 8), torch.rand(2, 2, 8, 8)
    assert bool((loss.weights(target, torch.tensor([1.0])) == 1).all())
    for lam in (1.0, torch.ones(2)):
        torch.testing.assert_close(loss(predicted, target, lam), chroma_mse(predicted, target))
    torch.testing.assert_close(loss(predicted, target), chroma_mse(predicted, target))


def test_each_photo_is_weighed_by_its_lambda(loss):
    """Equation 2 with the table of each lambda, but for a constant that hangs on lambda alone."""
    _, chroma = LAB.split(sample_batch(64, "coffee", "chelsea", "astronaut"))
    noise = 0.1 * torch.randn(chroma.shape, generator=torch.Generator().manual_seed(0))
    for lam in (0.9, 0.3):
        table = RebalancedMSE(torch.from_numpy(default_prior().weights(lam)))
        ratios = []
        for predicted in (chroma + noise, torch.zeros_like(chroma)):
            ratios.append(float(table(predicted, chroma) / loss(predicted, chroma, lam)))
        assert ratios[0] == pytest.approx(ratios[1], rel=1e-4)
        assert ratios[0] > 1.5
    mixed = loss(noise, chroma, torch.tensor([0.9, 0.3, 1.0]))
    alone = [loss(noise[i, None], chroma[i, None], lam) for i, lam in enumerate((0.9, 0.3, 1.0))]
    torch.testing.assert_close(mixed, torch.stack(alone).mean())


def test_grey_costs_the_same_at_every_lambda(loss):
    """On pixels drawn from the prior itself, so that no lambda drowns the others."""
    drawn = np.random.default_rng(0).choice(65_536, 400_000, p=default_prior().smoothed().ravel())
    bins = np.stack(np.unravel_index(drawn, (256, 256))).reshape(1, 2, 500, 800)
    chroma = torch.from_numpy((bins - 128) / 128).float()
    costs = [float(loss(torch.zeros_like(chroma), chroma, lam)) for lam in (1.0, 0.9, 0.5, 0.1)]
    assert max(costs) / min(costs) < 1.05


def test_coordinates_of_lambda():
    lam = torch.tensor([1.0, 0.99, 0.9, 0.5, 0.1])
    logs = rarity_logs(lam)
    assert logs.shape == (5, 2)
    assert logs[0].tolist() == [0, 0]
    assert bool((logs.diff(dim=0) > 0).all())
    assert float(logs.max()) <= 1
    torch.testing.assert_close(lambda_at(logs[:, 1]), lam, atol=1e-5, rtol=0)


def test_vividness_and_the_page_s():
    places = [step / 10 for step in range(11)]
    lams = [lambda_for(place) for place in places]
    assert (lams[0], lams[-1]) == (1, 0.1)
    assert [vividness(lam) for lam in lams] == pytest.approx(places, abs=5e-3)
    node = shutil.which("node") or pytest.skip("needs Node")
    script = Path(__file__).parents[2] / "book" / "web" / "vividness.js"
    code = f"""import * as page from {script.as_uri()!r};
    const lams = {places}.map(page.lambdaFor);
    console.log(JSON.stringify([lams, lams.map(page.vividness), page.LIKE_PHOTOS]));"""
    command = [node, "--input-type=module", "-e", code]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert found == [lams, pytest.approx([vividness(lam) for lam in lams]), LIKE_PHOTOS]


def test_lambdas_that_are_drawn():
    torch.manual_seed(0)
    lams = draw_lambdas(30_000)
    assert lams.min() >= 0.1
    assert lams.max() == 1
    shares = [(lams == 1).float().mean(), (lams < 0.55).float().mean()]
    assert float(shares[0]) == pytest.approx(1 / 3, abs=0.02)
    assert float(shares[1]) > 1 / 6


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    return write_splits(tmp_path_factory.mktemp("photos"), (64, 64))


def test_a_run_learns_from_the_fixed_networks_head(photos, tmp_path):
    recipe = Recipe(loss="live", epochs=2, size=64, final_epochs=0, batch=3)
    name = "efficientnet_lite0_live"
    model = train(name, photos, tmp_path / "run", recipe, workers=0, start=str(HEAD))
    scores = read_run(tmp_path / "run").validation
    np.testing.assert_allclose(scores["val_loss"], scores["val_mse"], rtol=0.03)  # of lambda 1
    head = load_file(tmp_path / "run" / "head.safetensors")
    assert float(head["film.to_film.weight"].abs().max()) > 0
    luma = LAB.luma(sample_batch(64, "coffee"))
    with torch.inference_mode():
        assert not torch.equal(model(luma, 0.1), model(luma, 1.0))


def test_the_live_loss_is_for_a_network_that_takes_lambda(photos, tmp_path):
    recipe = Recipe(loss="live", epochs=1, size=32, final_epochs=0)
    with pytest.raises(ValueError, match="for a network that takes lambda"):
        train("efficientnet_lite0", photos, tmp_path / "run", recipe, workers=0)
    assert not (tmp_path / "run").exists()
