# %% [markdown]
# # Colour by strokes
#
# A photo does not say whether the dress was green. A person may know. This chapter lets them tell:
# a stroke of colour, and the photo follows. Two methods from before networks spread strokes by
# lightness alone. At the end a network gets the same strokes; [A hint to the
# network](12_hint_to_the_network.ipynb) says how.
#
# ```{admonition} Goals
# After this chapter you can
# - set up Levin's system for three pixels by hand, and say what its weights see;
# - say why grain makes colours leak;
# - measure the way of flattest lightness between two pixels, and blend colours by it;
# - change a stroke's colour without solving anything again.
# ```
#
# Time: 35 minutes; the cells run in about half a minute on two CPU cores. You need the chapter on
# colour spaces.

# %% tags=["parameters"]
photo = "astronaut"  # the sample photo that the strokes are for

# %%
import numpy as np

from colorlab.course import check, show, table, use_style

use_style()

# %% [markdown]
# ## Neighbours agree
#
# Levin, Lischinski and Weiss (2004) ask for one thing: a pixel's chroma is the weighted mean of its
# eight neighbours', and where two neighbours are of similar lightness the weight is large. Strokes
# are given. So with three pixels in a row, the outer ones told −1 and +1, the middle one is
# $w_1 \cdot (-1) + w_2 \cdot 1$, where $w_1 + w_2 = 1$. All pixels together are one sparse system
# of linear equations, and its answer is linear in the told colours. Solve it once with 1 on one
# stroke and 0 on the others: that is the stroke's *reach*, its share in every pixel.
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
from colorlab.course import line_figure

figure = line_figure(
    place, curves, lines=["-", "--", "o"], xlabel="pixel", ylabel="chroma"
)
alt = (
    "Chroma along a row of pixels between two strokes: a straight ramp on "
    "plain "
)
alt += (
    "lightness; a step where there is an edge, the same step for an edge of "
    "a single grey "
)
alt += "level."
show(figure, alt)

# %% [markdown]
# Look at the dots: an edge of a single grey level stops colour as well as a strong one. Between a
# pixel $r$ and its neighbour $q$ the weight, before all eight are divided by their sum, is
# $\exp(-(L_r - L_q)^2 / t_r)$. $L$ is lightness, and in the authors' program $t_r$ is 0.6 of its
# variance in the 3 × 3 pixels around $r$. So the contrast cancels: these weights see edges and
# hardly contrasts. Grain is an edge everywhere. Every pixel of a half then resists, the true edge
# is no longer the only place where chroma can change, and here and there grain bridges it.

# %%
rng = np.random.default_rng(0)
noise = rng.normal(size=(64, 64))
step = np.where(np.arange(64) < 32, 0.3, 0.6) * np.ones((64, 1))
marked, told = np.zeros((64, 64), bool), np.zeros((64, 64, 1))
marked[16:48, [8, 55]] = True
told[:, :32], told[:, 32:] = -1, 1
grains = (0, 0.01, 0.03, 0.06)
leaks = {
    f"grain {grain:g}": spread_strokes(
        step + grain * noise, marked, told, exact=True
    )[..., 0]
    for grain in grains
}

# %% tags=["hide-input"]
from colorlab.course import map_figure

alt = (
    "Four maps of chroma between a left and a right stroke. Without grain "
    "two flat halves; with "
)
alt += "more grain, both halves grow paler towards the edge, which stays."

# %% tags=["hide-input"]
show(map_figure(leaks, (8, 2.4), cmap="RdBu_r", vmin=-1, vmax=1), alt)
means = [
    f"{leaks[f'grain {grain:g}'][:, :32].mean():.2f}" for grain in grains
]
heads = [
    "standard deviation of the grain",
    "mean of the left half (−1 is right)",
]
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
from colorlab.data.hints import draw_hints, stroke

rgb = sample_photos(photo)[0].rgb[::2, ::2]
height, width = rgb.shape[:2]
luma = lightness_of(rgb) / 100
seed = np.zeros(luma.shape, bool)
seed[204:208, 66:72] = True  # on the suit
way = distances(luma, seed)

# %% tags=["hide-input"]
alt = (
    "The grey photo, and a map of distances from a spot on the suit: small "
    "all over the suit, "
)
alt += "larger with every edge that has to be crossed."
grey_rgb = join(lightness_of(rgb), np.zeros((*luma.shape, 2), np.float32))
show(
    map_figure(
        {"the photo": grey_rgb, "white: near, black: far": -way}, (6, 2.9)
    ),
    alt,
)

# %% [markdown]
# Think of it as a front that starts at the stroke and is slow where lightness changes. Dijkstra's
# algorithm takes pixels in just this order. In this animation each step colours the next
# thirteenth of them: first the suit, then over the sleeve the wall, then head and flag, and last
# the helmet's shine:

# %%
from colorlab.course.figures.animation import show_frames

lightness = lightness_of(sample_photos(photo)[0].rgb[::3, ::3])
start = np.zeros(lightness.shape, bool)
start[136:139, 44:48] = True  # on the suit again
far = distances(lightness / 100, start)
orange_ab = split(np.array([[[226, 96, 40]]], np.uint8))[1]
reached = [far <= limit for limit in np.quantile(far, np.linspace(0, 1, 14))]
frames = [
    join(lightness, orange_ab * inside[..., None]) for inside in reached
]

# %% tags=["hide-input"]
alt = (
    "The grey photo turns orange from a spot on the suit: first the suit to "
    "its seams, then "
)
alt += (
    "over the sleeve into the wall behind, then the head and the flag, and "
    "last the wall on the "
)
alt += "other side and the shine on the helmet."
show_frames(frames, alt)

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
levin = join(100 * luma, spread_strokes(luma, where, ab, exact=True))
blended = join(100 * luma, blend_strokes(luma, where, ab))
alone, told = (
    colorize_rgb(rgb, network, hints=hints) for hints in ((), strokes)
)

# %% tags=["hide-input", "slide", "large"]
alt = (
    "The grey photo with six strokes; coloured from them by Levin's system, "
    "by blending "
)
alt += (
    "along the flattest way, by the network alone, by the network told the "
    "strokes; and "
)
alt += "as taken."
pictures = [[shown, levin, blended], [alone, told, rgb]]
show(photo_grid(pictures, height=2.6), alt)

# %% tags=["hide-input"]
names = [
    "six strokes, Levin",
    "six strokes, Yatziv and Sapiro",
    "the network alone",
]
names.append("the network, six strokes")
truth = split(rgb)[1]
rows = []
for name, picture in zip(names, (levin, blended, alone, told), strict=True):
    error = ((split(picture)[1] - truth) ** 2).mean() / (truth**2).mean()
    rows.append((name, f"{error:.2f}"))
rows.append(("grey everywhere", "1.00"))
table(["method", "MSE / grey"], rows)

# %% [markdown]
# Upper row: the strokes, Levin, blending. Lower row: the network alone, the network told them, the
# truth. What the strokes do not reach, the old methods must fill from them: the flag's blue turns
# red. The network has a guess of its own for all of it, here a pale one, and lacks what only a
# person can say. Told both, it has the least error of the four, and still paints the blue red.
# [A hint to the network](12_hint_to_the_network.ipynb) says how it was told, and counts hints.
#
# ## Your strokes
#
# In JupyterLab the canvas below is live: choose a colour, draw on the photo, and say who spreads
# it. The book's page "Tell it the colour" does the same in the browser, without Python.

# %%
from colorlab.course.widgets import strokes as canvas

canvas(photo)

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("colour_by_strokes")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# Predict first. Five pixels in a row of plain lightness; the first is told 0, the last 8. With only
# left and right neighbours, what is the chroma of the second?
# ```

# %%
your_chroma = None
check("06.1", your_chroma)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# Each is the mean of its two neighbours, so it is a straight line: 0, 2, 4, 6, 8.
# ```
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# Yatziv and Sapiro with b = 2: a pixel is at distance 1 from a stroke of chroma 10, and at
# distance 3 from one of chroma 50. What chroma does it get?
# ```

# %%
your_blend = None
check("06.2", your_blend)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# The weights are 1 and 1/9: $(10 + 50 / 9) / (1 + 1 / 9) = 14$.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# Levin's answer is linear in the told colours. A pixel has chroma 12, and a stroke's *reach*, its
# share in that pixel, is 0.3. The stroke's chroma changes from 20 to −10, all else stays. What does
# the pixel get, without solving anything again?
# ```

# %%
your_change = None
check("06.3", your_change)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# $12 + 0.3 \cdot (-10 - 20) = 3$. The reach is the answer to "1 on this stroke, 0 on the others".
# It is solved for once, and then the stroke's colour is free to change.
# ```
#
# ```{admonition} Exercise 4 (open)
# :class: tip
# Give the strokes of this chapter one more, where you think that it helps the network most. How
# much does the error fall? There is no right place: try three.
# ```
#
# ## Summary
#
# - Levin's colours are weighted means of neighbours': one sparse system, and grain makes it leak.
# - Blending walks the flattest way: each colour weighs by how little lightness changes to it.
# - Neither knows what things are: a person says everything, or a network guesses the rest.
#
# **Read next.** [Levin et al. (2004)](https://doi.org/10.1145/1015706.1015780) and [Yatziv and
# Sapiro (2006)](https://doi.org/10.1109/TIP.2005.864231) also colour films from strokes in a few
# frames; the package does it by the second method
# (`colorlab.classic.yatziv.colorize_frames_by_blending`).
#
# Next: [A ConvNet from scratch](07_convnet.ipynb), the first network.
