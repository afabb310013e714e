"""Soft encoding and the loss of 313 classes: section by section against what is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from colorlab.color import LAB
from colorlab.data.samples import sample_photos
from colorlab.models.classes import annealed_mean, chroma_of, zhang_bins
from colorlab.prior.prior import equation_3, shipped_prior
from colorlab.prior.zhang import nearest_bins, soft_encode, zhang_weights
from colorlab.train import train
from colorlab.train.classes import ClassLoss, class_loss
from colorlab.train.presets import get_recipe

CENTRES = torch.from_numpy(zhang_bins()).float()


def decoded(numbers: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Mean colour (B, 2, H, W) in L*a*b* units."""
    return (CENTRES[numbers] * shares[..., None]).sum(1).movedim(-1, 1)


def astronaut() -> torch.Tensor:
    rgb = torch.from_numpy(sample_photos("astronaut")[0].rgb[::2, ::2].copy()).permute(2, 0, 1)
    return LAB.split(rgb[None] / 255)[1]


@pytest.mark.parametrize(("k", "first", "off"), [(5, 0.6488, 0), (10, 0.6192, 0.0042)])
def test_a_centre_is_shared_with_its_neighbours(k: int, first: float, off: float) -> None:
    centre = torch.tensor([20.0, -10.0]).view(1, 2, 1, 1)
    numbers, shares = soft_encode(centre / 128, k)
    assert numbers.shape == shares.shape == (1, k, 1, 1)
    assert float(shares.sum()) == pytest.approx(1)
    assert float(shares[0, 0]) == pytest.approx(first, abs=5e-5)
    assert CENTRES[numbers[0, 0, 0, 0]].tolist() == [20, -10]
    if k == 5:
        assert torch.allclose(shares[0, 1:], torch.tensor(0.0878), atol=5e-5)
    assert float((decoded(numbers, shares) - centre).norm()) == pytest.approx(off, abs=1e-4)


@pytest.mark.parametrize(
    ("k", "mean", "most"), [(1, 3.24, 7.08), (5, 0.19, 0.69), (10, 0.21, 0.35)]
)
def test_a_photo_there_and_back(k: int, mean: float, most: float) -> None:
    chroma = astronaut()
    numbers, shares = soft_encode(chroma, k)
    error = (decoded(numbers, shares) - 128 * chroma).norm(dim=1)
    assert float(error.mean()) == pytest.approx(mean, abs=0.01 if k > 1 else 0.02)
    assert float(error.max()) == pytest.approx(most, abs=0.05)
    # The nearest of all centres, found the long way.
    some = 128 * chroma[:, :, ::8, ::8].flatten(2)[0].T
    distances = torch.cdist(some, CENTRES, compute_mode="donot_use_mm_for_euclid_dist")
    expected = distances.topk(k, largest=False).values
    found = (CENTRES[numbers[:, :, ::8, ::8].flatten(2)[0].T] - some[:, None]).norm(dim=2)
    assert torch.allclose(found, expected, atol=1e-3)


def test_the_nearest_are_the_nearest() -> None:
    places = np.array([[128, 128], [0, 0], [200, 40], [131, 133], [255, 255]])
    distances = np.linalg.norm((places - 128)[:, None] - zhang_bins(), axis=2)
    expected = np.argsort(distances, axis=1, kind="stable")[:, :10]
    assert (nearest_bins(10)[tuple(places.T)] == expected).all()


def test_equal_shares_weigh_alike() -> None:
    np.testing.assert_allclose(equation_3(np.full(313, 1 / 313), 0.5), 1)


@pytest.mark.parametrize("k", [5, 10])
def test_the_loss_is_the_cross_entropy_of_a_dense_target(k: int) -> None:
    torch.manual_seed(0)
    chroma = astronaut()[..., :64, :64]
    logits = torch.randn(1, 313, 16, 16, dtype=torch.float64)
    weights = torch.from_numpy(zhang_weights(shipped_prior("photos"), 0.5)).float()
    small = torch.nn.functional.avg_pool2d(chroma, 4)
    numbers, shares = soft_encode(small, k)
    dense = torch.zeros(1, 313, 16, 16, dtype=torch.float64)
    dense.scatter_(1, numbers, shares.double())
    each = -(dense * logits.log_softmax(1)).sum(1)
    expected = (weights[dense.argmax(1)] * each).mean()
    assert float(ClassLoss(weights, k)(logits, chroma)) == pytest.approx(float(expected), rel=1e-5)


def test_the_best_answer_is_the_truth_and_costs_its_entropy() -> None:
    chroma = astronaut()[..., :64, :64]
    small = torch.nn.functional.avg_pool2d(chroma, 4)
    numbers, shares = soft_encode(small)
    best = torch.full((1, 313, 16, 16), -50.0).scatter_(1, numbers, shares.log())
    loss = class_loss(1.0)
    assert (loss.weights == 1).all()
    entropy = -(shares * shares.log()).sum(1).mean()
    assert float(loss(best, chroma)) == pytest.approx(float(entropy), rel=1e-4)
    assert torch.allclose(annealed_mean(best, 1), decoded(numbers, shares) / 128, atol=1e-4)
    assert torch.equal(chroma_of(numbers[:, 0]), annealed_mean(best, 0))


def test_logits_of_other_photos_are_refused() -> None:
    with pytest.raises(ValueError, match="no logits of such chroma"):
        class_loss(1.0)(torch.zeros(1, 313, 8, 16), torch.zeros(1, 2, 64, 64))


def test_the_published_network_takes_a_step() -> None:
    torch.manual_seed(0)
    from colorlab.models import create_model

    model = create_model("zhang2016", weights=None).train()
    chroma = astronaut()[..., :64, :64]
    loss, adam = class_loss(0.5), torch.optim.Adam(model.parameters(), lr=1e-3)
    values = []
    for _ in range(2):
        value = loss(model(torch.full((1, 1, 64, 64), 0.5) + chroma[:, :1]), chroma)
        adam.zero_grad()
        value.backward()
        adam.step()
        values.append(value.item())
    assert values[1] < values[0]


def test_the_ordinary_loop_trains_it(tmp_path: Path) -> None:
    recipe = get_recipe(
        "quick", {"loss": "classes", "lam": 0.5, "batch": 4, "limit": 4, "epochs": 2}
    )
    model = train("zhang_lite0", "sample", tmp_path / "run", recipe, workers=0)
    assert model(torch.rand(1, 1, 64, 64)).shape == (1, 2, 64, 64)
    assert (tmp_path / "run" / "head.safetensors").is_file()


def test_a_loss_of_another_kind_of_network_is_refused(tmp_path: Path) -> None:
    for name, loss in (("zhang_lite0", "mse"), ("efficientnet_lite0", "classes")):
        recipe = get_recipe("quick", {"loss": loss, "limit": 4, "batch": 4})
        with pytest.raises(ValueError, match="for a network of classes"):
            train(name, "sample", tmp_path / name, recipe, workers=0)
