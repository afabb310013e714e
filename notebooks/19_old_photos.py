# %% [markdown]
# # Old photographs
#
# Everything so far took a colour photo, threw its colour away, and asked for it back. The photos
# people want coloured never had any. They were made on other film, through other lenses, and they
# have aged. This chapter is about what that does to a colorizer, and what helps.
#
# ```{admonition} Goals
# After this chapter you can
# - colour an old photograph at its full resolution, and a folder of them;
# - say which kinds of age a colorizer minds, and which it does not notice;
# - tone a photo and look past its grain, and say what either does to picture and colours;
# - explain why nobody can say how good the result is by number.
# ```
#
# Time: 40 minutes; the cells run in about a minute on two CPU cores.

# %% tags=["parameters"]
folder = ""  # of your own photographs; they are coloured into `results`
results = "old_photos_coloured"
model = "colorlab"
seed = 0

# %%
import numpy as np

from colorlab.course import check, note, sample_photos, say, show, use_style
from colorlab.inference.colorize import load_model

use_style()
colorizer = load_model(model)
samples = {photo.name: photo.rgb for photo in sample_photos()}

# %% [markdown]
# ## Photographs that were never in colour
#
# Six negatives of 1935 to 1944, from the Farm Security Administration's collection in the Library
# of Congress. There is no truth beside them. You are the judge.

# %% tags=["slide", "large"]
from colorlab.course import colorize_rgb, photo_grid, to_tensor
from colorlab.data.historic import historic_photos

negatives = historic_photos()
greys = [photo.rgb for photo in negatives]
coloured = [colorize_rgb(grey, colorizer) for grey in greys]
rows = [greys[:3], coloured[:3], greys[3:], coloured[3:]]
labels = ["grey", "coloured"] * 2
figure = photo_grid(rows, labels=labels, height=1.6)
show(
    figure,
    alt="Six old photographs, three a row, each with its coloured version "
    "below: pumpkins, a house, a road, a hat, a canvas, cars.",
)

# %% [markdown]
# Judge each place by itself before you like the whole. Which colours could be right? Where is one
# and the same brown laid over everything? The black edge is the negative's own.
#
# ## Photographs that were in colour
#
# A few photographs of that time *are* in colour: Kodachrome slides of 1939 to 1944, and plates that
# S. M. Prokudin-Gorskii exposed three times about 1910, through three filters. Their grey goes to
# the network, and its answer is compared with what they show. Some of the difference is the film's:
# it had casts of its own.
#
# And what did *grey* film see? The network learned from the luminance that an eye sees. Before
# about 1930 most film was orthochromatic, that is, blind to red: red came out black and a blue sky
# white. The last two columns simulate such film, from three numbers a pixel where film has a whole
# spectrum.

# %%
from colorlab.course import Photo, grey_photo
from colorlab.inference.old import simulate_film

truths = [photo.rgb for photo in historic_photos(colour=True)]

# %%
rows = []
for truth in truths:
    seen, filmed = grey_photo(Photo(truth)), simulate_film(truth)
    rows.append(
        [
            truth,
            *(
                x
                for grey in (seen, filmed)
                for x in (grey, colorize_rgb(grey, colorizer))
            ),
        ]
    )

# %% tags=["large"]
columns = ["in colour", "as the eye", "coloured", "blind to red", "coloured"]
figure = photo_grid(rows, columns=columns, height=1.15)
show(
    figure,
    alt="Six early colour photographs, their grey and its colours, for two "
    "kinds of film.",
)

# %%
from colorlab.evaluate.metrics import ChromaErrors

film_errors = {column: ChromaErrors() for column in ("eye", "film")}
for truth, _, of_eye, _, of_film in rows:
    film_errors["eye"].add(to_tensor(of_eye), to_tensor(truth))
    film_errors["film"].add(to_tensor(of_film), to_tensor(truth))
for name, errors in film_errors.items():
    note(
        {
            name: f"{errors.mse_to_grey:.2f}",
            f"{name}_chroma": f"{errors.chroma_to_truth:.2f}",
        }
    )

# %% tags=["remove-input"]
say("""
On these six the error is {eye} of what grey would cost, and the answer has {eye_chroma} of the
true chroma. From the red-blind film they are {film} and {film_chroma}. The network was trained
on photos as film sees them, too, half blind or wholly; but what looks black may be red or black,
and nothing in the photo says which.
""")

# %% [markdown]
# ## Four kinds of age
#
# To see what age does we need photos whose colours we know, so we age some ourselves. All four
# damages are *simulated*: real photographs have several of them at once, and worse.

# %% tags=["large"]
from colorlab.inference.old import DAMAGES

ways = {"fresh": lambda rgb: grey_photo(Photo(rgb))} | DAMAGES
shown = "china"
aged = [damage(samples[shown]) for damage in ways.values()]
rows = [aged, [colorize_rgb(photo, colorizer) for photo in aged]]
figure = photo_grid(
    rows, columns=list(ways), labels=["input", "coloured"], height=1.7
)
show(
    figure,
    alt="A temple as a fresh grey photo, faded, sepia, grainy, mounted; "
    "coloured below.",
)

# %% [markdown]
# Sepia is gone before the network looks: of any photo it is given L\* alone. A mount is part of
# the picture to it, and so is grain. Compare the skies: the faded one is the bluest, the grainy one
# paler. Which of these damages matters most? Guess, then read on.
#
# ## What each costs, and what helps
#
# Two remedies. *Toning* stretches the luminance until half a percent of the photo is black and half
# a percent white; it does not look at the outer 8 % of each side, where mounts and torn edges lie.
# *Looking past the grain* gives the network a smoothed copy of the photo; the chroma it finds there
# is joined with the luminance of the photo itself, grain and all. On six photos with known colours,
# the error in chroma as a share of what grey would cost, and the mean chroma of the answer:

# %%
from colorlab.inference.old import colorize_old, tone

remedies = {
    "as it is": colorize_rgb,
    "toned": lambda rgb, model: colorize_rgb(tone(rgb), model),
    "toned, past the grain": colorize_old,
}


# %%
def errors_of(damage, remedy):
    """Errors over the six photos, each damaged and then coloured."""
    errors = ChromaErrors()
    for name in (
        "chelsea",
        "china",
        "flower",
        "astronaut",
        "rocket",
        "motorcycle",
    ):
        answer = remedy(damage(samples[name]), colorizer)
        errors.add(to_tensor(answer), to_tensor(samples[name]))
    return errors


# %%
results_of = {
    name: [errors_of(way, remedy) for way in ways.values()]
    for name, remedy in remedies.items()
}

# %%
import matplotlib.pyplot as plt

from colorlab.course.figures.charts import draw_groups

panels = {"mse_to_grey": "MSE / grey (1: as wrong as grey)"}
panels |= {"chroma_to_truth": "chroma / truth (1: as colourful)"}

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for side, (measure, title) in zip(axes, panels.items(), strict=True):
    values = {}
    for name, found in results_of.items():
        values[name] = [getattr(errors, measure) for errors in found]
    draw_groups(side, list(ways), values)
    side.set(title=title, ylim=(0, 1))
handles = side.get_legend_handles_labels()
figure.legend(*handles, loc="outside lower center", ncols=3)
alt = "Bars for five inputs under three treatments. Left: errors between "
alt += "0.5 and 0.6 throughout. Right: chroma is highest for faded photos as "
show(figure, alt + "they are; toned, no input stays above six tenths.")

# %% tags=["remove-cell"]
shorts = zip(("plain", "toned", "past"), results_of.values(), strict=True)
for short, all_ways in shorts:
    for way, errors in zip(ways, all_ways, strict=True):
        note({f"{way}_{short}": f"{errors.mse_to_grey:.2f}"})
        note({f"{way}_{short}_chroma": f"{errors.chroma_to_truth:.2f}"})

# %% tags=["remove-cell"]
costs = {
    way: x.mse_to_grey
    for way, x in zip(ways, results_of["as it is"], strict=True)
    if way in DAMAGES
}
order = sorted(costs, key=costs.get)
note(
    worst=order[-1],
    worst_plain=f"{costs[order[-1]]:.2f}",
    least=" and ".join(order[:2]),
)

# %% tags=["remove-input"]
say("""
A fresh photo costs {fresh_plain} of grey's error. Sepia costs {sepia_plain}, fading
{faded_plain}, the mount {mount_plain} and grain {grain_plain}: none is far from fresh, and the
last three are too near each other for six photos to rank. About half of the photos that this
network learned from were aged in such ways. Under the mount there was colour once; that part of
its error no colorizer could avoid. The grainy photos are small, so that shrinking them to the
network's 224 pixels averages little of the grain away. Toned and looked at past the grain, they
stand at {grain_past}.

Toning does not bring the colours nearer. The error rises from {fresh_plain} to {fresh_toned} for
the fresh photos, from {sepia_plain} to {sepia_toned} for the sepia ones, from {mount_plain} to
{mount_toned} for the mounted ones and from {faded_plain} to {faded_toned} for the faded ones. It
also makes the answers paler: the faded photos have {faded_plain_chroma} of the true chroma as they
are, and {faded_toned_chroma} toned. Toning is for the eye, which sees a picture with blacks and
whites again. A smoothed look on top of it changes little but for the grainy photos, from
{grain_toned} to {grain_past}.
""")

# %% [markdown]
# ```{warning}
# Six photos are an illustration and no measurement; their intervals would be wide.
# ```
#
# ## Tone first
#
# What toning does to the grey values of a faded photo:

# %%
from colorlab.course import line_figure
from colorlab.inference.old import simulate_fading

faded = simulate_fading(samples[shown])
counts = {
    name: np.histogram(photo[..., 0], bins=64, range=(0, 256))[0]
    / photo[..., 0].size
    for name, photo in {"faded": faded, "toned": tone(faded)}.items()
}

# %%
labels = {"xlabel": "grey value", "ylabel": "share of pixels"}
figure = line_figure(
    np.arange(0, 256, 4), counts, (7, 2.8), xlim=(0, 256), **labels
)
show(
    figure,
    alt="The grey values of the faded photo fill a narrow band; toned, the "
    "whole range.",
)

# %%
from colorlab.inference.old import simulate_grain

both = simulate_grain(simulate_fading(samples[shown]), sigma=15)
rows = [[both, remedy(both, colorizer)] for remedy in remedies.values()]
figure = photo_grid(
    rows, columns=["input", "coloured"], labels=list(remedies), height=2
)
show(
    figure,
    alt="A faded, grainy temple coloured as it is, toned, and with a "
    "smoothed look.",
)

# %% [markdown]
# The command does both with `--old`:
#
# ```bash
# colorlab colorize --old --side-by-side *.jpg -o coloured
# ```
#
# ## Your own
#
# Set `folder` above (or run `papermill 19_old_photos.ipynb out.ipynb -p folder PHOTOS`), and every
# photograph in it is coloured so, at its full resolution, and written to `results`. In JupyterLab
# the studio of [The studio](00_studio.ipynb) takes a single one, here set to an old photo.

# %%
from pathlib import Path

from PIL import Image

from colorlab.data.photo import read_photo
from colorlab.data.photos import list_photos

preview = []
for path in list_photos(folder) if folder else []:
    original = read_photo(path).rgb
    answer = colorize_old(original, colorizer)
    Path(results).mkdir(parents=True, exist_ok=True)
    Image.fromarray(answer).save(Path(results) / f"{path.stem}.png")
    preview = [*preview, [original, answer]][:3]

# %%
preview = preview or [[greys[0], colorize_old(greys[0], colorizer)]]
figure = photo_grid(preview, columns=["input", "coloured"], height=2.2)
show(figure, alt="Photographs as they were given, and coloured.")

# %%
from colorlab.course.widgets import studio

studio(greys[0], model, old=True)

# %% [markdown]
# ## What no number says
#
# There is no true picture to compare with, and so no error. Worse: the answer is believable, and
# a believable answer about the past is a claim. The network has never seen the uniform, the car
# or the street that it colours; it has seen photos of our time. Say of a coloured photograph that
# a machine coloured it, and keep the grey one beside it.
#
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("old_photos")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# A sepia print has the colour (112, 84, 54) at some place. What L\* does the network get to see
# there?
# ```

# %%
your_lightness = None
check("19.1", your_lightness)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# `rgb_to_lab(torch.tensor([112, 84, 54.0]).view(3, 1, 1) / 255)` gives L\* = 37.9; the brown
# itself, a\* and b\*, is dropped.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# A scan of 1792 pixels is shrunk to 224, every pixel the mean of 8 x 8. Its grain has a standard
# deviation of 30 grey values and is independent from pixel to pixel. Which deviation is left?
# ```

# %%
your_deviation = None
check("19.2", your_deviation)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# The mean of 64 independent values has an eighth of their deviation: 3.75. The grain of a large
# scan hardly reaches the network; it is the photo that is small *and* grainy that suffers. Measured
# in the folded cell:
# ```

# %% tags=["hide-cell"]
grainy = simulate_grain(
    np.full((1792, 1792, 3), 128, np.uint8), sigma=30, seed=seed
)[..., 0]
small = grainy.reshape(224, 8, 224, 8).mean(axis=(1, 3))
print(f"measured: {small.std():.2f}")

# %% [markdown]
# ```{admonition} Exercise 3 (hard)
# :class: tip
# Toning sends half a percent of what lies inside its margin to black. On a scan whose dark mount
# covers a fifth of the height above and below, and so reaches further in than the margin, is the
# photo itself then toned "too little" or "too much"?
# ```

# %%
your_word = None
check("19.3", your_word)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# Too little. The percentile is used up by the mount: the mount becomes black, and the photo's own
# darkest grey, 90 before, stays grey. Crop such a scan, or pass a larger `margin`, as in the folded
# cell.
# ```

# %% tags=["hide-cell"]
from colorlab.course import table

scan = simulate_fading(samples[shown])
height, width = scan.shape[:2]
scan[: height // 5] = scan[-height // 5 :] = 20
darkest = {
    margin: int(tone(scan, margin=margin)[height // 4 : -height // 4].min())
    for margin in (0.08, 0.22)
}
table(
    ["margin", "darkest grey after toning"],
    [(f"{m:.0%}", d) for m, d in darkest.items()],
)

# %% [markdown]
# ## Summary

# %% tags=["remove-input"]
say("""
- On six photos {worst} cost the most of four simulated damages, {least} the least, all of them
  within a few hundredths: no ranking to rely on.
- Where there is grain, let the network look at a smoothed copy, and keep the photo's luminance.
- Toning is for the eye: it brought no colour nearer to the truth, and made the answers paler.
- The network works small and the photo keeps its own luminance, so the result has full resolution.
- Without a truth there is no error. A coloured old photograph is a guess, and should say so.
""")

# %% [markdown]
# Next: [Whose colours?](20_whose_colours.ipynb)
