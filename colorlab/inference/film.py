"""Films: frames coloured and steadied, at full size; the sound is passed on as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import tee
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from colorlab.data.files import whole_file
from colorlab.data.formats import FILMS
from colorlab.inference.join import join_luminance, to_pixels
from colorlab.inference.predict import MAX_PANORAMA, predict_chroma, working_luma
from colorlab.inference.steady import follow, steady
from colorlab.inference.writing import Writing
from colorlab.models import Colorizer

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

CRF = 16
"""x264's quality where none is asked for: hardly to be told from the original."""


class FilmError(ValueError):
    """A film that can't be read or written; its text is one sentence that names the file."""


@dataclass(frozen=True)
class _Look:
    """What the first frame tells: quarter turns to stand upright, its matrix, and warnings."""

    turns: int
    height: int
    width: int
    matrix: int
    notes: list[str]

    @property
    def pixels(self) -> str:
        """The result's format: players want 4:2:0, which has no odd sides."""
        return "yuv444p" if self.width % 2 or self.height % 2 else "yuv420p"


def colorize_film(
    source: Path,
    target: Path,
    model: Colorizer,
    overwrite: bool = False,
    writing: Writing = Writing(),
    origin: str = "",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[str]:
    """Colour a film into an H.264 one of the same size, times, and sound, whole or not at all.

    Each frame keeps its luminance as closely as 4:2:0 and `writing.quality` admit (100 is x264's
    lossless mode, then only rounding is left); it is stored upright. Colours are averaged within
    shots along the motion (`inference.steady`). Sound, and subtitles where the container takes
    them, are copied unchanged; `origin` goes into the metadata's comment. Memory does not depend on
    the length. `progress` is told the frames done and of all, 0 for not known. Returns sentences
    about what was left out or is doubtful. Raises FilmError for a film that can't be read and a
    result that can't be written.
    """
    av = _pyav()
    container = FILMS.get(target.suffix.lower())
    if container is None:
        can = ", ".join(suffix for suffix, name in FILMS.items() if name)
        raise FilmError(f"{target}: a film is written as one of {can}")
    if target.exists() and source.exists() and target.samefile(source):
        raise FilmError(f"{source}: the result would replace the film itself")
    if target.exists() and not overwrite:
        raise FilmError(f"{target}: exists already, and was not to be overwritten")
    with _opened(source) as film:
        look = _look_at(film, source, writing.max_megapixels)
    notes = list(look.notes)
    crf = CRF if writing.quality is None else round((100 - writing.quality) * 0.51)
    try:
        with (
            _opened(source) as film,
            whole_file(target) as part,
            av.open(part, "w", format=container) as result,
        ):
            if writing.mark and origin:
                before = _words(film.metadata).get("comment", "")
                result.metadata["comment"] = f"{before}; {origin}" if before else origin
            shown = _add_video(film, result, look, crf)
            copies = _add_others(film, result, target, notes)
            frames = _frames(film, result, shown, copies)
            total = _length(film)
            for done, frame in enumerate(_colored(frames, look, model), 1):
                result.mux(shown.encode(frame))
                progress(done, total)
            result.mux(shown.encode(None))
    except av.FFmpegError as error:
        doing = "is broken" if isinstance(error, av.error.InvalidDataError) else "can't be coloured"
        raise FilmError(f"{source}: {doing} ({error.strerror})") from None
    except OSError as error:
        raise FilmError(f"{target}: can't write ({error.strerror or error})") from None
    return notes


def _pyav() -> Any:
    try:
        import av
    except ImportError:
        raise FilmError('films need PyAV: pip install "colorlab-course[film]"') from None
    return av


@contextmanager
def _opened(source: Path) -> Iterator[InputContainer]:
    av = _pyav()
    if not source.is_file():
        raise FilmError(f"{source}: {'is a folder' if source.exists() else 'no such file'}")
    try:
        # Of a file that is a play list, no other file and no address is opened.
        film = av.open(source, container_options={"protocol_whitelist": "file"})
    except av.FFmpegError as error:
        raise FilmError(f"{source}: not a film that can be read ({error.strerror})") from None
    with film:
        yield film


def _look_at(film: InputContainer, source: Path, megapixels: float) -> _Look:
    """The first frame's facts. Raises FilmError for no moving picture, or one too large."""
    av = _pyav()
    cover = av.stream.Disposition.attached_pic  # the picture of a song
    if not film.streams.video or film.streams.video[0].disposition & cover:
        raise FilmError(f"{source}: has no moving picture")
    try:
        frame = next(film.decode(film.streams.video[0]))
    except (StopIteration, av.FFmpegError):
        raise FilmError(f"{source}: none of its frames can be read") from None
    if frame.width * frame.height > megapixels * 1e6:
        raise FilmError(f"{source}: its frames have more than {megapixels:g} megapixels")
    notes = []
    bits = max(one.bits for one in frame.format.components)
    if bits > 8:
        notes.append(f"its {bits} bits a sample were read as 8")
    if frame.interlaced_frame:
        notes.append("its frames are interlaced: deinterlace it first, or motion will look combed")
    # Untagged films are played by BT.709 if in high definition, else by BT.601.
    untagged = 1 if frame.height >= 720 else 6
    matrix = untagged if frame.colorspace in (0, 2) else frame.colorspace
    turns = round(frame.rotation / 90) % 4
    height, width = (frame.height, frame.width)[:: -1 if turns % 2 else 1]
    return _Look(turns, height, width, matrix, notes)


def _add_video(film: InputContainer, result: OutputContainer, look: _Look, crf: int) -> VideoStream:
    video = film.streams.video[0]
    options = {"crf": str(crf)}
    shown = result.add_stream("libx264", rate=video.average_rate or 25, options=options)
    shown.width, shown.height = look.width, look.height
    shown.pix_fmt = look.pixels
    shown.codec_context.time_base = video.time_base or Fraction(1, 90_000)
    aspect = video.sample_aspect_ratio or Fraction(1)
    shown.codec_context.sample_aspect_ratio = 1 / aspect if look.turns % 2 else aspect
    shown.codec_context.colorspace = look.matrix
    shown.codec_context.color_range = 1  # 16 to 235
    for kept, given in ((result.metadata, film.metadata), (shown.metadata, video.metadata)):
        kept.update({k: v for k, v in _words(given).items() if k not in kept})
    return shown


def _words(metadata: dict[str, str]) -> dict[str, str]:
    """Metadata of the film, not of its file; containers differ in upper and lower case."""
    of_file = ("major_brand", "minor_version", "compatible_brands", "encoder")
    return {k.lower(): v for k, v in metadata.items() if k.lower() not in of_file}


def _add_others(
    film: InputContainer, result: OutputContainer, target: Path, notes: list[str]
) -> dict[int, Any]:
    """By number, the streams that sound and subtitles are copied to.

    Raises FilmError for sound that the container does not take.
    """
    copies = {}
    for stream in film.streams:
        name = stream.codec_context.name if stream.codec_context else "no codec"
        if stream.type in ("audio", "subtitle") and name in result.supported_codecs:
            copies[stream.index] = copy = result.add_stream_from_template(stream)
            copy.metadata.update(stream.metadata)
        elif stream.type == "audio":
            raise FilmError(f"{target}: can't hold the film's sound, {name}; a .mkv file may")
        elif stream is not film.streams.video[0]:
            notes.append(f"a stream was left out: {stream.type}, {name}")
    return copies


def _frames(
    film: InputContainer, result: OutputContainer, shown: VideoStream, copies: dict[int, Any]
) -> Iterator[VideoFrame]:
    """The film's frames; what lies between them is copied on the way."""
    video = film.streams.video[0]
    wanted = [stream for stream in film.streams if stream is video or stream.index in copies]
    result.start_encoding()
    for packet in film.demux(*wanted):
        if packet.stream is video:
            yield from video.decode(packet)
        elif packet.size:  # the last one of each stream is empty
            packet.stream = copies[packet.stream.index]
            result.mux(packet)


def _colored(frames: Iterator[VideoFrame], look: _Look, model: Colorizer) -> Iterator[VideoFrame]:
    """Frames in colour, in the result's format and at the times of the film's."""
    av = _pyav()

    def upright() -> Iterator[tuple[VideoFrame, NDArray[np.uint8]]]:
        for frame in frames:
            rgb = frame.to_ndarray(format="rgb24", src_colorspace=look.matrix)
            yield frame, np.ascontiguousarray(np.rot90(rgb, look.turns))

    @torch.inference_mode()
    def answer(rgb: NDArray[np.uint8]) -> tuple[torch.Tensor, torch.Tensor]:
        pixels = to_pixels(rgb)
        luma = working_luma(pixels, model.space, MAX_PANORAMA)[0, 0]
        return luma, predict_chroma(pixels, model).to("cpu", torch.float32)

    pictures, seen = tee(upright())  # in step: one frame is held
    chroma = steady((answer(rgb) for _, rgb in seen), follow)
    for (frame, rgb), now in zip(pictures, chroma, strict=True):
        joined = join_luminance(to_pixels(rgb), now, model.space).numpy()
        colored = av.VideoFrame.from_ndarray(joined, format="rgb24").reformat(
            format=look.pixels, dst_colorspace=look.matrix, dst_color_range="MPEG"
        )
        colored.pts, colored.time_base = frame.pts, frame.time_base
        yield colored


def _length(film: InputContainer) -> int:
    """How many frames there are, as far as the file says, 0 where it does not."""
    video = film.streams.video[0]
    return video.frames or round((film.duration or 0) * (video.average_rate or 0) / 1_000_000)
