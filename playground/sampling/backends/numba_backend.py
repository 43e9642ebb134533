"""Runs a model's steps (`playground.program.builder`) on the processor, compiled by numba: the same few loops for every model.

The kernels release Python's lock, so that several threads can write several images.  Matrix products are those of `llvm_product`, or plain
loops (`plain_product`) if the installed numba can't build them.  `playground/browser/steps.c` does the same operations in the same order
and gets the same bits, which a test compares: a change to one is a change to both.
"""

import math
import warnings

import numpy as np
import torch
from numba import types
from numba.extending import overload
from torch import Tensor

from playground.models.autoregressive.pixelcnnpp import NARROWEST
from playground.program import builder as op
from playground.sampling.backends.numba_options import compiled, inlined

try:
    from playground.sampling.backends.llvm_product import add_product
except Exception as error:  # it needs interfaces that numba does not document
    warnings.warn(f"The fast product of matrices could not be built; plain loops are slower ({error!r}).", RuntimeWarning, stacklevel=2)
    from playground.sampling.backends.plain_product import add_product

OUT, A, B, C = (op.VALUES + k * op.VALUE for k in range(4))


# --- functions of one number, in its own precision ---


def half(x):
    """0.5 in x's type: a literal would be a float64 to numba, and the computation with it."""


@overload(half)
def _half(x):
    return (lambda x: np.float32(0.5)) if x == types.float32 else (lambda x: 0.5)


def tanh_ratio(x):
    """p and q whose ratio is tanh x, in float32 to the last two bits, without a table or a branch, so that the loop is vectorized."""


@overload(tanh_ratio)
def _tanh_ratio(x):
    if x != types.float32:
        return lambda x: (math.tanh(x), 1.0)

    def rational(x):  # coefficients as in Eigen's `ptanh`
        x = min(max(x, np.float32(-7.90531110763549805)), np.float32(7.90531110763549805))
        y = x * x
        p = y * np.float32(-2.76076847742355e-16) + np.float32(2.00018790482477e-13)
        p = y * p + np.float32(-8.60467152213735e-11)
        p = y * p + np.float32(5.12229709037114e-08)
        p = y * p + np.float32(1.48572235717979e-05)
        p = y * p + np.float32(6.37261928875436e-04)
        p = y * p + np.float32(4.89352455891786e-03)
        q = y * np.float32(1.19825839466702e-06) + np.float32(1.18534705686654e-04)
        q = y * q + np.float32(2.26843463243900e-03)
        q = y * q + np.float32(4.89352518554385e-03)
        return x * p, q

    return rational


@compiled
def times_sigmoid(x, g, d):
    """x / d * sigmoid(g), where sigmoid(g) = (1 + tanh(g / 2)) / 2."""
    p, q = tanh_ratio(half(g) * g)
    return half(g) * x * (q + p) / (q * d)


@compiled
def gate(f, g):
    p, q = tanh_ratio(f)
    return times_sigmoid(p, g, q)


@compiled
def elu(x):
    """x, or below zero exp(x) - 1 = 2 t / (1 - t) with t = tanh(x / 2)."""
    zero = half(x) - half(x)
    p, q = tanh_ratio(half(x) * min(x, zero))
    return max(x, zero) + p / (half(x) * (q - p))


# --- one operation ---


@inlined
def address(value, i, j, n, below=0):
    """The address of a value, a part of the table's line, at pixel (i, j) of n images, or `below` rows below it."""
    at = value[2]
    if value[6]:
        at += (((i >> value[3]) + value[4] + below) & (value[5] - 1)) * value[6]
    if value[8]:
        column = j >> value[3]
        at += (column if column < value[7] else column % value[7]) * value[8]
    return at * n if value[9] else at


@inlined
def operate(line, i, j, plane, n, levels, memory, weights):
    """Executes one line of the table."""
    code, rows = line[0], line[3] * n
    out, a, b = line[OUT:A], line[A:B], line[B:C]
    o, x, width = address(out, i, j, n), address(a, i, j, n), out[1]
    if code == op.DOT:
        height, columns, features = line[5], line[6], line[7]
        set_out(line, i, j, n, o, rows, width, memory, weights)
        tap, window, taps = address(b, i, j, n), features, columns
        if rows == 1:  # columns lie side by side
            window, taps = columns * features, 1
        for below in range(height):
            x = address(a, i, j, n, below)
            for t in range(taps):
                add_product(memory, x + t * n * features, rows, window, weights, tap, width, memory, o)
                tap += window * width
        finish(line, memory[o : o + rows * width])
    elif code == op.GATHER:
        gather(line, i, j, n, o, memory)
    elif code == op.ADD:
        copy(memory[o : o + rows * width], memory[x : x + rows * width])
        if b[0] != op.ABSENT:
            plus(b, i, j, n, o, rows, width, memory, weights)
        finish(line, memory[o : o + rows * width])
    elif code == op.GATE:
        for r in range(rows):
            f = x + 2 * r * width
            gates(memory[o + r * width : o + (r + 1) * width], memory[f : f + width], memory[f + width : f + 2 * width])
        if b[0] != op.ABSENT:
            plus(b, i, j, n, o, rows, width, memory, weights)
    elif code == op.GATED_SUM:
        begin = address(b, i, j, n)
        for r in range(rows):
            c, at = begin + 2 * r * width, r * width
            gated_sum(
                memory[o + at : o + at + width], memory[x + at : x + at + width], memory[c : c + width], memory[c + width : c + 2 * width]
            )
    elif code == op.ELU:
        elus(memory[o : o + rows * width], memory[x : x + rows * width])
    elif code == op.CONCAT_ELU:
        width = a[1]
        for r in range(rows):
            to, at = o + 2 * r * width, x + r * width
            concat_elu(memory[to : to + width], memory[to + width : to + 2 * width], memory[at : at + width])
    elif code == op.CELL:
        c = address(b, i, j, n)
        for r in range(rows):
            f, at = x + 4 * r * width, r * width
            cell(memory[o + at : o + at + width], memory[c + at : c + at + width], memory[f : f + 4 * width])
    elif code == op.MIXTURE:
        pixel = address(b, i, j, n)
        for image in range(n):
            at, to = x + image * a[1], o + image * width
            mixture(memory[at : at + a[1]], memory[pixel + image * b[1] :], plane, levels, memory[to : to + width])
    elif code == op.LOG_MEAN:
        for image in range(n):
            at, to = x + image * a[1], o + image * width
            log_mean(memory[at : at + a[1]], levels, memory[to : to + width])
    else:
        memory[o : o + rows * width] = 0


@inlined
def gather(line, i, j, n, o, memory):
    """Copies the rows and columns that an op.GATHER names side by side."""
    a, width = line[A:B], line[OUT + 1]
    height, columns, features, stride, spread, first = line[5], line[6], line[7], line[8], line[9], line[10]
    runs, length = (1, columns * features) if n == 1 else (columns, features)  # of numbers that lie side by side
    for below in range(height):
        x = address(a, i, j, n, below)
        for place in range(line[3]):
            for image in range(n):
                to = o + (place * spread * n + image) * width + first + below * columns * features
                for run in range(runs):
                    at = x + ((place * stride + run) * n + image) * features
                    copy(memory[to : to + length], memory[at : at + length])
                    to += length


@inlined
def set_out(line, i, j, n, o, rows, width, memory, weights):
    """Initialises the results of an op.DOT with the bias and the other addends."""
    if line[C] == op.ABSENT:
        memory[o : o + rows * width] = 0
    else:
        bias = address(line[C : C + op.VALUE], i, j, n)
        for r in range(o, o + rows * width, width):
            copy(memory[r : r + width], weights[bias : bias + width])
    for first in (C + op.VALUE, C + 2 * op.VALUE):
        if line[first] != op.ABSENT:
            plus(line[first : first + op.VALUE], i, j, n, o, rows, width, memory, weights)


@inlined
def finish(line, out):
    if line[4] == op.RELU:
        for u in range(len(out)):
            out[u] = max(out[u], half(out[u]) - half(out[u]))


@inlined
def plus(value, i, j, n, o, rows, width, memory, weights):
    """Adds a value to rows of results that begin at o."""
    at = address(value, i, j, n)
    if value[0] == op.WHOLE:
        add(memory[o : o + rows * width], memory[at : at + rows * width])
    else:
        for r in range(rows):
            to, f = memory[o + r * width : o + (r + 1) * width], at + (r // n if value[0] == op.PER_PLACE else r % n) * width
            add(to, weights[f : f + width] if value[0] == op.PER_PLACE else memory[f : f + width])


# --- loops over arrays that do not overlap, which are vectorized ---


@inlined
def copy(out, x):
    for u in range(len(out)):
        out[u] = x[u]


@inlined
def add(out, x):
    for u in range(len(out)):
        out[u] += x[u]


@inlined
def gates(out, f, g):
    for u in range(len(out)):
        out[u] = gate(f[u], g[u])


@inlined
def gated_sum(out, x, a, b):
    for u in range(len(out)):
        out[u] = x[u] + times_sigmoid(a[u], b[u], half(a[u]) + half(a[u]))


@inlined
def elus(out, x):
    for u in range(len(out)):
        out[u] = elu(x[u])


@inlined
def concat_elu(out, negative, x):
    for u in range(len(out)):
        out[u] = elu(x[u])
        negative[u] = elu(-x[u])


@compiled
def cell(h, c, numbers):
    """`playground.models.autoregressive.lstm.cell`: the sums come in the order o, f, i, g."""
    width = len(h)
    o, f, i, g = numbers[:width], numbers[width : 2 * width], numbers[2 * width : 3 * width], numbers[3 * width :]
    for u in range(width):
        c[u] = times_sigmoid(c[u], f[u], half(c[u]) + half(c[u])) + gate(g[u], i[u])
        h[u] = gate(c[u], o[u])


# --- distributions of a plane's value, in double precision: float(x) of a float32 is a float32 in numba ---


@compiled
def log_sigmoid(x):
    return min(x, 0.0) - math.log1p(math.exp(-abs(x)))


@compiled
def mixture(parameters, pixel, plane, levels, out):
    """`pixelcnnpp.of_plane`: the mixture of one plane given the planes before it; pixel in [-1, 1]."""
    count = len(out) // 3
    for k in range(count):
        weight = np.float64(parameters[k])
        for c in range(plane + 1):
            mean, log_scale = np.float64(parameters[(1 + c) * count + k]), max(np.float64(parameters[(4 + c) * count + k]), NARROWEST)
            if c == 1:
                mean += math.tanh(np.float64(parameters[7 * count + k])) * pixel[0]
            if c == 2:
                first, second = math.tanh(np.float64(parameters[8 * count + k])), math.tanh(np.float64(parameters[9 * count + k]))
                mean += first * pixel[0] + second * pixel[1]
            if c == plane:
                out[k], out[count + k], out[2 * count + k] = weight, mean, log_scale
            else:
                inverse = math.exp(-log_scale) * (2 / (levels - 1))
                bins = (pixel[c] - mean) * ((levels - 1) / 2)
                value = round((pixel[c] + 1) * ((levels - 1) / 2))
                if value < levels - 1:
                    weight += log_sigmoid((bins + 0.5) * inverse)
                if value > 0:
                    weight += log_sigmoid((0.5 - bins) * inverse)
                if 0 < value < levels - 1:
                    weight += math.log(-math.expm1(-inverse))


@compiled
def log_mean(logits, levels, out):
    """log of the mean of several models' probabilities, from their logits, one model after another, which become log-probabilities."""
    for first in range(0, len(logits), levels):
        total = log_sum_exp(logits[first : first + levels])
        for v in range(first, first + levels):
            logits[v] = np.float64(logits[v]) - total
    width = len(out)
    for v in range(width):
        out[v] = log_sum_exp(logits[v::width]) - math.log(len(logits) / width)


@compiled
def log_sum_exp(numbers):
    highest, total = -math.inf, 0.0
    for number in numbers:
        highest = max(highest, np.float64(number))
    for number in numbers:
        total += math.exp(np.float64(number) - highest)
    return math.log(total) + highest


@inlined  # so that the search, which needs the first result alone, does not compute the second
def below(parameters, count, value, levels):
    """P(at most this value), and P(more), under logistics with normalised weights."""
    if value >= levels - 1:
        return 1.0, 0.0
    less = more = 0.0
    for k in range(count):
        edge = (value + 0.5 - (parameters[count + k] + 1) * ((levels - 1) / 2)) * parameters[2 * count + k]
        less += parameters[k] / (1 + math.exp(-edge))
        more += parameters[k] / (1 + math.exp(edge))
    return less, more


@compiled
def draw_logistics(numbers, count, levels, noise, temperature, scratch):
    """Draws a value: the first at which the cumulative distribution exceeds the noise."""
    parameters, highest, total = scratch[: 3 * count], -math.inf, 0.0
    for k in range(count):
        highest = max(highest, numbers[k])
    for k in range(count):
        parameters[k] = math.exp(numbers[k] - highest)
        total += parameters[k]
    for k in range(count):
        parameters[k] /= total
        parameters[count + k] = numbers[count + k]
        parameters[2 * count + k] = math.exp(-max(np.float64(numbers[2 * count + k]), NARROWEST)) * (2 / (levels - 1))
    if temperature == 1:
        low, high = 0, levels - 1  # the value is in low .. high
        if noise > 0:  # the mixture passes the noise between the first and the last of its logistics
            first, last, logit = math.inf, -math.inf, math.log(noise / (1 - noise))
            for k in range(count):
                passes = (parameters[count + k] + 1) * ((levels - 1) / 2) + logit / parameters[2 * count + k]
                first, last = min(first, passes), max(last, passes)
            low, high = int(min(max(first - 2, 0.0), levels - 1.0)), int(min(max(last + 2, 0.0), levels - 1.0))
        while low < high:
            middle = (low + high) // 2
            if noise >= below(parameters, count, middle, levels)[0]:
                low = middle + 1
            else:
                high = middle
        return low
    logits = scratch[3 * count : 3 * count + levels]
    less, more = 0.0, 1.0
    for value in range(levels):
        less_now, more_now = below(parameters, count, value, levels)
        logits[value] = math.log(max(less_now - less if less_now < 0.5 else more - more_now, 1e-300))
        less, more = less_now, more_now
    return draw(logits, noise, temperature, scratch[3 * count + levels :])


@compiled
def draw(logits, noise, temperature, scratch):
    """`playground.sampling.reference.draw` of one image."""
    highest, total = -math.inf, 0.0
    for logit in logits:
        highest = max(highest, logit)
    for v in range(len(logits)):
        scratch[v] = math.exp((logits[v] - highest) / temperature)
        total += scratch[v]
    passed, value = scratch[0], 0
    while value < len(logits) - 1 and noise * total >= passed:
        value += 1
        passed += scratch[value]
    return value


# --- all of it ---


@compiled
def run(
    table, first, last, rows, image, output, every_plane, mixtures, chained, levels, memory, weights,
    x, missing, row_missing, noise, temperature, scratch,
):  # fmt: skip
    """Writes pixels `first` to `last`, the last excluded, of images x (N, planes, H, W) where they are `missing` (N, H, W)."""
    n, planes, height, width = x.shape
    count = 3 * mixtures if mixtures else levels
    for pixel in range(first, last):
        i, j = pixel // width, pixel % width
        if j == 0:
            for line in table[:rows]:
                if i >> line[2] << line[2] == i and (i > 0 or line[1] != op.LATER_ROW):
                    operate(line, i, 0, 0, n, levels, memory, weights)
        wanted = chained or row_missing[i]
        at = address(image, i, j, n)
        for plane in range(planes):
            if wanted:
                for line in table[rows:]:
                    if (plane == 0 or line[1] != op.PIXEL) and (i | j) >> line[2] << line[2] == i | j:
                        operate(line, i, j, plane, n, levels, memory, weights)
            for b in range(n):
                if missing[b, i, j]:
                    begin = address(output, i, j, n) + b * output[1] + (plane * count if every_plane else 0)
                    numbers = memory[begin : begin + count]
                    if mixtures:
                        value = draw_logistics(numbers, mixtures, levels, noise[b, plane, i, j], temperature, scratch)
                    else:
                        value = draw(numbers, noise[b, plane, i, j], temperature, scratch)
                    x[b, plane, i, j] = value / (levels - 1)
                memory[at + b * image[1] + plane] = 2 * x[b, plane, i, j] - 1
        if image[1] > planes:
            for b in range(n):
                memory[at + b * image[1] + planes] = 1


class Run:
    """Images being written, on the processor: see `cached`."""

    def __init__(self, program: op.Program, y: Tensor, noise: Tensor, x: Tensor, missing: Tensor, temperature: float):
        """y (N,), noise (N, planes, H, W), and x likewise, of which the `missing` pixels (N, H, W) are written, in place."""
        p, n, weights = program, len(y), program.weights.numpy()
        self.memory, self.done = torch.zeros(p.memory * n, dtype=p.weights.dtype).numpy(), 0  # torch aligns memory to cache lines
        for at, biases in p.labels:
            self.memory[at * n : (at + biases.shape[1]) * n] = biases[y].flatten().numpy()
        self.how = (p.rows, p.image, p.output, p.every_plane, p.mixtures, p.chained, p.levels, self.memory, weights)
        scratch = np.empty(3 * p.mixtures + 2 * p.levels)
        self.what = (x.numpy(), missing.numpy(), missing.any(2).any(0).numpy(), noise.numpy(), float(temperature), scratch)
        self.table = p.table
        run(self.table, 0, 0, *self.how, *self.what)  # no pixels: if the kernel can't be compiled for these types, it fails here

    def until(self, pixel: int) -> None:
        """Writes all pixels before this one."""
        run(self.table, self.done, pixel, *self.how, *self.what)
        self.done = pixel


def warm_up() -> None:
    """Compiles the kernels for float32, or loads them from the cache."""
    no, one, all_known = np.zeros(op.VALUE, np.int64), np.zeros(1, np.float32), np.zeros((1, 1, 1), bool)
    line, image = np.zeros((0, op.VALUES + 6 * op.VALUE), np.int64), np.zeros((1, 1, 1, 1), np.float32)
    run(line, 0, 0, 0, no, no, False, 0, False, 2, one, one, image, all_known, all_known[0, 0], image, 1.0, np.zeros(1))
