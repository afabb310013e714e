# %% [markdown]
# # Photos as data
#
# Most learning needs labels that somebody has to make. Colorization needs none: every colour
# photo is its own answer. This chapter turns photos into training data, shows what the data sets
# of the field hold, and what to do with photos of your own, the broken ones included.
#
# ```{admonition} Goals
# After this chapter you can
# - say what a colorizer's input and target are, and take both from any colour photo;
# - name the paper's data sets, their sizes, and what each would teach;
# - open a data set, a folder or a list of files with one call, and get batches of it;
# - choose an augmentation, and say which ones must not be used here;
# - tell what goes wrong with photo files, and what the pipeline does about it.
# ```
#
# Time: 30 minutes; the cells run in under a minute without a GPU. You need the chapter on colour
# spaces.

# %% tags=["parameters"]
photos = (
    "sample"  # or a folder of your photos, or a text file that lists them
)

# %%
import numpy as np
import torch

from colorlab.color import LAB, lab_to_rgb
from colorlab.course import check, note, say, show, table, use_style

use_style()

# %% [markdown]
# ## A data set without labels
#
# One call opens whatever the parameter above names. An item is a photo, uint8 RGB of shape
# (3, H, W), and its path.

# %%
from colorlab.course import open_photos

opened = open_photos(photos)
everything = [(path.stem, photo) for photo, path in opened.readable()]
note(count=len(everything))
sizes = [
    (name, *photo.shape[1:], f"{photo[0].numel():,}")
    for name, photo in everything[:9]
]
table(["photo", "height", "width", "pixels"], sizes)

# %% tags=["remove-input"]
say(r"""
Any of the {count} photos can be taken apart; the figure has the first five. L\* is what the
network will see; a\* and b\* are what it has to say. For the eye, a\* is drawn as the colours
from green to red that it
stands for, b\* from blue to yellow, both at one lightness.
""")


# %%
def picture(photo):
    """uint8 (3, H, W) to uint8 (H, W, 3), which plots take."""
    return photo.permute(1, 2, 0).numpy()


def parts(photo):
    """The photo, its L*, and its a* and b* as colours, all as pictures."""
    luma, chroma = LAB.split(photo.float() / 255)
    pictures = [picture(photo), (luma[0] * 255).round().byte().numpy()]
    for one_of_two in (torch.tensor([128.0, 0]), torch.tensor([0, 128.0])):
        lab = torch.cat(
            [torch.full_like(luma, 60), chroma * one_of_two.view(2, 1, 1)]
        )
        pictures.append(picture((lab_to_rgb(lab) * 255).round().byte()))
    return pictures


# %%
from colorlab.course import photo_grid
from colorlab.data.batches import Augmentation

whole = Augmentation(min_area=1)  # squashed to a square, as the paper does
few = [(name, whole.validation(photo, 160)) for name, photo in everything[:5]]

# %% tags=["large"]
figure = photo_grid(
    [parts(photo) for _, photo in few],
    columns=["photo", "L* (input)", "a* (target)", "b* (target)"],
    labels=[name[:10] for name, _ in few],
    height=1.6,
)
show(
    figure,
    alt="Rows of photos, each with its L* in grey and its a* and b* as "
    "faint colour maps.",
)

# %% [markdown]
# How colourful are the targets, in the unit of the paper's loss? That is Eq. 1, the mean of the
# squared differences of a\* / 128 and b\* / 128. If a network says "grey" for every pixel, it is
# the mean of the squared targets:

# %%
from colorlab.course import bar_figure
from colorlab.train.losses import chroma_mse

square = [(name, whole.validation(photo, 224)) for name, photo in everything]
chroma = {name: LAB.split(photo.float() / 255)[1] for name, photo in square}
grey_error = {
    name: float(chroma_mse(torch.zeros_like(c), c))
    for name, c in chroma.items()
}
ordered = sorted(grey_error, key=grey_error.get)[-20:]

# %%
bars = {name: grey_error[name] for name in ordered}
figure = bar_figure(
    bars, (6.4, 0.32 * len(bars) + 1), xlabel="MSE (Eq. 1) of a grey answer"
)
show(
    figure,
    alt="Bars of the error that grey makes on each photo; they differ many "
    "times over.",
)
ratio = grey_error[ordered[-1]] / max(grey_error[ordered[0]], 1e-9)
note(palest=ordered[0], strongest=ordered[-1], ratio=f"{ratio:.0f}")

# %% tags=["remove-input"]
say("""
Between *{palest}* and *{strongest}* lies a factor of {ratio}. So a loss value says little
without the photos it was measured on, and a few vivid photos can make up most of a data set's
loss. Chapters on training therefore report an error *divided by grey's* on the same photos: 1
means no better than no colour.
""")

# %% [markdown]
# It also follows that a data set must be looked through: a grey or toned scan among the colour
# photos teaches that the world is grey.
#
# ## The data sets
#
# The paper names three ([Lin and Ferreira,
# 2021](https://github.com/hanzhao/image-colorization)) and trained what it reports on Places365
# (Zhou et al., 2017), photos of scenes, in its small form of 256x256 pixels. Food-101 (Bossard et
# al., 2014) is not varied enough for it, and ImageNet (Deng et al., 2009), of objects and animals,
# too large; the authors' notebook takes its validation photos, split 9:1. Imagenette, ten easy
# classes of ImageNet, is for trying things out. Sizes as published, but for that split:

# %%
from colorlab.data.sources import DATASETS


def split_sizes(known):
    """The number of photos in each split."""
    return ", ".join(
        f"{split} {count:,}" for split, count in known.splits.items()
    )


rows = [
    (name, one.title, split_sizes(one), one.size)
    for name, one in DATASETS.items()
]
table(["name", "data set", "photos by split", "to download"], rows)

# %% tags=["hide-input"]
from IPython.display import Markdown

pages = [f"[{known.title}]({known.page})" for known in DATASETS.values()]
Markdown("Their pages: " + ", ".join(pages))

# %% [markdown]
# `open_photos("places365", "val", root=...)` opens one that is on your disk, and `download=True`
# fetches it where its terms permit that. One that is missing says what it expects and where:

# %%
import contextlib
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as nowhere, contextlib.chdir(nowhere):
    try:
        open_photos("food101", root="my-data")
    except FileNotFoundError as error:
        print(error)

# %% [markdown]
# What a network learns is what its photos show. Scenes hold much sky, grass and sea, and few
# faces; food has no sky at all. A colorizer trained on one and used on the other guesses from the
# wrong world. The next chapter counts the colours of scenes, and what they mean for other photos.
#
# ## From a photo to a square
#
# The photos of a batch must be of one size. The paper squashes: width and height each to 224,
# whatever the shape. That keeps all of the view and bends every circle. The usual way elsewhere is
# to cut out the middle. Our own runs draw a random part: at least 35 % of the area, between 3:4 and
# 4:3, and squash that.

# %%
name, example = next(
    (pair for pair in everything if pair[0] == "coffee"), everything[0]
)
cut = Augmentation(min_area=1, fit="crop")
own = Augmentation()
torch.manual_seed(1)
ways = [whole.validation(example, 224), cut.validation(example, 224)]
ways += [own(example, 224) for _ in range(3)]
columns = ["squashed", "cut", "random part", "random part", "random part"]

# %%
figure = photo_grid(
    [[picture(way) for way in ways]], columns=columns, height=1.9
)
alt = (
    "One photo five times: squashed, its middle, and three random parts, "
    "some mirrored."
)
show(figure, alt)

# %% [markdown]
# ## Augmentation
#
# A photo seen twice should not be the same twice. The paper mirrors photos, each with a chance of
# one half, and turns them: in its authors' notebook by up to 36 degrees either way, and what the
# turn would leave empty is filled by reflection, so that no corner is black.

# %% tags=["slide"]
from colorlab.data.batches import PAPER_AUGMENTATION

torch.manual_seed(9)
draws = [picture(PAPER_AUGMENTATION(example, 224)) for _ in range(5)]
alt = (
    "Five draws of the paper's augmentation: turned, some mirrored, corners "
    "reflected."
)
show(photo_grid([draws], height=1.9), alt)

# %% [markdown]
# Both changes move pixels and leave their colours alone. The colour changes that classifiers are
# trained with (jittered hue, saturation, random grey) are out of the question here: colour is the
# *answer*, and changing it makes the answer wrong. Turning is not free either. Light comes from
# above, and a network that sees tilted horizons may learn less from "up". Whether turning helps is
# for an experiment to say.
#
# Random does not mean different on every run. Each draw's random numbers come from the seed, the
# epoch and the photo's number, and from nothing else:

# %%
from colorlab.data.batches import TrainingPhotos

training = TrainingPhotos(opened, [64], PAPER_AUGMENTATION, seed=0)
same = torch.equal(training[0, 0], training[0, 0])
other_epoch = torch.equal(training[0, 0], training[1, 0])
print(
    f"epoch 0 drawn again: equal {same}; the same photo in epoch 1: equal "
    f"{other_epoch}"
)

# %% [markdown]
# So a run is the same with any number of worker processes, and one that was interrupted goes on
# as if nothing had happened.
#
# ## Batches
#
# `ColorizationData` takes the same names and gives batches. A folder with `train` and `val`
# inside is used so; any other is split 9:1, always alike.

# %%
from colorlab.data.batches import ColorizationData

data = ColorizationData(
    photos, sizes=[128], batch=4, augment=PAPER_AUGMENTATION, workers=0
)
batch = next(iter(data.train_dataloader()))
luma, target = LAB.split(batch.float() / 255)

# %%
print(
    f"{len(data.train_photos)} photos to train on, {len(data.val_photos)} "
    "to validate on"
)
for what, tensor in {"batch": batch, "luma": luma, "target": target}.items():
    print(
        f"{what:6} {tuple(tensor.shape)} {tensor.dtype} {tensor.min():.2f} "
        f".. {tensor.max():.2f}"
    )

# %% [markdown]
# The batch stays uint8 RGB until it is on the device; only there does the model's colour space
# split it. That is a quarter of the bytes to move, and one loader serves models of all spaces.
#
# ## What can go wrong with files
#
# Among a million photos some are broken. Here is a small folder with the usual cases.

# %%
from PIL import Image

workplace = tempfile.TemporaryDirectory()
folder = Path("mine")
good = Image.fromarray(picture(few[0][1]))
with contextlib.chdir(workplace.name):
    folder.mkdir()
    good.save(folder / "a_good.jpg")
    good.convert("CMYK").save(folder / "b_for_print.jpg")
    good.convert("L").save(folder / "c_grey.png")
    stored = (folder / "a_good.jpg").read_bytes()
    (folder / "d_half_downloaded.jpg").write_bytes(stored[: len(stored) // 2])
    (folder / "e_empty.jpg").touch()
    (folder / "f_web_page.jpg").write_text("<html>404 Not Found</html>")

# %%
with contextlib.chdir(workplace.name):
    try:
        for _, path in open_photos(folder).readable():
            print("read", path.name)
    except RuntimeError as error:
        print("stopped:", error)

# %% [markdown]
# It stopped at the first: one of six is more than the 1 % that are taken as normal. That limit
# can be set.

# %%
import logging
import sys

from colorlab.data.photos import Photos

logging.basicConfig(stream=sys.stdout, format="logged: %(message)s")
with contextlib.chdir(workplace.name):
    tolerant = Photos(open_photos(folder).paths, max_broken=0.5)
    print("read:", ", ".join(path.name for _, path in tolerant.readable()))
workplace.cleanup()

# %% [markdown]
# So a broken photo is skipped, counted and listed, never passed over in silence, and many of them
# stop the work: then it is not a few bad files but a bad disk or a wrong folder. In training the
# next readable photo takes the place, so that batches keep their size.
#
# Some faults nobody reports. A grey PNG reads well and teaches grey. Bytes damaged in the middle
# of a JPEG decode to coloured stripes without an error. And a photo may be whole and still be
# read wrongly: one of the samples, the rocket, is stored in Adobe RGB, a larger space, and a
# program that takes its numbers for sRGB shows it too pale.

# %%
from colorlab.course import sample_photos

(rocket,) = sample_photos("rocket")
with Image.open(rocket.path) as stored:
    ignored = np.array(stored.convert("RGB"))
part = np.s_[230:, 200:520]

# %%
figure = photo_grid(
    [[ignored[part], rocket.rgb[part]]],
    columns=["profile ignored", "profile obeyed"],
    height=2.4,
)
show(
    figure,
    alt="The rocket twice, paler on the left where its colour profile was "
    "ignored.",
)

# %%
from colorlab.course import to_tensor


def mean_chroma(rgb):
    """The mean distance from grey in the (a*, b*) plane."""
    return float(LAB.split(to_tensor(rgb))[1].norm(dim=1).mean()) * 128


note(
    ignored=f"{mean_chroma(ignored):.1f}",
    obeyed=f"{mean_chroma(rocket.rgb):.1f}",
)

# %% tags=["remove-input"]
say("""
Its mean chroma is {obeyed} with the profile and {ignored} without. `colorlab` obeys profiles;
many training pipelines do not.
""")

# %% [markdown]
# ## Your own photos
#
# Set the parameter at the top to a folder and run the chapter again, here or with
#
# ```bash
# papermill 02_data.ipynb mine.ipynb -p photos path/to/folder
# ```
#
# Before anything else look at them as above: how pale are they, are there scans among them, what
# is never shown? With `train` and `val` folders inside, or without, they are also what
# `colorlab train --data path/to/folder` learns from.
#
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("data")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# How many full batches of 32 are there in one epoch of Places365's training photos?
# ```

# %%
your_steps = None
check("02.1", your_steps)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# $\lfloor 1{,}803{,}460 / 32 \rfloor = 56{,}358$. At 100 photos a second one epoch takes five
# hours.
# ```
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# A photo of 640x427 pixels is squashed to 224x224. A wheel in it was a circle. What is its width
# divided by its height afterwards, to two decimals?
# ```

# %%
your_ratio = None
check("02.2", your_ratio)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# Width shrinks by 224/640, height by 224/427, so the ratio is 427/640 = 0.67. The network never
# sees a round wheel in a landscape photo, and never a squashed one in a square photo.
# ```
#
# ```{admonition} Exercise 3 (hard)
# :class: tip
# After a turn by some degrees, what share of the square shows reflected pixels instead of the
# photo? Write a function that counts them. Put the centres of size × size pixels into coordinates
# where the photo is [-1, 1] x [-1, 1], turn them, and count those that come from outside.
# ```


# %%
def reflected(degrees, size):
    """The share of a turned square, size x size, from outside the photo."""


check("02.3", reflected)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# The first folded cell below has the function, the second draws its answer from 0 to 45 degrees. At
# 36 about a sixth of the picture is made up by reflection, and as much of the photo, its corners,
# is lost.
# ```

# %% tags=["hide-cell"]
import math


def share_reflected(degrees, size=224):
    """The share of a turned square that comes from outside the photo."""
    line = (torch.arange(size) * 2 + 1) / size - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    cos, sin = (
        math.cos(math.radians(degrees)),
        math.sin(math.radians(degrees)),
    )
    source = torch.stack([x * cos - y * sin, x * sin + y * cos])
    return float((source.abs().amax(dim=0) > 1).float().mean())


# %% tags=["hide-cell"]
from colorlab.course import line_figure

angles = np.arange(0, 46, 3)
shares = [share_reflected(angle) for angle in angles]
labels = {"xlabel": "turn, degrees", "ylabel": "share reflected"}
figure = line_figure(angles, {"": shares}, (5.6, 3), lines=["o-"], **labels)
figure.axes[0].axvline(36, color="#555555", linestyle="--")
figure.axes[0].set_ylim(0, None)
show(
    figure,
    alt="The reflected share rises from nothing, steeply first, and levels "
    "off at 45 degrees.",
)

# %% [markdown]
# ## Summary
#
# - Every colour photo is an input (L\*) and its own answer (a\*, b\*).
# - Targets are pale and differ many times over between photos: divide an error by grey's.
# - `open_photos` opens a data set by name, a folder, or a list; `ColorizationData` makes batches.
# - Move pixels as you like, and leave their colours alone.
# - Broken files are skipped, counted and listed; too many stop the work.
#
# **Read next.** Torralba and Efros, *Unbiased look at dataset bias* (CVPR 2011), show, before
# networks, how much of what a classifier knows is the data set it was given.
#
# Next: [Colour statistics](03_color_statistics.ipynb), which counts the colours that photos have,
# and weighs the rare.
