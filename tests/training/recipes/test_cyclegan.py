import math
from dataclasses import replace

import pytest
import torch

from playground.drawing.palettes import FACADE_COLOURS
from playground.errors import UserError
from playground.models.base import parameter_count
from playground.models.cyclegan import CycleGAN
from tests import synthetic
from training import engine, metrics
from training.random_streams import RandomStreams
from training.recipes.cyclegan import CycleGANRecipe, CycleGANSettings

TINY = {"size": 32, "jitter": 4, "generator_channels": 4, "blocks": 1, "discriminator_channels": 4, "discriminator_layers": 3}


@pytest.fixture(scope="module")
def worlds_dir(tmp_path_factory):
    return synthetic.world_folders(tmp_path_factory.mktemp("data") / "worlds")


def settings(worlds_dir, **changes) -> CycleGANSettings:
    return CycleGANSettings(dataset="folder", data_dir=worlds_dir, **{"precision": "float32", **TINY, **changes})


def moves(recipe, model, device):
    return engine.player_losses(recipe, model, torch.tensor([0, 1]), RandomStreams(0, 0, 2, device=device))


def test_the_paper_preset_has_the_papers_sizes_and_takes_a_step(worlds_dir, device):
    paper = CycleGANSettings(dataset="folder", data_dir=worlds_dir, **CycleGANRecipe.presets["paper"])
    recipe = CycleGANRecipe(paper)
    model = recipe.model().to(device)
    assert (parameter_count(model.G), parameter_count(model.F)) == (11_378_179, 11_378_179)
    assert paper.size == 256 and paper.history == 50
    assert paper.cycle_weight_x == paper.cycle_weight_y == 10 and paper.batch_size == 1 and paper.learning_rate == 2e-4
    assert [recipe.schedule(progress) for progress in (0, 0.25, 0.5, 0.75)] == [1, 1, 1, 0.5]
    recipe.x, recipe.y = recipe.x[..., :70, :70], recipe.y[..., :70, :70]  # the step, at a size that a test can afford
    recipe.settings = replace(paper, size=64, jitter=6)
    for _, loss, _ in engine.player_losses(recipe, model, torch.tensor([0]), RandomStreams(0, 0, 1, device=device)):
        loss.backward()
        assert math.isfinite(loss.item())


def cycle(trainer) -> float:
    said = trainer.one_step()
    return float(said["cycle_x"] + said["cycle_y"])


def test_a_tiny_run_lowers_the_cycle_loss_and_exports(worlds_dir, tmp_path, device):
    tiny = settings(worlds_dir, device=device, max_steps=25, batch_size=2, learning_rate=2e-3)
    trainer = engine.Trainer(CycleGANRecipe(tiny), tiny, tmp_path / "work")
    first = cycle(trainer)
    trainer.train()
    last = cycle(trainer)
    assert last < 0.7 * first
    trainer.export(tmp_path / "model")
    model = CycleGAN.from_pretrained(tmp_path / "model", strict=True)
    assert model.size == 32 and model.worlds == ("red", "violet")
    assert (tmp_path / "model" / "film.webp").exists()


def test_a_resumed_run_reaches_the_same_weights_history_and_all(worlds_dir, tmp_path, device):
    tiny = settings(worlds_dir, device=device, precision="float64", max_steps=8, batch_size=2, history=4)
    whole = engine.Trainer(CycleGANRecipe(tiny), tiny, tmp_path / "whole")
    half = engine.Trainer(CycleGANRecipe(tiny), tiny, tmp_path / "half")
    again = engine.Trainer(CycleGANRecipe(tiny), tiny, tmp_path / "half")
    with engine.default_dtype(torch.float64):
        for whole.step in range(8):
            whole.one_step()
        for half.step in range(4):
            half.one_step()
        half.step = 4
        half.save()
        again.resume(engine.load_checkpoint(tmp_path / "half" / engine.CHECKPOINT))
        assert [len(made) for made in again.recipe.histories.values()] == [4, 4]
        for again.step in range(4, 8):
            again.one_step()
    # on a GPU the gradients of bilinear upsampling and of reflected edges are summed in any order
    torch.testing.assert_close(again.model.state_dict(), whole.model.state_dict(), rtol=0, atol=0 if device == "cpu" else 1e-9)


def test_a_film_from_labels_begins_with_the_photo_that_the_model_makes_of_a_drawing(worlds_dir, device):
    model = CycleGAN(worlds=("labels", "photos"), size=32, generator_channels=4, blocks=1).double().to(device)
    assert CycleGANRecipe(settings(worlds_dir)).snapshot(model).shape == (3, 128, 384)


def test_the_worlds_are_not_paired_and_the_smaller_one_repeats(worlds_dir):
    recipe = CycleGANRecipe(settings(worlds_dir))
    assert len(recipe) == max(len(recipe.x), len(recipe.y)) == len(recipe.x) > len(recipe.y)
    partners = {
        tuple(recipe.batch(torch.tensor([0]), RandomStreams(0, step, 1))["y"].sum((2, 3)).abs().round().flatten().tolist())
        for step in range(12)
    }
    assert len(partners) > 3
    assert recipe.batch(torch.tensor([len(recipe) - 1]), RandomStreams(0, 0, 1))["x"].shape == (1, 3, 32, 32)


def test_discriminators_pass_gradients_on_and_keep_none_while_the_generators_move(worlds_dir, device):
    recipe = CycleGANRecipe(settings(worlds_dir))
    model = recipe.model().to(device)
    game = moves(recipe, model, device)
    player, loss, _ = next(game)
    loss.backward()
    assert player == "generators"
    assert all(p.grad is None for judge in (model.D_X, model.D_Y) for p in judge.parameters())
    assert all(p.grad is not None for maker in (model.G, model.F) for p in maker.parameters())
    model.zero_grad(set_to_none=True)
    player, loss, _ = next(game)
    loss.backward()
    assert player == "discriminators"
    assert all(p.grad is None for maker in (model.G, model.F) for p in maker.parameters())


def test_the_generators_loss_is_gan_plus_weighted_cycle_plus_weighted_identity(worlds_dir, device):
    recipe = CycleGANRecipe(settings(worlds_dir, cycle_weight_x=7.0, cycle_weight_y=2.0, identity_weight=3.0))
    model = recipe.model().to(device)
    _, loss, said = next(moves(recipe, model, device))
    batch = {key: value.to(device) for key, value in recipe.batch(torch.tensor([0, 1]), RandomStreams(0, 0, 2)).items()}
    identity = (model.G(batch["y"]) - batch["y"]).abs().mean() + (model.F(batch["x"]) - batch["x"]).abs().mean()
    torch.testing.assert_close(loss, said["gan"] + 7 * said["cycle_x"] + 2 * said["cycle_y"] + 3 * identity)


def test_half_of_what_a_full_history_shows_was_made_earlier(worlds_dir):
    recipe = CycleGANRecipe(settings(worlds_dir, history=10))
    old = 0
    for step in range(200):
        made = torch.full((1, 3, 2, 2), float(step))
        seen = recipe.remembered("x", made, RandomStreams(0, step, 1))
        assert seen.max() <= step
        old += int(seen.max() < step)
        assert len(recipe.histories["x"]) == min(step + 1, 10)
    assert 70 <= old <= 120


def test_without_a_history_the_discriminators_see_what_was_just_made(worlds_dir):
    recipe = CycleGANRecipe(settings(worlds_dir, history=0))
    made = torch.rand(2, 3, 4, 4)
    assert torch.equal(recipe.remembered("x", made, RandomStreams(0, 0, 2)), made)


def test_facades_have_one_channel_a_class_and_no_identity_loss_then(monkeypatch, device):
    monkeypatch.setattr("training.data.domains", lambda *_: torch.randint(256, (2, 4, 3, 36, 36), dtype=torch.uint8))
    facades = {"dataset": "facades", **TINY}
    recipe = CycleGANRecipe(CycleGANSettings(**facades))
    model = recipe.model().to(device)
    (_, loss, said), _ = moves(recipe, model, device)
    weights = recipe.settings.cycle_weight_x, recipe.settings.cycle_weight_y
    torch.testing.assert_close(loss, said["gan"] + weights[0] * said["cycle_x"] + weights[1] * said["cycle_y"])
    assert model.palette == {name: list(colour) for name, colour in FACADE_COLOURS.items()}
    with pytest.raises(UserError, match="--no-one-hot"):
        CycleGANRecipe(CycleGANSettings(**facades, identity_weight=1.0))


# --- the measures of label maps ---


def painted(*names: str) -> torch.Tensor:
    """A column of pixels of these classes, (1, 3, n, 1)."""
    colours = torch.tensor([FACADE_COLOURS[name] for name in names], dtype=torch.float32)
    return (colours / 127.5 - 1).T[None, :, :, None]


def test_label_measures_of_a_hand_painted_map():
    true = painted("facade", "facade", "window", "door")
    made = painted("facade", "window", "window", "window") + 0.02
    assert metrics.label_accuracy(made, true).tolist() == [0.5]
    confusion = metrics.label_confusion(made, true)
    assert confusion.sum() == 4
    names = list(FACADE_COLOURS)
    iou, ratio = metrics.class_iou(confusion), metrics.painted_ratio(confusion)
    assert iou[names.index("facade")] == 0.5 and iou[names.index("window")] == pytest.approx(1 / 3) and iou[names.index("door")] == 0
    assert iou[names.index("shop")].isnan()
    assert ratio[names.index("window")] == 3 and ratio[names.index("door")] == 0


def test_permuted_colours_are_found_out():
    true = painted("facade", "facade", "window", "door")
    made = painted("shop", "shop", "facade", "window")
    assert metrics.label_accuracy(made, true).item() == 0
    accuracy, meaning = metrics.permuted_accuracy(metrics.label_confusion(made, true))
    names = list(FACADE_COLOURS)
    assert accuracy == 1 and names[meaning[names.index("shop")]] == "facade" and names[meaning[names.index("facade")]] == "window"
