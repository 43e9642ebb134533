"""A person's own images: as the page would decode them, in the layouts that people have, and nothing silently wrong."""

import io
import sys

import numpy as np
import pillow_heif
import pytest
import torch
from PIL import Image

from playground.errors import UserError
from training import data, folders

RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


def photo(path, colour=RED, size=(16, 16), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)


def photos(folder, count, colour=RED, size=(16, 16), suffix=".png"):
    for i in range(count):
        photo(folder / f"{i:02}{suffix}", colour, size)


def lengths(load, *arguments, **options) -> list:
    return [len(load(*arguments[:1], split, *arguments[1:], **options)[0]) for split in ("train", "heldout", "test")]


def levels(image: torch.Tensor) -> list[int]:
    return image[:, 8, 8].tolist()


# --- as the page decodes them ---


def test_sixteen_bits_of_grey_keep_their_contrast_and_transparent_paper_is_white(tmp_path):
    ramp = np.linspace(0, 65535, 28 * 28).reshape(28, 28).astype("uint16")
    drawing = Image.new("RGBA", (28, 28), (0, 0, 0, 0))
    drawing.paste((0, 0, 0, 255), (13, 2, 15, 26))
    palette = drawing.convert("P")
    for i in range(3):
        for kind, suffixes, image in (
            ("ramp", (".png", ".tif"), Image.fromarray(ramp)),
            ("drawing", (".png", ".webp", ".tiff"), drawing),
            ("palette", (".gif",), palette),
            ("grey", (".png",), drawing.convert("LA")),
        ):
            for suffix in suffixes:
                (tmp_path / f"{kind}{suffix}/c").mkdir(parents=True, exist_ok=True)
                options = {"transparency": palette.getpixel((0, 0))} if suffix == ".gif" else {}
                image.save(tmp_path / f"{kind}{suffix}/c/{i}{suffix}", **options)
    for folder in sorted(tmp_path.iterdir()):
        images, _ = data.digits("folder", "train", folder)
        assert 120 <= images.float().mean() <= 135 if folder.name.startswith("ramp") else images.float().mean() > 200, folder.name
        colour, _, _ = data.images("folder", "train", folder, 28)
        assert abs(colour.float().mean() - images.float().mean()) < 2


def test_avif_tiff_and_damaged_metadata_are_read_and_turned_photos_upright(tmp_path):
    photos(tmp_path / "avif", 3, suffix=".avif")
    photos(tmp_path / "tiff", 3, suffix=".TIFF")
    half = Image.new("RGB", (32, 16), RED)
    half.paste(BLUE, (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    for i in range(3):
        (tmp_path / "turned").mkdir(exist_ok=True)
        half.save(tmp_path / f"turned/{i}.jpg", exif=exif, quality=95)
        photo(tmp_path / f"broken/{i}.jpg", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01\x12nonsense")
    images, labels, names = data.images("folder", "train", tmp_path, 16)
    assert names == ["avif", "broken", "tiff", "turned"]
    assert (images[3][:, 2, 8].float() - torch.tensor(BLUE)).abs().max() < 12, "what was on the left is above"


def test_all_damaged_files_are_named_at_once_with_their_folders_in_whatever_split(tmp_path):
    photos(tmp_path / "cats", 12)
    photos(tmp_path / "dogs", 12)
    damaged = ["cats/03.png", "cats/08.png", "dogs/09.png"]  # one to train on, one held out, one for the test
    for name, content in zip(damaged, (b"", b"text", (tmp_path / "dogs/00.png").read_bytes()[:60])):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as told:
        data.images("folder", "train", tmp_path, 8)
    assert (
        all(f"{name} is not a readable image" in str(told.value) for name in damaged)
        and str(told.value).count("is not a readable image") == 3
    )


def test_what_is_passed_over_is_counted_by_kind(tmp_path, capsys):
    photos(tmp_path / "cats", 3)
    photos(tmp_path / "dogs", 3)
    photos(tmp_path, 2)
    for name in ("cats/notes.txt", "cats/a.mov", "dogs/b.mov", "dogs/.DS_Store", "cats/README"):
        (tmp_path / name).write_bytes(b"x")
    data.images("folder", "train", tmp_path, 8)
    told = capsys.readouterr().err
    assert "2 .mov" in told and "1 .txt" in told and "1 no suffix" in told and "2 images outside" in told and "DS_Store" not in told


def test_photos_of_apples_are_read_upright(tmp_path):
    half = Image.new("RGB", (64, 64), RED)
    half.paste(BLUE, (0, 0, 64, 32))
    exif = Image.Exif()
    exif[0x0112] = 3  # to be turned by half
    for i in range(3):
        (tmp_path / "cats").mkdir(exist_ok=True)
        pillow_heif.from_pillow(half).save(tmp_path / f"cats/{i}.HEIC", quality=95, exif=exif.tobytes())
    images, _, names = data.images("folder", "train", tmp_path, 16)
    assert names == ["cats"] and (images[0][:, 13, 8].float() - torch.tensor(BLUE)).abs().max() < 12, "what was above is below"


@pytest.fixture
def without_heif(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    folders._readable.cache_clear()
    yield
    monkeypatch.undo()
    folders._readable.cache_clear()


@pytest.mark.parametrize(
    "load", [lambda root: data.images("folder", "train", root, 8), folders.domain_names, lambda root: folders.pairs(root, "train", 8)]
)
def test_where_only_photos_of_apples_are_there_the_error_says_what_reads_them(load, tmp_path, without_heif):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.heic").write_bytes(b"x")
    with pytest.raises(UserError, match=r"were found in .*; there are 2 \.heic \(`pip install pillow-heif` reads HEIC\)\.$"):
        load(tmp_path)


def test_a_model_of_small_grey_images_says_that_photos_are_made_so(tmp_path, capsys):
    photos(tmp_path / "photos", 3)
    data.digits("folder", "train", tmp_path)
    assert "28x28 grey pixels" in capsys.readouterr().err
    for i in range(3):
        photo(tmp_path / f"digits/{i}.png", (i, i, i), (28, 28))
    data.digits("folder", "train", tmp_path / "digits")
    assert "grey pixels" not in capsys.readouterr().err


# --- classes ---


def test_class_numbers_are_those_of_the_whole_tree(tmp_path):
    for split, kinds in {"train": ("cat", "dog", "emu"), "val": ("emu",), "Test": ("cat", "emu")}.items():
        for kind in kinds:
            photos(tmp_path / split / kind, 12)
    for split, kinds in {"train": (0, 1, 2), "heldout": (2,), "test": (0, 2)}.items():
        _, labels, names = data.images("folder", split, tmp_path, 8)
        assert names == ["cat", "dog", "emu"] and labels.tolist() == [kind for kind in kinds for _ in range(12)]
    photos(tmp_path / "val/fox", 1)
    with pytest.raises(UserError, match="The class 'fox' has images to test on, but none to train on"):
        data.images("folder", "train", tmp_path, 8)


def test_a_folder_without_an_image_is_no_class(tmp_path):
    photos(tmp_path / "zoo/cats/young", 3)
    photos(tmp_path / "zoo/dogs", 3)
    photos(tmp_path / "zoo/__MACOSX/cats", 3)
    photos(tmp_path / "__MACOSX/zoo", 1)
    (tmp_path / "zoo/empty").mkdir()
    for root in (tmp_path / "zoo", tmp_path):  # unpacked into a folder of its own
        assert data.images("folder", "train", root, 8)[2] == ["cats", "dogs"] == data.class_names("folder", root)


def test_each_class_is_divided_by_itself(tmp_path):
    photos(tmp_path / "many", 20)
    photos(tmp_path / "some", 5)
    photos(tmp_path / "two", 2)
    parts = {split: data.images("folder", split, tmp_path, 8)[1].bincount(minlength=3).tolist() for split in ("train", "heldout", "test")}
    assert parts == {"train": [16, 3, 2], "heldout": [2, 1, 0], "test": [2, 1, 0]}


def test_too_few_are_told_in_a_sentence_with_the_number_that_is_needed(tmp_path):
    photos(tmp_path / "summer", 20)
    photos(tmp_path / "winter", 2)
    with pytest.raises(UserError, match="winter needs at least 3"):
        data.domains("folder", "train", tmp_path, 8)
    with pytest.raises(UserError, match="at least 3"):
        data.images("folder", "train", tmp_path / "winter", 8)
    photos(tmp_path / "pairs", 2, size=(32, 16))
    with pytest.raises(UserError, match="at least 3"):
        data.pairs("folder", "train", tmp_path / "pairs", 8)


# --- layouts ---


def test_images_in_one_folder_are_one_class(tmp_path):
    photos(tmp_path, 10)
    images, labels, names = data.images("folder", "train", tmp_path, 8)
    assert len(images) == 8 and names == ["images"] and not labels.any()
    with pytest.raises(UserError, match="cgan needs two classes"):
        data.classes("folder", labels, tmp_path, "cgan")


@pytest.mark.parametrize("layout", ["train/{}", "train{}", "train_{}", "{}/train"])
@pytest.mark.parametrize("sides", ["ab", "AB"])
def test_two_sides_lie_as_pix2pix_and_cyclegan_have_them(tmp_path, layout, sides):
    root = tmp_path / 'my "photos" [1]'
    for split, count in (("train", 10), ("test", 2)):
        for side, colour in zip(sides, (RED, BLUE)):
            photos(root / layout.format(side).replace("train", split), count, colour)
    source, target = data.pairs("folder", "train", root, 16, "left")
    assert levels(source[0]) == list(BLUE) and levels(target[0]) == list(RED)
    assert lengths(folders.pairs, root, 8) == [9, 1, 2]
    x, y = data.domains("folder", "train", root, 16)
    assert levels(x[0]) == list(RED) and levels(y[0]) == list(BLUE) and len(x) == len(y) == 9
    assert lengths(folders.domains, root, 8) == [9, 1, 2] and folders.domain_names(root)[0].upper() == "A"


def test_val_is_held_out(tmp_path):
    for split, count in (("train", 5), ("val", 2), ("test", 3)):
        photos(tmp_path / "pairs" / split, count, size=(32, 16))
        photos(tmp_path / "worlds" / split / "x", count)
        photos(tmp_path / "worlds" / split / "y", count)
    assert lengths(folders.pairs, tmp_path / "pairs", 8) == lengths(folders.domains, tmp_path / "worlds", 8) == [5, 2, 3]


# --- pairs ---


def test_pairs_of_two_shapes_and_of_two_names_are_refused(tmp_path):
    photos(tmp_path / "a", 3, size=(40, 30))
    photos(tmp_path / "b", 3, size=(20, 15))
    assert len(data.pairs("folder", "train", tmp_path, 8)[0]) == 1
    photo(tmp_path / "b/01.png", size=(30, 40))
    with pytest.raises(UserError, match="01.png is 40x30 and .*01.png 30x40"):
        data.pairs("folder", "train", tmp_path, 8)
    photo(tmp_path / "b/01.png", size=(40, 30))
    photo(tmp_path / "b/01.jpg", size=(40, 30))
    with pytest.raises(UserError, match="two images named '01'"):
        data.pairs("folder", "train", tmp_path, 8)


def test_colours_of_label_maps_are_never_mixed(tmp_path):
    random = np.random.default_rng(0)
    for i in range(3):
        classes = random.integers(0, 5, (40, 40))
        maps = np.array([RED, GREEN, BLUE, (0, 0, 0), (255, 255, 255)], np.uint8)[classes]
        picture = random.integers(0, 255, (40, 40, 3), dtype=np.uint8)
        for folder, image in (("a", picture), ("b", maps)):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(image).save(tmp_path / folder / f"{i}.png")
    named = {RED, GREEN, BLUE, (0, 0, 0), (255, 255, 255)}
    for split in ("train", "heldout", "test"):
        left, right = folders.pairs(tmp_path, split, 17)
        assert {tuple(colour) for colour in right.permute(0, 2, 3, 1).reshape(-1, 3).tolist()} <= named
        assert len(left.unique()) > 64
        smooth = folders.pairs(tmp_path, split, 17, label_maps="none")[1]
        assert not {tuple(colour) for colour in smooth.permute(0, 2, 3, 1).reshape(-1, 3).tolist()} <= named
    _, maps = folders.domains(tmp_path, "train", 17)
    assert {tuple(colour) for colour in maps.permute(0, 2, 3, 1).reshape(-1, 3).tolist()} <= named


def test_large_folders_are_kept_on_disk(tmp_path, monkeypatch):
    photos(tmp_path, 20, BLUE)
    in_memory = data.images("folder", "train", tmp_path, 16)[0]
    monkeypatch.setattr(folders.os, "sysconf", lambda name: 1)
    on_disk = data.images("folder", "train", tmp_path, 16)[0]
    assert torch.equal(in_memory, on_disk) and torch.equal(in_memory[torch.tensor([3, 1])] / 2, on_disk[torch.tensor([3, 1])] / 2)


def test_a_pair_side_by_side_in_a_large_photo_is_halved(tmp_path):
    for i in range(3):
        image = Image.new("RGB", (4_098, 2_049), RED)
        image.paste(BLUE, (2_049, 0, 4_098, 2_049))
        content = io.BytesIO()
        image.save(content, "JPEG")
        (tmp_path / f"{i}.jpg").write_bytes(content.getvalue())
    left, right = folders.pairs(tmp_path, "train", 8)
    assert (left[0, :, 4, 4].int() - torch.tensor(RED)).abs().max() < 12 and (right[0, :, 4, 4].int() - torch.tensor(BLUE)).abs().max() < 12
