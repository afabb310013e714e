"""Line drawings of photos: extended difference of Gaussians.

H. Winnemoeller, J. E. Kyprianidis, S. C. Olsen, "XDoG: An eXtended difference-of-Gaussians
compendium including advanced image stylization", Computers & Graphics 36(6), 2012. Ci et al. 2018
drew illustrations so to train on; here they are drawings of photos: what an artist leaves out is
in them, and shading becomes lines.
"""

from __future__ import annotations

from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur


def line_drawing(
    luma: Tensor,
    sigma: float = 0.5,
    ratio: float = 4.5,
    share: float = 0.95,
    threshold: float = 0.0,
    softness: float = 0.05,
) -> Tensor:
    """Luma (B, 1, H, W) in [0, 1] to a drawing of the same shape, 1 for paper, 0 for ink.

    D = G(sigma) - share G(ratio sigma), sigma in pixels; paper where D is above the threshold, and
    1 + tanh((D - threshold) / softness) below. What lies on the dark side of an edge is inked. The
    first three are in the range that Ci et al. are said to use (sigma 0.3 to 0.5, a hard
    threshold); not checked against their paper. Raises ValueError for a sigma, ratio or
    softness that is not above 0, and another shape.
    """
    if luma.ndim != 4 or luma.shape[1] != 1:
        raise ValueError(f"expected luma of shape (B, 1, H, W), got {tuple(luma.shape)}")
    if min(sigma, ratio, softness) <= 0:
        raise ValueError(f"sigma, ratio and softness must be above 0: {sigma, ratio, softness}")
    difference = _blurred(luma, sigma) - share * _blurred(luma, ratio * sigma) - threshold
    return 1 + (difference.clamp(max=0) / softness).tanh()


def _blurred(luma: Tensor, sigma: float) -> Tensor:
    """Blurred by a Gaussian that is cut at 4 sigma; the picture is reflected at its edges."""
    side = min(2 * int(4 * sigma + 0.5) + 1, 2 * min(luma.shape[2:]) - 1)
    return gaussian_blur(luma, [side, side], [sigma, sigma])
