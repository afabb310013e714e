"""LPIPS and FID without their networks: a reason, at once, and never a number."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import torch

from colorlab.data.photos import Photos
from colorlab.data.samples import sample_paths
from colorlab.evaluate.compare import compare
from colorlab.evaluate.methods import Preprocessing
from colorlab.evaluate.metrics import Unavailable, downloads, measure
from colorlab.evaluate.metrics.downloads import obtain


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, with nothing on stderr."""

    def log_message(self, format: str, *args: object) -> None:
        """Nobody asked."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch's hub."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    return tmp_path / "hub" / "hub" / "checkpoints"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine, and the folder it shows."""
    folder = tmp_path / "served"
    folder.mkdir()
    web = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=web.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{web.server_port}", folder
    web.shutdown()
    web.server_close()
    thread.join()


def test_nothing_is_fetched_unasked(hub: Path):
    started = time.monotonic()
    with pytest.raises(Unavailable, match=r"\(9 MB from example.org\) is fetched only when asked"):
        obtain("https://example.org/net-0123abcd.pth", "9 MB", download=False)
    with pytest.raises(Unavailable, match="only when asked for by name"):
        measure("lpips", torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64))
    assert time.monotonic() - started < 1
    assert not hub.exists()


def test_a_network_that_is_there_is_used_and_one_from_a_server_fetched(
    hub: Path, server: tuple[str, Path]
):
    address, folder = server
    mark = hashlib.sha256(b"weights").hexdigest()[:8]
    (folder / f"net-{mark}.pth").write_bytes(b"weights")
    obtain(f"{address}/net-{mark}.pth", "7 B", download=True)
    assert (hub / f"net-{mark}.pth").read_bytes() == b"weights"
    (folder / f"net-{mark}.pth").unlink()
    obtain(f"{address}/net-{mark}.pth", "7 B", download=True)


def test_a_damaged_download_is_refused_and_leaves_nothing(hub: Path, server: tuple[str, Path]):
    address, folder = server
    (folder / "net-00000000.pth").write_bytes(b"not what it should be")
    with pytest.raises(Unavailable, match=r"fetching its network from .* failed \(invalid hash"):
        obtain(f"{address}/net-00000000.pth", "7 B", download=True)
    assert not list(hub.iterdir())
    with pytest.raises(Unavailable, match=r"(?i)can't be fetched .*not found"):
        obtain(f"{address}/other-00000000.pth", "7 B", download=True)


def test_a_server_that_is_not_there_is_said_at_once(hub: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # not listening
        url = f"http://127.0.0.1:{free.getsockname()[1]}/net-00000000.pth"
        with pytest.raises(Unavailable, match="can't be fetched from 127.0.0.1:.*refused"):
            obtain(url, "9 MB", download=True)


def test_a_server_that_never_answers_is_given_up(hub: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(downloads, "SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/net-00000000.pth"
        started = time.monotonic()
        with pytest.raises(Unavailable, match="can't be fetched from 127.0.0.1"):
            obtain(url, "9 MB", download=True)
        assert time.monotonic() - started < 5


def test_the_report_has_the_reason_and_no_number(hub: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}/net-00000000.pth"
        monkeypatch.setattr(downloads, "_ALEXNET", nowhere)
        monkeypatch.setattr(downloads, "_INCEPTION", nowhere)
        photos = Photos(sample_paths("coffee"))
        report = compare({}, photos, Preprocessing(32), ["mse", "lpips", "fid"])
    assert set(report.unavailable) == {"lpips", "fid"}
    assert "can't be fetched" in report.unavailable["lpips"]
    assert list(report.scores["grey"]) == ["mse"]
    tables = [table.columns for table in report.tables()]
    assert any("not available here: " in str(cell) for cell in tables[-1][1]._cells)
