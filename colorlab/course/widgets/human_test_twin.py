"""The human test in short, on a page without a kernel; answers stay in the reader's browser.

The page is the widget's, `human_test.js`; `human_test_twin.js` does what the kernel does there.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

from colorlab.course.study import sessions
from colorlab.course.study.csv_files import CSV_COLUMNS
from colorlab.course.study.pictures import Pairs, Picture, readable_photos
from colorlab.course.study.sessions import plan_trials
from colorlab.course.widgets.parts import fill, live
from colorlab.data.formats import encode_picture

TIMING = {
    "before": sessions.BEFORE_MS,
    "shown": sessions.SHOWN_MS,
    "between": sessions.BETWEEN_MS,
}
ASK = {
    "question": "Your colour vision (optional; it is kept with your answers):",
    "options": list(sessions.VISION.items()),
}
SCRIPTS = ("random.js", "human_test.js", "human_test_twin.js")


def rules(practice: int, test: int) -> str:
    """What a rater is told before the first pair."""
    return (
        "You will see two pictures of one photo, the left one and then the right one, for one "
        "second each. One has its real colours, the colours of the other were made up by a "
        "program. Say which one is the fake: with the buttons, or with the arrow keys. Take the "
        f"time you need to answer; guess if you can't tell. {practice} pairs are practice, and you "
        f"will hear if you were right; then come {test} without."
    )


def human_test_twin(pairs: Pairs, practice: int = 4, test: int = 16, seed: int = 0) -> str:
    """A short session as HTML with its own script, about 1.2 MB; needs no kernel.

    `seed` draws the pictures and the catch trials, which are no practice here; the browser draws
    order and sides, anew for each reader. `read_csv` reads the CSV that it saves. Raises ValueError
    as `plan_trials` does.
    """
    count = practice + test
    plan = plan_trials(readable_photos(pairs, seed, count), seed, count)
    trials = []
    for number, trial in enumerate(sorted(plan, key=lambda trial: trial.catch)):
        fake, real = pairs.shown(replace(trial, fake_side="left"))
        shown = {"picture": trial.picture, "photo": trial.photo}
        shown |= {"real": _jpeg(real), "fake": _jpeg(fake)}
        trials.append(shown | {"practice": number < practice, "catch": trial.catch})
    # Other pictures are another test: answers to these do not count there.
    version = zlib.crc32(repr((pairs.model, plan)).encode())
    data = {
        "key": f"colorlab.human_test.{version:08x}",
        "model": pairs.model,
        "rules": rules(practice, test),
        "ask": ASK,
        "timing": TIMING,
        "columns": CSV_COLUMNS,
        "trials": trials,
    }
    return fill("human_test_twin.html", script=live("humanTest", data, *SCRIPTS))


def _jpeg(picture: Picture) -> str:
    """At full chroma resolution, so that the file does not blur the real colours."""
    return base64.b64encode(encode_picture(picture, "JPEG", 90, subsampling=0)).decode()
