"""A critic in place of a discriminator: Wasserstein loss with gradient penalty, for Ci et al. 2018.

M. Arjovsky, S. Chintala, L. Bottou, "Wasserstein GAN", 2017; I. Gulrajani and others, "Improved
Training of Wasserstein GANs", NIPS 2017. A critic is a function of colours (B, C, H, W) to (B, 1);
`functools.partial` or a lambda gives it the drawing.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, mse_loss

Critic = Callable[[Tensor], Tensor]

PENALTY, DRIFT, ADVERSARY = 10.0, 1e-3, 1e-4  # Ci et al.'s weights


def critic_loss(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """The critic's loss, a scalar: low for real photos of high value and fakes of low.

    With the gradient penalty, and with the square of what it says of real photos, a little, so that
    it does not drift.
    """
    of_real = critic(real)
    difference = critic(fake.detach()).mean() - of_real.mean()
    drift = DRIFT * of_real.square().mean()
    return difference + drift + PENALTY * gradient_penalty(critic, real, fake)


def painter_loss(value: Tensor, features: Tensor, true_features: Tensor) -> Tensor:
    """The generator's loss, a scalar: distance of features, less a ten-thousandth of the value.

    `value` (B, 1) is the critic's; the features are VGG-16's behind relu2_2, as published.
    """
    return mse_loss(features, true_features) - ADVERSARY * value.mean()


def gradient_penalty(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """E (|gradient| - 1)^2 somewhere between each real photo and its fake, a scalar.

    The norm is that of a whole photo's gradient, channels and pixels (Gulrajani et al., Eq. 3).
    """
    return (_gradient(critic, real, fake).flatten(1).norm(dim=1) - 1).square().mean()


def penalty_per_pixel(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """What much code computes instead, Ci et al.'s too: the norm over channels, pixel by pixel.

    It comes of a line written for vectors, `norm(dim=1)`. It draws each *pixel's* gradient towards
    a length of 1, and so that of a photo of 512 x 512 towards 512: here to be compared, not used.
    """
    return (_gradient(critic, real, fake).norm(dim=1) - 1).square().mean()


def _gradient(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """The critic's gradient (B, C, H, W) at a random point between each pair."""
    share = torch.rand(len(real), 1, 1, 1, dtype=real.dtype, device=real.device)
    between = torch.lerp(fake.detach(), real, share).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return gradient


def draw_cells(rgb: Tensor) -> Tensor:
    """Hints from the truth: RGB (B, 3, H, W) in [-1, 1] to (B, 4, H/4, W/4), RGB times mask, mask.

    The first half of the batch is told colours of 4x4 squares, their means: those where a number
    drawn from [0, 1] is at least x, which is drawn for each photo, normal with mean 1 and deviation
    0.005, cut to [0, 1]. It is 0.4 % of the squares on average. The other half is told nothing.
    """
    colours = avg_pool2d(rgb, 4)
    x = 1 - 0.005 * torch.randn(len(rgb), 1, 1, 1, device=rgb.device).abs()
    mask = (torch.rand_like(colours[:, :1]) >= x).to(rgb.dtype)
    mask[len(rgb) // 2 :] = 0
    return torch.cat([colours * mask, mask], dim=1)
