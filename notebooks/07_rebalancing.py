# %% [markdown]
# # Colour rebalancing
#
# A network that is trained on squared error answers doubt with grey. The paper's remedy
# {cite:p}`lin2021automated`, after Zhang et al. {cite:p}`zhang2016colorful`, is Eq. 2: an error at
# a pixel whose true colour is rare counts for more. The chapter on colour statistics made the
# weights; here they are put to work, and their price is measured.
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
model = "efficientnet_lite0"  # what is fitted live, and what the real training trains
data = ""  # a folder of photos (or a dataset's name) to train on; empty: only the live fit
epochs = 5  # of the real training
lam = 0.9  # of the real training's loss
device = "cpu"  # of the live fit
steps = 120  # of the live fit
size = 64  # of its pictures, a multiple of 32

# %%
import numpy as np
import torch
from matplotlib.figure import Figure
from myst_nb import glue

from colorlab import create_model
from colorlab.color import LAB
from colorlab.course.exercises import check
from colorlab.course.figures.base import BLUE, GREEN, INK, ORANGE, photo_grid, show, use_style
from colorlab.course.figures.training import recorded_figure, tradeoff_figure, validation_figure
from colorlab.course.lessons import as_photos, fit_by_heart, recolor, sample_batch, train_for_real
from colorlab.course.results import ROWS, commands, read_scores, score, score_table
from colorlab.course.tables import table
from colorlab.course.widgets.weight_view import draw_photo_map
from colorlab.data.batches import sample_photos
from colorlab.inference.colorize import colorize_rgb, load_model
from colorlab.machine import keep_freed_memory
from colorlab.models import read_card
from colorlab.prior.prior import chroma_bins, default_prior
from colorlab.train.losses import RebalancedMSE, chroma_mse

use_style()
keep_freed_memory()
samples = {photo.name: photo.rgb for photo in sample_photos()}
prior = default_prior()
LAMBDAS = (1.0, 0.9, 0.5)
losses = {lambda_: RebalancedMSE(torch.from_numpy(prior.weights(lambda_))) for lambda_ in LAMBDAS}


def to_tensor(picture):
    """uint8 (H, W, 3) to float (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255


def weights_of(chroma, lambda_):
    """The weight of each pixel of scaled chroma (B, 2, H, W), as (B, 1, H, W)."""
    a, b = chroma_bins(chroma).unbind(1)
    return losses[lambda_].weights[a, b][:, None]


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
# and the weights pull it towards the rare colour.

# %% tags=["hide-input"]
pale, vivid = np.array([12.0, 16.0]), np.array([45.0, 60.0])
along = np.linspace(0, 80, 200)
figure = Figure(figsize=(7, 3.4), layout="constrained")
axes = figure.subplots()
for lambda_, line, color in zip(LAMBDAS, ("-", "--", ":"), (BLUE, ORANGE, GREEN), strict=True):
    v = [prior.weights(lambda_)[tuple((c + 128).astype(int))] for c in (pale, vivid)]
    expected = 0.75 * v[0] * (along - 20) ** 2 + 0.25 * v[1] * (along - 75) ** 2
    best = (0.75 * v[0] * 20 + 0.25 * v[1] * 75) / (0.75 * v[0] + 0.25 * v[1])
    axes.plot(along, expected / expected.min(), line, color=color, label=f"λ = {lambda_:g}")
    axes.plot(best, 1, "o", color=color)
    glue(f"best {lambda_:g}", f"{best:.0f}", display=False)
    glue(f"ratio {lambda_:g}", f"{v[1] / v[0]:.1f}", display=False)
for place, name in ((20, "pale, 3 in 4"), (75, "vivid, 1 in 4")):
    axes.axvline(place, color=INK, linewidth=0.8)
    axes.text(place - 1, 0.45, name, ha="right")
axes.set(xlabel="chroma of the answer", ylabel="expected loss / its least", ylim=(0.2, 7))
axes.legend(loc="upper center")
show(
    figure,
    alt="Three parabolas of expected loss over the chroma of the answer. The minimum moves from "
    "near the pale colour at lambda 1 towards the vivid one at 0.9 and further at 0.5.",
)

# %% [markdown]
# Unweighted ($\lambda = 1$), the best answer has chroma {glue:text}`best 1`. With $\lambda = 0.9$
# the vivid colour weighs {glue:text}`ratio 0.9` times as much as the pale one, and the best answer
# is {glue:text}`best 0.9`; with $\lambda = 0.5$ it is {glue:text}`ratio 0.5` times and
# {glue:text}`best 0.5`. Two things to keep in mind. The answer is still a mean, the colour of
# neither wall. And it is *wrong* more often than before: three walls in four are pale.
#
# ## Which pixels pull harder
#
# The gradient of Eq. 2 with respect to the answer at a pixel is $2 v (\hat y - y)$ over the number
# of values: the old gradient, times the weight. Autograd says the same:

# %%
batch = sample_batch(size)
_, truth = LAB.split(batch)
gradients = {}
for name, loss in (("plain", chroma_mse), ("weighted", losses[0.5])):
    answer = torch.zeros_like(truth, requires_grad=True)
    loss(answer, truth).backward()
    gradients[name] = answer.grad
far = truth.abs() > 0.05  # elsewhere a ratio of two tiny numbers says nothing
ratio = (gradients["weighted"] / gradients["plain"])[far]
error = (ratio - weights_of(truth, 0.5).expand_as(truth)[far]).abs().max()
glue("autograd", f"{float(error):.0e}", display=False)

# %% [markdown]
# (The two differ by at most {glue:text}`autograd`.) So a picture of the weights is a picture of who
# pulls. Purple pixels pull less than before, orange ones with dots more:

# %% tags=["hide-input"]
names = ["china", "astronaut", "flower"]
rows = []
for name in names:
    _, chroma = LAB.split(to_tensor(samples[name]))
    maps = [weights_of(chroma, lambda_)[0, 0].double().numpy() for lambda_ in (0.9, 0.5)]
    rows.append([samples[name], *map(draw_photo_map, maps)])
show(
    photo_grid(rows, columns=["photo", "λ = 0.9", "λ = 0.5"], labels=names, height=2.3),
    alt="Three photos and maps of their pixels' weights. Grey walls, haze and skin are purple, "
    "below 1; the suit, foliage in sun, and flowers are orange with dots, above 1.",
)

# %% tags=["hide-input"]
rows = []
strong = truth.norm(dim=1, keepdim=True) * 128 > 30
for lambda_ in LAMBDAS:
    v = weights_of(truth, lambda_)
    pull = (v * truth.norm(dim=1, keepdim=True)).flatten()
    share = float(pull[strong.flatten()].sum() / pull.sum())
    rows.append((f"{lambda_:g}", f"{float((v > 1).float().mean()):.0%}", f"{share:.0%}"))
glue("strong", f"{float(strong.float().mean()):.0%}", display=False)
table(["λ", "pixels with v > 1", "pull of the pixels with C* > 30"], rows)

# %% [markdown]
# On all sample photos, from the answer grey: the pixels with a chroma above 30 are
# {glue:text}`strong` of all, and the last column is their share of the sum of all gradients.
#
# ## A doubt of our own making, live
#
# On photos learned by heart there is no doubt, and without doubt a weight changes only the pace:
# every loss has its minimum at the truth. So we make one. Three photos are shown to the network as
# grey; the truth is, three times in four, a *faded* print of the photo, with a fifth of its chroma,
# and once the photo itself. Nothing in the grey says which. The formula above predicts, pixel by
# pixel, what a network that has learned all there is will say.

# %%
photos = sample_batch(size, "coffee", "flower", "astronaut").to(device)
_, chroma = LAB.split(photos)


def doubtful(loss):
    """The loss of a photo that is faded three times in four."""
    return lambda answer, truth: 0.75 * loss(answer, truth / 5) + 0.25 * loss(answer, truth)


def colourfulness(answer):
    """Mean chroma over that of the photos."""
    return float(answer.norm(dim=1).mean() / chroma.norm(dim=1).mean())


learned, curves, rows = {}, {}, []
for lambda_ in LAMBDAS:
    pale_v = 0.75 * weights_of(chroma.cpu() / 5, lambda_).to(device)
    vivid_v = 0.25 * weights_of(chroma.cpu(), lambda_).to(device)
    predicted = (pale_v * chroma / 5 + vivid_v * chroma) / (pale_v + vivid_v)
    torch.manual_seed(0)
    network = create_model(model, weights="encoder").to(device)
    loss = doubtful(losses[lambda_].to(device))
    curves[lambda_] = fit_by_heart(network, photos, steps, loss)
    with torch.inference_mode():
        answer = network(LAB.luma(photos))
    learned[lambda_] = recolor(network, photos)
    row = (colourfulness(predicted), colourfulness(answer))
    error = float(doubtful(chroma_mse)(answer, chroma) / doubtful(chroma_mse)(chroma * 0, chroma))
    rows.append((f"{lambda_:g}", *(f"{value:.2f}" for value in row), f"{error:.2f}"))
    glue(f"predicted {lambda_:g}", f"{row[0]:.2f}", display=False)
    glue(f"learned {lambda_:g}", f"{row[1]:.2f}", display=False)

# %% tags=["hide-input"]
columns = ["faded, 3 in 4", *(f"λ = {lambda_:g}" for lambda_ in LAMBDAS), "vivid, 1 in 4"]
faded = LAB.merge(LAB.luma(photos), chroma / 5)
answers = [as_photos(x) for x in (faded, *learned.values(), photos)]
rows_of_photos = [[column[i] for column in answers] for i in range(len(photos))]
show(
    photo_grid(rows_of_photos, columns=columns, height=1.9),
    alt="Three photos in rows: faded, as learned with lambda 1, 0.9 and 0.5, and as taken. The "
    "smaller lambda is, the more vivid the answer.",
)

# %%
table(["λ", "chroma / vivid, predicted", "learned", "expected MSE / grey"], rows)

# %% [markdown]
# This is what the paper saw, made to order. With $\lambda = 1$ the answer is dull:
# {glue:text}`learned 1` of the vivid photo's chroma, where the formula says
# {glue:text}`predicted 1` ($0.75 \cdot 0.2 + 0.25$). With 0.9 it is {glue:text}`learned 0.9`
# (predicted {glue:text}`predicted 0.9`), with 0.5 {glue:text}`learned 0.5`
# ({glue:text}`predicted 0.5`). Where it is off the prediction the fit has not settled: under heavy
# weights few pixels set the pace, and the rest follow late. And the last column is the price. The
# answer with the least *expected* error is the dull one; whoever asks for more colour pays for it
# in this number.
#
# ## The same photo, from long training
#
# Now the heads that come with the package. The rebalanced one had the recipe `scenes` and no more;
# the plain one went on from there for some epochs, so compare their looks here and their numbers
# below, where runs of equal length stand side by side.

# %%
heads = {"λ = 1": "efficientnet_lite0"}
card = read_card("efficientnet_lite0_rebalanced")
if card:
    heads[f"λ = {card['recipe']['lam']:g}"] = "efficientnet_lite0_rebalanced"
trained = {title: load_model(name) for title, name in heads.items()}
shown = ["china", "flower", "chelsea", "astronaut", "coffee"]
ours = {
    title: {name: colorize_rgb(samples[name], network) for name in samples}
    for title, network in trained.items()
}
rows = [[*(ours[title][name] for title in heads), samples[name]] for name in shown]
show(
    photo_grid(rows, columns=[*heads, "truth"], labels=shown, height=2.2),
    alt="Five photos in rows, coloured by the network trained on plain squared error, by the "
    "rebalanced one, and as taken.",
)

# %% tags=["hide-input"]
rows = []
for title, name in heads.items():
    facts = read_card(name)
    numbers = facts["scores"]
    rows.append(
        (
            title,
            facts["loss"],
            f"{facts['steps']:,}",
            f"{numbers['mse_to_grey']:.3f}",
            f"{numbers['chroma_to_truth']:.2f}",
        )
    )
table(["head", "loss", "steps", "MSE / grey, test", "chroma / truth, test"], rows)


# %% tags=["hide-input"]
def chroma_of(picture):
    """C* of every fourth pixel."""
    _, scaled = LAB.split(to_tensor(np.ascontiguousarray(picture[::2, ::2])))
    return 128 * scaled.norm(dim=1).flatten().numpy()


edges = np.arange(0, 101, 5)
distributions = {"truth": samples, **ours}
figure = Figure(figsize=(7, 3.4), layout="constrained")
axes = figure.subplots()
lines = zip(distributions.items(), ("-", "--", ":"), (INK, BLUE, ORANGE), strict=False)
for (title, pictures), line, color in lines:
    values = np.concatenate([chroma_of(pictures[name]) for name in shown])
    found = np.histogram(values, edges)[0] / len(values)
    axes.stairs(100 * found + 0.01, edges, linestyle=line, color=color, linewidth=2, label=title)
axes.set(xlabel="chroma C*", ylabel="% of pixels", yscale="log", ylim=(0.05, 60))
axes.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
axes.legend()
show(
    figure,
    alt="Shares of pixels by chroma on a log scale. The true photos reach far out; the network "
    "trained on plain squared error stops much earlier.",
)

# %% [markdown]
# The histogram is of these five photos. Rebalancing is meant to lift its right-hand side, the
# vivid pixels that plain squared error never dares. What does it lift?

# %%
rows = []
for title, pictures in distributions.items():
    values = np.concatenate([chroma_of(pictures[name]) for name in shown])
    parts = (values < 5, (values >= 5) & (values <= 50), values > 50)
    rows.append((title, *(f"{part.mean():.1%}" for part in parts)))
table(["pixels of", "C* below 5", "5 to 50", "above 50"], rows)

# %% [markdown]
# It lifts the middle. Truly vivid pixels stay missing, and the greys go missing too: walls and
# haze that are grey in truth get a tint. A mean chroma near the truth's is *not* the truth's
# distribution. The formula said as much: a weighted mean of what is possible is still a mean, so
# it never reaches the rare vivid colour, and it leaves grey wherever some colour is possible.
#
# ## The price, as recorded
#
# All rows below were trained on the same photos, and for the same number of steps but for those
# that say "more"; another seed is another random start and order. A lower error and a chroma near 1
# are both good, and no network has both.

# %%
rows = [row for row in ROWS if row.model in ("efficientnet_lite0", "efficientnet_b7")]
score_table(rows)

# %% tags=["hide-input"]
points = {}
for row in rows:
    found = (read_scores(row.name) or {}).get("test") if row.name else None
    if found:
        points[row.title] = (found["chroma_to_truth"], found["mse_to_grey"])
show(
    tradeoff_figure(points),
    alt="Error over colourfulness for the recorded runs, between grey at the upper left and the "
    "truth at the lower right.",
)

# %% tags=["hide-input"]
runs = {row.name: row.title.removeprefix("EfficientNet-") for row in rows if row.name}
show(
    recorded_figure(runs),
    alt="Error and colourfulness on validation photos by epoch, a line a run.",
)

# %%
name = "efficientnet_lite0_{}_seed0"
measures = {"MSE / grey": "mse_to_grey", "chroma / truth": "chroma_to_truth"}
endings = {"1": "mse", "0.9": "rebalanced09", "0.5": "rebalanced05"}
table(
    ["λ, seed 0", *measures],
    [
        (lambda_, *(score(name.format(ending), measure) for measure in measures.values()))
        for lambda_, ending in endings.items()
    ],
)

# %% [markdown]
# This small table is the chapter in three lines. A chroma above 1 is no success either: colours
# that are too strong are as wrong as dull ones, and easier to notice. One command a row makes
# these runs:

# %%
commands(rows)

# %% [markdown]
# ## Two losses in one column
#
# Here are the same answers on the nine sample photos, under three losses:

# %%
whole = sample_batch(224)
_, target = LAB.split(whole)
answers = {"grey": torch.zeros_like(target)}
with torch.inference_mode():
    answers |= {title: network(LAB.luma(whole)) for title, network in trained.items()}
rows = [
    (name, *(f"{float(loss(answer, target)):.4f}" for loss in losses.values()))
    for name, answer in answers.items()
]
table(["answer", "Eq. 1", "Eq. 2, λ = 0.9", "Eq. 2, λ = 0.5"], rows)

# %% [markdown]
# One answer, three numbers: a column can be compared, a row can't. And the photos matter: these are
# far more colourful than the scenes' test photos above, so dull answers cost more here, and
# boldness less.
#
# In the paper's table the model with rebalancing has **0.5848**, where the others have 0.0075 and
# 0.0082. Is this a weighted loss in an unweighted column? The weights average 1 over the pixels
# that were counted, so a weighted loss keeps the size of a plain one. On the pixels of the scenes'
# prior grey costs:

# %%
a, b = np.mgrid[-128:128, -128:128]
squared = (a**2 + b**2) / 2 / 128**2
costs = {f"{x:g}": float((prior.pmf * prior.weights(x) * squared).sum()) for x in LAMBDAS}
glue("factor", f"{costs['0.9'] / costs['1']:.1f}", display=False)
table(["λ", "loss of grey on the scenes' pixels"], [(k, f"{x:.4f}") for k, x in costs.items()])

# %% [markdown]
# A factor of {glue:text}`factor` at the paper's λ, not of 78. So Eq. 2 does not explain the number,
# and neither does what rebalancing costs in Eq. 1, as recorded above. {doc}`09_results` goes
# through what else it could be.
#
# ## The real training, from here
#
# Run this notebook with a folder of photos, and it trains with Eq. 2:
# `papermill notebooks/07_rebalancing.ipynb out.ipynb -p data scenes -p epochs 5 -p lam 0.5`. The
# run's folder under `runs/` has log and weights; the curve below appears. The loss's weights are
# those of the prior that comes with the package. Without `data` nothing is trained here. A GPU is
# used where there is one.

# %%
if data:
    run = train_for_real(model, data, epochs, "rebalanced", lam)
    figure = validation_figure({f"{model}, λ = {lam:g}": run})
    show(figure, alt="The run of this notebook: error and colourfulness by epoch.")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1
# :class: tip
# A colour of chroma 10 has probability 0.9 and weight 0.5; one of chroma 60 in the same direction
# has probability 0.1 and weight 4.5. Which chroma has the least expected weighted squared error?
# ```

# %%
your_chroma = None
check(your_chroma, (0.9 * 0.5 * 10 + 0.1 * 4.5 * 60) / (0.9 * 0.5 + 0.1 * 4.5), tolerance=0.01)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# Both weigh $0.45$, so it is halfway: 35. Unweighted it is 15. The network shows a colour that it
# never saw.
# ```
#
# ```{admonition} Exercise 2
# :class: tip
# Add a constant to all weights, or multiply all by a constant: which of the two changes the best
# answer? Say "adding" or "multiplying".
# ```

# %%
your_word = None
check(your_word, "adding")

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# A common factor cancels in the weighted mean (it only changes the loss's scale). Adding a
# constant makes the weights more alike, and draws the answer back towards the plain mean. That is
# just what a larger λ does.
# ```
#
# ```{admonition} Exercise 3
# :class: tip
# In the doubt above, three prints in four are faded to a fifth. To which fraction of the vivid
# chroma would the answer tend if a vivid pixel weighed ten times as much as a faded one?
# ```

# %%
your_fraction = None
check(your_fraction, (0.75 * 0.2 + 0.25 * 10) / (0.75 + 0.25 * 10), tolerance=0.005)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# $(0.75 \cdot 0.2 + 2.5) / (0.75 + 2.5) = 0.815$.
# ```
#
# ```{admonition} Exercise 4
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
# - The mean chroma rises to the truth's and beyond, but by tinting greys, not by vivid pixels.
# - Losses with different weights can't be compared; the paper's 0.5848 is not explained by them.
#
# **Read next.** Zhang et al. {cite:p}`zhang2016colorful` answer a doubt with a distribution over
# colours instead of one number; {doc}`03_color_statistics` has where the weights come from.
