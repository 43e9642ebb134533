"""The command line of the recipes: `python training/run.py RECIPE [options]`, `--list`, `RECIPE --help`."""

import argparse
import math
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":  # while torch is loaded, Ctrl-C ends with a message and without a traceback
    signal.signal(signal.SIGINT, lambda *_: (print("\nStopped before training.", file=sys.stderr), os._exit(130)))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a file, from anywhere

import torch  # noqa: E402
import tyro  # noqa: E402

from playground import catalog  # noqa: E402
from playground.errors import UserError, run_command  # noqa: E402
from playground.systems import SYSTEMS  # noqa: E402
from training import engine, hub_data, output  # noqa: E402
from training.recipes import Recipe, Settings, check_numbers, recipe_class  # noqa: E402

USEFUL_STEPS = 1000  # the least number of steps of a run, unless the user asks for fewer
USAGE = "usage: python training/run.py RECIPE [--preset small|paper] [options]   (RECIPE --help shows them; --list lists the recipes)"


def parse(arguments: list[str]) -> tuple[str, Settings]:
    """Recipe and settings of a command line.  Raises UserError for an unknown recipe or preset."""
    name, *rest = arguments
    recipe = recipe_class(name)
    preset = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    preset.add_argument("--preset", default="small")
    preset = preset.parse_known_args(rest)[0].preset
    if preset not in recipe.presets:
        raise UserError(f"There is no preset {preset!r}; {name} has {', '.join(recipe.presets)}.")
    default = recipe.Settings(preset=preset, **recipe.presets[preset])
    settings = tyro.cli(recipe.Settings, default=default, args=rest, prog=f"run.py {name}", description=recipe.__doc__)
    check_numbers(settings)
    return name, settings


def shareable(arguments: list[str], folder: Path | None = None) -> str:
    """The command as another person would type it, without paths of this machine.

    A --from folder becomes its model's name.

    folder: the folder of the model, if it is not the one that the command would choose.
    """
    kept, skip = [], False
    for before, argument in zip(["", *arguments], arguments):
        if skip:
            skip = False
        elif before == "--from":
            kept.append(argument if catalog.HUB_ID.fullmatch(argument) and not Path(argument).exists() else Path(argument).resolve().name)
        elif argument in ("--data-dir", "--output", "--push-to-hub", "--resume"):
            skip = True
        elif argument not in ("--overwrite", "--private", "--no-overwrite", "--no-private") and not argument.startswith(
            ("--data-dir=", "--output=", "--push-to-hub=", "--resume=")
        ):
            kept.append(argument)
    return "python training/run.py " + shlex.join(kept + (["--output", f"pretrained/{folder.name}"] if folder else []))


def list_recipes() -> None:
    for name in SYSTEMS:
        recipe = recipe_class(name)
        print(f"{name:18} {(recipe.__doc__ or '').strip().splitlines()[0]}")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(f"{__doc__}\n\n{USAGE}")
        return 0 if arguments else 2
    if arguments[0] == "--list":
        list_recipes()
        return 0
    name, settings = parse(arguments)
    try:
        return train(name, settings, arguments)
    except KeyboardInterrupt:
        print("\nAborted; nothing was written since the last checkpoint, if there is one.", file=sys.stderr)
        return 130


def train(name: str, settings: Settings, arguments: list[str]) -> int:
    """Does what a command line asks for, and returns its exit code.  Mistakes are found before the first step."""
    if hub_data.is_hub(settings.dataset):  # the record, the card and the command for resuming name the commit
        pinned = hub_data.pinned(settings.dataset)
        arguments = [
            a.replace(settings.dataset, pinned) if a in (settings.dataset, f"--dataset={settings.dataset}") else a for a in arguments
        ]
        settings = replace(settings, dataset=pinned)
    folder = output.chosen_output(name, settings)
    first = int(os.environ.get("RANK", 0)) == 0  # one of several processes takes care of the files
    if first:
        output.check_output(folder, settings)
    created = False
    if settings.push_to_hub and first:
        from training import publish

        created = publish.check(settings.push_to_hub, settings.private, make=not settings.dry_run)
    with warn_of_empty_repository(settings.push_to_hub, created) as published:
        published[:] = [train_checked(name, settings, folder, arguments, first)]
    return published[0]


@contextmanager
def warn_of_empty_repository(repo_id: str | None, created: bool) -> Iterator[list[int]]:
    """Prints, if a run ends without its model on the Hub, that an empty repository was created for it."""
    code: list[int] = []
    try:
        yield code
    finally:
        if created and code != [0]:
            print(f"{repo_id} was made on the Hub for this run and is empty; `hf repo delete {repo_id}` removes it.", file=sys.stderr)


def train_checked(name: str, settings: Settings, folder: Path, arguments: list[str], first: bool) -> int:
    """The second part of `train`, which begins with loading the images."""
    if settings.preset == "small" and torch.cuda.is_available():
        print("A GPU is here: --preset paper trains the paper's own sizes and schedule.")
    with output.locked(folder) if first and not settings.dry_run else nullcontext():
        recipe = recipe_class(name)(settings)
        if settings.compile and not recipe.steps:
            raise UserError(f"--compile makes nothing faster here: {name} is fitted in one step; leave --compile out.")
        settings = long_enough(recipe, settings, arguments, quiet=not first)
        if settings.dry_run:
            tell(name, recipe, settings, folder)
            return 0
        usual = output.resolved(catalog.ROOT / output.usual_name(name, settings))
        command = shareable(arguments, folder if folder != usual else None)
        return run(engine.Trainer(recipe, settings, output.work_folder(folder), command), folder, arguments)


def long_enough(recipe: Recipe, settings: Settings, arguments: list[str], quiet: bool = False) -> Settings:
    """The settings, with as many epochs as USEFUL_STEPS take if there are few images and the user gave no number of epochs or steps."""
    steps = engine.total_steps(recipe, settings)
    if not recipe.steps or steps >= USEFUL_STEPS:
        return settings
    what = f"{len(recipe):,} images in batches of {settings.batch_size} make {steps:,} steps in {settings.epochs:g} epochs"
    asked = any(argument.replace("_", "-").startswith(("--epochs", "--max-steps")) for argument in arguments)
    if not asked:
        settings = replace(settings, epochs=math.ceil(USEFUL_STEPS * settings.batch_size / len(recipe)))
        what += f", too few to learn from: it will be {settings.epochs:,} epochs, {engine.total_steps(recipe, settings):,} steps"
    elif settings.max_steps is None:
        what += ", which are few to learn from"
    else:
        return settings
    if not quiet:
        print(f"{what}; --epochs sets another number.")
    return settings


def run(trainer: engine.Trainer, folder: Path, arguments: list[str]) -> int:
    """Trains, exports, and publishes if that is asked for."""
    settings, main = trainer.settings, trainer.accelerator.is_main_process
    again = going_on(arguments, folder, trainer.accelerator.num_processes)
    try:
        trainer.train()
    except engine.Stopped:
        if main:
            print(f"\nStopped after step {trainer.step:,} of {trainer.total:,}. To go on: {again}")
        return 130
    try:
        trainer.export(folder)
    except OSError as error:
        problem = f"The model could not be written to {folder} ({error.strerror or error})"
        try:  # perhaps this is another disk
            elsewhere = Path(tempfile.mkdtemp(prefix=f"{folder.name}-"))
            trainer.export(elsewhere)
        except OSError:
            raise UserError(f"{problem}; free some space, then run: {again}") from error
        raise UserError(f"{problem}; it is in {elsewhere} instead, from where you can move it.") from error
    if main:
        print(f"Trained {trainer.step:,} steps in {trainer.seconds / 60:.1f} minutes: {folder}")
        if not settings.push_to_hub:
            where = f" --data-dir {shlex.quote(str(settings.data_dir))}" if settings.data_dir else ""
            print(f"To measure it: python training/evaluate.py {shlex.quote(output.called(folder))}{where}")
        else:
            try:
                push(folder, settings.push_to_hub, settings, trainer.device.type)
            except KeyboardInterrupt:
                print(f"\nStopped before it was published; the trained model is in {folder}.", file=sys.stderr)
                return 130
    return 0


def going_on(arguments: list[str], folder: Path, processes: int) -> str:
    """The command that resumes this run."""
    kept = [a for before, a in zip(["", *arguments], arguments) if "--resume" not in (before, a) and not a.startswith("--resume=")]
    if not any(a == "--output" or a.startswith("--output=") for a in kept):
        kept += ["--output", str(folder)]
    launcher = "python" if processes == 1 else f"torchrun --nproc-per-node {processes}"
    return f"{launcher} training/run.py {shlex.join(kept)} --resume auto"


def push(folder: Path, repo_id: str, settings: Settings, device: str) -> None:
    """Measures the model and publishes it with its figures.  Raises UserError if the Hub refuses; the model stays in `folder`."""
    from training import publish
    from training.evaluate import evaluate

    try:
        evaluate(folder, settings.data_dir, device)
    except UserError as error:
        print(f"warning: it is published without figures: {error}")
    try:
        print(publish.publish(folder, repo_id, private=settings.private))
    except UserError as error:
        private = " --private" if settings.private else ""
        again = f"python training/publish.py {shlex.quote(output.called(folder))} {repo_id}{private}"
        raise UserError(f"{error} The trained model is in {folder}; to publish it later: {again}") from error


def tell(name: str, recipe: Recipe, settings: Settings, folder: Path) -> None:
    """Prints what a run would do."""
    print(f"{name}, preset {settings.preset}: {len(recipe):,} examples of {settings.dataset}")
    print(f"{engine.total_steps(recipe, settings):,} steps of {settings.batch_size} images, to {folder}")
    print(settings)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(run_command(main, sys.argv[1:]))
