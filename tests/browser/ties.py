"""Two ways to write the same images in float32, and where they may part."""

import torch
from torch import Tensor

from playground.models.autoregressive.base import Autoregressive

NEAR = 1e-4  # of a cumulative probability, what float32 may be wrong by after all layers


@torch.no_grad()
def ties(model: Autoregressive, made: Tensor, reference: Tensor, y: Tensor, noise: Tensor, temperature: float = 1.0) -> int:
    """How many of the images (N, planes, H, W) differ, where each parts at a tie; AssertionError where one parts elsewhere.

    A tie is a draw whose noise lies so near to the boundary of two values, by the model in float64, that float32 can't tell which it is.
    """
    found = 0
    for k in (made != reference).flatten(1).any(1).nonzero()[:, 0].tolist():
        ours, theirs, drawn = (x[k].permute(1, 2, 0).flatten() for x in (made, reference, noise))  # a pixel's planes side by side
        at = int((ours != theirs).nonzero()[0])
        pixel, plane = divmod(at, model.planes)
        low, high = sorted(round(x[at].item() * (model.levels - 1)) for x in (ours, theirs))
        logits = model.double().value_logits(made[k : k + 1].double(), y[k : k + 1])[0, :, plane].flatten(1)[:, pixel]
        model.float()
        cumulative = (logits / temperature).softmax(0).cumsum(0)[low:high]
        assert (cumulative - drawn[at].item()).abs().max() < NEAR, f"image {k} parts at {divmod(pixel, model.size)}, plane {plane}"
        found += 1
    return found
