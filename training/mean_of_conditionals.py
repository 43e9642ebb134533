"""Measures the mean of several models' conditionals on the test set: `python training/mean_of_conditionals.py [--dataset mnist-static]`.

It writes its row of the table in docs/likelihood.md.  The members' own nats are measured on the same digits.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # started as a file, from anywhere

import torch  # noqa: E402
import tyro  # noqa: E402

from playground import catalog  # noqa: E402
from playground.errors import UserError, run_command  # noqa: E402
from playground.models.autoregressive.base import Autoregressive  # noqa: E402
from playground.models.autoregressive.mean import MeanOfConditionals  # noqa: E402
from playground.models.base import uniforms  # noqa: E402
from training import data  # noqa: E402
from training.recipes.autoregressive import binarised  # noqa: E402

DOCUMENT = ROOT / "docs" / "likelihood.md"
START, END = "<!-- means: python training/mean_of_conditionals.py -->\n", "<!-- end of means -->"


@dataclass(frozen=True)
class Arguments:
    members: tuple[str, ...] = ("gated-pixelcnn-mnist", "pixelcnn-mnist", "row-lstm-mnist", "diagonal-bilstm-mnist")
    dataset: Literal["mnist", "mnist-static"] = "mnist"
    every: int = 20  # every so many-th test digit
    data_dir: Path | None = None


@torch.inference_mode()
def nats(mean: MeanOfConditionals, x: torch.Tensor) -> torch.Tensor:
    """-log p(x) of digits (N, 1, 28, 28) by the mean and by each of its members, in nats: (N, 1 + members)."""
    found = []
    for part in x.split(25):
        by_class = []
        for label in range(mean.classes):
            y = torch.full((len(part),), label)
            logs = torch.stack([member.value_logits(part, y).log_softmax(1) for member in mean.members])  # (M, N, levels, 1, H, W)
            every = torch.cat([(logs.logsumexp(0) - torch.tensor(len(logs)).log())[None], logs])
            values = part.long()[None, :, None].expand(len(every), -1, 1, -1, -1, -1)
            by_class.append(every.gather(2, values).flatten(2).sum(2).T)  # (N, 1 + M)
        found.append(torch.tensor(mean.classes).log() - torch.stack(by_class).logsumexp(0))
    return torch.cat(found)


def row(options: Arguments) -> str:
    """Measures, and returns the row of the table.  Raises UserError if the models or the digits are missing."""
    grey, _ = data.digits(options.dataset, "test", options.data_dir)
    x = binarised(grey, uniforms(0, len(grey), 1, 28, 28))
    if options.dataset == "mnist-static":  # its test digits are not in random order
        x = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))]
    x = x[:: options.every]
    mean = MeanOfConditionals.of([cast(Autoregressive, catalog.load(name)) for name in options.members]).eval()
    found = nats(mean, x)
    values, errors = found.mean(0).tolist(), (found.std(0) / len(found) ** 0.5).tolist()
    alone = ", ".join(f"{name} {value:.2f}" for name, value in zip(options.members, values[1:]))
    gain = found[:, 0] - found[:, 1 + int(found[:, 1:].mean(0).argmin())]
    return (
        f"| {data.binarisation(options.dataset)} | {len(x):,} (every {options.every}th) | {values[0]:.2f} ± {errors[0]:.2f} "
        f"| {gain.mean():.2f} ± {gain.std() / len(gain) ** 0.5:.2f} | {alone} |\n"
    )


def with_row(text: str, new: str) -> str:
    """The document with this row in place of the one with the same binarisation."""
    before, rest = text.split(START)
    table, after = rest.split(END)
    head, line, *rows = table.splitlines(keepends=True)
    kept = [old for old in rows if old.split("|")[1] != new.split("|")[1]]
    return before + START + head + line + "".join(sorted([*kept, new])) + END + after


def main(arguments: list[str]) -> int:
    options = tyro.cli(Arguments, args=arguments, prog="mean_of_conditionals.py", description=__doc__)
    if options.every < 1:
        raise UserError(f"--every takes a whole number of 1 or more; {options.every} is less.")
    new = row(options)
    DOCUMENT.write_text(with_row(DOCUMENT.read_text(encoding="utf-8"), new), encoding="utf-8")
    print(new, end="")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
