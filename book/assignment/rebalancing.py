# %% [raw]
# # ASSIGNMENT CONFIG
# name: rebalancing
# init_cell: true
# check_all_cell: true
# export_cell: false
# files: []
# generate:
#   show_stdout: true

# %% [markdown]
# # Assignment: make rare colours count, and judge what comes of it
#
# You write the parts of a rebalanced training yourself: the colour statistics, the weights, the
# loss, a fit, and two judges. 100 points, about three hours. It follows the chapters *Colour
# statistics*, *Colour rebalancing* and *Judging colour*; they may be open beside you, and so may
# the documentation of NumPy and PyTorch. `colorlab` may be used where a question does not say
# otherwise.
#
# Put your code where it says `...`, and keep the names and arguments of the functions: your work
# is graded by calling them, also with inputs that you don't see here. `grader.check("q1")` tries
# the inputs that you do see. Before you hand in: *Kernel*, *Restart Kernel and Run All Cells*, and
# look whether all is as you left it.
#
# | question | what | points |
# | --- | --- | --- |
# | 1 | smooth a table of colour counts | 15 |
# | 2 | weights by rarity | 15 |
# | 3 | a loss that uses them | 20 |
# | 4 | find the best answer to a doubt by descent | 10 |
# | 5 | two measures of a coloured photo | 20 |
# | 6 | is the difference more than chance? | 10 |
# | 7 | in words | 10 |

# %%
import numpy as np
import torch

from colorlab.color import LAB
from colorlab.course import default_prior, sample_batch
from colorlab.prior.bins import chroma_bins

prior = default_prior()  # counts of (a*, b*), 256 x 256, of 12,893 photos of scenes
photos = sample_batch(64)  # (B, 3, 64, 64), RGB in [0, 1]
luma, chroma = LAB.split(photos)  # (B, 1, 64, 64) and (B, 2, 64, 64), scaled to [-1, 1]

# %% [markdown] question="q1" points=15
# ## Question 1: smooth a table (15 points)
#
# Most bins of a table of colours are empty by chance. Turn counts into shares that add up to 1, and
# smooth them along both axes with a Gaussian of standard deviation `sigma` bins, cut off beyond
# `reach` bins on either side, so that it has `2 * reach + 1` taps, which add up to 1. At the
# borders the table is *reflected about its last bin*, which is not repeated (NumPy's
# `mode="reflect"`); afterwards the shares add up to 1 again. NumPy only.


# %% tags=["solution"]
def smooth(counts, sigma, reach):
    """Shares of smoothed counts: (N, M) of counts to (N, M) of floats that add up to 1."""
    # BEGIN SOLUTION
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    taps /= taps.sum()
    table = counts / counts.sum()
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (reach, reach)
        wide = np.pad(table, pad, mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(wide, 2 * reach + 1, axis=axis)
        table = windows @ taps
    return table / table.sum()
    # END SOLUTION


# %% tags=["test"]
spike = np.zeros((9, 9), int)
spike[4, 4] = 8
assert smooth(spike, 1.0, 2).shape == (9, 9)
assert np.isclose(smooth(spike, 1.0, 2).sum(), 1)
assert np.isclose(smooth(spike, 1.0, 2)[4, 4], 0.40262**2, atol=1e-4)

# %% tags=["test"]
# HIDDEN
spike = np.zeros((9, 9), int)
spike[4, 4] = 8
assert smooth(spike, 1.0, 2)[4, 7] == 0
assert np.allclose(smooth(spike, 1.0, 2), smooth(spike, 1.0, 2)[::-1, ::-1])

# %% tags=["test"]
# HIDDEN
from scipy.ndimage import gaussian_filter

counts = np.random.default_rng(1).integers(0, 50, (12, 20))
right = gaussian_filter(counts / counts.sum(), 1.5, mode="mirror", radius=4)
assert np.allclose(smooth(counts, 1.5, 4), right / right.sum(), atol=1e-9)

# %% [markdown] question="q2" points=15
# ## Question 2: weights by rarity (15 points)
#
# Eq. 3 of the paper: the weight of a bin is one over a mixture of its share and the uniform share,
# $v \propto 1 / ((1 - \lambda)\,p + \lambda / n)$ for $n$ bins. But you train on photos whose
# colours are distributed by `seen`, not by `p`: normalise so that the mean weight *under `seen`* is
# 1. For $\lambda$ outside $(0, 1]$ raise a `ValueError` that says what is allowed. Don't use
# `colorlab` here.


# %% tags=["solution"]
def rarity_weights(p, lam, seen):
    """Weights of bins: shares `p` and `seen` (any one shape, each sum 1) to that shape."""
    # BEGIN SOLUTION
    if not 0 < lam <= 1:
        raise ValueError(f"lambda must be in (0, 1], got {lam}")
    v = 1 / ((1 - lam) * p + lam / p.size)
    return v / (seen * v).sum()
    # END SOLUTION


# %% tags=["test"]
p = np.array([0.7, 0.2, 0.1, 0.0])
assert np.allclose(rarity_weights(p, 1.0, p), 1)
assert np.isclose((p * rarity_weights(p, 0.3, p)).sum(), 1)

# %% tags=["test"]
# HIDDEN
random = np.random.default_rng(2)
p, seen = random.dirichlet(np.ones(48), 2).reshape(2, 6, 8)
v = rarity_weights(p, 0.4, seen)
assert v.shape == (6, 8)
assert np.isclose((seen * v).sum(), 1)
assert np.allclose(v * (0.6 * p + 0.4 / 48), v[0, 0] * (0.6 * p[0, 0] + 0.4 / 48))

# %% tags=["test"]
# HIDDEN
for wrong in (0, -0.1, 1.5):
    try:
        rarity_weights(np.array([0.5, 0.5]), wrong, np.array([0.5, 0.5]))
    except ValueError as error:
        assert str(error)
    else:
        raise AssertionError(f"no ValueError for lambda = {wrong}")

# %% [markdown] question="q3" points=20
# ## Question 3: the loss (20 points)
#
# Eq. 2: the squared error of each pixel, both channels, times the weight of its **true** colour;
# then the mean over everything. `chroma_bins(target)` gives the bins of $a^*$ and $b^*$ as integers
# in the shape of `target`, and `table[a, b]` is the weight of a bin. The gradient goes to
# `predicted` alone. Where the shapes differ raise a `ValueError`, rather than let PyTorch
# broadcast. `colorlab.train.losses` is not to be used.


# %% tags=["solution"]
def rebalanced_loss(predicted, target, table):
    """A scalar: scaled chroma (B, 2, H, W), twice, and a (256, 256) tensor of weights."""
    # BEGIN SOLUTION
    if predicted.shape != target.shape:
        raise ValueError(f"shapes differ: {tuple(predicted.shape)}, {tuple(target.shape)}")
    a, b = chroma_bins(target.detach()).unbind(1)
    weights = table[a, b][:, None]
    return (weights * (predicted - target.detach()).square()).mean()
    # END SOLUTION


# %% tags=["test"]
ones = torch.ones(256, 256)
assert rebalanced_loss(chroma, chroma, ones) == 0
assert torch.isclose(rebalanced_loss(chroma * 0, chroma, ones), chroma.square().mean())

# %% tags=["test"]
# HIDDEN
from colorlab.train.losses import RebalancedMSE

table = torch.from_numpy(prior.weights(0.3)).float()
answer = torch.rand(chroma.shape, generator=torch.Generator().manual_seed(3)) - 0.5
right = RebalancedMSE(table)(answer, chroma)
assert torch.isclose(rebalanced_loss(answer, chroma, table), right, rtol=1e-4)

# %% tags=["test"]
# HIDDEN
table = torch.arange(65536.0).reshape(256, 256) / 65536
answer, truth = torch.zeros(1, 2, 2, 2, requires_grad=True), torch.full((1, 2, 2, 2), 0.25)
truth[:, 1] = -0.5
rebalanced_loss(answer, truth, table).backward()
weight = table[160, 64]
assert torch.allclose(answer.grad[:, 0], -2 * weight * 0.25 / 8 * torch.ones(1, 2, 2))
assert torch.allclose(answer.grad[:, 1], 2 * weight * 0.5 / 8 * torch.ones(1, 2, 2))

# %% tags=["test"]
# HIDDEN
try:
    rebalanced_loss(torch.zeros(2, 2, 4, 4), torch.zeros(1, 2, 4, 4), torch.ones(256, 256))
except ValueError as error:
    assert str(error)
else:
    raise AssertionError("no ValueError for shapes that differ")

# %% [markdown] question="q4" points=10
# ## Question 4: descend to the best answer (10 points)
#
# A pixel is one of K colours with probabilities `p`. Find the single chroma with the least
# *expected* loss of question 3 by descent: begin at grey, take PyTorch's optimizers and autograd,
# as many steps as you need (it should take a few seconds at most). The chapter has a formula;
# compare with it, but don't return it.


# %% tags=["solution"]
def descend(p, colours, table):
    """The best chroma (2,), without gradient: p (K,), colours (K, 2) scaled, table (256, 256)."""
    # BEGIN SOLUTION
    answer = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.LBFGS([answer], max_iter=50, line_search_fn="strong_wolfe")

    def expected():
        optimizer.zero_grad()
        shown = answer.view(1, 2, 1, 1)
        losses = [rebalanced_loss(shown, colour.view(1, 2, 1, 1), table) for colour in colours]
        loss = (p * torch.stack(losses)).sum()
        loss.backward()
        return loss

    optimizer.step(expected)
    return answer.detach()
    # END SOLUTION


# %% tags=["test"]
p, colours = torch.tensor([0.75, 0.25]), torch.tensor([[0.1, 0.1], [0.5, 0.3]])
best = descend(p, colours, torch.ones(256, 256))
assert best.shape == (2,)
assert not best.requires_grad
assert torch.allclose(best, torch.tensor([0.2, 0.15]), atol=0.01)

# %% tags=["test"]
# HIDDEN
table = torch.from_numpy(prior.weights(0.5)).float()
p = torch.tensor([0.5, 0.3, 0.2])
colours = torch.tensor([[0.02, 0.05], [0.3, 0.4], [-0.3, 0.2]])
a, b = (colours * 128).round().long().T + 128
pull = (p * table[a, b])[:, None]
assert torch.allclose(descend(p, colours, table), (pull * colours).sum(0) / pull.sum(), atol=0.01)

# %% [markdown] question="q5" points=20
# ## Question 5: two measures (20 points)
#
# `error_to_grey`: the squared chroma error over all pixels of a batch, as a fraction of what grey
# costs on the same batch (0 is perfect, 1 is grey). `chroma_to_truth`: the mean chroma
# $\sqrt{a^{*2} + b^{*2}}$ of what is shown, over that of the truth. Both pool the pixels of all
# photos before they divide, and both are `nan`, not infinite, where the truth is grey.


# %% tags=["solution"]
def error_to_grey(shown, truth):
    """A float: both of scaled chroma (B, 2, H, W)."""
    # BEGIN SOLUTION
    grey = truth.square().mean().item()
    return (shown - truth).square().mean().item() / grey if grey else float("nan")
    # END SOLUTION


def chroma_to_truth(shown, truth):
    """A float: both of scaled chroma (B, 2, H, W)."""
    # BEGIN SOLUTION
    true = truth.norm(dim=1).mean().item()
    return shown.norm(dim=1).mean().item() / true if true else float("nan")
    # END SOLUTION


# %% tags=["test"]
assert error_to_grey(chroma, chroma) == 0
assert np.isclose(error_to_grey(chroma * 0, chroma), 1)
assert np.isclose(chroma_to_truth(chroma / 2, chroma), 0.5)

# %% tags=["test"]
# HIDDEN
truth = torch.zeros(2, 2, 1, 1)
truth[0, 0], truth[1, 1] = 0.6, 0.2
shown = torch.zeros(2, 2, 1, 1)
shown[0, 0], shown[1, 0] = 0.3, 0.2
assert np.isclose(error_to_grey(shown, truth), (0.09 + 0.08) / 0.4)

# %% tags=["test"]
# HIDDEN
truth, shown = torch.full((1, 2, 2, 2), 0.3), torch.zeros(1, 2, 2, 2)
truth[..., 0, :] = 0
shown[:, 0] = 0.4
assert np.isclose(chroma_to_truth(shown, truth), 0.4 / (0.3 * 2**0.5 / 2))

# %% tags=["test"]
# HIDDEN
for measure in (error_to_grey, chroma_to_truth):
    assert np.isnan(measure(torch.ones(1, 2, 2, 2), torch.zeros(1, 2, 2, 2)))

# %% [markdown] question="q6" points=10
# ## Question 6: more than chance? (10 points)
#
# Two networks were measured on the *same* photos. Give a 95 % interval of the mean difference
# `first - second` by a paired percentile bootstrap: draw whole photos with repeats, `draws` times,
# with `numpy.random.default_rng(seed)`.


# %% tags=["solution"]
def interval(first, second, draws=2000, seed=0):
    """The two ends, floats: scores (N,) of two networks on the same N photos."""
    # BEGIN SOLUTION
    difference = np.asarray(first) - np.asarray(second)
    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(difference), (draws, len(difference)))
    low, high = np.percentile(difference[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
    # END SOLUTION


# %% tags=["test"]
scores = np.random.default_rng(4).random(60)
low, high = interval(scores + 0.5, scores)
assert np.isclose(low, 0.5)
assert np.isclose(high, 0.5)

# %% tags=["test"]
# HIDDEN
random = np.random.default_rng(5)
easy = random.normal(0, 10, 80)  # what the photos have in common, which pairs take out
first, second = easy + random.normal(0.3, 1, 80), easy
low, high = interval(first, second, 4000, 1)
spread = np.std(first - second) / 80**0.5
middle = (first - second).mean()
assert np.isclose(low, middle - 1.96 * spread, atol=0.05)
assert np.isclose(high, middle + 1.96 * spread, atol=0.05)

# %% [markdown] question="q7" points=10 manual=true
# ## Question 7: in words (10 points)
#
# With your functions, compare $\lambda = 1$ and $\lambda = 0.3$ on a doubt of your choice (question
# 4). In at most 150 words: which answer has the larger expected *unweighted* error, which has more
# chroma, is either a colour that the pixel can have, and which would you show to a person? Give the
# numbers that you base this on.

# %% [markdown] tags=["solution"]
# A good answer has the numbers of both answers (4 points: expected error and chroma, with the
# colours and probabilities), says that the plain mean has the least expected error and less chroma
# (2), that both are means and in general no colour of the pixel (2), and argues for one of them
# with what its use costs (2).
