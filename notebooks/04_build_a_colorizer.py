# %% [markdown]
# # A colorizer in sixty lines
#
# Read about networks later; write one now. Six gaps, each a few lines, take you from a folder of
# photos to a network that colours a photo it has never seen. After each gap a cell tries your
# function on inputs that you don't see. Where you get stuck, a solution is folded below it, and the
# chapter goes on with it.
#
# ```{admonition} Goals
# After this chapter you can
# - turn a folder of photos into inputs and answers;
# - write a small decoder for the features of a frozen classifier;
# - write Eq. 1 and a training loop, and see a network learn;
# - colour a photo with it, and say what longer training on many photos would add.
# ```
#
# Time: 60 minutes; the cells run in about two minutes on one CPU core. You need the chapters on
# colour spaces and on data.

# %% tags=["parameters"]
folder = ""  # of your own photos; empty: those of Python packages
held_out = "china"  # a sample photo that is never trained on
size = 96  # of the pieces that the network learns from, a multiple of 32
steps = 300  # of training

# %%
import torch
from torch import nn
from torch.nn.functional import interpolate

from colorlab.course import check, show, table, to_picture, use_style
from colorlab.course.exercises import passes

torch.manual_seed(0)
use_style()

# %% [markdown]
# ## From a folder to a tensor
#
# A batch of photos is one tensor, so all are of one size. Squash them, as the paper does: circles
# are bent, but it is simple.
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# Write `load`: every `.jpg`, `.jpeg` and `.png` of a folder, in the order of their names, as RGB
# from 0 to 1: a float tensor (N, 3, size, size). `PIL.Image.open(path).convert("RGB")` reads one,
# `.resize((size, size))` squashes it.
# ```


# %%
def load(folder, size):
    """The photos of a folder, (N, 3, size, size), in [0, 1]."""


check("04.1", load)

# %% tags=["hide-cell"]
from pathlib import Path

import numpy as np
from PIL import Image


def load_solution(folder, size):
    """The photos of a folder, (N, 3, size, size), in [0, 1]."""
    pictures = []
    for path in sorted(Path(folder).iterdir()):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            picture = Image.open(path).convert("RGB").resize((size, size))
            pictures.append(np.array(picture))
    stack = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
    return stack.float() / 255


# %% tags=["hide-cell"]
load = load if passes("04.1", load) else load_solution

# %% [markdown]
# The sample photos go into a folder of their own, all but the one that is held out.

# %%
import shutil
import tempfile

from colorlab.data.samples import sample_names, sample_paths

samples = tempfile.TemporaryDirectory()
for name in sample_names():
    if name != held_out:
        shutil.copy(sample_paths(name)[0], samples.name)
photos = load(folder or samples.name, 2 * size)
samples.cleanup()
tuple(photos.shape)

# %% [markdown]
# A handful of photos is very little to learn from. Pieces of them are a little more: sixteen from
# each photo, cut out at random.


# %%
def pieces(photos, size, each=16):
    """Random squares of each photo, (N * each, 3, size, size)."""
    found = []
    for photo in photos.repeat_interleave(each, 0):
        top, left = torch.randint(photo.shape[-1] - size + 1, (2,)).tolist()
        found.append(photo[:, top : top + size, left : left + size])
    return torch.stack(found)


training = pieces(photos, size)
tuple(training.shape)

# %% tags=["hide-input"]
from colorlab.course import photo_grid

some = [to_picture(piece) for piece in training[::10][:12]]
show(
    photo_grid([some[:6], some[6:]], height=1),
    alt="Twelve square pieces of the sample photos: the astronaut, fur, a "
    "cup, petals, stars, a motorcycle and a retina.",
)

# %% [markdown]
# ## Input and answer
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# Write `split`: RGB (B, 3, H, W) to the input, $L^*/100$, (B, 1, H, W), and the answer,
# $(a^*, b^*)/128$, (B, 2, H, W). `rgb_to_lab` gives L\*, a\* and b\* as three channels.
# ```

# %%
from colorlab.color import rgb_to_lab


def split(rgb):
    """Luma and chroma of RGB."""


check("04.2", split)


# %% tags=["hide-cell"]
def split_solution(rgb):
    """Luma and chroma of RGB."""
    lab = rgb_to_lab(rgb)
    return lab[:, :1] / 100, lab[:, 1:] / 128


split = split if passes("04.2", split) else split_solution

# %% [markdown]
# ## What a classifier has seen already
#
# To learn from so few photos what grass is would be hopeless. So borrow: EfficientNet-Lite0 was
# trained to name what is in photos, and stays as it is; it is our *encoder*. What its layers answer
# to a grey photo are *features*. We take those of four layers, from half the resolution down to a
# 16th, and call each a *tap*. Since the encoder never changes, its features of every piece are
# computed once.

# %%
from colorlab.course import create_model

encoder = create_model("efficientnet_lite0", weights="encoder").encoder


def features(luma):
    """Four taps of the frozen encoder, finest first."""
    with torch.no_grad():
        return encoder(encoder.preprocess(luma))[:4]


# %%
luma, chroma = split(training)
taps = features(luma)
table(
    ["tap", "channels", "height", "width"],
    [(k, *x.shape[1:]) for k, x in enumerate(taps)],
)

# %% [markdown]
# ## The network
#
# The coarsest tap knows best what there is, the finest where. So begin at the coarsest, and at each
# tap
#
# 1. narrow it to `width` channels with a 1×1 convolution, and add what the coarser tap before it
#    led to;
# 2. work on the sum with a 3×3 convolution, BatchNorm and ReLU;
# 3. double height and width.
#
# After the finest, a last convolution to two channels and a tanh answer in [-1, 1].
#
# ```{admonition} Exercise 3 (hard)
# :class: tip
# Write the class. `channels` are those of the taps, finest first; `nn.ModuleList` holds one layer a
# tap; `interpolate(x, scale_factor=2.0)` doubles. The answer has twice the finest tap's height and
# width.
# ```


# %%
class Decoder(nn.Module):
    """Taps, finest first, to scaled chroma (B, 2, H, W)."""

    def __init__(self, channels, width=48):
        super().__init__()

    def forward(self, taps):
        """From the coarsest tap to the finest."""


check("04.3", Decoder)


# %% tags=["hide-cell", "lesson"]
class DecoderSolution(nn.Module):
    """Taps, finest first, to scaled chroma (B, 2, H, W)."""

    def __init__(self, channels, width=48):
        super().__init__()
        self.narrow = nn.ModuleList(nn.Conv2d(c, width, 1) for c in channels)
        self.work = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, width, 3, padding=1),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            )
            for _ in channels
        )
        self.answer = nn.Conv2d(width, 2, 3, padding=1)

    def forward(self, taps):
        """From the coarsest tap to the finest."""
        x = 0
        for k in reversed(range(len(taps))):
            x = self.work[k](self.narrow[k](taps[k]) + x)
            x = interpolate(x, scale_factor=2.0)
        return torch.tanh(self.answer(x))


Decoder = Decoder if passes("04.3", Decoder) else DecoderSolution

# %% [markdown]
# ## Eq. 1
#
# ```{admonition} Exercise 4 (easy)
# :class: tip
# Write the loss: the mean of the squared differences over both channels, all pixels and photos.
# ```


# %%
def mse(answer, truth):
    """Eq. 1 of chroma (B, 2, H, W)."""


check("04.4", mse)


# %% tags=["hide-cell"]
def mse_solution(answer, truth):
    """Eq. 1 of chroma (B, 2, H, W)."""
    return (answer - truth).square().mean()


mse = mse if passes("04.4", mse) else mse_solution

# %% [markdown]
# ## The loop
#
# Draw a batch, ask the network, measure, send the error back, take a step. Again.
#
# ```{admonition} Exercise 5 (medium)
# :class: tip
# Write `fit`: `steps` steps of `torch.optim.Adam(network.parameters(), lr=2e-3)`. Each draws 16
# pieces with `torch.randint(len(chroma), (16,))`, takes *their* rows of every tap and of the
# chroma, and keeps `loss.item()`. It returns the list of losses.
# ```


# %%
def fit(network, taps, chroma, steps):
    """Train; the loss of each step."""


check("04.5", fit)


# %% tags=["hide-cell"]
def fit_solution(network, taps, chroma, steps):
    """Train; the loss of each step."""
    adam = torch.optim.Adam(network.parameters(), lr=2e-3)
    losses = []
    for _ in range(steps):
        chosen = torch.randint(len(chroma), (16,))
        loss = mse(network([tap[chosen] for tap in taps]), chroma[chosen])
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses


fit = fit if passes("04.5", fit) else fit_solution

# %% [markdown]
# Predict first: what is the loss of a network that answers grey, and how far below it will yours
# get? Then run.

# %%
network = Decoder([tap.shape[1] for tap in taps])
losses = fit(network.train(), taps, chroma, steps)
grey = mse(torch.zeros_like(chroma), chroma).item()
last = sum(losses[-20:]) / len(losses[-20:])
print(f"grey: {grey:.3f}; yours, the last 20 steps: {last:.3f}")

# %%
from colorlab.course import loss_figure

show(
    loss_figure({"yours": [loss / grey for loss in losses]}),
    alt="The loss over that of grey, by step on a log scale: it begins "
    "above 1 and falls well below it.",
)

# %% [markdown]
# The line is rough because each batch holds other pieces, and some are much more colourful than
# others.
#
# ## A photo it has never seen
#
# The network answers on small pieces, but it is made of convolutions and takes any size. Its chroma
# is enlarged to the photo's size and put under the photo's own L\*.
#
# ```{admonition} Exercise 6 (medium)
# :class: tip
# Write `colorize`: the network's chroma of `taps`, enlarged to the height and width of `luma` with
# `interpolate(..., mode="bilinear")`, and both joined to RGB by `LAB.merge(luma, chroma)`.
# ```

# %%
from colorlab.color import LAB


def colorize(network, luma, taps):
    """RGB (B, 3, H, W) of a photo's luma (B, 1, H, W) and its taps."""


check("04.6", colorize)


# %% tags=["hide-cell"]
def colorize_solution(network, luma, taps):
    """RGB (B, 3, H, W) of a photo's luma (B, 1, H, W) and its taps."""
    chroma = interpolate(network(taps), luma.shape[-2:], mode="bilinear")
    return LAB.merge(luma, chroma)


colorize = colorize if passes("04.6", colorize) else colorize_solution

# %%
from colorlab.course import sample_photos, to_tensor
from colorlab.data.photo import Photo
from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model

shipped, network = load_model("efficientnet_lite0"), network.eval()


# %%
def answers_to(name):
    """A photo: grey, by your network, by the shipped one, and as taken."""
    (photo,) = sample_photos(name)
    luma, _ = split(to_tensor(photo.rgb))
    seen = interpolate(
        luma, (2 * size, 2 * size), mode="bilinear", antialias=True
    )
    with torch.no_grad():
        mine = to_picture(colorize(network, luma, features(seen))[0])
    return [
        grey_photo(Photo(photo.rgb)),
        mine,
        colorize_rgb(photo.rgb, shipped),
        photo.rgb,
    ]


# %% tags=["slide"]
names = [held_out, "flower", "astronaut"]
rows = {name: answers_to(name) for name in names}
columns = ["grey", "yours", "shipped", "truth"]
figure = photo_grid(
    list(rows.values()), columns=columns, labels=names, height=1.8
)
show(
    figure,
    alt="Three photos in rows: grey, as the network of this chapter colours "
    "them, as the shipped one does, and as taken. Of the first photo the "
    "network here has seen nothing, of the others pieces.",
)


# %%
def error(answer, truth):
    """Squared error of chroma over grey's."""
    ours, theirs = (
        split(to_tensor(picture))[1] for picture in (answer, truth)
    )
    return (mse(ours, theirs) / mse(torch.zeros_like(theirs), theirs)).item()


# %%
lines = []
for name, (_, mine, theirs, truth) in rows.items():
    new = name == held_out or folder
    both = [f"{error(x, truth):.2f}" for x in (mine, theirs)]
    lines.append((f"{name}, {'never seen' if new else 'trained on'}", *both))
table(["MSE / grey", "yours", "shipped"], lines)

# %% [markdown]
# On photos that it was trained on, yours should be ahead: it has learned much of them by heart, and
# the shipped one has seen none of the three. The photo that yours hasn't seen counts. A number
# above 1 says that grey would have been nearer to the truth: from eight photos, some of them orange
# all over, a network learns that things are orange. The shipped network has the same encoder and a
# decoder of the same kind, but a larger one: twenty times as many parameters, a fifth tap, and the
# luma at full resolution. Above all it has seen more: 12,893 photos instead of a handful, for two
# hours instead of a minute. Which of these counts most, this table doesn't tell.
#
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("build_a_colorizer")

# %% [markdown]
# ## Exercises
#
# These change what you have written. None has a single answer; compare the error on the held-out
# photo before and after, and look.
#
# ```{admonition} Exercise 7 (medium)
# :class: tip
# *A skip.* The finest tap has half the resolution, so edges of colour are soft. Give the decoder
# the luma too: join it to the last doubled features with `torch.cat`, before the last convolution.
# Are edges sharper?
# ```
#
# ```{admonition} Exercise 8 (medium)
# :class: tip
# *Augmentation.* Mirror half of the pieces. Why not change their hue as well?
# ```
#
# ```{admonition} Solution 8
# :class: dropdown
# `training[::2] = training[::2].flip(-1)`, and then `split` and `features` once more, since their
# results were computed before. The hue is the answer itself: a changed one would teach that sky is
# pink.
# ```
#
# ```{admonition} Exercise 9 (hard)
# :class: tip
# *Rebalancing.* Let rare colours count for more: multiply the squared error of each pixel by its
# weight, `default_prior().weights(0.5)[128 + a, 128 + b]`, with a\* and b\* (128 times the chroma)
# rounded; `default_prior` is in `colorlab.course`. What happens to the error, and what to the
# colours? [Colour rebalancing](10_rebalancing.ipynb) has the whole story.
# ```
#
# ```{admonition} Exercise 10 (open)
# :class: tip
# Put a hundred photos of one kind, your own, into a folder, set `folder`, and train for 2,000
# steps. Keep ten out of it, and let `answers_to` take a file's RGB in place of a name. On which of
# the ten does your network beat the shipped one?
# ```
#
# ## Summary
#
# - A photo is its own teacher: L\* in, a\* and b\* out.
# - A frozen classifier's features, a small decoder, Eq. 1 and a loop are a colorizer.
# - A falling loss shows that it learns these photos. Only photos held out show what it knows.
#
# Next: what people did before there were networks, [Colour by
# example](05_colour_by_example.ipynb). The networks of the paper are in [A ConvNet from
# scratch](07_convnet.ipynb), [Hypercolumns: Dahl's network](08_vgg16_dahl.ipynb) and
# [EfficientNet: from recognition to colour](09_efficientnet.ipynb).
