# %% [markdown]
# # Colour by strokes
#
# A photo does not say whether the dress was green. A person may know. This chapter lets them tell:
# a stroke of colour, and the photo follows. Two methods before networks spread strokes by
# lightness alone; then a network is told, and what it is told travels to what looks alike.
#
# ```{admonition} Goals
# After this chapter you can
# - set up Levin's system for three pixels by hand, and say what its weights see;
# - say why grain makes colours leak;
# - measure the way of flattest lightness between two pixels, and blend colours by it;
# - tell a network a colour, and say how far it carries;
# - read an error over the number of hints, and say who needs how many.
# ```
#
# Time: 50 minutes; the cells run in about half a minute on two CPU cores. You need the chapter on
# colour spaces.

# %% tags=["parameters"]
photo = "astronaut"  # the sample photo that the strokes are for

# %%
import numpy as np

from colorlab.course import check, glue_text, line_figure, map_figure, show, table, use_style

use_style()

# %% [markdown]
# ## Neighbours agree
#
# Levin, Lischinski and Weiss (2004) ask for one thing: a pixel's chroma is the weighted mean of its
# eight neighbours', and where two neighbours are of similar lightness the weight is large. Strokes
# are given. So with three pixels in a row, the outer ones told −1 and +1, the middle one is
# $w_1 \cdot (-1) + w_2 \cdot 1$. All pixels together are one sparse system of linear equations.
#
# On plain lightness all weights are equal, and the solution is a straight ramp. With an edge, it is
# a step.

# %%
from colorlab.classic.levin import spread_strokes


def between_two_strokes(luma):
    """The left end of a row of pixels is told -1, the right end +1."""
    strip = np.tile(luma, (9, 1))
    marked, told = np.zeros(strip.shape, bool), np.zeros((*strip.shape, 1))
    marked[:, [0, -1]] = True
    told[:, 0], told[:, -1] = -1, 1
    return spread_strokes(strip, marked, told, exact=True)[4, :, 0]


# %%
place = np.arange(41)
lumas = {"plain": np.full(41, 0.4), "an edge": np.where(place < 20, 0.3, 0.6)}
lumas["an edge of 1/255"] = np.where(place < 20, 0.4, 0.4 + 1 / 255)
curves = {name: between_two_strokes(luma) for name, luma in lumas.items()}

# %% tags=["hide-input"]
figure = line_figure(place, curves, lines=["-", "--", "o"], xlabel="pixel", ylabel="chroma")
alt = "Chroma along a row of pixels between two strokes: a straight ramp on plain "
alt += "lightness; a step where there is an edge, the same step for an edge of a single grey "
alt += "level."
show(figure, alt)

# %% [markdown]
# Look at the dots: an edge of a single grey level stops colour as well as a strong one. The weights
# are $\exp(-(Y_r - Y_s)^2 / s_r)$, and $s_r$ is 0.6 of the variance *in that window*. The contrast
# cancels. These weights see edges and hardly contrasts, and that is why grain, which is an edge
# everywhere, lets colours leak.

# %%
rng = np.random.default_rng(0)
noise = rng.normal(size=(64, 64))
step = np.where(np.arange(64) < 32, 0.3, 0.6) * np.ones((64, 1))
marked, told = np.zeros((64, 64), bool), np.zeros((64, 64, 1))
marked[16:48, [8, 55]] = True
told[:, :32], told[:, 32:] = -1, 1
grains = (0, 0.01, 0.03, 0.06)
leaks = {
    f"grain {grain:g}": spread_strokes(step + grain * noise, marked, told, exact=True)[..., 0]
    for grain in grains
}

# %% tags=["hide-input"]
alt = "Four maps of chroma between a left and a right stroke. Without grain two flat halves; with "
alt += "more grain, stains of the other colour spread around the edge."
show(map_figure(leaks, (8, 2.4), cmap="RdBu_r", vmin=-1, vmax=1), alt)
means = [f"{leaks[f'grain {grain:g}'][:, :32].mean():.2f}" for grain in grains]
heads = ["standard deviation of the grain", "mean of the left half (−1 is right)"]
table(heads, zip(grains, means, strict=True))

# %% [markdown]
# ## The flattest way
#
# Yatziv and Sapiro (2006) do not solve anything. A colour is as far from a pixel as lightness has
# to go up and down on the best path to a stroke of it: a walk around a wall costs nothing if the
# floor is flat. Every colour then weighs its distance to the power −b.

# %%
from colorlab.classic.planes import join, lightness_of, split
from colorlab.classic.yatziv import blend_strokes, distances
from colorlab.course import sample_photos
from colorlab.data.hints import Hint, draw_hints, stroke

rgb = sample_photos(photo)[0].rgb[::2, ::2]
height, width = rgb.shape[:2]
luma = lightness_of(rgb) / 100
seed = np.zeros(luma.shape, bool)
seed[204:208, 66:72] = True  # on the suit
way = distances(luma, seed)

# %% tags=["hide-input"]
alt = "The grey photo, and a map of distances from a spot on the suit: small all over the suit, "
alt += "larger with every edge that has to be crossed."
grey_rgb = join(lightness_of(rgb), np.zeros((*luma.shape, 2), np.float32))
show(map_figure({"the photo": grey_rgb, "how far from the suit": -way}, (7, 3.4)), alt)

# %% [markdown]
# ## Six strokes
#
# Now a photo. Six strokes, drawn as a person might, in colours that a person would choose; a grey
# stroke says "no colour here". Who makes what of them?

# %%
orange, skin, grey = (226, 96, 40), (222, 170, 140), (128, 128, 128)
strokes = [
    *stroke([(60, 175), (75, 235)], 3, rgb=orange),
    *stroke([(140, 175), (120, 215)], 3, rgb=orange),
    *stroke([(110, 45), (112, 60)], 3, rgb=skin),
    *stroke([(55, 40), (150, 25)], 3, rgb=grey),
    *stroke([(215, 60), (225, 100)], 3, rgb=grey),
    *stroke([(20, 60), (25, 130)], 2, rgb=(170, 40, 50)),
]
where, ab = draw_hints(strokes, height, width)
shown = join(lightness_of(rgb), ab)

# %%
from colorlab.course import load_model, photo_grid
from colorlab.inference.colorize import colorize_rgb

network = load_model("colorlab")
levin = join(100 * luma, spread_strokes(luma, where, ab))
blended = join(100 * luma, blend_strokes(luma, where, ab))
alone, told = (colorize_rgb(rgb, network, hints=hints) for hints in ((), strokes))

# %% tags=["hide-input"]
alt = "The grey photo with six strokes; coloured from them by Levin's system, by blending "
alt += "along the flattest way, by the network alone, by the network told the strokes; and "
alt += "as taken."
pictures = [[shown, levin, blended], [alone, told, rgb]]
show(photo_grid(pictures, height=2.6), alt)

# %% tags=["hide-input"]
names = ["six strokes, Levin", "six strokes, Yatziv and Sapiro", "the network alone"]
names.append("the network, six strokes")
truth = split(rgb)[1]
rows = []
for name, picture in zip(names, (levin, blended, alone, told), strict=True):
    error = ((split(picture)[1] - truth) ** 2).mean() / (truth**2).mean()
    rows.append((name, f"{error:.2f}"))
table(["method", "MSE / grey"], rows)

# %% [markdown]
# Above: the strokes, Levin, blending. Below: the network alone, the network told the strokes, the
# truth. What the strokes do not reach, the old methods must guess from them, and they know no
# helmet and no flag. The network knows something of everything, and lacks what only a person can
# say.
#
# ## Your strokes
#
# In JupyterLab the canvas below is live: choose a colour, draw on the photo, and say who spreads
# it. The book's page "Tell it the colour" does the same in the browser, without Python.

# %%
from colorlab.course.widgets import strokes as canvas

canvas(photo)

# %% [markdown]
# ## A hint to the network
#
# How does a hint travel? At the hinted place the network's answer misses something, the hint minus
# the answer. Gaussian process regression, or kriging, spreads that difference: to a place as far as
# it is *like* the hinted one. Likeness is a Gaussian of the distance in the picture, in lightness,
# and in the features of the network's encoder. Nothing is trained for it.

# %%
import torch

from colorlab.inference.hints import Likeness, describe, krige

network_luma = network.space.luma(torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None] / 255)
with torch.inference_mode():
    taps = network.encode(network_luma)
at, one = torch.tensor([[206, 69]]), torch.ones(1, 1)
likeness = {
    "place and lightness": describe(network_luma, [], Likeness()),
    "and features": describe(network_luma, taps, Likeness()),
}
reach = {name: krige(found, at, one, 0.02)[0] for name, found in likeness.items()}

# %% tags=["hide-input"]
alt = "Two maps of how far a hint on the suit reaches. By place and lightness it floods a "
alt += "wide round area; with the encoder's features it keeps more to the suit."
show(map_figure({"the photo": grey_rgb, **reach}, (9, 3.2)), alt)

# %% [markdown]
# ## How many hints does it take?
#
# One photo proves nothing. So hints are drawn from the truth, by a rule and not by hand: so many
# places anywhere, each told the mean true colour of 5 × 5 pixels. The record is of test photos that
# no network was trained on.

# %%
import json

from colorlab.train.records import RUNS

record = json.loads((RUNS / "colorlab" / "hints.json").read_text())
sets = {folder.split("/")[0]: found for folder, found in record["sets"].items()}
counts = sets["everyday"]["hints"]
labels = {"colorlab": "network", "levin": "Levin", "yatziv": "Yatziv and Sapiro"}

# %% tags=["hide-input"]
curves = {
    f"{labels[method]}, {name}": row
    for name, found in sets.items()
    for method, row in found["mse_to_grey"].items()
}
lines = ["-", "--", ":", "o-", "s--", "^:"]
axis = {"xlabel": "hints a photo", "ylabel": "MSE / grey", "ylim": (0, 1.1)}
figure = line_figure(np.arange(len(counts)), curves, lines=lines, **axis)
figure.axes[0].set_xticks(np.arange(len(counts)), [str(count) for count in counts])
alt = "Squared error over the number of hints for the network and both older methods, on "
alt += "scenes and everyday photos. All fall; the network starts lowest, and the distance "
alt += "shrinks with hints."
show(figure, alt)

# %% tags=["remove-cell"]
for name, found in sets.items():
    network_row, levin_row = (found["mse_to_grey"][key] for key in ("colorlab", "levin"))
    for count in (1, 10, 100):
        k = counts.index(count)
        glue_text({f"{name} {count}": f"{network_row[k] / network_row[0]:.2f}"})
    fewer = [
        c for c, ours, theirs in zip(counts, network_row, levin_row, strict=True) if theirs < ours
    ]
    glue_text({f"{name} from": f"from {fewer[0]} hints on" if fewer else "at none of these"})
glue_text(tested=f"{sets['everyday']['photos']}")

# %% [markdown]
# Each set is {glue:text}`tested` photos. Told one place, the network's error falls to
# {glue:text}`everyday 1` of what it was on everyday photos and {glue:text}`scenes 1` on scenes; at
# ten to {glue:text}`everyday 10` and {glue:text}`scenes 10`; at a hundred to
# {glue:text}`everyday 100` and {glue:text}`scenes 100`. Levin's method is better than the network
# {glue:text}`everyday from` on everyday photos, and {glue:text}`scenes from` on scenes.
#
# ## In your own work
#
# In Python a hint is `Hint(x, y, radius, rgb=(226, 96, 40))`, in pixels of the photo:
# `colorlab.colorize("photo.jpg", hints=[...])`. On the command line it is a file,
# `colorlab colorize photo.jpg --hints hints.json`:

# %%
from pathlib import Path

from colorlab.data.hints import write_hints

write_hints([Hint(244, 400, 12, rgb=orange)], Path("hints.json"))
print(Path("hints.json").read_text())
Path("hints.json").unlink()

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1
# :class: tip
# Predict first. Five pixels in a row of plain lightness; the first is told 0, the last 8. With only
# left and right neighbours, what is the chroma of the second?
# ```

# %%
your_chroma = None
check(your_chroma, np.linspace(0, 8, 5)[1])

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# Each is the mean of its two neighbours, so it is a straight line: 0, 2, 4, 6, 8.
# ```
#
# ```{admonition} Exercise 2
# :class: tip
# Yatziv and Sapiro with b = 2: a pixel is at distance 1 from a stroke of chroma 10, and at
# distance 3 from one of chroma 50. What chroma does it get?
# ```

# %%
your_blend = None
check(your_blend, np.average([10, 50], weights=[1, 1 / 9]), tolerance=0.01)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# The weights are 1 and 1/9: $(10 + 50 / 9) / (1 + 1 / 9) = 14$.
# ```
#
# ```{admonition} Exercise 3
# :class: tip
# Kriging with one hint: the network missed 20 at the hinted place, `noise` is 0.25. How much is
# added there? (Everything at the place itself is alike: the Gaussian is 1.)
# ```

# %%
your_correction = None
check(your_correction, 20 / (1 + 0.25))

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# The weight solves $(1 + 0.25)\,w = 20$, and the correction is $1 \cdot w = 16$: a hint that is not
# fully trusted does not arrive in full. The package takes 0.02.
# ```
#
# ```{admonition} Exercise 4
# :class: tip
# Give the strokes of this chapter one more, where you think that it helps the network most. How
# much does the error fall? There is no right place: try three.
# ```
#
# ## Summary
#
# - Levin's colours are weighted means of neighbours': one sparse system, and grain makes it leak.
# - Blending walks the flattest way: fast, and fooled where two things share a grey.
# - A network's guess, corrected where a person knows better, needs fewer strokes than either.
# - With very many hints, knowing what things look like matters less, and the old methods come near.
#
# **Read next.** Zhang and others, "Real-Time User-Guided Image Colorization with Learned Deep
# Priors" (2017, arXiv:1705.02999), train a network to take hints as an input.
