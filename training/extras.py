"""Makes the assets beside finished weights again, without training: `python training/extras.py NAME ... [--data-dir DIR]`.

They are the opening picture, a sheet of samples, the codes of training digits, and the graphs that the visitor's browser runs.  The engine
makes them at export, too.  `--graphs` makes the graphs only, which needs no data.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a file, from anywhere

import torch  # noqa: E402
import tyro  # noqa: E402

from playground.errors import UserError, run_command  # noqa: E402
from training.evaluate import finished, folders  # noqa: E402
from training.export import write_assets, write_graphs  # noqa: E402


@dataclass(frozen=True)
class Arguments:
    names: tyro.conf.Positional[tuple[str, ...]]  # models of pretrained/, or folders
    data_dir: Path | None = None  # where the data sets are
    graphs: bool = False  # the graphs only


def main(arguments: list[str]) -> int:
    options = tyro.cli(Arguments, args=arguments, prog="extras.py", description=__doc__)
    for folder in folders(options.names):
        if options.graphs:
            write_graphs(folder)
            continue
        with torch.inference_mode():
            failed = write_assets(*finished(folder, options.data_dir), folder)
        if failed:
            raise UserError(f"{folder.name}: {' '.join(failed)}")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
