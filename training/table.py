"""Writes the table of figures in the README: `python training/table.py`; with `--check` it only says whether it is up to date."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # started as a file, from anywhere

from playground import zoo  # noqa: E402

# Figures that the Compare tab and the cards have; and models that differ from others in one thing, of which one figure tells
ON_THE_PAGE = {"milliseconds_per_image", "two_sample_nn", "high_frequency_energy", "kl", "probe_accuracy"}
LADDER = re.compile(r"(ae|vae)-mnist-(\d+|linear|deep|beta)")
START, END = "<!-- figures: python training/table.py -->", "<!-- end of figures -->"


def rows() -> list[str]:
    """One row a figure: model, what was measured, ours, theirs, and how long it trained."""
    lines = ["| model | figure | here | published | parameters | trained |", "| --- | --- | --- | --- | --- | --- |"]
    for name in zoo.names():
        found = zoo.entry(name)
        record = found.training
        size = f"{sum(record['parameters'].values()) / 1e6:.2f} M"
        trained = f"{record['total_minutes']:.0f} min, {record['hardware']}"
        figures = [metric for metric in found.metrics.values() if metric["name"] not in ON_THE_PAGE]
        for metric in (figures[:1] if name in zoo.TWINS or LADDER.match(name) else figures) or [None]:
            figure, value, published = "not measured yet", "", ""
            if metric:
                figure = f"`{metric['name']}`" + (f", {metric['binarisation']} binarisation" if metric["binarisation"] else "")
                spread = f" ± {metric['stderr']:.2g}" if metric["stderr"] else ""
                value = f"{metric['value']:.4g}{spread} {metric['unit']}".strip()
                published = metric["published"] or ""
            lines.append(f"| `{name}` | {figure} | {value} | {published} | {size} | {trained} |")
            name, size, trained = "", "", ""
    return [line.replace("| `` |", "| |") for line in lines]


def updated(readme: str) -> str:
    before, rest = readme.split(START)
    return before + START + "\n" + "\n".join(rows()) + "\n" + END + rest.split(END)[1]


def main(arguments: list[str]) -> int:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if arguments == ["--check"]:
        return int(text != updated(text))
    readme.write_text(updated(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
