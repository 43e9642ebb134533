"""Writes the lists of file names beside this file: `python training/splits/write.py DATA_DIR`.

DATA_DIR holds the copy that the shipped weights were trained on.
facades: 40 of the training pairs are held out.  flowers17: 4 of each kind's training photos are held out; the test photos are
listed as well, since the lists divide the publisher's archive, whose other photos stay unused.  openmoji, emoji3d and horses: every
picture that is used is listed.
"""

import csv
import hashlib
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage.color import rgb2lab
from torchvision import datasets


def main(data_dir: Path) -> None:
    here, draw = Path(__file__).parent, random.Random(0)
    facades = sorted(path.name for path in (data_dir / "facades" / "train").glob("*.jpg"))
    lists = {"facades": {"heldout": sorted(draw.sample(facades, 40))}}
    flowers = data_dir / "flowers17"
    heldout = []
    for kind in sorted((flowers / "train").iterdir()):
        heldout += draw.sample(sorted(path.name for path in kind.glob("*.jpg")), 4)
    train = {path.name for path in (flowers / "train").glob("*/*.jpg")} - set(heldout)
    test = [path.name for path in (flowers / "test").glob("*/*.jpg")]
    lists["flowers17"] = {"train": sorted(train), "heldout": sorted(heldout), "test": sorted(test)}
    lists["openmoji"] = openmoji(data_dir / "openmoji")
    lists["emoji3d"] = domains(data_dir / "emoji3d", random.Random(1))
    lists["horses"] = horses(data_dir / "horse2zebra", random.Random(2))
    for name, splits in lists.items():
        lines = ",\n".join(f" {json.dumps(split)}: {json.dumps(names)}" for split, names in splits.items())
        (here / f"{name}.json").write_text(f"{{\n{lines}\n}}\n")
    (here / "binarized_mnist.txt").write_text("\n".join(binarized_classes(data_dir)) + "\n")


def binarized_classes(data_dir: Path) -> list[str]:
    """The class of each digit of the static binarised MNIST, a string for each part: that of the grey digit it most likely came from."""
    arrays, classes = np.load(data_dir / "binarized_mnist" / "binarized_mnist.npz"), []
    for parts, train in ((("train", "valid"), True), (("test",), False)):
        grey = datasets.MNIST(data_dir, train=train)
        p = (grey.data.reshape(-1, 784) / 255).clamp(1e-3, 1 - 1e-3)  # (60000, 784)
        for part in parts:
            x = torch.from_numpy(np.unpackbits(arrays[part], axis=1)[:, :784]).float()
            likeliest = torch.cat([(few @ p.logit().T + (1 - p).log().sum(1)).argmax(1) for few in x.split(500)])
            classes.append("".join(map(str, grey.targets[likeliest].tolist())))
    return classes


def openmoji(folder: Path) -> dict[str, list[str]]:
    """Splits by a hash of the base emoji, so that all its skin tones are in the same split; `names.json` in the folder names the bases."""
    base = {f"{code}.png": about["base"] for code, about in json.loads((folder / "names.json").read_text()).items()}

    def place(name: str) -> int:
        return int(hashlib.sha256(base[name].encode()).hexdigest(), 16) % 1000

    train, test = (sorted(path.name for path in (folder / part).glob("*.png")) for part in ("train", "test"))
    heldout = [name for name in train if place(name) < 130]  # a test picture's place is below 80
    return {"train": sorted(set(train) - set(heldout)), "heldout": heldout, "test": test}


def domains(folder: Path, draw: random.Random, wanted: Callable[[Path], bool] = lambda path: True) -> dict[str, list[str]]:
    """Holds out 40 of the wanted training pictures of each domain."""
    lists = {}
    for world in "AB":
        names = sorted(path.name for path in (folder / f"train{world}").iterdir() if wanted(path))
        lists[f"heldout{world}"] = sorted(draw.sample(names, 40))
        lists[f"train{world}"] = sorted(set(names) - set(lists[f"heldout{world}"]))
        lists[f"test{world}"] = sorted(path.name for path in (folder / f"test{world}").iterdir())
    return lists


def horses(folder: Path, draw: random.Random) -> dict[str, list[str]]:
    """The clear ones: the animal covers at least a tenth of the picture, whose mean chroma in Lab is 4 or more (some are grey)."""
    with open(folder / "animal_area.csv") as file:
        area = {(row["split"], row["file"]): float(row["animal_fraction(-1=no mask)"]) for row in csv.DictReader(file)}

    def clear(path: Path) -> bool:
        if area.get((path.parent.name, path.name), 0) < 0.1:
            return False
        a, b = rgb2lab(np.asarray(Image.open(path).convert("RGB")))[..., 1:].transpose(2, 0, 1)
        return np.hypot(a, b).mean() >= 4

    return domains(folder, draw, clear)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
