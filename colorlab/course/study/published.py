"""Fooling rates that were published, for comparison: other photos, other raters, one protocol."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedRate:
    """How often raters took the method's picture for the real one, and its standard error, in %.

    `source` is the key in the book's bibliography of the method; all were measured in one study.
    """

    method: str
    source: str
    percent: float
    error: float


PUBLISHED = (
    PublishedRate("classification, rebalanced", "zhang2016colorful", 32.3, 2.2),
    PublishedRate("Larsson et al.", "larsson2016learning", 27.2, 2.7),
    PublishedRate("classification", "zhang2016colorful", 25.2, 2.7),
    PublishedRate("regression (L2)", "zhang2016colorful", 21.2, 2.5),
    PublishedRate("Dahl", "dahl2016automatic", 18.3, 2.8),
)
"""Zhang, Isola and Efros (2016), table 1: 40 raters a method, photos from ImageNet."""

IDEAL = 50.0
"""Percent: what the truth itself would reach, which nobody can tell from the truth."""
