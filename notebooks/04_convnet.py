# %% [markdown]
# # A ConvNet from scratch
#
# Before anything clever, something plain: a network that learns to colour from photos alone. The
# paper's first baseline {cite:p}`lin2021automated` halves the picture five times, doubles it five
# times, and adds what it saw on the way down to what it makes on the way up. All of its 12.6
# million parameters start as random numbers.
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
# Time: 50 minutes; the cells run in about a minute on two CPU cores. With `data` set to a folder
# of photos the same notebook also trains `model` on them for `epochs` epochs; see the end.

# %% tags=["parameters"]
model = "convnet"  # what the real training trains
data = ""  # a folder of photos (or a dataset's name) to train on; empty: only the live fit
epochs = 5  # of the real training
lam = 1.0  # below 1: its loss is Eq. 2 with this lambda
device = "cpu"  # of the live fit
steps = 80  # of the live fit
size = 64  # of its pictures, a multiple of 32

# %%
import numpy as np
import torch
from matplotlib.figure import Figure
from myst_nb import glue
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

from colorlab.color import LAB
from colorlab.course.exercises import check
from colorlab.course.figures.base import BLUE, ORANGE, photo_grid, show, use_style
from colorlab.course.figures.diagram import architecture_figure
from colorlab.course.figures.receptive import extent, input_gradient
from colorlab.course.figures.training import loss_figure, recorded_figure, validation_figure
from colorlab.course.lessons import (
    as_photos,
    fit_by_heart,
    grey_loss,
    recolor,
    sample_batch,
    train_for_real,
)
from colorlab.course.results import commands, rows_of, score, score_table
from colorlab.course.tables import table
from colorlab.data.batches import sample_photos
from colorlab.machine import keep_freed_memory
from colorlab.models import trainable_parameters
from colorlab.models.convnet import ConvNet

use_style()
keep_freed_memory()
torch.manual_seed(0)
network = ConvNet()
glue("parameters", f"{trainable_parameters(network):,}", display=False)


# %% [markdown]
# ## Down, up, and across
#
# The upper row of the picture runs from right to left: five convolutions of stride 2, each with
# BatchNorm and ReLU, until 7 × 7 places with 1024 channels are left. The lower row runs back.
# A *transposed* convolution doubles height and width. To its output the encoder's activation of
# the same size is **added**; these four additions are the skip connections
# {cite:p}`ronneberger2015unet`. Last, the luma joins as a 33rd channel, and a 1×1 convolution
# with a tanh answers in $(a^*, b^*)/128$. The boxes are what the modules put out as they ran.

# %%
show(
    architecture_figure(network),
    alt="Upper row: luma at the right, halved five times to the left. Lower row: doubled five "
    "times to the right; arrows labelled add and concat lead down from the upper row.",
)

# %% tags=["hide-input"]
parts = [*enumerate(network.down), *enumerate(network.up)]
names = [f"down.{i}" for i, _ in parts[:5]] + [f"up.{i}" for i, _ in parts[5:]]
counts = [trainable_parameters(part) for _, part in parts]
figure = Figure(figsize=(7, 3.2), layout="constrained")
axes = figure.subplots()
axes.barh(names[::-1], np.array(counts[::-1]) / 1e6, color=[ORANGE] * 5 + [BLUE] * 5)
axes.set(xlabel="million trainable parameters")
axes.grid(visible=False, axis="y")
show(figure, alt="Bars of parameters by part; down.4 and up.0, at the bottom, hold most of them.")
glue("deepest", f"{(counts[4] + counts[5]) / trainable_parameters(network):.0%}", display=False)

# %% [markdown]
# Together {glue:text}`parameters` parameters, as many as in the authors' network. The two parts at
# the bottom, `down.4` and `up.0`, hold {glue:text}`deepest` of them: width is cheap in memory
# where the picture is small, but every channel of one layer is connected to every channel of the
# next.
#
# ## What one pixel can see
#
# A colour is decided by what surrounds it. How far can the network look? Each convolution of width
# 3 and stride 2 widens its view. If a place of one layer sees $r$ pixels and neighbours are $s$
# pixels apart, a place of the next sees $r + 2s$: 3, 7, 15, 31, 63. This *receptive field* is what
# could matter. What does matter is measured by the gradient {cite:p}`luo2016understanding`: how
# much does the output change when an input pixel does?

# %% tags=["hide-input"]
noise = torch.rand(1, 1, 256, 256)
network.eval()
gradients = []
for depth in range(1, 6):
    encoder, place = nn.Sequential(*network.down[:depth]), 128 // 2**depth
    gradients.append(input_gradient(encoder, noise, place, place, channels=8))
fields = [extent(gradient) for gradient in gradients]
gradients.append(input_gradient(network, noise, 127, 127))
glue("fields", ", ".join(map(str, fields)), display=False)
glue("whole", extent(gradients[-1]), display=False)
glue("half", extent(gradients[-1], 0.5), display=False)
figure = Figure(figsize=(10, 2.3), layout="constrained")
titles = [f"down.{i}: {side}" for i, side in enumerate(fields)]
titles.append(f"network: {extent(gradients[-1])}")
for axes, gradient, title in zip(figure.subplots(1, 6), gradients, titles, strict=True):
    axes.imshow(np.log10(gradient[64:192, 64:192] / gradient.max() + 1e-6), cmap="cividis")
    axes.set_title(title, fontsize=10)
    axes.set(xticks=[], yticks=[])
show(
    figure,
    alt="Six squares of 128 by 128 pixels on a log scale. The part that a place sees grows from a "
    "dot to about half the square; in the whole network a bright centre stands in a dim square.",
)

# %% [markdown]
# Measured: {glue:text}`fields`, as computed. A pixel of the whole network's output hangs on two of
# the deepest places along each axis and sees {glue:text}`whole` pixels (one in 32 hangs on a
# single place, and sees 63). In a photo of 224 pixels that is a good part, but not all: a sky can
# be blue because there is a horizon below it, and this network may not see that horizon.
#
# And what *can* be seen is not what *is* looked at. The last square has a bright middle: half of
# the fresh network's gradient comes from {glue:text}`half` × {glue:text}`half` pixels around the
# centre, by way of the skips.
#
# ## With and without skips
#
# A habit of practitioners: before any long training, see whether the network can learn a handful
# of photos by heart. We do it twice, with the same seed, photos and steps. The second network is
# the same but for its four additions, which are left out; the luma still joins at the end.

# %%
photos = sample_batch(size).to(device)
grey = grey_loss(photos, LAB)
networks, curves = {}, {}
for name, skips in (("with skips", True), ("without skips", False)):
    torch.manual_seed(0)
    networks[name] = ConvNet(skips=skips).to(device)
    losses = fit_by_heart(networks[name], photos, steps)
    curves[name] = [loss / grey for loss in losses]

# %%
show(
    loss_figure(curves),
    alt="Loss over grey's by step, log scale. Both fall steeply from above 1 at first; the curve "
    "with skips goes on falling, the one without flattens much higher.",
)
for name, curve in curves.items():
    glue(name, f"{curve[-1]:.2f}", display=False)
glue("steps", steps, display=False)

# %% [markdown]
# After {glue:text}`steps` steps the loss is {glue:text}`with skips` of grey's with the additions
# and {glue:text}`without skips` without. What is the difference, as a picture?

# %% tags=["hide-input"]
order = [sample.name for sample in sample_photos()]
chosen = [order.index(name) for name in ("astronaut", "chelsea", "coffee", "china", "flower")]
answers = {name: recolor(fitted, photos) for name, fitted in networks.items()}
columns = [as_photos(photos), *(as_photos(answer) for answer in answers.values())]
rows = [[column[i] for column in columns] for i in chosen]
figure = photo_grid(rows, ["truth", *networks], labels=[order[i] for i in chosen], height=1.8)
show(
    figure,
    alt="Five small photos as taken, learned with skips and without. With skips most have their "
    "own colours back; without, all are sepia, one brown for everything.",
)

# %% [markdown]
# One network has begun to know the photos. The other has found a brown for everything. Put numbers
# beside the pictures: an answer that is one colour for all pixels, the best there is; an answer
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
    means = torch.stack([torch.bincount(level, row, levels) / counts for row in pixels])
    return means[:, level].view(2, *luma[:, 0].shape).permute(1, 0, 2, 3)


def errors(answer):
    """Squared error over grey's: of all pixels, and of means over squares of 16."""
    coarse = [avg_pool2d(x, 16) for x in (answer - chroma, chroma)]
    return [
        f"{float(error.square().mean() / truth.square().mean()):.2f}"
        for error, truth in ((answer - chroma, chroma), coarse)
    ]


guesses = {"one colour": by_lightness(1), "a colour for each lightness": by_lightness(16)}
guesses |= {f"network {name}": LAB.split(answer.cpu())[1] for name, answer in answers.items()}
glue("by_lightness", errors(guesses["a colour for each lightness"])[0], display=False)
table(
    ["answer", "error / grey", "of coarse colours"], [(k, *errors(v)) for k, v in guesses.items()]
)

# %% [markdown]
# Without skips the network has not even found the colour for each lightness, which on these photos
# would bring the error to {glue:text}`by_lightness`. Two things are at work. What is light and
# where the edges are is lost in the 7 × 7 bottleneck (2 × 2 for pictures as small as these), and
# every step of learning has to pass through all ten layers and back. The skips are short cuts for
# both: for what the first layers see, and for the gradient that teaches them.
#
# Which of the four matters most? Take the network with skips, as fitted, and remove one addition
# at a time: a hook subtracts the activation again where it would be added.


# %%
def error_without(network, k):
    """Error over grey's with the k-th addition (0: the coarsest) undone."""
    kept = {}
    hooks = [
        network.down[3 - k].register_forward_hook(lambda part, x, y: kept.update(skip=y)),
        network.up[k].register_forward_hook(lambda part, x, y: y - kept["skip"]),
    ]
    answer = LAB.split(recolor(network, photos))[1]
    for hook in hooks:
        hook.remove()
    return float((answer.cpu() - chroma).square().mean()) / grey


whole = networks["with skips"]
intact = float((LAB.split(answers["with skips"])[1].cpu() - chroma).square().mean()) / grey
removed = [error_without(whole, k) for k in range(4)]
bars = ["none", *(f"{size // 2 ** (4 - k)} × {size // 2 ** (4 - k)}" for k in range(4))]
figure = Figure(figsize=(7, 3), layout="constrained")
axes = figure.subplots()
axes.bar(bars, [intact, *removed], color=[ORANGE, *[BLUE] * 4], width=0.6)
axes.axhline(1, color="#666666", linewidth=1)
axes.text(4.4, 0.99, "grey everywhere", ha="right", va="top")
axes.set(xlabel="the skip that is removed, by its size", ylabel="MSE / MSE of grey")
axes.set_axisbelow(True)
axes.grid(visible=False, axis="x")
show(
    figure,
    alt="Bars of the error over grey's: lowest with all skips, higher with any one of the four "
    "removed, highest without the finest.",
)
glue("finest", f"{removed[-1]:.2f}", display=False)
glue("intact", f"{intact:.2f}", display=False)

# %% [markdown]
# None can be spared, and no single one carries it all: without the finest, which has edges and
# textures at half the resolution, the error rises from {glue:text}`intact` to
# {glue:text}`finest` of grey's; the coarser ones say which photo this is, and where in it. These
# networks were never trained to do without; what they would have learned then is the other curve
# above.
#
# ## The checkerboard
#
# Look closely at a bright, even part of the photos above: there may be a fine pattern of dots. It
# comes from the decoder. A transposed convolution of width 3 and stride 2 paints a 3 × 3 stamp on
# every second pixel. The stamps overlap, but not evenly: some pixels get paint from four stamps,
# some from two, some from one {cite:p}`odena2016deconvolution`. Below: all weights 1 and an even
# input; the same three times over; beside it nearest-neighbour doubling with a plain convolution,
# as in the decoders of the next chapters; and at the right what our fitted network makes of a
# photo that is *one even grey*.

# %% tags=["hide-input"]
stamp = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=1, bias=False)
plain = nn.Conv2d(1, 1, 3, padding=1, bias=False, padding_mode="replicate")
for layer in (stamp, plain):
    nn.init.constant_(layer.weight, 1.0)
once = thrice = doubled = torch.ones(1, 1, 8, 8)
with torch.inference_mode():
    once = stamp(once)
    for _ in range(3):
        thrice = stamp(thrice)
        doubled = plain(interpolate(doubled, scale_factor=2.0))
    even = torch.full((1, 1, 128, 128), 0.6)
    flat = whole(even.to(device)).cpu()
glue("stamps", ", ".join(f"{x:.0f}" for x in once[0, 0, 4:12, 4:12].unique()), display=False)
glue("ripple", f"{128 * float(flat[0, :, 32:96, 32:96].std(dim=(1, 2)).max()):.1f}", display=False)
patterns = {
    "transposed, once": once[0, 0, 2:14, 2:14],
    "transposed, three times": thrice[0, 0, 16:48, 16:48],
    "doubled, then convolved": doubled[0, 0, 16:48, 16:48],
    "our network, a*": flat[0, 0, 32:64, 32:64],
}
figure = Figure(figsize=(10, 2.7), layout="constrained")
for axes, (title, pattern) in zip(figure.subplots(1, 4), patterns.items(), strict=True):
    low, high = float(pattern.min()), float(pattern.max())
    axes.imshow(pattern, cmap="gray", vmin=min(0, low), vmax=1.15 * high)
    axes.set_title(title, fontsize=10)
    axes.set(xticks=[], yticks=[])
show(
    figure,
    alt="Three regular patterns of dots and one even square: transposed convolution makes a "
    "checkerboard, doubling does not, and the network's answer to even grey is a checkerboard.",
)

# %% [markdown]
# After one layer a pixel has {glue:text}`stamps` stamps on it. Nothing forbids weights that cancel
# this, but they have to be learned; at the start, and after a short fit, the pattern is there. On
# an even grey our network's chroma ripples with a standard deviation of {glue:text}`ripple` units
# of a\* or b\*, where about 2 can be seen. A network that doubles by repeating pixels has no such
# pattern to unlearn.
#
# ## Why it learns slowly
#
# The fit above shows that the network *can* learn. What it has to learn from photos alone, though,
# is everything: edges, textures, things, and only then their colours. The networks of the next
# chapters get all but the last for free. Compare how the recorded runs went: same photos, same
# number of steps, same seed.

# %% tags=["hide-input"]
runs = {"convnet_mse_seed0": "ConvNet", "efficientnet_lite0_mse_seed0": "EfficientNet-Lite0"}
show(
    recorded_figure(runs),
    alt="Error and colourfulness on validation photos by epoch, a line a network.",
)

# %%
chapter = rows_of("convnet", "efficientnet_lite0", "efficientnet_b7", loss="mse")
score_table(chapter)

# %% tags=["remove-cell"]
glue("recorded", score("convnet_mse_seed0", "mse_to_grey"), display=False)
glue("recorded_lite0", score("efficientnet_lite0_mse_seed0", "mse_to_grey"), display=False)
glue("recorded_chroma", score("convnet_mse_seed0", "chroma_to_truth", digits=2), display=False)

# %% [markdown]
# On 862 test photos at 224 × 224 the ConvNet's error is {glue:text}`recorded` of grey's and its
# mean chroma {glue:text}`recorded_chroma` of the truth's; the decoder on the frozen EfficientNet
# has {glue:text}`recorded_lite0`, with less than a quarter of the trained parameters. In the paper
# the two stand at 0.0082 and 0.0075, a factor of 1.09. Its networks saw 1.8 million photos an
# epoch; these saw 12,893. The fewer photos there are, the more it counts what is known before.
#
# One command a row makes these runs, where `scenes` is a folder of photos:

# %%
commands(chapter)

# %% [markdown]
# ## The real training, from here
#
# Run this notebook with a folder of photos, and it trains:
# `papermill notebooks/04_convnet.ipynb out.ipynb -p data scenes -p epochs 5`. The run's folder
# under `runs/` has log and weights; the curve below appears. Without `data` nothing is trained
# here. A GPU is used where there is one.

# %%
if data:
    loss = "mse" if lam == 1 else "rebalanced"
    run = train_for_real(model, data, epochs, loss, lam)
    figure = validation_figure({model: run})
    show(figure, alt="The run of this notebook: error and colourfulness by epoch.")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1
# :class: tip
# How many trainable parameters has `down[4]`: a convolution of width 3 from 512 to 1024 channels
# with bias, and BatchNorm? Work it out, then count.
# ```

# %%
your_count = None
check(your_count, trainable_parameters(network.down[4]), tolerance=0)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# $512 \cdot 1024 \cdot 9 + 1024$ for the convolution and $2 \cdot 1024$ for BatchNorm's scale and
# shift: 4,721,664.
# ```
#
# ```{admonition} Exercise 2
# :class: tip
# A sixth halving would make the deepest places see how many pixels?
# ```

# %%
your_field = None
check(your_field, 63 + 2 * 32, tolerance=0)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# Places of `down.4` are 32 pixels apart and see 63. The next layer's see $63 + 2 \cdot 32 = 127$.
# ```
#
# ```{admonition} Exercise 3
# :class: tip
# A transposed convolution of width **4** and stride 2 with all weights 1: how many stamps are on a
# pixel in the middle of its output, at most and at least? Answer with a pair, such as `(4, 1)`.
# ```

# %%
your_pair = None
wider = nn.ConvTranspose2d(1, 1, 4, stride=2, padding=1, bias=False)
nn.init.constant_(wider.weight, 1.0)
inside = wider(torch.ones(1, 1, 8, 8))[0, 0, 2:-2, 2:-2].detach()
check(your_pair, (float(inside.max()), float(inside.min())), tolerance=0)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# Four everywhere, $(4, 4)$: where the width is a multiple of the stride the stamps overlap evenly.
# The paper's width 3 is not. An even width helps; the weights can still learn a checkerboard.
# ```
#
# ```{admonition} Exercise 4
# :class: tip
# Make `network.to_chroma` blind to the luma: set the weights of its 33rd input channel to 0 and
# look at what comes out. Then do the same in a network that you fit that way. What did the network
# take from this channel? There is no number to check here: look, and argue.
# ```
#
# ## Summary
#
# - The ConvNet halves and doubles five times; the deepest two parts hold most of its parameters.
# - One pixel of its output can see 63 to 95 pixels, and listens mostly to those nearby.
# - Skips carry what the first layers see to where the colour is made, and the gradient back.
#   Without them the same network found little more than one brown in as many steps.
# - Transposed convolutions of odd width leave a checkerboard; doubling by repetition does not.
# - From scratch everything has to be learned from photos. The next chapters borrow most of it.
#
# **Read next.** {doc}`06_efficientnet` on what a frozen classifier already knows; Ronneberger et
# al. {cite:p}`ronneberger2015unet` for skips in a network of this shape; Odena et al.
# {cite:p}`odena2016deconvolution` on the checkerboard.
