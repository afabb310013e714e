# %% [markdown]
# # Colour rebalancing
#
# A network that is trained on squared error answers doubt with grey. The paper's remedy ([Lin and
# Ferreira, 2021](https://github.com/hanzhao/image-colorization)), after Zhang et al. (2016), is
# Eq. 2: an error at a pixel whose true colour is rare counts for more. The chapter on colour
# statistics made the weights; here they are put to work, and their price is measured.
#
# ```{admonition} Goals
# After this chapter you can
# - say what answer has the least *weighted* squared error, and compute it;
# - show which pixels of a photo pull harder, and check it with autograd;
# - fit a network to a doubt that you made yourself, and predict what it will say;
# - weigh what rebalancing gains in colour against what it costs in error;
# - tell why a weighted loss and an unweighted one must not stand in one column.
# ```
#
# Time: 50 minutes; the cells run in about a minute on two CPU cores. You need the chapter on
# colour statistics. With `data` set to a folder of photos the same notebook also trains `model`
# on them with the loss of Eq. 2; see the end.

# %% tags=["parameters"]
model = "efficientnet_lite0"  # what is fitted live and trained for real
data = ""  # a folder of photos, or a dataset's name; empty: only the live fit
epochs = 5  # of the real training
lam = 0.9  # of the real training's loss
device = "cpu"  # of the live fit
steps = 120  # of the live fit
size = 64  # of its pictures, a multiple of 32

# %%
import numpy as np
import torch

from colorlab.color import LAB
from colorlab.course import check, default_prior, note, say, show, use_style
from colorlab.machine import keep_freed_memory
from colorlab.train.losses import RebalancedMSE, chroma_mse

use_style()

# %%
keep_freed_memory()
prior = default_prior()
LAMBDAS = (1.0, 0.9, 0.5)
losses = {
    lambda_: RebalancedMSE(torch.from_numpy(prior.weights(lambda_)))
    for lambda_ in LAMBDAS
}

# %% [markdown]
# ## The best answer to a doubt
#
# A grey wall in a photo may be orange. Say that of four such walls three are pale, with $a^*, b^*$
# of (12, 16), and one is vivid, (45, 60). The network can't tell which it sees. Which chroma should
# it answer? The expected loss of an answer on the line between the two is a parabola, and so is the
# weighted one. Its minimum is the *weighted* mean,
#
# $$
# \hat y = \frac{\sum_k p_k\, v(c_k)\, c_k}{\sum_k p_k\, v(c_k)} ,
# $$
#
# where $p_k$ is the probability of the colour $c_k$, and $v(c_k)$ its weight in Eq. 2, larger the
# rarer the colour is in photos. At $\lambda = 1$ all weights are 1, and they differ the more the
# smaller λ is. The weights pull the answer towards the rare colour.

# %% tags=["hide-input"]
along = np.linspace(0, 80, 200)  # 20 is the pale colour, 75 the vivid one
curves, best = {}, {}
for lambda_ in LAMBDAS:
    weights = prior.weights(lambda_)
    pale, vivid = weights[128 + 12, 128 + 16], weights[128 + 45, 128 + 60]
    p, v = 0.75 * pale, 0.25 * vivid
    expected = p * (along - 20) ** 2 + v * (along - 75) ** 2
    answer = (p * 20 + v * 75) / (p + v)
    curves[f"λ = {lambda_:g}"] = expected / expected.min()
    best[answer] = lambda_
    note({f"best {lambda_:g}": f"{answer:.0f}"})
    note({f"ratio {lambda_:g}": f"{vivid / pale:.1f}"})

# %% tags=["hide-input"]
from colorlab.course import INK, line_figure

labels = {
    "xlabel": "chroma of the answer",
    "ylabel": "expected loss / its least",
}
figure = line_figure(along, curves, (7, 3.4), ylim=(0.2, 7), **labels)
axes = figure.axes[0]
axes.plot(list(best), np.ones(len(best)), "o", color=INK)
for place, name in ((20, "pale, 3 in 4"), (75, "vivid, 1 in 4")):
    axes.axvline(place, color=INK, linewidth=0.8)
    axes.text(place - 1, 0.45, name, ha="right")

# %% tags=["hide-input", "slide"]
alt = (
    "Three parabolas of expected loss over the chroma of the answer. The "
    "minimum moves from "
)
alt += (
    "near the pale colour at lambda 1 towards the vivid one at 0.9 and "
    "further at 0.5."
)
show(figure, alt)

# %% tags=["remove-input"]
say(r"""
Unweighted ($\lambda = 1$), the best answer has chroma {best 1}. With $\lambda = 0.9$ the vivid
colour weighs {ratio 0.9} times as much as the pale one, and the best answer is {best 0.9}; with
$\lambda = 0.5$ it is {ratio 0.5} times and {best 0.5}. Two things to keep in mind. The answer is
still a mean, the colour of neither wall. And it is farther than before from what most walls are:
three in four are pale.
""")

# %% [markdown]
# ### The doubt machine
#
# A balloon is red or blue, and the grey photo can't say which. Before you move anything: which
# answer has the least squared error, and has any balloon that colour? Drag A, B and their
# probability, then lower λ: the weighted mean goes to the colour that is rarer in photos, likely
# here or not, and remains a colour that no balloon has. The mode and the samples are real colours,
# and pay for it with a larger expected squared error than the mean's.

# %% tags=["twin"]
from IPython.display import HTML

from colorlab.course.widgets import doubt_machine

HTML(doubt_machine(prior))

# %% [markdown]
# ## Which pixels pull harder
#
# The gradient of Eq. 2 with respect to the answer at a pixel is $2 v (\hat y - y)$ over the number
# of values: the old gradient, times the weight. Autograd says the same:

# %%
from colorlab.course import sample_batch
from colorlab.prior.bins import chroma_bins


def weights_of(chroma, lambda_):
    """The weights (B, 1, H, W) of scaled chroma (B, 2, H, W)."""
    a, b = chroma_bins(chroma).unbind(1)
    return losses[lambda_].weights[a, b][:, None]


# %%
_, truth = LAB.split(sample_batch(size))
gradients = {}
for name, loss in (("plain", chroma_mse), ("weighted", losses[0.5])):
    answer = torch.zeros_like(truth, requires_grad=True)
    loss(answer, truth).backward()
    gradients[name] = answer.grad
far = truth.abs() > 0.05  # elsewhere a ratio of two tiny numbers says nothing
ratio = (gradients["weighted"] / gradients["plain"])[far]
error = (ratio - weights_of(truth, 0.5).expand_as(truth)[far]).abs().max()
note(autograd=f"{float(error):.0e}")

# %% tags=["remove-input"]
say("""
(The two differ by at most {autograd}.) So a picture of the weights is a picture of who pulls.
Purple pixels pull less than before, orange ones with dots more:
""")

# %% tags=["hide-input"]
from colorlab.course import photo_grid, sample_photos, to_tensor
from colorlab.course.widgets import draw_photo_map, shrink

samples = {photo.name: photo.rgb for photo in sample_photos()}
names = ["china", "astronaut", "flower"]
rows = []
for name in names:
    small = shrink(samples[name], 100)  # so that dots can be seen
    _, chroma = LAB.split(to_tensor(small))
    maps = [
        weights_of(chroma, lambda_)[0, 0].double().numpy()
        for lambda_ in (0.9, 0.5)
    ]
    rows.append([samples[name], *map(draw_photo_map, maps)])

# %% tags=["hide-input", "large"]
figure = photo_grid(
    rows, columns=["photo", "λ = 0.9", "λ = 0.5"], labels=names, height=2.3
)
alt = (
    "Three photos and maps of their pixels' weights. Grey walls, haze and "
    "skin are purple, "
)
alt += (
    "below 1; the suit, foliage in sun, and flowers are orange with dots, "
    "above 1."
)
show(figure, alt)

# %% tags=["hide-input"]
from colorlab.course import table

rows = []
strong = truth.norm(dim=1, keepdim=True) * 128 > 30

# %% tags=["hide-input"]
for lambda_ in LAMBDAS:
    v = weights_of(truth, lambda_)
    pull = (v * truth.norm(dim=1, keepdim=True)).flatten()
    share = float(pull[strong.flatten()].sum() / pull.sum())
    rows.append(
        (
            f"{lambda_:g}",
            f"{float((v > 1).float().mean()):.0%}",
            f"{share:.0%}",
        )
    )
note(strong=f"{float(strong.float().mean()):.0%}")
table(["λ", "pixels with v > 1", "pull of the pixels with C* > 30"], rows)

# %% tags=["remove-input"]
say("""
On all sample photos, from the answer grey: the pixels with a chroma above 30 are {strong} of
all, and the last column is their share of the sum of all gradients.
""")

# %% [markdown]
# ## A doubt of our own making, live
#
# On photos that are overfitted there is no doubt, and without doubt a weight changes only the pace:
# every loss has its minimum at the truth. So we make one. Three photos are shown to the network as
# grey; the truth is, three times in four, a *faded* print of the photo, with a fifth of its chroma,
# and once the photo itself. Nothing in the grey says which. The formula above predicts, pixel by
# pixel, what a network that has learned all there is will say.

# %%
from colorlab.course import create_model, overfit

photos = sample_batch(size, "coffee", "flower", "astronaut").to(device)
_, chroma = LAB.split(photos)


def doubtful(loss):
    """The loss of a photo that is faded three times in four."""
    return lambda answer, truth: (
        0.75 * loss(answer, truth / 5) + 0.25 * loss(answer, truth)
    )


# %%
def best_answer(lambda_):
    """The weighted mean of the faded and the vivid photo."""
    pale = 0.75 * weights_of(chroma.cpu() / 5, lambda_).to(device)
    vivid = 0.25 * weights_of(chroma.cpu(), lambda_).to(device)
    return (pale * chroma / 5 + vivid * chroma) / (pale + vivid)


# %%
networks, predicted = {}, {}
for lambda_ in LAMBDAS:
    predicted[lambda_] = best_answer(lambda_)
    torch.manual_seed(0)
    networks[lambda_] = create_model(model, weights="encoder").to(device)
    overfit(
        networks[lambda_], photos, steps, doubtful(losses[lambda_].to(device))
    )

# %%
rows = []
grey = doubtful(chroma_mse)(chroma * 0, chroma)
for lambda_, network in networks.items():
    with torch.inference_mode():
        answer = network(LAB.luma(photos))
    parts = (predicted[lambda_], answer, chroma)
    amounts = [float(x.norm(dim=1).mean()) for x in parts]
    shares = [f"{amount / amounts[2]:.2f}" for amount in amounts[:2]]
    error = float(doubtful(chroma_mse)(answer, chroma) / grey)
    rows.append((f"{lambda_:g}", *shares, f"{error:.2f}"))
    note({f"predicted {lambda_:g}": shares[0]})
    note({f"learned {lambda_:g}": shares[1]})

# %% tags=["hide-input"]
from colorlab.course import colorize_batch, to_pictures

columns = [
    "faded, 3 in 4",
    *(f"λ = {lambda_:g}" for lambda_ in LAMBDAS),
    "vivid, 1 in 4",
]
learned = [colorize_batch(network, photos) for network in networks.values()]
faded = LAB.merge(LAB.luma(photos), chroma / 5)
pictures = [to_pictures(batch) for batch in (faded, *learned, photos)]

# %% tags=["hide-input", "slide", "large"]
show(
    photo_grid(
        list(zip(*pictures, strict=True)), columns=columns, height=1.9
    ),
    alt="Three photos in rows: faded, as learned with lambda 1, 0.9 and "
    "0.5, and as taken. The smaller lambda is, the more vivid the answer.",
)

# %%
table(
    ["λ", "chroma / vivid, predicted", "learned", "expected MSE / grey"], rows
)

# %% tags=["remove-input"]
say(r"""
This is what the paper saw, made to order. With $\lambda = 1$ the answer is dull: {learned 1} of
the vivid photo's chroma, where the formula says {predicted 1} ($0.75 \cdot 0.2 + 0.25$). With
0.9 it is {learned 0.9} (predicted {predicted 0.9}), with 0.5 {learned 0.5} ({predicted 0.5}).
Where it is above the prediction the fit has not settled: under heavy weights the vivid pixels set
the pace, and the nearly grey ones lose their tint late. And the last column is the price. The
answer with the least
*expected* error is the dull one; whoever asks for more colour pays for it in this number.
""")

# %% [markdown]
# ## Five photos, from real training
#
# Now the heads that come with the package. The rebalanced one had the recipe `scenes` and no more;
# the plain one went on from there for some epochs, so compare their looks here and their numbers
# below, where runs of equal length stand side by side.

# %%
from colorlab.course import colorize_rgb, load_model, read_card

heads = {"λ = 1": "efficientnet_lite0"}
card = read_card("efficientnet_lite0_rebalanced")
if card:
    heads[f"λ = {card['recipe']['lam']:g}"] = "efficientnet_lite0_rebalanced"
trained = {title: load_model(name) for title, name in heads.items()}
ours = {
    title: {name: colorize_rgb(rgb, network) for name, rgb in samples.items()}
    for title, network in trained.items()
}

# %% tags=["large"]
shown = ["china", "flower", "chelsea", "astronaut", "coffee"]
rows = [
    [*(ours[title][name] for title in heads), samples[name]] for name in shown
]
show(
    photo_grid(rows, columns=[*heads, "truth"], labels=shown, height=1.7),
    alt="Five photos in rows, coloured by the network trained on plain "
    "squared error, by the rebalanced one, and as taken.",
)

# %% tags=["hide-input"]
rows = []
for title, name in heads.items():
    facts = read_card(name)
    errors = facts["scores"]
    numbers = (
        f"{errors['mse_to_grey']:.3f}",
        f"{errors['chroma_to_truth']:.2f}",
    )
    rows.append((title, facts["loss"], f"{facts['steps']:,}", *numbers))
table(
    ["head", "loss", "steps", "MSE / grey, test", "chroma / truth, test"],
    rows,
)


# %% tags=["hide-input"]
def chroma_of(pictures):
    """C* of every fourth pixel of the shown photos."""
    parts = [
        LAB.split(to_tensor(pictures[name][::2, ::2]))[1] for name in shown
    ]
    return np.concatenate(
        [128 * part.norm(dim=1).flatten().numpy() for part in parts]
    )


chromas = {
    title: chroma_of(pictures)
    for title, pictures in {"truth": samples, **ours}.items()
}

# %% tags=["hide-input"]
edges = np.arange(0, 101, 5)
counted = {
    title: np.histogram(c, edges)[0] / len(c) for title, c in chromas.items()
}
curves = {
    title: np.append(100 * share + 0.01, 0.01)
    for title, share in counted.items()
}

# %% tags=["hide-input"]
labels = {"xlabel": "chroma C*", "ylabel": "% of pixels", "yscale": "log"}
figure = line_figure(edges, curves, (7, 3.4), ylim=(0.05, 60), **labels)
for line in figure.axes[0].lines:
    line.set_drawstyle("steps-post")
figure.axes[0].set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
alt = (
    "Shares of pixels by chroma on a log scale. The true photos reach far "
    "out; the network "
)
alt += (
    "trained on plain squared error stops much earlier, the rebalanced one "
    "earlier still, with fewer greys and more in between."
)
show(figure, alt)

# %% [markdown]
# The histogram is of these five photos. Rebalancing is meant to lift its right-hand side, the
# vivid pixels that plain squared error seldom dares. What does it lift?

# %%
rows = []
for title, values in chromas.items():
    parts = (values < 5, (values >= 5) & (values <= 50), values > 50)
    rows.append((title, *(f"{part.mean():.1%}" for part in parts)))
table(["pixels of", "C* below 5", "5 to 50", "above 50"], rows)

# %% [markdown]
# In these two heads it lifts the middle, and the greys go missing: a backdrop and haze that are
# grey in truth get a tint. But the two are not equals: the first was trained on for more steps.
# Compare
# one network with itself. The one of [Lambda, live](11_live_lambda.ipynb) takes λ as an input, and
# the rest stays.

# %%
from colorlab.models.live import at_lambda

live, rows = load_model("efficientnet_lite0_live"), []
for lambda_ in (1, 0.9, 0.5):
    network = at_lambda(live, lambda_)
    values = chroma_of(
        {name: colorize_rgb(samples[name], network) for name in shown}
    )
    parts = (values < 5, (values >= 5) & (values <= 50), values > 50)
    title = f"one network, λ = {lambda_}"
    rows.append((title, *(f"{part.mean():.1%}" for part in parts)))

# %%
parts = [
    part.mean() for part in (chromas["truth"] < 5, chromas["truth"] > 50)
]
rows.append(
    ("truth", f"{parts[0]:.1%}", f"{1 - sum(parts):.1%}", f"{parts[1]:.1%}")
)
table(["pixels of", "C* below 5", "5 to 50", "above 50"], rows)

# %% [markdown]
# In one network the vivid pixels come as λ falls, and the greys go at the same time: both sides of
# the distribution move. (It began as the first of the two heads, so it had more of everything than
# the short training: steps, larger photos, and what Eq. 1 had taught.) A mean
# chroma near the truth's is still *not* the truth's distribution: a weighted mean of what is
# possible leaves grey wherever some colour is possible.
#
# ## The price, as recorded
#
# All rows below were trained on the same photos, and for the same number of steps but for those
# that say "more"; another seed is another random start and order. A lower error and a chroma near 1
# are both good, and no network has both.

# %%
from colorlab.course import rows_of, score_table

chapter = rows_of("efficientnet_lite0", "efficientnet_b7")
score_table(chapter)

# %% tags=["hide-input"]
from colorlab.course import read_scores, tradeoff_figure

points = {}
for row in chapter:
    found = (read_scores(row.name) or {}).get("test") if row.name else None
    if found:
        points[row.title] = (found["chroma_to_truth"], found["mse_to_grey"])
show(
    tradeoff_figure(points),
    alt="Error over colourfulness for the recorded runs. Those of lambda 1 "
    "are left of the truth and low, those of 0.9 right of it and higher; 0.5 "
    "is far to the right, above grey.",
)

# %% tags=["hide-input"]
from colorlab.course import recorded_figure

runs = {
    row.name: row.title.removeprefix("EfficientNet-")
    for row in chapter
    if row.name
}
alt = (
    "Error and colourfulness on validation photos by epoch, a line a run; "
    "runs that went on from another are counted from 1 again."
)
show(recorded_figure(runs), alt)

# %%
from colorlab.course import recorded_score

rows = []
for lambda_, ending in {
    "1": "mse",
    "0.9": "rebalanced09",
    "0.5": "rebalanced05",
}.items():
    run = f"efficientnet_lite0_{ending}_seed0"
    measures = ("mse_to_grey", "chroma_to_truth")
    rows.append(
        (lambda_, *(recorded_score(run, measure) for measure in measures))
    )
table(["λ, seed 0", "MSE / grey", "chroma / truth"], rows)

# %% [markdown]
# This small table is the chapter in three lines. A chroma above 1 is no success either: colours
# that are too strong are as wrong as dull ones, and easier to notice. One command a row makes
# these runs (the recipe adds a last epoch to `--epochs`):

# %%
from colorlab.course import commands

commands(chapter)

# %% [markdown]
# ## Two losses in one column
#
# Here are the same answers on the nine sample photos, under three losses:

# %%
whole = sample_batch(224)
_, target = LAB.split(whole)
answers = {"grey": torch.zeros_like(target)}
with torch.inference_mode():
    answers |= {
        title: network(LAB.luma(whole)) for title, network in trained.items()
    }
rows = [
    (
        name,
        *(f"{float(loss(answer, target)):.4f}" for loss in losses.values()),
    )
    for name, answer in answers.items()
]
table(["answer", "Eq. 1", "Eq. 2, λ = 0.9", "Eq. 2, λ = 0.5"], rows)

# %% [markdown]
# One answer, three numbers: a column can be compared, a row can't. Even under Eq. 2 the head that
# was trained with it is behind here, for the other one was trained longer: the columns rank these
# two heads, and not the losses. And the photos matter: these are far more colourful than the
# scenes' test photos above, so dull answers cost more here, and boldness less.
#
# In the paper's table the model with rebalancing has **0.5848**, where the others have 0.0075 and
# 0.0082. Is this a weighted loss in an unweighted column? The weights average 1 over the pixels
# that were counted, so a weighted loss stays near the size of a plain one. How near? On the pixels
# of the scenes' prior grey costs:

# %%
a, b = np.mgrid[-128:128, -128:128]
squared = (a**2 + b**2) / 2 / 128**2
costs = {
    f"{x:g}": float((prior.pmf * prior.weights(x) * squared).sum())
    for x in LAMBDAS
}
note(factor=f"{costs['0.9'] / costs['1']:.1f}")
table(
    ["λ", "loss of grey on the scenes' pixels"],
    [(k, f"{x:.4f}") for k, x in costs.items()],
)

# %% tags=["remove-input"]
say("""
A factor of {factor} at the paper's λ, not of 78. So Eq. 2 does not explain the number, and
neither does what rebalancing costs in Eq. 1, as recorded above. [Results, and an audit of the
paper's table](17_results.ipynb) goes through what else it could be.
""")

# %% [markdown]
# ## The real training, from here
#
# Run this notebook with a folder of photos, and it trains with Eq. 2:
# `papermill notebooks/10_rebalancing.ipynb out.ipynb -p data scenes -p epochs 5 -p lam 0.5`. The
# run's folder under `runs/` has log and weights; the curve below appears. The loss's weights are
# those of the prior that comes with the package. Without `data` nothing is trained here. A GPU is
# used where there is one.

# %%
from colorlab.course import train_for_real, validation_figure

if data:
    run = train_for_real(model, data, epochs, "rebalanced", lam)
    figure = validation_figure({f"{model}, λ = {lam:g}": run})
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

quick_questions("rebalancing")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# A colour of chroma 10 has probability 0.9 and weight 0.5; one of chroma 60 in the same direction
# has probability 0.1 and weight 4.5. Which chroma has the least expected weighted squared error?
# ```

# %%
your_chroma = None
check("10.1", your_chroma)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# Both weigh $0.45$, so it is halfway: 35. Unweighted it is 15. The network shows a colour that it
# never saw.
# ```
#
# ```{admonition} Exercise 2 (medium)
# :class: tip
# Add a positive constant to all weights, or multiply all by one: which of the two changes the best
# answer? Say "adding" or "multiplying".
# ```

# %%
your_word = None
check("10.2", your_word)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# A common factor cancels in the weighted mean (it only changes the loss's scale). Adding a
# constant makes the weights more alike, and draws the answer back towards the plain mean. That is
# just what a larger λ does.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# In the doubt above, three prints in four are faded to a fifth. To which fraction of the vivid
# chroma would the answer tend if a vivid pixel weighed ten times as much as a faded one?
# ```

# %%
your_fraction = None
check("10.3", your_fraction)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# $(0.75 \cdot 0.2 + 2.5) / (0.75 + 2.5) = 0.815$.
# ```
#
# ```{admonition} Exercise 4 (medium)
# :class: tip
# Write the best answer to any doubt: `p` are the probabilities of K colours, (K,), `v` their
# weights, (K,), and `c` their $(a^*, b^*)$, (K, 2), all NumPy arrays. Which (a\*, b\*), (2,), has
# the least expected weighted squared error?
# ```


# %%
def answer_to(p, v, c):
    """The weighted mean of the colours."""


check("10.4", answer_to)

# %% [markdown]
# ````{admonition} Solution 4
# :class: dropdown
# ```python
# def answer_to(p, v, c):
#     return (p * v) @ c / (p @ v)
# ```
# ````
#
# ```{admonition} Exercise 5 (open)
# :class: tip
# Without another training, one can simply multiply the chroma of the $\lambda = 1$ network by a
# factor so that its mean chroma is that of the truth. What does this do that rebalancing doesn't,
# and the other way round? Try it on a few photos. There is no number to check here: look, and
# argue.
# ```
#
# ## Summary
#
# - Eq. 2 doesn't make a network bolder where it is sure; it moves the mean with which it answers a
#   doubt, towards the rare colour.
# - What it will say can be computed, and a live fit to a doubt of our own making says it.
# - The price is paid in Eq. 1, and there is no way around it: the plain mean is the minimum.
# - The mean chroma rises to the truth's and beyond: vivid pixels come, and greys get a tint.
# - Losses with different weights can't be compared; the paper's 0.5848 is not explained by them.
#
# **Read next.** Zhang et al. (2016) answer a doubt with a distribution over colours instead of one
# number; [Colour statistics](03_color_statistics.ipynb) has where the weights come from.
#
# Next: [Lambda, live](11_live_lambda.ipynb), one network for every λ.
