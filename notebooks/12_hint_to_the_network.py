# %% [markdown]
# # A hint to the network
#
# Strokes alone know nothing of photos, and a network alone nothing of your wish. This chapter tells
# the one to the other in two ways: as a further input, which a network has to learn, and as a
# correction of its answer, which it need not know of. Then it counts: what is each hint worth, and
# when are the methods without a network still better?
#
# ```{admonition} Goals
# After this chapter you can
# - give a network sparse colours as an input, and say what the mask is for;
# - draw hints at random for training, so that few are as common as many;
# - spread what a network's answer misses at the hinted places, by kriging;
# - read an error over the number of hints;
# - say for which wishes a network is the wrong helper.
# ```
#
# Time: 50 minutes; the cells run in about a minute on two CPU cores. You need [EfficientNet: from
# recognition to colour](09_efficientnet.ipynb) and [Colour by
# strokes](06_colour_by_strokes.ipynb).

# %% tags=["parameters"]
photo = "astronaut"  # what hints are for; the small network never sees it
steps = 250  # of the small network's training

# %%
import numpy as np
import torch

from colorlab.color import LAB
from colorlab.course import check, note, say, show, table
from colorlab.course.figures.base import photo_grid, use_style
from colorlab.course.lessons import to_picture, to_tensor

use_style()


def coloured(luma, chroma):
    """Planes (1, 1, H, W) and (1, 2, H, W) as a picture."""
    return to_picture(LAB.merge(luma, chroma)[0])


# %% [markdown]
# ## A hint as an input
#
# A convolution takes planes, so a hint has to become planes. Zhang and others (2017,
# arXiv:1705.02999) feed three beside the lightness: a\* and b\* of the hinted pixels, 0 elsewhere,
# and a mask that is 1 where there is a hint.
#
# The mask is not a luxury. Chroma 0 means "nobody said" almost everywhere, and "no colour here"
# under a grey hint. Without the mask the two are one and the same.

# %%
from colorlab.course import sample_photos
from colorlab.data.hints import Hint
from colorlab.inference.hints import hint_planes

rgb = sample_photos(photo)[0].rgb[::2, ::2][:224, :224]
hints = [
    Hint(70, 206, 6, rgb=(226, 96, 40)),
    Hint(102, 52, 6, rgb=(222, 170, 140)),
    Hint(150, 30, 6, rgb=(128, 128, 128)),
]
planes = hint_planes(hints, rgb.shape[:2])  # (1, 3, 224, 224)

# %% tags=["hide-input"]
from colorlab.course import map_figure

a, b, mask = planes[0].numpy()
alt = (
    "Three planes: a* and b* are 0 but for two discs, the mask has three "
    "discs. The third, a "
)
alt += "grey hint, is in the mask alone."

# %% tags=["hide-input"]
show(
    map_figure(
        {"a*": a, "b*": b, "mask": mask},
        (6.6, 2.3),
        cmap="coolwarm",
        vmin=-0.7,
        vmax=0.7,
    ),
    alt,
)

# %% [markdown]
# A hint of a few pixels would be gone after two poolings. So it enters at every scale: each cell
# of a coarser grid has the mean chroma of the hinted pixels in it, whether there are any, and the
# share that they have.

# %%
from colorlab.models.colorlab import pool_hints

pooled = {
    f"stride {stride}": pool_hints(planes, stride)[0, 0]
    for stride in (4, 8, 16)
}

# %% tags=["hide-input"]
alt = (
    "The a* plane pooled at strides 4, 8 and 16: the discs become a few "
    "full cells, as strong as "
)
alt += "before."
show(
    map_figure(pooled, (6.6, 2.3), cmap="coolwarm", vmin=-0.7, vmax=0.7), alt
)

# %% [markdown]
# ## Training with hints
#
# Nobody clicks on a million photos. In training the hints come from the truth: at random places,
# the mean true colour of a small square. How many is drawn anew for each photo. On a share of the
# photos there are none, so that the network stays good at guessing; on the others there are 1 to
# 64, and their *logarithm* is uniform: the step from 1 to 2 hints is as much worth learning as
# that from 32 to 64. This rule is `draw_hints`, with which the package's network is trained.

# %%
from colorlab.train.hinted import draw_hints

torch.manual_seed(0)
cup = to_tensor(sample_photos("coffee")[0].rgb[::4, ::4])
luma, chroma = LAB.split(cup.expand(6, -1, -1, -1))
told = draw_hints(chroma, share=0.8)

# %% tags=["hide-input"]
pictures = [coloured(luma[k : k + 1], told[k : k + 1, :2]) for k in range(6)]
alt = (
    "One grey photo six times with the hints of six draws: on some one or a "
    "few "
)
alt += "coloured squares, on others dozens."
show(photo_grid([pictures[:3], pictures[3:]], height=1.1), alt)

# %% [markdown]
# Now a network that is small enough to train while you read: seven convolutions of 3 × 3, dilated
# so that each answer sees 45 pixels across, on pieces of the sample photos without yours. It takes
# luma, the hints, and the hints pooled at stride 8 and enlarged again. The loss is the plain
# squared error, with nothing in it about hints: following them is simply the best that the network
# can do.

# %%
from torch import nn
from torch.nn.functional import interpolate

torch.manual_seed(0)
dilations = (1, 1, 2, 4, 8, 4, 2)
layers = []
for number, dilation in enumerate(dilations):
    layers += [
        nn.Conv2d(
            24 if number else 7, 24, 3, padding=dilation, dilation=dilation
        )
    ]
    layers += [nn.ReLU()]
small = nn.Sequential(*layers, nn.Conv2d(24, 2, 1))


# %%
def inputs(luma, told):
    coarse = interpolate(
        pool_hints(told, 8)[:, :3], scale_factor=8.0, mode="bilinear"
    )
    return torch.cat([luma, told, coarse], dim=1)


# %%
others = [
    one
    for one in ("china", "flower", "chelsea", "coffee", "astronaut")
    if one != photo
]
seen = [to_tensor(one.rgb[::3, ::3]) for one in sample_photos(*others)]
rng = np.random.default_rng(0)


# %%
def pieces(photos, count=8, side=48):
    """Random squares of random photos: (count, 3, side, side)."""
    chosen = [photos[rng.integers(len(photos))][0] for _ in range(count)]
    corners = [
        (rng.integers(p.shape[1] - side), rng.integers(p.shape[2] - side))
        for p in chosen
    ]
    cut = [
        p[:, y : y + side, x : x + side]
        for p, (y, x) in zip(chosen, corners, strict=True)
    ]
    return torch.stack(cut)


# %%
optimizer = torch.optim.Adam(small.parameters(), lr=4e-3)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
for _ in range(steps):
    luma, chroma = LAB.split(pieces(seen))
    answer = small(inputs(luma, draw_hints(chroma)))
    loss = (answer - chroma).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()

# %% [markdown]
# Has it learned to spread hints, or the colours of four photos? Your photo tells: it was not among
# them. The hints are true colours at random places.

# %%
from colorlab.evaluate.guided import true_hints

truth = to_tensor(rgb)
luma, chroma = LAB.split(truth)
grey = chroma.square().mean()
counts = (0, 1, 10, 100)


@torch.inference_mode()
def told_small(count):
    """The small network's chroma of your photo, told so many true colours."""
    planes = hint_planes(true_hints(truth[0], count, photo), rgb.shape[:2])
    return small(inputs(luma, planes))


# %% tags=["hide-input"]
answers = [told_small(count) for count in counts]
columns = [
    *(f"{count} hint{'s' * (count != 1)}" for count in counts),
    "truth",
]
pictures = [*(coloured(luma, answer) for answer in answers), rgb]

# %% tags=["hide-input"]
alt = (
    "The photo coloured by the small network with 0, 1, 10 and 100 hints, "
    "and as taken: from "
)
alt += "an orange tint all over to a grey backdrop and a redder suit."
show(photo_grid([pictures], columns=columns, height=1.5), alt)
errors = [
    f"{float((answer - chroma).square().mean() / grey):.2f}"
    for answer in answers
]
table(["small network", *columns[:-1]], [("MSE / grey", *errors)])

# %% [markdown]
# Both. Without a hint it tints everything orange, the colour of cup, cat and flower, and the suit
# happens to be orange, too. With a hundred hints the backdrop turns grey and the suit redder, as it
# was told. It reaches no further than it sees, and so a single hint does little for the whole
# photo. That is why a real network pools hints to stride 16, too.
#
# ## A hint as a correction
#
# There is another way, for any network. At the hinted place the network's answer misses something,
# the hint minus the answer. Gaussian process regression, or kriging, spreads that difference: to a
# place as far as it is *like* the hinted one. Likeness is a Gaussian of the distance in the
# picture, in lightness, and in the features of the network's encoder. With the matrix $K$ of
# likenesses between the $n$ hinted places, the vector $k(x)$ of those from a place $x$ to them,
# and the missing chroma $m$,
#
# $$\text{correction}(x) = k(x)^\top (K + \sigma^2 I)^{-1}\, m.$$
#
# Nothing is trained for it. How far does a hint on the suit reach?

# %%
from colorlab.course import load_model
from colorlab.inference.hints import Likeness, describe, krige

network = load_model("colorlab")
with torch.inference_mode():
    taps = network.encode(luma)
    alone = network(luma)[0]
at, one = torch.tensor([[206, 69]]), torch.ones(1, 1)
likeness = {"place and lightness": describe(luma, [], Likeness())}
likeness["and features"] = describe(luma, taps, Likeness())
reach = {
    name: krige(found, at, one, 0.02)[0] for name, found in likeness.items()
}

# %% tags=["hide-input"]
alt = (
    "Two maps of how far a hint on the suit reaches, white for most. By "
    "place and lightness it "
)
alt += (
    "covers the suit and some of the backdrop, fading with distance; with "
    "the encoder's features, all but its surroundings is darker."
)
show(
    map_figure(
        {"the photo": coloured(luma, 0 * chroma), **reach}, (6.6, 2.4)
    ),
    alt,
)

# %% [markdown]
# ## Which of the two?
#
# The package's network can be told either way: it was trained with hints as an input. Ten true
# colours, both ways, on your photo:

# %%
from colorlab.inference.hints import correct, place_hints

size = rgb.shape[:2]
ten = true_hints(truth[0], 10, photo)
places, wanted = place_hints(ten, size, size, LAB)
with torch.inference_mode():
    as_input = network(luma, hints=hint_planes(ten, size))[0]
corrected = correct(alone, luma, network, places, wanted)
ways = {"alone": alone, "as input": as_input, "as correction": corrected}

# %% tags=["hide-input", "slide"]
pictures = [*(coloured(luma, answer[None]) for answer in ways.values()), rgb]
alt = (
    "The photo coloured by the network alone, told ten colours as an input, "
    "told them as a "
)
alt += "correction, and as taken."
show(photo_grid([pictures], columns=[*ways, "truth"], height=1.7), alt)


# %% tags=["hide-input"]
def missed(answer):
    """Mean distance in a*b* from the hints, at their places."""
    there = answer[:, places[:, 0], places[:, 1]].T
    return float(128 * (there - wanted).norm(dim=1).mean())


rows = [
    (
        name,
        f"{float((answer - chroma[0]).square().mean() / grey):.2f}",
        f"{missed(answer):.1f}",
    )
    for name, answer in ways.items()
]
table(["the network", "MSE / grey", "off at the hinted places, a*b*"], rows)

# %% tags=["remove-cell"]
nearer = "correction" if missed(corrected) < missed(as_input) else "input"
note(nearer=nearer)

# %% tags=["remove-input"]
say("""
At the hinted places the {nearer} is nearer to what was said. A correction is there by
construction, up to σ. An input is advice: in training the hint is a square's mean, the truth at
a pixel is not, and a network that learns from squared error follows a hint as far as that lowers
the error. A person who says green wants green, and so `colorlab.colorize` corrects.
""")

# %% [markdown]
# ## How many hints does it take?
#
# One photo proves nothing. The next curves are of test photos that no network here was trained on.
# Hints are drawn from the truth, by a recorded rule: anywhere with equal chance, each a disc of 13
# pixels in the mean true colour of the 5 × 5 around it, and more hints are the fewer
# ones and others.

# %%
import json

from colorlab.train.records import RUNS

record = json.loads((RUNS / "colorlab" / "hints.json").read_text())
sets = {
    folder.split("/")[0]: found for folder, found in record["sets"].items()
}
names = {
    "colorlab": "network, corrected",
    "colorlab as input": "network, as input",
    "levin": "Levin",
    "yatziv": "Yatziv and Sapiro",
}

# %% tags=["hide-input"]
from colorlab.course import line_figure

curves, lines = {}, []
for (name, found), line in zip(sets.items(), ("-", "o--"), strict=True):
    for number, (key, label) in enumerate(names.items()):
        if key in found["mse_to_grey"]:
            curves[f"{label}, {name}"] = np.array(
                found["mse_to_grey"][key], float
            )
            lines.append(f"C{number}{line}")
counts = sets["everyday"]["hints"]
axis = {"xlabel": "hints a photo", "ylabel": "MSE / grey", "ylim": (0, None)}

# %% tags=["hide-input"]
figure = line_figure(
    np.arange(len(counts)), curves, (7.5, 3.9), lines, **axis
)
figure.axes[0].set_xticks(
    np.arange(len(counts)), [str(count) for count in counts]
)
alt = (
    "Squared error over the number of hints, on scenes and everyday photos, "
    "for the network "
)
alt += (
    "and both older methods. All fall. The corrected network is lowest "
    "throughout; told as an input it is soon the highest."
)
show(figure, alt)

# %% tags=["hide-input"]
rows = []
for k, count in enumerate(counts):
    cells = []
    for found in sets.values():
        network_row, levin_row = (
            found["mse_to_grey"][key] for key in ("colorlab", "levin")
        )
        cells += [
            f"{network_row[k] / network_row[0]:.2f}",
            f"{levin_row[k] / network_row[k]:.2f}",
        ]
    rows.append((str(count), *cells))
heads = [
    (f"{name}: error / no hints", f"{name}: Levin / network") for name in sets
]

# %% tags=["hide-input"]
table(["hints", *(head for pair in heads for head in pair)], rows)

# %% tags=["remove-cell"]
for name, found in sets.items():
    errors, column = found["mse_to_grey"], 1 + 2 * list(sets).index(name)
    for c in (1, 10):
        note({f"{name} {c}": rows[counts.index(c)][column]})
    for way, key in (("from", "colorlab"), ("input", "colorlab as input")):
        both = zip(counts, errors[key], errors["levin"], strict=True)
        fewer = [count for count, ours, theirs in both if theirs < ours]
        start = f"from {fewer[0]} hints on" if fewer else "nowhere"
        note({f"{name} {way}": start})
note(tested=f"{sets['everyday']['photos']}", last=f"{counts[-1]}")
note(covered=f"{100 * counts[-1] * 13 / 224**2:.0f}")

# %% tags=["remove-input"]
say("""
Each set is {tested} photos, and the table is of the corrected network. One true colour takes its
error to {everyday 1} of what it was on everyday photos and {scenes 1} on scenes; ten take it to
{everyday 10} and {scenes 10}. "Levin / network" above 1 says that the network is ahead. Levin's
method passes it {everyday from} on everyday photos, and {scenes from} on scenes. Told the same
hints as an input, the network is behind Levin's method on everyday photos {everyday input}, on
scenes {scenes input}. For comparison: {last} hints of 13 pixels each are up to {covered} % of a
photo of 224 × 224. The more is told, the less is left to know of the world.
""")

# %% [markdown]
# Zhang and others draw such a curve of their network, too (Figure 6 of their paper). Its numbers
# are published as a picture and a binary file, neither of which could be read here. They would not
# stand beside ours anyway: theirs are PSNR of 1,000 ImageNet photos at 256 × 256, with square hints
# of about 6 pixels, and none to 500 of them; ours are squared chroma error over grey's, of other
# photos, with discs of 13 pixels anywhere.
#
# ## Where the old methods still win
#
# All those hints were *true* colours, and those are what a network expects. Wishes are not like
# that: the dress shall be green because it was not what one would think. So turn every hue of a
# photo, and of its hints, by the same angle. To Levin's system that is nothing at all: it is
# linear in the told chroma and treats all hues alike, so its error stays to the last digit. The
# network has its expectations.

# %%
from colorlab.classic.levin import spread_strokes
from colorlab.evaluate.methods import Preprocessing

asked = (1, 3, 10, 30, 100)
tried = {
    one.name: to_tensor(one.rgb)[0]
    for one in sample_photos("china", "coffee", photo)
}

# %%
tried = {
    name: Preprocessing(224)((255 * one).byte()).float()[None] / 255
    for name, one in tried.items()
}


def turn(degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return torch.tensor([[c, -s], [s, c]], dtype=torch.float32)


# %%
@torch.inference_mode()
def wishes(rgb, name, degrees):
    """MSE / grey of the corrected network by `asked`, all hues turned."""
    luma, chroma = LAB.split(rgb)
    wish = torch.einsum("ij,bjhw->bihw", turn(degrees), chroma)[0]
    answer = network(luma)[0]
    described = describe(luma, network.encode(luma), Likeness())
    errors = []
    for count in asked:
        given = true_hints(rgb[0], count, name)
        at, told = place_hints(given, (224, 224), (224, 224), LAB)
        missing = told @ turn(degrees).T - answer[:, at[:, 0], at[:, 1]].T
        found = answer + krige(described, at, missing, Likeness().noise)
        errors.append((found - wish).square().mean() / wish.square().mean())
    return [float(error) for error in errors]


# %%
def strokes_alone(rgb, name):
    """The same of Levin's method; the angle makes no difference."""
    luma, chroma = LAB.split(rgb)
    errors = []
    for count in asked:
        told = hint_planes(true_hints(rgb[0], count, name), (224, 224))[0]
        values = told[:2].permute(1, 2, 0).numpy()
        found = spread_strokes(
            luma[0, 0].numpy(), told[2].numpy() > 0, values
        )
        off = torch.from_numpy(found).movedim(-1, 0) - chroma[0]
        errors.append(float(off.square().mean() / chroma.square().mean()))
    return errors


# %%
turned = {
    f"network, hues turned by {degrees}°": [
        wishes(one, name, degrees) for name, one in tried.items()
    ]
    for degrees in (0, 90, 180)
}
turned["Levin, any angle"] = [
    strokes_alone(one, name) for name, one in tried.items()
]
turned = {label: np.mean(errors, axis=0) for label, errors in turned.items()}

# %% tags=["hide-input"]
axis = {
    "xlabel": "hints a photo",
    "ylabel": "MSE / grey",
    "ylim": (0, None),
    "xscale": "log",
}

# %% tags=["hide-input"]
figure = line_figure(
    asked, turned, (7, 3.6), ("o-", "s--", "^:", "d-."), **axis
)
figure.axes[0].set_xticks(asked, [str(count) for count in asked])
alt = (
    "Mean error of three photos over the number of hints: the corrected "
    "network for hues as they "
)
alt += (
    "are, turned by 90 and by 180 degrees, and Levin's method, whose curve "
    "is the same for all."
)
show(figure, alt)

# %% tags=["remove-cell"]
labels = list(turned)
note(
    {
        f"turned {k}": f"{turned[label][asked.index(10)]:.2f}"
        for k, label in enumerate(labels)
    }
)
ahead = [
    str(n)
    for n, net, old in zip(
        asked, turned[labels[2]], turned[labels[3]], strict=True
    )
    if old < net
]

# %% tags=["remove-cell"]
*most, last = ahead or [""]
listed = f"at {', '.join(most)} and {last}" if most else f"at {last}"
note(ahead=listed if ahead else "at no number of")

# %% tags=["remove-input"]
say("""
At ten hints the network is at {turned 0} for the true hues, at {turned 1} for hues turned by
90°, and at {turned 2} for their opposites; Levin's method is at {turned 3}, whatever the angle.
For opposite hues it is the better one {ahead} hints. The reason is in the formula of the
correction. Where no hint is alike, $k(x)$ is 0 and the network's own answer stays, though
everything told so far says that this photo is not as usual. Levin's method has no opinion of its
own to go back to.
""")

# %% [markdown]
# So: for colours as they mostly are, tell the network. For a colour scheme of your own and few
# strokes, let Levin's method spread them; with strokes on everything, the network is no worse.
#
# ## Your hints
#
# In JupyterLab the canvas below is live. Touch a place, and the palette shows what the network
# holds likely there. Draw with one of those, then with something that it would not expect, and
# compare who spreads it better. The book's page "Tell it the colour" does the same without Python.

# %%
from colorlab.course.widgets import strokes as canvas

canvas(photo)

# %% [markdown]
# In Python a hint is `Hint(x, y, radius, rgb=(226, 96, 40))`, in pixels of the photo:
# `colorlab.colorize("photo.jpg", hints=[...])`. On the command line it is a file,
# `colorlab colorize photo.jpg --hints hints.json`:

# %%
from pathlib import Path

from colorlab.data.hints import write_hints

write_hints(hints[:1], Path("hints.json"))
print(Path("hints.json").read_text())
Path("hints.json").unlink()

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("hint_to_the_network")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (medium)
# :class: tip
# A cell of stride 16 has 256 pixels. A hint of scaled a\* 0.4 covers 24 of them, a grey hint 8
# more. Which four numbers does `pool_hints` give for the cell, b\* being 0 everywhere: mean a\*,
# mean b\*, whether, share?
# ```

# %%
your_cell = None
check("12.1", your_cell)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# The mean over *hinted* pixels is $24 \cdot 0.4 / 32 = 0.3$; then 0, 1, and $32 / 256 = 0.125$. A
# mean over all 256 would have been 0.0375: a small hint would look like a pale one.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# Write the count of the training rule: from `u`, uniform in [0, 1], a whole number between 1 and
# `most` whose logarithm is uniform.
# ```


# %%
def count_of(u, most=64):
    """Of NumPy numbers u, as many whole numbers."""
    return


check("12.2", count_of)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
#     def count_of(u, most=64):
#         return np.exp(u * np.log(most)).round()
#
# Half of the hinted photos have at most 8.
# ```
#
# ```{admonition} Exercise 3 (easy)
# :class: tip
# Kriging with one hint: the network missed 20 at the hinted place, and σ² is 0.25. How much is
# added there? (A place is alike to itself: the Gaussian is 1.)
# ```

# %%
your_correction = None
check("12.3", your_correction)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# The weight solves $(1 + 0.25)\,w = 20$, and the correction is $1 \cdot w = 16$: a hint that is not
# fully trusted does not arrive in full. The package takes 0.02.
# ```
#
# ```{admonition} Exercise 4 (hard)
# :class: tip
# Two hints at places that are wholly alike, each of which the network missed by 20; σ² is 0.25
# again. How much is added there now?
# ```

# %%
your_two = None
check("12.4", your_two)

# %% [markdown]
# ```{admonition} Solution 4
# :class: dropdown
# Both weights solve $(1 + 0.25)\,w + w = 20$, so $w = 8.89$ and the correction is $2 w = 17.8$: two
# witnesses are believed more than one, though not twice as much.
# ```
#
# ```{admonition} Exercise 5 (open)
# :class: tip
# Train the small network without the mask: in `inputs`, after pooling, set the third plane of both
# `told` and `coarse` to 0 (of copies). Then tell your photo's background "no colour here". What
# happens, and why?
# ```
#
# ## Summary
#
# - As an input, a hint is sparse chroma and a mask, pooled so that coarse scales see it. Following
#   it is learned from the plain loss, by hints drawn at random from the truth.
# - As a correction, what the answer misses is spread to what is alike. Nothing is trained, and the
#   hinted place gets what was said.
# - True colours help a network most where few are told: each further one is worth less.
# - For colours that it does not expect, a network has to be told everything; methods without an
#   opinion don't mind.
#
# **An open question.** Ten hints in the right places are worth more than ten anywhere. Which place
# should a program *ask* about next? Where the network is least sure, where most is alike, or where
# its guess would cost most?
#
# **Read next.** Zhang and others, "Real-Time User-Guided Image Colorization with Learned Deep
# Priors" (2017, arXiv:1705.02999), whose interface also suggests the likely colours of a place.
#
# Next: [A distribution a pixel](13_a_distribution_a_pixel.ipynb), where a network says how sure it
# is.
