"""A GAN small enough to be trained while one watches (Goodfellow and others, arXiv 1406.2661): points in the plane, two fully connected
networks, and one move of either as a pure function of the game.

Each player's weights are one vector, so that a move is a few operations on it, and takes about half a millisecond.  All numbers may be
tensors, so that a move can be exported as a graph for the browser (`playground/graphs/game.py`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from playground.models import counter
from playground.models.gan import discriminator_loss, generator_loss, saturating_generator_loss

LATENT, WIDTH = 2, 48
START_G, START_D = 1, 2  # streams of random numbers
DECAY = 0.99  # of RMSprop's mean of squares
# RMSprop divides a gradient by its own size plus epsilon.  G's epsilon is large, so that a vanishing gradient stays small.
G_EPSILON, D_EPSILON = 0.01, 1e-8
LOSSES: dict[str, Callable[[Tensor], Tensor]] = {"non-saturating": generator_loss, "saturating": saturating_generator_loss}
GENERATOR, DISCRIMINATOR = ((LATENT, WIDTH), (WIDTH, WIDTH), (WIDTH, 2)), ((2, WIDTH), (WIDTH, WIDTH), (WIDTH, 1))


@dataclass(frozen=True)
class Player:
    """One network and its optimizer: weights and RMSprop's mean squares of their gradients, (P,) float32 each, after `moves` moves."""

    weights: Tensor
    squares: Tensor
    moves: int | Tensor = 0


@dataclass(frozen=True)
class Game:
    generator: Player
    discriminator: Player


def start(seed) -> Game:
    """The game before its first move; seed: from 0 to 2^31 - 1."""

    def player(layers, stream: int) -> Player:
        sizes = [(i * o, o) for i, o in layers]
        noise = counter.normals(counter.key(seed, stream), (sum(of_matrix for of_matrix, _ in sizes) + 1) // 2).flatten()
        # The last scale is small: G begins as a blob in the middle, D undecided.
        scales, used, parts = [1, 1, 0.3], 0, []
        for (i, _), (of_matrix, of_bias), scale in zip(layers, sizes, scales):
            parts += [noise[used : used + of_matrix] * (scale / math.sqrt(i)), torch.zeros(of_bias)]
            used += of_matrix
        weights = torch.cat(parts)
        return Player(weights, torch.zeros_like(weights))

    return Game(player(GENERATOR, START_G), player(DISCRIMINATOR, START_D))


def _network(weights: Tensor, layers, x: Tensor) -> Tensor:
    pieces = iter(weights.split([size for i, o in layers for size in (i * o, o)]))
    for number, (i, o) in enumerate(layers):
        x = F.leaky_relu(x, 0.2) if number else x
        matrix, bias = next(pieces).view(i, o), next(pieces)
        x = torch.addmm(bias, x, matrix)
    return x


def generate(weights: Tensor, z: Tensor) -> Tensor:
    """G(z): standard normal z (N, 2) to points (N, 2)."""
    return _network(weights, GENERATOR, z)


def discriminate(weights: Tensor, x: Tensor) -> Tensor:
    """D(x) in logits: points (N, 2) to (N,)."""
    return _network(weights, DISCRIMINATOR, x).squeeze(1)


def _moved(player: Player, gradient: Tensor, rate, epsilon: float) -> Player:
    """One step of RMSprop with the bias correction of Adam (arXiv 1412.6980, algorithm 1, with beta_1 = 0)."""
    squares = DECAY * player.squares + (1 - DECAY) * gradient**2
    scale = (squares / (1 - DECAY ** (player.moves + 1))).sqrt() + epsilon
    return Player(player.weights - rate * gradient / scale, squares, player.moves + 1)


def d_step(game: Game, real: Tensor, z: Tensor, rate) -> tuple[Game, Tensor]:
    """D's move: down its loss on points `real` (N, 2) and G(z), z (N, 2).  Returns the game after it, and the loss before it, in nats."""
    with torch.no_grad():
        fake = generate(game.generator.weights, z)
    weights = game.discriminator.weights.detach().requires_grad_()
    loss = discriminator_loss(*discriminate(weights, torch.cat([real, fake])).split([len(real), len(fake)]))
    (gradient,) = torch.autograd.grad(loss, weights)
    return replace(game, discriminator=_moved(game.discriminator, gradient, rate, D_EPSILON)), loss.detach()


def g_loss(loss: str | Tensor, logits: Tensor) -> Tensor:
    """G's loss from D's logits of generated points (N,), a scalar in nats.  loss: a name in LOSSES, or the weights of LOSSES, (2,)."""
    if isinstance(loss, str):
        return LOSSES[loss](logits)
    return torch.stack([one(logits) for one in LOSSES.values()]).dot(loss)


def g_step(game: Game, z: Tensor, rate, loss: str | Tensor = "non-saturating", wired=True) -> tuple[Game, Tensor, Tensor]:
    """G's move: down `loss` (see `g_loss`) on G(z), z (N, 2).  G never sees a real point: all that it learns comes through D's logits.

    wired: False, or 0, cuts off the gradient that comes from D, so that G's gradient is zero.
    Returns the game after it, the loss before it in nats, and the norm of the gradient of G's weights.
    """
    weights = game.generator.weights.detach().requires_grad_()
    value = g_loss(loss, discriminate(game.discriminator.weights, generate(weights, z)))
    gradient = torch.autograd.grad(value, weights)[0] * wired
    return replace(game, generator=_moved(game.generator, gradient, rate, G_EPSILON)), value.detach(), gradient.norm()


def pull(game: Game, x: Tensor, loss: str | Tensor) -> Tensor:
    """Where `loss` draws each generated point x (N, 2): minus the gradient of that point's own loss, (N, 2)."""
    x = x.detach().requires_grad_()
    total = g_loss(loss, discriminate(game.discriminator.weights, x)) * len(x)  # the losses are means
    return -torch.autograd.grad(total, x)[0]
