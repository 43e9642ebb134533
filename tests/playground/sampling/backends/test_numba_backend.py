"""Products of small matrices, of every size that strips, turns of the loop and blocks of rows can leave over, to the last bit; and a
mixture's draws."""

import numpy as np
import pytest
from numba import config, njit

from playground.sampling.backends import llvm_product, numba_options, plain_product
from playground.sampling.backends.numba_backend import below, draw_logistics

AT = 3  # numbers before each matrix, so that none begins with a line of the cache


def multiplier(way):
    """A function that has a product by this module compiled in."""
    add_product = way.add_product
    options = {**numba_options.OPTIONS, "cache": False}  # what closes over other functions can't be kept

    @njit(**options)
    def multiply(a, rows, inner, b, columns, c):
        add_product(a, AT, rows, inner, b, AT, columns, c, AT)

    return multiply


MULTIPLY = {way: multiplier(way) for way in (llvm_product, plain_product)}


@pytest.mark.parametrize("way", MULTIPLY, ids=lambda way: way.__name__.rpartition(".")[2])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("inner", [0, 1, 7, 33, 100])
@pytest.mark.parametrize("rows", [0, 1, 3, 4, 9])
def test_a_product_is_added_and_nothing_else_is_touched(rows, inner, dtype, way):
    rng = np.random.default_rng(rows + 10 * inner)
    for columns in (1, 2, 15, 16, 24, 50, 128, 283):
        a, b, c = (rng.standard_normal(size + 2 * AT).astype(dtype) for size in (rows * inner, inner * columns, rows * columns))
        expected = c.copy()
        inside = slice(AT, AT + rows * columns)
        left, right = a[AT : AT + rows * inner].reshape(rows, inner), b[AT : AT + inner * columns].reshape(inner, columns)
        for k in range(inner):  # products are rounded, then added in this order
            expected[inside] += np.outer(left[:, k], right[k]).ravel()
        MULTIPLY[way](a, rows, inner, b, columns, c)
        assert c.tobytes() == expected.tobytes()


@pytest.mark.parametrize("levels", [2, 3, 256])
def test_a_draw_is_the_first_value_whose_cumulative_probability_passes_the_noise(levels):
    rng = np.random.default_rng(levels)
    for _ in range(1000):
        k = int(rng.integers(1, 6))
        numbers = np.concatenate([rng.normal(0, 3, k), rng.uniform(-2, 2, k), rng.uniform(-8, 3, k)])  # log-weights, means, log-scales
        noise = rng.choice([0.0, 2**-24, rng.random() ** 8, rng.random(), 1 - rng.random() ** 8])
        noise = min(float(noise), 1 - 2**-24)  # the largest there is in float32
        scratch = np.empty(3 * k + 2 * levels)
        value = draw_logistics(numbers, k, levels, noise, 1.0, scratch)
        assert value == next(v for v in range(levels) if noise < below(scratch[: 3 * k], k, v, levels)[0])


def test_what_was_compiled_is_found_again_for_the_very_same_code_alone(tmp_path):
    assert config.CACHE_DIR.endswith(f"kernels-{numba_options.digest(numba_options.SOURCES)}")
    for path in numba_options.SOURCES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    copies = [tmp_path / path.name for path in numba_options.SOURCES]
    before = numba_options.digest(copies)
    for copy in copies:
        copy.write_bytes(copy.read_bytes() + b"\n")
        assert (now := numba_options.digest(copies)) != before
        before = now
