"""Products of small matrices, of every size that strips, turns of the loop and blocks of rows can leave over."""

import numpy as np
import pytest

from playground.sampling.compiled import add_product, compiled, pointer

AT = 3  # numbers before each matrix, so that none begins with a line of the cache


@compiled
def multiply(a, rows, inner, b, columns, c):
    add_product(pointer(a, AT), rows, inner, pointer(b, AT), columns, pointer(c, AT))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("inner", [0, 1, 7, 33, 100])
@pytest.mark.parametrize("rows", [0, 1, 3, 4, 9])
def test_a_product_is_added_and_nothing_else_is_touched(rows, inner, dtype):
    rng = np.random.default_rng(rows + 10 * inner)
    for columns in (1, 2, 15, 16, 50, 128, 283):
        a, b, c = (rng.standard_normal(size + 2 * AT).astype(dtype) for size in (rows * inner, inner * columns, rows * columns))
        expected = c.copy()
        inside = slice(AT, AT + rows * columns)
        expected[inside] += (a[AT : AT + rows * inner].reshape(rows, inner) @ b[AT : AT + inner * columns].reshape(inner, columns)).ravel()
        multiply(a, rows, inner, b, columns, c)
        np.testing.assert_allclose(c, expected, rtol=0, atol=1000 * np.finfo(dtype).eps)
        assert (c[:AT] == expected[:AT]).all() and (c[inside.stop :] == expected[inside.stop :]).all()
