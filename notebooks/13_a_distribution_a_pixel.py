# %% [markdown]
# # A distribution a pixel
#
# A balloon is red or blue. A network that may give one answer, and pays for squared errors, gives
# the mean: a dull purple that no balloon has. Zhang, Isola and Efros (2016) let the network say
# what it thinks instead: for each pixel a share for each of 313 colours. What is shown is decided
# afterwards.
#
# ```{admonition} Goals
# After this chapter you can
# - turn colours into classes softly, and say what that costs;
# - train by a cross-entropy that never builds its target;
# - say what both papers weigh, with which bins, and where the weights go;
# - read a distribution as mean, annealed mean, mode or sample, and say what each is good for;
# - check whether a network's shares are to be believed.
# ```
#
# Time: 50 minutes; the cells run in about a minute on two CPU cores. You need the chapters on
# colour statistics and on rebalancing.

# %% tags=["parameters"]
photo = "china"  # a sample photo, to look into
steps = 300  # of the live fit
size = 64  # of its pictures, a multiple of 32

# %%
import numpy as np
import torch

from colorlab.course import check, note, say, show, table, use_style

use_style()

# %% [markdown]
# ## Colours as classes
#
# The classes are points ten units apart in the plane of a\* and b\*, as far as sRGB reaches. Where
# do the 313 come from? Draw squares of ten units, keep every square that holds a colour of sRGB,
# and take the corners of those: 309. The published list has four more. An sRGB colour is nearest
# to one of only 261 of them.
#
# A colour that is between classes belongs to several. It is shared among its five nearest by
# $e^{-d^2 / 2\sigma^2}$, $\sigma = 5$: a *soft encoding*.

# %%
from colorlab.models.classes import zhang_bins
from colorlab.prior.zhang import soft_encode

numbers, weights = soft_encode(torch.tensor([43, 36]).view(1, 2, 1, 1) / 128)
shares = np.zeros(313)
shares[numbers.flatten()] = weights.flatten()

# %% tags=["hide-input"]
from colorlab.course.figures.distribution import classes_figure

show(
    classes_figure(
        {"the 313 classes": np.full(313, 0.02), "(43, 36)": shares}
    ),
    alt="The plane of a* and b*. Left: 313 discs on a grid of ten units. "
    "Right: a colour between classes, spread over five.",
)

# %% [markdown]
# The paper takes five neighbours. The training code that its authors released takes ten. What is
# lost by going there and back? On all pixels of a photo:

# %%
from colorlab.color import LAB
from colorlab.course import sample_photos, to_tensor
from colorlab.models.classes import annealed_mean, mode

astronaut = to_tensor(sample_photos("astronaut")[0].rgb[::2, ::2])
_, chroma = LAB.split(astronaut)
centres = torch.from_numpy(zhang_bins()).float()


def there_and_back(k):
    """Distances (H W,), in L*a*b* units, of colours from k classes' mean."""
    numbers, weights = soft_encode(chroma, k)
    decoded = (centres[numbers] * weights[..., None]).sum(1).movedim(-1, 1)
    return (decoded - 128 * chroma).norm(dim=1)


# %% tags=["hide-input"]
errors = {"the nearest alone": there_and_back(1)}
errors |= {
    "five, the paper": there_and_back(5),
    "ten, the code": there_and_back(10),
}
rows = [
    (name, f"{e.mean():.2f}", f"{e.max():.2f}") for name, e in errors.items()
]
table(["classes of a colour", "mean error", "largest"], rows)

# %% [markdown]
# Hard classes are off by three units, more than an eye needs to see a step. Soft ones lose next
# to nothing,
# with five or with ten. Ten are a little lopsided: the tenth nearest is one of several equally far
# away, and which one is taken is arbitrary.
#
# ## A loss without its target
#
# The loss is a cross-entropy, $-v \sum_q Z_q \log \hat Z_q$, of what the network says, $\hat Z$,
# against the soft truth $Z$; $v$ is a weight of the true colour, here 1. For a batch of 32
# photos of 128 pixels, a quarter of the size being
# enough for colour, the target would have ten million numbers, nearly all of them 0. So it is never
# built: five logits are gathered, and the rest is the logarithm of a sum.

# %% tags=["hide-input"]
import inspect

from IPython.display import Markdown

from colorlab.train.classes import ClassLoss

Markdown(f"```python\n{inspect.getsource(ClassLoss.forward)}```")

# %% [markdown]
# It can't reach 0: where the network is sure and right, it still pays the entropy of the soft
# encoding. Knowing nothing but how common colours are, it pays the cross-entropy with those shares.

# %% tags=["hide-input"]
from colorlab.prior.prior import shipped_prior
from colorlab.prior.zhang import zhang_prior

common = zhang_prior(shipped_prior("photos"))
numbers, weights = soft_encode(chroma)
floor = -(weights * weights.log()).sum(1).mean() / np.log(2)
logs = torch.from_numpy(np.log2(common)).float()
known = -(weights * logs[numbers]).sum(1).mean()
note({"floor": f"{floor:.1f}", "known": f"{known:.1f}"})
Markdown(
    f"On this photo a perfect network pays {floor:.1f} bits a pixel; one "
    f"that knows only our prior pays about {known:.1f}."
)

# %% [markdown]
# ## A doubt, and four ways to answer
#
# Three photos, half as colourful, are what they are six times in ten; four times in ten every
# colour is its opposite, and nothing in the grey says when. A regression's best answer is
# $0.6 - 0.4 = 0.2$ of the colours. Here is a network that may say both.

# %%
from colorlab.course import sample_batch
from colorlab.train.classes import begin, class_loss

photos = sample_batch(size, "coffee", "flower", "astronaut")
luma, chroma = LAB.split(photos)
chroma = chroma / 2  # so that the opposites are colours that there are
torch.manual_seed(0)
network, loss = begin().train(), class_loss(1.0)
adam = torch.optim.Adam(network.decoder.parameters(), lr=2e-3)

# %%
for _ in range(steps):
    logits = network(luma)
    value = 0.6 * loss(logits, chroma) + 0.4 * loss(logits, -chroma)
    adam.zero_grad()
    value.backward()
    adam.step()
logits = logits.detach()

# %% tags=["hide-input"]
from colorlab.course import photo_grid, to_pictures
from colorlab.models.classes import sample
from colorlab.models.zhang import enlarge

answers = {
    "mean": annealed_mean(logits, 1),
    "T = 0.38": annealed_mean(logits),
}
answers |= {"mode": mode(logits)}
answers["sample"] = sample(logits, 1, reach=3)
shown = [
    to_pictures(LAB.merge(luma, enlarge(one))) for one in answers.values()
]

# %% tags=["hide-input"]
show(
    photo_grid(
        list(zip(*shown, strict=True)), columns=list(answers), height=1.0
    ),
    alt="Three photos in rows. The mean is almost grey; at temperature 0.38 "
    "colours are stronger; the mode has the likelier colours; a sample has "
    "patches of the likelier colours and of their opposites.",
)

# %% tags=["hide-input"]
vivid = (
    chroma.norm(dim=1) > 0.08
)  # 10 units: where there is a colour to be in doubt about


def share(answer):
    """How much of the true chroma an answer has, on the vivid pixels."""
    along = (enlarge(answer) * chroma).sum(1)[vivid].sum()
    return float(along / chroma.square().sum(1)[vivid].sum())


# %% tags=["hide-input"]
expected = {"mean": "0.20", "T = 0.38": "0.49", "mode": "1.00"}
rows = [
    (name, value, f"{share(answers[name]):.2f}")
    for name, value in expected.items()
]
table(["read as", "of the true chroma, computed", "learned"], rows)

# %% [markdown]
# All four pictures come from one answer of the network. The *annealed mean* takes
# $\mathrm{softmax}(\log \hat Z / T)$: at $T = 0.38$, shares of 0.6 and 0.4 become 0.744 and 0.256,
# and their mean is 0.49 of the colour. Raising the temperature goes towards the mean, lowering it
# towards the likeliest colour, and each costs one softmax. A mode can jump between neighbours; a
# mean never does.
#
# A sample draws each pixel's colour from its distribution. Drawn one by one, pixels would disagree
# and give confetti. By the Gumbel-max trick the class is the largest of logit plus noise, and the
# noise may be *smooth over the photo* without changing any pixel's distribution: then near pixels
# that think alike choose alike.

# %% tags=["lesson"]
from colorlab.models import classes

Markdown(f"```python\n{inspect.getsource(classes.sample)}```")

# %% [markdown]
# ## Rebalancing, again
#
# Most pixels are nearly grey, so what a network learns is grey. Both papers weigh rare colours
# more, by the same formula with other parts. Readers of Zhang's code keep asking what these are:
#
# | | Zhang et al. 2016 | the paper's Eq. 3 |
# | --- | --- | --- |
# | bins | 313, ten units apart, in or next to the gamut | 2¹⁶, a unit apart, the whole square |
# | counted on | ImageNet's training photos | the training photos |
# | smoothed | a Gaussian of 5 units, not cut | the same, cut to 10 bins |
# | 1 / weight $\propto$ | $(1 - λ)\,\tilde p + λ / 313$ | $(1 - λ)\,\tilde p + λ / 2^{16}$ |
# | mean weight 1 under | $\tilde p$ | $\tilde p$ (its code: the denominator) |
# | λ | 0.5 | 0.9 |
# | multiplies | a pixel's cross-entropy, by its nearest class | its squared error, by its bin |
#
# In Zhang's code two things differ from the paper: bins that no pixel fell in get nothing of the
# uniform part, and the weight multiplies the gradient alone, so that the loss that is printed is
# the unweighted one.
#
# What does a weight do to a distribution? Count every red pixel twice, and a network that counts
# right says twice the share of red, before shares are made to add up to 1 again. So weights in
# training are a factor on the answer:
#
# $$\hat Z^{w}_q = \frac{w_q\,\hat Z_q}{\sum_r w_r\,\hat Z_r}$$

# %% tags=["remove-cell"]
from colorlab.course import read_card

lam = read_card("zhang_lite0")["reading"]["lam"]
note(lam=lam)

# %% tags=["remove-input"]
say("""
and they can be multiplied in *after* training, with any λ. Our `zhang_lite0` is trained without
weights: its shares are those of colours as common as they are, and can be checked. Weights are
added when it is read, as logarithms, and λ can still be chosen: the one that it comes with,
{lam}, gives validation photos as much chroma as they had. Zhang's 0.5 gave too much, with this
network. (Softly encoded, a colour's neighbours have other weights than its own class, so the two
ways differ a little. And weights in training also say where a small network should try hardest.
That is lost.) Maps of both papers' weights are in [Colour
statistics](03_color_statistics.ipynb).
""")

# %% [markdown]
# ## The pixel's mind
#
# Click at a pixel: what does it think? Drag the temperature, and λ, and watch the photo. All of it
# runs in the page: the network ran once.

# %% tags=["hide-input", "twin"]
from IPython.display import HTML

from colorlab.course.widgets.pixel_widget import pixel_twin

HTML(pixel_twin(photo, lam=lam))

# %% tags=["hide-input"]
from colorlab.course import load_model
from colorlab.inference.predict import working_luma

net = load_model("zhang_lite0")
picture = sample_photos(photo)[0].rgb
with torch.inference_mode():
    luma = working_luma(
        torch.from_numpy(picture.copy()).permute(2, 0, 1), LAB
    )
    logits = net.answer(luma).float()
_, chroma = LAB.split(to_tensor(picture))
truth = torch.nn.functional.adaptive_avg_pool2d(chroma, logits.shape[2:])


# %% tags=["hide-input"]
def mind(x, y):
    """Shares (313,) of the pixel at a place, and what is read from them."""
    row, column = int(y * logits.shape[2]), int(x * logits.shape[3])
    one = logits[:, :, row : row + 1, column : column + 1]
    marks = {
        "mean": annealed_mean(one, 1),
        "annealed mean": annealed_mean(one),
        "mode": mode(one),
    }
    marks["truth"] = truth[:, :, row : row + 1, column : column + 1]
    read = {
        name: (128 * value).flatten().tolist()
        for name, value in marks.items()
    }
    return one.softmax(1).flatten().numpy(), read


# %% tags=["hide-input"]
places = [(0.75, 0.12), (0.3, 0.62)]
minds = [mind(x, y) for x, y in places]

# %% tags=["hide-input", "slide", "large"]
from colorlab.course.figures.distribution import mind_figure

show(
    mind_figure(picture, places, minds),
    alt="A photo with two numbered pixels, and for each the plane of a* and "
    "b* with discs for the shares of its classes, and marks for mean, "
    "annealed mean, mode and truth.",
)

# %% tags=["hide-input"]
doubts = [float(-(p * np.log2(p.clip(1e-12))).sum()) for p, _ in minds]
rows = [
    (
        f"pixel {k}",
        f"{doubt:.1f}",
        *(f"({round(a)}, {round(b)})" for a, b in read.values()),
    )
    for k, (doubt, (_, read)) in enumerate(zip(doubts, minds, strict=True), 1)
]
table(["", "doubt, bits", *minds[0][1]], rows)

# %% [markdown]
# Both minds are a cloud around grey. The sky's reaches from blue to yellow, and its mean is faintly
# yellow, where the truth is faintly blue. The wall's leans towards orange, and its mean is a paler
# orange than the truth. Where the doubt is *how much* of one hue, a mean is pale and its hue is
# right. Where the doubt is *which* hue, the mean may lie where hardly any share is.
#
# ## How bold?
#
# Three photos, from the same answers of the network: without class weights in the first two
# columns, with those it comes with in the next three, and with Zhang's.

# %%
names = ["china", "flower", "astronaut"]
batch = sample_batch(224, *names)
luma, chroma = LAB.split(batch)
with torch.inference_mode():
    logits = net.answer(luma).float()
weighted = logits + net.rebalance[:, None, None]

# %% tags=["hide-input"]
readings = {f"T = {t:g}\nλ = 1": annealed_mean(logits, t) for t in (1, 0.38)}
readings |= {
    f"T = {t:g}\nλ = {lam:g}": annealed_mean(weighted, t)
    for t in (1, 0.38, 0.1)
}
from colorlab.prior.zhang import zhang_weights

half = (
    torch.from_numpy(zhang_weights(shipped_prior("photos"), 0.5))
    .log()
    .float()
)

# %% tags=["hide-input"]
readings["T = 0.38\nλ = 0.5"] = annealed_mean(logits + half[:, None, None])
shown = [
    to_pictures(LAB.merge(luma, enlarge(one))) for one in readings.values()
]
rows = list(zip(*shown, to_pictures(batch), strict=True))
show(
    photo_grid(rows, columns=[*readings, "truth"], labels=names, height=0.9),
    alt="Three photos in rows: the plain mean is pale, and annealed no "
    "bolder; with class weights, colours become stronger as the temperature "
    "falls, and turn blotchy at 0.1; with the weights of lambda 0.5 greys "
    "are tinted; then the truth.",
)

# %% [markdown]
# Two knobs, then, and [Lambda, live](11_live_lambda.ipynb) is a third. λ says which colours count,
# the temperature how sure to sound. A low temperature alone is not bold: it goes towards the
# likeliest colour, and that is grey more often than not. Try both on the photo above.
#
# ### Many colourings
#
# And samples: three of each photo, at half the temperature, so that what is unlikely stays away.

# %% tags=["hide-input"]
drawn = [
    sample(weighted, seed, reach=8, temperature=0.5) for seed in range(1, 4)
]
shown = [to_pictures(LAB.merge(luma, enlarge(one))) for one in drawn]
columns = [f"no. {seed}" for seed in range(1, 4)]

# %% tags=["hide-input", "slide", "large"]
show(
    photo_grid(
        list(zip(*shown, strict=True)),
        columns=columns,
        labels=names,
        height=1.8,
    ),
    alt="Three samples of each of three photos: large patches of colours "
    "that differ from one to the next, each of them possible there, but not "
    "together.",
)

# %% [markdown]
# Which would you print? None: each patch is possible, but a network that decides each pixel alone
# can't make patches agree. That takes one that looks at what it has already coloured.
#
# ## What is it worth?
#
# The network that comes with the package is the decoder of [EfficientNet: from recognition to
# colour](09_efficientnet.ipynb) up to a quarter of the photo's size. It went on from that
# chapter's last head. Measured on photos that none of them was trained on:

# %%
import json

from colorlab.train.records import RUNS

record = json.loads((RUNS / "zhang_lite0" / "distribution.json").read_text())[
    "sets"
]
scenes, objects = record["scenes/test"], record["imagenet_samples"]


# %%
def row(name):
    """A reading's numbers on both sets of photos."""
    each = [kind["readings"][name] for kind in (scenes, objects)]
    wanted = ("mse_to_grey", "chroma_ratio")
    first = [f"{one[metric][0]:.2f}" for one in each for metric in wanted]
    grey = objects["readings"]["grey"]["auc_rebalanced"][0]
    return name, *first, f"{100 * (each[1]['auc_rebalanced'][0] - grey):+.1f}"


# %% tags=["hide-input"]
ours = [
    "mean",
    "annealed",
    "mode",
    "as shipped",
    "rebalanced mean",
    "rebalanced, annealed",
]

# %% tags=["hide-input"]
head = [
    "read as",
    "MSE / grey, scenes",
    "chroma",
    "MSE / grey, objects",
    "chroma",
]
head += ["AuC, rebalanced, objects, over grey"]
others = ("efficientnet_lite0", "colorlab", "mean colour", "grey")
table(head, [row(name) for name in (*ours, *others)])

# %% tags=["remove-cell"]
note({"photos": scenes["photos"]})
for name in ("efficientnet_lite0", "colorlab"):
    mean, other = (
        scenes["readings"][one]["mse_to_grey"][0] for one in ("mean", name)
    )
    note({f"to {name}": f"{mean / other - 1:+.1%}"})
note(
    {
        "bits": f"{scenes['bits']:.2f}",
        "prior bits": f"{scenes['bits_of_the_prior']:.2f}",
    }
)

# %% tags=["remove-cell"]
note({"bits objects": f"{objects['bits']:.2f}"})
note({"prior objects": f"{objects['bits_of_the_prior']:.2f}"})
note({"ece": f"{scenes['calibration_error']:.3f}"})
note({"ece objects": f"{objects['calibration_error']:.3f}"})
note({"apart": f"{scenes['diversity']:.0f}", "samples": scenes["samples"]})
note({"one": f"{scenes['sample_mse_to_grey']:.2f}"})
note({"best": f"{scenes['best_mse_to_grey']:.2f}"})

# %% tags=["remove-cell"]
from colorlab.train.records import read_run

runs = [read_run(name) for name in ("zhang_lite0_first", "zhang_lite0")]
steps_taken = sum(run.config["length"]["steps"] for run in runs)
before, last = runs[-1].validation["val_loss"][-2:]
note({"steps taken": f"{steps_taken:,}", "last fall": f"{before - last:.3f}"})

# %% tags=["remove-input"]
say(r"""
"Rebalanced" is with Zhang's $\lambda = 0.5$, "as shipped" with {lam}, at $T = 0.38$. Chroma is
the ratio to the photos' own, AuC the share of pixels that are right, each true colour counting
alike, in points over grey's ([Judging colour](16_metrics.ipynb)); {photos} photos of each. On
the scenes, its mean is {to efficientnet_lite0} in squared error against the regression network
that it began as, which was trained on scenes alone and for long, and {to colorlab} against
`colorlab`, which saw the same photos (and learned to be told λ and hints besides). It took
{steps taken} steps; in the last epoch the cross-entropy on validation photos fell by {last fall}
nats, so its curve is nearly flat. What is gained is all that can't be read from a mean: a doubt,
a mode, a sample.

**Bits a pixel.** The class of the true colour costs {bits} bits on scenes, where the prior alone
needs {prior bits}, and {bits objects} on ImageNet's objects, where it needs {prior objects}.
""")

# %% [markdown]
# **Are the shares to be believed?** Take all pixels whose likeliest colour got 30 to 40 %. Is it
# right in so many of them? Right is what was taught: a softly encoded colour is in its nearest
# class by 0.65 at most.

# %% tags=["hide-input"]
from colorlab.course.figures.distribution import reliability_figure

show(
    reliability_figure(
        {
            "scenes": scenes["reliability"],
            "objects": objects["reliability"],
        }
    ),
    alt="Share given to the likeliest colour against the share of it that "
    "was true, for two sets of photos: close to the diagonal.",
)

# %% tags=["remove-input"]
say("""
Nearly: from a quarter up, all points lie a little below the diagonal, so that the network is
slightly too sure. The expected calibration error, the mean distance from the diagonal over all
pixels, is {ece} on scenes and {ece objects} on objects.

**Samples.** Two samples of a photo are {apart} units apart on average. One sample's squared
error is {one} of grey's: were the shares exactly right, it would be twice the mean's, for truth
and sample would be two draws from one distribution. The one of {samples} that is nearest to the
truth has {best}. For one photo to print, a mean is the better bet. To see what could have been,
sample.
""")

# %% [markdown]
# ## Quick questions
#
# Decide before you open an answer.

# %% tags=["remove-input"]
from colorlab.course import quick_questions

quick_questions("a_distribution_a_pixel")

# %% [markdown]
# ## Exercises
#
# ```{admonition} Exercise 1 (easy)
# :class: tip
# Shares of 0.8 and 0.2 at $T = 0.5$: what does the first become?
# ```

# %%
your_share = None
check("13.1", your_share)

# %% [markdown]
# ```{admonition} Solution 1
# :class: dropdown
# Dividing logarithms by 0.5 squares the shares: $0.64 / (0.64 + 0.04) = 0.941$.
# ```
#
# ```{admonition} Exercise 2 (easy)
# :class: tip
# A pixel is grey with 0.9 and red with 0.1. Red's class weight is nine times grey's. What share has
# red after rebalancing?
# ```

# %%
your_red = None
check("13.2", your_red)

# %% [markdown]
# ```{admonition} Solution 2
# :class: dropdown
# $0.1 \cdot 9 = 0.9$, as much as grey's: a half. The annealed mean is then halfway at every
# temperature: weights and temperature are different knobs.
# ```
#
# ```{admonition} Exercise 3 (medium)
# :class: tip
# What share does a colour right on a class keep there, with five neighbours and $\sigma = 4$?
# (Four neighbours are ten units away.)
# ```

# %%
your_kept = None
check("13.3", your_kept)

# %% [markdown]
# ```{admonition} Solution 3
# :class: dropdown
# $1 / (1 + 4 e^{-100 / 32}) = 0.85$. With $\sigma = 5$ it is 0.65: the network is asked to be less
# sure than the truth is.
# ```
#
# ## Summary
#
# - A distribution a pixel keeps a doubt that a mean throws away.
# - Soft classes lose almost nothing; the loss gathers five logits of 313.
# - Class weights are a factor on the shares, which can be applied when reading. Temperature is
#   another knob.
# - Mean for the least error, annealed mean for a picture, samples to see what is possible.
# - Shares can be checked, and should be.
#
# **Read next.** Zhang et al. (2016), sections 2.2 and 2.3; Larsson et al. (2016), who predict
# histograms of hue and chroma.
#
# Next: [Adversaries](14_adversaries.ipynb), on a loss that is learned.
