"""The data sets, decoded to memory: four functions that return uint8 tensors, one a way of using images.

`data_dir` is the folder that holds `MNIST/`, `FashionMNIST/`, `facades/`, `flowers17/` and `flowers5_32.npz`; `None` means `data/` in the
repository's root, into which what is missing is downloaded from its publisher.  With the data set "folder", `data_dir` is the
folder of one's own images.

Splits.  "train" fits weights, "heldout" chooses among runs, "test" is for `training/evaluate.py` alone.  The
held-out names of facades and flowers17 are listed in `training/splits/` (made by `training/splits/write.py`).  A download of
flowers17 keeps the publisher's numbers, so the lists divide it in the same way.  The publisher's facades are numbered and divided
differently: there `val/` (100 pairs) is held out and `test/` has its own 106 pairs, some of which trained the shipped weights; so
figures on the two copies are not comparable.  In a folder of one's own the subfolders `train/`, `heldout/` and `test/` are the
splits; without them, of every ten files in order the ninth is held out and the tenth is a test image.
"""

import json
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal

import numpy as np
import torch
from filelock import FileLock
from PIL import Image, ImageOps
from torch import Tensor
from torchvision import datasets

from playground.errors import UserError
from playground.imaging.examples import things

Split = Literal["train", "heldout", "test"]

ROOT = Path(__file__).resolve().parent.parent / "data"
SPLITS = Path(__file__).resolve().parent / "splits"
NAMES = ("mnist", "fashion", "things", "facades", "flowers", "flowers5", "flowers17")  # of data sets, as models are named after them
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}

FACADES_URL = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/facades.tar.gz"
FACADES_COUNTS = {"train": 400, "val": 100, "test": 106}
FLOWERS17_URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/17/17flowers.tgz"
FLOWERS17_A_KIND = 80
FLOWERS17_KINDS = (  # in the order of the publisher's numbers
    "daffodil", "snowdrop", "lily_of_the_valley", "bluebell", "crocus", "iris", "tigerlily", "tulip", "fritillary",
    "sunflower", "daisy", "coltsfoot", "dandelion", "cowslip", "buttercup", "windflower", "pansy",
)  # fmt: skip
YELLOW = ("buttercup", "coltsfoot", "cowslip", "daffodil", "dandelion", "sunflower")
VIOLET = ("bluebell", "crocus", "fritillary", "iris", "pansy")  # of these only the photos that are violet: there are white irises
FLOWERS5_URL = "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz"
FLOWERS5_COUNT = 3670
FLOWERS5_KINDS = {"daisy": "daisy", "dandelion": "dandelion", "roses": "rose", "sunflowers": "sunflower", "tulips": "tulip"}
LARGEST_FILE = 8 * 2**20  # bytes that one image of a publisher's archive may have


def digits(dataset: str, split: Split, data_dir: Path | None) -> tuple[Tensor, Tensor]:
    """Grey 28x28 images and their classes.

    Args:
        dataset: "mnist", "fashion", "things" (sixteen drawn ones, all of them in every split), or "folder" (a tree with one folder a
            class; made grey, cropped to a square, resized).
        split: of MNIST's 60,000 training digits the first 50,000 are "train" and the last 10,000 "heldout"; "test" is the test set.

    Returns:
        images uint8 (N, 1, 28, 28) in 0..255, labels int64 (N,) in 0..classes-1.

    Raises:
        UserError: the data are missing or damaged, or the data set is unknown.
    """
    if dataset == "folder":
        paths, labels, _ = _class_tree(_own_folder(data_dir), split)
        return _stack(_square(_open(path, "L"), 28) for path in paths), labels
    if dataset == "things":
        return ((things() + 1) * 127.5).round().byte(), torch.arange(16) // 4
    _known(dataset, "mnist", "fashion", "things", "folder")
    kind = {"mnist": datasets.MNIST, "fashion": datasets.FashionMNIST}[dataset]
    root = data_dir or ROOT
    try:
        if data_dir is None:
            with _lock():
                kind(root, download=True)
        data = kind(root, train=split != "test")
        images, labels = data.data.unsqueeze(1), data.targets  # (60000, 1, 28, 28), (60000,)
    except Exception as error:  # torchvision tells of missing, damaged and unreachable files by many exceptions
        raise UserError(
            f"{kind.__name__} could not be read: expected its four IDX files (train-images-idx3-ubyte ...) in "
            f"{root / kind.__name__ / 'raw'}; without --data-dir they are downloaded to data/ ({_sentence(error)})."
        ) from error
    if images.shape[1:] != (1, 28, 28) or len(images) != len(labels):
        raise UserError(f"The files in {root / kind.__name__ / 'raw'} are not {kind.__name__}'s 28x28 images and their labels.")
    rows = {"train": slice(None, -10_000), "heldout": slice(-10_000, None), "test": slice(None)}[split]
    return images[rows], labels[rows]


def images(dataset: str, split: Split, data_dir: Path | None, size: int) -> tuple[Tensor, Tensor, list[str]]:
    """Colour images with their classes, the centre square of each resized to `size`.

    Args:
        dataset: "flowers17" (68 train photos a kind of which 4 are held out, 8 test photos), "flowers5" (3,883 train photos of five kinds,
            of which 388 are held out, and 317 test photos, kept at 32x32) or "folder" (one folder a class).

    Returns:
        images uint8 (N, 3, size, size) in 0..255, labels int64 (N,), and the classes' names, sorted, so names[label] is the class.

    Raises:
        UserError: the data are missing or damaged, or the data set is unknown.
    """
    if dataset == "folder":
        paths, labels, names = _class_tree(_own_folder(data_dir), split)
    else:
        _known(dataset, "flowers17", "flowers5", "folder")
        if dataset == "flowers5":
            photos, labels, names = _flowers5(split, data_dir)
            if size != photos.shape[1]:
                photos = np.stack([np.asarray(_square(Image.fromarray(photo), size)) for photo in photos])
            return torch.from_numpy(photos).permute(0, 3, 1, 2).contiguous(), labels, names
        paths, labels, names = _flowers17(split, data_dir)
    return _stack(_square(_open(path), size) for path in paths), labels, names


def pairs(dataset: str, split: Split, data_dir: Path | None, size: int, target: Literal["left", "right"] = "left") -> tuple[Tensor, Tensor]:
    """Paired images: (source, target), each uint8 (N, 3, size, size) in 0..255.

    Args:
        dataset: "facades" (the photo is the left half, its labels the right one; labels are resized without mixing colours), or "folder":
            images of pairs side by side, twice as wide as high, or two folders `a/` (left) and `b/` (right) of equal file names.
        target: the half to be generated; the other one is the source.

    Raises:
        UserError: the data are missing or damaged, a pair is not one, or the data set is unknown.
    """
    if dataset == "facades":
        left, right = _facades(split, data_dir, size)
    else:
        _known(dataset, "facades", "folder")
        left, right = _own_pairs(_own_folder(data_dir), split, size)
    return (right, left) if target == "left" else (left, right)


def worlds(dataset: str, split: Split, data_dir: Path | None, size: int) -> tuple[Tensor, Tensor]:
    """Two unpaired worlds X and Y, uint8 (N_X, 3, size, size) and (N_Y, 3, size, size) in 0..255.

    Args:
        dataset: "facades" (X photos, Y labels: for training from two disjoint halves of the pairs, so that no pair is seen;
            "heldout" and "test" give true pairs, X[i] with Y[i]), "flowers-yellow-violet" (of flowers17, X: the kinds in `YELLOW`,
            Y: the photos of the kinds in `VIOLET` that are violet), or "folder": two folders in `data_dir`, X the first by name.

    Raises:
        UserError: the data are missing or damaged, or the data set is unknown.
    """
    if dataset == "facades":
        photos, labels = _facades(split, data_dir, size)
        return (photos[0::2], labels[1::2]) if split == "train" else (photos, labels)
    if dataset == "folder":
        paths, kinds, names = _class_tree(_own_folder(data_dir), split)
        if len(names) != 2:
            raise UserError(f"Two worlds need two folders of images in {data_dir}; it has {len(names)}: {', '.join(names)}.")
    else:
        _known(dataset, "facades", "flowers-yellow-violet", "folder")
        paths, kinds, names = _flowers17(split, data_dir)
        kinds = [0 if names[k] in YELLOW else 1 if names[k] in VIOLET and _violet(path) else None for path, k in zip(paths, kinds)]
    x, y = ([path for path, kind in zip(paths, kinds) if kind == k] for k in (0, 1))
    return _stack(_square(_open(p), size) for p in x), _stack(_square(_open(p), size) for p in y)


# --- the two sets on disk ---


def listed(name: str) -> dict[str, list[str]]:
    """The file names in `training/splits/<name>.json`, by split."""
    return json.loads((SPLITS / f"{name}.json").read_text())


def _as_listed(name: str, split: Split) -> Callable[[int, Path], bool]:
    """Of the files in train/ those that are in the list of held-out ones, or not; of those in test/ all."""
    heldout = set(listed(name)["heldout"])
    return lambda _, path: split == "test" or (path.name in heldout) == (split == "heldout")


def _flowers17(split: Split, data_dir: Path | None) -> tuple[list[Path], Tensor, list[str]]:
    root = _folder("flowers17", data_dir, "test/<kind> and train/<kind>, 17 kinds each", _download_flowers17)
    return _tree(root / ("test" if split == "test" else "train"), split, _as_listed("flowers17", split))


def _flowers5(split: Split, data_dir: Path | None) -> tuple[np.ndarray, Tensor, list[str]]:
    """(photos uint8 (N, 32, 32, 3), labels int64 (N,), names of the kinds)."""
    file = (data_dir or ROOT) / "flowers5_32.npz"
    if data_dir is None and not file.exists():
        with _lock():
            if not file.exists():
                _download_flowers5(file)
    part = "test" if split == "test" else "train"
    try:
        with np.load(file, allow_pickle=False) as arrays:
            photos, labels, names = arrays[f"x_{part}"], torch.from_numpy(arrays[f"y_{part}"]).long(), arrays["names"].tolist()
        if photos.dtype != np.uint8 or photos.shape != (len(labels), 32, 32, 3) or not 0 <= labels.min() <= labels.max() < len(names):
            raise ValueError("it holds something else")
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        raise UserError(
            f"flowers5 could not be read: expected 32x32 photos x_train, x_test, labels y_train, y_test and names in {file}; without "
            f"--data-dir they are downloaded to data/ ({_sentence(error)})."
        ) from error
    if split != "test":
        chosen = (np.arange(len(photos)) % 10 == 9) == (split == "heldout")
        photos, labels = photos[chosen], labels[chosen]
    return photos, labels, names


def _facades(split: Split, data_dir: Path | None, size: int) -> tuple[Tensor, Tensor]:
    """(photos, labels), each uint8 (N, 3, size, size)."""
    root = _folder("facades", data_dir, "train/*.jpg and test/*.jpg, each a pair of 512x256", _download_facades)
    if (root / "val").is_dir():  # the publisher's own copy
        paths = _files(root / {"heldout": "val"}.get(split, split))
    else:
        keep = _as_listed("facades", split)
        paths = [path for path in _files(root / ("test" if split == "test" else "train")) if keep(0, path)]
    _non_empty(paths, root, split)
    halves = [_halves(path) for path in paths]
    # Nearest keeps label colours pure: mixing blue and yellow would invent a class.
    nearest = Image.Resampling.NEAREST
    return _stack(_square(left, size) for left, _ in halves), _stack(_square(right, size, nearest) for _, right in halves)


def _folder(name: str, data_dir: Path | None, layout: str, download: Callable[[Path], None]) -> Path:
    root = (data_dir or ROOT) / name
    if data_dir is None and not root.is_dir():
        with _lock():
            if not root.is_dir():
                download(root)
    if not (root / "train").is_dir() or not (root / "test").is_dir():
        raise UserError(f"{name} was not found: expected {layout} in {root}; without --data-dir it is downloaded to data/.")
    return root


# --- one's own folders ---


def _own_folder(data_dir: Path | None) -> Path:
    if data_dir is None or not data_dir.is_dir():
        raise UserError(f"--dataset folder needs --data-dir, a folder of images; got {data_dir}.")
    return data_dir


def _own_split(root: Path, split: Split) -> tuple[Path, bool]:
    """The folder to read, and whether it still is to be divided."""
    if not (root / "train").is_dir():
        return root, True
    if not (root / split).is_dir():
        raise UserError(f"{root} has a folder train/ and so needs {split}/ beside it.")
    return root / split, False


def _divided(split: Split) -> Callable[[int, object], bool]:
    return lambda i, _: {8: "heldout", 9: "test"}.get(i % 10, "train") == split


def _everything(i: int, _: object) -> bool:
    return True


def _class_tree(root: Path, split: Split) -> tuple[list[Path], Tensor, list[str]]:
    folder, divide = _own_split(root, split)
    return _tree(folder, split, _divided(split) if divide else _everything)


def _own_pairs(root: Path, split: Split, size: int) -> tuple[Tensor, Tensor]:
    folder, divide = _own_split(root, split)
    keep = _divided(split) if divide else _everything
    if (folder / "a").is_dir() and (folder / "b").is_dir():
        a, b = ({path.stem: path for path in _files(folder / side)} for side in "ab")
        if alone := sorted(a.keys() ^ b.keys()):
            raise UserError(f"Every image in a/ needs one of the same name in b/; in {folder} {alone[0]!r} stands alone.")
        names = _non_empty([name for i, name in enumerate(a) if keep(i, name)], folder, split)
        return _stack(_square(_open(a[name]), size) for name in names), _stack(_square(_open(b[name]), size) for name in names)
    paths = [path for i, path in enumerate(_files(folder)) if keep(i, path)]
    halves = [_halves(path) for path in _non_empty(paths, folder, split, "pairs side by side, or two folders a/ and b/")]
    return _stack(_square(left, size) for left, _ in halves), _stack(_square(right, size) for _, right in halves)


# --- files to pixels ---


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))


def _tree(folder: Path, split: Split, keep: Callable[[int, Path], bool]) -> tuple[list[Path], Tensor, list[str]]:
    """Files, labels int64 (N,) and class names of a folder with one folder a class; `keep(i, path)` picks the split's files."""
    names = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    samples = [(path, label) for label, name in enumerate(names) for path in _files(folder / name)]
    samples = [sample for i, sample in enumerate(samples) if keep(i, sample[0])]
    _non_empty(samples, folder, split, "one folder of images a class")
    return [path for path, _ in samples], torch.tensor([label for _, label in samples]), names


def _non_empty(items: list, folder: Path, split: Split, expected: str = "images") -> list:
    if not items:
        raise UserError(f"No {split} images were found in {folder}: expected {expected} ({', '.join(sorted(SUFFIXES))}).")
    return items


def _open(file: Path | IO[bytes], mode: str = "RGB") -> Image.Image:
    try:
        with Image.open(file) as image:
            return ImageOps.exif_transpose(image).convert(mode)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"{getattr(file, 'name', file)} is not a readable image ({_sentence(error)}).") from error


def _halves(path: Path) -> tuple[Image.Image, Image.Image]:
    image = _open(path)
    width, height = image.size
    if width != 2 * height:
        raise UserError(f"{path} is {width}x{height}; a pair side by side is twice as wide as high.")
    return image.crop((0, 0, height, height)), image.crop((height, 0, width, height))


def _square(image: Image.Image, size: int, resample: Image.Resampling = Image.Resampling.BICUBIC) -> Image.Image:
    """The centre square, resized."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.resize((size, size), resample, box=(left, top, left + side, top + side))


def _violet(path: Path) -> bool:
    """Whether a tenth of the photo is violet, and more of it than is yellow."""
    hue, saturation, value = np.asarray(_square(_open(path), 48).convert("HSV"), dtype=float).transpose(2, 0, 1)  # each (48, 48)
    degrees, coloured = hue * 360 / 255, (saturation > 60) & (value > 60)
    violet = (coloured & (degrees > 235) & (degrees < 320)).mean()
    yellow = (coloured & (degrees > 35) & (degrees < 66)).mean()
    return violet > max(0.1, yellow)


def _stack(pictures: Iterator[Image.Image]) -> Tensor:
    arrays = [np.atleast_3d(np.asarray(picture)) for picture in pictures]  # each (size, size, channels)
    if not arrays:
        raise UserError("There is no image in one of the two worlds.")
    return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).contiguous()  # (N, channels, size, size)


# --- downloads ---


def _lock() -> FileLock:
    """Several processes of one training wait here for the one that downloads."""
    ROOT.mkdir(parents=True, exist_ok=True)
    return FileLock(ROOT / ".lock")


def _download_facades(root: Path) -> None:
    def save(member: str, image: Image.Image, data: bytes, out: Path) -> str | None:
        found = re.search(r"(train|val|test)/(\d{1,4})\.jpg$", member)
        if not found:
            return None
        if image.width != 2 * image.height:
            raise ValueError(f"{member} is not a pair side by side")
        split, number = found[1], int(found[2])
        _write(out / split / f"{number:04d}.jpg", data)
        return split

    counts = _unpacked(FACADES_URL, root, save, FACADES_COUNTS)
    print(f"facades: {counts} pairs in {root}")


def _download_flowers17(root: Path) -> None:
    where = {name: split for split, names in listed("flowers17").items() for name in names}

    def save(member: str, image: Image.Image, data: bytes, out: Path) -> str | None:
        found = re.search(r"image_(\d{4})\.jpg$", member)
        if not found:
            return None
        number = int(found[1])
        kind, name = FLOWERS17_KINDS[(number - 1) // FLOWERS17_A_KIND], f"{number:04d}.jpg"
        if name in where:  # four photos a kind are in no split: they stay unseen
            scale = 288 / min(image.size)
            target = out / ("test" if where[name] == "test" else "train") / kind / name
            target.parent.mkdir(parents=True, exist_ok=True)
            image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS).save(target, quality=92)
        return "photos"

    counts = _unpacked(FLOWERS17_URL, root, save, {"photos": FLOWERS17_A_KIND * len(FLOWERS17_KINDS)})
    print(f"flowers17: {counts} in {root}")


def _download_flowers5(file: Path) -> None:
    """Makes `file` of the publisher's photos: their centre squares at 32x32, shuffled, every twelfth of a kind for the test."""

    def save(member: str, image: Image.Image, data: bytes, out: Path) -> str | None:
        found = re.search(r"(daisy|dandelion|roses|sunflowers|tulips)/([\w-]+)\.jpg$", member)
        if not found:
            return None
        target = out / FLOWERS5_KINDS[found[1]] / f"{found[2]}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        _square(image, 32).save(target)
        return "photos"

    folder = file.with_name("flowers5")
    counts = _unpacked(FLOWERS5_URL, folder, save, {"photos": FLOWERS5_COUNT})
    names = sorted(FLOWERS5_KINDS.values())
    arrays = {"names": np.array(names)}
    pictures = [(label, i, path) for label, name in enumerate(names) for i, path in enumerate(_files(folder / name))]
    for part in ("train", "test"):
        mine = [(label, path) for label, i, path in pictures if (i % 12 == 11) == (part == "test")]
        mine = [mine[k] for k in np.random.default_rng(0).permutation(len(mine))]
        arrays[f"x_{part}"] = _stack(_open(path) for _, path in mine).permute(0, 2, 3, 1).numpy()
        arrays[f"y_{part}"] = np.array([label for label, _ in mine])
    temporary = file.with_suffix(".tmp.npz")
    np.savez_compressed(temporary, **arrays)
    os.replace(temporary, file)
    shutil.rmtree(folder)
    print(f"flowers5: {counts} in {file}")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _unpacked(url: str, root: Path, save: Callable, expected: dict[str, int]) -> dict[str, int]:
    """Downloads the archive at `url` and gives its images to `save(member, image, data, out)`; `root` appears whole or not at all.

    Members never choose where they are written: `save` makes a name from their number, and returns what the image counts as.
    """
    most, counts = sum(expected.values()), dict.fromkeys(expected, 0)
    print(f"Downloading {url}")
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=f".{root.name}-") as temporary:
        archive, out = Path(temporary) / "archive", Path(temporary) / "out"
        try:
            torch.hub.download_url_to_file(url, str(archive))
            with tarfile.open(archive, "r:gz") as tar:
                for member in tar:
                    if not member.isreg() or not member.name.endswith(".jpg") or Path(member.name).name.startswith("."):
                        continue
                    if member.size > LARGEST_FILE or sum(counts.values()) >= most:
                        raise ValueError(f"{member.name} is more than this archive should hold")
                    file = tar.extractfile(member)
                    data = file.read()
                    file.seek(0)
                    image = _open(file)
                    if kind := save(member.name, image, data, out):
                        counts[kind] += 1
            if counts != expected:
                raise ValueError(f"it holds {counts} images instead of {expected}")
        except (OSError, EOFError, ValueError, IndexError, tarfile.TarError) as error:
            raise UserError(
                f"{root.name} could not be had from {url} ({_sentence(error)}); try again later, or fetch it by hand and name the folder "
                f"that holds {root.name}/ with --data-dir."
            ) from error
        os.replace(out, root) if not root.exists() else shutil.rmtree(out)
    return counts


def _sentence(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__


def _known(dataset: str, *names: str) -> None:
    if dataset not in names:
        raise UserError(f"There is no data set {dataset!r} here; there are {', '.join(names)}.")
