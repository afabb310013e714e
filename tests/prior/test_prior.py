"""Eq. 3, smoothing, files and Zhang et al.'s bins, against references and by property."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import ndimage

from colorlab.color import LAB
from colorlab.data.samples import sample_photos
from colorlab.models.classes import zhang_bins
from colorlab.prior.bins import srgb_bins
from colorlab.prior.prior import ColorPrior, Provenance, default_prior, provenance, shipped_prior
from colorlab.prior.zhang import nearest_bin, zhang_prior, zhang_weights
from colorlab.train.losses import RebalancedMSE


def prior_of(counts: NDArray[np.int64], name: str = "made up", photos: int = 1) -> ColorPrior:
    return ColorPrior(counts, provenance(name, photos, int(counts.sum())))


@st.composite
def priors(draw: st.DrawFn) -> ColorPrior:
    """A few bins anywhere, the borders too, with counts from 1 to 10^9."""
    bins = hnp.arrays(np.int64, st.integers(1, 30), elements=st.integers(0, 65535))
    index = draw(bins)
    values = hnp.arrays(np.int64, len(index), elements=st.integers(1, 10**9))
    counts = np.zeros(65536, np.int64)
    counts[index] = draw(values)
    return prior_of(counts.reshape(256, 256))


@settings(max_examples=40, deadline=None)
@given(prior=priors(), lam=st.floats(1e-12, 1), window=st.integers(1, 21))
def test_equation_3_has_expectation_one(prior: ColorPrior, lam: float, window: int) -> None:
    p = prior.smoothed(window=window)
    v = prior.weights(lam, window=window)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert (p * v).sum() == pytest.approx(1, abs=1e-9)
    # Rarer never weighs less, and the shape is the inverse of the mixture.
    mixture = (1 - lam) * p + lam / 2**16
    np.testing.assert_allclose(v * mixture, (v * mixture)[0, 0], rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(prior=priors(), lam=st.floats(1e-6, 1))
def test_mixture_normalisation(prior: ColorPrior, lam: float) -> None:
    mixture = (1 - lam) * prior.smoothed() + lam / 2**16
    v = prior.weights(lam, normalized="mixture")
    assert (mixture * v).sum() == pytest.approx(1, abs=1e-9)
    assert v.max() <= 1 / lam * (1 + 1e-12)


def test_lambda_over_four_as_a_density_is_lambda_over_2_to_16_as_a_share() -> None:
    p = default_prior().smoothed()
    area = (2 / 256) ** 2  # of one bin, in the square [-1, 1]^2
    v = 1 / ((1 - 0.9) * p / area + 0.9 / 4)
    np.testing.assert_allclose(v / (p * v).sum(), default_prior().weights(0.9), rtol=1e-12)


def test_lambda_one_is_all_ones() -> None:
    np.testing.assert_allclose(default_prior().weights(1), 1, rtol=1e-12)


@pytest.mark.parametrize("lam", [0.0, 1e-300])
def test_lambda_zero_is_refused_where_a_bin_is_empty(lam: float) -> None:
    with pytest.raises(ValueError, match="infinite weight"):
        default_prior().weights(lam)


def test_lambda_zero_is_fine_where_no_bin_is_empty() -> None:
    counts = np.random.default_rng(0).integers(1, 1000, (256, 256))
    prior = prior_of(counts)
    v = prior.weights(0)
    np.testing.assert_allclose(v * prior.smoothed(), 2.0**-16, rtol=1e-9)


@pytest.mark.parametrize("lam", [-0.1, 1.1, float("nan")])
def test_lambda_outside_is_refused(lam: float) -> None:
    with pytest.raises(ValueError, match="lambda must be in"):
        default_prior().weights(lam)


def test_wrong_normalisation_and_window_are_refused() -> None:
    with pytest.raises(ValueError, match="mixture"):
        default_prior().weights(0.5, normalized="other")  # type: ignore[arg-type]
    for sigma, window in ((0, 10), (5, 0), (float("nan"), 10)):
        with pytest.raises(ValueError, match="must be positive"):
            default_prior().smoothed(sigma, window)


def test_an_empty_prior_is_refused() -> None:
    empty = ColorPrior.from_photos([], "nothing")
    with pytest.raises(ValueError, match="empty"):
        empty.weights(0.5)


@pytest.mark.parametrize(("sigma", "window"), [(5, 10), (2, 7), (5, 1), (3, 24)])
def test_smoothing_agrees_with_scipy(sigma: float, window: int) -> None:
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 50, (256, 256)) * (rng.random((256, 256)) < 0.1)
    offsets = np.arange(window) - (window - 1) // 2
    taps = np.exp(-(offsets**2) / (2 * sigma**2))
    # scipy puts tap window // 2 on the pixel itself; "origin" moves that to the tap of offset 0.
    origin = (window - 1) // 2 - window // 2
    expected = counts / counts.sum()
    for axis in (0, 1):
        expected = ndimage.correlate1d(expected, taps, axis, mode="mirror", origin=origin)
    expected /= expected.sum()
    np.testing.assert_allclose(prior_of(counts).smoothed(sigma, window), expected, atol=1e-15)


def test_which_way_the_even_window_moves_the_table() -> None:
    counts = np.zeros((256, 256), np.int64)
    counts[128, 128] = 1
    p = prior_of(counts).smoothed()
    assert np.flatnonzero(p.sum(1)).tolist() == list(range(123, 133))  # a* -5 .. 4
    for axis in (0, 1):
        assert np.arange(256) @ p.sum(1 - axis) == pytest.approx(128 - 0.355, abs=5e-4)
    odd = prior_of(counts).smoothed(window=11)
    assert np.arange(256) @ odd.sum(1) == pytest.approx(128)
    box = prior_of(counts).smoothed(sigma=1e6)
    assert np.arange(256) @ box.sum(1) == pytest.approx(127.5)


def test_a_prior_survives_its_file(tmp_path: Path) -> None:
    prior = ColorPrior.from_photos([sample_photos("coffee")[0].rgb], "café — 咖啡")
    prior.save(tmp_path / "new" / "prior.npz")
    again = ColorPrior.load(tmp_path / "new" / "prior.npz")
    assert np.array_equal(again.counts, prior.counts)
    assert again.counts.dtype == np.int64
    assert again.provenance == prior.provenance
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["prior.npz"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_told_as_such(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """One wrong byte, or a cut: either refused or, where the byte means nothing, the same table."""
    counts = np.zeros((256, 256), np.int64)
    counts[100:110, 120:130] = np.arange(100).reshape(10, 10)
    prior = prior_of(counts)
    content = bytearray(prior.to_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:at]
    else:
        content[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "prior.npz"
    path.write_bytes(content)
    try:
        again = ColorPrior.load(path)
    except ValueError as error:
        assert "is not a colour prior, or is damaged" in str(error)  # noqa: PT017
    else:
        assert np.array_equal(again.counts, prior.counts)


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "prior.npz"
    np.savez(path, counts=np.array([{}], dtype=object), provenance=np.array("{}"))
    with pytest.raises(ValueError, match="not a colour prior"):
        ColorPrior.load(path)
    with pytest.raises(FileNotFoundError):
        ColorPrior.load(tmp_path / "none.npz")


def test_tables_that_are_no_counts_are_refused() -> None:
    good = default_prior()
    for counts, reason in (
        (good.counts[:255], "int64"),
        (good.counts.astype(np.float64), "int64"),
        (-good.counts, "negative"),
        (2 * good.counts, "add up"),
    ):
        with pytest.raises(ValueError, match=reason):
            replace(good, counts=counts)


def test_the_shipped_prior() -> None:
    prior = default_prior()
    assert prior.provenance == Provenance(
        "colorlab scenes (train)", 12893, 534106620, prior.provenance.date, "0.1.0"
    )
    v = prior.weights(0.9)
    assert v.min() == pytest.approx(0.153, abs=0.001)
    assert v.max() == pytest.approx(3.466, abs=0.001)
    # Only colours that sRGB has were counted.
    assert not np.delete(prior.counts.ravel(), srgb_bins()).any()


def test_the_shipped_prior_of_more_photos() -> None:
    photos, scenes = shipped_prior("photos"), shipped_prior("scenes")
    assert default_prior() is scenes
    assert photos.provenance.photos == 12893 + 14679
    assert (photos.counts >= scenes.counts).all()
    assert not np.delete(photos.counts.ravel(), srgb_bins()).any()
    # People, food and things are less often green and blue than scenes.
    a, b = np.indices((256, 256)) - 128
    assert (photos.pmf * a).sum() > (scenes.pmf * a).sum()
    assert (photos.pmf * b).sum() > (scenes.pmf * b).sum()
    with pytest.raises(ValueError, match="no prior 'cats' comes .*there are: photos, scenes"):
        shipped_prior("cats")


def test_the_weights_go_into_the_loss() -> None:
    prior = default_prior()
    loss = RebalancedMSE(torch.from_numpy(prior.weights(0.9)))
    rgb = torch.from_numpy(sample_photos("flower")[0].rgb[::8, ::8].copy()).permute(2, 0, 1)
    chroma = LAB.split(rgb[None] / 255)[1]
    bins = np.round(chroma.numpy() * 128).astype(int) + 128
    weight = prior.weights(0.9)[bins[:, 0], bins[:, 1]]
    expected = (weight[:, None] * chroma.numpy() ** 2).mean()
    assert loss(torch.zeros_like(chroma), chroma).item() == pytest.approx(expected, rel=1e-5)


def test_zhang_s_bins_are_313_and_cover_srgb() -> None:
    centres = zhang_bins()
    assert centres.shape == (313, 2)
    assert (centres % 10 == 0).all()
    assert len(np.unique(centres, axis=0)) == 313
    named = set(map(tuple, centres.tolist()))
    bins = np.stack(np.divmod(srgb_bins(), 256), axis=1) - 128
    # Every sRGB colour has its nearest ten-unit centre among them: 261 of the 313 are used.
    used = np.unique((bins + 5) // 10 * 10, axis=0)
    assert set(map(tuple, used.tolist())) <= named
    assert abs(len(used) - 261) <= 2  # bins at a border may belong to either side


def test_zhang_s_weights() -> None:
    prior = default_prior()
    p, v = zhang_prior(prior), zhang_weights(prior)
    assert p.shape == v.shape == (313,)
    assert p.sum() == pytest.approx(1)
    assert (p * v).sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(v * (0.5 * p + 0.5 / 313), (v * (0.5 * p + 0.5 / 313))[0])
    # With hardly any smoothing a pixel counts for its nearest centre alone (or its nearest two).
    hard = np.bincount(nearest_bin().ravel(), prior.pmf.ravel(), 313)
    assert np.abs(zhang_prior(prior, sigma=0.1) - hard).sum() < 0.2
    grey = zhang_bins().tolist().index([0, 0])
    assert nearest_bin()[128, 128] == grey == p.argmax() == v.argmin()
    assert zhang_weights(prior)[nearest_bin()].shape == (256, 256)
    with pytest.raises(ValueError, match="positive"):
        zhang_prior(prior, sigma=0)
