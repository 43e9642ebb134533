"""Products of small matrices as plain numba loops: the same bits as `llvm_product`, for when that can't be built."""

from playground.sampling.backends.numba_options import compiled


@compiled
def add_product(a, a_at, rows, inner, b, b_at, columns, c, c_at):
    """c += a @ b for row-major matrices that begin at a_at, b_at and c_at of arrays: (rows, inner) @ (inner, columns)."""
    for row in range(rows):
        for k in range(inner):
            x = a[a_at + row * inner + k]
            for column in range(columns):
                c[c_at + row * columns + column] += x * b[b_at + k * columns + column]
