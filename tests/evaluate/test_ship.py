"""What is shipped again keeps what a person wrote on its card."""

from __future__ import annotations

import json
import shutil

from PIL import Image
from safetensors.torch import save_file

from colorlab.data import sample_photos
from colorlab.evaluate import ship as shipping
from colorlab.models import create_model, trainable_state
from colorlab.train import records


def test_shipping_again_keeps_the_hand_written_fields(tmp_path, monkeypatch):
    run, weights, data = (tmp_path / name for name in ("run", "weights", "data"))
    run.mkdir(), weights.mkdir()
    for file in ("config.json", "metrics.csv"):
        shutil.copyfile(records.RUNS / "convnet_mse_seed0" / file, run / file)
    save_file(trainable_state(create_model("convnet", "encoder")), run / "head.safetensors")
    for name in ("scenes/test", "imagenet_samples"):
        (data / name).mkdir(parents=True)
        for photo in ("coffee", "chelsea"):
            small = sample_photos(photo)[0].rgb[::4, ::4]
            Image.fromarray(small).save(data / name / f"{photo}.png")
    monkeypatch.setattr(shipping, "WEIGHTS", weights)
    for module in (shipping, records):
        monkeypatch.setattr(module, "RUNS", tmp_path / "runs")

    shipping.ship(run, "again", data, head="mine")
    card = weights / "mine.json"
    first = json.loads(card.read_text())
    assert "note" not in first
    told = {"note": "trained twice", "reading": {"temperature": 0.38}}
    card.write_text(json.dumps({"model": "another", "stale": 1} | told | first | {"seed": 7}))
    shipping.ship(run, "again", data, head="mine")
    again = json.loads(card.read_text())
    # The seed is the run's again; the order of a file's tensors, and so its sha256, is not fixed.
    assert again == first | told | {"sha256": again["sha256"]}
    assert list(again)[:3] == ["model", "note", "reading"]
