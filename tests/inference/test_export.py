"""Networks as ONNX files, run by onnxruntime alone and compared with torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from colorlab.data.samples import sample_photos
from colorlab.inference.export import OPSET, TAP_NAMES, export, prepare
from colorlab.models import create_model

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

MODEL = "efficientnet_lite0"


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a split network, its weights in int8."""
    folder = tmp_path_factory.mktemp("split")
    export(MODEL, folder, "int8", split=True)
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "model.onnx"
    export(MODEL, path)
    return path


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def luma_of(name: str, size: tuple[int, int]) -> torch.Tensor:
    pixels = torch.from_numpy(sample_photos(name)[0].rgb).permute(2, 0, 1)[None]
    small = interpolate(pixels, size, mode="bilinear", antialias=True)
    return create_model(MODEL).space.luma(small / 255)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(32, 32), (224, 320), (448, 96)])
def test_any_size_gives_what_torch_gives(whole, size):
    """Against the network as it was trained: nothing folded, nothing prepared."""
    luma = luma_of("china", size)
    with torch.no_grad():
        expected = create_model(MODEL)(luma).numpy()
    (chroma,) = session(whole).run(["chroma"], {"luma": luma.numpy()})
    assert chroma.shape == (1, 2, *size)
    np.testing.assert_allclose(chroma, expected, atol=1e-4)
    assert np.abs(expected).max() > 0.02


def test_a_file_says_what_it_is_and_not_where_it_was_made(whole, halves):
    for path in (whole, *halves.iterdir()):
        graph = onnx.load(path)
        onnx.checker.check_model(graph, full_check=True)
        assert [(one.domain, one.version) for one in graph.opset_import] == [("", OPSET)]
        facts = {fact.key: fact.value for fact in graph.metadata_props}
        assert facts["colorlab.model"] == MODEL
        assert facts["colorlab.space"] == "lab"
        assert facts["colorlab.chroma"] == "1 is 128 and 128"
        assert len(facts["colorlab.head_sha256"]) == 64
        assert str(Path(__file__).parents[2]).encode() not in path.read_bytes()
        assert b"site-packages" not in path.read_bytes()
        assert not any(node.op_type == "BatchNormalization" for node in graph.graph.node)


def test_the_halves_are_small_and_make_the_whole(whole, halves):
    luma = {"luma": luma_of("coffee", (224, 320)).numpy()}
    encoder, decoder = session(halves / "encoder.onnx"), session(halves / "decoder.onnx")
    taps = dict(zip(TAP_NAMES, encoder.run(TAP_NAMES, luma), strict=True))
    assert [tap.shape[1] for tap in taps.values()] == [96, 144, 240, 672, 1280]
    (chroma,) = decoder.run(["chroma"], taps | luma)
    (expected,) = session(whole).run(["chroma"], luma)
    # Rounded weights move a* and b* by a fraction of a unit.
    difference = 128 * np.abs(chroma - expected)
    assert 0 < difference.mean() < 0.8
    sizes = {path.name: path.stat().st_size for path in halves.iterdir()}
    assert sorted(sizes) == ["decoder.onnx", "encoder.onnx"]
    assert sum(sizes.values()) < 0.28 * whole.stat().st_size


@pytest.mark.slow
def test_the_command_reports_its_check(tmp_path):
    """Dahl's network: another decoder, another colour space, BatchNorms that stay."""
    target = tmp_path / "new" / "dahl.onnx"
    command = [str(Path(sys.executable).parent / "colorlab"), "export", "-m", "dahl_lite0"]
    done = subprocess.run(
        [*command, "-o", str(target), "--precision", "fp16"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert f"opset {OPSET}" in said
    assert "within" in said
    assert "MSE" in said
    assert "Warning" not in done.stderr
    facts = {fact.key: fact.value for fact in onnx.load(target).metadata_props}
    assert facts["colorlab.space"] == "yuv"
    assert [path.name for path in target.parent.iterdir()] == ["dahl.onnx"]
    again = subprocess.run([*command, "-o", str(target), "--split"], capture_output=True, text=True)
    assert again.returncode == 1
    assert again.stderr.startswith("error: only networks of the paper's design")


def test_preparing_changes_no_output():
    network = create_model(MODEL)
    luma = luma_of("chelsea", (96, 160))
    with torch.no_grad():
        before = network(luma)
        after = prepare(network)(luma)
    torch.testing.assert_close(after, before, atol=1e-5, rtol=0)


def test_what_is_wrong_is_said_in_words(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="no precision 'fp8'; there are: fp32, fp16, int8"):
        export(MODEL, tmp_path / "x.onnx", "fp8")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no model 'best'"):
        export("best", tmp_path / "x.onnx")
    with pytest.raises(RuntimeError, match="no trained weights"):
        export("convnet", tmp_path / "x.onnx")
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(RuntimeError, match=r"needs the package onnxscript: pip install"):
        export(MODEL, tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []
