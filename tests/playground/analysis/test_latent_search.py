import pytest
import torch
from torch import nn

from playground.analysis.latent_search import error, search


class Painter(nn.Module):
    """A linear generator whose error has one minimum, known by least squares."""

    def __init__(self, latent: int = 3):
        super().__init__()
        self.linear = nn.Linear(latent, 16)

    def forward(self, z):
        return self.linear(z).view(-1, 1, 4, 4)


def test_the_search_finds_the_least_error_of_a_linear_generator(device):
    painter, image = Painter().to(device), torch.randn(1, 4, 4).to(device)
    base = painter.linear.weight.detach()
    wanted = torch.linalg.lstsq(base, (image.flatten() - painter.linear.bias.detach())[:, None]).solution[:, 0]
    *_, found = search(painter, image, torch.randn(2, 3).to(device), steps=600)
    torch.testing.assert_close(found.z, wanted, rtol=0, atol=1e-3)
    assert found.error == pytest.approx(error(painter(wanted[None]), image).item(), rel=1e-4)


def test_the_best_never_gets_worse_and_its_figures_belong_together(device):
    painter, image = Painter().to(device), torch.randn(1, 4, 4).to(device)
    starts = torch.randn(4, 3).to(device)
    path = list(search(painter, image, starts, steps=30))
    assert [found.steps for found in path] == list(range(31))
    assert path[0].error == error(painter(starts), image).min().item()  # the start comes first
    assert all(after.error <= before.error for before, after in zip(path, path[1:]))
    for found in path:
        torch.testing.assert_close(found.image, painter(found.z[None])[0])
        assert found.error == pytest.approx(error(found.image[None], image).item(), rel=1e-5)


def test_the_search_leaves_the_generator_as_it_is(device):
    painter = Painter().to(device)
    before = [p.clone() for p in painter.parameters()]
    list(search(painter, torch.randn(1, 4, 4).to(device), torch.randn(2, 3).to(device), steps=5))
    assert all(torch.equal(a, b) and b.grad is None for a, b in zip(before, painter.parameters()))
