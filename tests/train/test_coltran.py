"""Training ColTran: a run that goes on is the run that never stopped, and it learns."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from colorlab.data.sources import open_photos
from colorlab.models import create_model, registry
from colorlab.models.axial import Size
from colorlab.models.coltran import CoarseColorizer, ColTran, Upsampler
from colorlab.train.coltran import MARGIN, batches, main, small_photos, train_coltran, validate

SIDE = 8


def _tiny() -> ColTran:
    size = Size(SIDE, 16)
    return ColTran(CoarseColorizer(size, 1, 1, 1), Upsampler(size, 1, 8))


@pytest.fixture(scope="module", autouse=True)
def _registered() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry._BUILDERS, "coltran_of_8_pixels", _tiny)
        yield


def rows_of(file: Path) -> list[dict[str, str]]:
    with open(file) as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def photos() -> tuple[Tensor, Tensor]:
    samples = open_photos("sample")
    return small_photos(samples, SIDE + MARGIN), small_photos(samples, SIDE)


def test_photos_are_made_small(photos: tuple[Tensor, Tensor]) -> None:
    large, small = photos
    assert large.shape == (9, 3, SIDE + MARGIN, SIDE + MARGIN)
    assert small.shape == (9, 3, SIDE, SIDE)
    assert large.dtype == torch.uint8
    means = [photo.float().mean() for photo, _ in open_photos("sample").readable()]
    assert torch.allclose(small.float().mean((1, 2, 3)), torch.stack(means), atol=2)


def test_every_photo_once_an_epoch_and_anything_again_from_the_middle() -> None:
    numbered = torch.arange(8, dtype=torch.uint8).view(8, 1, 1, 1).expand(8, 3, 12, 12)
    steps = list(batches(numbered, SIDE, range(6), 4, seed=1))
    assert all(one.shape == (4, 3, SIDE, SIDE) for one in steps)
    for epoch in range(3):
        seen = torch.cat(steps[2 * epoch : 2 * epoch + 2])[:, 0, 0, 0]
        assert sorted(seen.tolist()) == list(range(8))
    assert not torch.equal(steps[0], steps[2])
    again = list(batches(numbered, SIDE, range(3, 6), 4, seed=1))
    assert all(torch.equal(one, other) for one, other in zip(steps[3:], again, strict=True))


def test_a_stopped_run_goes_on_exactly(photos: tuple[Tensor, Tensor], tmp_path: Path) -> None:
    def train(run: str, steps: int, stop: int | None = None) -> Path:
        folder = tmp_path / run
        folder.mkdir(exist_ok=True)
        settings = {"batch": 4, "model": "coltran_of_8_pixels", "save_every": 5}
        if stop:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(
                    "colorlab.train.coltran.batches",
                    lambda p, side, r, b, seed: batches(p, side, range(r.start, stop), b, seed),
                )
                train_coltran(photos, folder, steps, **settings)  # type: ignore[arg-type]
        else:
            train_coltran(photos, folder, steps, **settings)  # type: ignore[arg-type]
        return folder

    whole = train("whole", 20)
    train("halves", 20, stop=12)  # two steps after the last checkpoint
    halves = train("halves", 20)
    for name in ("head.safetensors", "validation.csv"):
        one, other = ((run / name).read_bytes() for run in (whole, halves))
        assert one.split(b",")[:-1] == other.split(b",")[:-1], name  # but for the seconds


def test_it_learns_and_its_run_is_a_model(photos: tuple[Tensor, Tensor], tmp_path: Path) -> None:
    before = validate(create_model("coltran_of_8_pixels", weights=None), photos[1])
    train_coltran(photos, tmp_path, 160, 8, 5e-3, model="coltran_of_8_pixels")
    rows = rows_of(tmp_path / "metrics.csv")
    assert [int(row["step"]) for row in rows] == list(range(20, 161, 20))
    after = rows_of(tmp_path / "validation.csv")[-1]
    assert float(after["bits"]) < float(before["bits"]) - 2
    assert float(after["color"]) < float(before["color"]) - 0.5
    assert float(after["bits"]) < float(after["guess"])  # colours seen before tell more than grey
    (tmp_path / "config.json").write_text(json.dumps({"model": "coltran_of_8_pixels"}))
    model = create_model(str(tmp_path))
    assert float(validate(model, photos[1])["bits"]) == pytest.approx(
        float(after["bits"]), abs=1e-3
    )
    assert model(torch.rand(1, 1, 32, 32)).shape == (1, 2, 32, 32)


def test_what_no_run_could_use_is_refused(photos: tuple[Tensor, Tensor], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="batch of 16"):
        train_coltran(photos, tmp_path, 1, model="coltran_of_8_pixels")
    with pytest.raises(ValueError, match="doesn't draw"):
        train_coltran(photos, tmp_path, 1, model="convnet")


def test_a_run_is_not_gone_on_with_by_other_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*options: str) -> None:
        monkeypatch.setattr("sys.argv", ["coltran", "sample", str(tmp_path / "run"), *options])
        threads = torch.get_num_threads()
        try:
            main()
        finally:
            torch.set_num_threads(threads)

    run("--steps", "1", "--batch", "2")
    assert load_file(tmp_path / "run" / "photos.safetensors")["train"].shape == (8, 3, 36, 36)
    run("--steps", "2", "--batch", "2")
    rows = rows_of(tmp_path / "run" / "validation.csv")
    assert [row["step"] for row in rows] == ["1", "2"]
    with pytest.raises(SystemExit):
        run("--steps", "2", "--batch", "4")
    assert "was begun with" in capsys.readouterr().err
