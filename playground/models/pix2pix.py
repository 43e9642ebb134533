"""Pix2Pix: pictures from pictures, learnt from pairs (Isola, Zhu, Zhou, Efros 2017, arXiv 1611.07004).

x is the source (lines, a drawing, a label map, a photograph), y its true picture; G draws G(x), and D judges pairs of source and picture.
G descends the GAN's `generator_loss` of D(x, G(x)) (section 3.3), and an L1 loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from playground.models import gan, labels
from playground.models.base import Model, at_least_float32

CHANNELS = {"lines": 1, "drawing": 1, "labels": 3, "photo": 3}
HINT_PLANES = 4  # red, green and blue, 0 where there is no dab of colour, and 1 where there is one


def _norm(kind: str, channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels) if kind == "batch" else nn.GroupNorm(min(8, channels // 2), channels)


class UNet(nn.Module):
    """The U-Net of section 3.2.1: `widths` are the channels of the encoder's layers, each of which halves the picture.

    Skip connections: layer i of the decoder also gets the input of layer n - i of the encoder.  With `upsampling` = "transposed" this is
    the paper's network (appendix 6.1.1): 4x4 convolutions and 4x4 transposed ones, batch norm, dropout in the decoder's first three
    layers.  With "resize" a decoder layer is a 3x3 convolution and then a bilinear doubling, so that no checkerboard can form; padding
    replicates the edge, so that no frame can; and the source itself is the last skip.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        widths: Sequence[int],
        upsampling: Literal["transposed", "resize"] = "transposed",
        norm: Literal["batch", "group"] = "batch",
        dropout: float = 0.5,
    ):
        super().__init__()
        self.upsampling = upsampling
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        last = len(widths) - 1
        beyond = "zeros" if upsampling == "transposed" else "replicate"
        for i, (into, out) in enumerate(zip([inputs, *widths], widths)):
            # neither the first layer nor the innermost, whose 1x1 picture has no statistics, is normalised; a bias before a
            # batch norm would do nothing
            normed = 0 < i < last
            layers = [nn.LeakyReLU(0.2)] if i else []
            layers += [nn.Conv2d(into, out, 4, 2, 1, bias=norm != "batch", padding_mode=beyond)]
            self.down.append(nn.Sequential(*layers, *([_norm(norm, out)] if normed else [])))
        skips = [0, *widths[-2::-1]]  # channels that join the decoder's layer i
        if upsampling == "transposed":
            outs = [*widths[-2::-1], outputs]
            for i, (before, out, skip) in enumerate(zip([widths[-1], *outs], outs, skips)):
                convolution = nn.ConvTranspose2d(before + skip, out, 4, 2, 1, bias=norm != "batch" or i == last)
                after = [_norm(norm, out)] if i < last else []
                after += [nn.Dropout(dropout)] if dropout and 1 <= i <= 3 and i < last else []
                self.up.append(nn.Sequential(nn.ReLU(), convolution, *after))
        else:
            outs = [*widths[-2::-1], widths[0]]
            for i, (before, out, skip) in enumerate(zip([widths[-1], *outs], outs, skips)):
                convolution = nn.Conv2d(before + skip, out, 3, 1, 1, padding_mode=beyond)
                after = [nn.Dropout(dropout)] if dropout and i < 3 else []
                doubled = nn.Upsample(scale_factor=2, mode="bilinear")
                self.up.append(nn.Sequential(nn.LeakyReLU(0.2), convolution, _norm(norm, out), *after, doubled))
            self.last = nn.Conv2d(widths[0] + inputs, outputs, 3, 1, 1, padding_mode=beyond)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W), unbounded; H and W are multiples of 2 ** layers."""
        skips, h = [], x
        for layer in self.down:
            h = layer(h)  # (N, widths[i], H / 2 ** (i + 1), W / 2 ** (i + 1))
            skips.append(h)
        skips.pop()
        for i, layer in enumerate(self.up):
            h = layer(torch.cat([h, skips.pop()], 1) if i else h)
        return h if self.upsampling == "transposed" else self.last(torch.cat([functional.leaky_relu(h, 0.2), x], 1))


class Generator(UNet):
    """G.  Its output is a picture in [-1, 1], or a label map: one channel a class, 2 p - 1 where the class has probability p."""

    def __init__(self, inputs: int, outputs: int, classes: bool, *args, **kwargs):
        super().__init__(inputs, outputs, *args, **kwargs)
        self.classes = classes

    def forward(self, x: Tensor) -> Tensor:
        generated = super().forward(x)
        return labels.probabilities(generated) if self.classes else generated.tanh()


class Discriminator(nn.Module):
    """D, the PatchGAN of section 3.2.2: one logit for each patch, of 70x70 pixels with four `widths` (appendix 6.1.2)."""

    def __init__(self, inputs: int, widths: Sequence[int], norm: Literal["batch", "group"] = "batch"):
        super().__init__()
        self.blocks = nn.ModuleList()
        for i, (into, out) in enumerate(zip([inputs, *widths], widths)):
            stride = 1 if i == len(widths) - 1 else 2
            convolution = nn.Conv2d(into, out, 4, stride, 1, bias=norm != "batch" or i == 0)
            self.blocks.append(nn.Sequential(convolution, *([_norm(norm, out)] if i else []), nn.LeakyReLU(0.2)))
        self.blocks.append(nn.Conv2d(widths[-1], 1, 4, 1, 1))

    def features(self, x: Tensor, y: Tensor) -> list[Tensor]:
        """Each layer's activations for the pair; the last are the logits."""
        h, activations = torch.cat([x, y], 1), []
        for block in self.blocks:
            h = block(h)
            activations.append(h)
        return activations

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Logits (N, 1, h, w) that patches of y are real and belong to x, (N, *, H, W) each as `Pix2Pix.source` and `.target` give them."""
        return self.features(x, y)[-1]


@dataclass(frozen=True, kw_only=True)
class Pix2PixArchitecture:
    """The defaults are the paper's for 256 pixels.  `upsampling`, `norm` and `dropout`: see `UNet`."""

    size: int = 256  # side of the pictures
    widths: list[int] = field(default_factory=lambda: [64, 128, 256, 512, 512, 512, 512, 512])  # channels of the generator's encoder
    discriminator_widths: list[int] = field(default_factory=lambda: [64, 128, 256, 512])
    upsampling: Literal["transposed", "resize"] = "transposed"
    norm: Literal["batch", "group"] = "batch"
    dropout: float = 0.5
    one_hot: bool = False  # label maps as one channel a class (each pixel the nearest of the palette's colours) rather than as colours
    hints: bool = False  # whether dabs of colour join x as four planes (arXiv 1705.02999, section 3.1)


@dataclass(frozen=True, kw_only=True)
class Pix2PixConfig(Pix2PixArchitecture):
    """Lines (one pixel wide) and drawings (ink of any width) have one channel, the others three."""

    source: Literal["lines", "drawing", "labels", "photo"] = "labels"
    target: Literal["labels", "photo"] = "photo"
    palette: dict[str, list[int]] | None = None  # the label map's classes and their colours, 0..255; a page paints with them
    # Colours that the visitor chooses ("petals", "background"), each with its default, 0..255; each joins x as three constant planes
    colours: dict[str, list[int]] | None = None


class Pix2Pix(Model):
    """G and D."""

    system, Config = "pix2pix", Pix2PixConfig
    class_colours: Tensor  # (classes, 3) in [-1, 1], where there is a palette

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        self.size, self.source_kind, self.target_kind, self.hints = c.size, c.source, c.target, c.hints
        self.palette, self.one_hot, self.colours = c.palette, c.one_hot, c.colours or {}
        if c.palette:
            self.register_buffer("class_colours", labels.class_colours(c.palette), persistent=False)
        encoded = [len(c.palette) if c.one_hot and kind == "labels" else CHANNELS[kind] for kind in (c.source, c.target)]
        inputs = encoded[0] + 3 * len(self.colours) + HINT_PLANES * c.hints
        makes_labels = c.one_hot and c.target == "labels"
        self.generator = Generator(inputs, encoded[1], makes_labels, c.widths, c.upsampling, c.norm, c.dropout)
        self.discriminator = Discriminator(inputs + encoded[1], c.discriminator_widths, c.norm)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):  # section 6.2: N(0, 0.02)
                if c.norm == "batch":
                    nn.init.normal_(module.weight, 0.0, 0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1.0, 0.02)

    def source(self, picture: Tensor, colours: Tensor | None = None, hints: Tensor | None = None) -> Tensor:
        """x as the networks see it: (N, inputs, H, W).

        Args:
            picture: the source picture (N, 1 or 3, H, W) in [-1, 1].
            colours: the chosen ones (N, len(self.colours), 3) in [-1, 1]; by default those of `self.colours`.
            hints: dabs of colour (N, 4, H, W): three planes in [-1, 1] and one that is 1 where a dab is, all 0 elsewhere; None for none.
        """
        x = self._encoded(picture, self.source_kind)
        if self.colours:
            if colours is None:
                colours = torch.tensor([list(self.colours.values())] * len(x)) / 127.5 - 1
            planes = colours.flatten(1)[:, :, None, None].to(x).expand(-1, -1, *x.shape[2:])  # (N, 3 * colours, H, W)
            x = torch.cat([x, planes], 1)
        if self.hints:
            x = torch.cat([x, x.new_zeros(len(x), HINT_PLANES, *x.shape[2:]) if hints is None else hints.to(x)], 1)
        return x

    def target(self, picture: Tensor) -> Tensor:
        """y as the networks see it, of a picture (N, 3, H, W) in [-1, 1]."""
        return self._encoded(picture, self.target_kind)

    def picture(self, y: Tensor) -> Tensor:
        """G's output y as a picture (N, 3, H, W) in [-1, 1]; each pixel of a label map has its likeliest class's colour."""
        if self.one_hot and self.target_kind == "labels":
            return labels.painted(y, self.class_colours)
        return y

    def forward(self, picture: Tensor, colours: Tensor | None = None, hints: Tensor | None = None) -> Tensor:
        """Source pictures (with chosen colours and dabs), as `source` takes them, to pictures (N, 3, H, W) in [-1, 1]."""
        return self.picture(self.generator(self.source(picture, colours, hints)))

    @torch.no_grad()
    def translate(self, picture: Tensor, colours: Tensor | None = None, hints: Tensor | None = None) -> Tensor:
        """`forward`, without gradients: (N, 1 or 3, H, W) in [-1, 1] to (N, 3, H, W)."""
        return self(picture, colours, hints)

    def _encoded(self, picture: Tensor, kind: str) -> Tensor:
        return labels.one_hot(picture, self.class_colours) if self.one_hot and kind == "labels" else picture


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-(E log D(x, y) + E log(1 - D(x, G(x)))) / 2, what D descends (equation 1; halved as in section 3.3)."""
    return gan.discriminator_loss(real_logits, fake_logits) / 2


def l1_loss(generated: Tensor, y: Tensor) -> Tensor:
    """E |y - G(x)|_1, a mean over sub-pixels (equation 3)."""
    return functional.l1_loss(generated, y)


def feature_matching_loss(real: list[Tensor], fake: list[Tensor]) -> Tensor:
    """Sum over D's layers of E |D_i(x, y) - D_i(x, G(x))|_1, means over elements (pix2pixHD, arXiv 1711.11585, equation 4)."""
    pairs = ((at_least_float32(f), at_least_float32(r.detach())) for f, r in zip(fake, real))
    return torch.stack([functional.l1_loss(f, r) for f, r in pairs]).sum()
