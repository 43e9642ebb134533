"""The browser's noise is torch's: see playground/browser/noise.js."""

import pytest
import torch

from playground.models import base

DRAW = """async ([what, seed, count, length, first]) => {
    const noise = await import("/playground/browser/noise.js");
    return Array.from(noise[what](seed, count, length, first));
}"""


def drawn(blank, what: str, seed: int, count: int, length: int, first: int) -> torch.Tensor:
    return torch.tensor(blank.evaluate(DRAW, [what, seed, count, length, first])).view(count, length)


@pytest.mark.parametrize("seed", [0, 1, 7, 4_294, 123_456_789, 2**31 - 1])
def test_uniforms_are_torchs_number_for_number(blank, seed):
    assert torch.equal(drawn(blank, "uniforms", seed, 3, 784, 5), base.uniforms(seed, 3, 784, first=5))


@pytest.mark.parametrize("length", [1, 2, 7, 15, 16, 17, 40, 64, 100])
@pytest.mark.parametrize("seed", [0, 3, 2**31 - 1])
def test_normals_are_torchs_up_to_the_last_bits(blank, seed, length):
    ours, torchs = drawn(blank, "normals", seed, 40, length, 2), base.normals(seed, 40, length, first=2)
    torch.testing.assert_close(ours, torchs, rtol=2e-6, atol=1e-6)
