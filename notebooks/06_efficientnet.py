# %% [markdown]
# # EfficientNet: from recognition to colour
#
# To guess that a patch of grey is green one has to know that it is grass. Networks that know
# grass exist: they were trained to name what is in a photo. The paper's own model
# {cite:p}`lin2021automated` takes such a network, EfficientNet {cite:p}`tan2019efficientnet`,
# freezes it, and trains only a decoder that turns its activations into chroma.
#
# ```{admonition} Goals
# After this chapter you can
# - draw the paper's architecture and say what each connection carries;
# - show what a frozen classifier sees in a grey photo;
# - count what is trained and what is not;
# - fit a decoder and see it learn, and read the record of a long training;
# - say which colours such a network gets right, and why the others come out pale.
# ```
#
# Time: 60 minutes; the cells run in about a minute on two CPU cores. With a GPU, raise `steps`.
# With `data` set to a folder of photos the same notebook also trains `model` on them for `epochs`
# epochs; see the end.

# %% tags=["parameters"]
model = "efficientnet_lite0"  # what the real training trains
data = ""  # a folder of photos (or a dataset's name) to train on; empty: only the live fit
epochs = 5  # of the real training
lam = 1.0  # below 1: its loss is Eq. 2 with this lambda
device = "cpu"  # of the live fit
steps = 60  # of the short live fit
size = 96  # of its pictures, a multiple of 32
seed = 0

# %%
import matplotlib.pyplot as plt
import numpy as np
import timm
import torch
from matplotlib.figure import Figure
from myst_nb import glue
from torch.nn.functional import interpolate

from colorlab import create_model
from colorlab.color import LAB
from colorlab.course.exercises import check
from colorlab.course.figures.base import BLUE, ORANGE, photo_grid, show, use_style
from colorlab.course.figures.diagram import architecture_figure, decoder_shapes
from colorlab.course.figures.training import loss_figure, recorded_figure, validation_figure
from colorlab.course.lessons import fit_by_heart, grey_loss, sample_batch, train_for_real
from colorlab.course.results import commands, recorded, rows_of, score, score_table
from colorlab.course.tables import table
from colorlab.data.batches import sample_photos
from colorlab.data.photo import Photo
from colorlab.evaluate.metrics import ChromaErrors
from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model
from colorlab.machine import keep_freed_memory
from colorlab.models import read_card, trainable_parameters
from colorlab.models.encoders import lite0_imagenet_state
from colorlab.train import preset_table
from colorlab.train.records import Run, read_run

use_style()
torch.manual_seed(seed)
keep_freed_memory()
samples = {photo.name: photo.rgb for photo in sample_photos()}


def to_tensor(picture):
    """uint8 (H, W, 3) to float (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255


# %% [markdown]
# ## A classifier looks at a grey cat
#
# The encoder that comes with the package is EfficientNet-Lite0 with its ImageNet weights
# {cite:p}`deng2009imagenet`. It was trained on colour photos. What does it say to a grey one? We
# give it L\* three times over, in place of red, green and blue: just what a colorizer does.

# %%
classifier = timm.create_model("tf_efficientnet_lite0").eval()
classifier.load_state_dict(lite0_imagenet_state())
cat = LAB.luma(to_tensor(samples["chelsea"]))
cat = interpolate(cat, (224, 224), mode="bilinear", antialias=True)
with torch.inference_mode():
    probability = classifier((cat.expand(-1, 3, -1, -1) - 0.5) / 0.5).softmax(dim=1)[0]
info = timm.data.ImageNetInfo()
best = probability.topk(5)
names = [info.index_to_description(int(i)).split(",")[0] for i in best.indices]
glue("first", names[0], display=False)
glue("sure", f"{float(best.values[0]):.2f}", display=False)
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
left.imshow(cat[0, 0], cmap="gray", vmin=0, vmax=1)
left.set_axis_off()
right.barh(names[::-1], best.values.flip(0), color=BLUE)
right.set(xlabel="probability", xlim=(0, 1))
right.grid(visible=False, axis="y")
show(figure, alt="A grey cat, and the classifier's five best names for it: Egyptian cat leads.")

# %% [markdown]
# "{glue:text}`first`", with {glue:text}`sure`. Colour was not needed to recognise it, and what
# the network knows on the way to that answer is what we are after.
#
# ## The architecture, drawn from the network
#
# Five activations of the frozen encoder are tapped, from half the resolution of the photo down to
# a 32nd. The decoder begins at the coarsest. At each scale a block (convolution, BatchNorm, ReLU)
# brings the features to the width of the next finer tap, they are doubled in size, and the tap is
# *added*. At the end the luma itself joins, and a last convolution with a tanh answers in
# $(a^*, b^*)/128$.
#
# The picture below is not drawn by hand: its boxes are what the modules put out when they ran.

# %%
network = create_model("efficientnet_lite0", weights="encoder")
figure = architecture_figure(network)
show(figure, alt="Taps of the encoder in a row above; below the decoder, each block fed by one.")

# %% [markdown]
# The paper uses EfficientNet-B7, eighteen times the size of Lite0's encoder. The same class
# builds it, with the paper's widths:

# %%
b7 = create_model("efficientnet_b7", weights=None)
table(
    ["part of the decoder", "channels", "height", "width"],
    [(name, *shape) for name, shape in decoder_shapes(b7)],
)


# %%
def frozen_parameters(network):
    """How many numbers training leaves alone."""
    return sum(p.numel() for p in network.parameters() if not p.requires_grad)


bars = {"Lite0": network, "B7 (paper)": b7}
trained = [trainable_parameters(one) / 1e6 for one in bars.values()]
frozen = [frozen_parameters(one) / 1e6 for one in bars.values()]
glue("b7", f"{trainable_parameters(b7):,}", display=False)
glue("lite0", f"{trainable_parameters(network):,}", display=False)
figure, axes = plt.subplots(figsize=(7, 2.2))
axes.barh(list(bars), frozen, color=BLUE, label="frozen encoder")
axes.barh(list(bars), trained, left=frozen, color=ORANGE, hatch="//", edgecolor="white")
axes.barh(0, 0, color=ORANGE, hatch="//", edgecolor="white", label="trained decoder")
axes.set(xlabel="million parameters")
axes.legend(loc="lower right")
axes.grid(visible=False, axis="y")
show(
    figure, alt="Stacked bars: both networks have a larger frozen part than a trained one, B7 most."
)

# %% [markdown]
# The decoder on B7 has {glue:text}`b7` trainable parameters, exactly as many as the authors'
# network; ours on Lite0 has {glue:text}`lite0`. Lite0 is what the rest of the chapter uses: its
# weights install with the package, and it trains on a laptop.
#
# ## What the frozen features show
#
# Four channels of each tap, those that vary most over the photo. Fine taps answer to edges and
# textures, coarse ones to *where things are*.

# %%
luma = LAB.luma(to_tensor(samples["china"][:, 100:527]))
luma = interpolate(luma, (224, 224), mode="bilinear", antialias=True)
taps = network.encoder(network.encoder.preprocess(luma))
figure, axes = plt.subplots(len(taps), 5, figsize=(8, 8.4), layout="constrained")
for row, tap in zip(axes, taps, strict=True):
    row[0].imshow(luma[0, 0], cmap="gray", vmin=0, vmax=1)
    busiest = tap[0].flatten(1).std(dim=1).topk(4).indices
    for cell, channel in zip(row[1:], busiest, strict=True):
        cell.imshow(tap[0, channel], cmap="cividis")
    row[1].set_title(f"{tap.shape[1]} channels at {tap.shape[2]} × {tap.shape[3]}", fontsize=10)
    for cell in row:
        cell.set_axis_off()
show(
    figure, alt="Feature maps of a temple photo: edges in the fine taps, blobs in the coarse ones."
)

# %% [markdown]
# Nothing here was ever told about colour on purpose. Yet a channel that lights up on roofs or on
# sky is just what a decoder needs to tint them.
#
# ## A short live fit
#
# A habit worth having: before a long training, see whether the network can learn a handful of
# photos by heart. If it cannot, something is broken, and it is found in half a minute. Below, the
# decoder is fitted to the sample photos with Eq. 1, the mean squared error of chroma, by Adam
# with the paper's settings {cite:p}`kingma2014adam`.

# %%
batch = sample_batch(size).to(device)
grey = grey_loss(batch, LAB)
losses = fit_by_heart(network.to(device), batch, steps)
show(
    loss_figure({"live fit": [loss / grey for loss in losses]}),
    alt="The loss of the live fit falls from above that of grey to a fraction of it.",
)
glue("live", f"{min(losses) / grey:.2f}", display=False)
glue("steps", steps, display=False)

# %% [markdown]
# In {glue:text}`steps` steps the loss fell to {glue:text}`live` of what an all-grey answer costs.
# That is memory, not knowledge: the network has seen these photos, and only these.
#
# ## The training, as recorded
#
# A recipe says what a network learns from, how long, on what size and how fast. The command
# `colorlab train --preset NAME` knows three. `paper` is the paper's; all recorded runs of this
# course used `scenes`, which is made for two processor cores: most epochs on small pictures, the
# last on larger ones.

# %%
table(*preset_table())

# %%


def joined(name):
    """The run of this name behind the runs that it went on from, as one."""
    run = read_run(name)
    start = run.config["start"]
    if start not in ("encoder", name) and recorded(start):
        before = joined(start).validation
        keys = before.keys() & run.validation.keys()
        after = {key: np.concatenate([before[key], run.validation[key]]) for key in keys}
        run = Run(run.config, {}, after)
    return run


card = read_card("efficientnet_lite0")
first = read_run("efficientnet_lite0_mse_seed0")
shipped, earlier = joined(card["run"]), joined("efficientnet_lite0_mse_2")
show(
    validation_figure({"shipped": shipped, "an earlier one, with a mistake": earlier}),
    alt="Error and colourfulness on validation photos by epoch. The shipped training is at a lower "
    "error after its first few epochs than the earlier one after most of its many.",
)
scores = card["scores"]
glue("epochs", len(shipped.validation["val_mse_to_grey"]), display=False)
glue("first_epochs", len(first.validation["val_mse_to_grey"]), display=False)
glue("earlier_epochs", len(earlier.validation["val_mse_to_grey"]), display=False)
glue("val_mse", f"{shipped.validation['val_mse_to_grey'][-1]:.3f}", display=False)
glue("first_val_mse", f"{first.validation['val_mse_to_grey'][-1]:.3f}", display=False)
glue("earlier_val_mse", f"{earlier.validation['val_mse_to_grey'][-1]:.3f}", display=False)
glue("test_mse", f"{scores['mse_to_grey']:.3f}", display=False)
glue("test_chroma", f"{scores['chroma_to_truth']:.2f}", display=False)
glue("test_photos", scores["photos"], display=False)
glue("test_size", scores["size"], display=False)

# %% [markdown]
# The decoder that comes with the package was trained for {glue:text}`epochs` epochs on 12,893
# photos of scenes. On {glue:text}`test_photos` test photos at {glue:text}`test_size` pixels that
# were never trained on, its error is {glue:text}`test_mse` of what grey would cost (the recorded
# figure; the command that made it stands in the README). The mean chroma of its output is
# {glue:text}`test_chroma` of the truth's. Both belong together. Where a network is unsure between
# red and blue, the answer with the least squared error is what lies between them: near grey.
# Squared error buys safety with colour.
#
# The other line is an earlier training, and a lesson. By a mistake of ours the decoder's
# BatchNorms were in evaluation mode all the time: they normalised by the statistics that they were
# made with, mean 0 and deviation 1, and measured none. Nothing failed. There was no error and no
# warning, the loss fell, and the pictures looked fine. But it took {glue:text}`earlier_epochs`
# epochs, in two runs, to {glue:text}`earlier_val_mse` of grey's error on the validation photos; the
# mended training reached {glue:text}`first_val_mse` in {glue:text}`first_epochs` and ended at
# {glue:text}`val_mse`. What was missing was one call, `model.train()`. A network that learns is not
# yet one that learns as it could.
#
# Each dent in the shipped line is a new start: the learning rate rises again, the error with it,
# and both come down together. The last epochs, on larger pictures, bring the network to the scale
# at which it is used.
#
# ## Against the others, and against itself
#
# One run says little about a design. So all of this course's networks were trained alike, by the
# recipe `scenes`, on the same photos; this one twice, with another seed for the random start of
# the decoder, the order of the photos and their crops. A difference between two networks that is
# not larger than between two seeds is no difference.

# %% tags=["hide-input"]
names = {"convnet_mse_seed0": "ConvNet", "dahl_lite0_mse_seed0": "Dahl on Lite0"}
names |= {f"efficientnet_lite0_mse_seed{k}": f"EfficientNet-Lite0, seed {k}" for k in (0, 1)}
show(
    recorded_figure(names),
    alt="Error and colourfulness on validation photos by epoch, a line a recorded run.",
)

# %%
chapter = rows_of("convnet", "dahl_lite0", "efficientnet_b7", "efficientnet_lite0", loss="mse")
score_table(chapter)

# %% tags=["remove-cell"]
for k in (0, 1):
    glue(f"seed{k}", score(f"efficientnet_lite0_mse_seed{k}", "mse_to_grey"), display=False)
glue("convnet", score("convnet_mse_seed0", "mse_to_grey"), display=False)
glue(
    "imagenet", score("efficientnet_lite0_mse_seed0", "psnr", "imagenet_samples", 1), display=False
)

# %% [markdown]
# The two seeds stand at {glue:text}`seed0` and {glue:text}`seed1` of grey's error, the ConvNet at
# {glue:text}`convnet`. The interval in brackets is another thing: it says how much the figure
# hangs on *which* 862 photos were taken. The last two columns are of photos from ImageNet, where
# things of every kind stand in the middle; the networks were trained on scenes alone, and it
# shows in their error, which is much nearer to grey's. In PSNR it shows less: ours has
# {glue:text}`imagenet` dB, where published figures on such photos, at 256 × 256, run from 22.6
# (Zhang et al. 2016, {cite:p}`zhang2016colorful`) to 24.1 (DeOldify), from a hundred times as many
# photos. Bolder colours score lower in PSNR, so it doesn't say who colours better.
#
# One command a row makes these runs, where `scenes` is a folder of photos:

# %%
commands(chapter)

# %% [markdown]
# ## On photos it has never seen
#
# None of the sample photos was in its training set. Grey, ours, truth:

# %%
colorizer = load_model("efficientnet_lite0")
names = ["chelsea", "china", "flower", "astronaut", "coffee", "rocket", "motorcycle"]
ours = {name: colorize_rgb(samples[name], colorizer) for name in names}
rows = [[grey_photo(Photo(samples[name])), ours[name], samples[name]] for name in names]
figure = photo_grid(rows, columns=["grey", "ours", "truth"], labels=names, height=2.2)
show(figure, alt="Seven photos in rows: grey, colorized, and true. Skies and grass come out best.")


# %%
def score(name):
    """Errors on one sample photo, output and truth as RGB."""
    errors = ChromaErrors()
    errors.add(to_tensor(ours[name]), to_tensor(samples[name]))
    return errors


measured = {name: score(name) for name in names}
order = sorted(names, key=lambda name: measured[name].mse_to_grey)
figure = Figure(figsize=(8, 3.2), layout="constrained")
left, right = figure.subplots(1, 2, sharey=True)
left.barh(order, [measured[name].mse_to_grey for name in order], color=BLUE)
left.set_title("MSE / grey (1: as wrong as grey)")
right.barh(order, [measured[name].chroma_to_truth for name in order], color=ORANGE)
right.set_title("chroma / truth (1: as colourful)")
for axes in (left, right):
    axes.axvline(1, color="#666666", linestyle="--")
    axes.grid(visible=False, axis="y")
show(figure, alt="Error and colourfulness of each sample photo, as two rows of bars.")
glue("best", order[0], display=False)
glue("best_mse", f"{measured[order[0]].mse_to_grey:.2f}", display=False)
glue("worst", order[-1], display=False)
glue("worst_mse", f"{measured[order[-1]].mse_to_grey:.2f}", display=False)

# %% [markdown]
# Best by number is {glue:text}`best`, at {glue:text}`best_mse` of grey's error; worst is
# {glue:text}`worst`, at {glue:text}`worst_mse`. A value above 1 says that the photo would have
# been *closer to the truth without any colour*. It does not say that it looks worse: a cup can be
# any colour, and the number knows only one. Chapter 8 is about this.
#
# ## The real training, from here
#
# Run this notebook with a folder of photos, and it trains:
# `papermill notebooks/06_efficientnet.ipynb out.ipynb -p data scenes -p epochs 5`. The run's
# folder under `runs/` has log and weights; the curve below appears. Without `data` nothing is
# trained here. A GPU is used where there is one; `-p model efficientnet_b7` is the paper's network.

# %%
if data:
    run = train_for_real(model, data, epochs, "mse" if lam == 1 else "rebalanced", lam)
    figure = validation_figure({model: run})
    show(figure, alt="The run of this notebook: error and colourfulness by epoch.")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1
# :class: tip
# How many parameters, biases and BatchNorm scales and shifts included, has `block32` of the
# decoder on Lite0 (a 1x1 convolution from 1280 to 672 channels, BatchNorm, ReLU)? Work it out,
# then count.
# ```

# %%
your_count = None
check(your_count, trainable_parameters(network.decoder.block32), tolerance=0)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# $1280 \cdot 672 + 672$ for the convolution and $2 \cdot 672$ for BatchNorm: 862,176. The four
# 3x3 blocks behind it are nine times as expensive for each pair of channels.
# ```
#
# ```{admonition} Exercise 2
# :class: tip
# A network knows that a car is red or blue, each with probability 1/2; red is
# $(a^*, b^*) = (60, 40)$ and blue $(20, -60)$. What chroma $\sqrt{a^{*2} + b^{*2}}$ has the answer
# with the least expected squared error?
# ```

# %%
your_answer = None
check(your_answer, float(np.hypot((60 + 20) / 2, (40 - 60) / 2)), tolerance=0.1)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# The expected squared error is least at the mean, $(40, -10)$, of chroma 41.2: a purplish grey
# between two colours of chroma 72 and 63, and the colour of neither car.
# ```
#
# ```{admonition} Exercise 3
# :class: tip
# What does the encoder's training contribute? Fit the same decoder for 20 steps on an encoder with
# *random* weights (`create_model("efficientnet_lite0", weights=None)`). Is its loss then "larger"
# or "smaller" than that of the live fit above after as many steps?
# ```

# %%
your_word = None
check(your_word, "larger")

# %% [markdown]
# The solution is folded below: a random encoder still passes on edges and brightness, so the
# decoder learns something by heart, but at a larger loss.

# %% tags=["hide-cell"]
torch.manual_seed(seed)
blank = create_model("efficientnet_lite0", weights=None).to(device)
of_blank = fit_by_heart(blank, batch, 20)
f"after 20 steps: random {of_blank[19] / grey:.2f}, ImageNet {losses[19] / grey:.2f}"

# %% [markdown]
# ## Summary
#
# - A frozen classifier recognises grey photos, and its activations are enough to tint them.
# - The decoder adds them up from coarse to fine; only it is trained.
# - Overfit a handful of photos before any long run.
# - Squared error makes the network answer with the mean of what is possible, so doubtful colours
#   come out pale.
#
# Next: {doc}`07_rebalancing`, where weights bring colour back, at a price.
