"""Products of small matrices in LLVM instructions, built through interfaces of numba that it does not document.

BLAS is made for large matrices: OpenBLAS took six times as long for a vector on processors that it does not know by name.  Plain loops of
numba (`plain_product`) keep their sums in memory instead of registers.

Each element of c is one sum, in the order of k, of products that are rounded before they are added.  So its bits depend neither on the
processor nor on the strip or the rows beside it, and `plain_product` and the browser (`playground/browser/steps.c`) get the same bits.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from playground.sampling.backends.numba_options import compiled, inlined

FEATURES = cpu_target.target_context.codegen().magic_tuple()[2]  # of the processor, or NUMBA_CPU_FEATURES
LANES = 16 if "+avx512f" in FEATURES else 8  # columns whose sums fit into one register, or two
UNROLLED = 32  # rows of b in a turn of the loop for a vector; with fewer, weights come from the level-2 cache at half the speed


@intrinsic
def pointer(_, array, at):
    """The address of array[at]."""

    def codegen(context, builder, signature, args):
        return builder.gep(cgutils.create_struct_proxy(signature.args[0])(context, builder, args[0]).data, [args[1]])

    return types.CPointer(array.dtype)(array, types.intp), codegen


@intrinsic(prefer_literal=True)
def add_rows(_, rows, first, a, inner, b, columns, c):
    """`add_product_of_pointers` for `rows` rows (a literal) from `first` on, in strips of as many columns as fit into registers."""
    count = rows.literal_value
    widest = 8 if count == 1 else 4 if LANES == 16 else 2

    def codegen(context, builder, signature, args):
        _, first, a, inner, b, columns, c = args
        number, index = context.get_value_type(signature.args[2].dtype), inner.type
        align = context.get_abi_sizeof(number)

        def element(matrix, row, length, column):
            return builder.gep(matrix, [builder.add(builder.mul(row, length), column)])

        def accumulate(sums, k, u):  # sums[r] += a[first + r, k] * b[k, u : u + width]
            vector = sums[0].allocated_type
            weights = builder.load(builder.bitcast(element(b, k, columns, u), vector.as_pointer()), align=align)
            none, zeros = ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None)
            for r, total in enumerate(sums):
                x = builder.load(element(a, builder.add(first, index(r)), inner, k))
                x = builder.shuffle_vector(builder.insert_element(none, x, ir.IntType(32)(0)), none, zeros)
                builder.store(builder.fadd(builder.load(total), builder.fmul(x, weights)), total)

        def strip(u, width):
            vector = ir.VectorType(number, width)
            outs = [builder.bitcast(element(c, builder.add(first, index(r)), columns, u), vector.as_pointer()) for r in range(count)]
            sums = [cgutils.alloca_once(builder, vector) for _ in outs]
            for total, out in zip(sums, outs, strict=True):
                builder.store(builder.load(out, align=align), total)
            unrolled = UNROLLED if count == 1 else 1
            turns = builder.sdiv(inner, index(unrolled))
            with cgutils.for_range(builder, turns) as turn:
                for k in range(unrolled):
                    accumulate(sums, builder.add(builder.mul(turn.index, index(unrolled)), index(k)), u)
            with cgutils.for_range_slice(builder, builder.mul(turns, index(unrolled)), inner, index(1)) as (k, _):
                accumulate(sums, k, u)
            for total, out in zip(sums, outs, strict=True):
                builder.store(builder.load(total), out, align=align)

        done = index(0)
        for width in [LANES * n for n in (8, 4, 2, 1) if n <= widest] + [LANES // 2, 1]:
            strips = builder.sdiv(builder.sub(columns, done), index(width))
            with cgutils.for_range(builder, strips) as loop:
                strip(builder.add(done, builder.mul(loop.index, index(width))), width)
            done = builder.add(done, builder.mul(strips, index(width)))
        return context.get_dummy_value()

    return types.none(rows, first, a, inner, b, columns, c), codegen


@compiled
def add_product_of_pointers(a, rows, inner, b, columns, c):
    """c += a @ b for pointers to row-major matrices: (rows, inner) @ (inner, columns)."""
    for row in range(0, rows - 3, 4):
        add_rows(4, row, a, inner, b, columns, c)
    for row in range(rows // 4 * 4, rows):
        add_rows(1, row, a, inner, b, columns, c)


@inlined
def add_product(a, a_at, rows, inner, b, b_at, columns, c, c_at):
    """c += a @ b for row-major matrices that begin at a_at, b_at and c_at of arrays: (rows, inner) @ (inner, columns)."""
    add_product_of_pointers(pointer(a, a_at), rows, inner, pointer(b, b_at), columns, pointer(c, c_at))


@compiled
def _built(x):
    add_product(x, 0, 1, 1, x, 0, 1, x, 0)


_built(np.ones(1, np.float32))  # fails on import if the installed numba can't build it, so that `plain_product` takes its place
