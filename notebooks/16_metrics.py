# %% [markdown]
# # Judging colour
#
# The paper ends with a wish: a better metric is necessary ([Lin and Ferreira,
# 2021](https://github.com/hanzhao/image-colorization)). Its authors saw that the numbers they
# trained for did not go with what they saw. This chapter takes the numbers that people use for
# colorization one by one, says exactly what each computes, and finds out what it rewards.
#
# ```{admonition} Goals
# After this chapter you can
# - say what squared error, PSNR, SSIM, ΔE, colourfulness, AuC and Fréchet distances measure;
# - show why a blue motorcycle for a red one scores worse than a grey one, and by how much;
# - name the two definitions behind one word, colourfulness and Δ colourfulness, and say what a FID
#   depends on;
# - put an interval on a mean, and compare two models on the same photos;
# - measure any colorizer, yours or somebody else's, with one command.
# ```
#
# Time: 60 minutes; the cells run in about a minute without a GPU. You need the chapters on colour
# spaces and on colour statistics.

# %% tags=["parameters"]
photos = "sample"  # a folder of your own colour photos, or "sample"
size = 224

# %%
import numpy as np
import torch
from IPython.display import Markdown

from colorlab.course import check, note, say, show, table, use_style

torch.set_grad_enabled(False)
use_style()

# %% tags=["hide-input"]
from colorlab.course import open_photos
from colorlab.evaluate.methods import Preprocessing

preprocess = Preprocessing(size)
opened = open_photos(photos)
pairs = [(preprocess(photo), path.stem) for photo, path in opened.readable()][
    :9
]
truth = (
    torch.stack([photo for photo, _ in pairs]).float() / 255
)  # (B, 3, size, size)
names = [name.split("_")[0][:12] for _, name in pairs]
Markdown(f"{len(names)} photos, {preprocess}.")

# %% [markdown]
# ## Three answers to the same question
#
# Most metrics below compare what is shown with the true photo. To know what a number is worth we
# need answers whose quality is plain to see. *Grey* is no answer at all. *Network* is
# `efficientnet_lite0`, a small one that comes with the package. *Turned* has the true chroma with
# its hue turned by 120°: vivid, consistent, and mostly wrong.

# %%
from colorlab.course import load_model, photo_grid, to_pictures
from colorlab.course.widgets import adjust_chroma
from colorlab.evaluate.methods import colorizer, constant
from colorlab.evaluate.metrics import Images

to_grey, to_color = (
    constant(0.0, 0.0),
    colorizer(load_model("efficientnet_lite0")),
)
everywhere, lab = torch.tensor(True), Images(truth).lab
answers = {"grey": to_grey(truth, []), "network": to_color(truth, [])}
answers["turned"] = adjust_chroma(lab, everywhere, 120, 1.0)

# %% tags=["slide", "large"]
rows = [to_pictures(rgb[:5]) for rgb in (*answers.values(), truth)]
figure = photo_grid(
    rows, columns=names[:5], labels=[*answers, "truth"], height=1.5
)
alt = (
    "Five photos in four rows: grey, as the network colours them, with hues "
    "turned, true."
)
show(figure, alt)

# %% [markdown]
# ## Squared error
#
# The paper's Eq. 1 is the mean of $(\hat a - a)^2$ and $(\hat b - b)^2$ over all pixels, on
# $(a^*, b^*)/128$. A bare 0.01 says nothing, so we give it a unit: the error of grey on the same
# photos. Below 1 the answer is better than none.

# %%
from colorlab.course import group_figure
from colorlab.evaluate.metrics import measure

ratios = {
    name: measure("mse_to_grey", rgb, truth) for name, rgb in answers.items()
}

# %%
show(
    group_figure(names, ratios, (9, 3.2), ylabel="MSE / grey"),
    alt="Bars of MSE over grey's for each photo. Grey is 1 everywhere, "
    "turned 2.2 to 3, the network below 1 on all photos but hubble.",
)
better = int((ratios["network"] < 1).sum())
note(
    turned_ratio=f"{ratios['turned'].mean():.2f}",
    network_better=better,
    count=len(names),
)

# %% tags=["remove-input"]
say(r"""
The network beats grey on {network_better} of {count} photos; it was trained on scenes, and not
all of these are. Turning every hue by 120° costs {turned_ratio} times what grey costs, as a mean of
the photos' ratios. That is
not bad luck. For a pixel of chroma $C$, grey is wrong by $C$. A colour turned by the angle
$\theta$ is wrong by the chord $2 C \sin(\theta / 2)$. Squared and divided:
""")

# %% [markdown]
# $$
# \frac{\text{MSE of turned}}{\text{MSE of grey}} = 4 \sin^2 \frac{\theta}{2}
# = 2 (1 - \cos\theta) .
# $$
#
# The ratio is 3 at 120° and 4 at 180°. It passes 1 at 60°: **a hue that is wrong by more than 60°
# is punished more than no colour at all.** From orange to yellow is forgiven; from red to
# blue is not, whether the thing could have been blue or not.

# %%
from colorlab.course import line_figure

angles = np.arange(0, 181, 10)
swept = [adjust_chroma(lab[:4], everywhere, float(a), 1.0) for a in angles]
measured = np.array(
    [measure("mse_to_grey", rgb, truth[:4]).mean() for rgb in swept]
)
formula = 2 * (1 - np.cos(np.radians(angles)))
curves = {"2 (1 - cos θ)": formula, "four photos, cut to the gamut": measured}

# %%
labels = {"xlabel": "hue turned by (degrees)", "ylabel": "MSE / grey"}
figure = line_figure(
    angles, curves, (6.4, 3.4), ["-", "o"], xticks=range(0, 181, 30), **labels
)
figure.axes[0].axhline(1, color="#666666", linewidth=1)
figure.axes[0].text(178, 1.06, "grey", ha="right")
figure.axes[0].axvline(60, color="#666666", linewidth=1, linestyle=":")
alt = (
    "MSE over grey's rises with the angle and crosses 1 at 60 degrees. The "
    "formula reaches 4 at 180; measured points fall below it from 100 on."
)
show(figure, alt)

# %% [markdown]
# The measured points fall below the curve at large angles because sRGB cannot show all the turned
# colours; they are cut to the gamut, which takes chroma and so error away.
#
# ## PSNR, SSIM and ΔE
#
# PSNR is squared error again, in RGB and in decibels. SSIM (Wang et al., 2004) compares local
# means, contrasts and structure. Both are used most for compression, where the question is whether
# *edges* survive. A colorizer keeps all of them: they are in the luminance. ΔE 2000 (Sharma et
# al., 2005) weighs a colour difference as an eye does in a side-by-side test. Drain the colour
# from true photos and look.

# %%
levels = np.linspace(0, 1.5, 7)
drained = [
    adjust_chroma(lab, everywhere, 0, float(level)) for level in levels
]
metrics = {"ssim": "SSIM", "delta_e": "ΔE 2000", "psnr": "PSNR (dB)"}
curves = {
    name: np.array([measure(name, rgb, truth).mean() for rgb in drained])
    for name in metrics
}
curves["psnr"][levels == 1] = np.nan  # infinite, up to rounding

# %%
import matplotlib.pyplot as plt

figure, panels = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
for axes, (name, values) in zip(panels, curves.items(), strict=True):
    axes.plot(levels, values, "o-")
    axes.set(title=metrics[name], xlabel="saturation (1 = true)")
panels[0].set_ylim(0, 1.02)
alt = "Three curves over saturation from 0 to 1.5. SSIM stays near its top "
alt += "everywhere; Delta E falls to 0 at 1 and rises again; PSNR rises to "
show(figure, alt + "either side of a gap at 1.")

# %%
note(
    ssim_grey=f"{curves['ssim'][0]:.2f}", ssim_half=f"{curves['ssim'][2]:.2f}"
)
for name in ("network", "turned"):
    value = measure("ssim", answers[name], truth).mean()
    note({f"ssim_{name}": f"{value:.2f}"})

# %% tags=["remove-input"]
say("""
SSIM is taken of R, G and B here. Without any colour it still gives {ssim_grey}; with half of the
colour {ssim_half}; the network's photos get {ssim_network}, but those with turned hues only
{ssim_turned}. So it forgives colour that is missing and punishes colour that is wrong, and its
value stands for little unless grey's is beside it. (PSNR is infinite at the true saturation; that
point is left out.) ΔE sees both. But it too asks how far an answer is from *the* truth, and not
whether it could be true.
""")

# %% [markdown]
# ## The red motorcycle
#
# Here is the complaint in one picture. The motorcycle is red. Nobody can know that from the grey
# photo; it might as well be blue. So compare a blue one to one left grey, with everything else
# exactly right. (What is red is found by its hue: a tub on the shelf goes with it, and a streak on
# the tank is missed.)

# %% tags=["large"]
from colorlab.course.widgets.judge_widget import picture, render, subject

judged = render("motorcycle", "object", -110, 1.0)
row = [picture(subject("motorcycle").rgb), judged.changed, judged.grey]
figure = photo_grid([row], columns=["truth", "blue", "grey"], height=2.4)
show(
    figure,
    alt="The same motorcycle in a garage three times: red, blue, and "
    "without colour.",
)

# %%
from colorlab.course.widgets import verdicts

distances = ("mse", "psnr", "ssim", "delta_e", "auc", "auc_rebalanced")
assert all(judged.winner(name) == "grey" for name in distances)
words = {"changed": "blue", "in grey": "grey"}
rows = [(*line[:-1], words[line[-1]]) for line in verdicts(judged)]
table(["metric", "better is", "blue", "grey", "it prefers"], rows)

# %% [markdown]
# To our eyes the blue motorcycle passes for a photo, and the grey one does not; [Which one is
# real?](18_human_test.ipynb) shows how to ask others. All six metrics that compare pixel by pixel
# say the opposite, also the perceptual one, and also AuC in the version that was made for fairness
# to rare colours (below). Only the two that ask *how much* colour there is prefer the blue one;
# they don't look at which.
#
# So a network that is trained and selected by such numbers learns to be vague wherever a thing can
# have several colours. Its brown cars and beige walls are not a failure of training: they are what
# was asked for.
#
# ### Try it yourself
#
# Turn the hue, and watch when each metric changes its mind. Where does yours?

# %% tags=["twin"]
from IPython.display import HTML

from colorlab.course.widgets import judge_twin

HTML(judge_twin("motorcycle"))

# %% [markdown]
# The figure above works on any page. With a running kernel the next cell has more photos,
# saturation, and the whole picture.

# %%
from colorlab.course.widgets import judge

judge()

# %% [markdown]
# ### Spoil your own photo
#
# Halve the chroma, turn the hue, blur the colour, add noise, one at a time, and read the table.
# Which metric hardly notices a colour that is wrong, and which hardly notices anything else? At
# what point does grey become the better answer?

# %% tags=["twin"]
from colorlab.course.widgets import metric_playground

HTML(metric_playground())

# %% [markdown]
# ## How colourful?
#
# Hasler and Süsstrunk asked people how colourful photos are, and fitted a formula (Hasler and
# Süsstrunk, 2003). With $rg = R - G$ and $yb = (R + G)/2 - B$ on the scale 0-255,
#
# $$
# M_3 = \sqrt{\sigma_{rg}^2 + \sigma_{yb}^2} + 0.3 \sqrt{\mu_{rg}^2 + \mu_{yb}^2} .
# $$
#
# The differences are *signed*. The code that several well-known papers used takes $|rg|$ and $|yb|$
# first. Then red beside green is no spread any more.

# %%
from colorlab.evaluate.metrics.colorfulness import (
    absolute_colorfulness,
    colorfulness,
)

signed, absolute = colorfulness(truth), absolute_colorfulness(truth)
rows = [
    (name, f"{m:.1f}", f"{m_abs:.1f}", f"{m_abs / m:.2f}")
    for name, m, m_abs in zip(names, signed, absolute, strict=True)
]
table(["photo", "M3", "with absolute values", "ratio"], rows)

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
# Zhang et al. (2016) draw the share of pixels whose $(a^*, b^*)$ is right within $t$, for $t$
# from 0 to 150, and take the area under this curve.

# %%
thresholds = np.arange(151)
errors = {
    name: torch.hypot(*(Images(rgb).lab - lab)[:, 1:].unbind(1))
    .flatten()
    .numpy()
    for name, rgb in answers.items()
}
curves = {
    name: [(e <= t).mean() for t in thresholds] for name, e in errors.items()
}
areas = {
    name: (1 - np.minimum(e, 150) / 150).mean() for name, e in errors.items()
}

# %%
labels = {
    "xlabel": "threshold t (L*a*b* units)",
    "ylabel": "share of pixels right within t",
}
show(
    line_figure(thresholds, curves, (6.4, 3.6), ylim=(0, 1.02), **labels),
    alt="Curves that rise from 0 towards 1 with the threshold. The network "
    "and grey rise quickly, turned more slowly.",
)

# %%
measured = {
    name: measure("auc", rgb, truth).mean() for name, rgb in answers.items()
}
assert all(abs(areas[name] - measured[name]) < 1e-4 for name in answers)
rows = [
    (name, f"{measured[name]:.4f}", f"{areas[name]:.4f}") for name in answers
]
table(["answer", "area", "1 - mean error / 150"], rows)

# %% [markdown]
# The two columns are equal up to rounding, and this is worth a moment. A pixel with the error $e$
# counts for all thresholds from $e$ to 150: it adds $(150 - e)/150$ to the area. So AuC is nothing
# but the mean *distance*, not squared, turned round and divided by 150. Its values crowd near 1,
# because hardly any error comes near 150.
#
# Sky, walls and roads are nearly grey, and they are most pixels. The *rebalanced* AuC divides each
# pixel's weight by how common its true colour is, so that over the set each of the 313 colours that
# occurs has the same say. (The table has the mean of each photo's own, which is a little more.) The
# frequencies should be those of the photos that are measured. With those of other photos, a single
# photo with a colour that is rare *there* can hold nearly all of the weight.

# %%
from colorlab.evaluate.metrics.auc import class_counts, rarity

weights = rarity(class_counts(Images(truth)))
rows = []
for name, rgb in answers.items():
    rebalanced = measure("auc_rebalanced", rgb, truth, rarity=weights)
    rows.append((name, f"{measured[name]:.3f}", f"{rebalanced.mean():.3f}"))
table(["answer", "AuC", "rebalanced, mean of the photos"], rows)

# %% [markdown]
# ## Does a classifier recognise it?
#
# A different question: if colours are plausible, a classifier that was trained on true photos
# should recognise what it sees. Zhang et al. called this semantic interpretability. It needs photos
# with known classes; among our samples the cat and the cup of coffee are in ImageNet. The judge
# here is EfficientNet-Lite0, which is also the encoder of our colorizers: it is no independent one,
# and may recognise colours that were made from its own features. A result needs a second judge.

# %%
from colorlab.course import sample_photos
from colorlab.evaluate.metrics.lite0 import look

named = {
    "chelsea": [281, 282, 285],
    "coffee": [967],
}  # three kinds of cat; espresso

# %%
rows = []
for name, classes in named.items():
    rgb = torch.from_numpy(sample_photos(name)[0].rgb).permute(2, 0, 1)
    true = preprocess(rgb)[None].float() / 255
    shown = {
        "true": true,
        "grey": to_grey(true, []),
        "network": to_color(true, []),
    }
    for answer, rgb in shown.items():
        scores = look(rgb)[1].softmax(1)[0]
        rows.append((f"{name}, {answer}", f"{scores[classes].sum():.1%}"))
table(["photo", "share given to its true classes"], rows)

# %% [markdown]
# Two photos are an illustration and no measurement. The measurement is `top1` and `top5` of
# `colorlab evaluate`, on any photos whose file or folder names begin with WordNet ids, as those of
# ImageNet do. `top1_lite2` asks a second judge that no network here is built on,
# EfficientNet-Lite2; its weights are a package to install. [Results, and an audit of the paper's
# table](17_results.ipynb) has both judges' verdicts on photos of ImageNet. A caution: classifiers
# see shapes first, and grey photos do well too. Wrong colours can mislead them, as here with the
# coffee: a colorizer may well do worse than grey.
#
# ## Comparing sets: FID and its protocol
#
# The Fréchet inception distance (Heusel et al., 2017) compares no pixels. A network (Inception)
# turns each image into 2,048 numbers; the two clouds of numbers, of shown and of true images, are
# described by mean and covariance, and the distance between two normal distributions with these is
# the score:
#
# $$
# d^2 = |m_1 - m_2|^2 + \operatorname{tr}\left(C_1 + C_2 - 2 (C_1 C_2)^{1/2}\right) .
# $$
#
# It need not mind a blue motorcycle, where sets have some. But the number depends on much besides
# the colours:
#
# - **How many photos.** Few photos give a higher FID, by an amount that differs between models
#   (Chong and Forsyth, 2020).
# - **How they were made small.** Resizing without a filter against aliasing, as several libraries
#   do, changes the features, and so does JPEG compression (Parmar et al., 2022).
# - **Squash or crop, and against what.** ColTran's authors print 19.37, on 5,000 photos and against
#   *other* photos, from which even the true ones are 14.68 away (Kumar et al., 2021). The authors
#   of DDColor, with ColTran's published weights, compare with the same photos and print 6.44 on
#   5,000 middle squares, 6.14 on all 50,000 squashed (Kang et al., 2023). The network is the same.
#
# Inception's weights are a download. `colorlab` computes FID where they can be had, and says why
# where not. What it always has is a cousin: the same formula on the 1,280 features of
# EfficientNet-Lite0. It is called *Frechet, Lite0* and never FID. It shows how much protocol alone
# can do. All images below but one row, which is grey for comparison, are *true*; only the way they
# were handled differs.

# %%
rng = np.random.default_rng(0)
crops = []
for photo, _ in open_photos("sample").readable():
    for _ in range(8):
        top, left = (
            int(rng.integers(side - 255)) for side in photo.shape[1:]
        )
        crops.append(photo[:, top : top + 256, left : left + 256])
as_they_are = torch.stack(crops).float() / 255  # (72, 3, 256, 256)

# %%
import io

from PIL import Image
from torch.nn.functional import interpolate


def resized(antialias):
    """All crops at 112 pixels, and enlarged again."""
    small = interpolate(
        as_they_are, (112, 112), mode="bilinear", antialias=antialias
    )
    return interpolate(small, (224, 224), mode="bilinear").clamp(0, 1)


# %%
from colorlab.course import to_tensor


def as_jpeg(quality):
    """All crops through a JPEG file."""
    pictures = []
    for crop in to_pictures(as_they_are):
        file = io.BytesIO()
        Image.fromarray(crop).save(file, "jpeg", quality=quality)
        pictures.append(to_tensor(np.asarray(Image.open(file))))
    return torch.cat(pictures)


# %%
from colorlab.evaluate.metrics.frechet import Gaussian, frechet_distance


def features(rgb):
    """Lite0's 1,280 features of each picture."""
    return torch.cat([look(part)[0] for part in rgb.split(8)])


def distance(ours, theirs):
    """The Fréchet distance between the Gaussians of two sets of features."""
    gaussians = Gaussian(), Gaussian()
    for gaussian, rows in zip(gaussians, (ours, theirs), strict=True):
        gaussian.add(rows)
    return max(0.0, frechet_distance(*gaussians))


# %%
reference = features(as_they_are)
handled = {
    "the same photos": as_they_are,
    "through JPEG, quality 75": as_jpeg(75),
    "halved with a filter, enlarged": resized(True),
    "halved without, enlarged": resized(False),
    "without any colour": to_grey(as_they_are, []),
}
distances = {
    name: distance(reference, features(x)) for name, x in handled.items()
}
distances["one half of the photos against the other"] = distance(
    reference[::2], reference[1::2]
)

# %%
rows = [(name, f"{found:.1f}") for name, found in distances.items()]
table(
    [
        f"{len(crops)} crops of the sample photos, against the same",
        "Frechet, Lite0",
    ],
    rows,
)

# %% tags=["remove-cell"]
no_colour, halves = (
    distances["without any colour"],
    list(distances.values())[-1],
)
note(
    jpeg=f"{list(distances.values())[1] / no_colour:.0%}",
    halves=f"{halves / no_colour:.0%}",
)
with_filter, without = list(distances.values())[2:4]
more = "more" if with_filter > without else "less"
note(
    filtered=f"{with_filter:.1f}, {more} than the {without:.1f} without a "
    "filter"
)

# %% tags=["remove-input"]
say("""
No colour was changed in any row but the last but one. A JPEG file that looks like the original
is {jpeg} of the way to no colour at all. Halved with a filter it is {filtered}, though the
filter is the better practice: what it takes away, fine detail, counts here, and the false detail
that comes without it looks to these features like texture. (That is our reading; the distance
alone doesn't say why.) And one half of the very same crops is {halves} as far from the other as
all colours gone are.
""")

# %% [markdown]
# That last row has a reason beyond the photos. A set of $n$ vectors spans at most $n - 1$
# directions of the 1,280. Each half's covariance knows only its own few; what it doesn't know
# counts as difference. So the distance between two samples of *one and the same* kind of photo is
# never near 0, and falls as they grow:

# %%
shuffled = reference[torch.from_numpy(rng.permutation(len(reference)))]
sizes = (9, 18, 36)
rows = [
    (n, f"{distance(shuffled[:n], shuffled[n : 2 * n]):.1f}") for n in sizes
]
table(["crops on either side, of one kind", "Frechet, Lite0"], rows)

# %% [markdown]
# This is the bias of few samples (Chong and Forsyth, 2020), and of one draw: another shuffle moves
# each number by a fifth or more. That 36 are further apart here than in the table above is chance
# as well: there every photo gave as many crops to one half as to the other. FID, with 2,048
# features, is usually taken of tens of thousands of images for that reason. Against the *same*
# photos, as in the first five rows, both sides share their directions, and the bias is smaller. So
# the
# handling, the number of photos, and whether outputs are compared with the same photos or with
# others, must be named with every such number.
#
# ## With an interval
#
# A mean over photos is a guess at the mean over all photos of their kind. How far would it move
# with other photos? The *bootstrap* answers without any formula: draw as many photos as there are,
# with replacement, take the mean, and repeat a thousand times. Their spread is that of the mean.
#
# The middle 95 % of the drawn means would be the simplest interval. With few photos it is too
# narrow, and with skewed values, as squared errors are, it lies too low. So `interval` moves its
# ends by what the drawn means say of bias and by what each photo left out says of skewness (*BCa*,
# Efron, 1987), and widens it as Student's $t$ does.

# %%
from colorlab.evaluate.intervals import (
    bootstrap_means,
    interval,
    left_out_means,
)

small = interpolate(as_they_are, (128, 128), mode="bilinear", antialias=True)
ours = torch.cat([to_color(part, []) for part in small.split(8)])

# %%
values = [measure("delta_e", x, small) for x in (to_grey(small, []), ours)]
together = np.stack(
    [*values, values[1] - values[0]], axis=1
)  # grey, network, difference
drawn = bootstrap_means(together)
found = zip(
    together.mean(axis=0), drawn.T, left_out_means(together).T, strict=True
)
*apart, paired = (interval(*one) for one in found)

# %%
from colorlab.course import GREEN

figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
bins = np.linspace(drawn[:, :2].min(), drawn[:, :2].max(), 40)
axes[0].hist(drawn[:, 0], bins, alpha=0.7, label="grey")
axes[0].hist(drawn[:, 1], bins, hatch="//", alpha=0.7, label="network")
axes[0].set(title="1,000 means", xlabel="mean ΔE 2000", ylabel="draws")
axes[0].legend()
axes[1].hist(drawn[:, 2], 40, color=GREEN)
axes[1].axvline(0, color="k", linewidth=1)
axes[1].set(title="network minus grey, same draws", xlabel="difference")
plt.setp(axes, axisbelow=True)
alt = "Left: two wide histograms of means whose tails overlap. Right: the "
alt += "histogram of the differences of the same draws, narrower and all "
show(figure, alt + "below 0.")

# %% tags=["hide-input"]
widths = [high - low for low, high in (*apart, paired)]
Markdown(
    f"Grey {apart[0][0]:.2f} to {apart[0][1]:.2f}, network "
    f"{apart[1][0]:.2f} to {apart[1][1]:.2f}: these intervals are "
    f"{widths[0]:.2f} and {widths[1]:.2f} wide. The difference, photo by "
    f"photo, is {paired[0]:.2f} to {paired[1]:.2f}, and {widths[2]:.2f} "
    "wide."
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
from colorlab.evaluate.compare import compare

report = compare(
    {"network": to_color},
    open_photos(photos),
    Preprocessing(128),
    metrics=[
        "mse_to_grey",
        "ssim",
        "delta_e",
        "colorfulness",
        "delta_colorfulness_photo",
        "auc",
    ],
)

# %%
columns = ("network", "grey", "mean colour", "truth")
rows = [
    (
        facts.title,
        facts.better,
        *[f"{report.scores[c][name].value:.3f}" for c in columns],
    )
    for name, facts in report.metrics.items()
]
table(["metric", "better", *columns], rows)

# %% tags=["hide-input"]
score = report.scores["network"]["mse_to_grey"]
Markdown(
    f"With its interval: MSE / grey of the network is {score.value:.3f} "
    f"({score.low:.3f} to {score.high:.3f}, {score.photos} photos, "
    f"{report.preprocessing})."
)

# %% [markdown]
# Read the interval first. With a handful of photos it is wide: that is what small samples look like
# when they are honest. Where it holds 1, these photos can't tell the network from grey, whatever
# the value beside it.
#
# A new metric is one file in `colorlab/evaluate/metrics` with a function under `@metric(...)`, and
# one import; table, intervals, differences, files and gallery follow by themselves.
#
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("metrics")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# A network gets every hue right but gives only half of the true chroma, everywhere. What is its
# MSE / grey?
# ```

# %%
your_ratio = None
check("16.1", your_ratio)

# %% [markdown]
# ````{admonition} Solution 1
# :class: dropdown
# The error is half the chroma where grey's is all of it: $0.5^2 = 0.25$.
# ```python
# measure("mse_to_grey", adjust_chroma(lab, torch.tensor(True), 0, 0.5), truth)
# ```
# By this measure half the colour is three quarters of the way to the truth.
# ````
#
# ```{admonition} Exercise 2 (hard)
# :class: tip
# The left half of a picture is pure red (255, 0, 0), the right half pure green (0, 255, 0). What is
# its colourfulness by the definition? And with absolute values first? Answer with both, in this
# order.
# ```

# %%
your_pair = None
check("16.2", your_pair)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# $rg$ is 255 on the left and −255 on the right: mean 0, standard deviation 255. $yb$ is 127.5
# everywhere. So $M_3 = 255 + 0.3 \cdot 127.5 = 293.25$. With absolute values $rg$ is 255
# everywhere, all spread is gone, and what is left is $0.3 \sqrt{255^2 + 127.5^2} = 85.5$.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# All pixels of a photo have $C^* = 30$. What is the AuC of answering grey?
# ```

# %%
your_area = None
check("16.3", your_area)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# Every pixel has an error of 30, so the area is $1 - 30/150 = 0.8$. An AuC of 0.8 sounds like a
# good mark, and is no answer at all.
# ```
#
# ```{admonition} Exercise 4 (medium)
# :class: tip
# A mean of each photo's PSNR is lifted by a few photos with hardly any error. Write the *pooled*
# PSNR: of RGB in [0, 1], two tensors (B, 3, H, W), the decibels of the error averaged over all of
# them.
# ```


# %%
def pooled_psnr(shown, truth):
    """10 log10(1 / mean squared error)."""


check("16.4", pooled_psnr)

# %% [markdown]
# ````{admonition} Solution 4
# :class: dropdown
# ```python
# def pooled_psnr(shown, truth):
#     return -10 * (shown - truth).square().mean().log10()
# ```
# The logarithm of a mean is not the mean of logarithms. `colorlab evaluate` prints both.
# ````
#
# ## Summary
#
# - Metrics that compare pixel by pixel ask for *the* colour. By squared error a hue wrong by more
#   than 60° costs more than none, by the others the turn comes a little sooner or later; so they
#   reward grey where a thing can have several colours.
# - SSIM forgives missing colour, not wrong colour, and PSNR is squared error again. AuC is a mean
#   distance in disguise.
# - Colourfulness and its differences each have two definitions in print; FID has many protocols.
# - Give n, the interval, and the preprocessing; compare models by differences on the same photos.
# - No single number is enough. Print several, and look at the pictures: the best, the median, the
#   worst.
#
# Next: [Results, and an audit of the paper's table](17_results.ipynb), where the numbers of this
# course stand.
