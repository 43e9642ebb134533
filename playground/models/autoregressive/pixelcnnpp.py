"""PixelCNN++: Salimans et al., "PixelCNN++: Improving the PixelCNN with Discretized Logistic Mixture Likelihood", arXiv 1701.05517."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.autoregressive.base import Autoregressive, LabelledConfig
from playground.models.autoregressive.layers import Masked, Pointwise, plane_mask, planes_of
from playground.models.base import at_least_float32
from playground.program.builder import PIXEL, PLANE, ROW, BufferView, ProgramBuilder, RingBuffer

NARROWEST = -7.0  # log of the smallest scale, about a ninth of a bin of 256 levels, as in the authors' code

# --- equation 2 ---


def discretized_logistic(value: Tensor, mean: Tensor, log_scale: Tensor, levels: int = 256) -> Tensor:
    """log P(value | mean, scale) of equation 2: a logistic distribution's mass in the bin around a value; the outer bins reach to infinity.

    With edges a < b of the bin, in scales from the mean, sigma(b) - sigma(a) = sigma(b) sigma(-a) (1 - exp(a - b)): a sum of logarithms
    that is exact for any scale, where the difference itself would vanish.

    Args:
        value: 0 to levels - 1, whole numbers.
        mean, log_scale: of the logistic, on an axis on which the values lie from -1 to 1; they broadcast against `value`.

    Returns nats.
    """
    from_mean = value - (mean + 1) * ((levels - 1) / 2)  # in bins
    inverse = torch.exp(-log_scale) * (2 / (levels - 1))  # bins to scales
    below_b, above_a = F.logsigmoid((from_mean + 0.5) * inverse), F.logsigmoid((0.5 - from_mean) * inverse)
    between = torch.log(-torch.expm1(-inverse))
    first, last = value < 0.5, value > levels - 1.5
    return torch.where(last, 0, below_b) + torch.where(first, 0, above_a) + torch.where(first | last, 0, between)


def mixture_parts(parameters: Tensor, x: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """The mixture of a whole pixel (section 2.2): a weight, 3 means, 3 log-scales and 3 coefficients a component, (N, 10 K, ...).

    G's means are shifted by a multiple of R, B's by multiples of R and G: mu_g(C, r) = mu_g(C) + alpha(C) r, and so on.

    Returns log-weights (N, K, ...), and for each plane means given the planes before it in x (N, <= 3, ...) and log-scales, (N, K, ...).
    """
    weight, *rest = at_least_float32(parameters).unflatten(1, (10, -1)).unbind(1)
    means, log_scales, (alpha, beta, gamma) = rest[:3], [s.clamp(min=NARROWEST) for s in rest[3:6]], [c.tanh() for c in rest[6:]]
    before = (2 * x - 1)[:, :, None].unbind(1)  # of each plane, (N, 1, ...)
    if len(before) > 0:
        means[1] = means[1] + alpha * before[0]
    if len(before) > 1:
        means[2] = means[2] + beta * before[0] + gamma * before[1]
    return weight.log_softmax(1), means, log_scales


def of_plane(parameters: Tensor, x: Tensor, plane: int, levels: int) -> tuple[Tensor, Tensor, Tensor]:
    """The mixture of one plane, conditioned on the planes before it, x (N, >= plane, ...): log-weights, means, log-scales."""
    weight, means, log_scales = mixture_parts(parameters, x[:, :plane])
    values = x * (levels - 1)
    for c in range(plane):  # the posterior of the component given the planes before
        weight = weight + discretized_logistic(values[:, c, None], means[c], log_scales[c], levels)
    return weight.log_softmax(1), means[plane], log_scales[plane]


# --- three output layers: the paper's, and two ablations that undo one of its changes ---


class Mixture(nn.Module):
    """The paper's output: one mixture of discretised logistics a pixel, over its three planes together, see `mixture_parts`."""

    def __init__(self, features: int, mixtures: int, planes: int, levels: int):
        super().__init__()
        self.mixtures, self.levels = mixtures, levels
        self.last = Pointwise(features, 10 * mixtures)  # a weight, 3 means, 3 log-scales and 3 coefficients a component

    def forward(self, h: Tensor) -> Tensor:
        """Features (N, F, ...) -> parameters (N, 10 * mixtures, ...)."""
        return self.last(F.elu(h))

    def plane_logits(self, parameters: Tensor, x: Tensor, plane: int) -> Tensor:
        """log p(value | the pixel's planes before `plane`, which x (N, >= plane, ...) holds), (N, levels, ...)."""
        return over_values(*of_plane(parameters, x, plane, self.levels), self.levels)

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        """log p(pixel) of all its planes, (N, ...)."""
        weight, means, log_scales = mixture_parts(parameters, x)
        values = x * (self.levels - 1)
        return (weight + sum(discretized_logistic(values[:, c, None], means[c], log_scales[c], self.levels) for c in range(3))).logsumexp(1)

    def steps(self, builder: ProgramBuilder, h: BufferView, image: RingBuffer) -> BufferView:
        with builder.each(PIXEL):
            parameters = self.last.step(builder, builder.elu(h))
        with builder.each(PLANE):
            return builder.logistics(builder.mixture(parameters, self.mixtures), self.mixtures)


def over_values(weight: Tensor, mean: Tensor, log_scale: Tensor, levels: int) -> Tensor:
    """log-probabilities (N, levels, ...) of all values under a mixture with log-weights, means and log-scales (N, K, ...)."""
    values = torch.arange(levels, dtype=weight.dtype, device=weight.device).view(1, levels, 1, *[1] * (weight.ndim - 2))
    return (weight[:, None] + discretized_logistic(values, mean[:, None], log_scale[:, None], levels)).logsumexp(2)


class PlaneMixtures(nn.Module):
    """One mixture a sub-pixel, from features that already see the pixel's earlier planes, by the masks of arXiv 1601.06759."""

    def __init__(self, features: int, mixtures: int, planes: int, levels: int):
        super().__init__()
        self.mixtures, self.levels = mixtures, levels
        outputs = planes * 3 * mixtures  # a weight, a mean and a log-scale for each plane and component
        self.last = Pointwise(features, outputs, plane_mask(planes_of(outputs, planes), planes_of(features, planes)))

    def forward(self, h: Tensor) -> Tensor:
        return self.last(F.elu(h))

    def parts(self, parameters: Tensor, plane: int) -> tuple[Tensor, Tensor, Tensor]:
        weight, mean, log_scale = at_least_float32(parameters).unflatten(1, (3, 3, self.mixtures))[:, plane].unbind(1)
        return weight.log_softmax(1), mean, log_scale.clamp(min=NARROWEST)

    def plane_logits(self, parameters: Tensor, x: Tensor, plane: int) -> Tensor:
        return over_values(*self.parts(parameters, plane), self.levels)

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        values = x * (self.levels - 1)
        parts = (self.parts(parameters, c) for c in range(3))
        masses = [(w + discretized_logistic(values[:, c, None], m, s, self.levels)).logsumexp(1) for c, (w, m, s) in enumerate(parts)]
        return torch.stack(masses).sum(0)

    def steps(self, builder: ProgramBuilder, h: BufferView, image: RingBuffer) -> BufferView:
        with builder.each(PLANE):
            return builder.logistics(self.last.step(builder, builder.elu(h)), self.mixtures)


class Softmax(nn.Module):
    """A softmax over all values for each plane; the pixel's earlier planes are added to the features before the last layer."""

    def __init__(self, features: int, mixtures: int, planes: int, levels: int):
        super().__init__()
        self.earlier: Any = nn.ModuleList(Pointwise(plane, features, bias=False) for plane in range(1, planes))
        self.last: Any = nn.ModuleList(Pointwise(features, levels) for _ in range(planes))
        self.levels = levels

    def forward(self, h: Tensor) -> Tensor:
        return h

    def plane_logits(self, parameters: Tensor, x: Tensor, plane: int) -> Tensor:
        h = parameters + self.earlier[plane - 1](2 * x[:, :plane] - 1) if plane else parameters
        return at_least_float32(self.last[plane](F.elu(h)))

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        values = (x * (self.levels - 1)).round().long()  # (N, 3, ...)
        planes = range(x.shape[1])
        return -torch.stack([F.cross_entropy(self.plane_logits(parameters, x, c), values[:, c], reduction="none") for c in planes]).sum(0)

    def steps(self, builder: ProgramBuilder, h: BufferView, image: RingBuffer) -> BufferView:
        """All planes' logits at each plane, of which only the current plane's are read: they have zero weights for planes not drawn yet."""
        earlier = torch.cat([F.pad(h.weight.flatten(1), (0, 4 - h.in_channels)) for h in self.earlier])  # of G and B, of R, G, B and ones
        weight, bias = torch.block_diag(*(last.weight.flatten(1) for last in self.last)), torch.cat([last.bias for last in self.last])
        with builder.each(PLANE):
            own = builder.gather(image)
            features = builder.linear(own, F.pad(earlier, (0, 0, h.features, 0))) + builder.concat([h] * len(self.last))
            return builder.softmax(builder.linear(builder.elu(features), weight, bias))


# --- layers ---


class ShiftedConv(Masked, nn.Conv2d):
    """A causal convolution (section 2.3 and figure 2): (N, in, H, W) -> (N, out, H, W), or half as high and wide with stride 2.

    The filter's lowest row is the pixel's own, or with `up` the row above.  Its columns are centred on the pixel; with `right` the last one
    is the pixel's own, and with `left` as well the one before that.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int], right: bool, stride: int = 1, up: bool = False, left: bool = False,
        mask: Tensor | None = None,
    ):  # fmt: skip
        super().__init__(inputs, outputs, kernel, stride)
        height, width = kernel
        self.above, self.before = height - 1 + up, (width - 1 if right else width // 2) + left
        self.around = (self.before, -int(left) if right else width // 2, self.above, -int(up))  # left, right, top, bottom
        self.up, self.left = int(up), int(left)
        if mask is not None:  # at the pixel itself, the last of the filter
            mask = torch.cat([torch.ones(outputs, inputs, height * width - 1), mask[:, :, None]], 2).view(outputs, inputs, height, width)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, self.around), self.seen_weight(), self.bias, self.stride)

    def step(self, builder: ProgramBuilder, x: RingBuffer | BufferView) -> BufferView:
        """One row or pixel of the output; with stride 2, of the smaller map.  x: the map, or its current row or pixel."""
        width = self.kernel_size[1]
        seen = builder.seen(x, self.above, self.before, max(0, self.around[1]))
        rows, columns = range(-self.above, 1 - self.up), range(-self.before, width - self.before)
        with builder.halved() if self.stride[0] == 2 else nullcontext():
            return builder.convolve(seen, rows, columns, self.seen_weight(), self.bias, self.stride[0])


class Enlarge(Masked, nn.ConvTranspose2d):
    """Twice as high and wide, by a strided transposed convolution: (N, in, H, W) -> (N, out, 2H, 2W); each input gives 2 x 2 outputs."""

    def __init__(self, inputs: int, outputs: int, mask: Tensor | None = None):
        super().__init__(inputs, outputs, 2, 2)
        if mask is not None:  # where input and output are at the same pixel
            mask = torch.cat([mask.T[:, :, None], torch.ones(inputs, outputs, 3)], 2).view(inputs, outputs, 2, 2)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv_transpose2d(x, self.seen_weight(), self.bias, 2)

    def step(self, builder: ProgramBuilder, x: BufferView) -> BufferView:
        """One row or pixel of the larger map, from x, that of the smaller map."""
        with builder.halved():
            x = builder.store(x, builder.band(x.features)).at(0, 0, x.places)  # for a second row
        weights = builder.weight(self.seen_weight().permute(2, 3, 0, 1))  # (2, 2, in, out): for each row and column of two
        row = self.in_channels * self.out_channels * 2
        weights = replace(weights, shift=builder.shift, row_mod=2, row_stride=row, column_mod=2, column_stride=row // 2)
        if builder.places == 1:
            return builder.linear(x, weights, self.bias)
        columns = (replace(weights, base=weights.base + column * row // 2) for column in range(2))
        return builder.spread([builder.linear(x, weight, self.bias) for weight in columns])


def concat_elu(x: Tensor) -> Tensor:
    """ELU of x and of -x: (N, C, ...) -> (N, 2C, ...), as in the authors' code."""
    return F.elu(torch.cat([x, -x], 1))


def _mask(seen_by: Tensor | None, seen: Tensor | None) -> Tensor | None:
    return None if seen_by is None or seen is None else plane_mask(seen_by, seen)


class GatedResnet(nn.Module):
    """A residual block with a gated activation, x + a * sigmoid(b), conditioned on the label and, if there are any, on features of another
    stack or of the way down, its context (section 3 and the authors' code).

    `groups` and `context_groups`: the planes of its own and of the context's features, where masks keep planes apart.
    """

    def __init__(
        self, features: int, context: int, conv: Callable[..., nn.Module], dropout: float, classes: int,
        groups: Tensor | None = None, context_groups: Tensor | None = None,
    ):  # fmt: skip
        super().__init__()
        both = None if groups is None else groups.repeat(2)  # of concat_elu's outputs, and of the two halves of a gate
        self.conv: Any = conv(2 * features, features, mask=_mask(groups, both))
        self.told: Any = None  # a 1x1 convolution of the context; the name is a key of the shipped weights
        if context:
            self.told = Pointwise(2 * context, features, _mask(groups, None if context_groups is None else context_groups.repeat(2)))
        self.gated: Any = conv(2 * features, 2 * features, mask=_mask(both, both))
        self.label = nn.Embedding(classes, 2 * features)
        self.dropout = dropout
        nn.init.zeros_(self.label.weight)
        with torch.no_grad():
            self.gated.weight.mul_(0.1)  # begins near the identity, as with the authors' init_scale

    def forward(self, x: Tensor, context: Tensor | None, y: Tensor) -> Tensor:
        """x (N, F, H, W) and context (N, T, H, W) -> (N, F, H, W)."""
        c = self.conv(concat_elu(x))
        if context is not None:
            c = c + self.told(concat_elu(context))
        c = F.dropout(concat_elu(c), self.dropout, self.training)
        a, b = (self.gated(c) + self.label(y)[:, :, None, None]).chunk(2, dim=1)
        return x + a * torch.sigmoid(b)

    def step(self, builder: ProgramBuilder, x: BufferView, context: BufferView | None) -> BufferView:
        c = self.conv.step(builder, builder.concat_elu(x))
        if context is not None:
            c = self.told.step(builder, builder.concat_elu(context)) + c
        return builder.gated_sum(x, self.gated.step(builder, builder.concat_elu(c)) + builder.label(self.label.weight))


# --- the two ways through a network: everywhere at once, or recorded for one row or pixel ---


@dataclass
class Everywhere:
    y: Tensor  # (N,)

    def conv(self, layer: nn.Module, x: Tensor) -> Tensor:
        return layer(x)

    def block(self, layer: GatedResnet, x: Tensor, context: list[Tensor]) -> Tensor:
        return layer(x, torch.cat(context, 1) if context else None, self.y)

    def context(self, x: Tensor) -> Tensor:
        """The context that the vertical stack's features are to the horizontal one."""
        return x

    def halved(self) -> AbstractContextManager:
        return nullcontext()


@dataclass
class Stepwise:
    builder: ProgramBuilder

    def conv(self, layer: Any, x: BufferView) -> BufferView:
        return layer.step(self.builder, x)

    def block(self, layer: GatedResnet, x: BufferView, context: list[BufferView]) -> BufferView:
        return layer.step(self.builder, x, self.builder.concat(context) if context else None)

    def context(self, x: BufferView) -> BufferView:
        return x.here()

    def halved(self) -> AbstractContextManager:
        return self.builder.halved()


class Stack(nn.Module):
    """One of the two stacks: down through the stages, each half as high and wide as the one before, and up again with skips (figure 2).

    Args:
        right: True for the horizontal stack, whose filters (2 x 2) end at the pixel; the vertical one (2 x 3) is its context.
        groups: the planes of its features, where masks keep planes apart.
    """

    def __init__(
        self, features: int, resnets: int, stages: int, skips: bool, right: bool, dropout: float, classes: int, groups: Tensor | None
    ):
        super().__init__()
        self.skips, self.right = skips, right
        kernel = (2, 2) if right else (2, 3)
        conv = partial(ShiftedConv, kernel=kernel, right=right)
        everyone = torch.full((features if right else 0,), -1)  # features of the vertical stack are seen by all planes

        def blocks(count: int, skip: bool) -> nn.ModuleList:
            context_groups = None if groups is None else torch.cat([everyone, groups] if skip else [everyone])
            context = len(everyone) + features * skip
            return nn.ModuleList(GatedResnet(features, context, conv, dropout, classes, groups, context_groups) for _ in range(count))

        self.down: Any = nn.ModuleList(blocks(resnets, False) for _ in range(stages))
        self.up: Any = nn.ModuleList(blocks(resnets + (d + 1 < stages), skips) for d in range(stages))
        mask = _mask(groups, groups)
        self.shrink: Any = nn.ModuleList(conv(features, features, stride=2, mask=mask) for _ in range(stages - 1))
        self.enlarge: Any = nn.ModuleList(Enlarge(features, features, mask) for _ in range(stages - 1))

    def forward(self, x: Any, way: Everywhere | Stepwise, vertical: dict | None = None, stage: int = 0) -> tuple[Any, dict]:
        """x (N, F, H, W), or a view of it -> the output of this stage and those inside it, and each block's features by its position."""
        features, skips = {}, [x]

        def block(layer: GatedResnet, x: Any, position: tuple, skip: Any) -> Any:
            context: list[Any] = [way.context(vertical[position])] if vertical else []
            features[position] = way.block(layer, x, context + ([] if skip is None else [skip]))
            return features[position]

        for k, layer in enumerate(self.down[stage]):
            x = block(layer, x, (stage, "down", k), None)
            skips.append(x)
        if stage < len(self.shrink):
            inside = way.conv(self.shrink[stage], x)
            with way.halved():
                inside, inner_features = self(inside, way, vertical, stage + 1)
            features |= inner_features
            x = way.conv(self.enlarge[stage], inside)
        else:
            skips.pop()  # it is x itself
        for k, layer in enumerate(self.up[stage]):
            x = block(layer, x, (stage, "up", k), skips.pop() if self.skips else None)
        return x, features


# --- the model ---


@dataclass(frozen=True, kw_only=True)
class PixelCNNppArchitecture:
    """Five settings undo one of the paper's changes each: `likelihood` "softmax", `whole_pixels` False, `stages` 1 (no down-sampling),
    `skips` False, `dropout` 0."""

    features: int = 32
    resnets: int = 1  # gated blocks a stage and direction; the way up has one more where it comes from a smaller stage
    stages: int = 3  # sizes: the image's, half of it ...; 1: no down-sampling
    mixtures: int = 5  # components of a pixel's mixture
    dropout: float = 0.1
    likelihood: Literal["mixture", "softmax"] = "mixture"
    whole_pixels: bool = True  # False: a pixel's planes are kept in order by masks in every layer (arXiv 1601.06759)
    skips: bool = True  # from the way down to the way up


@dataclass(frozen=True, kw_only=True)
class PixelCNNppConfig(LabelledConfig, PixelCNNppArchitecture):
    levels: int = 256
    classes: int = 5
    size: int = 32
    dataset: str = "flowers5"


class PixelCNNpp(Autoregressive):
    """p(x|y) of colour images: whole pixels conditioned on whole pixels, and a pixel's three planes modelled by its mixture (section 2).

    There is no weight normalisation.
    """

    system, Config, planes = "pixelcnnpp", PixelCNNppConfig, 3

    def __init__(self, **settings):
        super().__init__(**settings)
        c, features, whole_pixels = self.config, self.config.features, self.config.whole_pixels
        self.whole_pixels = whole_pixels
        groups = None if whole_pixels else planes_of(features, 3)
        # the inputs are the image and a plane of ones, by which the first layer tells black from padding
        self.first_vertical = ShiftedConv(4, features, (2, 3), right=False, up=True)
        self.first_above = ShiftedConv(4, features, (1, 3), right=False, up=True)
        self.first_left = ShiftedConv(4, features, (2, 1), right=True, left=True)
        if groups is not None:
            self.first_own = Pointwise(3, features, plane_mask(groups, torch.arange(3), strict=True), bias=False)
        self.vertical = Stack(features, c.resnets, c.stages, c.skips, False, c.dropout, c.classes, None)
        self.horizontal = Stack(features, c.resnets, c.stages, c.skips, True, c.dropout, c.classes, groups)
        kind = {("mixture", True): Mixture, ("mixture", False): PlaneMixtures, ("softmax", True): Softmax}[c.likelihood, whole_pixels]
        self.likelihood = kind(features, c.mixtures, 3, c.levels)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Parameters of each pixel's distribution, given the pixels before it and y, as `likelihood` takes them: (N, P, size, size)."""
        way, seen = Everywhere(y), F.pad(2 * x - 1, (0, 0, 0, 0, 0, 1), value=1.0)  # (N, 4, size, size)
        _, vertical = self.vertical(self.first_vertical(seen), way)
        h = self.first_above(seen) + self.first_left(seen)
        if not self.whole_pixels:
            h = h + self.first_own(2 * x - 1)
        return self.likelihood(self.horizontal(h, way, vertical)[0])

    def steps(self, builder: ProgramBuilder) -> BufferView:
        way, image = Stepwise(builder), builder.image(2, ones=True)
        with builder.each(ROW):
            _, vertical = self.vertical(self.first_vertical.step(builder, image), way)
            above = self.first_above.step(builder, image)
        with builder.each(PIXEL):
            h = self.first_left.step(builder, image) + above.here()
        with builder.each(PIXEL if self.whole_pixels else PLANE):
            if not self.whole_pixels:  # planes of the pixel that are not drawn yet are masked
                weight = F.pad(self.first_own.seen_weight().flatten(1), (0, 1))
                h = builder.linear(builder.gather(image), weight) + h
            h, _ = self.horizontal(h, way, vertical)
        return self.likelihood.steps(builder, h, image)

    def value_logits(self, x: Tensor, y: Tensor) -> Tensor:
        """log-probabilities, or a softmax's logits, of every sub-pixel's value given those before it and y: (N, levels, 3, size, size)."""
        parameters = self(x, y)
        return torch.stack([self.likelihood.plane_logits(parameters, x, plane) for plane in range(3)], 2)

    def pixel_log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        return self.likelihood.log_prob(self(x, y), x)
