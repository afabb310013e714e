# %% [markdown]
# # A ConvNet from scratch
#
# Before anything clever, something plain: a network that learns to colour from photos alone. The
# paper's first baseline ([Lin and Ferreira, 2021](https://github.com/hanzhao/image-colorization))
# halves the picture five times, doubles it five times, and adds what it saw on the way down to
# what it makes on the way up. All of its 12.6 million parameters start as random numbers.
#
# ```{admonition} Goals
# After this chapter you can
# - draw the network and say which of its connections are skips;
# - compute how much of a photo one output pixel can see, and measure how much it does see;
# - show, in a live fit with and without them, what skip connections carry;
# - explain the checkerboard that transposed convolutions leave;
# - say why such a network learns slowly, and read its recorded run.
# ```
#
# Time: 50 minutes; the cells run in about a minute on two CPU cores. You need the chapters on
# colour spaces and data. With `data` set to a folder of photos the same notebook also trains
# `model` on them for `epochs` epochs; see the end.

# %% tags=["parameters"]
model = "convnet"  # what the real training trains
data = ""  # a folder of photos, or a dataset's name; empty: only the live fit
epochs = 5  # of the real training
lam = 1.0  # below 1: rare colours count more (Colour rebalancing)
device = "cpu"  # of the live fit
steps = 80  # of the live fit
size = 64  # of its pictures, a multiple of 32

# %%
import torch
from torch import nn

from colorlab.color import LAB
from colorlab.course import check, note, say, show, table, use_style
from colorlab.models import trainable_parameters
from colorlab.models.convnet import ConvNet

use_style()
torch.manual_seed(0)
network = ConvNet()
note(parameters=f"{trainable_parameters(network):,}")

# %% [markdown]
# ## Down, up, and across
#
# The upper row of the picture runs from right to left: five convolutions of stride 2, each with
# BatchNorm and ReLU, until 7 × 7 places with 1024 channels are left. The lower row runs back. A
# *transposed* convolution doubles height and width. To its output the encoder's activation of the
# same size is **added**; these four additions are the skip connections. (The U-Net of Ronneberger
# et al., 2015, sets the two side by side, as more channels.) Last, the luma joins
# as a 33rd channel, and a 1×1 convolution with a tanh answers in
# $(a^*, b^*)/128$. The boxes are what the modules put out as they ran.

# %% tags=["slide"]
from colorlab.course import architecture_figure

show(
    architecture_figure(network),
    alt="Upper row: luma at the right, halved five times to the left. Lower "
    "row: doubled five times to the right; arrows labelled add and concat "
    "lead down from the upper row.",
)

# %% tags=["hide-input"]
from colorlab.course import BLUE, ORANGE, bar_figure

counts = {
    f"down.{i}": trainable_parameters(part)
    for i, part in enumerate(network.down)
}
counts |= {
    f"up.{i}": trainable_parameters(part) for i, part in enumerate(network.up)
}

# %% tags=["hide-input"]
bars = {name: count / 1e6 for name, count in reversed(counts.items())}
colors = [ORANGE] * 5 + [BLUE] * 5
figure = bar_figure(bars, color=colors, xlabel="million trainable parameters")
show(
    figure,
    alt="Bars of parameters by part; down.4 and up.0, at the bottom, hold "
    "most of them.",
)
deepest = (counts["down.4"] + counts["up.0"]) / trainable_parameters(network)
note(deepest=f"{deepest:.0%}")

# %% tags=["remove-input"]
say("""
Together {parameters} parameters, as many as in the authors' network. The two parts at the
bottom, `down.4` and `up.0`, hold {deepest} of them: width is cheap in memory where the picture
is small, but every channel of one layer is connected to every channel of the next.
""")

# %% [markdown]
# ## What one pixel can see
#
# A colour is decided by what surrounds it. How far can the network look? Each convolution of width
# 3 and stride 2 widens its view. If a place of one layer sees $r$ pixels and neighbours are $s$
# pixels apart, a place of the next sees $r + 2s$: 3, 7, 15, 31, 63. This *receptive field* is what
# could matter. What does matter is measured by the gradient (Luo et al., 2016): how much does the
# output change when an input pixel does?

# %% tags=["hide-input"]
from colorlab.course.figures.receptive import extent, input_gradient

noise = torch.rand(1, 1, 256, 256)
network.eval()
gradients = {}
for depth in range(1, 6):
    encoder, place = nn.Sequential(*network.down[:depth]), 128 // 2**depth
    gradient = input_gradient(encoder, noise, place, place, channels=8)
    gradients[f"down.{depth - 1}: {extent(gradient)}"] = gradient
fields = ", ".join(str(extent(gradient)) for gradient in gradients.values())
last = input_gradient(network, noise, 127, 127)
gradients[f"network: {extent(last)}"] = last
note(fields=fields, whole=extent(last), half=extent(last, 0.5))

# %% tags=["hide-input"]
import numpy as np

from colorlab.course import map_figure

parts = {title: g[64:192, 64:192] / g.max() for title, g in gradients.items()}
maps = {title: np.log10(part + 1e-6) for title, part in parts.items()}
show(
    map_figure(maps, (10, 2.3), cmap="cividis"),
    alt="Six squares of 128 by 128 pixels on a log scale. The part that a "
    "place sees grows from a dot to about half the square; in the whole "
    "network a bright centre stands in a dim square.",
)

# %% tags=["remove-input"]
say("""
Measured: {fields}, as computed. A pixel of the whole network's output depends on two of the
deepest places along each axis and sees {whole} pixels (one in 32 depends on a single place, and
sees 63). In a photo of 224 pixels that is a good part, but not all: a sky can be blue because
there is a horizon below it, and this network may not see that horizon.

And what *can* be seen is not what *is* looked at. The last square has a bright middle: half of
the fresh network's gradient comes from {half} × {half} pixels around the centre, by way of the
skips.
""")

# %% [markdown]
# ## With and without skips
#
# A habit of practitioners: before any long training, see whether the network can overfit a
# handful of photos, that is, learn them by heart. We do it twice, with the same seed, photos and
# steps. The second network is the same but for its four additions, which are left out; the luma
# still joins at the end.

# %%
from colorlab.course import grey_loss, overfit, sample_batch
from colorlab.machine import keep_freed_memory

keep_freed_memory()
photos = sample_batch(size).to(device)
grey = grey_loss(photos, LAB)

# %% tags=["hide-input"]
import copy

from colorlab.course import colorize_batch

states = {
    "as it is trained": [],
    "running averages": [],
    "as before training": [],
}


# %% tags=["hide-input"]
def watch(step, network):
    """At ten checkpoints, keep what the network answers in three states of
    its BatchNorms.
    """
    for name, answers in (
        states.items() if step % max(1, steps // 10) == 0 else ()
    ):
        other = copy.deepcopy(network).train(name == "as it is trained")
        for part in other.modules():
            if (
                isinstance(part, nn.BatchNorm2d)
                and name == "as before training"
            ):
                part.reset_running_stats()  # to mean 0 and variance 1
        answers.append(colorize_batch(other, photos).cpu())


# %%
networks, curves = {}, {}
for name, skips in (("with skips", True), ("without skips", False)):
    torch.manual_seed(0)
    networks[name] = ConvNet(skips=skips).to(device)
    losses = overfit(
        networks[name], photos, steps, seen=watch if skips else None
    )
    curves[name] = [loss / grey for loss in losses]

# %%
from colorlab.course import loss_figure

show(
    loss_figure(curves),
    alt="Loss over grey's by step, log scale. Both fall steeply from above "
    "1 at first; the curve with skips goes on falling, the one without "
    "flattens much higher.",
)
note(
    {name: f"{curve[-1]:.2f}" for name, curve in curves.items()}, steps=steps
)

# %% tags=["remove-input"]
say("""
At the last of {steps} steps the loss is {with skips} of grey's with the additions and
{without skips} without. (The table further down is of the networks after it.)
What is the difference, as a picture?
""")

# %% tags=["hide-input"]
from colorlab.course import photo_grid, sample_photos, to_pictures

order = [sample.name for sample in sample_photos()]
chosen = [
    order.index(name)
    for name in ("astronaut", "chelsea", "coffee", "china", "flower")
]
answers = {
    name: colorize_batch(fitted, photos) for name, fitted in networks.items()
}
columns = [
    to_pictures(photos),
    *(to_pictures(answer) for answer in answers.values()),
]

# %% tags=["hide-input", "large"]
rows = [[column[i] for column in columns] for i in chosen]
figure = photo_grid(
    rows, ["truth", *networks], labels=[order[i] for i in chosen], height=1.8
)
show(
    figure,
    alt="Five small photos as taken, learned with skips and without. With "
    "skips most have their own colours back; without, all are sepia, one "
    "brown for everything.",
)

# %% [markdown]
# One network has begun to know the photos. The other has found little more than one brown. Put
# numbers beside the pictures:
# an answer that is one colour for all pixels, the best there is; an answer
# that knows nothing but how light a pixel is, with the best colour for each of 16 levels of
# lightness; and the errors of both networks, in all and of the *coarse* colours alone, averaged
# over squares of 16 pixels.

# %% tags=["hide-input"]
luma, chroma = (part.cpu() for part in LAB.split(photos))


def by_lightness(levels):
    """The best colour for each level of lightness, put where the level is."""
    level = (luma[:, 0] * levels).long().clamp(max=levels - 1).flatten()
    pixels = chroma.permute(1, 0, 2, 3).flatten(1)
    counts = torch.bincount(level, minlength=levels).clamp(min=1)
    means = torch.stack(
        [torch.bincount(level, row, levels) / counts for row in pixels]
    )
    return means[:, level].view(2, *luma[:, 0].shape).permute(1, 0, 2, 3)


# %% tags=["hide-input"]
from torch.nn.functional import avg_pool2d


def error(answer, square=1):
    """Squared error of chroma over grey's, of means over squares."""
    off, truth = (avg_pool2d(x, square) for x in (answer - chroma, chroma))
    return float(off.square().mean() / truth.square().mean())


# %% tags=["hide-input"]
guesses = {
    "one colour": by_lightness(1),
    "a colour for each lightness": by_lightness(16),
}
guesses |= {
    f"network {name}": LAB.split(answer.cpu())[1]
    for name, answer in answers.items()
}
rows = [
    (name, f"{error(guess):.2f}", f"{error(guess, 16):.2f}")
    for name, guess in guesses.items()
]
note(by_lightness=rows[1][1])
rows.append(("grey everywhere", "1.00", "1.00"))
table(["answer", "error / grey", "of coarse colours"], rows)

# %% tags=["remove-input"]
say("""
Without skips the network has not even found the colour for each lightness, which on these photos
would bring the error to {by_lightness}. Lightness itself is there: the luma joins at the end.
But only a weighted sum and the tanh come after it, and colours do not follow lightness along one
line. All else has to come through the 7 × 7 bottleneck (2 × 2 for pictures as small as these),
where edges are lost, and back through all ten layers when the network learns. The skips are
short cuts both ways: for what the first layers see, and for the gradient that teaches them.
""")

# %% [markdown]
# Which of the four matters most? Take the network with skips, as fitted, and remove one addition
# at a time: a hook subtracts the activation again where it would be added.


# %%
def error_without(network, k):
    """Error over grey's with the k-th addition (0: the coarsest) undone."""
    kept = {}
    hooks = [
        network.down[3 - k].register_forward_hook(
            lambda part, x, y: kept.update(skip=y)
        ),
        network.up[k].register_forward_hook(
            lambda part, x, y: y - kept["skip"]
        ),
    ]
    answer = LAB.split(colorize_batch(network, photos))[1]
    for hook in hooks:
        hook.remove()
    return error(answer.cpu())


# %% tags=["hide-input"]
from colorlab.course import group_figure

whole = networks["with skips"]
errors = {"none": error(guesses["network with skips"])}
for k, side in enumerate(size // 2 ** (4 - k) for k in range(4)):
    errors[f"{side} × {side}"] = error_without(whole, k)
labels = {
    "xlabel": "the skip that is removed, by its size",
    "ylabel": "MSE / MSE of grey",
}

# %% tags=["hide-input"]
figure = group_figure(
    list(errors), {"": list(errors.values())}, (7, 3), **labels
)
figure.axes[0].axhline(1, color="#666666", linewidth=1)
figure.axes[0].text(4.4, 0.99, "grey everywhere", ha="right", va="top")
alt = (
    "Bars of the error over grey's: lowest with all skips, higher with any "
    "one removed, "
)
show(figure, alt + "highest without the finest.")
note(
    finest=f"{errors[f'{side} × {side}']:.2f}", intact=f"{errors['none']:.2f}"
)

# %% tags=["remove-input"]
say("""
None can be spared, and no single one carries it all: without the finest, which has edges and
textures at half the resolution, the error rises from {intact} to {finest} of grey's, and less
without a coarser one. But this network was never trained to do without. What one learns without
all four is the other curve above; what it learns without just one, we have not tried.
""")

# %% [markdown]
# ## One network, three states
#
# All along there was a choice that no curve shows. BatchNorm subtracts a mean from each channel and
# divides by a deviation, but whose? In training, this batch's.
# Afterwards, in `eval` mode, of running averages,
# which come a tenth nearer with every batch. And if nobody has measured any, they are what they
# were made with: mean 0 and variance 1. Here is the fit with skips once more, the same weights at
# each checkpoint in all three states. Nothing warns of the second and third.

# %% tags=["hide-input"]
checkpoints = [
    step for step in range(1, steps + 1) if step % max(1, steps // 10) == 0
]
off = {
    name: (checkpoints, [error(LAB.split(answer)[1]) for answer in answers])
    for name, answers in states.items()
}
few = [
    order.index(name) for name in ("astronaut", "coffee", "china", "flower")
]
tracks = {
    name: [to_pictures(answer[few]) for answer in answers]
    for name, answers in states.items()
}
truth = {"the truth": to_pictures(photos[few].cpu())}

# %% tags=["hide-input"]
note(
    {f"off {name}": f"{values[-1]:.2f}" for name, (_, values) in off.items()}
)

# %% tags=["hide-input", "twin"]
from IPython.display import HTML

from colorlab.course.widgets import scrubber

HTML(
    scrubber(
        checkpoints, tracks, off, [order[i] for i in few], truth, log=True
    )
)

# %% tags=["remove-input"]
say("""
At the end the error is {off as it is trained} of grey's with the batch's own statistics,
{off running averages} with running averages, which lag behind a fit as short as this one, and
{off as before training} with mean 0 and variance 1. In a long training the first two meet. (In
this course's short fits the statistics are measured once more at the end.) The third is what a
network is in whose weights were loaded without them. [Results, and an audit of the paper's
table](17_results.ipynb) suspects that of a printed number.
""")

# %% [markdown]
# ## The checkerboard
#
# Look closely at a bright, even part of the photos above: there may be a fine pattern of dots. It
# comes from the decoder. A transposed convolution of width 3 and stride 2 paints a 3 × 3 stamp on
# every second pixel. The stamps overlap, but not evenly: some pixels get paint from four stamps,
# some from two, some from one ([Odena et al., 2016](https://doi.org/10.23915/distill.00003)).
# Below: all weights 1 and an even input; the same three times over; beside it nearest-neighbour
# doubling with a plain convolution, as in the decoders of the next chapters; and at the right what
# our fitted network makes of a photo that is *one even grey*.

# %% tags=["hide-input"]
from torch.nn.functional import interpolate

stamp = nn.ConvTranspose2d(
    1, 1, 3, stride=2, padding=1, output_padding=1, bias=False
)
plain = nn.Conv2d(1, 1, 3, padding=1, bias=False, padding_mode="replicate")
for layer in (stamp, plain):
    nn.init.constant_(layer.weight, 1.0)
thrice = doubled = torch.ones(1, 1, 8, 8)
with torch.inference_mode():
    once = stamp(thrice)
    for _ in range(3):
        thrice = stamp(thrice)
        doubled = plain(interpolate(doubled, scale_factor=2.0))
    flat = whole(torch.full((1, 1, 128, 128), 0.6, device=device)).cpu()

# %% tags=["hide-input"]
patterns = {
    "transposed, once": once[0, 0, 2:14, 2:14],
    "transposed, three times": thrice[0, 0, 16:48, 16:48],
    "doubled, then convolved": doubled[0, 0, 16:48, 16:48],
    "our network, a*": flat[0, 0, 32:64, 32:64],
}
ripple = 128 * float(flat[0, :, 32:96, 32:96].std(dim=(1, 2)).max())
stamps = ", ".join(f"{x:.0f}" for x in once[0, 0, 4:12, 4:12].unique())
note(stamps=stamps, ripple=f"{ripple:.1f}")

# %% tags=["hide-input"]
figure = map_figure(patterns, (10, 2.7))
for axes, pattern in zip(figure.axes, patterns.values(), strict=True):
    axes.images[0].set_clim(
        min(0, float(pattern.min())), 1.15 * float(pattern.max())
    )
alt = (
    "Three regular patterns of dots and one even square: transposed "
    "convolution makes a "
)
show(
    figure,
    alt
    + "checkerboard, doubling does not, and the network answers even grey "
    "with one.",
)

# %% tags=["remove-input"]
say(r"""
After one layer a pixel has {stamps} stamps on it. Nothing forbids weights that cancel this, but
they have to be learned; at the start, and after a short fit, the pattern is there. On an even
grey our network's chroma ripples with a standard deviation of {ripple} units of a\* or b\*. A
network that doubles by repeating pixels has no such pattern to
unlearn.
""")

# %% [markdown]
# ## Why it learns slowly
#
# The fit above shows that the network *can* learn. What it has to learn from photos alone, though,
# is everything: edges, textures, things, and only then their colours. The networks of the next
# chapters get all but the last for free. Compare how the recorded runs went: same photos, same
# number of steps, same seed.

# %% tags=["hide-input"]
from colorlab.course import recorded_figure

runs = {
    "convnet_mse_seed0": "ConvNet",
    "efficientnet_lite0_mse_seed0": "EfficientNet-Lite0",
}
show(
    recorded_figure(runs),
    alt="Error and colourfulness on validation photos by epoch, a line a "
    "network.",
)

# %%
from colorlab.course import rows_of, score_table

chapter = rows_of(
    "convnet", "efficientnet_lite0", "efficientnet_b7", loss="mse"
)
chapter = [row for row in chapter if not row.options]  # equal training
score_table(chapter)

# %% tags=["remove-cell"]
from colorlab.course import recorded_score

note(
    recorded=recorded_score("convnet_mse_seed0", "mse_to_grey"),
    recorded_lite0=recorded_score(
        "efficientnet_lite0_mse_seed0", "mse_to_grey"
    ),
    recorded_chroma=recorded_score(
        "convnet_mse_seed0", "chroma_to_truth", digits=2
    ),
)

# %% tags=["remove-input"]
say("""
On 862 test photos at 224 × 224 the ConvNet's error is {recorded} of grey's and its mean chroma
{recorded_chroma} of the truth's; the decoder on the frozen EfficientNet has {recorded_lite0},
with less than a quarter of the trained parameters. In the paper the ConvNet stands at 0.0082 and
EfficientNet-B7 at 0.0075, a factor of 1.09 only. Its networks saw 1.8 million photos an epoch;
these saw 12,893. What is known before may count for more where photos are few. Two pairs that
differ in the encoder and the training as well can't show that it does.
""")

# %% [markdown]
# One command a row makes these runs, where `scenes` is a folder of photos (the recipe adds one
# epoch on larger pictures to those named):

# %%
from colorlab.course import commands

commands(chapter)

# %% [markdown]
# ## The real training, from here
#
# Run this notebook with a folder of photos, and it trains:
# `papermill notebooks/07_convnet.ipynb out.ipynb -p data scenes -p epochs 5`. The run's folder
# under `runs/` has log and weights; the curve below appears. Without `data` nothing is trained
# here. A GPU is used where there is one.

# %%
from colorlab.course import train_for_real, validation_figure

if data:
    loss = "mse" if lam == 1 else "rebalanced"
    run = train_for_real(model, data, epochs, loss, lam)
    figure = validation_figure({model: run})
    show(
        figure,
        alt="The run of this notebook: error and colourfulness by epoch.",
    )

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("convnet")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# How many trainable parameters has `down[4]`: a convolution of width 3 from 512 to 1024 channels
# with bias, and BatchNorm? Work it out, then count.
# ```

# %%
your_count = None
check("07.1", your_count)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# $512 \cdot 1024 \cdot 9 + 1024$ for the convolution and $2 \cdot 1024$ for BatchNorm's scale and
# shift: 4,721,664.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# A sixth halving would make the deepest places see how many pixels?
# ```

# %%
your_field = None
check("07.2", your_field)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# Places of `down.4` are 32 pixels apart and see 63. The next layer's see $63 + 2 \cdot 32 = 127$.
# ```
#
# ```{admonition} Exercise 3 (hard)
# :class: tip
# A transposed convolution of width **4** and stride 2 with all weights 1: how many stamps are on a
# pixel in the middle of its output, at most and at least? Answer with a pair, such as `(4, 1)`.
# ```

# %%
your_pair = None
check("07.3", your_pair)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# Four everywhere, $(4, 4)$: where the width is a multiple of the stride the stamps overlap evenly.
# The paper's width 3 is not. An even width helps; the weights can still learn a checkerboard.
# ```
#
# ```{admonition} Exercise 4 (open)
# :class: tip
# Make `network.to_chroma` blind to the luma: set the weights of its 33rd input channel to 0 and
# look at what comes out. Then do the same in a network that you fit that way. What did the network
# take from this channel? There is no number to check here: look, and argue.
# ```
#
# ## Summary
#
# - The ConvNet halves and doubles five times; the deepest two parts hold most of its parameters.
# - One pixel of its output can see 63 or 95 pixels along each axis; fresh, it listens to a few.
# - Skips carry what the first layers see to where the colour is made, and the gradient back.
#   Without them the same network found little more than one brown in as many steps.
# - Transposed convolutions of odd width and stride 2 leave a checkerboard; doubling by repetition
#   does not.
# - From scratch everything has to be learned from photos. The next chapters borrow most of it.
#
# **Read next.** [EfficientNet: from recognition to colour](09_efficientnet.ipynb) on what a frozen
# classifier already knows; Ronneberger et al. (2015) for skips in a network of this shape;
# [Odena et al. (2016)](https://doi.org/10.23915/distill.00003) on the checkerboard.
#
# Next: [Hypercolumns: Dahl's network](08_vgg16_dahl.ipynb), the first that borrows what it knows.
