"""The one loop that trains every recipe: devices and processes by Accelerate, checkpoints, progress, film and export."""

import copy
import importlib.util
import math
import os
import shlex
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from torch import Tensor
from tqdm import tqdm

from playground import snapshots
from playground.catalog import read_json
from playground.errors import UserError
from playground.models.base import Model, parameter_count
from training.checkpoint import CHECKPOINT, all_finite, check_same_run, frames_so_far, load_checkpoint, save_checkpoint
from training.devices import (
    check_device,
    code_revision,
    compile_networks,
    default_dtype,
    hardware,
    resolve_device,
    resolve_precision,
    seed_everything,
)
from training.export import export, load_weights, start_folder
from training.random_streams import RandomStreams, epoch_order
from training.recipes import Recipe, Settings

NO_MEMORY = "There is not enough memory for these settings: choose smaller networks, a smaller --size or --batch-size, or --accumulate."


class Stopped(Exception):
    """The run was interrupted; a checkpoint was left."""


# --- the loop --------------------------------------------------------------------------------------------------------


def total_steps(recipe: Recipe, settings: Settings) -> int:
    if not recipe.steps:
        return 0
    steps = max(1, math.ceil(len(recipe) * settings.epochs / settings.batch_size))
    return min(steps, settings.max_steps) if settings.max_steps else steps


def batch_indices(seed: int, step: int, batch_size: int, count: int) -> Tensor:
    """The examples of a step, (batch_size,), int64: epoch after epoch without gaps, each in its own order."""
    first = step * batch_size
    positions = torch.arange(first, first + batch_size)
    epochs = positions // count
    return torch.cat([epoch_order(seed, int(epoch), count)[positions[epochs == epoch] % count] for epoch in epochs.unique()])


def player_losses(recipe: Recipe, model: Model, indices: Tensor, streams: RandomStreams) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
    """`recipe.losses` on the examples at `indices`.

    The same streams are used on two devices: examples are made on the CPU, the noise of the losses on the model's device.
    """
    batch = recipe.batch(indices, replace(streams, device="cpu"))
    batch = {key: value.to(streams.device, non_blocking=True) for key, value in batch.items()}
    return recipe.losses(model, batch, streams)


@torch.no_grad()
def update_average(average: Model, model: Model, decay: float) -> None:
    """Updates the exponential moving average of the weights; integers (counters) are copied."""
    for mean, value in zip(average.state_dict().values(), model.state_dict().values()):
        mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)


class Trainer:
    """One run of one recipe: `train()` it, and then `export` it."""

    def __init__(self, recipe: Recipe, settings: Settings, work: Path, command: str = ""):
        """`work`: the folder of the checkpoint and of the TensorBoard files."""
        self.recipe, self.settings, self.work, self.command = recipe, settings, work, command
        check_device(settings.device, settings.precision)
        check_tracker(settings.tracker)
        device = resolve_device(settings.device)
        torch.backends.cudnn.deterministic = True  # sums in a fixed order, so that a resumed run gets the same weights
        self.precision = resolve_precision(settings.precision, device)
        self.accelerator = Accelerator(
            cpu=device == "cpu",
            mixed_precision="bf16" if self.precision == "bf16" else "no",
            log_with=settings.tracker,
            project_dir=work,
        )
        # without cpu=True, processes under torchrun would silently train separately
        if self.accelerator.num_processes != int(os.environ.get("WORLD_SIZE", 1)):
            raise RuntimeError(f"{os.environ['WORLD_SIZE']} processes were started but {self.accelerator.num_processes} train together")
        share = self.accelerator.num_processes * settings.accumulate
        if settings.batch_size % share:
            raise UserError(f"--batch-size {settings.batch_size} can't be cut into {share} equal parts; choose a multiple of {share}.")
        self.device = self.accelerator.device
        self.dtype = torch.float64 if self.precision == "float64" else torch.float32
        self.total = total_steps(recipe, settings)
        self.step, self.kept = 0, None  # steps done, and the step of the last checkpoint
        self.run, self.fingerprint = uuid.uuid4().hex, recipe.fingerprint()
        self.seconds = 0.0  # of training, over all parts of an interrupted run, as `clock` counts them
        self.frames: list[Tensor] = []
        with default_dtype(self.dtype), explained(first=True):
            seed_everything(settings.seed, 0)
            self.model = recipe.model()
            if settings.start:
                load_weights(self.model, settings.start)
            self.model = self.model.to(self.device)
            if settings.channels_last:
                self.model = self.model.to(memory_format=torch.channels_last)
            for value in self.model.state_dict().values():
                broadcast(value)
            self.average = copy.deepcopy(self.model).requires_grad_(False) if settings.ema and recipe.steps else None
            self.optimizers = recipe.optimizers(self.model) if recipe.steps else {}
        if settings.compile:
            compile_networks(self.model, device)
        self.rates = {player: [group["lr"] for group in optimizer.param_groups] for player, optimizer in self.optimizers.items()}

    @property
    def finished(self) -> Model:
        """The weights that are shown and exported: the averaged ones, if the recipe keeps an average."""
        return self.average or self.model

    def state(self) -> dict:
        return {
            "run": self.run,
            "fingerprint": self.fingerprint,
            "step": self.step,
            "total": self.total,
            "seconds": self.seconds,
            "settings": {key: str(value) for key, value in asdict(self.settings).items()},
            "model": self.model.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "optimizers": {player: optimizer.state_dict() for player, optimizer in self.optimizers.items()},
            "frames": self.frames,
            "recipe": self.recipe.state(),
        }

    def resume(self, state: dict) -> None:
        """Continues from a checkpoint's state; this run may be longer than that one.  Raises UserError as `check_same_run` does."""
        check_same_run(state, self.settings, self.fingerprint, self.total)
        self.run = state.get("run", self.run)
        self.step, self.seconds, self.kept = state["step"], state["seconds"], state["step"]
        self.frames = frames_so_far(state["frames"], state["total"], self.total, self.step)
        self.model.load_state_dict(state["model"])
        if self.average:
            self.average.load_state_dict(state["average"])
        for player, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][player])
        self.recipe.load_state(state["recipe"])

    def train(self) -> None:
        """Runs to the end.

        Raises:
            Stopped: after Ctrl-C or SIGTERM; a checkpoint was left.
            KeyboardInterrupt: after a second one; the last checkpoint is as it was.
            UserError: the loss or the weights are no longer finite, or a checkpoint doesn't fit.
        """
        settings, main = self.settings, self.accelerator.is_main_process
        checkpoint = self.work / CHECKPOINT
        if settings.resume == "auto" and checkpoint.exists():
            self.resume(load_checkpoint(checkpoint))
            if main:
                print(f"Resuming after step {self.step:,} of {self.total:,}.")
        elif checkpoint.exists():  # of a run that this one replaces
            self.save()
        self.log = Log(self.accelerator, settings.tracker, self.run[:8])
        if main:
            shown = f"tensorboard --logdir {shlex.quote(str(self.work))}" if settings.tracker == "tensorboard" else "trackio show"
            print(f"Curves of this run, {self.run[:8]}: {shown}")
        torch.set_flush_denormal(True)
        snapshot_steps, saved, logged = snapshots.steps(self.total), time.monotonic(), 0.0
        n = settings.batch_size
        bar = tqdm(total=self.total * n, initial=self.step * n, unit=" images", unit_scale=True, mininterval=1, disable=not main)
        try:
            with default_dtype(self.dtype), stoppable(bool(self.recipe.steps), quiet=not main) as stop:
                if not self.recipe.steps:
                    began = self.clock()
                    self.recipe.fit(self.model)
                    self.seconds += self.clock() - began
                with explained(first=self.step == 0):
                    self.snapshot(snapshot_steps)
                while self.step < self.total:
                    began = self.clock()
                    with explained(first=self.step == 0):
                        scalars = self.one_step()
                    self.step += 1
                    self.seconds += self.clock() - began
                    bar.update(n)
                    if main and (time.monotonic() - logged > 2 or self.step == self.total):
                        values = {name: float(value) for name, value in scalars.items()}
                        self.log.scalars(values, self.step)
                        bar.set_postfix({name: f"{value:.3g}" for name, value in values.items()}, refresh=False)
                        logged = time.monotonic()
                        if not all(math.isfinite(value) for value in values.values()):
                            raise UserError(f"The loss of step {self.step} isn't finite; {self.advice()}")
                    self.snapshot(snapshot_steps)
                    stopping, due = self.any_process(bool(stop), time.monotonic() - saved > 60 * settings.checkpoint_minutes)
                    if stopping or (due and self.step < self.total):
                        self.save(needed=stopping)
                        saved = time.monotonic()
                    if stopping:
                        raise Stopped
                self.save()
        finally:
            bar.close()
            self.log.close()

    def advice(self) -> str:
        """Advice for when numbers have overflowed."""
        kept = f"the checkpoint of step {self.kept:,} stays. S" if self.kept else "s"
        return f"{kept}tart anew with a lower --learning-rate, or with --precision float32."

    def clock(self) -> float:
        """Seconds; on a CPU processor time per thread, so that other work of the machine does not count as training."""
        return time.monotonic() if self.device.type != "cpu" else time.process_time() / torch.get_num_threads()

    def any_process(self, *flags: bool) -> list[bool]:
        """Whether each flag is set in any process, so that all of them stop and save at the same step."""
        if self.accelerator.num_processes == 1:
            return list(flags)
        return self.reduced(torch.tensor(flags, dtype=torch.float32, device=self.device), "sum").bool().tolist()

    def reduced(self, tensor: Tensor, how: str) -> Tensor:
        """The "sum" or "mean" over processes, as a tensor."""
        return cast(Tensor, self.accelerator.reduce(tensor, how))

    def wait(self) -> None:
        """Waits until every process is here.  Accelerate's own barrier needs a GPU for each, even if all of them train on the CPU."""
        self.any_process(False)

    def one_step(self) -> dict[str, Tensor]:
        """Each player's move in turn, on this process's rows of the step's batch; returns the scalars to log."""
        settings, parts, processes = self.settings, self.settings.accumulate, self.accelerator.num_processes
        factor = self.recipe.schedule(self.step / self.total)
        for player, optimizer in self.optimizers.items():
            for group, rate in zip(optimizer.param_groups, self.rates[player]):
                group["lr"] = rate * factor
        self.model.train()
        if settings.compile:
            torch.compiler.cudagraph_mark_step_begin()  # the previous step's outputs may be overwritten
        seed_everything(settings.seed, 1, self.step, self.accelerator.process_index)
        indices = batch_indices(settings.seed, self.step, settings.batch_size, len(self.recipe))
        n = settings.batch_size // (parts * processes)
        games, scalars = [], {}
        for part in range(parts):
            first = (self.accelerator.process_index * parts + part) * n
            rows = slice(first, first + n)
            streams = RandomStreams(settings.seed, self.step, settings.batch_size, rows, self.device)
            games.append(player_losses(self.recipe, self.model, indices[rows], streams))
        while True:  # one turn: every micro-batch's loss for the same player, then that player's step
            player = None
            for game in games:
                with self.accelerator.autocast():
                    move = next(game, None)
                if move is None:
                    break
                player, loss, values = move
                if game is games[0]:
                    self.optimizers[player].zero_grad(set_to_none=True)
                (loss / parts).backward()
                for name, value in {**({f"{player}_loss": loss} if len(self.optimizers) > 1 else {"loss": loss}), **values}.items():
                    scalars[name] = scalars.get(name, 0) + torch.as_tensor(value).detach() / parts
            if player is None:
                break
            self.average_gradients(self.optimizers[player])
            self.optimizers[player].step()
        if self.average:
            # a smaller decay in the first steps, so that the average forgets the random start
            update_average(self.average, self.model, min(settings.ema, (1 + self.step) / (10 + self.step)))
        return scalars

    def average_gradients(self, optimizer: torch.optim.Optimizer) -> None:
        if self.accelerator.num_processes == 1:
            return
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        flat = self.reduced(torch.cat([gradient.flatten() for gradient in gradients]), "mean")
        for gradient, mean in zip(gradients, flat.split([gradient.numel() for gradient in gradients])):
            gradient.copy_(mean.view_as(gradient))

    @torch.no_grad()
    def snapshot(self, steps: list[int]) -> None:
        """Takes the next frame of the film, and logs it with the held-out figures, if this step is one of the film's."""
        if self.step not in steps[len(self.frames) :] or not self.accelerator.is_main_process:
            return
        model = self.finished.eval()
        frame = self.recipe.snapshot(model).float().cpu()
        self.frames.append(((frame.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8))
        heldout = self.recipe.validate(model)
        self.log.snapshot(self.frames[-1], heldout, self.step)
        for name, value in heldout.items():
            tqdm.write(f"step {self.step}: held-out {name} {value:.4g}")

    def save(self, needed: bool = False) -> None:
        """Writes the checkpoint.  If the disk is full, the previous one stays, with a warning, or a UserError if this one is `needed`.

        Raises UserError if the weights are no longer finite: they never replace good ones.
        """
        if self.accelerator.is_main_process:
            if not all_finite(self.model.state_dict(), self.average and self.average.state_dict()):
                raise UserError(f"After step {self.step} the weights are no longer finite; {self.advice()}")
            try:
                save_checkpoint(self.work / CHECKPOINT, self.state())
                self.kept = self.step
            except OSError as error:
                kept = f"that of step {self.kept:,} stays" if self.kept is not None else "there is none yet"
                message = f"The checkpoint of step {self.step:,} could not be written to {self.work} ({error.strerror or error}); {kept}."
                if needed:
                    raise UserError(message) from error
                tqdm.write(f"warning: {message}")
        self.wait()

    def record(self) -> dict:
        """What `training.json` says."""
        settings = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(self.settings).items()}
        for private in ("data_dir", "output", "push_to_hub", "private", "dry_run", "resume", "overwrite", "tracker", "start"):
            settings.pop(private)  # paths of this machine and options of this run do not belong in a public record
        before = None
        if start := self.settings.start:
            folder = start_folder(start)
            before = {"name": folder.resolve().name if start.is_dir() else str(start), **read_json(folder / "training.json")}
        minutes = round(self.seconds / 60, 2)
        return {
            "run": self.run,
            "recipe": self.recipe.name,
            "command": self.command,
            "started_from": before,  # the whole record of the run whose weights this one started from
            "steps": self.step,
            "images": self.step * self.settings.batch_size,
            "epochs": round(self.step * self.settings.batch_size / len(self.recipe), 2),
            "minutes": minutes,
            "total_minutes": round(minutes + self.recipe.earlier_minutes + (before or {}).get("total_minutes", 0), 2),
            "images_per_second": round(self.step * self.settings.batch_size / max(self.seconds, 1e-9), 1),
            "precision": self.precision,
            "hardware": hardware(self.device, self.accelerator.num_processes),
            "parameters": {name: parameter_count(module) for name, module in self.model.named_children()}
            | {name: p.numel() for name, p in self.model.named_parameters(recurse=False)},
            "training_examples": len(self.recipe),
            "code_revision": code_revision(),
            "torch": torch.__version__,
            "settings": settings,
        }

    def export(self, folder: Path) -> None:
        """Writes the model to `folder` (see `training.export.export`).  Raises OSError if the disk is full."""
        if self.accelerator.is_main_process:
            record, earlier_snapshots = self.record(), None
            earlier = self.settings.start and start_folder(self.settings.start) / "film.webp"
            if earlier and earlier.exists() and all(torch.equal(frame, self.frames[0]) for frame in self.frames):
                earlier_snapshots = earlier  # the filmed part was not trained in this run: the earlier run's film is kept
                record["film"] = "of the run that this one started from"
            export(self.recipe, self.finished.float().eval(), self.frames, record, folder, earlier_snapshots)
        self.wait()


def check_tracker(name: str) -> None:
    """Raises UserError if a tracker is not installed."""
    if importlib.util.find_spec(name) is None:
        raise UserError(f"--tracker {name} needs a package that is not installed: pip install {name}.")


class Log:
    """The run's curves, for the tracker.  If the log can't be written (a full disk), it is given up with a warning, and training continues.

    run: its name for the tracker, so that the curves of two runs never mix.
    """

    def __init__(self, accelerator: Accelerator, tracker: str, run: str):
        self.accelerator, self.tracker, self.broken = accelerator, tracker, not accelerator.is_main_process
        self.hook = threading.excepthook
        threading.excepthook = self.of_a_thread
        project = run if tracker == "tensorboard" else "playground"  # the one is a folder
        self.attempt(lambda: accelerator.init_trackers(project, init_kwargs={"trackio": {"name": run}} if tracker == "trackio" else {}))

    def of_a_thread(self, args) -> None:
        """Swallows OSErrors of TensorBoard's writer thread, which the next call reports anyway."""
        if not (isinstance(args.exc_value, OSError) and type(args.thread).__module__.startswith("tensorboard.")):
            self.hook(args)

    def attempt(self, call) -> None:
        if self.broken:
            return
        try:
            call()
        except Exception as error:  # of any tracker
            self.broken = True
            tqdm.write(f"warning: the curves are no longer logged ({error}); training goes on.")

    def scalars(self, values: dict[str, float], step: int) -> None:
        self.attempt(lambda: self.accelerator.log(values, step=step))

    def snapshot(self, frame: Tensor, heldout: dict[str, float], step: int) -> None:
        """The film's frame, uint8 (3, H, W), and the held-out figures."""

        def write() -> None:
            self.accelerator.log({f"heldout/{name}": value for name, value in heldout.items()}, step=step)
            if self.tracker == "tensorboard":
                writer: Any = self.accelerator.get_tracker("tensorboard", unwrap=True)
                writer.add_image("samples", frame, step)

        self.attempt(write)

    def close(self) -> None:
        for tracker in self.accelerator.trackers:  # end_training would end the process group too, which export needs
            self.attempt(tracker.finish)
        threading.excepthook = self.hook


@contextmanager
def explained(first: bool) -> Iterator[None]:
    """Turns errors that settings can cause in a step into a UserError.

    first: whether this is the first step, so that an error about shapes is due to the settings.
    """
    try:
        yield
    except UserError:
        raise
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise UserError(NO_MEMORY) from error
    except (RuntimeError, ValueError, IndexError, ZeroDivisionError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if "more than 1 value per channel" in reason:
            raise UserError(
                "Batch normalisation needs two examples at a time, in each process and part of a batch: choose a larger --batch-size."
            ) from error
        if "allocate memory" in reason or "not enough memory" in reason:
            raise UserError(NO_MEMORY) from error
        if first:
            raise UserError(f"With these settings the networks don't fit together ({reason}); change sizes, kernels or widths.") from error
        raise


@contextmanager
def stoppable(by_step: bool, quiet: bool = False) -> Iterator[list]:
    """A list that is no longer empty after Ctrl-C or SIGTERM, which is acknowledged at once; a second one raises KeyboardInterrupt.

    by_step: False if there is no step to finish, so that the first signal ends the run.
    """
    stop = []

    def asked(*_) -> None:
        if stop or not by_step:
            raise KeyboardInterrupt
        stop.append(True)
        if not quiet:
            tqdm.write("Stopping after this step, which leaves a checkpoint; Ctrl-C again aborts at once.")

    handlers = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
