"""A 12-megapixel upload to its first preview in the studio, against decoding its file alone."""

from __future__ import annotations

import io
import time

import numpy as np
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from colorlab.course.widgets import studio
from colorlab.data.samples import sample_photos

PART = 1 << 20


def test_upload_to_preview(benchmark: BenchmarkFixture) -> None:
    china = Image.fromarray(sample_photos("china")[0].rgb)
    buffer = io.BytesIO()
    china.resize((4000, 3000), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=92)
    data = buffer.getvalue()
    viewer = studio("chelsea").viewer  # the network is there once the studio is shown

    def upload() -> None:
        for at in range(0, len(data), PART):
            head = {"upload": "1", "at": at, "size": len(data), "name": "large.jpg"}
            viewer.receive(head, [memoryview(data)[at : at + PART]])
        assert viewer.state["note"].startswith("large.jpg: 4000 × 3000 pixels")

    def decode() -> None:
        np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    decoding = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        decode()
        decoding = min(decoding, time.perf_counter() - started)
    benchmark.pedantic(upload, rounds=5, warmup_rounds=1)
    preview = benchmark.stats.stats.min
    print(f"\n12 megapixels, {len(data) / 1e6:.1f} MB: first preview {preview:.2f} s, ")
    print(f"  {preview / decoding:.1f}x decoding alone ({decoding:.2f} s); goal: 1 s on 2 cores")
