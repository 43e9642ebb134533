"""The data sets, decoded to memory: four functions that return uint8 tensors, one for each way of using images.

`data_dir` is the folder that holds `MNIST/`, `FashionMNIST/`, `facades/`, `flowers17/` and `flowers5_32.npz`; `None` means `data/` in the
repository's root, to which missing data sets are downloaded from their publishers.  With the data set "folder", `data_dir` is the folder of
one's own images; "hf:user/name" is a data set of the Hugging Face Hub (`training/hub_data.py`), read as such a folder.

Splits.  "train" fits weights, "heldout" chooses among runs, "test" is for `training/evaluate.py` alone.  The held-out files of facades and
flowers17 are listed in `training/splits/` (made by `training/splits/write.py`).  A download of flowers17 keeps the publisher's numbers, so
the lists divide it in the same way.  The publisher's facades are numbered and divided differently: there `val/` (100 pairs) is held out and
`test/` has its own 106 pairs, some of which trained the shipped weights; so figures on the two copies are not comparable.
`training/folders.py` describes how a folder of one's own is read and divided.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from filelock import FileLock
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torchvision import datasets
from torchvision.transforms.functional import resize, rgb_to_grayscale

from playground.errors import UserError
from playground.imaging.examples import things
from training import downloads, folders, hub_data, splits
from training.pictures import Split, files, halves, non_empty, opened, sentence, square, stack, tree, violet

Colour = Literal["auto", "grey", "rgb"]
ROOT = Path(__file__).resolve().parent.parent / "data"
NAMES = (  # the names of data sets in the names of models
    *("mnist", "fashion", "things", "facades", "flowers", "flowers5", "flowers17"),
    *("openmoji", "emoji3d", "horses", "shoes", "handbags"),
)
YELLOW = ("buttercup", "coltsfoot", "cowslip", "daffodil", "dandelion", "sunflower")
VIOLET = ("bluebell", "crocus", "fritillary", "iris", "pansy")  # only their violet photos are used: there are white irises


def digits(dataset: str, split: Split, data_dir: Path | None) -> tuple[Tensor, Tensor]:
    """Grey 28x28 images and their classes.

    Args:
        dataset: "mnist", "fashion", "things" (sixteen drawn ones, all of them in every split), or "folder" (a tree with one folder a
            class; made grey, cropped to a square, resized), or "mnist-static": Larochelle's MNIST, binarised once and for all to 0 and
            255 (50,000 to train, his 10,000 "valid" held out, 10,000 to test; their classes are those of the digits they were made of).
        split: of MNIST's 60,000 training digits the first 50,000 are "train" and the last 10,000 "heldout"; "test" is the test set.

    Returns:
        images uint8 (N, 1, 28, 28) in 0..255, labels int64 (N,) in 0..classes-1.

    Raises:
        UserError: the data are missing or damaged, or the data set is unknown.
    """
    if is_own(dataset):
        return folders.images(_own(dataset, data_dir), split, 28, grey=True)[:2]
    if dataset == "things":
        return ((things() + 1) * 127.5).round().byte(), torch.arange(16) // 4
    if dataset == "mnist-static":
        return _static(split, data_dir)
    kinds = {"mnist": datasets.MNIST, "fashion": datasets.FashionMNIST}
    if dataset not in kinds:
        raise _unknown(dataset, "mnist", "mnist-static", "fashion", "things")
    kind = kinds[dataset]
    root = data_dir or ROOT
    try:
        if data_dir is None:
            with _lock():
                kind(root, download=True)
        data = kind(root, train=split != "test")
        images, labels = data.data.unsqueeze(1), data.targets  # (60000, 1, 28, 28), (60000,)
    except Exception as error:  # torchvision raises many exceptions for missing, damaged and unreachable files
        raise UserError(
            f"{kind.__name__} could not be read: expected its four IDX files (train-images-idx3-ubyte ...) in "
            f"{root / kind.__name__ / 'raw'}; without --data-dir they are downloaded to data/ ({sentence(error)})."
        ) from error
    if images.shape[1:] != (1, 28, 28) or len(images) != len(labels):
        raise UserError(f"The files in {root / kind.__name__ / 'raw'} are not {kind.__name__}'s 28x28 images and their labels.")
    rows = {"train": slice(None, -10_000), "heldout": slice(-10_000, None), "test": slice(None)}[split]
    return images[rows], labels[rows]


PHOTOS = ("flowers5", "flowers17")


def pictures(dataset: str, split: Split, data_dir: Path | None, size: int = 28, colour: Colour = "auto") -> tuple[Tensor, Tensor]:
    """Images of any size, grey or in colour, and their classes.

    Args:
        dataset: of `digits`, which are grey, or of `images`.
        colour: "auto" leaves photos as they are, and makes a folder's images grey if all of them are.

    Returns:
        images uint8 (N, 1 or 3, size, size) in 0..255, labels int64 (N,).

    Raises:
        UserError: as `digits` and `images` do, and if a data set of grey images is requested in colour.
    """
    if is_own(dataset):
        return folders.images(_own(dataset, data_dir), split, size, {"auto": None, "grey": True, "rgb": False}[colour])[:2]
    if dataset in PHOTOS:
        photos, labels, _ = images(dataset, split, data_dir, size)
        return (rgb_to_grayscale(photos) if colour == "grey" else photos), labels
    if colour == "rgb":
        raise UserError(f"{dataset} has grey images; leave --colour out, or choose a data set of photos with --dataset.")
    found, labels = digits(dataset, split, data_dir)
    return (found if size == found.shape[-1] else resize(found, [size, size])), labels


def in_colour(dataset: str, data_dir: Path | None, colour: Colour) -> bool:
    """Whether `pictures` are in colour."""
    if is_own(dataset) and colour == "auto":
        return not folders.are_grey(_own(dataset, data_dir))
    return colour == "rgb" or (colour == "auto" and dataset in PHOTOS)


def is_own(dataset: str) -> bool:
    """Whether the images are the user's own: those of a folder, or of a data set of the Hub."""
    return dataset == "folder" or hub_data.is_hub(dataset)


def _own(dataset: str, data_dir: Path | None, layout: str = "classes") -> Path | None:
    """The folder of such images; those of the Hub are downloaded to `data_dir`, or data/."""
    return hub_data.folder(dataset, data_dir or ROOT, layout) if hub_data.is_hub(dataset) else data_dir


def binarisation(dataset: str) -> str:
    """How the test digits were binarised, in words."""
    return "static, Larochelle's file" if dataset == "mnist-static" else "dynamic, test set fixed by seed 0"


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
    if is_own(dataset):
        return folders.images(_own(dataset, data_dir), split, size)
    if dataset not in PHOTOS:
        raise _unknown(dataset, *PHOTOS)
    if dataset == "flowers5":
        photos, labels, names = _flowers5(split, data_dir)
        if size != photos.shape[1]:
            photos = np.stack([np.asarray(square(Image.fromarray(photo), size)) for photo in photos])
        return torch.from_numpy(photos).permute(0, 3, 1, 2).contiguous(), labels, names
    paths, labels, names = _flowers17(split, data_dir)
    return stack(square(opened(path), size) for path in paths), labels, names


def pairs(
    dataset: str,
    split: Split,
    data_dir: Path | None,
    size: int,
    target: Literal["left", "right"] = "left",
    label_maps: str = "auto",
) -> tuple[Tensor, Tensor]:
    """Paired images: (source, target), each uint8 (N, 3, size, size) in 0..255.

    Args:
        dataset: "facades" (the photo is the left half, its labels the right one; labels are resized without mixing colours), or "folder":
            images of pairs side by side, twice as wide as high, or two folders `a/` (left) and `b/` (right) of equal file names.
            "openmoji": an emoji's black drawing (left) and the same in colour; all skin tones of one emoji are in one split.
            "shoes" and "handbags": the edges of a product photo (left) and the photo; every 24th of the training pairs is held out.
        target: the half to be generated; the other one is the source.
        label_maps: for a folder, see `training.folders.pairs`.

    Raises:
        UserError: the data are missing or damaged, a pair is not one, or the data set is unknown.
    """
    if dataset == "facades":
        left, right = _facades(split, data_dir, size)
    elif dataset == "openmoji":
        left, right = _openmoji(split, data_dir, size)
    elif dataset in ("shoes", "handbags"):
        left, right = _edges(dataset, split, data_dir, size)
    elif is_own(dataset):
        left, right = folders.pairs(_own(dataset, data_dir, "pairs"), split, size, label_maps)
    else:
        raise _unknown(dataset, "facades", "openmoji", "shoes", "handbags")
    return (right, left) if target == "left" else (left, right)


def domains(dataset: str, split: Split, data_dir: Path | None, size: int) -> tuple[Tensor, Tensor]:
    """Two unpaired domains X and Y, uint8 (N_X, 3, size, size) and (N_Y, 3, size, size) in 0..255.

    Args:
        dataset: "facades" (X photos, Y labels: for training from two disjoint halves of the pairs, so that no pair is seen;
            "heldout" and "test" give true pairs, X[i] with Y[i]), "flowers-yellow-violet" (of flowers17, X: the kinds in `YELLOW`,
            Y: the photos of the kinds in `VIOLET` that are violet), "emoji3d" (X flat emoji, Y three-dimensional ones, no emoji in
            both; "test" gives hidden pairs, X[i] and Y[i] of the same emoji, not aligned), "horses" (X horses, Y zebras; for training the
            clear ones), or "folder": two folders in `data_dir`, X the first by name.

    Raises:
        UserError: the data are missing or damaged, or the data set is unknown.
    """
    if dataset == "facades":
        photos, labels = _facades(split, data_dir, size)
        return (photos[0::2], labels[1::2]) if split == "train" else (photos, labels)
    if dataset in ("emoji3d", "horses"):
        return _published_domains(dataset, split, data_dir, size)
    if is_own(dataset):
        return folders.domains(_own(dataset, data_dir, "domains"), split, size)
    if dataset != "flowers-yellow-violet":
        raise _unknown(dataset, "facades", "flowers-yellow-violet", "emoji3d", "horses")
    paths, kinds, names = _flowers17(split, data_dir)
    kinds = [0 if names[k] in YELLOW else 1 if names[k] in VIOLET and violet(path) else None for path, k in zip(paths, kinds)]
    x, y = ([path for path, kind in zip(paths, kinds) if kind == k] for k in (0, 1))
    return stack(square(opened(p), size) for p in x), stack(square(opened(p), size) for p in y)


ON_WHITE = ("openmoji", "emoji3d", "shoes", "handbags")  # pictures on a white background


def with_margin(load: Callable[[int], tuple[Tensor, Tensor]], settings) -> tuple[Tensor, Tensor]:
    """Two sets of pictures, `settings.jitter` pixels larger than `settings.size`, for random crops.

    Pictures on white keep their scale and get a margin; others are loaded at the larger size.
    """
    if settings.dataset not in ON_WHITE:
        return load(settings.size + settings.jitter)
    before = settings.jitter // 2
    margin = [before, settings.jitter - before] * 2
    x, y = (functional.pad(pictures, margin, value=255) for pictures in load(settings.size))
    return x, y


# --- the two sets on disk ---


def _as_listed(name: str, split: Split) -> Callable[[int, Path], bool]:
    """Picks the files of a split: those of train/ by the list of held-out ones, and all of test/."""
    heldout = set(splits.listed(name)["heldout"])
    return lambda _, path: split == "test" or (path.name in heldout) == (split == "heldout")


def _flowers17(split: Split, data_dir: Path | None) -> tuple[list[Path], Tensor, list[str]]:
    root = _folder("flowers17", data_dir, "test/<kind> and train/<kind>, 17 kinds each", downloads.flowers17)
    return tree(root / ("test" if split == "test" else "train"), split, _as_listed("flowers17", split))


def _flowers5(split: Split, data_dir: Path | None) -> tuple[np.ndarray, Tensor, list[str]]:
    """(photos uint8 (N, 32, 32, 3), labels int64 (N,), names of the kinds)."""
    file = (data_dir or ROOT) / "flowers5_32.npz"
    if data_dir is None and not file.exists():
        with _lock():
            if not file.exists():
                downloads.flowers5(file)
    part = "test" if split == "test" else "train"
    try:
        with np.load(file, allow_pickle=False) as arrays:
            photos, labels, names = arrays[f"x_{part}"], torch.from_numpy(arrays[f"y_{part}"]).long(), arrays["names"].tolist()
        if photos.dtype != np.uint8 or photos.shape != (len(labels), 32, 32, 3) or not 0 <= labels.min() <= labels.max() < len(names):
            raise ValueError("it holds something else")
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        raise UserError(
            f"flowers5 could not be read: expected 32x32 photos x_train, x_test, labels y_train, y_test and names in {file}; without "
            f"--data-dir they are downloaded to data/ ({sentence(error)})."
        ) from error
    if split != "test":
        chosen = (np.arange(len(photos)) % 10 == 9) == (split == "heldout")
        photos, labels = photos[chosen], labels[chosen]
    return photos, labels, names


def _static(split: Split, data_dir: Path | None) -> tuple[Tensor, Tensor]:
    """(digits uint8 (N, 1, 28, 28), 0 or 255, classes int64 (N,)) of the static binarised MNIST."""
    root = (data_dir or ROOT) / "binarized_mnist"
    file = root / "binarized_mnist.npz"
    if data_dir is None and not file.exists():
        with _lock():
            if not file.exists():
                downloads.binarized_mnist(root)
    part = {"heldout": "valid"}.get(split, split)
    try:
        with np.load(file, allow_pickle=False) as arrays:
            bits = np.unpackbits(arrays[part], axis=1)[:, :784]
        if len(bits) != downloads.BINARIZED[part][0]:
            raise ValueError(f"it has {len(bits)} digits")
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(
            f"The static binarised MNIST could not be read: expected {file}; without --data-dir it is downloaded to data/ "
            f"({sentence(error)})."
        ) from error
    labels = torch.tensor([int(digit) for digit in splits.binarized_classes()[part]])
    return torch.from_numpy(255 * bits).view(-1, 1, 28, 28), labels


def _facades(split: Split, data_dir: Path | None, size: int) -> tuple[Tensor, Tensor]:
    """(photos, labels), each uint8 (N, 3, size, size)."""
    root = _folder("facades", data_dir, "train/*.jpg and test/*.jpg, each a pair of 512x256", downloads.facades)
    if (root / "val").is_dir():  # the publisher's own copy
        paths = files(root / {"heldout": "val"}.get(split, split))
    else:
        keep = _as_listed("facades", split)
        paths = [path for path in files(root / ("test" if split == "test" else "train")) if keep(0, path)]
    non_empty(paths, root, split)
    pairs = [halves(path) for path in paths]
    # nearest-neighbour resampling keeps label colours pure: a mixture of blue and yellow would be another class
    nearest = Image.Resampling.NEAREST
    return stack(square(left, size) for left, _ in pairs), stack(square(right, size, nearest) for _, right in pairs)


def _openmoji(split: Split, data_dir: Path | None, size: int) -> tuple[Tensor, Tensor]:
    """(drawings, coloured emoji), each uint8 (N, 3, size, size)."""
    root = _folder("openmoji", data_dir, "train/*.png and test/*.png, each a pair of 256x128", downloads.openmoji)
    part = "test" if split == "test" else "train"
    pairs = [halves(root / part / name) for name in splits.listed("openmoji")[split]]
    return stack(square(left, size) for left, _ in pairs), stack(square(right, size) for _, right in pairs)


def _edges(dataset: str, split: Split, data_dir: Path | None, size: int) -> tuple[Tensor, Tensor]:
    """(edges, photos), each uint8 (N, 3, size, size)."""
    layout = "train/*.jpg and test/*.jpg, and their edges in train_edges/*.png and test_edges/*.png"
    root = _folder(f"edges2{dataset}", data_dir, layout, downloads.edges(dataset))
    part = "test" if split == "test" else "train"
    photos = [path for i, path in enumerate(files(root / part)) if split == "test" or (i % 24 == 23) == (split == "heldout")]
    edges = [root / f"{part}_edges" / f"{path.stem}.png" for path in non_empty(photos, root, split)]
    return stack(square(opened(path), size) for path in edges), stack(square(opened(path), size) for path in photos)


def _published_domains(dataset: str, split: Split, data_dir: Path | None, size: int) -> tuple[Tensor, Tensor]:
    """(X, Y), uint8 (N, 3, size, size) and (M, 3, size, size), of the listed files."""
    folder, download = {"emoji3d": ("emoji3d", downloads.emoji3d), "horses": ("horse2zebra", downloads.horses)}[dataset]
    parts = ("trainA", "trainB", "testA", "testB")
    root = _folder(folder, data_dir, "pictures in trainA, trainB, testA and testB", download, parts)
    part, names = "test" if split == "test" else "train", splits.listed(dataset)
    x, y = (stack(square(opened(root / f"{part}{w}" / name), size) for name in names[f"{split}{w}"]) for w in "AB")
    return x, y


def _folder(
    name: str, data_dir: Path | None, layout: str, download: Callable[[Path], None], parts: tuple[str, ...] = ("train", "test")
) -> Path:
    root = (data_dir or ROOT) / name
    if data_dir is None and not root.is_dir():
        with _lock():
            if not root.is_dir():
                download(root)
    if not all((root / part).is_dir() for part in parts):
        raise UserError(f"{name} was not found: expected {layout} in {root}; without --data-dir it is downloaded to data/.")
    return root


def class_names(dataset: str, data_dir: Path | None) -> list[str] | None:
    """The class names of the user's own folder, in the order of their numbers; None for a data set with numbered classes."""
    return folders.class_names(_own(dataset, data_dir)) if is_own(dataset) else None


def classes(dataset: str, labels: Tensor, data_dir: Path | None, recipe: str) -> tuple[int, list[str] | None]:
    """The number of classes, and their names, for a recipe that needs several.  Raises UserError if there is only one."""
    names = class_names(dataset, data_dir)
    count = len(names) if names else int(labels.max()) + 1
    if count < 2:
        raise UserError(f"{recipe} needs two classes at least, a folder of images each; in {_own(dataset, data_dir)} there is one.")
    return count, names


def domain_names(dataset: str, data_dir: Path | None) -> tuple[str, str]:
    """The names of the user's own two domains."""
    return folders.domain_names(_own(dataset, data_dir, "domains"))


def _unknown(dataset: str, *names: str) -> UserError:
    return UserError(f"There is no data set {dataset!r} here; there are {', '.join(names)}, folder, and hf:user/name of the Hub.")


def _lock() -> FileLock:
    """The lock with which the processes of one training wait for the one that downloads."""
    ROOT.mkdir(parents=True, exist_ok=True)
    return FileLock(ROOT / ".lock")
