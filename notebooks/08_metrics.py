# %% [markdown]
# # Judging colour
#
# The paper ends with a wish: a better metric is necessary {cite:p}`lin2021automated`. Its authors
# saw that the numbers they trained for did not go with what they saw. This chapter takes the
# numbers that people use for colorization one by one, says exactly what each computes, and finds
# out what it rewards.
#
# ```{admonition} Goals
# After this chapter you can
# - say what squared error, PSNR, SSIM, ΔE, colourfulness, AuC and Fréchet distances measure;
# - show why a blue motorcycle for a red one scores worse than a grey one, and by how much;
# - name the two definitions behind one word: colourfulness, Δ colourfulness, FID;
# - put an interval on a mean, and compare two models on the same photos;
# - measure any colorizer, yours or a foreign one, with one command.
# ```
#
# Time: 60 minutes; the cells run in about a minute without a GPU. You need the chapters on colour
# spaces and on colour statistics.

# %% tags=["parameters"]
photos = "sample"  # a folder of your own colour photos, or "sample"
size = 224

# %%
import io

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import HTML, Markdown
from myst_nb import glue
from PIL import Image
from torch.nn.functional import interpolate

from colorlab.course.exercises import check
from colorlab.course.figures.base import BLUE, GREEN, ORANGE, photo_grid, show, use_style
from colorlab.course.tables import table
from colorlab.course.widgets.judge import judge_twin, judge_widget, verdicts
from colorlab.course.widgets.judge_view import picture, recolor, render, subject
from colorlab.data.samples import sample_photos
from colorlab.data.sources import open_photos
from colorlab.evaluate.compare import compare
from colorlab.evaluate.intervals import bootstrap_means, interval
from colorlab.evaluate.methods import Preprocessing, colorizer, constant
from colorlab.evaluate.metrics import Images, measure
from colorlab.evaluate.metrics.auc import class_counts, rarity
from colorlab.evaluate.metrics.colorfulness import absolute_colorfulness, colorfulness
from colorlab.evaluate.metrics.frechet import Gaussian, frechet_distance
from colorlab.evaluate.metrics.lite0 import look
from colorlab.inference.colorize import load_model

use_style()
torch.set_grad_enabled(False)
rng = np.random.default_rng(0)

# %%
preprocess = Preprocessing(size)
opened = open_photos(photos)
pairs = [(preprocess(photo), path.stem) for photo, path in opened.readable()][:9]
truth = torch.stack([photo for photo, _ in pairs]).float() / 255  # (B, 3, size, size)
names = [name.split("_")[0][:12] for _, name in pairs]
Markdown(f"{len(names)} photos, {preprocess}.")

# %% [markdown]
# ## Three answers to the same question
#
# Every metric below compares what is shown with the true photo. To know what a number is worth we
# need answers whose quality is plain to see. *Grey* is no answer at all. *Network* is the small
# network that comes with the package. *Turned* has the true chroma with its hue turned by 120°:
# vivid, consistent, and mostly wrong.

# %%
grey = constant(0.0, 0.0)(truth, [])
network = colorizer(load_model("efficientnet_lite0"))(truth, [])
turned = recolor(Images(truth).lab, torch.tensor(True), 120, 1.0)
answers = {"grey": grey, "network": network, "turned": turned}


def to_pictures(rgb):
    """RGB (B, 3, H, W) in [0, 1] to a list of uint8 (H, W, 3)."""
    return [picture(one[None]) for one in rgb]


chosen = slice(0, 5)
rows = [to_pictures(rgb[chosen]) for rgb in (*answers.values(), truth)]
figure = photo_grid(rows, columns=names[chosen], labels=[*answers, "truth"], height=1.5)
show(
    figure,
    alt="Five photos in four rows: grey, as the network colours them, with hues turned, true.",
)

# %% [markdown]
# ## Squared error
#
# Eq. 1 is the mean of $(\hat a - a)^2$ and $(\hat b - b)^2$ over all pixels, on
# $(a^*, b^*)/128$. A bare 0.01 says nothing, so we give it a unit: the error of grey on the same
# photos. Below 1 the answer is better than none.

# %%
ratios = {name: measure("mse_to_grey", rgb, truth) for name, rgb in answers.items()}
places = np.arange(len(names))
figure, axes = plt.subplots(figsize=(8, 3.2))
for shift, (name, color, hatch) in enumerate(
    (("grey", "#999999", ""), ("network", BLUE, "//"), ("turned", ORANGE, ".."))
):
    axes.bar(places + 0.27 * (shift - 1), ratios[name], 0.25, color=color, hatch=hatch, label=name)
axes.set(xticks=places, ylabel="MSE / grey", axisbelow=True)
axes.set_xticklabels(names, rotation=20)
axes.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
show(
    figure,
    alt="Bars of MSE over grey's for each photo. Grey is 1 everywhere, turned near 3, the network "
    "below 1 on some photos and above on others.",
)
glue("turned_ratio", f"{ratios['turned'].mean():.2f}", display=False)
glue("network_better", int((ratios["network"] < 1).sum()), display=False)
glue("count", len(names), display=False)

# %% [markdown]
# The network beats grey on {glue:text}`network_better` of {glue:text}`count` photos; it was
# trained on scenes, and not all of these are. Turning every hue by 120° costs
# {glue:text}`turned_ratio` times what grey costs. That is not bad luck. For a pixel of chroma $C$,
# grey is wrong by $C$. A colour turned by the angle $\theta$ is wrong by the chord
# $2 C \sin(\theta / 2)$. Squared and divided:
#
# $$
# \frac{\text{MSE of turned}}{\text{MSE of grey}} = 4 \sin^2 \frac{\theta}{2}
# = 2 (1 - \cos\theta) .
# $$
#
# The ratio is 3 at 120° and 4 at 180°. It passes 1 at 60°: **a hue that is wrong by more than 60°
# is punished more than no colour at all.** From orange to yellow is forgiven; from red to
# blue is not, whether the thing could have been blue or not.

# %%
angles = np.arange(0, 181, 10)
swept = [recolor(Images(truth[:4]).lab, torch.tensor(True), float(a), 1.0) for a in angles]
measured = np.array([measure("mse_to_grey", rgb, truth[:4]).mean() for rgb in swept])
figure, axes = plt.subplots(figsize=(6.4, 3.4))
axes.plot(angles, 2 * (1 - np.cos(np.radians(angles))), "-", label="2 (1 - cos θ)")
axes.plot(angles, measured, "o", label="four photos, cut to the gamut")
axes.axhline(1, color="#666666", linewidth=1)
axes.text(178, 1.06, "grey", ha="right")
axes.axvline(60, color="#666666", linewidth=1, linestyle=":")
axes.set(xlabel="hue turned by (degrees)", ylabel="MSE / grey", xticks=range(0, 181, 30))
axes.legend()
show(
    figure, alt="MSE over grey's rises with the angle, crosses 1 at 60 degrees, and nears 4 at 180."
)

# %% [markdown]
# The measured points fall below the curve at large angles because sRGB cannot show all the turned
# colours; they are cut to the gamut, which takes chroma and so error away.
#
# ## PSNR, SSIM and ΔE
#
# PSNR is squared error again, in RGB and in decibels. SSIM {cite:p}`wang2004image` compares local
# means, contrasts and structure. Both were made for compression, where the question is whether
# *edges* survive. A colorizer keeps all of them: they are in the luminance. ΔE 2000
# {cite:p}`sharma2005ciede2000` weighs a colour difference as an eye does in a side-by-side test.
# Drain the colour from true photos and look.

# %%
levels = np.linspace(0, 1.5, 7)
lab = Images(truth).lab
drained = [recolor(lab, torch.tensor(True), 0, float(level)) for level in levels]
curves = {
    name: [measure(name, rgb, truth) for rgb in drained] for name in ("ssim", "delta_e", "psnr")
}
figure, panels = plt.subplots(1, 3, figsize=(10, 3.1), layout="constrained")
titles = {"ssim": "SSIM", "delta_e": "ΔE 2000", "psnr": "PSNR (dB)"}
for axes, (name, values) in zip(panels, curves.items(), strict=True):
    means = np.array([v.mean() for v in values])
    if name == "psnr":
        means[levels == 1] = np.nan  # infinite, up to rounding
    axes.plot(levels, means, "o-")
    axes.set(title=titles[name], xlabel="saturation (1 = true)")
panels[0].set_ylim(0, 1.02)
show(
    figure,
    alt="Three curves over saturation from 0 to 1.5. SSIM stays near its top everywhere; Delta E "
    "falls to 0 at 1 and rises again; PSNR rises to either side of a gap at 1.",
)
glue("ssim_grey", f"{curves['ssim'][0].mean():.2f}", display=False)
glue("ssim_network", f"{measure('ssim', network, truth).mean():.2f}", display=False)
glue("ssim_half", f"{curves['ssim'][2].mean():.2f}", display=False)

# %% [markdown]
# Without any colour, SSIM still gives {glue:text}`ssim_grey`; with half of the colour it gives
# {glue:text}`ssim_half`; the network's photos get {glue:text}`ssim_network`. A table that lists
# SSIM to three digits for colorizers mostly reports that they kept the luminance. (PSNR is infinite
# at the true saturation; that point is left out.) ΔE does see colour. But it too asks how far an
# answer is from *the* truth, and not whether it could be true.
#
# ## The red motorcycle
#
# Here is the complaint in one picture. The motorcycle is red. Nobody can know that from the grey
# photo; it might as well be blue. So compare a blue one, with everything else exactly right, to a
# motorcycle left grey.

# %%
judged = render("motorcycle", "object", -110, 1.0)
figure = photo_grid(
    [[picture(subject("motorcycle").rgb), judged.changed, judged.grey]],
    columns=["truth", "blue", "grey"],
    height=2.4,
)
show(figure, alt="The same motorcycle in a garage three times: red, blue, and without colour.")

# %%
distances = ("mse", "psnr", "ssim", "delta_e", "auc", "auc_rebalanced")
assert all(judged.winner(name) == "grey" for name in distances)
table(["metric", "better is", "blue", "grey", "it prefers"], verdicts(judged))

# %% [markdown]
# Everyone who looks takes the blue motorcycle for a photo, and the grey one for a mistake. All six
# metrics that compare pixel by pixel say the opposite, also the perceptual one, and also AuC in the
# version that was made for fairness to rare colours (below). Only the two that ask *how much*
# colour there is prefer the blue one; they don't look at which.
#
# So a network that is trained and selected by such numbers learns to be vague wherever a thing can
# have several colours. Its brown cars and beige walls are not a failure of training: they are what
# was asked for.
#
# ### Try it yourself
#
# Turn the hue, and watch when each metric changes its mind. Where does yours?

# %%
HTML(judge_twin("motorcycle"))

# %% [markdown]
# The figure above works on any page. With a running kernel the next cell has more photos,
# saturation, and the whole picture.

# %%
judge_widget()

# %% [markdown]
# ## How colourful?
#
# Hasler and Süsstrunk asked people how colourful photos are, and fitted a formula
# {cite:p}`hasler2003measuring`. With $rg = R - G$ and $yb = (R + G)/2 - B$ on the scale 0-255,
#
# $$
# M_3 = \sqrt{\sigma_{rg}^2 + \sigma_{yb}^2} + 0.3 \sqrt{\mu_{rg}^2 + \mu_{yb}^2} .
# $$
#
# The differences are *signed*. The code that several well-known papers used takes $|rg|$ and $|yb|$
# first. Then red beside green is no spread any more.

# %%
signed, absolute = colorfulness(truth), absolute_colorfulness(truth)
table(
    ["photo", "M3", "with absolute values", "ratio"],
    [
        (name, f"{m:.1f}", f"{m_abs:.1f}", f"{m_abs / m:.2f}")
        for name, m, m_abs in zip(names, signed, absolute, strict=True)
    ],
)

# %% [markdown]
# On photos of one colour family the two agree; on the flower before green leaves they don't.
# Numbers of two papers can be compared only if both say which they used. `colorlab` prints both,
# under two names.
#
# How near is a colorizer's colourfulness to the truth's? Again one word has two meanings. The
# difference of the two *means over the set* lets a photo that is too colourful pay for one that is
# too pale. The mean of the *differences of each photo* does not.

# %%
rows = []
for name, rgb in (*answers.items(), ("truth, shuffled", truth.roll(1, 0))):
    of_set = abs(colorfulness(rgb).mean() - signed.mean())
    of_photos = measure("delta_colorfulness_photo", rgb, truth).mean()
    rows.append((name, f"{of_set:.1f}", f"{of_photos:.1f}"))
table(["answer", "of the means", "mean of the differences"], rows)

# %% [markdown]
# The last row gives every photo its neighbour's picture. As a set nothing has changed, and the
# first number is a perfect 0. It is the one that most tables print.
#
# ## AuC: the share of pixels that are right
#
# Zhang et al. {cite:p}`zhang2016colorful` draw the share of pixels whose $(a^*, b^*)$ is right
# within $t$, for $t$ from 0 to 150, and take the area under this curve.

# %%
figure, axes = plt.subplots(figsize=(6.4, 3.6))
thresholds = np.arange(151)
areas = {}
for (name, rgb), line in zip(answers.items(), ("-", "--", ":"), strict=True):
    error = torch.hypot(*(Images(rgb).lab - lab)[:, 1:].unbind(1)).flatten().numpy()
    axes.plot(thresholds, [(error <= t).mean() for t in thresholds], line, label=name)
    areas[name] = (1 - np.minimum(error, 150) / 150).mean()
axes.set(
    xlabel="threshold t (L*a*b* units)", ylabel="share of pixels right within t", ylim=(0, 1.02)
)
axes.legend(loc="lower right")
show(
    figure,
    alt="Curves that rise from 0 towards 1 with the threshold. The network and grey rise quickly, "
    "turned more slowly.",
)

# %%
for name, rgb in answers.items():
    assert abs(areas[name] - measure("auc", rgb, truth).mean()) < 1e-4
table(
    ["answer", "area", "1 - mean error / 150"],
    [
        (name, f"{measure('auc', rgb, truth).mean():.4f}", f"{areas[name]:.4f}")
        for name, rgb in answers.items()
    ],
)

# %% [markdown]
# The two columns are equal, and this is worth a moment. A pixel with the error $e$ counts for all
# thresholds from $e$ to 150: it adds $(150 - e)/150$ to the area. So AuC is nothing but the mean
# *absolute* error, turned round and divided by 150. Its values crowd near 1, because hardly any
# error comes near 150.
#
# Sky, walls and roads are nearly grey, and they are most pixels. The *rebalanced* AuC divides each
# pixel by how common its true colour is, so that each of 313 colours has the same say. The
# frequencies should be those of the photos that are measured. With those of other photos, a single
# photo with a colour that is rare *there* can hold nearly all of the weight.

# %%
weights = rarity(class_counts(Images(truth)))
rows = []
for name, rgb in answers.items():
    rebalanced = measure("auc_rebalanced", rgb, truth, rarity=weights)
    rows.append((name, f"{measure('auc', rgb, truth).mean():.3f}", f"{rebalanced.mean():.3f}"))
table(["answer", "AuC", "rebalanced, mean of the photos"], rows)

# %% [markdown]
# ## Does a classifier recognise it?
#
# A different question: if colours are plausible, a classifier that was trained on true photos
# should recognise what it sees. Zhang et al. called this semantic interpretability. It needs photos
# with known classes; among our samples the cat and the cup of coffee are in ImageNet.

# %%
named = {"chelsea": [281, 282, 285], "coffee": [967]}  # three kinds of cat; espresso
rows = []
for name, classes in named.items():
    rgb = torch.from_numpy(sample_photos(name)[0].rgb).permute(2, 0, 1)
    true = preprocess(rgb)[None].float() / 255
    shown = {
        "true": true,
        "grey": constant(0.0, 0.0)(true, []),
        "network": colorizer(load_model("efficientnet_lite0"))(true, []),
    }
    for answer, rgb in shown.items():
        scores = look(rgb)[1].softmax(1)[0]
        rows.append((f"{name}, {answer}", f"{scores[classes].sum():.1%}"))
table(["photo", "share given to its true classes"], rows)

# %% [markdown]
# Two photos are an illustration and no measurement. The measurement is `top1` and `top5` of
# `colorlab evaluate`, on any photos whose file or folder names begin with WordNet ids, as those of
# ImageNet do. A caution: classifiers see shapes first, and grey photos do well too. The room
# between grey and truth, in which colorizers can differ, is small.
#
# ## Comparing sets: FID and its protocol
#
# The Fréchet inception distance {cite:p}`heusel2017gans` compares no pixels. A network (Inception)
# turns each image into 2,048 numbers; the two clouds of numbers, of shown and of true images, are
# described by mean and covariance, and the distance between two normal distributions with these is
# the score:
#
# $$
# d^2 = |m_1 - m_2|^2 + \operatorname{tr}\left(C_1 + C_2 - 2 (C_1 C_2)^{1/2}\right) .
# $$
#
# It does not mind a blue motorcycle. But the number hangs on much besides the colours:
#
# - **How many photos.** Few photos give a higher FID, by an amount that differs between models
#   {cite:p}`chong2020effectively`.
# - **How they were made small.** Resizing without a filter against aliasing, as several libraries
#   do, changes the features, and so does JPEG compression {cite:p}`parmar2022aliased`.
# - **Squash or crop, and against what.** ColTran's authors cut out the middle square, and print
#   19.37 for it, on 5,000 photos {cite:p}`kumar2021colorization`. The authors of DDColor, with
#   ColTran's published weights, on all 50,000 validation photos of ImageNet, each squashed to a
#   square, print 6.14 {cite:p}`kang2023ddcolor`. The network is the same.
#
# Inception's weights are a download. `colorlab` computes FID where they can be had, and says why
# where not. What it always has is a cousin: the same formula on the 1,280 features of
# EfficientNet-Lite0. It is called *Frechet, Lite0* and never FID. It shows how much protocol alone
# can do. All images below are *true*; only the way they were handled differs.

# %%
crops = []
for photo, _ in open_photos("sample").readable():
    for _ in range(8):
        top, left = (int(rng.integers(side - 255)) for side in photo.shape[1:])
        crops.append(photo[:, top : top + 256, left : left + 256])
crops = torch.stack(crops)  # uint8 (72, 3, 256, 256)


def resized(antialias):
    """All crops at 112 pixels, and enlarged again."""
    small = interpolate(crops.float() / 255, (112, 112), mode="bilinear", antialias=antialias)
    return interpolate(small, (224, 224), mode="bilinear").clamp(0, 1)


def as_jpeg(quality):
    """All crops through a JPEG file."""
    files = []
    for crop in crops:
        file = io.BytesIO()
        Image.fromarray(crop.permute(1, 2, 0).numpy()).save(file, "jpeg", quality=quality)
        files.append(torch.from_numpy(np.asarray(Image.open(file)).copy()).permute(2, 0, 1))
    return torch.stack(files).float() / 255


def cloud(rgb):
    """The Gaussian of Lite0's features."""
    gaussian = Gaussian()
    for part in rgb.split(8):
        gaussian.add(look(part)[0])
    return gaussian


as_they_are = crops.float() / 255
reference = cloud(as_they_are)
half = cloud(as_they_are[::2]), cloud(as_they_are[1::2])
rows = [
    ("the same photos", reference),
    ("through JPEG, quality 75", cloud(as_jpeg(75))),
    ("halved with a filter, enlarged", cloud(resized(True))),
    ("halved without, enlarged", cloud(resized(False))),
    ("without any colour", cloud(constant(0.0, 0.0)(as_they_are, []))),
]
rows = [(name, f"{max(0.0, frechet_distance(reference, x)):.1f}") for name, x in rows]
rows.append(("one half of the photos against the other", f"{frechet_distance(*half):.1f}"))
table([f"{len(crops)} crops of the sample photos, against the same", "Frechet, Lite0"], rows)

# %% [markdown]
# No colour was changed in any row but the last but one. A JPEG file that looks like the original
# is a third of the way to no colour at all. Other crops of the very same photos, in the last row,
# are nearly as far away as all colours gone (there are only half as many on either side, which adds
# to the distance). So the handling, the number of photos, and whether outputs are compared with the
# *same* photos or with others, must be named with every such number.
#
# ## With an interval
#
# A mean over photos is a guess at the mean over all photos of their kind. How far would it move
# with other photos? The *bootstrap* answers without any formula: draw as many photos as there are,
# with replacement, take the mean, and repeat a thousand times. The middle 95 % of these means is
# the interval.

# %%
small = interpolate(as_they_are, (128, 128), mode="bilinear", antialias=True)
ours = constant(0.0, 0.0)(small, [])
network_small = torch.cat(
    [colorizer(load_model("efficientnet_lite0"))(part, []) for part in small.split(8)]
)
rows = np.stack([measure("delta_e", x, small) for x in (ours, network_small)], axis=1)
drawn = bootstrap_means(rows)
apart = [interval(drawn[:, column]) for column in (0, 1)]
paired = interval(drawn[:, 1] - drawn[:, 0])

figure, panels = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
bins = np.linspace(drawn.min(), drawn.max(), 40)
for column, (name, color, hatch) in enumerate((("grey", "#999999", ""), ("network", BLUE, "//"))):
    panels[0].hist(drawn[:, column], bins, color=color, hatch=hatch, alpha=0.7, label=name)
panels[0].set(title="1,000 means", xlabel="mean ΔE 2000", ylabel="draws", axisbelow=True)
panels[0].legend()
panels[1].hist(drawn[:, 1] - drawn[:, 0], 40, color=GREEN)
panels[1].axvline(0, color="k", linewidth=1)
panels[1].set(title="network minus grey, same draws", xlabel="difference", axisbelow=True)
show(
    figure,
    alt="Left: two wide histograms of means whose tails overlap. Right: the histogram of the "
    "differences of the same draws, narrower and all below 0.",
)

# %%
widths = [high - low for low, high in (*apart, paired)]
Markdown(
    f"Grey {apart[0][0]:.2f} to {apart[0][1]:.2f}, network {apart[1][0]:.2f} to "
    f"{apart[1][1]:.2f}: these intervals are {widths[0]:.2f} and {widths[1]:.2f} wide. The "
    f"difference, photo by photo, is {paired[0]:.2f} to {paired[1]:.2f}, and {widths[2]:.2f} wide."
)

# %% [markdown]
# Some photos are hard for every answer, and whether they are drawn moves both means together. In
# the *difference* this cancels. So compare two models on the same photos, and give the interval of
# the difference; whether two separate intervals overlap says little. (The crops here come from nine
# photos and are not independent: the true uncertainty is larger than these intervals say. Photos of
# your own, one each, don't have this flaw.)
#
# ## One command for all of it
#
# ```bash
# colorlab evaluate --data FOLDER --model efficientnet_lite0 --model runs/mine --model results/
# ```
#
# A model can be a name, the folder of a training run, or a *folder of images* that any other
# program has coloured, matched by file name. The baselines are always there: grey, the photos' mean
# colour, the prior's commonest colour, and the truth. All go through RGB into L\*a\*b\*, so that
# models of other colour spaces are comparable. Photos are read one batch at a time, however many
# there are. `--json`, `--csv` and `--gallery` write files. The same from Python:

# %%
report = compare(
    {"network": colorizer(load_model("efficientnet_lite0"))},
    open_photos(photos),
    Preprocessing(128),
    metrics=["mse_to_grey", "ssim", "delta_e", "colorfulness", "delta_colorfulness_photo", "auc"],
)
columns = ("network", "grey", "mean colour", "truth")
table(
    ["metric", "better", *columns],
    [
        (facts.title, facts.better, *[f"{report.scores[c][name].value:.3f}" for c in columns])
        for name, facts in report.metrics.items()
    ],
)

# %%
score = report.scores["network"]["mse_to_grey"]
Markdown(
    f"With its interval: MSE / grey of the network is {score.value:.3f} "
    f"({score.low:.3f} to {score.high:.3f}, {score.photos} photos, {report.preprocessing})."
)

# %% [markdown]
# Read the interval first. With a handful of photos it is wide: that is what small samples look like
# when they are honest.
#
# A new metric is one file in `colorlab/metrics` with a function under `@metric(...)`, and one
# import; table, intervals, differences, files and gallery follow by themselves.
#
# ## Exercises
#
# ```{admonition} Exercise 1
# :class: tip
# A network gets every hue right but gives only half of the true chroma, everywhere. What is its
# MSE / grey?
# ```

# %%
your_ratio = None
check(your_ratio, 0.25)

# %% [markdown]
# ````{admonition} Solution 1
# :class: dropdown
# The error is half the chroma where grey's is all of it: $0.5^2 = 0.25$.
# ```python
# measure("mse_to_grey", recolor(lab, torch.tensor(True), 0, 0.5), truth)
# ```
# By this measure half the colour is three quarters of the way to the truth.
# ````
#
# ```{admonition} Exercise 2
# :class: tip
# The left half of a picture is pure red (255, 0, 0), the right half pure green (0, 255, 0). What is
# its colourfulness by the definition? And with absolute values first? Answer with both, in this
# order.
# ```

# %%
your_pair = None
patches = torch.zeros(1, 3, 8, 8)
patches[:, 0, :, :4] = patches[:, 1, :, 4:] = 1
check(your_pair, [colorfulness(patches)[0], absolute_colorfulness(patches)[0]], tolerance=0.5)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# $rg$ is 255 on the left and −255 on the right: mean 0, standard deviation 255. $yb$ is 127.5
# everywhere. So $M_3 = 255 + 0.3 \cdot 127.5 = 293.25$. With absolute values $rg$ is 255
# everywhere, all spread is gone, and what is left is $0.3 \sqrt{255^2 + 127.5^2} = 85.5$.
# ```
#
# ```{admonition} Exercise 3
# :class: tip
# All pixels of a photo have $C^* = 30$. What is the AuC of answering grey?
# ```

# %%
your_area = None
check(your_area, 0.8)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# Every pixel has an error of 30, so the area is $1 - 30/150 = 0.8$. An AuC of 0.8 sounds like a
# good mark, and is no answer at all.
# ```
#
# ## Summary
#
# - Metrics that compare pixel by pixel ask for *the* colour. A hue wrong by more than 60° costs
#   more than none; so they reward grey where a thing can have several colours.
# - SSIM and PSNR hardly see colour. AuC is a mean absolute error in disguise.
# - Colourfulness and its differences each have two definitions in print; FID has a dozen.
# - Give n, the interval, and the preprocessing; compare models by differences on the same photos.
# - No single number is enough. Print several, and look at the pictures: the best, the median, the
#   worst.
