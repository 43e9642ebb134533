import math

import pytest
import torch

from playground.models.base import parameter_count
from playground.models.cyclegan import (
    CycleGAN,
    Discriminator,
    Generator,
    cycle_loss,
    discriminator_gan_loss,
    generator_gan_loss,
    identity_loss,
)

TINY = {"generator_channels": 4, "blocks": 1, "fold": 2, "upsampling": "resize", "discriminator_channels": 4, "discriminator_layers": 3}


def pictures(count: int, height: int, width: int | None = None) -> torch.Tensor:
    return torch.rand(count, 3, height, width or height) * 2 - 1


def test_the_papers_generator_has_the_authors_11_378_million_parameters():
    assert parameter_count(Generator()) == 11_378_179


def test_the_papers_discriminator_has_the_parameters_of_its_70x70_patches():
    widths = [3, 64, 128, 256, 512, 1]  # 4x4 kernels with biases: C64-C128-C256-C512, then one score
    assert parameter_count(Discriminator()) == sum(16 * a * b + b for a, b in zip(widths, widths[1:]))


def test_a_score_of_the_papers_discriminator_sees_70x70_pixels(device):
    torch.manual_seed(0)
    # normalisation spreads every pixel's influence over the picture; without it what remains is the patch
    judge = torch.nn.Sequential(*(layer for layer in Discriminator(2).layers if not isinstance(layer, torch.nn.InstanceNorm2d))).double()
    judge, x = judge.to(device), torch.rand(1, 3, 160, 160, dtype=torch.float64).to(device).requires_grad_()
    scores = judge(x)
    scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2].backward()
    seen = x.grad.abs().sum((0, 1)) > 0
    assert seen.any(1).sum() == 70 and seen.any(0).sum() == 70


@pytest.mark.parametrize("settings", [{"fold": 1}, {"fold": 2, "upsampling": "resize"}])
@pytest.mark.parametrize("size", [(16, 16), (64, 40), (128, 128)])
def test_a_generator_is_fully_convolutional(device, settings, size):
    made = Generator(4, 1, **settings).to(device)(pictures(2, *size).to(device))
    assert made.shape == (2, 3, *size)
    assert made.abs().max() <= 1


def test_translate_goes_there_and_back(device):
    model = CycleGAN(worlds=("photos", "labels"), size=32, **TINY).to(device).eval()
    x = pictures(1, 32).to(device)
    made, again = model.translate(x, forward=True)
    torch.testing.assert_close(made, model.G(x))
    torch.testing.assert_close(again, model.F(model.G(x)))
    made, again = model.translate(x, forward=False)
    torch.testing.assert_close(made, model.F(x))
    torch.testing.assert_close(again, model.G(model.F(x)))


def test_the_settings_rebuild_the_model(tmp_path):
    model = CycleGAN(worlds=("yellow", "violet"), size=32, **TINY)
    model.save_pretrained(tmp_path)
    again = CycleGAN.from_pretrained(tmp_path, strict=True)
    assert again.worlds == ("yellow", "violet") and again.size == 32 and again.multiple == 8
    x = pictures(1, 32)
    torch.testing.assert_close(again.translate(x)[0], model.translate(x)[0])


# --- losses against closed forms ---


def test_least_squares_losses_at_constant_scores():
    half, ones, zeros = torch.full((2, 1, 3, 3), 0.5), torch.ones(2, 1, 3, 3), torch.zeros(2, 1, 3, 3)
    assert generator_gan_loss(ones) == 0 and generator_gan_loss(zeros) == 1 and generator_gan_loss(half) == 0.25
    assert discriminator_gan_loss(ones, zeros) == 0 and discriminator_gan_loss(zeros, ones) == 1
    assert discriminator_gan_loss(half, half) == 0.25


def test_the_best_least_squares_score_is_one_half_where_worlds_are_alike():
    scores = torch.linspace(0, 1, 101, dtype=torch.float64)
    losses = torch.stack([discriminator_gan_loss(score, score) for score in scores])
    assert scores[losses.argmin()] == 0.5 and losses.min() == 0.25


def test_cycle_and_identity_losses_are_mean_absolute_differences():
    x, y = torch.zeros(2, 3, 4, 4), torch.ones(1, 3, 8, 8)
    assert cycle_loss(x, x + 0.25) == 0.25 and cycle_loss(y, y - 0.5) == 0.5
    assert cycle_loss(x, x) == 0
    assert identity_loss(x, x - 1, y, y + 0.5) == 1.5


def test_the_identity_is_a_fixed_point_of_the_cycle_loss_only_if_both_ways_agree():
    x, y = pictures(2, 8), pictures(2, 8)
    brighter, darker = (lambda p: p + 0.1), (lambda p: p - 0.1)
    assert cycle_loss(x, darker(brighter(x))) + cycle_loss(y, brighter(darker(y))) == pytest.approx(0, abs=1e-6)
    assert (cycle_loss(x, brighter(brighter(x))) + cycle_loss(y, brighter(brighter(y)))).item() == pytest.approx(0.4)


# --- label maps of one channel a class ---

PALETTE = {"wall": [0, 0, 255], "window": [0, 60, 255], "door": [255, 0, 0], "sky": [0, 0, 200]}


def test_label_maps_of_one_channel_a_class_go_there_and_back(device):
    model = CycleGAN(worlds=("photos", "labels"), size=32, **TINY, palette=PALETTE).to(device).eval()
    colours = torch.tensor(list(PALETTE.values()), device=device) / 127.5 - 1
    labels = colours[torch.randint(4, (2, 32, 32), device=device)].permute(0, 3, 1, 2)
    seen = model.y(labels)
    assert seen.shape == (2, 4, 32, 32) and (seen.sum(1) == -2).all() and seen.max() == 1  # one class a pixel
    torch.testing.assert_close(model.picture(seen), labels)
    photo, again = model.translate(labels, forward=False)
    torch.testing.assert_close(photo, model.F(seen))
    probabilities = (model.G(photo) + 1) / 2
    torch.testing.assert_close(probabilities.sum(1), torch.ones(2, 32, 32, device=device))
    torch.testing.assert_close(again, colours[probabilities.argmax(1)].permute(0, 3, 1, 2))
    assert model.scores(labels, of_x=False).shape == model.scores(photo, of_x=True).shape


def test_the_cycle_loss_of_label_maps_is_the_log_loss():
    true = -torch.ones(1, 4, 2, 2)
    true[:, 1] = 1
    p = torch.tensor([0.1, 0.6, 0.2, 0.1]).view(1, 4, 1, 1).expand(1, 4, 2, 2)
    assert cycle_loss(true, 2 * p - 1).item() == pytest.approx(-math.log(0.6))
