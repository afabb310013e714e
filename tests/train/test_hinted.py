"""The default network's training: hints, steadiness, averaging, and going on where it was."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from colorlab.data.photos import Photos
from colorlab.data.samples import sample_paths
from colorlab.evaluate.ship import eighth
from colorlab.models import create_model, trainable_state
from colorlab.models.zoo import CHANGE_SCALE
from colorlab.train.hinted import Average, draw_hints, train_hinted, unsteadiness


def test_hints_are_mean_true_colours_on_a_share_of_the_photos() -> None:
    torch.manual_seed(0)
    chroma = torch.tensor([0.25, -0.5]).view(1, 2, 1, 1).expand(40, 2, 32, 32)
    hints = draw_hints(chroma, share=0.5)
    mask = hints[:, 2:]
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert torch.allclose(hints[:, :2], chroma * mask)
    assert 8 < int(mask.flatten(1).any(1).sum()) < 32


def test_mottling_costs_where_the_truth_is_uniform_alone() -> None:
    torch.manual_seed(0)
    flat, mottled = torch.zeros(1, 2, 64, 64), 0.1 * torch.randn(1, 2, 64, 64)
    assert float(unsteadiness(flat, flat)) == 0
    assert float(unsteadiness(mottled, flat)) > 0.01
    assert float(unsteadiness(mottled, mottled)) == 0


def test_averaged_weights_follow_and_leave_the_encoder_out() -> None:
    model = create_model("colorlab", None)
    average = Average(model, decay=0.5)
    before = {name: value.clone() for name, value in average.state.items()}
    assert before.keys() == trainable_state(model).keys()
    with torch.no_grad():
        model.decoder.to_chroma.weight += 1.0  # type: ignore[operator,union-attr]
    average.update()
    moved = average.state["decoder.to_chroma.weight"] - before["decoder.to_chroma.weight"]
    assert 0.4 < float(moved.mean()) < 1.0


@pytest.mark.slow
def test_chosen_stages_of_the_encoder_learn_and_are_found_again(tmp_path: Path) -> None:
    photos = Photos(sample_paths()), Photos(sample_paths())
    train_hinted(photos, tmp_path, 2, sizes=(64, 96), batch=2, learn=("blocks.6", "conv_head"))
    head = load_file(tmp_path / "head.safetensors")
    learned = {name for name in head if name.startswith("encoder.")}
    assert learned
    assert all(name.split("backbone.")[1].startswith(("blocks.6", "conv_head")) for name in learned)
    before = create_model("colorlab").state_dict()
    assert any(not torch.equal(head[name], before[name]) for name in learned)
    assert not any("running" in name for name in learned), "ImageNet's statistics stay"
    again = create_model("colorlab", str(tmp_path / "head.safetensors")).state_dict()
    assert all(torch.equal(head[name], again[name]) for name in head)
    # In two files, as they are shipped: the second one has changes.
    save_file({k: v for k, v in head.items() if k not in learned}, tmp_path / "two.safetensors")
    frozen = create_model("colorlab", "encoder").state_dict()
    changes = {name: CHANGE_SCALE * (head[name] - frozen[name]) for name in learned}
    save_file(
        {name: eighth(change) for name, change in changes.items()},
        tmp_path / "two.encoder.safetensors",
    )
    again = create_model("colorlab", str(tmp_path / "two.safetensors")).state_dict()
    for name in head:
        off = (again[name] - head[name]).abs()
        allowed = (head[name] - frozen[name]).abs() / 16 + 2**-18 if name in learned else 0
        assert bool((off <= allowed).all()), name


@pytest.mark.slow
def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    photos = Photos(sample_paths()), Photos(sample_paths())
    train_hinted(photos, tmp_path, 2, sizes=(64, 96), batch=2, large_share=0.5)
    first = load_file(tmp_path / "head.safetensors")
    train_hinted(photos, tmp_path, 3, sizes=(64, 96), batch=2, large_share=0.5)
    second = load_file(tmp_path / "head.safetensors")
    assert first.keys() == second.keys()
    assert any(not torch.equal(first[name], second[name]) for name in first)
    assert create_model("colorlab", str(tmp_path / "head.safetensors"))


def test_too_few_photos_are_refused(tmp_path: Path) -> None:
    photos = Photos(sample_paths()), Photos(sample_paths())
    with pytest.raises(ValueError, match="a batch of 500"):
        train_hinted(photos, tmp_path / "run", 2, batch=500)
    assert not (tmp_path / "run").exists()
