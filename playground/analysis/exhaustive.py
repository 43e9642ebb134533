"""The whole distribution of a model of tiny colour images: the probability of each of the 4,096 images of 2 x 2 pixels."""

import torch
from torch import Tensor, nn

from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN

SIDE = 2
SUBPIXELS = 3 * SIDE**2  # each lit or dark
STEPS, RATE = 100, 0.02


def bits() -> Tensor:
    """The sub-pixels of all images in the order in which they are drawn, (4096, 12) in {0, 1}: the digits of an image's number."""
    return torch.arange(2**SUBPIXELS)[:, None] >> torch.arange(SUBPIXELS).flip(0) & 1


def images() -> Tensor:
    """All images, (4096, 3, 2, 2) in {0, 1}."""
    return bits().view(-1, SIDE, SIDE, 3).permute(0, 3, 1, 2).float()


def cut_outs(photos: Tensor) -> Tensor:
    """All patches of 2 x 2 pixels of photos (N, 3, H, W): (M, 3, 2, 2), 1 where a sub-pixel is above its plane's mean, or else 0."""
    lit = (photos > photos.mean((0, 2, 3), keepdim=True)).float()
    return lit.unfold(2, SIDE, 1).unfold(3, SIDE, 1).permute(0, 2, 3, 1, 4, 5).flatten(0, 2)


def tiny() -> GatedPixelCNN:
    """An untrained Gated PixelCNN with masks between the planes, the same at each call."""
    model = GatedPixelCNN(layers=1, channels=12, head=24, classes=1, size=SIDE, planes=3)
    chance = torch.Generator().manual_seed(0)
    for p in model.parameters():
        nn.init.normal_(p, std=0.2, generator=chance)
    return model


def fitted(x: Tensor) -> GatedPixelCNN:
    """A tiny model that was trained on these images, (N, 3, 2, 2), in about a second."""
    model = tiny()
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    unlike, counts = x.unique(dim=0, return_counts=True)
    y = torch.zeros(len(unlike), dtype=torch.long)
    for _ in range(STEPS):
        loss = -(counts * model.log_prob(unlike, y)).sum() / len(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval().requires_grad_(False)


def distribution(model: GatedPixelCNN) -> Tensor:
    """p(x) of all `images()`, (4096,), in float64."""
    return model.double().log_prob(images().double()).exp()
