# %% [markdown]
# # Lambda, live
#
# In the paper ([Lin and Ferreira, 2021](https://github.com/hanzhao/image-colorization)) lambda is
# chosen, then a network is trained. Another lambda is another training. Here one network has
# learned all of them, and you choose when you look at the picture: cautious at 1, vivid at 0.1.
#
# ```{admonition} Goals
# After this chapter you can
# - tell a network a number, by scale and shift of its features;
# - train one network for a family of losses, so that none of them drowns the others;
# - say where along λ the loss changes, and why λ itself is a poor coordinate;
# - check such a network against the answer that has the least loss, which you can compute;
# - tell what it does beyond turning up the saturation, and where it fails.
# ```
#
# Time: 45 minutes; the cells run in about a minute on two CPU cores. You need the chapters on
# colour statistics and on rebalancing.

# %% tags=["parameters"]
photo = "china"  # a sample photo, for the slider
steps = 200  # of the live fit
size = 64  # of its pictures, a multiple of 32

# %%
import numpy as np
import torch

from colorlab.course import check, default_prior, note, say, show, use_style
from colorlab.machine import keep_freed_memory

use_style()
keep_freed_memory()
prior = default_prior()
p = prior.smoothed()

# %% [markdown]
# ## One slider
#
# Drag it. On a page of the book the ten pictures were made before; the next cell, with a kernel
# behind it, makes them while you drag. The encoder looked at the photo once. What runs again is the
# decoder, on a small picture, and when the slider rests the photo is coloured with all its pixels.

# %% tags=["hide-input", "twin"]
from IPython.display import HTML

from colorlab.course.widgets import lambda_twin

HTML(lambda_twin(photo))

# %%
from colorlab.course.widgets import lambda_slider

lambda_slider(photo)

# %% [markdown]
# In a program it is `colorlab.colorize(photo, model="efficientnet_lite0_live", lam=0.7)`, on the
# command line `colorlab colorize photo.jpg -o out -m efficientnet_lite0_live --lam 0.7`. Without a
# lambda it is 1, the unweighted answer, which can be compared with other models.

# %% tags=["hide-input"]
from colorlab.course import photo_grid, sample_photos
from colorlab.inference.live import LivePhoto, live_model

live = live_model()
names = ["china", "flower", "chelsea", "astronaut", "coffee"]
samples = {one.name: one.rgb for one in sample_photos()}
opened = {name: LivePhoto(samples[name], live) for name in names}
lams = [1.0, 0.9, 0.5, 0.1]

# %% tags=["hide-input", "slide", "large"]
rows = [
    [*(opened[name].preview(lam) for lam in lams), samples[name]]
    for name in names
]
columns = [*(f"λ = {lam:g}" for lam in lams), "truth"]
alt = (
    "Five photos in rows at lambda 1, 0.9, 0.5 and 0.1, and as taken. From "
    "left to right the "
)
alt += "colours become stronger, those that fit and those that do not."
show(photo_grid(rows, columns=columns, labels=names, height=1.4), alt)

# %% [markdown]
# ## A family of losses
#
# Eq. 2 weighs a pixel's squared error by $v_\lambda$ of its true colour, Eq. 3: a constant over
# $(1 - \lambda)\,\tilde p + \lambda / 2^{16}$. So each λ is another loss, and each has another best
# answer. How do the losses differ? Take three colours: one that no photo had, the one of the median
# pixel, and the commonest.

# %% tags=["hide-input"]
from colorlab.models.live import lambda_at, rarity_logs
from colorlab.train.losses import LiveMSE

loss = LiveMSE(p)
order = np.argsort(p, axis=None)
median = order[np.searchsorted(np.cumsum(p.flat[order]), 0.5)]
chosen = {
    "never seen": p.argmin(),
    "of the median pixel": median,
    "the commonest": p.argmax(),
}

# %% tags=["hide-input"]
chroma = (
    torch.from_numpy((np.indices(p.shape) - 128) / 128).float().flatten(1)
)
lams = lambda_at(
    torch.linspace(0, float(rarity_logs(torch.tensor(0.1))[1]), 60)
)
weights = {
    name: [
        float(loss.weights(chroma[:, place].view(1, 2, 1, 1), lam[None]))
        for lam in lams
    ]
    for name, place in chosen.items()
}

# %% tags=["hide-input"]
from colorlab.course.figures.lambda_curve import weights_figure

show(
    weights_figure(lams, lambda lam: rarity_logs(lam)[:, 1], weights),
    alt="The weights of three colours over lambda, on a log scale. Over "
    "lambda itself they part steeply right below 1 and slowly afterwards; "
    "over the logarithm they part gradually.",
)
for lam in (0.99, 0.9, 0.1):
    v = prior.weights(lam)
    note({f"ratio {lam:g}": f"{v.max() / v.min():,.0f}"})

# %% tags=["remove-input"]
say(r"""
The weights part fastest right below 1. From 1 to 0.99 the ratio of the largest to the smallest
weight grows from 1 to {ratio 0.99}, and to {ratio 0.9} at 0.9; the eight tenths that are left
make it {ratio 0.1}. To a network, two almost equal inputs that ask for different answers are
hard. So it is not told λ itself but two numbers, 0 at $\lambda = 1$ and about 1 at 0.1: the
logarithms of what Eq. 3 divides by for a colour never seen, λ, and for the commonest, about
$\lambda + 200\,(1 - \lambda)$. Over the second, at the right, the steep part is as wide as the
rest.
""")

# %% [markdown]
# ## Why it ends at 0.1
#
# The smaller λ is, the fewer pixels matter. How many carry half of what the grey answer costs?

# %% tags=["hide-input"]
a, b = (np.indices(p.shape) - 128) / 128
below = np.geomspace(0.001, 1, 40)
halves = []
for lam in below:
    cost = prior.weights(lam) * (a**2 + b**2)
    costliest = np.argsort(-cost, axis=None)
    spent = np.cumsum((prior.pmf * cost).flat[costliest])
    pixels = np.cumsum(prior.pmf.flat[costliest])
    halves.append(100 * pixels[np.searchsorted(spent, spent[-1] / 2)])
for lam in (1, 0.1, 0.01, 0.001):
    note({f"half {lam:g}": f"{np.interp(lam, below, halves):.2g} %"})

# %% tags=["hide-input"]
from colorlab.course import INK, line_figure

labels = {"xlabel": "λ", "ylabel": "% of pixels that carry half the loss"}
figure = line_figure(
    below, {"": halves}, (6, 3), xscale="log", yscale="log", **labels
)
axes = figure.axes[0]

# %% tags=["hide-input"]
axes.axvline(0.1, color=INK, linewidth=0.8)
axes.text(0.095, 0.15, "the slider's end")
axes.set_xlim(1, 0.001)
axes.set_xticks([1, 0.1, 0.01, 0.001], ["1", "0.1", "0.01", "0.001"])
axes.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
alt = (
    "The share of pixels that carry half of grey's loss, over lambda, both "
    "on log scales: from "
)
alt += (
    "almost a tenth at lambda 1 to less than one in a hundred at 0.1 and "
    "one in a thousand at "
)
show(figure, alt + "0.001.")

# %% tags=["remove-input"]
say(r"""
At $\lambda = 1$ half of what grey costs on the scenes' pixels is due to {half 1} of them, at 0.1
to {half 0.1}, at 0.01 to {half 0.01}, at 0.001 to {half 0.001}. A batch of 32 photos of 128 ×
128 pixels has half a million: at 0.001 not even five hundred of them carry half of the loss, and
another batch may well pull another way. At 0.1 it is still some thousands, and there we stop.
""")

# %% [markdown]
# ## How a network hears a number
#
# The decoder is that of [EfficientNet: from recognition to colour](09_efficientnet.ipynb). Its six
# blocks are a convolution, BatchNorm, ReLU. Between the last two, every channel $x_c$ becomes
# $(1 + \alpha_c)\,x_c + \beta_c$: *feature-wise linear modulation*, FiLM (Perez et al., 2018). The
# $\alpha$ and $\beta$ of all blocks come from a small network of our two numbers:

# %% tags=["hide-input"]
import inspect

from IPython.display import Markdown

from colorlab.models.live import LambdaFilm

Markdown(f"```python\n{inspect.getsource(LambdaFilm)}```")

# %% tags=["hide-input"]
from colorlab.course import create_model, trainable_parameters

names_of_two = ("efficientnet_lite0", "efficientnet_lite0_live")
counts = [
    trainable_parameters(create_model(name, weights=None))
    for name in names_of_two
]
note(
    more=f"{counts[1] / counts[0] - 1:.1%}", film=f"{counts[1] - counts[0]:,}"
)

# %% tags=["remove-input"]
say("""
Its last layer begins at zero. So a fresh live network, filled with the head that was trained
with Eq. 1, *is* that network, at every λ, and learns from there. It has {film} parameters more,
{more}.
""")

# %% [markdown]
# The simple alternative is a constant plane: λ, or our two numbers, as further channels of what
# enters the decoder. We tried all three, from one and the same head.

# %%
from colorlab.course import table
from colorlab.course.figures.lambda_curve import read_trials

trials = read_trials()
note(
    {
        f"trial {what}": f"{trials['set'][what]:,}"
        for what in ("photos", "size")
    }
)
note({"trial checked": f"{trials['set']['validation']}"})
columns = ["1", "0.9", "0.5", "0.1"]

# %%
rows = []
for trial in trials["networks"]:
    losses = [f"{trial['loss'][lam]:.3f}" for lam in columns]
    rows.append(
        (
            trial["what"],
            *losses,
            *(f"{trial['chroma'][lam]:.2f}" for lam in ("1", "0.1")),
        )
    )
head = ["one short epoch", *(f"loss, λ = {lam}" for lam in columns)]
table([*head, "chroma, λ = 1", "λ = 0.1"], rows)

# %% tags=["remove-input"]
say("""
One epoch on {trial photos} photos of {trial size} pixels, measured on {trial checked} others.
Losses are relative to grey's at the same λ, chroma to the photos'. In this time the plane hardly
moves the answer: it enters before the first of six blocks alone, with weights that began at
zero. A network that does not listen can only answer with a compromise, and pays at both ends.
(Whether a long training would teach it to, we did not try.) Films reach every block, and in the
same time they have moved the chroma from one end to the other. They take some time, too:
`make bench` measures it. The code of the plane is not kept.
""")

# %% [markdown]
# ## A loss for all
#
# Every photo of a batch gets a lambda of its own, and its pixels the weights of that one. A table
# of 65,536 weights a photo would be slow. But $v_\lambda$ is a constant over $(1 - \lambda)\,\tilde
# p + \lambda / 2^{16}$, and that constant is a smooth function of λ. It is computed once for a
# thousand lambdas and read off between; the weights agree with Eq. 3 to a part in ten thousand.
#
# With small lambdas the same grey answer costs more, since its errors are large at rare colours:

# %% tags=["hide-input"]
rows = []
for lam in (1.0, 0.99, 0.9, 0.5, 0.1):
    cost, noise = (
        float(loss.grey_cost(torch.tensor([lam]))),
        trials["noise"][f"{lam:g}"],
    )
    rows.append(
        (f"{lam:g}", f"{cost:.2f}", f"{noise * cost:.3f}", f"{noise:.3f}")
    )
note(noisier=f"{float(rows[-1][2]) / float(rows[0][2]):.0f}")

# %% tags=["hide-input"]
table(
    [
        "λ",
        "grey costs, to λ = 1",
        "noise of a batch's gradient",
        "after dividing",
    ],
    rows,
)

# %% tags=["remove-input"]
say(r"""
The noise is how far the gradient of one batch of 32 lies from the mean of ten, on training
photos at the start. It is {noisier} times as much at 0.1 as at 1: the photos with small lambdas
would decide where everything goes. So each photo's loss is divided by what grey costs at its λ.
That is a constant of λ too, so no λ's best answer moves, and the noise is nearly the same for
all. At $\lambda = 1$ nothing is divided: there the loss is Eq. 1 to the last bit.
""")

# %% [markdown]
# ## Which lambdas to draw
#
# Evenly in λ, one photo in a hundred would have a lambda above 0.99, and the network at 1, which is
# to be as good as one that was trained for nothing else, would live on scraps. So a third of the
# photos have $\lambda = 1$, a third are drawn evenly in λ, and a third evenly in the second of the
# two numbers.

# %% tags=["hide-input"]
from colorlab.course.figures.lambda_curve import draw_figure
from colorlab.train.losses import draw_lambdas

torch.manual_seed(0)
show(
    draw_figure(draw_lambdas(30_000).numpy()),
    alt="Shares of the drawn lambdas: a third are 1, below it a peak that "
    "falls off quickly, then an even floor down to 0.1.",
)

# %% [markdown]
# ## Does it find the best answer? A doubt with a known one
#
# As in [Colour rebalancing](10_rebalancing.ipynb), three photos are faded three times in four, and
# nothing in the grey says when. The best answer to that doubt is the weighted mean of the two, for
# each λ another one, and it can be computed. There we fitted a network for each λ. Here one
# network sees all lambdas, drawn as above, with the loss above.

# %%
from colorlab.color import LAB
from colorlab.course import sample_batch

photos = sample_batch(size, "coffee", "flower", "astronaut")
luma, chroma = LAB.split(photos)
torch.manual_seed(0)
network = create_model("efficientnet_lite0_live", weights="encoder").train()
crowd = luma.repeat(
    4, 1, 1, 1
)  # each photo four times, each time with another lambda
truth = chroma.repeat(4, 1, 1, 1)
with torch.no_grad():
    taps = network.encode(crowd)

# %%
learning = [part for part in network.parameters() if part.requires_grad]
adam = torch.optim.Adam(learning, lr=2e-3)
slowing = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
for _ in range(steps):
    lam = draw_lambdas(len(crowd))
    answer = network.decode(taps, crowd, lam)
    value = 0.75 * loss(answer, truth / 5, lam) + 0.25 * loss(
        answer, truth, lam
    )
    adam.zero_grad()
    value.backward()
    adam.step()
    slowing.step()
network = network.eval()


# %% tags=["hide-input"]
def best_answer(lam):
    """The weighted mean of the faded and the vivid photo."""
    pale, vivid = (
        0.75 * loss.weights(chroma / 5, lam),
        0.25 * loss.weights(chroma, lam),
    )
    return (pale * chroma / 5 + vivid * chroma) / (pale + vivid)


lams = torch.tensor(
    [1.0, 0.99, 0.97, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
)
vivid = chroma.norm(dim=1).mean()

# %% tags=["hide-input"]
with torch.inference_mode():
    answers = [
        (best_answer(lam[None]), network(luma, lam[None])) for lam in lams
    ]
shares = [
    [float(x.norm(dim=1).mean() / vivid) for x in pair] for pair in answers
]
words = ("predicted", "learned")
for lam, pair in zip(lams.tolist(), shares, strict=True):
    note(
        {
            f"{what} {lam:g}": f"{share:.2f}"
            for what, share in zip(words, pair, strict=True)
        }
    )

# %% tags=["hide-input"]
predicted, learned = zip(*shares, strict=True)
curves = {"the best answer, computed": predicted, "the network's": learned}
labels = {"xlabel": "λ", "ylabel": "chroma / vivid photo's"}
figure = line_figure(
    lams,
    curves,
    lines=["-", "o--"],
    xlim=(1.02, 0.08),
    ylim=(0, 1.2),
    **labels,
)

# %% tags=["hide-input"]
show(
    figure,
    alt="Mean chroma over lambda: the computed best answer rises from 0.4 "
    "at lambda 1, steeply at first, and flattens near 0.9. The network's "
    "answer follows it down to lambda 0.8, then rises above it, past 1.",
)

# %% tags=["remove-input"]
say(r"""
At $\lambda = 1$ the best answer has {predicted 1} of the vivid photos' chroma, the network's
{learned 1}; at 0.9 it is {predicted 0.9} and {learned 0.9}. One network holds the curve, its
steep part too. At 0.1 it says {learned 0.1} where {predicted 0.1} would be best: there few
pixels set the pace and the rest follow late, and few of the drawn lambdas lie there.
""")

# %% [markdown]
# ## The long training, as recorded

# %% tags=["remove-cell"]
from colorlab.train.records import read_run

run = read_run("efficientnet_lite0_live")
note(steps=f"{run.config['length']['steps']:,}")

# %% tags=["remove-input"]
say(r"""
The network that comes with the package went on from the shipped head of Eq. 1, the last of
[EfficientNet: from recognition to colour](09_efficientnet.ipynb), for four epochs of 192 pixels.
What is it compared with? At $\lambda = 1$ with the head that it began as: that is what the
slider costs whoever stays at 1. At 0.9 and 0.5 with the runs of [Colour
rebalancing](10_rebalancing.ipynb): as many steps, {steps}, on smaller photos and from the
encoder on, though all of them with their own λ.
""")

# %% tags=["hide-input"]
from colorlab.course import ROWS, commands

commands([row for row in ROWS if row.loss == "live"])

# %%
from colorlab.course.figures.lambda_curve import curve_figure, read_curve

curve = read_curve()
show(
    curve_figure(curve),
    alt="Left: error over lambda, relative to grey, for the live network, "
    "for its answer at 1 saturated alike, and dots for three fixed "
    "networks. Right: mean chroma, which rises as lambda falls.",
)

# %% tags=["remove-cell"]
for lam, at in curve["at"].items():
    live_one, knob = at["live"], at["knob"]
    note(
        {f"over {lam}": f"{live_one['loss'] / at['fixed']['loss'] - 1:+.1%}"}
    )
    note(
        {
            f"knob mse {lam}": f"{knob['mse_to_grey'] / live_one['mse_to_grey'] - 1:+.1%}"
        }
    )
    note({f"knob {lam}": f"{knob['loss'] / live_one['loss'] - 1:+.1%}"})

# %% tags=["remove-cell"]
colours = np.array(curve["chroma_to_truth"])
rising = "rises" if all(np.diff(colours) > 0) else "does not rise"
note(
    rises=f"{rising} at each of the 18 steps",
    rank=f"{curve['rank_below_-0.95']:.1%}",
)
note(low=f"{colours[0]:.2f}", high=f"{colours[-1]:.2f}")
note(even=f"{np.interp(1, colours, curve['lambdas']):.2f}")

# %% tags=["hide-input"]
rows = []
for lam, at in curve["at"].items():
    losses = [at[which]["loss"] for which in ("fixed", "live")]
    chromas = [
        f"{at[which]['chroma_to_truth']:.2f}" for which in ("fixed", "live")
    ]
    price = f"{losses[1] / losses[0] - 1:+.1%}"
    rows.append((lam, *(f"{value:.5f}" for value in losses), price, *chromas))

# %% tags=["hide-input"]
head = [
    "λ",
    "loss, trained for this λ",
    "live",
    "difference",
    "chroma / truth, fixed",
    "live",
]
table(head, rows)

# %% tags=["remove-input"]
say(r"""
Losses are Eq. 1 and Eq. 2 on the scenes' test photos, each with its own weights, so compare
along a row alone. (Answers are scored before they are fitted to sRGB, so chroma is a little higher
than in Colour rebalancing.) Knowing all lambdas has its price at
$\lambda = 1$: {over 1}, against a head
that had all its steps for that; with one run of each, it is not much more than another seed may
do. Against the two others it is {over 0.9} and {over 0.5}. That flatters it, for it began with
what Eq. 1 had taught and saw larger photos. What the other lambdas cost it there, only a network
that was trained as long for one of them could tell.

The mean chroma of the test photos {rises} of 0.05 from $\lambda = 1$ to 0.1, from {low} of the
photos' own to {high}, and passes 1 near λ = {even}. It holds photo by photo, too: in {rank} of
them the rank correlation of λ and chroma is below −0.95.
""")

# %% [markdown]
# ## More than a saturation knob?

# %% tags=["remove-input"]
say(r"""
One could take the answer at $\lambda = 1$ and multiply its chroma. The dashed curve does that,
photo by photo, to the very colourfulness that the live network has. In Eq. 1 the two are nearly
alike: at 0.5 the knob's error is {knob mse 0.5} against the live network's. In Eq. 2 the knob's
loss is {knob 0.9} against the live network's at 0.9 and {knob 0.5} at 0.5. So λ decides *where*
colour goes: to what may be rare. At first sight the two pictures are hard to tell apart.
""")

# %% tags=["hide-input", "large"]
from colorlab.course.figures.lambda_curve import knob_figure

rows = []
for name in ("flower", "astronaut"):
    one = opened[name]
    plain, bold = one.chroma(1.0).float(), one.chroma(0.3).float()
    knob = plain * bold.norm(dim=0).mean() / plain.norm(dim=0).mean()
    gain = (128 * (bold.norm(dim=0) - knob.norm(dim=0))).numpy()
    rows.append((one.join(knob), one.preview(0.3), gain))
show(
    knob_figure(rows, ("λ = 1, saturated", "λ = 0.3", "chroma gained")),
    alt="Two photos, saturated to the colourfulness of lambda 0.3, and at "
    "lambda 0.3, with a map of the difference in chroma: lambda adds colour "
    "in some places and takes it from others.",
)

# %% [markdown]
# ## Where it fails
#
# Photos with a truth at hand, none of them trained on: the mean chroma at both ends of the slider,
# and the error of each in shares of grey's.

# %% tags=["hide-input"]
from torch.nn.functional import interpolate

from colorlab.course import to_tensor


def at_both_ends(name, photo):
    """Mean chroma: truth, at 1, at 0.1; errors over grey's."""
    one = opened.get(name) or LivePhoto(samples[name], live)
    seen = one.chroma(1.0).shape[1:]
    small = interpolate(photo, seen, mode="bilinear", antialias=True)
    pictures = [small, *(to_tensor(one.preview(lam)) for lam in (1.0, 0.1))]
    true, *found = (LAB.split(each)[1] for each in pictures)
    means = [float(128 * x.norm(dim=1).mean()) for x in (true, *found)]
    grey = true.square().mean()
    return means, [float((x - true).square().mean() / grey) for x in found]


# %% tags=["hide-input"]
ends = {k: at_both_ends(k, to_tensor(v)) for k, v in samples.items()}
rows = [
    (
        name,
        *(f"{mean:.1f}" for mean in means),
        *(f"{error:.2f}" for error in errors),
    )
    for name, (means, errors) in ends.items()
]
growth = {name: means[2] / means[1] for name, (means, _) in ends.items()}

# %% tags=["hide-input"]
least, most = min(growth, key=growth.get), max(growth, key=growth.get)
note(
    least=f"{least} ({growth[least]:.1f} times)",
    most=f"{most} ({growth[most]:.1f} times)",
)
head = [
    "photo",
    "C*, truth",
    "λ = 1",
    "λ = 0.1",
    "MSE / grey, λ = 1",
    "λ = 0.1",
]
table(head, rows)

# %% tags=["remove-input"]
say("""
- *More colour costs where it was not so.* For most of these photos the error at 0.1 is a multiple
  of that at 1, and for the one that is nearly grey by far the largest. Only the two most vivid
  photos lose nothing: there the rare colour was the true one.
- *It is still a mean.* A smaller λ moves the answer to a doubt towards the rarer colour. It does
  not choose one: a coat that may be red or blue becomes a stronger mixture of both.
- *λ does not mean the same for every photo.* From one end to the other the chroma grows least
  for {least}, and most for {most}. The weights, and so the meaning of 0.5, are those of the
  scenes that were counted ([Colour statistics](03_color_statistics.ipynb)).
- *Between the lambdas nobody checked.* The network saw all of them in training, but only at
  three there is another network to compare it with.
""")

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("live_lambda")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# A block has features $x$, and film gives one channel $\alpha = -1$, $\beta = 0.3$. What does the
# ReLU behind it answer where $x = 5$?
# ```

# %%
your_answer = None
check("11.1", your_answer)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# $(1 - 1) \cdot 5 + 0.3 = 0.3$, whatever $x$ is: with $\alpha = -1$ a channel is switched off and a
# constant takes its place.
# ```
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# Lambdas are drawn evenly from [0.1, 1] and nothing else. Of a batch of 32 photos, how many have a
# lambda above 0.9, on average?
# ```

# %%
your_count = None
check("11.2", your_count)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# $32 \cdot 0.1 / 0.9 = 3.6$. Yet this ninth of the range is where the weights part from 1 to a
# ratio of more than twenty.
# ```
#
# ```{admonition} Exercise 3 (hard)
# :class: tip
# Two colours are equally likely where the network can't tell, of chroma 10 and 50 in one
# direction. At which λ is the best answer 40, if the weights are $1 / ((1 - \lambda)\,P + \lambda)$
# with $P = 31$ for the pale colour and $P = 1$ for the vivid one?
# ```

# %%
your_lambda = None
check("11.3", your_lambda)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# The answer is 40 where the vivid colour weighs three times as much as the pale one: $(10 + 3 \cdot
# 50) / 4 = 40$. The vivid one's weight is 1 at every λ, so $31\,(1 - \lambda) + \lambda = 3$, and
# $\lambda = 28 / 30 = 0.933$.
# ```
#
# ```{admonition} Exercise 4 (open)
# :class: tip
# Take photos of your own and find, for each, the λ that you like best. Is it the same for portraits
# and landscapes? There is no number to check here: look, and argue.
# ```
#
# ## Summary

# %% tags=["remove-input"]
say(r"""
- One network can learn a family of losses if it is told which one counts.
- Film tells it in every block, for {more} more parameters; a plane at the decoder's entrance was
  hardly heard in one short epoch.
- The coordinate, the scale of the loss, and the draw were all chosen by where the loss changes:
  right below $\lambda = 1$.
- At $\lambda = 1$ it costs {over 1} of error against a network trained for that alone.
- λ is a little more than saturation: it puts colour where it may be rare. It makes nothing
  truer.
""")

# %% [markdown]
# **Read next.** Dosovitskiy and Djolonga (2020) train one network for a whole family of losses,
# for compression and style. [Which one is real?](18_human_test.ipynb) can ask people which λ they
# believe.
#
# Next: [A hint to the network](12_hint_to_the_network.ipynb), where a person has a say.
