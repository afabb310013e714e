"""Starting a run, and going on with one."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning
from lightning.fabric import Fabric
from safetensors.torch import load_file
from torch import distributed

from colorlab.color import rgb_to_lab
from colorlab.data.batches import ColorizationData
from colorlab.data.photos import Photos
from colorlab.data.sources import Source, source_name, training_photos
from colorlab.machine import keep_freed_memory
from colorlab.models import Colorizer, create_model
from colorlab.train.checkpoint import Checkpoint, load_checkpoint
from colorlab.train.chroma_errors import GREY
from colorlab.train.log import read_config, write_card, write_config
from colorlab.train.loop import Status, Training
from colorlab.train.machine import Machine, environment, git_revision
from colorlab.train.presets import get_recipe
from colorlab.train.recipe import Recipe, recipe_from_json, recipe_to_json
from colorlab.train.stopping import Stopped, StopRequest

_LOOKED_AT = 16  # photos, before a run begins

Listener = Callable[[Status], None]


def _nobody(report: Status) -> None:
    """Without a listener a run is silent."""


def train(
    name: str,
    data: Source,
    run: str | Path,
    recipe: Recipe,
    workers: int = 1,
    start: str = "encoder",
    machine: Machine = Machine(),
    report: Listener = _nobody,
) -> Colorizer:
    """Train the named model on photos; returns it with the weights of its best epoch.

    `data` is anything that `open_photos` takes: a folder (with `train` and `val` inside, or split
    9:1), a list, a dataset's name, or several of them. `workers` processes read photos beside each
    training process. `start` is what `create_model` takes as weights: "encoder" for a fresh
    decoder, or the head of an earlier run to go on from it, with a new schedule. `report` is told
    of every step.

    Leaves in the new folder `run`: `config.json`, `metrics.csv`, `tensorboard/`, `samples/` (each
    epoch's pictures), `checkpoints/last.ckpt` and `best.ckpt`, `card.md`, and in
    `head.safetensors` the trained part of the network as it was in the epoch of the lowest
    validation loss. `resume` goes on with it after whatever stopped it.

    Raises FileExistsError where there is such a folder, `Stopped` after SIGTERM, SIGINT or SIGUSR1
    with the state saved, and RuntimeError for what else can end a run early.
    """
    run = Path(run)
    if run.exists():
        raise FileExistsError(f"{run} exists already; a new run needs a new folder")
    batches = _batches(data, recipe, workers)
    _need_color(batches.train_photos)
    config = {
        "model": name,
        "recipe": recipe_to_json(recipe),
        "data": _described(data, batches),
        "start": Path(start).parent.name if start.endswith(".safetensors") else start,
        "revision": git_revision(),
    }
    lightning.seed_everything(recipe.seed, verbose=False)
    model = create_model(name, weights=start)
    return _fit(run, config, recipe, model, batches, machine, report)


def resume(
    run: str | Path,
    data: Source,
    workers: int = 1,
    machine: Machine = Machine(),
    report: Listener = _nobody,
) -> Colorizer:
    """Go on with a run where its last checkpoint was; returns as `train` does.

    `data` are the photos that it was begun with. On the same processor and with as many threads
    and processes, the weights at the end are, bit by bit, those of a run that was never stopped. A
    finished run is left as it is.

    Raises as `train` does, and RuntimeError where the checkpoint is damaged or of another run, or
    the photos are others.
    """
    run = Path(run)
    config = read_config(run)
    if "best" in config:
        return create_model(config["model"], str(run / "head.safetensors"))
    recipe = recipe_from_json(config["recipe"])
    checkpoint = load_checkpoint(run / "checkpoints" / "last.ckpt")
    batches = _batches(data, recipe, workers)
    described = _described(data, batches)
    if described != config["data"] | {"name": described["name"]}:  # a folder may be moved
        raise RuntimeError(f"{run} was begun with other photos than there are in {data}")
    model = create_model(config["model"], weights="encoder")
    return _fit(run, config, recipe, model, batches, machine, report, checkpoint)


def check_settings(
    run: Path, model: str | None, preset: str | None, changes: dict[str, Any]
) -> None:
    """ValueError where a run was begun with another model or recipe than these."""
    config = read_config(run)
    asked = recipe_to_json(get_recipe(preset, changes)) if preset else dict(changes)
    begun = recipe_to_json(recipe_from_json(config["recipe"])) | {"model": config["model"]}
    for name, value in (asked | ({"model": model} if model else {})).items():
        if begun[name] != value:
            raise ValueError(f"{run} was begun with {name} {begun[name]}, not {value}")


def _fit(
    run: Path,
    config: dict[str, Any],
    recipe: Recipe,
    model: Colorizer,
    batches: ColorizationData,
    machine: Machine,
    report: Listener,
    checkpoint: Checkpoint | None = None,
) -> Colorizer:
    """Train from the beginning, or from a checkpoint; the files, and the best epoch's model."""
    keep_freed_memory()
    fabric = machine.launch()
    identity = {part: config[part] for part in ("model", "recipe", "data")}
    fresh: Training | None = None  # where this call made the folder
    try:
        training = Training(fabric, model, batches, recipe, machine, run, identity)
        if checkpoint:
            training.restore(checkpoint)
        elif fabric.is_global_zero:
            run.mkdir(parents=True)
            config["environment"] = environment(fabric)
            write_config(run, config)
            fresh = training
        with StopRequest() as stop:
            training.fit(stop, report)
        if fabric.is_global_zero:
            batches.log_broken()
            done = training.position
            config["best"] = done.best
            config["length"] = {"epochs": done.epoch, "steps": done.total}
            config["seconds"] = round(done.seconds)
            write_card(run, config, model)
            write_config(run, config)
    except Stopped:
        _leave_group()
        raise
    except Exception as error:
        _end_others(fabric)
        if fresh and not fresh.position.total:
            shutil.rmtree(run, ignore_errors=True)  # not one step was done
        if "Original Traceback" in str(error):  # of a process that reads photos
            last_line = str(error).strip().splitlines()[-1]
            raise RuntimeError(last_line.partition(": ")[2] or last_line) from None
        raise
    head = load_file(run / "head.safetensors") if fabric.is_global_zero else {}
    model.load_state_dict(fabric.broadcast(head), strict=False)  # the encoder is not in it
    _leave_group()
    return model.cpu().eval()


def _need_color(photos: Photos) -> None:
    """ValueError where some photos, evenly taken, are all grey."""
    for photo, _ in _evenly(photos, _LOOKED_AT).readable():
        if rgb_to_lab(photo.float() / 255)[1:].norm(dim=0).mean() > GREY:
            return
    raise ValueError(
        f"the training photos have no colour ({min(_LOOKED_AT, len(photos))} were looked at)"
    )


def _batches(data: Source, recipe: Recipe, workers: int) -> ColorizationData:
    """The recipe's batches of `data`."""
    train, val = training_photos(data)
    if recipe.limit:
        train, val = _evenly(train, recipe.limit), _evenly(val, recipe.limit)
    return ColorizationData(
        (train, val), recipe.sizes, recipe.batch, recipe.augment, workers=workers, seed=recipe.seed
    )


def _evenly(photos: Photos, limit: int) -> Photos:
    """At most `limit` of the photos, evenly spaced in their order."""
    count = min(limit, len(photos))
    return Photos(photos.paths[i * len(photos) // count] for i in range(count))


def _described(data: Source, batches: ColorizationData) -> dict[str, Any]:
    """What photos these are, without the place where they lie."""
    names = hashlib.sha256()
    for photos in (batches.train_photos, batches.val_photos):
        for path in photos.paths:
            names.update(path.name.encode(errors="surrogateescape") + b"/")
    return {
        "name": source_name(data),
        "train": len(batches.train_photos),
        "val": len(batches.val_photos),
        "names_sha256": names.hexdigest(),
    }


def _leave_group() -> None:
    if distributed.is_initialized():
        distributed.destroy_process_group()


def _end_others(fabric: Fabric) -> None:
    """After an error, the processes that this one started must not wait for it for ever."""
    for process in getattr(fabric.strategy.launcher, "procs", []):
        process.kill()
