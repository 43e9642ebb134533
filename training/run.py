"""The command line of the recipes: `python training/run.py RECIPE [options]`, `--list`, `RECIPE --help`."""

import argparse
import re
import shlex
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a file, from anywhere

import torch  # noqa: E402
import tyro  # noqa: E402

from playground.errors import UserError, run_command  # noqa: E402
from training import engine  # noqa: E402
from training.recipes import RECIPES, Settings, recipe_class  # noqa: E402

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
    return name, settings


def default_output(recipe: str, settings: Settings) -> Path:
    """pretrained/<recipe>-<data set>, of whose name the first word: pix2pix-flowers is trained on flowers17."""
    own = settings.dataset == "folder" and settings.data_dir
    dataset = settings.data_dir.resolve().name if own else re.match(r"[a-z]*", settings.dataset)[0]
    return engine.ROOT / "pretrained" / (recipe if recipe == "digit-classifier" else f"{recipe}-{dataset}")


def shareable(arguments: list[str], output: Path | None = None) -> str:
    """The command as another person would type it, without the places of this machine: of --from and --output folders' names are left.

    output: where the model goes, if not to the place that the command would choose by itself.
    """
    kept, skip = [], False
    for before, argument in zip(["", *arguments], arguments):
        if skip:
            skip = False
        elif before == "--from":
            kept.append(Path(argument).name)
        elif argument in ("--data-dir", "--output", "--push-to-hub", "--resume"):
            skip = True
        elif not argument.startswith(("--data-dir=", "--output=", "--push-to-hub=", "--resume=")):
            kept.append(argument)
    return "python training/run.py " + shlex.join(kept + (["--output", f"pretrained/{output.name}"] if output else []))


def list_recipes() -> None:
    for name in RECIPES:
        recipe = recipe_class(name)
        print(f"{name:18} {recipe.__doc__.strip().splitlines()[0]}")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__ + "\n\n" + USAGE)
        return 0 if arguments else 2
    if arguments[0] == "--list":
        list_recipes()
        return 0
    name, settings = parse(arguments)
    usual = default_output(name, settings)
    output = (settings.output or usual).resolve()
    if settings.push_to_hub:
        from training import publish

        publish.check_token(settings.push_to_hub)
    if settings.preset == "small" and torch.cuda.is_available():
        print("A GPU is here: --preset paper trains the paper's own sizes and schedule.")
    recipe = recipe_class(name)(settings)
    if settings.dry_run:
        steps = engine.total_steps(recipe, settings)
        print(f"{name}, preset {settings.preset}: {len(recipe):,} examples of {settings.dataset}")
        print(f"{steps:,} steps of {settings.batch_size} images, to {output}")
        print(settings)
        return 0
    work = output.parent / ".runs" / output.name
    trainer = engine.Trainer(recipe, settings, work, command=shareable(arguments, output if output != usual else None))
    try:
        trainer.train()
    except engine.Stopped:
        if trainer.accelerator.is_main_process:
            again = shlex.join([a for a in arguments if a not in ("--resume", "auto")])
            count = trainer.accelerator.num_processes
            launcher = "python" if count == 1 else f"torchrun --nproc-per-node {count}"
            print(f"\nStopped after step {trainer.step:,} of {trainer.total:,}. To go on: {launcher} training/run.py {again} --resume auto")
        return 130
    trainer.export(output)
    if trainer.accelerator.is_main_process:
        print(f"Trained {trainer.step:,} steps in {trainer.seconds / 60:.1f} minutes: {output}")
        if not settings.push_to_hub:
            print(f"To measure it: python training/evaluate.py {output.name if output.parent == engine.ROOT / 'pretrained' else output}")
        else:  # what goes up has its figures with it
            from training.evaluate import evaluate

            evaluate(output, settings.data_dir, trainer.device.type)
            print(publish.publish(output, settings.push_to_hub, private=settings.private))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
