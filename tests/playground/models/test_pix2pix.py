from math import log

import pytest
import torch

from playground.models.base import parameter_count
from playground.models.gan import generator_loss
from playground.models.labels import label_loss
from playground.models.pix2pix import (
    Discriminator,
    Pix2Pix,
    discriminator_loss,
    feature_matching_loss,
    l1_loss,
)

PALETTE = {"wall": [0, 48, 254], "window": [0, 128, 254], "door": [2, 207, 255], "sky": [0, 0, 222]}
SMALL = {"size": 32, "widths": [8, 16, 16], "discriminator_widths": [8, 16], "upsampling": "resize", "norm": "group", "dropout": 0.0}


def test_the_defaults_have_the_papers_sizes():
    model = Pix2Pix()
    assert round(parameter_count(model.generator) / 1e6, 3) == 54.414
    assert round(parameter_count(model.discriminator) / 1e6, 3) == 2.769


def test_a_logit_of_the_papers_discriminator_sees_70_by_70_pixels(device):
    judge = Discriminator(2, [4, 4, 4, 4]).double().to(device).eval()
    y = torch.randn(1, 1, 128, 128, dtype=torch.float64).to(device).requires_grad_()
    logits = judge(torch.zeros_like(y), y)  # (1, 1, 14, 14)
    logits[0, 0, 7, 7].backward()
    seen = y.grad[0, 0] != 0
    assert seen.any(1).sum() == 70 and seen.any(0).sum() == 70
    assert seen.sum() > 0.98 * 70**2  # a hole only where every path is shut by chance


def test_every_pixel_of_the_source_can_reach_every_pixel_of_the_picture(device):
    generator = Pix2Pix(**SMALL).double().to(device).eval().generator
    x = torch.randn(1, 3, 32, 32, dtype=torch.float64).to(device).requires_grad_()
    generator(x)[0, :, 0, 0].sum().backward()
    assert (x.grad[0].abs().sum(0) > 0).float().mean() > 0.95  # of 32 x 32, the innermost layer being 4 x 4 under a 3 x 3 kernel


def test_losses_are_the_papers_closed_forms():
    real, fake = torch.tensor([0.7, -1.2], dtype=torch.float64), torch.tensor([0.3, 2.0], dtype=torch.float64)
    D_real, D_fake = 1 / (1 + (-real).exp()), 1 / (1 + (-fake).exp())
    expected = -(D_real.log().mean() + (1 - D_fake).log().mean()) / 2
    assert discriminator_loss(real, fake).item() == pytest.approx(expected.item(), rel=1e-6)
    assert generator_loss(fake).item() == pytest.approx(-D_fake.log().mean().item(), rel=1e-6)
    assert discriminator_loss(torch.zeros(3), torch.zeros(3)).item() == pytest.approx(log(2))
    assert l1_loss(torch.tensor([1.0, -1.0]), torch.tensor([0.5, 0.0])).item() == pytest.approx(0.75)
    assert feature_matching_loss([torch.zeros(2), torch.ones(4)], [torch.ones(2), torch.full((4,), 3.0)]).item() == pytest.approx(1 + 2)


def test_label_loss_is_the_cross_entropy_of_the_true_class():
    p = torch.tensor([0.7, 0.2, 0.1]).view(1, 3, 1, 1)
    y = torch.tensor([-1.0, 1.0, -1.0]).view(1, 3, 1, 1)
    assert label_loss(2 * p - 1, y).item() == pytest.approx(-log(0.2), rel=1e-5)


def test_a_picture_of_extreme_logits_has_finite_losses():
    huge = torch.tensor([1e4, -1e4])
    assert discriminator_loss(huge, huge).isfinite() and generator_loss(huge).isfinite()
    assert label_loss(torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1), torch.tensor([1.0, -1.0]).view(1, 2, 1, 1)).isfinite()


@pytest.mark.parametrize("source, target", [("labels", "photo"), ("photo", "labels"), ("lines", "photo")])
def test_pictures_come_out_in_range_and_in_the_size_they_came_in(source, target, device):
    colours = {"petals": [250, 200, 20], "background": [40, 80, 30]} if source == "lines" else None
    model = Pix2Pix(source=source, target=target, palette=PALETTE, one_hot=True, colours=colours, **SMALL).eval().to(device)
    x = torch.rand(2, 1 if source == "lines" else 3, 64, 32, device=device) * 2 - 1
    made = model(x)
    assert made.shape == (2, 3, 64, 32) and made.abs().max() <= 1
    logits = model.discriminator(model.source(x), model.target(torch.rand(2, 3, 64, 32, device=device)))
    assert logits.shape[:2] == (2, 1)


def test_label_maps_enter_as_the_nearest_class_and_leave_as_its_colour(device):
    model = Pix2Pix(source="labels", target="labels", palette=PALETTE, one_hot=True, **SMALL).to(device)
    near = torch.tensor([6, 120, 250], device=device).view(1, 3, 1, 1).expand(1, 3, 32, 32) / 127.5 - 1
    x = model.source(near)
    assert x.shape == (1, 4, 32, 32)
    assert x[0, :, 0, 0].tolist() == [-1, 1, -1, -1]  # window
    assert ((model.picture(x)[0, :, 0, 0] + 1) * 127.5).tolist() == pytest.approx([0, 128, 254], abs=1e-3)
    made = model.generator(x)
    assert torch.allclose(((made + 1) / 2).sum(1), torch.ones(1, 32, 32, device=device), atol=1e-5)


def test_the_chosen_colour_changes_the_picture_and_the_default_one_stands_for_none(device):
    model = Pix2Pix(source="lines", colours={"petals": [255, 255, 255]}, **SMALL).to(device).eval()
    x = torch.ones(1, 1, 32, 32, device=device)
    white, violet = model(x, torch.ones(1, 1, 3)), model(x, torch.tensor([[[0.1, -0.5, 0.6]]]))
    assert not torch.allclose(white, violet)
    assert torch.allclose(model(x), white)


def test_settings_rebuild_the_model():
    model = Pix2Pix(source="labels", palette=PALETTE, one_hot=True, **SMALL)
    settings = dict(model.settings)
    assert settings.pop("system") == "pix2pix"
    Pix2Pix(**settings).load_state_dict(model.state_dict(), strict=True)


def test_dabs_of_colour_enter_as_four_planes_and_none_stands_for_zeros(device):
    model = Pix2Pix(size=32, source="drawing", widths=[8, 8], discriminator_widths=[4, 4], norm="group", dropout=0.0, hints=True).to(device)
    ink, hints = torch.rand(2, 1, 32, 32, device=device), torch.zeros(2, 4, 32, 32, device=device)
    assert model.source(ink).shape == (2, 5, 32, 32) and model(ink).equal(model(ink, hints=hints))
    hints[:, :, 4:8, 4:8] = torch.tensor([0.9, -0.9, 0.2, 1], device=device)[:, None, None]
    assert not model(ink).equal(model(ink, hints=hints)) and model.source(ink, hints=hints)[:, 1:].equal(hints)
    assert model.settings["hints"] and Pix2Pix(size=32, widths=[8, 8], discriminator_widths=[4, 4]).settings["hints"] is False
