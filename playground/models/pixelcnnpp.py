"""PixelCNN++: Salimans et al., "PixelCNN++: Improving the PixelCNN with Discretized Logistic Mixture Likelihood", arXiv 1701.05517."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.autoregressive import Autoregressive
from playground.models.base import at_least_float32
from playground.models.layers import Pointwise, plane_mask, planes_of

NARROWEST = -7.0  # log of the smallest scale, a seventeenth of a bin, as in the authors' code

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


# --- the three outputs: the paper's, and two that undo a change of its ---


class Mixture(nn.Module):
    """The paper's output: one mixture of discretised logistics a pixel, over its three planes together (section 2.2).

    G's means are shifted by a multiple of R, B's by multiples of R and G: mu_g(C, r) = mu_g(C) + alpha(C) r, and so on.
    """

    def __init__(self, features: int, mixtures: int, planes: int, levels: int):
        super().__init__()
        self.mixtures, self.levels = mixtures, levels
        self.last = Pointwise(features, 10 * mixtures)  # a weight, 3 means, 3 log-scales and 3 coefficients a component

    def forward(self, h: Tensor) -> Tensor:
        """Features (N, F, ...) -> parameters (N, 10 * mixtures, ...)."""
        return self.last(F.elu(h))

    def parts(self, parameters: Tensor, x: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """log-weights (N, K, ...), and for each plane means given the planes before it in x (N, <= 3, ...) and log-scales, (N, K, ...)."""
        weight, *rest = at_least_float32(parameters).unflatten(1, (10, self.mixtures)).unbind(1)
        means, log_scales, (alpha, beta, gamma) = rest[:3], [s.clamp(min=NARROWEST) for s in rest[3:6]], [c.tanh() for c in rest[6:]]
        before = (2 * x - 1)[:, :, None].unbind(1)  # of each plane, (N, 1, ...)
        if len(before) > 0:
            means[1] = means[1] + alpha * before[0]
        if len(before) > 1:
            means[2] = means[2] + beta * before[0] + gamma * before[1]
        return weight.log_softmax(1), means, log_scales

    def plane_logits(self, parameters: Tensor, x: Tensor, plane: int) -> Tensor:
        """log p(value | the pixel's planes before `plane`, which x (N, >= plane, ...) holds), (N, levels, ...)."""
        weight, means, log_scales = self.parts(parameters, x[:, :plane])
        values = x * (self.levels - 1)
        for c in range(plane):  # what the planes before say of the component
            weight = weight + discretized_logistic(values[:, c, None], means[c], log_scales[c], self.levels)
        return over_values(weight.log_softmax(1), means[plane], log_scales[plane], self.levels)

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        """log p(pixel) of all its planes, (N, ...)."""
        weight, means, log_scales = self.parts(parameters, x)
        values = x * (self.levels - 1)
        return (weight + sum(discretized_logistic(values[:, c, None], means[c], log_scales[c], self.levels) for c in range(3))).logsumexp(1)


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
        return sum((w + discretized_logistic(values[:, c, None], m, s, self.levels)).logsumexp(1) for c, (w, m, s) in enumerate(parts))


class Softmax(nn.Module):
    """A softmax over all values for each plane; the pixel's earlier planes are added to the features before the last layer."""

    def __init__(self, features: int, mixtures: int, planes: int, levels: int):
        super().__init__()
        self.earlier = nn.ModuleList(Pointwise(plane, features, bias=False) for plane in range(1, planes))
        self.last = nn.ModuleList(Pointwise(features, levels) for _ in range(planes))
        self.levels = levels

    def forward(self, h: Tensor) -> Tensor:
        return h

    def plane_logits(self, parameters: Tensor, x: Tensor, plane: int) -> Tensor:
        h = parameters + self.earlier[plane - 1](2 * x[:, :plane] - 1) if plane else parameters
        return at_least_float32(self.last[plane](F.elu(h)))

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        values = (x * (self.levels - 1)).round().long()  # (N, 3, ...)
        return -sum(F.cross_entropy(self.plane_logits(parameters, x, c), values[:, c], reduction="none") for c in range(x.shape[1]))


# --- layers ---


class ShiftedConv(nn.Conv2d):
    """A causal convolution (section 2.3 and figure 2): (N, in, H, W) -> (N, out, H, W), or half as high and wide with stride 2.

    Its lowest row is the pixel's own, or with `up` the row above.  Its columns lie to both sides of the pixel, or where `right` is set
    end at its own; or with `left` at the column before.  For `row` and `pixel`, which compute one row or one pixel, the inputs so far
    stand in a cache as large as the padded image (arXiv 1704.06001); with stride 2 they answer None where nothing is due.
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

    def seen_weight(self) -> Tensor:
        return self.weight if self.mask is None else self.weight * self.mask

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, self.around), self.seen_weight(), self.bias, self.stride)

    def cache(self, like: Tensor, size: int) -> Tensor:
        left, right, *_ = self.around
        return like.new_zeros(len(like), self.in_channels, size + self.above, size + left + max(0, right))

    def row(self, x: Tensor | None, cache: Tensor, i: int) -> Tensor | None:
        """Row i, (N, out, 1, W), from the inputs' row i, (N, in, 1, W), or with `up` row i - 1, None before the first."""
        if x is not None:
            cache[:, :, i + self.above - self.up, None, self.before : self.before + x.shape[3]] = x
        if i % self.stride[0]:
            return None
        return F.conv2d(cache[:, :, i : i + self.kernel_size[0]], self.seen_weight(), self.bias, self.stride)

    def pixel(self, x: Tensor | None, cache: Tensor, i: int, j: int) -> Tensor | None:
        """Pixel (i, j), (N, out), from the inputs' pixel (N, in), or with `left` the one before it, None for column 0."""
        if x is not None:
            cache[:, :, i + self.above, j + self.before - self.left] = x
        if i % self.stride[0] or j % self.stride[1]:
            return None
        seen = cache[:, :, i : i + self.kernel_size[0], j : j + self.kernel_size[1]]
        return F.linear(seen.flatten(1), self.seen_weight().flatten(1), self.bias)


class Enlarge(nn.ConvTranspose2d):
    """Twice as high and wide, by a strided transposed convolution: (N, in, H, W) -> (N, out, 2H, 2W); each input gives 2 x 2 outputs.

    Its `row` and `pixel` take what the layers within made there, or None where they had nothing to do.
    """

    def __init__(self, inputs: int, outputs: int, mask: Tensor | None = None):
        super().__init__(inputs, outputs, 2, 2)
        if mask is not None:  # where input and output are at the same pixel
            mask = torch.cat([mask.T[:, :, None], torch.ones(inputs, outputs, 3)], 2).view(inputs, outputs, 2, 2)
        self.register_buffer("mask", mask, persistent=False)

    def seen_weight(self) -> Tensor:
        return self.weight if self.mask is None else self.weight * self.mask

    def forward(self, x: Tensor) -> Tensor:
        return F.conv_transpose2d(x, self.seen_weight(), self.bias, 2)

    def cache(self, like: Tensor, size: int) -> Tensor:
        return like.new_zeros(len(like), self.in_channels, size // 2, size // 2)

    def row(self, x: Tensor | None, cache: Tensor, i: int) -> Tensor:
        if x is not None:
            cache[:, :, i // 2, None] = x
        return self(cache[:, :, i // 2, None])[:, :, i % 2, None]

    def pixel(self, x: Tensor | None, cache: Tensor, i: int, j: int) -> Tensor:
        if x is not None:
            cache[:, :, i // 2, j // 2] = x
        return F.linear(cache[:, :, i // 2, j // 2], self.seen_weight()[:, :, i % 2, j % 2].T, self.bias)


def concat_elu(x: Tensor) -> Tensor:
    """ELU of x and of -x: (N, C, ...) -> (N, 2C, ...), as in the authors' code."""
    return F.elu(torch.cat([x, -x], 1))


def _mask(seen_by: Tensor | None, seen: Tensor | None) -> Tensor | None:
    return None if seen_by is None else plane_mask(seen_by, seen)


class GatedResnet(nn.Module):
    """A residual block with a gate, x + a * sigmoid(b), that may be told of other features and of the label (section 3 and the code).

    `groups` and `told_groups` are the planes of its features, and of those that it is told, where planes are kept apart by masks.
    """

    def __init__(
        self, features: int, told: int, conv: Callable[..., nn.Module], dropout: float, classes: int,
        groups: Tensor | None = None, told_groups: Tensor | None = None,
    ):  # fmt: skip
        super().__init__()
        both = None if groups is None else groups.repeat(2)  # of concat_elu's outputs, and of the two halves of a gate
        self.conv = conv(2 * features, features, mask=_mask(groups, both))
        self.told = None
        if told:
            self.told = Pointwise(2 * told, features, _mask(groups, None if groups is None else told_groups.repeat(2)))
        self.gated = conv(2 * features, 2 * features, mask=_mask(both, both))
        self.label = nn.Embedding(classes, 2 * features)
        self.dropout = dropout
        nn.init.zeros_(self.label.weight)
        with torch.no_grad():
            self.gated.weight.mul_(0.1)  # begins near the identity, as with the authors' init_scale

    def forward(self, x: Tensor, told: Tensor | None, y: Tensor, at: "At") -> Tensor:
        """x (N, F, ...) and told (N, T, ...) -> (N, F, ...)."""
        c = at(self.conv, concat_elu(x))
        if self.told is not None:
            c = c + self.told(concat_elu(told))
        c = F.dropout(concat_elu(c), self.dropout, self.training)
        a, b = (at(self.gated, c) + self.label(y).view(len(y), -1, *[1] * (x.ndim - 2))).chunk(2, dim=1)
        return x + a * torch.sigmoid(b)


# --- where a network is computed: everywhere at once, or at one row or pixel ---


class At:
    """Everywhere at once, from the whole inputs."""

    def __call__(self, conv: nn.Module, x: Tensor) -> Tensor | None:
        """Applies a ShiftedConv or an Enlarge; None where it has nothing to do."""
        return conv(x)

    def inner(self) -> "At":
        """The same place in an image of half the size."""
        return self

    def told(self, x: Tensor) -> Tensor:
        """What the vertical stack's features x say there."""
        return x


@dataclass
class AtRow(At):
    """At row i; each convolution remembers its inputs in `caches`."""

    caches: dict[nn.Module, Tensor]
    like: Tensor  # (N, 0), of the caches' dtype and device
    size: int
    i: int

    def cache(self, conv: nn.Module) -> Tensor:
        if conv not in self.caches:
            self.caches[conv] = conv.cache(self.like, self.size)
        return self.caches[conv]

    def __call__(self, conv: nn.Module, x: Tensor | None) -> Tensor | None:
        return conv.row(x, self.cache(conv), self.i)

    def inner(self) -> "AtRow":
        return AtRow(self.caches, self.like, self.size // 2, self.i // 2)


@dataclass
class AtPixel(AtRow):
    """At pixel (i, j)."""

    j: int

    def __call__(self, conv: nn.Module, x: Tensor | None) -> Tensor | None:
        return conv.pixel(x, self.cache(conv), self.i, self.j)

    def inner(self) -> "AtPixel":
        return AtPixel(self.caches, self.like, self.size // 2, self.i // 2, self.j // 2)

    def told(self, x: Tensor) -> Tensor:
        return x[:, :, 0, self.j]


class Stack(nn.Module):
    """One of the two stacks: down through the stages, each half as high and wide as the one before, and up again with skips (figure 2).

    Args:
        right: whether this is the stack whose filters end at the pixel (2 x 2), which is told what the other one (2 x 3) has computed.
        groups: the planes of its features, where they are kept apart by masks.
    """

    def __init__(
        self, features: int, resnets: int, stages: int, skips: bool, right: bool, dropout: float, classes: int, groups: Tensor | None
    ):
        super().__init__()
        self.skips, self.right = skips, right
        kernel = (2, 2) if right else (2, 3)
        conv = lambda *args, **keywords: ShiftedConv(*args, kernel, right, **keywords)  # noqa: E731
        everyone = torch.full((features if right else 0,), -1)  # what is seen by all planes' features: the vertical stack's

        def blocks(count: int, skip: bool) -> nn.ModuleList:
            told_groups = None if groups is None else torch.cat([everyone, groups] if skip else [everyone])
            told = len(everyone) + features * skip
            return nn.ModuleList(GatedResnet(features, told, conv, dropout, classes, groups, told_groups) for _ in range(count))

        self.down = nn.ModuleList(blocks(resnets, False) for _ in range(stages))
        self.up = nn.ModuleList(blocks(resnets + (d + 1 < stages), skips) for d in range(stages))
        mask = _mask(groups, groups)
        self.shrink = nn.ModuleList(conv(features, features, stride=2, mask=mask) for _ in range(stages - 1))
        self.enlarge = nn.ModuleList(Enlarge(features, features, mask) for _ in range(stages - 1))

    def forward(self, x: Tensor, y: Tensor, at: At, vertical: dict | None = None, stage: int = 0) -> tuple[Tensor, dict]:
        """x (N, F, ...) -> what this stack makes of it, from this stage inwards, and each block's features by the block's place."""
        made, skips = {}, [x]

        def block(layer: GatedResnet, x: Tensor, place: tuple, skip: Tensor | None) -> Tensor:
            told = [at.told(vertical[place])] if vertical else []
            told += [] if skip is None else [skip]
            made[place] = layer(x, torch.cat(told, 1) if told else None, y, at)
            return made[place]

        for k, layer in enumerate(self.down[stage]):
            x = block(layer, x, (stage, "down", k), None)
            skips.append(x)
        if stage < len(self.shrink):
            inside = at(self.shrink[stage], x)
            if inside is not None:
                inside, made_inside = self(inside, y, at.inner(), vertical, stage + 1)
                made |= made_inside
            x = at(self.enlarge[stage], inside)
        else:
            skips.pop()  # it is x itself
        for k, layer in enumerate(self.up[stage]):
            x = block(layer, x, (stage, "up", k), skips.pop() if self.skips else None)
        return x, made


# --- the model ---


@dataclass
class Cache:
    """What sampling has computed so far."""

    y: Tensor  # (N,)
    caches: dict[nn.Module, Tensor] = field(default_factory=dict)
    row: int = -1
    done: int = 0  # pixels of this row
    vertical: dict = field(default_factory=dict)  # what the vertical stack's blocks made of this row, (N, F, 1, W)
    above: Tensor | None = None  # the first layer of the row above, (N, F, 1, W)
    left: Tensor | None = None  # and of the pixels to the left, (N, F)
    parameters: Tensor | None = None  # of the pixel's distribution, where it is one for all planes


class PixelCNNpp(Autoregressive):
    """p(x|y) of colour images, whole pixels conditioned on whole pixels, and the three planes of one by its mixture (section 2).

    Five settings undo one of the paper's changes each: `likelihood` "softmax", `whole_pixels` False (the planes kept in order by masks in
    every layer instead, arXiv 1601.06759), `stages` 1 (no down-sampling), `skips` False, `dropout` 0.  There is no weight normalisation.
    """

    system = "pixelcnnpp"

    def __init__(
        self,
        features: int = 32,
        resnets: int = 1,  # gated blocks a stage and direction; the way up has one more where it comes from a smaller stage
        stages: int = 3,  # sizes: the image's, half of it, ...
        mixtures: int = 5,
        dropout: float = 0.1,
        likelihood: Literal["mixture", "softmax"] = "mixture",
        whole_pixels: bool = True,
        skips: bool = True,
        levels: int = 256,
        classes: int = 5,
        size: int = 32,
        class_names: list[str] | None = None,
        dataset: str = "flowers5",
    ):
        super().__init__(levels, classes, size, class_names, dataset, planes=3)
        self.whole_pixels = whole_pixels
        groups = None if whole_pixels else planes_of(features, 3)
        # of the image and of a plane of ones, by which the first layer tells black from what is outside
        self.first_vertical = ShiftedConv(4, features, (2, 3), right=False, up=True)
        self.first_above = ShiftedConv(4, features, (1, 3), right=False, up=True)
        self.first_left = ShiftedConv(4, features, (2, 1), right=True, left=True)
        if not whole_pixels:
            self.first_own = Pointwise(3, features, plane_mask(groups, torch.arange(3), strict=True), bias=False)
        self.vertical = Stack(features, resnets, stages, skips, False, dropout, classes, None)
        self.horizontal = Stack(features, resnets, stages, skips, True, dropout, classes, groups)
        kind = {("mixture", True): Mixture, ("mixture", False): PlaneMixtures, ("softmax", True): Softmax}[likelihood, whole_pixels]
        self.likelihood = kind(features, mixtures, 3, levels)

    @staticmethod
    def _with_ones(x: Tensor) -> Tensor:
        return F.pad(2 * x - 1, (0, 0) * (x.ndim - 2) + (0, 1), value=1.0)  # (N, 4, ...)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Parameters of each pixel's distribution, given the pixels before it and y, as `likelihood` wants them: (N, P, size, size)."""
        at, seen = At(), self._with_ones(x)
        _, vertical = self.vertical(self.first_vertical(seen), y, at)
        h = self.first_above(seen) + self.first_left(seen)
        if not self.whole_pixels:
            h = h + self.first_own(2 * x - 1)
        return self.likelihood(self.horizontal(h, y, at, vertical)[0])

    def begin(self, y: Tensor) -> Cache:
        return Cache(y)

    def next_row(self, cache: Cache, above: Tensor | None) -> None:
        for column in range(cache.done, self.size if cache.row >= 0 else 0):  # what the sampler had no need to ask for
            self._left(cache, column, above[:, :, 0, column - 1] if column else None)
            self._pixel(cache, column, above[:, :2, 0, column])
        cache.row, cache.done = cache.row + 1, 0
        like = self.first_left.weight.new_zeros(len(cache.y), 0)
        at, seen = AtRow(cache.caches, like, self.size, cache.row), None if above is None else self._with_ones(above)
        cache.vertical = self.vertical(at(self.first_vertical, seen), cache.y, at)[1]
        cache.above = at(self.first_above, seen)

    def next_pixel(self, cache: Cache, column: int, left: Tensor | None) -> Tensor:
        self._left(cache, column, left)
        own = cache.above.new_zeros(len(cache.y), 0)
        cache.parameters, cache.done = self._pixel(cache, column, own), column + 1
        return self.likelihood.plane_logits(cache.parameters, own, 0)

    def next_plane(self, cache: Cache, column: int, pixel: Tensor) -> Tensor:
        if not self.whole_pixels:
            cache.parameters = self._pixel(cache, column, pixel)
        return self.likelihood.plane_logits(cache.parameters, pixel, pixel.shape[1])

    def _at(self, cache: Cache, column: int) -> AtPixel:
        return AtPixel(cache.caches, cache.above.new_zeros(len(cache.y), 0), self.size, cache.row, column)

    def _left(self, cache: Cache, column: int, left: Tensor | None) -> None:
        cache.left = self._at(cache, column)(self.first_left, None if left is None else self._with_ones(left))

    def _pixel(self, cache: Cache, column: int, own: Tensor) -> Tensor:
        """Parameters (N, P) of a pixel's distribution, of which the `own` planes are known, (N, 0) to (N, 2)."""
        at = self._at(cache, column)
        h = at.told(cache.above) + cache.left
        if not self.whole_pixels:
            h = h + self.first_own(F.pad(2 * own - 1, (0, 3 - own.shape[1])))  # what is not known yet meets a mask
        return self.likelihood(self.horizontal(h, cache.y, at, cache.vertical)[0])

    def value_logits(self, x: Tensor, y: Tensor) -> Tensor:
        """log-probabilities, or a softmax's logits, of every sub-pixel's value given those before it and y: (N, levels, 3, size, size)."""
        parameters = self(x, y)
        return torch.stack([self.likelihood.plane_logits(parameters, x, plane) for plane in range(3)], 2)

    def pixel_log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        return self.likelihood.log_prob(self(x, y), x)
