"""Runs a model's steps (`playground.program.builder`) by torch: on any device, and without numba, which is far faster."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from playground.models.autoregressive.lstm import cell
from playground.models.autoregressive.pixelcnnpp import NARROWEST, of_plane, over_values
from playground.program import builder as op
from playground.sampling.reference import draw


def distribution(program: op.Program, numbers: Tensor) -> Tensor:
    """Logits of a plane's values, (N, levels), from the program's output: logits, or the parameters of logistics (N, 3 K)."""
    if not program.mixtures:
        return numbers
    weight, mean, log_scale = numbers.unflatten(1, (3, program.mixtures)).unbind(1)
    return over_values(weight.log_softmax(1), mean, log_scale.clamp(min=NARROWEST), program.levels)


class Run:
    """Images being written: see `numba_backend.Run`, whose arguments these are."""

    def __init__(self, program: op.Program, y: Tensor, noise: Tensor, x: Tensor, missing: Tensor, temperature: float):
        self.program, self.noise, self.x, self.missing, self.temperature = program, noise, x, missing, temperature
        self.n, self.weights, self.done = len(y), program.weights, 0
        self.memory = self.weights.new_zeros(program.memory * self.n)
        self.table, self.image, self.output = program.table.tolist(), program.image.tolist(), program.output.tolist()
        for at, biases in program.labels:
            self.memory[at * self.n : (at + biases.shape[1]) * self.n] = biases[y].flatten()

    @torch.inference_mode()  # a context of the calling thread, and this may be another one
    def until(self, pixel: int) -> None:
        """Writes all pixels before this one."""
        for place in range(self.done, pixel):
            self._write(*divmod(place, self.program.size))
        self.done = pixel

    def _write(self, i: int, j: int) -> None:
        p, own = self.program, self.part(self.image, i, j)[0]  # (N, planes), or with ones
        if j == 0:
            for line in self.table[: p.rows]:
                if i % (1 << line[2]) == 0 and (i or line[1] != op.LATER_ROW):
                    self._operate(line, i, 0, 0)
        for plane in range(p.planes):
            if p.chained or self.missing[:, i].any():
                for line in self.table[p.rows :]:
                    if (plane == 0 or line[1] != op.PIXEL) and (i | j) % (1 << line[2]) == 0:
                        self._operate(line, i, j, plane)
            if self.missing[:, i, j].any():
                numbers, count = self.part(self.output, i, j)[0], 3 * p.mixtures or p.levels
                numbers = numbers[:, plane * count : (plane + 1) * count] if p.every_plane else numbers
                values = draw(distribution(p, numbers), self.noise[:, plane, i, j], self.temperature).to(self.x.dtype) / (p.levels - 1)
                self.x[:, plane, i, j] = torch.where(self.missing[:, i, j], values, self.x[:, plane, i, j])
            own[:, plane] = 2 * self.x[:, plane, i, j] - 1
        own[:, p.planes :] = 1

    def part(self, value: list[int], i: int, j: int, places: int = 1, below: int = 0) -> Tensor:
        """A view of a value at pixel (i, j), or `below` rows below it: (places, N, features), or for weights (places, 1, features)."""
        rows, features, at, shift, row_add, row_mod, row_stride, column_mod, column_stride, in_memory = value
        at += ((i >> shift) + row_add + below) % row_mod * row_stride + (j >> shift) % column_mod * column_stride
        if not in_memory:
            return self.weights[at : at + places * features].view(places, 1, features)
        places = places if rows == op.WHOLE else 1
        return self.memory[at * self.n : (at + places * features) * self.n].view(places, self.n, features)

    def _operate(self, line: list[int], i: int, j: int, plane: int) -> None:
        code, places, n = line[0], line[3], self.n
        values = [line[first : first + op.VALUE] for first in range(op.VALUES, len(line), op.VALUE)]
        if code == op.GATHER:
            height, columns, features, stride, spread, first = line[5 : op.VALUES]
            out, length = self.part(values[0], i, j, (places - 1) * spread + 1)[::spread], columns * features
            for below in range(height):
                seen = self.part(values[1], i, j, (places - 1) * stride + columns, below)  # (places, N, features)
                window = seen.unfold(0, columns, stride).transpose(2, 3).flatten(2)  # (places, N, columns * features)
                out[..., first + below * length : first + (below + 1) * length] = window
            return
        out = self.part(values[0], i, j, places)
        operands: list[Any] = [None if value[0] == op.ABSENT else self.part(value, i, j, places) for value in values[1:]]
        a, *others = operands
        if code == op.DOT:
            height, columns, features = line[5:8]
            seen = [self.part(values[1], i, j, places + columns - 1, below).unfold(0, columns, 1) for below in range(height)]
            seen = torch.stack(seen, 2).permute(0, 1, 2, 4, 3).flatten(2)  # (places, N, rows * columns * features)
            at, width = self.part(values[2], i, j).storage_offset(), values[0][1]
            sums = seen @ self.weights[at : at + seen.shape[2] * width].view(-1, width)
            if values[3][0] != op.ABSENT:
                sums = sums + self.part(values[3], i, j)
            self._finish(line, out, sums, others[2:])
        elif code == op.ADD:
            self._finish(line, out, a, others)
        elif code == op.GATE:
            f, g = a.chunk(2, 2)
            self._finish(line, out, torch.tanh(f) * torch.sigmoid(g), others)
        elif code == op.GATED_SUM:
            f, g = others[0].expand(places, n, -1).chunk(2, 2)
            out[:] = a + f * torch.sigmoid(g)
        elif code == op.ELU:
            out[:] = F.elu(a)
        elif code == op.CONCAT_ELU:
            out[:] = F.elu(torch.cat([a, -a], 2))
        elif code == op.CELL:
            h, c = cell(a.flatten(0, 1), others[0].flatten(0, 1))
            out[:], others[0][:] = h.view_as(out), c.view_as(out)
        elif code == op.LOG_MEAN:
            models = len(a[0, 0]) // out.shape[2]
            log_p = a.unflatten(2, (models, -1, self.program.levels)).log_softmax(-1)
            out[:] = (log_p.logsumexp(2) - math.log(models)).flatten(2)
        elif code == op.MIXTURE:
            out[0] = torch.cat(of_plane(a[0], (others[0][0] + 1) / 2, plane, self.program.levels), 1)
        else:
            out[:] = 0

    def _finish(self, line: list[int], out: Tensor, sums: Tensor, others: list[Tensor | None]) -> None:
        for other in others:
            if other is not None:
                sums = sums + other
        out[:] = F.relu(sums) if line[4] == op.RELU else sums
