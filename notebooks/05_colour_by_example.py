# %% [markdown]
# # Colour by example
#
# Before networks, a program was given the colours: by a table, or by another photo. Four kinds of
# such methods run here, the last two beside the network, on one photo and under one measure. They
# show what lightness alone can tell, what a second photo adds, and when it makes nonsense.
#
# ```{admonition} Goals
# After this chapter you can
# - say which function of lightness alone has the least squared error, and compute what it leaves;
# - give a photo the colour statistics of another, and say why a grey one gets a tint;
# - colour a grey photo from a reference by matching pixels, and predict when that fails;
# - tell what a network's features add to such a match.
# ```
#
# Time: 40 minutes; the cells run in about half a minute on two CPU cores. You need the chapter on
# colour spaces.

# %% tags=["parameters"]
photo = (
    "coffee"  # a sample photo; its right half is coloured by its left half
)

# %%
import numpy as np

from colorlab.classic.planes import join, lightness_of, split
from colorlab.course import check, note, sample_photos, say, show, use_style

use_style()
names = ["china", "flower", "chelsea", "astronaut", "coffee"]
names += [photo] * (photo not in names)
samples = {one.name: one.rgb[::2, ::2] for one in sample_photos(*names)}


# %%
def to_grey(coloured, truth):
    """Squared error in a*b*, in shares of what grey costs."""
    answer, right = split(coloured)[1], split(truth)[1]
    return ((answer - right) ** 2).mean() / (right**2).mean()


def without_colour(rgb):
    return join(lightness_of(rgb), np.zeros((*rgb.shape[:2], 2), np.float32))


# %% [markdown]
# ## One colour for each lightness
#
# Gonzalez and Woods colour a grey picture by a table: each intensity has its colour (*Digital Image
# Processing*, chapter 6). That is made for X-rays, where any colours will do. But a table can be
# learned: give every L\* the mean a\*, b\* of the pixels that have it. Of all functions of
# lightness alone this one has the least squared error, since a mean is what squared error asks for.

# %%
from colorlab.classic.lookup import colorize_by_lookup, learn_lookup

rows, oracle, others = [], {}, {}
for name, rgb in samples.items():
    own = learn_lookup([rgb])
    rest = learn_lookup(
        [other for key, other in samples.items() if key != name]
    )
    tables = (rest, own)
    pictures = [colorize_by_lookup(rgb, one) for one in tables]
    others[name], oracle[name] = (
        to_grey(picture, rgb) for picture in pictures
    )
    rows.append([without_colour(rgb), *pictures, rgb])

# %% tags=["hide-input"]
from colorlab.course import photo_grid

columns = ["grey", "table of the others", "table of its own", "truth"]

# %% tags=["hide-input"]
alt = (
    "Five photos in rows: grey, coloured by a table learned on the other "
    "four, by a table "
)
alt += (
    "learned on the photo itself, and as taken. The first tables tint "
    "everything "
)
alt += (
    "brownish, the second come near where light and dark things differ in "
    "colour."
)
show(photo_grid(rows, columns=columns, labels=list(samples), height=1.3), alt)

# %% tags=["hide-input"]
from colorlab.course import table

cells = [
    (name, f"{others[name]:.2f}", f"{oracle[name]:.2f}") for name in samples
]
table(
    ["photo", "table of the other photos: MSE / grey", "table of its own"],
    cells,
)

# %% tags=["remove-cell"]
own = learn_lookup([samples["astronaut"]])
lightness, ab = split(samples["astronaut"])
left = ((own.chroma(lightness) - ab) ** 2).sum(-1).mean()
note(own_error=f"{left:.4f}", own_variance=f"{own.variance:.4f}")
note(best=f"{min(oracle.values()):.2f}", worst=f"{max(oracle.values()):.2f}")
note(foreign=f"{min(others.values()):.2f} to {max(others.values()):.2f}")

# %% tags=["remove-input"]
say(r"""
Learned on other photos, the table is at {foreign} of grey's error: it knows little more than
"somewhat brown". More photos would not help much, since a lightness has other colours in each:
[Results, and an audit of the paper's table](17_results.ipynb) has a table that was learned on
thousands, and it is no better than one mean colour. Learned on the very photo, which no one has,
it reaches {best} to
{worst}. What is left then can be computed without colouring anything. The squared error of the
mean of each L\* is by definition the variance around it, of a\* and b\* added up, so the error of
the whole table is the mean of these variances:
""")

# %% [markdown]
# $$\mathbb E\,\lVert ab - \mathbb E[ab \mid L]\rVert^2
# = \mathbb E\left[\operatorname{Var}(ab \mid L)\right].$$

# %% tags=["remove-input"]
say("""
For the astronaut the table's error is {own_error}, and the mean variance {own_variance}. Any
method that beats it has looked at more than one pixel.
""")

# %% [markdown]
# ## The colours of another photo
#
# [Reinhard et al. (2001)](https://doi.org/10.1109/38.946629) give a colour photo the mood of
# another: in a space whose axes are nearly independent for natural scenes, lαβ, they shift and
# scale each axis until mean and standard deviation are the other photo's. Beside it two relatives:
# matching the whole histogram of each of R, G, B, and the linear map that turns one covariance into
# the other with the least motion.

# %%
from colorlab.classic.reinhard import (
    match_histogram,
    transfer_covariance,
    transfer_statistics,
)

source, mood = samples["china"], samples["coffee"]
ways = {
    "Reinhard": transfer_statistics,
    "histograms": match_histogram,
    "covariance": transfer_covariance,
}
moods = [source, mood, *(way(source, mood) for way in ways.values())]
grey = without_colour(source)
tinted = [grey, mood, *(way(grey, mood) for way in ways.values())]

# %% tags=["hide-input"]
alt = (
    "The temple, the coffee cup, and the temple with the coffee's colours "
    "in three ways; "
)
alt += (
    "below the same for the grey temple: one orange tint by Reinhard, a "
    "scale of browns by the others."
)
columns = ["photo", "reference", *ways]

# %% tags=["hide-input", "slide"]
show(
    photo_grid(
        [moods, tinted],
        columns=columns,
        labels=["colour", "grey"],
        height=1.4,
    ),
    alt,
)

# %% [markdown]
# The upper row moves from afternoon to lamplight, with a violet sky where histograms of one channel
# at a time go apart. The lower row starts from grey. Reinhard's α and β have nothing to scale: a
# standard deviation of 0 stays 0, so every pixel gets the reference's mean colour, a tint. The
# other two work on R, G and B, which do vary in grey; they give each grey a tint of its own, from
# dark to light. These methods move colours; they can't find any. (Many programs that are called
# "Reinhard" do the same steps in L\*a\*b\*. That is another method, with other results.)
#
# ## The colour of a similar pixel
#
# [Welsh et al. (2002)](https://doi.org/10.1145/566654.566576) start from grey. Some 200 pixels of
# the reference are sampled (here 256), one in each cell of a grid. Each pixel of the photo takes
# the α, β of the sample that is most like it: half by its lightness, half by the standard
# deviation of lightness in a window of 5 × 5. The reference's lightness is first shifted and
# scaled to that of the photo.
#
# A reference of the same scene is the best case, so we cut a photo in two: the left half colours
# the right one. And for a bad case, two other samples colour it.

# %%
from colorlab.classic.welsh import colorize_by_example

whole = samples[photo]
middle = whole.shape[1] // 2
known, truth = (
    np.ascontiguousarray(part)
    for part in (whole[:, :middle], whole[:, middle:])
)

# %%
strangers = [
    name for name in ("flower", "china", "chelsea") if name != photo
][:2]
references = {"its other half": known} | {
    name: samples[name] for name in strangers
}
by_pixels = {
    key: colorize_by_example(truth, one) for key, one in references.items()
}

# %% [markdown]
# Similar pixels know nothing of their neighbours. Hertzmann and others (Hertzmann et al., 2001)
# ask for an *analogy*: as the reference's lightness is to its colours, so is the photo's to
# colours yet unknown. A pixel is compared by its window, and then asked: where were my neighbours
# copied from, and would the pixel beside that do for me too? It is taken if its squared distance is
# at most $1 + \kappa$ times that of the best match ($\kappa = 2$ here), so copies come in patches.

# %%
from colorlab.classic.hertzmann import colorize_by_analogy

by_analogy = {
    key: colorize_by_analogy(truth, one) for key, one in references.items()
}

# %% [markdown]
# A network's encoder compares places by more than tone: by what they seem to be. The package
# matches places of 16 × 16 pixels by such features, here those of its default network `colorlab`,
# takes the surest matches as *hints*, and spreads
# them ([A hint to the network](12_hint_to_the_network.ipynb) says how). What the network itself
# would have said fills the rest. Every place has a nearest one in any reference, however far. So a
# reference is refused unless some of its matches are closer than places of unrelated photos ever
# came on validation photos.

# %%
from colorlab.course import load_model
from colorlab.inference.colorize import colorize_rgb, guided

network = load_model("colorlab")
by_features = {
    key: guided(reference=one)(truth, network)
    for key, one in references.items()
}
alone = colorize_rgb(truth, network)

# %% tags=["hide-input"]
ways = (by_pixels, by_analogy, by_features)
rows = [
    [references[key], *(way[key] for way in ways), truth]
    for key in references
]

# %% tags=["hide-input"]
alt = (
    "Three references in rows; beside each the photo's half coloured by "
    "similar pixels, by "
)
alt += (
    "analogy, by the network with places matched by features, and as taken."
)
columns = ["reference", "by pixels", "by analogy", "by features", "truth"]
show(
    photo_grid(rows, columns=columns, labels=list(references), height=1.8),
    alt,
)

# %% tags=["hide-input"]
cells = [
    (key, *(f"{to_grey(way[key], truth):.2f}" for way in ways))
    for key in references
]
cells.append(("none", "–", "–", f"{to_grey(alone, truth):.2f}"))
table(
    [
        "reference",
        "similar pixels: MSE / grey",
        "analogy",
        "network, similar places",
    ],
    cells,
)

# %% [markdown]
# Numbers above 1 are worse than grey. A reference helps as far as it shows the same things in the
# same light; given the other half of this photo the analogy is best, ahead of the network. Similar
# pixels and analogies can't know whether it does, and take something from any. That is what
# features add: both strangers here were refused, and the network's number is that of the last row.
# [Results, and an audit of the paper's table](17_results.ipynb) does this with a hundred
# photos, each given the next one of its folder: merely being of the same kind doesn't help.
#
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("colour_by_example")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# Predict first: four pixels, two of L\* 20 with a\* 10 and 30, two of L\* 80 with a\* −5 and −5,
# all b\* 0. What is the mean squared error of the learned table (a\* and b\* summed)?
# ```

# %%
your_error = None
check("05.1", your_error)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# The table says 20 at L\* 20, off by 10 twice, and −5 at L\* 80, off by nothing:
# $(100 + 100 + 0 + 0) / 4 = 50$.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# Write Welsh's match yourself for a window of 1: for each lightness in `ours` the index of the
# nearest one in `theirs`, after shifting and scaling `theirs` to the mean and standard deviation of
# `ours`.
# ```


# %%
def nearest(ours, theirs):
    """Indices into theirs, as many as ours."""
    return


check("05.2", nearest)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
#     def nearest(ours, theirs):
#         scaled = (theirs - theirs.mean()) / theirs.std()
#         scaled = scaled * ours.std() + ours.mean()
#         return np.abs(ours[:, None] - scaled).argmin(axis=1)
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# Reinhard's way for one axis: the photo's values are 10, 20 and 30, the reference has mean 5 and
# standard deviation 0. What does the last value become? And if it is the photo whose three values
# are all 20, the reference having mean 5 and standard deviation 9? Give both numbers.
# ```

# %%
your_values = None
check("05.3", your_values)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# Twice 5. In the first case the spread is scaled by 0, in the second there is no spread to scale:
# that is the tint of the grey temple.
# ```
#
# ```{admonition} Exercise 4 (open)
# :class: tip
# Take two photos of your own of one place, and colour one by the other with `colorlab colorize
# one.jpg --reference other.jpg`. Then use a photo of another place. What is better for the
# reference, and which of its colours arrive where they do not belong?
# ```
#
# ## Summary
#
# - The mean colour of each lightness is the best that lightness alone can do; on photos it has not
#   seen, a table does little more than tint.
# - Statistics move colours that are there. Grey has none.
# - Matching pixels finds colours, speckled, and only in a reference of the same things; analogies
#   copy patches instead.
# - Features match things rather than tones; [Colour by strokes](06_colour_by_strokes.ipynb) lets a
#   person say the rest.
#
# **Read next.** Cheng and others (2015) learn from the features of each pixel instead of looking
# them up; their method is a row in the table of [Results, and an audit of the paper's
# table](17_results.ipynb).
#
# Next: [Colour by strokes](06_colour_by_strokes.ipynb), where a person says some of the colours.
