"""Photo files of every kind that archives keep, made from one picture whose colours are known.

`every_kind` lists format x samples x profile x orientation x metadata; `write` makes the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

CAPTION, OWNER, DPI = "Harbour, 1931", "County archive", 600
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
    b' photoshop:City="Whitby"/></rdf:RDF></x:xmpmeta>'
)


@dataclass(frozen=True)
class Kind:
    """One kind of file. `samples` is a name of `SAMPLES`, `profile` one of `PROFILES`."""

    format: str
    samples: str
    profile: str
    orientation: int
    described: bool

    def __str__(self) -> str:
        words = (self.format, self.samples, self.profile, f"turned {self.orientation}")
        return " ".join((*words, "with metadata" if self.described else "bare"))

    @property
    def grey(self) -> bool:
        """Whether it has one channel of colour."""
        return self.samples.startswith("grey")

    @property
    def deep(self) -> bool:
        """Whether it has more than 8 bits a sample."""
        return not self.samples.endswith("8")


def profile(name: str, grey: bool) -> bytes | None:
    """The ICC profile of that name, for grey or RGB samples; None for "none"."""
    if name == "none":
        return None
    if name == "srgb":
        return bytes(imagecodecs.cms_profile("srgb"))
    if name == "adobe":
        return bytes(imagecodecs.cms_profile("adobergb"))
    gamma = {"linear": 1.0, "gamma 1.8": 1.8, "gamma 2.2": 2.2}[name]
    white = [0.3127, 0.3290, 1.0]
    if grey:
        return bytes(imagecodecs.cms_profile("gray", whitepoint=white, gamma=gamma))
    corners = [0.64, 0.33, 1.0, 0.30, 0.60, 1.0, 0.15, 0.06, 1.0]
    return bytes(imagecodecs.cms_profile("rgb", whitepoint=white, primaries=corners, gamma=gamma))


_GREY = ("none", "linear", "gamma 1.8", "gamma 2.2")
_RGB = ("none", "srgb", "adobe", "linear", "gamma 1.8")
_KINDS = {
    "jpeg": {"grey 8": _GREY, "rgb 8": _RGB, "cmyk 8": ("none",)},
    "png": dict.fromkeys(("grey 8", "grey 16", "grey alpha 8", "grey alpha 16"), _GREY)
    | dict.fromkeys(("rgb 8", "rgb 16", "rgb alpha 8", "rgb alpha 16"), _RGB),
    "tiff": dict.fromkeys(("grey 8", "grey 16", "grey alpha 16"), _GREY)
    | dict.fromkeys(("grey 12", "grey float", "grey inverse 8", "rgb float"), ("none",))
    | dict.fromkeys(("rgb 8", "rgb 16", "rgb alpha 16"), _RGB),
    "webp": dict.fromkeys(("rgb 8", "rgb alpha 8"), ("none", "srgb", "adobe")),
}


def every_kind() -> list[Kind]:
    """All kinds, the same list every time."""
    return [
        Kind(format, samples, name, orientation, described)
        for format, kinds in _KINDS.items()
        for samples, names in kinds.items()
        for name, orientation, described in product(names, (1, 6), (False, True))
    ]


def values(kind: Kind, picture: NDArray[np.uint8]) -> NDArray[Any]:
    """The picture (H, W, 3) as the file's samples, stored so that its orientation rights them."""
    shares = picture.astype(np.float64) / 255
    if kind.grey:
        shares = shares[..., 1]
    if "alpha" in kind.samples:
        ramp = np.linspace(0.2, 1, picture.shape[1])[None].repeat(len(picture), 0)
        shares = np.dstack([shares, ramp])
    if kind.orientation == 6:  # to be turned clockwise for viewing
        shares = np.rot90(shares)
    if kind.samples.startswith("cmyk"):
        shares = np.dstack([1 - shares, np.zeros(shares.shape[:2])])
    if kind.samples.endswith("float"):
        return shares.astype(np.float32)
    if kind.samples.endswith("12"):
        return np.rint(shares * 4095).astype(np.uint16)
    if kind.samples == "grey inverse 8":
        shares = 1 - shares
    return np.rint(shares * (65535 if kind.deep else 255)).astype(
        np.uint16 if kind.deep else np.uint8
    )


def _exif(kind: Kind) -> Image.Exif:
    exif = Image.Exif()
    if kind.orientation != 1:
        exif[0x0112] = kind.orientation
    if kind.described:
        exif[0x010E], exif[0x8298] = CAPTION, OWNER
    return exif


def write(kind: Kind, picture: NDArray[np.uint8], folder: Path) -> Path:
    """The file of that kind in `folder`."""
    suffix = {"jpeg": ".jpg", "png": ".png", "tiff": ".tif", "webp": ".webp"}[kind.format]
    path = folder / (str(kind).replace(" ", "_") + suffix)
    samples, icc = np.ascontiguousarray(values(kind, picture)), profile(kind.profile, kind.grey)
    if kind.format == "tiff":
        _write_tiff(kind, samples, icc, path)
    elif kind.format == "png":
        _write_png(kind, samples, icc, path)
    else:
        mode = {"cmyk 8": "CMYK"}.get(kind.samples)
        image = Image.fromarray(255 - samples if mode else samples, mode=None)
        if mode:  # Adobe's JPEGs hold light, not ink, and so does Pillow's writer of them
            image = Image.frombytes("CMYK", samples.shape[1::-1], samples.tobytes())
        options: dict[str, Any] = {"exif": _exif(kind)}
        options |= {"icc_profile": icc} if icc else {}
        options |= {"xmp": XMP} if kind.described else {}
        options |= {"dpi": (DPI, DPI)} if kind.described and kind.format == "jpeg" else {}
        options |= {"lossless": True} if kind.format == "webp" else {"quality": 98}
        image.save(path, kind.format, **options)
    return path


def _write_tiff(kind: Kind, samples: NDArray[Any], icc: bytes | None, path: Path) -> None:
    tags: list[Any] = [(274, 3, 1, kind.orientation, True)]
    if kind.described:
        tags += [(33432, 2, 0, OWNER, True), (700, 7, len(XMP), XMP, True)]
    inverse = kind.samples == "grey inverse 8"
    options: dict[str, Any] = {}
    if kind.samples == "grey 12":
        options["bitspersample"] = 12
    if "alpha" in kind.samples:
        options["extrasamples"] = ["unassalpha"]
    tifffile.imwrite(
        path,
        samples,
        photometric="miniswhite" if inverse else "minisblack" if kind.grey else "rgb",
        planarconfig="contig" if samples.ndim == 3 else None,
        iccprofile=icc,
        resolution=(DPI, DPI) if kind.described else None,
        resolutionunit=2 if kind.described else None,
        description=CAPTION if kind.described else None,
        metadata=None,
        extratags=tags,
        **options,
    )


def _write_png(kind: Kind, samples: NDArray[Any], icc: bytes | None, path: Path) -> None:
    if samples.ndim == 3 and samples.shape[2] == 1:
        samples = samples[..., 0]
    plain = bytes(imagecodecs.png_encode(samples))
    # The chunks beside the pixels are those that Pillow writes for a picture of one pixel.
    text = PngImagePlugin.PngInfo()
    options: dict[str, Any] = {"icc_profile": icc} if icc else {}
    if exif := _exif(kind):
        options["exif"] = exif
    if kind.described:
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options["dpi"] = (DPI, DPI)
    Image.new("L" if kind.grey else "RGB", (1, 1)).save(path, pnginfo=text, **options)
    data, chunks, at = path.read_bytes(), b"", 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big") + 12
        if data[at + 4 : at + 8] not in (b"IHDR", b"IDAT", b"IEND"):
            chunks += data[at : at + size]
        at += size
    path.write_bytes(plain[:33] + chunks + plain[33:])
