"""Gated PixelCNN: van den Oord et al., "Conditional Image Generation with PixelCNN Decoders", arXiv 1606.05328."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from playground.models.autoregressive.base import Autoregressive, ColourConfig
from playground.models.autoregressive.layers import HorizontalConv, Pointwise, VerticalConv, plane_mask, planes_of
from playground.program.builder import PIXEL, PLANE, ROW, BufferView, ProgramBuilder

FIRST_KERNEL = 7  # of the first, strict layer


def gate(x: Tensor) -> Tensor:
    """The gated activation unit (equation 2): tanh(x_f) * sigmoid(x_g), where x (N, 2C, H, W) holds both halves: (N, C, H, W)."""
    f, g = x.chunk(2, dim=1)
    return (2 * torch.sigmoid(2 * f) - 1) * torch.sigmoid(g)  # tanh(f), at two thirds of its time on a CPU


class GatedLayer(nn.Module):
    """One layer of figure 2: a vertical stack that sees all rows above, and a horizontal stack that sees its own row to the left and the
    vertical stack.  Together they have no blind spot.
    The label enters both gates as a bias, V^T h of equation 4.
    """

    def __init__(self, channels: int, kernel: int, classes: int, planes: int = 1, dropout: float = 0.0):
        super().__init__()
        gated = own = None
        if planes > 1:
            groups = planes_of(channels, planes)
            own, gated = plane_mask(groups, groups), plane_mask(groups.repeat(2), groups)  # both halves of a gate have all groups
        self.vertical_conv = VerticalConv(channels, 2 * channels, kernel)
        self.horizontal_conv = HorizontalConv(channels, 2 * channels, kernel, mask=gated)
        self.link = Pointwise(2 * channels, 2 * channels)  # from the vertical stack to the horizontal one
        self.out = Pointwise(channels, channels, own)
        self.dropout = nn.Dropout(dropout)  # of the gates' outputs
        self.vertical_label = nn.Embedding(classes, 2 * channels)
        self.horizontal_label = nn.Embedding(classes, 2 * channels)
        for label in (self.vertical_label, self.horizontal_label):
            nn.init.zeros_(label.weight)

    def vertical(self, v: Tensor, convolved: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """v (N, C, H, W) and its convolution -> the next layer's v, and the context of the horizontal stack: rows above, and label."""
        context = self.link(convolved) + self.horizontal_label(y)[:, :, None, None]  # (N, 2C, H, W)
        return v + self.dropout(gate(convolved + self.vertical_label(y)[:, :, None, None])), context

    def horizontal(self, h: Tensor, convolved: Tensor, context: Tensor) -> Tensor:
        """h (N, C, H, W), its convolution and the vertical stack's context -> the next layer's h."""
        return h + self.out(self.dropout(gate(convolved + context)))


@dataclass(frozen=True, kw_only=True)
class GatedPixelCNNArchitecture:
    layers: int = 10
    channels: int = 32  # in colour a multiple of 3
    kernel: int = 3
    head: int = 64  # channels of the last hidden layer, likewise
    dropout: float = 0.0  # share of the gates' outputs that is dropped in training


@dataclass(frozen=True, kw_only=True)
class GatedPixelCNNConfig(ColourConfig, GatedPixelCNNArchitecture):
    pass


class GatedPixelCNN(Autoregressive):
    """p(x|y) = prod_i p(x_i | x_1 .. x_{i-1}, y) (equation 3) of grey images.

    Besides the paper's label bias there is a position bias at the input of both stacks, one for each location: equation 5's s, the same for
    every class.  The vertical stack has residual connections too, which the paper found to change little.

    In colour the features form three groups, for R, G and B, masked as in "Pixel Recurrent Neural Networks" (arXiv 1601.06759, section
    3.4): at the pixel itself G's features see R's, and B's see R's and G's.  Rows above and pixels to the left are seen in full.
    """

    system, Config = "gated-pixelcnn", GatedPixelCNNConfig
    layers: Any  # GatedLayers, in an nn.ModuleList

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        channels, head, planes, levels, size = c.channels, c.head, c.planes, c.levels, c.size
        self.first_vertical = VerticalConv(planes, channels, FIRST_KERNEL, strict=True)
        self.first_horizontal = HorizontalConv(planes, channels, FIRST_KERNEL, strict=True)
        self.place = nn.Parameter(torch.zeros(2, channels, size, size))  # position bias of the vertical and of the horizontal stack
        self.layers = nn.ModuleList(GatedLayer(channels, c.kernel, c.classes, planes, c.dropout) for _ in range(c.layers))
        hidden = values = None
        if planes > 1:
            of_channels, of_head = planes_of(channels, planes), planes_of(head, planes)
            self.first_own = Pointwise(planes, channels, plane_mask(of_channels, torch.arange(planes), strict=True), bias=False)
            hidden, values = plane_mask(of_head, of_channels), plane_mask(planes_of(planes * levels, planes), of_head)
        self.head = nn.Sequential(nn.ELU(), Pointwise(channels, head, hidden), nn.ELU(), Pointwise(head, planes * levels, values))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        x = 2 * x - 1  # centred, so that the zeros around the image are not a colour
        v, h = self.first_vertical(x) + self.place[0], self.first_horizontal(x) + self.place[1]  # (N, C, size, size)
        if self.planes > 1:
            h = h + self.first_own(x)
        for layer in self.layers:
            v, context = layer.vertical(v, layer.vertical_conv(v), y)
            h = layer.horizontal(h, layer.horizontal_conv(h), context)
        return self.head(h)

    def steps(self, builder: ProgramBuilder) -> BufferView:
        image = builder.image(FIRST_KERNEL // 2)
        with builder.each(ROW):
            v = self.first_vertical.step(builder, image) + builder.location(self.place[0])
            contexts = []
            for layer in self.layers:
                convolved = layer.vertical_conv.step(builder, v)
                contexts.append(layer.link.step(builder, convolved) + builder.label(layer.horizontal_label.weight))
                v = v + builder.gate(convolved + builder.label(layer.vertical_label.weight))
        with builder.each(PIXEL):
            h = self.first_horizontal.step(builder, image) + builder.location(self.place[1])
        with builder.each(PLANE if self.planes > 1 else PIXEL):
            if self.planes > 1:  # planes of the pixel that are not drawn yet are masked
                h = self.first_own.step(builder, builder.gather(image)) + h
            for layer, context in zip(self.layers, contexts):
                gates = layer.horizontal_conv.step(builder, h) + context.here()
                h = layer.out.step(builder, builder.gate(gates)) + h
            return builder.softmax(builder.sequence(self.head, h))

    def sees(self, needed: Tensor) -> Tensor:
        vertical, horizontal = torch.zeros_like(needed), needed
        for layer in reversed(self.layers):  # the vertical stack's convolution is the horizontal stack's context
            vertical = layer.vertical_conv.sees(vertical | horizontal) | vertical
            horizontal = layer.horizontal_conv.sees(horizontal)
        return self.first_vertical.sees(vertical) | self.first_horizontal.sees(horizontal)
