"""How a network is computed one row and one pixel at a time: `ProgramBuilder` records it once, as a table of small operations.

An autoregressive model's `steps` reads like its `forward`, on `BufferView`s instead of tensors.  Nothing is computed here: the samplers in
`playground.sampling` run the table, and no position of any layer is computed twice (arXiv 1704.06001).

The address of a place's features is linear in its row i and column j, modulo the rows of a ring buffer; so one table serves all pixels.
It serves all batch sizes, too: where one image has one number, a batch of N images has N, side by side.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

ROW, LATER_ROW, PIXEL, PLANE = range(4)  # when: once a row, once a row except the first, once a pixel, once a plane of a pixel
GATHER, DOT, ADD, ELU, CONCAT_ELU, GATE, GATED_SUM, CELL, MIXTURE, CLEAR, LOG_MEAN = range(11)  # what: see the methods of these names
RELU = 1  # applied to the sum of a DOT or an ADD; 0 for nothing
WHOLE, PER_IMAGE, PER_PLACE = range(3)  # the rows of a value: one for each place and image, one for each image, or one for each place

# a row of the table: code, when, shift, places, then, and the sizes; then, from this column on, six values: the output and its inputs
VALUES = 11
# a value, in the table: rows or ABSENT, features, base, shift, row_add, row_mod, row_stride, column_mod, column_stride, whether in memory
VALUE = 10
ABSENT = -1
WEIGHTS = -1  # the buffer number of parameters
LINE = 16  # float32 numbers in a line of the processor's cache: what is aligned to one is read at twice the speed
WIDE = 16  # with at least so many features a filter multiplies them in place, position by position, and gathers no copy of its window


@dataclass(frozen=True)
class BufferView:
    """A view of a buffer: features at one place, (N, features), or at several places of a row, (places, N, features)."""

    builder: "ProgramBuilder" = field(repr=False)
    buffer: int
    features: int
    places: int = 1
    base: int = 0
    shift: int = 0  # the image's side is 2^shift times that of the map
    row_add: int = 0
    row_mod: int = 1  # a power of two
    row_stride: int = 0
    column_mod: int = 1
    column_stride: int = 0
    rows: int = WHOLE

    def __add__(self, other: "BufferView") -> "BufferView":
        return self.builder.add(self, other)

    def here(self) -> "BufferView":
        """Of a row's features, those at the pixel's own column."""
        return replace(self, places=1, column_mod=self.places, column_stride=self.features)

    def place(self, column: int) -> "BufferView":
        """Of a row's features, those at one column."""
        return replace(self, places=1, base=self.base + column * self.features)


@dataclass(frozen=True)
class RingBuffer:
    """The last rows of a map of features, padded with zeros; `own` are the features at the current place."""

    own: BufferView

    def at(self, row: int, column: int, places: int) -> BufferView:
        """The features `row` rows below and `column` columns to the right, and those of the places that follow."""
        own = self.own
        return replace(own, row_add=own.row_add + row, base=own.base + column * own.features, places=places)


@dataclass
class Operation:
    code: int
    when: int
    shift: int
    places: int
    sizes: list[int]
    values: list[BufferView | None]  # its output, then its inputs
    then: int = 0


@dataclass(frozen=True)
class Program:
    """The finished table, and what else a sampler must know to run it."""

    table: np.ndarray  # int64 (operations, VALUES + 6 * VALUE), those of ROW and LATER_ROW first
    rows: int  # how many they are
    memory: int  # numbers an image
    weights: Tensor  # flat
    labels: list[tuple[int, Tensor]]  # (offset at which an image's label bias is stored, the biases of all labels (classes, features))
    image: np.ndarray  # the value of the current pixel, in the ring buffer that the sampler writes
    output: np.ndarray  # the value that holds the parameters of a plane's distribution
    every_plane: bool  # whether it holds those of all planes side by side
    mixtures: int  # 0: it holds logits of the levels; else log-weights, means and log-scales of so many logistics
    chained: bool  # whether the rows below depend on features that were computed at a row's pixels, and not on their colours alone
    levels: int
    planes: int
    size: int


class ProgramBuilder:
    """Records the steps of one model."""

    def __init__(self, size: int, planes: int, levels: int):
        self.size, self.planes, self.levels = size, planes, levels
        self.when, self.shift = ROW, 0
        self.operations: list[Operation] = []
        self.sizes: list[int] = []  # of each buffer, in numbers an image
        self.weights: list[Tensor] = []
        self.weights_size = 0
        self.labels: list[tuple[BufferView, Tensor]] = []
        self.reach = ABSENT  # of the image's ring buffer

    # --- when and where ---

    @contextmanager
    def each(self, when: int) -> Iterator[None]:
        """What is recorded inside is done once a ROW, for all its places, or once a PIXEL or PLANE, for it alone."""
        self.when, before = when, self.when
        yield
        self.when = before

    @contextmanager
    def halved(self) -> Iterator[None]:
        """What is recorded inside belongs to a map of half the side: it is done in every second row, and at every second pixel."""
        self.shift += 1
        yield
        self.shift -= 1

    @property
    def places(self) -> int:
        return 1 if self.when in (PIXEL, PLANE) else self.size >> self.shift

    # --- buffers and weights ---

    def value(self, features: int, places: int) -> BufferView:
        """Allocates a buffer for a result."""
        self.sizes.append(places * features)
        return BufferView(self, len(self.sizes) - 1, features, places, shift=self.shift)

    def band(self, features: int, above: int = 0, left: int = 0, right: int = 0) -> RingBuffer:
        """Allocates a ring buffer for a map's current row and `above` rows before it."""
        width = self.size >> self.shift
        columns, rows = left + width + right, _power_of_two(above + 1)
        self.sizes.append(rows * columns * features)
        where = {"base": left * features, "row_mod": rows, "row_stride": columns * features}
        return RingBuffer(
            BufferView(self, len(self.sizes) - 1, features, 1, shift=self.shift, column_mod=width, column_stride=features, **where)
        )

    def image(self, reach: int, ones: bool = False) -> RingBuffer:
        """The image in [-1, 1], which the sampler writes; with `ones` a last plane is 1 in the image and 0 in the padding.

        Models that are recorded together share it.  Raises ValueError if an earlier one of them sees less of it.
        """
        if self.reach == ABSENT:
            self.image_band, self.reach = self.band(self.planes + ones, reach, reach, reach), reach
        if reach > self.reach or self.image_band.own.features != self.planes + ones:
            raise ValueError("Of models that are recorded together, the first must see as far as any.")
        return self.image_band

    def weight(self, tensor: Tensor) -> BufferView:
        """A parameter of any shape."""
        base, tensor = self.weights_size, tensor.detach()
        self.weights.append(F.pad(tensor.reshape(-1), (0, -tensor.numel() % LINE)))
        self.weights_size += self.weights[-1].numel()
        return BufferView(self, WEIGHTS, tensor.shape[-1], base=base, rows=PER_PLACE)

    def label(self, biases: Tensor) -> BufferView:
        """The bias of each image's label, from the biases of all labels, (classes, features)."""
        value = replace(self.value(biases.shape[1], 1), rows=PER_IMAGE)
        self.labels.append((value, biases.detach()))
        return value

    def location(self, biases: Tensor) -> BufferView:
        """A position bias (C, size, size): its values at the row's places, or at the pixel."""
        value = self.weight(biases.permute(1, 2, 0))  # (size, size, C)
        value = replace(value, places=self.size, row_mod=_power_of_two(self.size), row_stride=self.size * value.features)
        return value if self.places > 1 else value.here()

    # --- operations ---

    def _op(self, code: int, out: BufferView, *values: BufferView | None, sizes: tuple[int, ...] = (), then: int = 0) -> BufferView:
        places = values[0].places if values else out.places
        self.operations.append(Operation(code, self.when, self.shift, places, list(sizes), [out, *values], then))
        return out

    def gather(self, band: RingBuffer, rows: range = range(1), columns: range = range(1), stride: int = 1) -> BufferView:
        """What a filter sees in a ring buffer, (places, N, rows * columns * features); rows and columns: its offsets from the place."""
        features = band.own.features
        seen = self.value(len(rows) * len(columns) * features, self.places)
        return self._op(GATHER, seen, band.at(rows[0], columns[0], self.places), sizes=(len(rows), len(columns), features, stride, 1))

    def convolve(
        self, band: RingBuffer, rows: range, columns: range, kernel: Tensor, bias: Tensor | None = None, stride: int = 1
    ) -> BufferView:  # fmt: skip
        """Applies a filter (out, in, rows, columns); rows and columns: its offsets from the place (of the smaller map, with a stride)."""
        weight = self.weight(kernel.permute(2, 3, 1, 0).flatten(0, 2))  # (rows * columns * in, out)
        if stride > 1 or band.own.features < WIDE:
            return self.linear(self.gather(band, rows, columns, stride), weight, bias)
        out, seen = self.value(weight.features, self.places), band.at(rows[0], columns[0], self.places)
        return self._op(DOT, out, seen, weight, bias if bias is None else self.weight(bias), sizes=(len(rows), len(columns), seen.features))

    def store(self, x: BufferView, band: RingBuffer, column: int = 0) -> RingBuffer:
        """Stores x, a row or a pixel, at its place in its map; with `column`, the pixel of that column of the row."""
        self._op(GATHER, band.at(0, column, x.places), x, sizes=(1, 1, x.features, 1, 1))
        return band

    def seen(self, x: RingBuffer | BufferView, above: int = 0, left: int = 0, right: int = 0) -> RingBuffer:
        """x as a ring buffer with so many rows and columns around the place: x itself, or a new one in which x is stored."""
        return x if isinstance(x, RingBuffer) else self.store(x, self.band(x.features, above, left, right))

    def spread(self, parts: list[BufferView]) -> BufferView:
        """Interleaves the places of two rows: (places, N, C) twice -> (2 * places, N, C)."""
        out = self.value(parts[0].features, len(parts) * parts[0].places)
        for k, part in enumerate(parts):
            self._op(GATHER, out.place(k), part, sizes=(1, 1, part.features, 1, len(parts)))
        return out

    def concat(self, parts: list[BufferView]) -> BufferView:
        """Features side by side."""
        out, first = self.value(sum(part.features for part in parts), parts[0].places), 0
        for part in parts:
            self._op(GATHER, out, part, sizes=(1, 1, part.features, 1, 1, first))
            first += part.features
        return out

    def linear(self, x: BufferView, weight: BufferView | Tensor, bias: Tensor | None = None) -> BufferView:
        """F.linear: weight (out, in), or as a `weight` (in, out), and bias (out)."""
        weight = self.weight(weight.T) if isinstance(weight, Tensor) else weight
        out = self.value(weight.features, x.places)
        return self._op(DOT, out, x, weight, None if bias is None else self.weight(bias), sizes=(1, 1, x.features))

    def add(self, a: BufferView, b: BufferView) -> BufferView:
        return self._op(ADD, self.value(a.features, a.places), a, b)

    def relu(self, x: BufferView) -> BufferView:
        return self._op(ADD, self.value(x.features, x.places), x, None, then=RELU)

    def elu(self, x: BufferView) -> BufferView:
        return self._op(ELU, self.value(x.features, x.places), x)

    def concat_elu(self, x: BufferView) -> BufferView:
        """ELU of x and of -x, side by side."""
        return self._op(CONCAT_ELU, self.value(2 * x.features, x.places), x)

    def gate(self, x: BufferView) -> BufferView:
        """tanh of x's first half times sigmoid of its second."""
        return self._op(GATE, self.value(x.features // 2, x.places), x)

    def gated_sum(self, x: BufferView, c: BufferView) -> BufferView:
        """x plus c's first half times sigmoid of its second."""
        return self._op(GATED_SUM, self.value(x.features, x.places), x, c)

    def cell(self, gates: BufferView, c: BufferView) -> BufferView:
        """`playground.models.autoregressive.lstm.cell`: h; and c changes in place."""
        return self._op(CELL, self.value(c.features, gates.places), gates, c)

    def clear(self, x: BufferView) -> None:
        """Sets x to zero."""
        self._op(CLEAR, x)

    def sequence(self, layers: nn.Sequential, x: BufferView) -> BufferView:
        """ReLU, ELU, and layers that have a `step` of their own."""
        for layer in layers:
            x = self.relu(x) if isinstance(layer, nn.ReLU) else self.elu(x) if isinstance(layer, nn.ELU) else layer.step(self, x)
        return x

    def log_mean(self, logits: list[BufferView]) -> BufferView:
        """log of the mean of softmaxes over each `levels` logits that follow one another: several (N, planes * levels) -> one."""
        return self._op(LOG_MEAN, self.value(logits[0].features, 1), self.concat(logits))

    def mixture(self, parameters: BufferView, mixtures: int) -> BufferView:
        """`Mixture` of `pixelcnnpp.py` for the current plane, given those before it: (N, 10 K) -> (N, 3 K), see `logistics`."""
        return self._op(MIXTURE, self.value(3 * mixtures, 1), parameters, self.image_band.own, sizes=(mixtures,))

    # --- the table ---

    def softmax(self, logits: BufferView) -> BufferView:
        """Makes the logits of a plane's values, (N, levels), or of all planes', (N, planes * levels), the program's output."""
        self.output, self.mixtures = logits, 0
        return logits

    def logistics(self, parameters: BufferView, mixtures: int) -> BufferView:
        """Makes log-weights (up to a constant), means and log-scales of K discretised logistics, a plane's or all planes', the output."""
        self.output, self.mixtures = parameters, mixtures
        return parameters

    def program(self) -> Program:
        """What was recorded, with the output that was named last."""
        output, mixtures = self.output, self.mixtures
        self.operations.sort(key=lambda op: op.when in (PIXEL, PLANE))  # a stable sort
        self._fuse(output)
        self._in_place()
        offsets, memory = self._offsets(output)
        every_plane = output.features > (3 * mixtures or self.levels)
        rows = [op for op in self.operations if op.when in (ROW, LATER_ROW)]
        read = {value.buffer for op in rows for value in op.values[1:] if value and value.buffer != WEIGHTS}
        written = [op.values[0] for op in self.operations[len(rows) :]]
        chained = any(value.buffer in read or value.row_mod > 1 for value in written)
        table = np.zeros((len(self.operations), VALUES + 6 * VALUE), np.int64)
        table[:, VALUES::VALUE] = ABSENT
        for line, op in zip(table, self.operations):
            line[: 5 + len(op.sizes)] = [op.code, op.when, op.shift, op.places, op.then, *op.sizes]
            for k, value in enumerate(op.values):
                if value:
                    line[VALUES + k * VALUE : VALUES + (k + 1) * VALUE] = _numbers(value, offsets)
        return Program(
            table, len(rows), memory, torch.cat(self.weights), [(offsets[value.buffer], weight) for value, weight in self.labels],
            _numbers(self.image_band.own, offsets), _numbers(output, offsets), every_plane, mixtures, chained,
            self.levels, self.planes, self.size,
        )  # fmt: skip

    def _in_place(self) -> None:
        """Lets a value that is stored in a ring buffer be computed there, if all its uses take it whole and in the same pass."""
        for store in [op for op in self.operations if op.code == GATHER and op.values[0].row_stride and op.sizes[:2] == [1, 1]]:
            to, x = store.values
            users = [(op, k) for op in self.operations for k, value in enumerate(op.values) if value and value.buffer == x.buffer]
            alike = all(replace(op.values[k], places=1) == replace(x, places=1, base=0) for op, k in users)
            together = {(op.when, op.shift, op.values[k].places) for op, k in users} == {(store.when, store.shift, x.places)}
            if alike and together and x.base == 0 and sum(k == 0 for _, k in users) == 1 and x.rows == WHOLE and not x.row_stride:
                for op, k in users:
                    op.values[k] = to
                self.operations.remove(store)

    def _fuse(self, output: BufferView) -> None:
        """Fuses a DOT or a GATE with the addition or the ReLU that follows, unless the intermediate result is used elsewhere, too."""
        uses = [value.buffer for op in self.operations for value in op.values[1:] if value] + [output.buffer]
        fused: list[Operation] = []
        for op in self.operations:
            last = fused[-1] if fused else None
            at_once = last and op.code == ADD and (last.when, last.shift) == (op.when, op.shift)
            if at_once and not last.then and uses.count(last.values[0].buffer) == 1:
                a, b = op.values[1:]
                other = b if a.buffer == last.values[0].buffer else a
                if last.values[0].buffer in (a.buffer, b and b.buffer) and (
                    (last.code == DOT and len(last.values) + (other is not None) <= 6) or (last.code == GATE and len(last.values) == 2)
                ):
                    last.values = [op.values[0], *last.values[1:], *([other] if other else [])]
                    last.then = op.then
                    continue
            fused.append(op)
        self.operations = fused

    def _offsets(self, output: BufferView) -> tuple[list[int], int]:
        """The offset of each buffer, and the size of all.  Buffers that are used in one pass only share memory."""
        touched: dict[int, list[int]] = {}  # buffer -> the operations that use it
        kept = {value.buffer for value, _ in self.labels} | {self.image_band.own.buffer, output.buffer}
        for k, op in enumerate(self.operations):
            for value in op.values:
                if value and value.buffer != WEIGHTS:
                    touched.setdefault(value.buffer, []).append(k)
                    if value.row_stride or op.code in (CELL, CLEAR) and value is op.values[-1]:
                        kept.add(value.buffer)  # a ring buffer, or a state
        for buffer, by in touched.items():
            if len({(self.operations[k].when, self.operations[k].shift) for k in by}) > 1:
                kept.add(buffer)
        sizes = [size + -size % LINE for size in self.sizes]
        offsets, end = [0] * len(sizes), 0
        for buffer in sorted(kept):
            offsets[buffer], end = end, end + sizes[buffer]
        live: dict[int, tuple[int, int]] = {}  # temporary buffer -> (start, end)
        for k in range(len(self.operations)):
            for buffer in [b for b, by in touched.items() if by[0] == k and b not in kept]:
                at, size = 0, sizes[buffer]
                for first, last in sorted(live.values()):
                    if first - at >= size:
                        break
                    at = max(at, last)
                live[buffer] = (at, at + size)
                offsets[buffer] = end + at
            for buffer in [b for b in live if touched[b][-1] == k]:
                del live[buffer]
        total = max([end] + [offsets[b] + sizes[b] for b in touched])
        return offsets, total


def _power_of_two(at_least: int) -> int:
    return 1 << (at_least - 1).bit_length()


def _numbers(value: BufferView, offsets: list[int]) -> np.ndarray:
    base = value.base + (0 if value.buffer == WEIGHTS else offsets[value.buffer])
    where = [base, value.shift, value.row_add, value.row_mod, value.row_stride, value.column_mod, value.column_stride]
    return np.array([value.rows, value.features, *where, value.buffer != WEIGHTS], np.int64)
