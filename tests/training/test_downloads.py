"""Downloads: what a publisher sends is checked, kept once and divided as listed, and what is wrong leaves nothing behind."""

import functools
import hashlib
import http.server
import io
import json
import shutil
import tarfile
import threading
import zipfile

import numpy as np
import pytest
from PIL import Image
from torchvision import datasets

from playground.errors import UserError
from tests.training.test_data import BLUE, GREEN, RED, jpeg, near
from training import data, downloads, splits


@pytest.fixture
def publisher(tmp_path, monkeypatch):
    """A web server; `publish(name, {member: bytes})` puts an archive on it, and `data/` is a temporary folder."""
    served, root = tmp_path / "served", tmp_path / "data"
    served.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=served))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(data, "ROOT", root)
    monkeypatch.setattr(downloads, "FACADES_URL", f"{base}/facades.tar.gz")
    monkeypatch.setattr(downloads, "FACADES_COUNTS", {"train": 3, "val": 2, "test": 2})
    monkeypatch.setattr(downloads, "FLOWERS17_URL", f"{base}/17flowers.tgz")
    monkeypatch.setattr(downloads, "FLOWERS5_URL", f"{base}/flower_photos.tgz")
    monkeypatch.setattr(downloads, "FLOWERS5_COUNT", 5 * 12)

    def publish(name: str, members: dict[str, bytes | tarfile.TarInfo]) -> None:
        with tarfile.open(served / name, "w:gz") as tar:
            for member, content in members.items():
                info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(member)
                if isinstance(content, bytes):
                    info.size = len(content)
                tar.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)

    publish.served, publish.root, publish.base = served, root, base
    yield publish
    server.shutdown()
    server.server_close()


def facades_archive() -> dict:
    counts = {"train": 3, "val": 2, "test": 2}
    return {f"facades/{split}/{i + 1}.jpg": jpeg(64, 32) for split, n in counts.items() for i in range(n)}


def left_over(root) -> list[str]:
    return [path.name for path in root.iterdir() if path.name != ".lock"]


def test_facades_are_downloaded_once_and_val_is_held_out(publisher):
    publisher("facades.tar.gz", facades_archive() | {"facades/readme.txt": b"hello", "facades/train/._1.jpg": b"of a Mac"})
    assert [len(data.pairs("facades", split, None, 16)[0]) for split in ("train", "heldout", "test")] == [3, 2, 2]
    assert left_over(publisher.root) == ["facades"]
    (publisher.served / "facades.tar.gz").unlink()
    source, target = data.pairs("facades", "train", None, 16)
    assert near(source[0, :, 8, 8], BLUE) and near(target[0, :, 8, 8], RED)


def link(name: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


@pytest.mark.parametrize(
    "spoil, reason",
    [
        (lambda a: a | {"facades/train/3.jpg": b"no image"}, "not a readable image"),
        (lambda a: a | {"facades/train/3.jpg": jpeg(64, 32)[:200]}, "not a readable image"),
        (lambda a: a | {"facades/train/3.jpg": jpeg(64, 64)}, "not a pair side by side"),
        (lambda a: {k: v for k, v in a.items() if "val" not in k}, "holds .* instead of"),
        (lambda a: a | {"facades/train/3.jpg": link("facades/train/3.jpg", "../../../secret.jpg")}, "holds .* instead of"),
        (lambda a: a | {f"facades/train/{i}.jpg": jpeg(8, 4) for i in range(9)}, "more than this archive should hold"),
        (lambda a: a | {"facades/train/3.jpg": bytes(9 * 2**20)}, "more than this archive should hold"),
    ],
)
def test_a_bad_archive_leaves_nothing_behind(publisher, spoil, reason):
    publisher("facades.tar.gz", spoil(facades_archive()))
    with pytest.raises(UserError, match=f"facades could not be downloaded from http.*{reason}"):
        data.pairs("facades", "train", None, 16)
    assert left_over(publisher.root) == []


def test_members_cannot_choose_where_they_are_written(publisher):
    members = facades_archive()
    escaping = {("../../escaped/" + name): content for name, content in members.items()}
    publisher("facades.tar.gz", escaping)
    data.pairs("facades", "train", None, 16)
    assert sorted(path.name for path in publisher.root.parent.iterdir()) == ["data", "served"]
    assert not (publisher.root / "escaped").exists()


def test_a_truncated_archive_and_an_absent_publisher_are_told(publisher, monkeypatch):
    publisher("facades.tar.gz", facades_archive())
    archive = publisher.served / "facades.tar.gz"
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(UserError, match="facades could not be downloaded from"):
        data.pairs("facades", "train", None, 16)
    with pytest.raises(UserError, match="flowers17 could not be downloaded from .*404"):
        data.images("flowers17", "train", None, 16)
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(UserError, match="^MNIST could not be read"):
        data.digits("mnist", "train", None)
    assert left_over(publisher.root) == ["MNIST"] and not list(publisher.root.rglob("*-ubyte*"))


def test_downloaded_flowers_are_divided_as_the_lists_say(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "FLOWERS17_A_KIND", 2)
    names = [f"{i:04}.jpg" for i in range(1, 35)]
    lists = {"train": names[0::2], "heldout": names[1:9:2], "test": names[9:33:2]}  # the last one is in no split
    (publisher.served / "flowers17.json").write_text(json.dumps(lists))
    monkeypatch.setattr(splits, "FOLDER", publisher.served)
    publisher("17flowers.tgz", {f"jpg/image_{name}": jpeg(40, 30) for name in names} | {"jpg/files.txt": b"names"})
    images, labels, kinds = data.images("flowers17", "train", None, 16)
    assert kinds == sorted(downloads.FLOWERS17_KINDS) and len(images) == 17 and labels.tolist() == list(range(17))
    assert len(data.images("flowers17", "heldout", None, 16)[0]) == 4
    daffodil = publisher.root / "flowers17" / "train" / "daffodil"
    assert sorted(path.name for path in daffodil.iterdir()) == ["0001.jpg", "0002.jpg"]
    with Image.open(daffodil / "0001.jpg") as photo:
        assert photo.size == (384, 288)
    assert len(list(publisher.root.glob("flowers17/*/*/*.jpg"))) == 33


def flower_photos(a_kind: int = 12) -> dict:
    """The publisher's layout: a photo's place in its kind is its red."""
    return {
        f"flower_photos/{kind}/{100 + i}_{i:x}_n.jpg": jpeg(50, 40, (20 * i, 0, 0), (20 * i, 0, 0))
        for kind in downloads.FLOWERS5_KINDS
        for i in range(a_kind)
    }


def test_the_five_flowers_are_downloaded_once_and_made_small(publisher):
    publisher("flower_photos.tgz", flower_photos() | {"flower_photos/LICENSE.txt": b"CC-BY", "flower_photos/roses/._1.jpg": b"of a Mac"})
    images, labels, names = data.images("flowers5", "train", None, 32)
    assert names == ["daisy", "dandelion", "rose", "sunflower", "tulip"] and left_over(publisher.root) == ["flowers5_32.npz"]
    (publisher.served / "flower_photos.tgz").unlink()
    heldout, _, _ = data.images("flowers5", "heldout", None, 32)
    test, of_test, _ = data.images("flowers5", "test", None, 32)
    assert len(images) == 50 and len(heldout) == 5 and len(labels.unique()) == 5
    assert sorted(of_test.tolist()) == [0, 1, 2, 3, 4] and all(near(photo[:, 16, 16], (220, 0, 0)) for photo in test)


@pytest.mark.parametrize(
    "spoil, reason",
    [
        (lambda a: dict(list(a.items())[1:]), "holds .* instead of"),
        (lambda a: a | {"flower_photos/roses/x.jpg": jpeg(8, 8)}, "more than this archive should hold"),
        (lambda a: a | {"flower_photos/roses/101_1_n.jpg": b"no image"}, "not a readable image"),
    ],
)
def test_a_bad_archive_of_flowers5_leaves_nothing_behind(publisher, spoil, reason):
    publisher("flower_photos.tgz", spoil(flower_photos()))
    with pytest.raises(UserError, match=f"flowers5 could not be downloaded from http.*{reason}"):
        data.images("flowers5", "train", None, 32)
    assert left_over(publisher.root) == []


# --- emoji, horses, edges, and digits binarised once ---


def svg(colour: str) -> bytes:
    square = f'<rect x="18" y="18" width="36" height="36" fill="{colour}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72">{square}</svg>'.encode()


def webp(colour: str, side: int = 256) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (side, side), colour).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def lists(publisher, monkeypatch, name: str, content: dict) -> None:
    (publisher.served / f"{name}.json").write_text(json.dumps(content))
    monkeypatch.setattr(splits, "FOLDER", publisher.served)


def test_openmoji_is_rendered_from_its_package_and_divided_as_listed(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "OPENMOJI_URL", f"{publisher.base}/openmoji.tgz")
    lists(publisher, monkeypatch, "openmoji", {"train": ["1F600.png"], "heldout": ["1F601.png"], "test": ["1F602-200D-1F3FB.png"]})
    codes = ("1F600", "1F601", "1F602-200D-1F3FB", "1F1E6-1F1E7")  # the last one is a flag, which no list has
    members = {f"package/{way}/svg/{code}.svg": svg(colour) for code in codes for way, colour in (("black", "black"), ("color", "red"))}
    publisher("openmoji.tgz", members | {"package/data/openmoji.json": b"[]", "package/font/x.woff2": bytes(9 * 2**20)})
    for split in ("train", "heldout", "test"):
        drawings, coloured = data.pairs("openmoji", split, None, 64, "right")
        assert drawings.shape == coloured.shape == (1, 3, 64, 64)
        assert (
            near(drawings[0, :, 32, 32], (0, 0, 0)) and near(coloured[0, :, 32, 32], (255, 0, 0)) and near(drawings[0, :, 2, 2], (255,) * 3)
        )
    assert left_over(publisher.root) == ["openmoji"]


def test_emoji_of_two_packages_are_two_worlds_whatever_their_names_leave_out(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "TWEMOJI_URL", f"{publisher.base}/twemoji.tgz")
    monkeypatch.setattr(downloads, "FLUENT_URL", f"{publisher.base}/fluent.tgz")
    parts = {"trainA": ["0023-20e3.png"], "heldoutA": ["1f601.png"], "testA": ["2764.png"]}
    parts |= {"trainB": ["1f602.png"], "heldoutB": ["1f603.png"], "testB": ["2764.png"]}
    lists(publisher, monkeypatch, "emoji3d", parts)
    publisher("twemoji.tgz", {f"package/{name}.svg": svg("blue") for name in ("23-20e3", "1f601", "2764", "1f602")})
    fluent = {f"package/assets/{name}.webp": webp("red") for name in ("1f602", "1f603", "2764-fe0f", "23-20e3")}
    publisher("fluent.tgz", fluent | {"package/assets/02764-fe0f.webp": webp("green")})
    for split in ("train", "heldout", "test"):
        flat, deep = data.domains("emoji3d", split, None, 32)
        assert len(flat) == len(deep) == 1 and near(flat[0, :, 16, 16], (0, 0, 255)) and near(deep[0, :, 16, 16], (255, 0, 0))
    assert left_over(publisher.root) == ["emoji3d"]
    shutil.rmtree(publisher.root / "emoji3d")
    publisher("fluent.tgz", dict(list(fluent.items())[1:]))
    with pytest.raises(UserError, match="emoji3d could not be downloaded from .*fluent.tgz .*holds .* instead of"):
        data.domains("emoji3d", "train", None, 32)
    assert left_over(publisher.root) == []


def test_horses_come_from_a_zip_and_only_those_that_are_listed(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "HORSES_URL", f"{publisher.base}/horse2zebra.zip")
    parts = {f"{part}{world}": [f"{part}{world}_1.jpg"] for part in ("train", "heldout", "test") for world in "AB"}
    lists(publisher, monkeypatch, "horses", parts)
    with zipfile.ZipFile(publisher.served / "horse2zebra.zip", "w") as file:
        for part, (name,) in parts.items():
            colour = GREEN if part[-1] == "A" else BLUE
            file.writestr(f"horse2zebra/{part.replace('heldout', 'train')}/{name}", jpeg(256, 256, colour, colour))
        file.writestr("horse2zebra/trainA/n02381460_9.jpg", jpeg(8, 8))
        file.writestr("../trainA/escaped_1.jpg", jpeg(8, 8))
    for split in ("train", "heldout", "test"):
        x, y = data.domains("horses", split, None, 32)
        assert len(x) == len(y) == 1 and near(x[0, :, 16, 16], GREEN) and near(y[0, :, 16, 16], BLUE)


def test_edges_and_photos_are_cut_apart_and_only_the_first_are_kept(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "EDGES_URL", publisher.base + "/edges2{}.tar.gz")
    monkeypatch.setattr(downloads, "EDGES_COUNTS", {"train": 24, "test": 2})
    members = {f"edges2shoes/train/{i}_AB.jpg": jpeg(64, 32, (250,) * 3, RED) for i in range(1, 31)}
    publisher("edges2shoes.tar.gz", members | {f"edges2shoes/val/{i}_AB.jpg": jpeg(64, 32, (250,) * 3, RED) for i in range(1, 5)})
    parts = [data.pairs("shoes", split, None, 32, "right") for split in ("train", "heldout", "test")]
    assert [len(edges) for edges, _ in parts] == [23, 1, 2]
    edges, photos = parts[0]
    assert near(edges[0, :, 16, 16], (250,) * 3) and near(photos[0, :, 16, 16], RED)
    with pytest.raises(UserError, match="edges2handbags could not be downloaded from .*404"):
        data.pairs("handbags", "train", None, 32)


def test_digits_binarised_once_are_checked_by_their_sum(publisher, monkeypatch):
    bits = {part: np.random.default_rng(i).integers(0, 2, (3, 784)) for i, part in enumerate(("train", "valid", "test"))}
    texts = {part: "".join(" ".join(map(str, row)) + "\n" for row in rows).encode() for part, rows in bits.items()}
    for part, text in texts.items():
        (publisher.served / f"{part}.amat").write_bytes(text)
    (publisher.served / "binarized_mnist.txt").write_text("012\n345\n678\n")
    monkeypatch.setattr(splits, "FOLDER", publisher.served)
    monkeypatch.setattr(downloads, "BINARIZED_URL", publisher.base + "/{}.amat")
    monkeypatch.setattr(downloads, "BINARIZED", {part: (3, hashlib.sha256(text).hexdigest()) for part, text in texts.items()})
    for split, part in (("train", "train"), ("heldout", "valid"), ("test", "test")):
        images, labels = data.digits("mnist-static", split, None)
        assert images.shape == (3, 1, 28, 28) and (images.view(3, 784).numpy() == 255 * bits[part]).all()
        assert labels.tolist() == {"train": [0, 1, 2], "valid": [3, 4, 5], "test": [6, 7, 8]}[part]
    shutil.rmtree(publisher.root / "binarized_mnist")
    (publisher.served / "test.amat").write_bytes(texts["test"].replace(b"0", b"1", 1))
    with pytest.raises(UserError, match="binarized_mnist could not be downloaded from .*test.amat .its SHA-256 is another"):
        data.digits("mnist-static", "train", None)
