from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from playground.drawing.palettes import FACADE_COLOURS
from playground.errors import UserError
from training import engine
from training.random_streams import RandomStreams
from training.recipes.pix2pix import Pix2PixRecipe, Pix2PixSettings, flower_colours, half_drawn, pair_preference, turned_colours

TINY = {"size": 32, "jitter": 4, "widths": [8, 16, 16], "discriminator_widths": [8, 16], "batch_size": 4, "precision": "float32"}


@pytest.fixture
def settings(pairs_dir, device) -> Pix2PixSettings:
    return Pix2PixSettings(dataset="folder", data_dir=pairs_dir, device=device, **TINY)


@pytest.fixture(scope="module")
def flowers_dir(tmp_path_factory):
    """Three kinds of synthetic "flowers" in the layout of flowers17: a disk of each kind's colour on green."""
    from training.splits import listed

    root = tmp_path_factory.mktemp("data")
    held, test = listed("flowers17")["heldout"][0], "9999.jpg"
    y, x = np.mgrid[:48, :48]
    disk = ((x - 24) ** 2 + (y - 24) ** 2 < 14**2)[..., None]
    for kind, colour in (("daisy", (240, 240, 240)), ("pansy", (130, 60, 190)), ("sunflower", (250, 200, 20))):
        for split, names in (("train", [held, "9990.jpg", "9991.jpg", "9992.jpg"]), ("test", [test])):
            (root / "flowers17" / split / kind).mkdir(parents=True)
            for name in names:
                picture = np.where(disk, np.uint8(colour), np.uint8((40, 80, 30)))
                Image.fromarray(picture).save(root / "flowers17" / split / kind / name, quality=95)
    return root


@pytest.fixture(scope="module")
def facades_dir(tmp_path_factory):
    """Four synthetic facades a split; the photo is grey where the label is "window", else brown."""
    root = tmp_path_factory.mktemp("data")
    for split in ("train", "val", "test"):
        (root / "facades" / split).mkdir(parents=True)
        for i in range(4):
            pair = np.zeros((64, 128, 3), dtype=np.uint8)
            pair[:, :64], pair[:, 64:] = (150, 110, 70), FACADE_COLOURS["facade"]
            pair[10 + 4 * i : 40, 20:44], pair[10 + 4 * i : 40, 84:108] = (60, 60, 60), FACADE_COLOURS["window"]
            Image.fromarray(pair).save(root / "facades" / split / f"{i}.jpg", quality=98, subsampling=0)
    return root


def test_the_discriminator_moves_first_and_each_player_moves_itself_only(settings, device):
    recipe = Pix2PixRecipe(settings)
    model = recipe.model().to(device)
    moves = engine.player_losses(recipe, model, torch.arange(4), RandomStreams(0, 0, 4, device=device))
    for player, other in (("discriminator", "generator"), ("generator", "discriminator")):
        name, loss, _ = next(moves)
        model.zero_grad()
        loss.backward()
        assert name == player
        assert all(p.grad is not None for p in getattr(model, player).parameters())
        assert all(p.grad is None for p in getattr(model, other).parameters())
    assert next(moves, None) is None


def test_the_generators_loss_is_the_weighted_sum_of_equation_4(settings, device):
    recipe = Pix2PixRecipe(replace(settings, matching_weight=0.0, l1_weight=100.0))
    model = recipe.model().to(device)
    batch = {key: value.to(device) for key, value in recipe.batch(torch.arange(4), RandomStreams(0, 0, 4)).items()}
    *_, (_, loss, scalars) = recipe.losses(model, batch, RandomStreams(0, 0, 4))
    with torch.no_grad():
        made = model(batch["source"])
        logits = model.discriminator(batch["source"], made)
    assert scalars["l1"].item() == pytest.approx((made - batch["y"]).abs().mean().item(), rel=1e-4)
    assert loss.item() == pytest.approx((-logits.sigmoid().log()).mean().item() + 100 * scalars["l1"].item(), rel=1e-4)


def test_mismatched_pairs_are_half_of_the_fakes_that_the_discriminator_learns_from(settings, device):
    """GAN-CLS: log D(x, y) + (log(1 - D(x, G(x))) + log(1 - D(x', y))) / 2, x' another picture's source."""
    recipe = Pix2PixRecipe(replace(settings, mismatched=True))
    model = recipe.model().to(device)
    batch = {key: value.to(device) for key, value in recipe.batch(torch.arange(4), RandomStreams(0, 0, 4)).items()}
    _, loss, _ = next(recipe.losses(model, batch, RandomStreams(0, 0, 4)))
    x, y, D = batch["source"], batch["y"], model.discriminator
    with torch.no_grad():
        real, fake, wrong = (D(*pair).sigmoid() for pair in ((x, y), (x, model(x)), (x[[3, 0, 1, 2]], y)))
        expected = -(real.log().mean() + ((1 - fake).log().mean() + (1 - wrong).log().mean()) / 2) / 2
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)
    with pytest.raises(UserError, match="batch-size of 2"):
        Pix2PixRecipe(replace(settings, mismatched=True, batch_size=1))


def test_pair_preference_is_one_for_a_judge_of_pairs_and_a_half_for_one_that_looks_at_the_source_alone():
    class Judge(torch.nn.Module):
        def __init__(self, of_pairs: bool):
            super().__init__()
            self.weight, self.of_pairs, self.colours = torch.nn.Parameter(torch.zeros(())), of_pairs, {}

        def source(self, x, colours):
            return x

        def target(self, y):
            return y

        def discriminator(self, x, y):
            apart = (x - y).abs().mean(1, keepdim=True)
            return -apart if self.of_pairs else x.mean(1, keepdim=True)

    pictures = torch.linspace(-1, 1, 40).view(40, 1, 1, 1).expand(-1, 3, 8, 8)
    with torch.no_grad():
        assert pair_preference(Judge(True), pictures, None, pictures).eq(1).all()
        assert pair_preference(Judge(False), pictures, None, pictures).mean() == 0.5


def test_source_and_picture_are_cut_and_mirrored_alike(settings):
    recipe = Pix2PixRecipe(settings)
    recipe.sources = recipe.targets  # then they must stay equal
    for step in range(3):
        batch = recipe.batch(torch.arange(4), RandomStreams(0, step, 4))
        assert torch.equal(batch["source"], batch["y"])


def test_one_step_of_the_paper_preset(settings, tmp_path):
    settings = replace(settings, **(Pix2PixRecipe.presets["paper"] | {"dataset": "folder", "max_steps": 1}))
    trainer = engine.Trainer(Pix2PixRecipe(settings), settings, tmp_path)
    assert trainer.model.size == 256
    scalars = trainer.one_step()
    assert all(value.isfinite() for value in scalars.values())
    assert 0.3 < scalars["gan"] < 3


def test_flowers_give_lines_and_two_colours(flowers_dir, device):
    recipe = Pix2PixRecipe(Pix2PixSettings(data_dir=flowers_dir, **TINY))
    assert len(recipe) == 9
    batch = recipe.batch(torch.arange(4), RandomStreams(0, 0, 4))
    assert batch["source"].shape == (4, 1, 32, 32) and set(batch["source"].unique().tolist()) <= {-1.0, 1.0}
    assert batch["colours"].shape == (4, 2, 3) and batch["y"].shape == (4, 3, 32, 32)
    model = recipe.model().to(device)
    list(engine.player_losses(recipe, model, torch.arange(4), RandomStreams(0, 0, 4, device=device)))
    assert {metric.name for metric in recipe.metrics(model.eval())} == {"l1", "ssim", "high_frequency_energy", "pair_preference"}
    with torch.no_grad():
        film = recipe.snapshot(model)
    assert film.shape[0] == 3 and film.shape[2] <= 400


def test_facades_both_ways(facades_dir, device):
    for target, names in (("left", {"l1", "ssim", "high_frequency_energy"}), ("right", {"pixel_accuracy", "class_iou"})):
        recipe = Pix2PixRecipe(Pix2PixSettings(dataset="facades", data_dir=facades_dir, target=target, **TINY))
        model = recipe.model().to(device)
        list(engine.player_losses(recipe, model, torch.arange(4), RandomStreams(0, 0, 4, device=device)))
        with torch.no_grad():
            metrics = {metric.name: metric for metric in recipe.metrics(model.eval())}
            assert recipe.snapshot(model).shape[2] <= 400
        assert set(metrics) == names | {"pair_preference"} and all(metric.n == 4 for metric in metrics.values())


def test_the_colour_of_petals_is_found_in_the_middle_and_the_backgrounds_at_the_edge(flowers_dir):
    recipe = Pix2PixRecipe(Pix2PixSettings(data_dir=flowers_dir, **TINY))
    found = (flower_colours(recipe.targets) + 1) * 127.5  # three of each kind
    for petals, background in found[:3]:
        assert torch.allclose(petals, torch.tensor([240.0, 240, 240]), atol=12)
        assert torch.allclose(background, torch.tensor([40.0, 80, 30]), atol=12)
    assert torch.allclose(found[3:6, 0].mean(0), torch.tensor([130.0, 60, 190]), atol=15)


def test_colours_turn_about_the_grey_axis():
    turns = turned_colours(torch.tensor([0.0, 2 * torch.pi / 3, 0.4]))
    assert torch.allclose(turns[0], torch.eye(3), atol=1e-6)
    assert torch.allclose(turns[1] @ torch.tensor([1.0, 0, 0]), torch.tensor([0.0, 1, 0]), atol=1e-6)  # red to green
    assert torch.allclose(turns[2] @ torch.full((3,), 0.3), torch.full((3,), 0.3), atol=1e-6)


def test_a_half_drawn_sketch_loses_lines_and_never_gains_any():
    lines = -torch.ones(200, 1, 32, 32)
    left = half_drawn(lines, RandomStreams(0, 0, 200).uniform("half drawn", 4))
    ink = (left < 0).float().mean((1, 2, 3))
    assert set(left.unique().tolist()) == {-1.0, 1.0}
    assert 60 < (ink == 1).sum() < 140 and (ink == 0).sum() >= 1
    assert torch.equal(half_drawn(torch.ones_like(lines), RandomStreams(0, 0, 200).uniform("half drawn", 4)), torch.ones_like(lines))
