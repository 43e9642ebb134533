"""C22: G never sees a real image.  All that it learns comes through D's opinion of what it made."""

import pytest
import torch

from playground.models.dcgan import DCGAN
from playground.models.gan import GAN, discriminator_loss, generator_loss

PAIRS = {
    "gan": lambda: GAN(latent=4, generator_widths=[8], discriminator_widths=[6], pieces=2, dropout=0.0).double(),
    "dcgan": lambda: DCGAN(latent=4, widths=[6, 4], smallest=7, border=0).double(),
}


@pytest.fixture(params=list(PAIRS))
def model(request, device):
    return PAIRS[request.param]().to(device)


def gradients(network) -> torch.Tensor:
    return torch.cat([p.grad.flatten() for p in network.parameters()])


def test_c22_the_gradient_of_g_is_zero_when_d_is_cut_off(model, device):
    """D whose last wire is cut says the same of every image: its opinion, and so G's gradient, is nothing."""
    z = torch.randn(8, 4).double().to(device)
    generator_loss(model.discriminator(model.generator(z))).backward()
    assert gradients(model.generator).abs().max() > 0  # while the wire holds
    model.zero_grad()
    head = [layer for layer in model.discriminator if isinstance(layer, torch.nn.Linear)][-1]
    torch.nn.init.zeros_(head.weight)
    generator_loss(model.discriminator(model.generator(z))).backward()
    assert gradients(model.generator).abs().max() == 0


def test_c22_the_gradient_of_g_is_that_of_d_at_the_made_images_and_nothing_else(model, device):
    """The chain rule: d loss / d theta = (d G(z) / d theta)^T (d loss / d x at x = G(z)), and D is asked for the second factor alone."""
    z = torch.randn(8, 4).double().to(device)
    made = model.generator(z)
    generator_loss(model.discriminator(made)).backward()
    through = gradients(model.generator)
    model.zero_grad()
    image = model.generator(z).detach().requires_grad_(True)
    (opinion,) = torch.autograd.grad(generator_loss(model.discriminator(image)), image)
    model.generator(z).backward(opinion)
    torch.testing.assert_close(gradients(model.generator), through)


def test_c22_real_images_move_d_and_never_g(model, device):
    """The loss of D has no gradient for G, and the loss of G none for a real image."""
    real, z = torch.rand(8, 1, 28, 28).double().to(device).requires_grad_(True), torch.randn(8, 4).double().to(device)
    made = model.generator(z)
    discriminator_loss(model.discriminator(real), model.discriminator(made.detach())).backward()
    assert gradients(model.discriminator).abs().max() > 0
    assert all(p.grad is None for p in model.generator.parameters())
    assert torch.autograd.grad(generator_loss(model.discriminator(made)), real, allow_unused=True) == (None,)
