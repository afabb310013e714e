"""Colour statistics: which chroma is common, and how much a rare one should count.

A `ColorPrior` is a table of how often each (a*, b*) was seen. Smoothed, mixed with a uniform
distribution and inverted, it becomes the loss weights of the paper's Eq. 3.
"""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import colorlab
from colorlab.data.files import write_whole
from colorlab.prior.bins import ColorCounter

_WEIGHTS = Path(__file__).parents[1] / "weights"


def gaussian_window(sigma: float, window: int) -> NDArray[np.float64]:
    """The `window` taps of a Gaussian, sum 1; tap k belongs to the offset k - (window - 1) // 2.

    An odd window is centred. An even one has a tap more on the upper side: 10 taps stand at -4..5.
    Raises ValueError for a sigma or window that isn't positive.
    """
    if not (sigma > 0 and window >= 1):
        raise ValueError(f"sigma and window must be positive, got {sigma} and {window}")
    offsets = np.arange(window) - (window - 1) // 2
    taps = np.exp(-(offsets**2) / (2.0 * sigma**2))
    taps /= taps.sum()
    return taps


def equation_3(
    p: NDArray[np.float64],
    lam: float,
    normalized: Literal["smoothed", "mixture"] = "smoothed",
) -> NDArray[np.float64]:
    """The paper's Eq. 3 on shares `p` of any shape, sum 1: see `ColorPrior.weights`."""
    if not 0 <= lam <= 1:
        raise ValueError(f"lambda must be in [0, 1], got {lam}")
    if normalized not in ("smoothed", "mixture"):
        raise ValueError(f'normalized must be "smoothed" or "mixture", got {normalized!r}')
    mixture = (1 - lam) * p * p.size + lam  # relative to uniform, so that lam = 1 gives 1
    # Below this the reciprocal is infinite, or too near it to be multiplied further.
    if mixture.min() < 1e-290:
        empty = int((mixture < 1e-290).sum())
        raise ValueError(
            f"lambda = {lam} gives {empty} of {p.size} bins an infinite weight, because no pixel "
            "fell in or near them; take a larger lambda"
        )
    v: NDArray[np.float64] = 1 / mixture
    return v / (p * v).sum() if normalized == "smoothed" else v


@dataclass(frozen=True)
class Provenance:
    """Where a table of counts comes from; `date` is the ISO day, `version` that of colorlab."""

    dataset: str
    photos: int
    pixels: int
    date: str
    version: str


@dataclass(frozen=True, eq=False)
class ColorPrior:
    """How many pixels of each chroma some photos have.

    `counts` is int64 (256, 256), a* first, one L*a*b* unit a bin, bin 128 being 0 (`chroma_bins`).
    Raises ValueError for a table of another shape or type, with negative entries, or whose sum is
    not the number of pixels of its `provenance`.
    """

    counts: NDArray[np.int64]
    provenance: Provenance

    def __post_init__(self) -> None:
        if self.counts.shape != (256, 256) or self.counts.dtype != np.int64:
            kind = f"{self.counts.dtype} {self.counts.shape}"
            raise ValueError(f"a colour prior needs int64 (256, 256) counts, got {kind}")
        if (self.counts < 0).any():
            raise ValueError("a colour prior can't have negative counts")
        if int(self.counts.sum()) != self.provenance.pixels:
            raise ValueError("a colour prior's counts must add up to its number of pixels")

    @classmethod
    def from_photos(
        cls, photos: Iterable[NDArray[np.uint8] | str | Path], dataset: str = "own photos"
    ) -> ColorPrior:
        """Count photos, each a uint8 RGB array (H, W, 3) or a file.

        Raises ValueError for an array of another kind and for a file that isn't a photo.
        """
        from colorlab.data.decode import decode  # heavy, and only files need it

        counter = ColorCounter()
        number = 0
        for photo in photos:
            number += 1
            if not isinstance(photo, np.ndarray):
                photo = decode(Path(photo)).permute(1, 2, 0).numpy()
            counter.add(photo)
        counts = counter.take()
        return cls(counts, provenance(dataset, number, int(counts.sum())))

    @property
    def pmf(self) -> NDArray[np.float64]:
        """The share of each bin, (256, 256), sum 1; ValueError where no pixel was counted."""
        if self.provenance.pixels == 0:
            raise ValueError("this colour prior is empty: no pixel was counted")
        return self.counts / self.provenance.pixels

    def smoothed(self, sigma: float = 5, window: int = 10) -> NDArray[np.float64]:
        """`pmf` under a Gaussian of `sigma` bins cut to `window` bins a side; (256, 256), sum 1.

        The defaults are the paper's (section 4.1). Beyond the table's ends it is reflected about
        the centre of the last bin, as in the paper's code.

        Ten taps at sigma 5 reach only one standard deviation, so this is nearly a box. They stand
        at -4..5: what bin i gets comes from the bins i-4 to i+5, and so the even window moves the
        table towards *lower* a* and b*. Its support moves by half a bin; the centre of mass by
        the taps' mean offset, 0.355 bin at sigma 5 (half a bin for a box). An odd window moves
        nothing.
        """
        taps = gaussian_window(sigma, window)
        before = (window - 1) // 2
        table = self.pmf
        for axis in (0, 1):
            pad = [(0, 0), (0, 0)]
            pad[axis] = (before, window - 1 - before)
            wide = np.lib.stride_tricks.sliding_window_view(
                np.pad(table, pad, mode="reflect"), window, axis=axis
            )
            table = wide @ taps
        table /= table.sum()  # the reflection counts border bins unevenly
        return table

    def weights(
        self,
        lam: float,
        sigma: float = 5,
        window: int = 10,
        normalized: Literal["smoothed", "mixture"] = "smoothed",
    ) -> NDArray[np.float64]:
        """The weight v(a, b) of each true colour in the loss, (256, 256) (Eq. 3).

        v is 1 / ((1 - lam) * p + lam / 2^16) times a constant, p being `smoothed(sigma, window)`.
        The paper writes lam / 4, which is the same thing: a uniform *density* over the square
        [-1, 1]^2, where p is a density too; shares of 2^16 bins make it lam / 2^16.

        `normalized` is the distribution under which the mean weight is 1: "smoothed" is p, as
        Eq. 3 says; "mixture" is the denominator itself, as the paper's code has it, where no
        weight exceeds 1 / lam. With lam = 1 all weights are 1.

        Raises ValueError for lam outside [0, 1], and where some bin would get an infinite weight:
        with lam = 0 (or too small a number) and a smoothed bin that no pixel fell in.
        """
        return equation_3(self.smoothed(sigma, window), lam, normalized)

    def to_bytes(self) -> bytes:
        """The contents of a prior's file: npz with `counts` and `provenance` (JSON text)."""
        buffer = io.BytesIO()
        text = json.dumps(asdict(self.provenance), ensure_ascii=False)
        np.savez_compressed(buffer, counts=self.counts, provenance=np.array(text))
        return buffer.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the prior to `path`, whole or not at all."""
        write_whole(Path(path), self.to_bytes())

    @classmethod
    def load(cls, path: str | Path) -> ColorPrior:
        """Read what `save` wrote; ValueError for any other or a damaged file. Never unpickles."""
        data = Path(path).read_bytes()
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                facts = json.loads(file["provenance"].item())
                return cls(file["counts"], Provenance(**facts))
        # A damaged archive fails in many ways, by its member and by where the damage is.
        except Exception as error:
            raise ValueError(f"{path} is not a colour prior, or is damaged: {error}") from error


def provenance(dataset: str, photos: int, pixels: int) -> Provenance:
    """A `Provenance` of today and of this version."""
    today = datetime.date.today().isoformat()
    return Provenance(dataset, photos, pixels, today, colorlab.__version__)


@cache
def shipped_prior(name: str) -> ColorPrior:
    """A prior that comes with the package.

    "scenes" is of 12,893 photos of places, indoors and outdoors; "photos" is of these and of 14,679
    of people, animals, food and things. Raises ValueError for an unknown name.
    """
    path = _WEIGHTS / f"prior_{name}.npz"
    if not path.is_file():
        known = sorted(file.stem.removeprefix("prior_") for file in _WEIGHTS.glob("prior_*.npz"))
        raise ValueError(f"no prior {name!r} comes with the package; there are: {', '.join(known)}")
    return ColorPrior.load(path)


def default_prior() -> ColorPrior:
    """The shipped prior of scenes, which the recorded training runs used.

    >>> default_prior().provenance.photos
    12893
    """
    return shipped_prior("scenes")
