"""Counter-based random numbers (Salmon and others, SC 2011): number i of a stream is a function of the stream's key and of i.

No generator state has to be carried along.  The arithmetic is multiplication and addition of integers modulo a prime, which PyTorch, ONNX
and every processor do exactly alike, so that server and browser draw the same noise.
"""

import math

import torch
from torch import Tensor

PRIME = 2**31 - 1
# (a x + c)^5 modulo the prime: the round of the cipher MiMC (Albrecht and others, ASIACRYPT 2016), a permutation as 5 does not divide
# PRIME - 1.  The constants are arbitrary.
_FACTOR, _ADDEND = 742_938_285, 1_020_304_051
_BITS = 24  # of a uniform number: as many as float32 holds


def _mixed(x):
    """Scrambles whole numbers from 0 to 2^31 (int, or int64 tensor) to whole numbers below PRIME."""
    x = (x * _FACTOR + _ADDEND) % PRIME
    square = x * x % PRIME
    return square * square % PRIME * x % PRIME


def key(seed, stream: int, move=0):
    """The key of the numbers that a seed draws for one purpose in one move; all from 0 to 2^31 - 1, int or int64 scalar."""
    return _mixed(_mixed(_mixed(seed) + stream) + move)


def numbers(of, count: int) -> Tensor:
    """The first `count` numbers of a key: (count,) int64, uniform over 0 to PRIME - 1."""
    return _mixed(_mixed(torch.arange(count)) + of)


def uniforms(of, count: int) -> Tensor:
    """Uniform numbers in [0, 1): (count,) float32."""
    return (numbers(of, count) % 2**_BITS).float() * 2.0**-_BITS


def normals(of, count: int) -> Tensor:
    """The first `count` points of a key, standard normal in the plane: (count, 2) float32, by the transform of Box and Muller."""
    first, second = uniforms(of, 2 * count).view(count, 2).unbind(1)
    radius, angle = (-2 * torch.log(1 - first)).sqrt(), 2 * math.pi * second
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
