"""Where the energy of a picture lies, on waves of known frequency."""

import math

import pytest
import torch

from playground.analysis.spectrum import high_frequency_energy


def wave(across: int, down: int, size: int = 32) -> torch.Tensor:
    """(1, 3, size, size): so many periods across and down."""
    places = torch.arange(size) / size
    return torch.cos(2 * math.pi * (across * places + down * places[:, None])).expand(1, 3, -1, -1)


def test_a_waves_energy_is_high_where_its_frequency_is():
    for across, down, high in ((1, 0, 0), (8, 0, 0), (9, 0, 1), (7, 7, 1), (5, 5, 0), (0, 16, 1)):  # 8 periods in 32 pixels: 0.25
        assert high_frequency_energy(wave(across, down)).item() == pytest.approx(high, abs=1e-5)


def test_energies_add_up_whatever_the_mean():
    both = 3 * wave(2, 0) + 4 * wave(12, 5) - 0.7  # energies 9 and 16
    assert high_frequency_energy(both).item() == pytest.approx(16 / 25, abs=1e-5)


def test_a_flat_picture_has_none_and_white_noise_what_the_area_says():
    assert high_frequency_energy(torch.full((1, 1, 8, 8), 0.3)).item() == 0
    noise = torch.randn(50, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert high_frequency_energy(noise).mean().item() == pytest.approx(1 - math.pi * 0.25**2, abs=0.01)
