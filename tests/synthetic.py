"""Small data sets made on the spot, in the layouts that a person's own images have."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw


def digit_tree(root: Path, a_class: int = 10, classes: int = 10) -> Path:
    """A tree of one folder a class: 28x28 grey images, each a bright blob at a place of its class."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:28, :28]
    for label in range(classes):
        folder = root / str(label)
        folder.mkdir(parents=True)
        for i in range(a_class):
            angle = 2 * np.pi * label / classes + random.normal(0, 0.1)
            blob = np.exp(-((x - 14 - 7 * np.cos(angle)) ** 2 + (y - 14 - 7 * np.sin(angle)) ** 2) / 12)
            Image.fromarray((255 * np.clip(blob + random.normal(0, 0.02, blob.shape), 0, 1)).astype(np.uint8)).save(folder / f"{i}.png")
    return root


def colour_tree(root: Path, a_class: int = 12, size: int = 40) -> Path:
    """A tree of two classes of coloured photos: a red disc or a blue square somewhere on a ground between green and yellow."""
    random = np.random.default_rng(0)
    for name in ("red discs", "blue squares"):
        (root / name).mkdir(parents=True)
        for i in range(a_class):
            image = Image.new("RGB", (size + 8, size), (int(random.integers(60, 220)), 200, 60))
            left, top = random.integers(4, size // 2, 2)
            box = (left, top, left + size // 3, top + size // 3)
            draw = ImageDraw.Draw(image)
            draw.ellipse(box, fill=(220, 30, 30)) if name == "red discs" else draw.rectangle(box, fill=(30, 30, 220))
            image.save(root / name / f"{i}.png")
    return root


def pair_folder(root: Path, count: int = 20, size: int = 64) -> Path:
    """Side-by-side pairs: on the left a coloured picture of two boxes, on the right their outlines."""
    random = np.random.default_rng(0)
    root.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        pair = Image.new("RGB", (2 * size, size), (200, 220, 240))
        draw = ImageDraw.Draw(pair)
        draw.rectangle((size, 0, 2 * size, size), fill="white")
        for _ in range(2):
            left, top = random.integers(2, size // 2, 2)
            box = np.array([left, top, left + random.integers(8, size // 2 - 4), top + random.integers(8, size // 2 - 4)])
            draw.rectangle(tuple(box), fill=tuple(int(c) for c in random.integers(0, 255, 3)))
            draw.rectangle(tuple(box + [size, 0, size, 0]), outline="black")
        pair.save(root / f"{i:03}.png")
    return root


def world_folders(root: Path) -> Path:
    """Two worlds, one folder each: 20 reddish and 15 violet noises of 48x48."""
    random = np.random.default_rng(0)
    for name, channel, count in (("red", 0, 20), ("violet", 2, 15)):
        (root / name).mkdir(parents=True)
        for i in range(count):
            noise = random.integers(0, 90, (48, 48, 3), dtype=np.uint8)
            noise[..., channel] += 150
            Image.fromarray(noise).save(root / name / f"{i:02}.png")
    return root
