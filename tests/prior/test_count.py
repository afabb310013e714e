"""Counting against scikit-image, to the last pixel, and through kills, ranks and broken files."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2lab, rgb2xyz

from colorlab.color import rgb_to_lab
from colorlab.data import SamplePhoto, list_photos, sample_photos
from colorlab.data.decode import decode
from colorlab.data.photos import PathList, Photos
from colorlab.prior import ColorPrior, bins, chroma_bins, count
from colorlab.prior.bins import ColorCounter, bin_table, slots, srgb_bins
from colorlab.prior.count import count_files, count_photos, fingerprint, progress_file


def scikit_image_bins(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The flat bin of every pixel of uint8 (..., 3), by scikit-image in float64.

    scikit-image writes the bend of L*a*b* as 0.008856 and 7.787, where CIE 15:2004 has (6/29)^3
    and (29/6)^2 / 3. That moves 12 of the 2^24 colours over an edge between bins; for any colour so
    near to one CIE's own numbers are used.
    """
    lab = rgb2lab(rgb)
    near = (np.abs(lab[..., 1:] % 1 - 0.5) < 0.01).any(axis=-1)
    lab[near] = cie_lab(rgb[near])
    ab = np.clip(np.round(lab[..., 1:]) + 128, 0, 255).astype(np.int64)
    flat: NDArray[np.int64] = ab[..., 0] * 256 + ab[..., 1]
    return flat


def cie_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """L*a*b* of uint8 (N, 3), with scikit-image's primaries and CIE's bend."""
    xyz = rgb2xyz(rgb) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def scikit_image_counts(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bincount(scikit_image_bins(rgb).ravel(), minlength=1 << 16).reshape(256, 256)


def write_photos(folder: Path, number: int, seed: int = 0) -> list[Path]:
    """Small JPEGs of every sort: cut from the samples at random places, some of them grey."""
    rng = np.random.default_rng(seed)
    samples = sample_photos()
    folder.mkdir(parents=True)
    for index in range(number):
        rgb = samples[index % len(samples)].rgb
        height, width = rng.integers(1, 60, 2)
        top, left = rng.integers(0, rgb.shape[0] - height), rng.integers(0, rgb.shape[1] - width)
        image = Image.fromarray(rgb[top : top + height, left : left + width])
        image = image.convert("L") if index % 10 == 9 else image
        image.save(folder / f"{index:04}.jpg")
    return list_photos(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 photos."""
    where = tmp_path_factory.mktemp("photos") / "many"
    write_photos(where, 300)
    return where


@pytest.fixture(scope="module")
def expected(folder: Path) -> NDArray[np.int64]:
    """Their counts, by scikit-image."""
    counts = np.zeros((256, 256), np.int64)
    for path in list_photos(folder):
        counts += scikit_image_counts(decode(path).permute(1, 2, 0).numpy())
    return counts


@pytest.mark.slow
def test_the_bin_of_every_srgb_color_is_scikit_image_s() -> None:
    colors = np.arange(1 << 24, dtype=np.uint32)
    assert np.array_equal(np.sort(slots(colors)), colors)  # no two share an entry
    moved = 0
    for part in np.split(colors, 64):
        rgb = np.stack([part & 255, part >> 8 & 255, part >> 16], axis=-1).astype(np.uint8)
        ours = srgb_bins()[bin_table()[slots(part)]]
        assert np.array_equal(ours, scikit_image_bins(rgb))
        a, b = np.round(rgb2lab(rgb)[:, 1:]).astype(int).T + 128
        moved += int((ours != 256 * a + b).sum())
    assert moved == 12


def test_the_prior_has_the_bins_of_the_loss() -> None:
    """The table's bins are those of `rgb_to_lab`, which the losses look weights up by."""
    colors = np.random.default_rng(4).integers(0, 1 << 24, 1 << 20, dtype=np.uint32)
    rgb = np.stack([colors & 255, colors >> 8 & 255, colors >> 16])[:, None]  # (3, 1, N)
    chroma = rgb_to_lab(torch.from_numpy(rgb / 255))[1:] / 128
    a, b = chroma_bins(chroma).numpy()
    assert np.array_equal(srgb_bins()[bin_table()[slots(colors)]], 256 * a[0] + b[0])


@pytest.mark.parametrize("photo", sample_photos(), ids=lambda photo: photo.name)
def test_every_sample_photo_is_counted_as_by_scikit_image(photo: SamplePhoto) -> None:
    rgb = photo.rgb
    counter = ColorCounter()
    counter.add(rgb)
    assert np.array_equal(counter.counts, scikit_image_counts(rgb))


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (256, 256), (1, 65537), (65537, 1), (300, 500)])
def test_odd_sizes_and_layouts(shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (*shape, 3), dtype=np.uint8)
    counter = ColorCounter()
    for layout in (rgb, rgb[::-1, ::-1], np.asfortranarray(rgb)):
        counter.add(layout)
    assert np.array_equal(counter.counts, 3 * scikit_image_counts(rgb))


def test_taking_the_counts_begins_again_at_nothing() -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (30, 1000, 3), dtype=np.uint8)
    counter = ColorCounter()
    for times in (5, 1):
        for _ in range(times):
            counter.add(rgb)
        assert np.array_equal(counter.take(), times * scikit_image_counts(rgb))
    assert not counter.take().any()


def test_what_is_no_photo_is_refused() -> None:
    counter = ColorCounter()
    counter.add(np.zeros((0, 5, 3), np.uint8))
    assert counter.counts.sum() == 0
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))):
        with pytest.raises(ValueError, match="expected uint8 RGB"):
            counter.add(wrong)  # type: ignore[arg-type]


def test_files_are_counted_whatever_is_held_at_a_time(
    folder: Path, expected: NDArray[np.int64], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paths = list_photos(folder)
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    for held, chunk in ((1, 20), (20_000, 1_000), (1 << 30, 40_000)):
        monkeypatch.setattr(count, "_HELD", held)
        monkeypatch.setattr(bins, "_CHUNK", chunk)
        counter = ColorCounter()
        assert count_files([*paths[:9], tmp_path / "broken.jpg", *paths[9:]], counter) == [9]
        assert np.array_equal(counter.take(), expected)


@pytest.mark.parametrize("workers", [1, 3])
def test_counting_a_folder(
    folder: Path, expected: NDArray[np.int64], workers: int, tmp_path: Path
) -> None:
    done: list[int] = []
    photos = Photos(list_photos(folder))
    prior = count_photos(photos, tmp_path / "p.npz", "many", workers, progress=done.append)
    assert np.array_equal(prior.counts, expected)
    assert np.array_equal(ColorPrior.load(tmp_path / "p.npz").counts, expected)
    assert (prior.provenance.dataset, prior.provenance.photos) == ("many", 300)
    assert sum(done) == 300
    assert [path.name for path in tmp_path.iterdir()] == ["p.npz"]
    assert np.array_equal(ColorPrior.from_photos(list_photos(folder)).counts, expected)
    with pytest.raises(ValueError, match="worker"):
        count_photos(photos, tmp_path / "p.npz", "many", workers=0)


def test_workers_come_from_a_process_whose_threads_were_at_work(
    folder: Path, expected: NDArray[np.int64], tmp_path: Path
) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        large = torch.ones(2000, 2000)
        large @ large + large.exp()
        prior = count_photos(Photos(list_photos(folder)), tmp_path / "p.npz", "x", workers=2)
        large @ large + large.exp()
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(prior.counts, expected)


# Torch tells of a death from a signal handler, at any moment: while a file is opened, too.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_worker_s_death_ends_the_count_and_the_next_call_goes_on(
    folder: Path, expected: NDArray[np.int64], tmp_path: Path
) -> None:
    others = set(multiprocessing.active_children())  # data loaders that live on, for example

    def kill_one(count: int) -> None:
        if count > 0:
            next(iter(set(multiprocessing.active_children()) - others)).kill()

    photos = Photos(list_photos(folder))
    with pytest.raises(RuntimeError, match="photos died"):
        count_photos(photos, tmp_path / "p.npz", "x", workers=2, save_every=0, progress=kill_one)
    assert set(multiprocessing.active_children()) <= others
    prior = count_photos(photos, tmp_path / "p.npz", "x", workers=2)
    assert np.array_equal(prior.counts, expected)


def test_what_goes_wrong_in_a_worker_is_raised(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are forked here, so they see the change; elsewhere there is nothing to see."""
    if multiprocessing.get_start_method() != "fork":
        pytest.skip("workers are not forked")
    others = set(multiprocessing.active_children())
    monkeypatch.setattr(count, "decode", "not a function")
    with pytest.raises(TypeError, match="not callable"):
        count_photos(Photos(list_photos(folder)), tmp_path / "p.npz", "x", workers=2)
    assert set(multiprocessing.active_children()) <= others


def test_broken_files_are_skipped_and_listed(tmp_path: Path) -> None:
    paths = write_photos(tmp_path / "photos", 200)
    whole = scikit_image_counts(decode(paths[7]).permute(1, 2, 0).numpy())
    total = ColorPrior.from_photos(paths).counts
    paths[7].write_bytes(b"no photo")
    photos = Photos(paths)
    prior = count_photos(photos, tmp_path / "p.npz", "x", workers=2)
    assert photos.broken == [paths[7]]
    assert prior.provenance.photos == 199
    assert np.array_equal(prior.counts, total - whole)


def test_too_many_broken_files_stop_the_count_with_the_list(tmp_path: Path) -> None:
    paths = write_photos(tmp_path / "photos", 100)
    for path in paths[40:42]:
        path.write_bytes(b"")
    with pytest.raises(RuntimeError, match=r"0040\.jpg.*0041\.jpg"):
        count_photos(Photos(paths), tmp_path / "p.npz", "x")
    assert not (tmp_path / "p.npz").exists()
    # Allowed, it goes on from the progress that is there.
    assert count_photos(Photos(paths, max_broken=0.05), tmp_path / "p.npz", "x").provenance.photos


def test_progress_of_other_photos_or_damaged_is_refused(folder: Path, tmp_path: Path) -> None:
    paths = list_photos(folder)
    start_and_stop(paths, tmp_path / "p.npz")
    progress = progress_file(tmp_path / "p.npz")
    with pytest.raises(ValueError, match="other photos"):
        count_photos(Photos(paths[1:]), tmp_path / "p.npz", "x")
    content = progress.read_bytes()
    progress.write_bytes(content[:-100])
    with pytest.raises(ValueError, match="damaged"):
        count_photos(Photos(paths), tmp_path / "p.npz", "x")


def start_and_stop(paths: list[Path], output: Path) -> None:
    """A count that ends with an error right after it began, and leaves its progress."""

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        count_photos(Photos(paths), output, "x", progress=stop)


def test_a_fingerprint_tells_lists_apart_wherever_they_lie(tmp_path: Path) -> None:
    paths = write_photos(tmp_path / "here" / "photos", 12)
    mark = fingerprint(PathList(paths))
    assert mark != fingerprint(PathList(paths[:-1]))
    assert mark != fingerprint(PathList(paths[::-1]))
    (tmp_path / "here").rename(tmp_path / "moved")
    moved = list_photos(tmp_path / "moved")
    assert fingerprint(PathList(moved)) == mark
    moved[3].write_bytes(b"another size")
    assert fingerprint(PathList(moved)) != mark


# Batches of five photos, saved each: there is something to kill between any two.
_COUNT = """
import signal, sys, time
from pathlib import Path
from colorlab.prior import count as histogram
from colorlab.data.photos import Photos, list_photos
histogram._BATCH = 5
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background ignore it
print("ready", flush=True)
with histogram.process_group():
    histogram.count_photos(
        Photos(list_photos(sys.argv[1])), Path(sys.argv[2]), "many", workers=2, save_every=0,
        progress=lambda count: time.sleep(float(sys.argv[3])),
    )
"""


@pytest.mark.slow
def test_killed_at_random_moments_it_counts_each_photo_once(
    folder: Path, expected: NDArray[np.int64], tmp_path: Path
) -> None:
    output = tmp_path / "p.npz"
    moments = random.Random(0)
    kills = 0
    while not output.exists():
        pause = "0.02" if kills < 3 else "0"  # seconds a batch, so that the kill finds it at work
        command = [sys.executable, "-c", _COUNT, str(folder), str(output), pause]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        if kills < 3:
            wait_for(lambda: progress_file(output).exists() or output.exists())
            time.sleep(moments.uniform(0, 0.3))
            workers = children(process.pid)
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
            wait_for(lambda: not any(map(runs, workers)))  # noqa: B023
        else:
            assert process.wait() == 0
        process.stdout.close()
    assert kills > 0
    assert np.array_equal(ColorPrior.load(output).counts, expected)
    assert ColorPrior.load(output).provenance.photos == 300
    assert not progress_file(output).exists()


def children(process: int) -> list[int]:
    """The processes that a process started; none where that can't be seen (not on Linux)."""
    try:
        return [
            int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()
        ]
    except OSError:
        return []


def runs(process: int) -> bool:
    """Whether it is there and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_ctrl_c_ends_all_processes_with_one_traceback(folder: Path, tmp_path: Path) -> None:
    # Half a second a batch: on a busy machine too it is not done before the signal.
    command = [sys.executable, "-c", _COUNT, str(folder), str(tmp_path / "p.npz"), "0.5"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    wait_for(lambda: len(children(process.pid)) == 2)
    workers = children(process.pid)
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert errors.count("Traceback") == 1
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert not any(map(runs, workers))


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.slow
def test_two_ranks_find_the_same_table(
    folder: Path, expected: NDArray[np.int64], tmp_path: Path
) -> None:
    script = tmp_path / "count.py"
    script.write_text(_COUNT)
    output = tmp_path / "out" / "p.npz"
    start_and_stop(list_photos(folder), output)  # so that rank 0 has progress to share
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node=2", str(script), str(folder), str(output), "0"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 0, result.stderr
    assert np.array_equal(ColorPrior.load(output).counts, expected)
    assert ColorPrior.load(output).provenance.photos == 300
    assert [path.name for path in output.parent.iterdir()] == ["p.npz"]
