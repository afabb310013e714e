"""The evaluator's sums against scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.color
import torch
from PIL import Image

from colorlab.data import sample_photos
from colorlab.evaluate import evaluate
from colorlab.metrics import ChromaErrors
from colorlab.models import create_model


def crops(name: str) -> torch.Tensor:
    rgb = torch.from_numpy(sample_photos(name)[0].rgb[:256, :256].copy())
    return rgb.permute(2, 0, 1)[None] / 255


def test_against_scikit_image():
    predicted, truth = crops("coffee"), crops("china")
    errors = ChromaErrors()
    errors.add(predicted, truth)
    ours, true = (
        skimage.color.rgb2lab(x[0].permute(1, 2, 0).numpy())[..., 1:] / 128
        for x in (predicted, truth)
    )
    assert errors.mse == pytest.approx(np.square(ours - true).mean(), rel=1e-4)
    assert errors.mse_to_grey == pytest.approx(
        np.square(ours - true).mean() / np.square(true).mean(), rel=1e-4
    )
    lengths = [np.hypot(x[..., 0], x[..., 1]).mean() for x in (ours, true)]
    assert errors.chroma_to_truth == pytest.approx(lengths[0] / lengths[1], rel=1e-4)


def test_truth_is_perfect_and_grey_is_one():
    truth = crops("flower")
    perfect, grey = ChromaErrors(), ChromaErrors()
    perfect.add(truth, truth)
    grey.add(truth.mean(dim=1, keepdim=True).expand_as(truth), truth)
    assert perfect.mse == 0
    assert perfect.chroma_to_truth == 1
    assert grey.mse_to_grey == pytest.approx(1, abs=1e-4)
    assert grey.chroma_to_truth < 1e-2


def test_batches_add_up():
    first, second = crops("coffee"), crops("china")
    together, apart = ChromaErrors(), ChromaErrors()
    together.add(torch.cat([first, second]), torch.cat([second, first]))
    apart.add(first, second)
    apart.add(second, first)
    assert together.photos == apart.photos == 2
    assert together.mse == pytest.approx(apart.mse, rel=1e-6)


@pytest.mark.parametrize("scale", [255.0, -1.0])
def test_other_ranges_are_refused(scale):
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        ChromaErrors().add(crops("coffee") * scale, crops("coffee"))
    with pytest.raises(ValueError, match="expected RGB"):
        ChromaErrors().add(crops("coffee")[:, :1], crops("coffee"))


def test_evaluate_reads_a_folder_and_counts(tmp_path):
    for photo in sample_photos("coffee", "china", "flower"):
        Image.fromarray(photo.rgb).save(tmp_path / f"{photo.name}.png")
    paths = sorted(tmp_path.iterdir())
    counted: list[int] = []
    model = create_model("efficientnet_lite0")
    errors = evaluate(model, paths, size=64, batch=2, progress=counted.append)
    assert errors.photos == 3
    assert counted == [2, 1]
    assert errors.elements == 3 * 2 * 64 * 64
