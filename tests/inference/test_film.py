"""Films in colour: what is kept of a file, and one sentence where it can't be done."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from skimage.color import rgb2lab

from colorlab.inference.colorize import colorize_file, load_model
from colorlab.inference.files import Source, Targets, check_options
from colorlab.inference.film import FilmError, colorize_film
from colorlab.inference.writing import Writing
from colorlab.models import Colorizer

from . import films

LOSSLESS = Writing(quality=100)


@pytest.fixture(scope="module")
def model() -> Colorizer:
    return load_model("efficientnet_lite0")


def read(path: Path) -> list[np.ndarray]:
    with av.open(path) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def packets(path: Path, kind: str) -> list[tuple[float, bytes]]:
    """When each is shown or heard, in seconds, and its bytes."""
    with av.open(path) as film:
        stream: Any = getattr(film.streams, kind)[0]
        found = [p for p in film.demux(stream) if p.size]
        return sorted((float(p.pts * p.time_base), bytes(p)) for p in found)


def test_luminance_times_sound_and_words_are_kept(tmp_path: Path, model: Colorizer) -> None:
    frames = films.grainy(films.pan(frames=6)[0])
    source = films.write_film(
        tmp_path / "a.mkv", frames, sound="aac", times=[0, 1, 2, 5, 6, 9],
        aspect=Fraction(4, 3), title="Canal, 1931", comment="scan 7",
    )  # fmt: skip
    told: list[tuple[int, int]] = []
    for name in ("b.mkv", "b.mp4", "b.mov"):
        target = tmp_path / name
        notes = colorize_file(
            source, target, model, writing=LOSSLESS, origin="by machine",
            progress=lambda *done: told.append(done),
        )  # fmt: skip
        assert notes == []
        with av.open(target) as film:
            video = film.streams.video[0]
            assert (video.width, video.height) == (128, 96)
            assert video.sample_aspect_ratio == Fraction(4, 3)
            words = {key.lower(): value for key, value in film.metadata.items()}
        assert (words["title"], words["comment"]) == ("Canal, 1931", "scan 7; by machine")
        sound, ours = packets(source, "audio"), packets(target, "audio")
        assert [data for _, data in ours] == [data for _, data in sound]
        seen, shown = packets(source, "video"), packets(target, "video")
        apart = [a - b for (a, _), (b, _) in zip(seen + sound, shown + ours, strict=True)]
        assert np.ptp(apart) < 0.002  # a millisecond is Matroska's grain
    assert [done for done, _ in told] == [1, 2, 3, 4, 5, 6] * 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mkv", "b.mkv", "b.mov", "b.mp4"]
    before, after = read(source), read(tmp_path / "b.mp4")
    off = [rgb2lab(a)[..., 0] - rgb2lab(b)[..., 0] for a, b in zip(before, after, strict=True)]
    assert np.abs(off).mean() < 0.6  # L*, of 100
    assert np.abs(rgb2lab(after)[..., 1:]).mean() > 2


def test_a_turned_film_is_coloured_and_stored_upright(tmp_path: Path, model: Colorizer) -> None:
    frames = films.pan(frames=3)[0]
    lying = [np.ascontiguousarray(np.rot90(frame)) for frame in frames]
    source = films.write_film(tmp_path / "a.mp4", lying, turned=-90, aspect=Fraction(3, 2))
    upright = films.write_film(tmp_path / "u.mp4", frames)
    for path in (source, upright):
        colorize_film(path, path.with_suffix(".mkv"), model, writing=LOSSLESS)
    ours, expected = read(tmp_path / "a.mkv"), read(tmp_path / "u.mkv")
    assert ours[0].shape == (96, 128, 3)
    assert np.abs(np.array(ours).astype(int) - expected).mean() < 5
    with av.open(tmp_path / "a.mkv") as film:
        assert next(film.decode(video=0)).rotation == 0
        assert film.streams.video[0].sample_aspect_ratio == Fraction(2, 3)


def test_odd_sides_deep_samples_and_old_containers(tmp_path: Path, model: Colorizer) -> None:
    frames = [frame[:75, :99] for frame in films.pan(frames=2)[0]]
    odd = films.write_film(tmp_path / "odd.mkv", frames, "ffv1", "yuv444p10le", sound="pcm_s16le")
    notes = colorize_film(odd, tmp_path / "odd.mp4", model)
    assert notes == ["its 10 bits a sample were read as 8"]
    assert read(tmp_path / "odd.mp4")[1].shape == (75, 99, 3)
    old = films.write_film(tmp_path / "old.avi", films.pan(frames=3)[0], "mpeg4")
    target = Targets(tmp_path / "out").of(Source(old, Path("old.avi")))
    assert target == tmp_path / "out" / "old.mkv"
    colorize_film(old, target, model)
    assert len(read(target)) == 3


def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, model: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = films.write_film(tmp_path / "good.mp4", films.pan(frames=3)[0], sound="aac")
    (tmp_path / "text.mp4").write_text("hello")
    (tmp_path / "cut.mp4").write_bytes(good.read_bytes()[:2000])
    song = tmp_path / "song.mp4"
    with av.open(good) as film, av.open(song, "w") as copy:
        stream = copy.add_stream_from_template(film.streams.audio[0])
        for packet in film.demux(audio=0):
            if packet.size:
                packet.stream = stream
                copy.mux(packet)
    films.write_film(tmp_path / "loud.mkv", films.pan(frames=2)[0], sound="tta")
    here = sorted(path.name for path in tmp_path.iterdir())
    for source, target, reason in [
        ("text.mp4", "x.mp4", "text.mp4: not a film that can be read"),
        ("cut.mp4", "x.mp4", "cut.mp4: none of its frames can be read"),
        ("none.mp4", "x.mp4", "none.mp4: no such file"),
        ("song.mp4", "x.mp4", "song.mp4: has no moving picture"),
        ("good.mp4", "x.avi", "x.avi: a film is written as one of .mp4, .m4v, .mov, .mkv"),
        ("good.mp4", "song.mp4", "song.mp4: exists already"),
        ("good.mp4", "good.mp4", "good.mp4: the result would replace the film itself"),
        ("loud.mkv", "x.mp4", "x.mp4: can't hold the film's sound, tta; a .mkv file may"),
    ]:
        with pytest.raises(FilmError) as error:
            colorize_film(tmp_path / source, tmp_path / target, model)
        assert reason in str(error.value)
        assert "\n" not in str(error.value)
    with pytest.raises(FilmError, match=r"more than 0\.001 megapixels"):
        colorize_film(good, tmp_path / "x.mp4", model, writing=Writing(max_megapixels=0.001))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(FilmError, match=r"films need PyAV: pip install .*\[film\]"):
        colorize_film(good, tmp_path / "x.mp4", model)
    assert sorted(path.name for path in tmp_path.iterdir()) == here


def test_a_film_that_breaks_off_leaves_no_result(tmp_path: Path, model: Colorizer) -> None:
    film = films.write_film(tmp_path / "a.mp4", films.grainy(films.pan(frames=8)[0]))
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 3 // 4])
    with pytest.raises(FilmError, match=r"a\.mp4: is broken \("):
        colorize_film(film, tmp_path / "b.mp4", model)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_options_of_photos_are_refused_with_a_film() -> None:
    film = [Source(Path("a.MP4"), Path("a.MP4"))]
    with pytest.raises(ValueError, match=r"a\.MP4: a film takes no --reference and no --page"):
        check_options(film, {"hints": None, "reference": "b.jpg", "page": 2})
    check_options(film, {"hints": None, "old": False})


def test_the_command_colours_a_film(tmp_path: Path) -> None:
    films.write_film(tmp_path / "a.mp4", films.pan(frames=2)[0])
    command = [str(Path(sys.executable).parent / "colorlab"), "colorize", "a.mp4", "-o", "b.mp4"]
    refused = subprocess.run([*command, "--old"], capture_output=True, text=True, cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr == "error: a.mp4: a film takes no --old\n"
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    with av.open(tmp_path / "b.mp4") as film:
        assert "colorlab" in film.metadata["comment"]
