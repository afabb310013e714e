"""How coloured photos are written: options that the library and the command line share."""

from __future__ import annotations

from dataclasses import dataclass

from colorlab.options import option


@dataclass(frozen=True)
class Writing:
    """Which pages of a photo are coloured, and how the result is written.

    `quality` is None for each format's own. Raises ValueError for what is out of range.
    """

    page: int | None = option(None, "Only this page or frame, from 1.")
    quality: int | None = option(None, "1 to 100, of formats that have one.")
    profile: str = option("srgb", "srgb, or keep for each photo's own colour profile.")
    mark: bool = option(True, "Say in the metadata that a machine guessed the colours.")
    max_megapixels: float = option(178.0, "Refuse larger photos.")

    def __post_init__(self) -> None:
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise ValueError(f"quality must lie in 1..100, got {self.quality}")
        if self.profile not in ("srgb", "keep"):
            raise ValueError(f"profile must be 'srgb' or 'keep', got {self.profile!r}")
        if self.page is not None and self.page < 1:
            raise ValueError(f"pages are numbered from 1, got {self.page}")
