"""Photographs of about 1910 to 1944 that come with colorlab: to look at and test on, not to train.

They are of the Library of Congress, Prints and Photographs Division, which knows of no restrictions
on them: black-and-white negatives, Kodachrome slides and plates of three colours. Their files are
in `historic/`, small.
"""

from __future__ import annotations

from pathlib import Path

from colorlab.data.decode import decode
from colorlab.data.samples import SamplePhoto

_FOLDER = Path(__file__).parent / "historic"
_OWI = "Library of Congress, FSA/OWI Collection"
_FREE = "no known restrictions"
_GREY = {
    "pumpkins": "LC-USF33-012448",
    "house": "LC-USF34-025768",
    "road": "LC-USF34-058042",
    "hat": "LC-USF34-042633",
    "canvas": "LC-USW3-042236",
    "cars": "LC-USF33-006507",
}
_COLOUR = {
    "cow": "fsa_kodachrome_131",
    "rider": "fsa_kodachrome_160",
    "field": "fsa_kodachrome_113",
    "aeroplane": "fsa_kodachrome_101",
    "train": "prokudin_gorsky_5",
    "church": "prokudin_gorsky_6",
}


def historic_photos(colour: bool = False) -> list[SamplePhoto]:
    """Six photographs that were never in colour, or six early ones that were.

    The first are of 1935 to 1944. Of the second four are Kodachromes of 1939 to 1944, two were
    taken by S. M. Prokudin-Gorskii about 1910 through three colour filters; films and filters have
    casts of their own, so that their colours are less than the truth.

    >>> [photo.name for photo in historic_photos()][:3]
    ['pumpkins', 'house', 'road']
    """
    return [_photo(*row) for row in (_COLOUR if colour else _GREY).items()]


def _photo(name: str, file: str) -> SamplePhoto:
    path = _FOLDER / f"{file}.jpg"
    if file.startswith("prokudin"):
        credit = "Library of Congress, Prokudin-Gorskii Collection"
    else:
        credit = f"{_OWI}, {file}" if file.startswith("LC-") else f"{_OWI}, Kodachrome"
    rgb = decode(path).permute(1, 2, 0).numpy()
    return SamplePhoto(name, rgb, credit, _FREE, path)
