"""Counter-based random numbers: the same whichever way they are asked for, and as random as they must be."""

import math

import pytest
import torch

from playground.models.counter import PRIME, key, normals, numbers, uniforms


def test_a_number_depends_on_its_key_and_its_place_alone():
    assert torch.equal(numbers(key(1, 2, 3), 5), numbers(key(1, 2, 3), 50)[:5]) and torch.equal(normals(7, 5), normals(7, 50)[:5])
    assert torch.equal(numbers(key(1, 2, 3), 5), numbers(key(*map(torch.tensor, (1, 2, 3))), 5))  # ints, or tensors in a graph
    keys = {key(seed, stream, move) for seed in (0, 1, 2**31 - 2) for stream in range(8) for move in range(500)}
    assert len(keys) > 3 * 8 * 500 - 3


def test_these_are_the_numbers():
    """Integers: no processor and no library may give others."""
    assert numbers(key(1, 2, 3), 4).tolist() == [51290483, 2058003909, 1091146959, 682670439]
    assert key(2**31 - 1, 7, 2**31 - 1) < PRIME and int(numbers(PRIME - 1, 10**4).max()) < PRIME


def test_uniform_numbers_are_uniform_and_independent():
    """Over keys and over places: chi squared of 64 x 64 cells of neighbours has 4095 degrees of freedom."""
    u = torch.stack([uniforms(key(seed, 1, move), 512) for seed in range(20) for move in range(50)])
    assert 0 <= u.min() and u.max() < 1
    for a, b in ((u[:, ::2], u[:, 1::2]), (u[::2], u[1::2]), (u[:500], u[500:]), (u[:, :256], u[:, 256:])):
        cells = ((a * 64).long() * 64 + (b * 64).long()).flatten().bincount(minlength=4096).double()
        chi_squared = ((cells - cells.mean()) ** 2 / cells.mean()).sum().item()
        assert abs(chi_squared - 4095) < 5 * math.sqrt(2 * 4095)


def test_normal_points_have_the_moments_of_the_normal_density():
    x = normals(key(5, 1), 200_000).double()
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3), (6, 15)):
        assert (x**power).mean().item() == pytest.approx(moment, abs=0.02 * max(1, moment))
    assert (x[:, 0] * x[:, 1]).mean().abs() < 0.01 and (x[1:, 0] * x[:-1, 1]).mean().abs() < 0.01
