"""What a file says about its photo: read, brought up to date, and marked as a machine's work."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
ORIENTATION, SOFTWARE, COLOR_SPACE, HISTORY = 0x0112, 0x0131, 0xA001, 0x9213
_RESOLUTION = (282, 283, 296)
STRUCTURE = frozenset(
    {*range(254, 267), 273, 274, *range(277, 285), *range(288, 294), 296, 297, 301}
    | {*range(317, 334), *range(336, 348), *range(512, 533), 700, 33723, 34377, 34675, 37724}
    | {EXIF_IFD, GPS_IFD, 50838, 50839}
)
"""TIFF tags about how pixels are stored, or that have a place of their own in `Metadata`."""

_THUMBNAILS = (0x0409, 0x040C)  # of Photoshop's image resources
_OWN_PLACE = (0x03ED, 0x040F, 0x0422, 0x0423, 0x0424, 0x0425)  # dpi, profile, EXIF, XMP, digest
_IPTC = 0x0404
MACHINE_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a picture that is partly a trained model's."""


@dataclass(frozen=True)
class Metadata:
    """Captions and kin, apart from the pixels.

    `exif` is a TIFF structure in bytes, beginning with "Exif"; `xmp` a packet; `resources` are
    Photoshop's, by number, IPTC among them (0x0404); `dpi` is dots an inch, across and down;
    `text` are PNG's keywords, and "Comment"; `icc` is the profile that the pixels had.
    """

    exif: bytes = b""
    xmp: bytes = b""
    resources: Mapping[int, bytes] = field(default_factory=dict)
    dpi: tuple[float, float] | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    icc: bytes = b""

    @property
    def iptc(self) -> bytes:
        """The IPTC captions, IIM records."""
        return self.resources.get(_IPTC, b"")

    def exif_tags(self) -> Image.Exif:
        """The EXIF tags, to be changed and put back with `exif_bytes`; none where damaged."""
        return _parsed(self.exif)

    def kinds(self) -> list[str]:
        """What there is of it, by the names that `Format.keeps` has."""
        have = {"EXIF": self.exif, "XMP": self.xmp, "IPTC": self.iptc, "text": self.text}
        return [name for name, value in (have | {"dpi": self.dpi}).items() if value]


def _parsed(data: bytes) -> Image.Exif:
    exif = Image.Exif()
    with suppress(Exception):  # a dozen kinds on damaged bytes
        exif.load(data)
        for tag in (EXIF_IFD, GPS_IFD):
            part_of(exif, tag)
    return exif


def part_of(exif: Image.Exif, tag: int) -> dict[int, Any]:
    """The tags of `EXIF_IFD` or `GPS_IFD`; asking Pillow for a missing one would make it."""
    return exif.get_ifd(tag) if tag in exif or tag in exif._ifds else {}


def exif_bytes(exif: Image.Exif) -> bytes:
    """EXIF as bytes; tags that can't be written again are left out, one by one."""
    if not exif:
        return b""
    try:
        return exif.tobytes()
    except Exception:
        kept = Image.Exif()
        for tag in (EXIF_IFD, GPS_IFD):
            if part := _writable(part_of(exif, tag)):
                kept.get_ifd(tag).update(part)
        kept.update(_writable(dict(exif)))
        with suppress(Exception):
            return kept.tobytes()
        return b""


def _writable(tags: Mapping[int, Any]) -> dict[int, Any]:
    kept = {}
    for tag, value in tags.items():
        alone = Image.Exif()
        alone[tag] = value
        with suppress(Exception):
            alone.tobytes()
            kept[tag] = value
    return kept


def tidy(metadata: Metadata, srgb: bool = True) -> Metadata:
    """Metadata as true of upright pixels, which are in sRGB unless not `srgb`.

    Orientation becomes 1; thumbnails, which would show the photo as it was, go.
    """
    exif = metadata.exif_tags()
    if exif:
        if ORIENTATION in exif:
            exif[ORIENTATION] = 1
        camera = part_of(exif, EXIF_IFD)
        camera.pop(INTEROP_IFD, None)  # it only says "R98" or "R03", which may now be untrue
        if COLOR_SPACE in camera:
            camera[COLOR_SPACE] = 1 if srgb else 0xFFFF
    xmp = metadata.xmp
    xmp = re.sub(rb"(?s)<xmp:Thumbnails>.*?</xmp:Thumbnails>", b"", xmp)
    xmp = _in_xmp(xmp, b"tiff:Orientation", b"1")
    xmp = _in_xmp(xmp, b"exif:ColorSpace", b"1" if srgb else b"65535")
    if srgb:
        xmp = _in_xmp(xmp, b"photoshop:ICCProfile", b"sRGB IEC61966-2.1")
    dropped = (*_THUMBNAILS, *_OWN_PLACE)
    resources = {key: data for key, data in metadata.resources.items() if key not in dropped}
    return replace(metadata, exif=exif_bytes(exif), xmp=xmp, resources=resources)


def _in_xmp(xmp: bytes, name: bytes, value: bytes) -> bytes:
    """A property's value changed where the packet has it, as an attribute or as an element."""
    xmp = re.sub(rb"(" + name + rb"\s*=\s*[\"'])[^\"']*", rb"\g<1>" + value, xmp)
    return re.sub(rb"(<" + name + rb">)[^<]*", rb"\g<1>" + value, xmp)


def marked(metadata: Metadata, words: str, software: str) -> Metadata:
    """Metadata that say so: `words` in EXIF's ImageHistory, `software` beside what was there.

    XMP's `DigitalSourceType` becomes the one of pictures that are partly a trained model's.
    """
    exif = metadata.exif_tags()
    before = str(exif.get(SOFTWARE, "")).strip("\0 ")
    exif[SOFTWARE] = f"{before}; {software}" if before and software not in before else software
    exif[HISTORY] = words
    return replace(metadata, exif=exif_bytes(exif), xmp=_mark_xmp(metadata.xmp))


def _mark_xmp(xmp: bytes) -> bytes:
    kind = MACHINE_MADE.encode()
    if b"DigitalSourceType" in xmp:
        return _in_xmp(xmp, b"Iptc4xmpExt:DigitalSourceType", kind)
    about = (
        b'<rdf:Description rdf:about="" '
        b'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        b'Iptc4xmpExt:DigitalSourceType="' + kind + b'"/>'
    )
    end = xmp.rfind(b"</rdf:RDF>")
    if end >= 0:
        return xmp[:end] + about + xmp[end:]
    if xmp:
        return xmp  # not a packet that can be added to
    return (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' + about + b"</rdf:RDF>"
        b'</x:xmpmeta><?xpacket end="w"?>'
    )


_FROM_TEXT = {"Description": 0x010E, "Author": 0x013B, "Copyright": 0x8298, "Title": 0x010D}


def with_text_in_exif(metadata: Metadata) -> Metadata:
    """PNG's captions where a file without them has a place: in EXIF, what is there staying."""
    exif = metadata.exif_tags()
    for keyword, tag in _FROM_TEXT.items():
        if keyword in metadata.text:
            exif.setdefault(tag, metadata.text[keyword])
    rest = {key: value for key, value in metadata.text.items() if key not in _FROM_TEXT}
    return replace(metadata, exif=exif_bytes(exif), text=rest)


def with_dpi_in_exif(metadata: Metadata) -> Metadata:
    """The resolution in EXIF too: for formats that have no other place for it."""
    exif = metadata.exif_tags()
    if metadata.dpi is None:
        return metadata
    for tag, value in zip(
        _RESOLUTION, (*map(IFDRational, map(_whole, metadata.dpi)), 2), strict=True
    ):
        exif[tag] = value
    return replace(metadata, exif=exif_bytes(exif))


def _whole(dots: float) -> float:
    """600 for PNG's 599.9988: it counts dots a metre."""
    return round(dots) if abs(dots - round(dots)) < 0.02 else round(dots, 3)


def from_pillow(image: Image.Image) -> Metadata:
    """The metadata of an open image, its pixels loaded; what is damaged is left out."""
    info = image.info
    exif = b""
    with suppress(Exception):
        exif = exif_bytes(image.getexif())
    text = {str(key): str(value) for key, value in getattr(image, "text", {}).items()}
    for key in [key for key in text if "xmp" in key.lower() or key.startswith("Raw profile")]:
        del text[key]
    for key in ("date:create", "date:modify", "date:timestamp"):  # ImageMagick's, of the file
        text.pop(key, None)
    comment = info.get("comment") if image.format != "JPEG2000" else None  # its writer's name
    if comment:
        text["Comment"] = comment.decode("latin-1") if isinstance(comment, bytes) else str(comment)
    xmp = info.get("xmp", b"")
    dpi = info.get("dpi")
    known = dpi and info.get("jfif_unit", 1) and min(dpi) > 1
    resources = {
        key: data for key, data in info.get("photoshop", {}).items() if type(data) is bytes
    }
    return Metadata(
        exif,
        xmp.encode() if isinstance(xmp, str) else xmp.rstrip(b"\0"),
        resources,
        (_whole(float(dpi[0])), _whole(float(dpi[1]))) if dpi and known else None,
        text,
        info.get("icc_profile") or b"",
    )


def resource_blocks(resources: Mapping[int, bytes]) -> bytes:
    """Photoshop's image resources as JPEG's APP13 and TIFF's tag 34377 hold them."""
    return b"".join(
        b"8BIM" + struct.pack(">HHI", key, 0, len(data)) + data + b"\0" * (len(data) % 2)
        for key, data in resources.items()
    )


def parse_resources(blocks: bytes) -> dict[int, bytes]:
    """The other way round, up to where the bytes are damaged."""
    return dict(_resources(blocks))


def _resources(blocks: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while blocks[at : at + 4] == b"8BIM" and at + 12 <= len(blocks):
        (key,) = struct.unpack_from(">H", blocks, at + 4)
        start = at + 6 + (blocks[at + 6] + 2) // 2 * 2  # a Pascal string, padded
        if start + 4 > len(blocks):
            return
        (size,) = struct.unpack_from(">I", blocks, start)
        yield key, blocks[start + 4 : start + 4 + size]
        at = start + 4 + size + size % 2


def short_exif(metadata: Metadata) -> bytes:
    """EXIF without tags of more than 4,000 bytes: JPEG has 64 kB for all of it."""
    exif = metadata.exif_tags()
    for tags in (exif, part_of(exif, EXIF_IFD)):
        for tag, value in list(tags.items()):
            if isinstance(value, str | bytes) and len(value) > 4000:
                del tags[tag]
    return exif_bytes(exif)
