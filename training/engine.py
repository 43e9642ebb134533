"""The one loop that trains every recipe: devices and processes by Accelerate, checkpoints, progress, film and export."""

import copy
import io
import json
import math
import os
import platform
import shutil
import signal
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from safetensors.torch import save_file
from torch import Tensor
from torchvision.transforms.functional import to_pil_image
from tqdm import tqdm

from playground import film
from playground.errors import UserError
from playground.models.base import Model, parameter_count
from playground.zoo import Entry, read_json
from training.draws import Draws, epoch_order
from training.recipes import Recipe, Settings

ROOT = Path(__file__).resolve().parent.parent
CHECKPOINT = "checkpoint.pt"


class Stopped(Exception):
    """The run was interrupted; a checkpoint was left."""


# --- devices, precision, randomness ----------------------------------------------------------------------------------


def check_device(device: str) -> None:
    """Raises UserError for "cuda" where there is no such device."""
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("There is no CUDA device here; use --device cpu.")


def resolve_precision(precision: str, device: str) -> str:
    """ "auto" is bf16 where the hardware multiplies it natively, else float32."""
    if precision != "auto":
        return precision
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() and "avx512_bf16" in cpu_flags() else "float32"


def cpu_flags() -> str:
    info = Path("/proc/cpuinfo")
    return info.read_text() if info.exists() else ""


def hardware(device: torch.device, processes: int = 1) -> str:
    """In words: what the run used, e.g. "AMD EPYC, 1 thread"."""
    if device.type == "cuda":
        return f"{processes} x {torch.cuda.get_device_name(device)}"
    model = next((line.split(":")[1].strip() for line in cpu_flags().splitlines() if line.startswith("model name")), platform.machine())
    threads = torch.get_num_threads() * processes
    return f"{model}, {threads} thread{'s' if threads > 1 else ''}"


def code_revision() -> str:
    """The commit that the code stands at, with "+" where files were changed since; "unknown" outside a git checkout."""
    try:
        run = lambda *args: subprocess.run(["git", "-C", str(ROOT), *args], capture_output=True, text=True, check=True).stdout.strip()  # noqa: E731
        return run("rev-parse", "--short", "HEAD") + ("+" if run("status", "--porcelain", "--", "playground/models", "training") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


@contextmanager
def default_dtype(dtype: torch.dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def seed_everything(*key: int) -> None:
    """Seeds torch's global generator (weights at the start, dropout in each step) from a tuple of numbers."""
    torch.manual_seed(zlib.crc32(repr(key).encode()))


# --- files -----------------------------------------------------------------------------------------------------------


def write_atomically(path: Path, data: bytes) -> None:
    """The file is the old one or the new one at any moment, whatever happens to the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def save_checkpoint(path: Path, state: dict) -> None:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_atomically(path, buffer.getvalue())


def load_checkpoint(path: Path) -> dict:
    """Raises UserError for a file that is not one of our checkpoints."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path.name} in {path.parent} is damaged or no checkpoint; delete it, or start without --resume.") from error


def write_json(path: Path, content: dict) -> None:
    write_atomically(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


# --- the loop --------------------------------------------------------------------------------------------------------


def total_steps(recipe: Recipe, settings: Settings) -> int:
    if not recipe.steps:
        return 0
    steps = max(1, math.ceil(len(recipe) * settings.epochs / settings.batch_size))
    return min(steps, settings.max_steps) if settings.max_steps else steps


def batch_indices(seed: int, step: int, batch_size: int, count: int) -> Tensor:
    """The examples of a step, (batch_size,), int64: epoch after epoch, each in an order of its own, without a gap."""
    first = step * batch_size
    positions = torch.arange(first, first + batch_size)
    epochs = positions // count
    return torch.cat([epoch_order(seed, int(epoch), count)[positions[epochs == epoch] % count] for epoch in epochs.unique()])


def moves(recipe: Recipe, model: Model, indices: Tensor, draws: Draws) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
    """`recipe.losses` on the examples at `indices`.

    One set of streams, on two devices: examples are made on the CPU, the losses' noise on that of `draws`, where the model is.
    """
    batch = recipe.batch(indices, replace(draws, device="cpu"))
    batch = {key: value.to(draws.device, non_blocking=True) for key, value in batch.items()}
    return recipe.losses(model, batch, draws)


@torch.no_grad()
def update_average(average: Model, model: Model, decay: float) -> None:
    """Exponential moving average of the weights; whole numbers (counters) are copied."""
    for mean, value in zip(average.state_dict().values(), model.state_dict().values()):
        mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)


class Trainer:
    """One run of one recipe: `train()` it, and then `export` it."""

    def __init__(self, recipe: Recipe, settings: Settings, work: Path, command: str = ""):
        """`work` holds the checkpoint and the TensorBoard files."""
        self.recipe, self.settings, self.work, self.command = recipe, settings, work, command
        check_device(settings.device)
        on_cpu = settings.device == "cpu" or not torch.cuda.is_available()
        torch.backends.cudnn.deterministic = True  # sums in a fixed order, so that a resumed run comes to the same weights
        self.precision = resolve_precision(settings.precision, "cpu" if on_cpu else "cuda")
        self.accelerator = Accelerator(
            cpu=on_cpu,
            mixed_precision="bf16" if self.precision == "bf16" else "no",
            log_with="tensorboard",
            project_dir=work,
        )
        # without cpu=True, processes under torchrun would train apart, silently
        if self.accelerator.num_processes != int(os.environ.get("WORLD_SIZE", 1)):
            raise RuntimeError(f"{os.environ['WORLD_SIZE']} processes were started but {self.accelerator.num_processes} train together")
        share = self.accelerator.num_processes * settings.accumulate
        if settings.batch_size % share:
            raise UserError(f"--batch-size {settings.batch_size} can't be cut into {share} equal parts; choose a multiple of {share}.")
        self.device = self.accelerator.device
        self.dtype = torch.float64 if self.precision == "float64" else torch.float32
        self.total = total_steps(recipe, settings)
        self.step = 0
        self.seconds = 0.0  # of training, over all parts of an interrupted run, as `clock` counts them
        self.frames: list[Tensor] = []
        with default_dtype(self.dtype):
            seed_everything(settings.seed, 0)
            self.model = recipe.model()
            if settings.start:
                load_weights(self.model, settings.start)
            self.model = self.model.to(self.device, memory_format=torch.channels_last if settings.channels_last else torch.preserve_format)
            for value in self.model.state_dict().values():
                broadcast(value)
            self.average = copy.deepcopy(self.model).requires_grad_(False) if settings.ema and recipe.steps else None
            self.optimizers = recipe.optimizers(self.model) if recipe.steps else {}
        self.rates = {player: [group["lr"] for group in optimizer.param_groups] for player, optimizer in self.optimizers.items()}

    @property
    def finished(self) -> Model:
        """The weights that are shown and exported: the averaged ones where the recipe keeps them."""
        return self.average or self.model

    def state(self) -> dict:
        return {
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
        """Goes on from a checkpoint's state.  Raises UserError where it was written under other settings."""
        free = {"resume", "push_to_hub", "private", "checkpoint_minutes", "data_dir", "output", "dry_run", "device"}
        mine = {key: str(value) for key, value in asdict(self.settings).items()}
        changed = [key for key in mine if key not in free and mine[key] != state["settings"].get(key)]
        if changed or state["total"] != self.total:
            what = ", ".join(f"{key} was {state['settings'].get(key)}, is {mine[key]}" for key in changed) or "the number of steps differs"
            raise UserError(f"The checkpoint in {self.work} is of a run with other settings ({what}); repeat them, or use --resume never.")
        self.step, self.seconds, self.frames = state["step"], state["seconds"], state["frames"]
        self.model.load_state_dict(state["model"])
        if self.average:
            self.average.load_state_dict(state["average"])
        for player, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][player])
        self.recipe.load_state(state["recipe"])

    def train(self) -> None:
        """Runs to the end.  Raises Stopped after Ctrl-C or SIGTERM, a checkpoint left behind."""
        settings, main = self.settings, self.accelerator.is_main_process
        if settings.resume == "auto" and (self.work / CHECKPOINT).exists():
            self.resume(load_checkpoint(self.work / CHECKPOINT))
        if main:
            self.accelerator.init_trackers("")
        stop = []
        handlers = {number: signal.signal(number, lambda *_: stop.append(True)) for number in (signal.SIGINT, signal.SIGTERM)}
        torch.set_flush_denormal(True)
        snapshots, saved, logged = film.steps(self.total), time.monotonic(), 0.0
        n = settings.batch_size
        bar = tqdm(total=self.total * n, initial=self.step * n, unit=" images", unit_scale=True, mininterval=1, disable=not main)
        try:
            with default_dtype(self.dtype):
                if not self.recipe.steps:
                    began = self.clock()
                    self.recipe.fit(self.model)
                    self.seconds += self.clock() - began
                self.snapshot(snapshots)
                while self.step < self.total:
                    began = self.clock()
                    scalars = self.one_step()
                    self.step += 1
                    self.seconds += self.clock() - began
                    bar.update(n)
                    if main and (time.monotonic() - logged > 2 or self.step == self.total):
                        values = {name: float(value) for name, value in scalars.items()}
                        self.accelerator.log(values, step=self.step)
                        bar.set_postfix({name: f"{value:.3g}" for name, value in values.items()}, refresh=False)
                        logged = time.monotonic()
                        if not all(math.isfinite(value) for value in values.values()):
                            raise UserError(f"The loss of step {self.step} isn't finite; lower --learning-rate or use --precision float32.")
                    self.snapshot(snapshots)
                    stopping, due = self.any_process(bool(stop), time.monotonic() - saved > 60 * settings.checkpoint_minutes)
                    if stopping or due:
                        self.save()
                        saved = time.monotonic()
                    if stopping:
                        raise Stopped
                self.save()
        finally:
            bar.close()
            for number, handler in handlers.items():
                signal.signal(number, handler)
            for tracker in self.accelerator.trackers:  # end_training would end the process group too, which export needs
                tracker.finish()

    def clock(self) -> float:
        """Seconds; on a CPU those that its threads were at work, so that what else the machine does doesn't count as training."""
        return time.monotonic() if self.device.type == "cuda" else time.process_time() / torch.get_num_threads()

    def any_process(self, *flags: bool) -> list[bool]:
        """Whether each flag is set in any process, so that all of them stop and save at the same step."""
        if self.accelerator.num_processes == 1:
            return list(flags)
        return self.accelerator.reduce(torch.tensor(flags, dtype=torch.float32, device=self.device), "sum").bool().tolist()

    def wait(self) -> None:
        """Till every process is here.  Accelerate's own barrier wants a GPU for each, even where all train on the processor."""
        self.any_process(False)

    def one_step(self) -> dict[str, Tensor]:
        """Each player's move in turn, on this process's rows of step's batch; returns the scalars to log."""
        settings, parts, processes = self.settings, self.settings.accumulate, self.accelerator.num_processes
        factor = self.recipe.schedule(self.step / self.total)
        for player, optimizer in self.optimizers.items():
            for group, rate in zip(optimizer.param_groups, self.rates[player]):
                group["lr"] = rate * factor
        self.model.train()
        seed_everything(settings.seed, 1, self.step, self.accelerator.process_index)
        indices = batch_indices(settings.seed, self.step, settings.batch_size, len(self.recipe))
        n = settings.batch_size // (parts * processes)
        games, scalars = [], {}
        for part in range(parts):
            first = (self.accelerator.process_index * parts + part) * n
            rows = slice(first, first + n)
            draws = Draws(settings.seed, self.step, settings.batch_size, rows, self.device)
            games.append(moves(self.recipe, self.model, indices[rows], draws))
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
            # the first steps count fully, so that the average forgets the random start
            update_average(self.average, self.model, min(settings.ema, (1 + self.step) / (10 + self.step)))
        return scalars

    def average_gradients(self, optimizer: torch.optim.Optimizer) -> None:
        if self.accelerator.num_processes == 1:
            return
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        flat = self.accelerator.reduce(torch.cat([gradient.flatten() for gradient in gradients]), "mean")
        for gradient, mean in zip(gradients, flat.split([gradient.numel() for gradient in gradients])):
            gradient.copy_(mean.view_as(gradient))

    @torch.no_grad()
    def snapshot(self, steps: list[int]) -> None:
        """Takes the film's next frame, and logs it with the held-out figures, where this step is one of the film's."""
        if self.step not in steps[len(self.frames) :] or not self.accelerator.is_main_process:
            return
        model = self.finished.eval()
        frame = self.recipe.film(model).float().cpu()
        self.frames.append(((frame.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8))
        writer = self.accelerator.get_tracker("tensorboard").writer
        writer.add_image("samples", self.frames[-1], self.step)
        for name, value in self.recipe.validate(model).items():
            writer.add_scalar(f"heldout/{name}", value, self.step)
            tqdm.write(f"step {self.step}: held-out {name} {value:.4g}")

    def save(self) -> None:
        if self.accelerator.is_main_process:
            save_checkpoint(self.work / CHECKPOINT, self.state())
        self.wait()

    def record(self) -> dict:
        """What `training.json` says."""
        settings = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(self.settings).items()}
        for private in ("data_dir", "output", "push_to_hub", "private", "dry_run", "resume", "start"):
            settings.pop(private)  # where things lie on one machine is nobody's business
        before = None
        if start := self.settings.start:
            before = {"name": start.resolve().name, **read_json(start / "training.json")}
        minutes = round(self.seconds / 60, 2)
        return {
            "recipe": self.recipe.name,
            "command": self.command,
            "started_from": before,  # the whole record of the run that this one went on from
            "steps": self.step,
            "images": self.step * self.settings.batch_size,
            "epochs": round(self.step * self.settings.batch_size / len(self.recipe), 2),
            "minutes": minutes,
            "total_minutes": round(minutes + (before or {}).get("total_minutes", 0), 2),
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
        """Writes the model to `folder`, whole or not at all: the folder that stood there is replaced at the end."""
        if self.accelerator.is_main_process:
            model = self.finished.float().eval()
            new = folder.with_name(f".{folder.name}.new")
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            save_model(model, new, getattr(torch, self.settings.storage))
            record, earlier = self.record(), self.settings.start and self.settings.start / "film.webp"
            if earlier and earlier.exists() and all(torch.equal(frame, self.frames[0]) for frame in self.frames):
                shutil.copy(earlier, new)  # what the film shows did not learn in this run: the one before has the film to see
                record["film"] = "of the run that this one started from"
            else:
                film.save([to_pil_image(frame) for frame in self.frames], new / "film.webp")
            write_json(new / "training.json", record)
            write_extras(self.recipe, model.cpu(), new)
            from training.cards import write_card

            for prose in ("notes.md", "README.md"):  # a person's own outlives retraining; a card that nobody edited is made anew
                if (folder / prose).exists():
                    shutil.copy(folder / prose, new / prose)
            write_card(new, folder.name)
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(new, folder)
        self.wait()


# --- export ----------------------------------------------------------------------------------------------------------


def save_model(model: Model, folder: Path, dtype: torch.dtype = torch.float32) -> None:
    """config.json and model.safetensors; floating-point weights are stored as `dtype`."""
    write_json(folder / "config.json", model.settings)
    state = {
        name: (value.to(dtype) if value.is_floating_point() else value).contiguous().cpu() for name, value in model.state_dict().items()
    }
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def write_extras(recipe: Recipe, model: Model, folder: Path) -> None:
    """What the page needs beside the weights: the recipe's own, the picture with which the tab opens, a sheet of made digits, and graphs
    for the browser."""
    from playground import api
    from playground.graphs.export import export
    from playground.openings import OPENINGS

    recipe.export_extras(model, folder)
    if model.system in OPENINGS:
        OPENINGS[model.system](model).save(folder / "opening.webp", lossless=True, exact=True)
    if api.makes_digits(model.settings):
        api.draw_sheet(model).save(folder / api.SHEET, lossless=True, exact=True)
    export(Entry(folder.name, folder))


def load_weights(model: Model, folder: Path) -> None:
    """Fills `model` with the weights in `folder`.  Raises UserError where they don't fit."""
    from safetensors.torch import load_file

    path = folder / "model.safetensors"
    if not path.exists():
        raise UserError(f"There are no weights in {folder}; --from takes a folder such as pretrained/vae-mnist.")
    try:
        model.load_state_dict(load_file(path))
    except Exception as error:
        raise UserError(f"The weights in {folder} don't fit this model; start from a model trained with the same sizes.") from error
