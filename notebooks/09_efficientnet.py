# %% [markdown]
# # EfficientNet: from recognition to colour
#
# To guess that a patch of grey is green one has to know that it is grass. Networks that know grass
# exist: they were trained to name what is in a photo. The paper's own model ([Lin and Ferreira,
# 2021](https://github.com/hanzhao/image-colorization)) takes such a network, EfficientNet (Tan and
# Le, 2019), freezes it, and trains only a decoder that turns its activations into chroma.
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
# Time: 60 minutes; the cells run in about a minute on two CPU cores. With a GPU, raise `steps`. You
# need the chapter on colour spaces. With `data` set to a folder of photos the same notebook also
# trains `model` on them for `epochs` epochs; see the end.

# %% tags=["parameters"]
model = "efficientnet_lite0"  # what the real training trains
data = ""  # a folder of photos, or a dataset's name; empty: only the live fit
epochs = 5  # of the real training
lam = 1.0  # below 1: rare colours count more (Colour rebalancing)
device = "cpu"  # of the live fit
steps = 60  # of the short live fit
size = 96  # of its pictures, a multiple of 32
seed = 0

# %%
import torch

from colorlab.color import LAB
from colorlab.course import check, note, say, show, table, use_style
from colorlab.machine import keep_freed_memory

use_style()
torch.manual_seed(seed)
keep_freed_memory()

# %% [markdown]
# ## A classifier looks at a grey cat
#
# The encoder that comes with the package is EfficientNet-Lite0 with its ImageNet weights (Deng et
# al., 2009), built by the library timm
# ([Wightman, 2019](https://doi.org/10.5281/zenodo.4414861)). It was trained on colour photos. What
# does it say to a grey one? We give it L\* three times over, in place of red, green and blue: just
# what a colorizer does.

# %%
import timm
from torch.nn.functional import interpolate

from colorlab.course import sample_photos, to_tensor
from colorlab.models.encoders import lite0_imagenet_state

samples = {photo.name: photo.rgb for photo in sample_photos()}
classifier = timm.create_model("tf_efficientnet_lite0").eval()
classifier.load_state_dict(lite0_imagenet_state())
cat = LAB.luma(to_tensor(samples["chelsea"]))
cat = interpolate(cat, (224, 224), mode="bilinear", antialias=True)
with torch.inference_mode():
    probability = classifier((cat.expand(-1, 3, -1, -1) - 0.5) / 0.5).softmax(
        dim=1
    )[0]

# %%
from colorlab.course.figures.features import guess_figure

info = timm.data.ImageNetInfo()
best = probability.topk(5)
names = [
    info.index_to_description(int(i)).split(",")[0] for i in best.indices
]
note(first=names[0], sure=f"{float(best.values[0]):.2f}")
show(
    guess_figure(
        cat[0, 0], dict(zip(names, best.values.tolist(), strict=True))
    ),
    alt="A grey cat, and the classifier's five best names for it: Egyptian "
    "cat leads.",
)

# %% tags=["remove-input"]
say("""
"{first}", with {sure}. Colour was not needed to recognise it, and what the network knows on the
way to that answer is what we are after.
""")

# %% [markdown]
# ## The architecture, drawn from the network
#
# Five activations of the frozen encoder are tapped, from half the resolution of the photo down to
# a 32nd. The decoder begins at the coarsest. At each scale a block (convolution, BatchNorm, ReLU)
# brings the features to the width of the next finer tap, they are doubled in size, and the tap is
# *added*. At the end the luma itself joins, and a last convolution with a tanh answers in
# $(a^*, b^*)/128$.
#
# The picture below is not drawn by hand: its boxes are what the modules put out when they ran.

# %% tags=["slide"]
from colorlab.course import architecture_figure, create_model

network = create_model("efficientnet_lite0", weights="encoder")
figure = architecture_figure(network)
show(
    figure,
    alt="Taps of the encoder in a row above; below the decoder, each block "
    "fed by one.",
)

# %% [markdown]
# The paper uses EfficientNet-B7, nineteen times the size of Lite0's encoder. The same class
# builds it, with the paper's widths:

# %%
from colorlab.course.figures.diagram import decoder_shapes

b7 = create_model("efficientnet_b7", weights=None)
rows = [(name, *shape) for name, shape in decoder_shapes(b7)]
table(["part of the decoder", "channels", "height", "width"], rows)

# %%
from colorlab.course import trainable_parameters
from colorlab.course.figures.features import parameter_figure


def frozen_parameters(network):
    """How many numbers training leaves alone."""
    return sum(p.numel() for p in network.parameters() if not p.requires_grad)


# %%
networks = {"Lite0": network, "B7 (paper)": b7}
trained = {name: trainable_parameters(one) for name, one in networks.items()}
frozen = {name: frozen_parameters(one) for name, one in networks.items()}
note(lite0=f"{trained['Lite0']:,}", b7=f"{trained['B7 (paper)']:,}")
alt = (
    "Stacked bars: both networks have a larger frozen part than a trained "
    "one, B7 most."
)
show(parameter_figure(frozen, trained), alt)

# %% tags=["remove-input"]
say("""
The decoder on B7 has {b7} trainable parameters, exactly as many as the authors' network; ours on
Lite0 has {lite0}. Lite0 is what the rest of the chapter uses: its weights install with the
package, and it trains on a laptop.
""")

# %% [markdown]
# ## What the frozen features show
#
# Four channels of each tap, those that vary most over the photo. Fine taps answer to edges and
# textures, coarse ones to whole *things*, wherever exactly these are.

# %% tags=["large"]
from colorlab.course.figures.features import feature_figure

luma = LAB.luma(to_tensor(samples["china"][:, 100:527]))
luma = interpolate(luma, (224, 224), mode="bilinear", antialias=True)
taps = network.encoder(network.encoder.preprocess(luma))
alt = (
    "Feature maps of a temple photo: edges in the fine taps, blobs in the "
    "coarse ones."
)
show(feature_figure(luma, taps), alt)

# %% [markdown]
# Nothing here was ever told about colour on purpose. Yet a channel that lights up on roofs or on
# sky is just what a decoder needs to tint them.
#
# Look for such channels yourself. Put the mark on the sky, on a roof, on leaves: at each depth, the
# channels that stand out most *there* come first. Which depth has one for leaves alone?

# %% tags=["twin"]
from IPython.display import HTML

from colorlab.course.widgets import feature_browser

HTML(feature_browser())

# %% [markdown]
# ## A short live fit
#
# A habit worth having: before a long training, see whether the network can overfit a handful of
# photos. If it cannot, something is broken, and it is found in half a minute. Below, the decoder
# is fitted to the sample photos with Eq. 1, the mean squared error of chroma, by Adam with the
# paper's settings (Kingma and Ba, 2014).

# %%
from colorlab.course import grey_loss, loss_figure, overfit, sample_batch

batch = sample_batch(size).to(device)
grey = grey_loss(batch, LAB)
losses = overfit(network.to(device), batch, steps)
show(
    loss_figure({"live fit": [loss / grey for loss in losses]}),
    alt="The loss of the live fit falls from above that of grey to a "
    "fraction of it.",
)
note(live=f"{min(losses) / grey:.2f}", steps=steps)

# %% tags=["remove-input"]
say("""
In {steps} steps the loss fell to {live} of what an all-grey answer costs. That is memory, not
knowledge: the network has seen these photos, and only these.
""")

# %% [markdown]
# ## The training, as recorded
#
# A recipe says what a network learns from, how long, on what size and how fast. The command
# `colorlab train --preset NAME` knows three. `paper` is the paper's; the runs in this chapter's
# table began with `scenes`, which is made
# for two processor cores: most epochs on small pictures, the
# last on larger ones.

# %%
from colorlab.train import preset_table

table(*preset_table())

# %%
from colorlab.course import read_card, validation_figure
from colorlab.course.results import with_starts

card = read_card("efficientnet_lite0")
shipped, earlier = (
    with_starts(card["run"]),
    with_starts("efficientnet_lite0_mse_2"),
)

# %%
show(
    validation_figure(
        {"shipped": shipped, "an earlier one, with a mistake": earlier}
    ),
    alt="Error and colourfulness on validation photos by epoch. The shipped "
    "training is at a lower error after its first few epochs than the "
    "earlier one after all of its fifteen.",
)

# %% tags=["remove-cell"]
runs = {
    "": shipped,
    "first_": with_starts("efficientnet_lite0_mse_seed0"),
    "earlier_": earlier,
}
for short, run in runs.items():
    errors = run.validation["val_mse_to_grey"]
    note(
        {
            f"{short}epochs": len(errors),
            f"{short}val_mse": f"{errors[-1]:.3f}",
        }
    )

# %% tags=["remove-cell"]
scores = card["scores"]
note(
    test_mse=f"{scores['mse_to_grey']:.3f}",
    test_chroma=f"{scores['chroma_to_truth']:.2f}",
)
note(test_photos=scores["photos"], test_size=scores["size"])

# %% tags=["remove-input"]
say("""
The decoder that comes with the package was trained for {epochs} epochs on 12,893 photos of
scenes. On {test_photos} test photos at {test_size} pixels that were never trained on, its error
is {test_mse} of what grey would cost (a recorded figure, as `colorlab evaluate` prints it). The
mean chroma of its output is {test_chroma} of the truth's. Both belong together.
Where a network is unsure between several colours, the answer with the least squared error is
their mean: as a rule duller than they are, and near grey if they are many. Squared error buys
safety with colour.

The other line is an earlier training, and a lesson. By a mistake of ours the decoder's
BatchNorms were in evaluation mode all the time: they normalised by the statistics that they were
made with, mean 0 and deviation 1, and measured none. Nothing failed. There was no error and no
warning, the loss fell, and the pictures looked fine. But it took {earlier_epochs} epochs, in two
runs, to {earlier_val_mse} of grey's error on the validation photos; the mended training reached
{first_val_mse} in {first_epochs} and ended at {val_mse}. What was missing was one call,
`model.train()`. A network that learns is not yet one that learns as it could.
""")

# %% [markdown]
# Where the shipped line jumps, after epoch 4, training began anew: the learning rate is high again,
# the error rises with it, and both come down together.
# The last epochs, on larger pictures, bring the network to the scale
# at which it is used.
#
# ## Against the others, and against itself
#
# One run says little about a design. So the networks in the figure were trained alike, by the
# recipe `scenes`, on the same photos; this one twice, with another seed for the random start of
# the decoder, the order of the photos and their crops. A difference between two networks that is
# not larger than between two seeds shows nothing. (The table has three rows more, which went on
# for longer and on larger photos: compare them only among themselves.)

# %% tags=["hide-input"]
from colorlab.course import recorded_figure

names = {
    "convnet_mse_seed0": "ConvNet",
    "dahl_lite0_mse_seed0": "Dahl on Lite0",
}
names |= {
    f"efficientnet_lite0_mse_seed{k}": f"EfficientNet-Lite0, seed {k}"
    for k in (0, 1)
}
show(
    recorded_figure(names),
    alt="Error and colourfulness on validation photos by epoch, a line a "
    "recorded run.",
)

# %%
from colorlab.course import rows_of, score_table

chapter = rows_of(
    "convnet",
    "dahl_lite0",
    "efficientnet_b7",
    "efficientnet_lite0",
    loss="mse",
)
score_table(chapter)

# %% tags=["remove-cell"]
from colorlab.course import recorded_score

ours = "efficientnet_lite0_mse_seed{}"
note(
    {
        f"seed{k}": recorded_score(ours.format(k), "mse_to_grey")
        for k in (0, 1)
    }
)
note(convnet=recorded_score("convnet_mse_seed0", "mse_to_grey"))

# %% tags=["remove-cell"]
shown = {"imagenet": ours.format(0), "grey_psnr": "grey"}
note(
    {
        key: recorded_score(run, "psnr", "imagenet_samples", 1)
        for key, run in shown.items()
    }
)

# %% tags=["remove-input"]
say("""
The two seeds stand at {seed0} and {seed1} of grey's error, the ConvNet at {convnet}. The
interval in brackets is another thing: it says how much the figure depends on *which* 862 photos
were taken. The last two columns are of photos from ImageNet, where things of every kind stand in
the middle; the networks were trained on scenes alone, and it shows in their error, which is much
nearer to grey's. In PSNR the first run has {imagenet} dB, answering grey, the last row, has
{grey_psnr}, and the longer trainings less than that. Photos that are
nearly grey score highest whatever is answered, and lift a mean of
decibels. So we set no other paper's PSNR beside ours: without grey's on *their* photos it can't
be read. [Results, and an audit of the paper's table](17_results.ipynb) pools the errors first.
""")

# %% [markdown]
# One command a row makes these runs, where `scenes` is a folder of photos:

# %%
from colorlab.course import commands

commands(chapter)

# %% [markdown]
# ## A photo's way through the network
#
# With the decoder trained, follow one photo from luma to colour. Drag the slider. In the encoder
# the grid shrinks, while what a place depends on grows; the decoder gives the grid back, and keeps
# the view. Where on the way does the picture stop being about edges?

# %% tags=["twin"]
from colorlab.course.widgets import layer_walk

HTML(layer_walk())

# %% [markdown]
# The map on the right is the gradient of one place by each pixel of the luma, and so is "half of
# what moves it". By the sizes of the kernels a place of the deepest tap may see all of the photo,
# and every answer with it; what counts is less, and most of it lies around the place.
#
# Gradients tell what a *small* change would do. The other way is to take a part of the photo away
# and to look where colours change. The page *What did it look at?* of the book does so with a photo
# of yours; with a running kernel the next cell does.

# %%
from colorlab.course.widgets import occlusion

occlusion()

# %% [markdown]
# ## On photos it has never seen
#
# None of the sample photos was in its training set. Grey, ours, truth:

# %%
from colorlab.course import Photo, photo_grid
from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model

colorizer = load_model("efficientnet_lite0")
names = [
    "chelsea",
    "china",
    "flower",
    "astronaut",
    "coffee",
    "rocket",
    "motorcycle",
]
ours = {name: colorize_rgb(samples[name], colorizer) for name in names}

# %% tags=["slide", "large"]
rows = [
    [grey_photo(Photo(samples[name])), ours[name], samples[name]]
    for name in names
]
figure = photo_grid(
    rows, columns=["grey", "ours", "truth"], labels=names, height=1.75
)
show(
    figure,
    alt="Seven photos in rows: grey, colorized, and true. Skies and leaves "
    "come out best; suit, cup and motorcycle are olive in place of red.",
)

# %%
from colorlab.course.figures.features import error_figure
from colorlab.evaluate.metrics import ChromaErrors


def errors_of(name):
    """Errors on one sample photo, output and truth as RGB."""
    errors = ChromaErrors()
    errors.add(to_tensor(ours[name]), to_tensor(samples[name]))
    return errors.mse_to_grey, errors.chroma_to_truth


# %%
errors = dict(
    sorted(
        ((name, errors_of(name)) for name in names), key=lambda one: one[1][0]
    )
)
show(
    error_figure(errors),
    alt="Error and colourfulness of each sample photo, as two rows of bars.",
)
best, *_, worst = errors
low, high = (f"{errors[name][0]:.2f}" for name in (best, worst))
note(best=best, best_mse=low, worst=worst, worst_mse=high)

# %% tags=["remove-input"]
say("""
Sky and leaves come out right: nearly all skies and leaves agree. Suit, cup and motorcycle may
have any colour, and get an olive or brown that lies between. That is duller, but not always
paler: see the right panel.

Best by number is {best}, at {best_mse} of grey's error; worst is {worst}, at {worst_mse}. A
value above 1, which none has here, would say that the photo is *closer to the truth without any
colour*. It would not say that it looks worse: a cup can be any colour, and the number knows only
one. [Judging colour](16_metrics.ipynb) is about this.
""")

# %% [markdown]
# ## The real training, from here
#
# Run this notebook with a folder of photos, and it trains:
# `papermill notebooks/09_efficientnet.ipynb out.ipynb -p data scenes -p epochs 5`. The run's
# folder under `runs/` has log and weights; the curve below appears. Without `data` nothing is
# trained here. A GPU is used where there is one; `-p model efficientnet_b7` is the paper's network.

# %%
from colorlab.course import train_for_real

if data:
    run = train_for_real(
        model, data, epochs, "mse" if lam == 1 else "rebalanced", lam
    )
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

quick_questions("efficientnet")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# How many parameters, biases and BatchNorm scales and shifts included, has `block32` of the
# decoder on Lite0 (a 1x1 convolution from 1280 to 672 channels, BatchNorm, ReLU)? Work it out,
# then count.
# ```

# %%
your_count = None
check("09.1", your_count)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# $1280 \cdot 672 + 672$ for the convolution and $2 \cdot 672$ for BatchNorm: 862,176. The five
# 3x3 blocks behind it are nine times as expensive for each pair of channels.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# A network knows that a car is red or blue, each with probability 1/2; red is
# $(a^*, b^*) = (60, 40)$ and blue $(20, -60)$. What chroma $\sqrt{a^{*2} + b^{*2}}$ has the answer
# with the least expected squared error?
# ```

# %%
your_answer = None
check("09.2", your_answer)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# The expected squared error is least at the mean, $(40, -10)$, of chroma 41.2: a dull purple
# between two colours of chroma 72 and 63, and the colour of neither car.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# What does the encoder's training contribute? Fit the same decoder for 20 steps on an encoder with
# *random* weights (`create_model("efficientnet_lite0", weights=None)`). Is its loss then "larger"
# or "smaller" than that of the live fit above after as many steps?
# ```

# %%
your_word = None
check("09.3", your_word)

# %% [markdown]
# **Solution 3** is folded in the next cell.

# %% tags=["hide-cell"]
torch.manual_seed(seed)
blank = create_model("efficientnet_lite0", weights=None).to(device)
of_blank = overfit(blank, batch, 20)
print(
    "A random encoder still passes on edges and brightness, so the decoder "
    "fits a little."
)
print(
    f"after 20 steps: random {of_blank[19] / grey:.2f}, ImageNet "
    f"{losses[19] / grey:.2f}"
)

# %% [markdown]
# ## Summary
#
# - A frozen classifier recognises grey photos, and its activations are enough to tint them.
# - The decoder adds them up from coarse to fine; only it is trained.
# - Overfit a handful of photos before any long run.
# - Squared error makes the network answer with the mean of what is possible, so doubtful colours
#   come out pale.
#
# Next: [Colour rebalancing](10_rebalancing.ipynb), where weights bring colour back, at a price.
