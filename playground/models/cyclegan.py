"""CycleGAN: translation between two domains of pictures without pairs (Zhu, Park, Isola, Efros 2017, arXiv 1703.10593).

G: X -> Y and F: Y -> X are the generators; D_X and D_Y judge whether a picture belongs to their domain.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from playground.models import labels
from playground.models.base import Model


def _conv(into: int, out: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(into, out, kernel, stride, kernel // 2, padding_mode="reflect" if stride == 1 else "zeros")


class ResidualBlock(nn.Module):
    """x + h(x) with two 3x3 convolutions, reflection-padded (appendix 7.2: Rk)."""

    def __init__(self, channels: int):
        super().__init__()
        self.h = nn.Sequential(
            _conv(channels, channels, 3),
            nn.InstanceNorm2d(channels),
            nn.ReLU(inplace=True),
            _conv(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.h(x)


class Generator(nn.Module):
    """The residual generator of appendix 7.2: c7s1-k, d2k, d4k, R4k x blocks, u2k, uk, c7s1-3.

    Fully convolutional: any height and width that are multiples of `4 * fold`.  With `fold` = 2 it takes blocks of 2x2 pixels
    folded into channels, a quarter of the work, ends with u(k/2) more, and its outer kernels are 3 wide instead of 7.  With `upsampling` =
    "resize" pixels are doubled bilinearly and then convolved, so that there is no checkerboard; the paper has transposed convolutions.
    With more than three `outputs` it makes label maps of so many classes (`models/labels.py`).
    """

    def __init__(
        self,
        channels: int = 64,
        blocks: int = 9,
        fold: int = 1,
        upsampling: Literal["transposed", "resize"] = "transposed",
        inputs: int = 3,
        outputs: int = 3,
    ):
        super().__init__()
        c, outer, halvings = channels, 7 if fold == 1 else 3, fold.bit_length() - 1
        self.classes = outputs > 3

        def up(into: int, out: int) -> nn.Module:
            if upsampling == "resize":
                return nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), _conv(into, out, 3))
            return nn.ConvTranspose2d(into, out, 3, stride=2, padding=1, output_padding=1)

        def normed(layer: nn.Module, out: int) -> list[nn.Module]:
            return [layer, nn.InstanceNorm2d(out), nn.ReLU(inplace=True)]

        self.layers = nn.Sequential(
            nn.PixelUnshuffle(fold),
            *normed(_conv(inputs * fold**2, c, outer), c),
            *normed(_conv(c, 2 * c, 3, stride=2), 2 * c),
            *normed(_conv(2 * c, 4 * c, 3, stride=2), 4 * c),
            *(ResidualBlock(4 * c) for _ in range(blocks)),
            *normed(up(4 * c, 2 * c), 2 * c),
            *normed(up(2 * c, c), c),
            *chain(*(normed(up(c >> i, c >> i + 1), c >> i + 1) for i in range(halvings))),
            _conv(c >> halvings, outputs, outer),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Pictures (N, inputs, H, W) in [-1, 1] to pictures of the other domain, (N, outputs, H, W), likewise."""
        generated = self.layers(x)
        return labels.probabilities(generated) if self.classes else generated.tanh()


class Discriminator(nn.Module):
    """The patch discriminator of appendix 7.2: Ck-C2k-C4k-C8k, then one score a patch, of 70x70 pixels with 4 layers.

    Widths stop growing at `widest`, where given.
    """

    def __init__(self, channels: int = 64, layers: int = 4, widest: int | None = None, inputs: int = 3):
        super().__init__()
        widths = [min(channels * 2**i, widest or channels * 2**i) for i in range(layers)]
        parts: list[nn.Module] = [nn.Conv2d(inputs, widths[0], 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        for i in range(1, layers):
            stride = 1 if i == layers - 1 else 2
            parts += [nn.Conv2d(widths[i - 1], widths[i], 4, stride, 1), nn.InstanceNorm2d(widths[i]), nn.LeakyReLU(0.2, inplace=True)]
        self.layers = nn.Sequential(*parts, nn.Conv2d(widths[-1], 1, 4, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Pictures (N, inputs, H, W) to scores (N, 1, h, w): near 1 where a patch looks real, near 0 where it looks generated."""
        return self.layers(x)


@dataclass(frozen=True, kw_only=True)
class CycleGANArchitecture:
    """The defaults are the paper's for 256 pixels."""

    size: int = 256  # side of the pictures, at which the page runs the model
    generator_channels: int = 64
    blocks: int = 9  # residual blocks of a generator
    fold: int = 1  # side of the blocks of pixels that a generator folds into channels
    upsampling: Literal["transposed", "resize"] = "transposed"
    discriminator_channels: int = 64
    discriminator_layers: int = 4
    discriminator_widest: int | None = None


@dataclass(frozen=True, kw_only=True)
class CycleGANConfig(CycleGANArchitecture):
    """With a `palette`, Y's pictures are label maps of these classes and colours (0..255), and the networks see one channel a class in
    place of colours: neighbours in the palette are then as far from each other as any two classes.
    """

    worlds: tuple[str, str] | list[str] = ("X", "Y")  # the names of the domains X and Y, for the page
    palette: dict[str, list[int]] | None = None


class CycleGAN(Model):
    """G: X -> Y and F: Y -> X with their discriminators."""

    system, Config = "cyclegan", CycleGANConfig
    class_colours: Tensor  # (classes, 3) in [-1, 1], where there is a palette

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        self.worlds, self.size, self.multiple, self.palette = tuple(c.worlds), c.size, 4 * c.fold, c.palette
        of_y = len(c.palette) if c.palette else 3
        if c.palette:
            self.register_buffer("class_colours", labels.class_colours(c.palette), persistent=False)
        self.G = Generator(c.generator_channels, c.blocks, c.fold, c.upsampling, outputs=of_y)
        self.F = Generator(c.generator_channels, c.blocks, c.fold, c.upsampling, inputs=of_y)
        self.D_X = Discriminator(c.discriminator_channels, c.discriminator_layers, c.discriminator_widest)
        self.D_Y = Discriminator(c.discriminator_channels, c.discriminator_layers, c.discriminator_widest, of_y)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):  # appendix 7.1: N(0, 0.02)
                nn.init.normal_(module.weight, 0.0, 0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def y(self, picture: Tensor) -> Tensor:
        """A picture of Y, (N, 3, H, W) in [-1, 1], as the networks see it: (N, 3 or classes, H, W)."""
        return labels.one_hot(picture, self.class_colours) if self.palette else picture

    def picture(self, y: Tensor) -> Tensor:
        """G's output y as a picture (N, 3, H, W) in [-1, 1]."""
        return labels.painted(y, self.class_colours) if self.palette else y

    @torch.no_grad()
    def translate(self, picture: Tensor, forward: bool = True) -> tuple[Tensor, Tensor]:
        """There and back: (G(x), F(G(x))) for x of X, or (F(y), G(F(y))) for y of Y if not `forward`.

        `picture` is (N, 3, H, W) in [-1, 1] with H and W multiples of `multiple`, and so are both results.
        """
        if forward:
            generated = self.G(picture)
            return self.picture(generated), self.F(generated)
        generated = self.F(self.y(picture))
        return generated, self.picture(self.G(generated))

    @torch.no_grad()
    def scores(self, picture: Tensor, of_x: bool) -> Tensor:
        """The scores of a picture's patches by D_X, or by D_Y if not `of_x`: (N, 1, h, w)."""
        return self.D_X(picture) if of_x else self.D_Y(self.y(picture))


def generator_gan_loss(fake_scores: Tensor) -> Tensor:
    """E (D(G(x)) - 1)^2, what a generator descends (section 4: least squares in place of equation 1's logarithm)."""
    return (fake_scores - 1).square().mean()


def discriminator_gan_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """(E (D(y) - 1)^2 + E D(G(x))^2) / 2, what a discriminator descends (section 4; halved as in appendix 7.1)."""
    return ((real_scores - 1).square().mean() + fake_scores.square().mean()) / 2


def cycle_loss(picture: Tensor, again: Tensor) -> Tensor:
    """E |F(G(x)) - x|_1, or E |G(F(y)) - y|_1, a mean over sub-pixels (a half of equation 2); of label maps the log loss."""
    return labels.label_loss(again, picture) if picture.shape[1] > 3 else functional.l1_loss(again, picture)


def identity_loss(x: Tensor, f_of_x: Tensor, y: Tensor, g_of_y: Tensor) -> Tensor:
    """E |G(y) - y|_1 + E |F(x) - x|_1, a mean over sub-pixels: keeps the colours of what is in the right domain already (section 5.2)."""
    return functional.l1_loss(g_of_y, y) + functional.l1_loss(f_of_x, x)
