"""The splits of data sets: lists of file names, made by `write.py`."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def listed(name: str) -> dict[str, list[str]]:
    """The file names in `<name>.json`, by split."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def binarized_classes() -> dict[str, str]:
    """Part of Larochelle's file -> the class of each digit, one character each; `binarized_mnist.txt` was made by `write.py`."""
    return dict(zip(("train", "valid", "test"), (FOLDER / "binarized_mnist.txt").read_text().split()))
