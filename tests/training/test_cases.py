"""What people hand over, and what they get back: a row a case.  Each kind has sharper tests in the file that the row names."""

import base64
import hashlib
import io
import json
import os
import re
import shlex
import socket

import numpy as np
import pytest
from PIL import Image

from playground import api, catalog
from playground.errors import UserError, run_command
from training import data, evaluate, metrics, output, run
from training.recipes import autoregressive, cgan

TINY = {
    "pix2pix": "--size 32 --jitter 4 --widths 8 16 --discriminator-widths 8 16",
    "cyclegan": "--size 32 --jitter 4 --generator-channels 4 --blocks 1 --discriminator-channels 4 --discriminator-layers 3",
    "gated-pixelcnn": "--layers 2 --channels 8 --head 8",
}


def photos(folder, count: int, size=(40, 40)) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        levels = np.random.default_rng(i).integers(0, 255, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(levels).resize(size, Image.Resampling.BICUBIC).save(folder / f"{i:03}.png")


@pytest.fixture
def hand(tmp_path, monkeypatch, capsys):
    """`hand(command)` runs a recipe for two steps, and gives its exit code and all that was said; models go to `hand.home`."""
    home = tmp_path / "pretrained"
    home.mkdir()
    monkeypatch.setattr(catalog, "ROOT", home)
    monkeypatch.setattr(
        data, "digits", lambda name, split, folder, real=data.digits: real("things" if name == "mnist" else name, split, folder)
    )
    for module in (metrics, autoregressive, cgan):
        monkeypatch.setattr(module, "SAMPLES", 20)
    monkeypatch.setattr(cgan, "FITTED", 5)

    def call(main, command: str) -> tuple[int, str]:
        code = run_command(main, shlex.split(command))
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out + told.err

    def hand(command: str, own: bool = True) -> tuple[int, str]:
        recipe = command.split()[0]
        return call(run.main, f"{command}{' --dataset folder' * own} --max-steps 2 {TINY.get(recipe, '')} --device cpu --precision float32")

    hand.home, hand.call = home, call
    return hand


def test_keep_output_on_a_folder_with_a_persons_file(hand, tmp_path):  # test_output.py
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep/mine.txt").write_text("x")
    assert hand(f"autoencoder --dataset things --output {tmp_path}/keep", own=False)[0] == 2
    assert (tmp_path / "keep/mine.txt").read_text() == "x"


def test_root_output_is_the_checkout(hand, monkeypatch):
    monkeypatch.chdir(output.ROOT)
    before = sorted(os.listdir())
    assert hand("autoencoder --dataset things --output .", own=False)[0] == 2 and sorted(os.listdir()) == before


def test_data_output_is_the_data(hand, tmp_path):
    photos(tmp_path / "data/cats", 12)
    assert hand(f"vae --data-dir {tmp_path}/data --output {tmp_path}/data")[0] == 2 and len(os.listdir(tmp_path / "data/cats")) == 12


def test_shipped_a_run_without_a_name_leaves_the_shipped_model(hand):
    tiny = "vae --latent 2 --width 4 --hidden 16"
    assert hand(tiny, own=False)[0] == 0
    shipped = hashlib.sha256((hand.home / "vae-mnist/model.safetensors").read_bytes()).digest()
    assert hand(f"{tiny} --seed 1", own=False)[0] == 0 and (hand.home / "vae-mnist-run2/model.safetensors").exists()
    assert hashlib.sha256((hand.home / "vae-mnist/model.safetensors").read_bytes()).digest() == shipped


def test_grey16_and_alpha_are_seen_as_they_look(tmp_path):  # test_folders.py
    drawing = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    drawing.paste((0, 0, 0, 255), (18, 4, 22, 36))
    ramp = Image.fromarray(np.linspace(0, 65535, 28 * 28).reshape(28, 28).astype("uint16"))
    for name, image, low, high in (("grey16", ramp, 120, 135), ("alpha", drawing, 200, 255)):
        (tmp_path / name / "c").mkdir(parents=True)
        for i in range(3):
            image.save(tmp_path / name / f"c/{i}.png")
        assert low <= data.digits("folder", "train", tmp_path / name)[0].float().mean() <= high


def test_two_classes_are_enough_and_their_names_travel(hand, tmp_path):
    photos(tmp_path / "classes/cats", 12)
    photos(tmp_path / "classes/dogs", 12)
    for recipe in ("gated-pixelcnn", "cgan", "digit-classifier"):
        code, told = hand(f"{recipe} --data-dir {tmp_path}/classes --batch-size 4")
        assert code == 0 and "warning" not in told
        config = json.loads((hand.home / f"{recipe}-classes/config.json").read_text())
        assert config["classes"] == 2 and config["class_names"] == ["cats", "dogs"]
    assert (hand.home / "gated-pixelcnn-classes/opening.webp").exists()


def test_val_and_authors_are_layouts(hand, tmp_path):
    for split in ("train", "val", "test"):
        photos(tmp_path / "val" / split, 4, (64, 32))
    for folder in ("trainA", "trainB", "testA", "testB"):
        photos(tmp_path / "authors" / folder, 4)
    assert hand(f"pix2pix --data-dir {tmp_path}/val")[0] == 0 and hand(f"cyclegan --data-dir {tmp_path}/authors")[0] == 0


@pytest.mark.parametrize(
    "command, sentence",
    [
        ("pix2pix --size 98", "multiple of 4, such as 96 or 100"),
        ("pix2pix --size 100 --widths 8 8 8 8 8", "multiple of 32, such as 96 or 128"),
        ("cyclegan --size 30", "--size a multiple of 4 times"),
        ("pixelcnnpp --size 30", "choose a multiple of 4"),
        ("pixelcnn --kernel 4", "odd"),
        ("pca --components 3000", "2352"),
        ("gan --batch-size 1", "larger --batch-size"),
        ("dcgan --border 30", "leaves nothing of an image of 32 pixels"),
        *((f"vae {option}", "must be ") for option in ("--max-steps 0", "--max-steps -3", "--epochs 0", "--epochs -1")),
        *((f"vae {option}", "must be ") for option in ("--batch-size 0", "--accumulate 0", "--learning-rate -1", "--latent -1")),
        *((f"vae {option}", "must be ") for option in ("--learning-rate nan", "--ema 1.5", "--seed -1", "--beta -1")),
        ("autoencoder --widths 0", "must be "),
    ],
)
def test_size_batch_zero_numbers_that_can_not_be(hand, tmp_path, command, sentence):
    photos(tmp_path / "in/a", 4, (64, 32))
    photos(tmp_path / "in/b", 4, (64, 32))
    recipe, *options = command.split()
    tiny = "" if recipe != "pix2pix" or "--widths" in command else TINY["pix2pix"].replace("--size 32", "")
    code, told = hand.call(
        run.main, f"{recipe} --dataset folder --data-dir {tmp_path}/in --max-steps 2 {tiny} {' '.join(options)} --device cpu"
    )
    assert code == 2 and sentence in told and told.count("error:") == 1
    assert not [path for path in hand.home.iterdir() if path.name != ".runs"]


def test_stray_and_split_folders_are_no_classes_and_change_no_numbers(hand, tmp_path):  # test_folders.py
    for name in ("cats", "dogs", "__MACOSX"):
        photos(tmp_path / "stray" / name, 12 * (name != "__MACOSX"))
    assert data.class_names("folder", tmp_path / "stray") == ["cats", "dogs"]
    for split, kinds in {"train": ("cat", "dog"), "heldout": ("dog",), "test": ("cat",)}.items():
        for kind in kinds:
            photos(tmp_path / "split" / split / kind, 3)
    assert set(data.images("folder", "heldout", tmp_path / "split", 8)[1].tolist()) == {1}


def test_few_images_train_or_say_how_many_are_needed(hand, tmp_path):
    photos(tmp_path / "few/summer", 20)
    photos(tmp_path / "few/winter", 5)
    assert hand(f"cyclegan --data-dir {tmp_path}/few")[0] == 0
    photos(tmp_path / "fewer/summer", 20)
    photos(tmp_path / "fewer/winter", 2)
    for dry in ("", " --dry-run"):
        code, told = hand(f"cyclegan --data-dir {tmp_path}/fewer{dry}")
        assert code == 2 and "winter needs at least 3" in told


def test_few_images_are_seen_for_a_useful_number_of_steps(hand, tmp_path):
    photos(tmp_path / "small", 24)
    plain = f"vae --dataset folder --data-dir {tmp_path}/small --dry-run"
    code, told = hand.call(run.main, plain)
    assert code == 0 and "too few to learn from: it will be" in told and re.search(r"1,\d\d\d steps of 128", told)
    assert "few to learn from; --epochs sets another number" in hand.call(run.main, f"{plain} --epochs 3")[1]


def test_tests_figures_that_can_not_be_computed_are_left_out(hand, tmp_path):
    photos(tmp_path / "pairs12", 12, (128, 64))
    assert hand(f"pix2pix --data-dir {tmp_path}/pairs12")[0] == 0
    assert hand.call(evaluate.main, f"pix2pix-pairs12 --data-dir {tmp_path}/pairs12")[0] == 0
    found = catalog.entry("pix2pix-pairs12").metrics
    assert "l1" in found and found["l1"]["stderr"] is None and "pair_preference" not in found


def test_space_a_folder_with_any_name_makes_a_model_that_the_page_lists(hand, tmp_path):
    name = 'my photos (1) [ann\'s] "best"'
    photos(tmp_path / name / "cats", 12)
    photos(tmp_path / name / "dogs", 12)
    code, told = hand(f"cgan --data-dir {shlex.quote(str(tmp_path / name))} --batch-size 4")
    assert code == 0 and catalog.names("cgan") == ["cgan-my-photos-1-ann-s-best"]
    printed = told.split("python training/evaluate.py ")[1].splitlines()[0]
    assert hand.call(evaluate.main, printed)[0] == 0 and catalog.entry(catalog.names("cgan")[0]).metrics


def test_port_is_taken(monkeypatch):  # tests/test_app.py
    from playground.ui.page import checked_port

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="--port"):
        checked_port(taken.getsockname()[1], "127.0.0.1")


@pytest.mark.parametrize("size", [(3000, 4), (4, 3000), (1, 1), (5000, 1)])
def test_narrow_pictures_are_taken(size):
    content = io.BytesIO()
    Image.new("RGB", size, "red").save(content, "PNG")
    picture = "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
    for fit in ("pad", "crop"):
        made = api.worlds_translate(picture, fit=fit)
        assert made[0].size == (128, 128)
