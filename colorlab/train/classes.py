"""Learning a distribution over 313 colours a pixel: Zhang et al.'s loss, and a head to begin with.

    python -m colorlab.train.classes HEAD.safetensors
    colorlab train --model zhang_lite0 --loss classes --lam 1 --start HEAD.safetensors ...

The first command writes a head whose deep blocks are those of `efficientnet_lite0`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from colorlab.models import create_model, trainable_state
from colorlab.models.zhang import ClassColorizer
from colorlab.prior.prior import shipped_prior
from colorlab.prior.zhang import soft_encode, zhang_prior, zhang_weights


class ClassLoss(nn.Module):
    """Weighted cross-entropy of softly encoded colours (Zhang et al. 2016, Eq. 2).

    `weights` (313,) is the weight of each class; a pixel has that of its nearest. `k` is the number
    of classes that share a colour (`soft_encode`). The true chroma is averaged over the squares of
    pixels that have one distribution. Their code also leaves out photos without any |a*| or |b*|
    above 5; here those count like others.
    """

    weights: Tensor

    def __init__(self, weights: Tensor, k: int = 5) -> None:
        super().__init__()
        self.k = k
        self.register_buffer("weights", weights.to(torch.float32))

    def forward(self, logits: Tensor, chroma: Tensor) -> Tensor:
        """Logits (B, 313, H/4, W/4) and true chroma (B, 2, H, W), (a*, b*)/128, to a scalar, nats.

        Raises ValueError where the shapes don't belong together.
        """
        stride = chroma.shape[-1] // logits.shape[-1]
        target = avg_pool2d(chroma, stride) if stride > 1 else chroma
        if target.shape[2:] != logits.shape[2:] or logits.shape[1] != len(self.weights):
            raise ValueError(f"no logits of such chroma: {logits.shape} and {chroma.shape}")
        numbers, shares = soft_encode(target, self.k)
        # sum_q Z_q log softmax(logits)_q, of the k classes that have a share: nothing is dense.
        told = (shares * logits.gather(1, numbers)).sum(dim=1)
        return (self.weights[numbers[:, 0]] * (logits.logsumexp(dim=1) - told)).mean()


def class_loss(lam: float) -> ClassLoss:
    """The loss with the weights of the prior of all training photos; none at lambda 1."""
    return ClassLoss(torch.from_numpy(zhang_weights(shipped_prior("photos"), lam)))


def begin(start: str = "efficientnet_lite0", lam: float = 0.5) -> ClassColorizer:
    """`zhang_lite0`, its blocks filled from the shipped head `start` where names and shapes agree.

    It begins with the colours' shares of all training photos, and is to be trained without class
    weights; those of `lam` are its `rebalance`.
    """
    model = create_model("zhang_lite0", weights="encoder")
    assert isinstance(model, ClassColorizer)
    own = trainable_state(model)
    given = trainable_state(create_model(start))
    own |= {key: t for key, t in given.items() if key in own and own[key].shape == t.shape}
    prior = shipped_prior("photos")
    own["rebalance"] = torch.from_numpy(zhang_weights(prior, lam)).log().float()
    own["decoder.to_logits.bias"] = torch.from_numpy(zhang_prior(prior)).log().float()
    model.load_state_dict(own, strict=False)  # the encoder is not in it
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a head that zhang_lite0 can begin with.")
    parser.add_argument("head", type=Path)
    save_file(trainable_state(begin()), parser.parse_args().head)


if __name__ == "__main__":
    main()
