"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import Tensor, distributed, nn

from colorlab.data.batches import ColorizationData, EpochSampler, SquashedPhotos
from colorlab.models import Colorizer, trainable_state
from colorlab.models.fast import fast
from colorlab.models.live import LiveColorizer
from colorlab.train.checkpoint import Checkpoint, Position, save_head, set_random_state
from colorlab.train.log import RunLog
from colorlab.train.losses import LOSSES, build_loss, draw_lambdas
from colorlab.train.machine import Machine
from colorlab.train.recipe import Recipe
from colorlab.train.stopping import LossGuard, Stopped, StopRequest, all_finite, naming_the_batch
from colorlab.train.validation import SHOWN, Scores, sample_picture, share_statistics, validate

LOG_EVERY = 20  # steps between rows of the metrics
AGREE_EVERY = 10  # steps between agreements of several processes


@dataclass(frozen=True)
class Status:
    """How a running training is: `photos` of `of` are done in this epoch (in all processes).

    `loss` is the latest that was logged; `scores` are there once the epoch was validated.
    """

    epoch: int
    epochs: int
    photos: int
    of: int
    loss: float
    scores: Scores = field(default_factory=dict)


class Training:
    """A run in progress: the network, its optimizer, and how far it is.

    `identity` (model, recipe, photos) goes into every checkpoint. Only the first of several
    processes writes to the folder `run`, and reports.
    """

    def __init__(
        self,
        fabric: Fabric,
        model: Colorizer,
        data: ColorizationData,
        recipe: Recipe,
        machine: Machine,
        run: Path,
        identity: dict[str, Any],
    ) -> None:
        self.fabric, self.recipe, self.run = fabric, recipe, run
        self.identity, self.save_every = identity, machine.save_every
        # A new model is in eval mode, where BatchNorm would never learn its statistics.
        self.model = fast(model.to(fabric.device).train())
        self.takes_lambda = LOSSES[recipe.loss].takes_lambda
        if self.takes_lambda and not isinstance(model, LiveColorizer):
            raise ValueError(f"the {recipe.loss} loss is for a network that takes lambda")
        of, found = LOSSES[recipe.loss].of, model.answers
        if of != found:
            raise ValueError(
                f"the {recipe.loss} loss is for a network of {of}, not for a network of {found}"
            )
        loss = build_loss(recipe.loss, recipe.lam, model.space)
        self.loss = loss.to(fabric.device) if isinstance(loss, nn.Module) else loss
        learning = [p for p in self.model.parameters() if p.requires_grad]
        self.adam = torch.optim.Adam(learning, lr=recipe.rate, betas=recipe.betas, fused=True)
        network: Any = torch.compile(self.model) if machine.compile else self.model
        self.network, self.optimizer = fabric.setup(network, self.adam)

        self.loader, self.val_loader = data.train_dataloader(), data.val_dataloader()
        if not len(self.loader):
            raise ValueError("there are fewer training photos than processes")
        assert isinstance(self.loader.sampler, EpochSampler)
        self.sampler = self.loader.sampler
        self.steps = -(-len(self.loader) // recipe.accumulate)  # an epoch's
        self.schedule = _schedule(self.adam, recipe, self.steps)
        self.position = Position()
        self.guard = LossGuard(fabric.device)
        self.loss_logged = float("nan")
        self.started = self.saved = time.monotonic()

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or the recipe's patience is at its end."""
        done, best, patience = self.position.epoch, self.position.best, self.recipe.patience
        waited = patience is not None and bool(best) and done - 1 - best["epoch"] >= patience
        return done >= len(self.recipe.sizes) or waited

    def fit(self, stop: StopRequest, report: Callable[[Status], None]) -> None:
        """Train until finished. Raises Stopped, with the state saved, once `stop` has a signal.

        RuntimeError with one sentence for a loss that is not finite, full memory, a full disk; the
        checkpoint before stays.
        """
        self.stop, self.report = stop, report
        self.log = None
        if self.fabric.is_global_zero:
            self.log = RunLog(self.run, self.position.logged, self.position.total)
        try:
            if self.position.total == 0:
                self._save()
            while not self.finished:
                with naming_the_batch(self.recipe, self.recipe.sizes[self.position.epoch]):
                    self._train_epoch()
                    self._validate_epoch()
        finally:
            self._end_readers()
            if self.log:
                self.log.close()

    def _end_readers(self) -> None:
        """End the loaders' processes now: an error's traceback may hold them to the very end."""
        for loader in (self.loader, self.val_loader):
            iterator: Any = getattr(loader, "_iterator", None)
            if hasattr(iterator, "_shutdown_workers"):
                iterator._shutdown_workers()

    def _train_epoch(self) -> None:
        for photos in self._steps_left():
            loss = self._step(photos)
            self.position.step += 1
            self.position.total += 1
            self.guard.watch(loss, self.position.total)
            if self.position.total % LOG_EVERY == 0:
                self._log(loss)
            self._report()
            self._save_or_stop()

    def _steps_left(self) -> Iterator[list[Tensor]]:
        """The batches of each step of this epoch that is still to be taken."""
        if self.position.step == self.steps:
            return
        taken = self.position.step * self.recipe.accumulate * self.recipe.batch
        self.sampler.set_epoch(self.position.epoch, taken)
        batches = iter(self.loader)
        while step := list(islice(batches, self.recipe.accumulate)):
            yield step

    def _step(self, batches: list[Tensor]) -> Tensor:
        """Move the weights once; returns the mean loss of the batches, uint8 RGB each."""
        losses = []
        for number, photos in enumerate(batches, 1):
            more = number < len(batches)  # gradients are exchanged with the last one
            with self.fabric.no_backward_sync(self.network, enabled=more):
                rgb = photos.to(self.fabric.device, non_blocking=True).float() / 255
                luma, chroma = self.model.space.split(rgb)
                lam = self._lambdas(len(luma))
                loss = self.loss(self.network(luma, *lam).float(), chroma, *lam) / len(batches)
                self.fabric.backward(loss)
            losses.append(loss.detach())
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        return torch.stack(losses).sum()

    def _lambdas(self, count: int) -> list[Tensor]:
        """What a loss that takes lambda, and its network, need beside photos: one for each."""
        return [draw_lambdas(count).to(self.fabric.device)] if self.takes_lambda else []

    def _log(self, loss: Tensor) -> None:
        self._check_losses()
        self.loss_logged = float(loss)
        if self.log:
            rate = float(self.schedule.get_last_lr()[0])
            step = self.position.total - 1
            with self._writing():
                self.log.training(self.position.epoch, step, self.loss_logged, rate)

    def _save_or_stop(self) -> None:
        """Save where it is time to; where a signal has come, save and raise Stopped."""
        due, stop = time.monotonic() - self.saved >= self.save_every, self.stop.signal
        if self.fabric.world_size > 1:
            if self.position.total % AGREE_EVERY:
                return
            asked = torch.tensor([int(due), stop], device=self.fabric.device)
            distributed.all_reduce(asked, distributed.ReduceOp.MAX)
            due, stop = bool(asked[0]), int(asked[1])
        if due or stop:
            self._save()
        if stop:
            raise self._stopped(stop)

    def _validate_epoch(self) -> None:
        self._save()  # so that nothing is lost where validation is long and a signal comes
        share_statistics(self.fabric, self.model)
        scores = validate(self.fabric, self.model, self.loss, self.val_loader, self._leave_if_asked)
        now = self.position
        if not math.isfinite(scores["val_loss"]):
            raise RuntimeError(f"the validation loss after epoch {now.epoch + 1} is not finite")
        is_best = not now.best or scores["val_loss"] < now.best["val_loss"]
        if is_best:
            now.best = {"epoch": now.epoch, **scores}
        if self.log:
            picture = sample_picture(self.fabric, self.model, self._shown())
            with self._writing():
                self.log.validation(now.epoch, now.total - 1, scores)
                self.log.picture(now.epoch, now.total - 1, picture)
        self._report(scores)
        now.epoch, now.step = now.epoch + 1, 0
        self._save(is_best)

    def _leave_if_asked(self) -> None:
        # Several processes can't agree here, for some have more batches than others.
        if self.stop.signal and self.fabric.world_size == 1:
            raise self._stopped(self.stop.signal)

    def _save(self, is_best: bool = False) -> None:
        """Write `last.ckpt`; of the best epoch so far also `best.ckpt` and the head."""
        self._check_losses()
        state = trainable_state(self.model)
        head = {name: tensor.detach().cpu() for name, tensor in state.items()}
        if not all_finite(head):
            raise RuntimeError(
                f"the weights after step {self.position.total} are not finite any more"
            )
        now = time.monotonic()
        self.position.seconds += now - self.started
        self.started = self.saved = now
        if self.log is None:
            return
        with self._writing():
            self.position.logged = self.log.flush()
            checkpoint = Checkpoint(
                self.identity,
                self.position,
                head,
                self.adam.state_dict(),
                self.schedule.state_dict(),
            )
            folder = self.run / "checkpoints"
            if is_best:
                facts = {"model": self.identity["model"], "epoch": str(self.position.epoch)}
                save_head(head, self.run / "head.safetensors", facts)
                checkpoint.save(folder / "best.ckpt")
            checkpoint.save(folder / "last.ckpt")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RuntimeError(
                f"{self.run} could not be written after step {self.position.total} "
                f"({error.strerror}); the last checkpoint is left to resume from"
            ) from error

    def restore(self, checkpoint: Checkpoint) -> None:
        """Be where the checkpoint was. RuntimeError where it is of another run."""
        for what, ours in self.identity.items():
            if checkpoint.identity.get(what) != ours:
                raise RuntimeError(f"the checkpoint in {self.run} is of another {what}")
        own = trainable_state(self.model)
        if {key: t.shape for key, t in own.items()} != {
            key: t.shape for key, t in checkpoint.head.items()
        }:
            raise RuntimeError(f"the checkpoint in {self.run} is of another network")
        self.model.load_state_dict(checkpoint.head, strict=False)  # the encoder is not in it
        self.adam.load_state_dict(checkpoint.optimizer)
        self.schedule.load_state_dict(checkpoint.schedule)
        self.position = checkpoint.position
        set_random_state(checkpoint.random)

    def _check_losses(self) -> None:
        """RuntimeError, naming the step, where a loss since the last look was not finite."""
        first = self.guard.first_bad
        if self.fabric.world_size > 1:
            distributed.all_reduce(first, distributed.ReduceOp.MIN)
        if int(first) < LossGuard.NEVER:
            raise RuntimeError(
                f"the loss of step {int(first)} is not finite; a lower learning rate may help"
            )

    def _shown(self) -> Tensor:
        """Some validation photos, evenly taken: uint8 (B, 3, S, S)."""
        photos = self.val_loader.dataset
        assert isinstance(photos, SquashedPhotos)
        count = min(SHOWN, len(photos))
        return torch.stack([photos[i * len(photos) // count] for i in range(count)])

    def _report(self, scores: Scores | None = None) -> None:
        if not self.fabric.is_global_zero:
            return
        whole = len(self.loader) * self.recipe.batch
        of = whole if self.loader.drop_last else len(self.sampler)
        done = min(self.position.step * self.recipe.accumulate * self.recipe.batch, of)
        ranks = self.fabric.world_size
        self.report(
            Status(
                self.position.epoch,
                len(self.recipe.sizes),
                done * ranks,
                of * ranks,
                self.loss_logged,
                scores or {},
            )
        )

    def _stopped(self, number: int) -> Stopped:
        return Stopped(f"stopped and saved after step {self.position.total}", number)


def _schedule(
    adam: torch.optim.Adam, recipe: Recipe, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    """How the rate goes over all epochs of `steps` steps each."""
    if recipe.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps * len(recipe.sizes))
    return torch.optim.lr_scheduler.ConstantLR(adam, factor=1.0)
