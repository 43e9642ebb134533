"""Writes the tables of figures in README.md, docs/figures.md and docs/likelihood.md: `python training/table.py`; `--check` only says
whether they are up to date."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # started as a file, from anywhere

from playground import catalog  # noqa: E402
from training.recipes import RECIPES  # noqa: E402

# Figures that the Compare tab and the cards have; and models that differ from others in one thing, of which one figure tells
ON_THE_PAGE = {"milliseconds_per_image", "two_sample_nn", "high_frequency_energy", "kl", "probe_accuracy"}
LADDER = re.compile(r"(ae|vae)-mnist-(\d+|linear|deep|beta)")
START, END = "<!-- figures: python training/table.py -->", "<!-- end of figures -->"


# Of each system the figure by which papers compare it
HEADLINES = ("bits_per_dim", "nats", "iw_bound", "pixel_accuracy", "agreement", "accuracy", "mse", "feature_distance", "l1", "cycle_l1_x")
HEAD = ["| model | figure | here | published | parameters | trained |", "| --- | --- | --- | --- | --- | --- |"]


def row(name: str, metric: dict | None, first: bool = True) -> str:
    """Model, what was measured, ours, theirs, and in the model's first row its size and how long it trained."""
    figure, value, published = "not measured yet", "", ""
    if metric:
        figure = f"`{metric['name']}`" + (f", {metric['binarisation']} binarisation" if metric["binarisation"] else "")
        spread = f" ± {metric['stderr']:.2g}" if metric["stderr"] else ""
        bound = {"upper": "≤ ", "lower": "≥ "}.get(metric["bound"], "")
        value = f"{bound}{metric['value']:.4g}{spread} {metric['unit']}".strip()
        published = metric["published"] or ""
    if not first:
        return f"| | {figure} | {value} | {published} |  |  |"
    record = catalog.entry(name).training
    size = f"{sum(record['parameters'].values()) / 1e6:.2f} M"
    return f"| `{name}` | {figure} | {value} | {published} | {size} | {record['total_minutes']:.0f} min, {record['hardware']} |"


def of_systems() -> list[str]:
    """One row a system: its model of MNIST, or else its largest, and one figure."""
    lines = list(HEAD)
    for system in RECIPES:
        names = catalog.offered(system)
        if names:
            size = {name: sum(catalog.entry(name).training["parameters"].values()) for name in names}
            name = f"{system}-mnist" if f"{system}-mnist" in names else max(names, key=size.get)
            metrics = catalog.entry(name).metrics
            lines.append(row(name, next((metrics[key] for key in HEADLINES if key in metrics), None)))
    return lines


def of_all() -> list[str]:
    """One row a figure of every model."""
    lines = list(HEAD)
    for name in catalog.names():
        figures = [metric for metric in catalog.entry(name).metrics.values() if metric["name"] not in ON_THE_PAGE]
        few = figures[:1] if name in catalog.TWINS or LADDER.match(name) else figures
        lines += [row(name, metric, first=i == 0) for i, metric in enumerate(few or [None])]
    return lines


def of_likelihood() -> list[str]:
    """One row a model that was trained for its likelihood: what it took, and what came of it."""
    lines = [
        "| model | parameters | minutes | images seen | a second | test set | command |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in catalog.names():
        found = catalog.entry(name)
        figures = [found.metrics[key] for key in ("bits_per_dim", "nats", "elbo", "iw_bound") if key in found.metrics]
        if not figures or LADDER.match(name):
            continue
        if not figures[0]["binarisation"] and (figures[0]["name"] != "bits_per_dim" or name in catalog.TWINS):
            continue
        runs = [found.training]  # this one, and those that it went on from
        while runs[-1].get("started_from"):
            runs.append(runs[-1]["started_from"])
        told = ", ".join(f"{metric['name']} {metric['value']:.2f} ± {metric['stderr']:.2f}" for metric in figures)
        size, seen, minutes = sum(runs[0]["parameters"].values()), sum(run["images"] for run in runs), runs[0]["total_minutes"]
        speed = f"{runs[0]['images_per_second']:.0f}, {runs[0]['precision']}"
        lines.append(f"| `{name}` | {size:,} | {minutes:.0f} | {seen:,} | {speed} | {told} | `{runs[0]['command']}` |")
    return lines


TABLES = {"README.md": of_systems, "docs/figures.md": of_all, "docs/likelihood.md": of_likelihood}


def updated(text: str, rows: list[str]) -> str:
    before, rest = text.split(START)
    return before + START + "\n" + "\n".join(rows) + "\n" + END + rest.split(END)[1]


def main(arguments: list[str]) -> int:
    stale = 0
    for name, rows in TABLES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        new = updated(text, rows())
        stale |= text != new
        if arguments != ["--check"]:
            (ROOT / name).write_text(new, encoding="utf-8")
    return int(stale) if arguments == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
