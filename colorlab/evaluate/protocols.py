"""How results of the literature were measured, by name; and measuring by one of these.

A number without its protocol says little: which photos, how many, how each became a square, and
which variant of a metric. What a source doesn't tell is None here, and is equal to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from colorlab.options import option

if TYPE_CHECKING:
    from colorlab.data.photos import Photos
    from colorlab.evaluate.methods import Preprocessing
    from colorlab.evaluate.report import Report

Standing = Literal["read", "quoted", "recalled"]
"""Where a figure or a fact is from: "read" in its source (the paper's text or the authors' code),
"quoted" by another text, or "recalled" and unchecked."""


@dataclass(frozen=True)
class Protocol:
    """On which photos, made square how, something was measured.

    `photos` is the set, `selection` says which of them, `count` how many; photos are squares of
    `size` pixels, or keep their own (0). `source` is a key of the bibliography. `metrics` are those
    of `colorlab evaluate`; a protocol without any is here for its published numbers alone. `first`
    photos by file name are taken, all of them where it is None. `note` says what differs, and what
    can't be had without the photos.
    """

    name: str
    photos: str
    selection: str | None
    count: int | None
    size: int | None
    fit: Literal["squash", "crop", "none"] | None
    source: str
    standing: Standing
    note: str
    metrics: tuple[str, ...] = ()
    first: int | None = None

    def __str__(self) -> str:
        side = {None: "size not told", 0: "each photo's own size"}.get(self.size, f"{self.size} px")
        fits = {None: "fit not told", "squash": "squashed", "crop": "middle square", "none": ""}
        count = "number not told" if self.count is None else f"{self.count:,} photos"
        parts = self.photos, self.selection or "which ones not told", count, side, fits[self.fit]
        return ", ".join(part for part in parts if part)


_IMAGENET = "ImageNet validation"
_COLORFUL = ("colorfulness_abs", "delta_colorfulness_abs", "psnr")
_FID = ("fid", "frechet_lite0")

_ALL = (
    Protocol(
        *("zhang2016", _IMAGENET, "the list ctest10k", 10_000, 256, None),
        *("zhang2016colorful", "recalled"),
        "The list of photos is the authors'; give it as --data. Rare colours are weighted by their "
        "frequency on ImageNet there, on the photos measured here; VGG-16 is the judge there, "
        "Lite0 and Lite2 are here.",
        metrics=("auc", "auc_rebalanced", "top1", "top1_lite2"),
    ),
    Protocol(
        *("zhang2016_people", _IMAGENET, None, None, 256, None),
        *("zhang2016colorful", "recalled"),
        "40 people a method saw a photo and its colorization for a second each.",
    ),
    Protocol(
        *("larsson2016", _IMAGENET, "the list cval1k", 1_000, None, None),
        *("larsson2016learning", "recalled"),
        "Neither the photos' size nor the mean behind PSNR is known to us.",
    ),
    Protocol(
        *("ddcolor", _IMAGENET, "the first 5,000", 5_000, 256, "crop"),
        *("kang2023ddcolor", "read"),
        "As its authors answer when asked, and CT2 before; the options that come with their code "
        "squash. Their FID has torchvision's Inception, ours TensorFlow's.",
        metrics=(*_FID, *_COLORFUL),
        first=5_000,
    ),
    Protocol(
        *("ddcolor50k", _IMAGENET, "all", 50_000, 256, "squash"),
        *("kang2023ddcolor", "read"),
        "Their FID has torchvision's Inception, ours TensorFlow's.",
        metrics=(*_FID, *_COLORFUL),
    ),
    Protocol(
        *("ddcolor_squashed", _IMAGENET, "the first 5,000", 5_000, 256, "squash"),
        *("kang2023ddcolor", "read"),
        "As the options that come with DDColor's code, against its authors' word; MultiColor's "
        "paper is quoted to resize, too.",
        metrics=(*_FID, *_COLORFUL),
        first=5_000,
    ),
    Protocol(
        *("colormf", _IMAGENET, "the first 5,000", 5_000, 256, "crop"),
        *("zakirov2026colormf", "read"),
        "The authors' fixed protocol; what they have published so far is by colormf_whole. They "
        "shrink photos by OpenCV's bilinear interpolation, we with a filter against aliasing.",
        metrics=(*_FID, "psnr", "ssim", "lpips", *_COLORFUL[:2], "delta_e"),
        first=5_000,
    ),
    Protocol(
        *("colormf_whole", _IMAGENET, "the first 5,000", 5_000, 0, "none"),
        *("zakirov2026colormf", "read"),
        "Chroma predicted at 256 x 256 and enlarged. `colorlab evaluate` has squares only.",
    ),
    Protocol(
        *("palette", _IMAGENET, None, 5_000, 256, None),
        *("saharia2022palette", "quoted"),
        "The originals' own FID is 14.68, so it was measured against other photos.",
    ),
    Protocol(
        *("lcad", _IMAGENET, "the first 5,000", 5_000, 256, "crop"),
        *("chang2023lcad", "quoted"),
        "Which Inception gave FID is not told.",
    ),
    Protocol(
        *("openvino", _IMAGENET, "the first 2,000", 2_000, 0, "none"),
        *("openvino2022zoo", "read"),
        "Chroma predicted at 256 x 256 and enlarged to the photo's size.",
    ),
    Protocol(
        *("kth", _IMAGENET, "1,000 of 20 kinds of fruit and vegetables", 1_000, None, None),
        *("nicolai2019reproducing", "read"),
        "The photos were drawn at random; the list is not known to us.",
    ),
    Protocol(
        *("lin2021", "Places365, small", "the test photos", 328_500, 224, "squash"),
        *("lin2021automated", "read"),
        "The number of photos is that of the authors' notebook. What its mean is of, is not told.",
    ),
)
PROTOCOLS = {protocol.name: protocol for protocol in _ALL}
"""All of them, by name."""


def measurable() -> list[str]:
    """Those that `colorlab evaluate` takes.

    >>> measurable()[:3]
    ['zhang2016', 'ddcolor', 'ddcolor50k']
    """
    return [name for name, protocol in PROTOCOLS.items() if protocol.metrics]


@dataclass(frozen=True)
class Conditions:
    """The options of `colorlab evaluate` that a protocol stands for; None is the default.

    Raises ValueError for an unknown protocol, one that can't be measured by, and one that is given
    together with what it sets.
    """

    protocol: str | None = option(
        None, f"A published one, which sets the next four: {', '.join(measurable())}."
    )
    size: int | None = option(None, "Side of the square that photos become: 224.")
    fit: str | None = option(None, "How they become it: squash, or crop (the middle).")
    metrics: str | None = option(None, "Names with commas; all that need no download.")
    limit: int | None = option(None, "Only so many photos, evenly spaced.")

    def __post_init__(self) -> None:
        if self.protocol is None:
            return
        if self.protocol not in measurable():
            known = ", ".join(measurable())
            raise ValueError(f"no protocol {self.protocol!r} to measure by; there are: {known}")
        if any(x is not None for x in (self.size, self.fit, self.metrics, self.limit)):
            raise ValueError("--protocol sets size, fit, metrics and limit; give it without them")

    @property
    def named(self) -> Protocol | None:
        """The protocol, if one is asked for."""
        return PROTOCOLS[self.protocol] if self.protocol else None

    @property
    def metric_names(self) -> list[str] | None:
        """The metrics asked for, None being all that need no download; ValueError for another."""
        from colorlab.evaluate.metrics import get_metric

        if self.named:
            return list(self.named.metrics)
        names = [name.strip() for name in self.metrics.split(",")] if self.metrics else None
        for name in names or ():
            get_metric(name)
        return names

    def preprocessing(self) -> Preprocessing:
        """How photos become squares; squashed where the protocol doesn't tell."""
        from colorlab.evaluate.methods import Preprocessing

        size = self.named.size if self.named else self.size
        fit = (self.named.fit if self.named else self.fit) or "squash"
        return Preprocessing(224 if size is None else size, fit)  # type: ignore[arg-type]

    def chosen(self, photos: Photos) -> Photos:
        """The protocol's photos, the first by file name where it takes the first; else all."""
        if not self.named or not self.named.first:
            return photos
        first = sorted(photos.paths, key=lambda path: path.name)[: self.named.first]
        return type(photos)(first, photos.max_broken)

    def told(self, report: Report) -> Report:
        """The report with the protocol's name, and with what sets published numbers apart."""
        if not self.named:
            return report
        name, warnings = self.named.name, [self.named.note]
        if report.photos != self.named.count:
            warnings.insert(0, f"made for {self.named}; other numbers on these {report.photos:,}")
        if self.named.fit is None:
            warnings.append("how photos become square is not told; they are squashed here")
        return replace(
            report,
            data=f"{report.data}, protocol {name}",
            warnings=(*(f"protocol {name}: {x}" for x in warnings), *report.warnings),
        )
