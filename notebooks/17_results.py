# %% [markdown]
# # Results, and an audit of the paper's table
#
# What did the networks of this course reach, how sure are the figures, and what of the paper's own
# table ([Lin and Ferreira, 2021](https://github.com/hanzhao/image-colorization)) can be true? The
# first half of this chapter reads the records of our runs. The second half does arithmetic: it
# takes the printed numbers one by one and computes what they would have to mean.
#
# ```{admonition} Goals
# After this chapter you can
# - read a table of colorization results: measure, data, size, interval, baseline;
# - show what the rebalanced loss buys, and what it costs;
# - bound a measure from above, and use the bound to test a printed number;
# - say what would rule a reading of a printed number out, and why one that fits is not proven.
# ```
#
# Time: 60 minutes; the cells run in about a minute on two CPU cores. You need the chapters
# on rebalancing and metrics.

# %% tags=["parameters"]
levels = 33  # grid of sRGB colours a channel, for the bounds

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from colorlab.color import LAB, rgb_to_lab
from colorlab.course import check, note, say, show, table, use_style

use_style()

# %% [markdown]
# ## The runs
#
# Every row below is one training run: the same photos (12,893 scenes), the same number of steps and
# the same sizes, by the recipe of [EfficientNet: from recognition to
# colour](09_efficientnet.ipynb). Test photos are 862 scenes at 224 pixels, and 958 ImageNet photos
# at 256, which come from elsewhere; none was trained on. Rows that need a download we could not
# make say "not run here". The last row is no network: it answers grey.

# %%
from colorlab.course import ROWS, score_table

equal = [row for row in ROWS if not row.options]
score_table(equal)

# %% [markdown]
# And these went on from one of them, each from the one before: for longer, and but for the first on
# larger photos. They show what more training brought, and can't be set against the rows above:

# %%
longer = [row for row in ROWS if row.options]
score_table(longer)

# %% [markdown]
# Others learned from everyday photos as well, each by a loss of its own: the network that the
# package colours with, a distribution over 313 colours a pixel
# ([A distribution a pixel](13_a_distribution_a_pixel.ipynb)), histograms of hue and chroma on
# hypercolumns (Larsson et al., 2016), and pixels drawn one after another, of which a sample is
# scored ([One pixel after another](15_one_pixel_after_another.ipynb)). They saw other photos and
# for other numbers of steps, so their rows say what these networks are worth, not which loss is
# better:

# %%
from colorlab.course import OTHER_ROWS

score_table(OTHER_ROWS)

# %% [markdown]
# What does the default network know, and what not? Its error by kind of photo, on everyday photos
# that it was not trained on:

# %% tags=["hide-input"]
from colorlab.course import BLUE, ORANGE, bar_figure, read_kinds

kinds = read_kinds()
names = {
    name: name.replace("imagenette_", "").replace("_", " ") for name in kinds
}
errors = {
    names[name]: kind["mse_to_grey"] for name, kind in reversed(kinds.items())
}

# %% tags=["hide-input"]
colors = [ORANGE if name == "all" else BLUE for name in errors]
figure = bar_figure(errors, color=colors, xlabel="MSE / grey")
figure.set_size_inches(8, 7)
figure.axes[0].axvline(1, color="black", linewidth=0.8)
show(
    figure,
    alt="Bars of the error over grey's by kind of photo: from a quarter for "
    "groceries to beyond grey's for cassette players; all photos together "
    "come ninth of 28, at about a half.",
)

# %% tags=["remove-cell"]
import json

from colorlab.train.records import RUNS

order = [name for name in kinds if name != "all"]
first, last = (
    ", ".join(names[name] for name in part)
    for part in (order[:4], order[-4:])
)
worse = sum(kinds[name]["mse_to_grey"] > 1 for name in order)
note(knows=first, misses=last, beyond_grey=worse)
marked = json.loads((RUNS / "colorlab" / "skin.json").read_text())["skin"]
ours = marked["all"]["colorlab@1"]
note(skin=f"{ours['hue_error'][0]:.0f}", skins=marked["all"]["photos"])
note(pale=f"{ours['chroma_to_truth'][0]:.0%}")

# %% tags=["remove-input"]
say("""
Least error: {knows}. Most: {misses}, things that somebody painted or chose; {beyond_grey} of
the kinds would have had the smaller error as grey. A kind is 3 to 76 photos, so neighbours in
this order may change places. On skin, marked by hand in {skins} photos, hue is off by {skin}
degrees on average and chroma is {pale} of the true one: people come out too pale
([Whose colours?](20_whose_colours.ipynb)).
""")

# %% [markdown]
# ### What would more photos bring?
#
# One small network (`larsson_lite0`) learned three times, for one and the same number of steps:
# from an eighth, from half and from all of the training photos. Few photos were seen often, many
# once. The bands are 95 % intervals.

# %% tags=["hide-input"]
from colorlab.course import line_figure, read_methods

learned = {
    "everyday photos": read_methods("learning_everyday"),
    "ImageNet": read_methods("learning_imagenet"),
}
runs = ["curve_3446", "curve_13786", "curve_27572"]
photos = [int(name.removeprefix("curve_")) for name in runs]
curves = {
    title: [report["scores"][name]["mse_to_grey"] for name in runs]
    for title, report in learned.items()
}
means = {title: [x["value"] for x in part] for title, part in curves.items()}

# %% tags=["hide-input"]
words = {"xlabel": "photos to learn from", "ylabel": "MSE / grey"}
figure = line_figure(photos, means, xscale="log", **words)
axes = figure.axes[0]
for scores in curves.values():
    ends = ([score[end] for score in scores] for end in ("low", "high"))
    axes.fill_between(photos, *ends, alpha=0.12)
axes.minorticks_off()
axes.set_xticks(photos, [f"{count:,}" for count in photos])
show(
    figure,
    alt="Error over grey's against the number of photos learned from, with "
    "intervals, on everyday photos and on ImageNet's.",
)

# %% tags=["remove-cell"]
steps = [
    [
        report["differences"][place]["scores"]["mse_to_grey"]
        for place in (0, 2)
    ]
    for report in learned.values()
]
told = [
    "{value:+.3f} ({low:+.3f} to {high:+.3f})".format(
        value=-x["value"], low=-x["high"], high=-x["low"]
    )
    for part in steps
    for x in part
]
note(few=told[0], many=told[1], few_elsewhere=told[2], many_elsewhere=told[3])

# %% tags=["remove-cell"]
helped = sum(part[1]["low"] > 0 for part in steps)
note(worth=f"helped on {('neither set', 'one set', 'both sets')[helped]}")

# %% tags=["remove-input"]
say("""
From an eighth to half of the photos the error, as a share of grey's, changes by {few} on everyday
photos and by {few_elsewhere} on ImageNet's; from half to all by {many} and {many_elsewhere}. So
with as few steps as these, an eighth of the photos is somewhat too few for everyday photos, and the
second half of them {worth}. The intervals are over 200 test photos of each set; each point is one
training run, and another seed may move it as far as the second step does. A longer training may
well tell another story; it was not run.
""")

# %% [markdown]
# The commands behind the rows. (The default network went through several, which its card has in
# words; Zhang's began from an earlier head.)

# %% tags=["hide-output"]
from colorlab.course import commands

commands([*ROWS, *OTHER_ROWS])

# %% [markdown]
# How the runs of equal length went, on validation photos. The error of the plain losses falls with
# each epoch; the rebalanced runs end more colourful than they began:

# %%
from colorlab.course import recorded_figure

titles = {row.name: row.title for row in ROWS if row.name}
first = {row.name: row.title for row in equal if row.name and row.seed == 0}
show(
    recorded_figure(first),
    alt="Error and colourfulness on validation photos after each epoch, a "
    "line a run of equal length.",
)

# %% [markdown]
# ## How sure
#
# A mean over photos is known only as well as the photos allow. The bars are 95 % bootstrap
# intervals over the test photos ([Judging colour](16_metrics.ipynb) says how they are made); they
# say what other test photos would have given, and nothing about what another training run would.

# %% tags=["slide"]
from colorlab.course import read_scores
from colorlab.course.figures.training import interval_figure

scores = {
    titles[name]: read_scores(name) for name in titles if read_scores(name)
}
figure = interval_figure(
    scores, {"test": "scenes, test", "imagenet_samples": "ImageNet"}
)
show(
    figure, alt="MSE over grey of each run on two photo sets, with intervals."
)

# %% [markdown]
# ## The methods before networks, under the same judge
#
# Most of these methods are told something, and what they are told decides. So it follows a rule.
# A *reference* is the photo that comes next in the folder, which is sorted by kind: mostly the same
# kind of place or thing. A *hint* is the mean true colour of 5 × 5 pixels somewhere, drawn by a
# generator seeded with the file's name; each photo has ten. The table is of 100 photos of each
# test set, evenly chosen, at 224 pixels. *Network* is the package's default; Cheng's method has a
# small network too, but one that sees each pixel's features alone.

# %%
from colorlab.course import method_table

method_table()

# %% tags=["remove-cell"]
from colorlab.course import read_methods

judged = {
    photos: read_methods(photos)["scores"]
    for photos in ("scenes", "everyday")
}

# %% tags=["remove-cell"]
for photos, found in judged.items():
    for name in (
        "look-up",
        "cheng2015",
        "colorlab",
        "colorlab+next",
        "levin+10",
        "colorlab+10",
    ):
        note(
            {f"{photos} {name}": f"{found[name]['mse_to_grey']['value']:.2f}"}
        )

# %% tags=["remove-cell"]
worse = [
    name
    for name in ("reinhard+next", "welsh+next", "analogies+next")
    if min(found[name]["mse_to_grey"]["value"] for found in judged.values())
    > 1
]
note(worse=f"{len(worse)} of the three older methods")

# %% tags=["remove-input"]
say("""
Lightness alone is worth little: {scenes look-up} of grey's error on scenes,
{everyday look-up} on everyday photos. A reference that is merely of the same kind does harm more
often than good: {worse} that are given one lie above grey on both sets, though not each time by
more than the interval. The network is made to take no colours from a reference that is not alike
enough: its {scenes colorlab} on scenes becomes {scenes colorlab+next}, its {everyday colorlab} on
everyday photos {everyday colorlab+next}. Ten true colours change
more than any of it: Levin's method, which knows nothing of photos, is at {everyday levin+10}
with them, the network at {everyday colorlab+10}. It is not the same contest: those rows were
told some of the answers. The command, on your own folder:
""")

# %% [markdown]
# ```bash
# colorlab evaluate --data FOLDER --model colorlab --model cheng2015 --model welsh+next \
#     --model levin+10 --model colorlab+10
# ```

# %% [markdown]
# ## Colour has a price
#
# The rebalanced loss (Eq. 2) makes rare colours count. What it buys is chroma, what it costs is
# squared error. Each point is a run:

# %%
from colorlab.course import tradeoff_figure

points = {
    title: [
        scores[title]["test"][key]
        for key in ("chroma_to_truth", "mse_to_grey")
    ]
    for title in first.values()
}
show(
    tradeoff_figure(points),
    alt="Runs by colourfulness and error; rebalanced ones lie right.",
)

# %% [markdown]
# Three lambdas are three points. The network of [Lambda, live](11_live_lambda.ipynb) was told λ
# with every photo while it learned, so it has a curve of its own; the dots are networks trained for
# one λ, in other runs:

# %%
from colorlab.course.figures.lambda_curve import curve_figure, read_curve

curve = read_curve()
show(
    curve_figure(curve),
    alt="Error and mean chroma over lambda for one network that takes "
    "lambda, with three dots of networks that were trained for one lambda "
    "each. Both rise as lambda falls.",
)
beyond = next(
    lam
    for lam, x in zip(curve["lambdas"], curve["mse_to_grey"], strict=True)
    if x > 1
)
note(below=f"{min(curve['mse_to_grey']):.3f}", beyond=f"{beyond:g}")

# %% tags=["remove-input"]
say("""
This network's error is least, {below} of grey's, where nothing is rebalanced. From λ = {beyond}
down it is more than grey's: more wrong, in this measure, than no colour. The dots at 0.9 and 0.5
lie higher: those networks learned from the encoder on and from smaller photos, while this one went
on from the longest run, so compare along the curve, not across. The dashed curve is its answer at
λ = 1 with more saturation, to the same mean chroma: nearly all of the price is that of more chroma.
""")

# %% [markdown]
# ## In decibels, and to a judge
#
# Papers print PSNR more often than anything else. Here it is on 240 of the 958 ImageNet photos, of
# the shipped `efficientnet_lite0` (above: "then again 2 more") beside grey: as a mean of each
# photo's decibels, as is usual, and *pooled*, the decibels of the mean error. (On all 958, in the
# table above, the two means stand the other way round, and about as near.)
# Beside it what a classifier recognises: the share of photos whose class is its first answer. One
# judge, Lite0, is the encoder of our own network and hardly independent. The other, Lite2, had no
# part in it.

# %%
from colorlab.course import read_methods
from colorlab.course.results import measure_cells

imagenet = read_methods("imagenet")
measures = ("psnr", "psnr_pooled", "top1", "top1_lite2")
names = {
    "efficientnet_lite0": "Lite0, as shipped",
    "grey": "grey",
    "truth": "the true photos",
}

# %%
rows = [
    (title, *measure_cells(imagenet, name, measures))
    for name, title in names.items()
]
titles_of = ("PSNR, dB", "pooled", "recognised by Lite0", "by Lite2")
table([f"{imagenet['photos']} photos of ImageNet", *titles_of], rows)

# %% [markdown]
# In brackets are 95 % intervals over the photos. Ours minus grey, on the same photos:

# %% tags=["hide-input"]
from IPython.display import Markdown

gap = imagenet["minus_grey"]["efficientnet_lite0"]
psnr, pooled = (
    f"{gap[x]['low']:+.2f} to {gap[x]['high']:+.2f} dB" for x in measures[:2]
)
first, second = (
    f"{gap[x]['low']:+.0%} to {gap[x]['high']:+.0%}" for x in measures[2:]
)
Markdown(
    f"PSNR {psnr}, pooled {pooled}; recognised by Lite0 {first}, by Lite2 "
    f"{second} of all photos."
)

# %% tags=["remove-cell"]
better = [x for x in measures[2:] if gap[x]["low"] > 0]
worse_for = [x for x in measures[2:] if gap[x]["high"] < 0]
verdicts = (
    "no judge recognises more" if not better else "a judge recognises more"
)
if worse_for:
    verdicts += (
        ", and Lite2 fewer"
        if worse_for == ["top1_lite2"]
        else ", and both fewer"
    )
note(verdicts=verdicts)

# %% tags=["remove-input"]
say("""
Photos that are nearly grey score high in PSNR with any pale answer, and lift a mean of decibels;
pooled, they don't count more than others. A PSNR that stands without grey's on the same photos
says next to nothing. And classifiers see shapes first: without colour they still recognise most
photos, and wrong colours can mislead them. Of our coloured photos {verdicts} than of grey ones.
Recognition, by whichever judge, is no evidence here that the colours are right.
""")

# %% [markdown]
# ## Beside the literature
#
# Published numbers may stand side by side only where photos, number, size, fit and the variant of
# the metric are the same. Each table below names its protocol, the text that has it, and whether
# its figures were read there, quoted by another text, or only recalled.

# %%
from IPython.display import Markdown, display

from colorlab.evaluate.published import by_table, select

for protocol in (
    "zhang2016",
    "larsson2016",
    "ddcolor",
    "ddcolor50k",
    "palette",
):
    for title, (header, lines) in by_table(select(protocol=protocol)).items():
        words = title.partition(": ")[2]  # without the protocol's key
        display(Markdown(f"*{words}*"), table(header, lines))

# %% [markdown]
# Look for ColTran: it has a Fréchet distance in three of these tables, and the largest is three
# times the smallest. Palette's distances are to other photos, so that even the originals have one;
# DDColor's are of another Inception network than ours. Only two tables have a row for grey, without
# which nobody can tell how much of an AuC or a PSNR is owed to colour. To measure your own photos
# in the same way: `colorlab evaluate --data folder --protocol ddcolor`.

# %% [markdown]
# ## The pictures
#
# The models that come with the package, on photos that none of them has seen:

# %%
from colorlab.course import Photo, photo_grid, sample_photos
from colorlab.inference.colorize import colorize_rgb, grey_photo, load_model
from colorlab.models import list_models, read_card

samples = {photo.name: photo.rgb for photo in sample_photos()}
models = [name for name in list_models() if read_card(name)]
names = ["china", "flower", "chelsea", "motorcycle"]
rows = []
for name in names:
    ours = [
        colorize_rgb(samples[name], load_model(model)) for model in models
    ]
    rows.append([grey_photo(Photo(samples[name])), *ours, samples[name]])

# %% tags=["slide", "large"]
columns = [
    "grey",
    *(name.replace("efficientnet_", "") for name in models),
    "truth",
]
by_model = [list(line) for line in zip(*rows, strict=True)]
figure = photo_grid(by_model, columns=names, labels=columns, height=1.15)
show(
    figure,
    alt="Four photos in columns: grey, coloured by each shipped model, and "
    "true.",
)

# %% [markdown]
# ## The audit
#
# The paper prints one number a model, "MSE" in "CIE Lab": ConvNet 0.0082, VGG-16 0.054,
# EfficientNet 0.0075, EfficientNet with colour rebalancing 0.5848. The last one is 78 times the
# third. The paper says that the measure is at fault, and that the pictures are better. Is that
# all?
#
# ### How wrong can grey be?
#
# Eq. 1 is the mean over pixels and both channels of the squared error of $(a^*, b^*)/128$.
# Predicting grey everywhere costs $(a^{*2} + b^{*2})/(2 \cdot 128^2)$ at a pixel. Which sRGB colour
# makes this largest? We try them all, on a grid:

# %%
axis = torch.linspace(0, 1, levels, dtype=torch.float64)
cube = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).reshape(
    3, 1, -1
)
cost = (
    (rgb_to_lab(cube)[1:] / 128).square().mean(dim=0)[0]
)  # of grey, at each colour
worst = int(cost.argmax())
bound, printed = float(cost[worst]), 0.5848
assert tuple(cube[:, 0, worst].tolist()) == (0.0, 0.0, 1.0)  # the pure blue
assert 0.545 < bound < 0.547 < printed
note(bound=f"{bound:.3f}")

# %%
from colorlab.course import to_tensor

chromas = {
    name: LAB.split(to_tensor(rgb))[1] for name, rgb in samples.items()
}
greys = {
    name: float(chroma.square().mean()) for name, chroma in chromas.items()
}
note(
    grey_low=f"{min(greys.values()):.4f}",
    grey_high=f"{max(greys.values()):.4f}",
)
order = sorted(greys, key=lambda name: greys[name])

# %%
figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
names = [*order, "pure blue everywhere"]
axes.barh(names, [*(greys[n] for n in order), bound], color=BLUE)
for value, label in ((0.0075, "EfficientNet"), (printed, "rebalanced")):
    axes.axvline(value, color=ORANGE, linestyle="--")
    axes.text(value, len(order) + 0.7, label, ha="center", color=ORANGE)
label = "MSE (Eq. 1) of predicting grey; dashed: printed in the paper"
axes.set(xscale="log", xlabel=label)
axes.grid(visible=False, axis="y")
show(
    figure,
    alt="Grey's error on sample photos and on pure blue. Of two printed "
    "numbers one is less than most of the photos' and one beyond the blue's.",
)

# %% tags=["remove-input"]
say("""
On the sample photos grey costs {grey_low} to {grey_high}. On a picture of nothing but pure blue,
the worst that sRGB has, it costs {bound}. The printed 0.5848 is **more than the error of a grey
picture on the bluest picture there is**. A network can be worse than grey, by answering with
strong wrong colours, so the bound does not make the number impossible. But such pictures would
not look like those that are printed beside it.
""")

# %% [markdown]
# ### Is it the weighted loss?
#
# Perhaps the printed number is Eq. 2, with its weights. We have a prior of scene photos and can
# compute what grey costs then, at every $\lambda$, under both normalisations: the paper's (the
# expected weight is 1 under the smoothed colours) and that of its public code (under the mixture).

# %%
from colorlab.course import default_prior
from colorlab.prior.prior import shipped_prior

prior = default_prior()
a, b = np.meshgrid(np.arange(-128, 128), np.arange(-128, 128), indexing="ij")
grey_cost = (a**2 + b**2) / (2 * 128**2)  # at each bin


# %%
def weighted_grey(lam, normalized="smoothed"):
    """Grey's loss under Eq. 2 on the prior's colours; the largest weight."""
    v = prior.weights(lam, normalized=normalized)
    return float((prior.pmf * v * grey_cost).sum()), float(
        v[prior.pmf > 0].max()
    )


# %%
lambdas = np.linspace(0.05, 1, 20)
curves = {
    "normalised as the paper says": [
        weighted_grey(lam)[0] for lam in lambdas
    ],
    "normalised as its code does": [
        weighted_grey(lam, "mixture")[0] for lam in lambdas
    ],
}
most = max(curves["normalised as the paper says"])

# %%
at_nine, top = weighted_grey(0.9)
wider = shipped_prior("photos")
other = float((wider.pmf * wider.weights(0.9) * grey_cost).sum())
assert max(at_nine, other) < 0.06
assert most < printed
note(
    at_nine=f"{at_nine:.3f}",
    top=f"{top:.1f}",
    most=f"{most:.2f}",
    other=f"{other:.3f}",
)

# %%
from colorlab.course import line_figure

labels = {"xlabel": "λ", "ylabel": "grey's weighted loss", "yscale": "log"}
figure = line_figure(
    lambdas, curves, (7, 3.2), ["o-", "s--"], ylim=(0.005, 1.2), **labels
)
axes = figure.axes[0]
axes.axhline(printed, color=ORANGE, linestyle=":")
axes.text(0.97, printed * 1.08, "printed: 0.5848", ha="right", color=ORANGE)
axes.legend(loc="upper left", bbox_to_anchor=(0, 0.8))
show(
    figure,
    alt="Grey's weighted loss over lambda stays far below the printed "
    "number.",
)

# %% tags=["remove-input"]
say(r"""
At $\lambda = 0.9$ no weight exceeds {top}, and grey costs {at_nine}. Even at $\lambda = 0.05$ it
is {most}. With a prior that counts everyday photos too it is {other} at 0.9. It is not the
weighted loss of pictures that are anywhere near the truth.
""")

# %% [markdown]
# ### What else it could be
#
# A list of readings, each computed on the nine sample photos. Fixed beforehand: a reading is *ruled
# out* where its number is more than twice the printed one or less than half of it, and *fits*
# within that. It stays *open* where it can't be computed from here, or where the number fits but
# the pictures printed beside it would have to look quite different. Mind that these nine are vivid:
# the first row below is more than twice what the same network has on the scenes' test photos, so
# a verdict near either end of the range is not worth much.

# %%
from colorlab.course import create_model, sample_batch
from colorlab.train.losses import RebalancedMSE, chroma_mse

batch = sample_batch(224, *samples)


# %%
def answers(name, trained=True):
    """Answers and truth; if not `trained`, with BatchNorm as it began."""
    network = create_model(name)
    for key, part in network.named_modules():
        if isinstance(part, torch.nn.BatchNorm2d) and not (
            trained or key.startswith("encoder")
        ):
            part.reset_running_stats()
    luma, chroma = network.space.split(batch)
    with torch.inference_mode():
        return network(luma), chroma


# %%
def weighted(weights):
    """Eq. 2 of our rebalanced network, under a table of weights."""
    return float(RebalancedMSE(torch.from_numpy(weights))(answer, truth))


answer, truth = answers("efficientnet_lite0_rebalanced")
ours, p = float(chroma_mse(answer, truth)), prior.smoothed()
readings = {
    "Eq. 1 on [-1, 1]": ours,
    "Eq. 1, summed over the channels instead of averaged": 2 * ours,
    "the root of Eq. 1": ours**0.5,
    "Eq. 1 of the opposite colour at every pixel": 4
    * sum(greys.values())
    / len(greys),
}

# %%
readings |= {
    "Eq. 2 with Eq. 3's weights": weighted(prior.weights(0.9)),
    "Eq. 2, weights not normalised": weighted(1 / (0.1 * p + 0.9 / 2**16)),
    "Eq. 2 of densities, not normalised": weighted(
        1 / (0.1 * p * 128**2 + 0.9 / 4)
    ),
}

# %%
untrained = float(
    chroma_mse(*answers("efficientnet_lite0_rebalanced", trained=False))
)
stuck = [
    chroma_mse(torch.full_like(c, x), c)
    for c in chromas.values()
    for x in (1.0, -1.0)
]

# %%
readings |= {
    "Eq. 1 with every answer at an end of the tanh": float(
        sum(stuck) / len(stuck)
    ),
    "Eq. 1, BatchNorm's statistics as before training": untrained,
    "a slip of the pen: two zeros lost": printed / 100,
}
still_open = {
    "Eq. 1 with every answer at an end of the tanh": "open: the pictures "
    "would be garish",
    "a slip of the pen: two zeros lost": "open, though less than without "
    "rebalancing",
}


# %%
def verdict(reading, value):
    """By the criterion above."""
    near = printed / 2 < value < printed * 2
    return still_open.get(reading, "fits" if near else "ruled out")


# %%
rows = [
    (name, f"{value:.3g}", verdict(name, value))
    for name, value in readings.items()
]
rows.append(
    ("another measure or other data under the same heading", "", "open")
)
table(
    ["reading", "what our network, or the arithmetic, gives", f"{printed}"],
    rows,
)

# %% tags=["remove-cell"]
span = np.log10(4) / np.log10(max(readings.values()) / min(readings.values()))
note(
    reset=f"{untrained:.2f}",
    chance=f"{span:.0%}",
    verdict=verdict("", untrained),
)

# %% tags=["remove-input"]
say("""
The readings that agree with the paper's text are ruled out. The one with BatchNorm {verdict}: a
network that was evaluated in another state than it was trained in, its decoder with means 0 and
variances 1 instead of those it had learned (the encoder's came with its weights and stay). Saving
the trained weights alone, without these statistics, would be enough. Our rebalanced network then
stands at {reset}. It would explain good pictures, made while training, beside an absurd number.

It is not proven. A factor of two either way is {chance} of the range that the rows above span on
a log scale, and besides these we tried some thirty more that are not worth a row. With so many,
one or another may fit by chance. What weighs more is whether one and the same reading explains
the table's *other* odd number.
""")

# %% [markdown]
# ### The YUV row
#
# VGG-16's 0.054 is seven times the ConvNet's. Its network works in YUV. [Hypercolumns: Dahl's
# network](08_vgg16_dahl.ipynb) measures one and the same picture in both spaces: YUV's units make
# an error smaller, not larger, so they don't explain the number. What does grey cost there?

# %%
from colorlab.color import YUV, YUV_RAW

lines = []
for space in (LAB, YUV, YUV_RAW):
    parts = [space.split(to_tensor(rgb))[1] for rgb in samples.values()]
    mean = np.mean([float(chroma_mse(torch.zeros_like(c), c)) for c in parts])
    lines.append((space.name, f"{mean:.4f}", f"{0.054 / mean:.1f}"))
table(
    [
        "space",
        "grey costs, mean of sample photos",
        "0.054 is so many times that",
    ],
    lines,
)

# %% [markdown]
# The same criterion, for the readings that remain. Numbers are in raw YUV, of our network of this
# kind, Dahl's decoder on Lite0:

# %%
raw = torch.tensor(YUV.chroma_scale).view(
    1, 2, 1, 1
)  # scaled units to raw ones
network = create_model("dahl_lite0")
with torch.inference_mode():
    on_lightness = network(
        LAB.luma(batch)
    )  # as the authors' public code has it
_, true_uv = network.space.split(batch)

# %%
found = {
    "as trained": answers("dahl_lite0")[0],
    "given L*/100 in place of Y": on_lightness,
    "BatchNorm's statistics as before training": answers(
        "dahl_lite0", trained=False
    )[0],
}
errors = {
    name: float(chroma_mse(raw * uv, raw * true_uv))
    for name, uv in found.items()
}

# %%
rows = [
    (name, f"{error:.4f}", "fits" if 0.027 < error < 0.108 else "ruled out")
    for name, error in errors.items()
]
root = errors["as trained"] ** 0.5
fits = "fits" if 0.027 < root < 0.108 else "ruled out"
rows.append(("as trained, the root of it", f"{root:.4f}", fits))
table(["our network of this kind", "in raw YUV", "0.054"], rows)

# %% tags=["remove-cell"]
trained, other_luma, reset = errors.values()
note(luma_costs=f"{other_luma / trained - 1:+.0%}")
both = "fits" if 0.027 < reset < 0.108 else "does not fit"
note(
    both=f"{both} here too"
    if both == verdict("", untrained)
    else f"{both} here"
)
plain = float(chroma_mse(*answers("efficientnet_lite0", trained=False)))
note(plain_reset=f"{plain:.2f}")

# %% tags=["remove-input"]
say(r"""
In either scaling of YUV, 0.054 is several times what grey costs on these photos (in L\*a\*b\*,
the paper's heading, not quite twice): the score of a network that colours boldly and mostly wrong.
The paper's public code passes L\*/100 where this network expects Y; that changes our error by
{luma_costs}. The reading with BatchNorm's statistics {both}, so one explanation could serve for
both odd rows, and the row need not say that YUV is worse than L\*a\*b\*. But there is a price.
The same reset takes our plain EfficientNet-Lite0 to {plain_reset}, and the paper's plain
EfficientNet stands at 0.0075: two rows would have been evaluated in one state, and two in the
other. So it stays a guess. Whoever has the authors' weights can decide it in a minute.
""")

# %% [markdown]
# The two rows that remain, ConvNet 0.0082 and EfficientNet 0.0075, are of the size that plain
# squared error has. What they are worth depends on what grey costs on the same photos, and that
# is not printed. Always print it.
#
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("results")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# A network scores 0.0075 (Eq. 1) on photos where grey costs 0.0124. What is its MSE / grey?
# ```

# %%
your_ratio = None
check("17.1", your_ratio)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# 0.60. On photos where grey costs 0.009 the same 0.0075 would be 0.83: not much better than grey.
# ```
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# Could a printed MSE of 0.30 be Eq. 1 of grey on *some* photo? Answer "yes" or "no".
# ```

# %%
your_word = None
check("17.2", your_word)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# Yes: on a picture of strong blue, for example. A bound says what is impossible; most of what is
# possible is still absurd. Mean chroma would have to be near 100 units all over.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# Which constant chroma $(a^*, b^*)$ has the *largest* mean squared distance from photos whose
# colours are near grey: (0, 0), (20, 20) or (-128, -128)? What does Eq. 1 then come to, roughly?
# Give the value of Eq. 1.
# ```

# %%
your_error = None
check("17.3", your_error)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# (-128, -128): both channels are wrong by about 1 in scaled units, so Eq. 1 is about 1. To reach
# 0.58 somewhat more than half of all answers would have to lie in such corners.
# ```
#
# ## Summary
#
# - Print grey's error beside your own, the number of photos, their size, and an interval.
# - Rebalancing trades squared error for colour; both have to be shown.
# - The paper's 0.5848 exceeds what grey scores on the worst picture possible, and is not its
#   weighted loss either. Its 0.054 is not explained by YUV's units. One reading, an evaluation in
#   another state than the trained one, was compared with both; it is not proven. The pictures may
#   still be what the paper says.
# - PSNR needs grey's beside it, and a criterion must be fixed before a reading is tried.
#
# Next: [Which one is real?](18_human_test.ipynb), where people are the judge.
