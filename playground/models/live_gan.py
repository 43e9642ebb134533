"""A GAN small enough to be trained while one watches (Goodfellow and others, arXiv 1406.2661): points in the plane, two fully connected
networks, and one move of either as a pure function of the game.

Each player's weights are one vector, so that a move is a few operations on it, and takes about half a millisecond.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from playground.models.gan import discriminator_loss, generator_loss, saturating_generator_loss

LATENT, WIDTH = 2, 48
DECAY = 0.99  # of RMSprop's mean of squares
# RMSprop divides a gradient by its own size plus epsilon.  G's is large, so that a gradient that has all but vanished stays small.
G_EPSILON, D_EPSILON = 0.01, 1e-8
LOSSES: dict[str, Callable[[Tensor], Tensor]] = {"non-saturating": generator_loss, "saturating": saturating_generator_loss}
GENERATOR, DISCRIMINATOR = ((LATENT, WIDTH), (WIDTH, WIDTH), (WIDTH, 2)), ((2, WIDTH), (WIDTH, WIDTH), (WIDTH, 1))


@dataclass(frozen=True)
class Player:
    """One network and its optimizer: weights and RMSprop's mean squares of their gradients, (P,) float32 each, after `moves` moves."""

    weights: Tensor
    squares: Tensor
    moves: int = 0


@dataclass(frozen=True)
class Game:
    generator: Player
    discriminator: Player


def start(seed: int) -> Game:
    """The game before its first move."""
    chance = torch.Generator().manual_seed(seed)

    def player(layers) -> Player:
        scales = [1, 1, 0.3]  # the last one small: G begins as a blob in the middle, D undecided
        parts = [(torch.randn(i * o, generator=chance) * c / math.sqrt(i), torch.zeros(o)) for (i, o), c in zip(layers, scales)]
        weights = torch.cat([tensor for part in parts for tensor in part])
        return Player(weights, torch.zeros_like(weights))

    return Game(player(GENERATOR), player(DISCRIMINATOR))


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


def _moved(player: Player, gradient: Tensor, rate: float, epsilon: float) -> Player:
    """One step of RMSprop, its mean of squares freed of its start at zero as in Adam (arXiv 1412.6980, algorithm 1, with beta_1 = 0)."""
    squares = DECAY * player.squares + (1 - DECAY) * gradient**2
    scale = (squares / (1 - DECAY ** (player.moves + 1))).sqrt_().add_(epsilon)
    return Player(player.weights - rate * gradient / scale, squares, player.moves + 1)


def d_step(game: Game, real: Tensor, z: Tensor, rate: float) -> tuple[Game, float]:
    """D's move: down its loss on points `real` (N, 2) and G(z), z (N, 2).  Gives the game after it, and the loss before it in nats."""
    with torch.no_grad():
        fake = generate(game.generator.weights, z)
    weights = game.discriminator.weights.detach().requires_grad_()
    logits = discriminate(weights, torch.cat([real, fake]))
    loss = discriminator_loss(logits[: len(real)], logits[len(real) :])
    (gradient,) = torch.autograd.grad(loss, weights)
    return replace(game, discriminator=_moved(game.discriminator, gradient, rate, D_EPSILON)), loss.item()


def g_step(game: Game, z: Tensor, rate: float, loss: str = "non-saturating", wired: bool = True) -> tuple[Game, float, float]:
    """G's move: down `loss`, a name in LOSSES, on G(z), z (N, 2).  G meets no real point: all it learns comes through D's logits.

    wired: False cuts the wire on which D's gradient comes back, and G's gradient is zero.
    Gives the game after it, the loss before it in nats, and the length of the gradient of G's weights.
    """
    weights = game.generator.weights.detach().requires_grad_()
    logits = discriminate(game.discriminator.weights, generate(weights, z))
    value = LOSSES[loss](logits if wired else logits.detach() + 0 * weights[0])
    (gradient,) = torch.autograd.grad(value, weights)
    return replace(game, generator=_moved(game.generator, gradient, rate, G_EPSILON)), value.item(), gradient.norm().item()


def pull(game: Game, x: Tensor, loss: str) -> Tensor:
    """Where `loss` draws each generated point x (N, 2): minus the gradient of that point's own loss, (N, 2)."""
    x = x.detach().requires_grad_()
    total = LOSSES[loss](discriminate(game.discriminator.weights, x)) * len(x)  # the losses are means
    return -torch.autograd.grad(total, x)[0]
