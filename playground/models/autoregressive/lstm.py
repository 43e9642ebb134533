"""An LSTM over lines of an image, one line at a time: rows (Row LSTM) or diagonals (Diagonal BiLSTM) of arXiv 1601.06759."""

import torch
from torch import Tensor
from torch.nn import functional as F


def cell(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Equations 3: gates (N, 4h, ...), the sums inside the brackets, in the order o, f, i, g, and c (N, h, ...) -> h and the next c."""
    o, f, i, g = gates.chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def recur(gates: Tensor, weight: Tensor, before: int, spans: list[tuple[int, int]]) -> Tensor:
    """The states h of S LSTMs that run side by side over L lines: (L, S, W, N, h), zero outside the spans.

    Args:
        gates: input-to-state, (L, S, W, N, 4h), for each line, LSTM and place on the line, in the order o, f, i, g.
        weight: state-to-state, (S, k, h, 4h): a convolution over the line before.
        before: how many places to the left the convolution begins: place j sees j - before ... j - before + k - 1.
        spans: (first, last + 1) of the places that exist on each line.
    """
    with torch.autocast(gates.device.type, enabled=False):  # c is a sum of many terms: never in bfloat16
        return _LSTM.apply(gates, weight, before, spans)


class _LSTM(torch.autograd.Function):
    """`cell`, line after line.  Two to four times as fast on a CPU as autograd's own way, which makes many small tensors."""

    @staticmethod
    def forward(ctx, gates, weight, before, spans):
        (lines, s, width, n, _), (k, h) = gates.shape, weight.shape[1:3]
        act = torch.empty(gates.shape, dtype=weight.dtype, device=weight.device).copy_(gates)  # becomes the gates' values
        hs = act.new_zeros(lines + 1, s, width + k - 1, n, h)  # line 0, and the places around a line, are zero
        cs = act.new_zeros(lines + 1, s, width, n, h)
        tanh_c = act.new_zeros(lines, s, width, n, h)
        for line, (first, end) in enumerate(spans):
            a = act[line, :, first:end]  # (S, places, N, 4h)
            for t in range(k):
                seen = hs[line, :, first + t : end + t].reshape(s, -1, h)
                a.view(s, -1, 4 * h).baddbmm_(seen, weight[:, t])
            a[..., : 3 * h].sigmoid_()
            a[..., 3 * h :].tanh_()
            o, f, i, g = a.chunk(4, dim=-1)
            c = torch.mul(f, cs[line, :, first:end], out=cs[line + 1, :, first:end]).addcmul_(i, g)
            torch.mul(o, torch.tanh(c, out=tanh_c[line, :, first:end]), out=hs[line + 1, :, before + first : before + end])
        ctx.save_for_backward(act, hs, cs, tanh_c, weight)
        ctx.before, ctx.spans = before, spans
        return hs[1:, :, before : before + width].clone()

    @staticmethod
    def backward(ctx, dout):
        (act, hs, cs, tanh_c, weight), before = ctx.saved_tensors, ctx.before
        (lines, s, width, _, h), k = dout.shape, weight.shape[1]
        dgates, dc = torch.zeros_like(act), torch.zeros_like(cs[0])
        dhs = F.pad(dout, (0, 0, 0, 0, before, k - 1 - before)).contiguous()
        back = weight.transpose(2, 3).contiguous()  # (S, k, 4h, h)
        for line in reversed(range(lines)):
            first, end = ctx.spans[line]
            o, f, i, g = act[line, :, first:end].chunk(4, dim=-1)
            t, c, dh = tanh_c[line, :, first:end], cs[line, :, first:end], dhs[line, :, before + first : before + end]
            d = dgates[line, :, first:end]
            do, df, di, dg = d.chunk(4, dim=-1)
            through = dh * o
            dline = dc[:, first:end].add_(through).addcmul_(through * t, t, value=-1)  # d/dc: o (1 - tanh^2 c)
            torch.mul(dh * t, o * (1 - o), out=do)
            torch.mul(dline * c, f * (1 - f), out=df)
            torch.mul(dline * g, i * (1 - i), out=di)
            torch.mul(dline * i, 1 - g * g, out=dg)
            dline.mul_(f)
            if line:
                for t in range(k):
                    dhs[line - 1, :, first + t : end + t] += torch.bmm(d.view(s, -1, 4 * h), back[:, t]).view_as(dh)
        seen = [hs[:-1, :, t : t + width].transpose(0, 1).reshape(s, -1, h) for t in range(k)]
        dweight = torch.stack([x.transpose(1, 2) @ dgates.transpose(0, 1).reshape(s, -1, 4 * h) for x in seen], dim=1)
        return dgates, dweight, None, None
