"""Products of small matrices as plain loops of numba: the same results as `llvm_product`, for where that can't be built."""

from playground.sampling.backends.numba_options import compiled


@compiled
def add_product(a, a_at, rows, inner, b, b_at, columns, c, c_at):
    """c += a @ b, of what lies row by row in arrays from so far on: (rows, inner) @ (inner, columns)."""
    for row in range(rows):
        for k in range(inner):
            x = a[a_at + row * inner + k]
            for column in range(columns):
                c[c_at + row * columns + column] += x * b[b_at + k * columns + column]
