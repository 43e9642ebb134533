"""Digits as codes: rebuilt with the terms of the ELBO, squeezed through few numbers, or decoded from random ones."""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from playground import catalog
from playground.graphs.base import Graph, OfDigits, picture, pictures, side_by_side
from playground.graphs.sizes import RANDOM, STRAIGHT
from playground.imaging.examples import things
from playground.models.autoencoder import squared_error
from playground.models.base import normals
from playground.models.vae import kl_to_standard_normal

SURE = 0.9  # the digit classifier counts as sure of a class from this probability on


class Rebuild(OfDigits):
    """digit (28, 28) in [-1, 1], uniform (784,) in [0, 1), noise (latent,), standard normal -> the digit encoded and decoded again.

    seen, rebuilt (28, 28): x as the encoder sees it, drawn by `uniform` where pixels are black or white, and E[x|z]; reconstruction, kl,
    elbo (), in nats, and mu, sigma (latent,) of q(z|x): see `VAE.elbo_terms`.
    """

    name, systems = "rebuild", ("vae",)

    def examples(self) -> dict[str, Tensor]:
        return {"digit": torch.zeros(28, 28), "uniform": torch.zeros(784), "noise": torch.zeros(self.model.latent)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        uniform = torch.rand(784, generator=generator)
        return super().random(generator) | {"digit": 2 * torch.rand(28, 28, generator=generator) - 1, "uniform": uniform}

    def forward(self, digit: Tensor, uniform: Tensor, noise: Tensor) -> dict[str, Tensor]:
        binary = self.model.likelihood_kind == "bernoulli"
        x = (uniform.view(28, 28) < (digit + 1) / 2).float() if binary else digit  # as in training
        mu, log_var = self.model.encode(x[None, None])
        sigma = (log_var / 2).exp()
        p = self.model.likelihood(mu + sigma * noise)
        # log p(x|z) of binary pixels written out: PyTorch's own, exported to ONNX, is infinite for large logits
        log_prob = x * p.logits - softplus(p.logits) if binary else p.log_prob(x)
        reconstruction, kl = log_prob.sum(), kl_to_standard_normal(mu, log_var)[0]
        seen, rebuilt = (picture(y * 2 - 1 if binary else y) for y in (x[None, None], p.mean))
        nats = {"reconstruction": reconstruction, "kl": kl, "elbo": reconstruction - kl}
        return {"seen": seen, "rebuilt": rebuilt, **nats, "mu": mu[0], "sigma": sigma[0]}


class Squeeze(OfDigits):
    """digit (28, 28) in [-1, 1] -> rebuilt (28, 28), decoded from the model's short code, and error (), squared, mean over pixels.

    A VAE's code is the mean of q(z|x).
    """

    name, systems = "squeeze", ("autoencoder", "vae")

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        digits = super().fits(entry) and entry.config.get("dataset", "mnist") == "mnist"
        return digits and (entry.system != "vae" or entry.config.get("network") == "deep")

    def examples(self) -> dict[str, Tensor]:
        return {"digit": torch.zeros(28, 28)}

    def forward(self, digit: Tensor) -> dict[str, Tensor]:
        return self.compared(digit, self.rebuilt(digit[None, None]))

    def rebuilt(self, x: Tensor) -> Tensor:
        is_vae = self.model.system == "vae"
        return self.model.grey(self.model.encode((x + 1) / 2)[0]) if is_vae else self.model.decode(self.model.encode(x))

    def compared(self, digit: Tensor, rebuilt: Tensor) -> dict[str, Tensor]:
        return {"rebuilt": picture(rebuilt), "error": squared_error(rebuilt, digit[None, None])[0]}


class SqueezeByAxes(Squeeze):
    """The same by the first `size` () axes of PCA."""

    systems = ("pca",)

    def examples(self) -> dict[str, Tensor]:
        return {"digit": torch.zeros(28, 28), "size": torch.tensor(8)}

    def forward(self, digit: Tensor, size: Tensor) -> dict[str, Tensor]:
        z = self.model.encode(digit[None, None])
        return self.compared(digit, self.model.decode(z * (torch.arange(z.shape[1]) < size)))


class SqueezeByChance(SqueezeByAxes):
    """The same by `size` () orthonormal directions drawn at random, around PCA's mean."""

    name = "squeeze-by-chance"

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        drawn = normals(1, STRAIGHT[-1], model.axes.shape[1])
        self.register_buffer("basis", torch.linalg.qr(drawn.T)[0])  # (784, largest size); a smaller size takes the first columns

    def forward(self, digit: Tensor, size: Tensor) -> dict[str, Tensor]:
        z = (digit.view(1, -1) - self.model.mean) @ self.basis
        z = z * (torch.arange(z.shape[1]) < size)
        return self.compared(digit, (self.model.mean + z @ self.basis.T).view(1, 1, 28, 28))


class Line(Graph):
    """t () in [0, 1], a place on the line of sixteen drawn things -> picture (28, 28) decoded there, strip (28, 448) of the sixteen, in
    the order of their codes, and nearest (), the place of the one that is nearest to t.
    """

    name, systems = "line", ("autoencoder",)

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        codes, self.order = model.encode(things())[:, 0].sort()  # (16,)
        self.register_buffer("codes", codes)

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return entry.config.get("dataset") == "things" and entry.config.get("latent") == 1

    def examples(self) -> dict[str, Tensor]:
        return {"t": torch.tensor(0.3)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        return {"t": torch.rand((), generator=generator)}

    def forward(self, t: Tensor) -> dict[str, Tensor]:
        place = t * (len(self.codes) - 1)
        weights = (1 - (place - torch.arange(len(self.codes))).abs()).clamp(min=0)  # of the two codes beside it
        decoded = pictures(self.model.decode(torch.cat([(weights * self.codes).sum().view(1), self.codes])[:, None]))
        return {"picture": decoded[0], "strip": side_by_side(decoded[1:], len(self.codes)), "nearest": place.round().long()}


class RandomCodes(OfDigits):
    """z (RANDOM, latent), standard normal -> sheet (112, 112) of what is decoded from them, and x (RANDOM, 28, 28), in [-1, 1].

    For an autoencoder, which has no prior, z is scaled to the mean and the spread of its own training codes.
    """

    name, systems = "random", ("autoencoder", "vae")

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        if entry.system == "autoencoder":
            self.register_buffer("mean", entry.codes["mean"])
            self.register_buffer("std", entry.codes["std"])

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        of_codes = "mean" in entry.codes if entry.system == "autoencoder" else entry.config.get("network") == "deep"
        return super().fits(entry) and of_codes

    def examples(self) -> dict[str, Tensor]:
        return {"z": torch.zeros(RANDOM, self.model.latent)}

    def forward(self, z: Tensor) -> dict[str, Tensor]:
        x = self.model.grey(z) if self.model.system == "vae" else self.model.decode(self.mean + self.std * z)
        return {"sheet": side_by_side(pictures(x), 4), "x": x[:, 0]}


class Sure(Graph):
    """x (RANDOM, 28, 28) in [-1, 1] -> sure (): the number of digits of which the classifier is sure, whatever the class."""

    name, systems = "sure", ("digit-classifier",)

    def examples(self) -> dict[str, Tensor]:
        return {"x": torch.zeros(RANDOM, 28, 28)}

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"sure": (self.model(x[:, None]).softmax(1).amax(1) >= SURE).sum()}
