"""The historic photographs that come with the package, and film that is blind to red."""

import numpy as np

from colorlab.data.historic import historic_photos
from colorlab.inference.old import simulate_film


def test_six_were_never_in_colour_and_six_were() -> None:
    grey, colour = historic_photos(), historic_photos(colour=True)
    assert len({photo.name for photo in (*grey, *colour)}) == 12
    assert all(np.ptp(photo.rgb, axis=2).max() == 0 for photo in grey)
    assert all(np.ptp(photo.rgb.astype(int), axis=2).mean() > 10 for photo in colour)
    for photo in (*grey, *colour):
        assert photo.credit.startswith("Library of Congress")
        assert max(photo.rgb.shape) <= 512
        assert photo.path.stat().st_size <= 60_000


def test_film_blind_to_red_makes_red_black_and_blue_bright() -> None:
    red, blue, grey = (
        np.full((2, 2, 3), rgb, np.uint8) for rgb in ([255, 0, 0], [0, 0, 255], [90] * 3)
    )
    assert simulate_film(red).max() == 0
    # 45 % of the light: more than twice what the eye's luminance, 7 %, makes of it.
    assert np.all(simulate_film(blue) == round(255 * (1.055 * 0.45 ** (1 / 2.4) - 0.055)))
    assert np.array_equal(simulate_film(grey), grey)
