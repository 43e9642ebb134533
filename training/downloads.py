"""Downloads of data sets from their publishers: one function for each set, which makes the folder that `training/data.py` reads."""

import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

import numpy as np
import torch
from PIL import Image

from playground.errors import UserError
from training import splits
from training.pictures import files, halves, on_white, opened, sentence, square, stack

FACADES_URL = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/facades.tar.gz"
FACADES_COUNTS = {"train": 400, "val": 100, "test": 106}
FLOWERS17_URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/17/17flowers.tgz"
FLOWERS17_A_KIND = 80
FLOWERS17_KINDS = (  # in the order of the publisher's numbers
    "daffodil", "snowdrop", "lily_of_the_valley", "bluebell", "crocus", "iris", "tigerlily", "tulip", "fritillary",
    "sunflower", "daisy", "coltsfoot", "dandelion", "cowslip", "buttercup", "windflower", "pansy",
)  # fmt: skip
FLOWERS5_URL = "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz"
FLOWERS5_COUNT = 3670
FLOWERS5_KINDS = {"daisy": "daisy", "dandelion": "dandelion", "roses": "rose", "sunflowers": "sunflower", "tulips": "tulip"}
EMOJI_SIDE = 128  # pixels
OPENMOJI_URL = "https://registry.npmjs.org/openmoji/-/openmoji-17.0.0.tgz"
TWEMOJI_URL = "https://registry.npmjs.org/@twemoji/svg/-/svg-15.0.0.tgz"
FLUENT_URL = "https://registry.npmjs.org/@lobehub/fluent-emoji-3d/-/fluent-emoji-3d-1.1.0.tgz"
HORSES_URL = "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip"
EDGES_URL = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/edges2{}.tar.gz"
EDGES_COUNTS = {"train": 5_000, "test": 200}  # pairs that are used, of 49,825 shoes and 138,567 handbags
BINARIZED_URL = "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/binarized_mnist_{}.amat"
BINARIZED = {  # rows, and SHA-256 of the text file
    "train": (50_000, "ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d"),
    "valid": (10_000, "1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2"),
    "test": (10_000, "e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c"),
}
SUFFIXES = (".jpg", ".svg", ".webp")  # of the members that are read
LARGEST_FILE = 8 * 2**20  # maximal bytes of an image in a publisher's archive


def facades(root: Path) -> None:
    def save(member: str, data: bytes, out: Path) -> str | None:
        found = re.search(r"(train|val|test)/(\d{1,4})\.jpg$", member)
        if not found:
            return None
        image = opened(io.BytesIO(data))
        if image.width != 2 * image.height:
            raise ValueError(f"{member} is not a pair side by side")
        split, number = found[1], int(found[2])
        write(out / split / f"{number:04d}.jpg", data)
        return split

    counts = unpacked([FACADES_URL], root, save, FACADES_COUNTS)
    print(f"facades: {counts} pairs in {root}")


def flowers17(root: Path) -> None:
    where = {name: split for split, names in splits.listed("flowers17").items() for name in names}

    def save(member: str, data: bytes, out: Path) -> str | None:
        found = re.search(r"image_(\d{4})\.jpg$", member)
        if not found:
            return None
        number, image = int(found[1]), opened(io.BytesIO(data))
        kind, name = FLOWERS17_KINDS[(number - 1) // FLOWERS17_A_KIND], f"{number:04d}.jpg"
        if name in where:  # four photos of each kind are in no split and stay unused
            scale = 288 / min(image.size)
            target = out / ("test" if where[name] == "test" else "train") / kind / name
            target.parent.mkdir(parents=True, exist_ok=True)
            image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS).save(target, quality=92)
        return "photos"

    counts = unpacked([FLOWERS17_URL], root, save, {"photos": FLOWERS17_A_KIND * len(FLOWERS17_KINDS)})
    print(f"flowers17: {counts} in {root}")


def flowers5(file: Path) -> None:
    """Makes `file` from the publisher's photos: their centre squares at 32x32, shuffled, every twelfth of a kind for the test."""

    def save(member: str, data: bytes, out: Path) -> str | None:
        found = re.search(r"(daisy|dandelion|roses|sunflowers|tulips)/([\w-]+)\.jpg$", member)
        if not found:
            return None
        target = out / FLOWERS5_KINDS[found[1]] / f"{found[2]}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        square(opened(io.BytesIO(data)), 32).save(target)
        return "photos"

    folder = file.with_name("flowers5")
    counts = unpacked([FLOWERS5_URL], folder, save, {"photos": FLOWERS5_COUNT})
    names = sorted(FLOWERS5_KINDS.values())
    arrays = {"names": np.array(names)}
    photos = [(label, i, path) for label, name in enumerate(names) for i, path in enumerate(files(folder / name))]
    for part in ("train", "test"):
        mine = [(label, path) for label, i, path in photos if (i % 12 == 11) == (part == "test")]
        mine = [mine[k] for k in np.random.default_rng(0).permutation(len(mine))]
        arrays[f"x_{part}"] = stack(opened(path) for _, path in mine).permute(0, 2, 3, 1).numpy()
        arrays[f"y_{part}"] = np.array([label for label, _ in mine])
    temporary = file.with_suffix(".tmp.npz")
    np.savez_compressed(temporary, allow_pickle=False, **arrays)
    os.replace(temporary, file)
    shutil.rmtree(folder)
    print(f"flowers5: {counts} in {file}")


def openmoji(root: Path) -> None:
    """OpenMoji 17.0.0 (CC BY-SA 4.0): pairs of 256x128, the drawing on the left."""
    places, sides = _places("openmoji"), {}

    def save(member: str, data: bytes, out: Path) -> str | None:
        found = re.search(r"(black|color)/svg/([0-9A-F-]+)\.svg$", member)
        if not found or (name := f"{found[2]}.png") not in places:
            return None
        sides.setdefault(name, {})[found[1]] = halved(rendered(data, 2 * EMOJI_SIDE))
        if len(sides[name]) == 2:
            pair = Image.new("RGB", (2 * EMOJI_SIDE, EMOJI_SIDE))
            for place, side in enumerate(("black", "color")):
                pair.paste(sides[name][side], (place * EMOJI_SIDE, 0))
            save_picture(pair, out / places[name][0] / name)
            del sides[name]
        return found[1]

    counts = unpacked([OPENMOJI_URL], root, save, dict.fromkeys(("black", "color"), len(places)))
    print(f"openmoji: {counts['color']} pairs in {root}")


def emoji3d(root: Path) -> None:
    """Twemoji 15.0.0 (CC BY 4.0), flat, and Fluent Emoji (MIT), three-dimensional, on white."""
    places = _places("emoji3d")
    wanted = {(_code_points(name), place[-1]): (place, name) for name, of_one in places.items() for place in of_one}

    def save(member: str, data: bytes, out: Path) -> str | None:
        flat = member.endswith(".svg")
        place, name = wanted.get((_code_points(member), "A" if flat else "B"), ("", ""))
        if not place or (out / place / name).exists():  # a few occur twice, with two spellings
            return None
        picture = rendered(data, EMOJI_SIDE) if flat else on_white(halved(opened(io.BytesIO(data), "RGBA")))
        save_picture(picture, out / place / name)
        return place

    folders = [place for of_one in places.values() for place in of_one]
    counts = unpacked([TWEMOJI_URL, FLUENT_URL], root, save, {folder: folders.count(folder) for folder in sorted(set(folders))})
    print(f"emoji3d: {counts} in {root}")


def horses(root: Path) -> None:
    """The listed ones of the CycleGAN authors' horses and zebras (ImageNet), at 144 px."""
    places = _places("horses")

    def save(member: str, data: bytes, out: Path) -> str | None:
        found = re.search(r"(trainA|trainB|testA|testB)/(\w+)\.jpg$", member)
        if not found or found[1] not in places.get(f"{found[2]}.jpg", []):
            return None
        save_picture(square(opened(io.BytesIO(data)), 144), out / found[1] / f"{found[2]}.jpg")
        return found[1]

    folders = [place for of_one in places.values() for place in of_one]
    counts = unpacked([HORSES_URL], root, save, {folder: folders.count(folder) for folder in sorted(set(folders))})
    print(f"horse2zebra: {counts} in {root}")


def edges(what: str) -> Callable[[Path], None]:
    """The first few thousand of the pix2pix authors' pairs of edges and photos of "shoes" or "handbags", at 144 px."""

    def download(root: Path) -> None:
        def save(member: str, data: bytes, out: Path) -> str | None:
            found = re.search(r"(train|val)/(\d{1,6})_AB\.jpg$", member)
            if not found:
                return None
            split, number = found[1].replace("val", "test"), int(found[2])
            if number > EDGES_COUNTS[split]:
                return None
            drawn, photo = halves(io.BytesIO(data))
            save_picture(square(drawn.convert("L"), 144), out / f"{split}_edges" / f"{number:05}.png")
            save_picture(square(photo, 144), out / split / f"{number:05}.jpg")
            return split

        counts = unpacked([EDGES_URL.format(what)], root, save, EDGES_COUNTS)
        print(f"edges2{what}: {counts} pairs in {root}")

    return download


def binarized_mnist(root: Path) -> None:
    """Larochelle's static binarised MNIST, whose three text files are checked by their SHA-256."""
    arrays = {}
    for split, (rows, sha256) in BINARIZED.items():
        url = BINARIZED_URL.format(split)
        with tempfile.TemporaryDirectory(dir=root.parent, prefix=f".{root.name}-") as temporary:
            file = Path(temporary) / "amat"
            try:
                print(f"Downloading {url}")
                torch.hub.download_url_to_file(url, str(file))
                text = file.read_bytes()
                if hashlib.sha256(text).hexdigest() != sha256:
                    raise ValueError("its SHA-256 is another")
                pixels = np.frombuffer(text.replace(b" ", b"").replace(b"\n", b""), np.uint8) - ord("0")
                arrays[split] = np.packbits(pixels.reshape(rows, 784), axis=1)
            except (OSError, ValueError) as error:
                raise _unavailable(root, url, error) from error
    root.mkdir(exist_ok=True)
    temporary = root / ".binarized_mnist.tmp.npz"
    np.savez_compressed(temporary, allow_pickle=False, **arrays)
    os.replace(temporary, root / "binarized_mnist.npz")


def _places(name: str) -> dict[str, list[str]]:
    """File name -> the folders to which it belongs; held-out pictures are in the training folders."""
    places: dict[str, list[str]] = {}
    for part, names in splits.listed(name).items():
        for file in names:
            places.setdefault(file, []).append(part.replace("heldout", "train"))
    return places


def _code_points(name: str) -> str:
    """An emoji's code points in a file name, without leading zeros and variation selectors, in which packages differ."""
    return "-".join(part.lstrip("0") for part in Path(name).stem.lower().split("-") if part != "fe0f")


def rendered(svg: bytes, side: int) -> Image.Image:
    """An SVG file on white, (side, side) RGB."""
    import resvg_py  # imported here, since only these downloads need it

    return on_white(opened(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg.decode(), width=side, height=side))), "RGBA"))


def halved(image: Image.Image) -> Image.Image:
    return image.resize((EMOJI_SIDE, EMOJI_SIDE), Image.Resampling.BOX)


def save_picture(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=92)


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def unpacked(urls: list[str], root: Path, save: Callable, expected: dict[str, int]) -> dict[str, int]:
    """Downloads the archives at `urls` and passes their images to `save(member, data, out)`; `root` is created complete or not at all.

    The archive never decides where files are written: `save` makes a name from a member's number or looks it up in a list.  It returns the
    category as which the image is counted, or None for an image that is not used.
    """
    counts = dict.fromkeys(expected, 0)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix=f".{root.name}-") as temporary:
        archive, out = Path(temporary) / "archive", Path(temporary) / "out"
        for url in urls:
            print(f"Downloading {url}")
            try:
                torch.hub.download_url_to_file(url, str(archive))
                for name, size, read in _members(archive):
                    if not name.endswith(SUFFIXES) or Path(name).name.startswith("."):
                        continue
                    if size > LARGEST_FILE:
                        raise ValueError(f"{name} is more than this archive should hold")
                    if kind := save(name, read(), out):
                        counts[kind] += 1
                        if counts[kind] > expected[kind]:
                            raise ValueError(f"{name} is more than this archive should hold")
                if url == urls[-1] and counts != expected:
                    raise ValueError(f"it holds {counts} images instead of {expected}")
            except (OSError, EOFError, ValueError, IndexError, tarfile.TarError, zipfile.BadZipFile) as error:
                raise _unavailable(root, url, error) from error
        os.replace(out, root) if not root.exists() else shutil.rmtree(out)
    return counts


def _members(archive: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """(name, size, reader) of each file in a tar.gz or zip archive; links and folders are skipped."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            for member in file.infolist():
                if not member.is_dir():
                    yield member.filename, member.file_size, lambda member=member: file.read(member)
    else:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                if member.isreg():
                    yield member.name, member.size, lambda member=member: cast(IO[bytes], tar.extractfile(member)).read()


def _unavailable(root: Path, url: str, error: Exception) -> UserError:
    return UserError(
        f"{root.name} could not be downloaded from {url} ({sentence(error)}); try again later, or fetch it by hand and name the folder "
        f"that holds {root.name}/ with --data-dir."
    )
