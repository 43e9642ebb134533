"""Latent spaces, measured: what PCA, autoencoders and VAEs keep, how close bounds come, and how gradients are sampled."""

from PIL.Image import Image

from playground import catalog
from playground.api.latent import latent_rebuild, observed
from playground.api.signature import Picture, gives
from playground.api.validation import between, checked_seed, digit_tensor, named_model, one_of, tiles, whole
from playground.errors import UserError

SIZES = (1, 2, 3, 4, 8, 16, 32)  # dimensions of the ladders of autoencoders and VAEs
LINEAR = (2, 8)  # those of the linear autoencoders
BETAS = ("0.1", "1", "4", "16")  # weights of the KL term of the VAEs with two dimensions
RANDOM = 16  # pictures of random codes
CODERS = ("pca", "autoencoder", "vae")  # the systems that have codes
WEIGHTS = 2048  # samples of z behind the importance-weighted bounds
WINDOW = 40  # cells a side of the posterior's picture
REACH = 4.0  # the posterior is integrated over [-4, 4]^2, which holds 0.9999 of the prior


def beta_model(beta: str) -> str:
    """The VAE with two dimensions whose KL term weighed `beta` in training."""
    return "vae-mnist-deep-2" if beta == "1" else f"vae-mnist-beta{beta}"


@gives("digit", "by_pca", "by_autoencoder", "by_vae", "errors")
def latent_squeeze(digit: Picture, size: int = 8) -> tuple[Image, Image, Image, Image, dict]:
    """A digit squeezed through a code of few numbers, and rebuilt by PCA, by a deep autoencoder and by a VAE of the same layers.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black.
        size: dimensions of the code: 1, 2, 3, 4, 8, 16 or 32.

    Returns the digit and what PCA, the autoencoder and the VAE (the mean of p(x|z), z the mean of q(z|x)) rebuild, 28 x 28 each, and
    figures: the squared error of "pca", "autoencoder" and "vae", mean over pixels, which are in [-1, 1].
    """
    from playground.imaging import to_image
    from playground.models.autoencoder import squared_error

    x = digit_tensor(digit)
    size = one_of("`size`", size, SIZES)
    pca, ae, vae = catalog.load("pca-mnist"), catalog.load(f"ae-mnist-{size}"), catalog.load(f"vae-mnist-deep-{size}")
    rebuilt = {
        "pca": pca.decode(pca.encode(x, size)),
        "autoencoder": ae.decode(ae.encode(x)),
        "vae": vae.grey(vae.encode((x + 1) / 2)[0]),
    }
    errors = {name: round(squared_error(y, x).item(), 5) for name, y in rebuilt.items()}
    return to_image(x), *(to_image(y.clamp(-1, 1)) for y in rebuilt.values()), errors


@gives("digit", "by_pca", "by_autoencoder", "by_random_directions", "errors")
def latent_linear(digit: Picture, size: int = 8) -> tuple[Image, Image, Image, Image, dict]:
    """A digit squeezed through a few numbers by straight lines only: by PCA, by a linear autoencoder, and by directions drawn at random.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black.
        size: dimensions of the code, 2 or 8.

    Returns the digit and what the three rebuild, 28 x 28 each, and figures: the squared error of "pca", "linear autoencoder" and "random
    directions" (orthonormal ones around PCA's mean), mean over pixels, which are in [-1, 1].
    """
    import torch

    from playground.imaging import to_image
    from playground.models.autoencoder import squared_error
    from playground.models.base import normals

    x = digit_tensor(digit)
    size = one_of("`size`", size, LINEAR)
    pca, ae = catalog.load("pca-mnist"), catalog.load(f"ae-mnist-linear-{size}")
    basis = torch.linalg.qr(normals(1, size, pca.axes.shape[1]).T)[0]  # (784, size)
    rebuilt = {
        "pca": pca.decode(pca.encode(x, size)),
        "linear autoencoder": ae.decode(ae.encode(x)),
        "random directions": (pca.mean + (x.flatten(1) - pca.mean) @ basis @ basis.T).view_as(x),
    }
    errors = {name: round(squared_error(y, x).item(), 5) for name, y in rebuilt.items()}
    return to_image(x), *(to_image(y.clamp(-1, 1)) for y in rebuilt.values()), errors


@gives("pca_axes", "autoencoder_axes", "figures")
def latent_axes(size: int = 8) -> tuple[Image, Image, dict]:
    """The axes of PCA, and those of a linear autoencoder trained on the same digits: the columns of its decoder.

    Args:
        size: dimensions of the code, 2 or 8.

    Returns both as pictures of 28 x 28, at most four a row (grey is 0, white is above), each axis scaled to its largest pixel, and figures:
    "angles" between the two subspaces in degrees, smallest first; "pca" and "autoencoder", the correlations of their codes on the
    training digits, a matrix each; and "pca_largest" and "autoencoder_largest", the largest correlation between two different
    dimensions, of either sign.
    """
    from playground.analysis import subspaces

    size = one_of("`size`", size, LINEAR)
    pca, ae = catalog.load("pca-mnist"), catalog.load(f"ae-mnist-linear-{size}")
    axes, columns = pca.axes[:size], ae.decoder[0].weight.T  # (size, 784) each
    said = {"angles": [round(angle, 4) for angle in subspaces.principal_angles(columns.T, axes.T).tolist()]}
    for name, encoder in (("pca", axes), ("autoencoder", ae.encoder[1].weight)):
        covariance = subspaces.linear_code_covariance(encoder, pca.axes, pca.variances)
        said[name] = subspaces.correlations(covariance).tolist()
        said[f"{name}_largest"] = subspaces.largest_correlation(covariance)
    pictures = ((rows / rows.abs().amax(1, keepdim=True)).view(-1, 1, 28, 28) for rows in (axes, columns))
    return *(tiles(rows, min(size, 4)) for rows in pictures), said


@gives("picture", "strip", "names")
def latent_line(t: float = 0.0) -> tuple[Image, Image, list[str]]:
    """Sixteen drawn things on one line: the single number that an autoencoder gives each of them, and what it makes of the places between.

    Args:
        t: the place on the line, from 0 to 1, on which the sixteen stand evenly in the order of their codes.

    Returns the picture decoded there, 28 x 28; the sixteen, as decoded from their codes, in that order, as one strip; and their names,
    "bird", "cat", "plane" or "car".
    """
    from playground.drawing.pictures import THINGS
    from playground.imaging import to_image
    from playground.imaging.examples import things

    model = catalog.load("ae-things-1")
    codes, order = model.encode(things())[:, 0].sort()  # (16,)
    place = between("t", t, 0, 1) * (len(codes) - 1)
    first = min(int(place), len(codes) - 2)
    code = codes[first].lerp(codes[first + 1], place - first)
    names = [THINGS[i // 4] for i in order.tolist()]
    return to_image(model.decode(code.view(1, 1))), tiles(model.decode(codes[:, None]), len(codes)), names


@gives("by_autoencoder", "by_vae")
def latent_random(size: int = 8, seed: int = 1) -> tuple[Image, Image]:
    """Random codes, decoded by an autoencoder and by a VAE of the same layers.

    Args:
        size: dimensions of the code: 1, 2, 3, 4, 8, 16 or 32.
        seed: from 0 to 2147483647.  Both get the same z ~ N(0, I), which for the autoencoder is scaled to the mean and the spread that
            each dimension of its own training codes has.

    Returns sixteen pictures of each, four of 28 x 28 pixels a row: the autoencoder's, and the means of the VAE's p(x|z).
    """
    return tuple(tiles(x, 4) for x in random_codes(one_of("`size`", size, SIZES), checked_seed(seed)))


def random_codes(size: int, seed: int) -> tuple:
    """What `latent_random` shows, as images (16, 1, 28, 28) in [-1, 1] each."""
    from playground.models.base import normals

    z = normals(seed, RANDOM, size)
    mean, spread = _spread(f"ae-mnist-{size}")
    return catalog.load(f"ae-mnist-{size}").decode(mean + spread * z), catalog.load(f"vae-mnist-deep-{size}").grey(z)


@gives("seen", "rebuilt", "samples", "figures")
def latent_picture(picture: Picture, model: str = "ae-mnist-32", seed: int = 1) -> tuple[Image, Image, Image, dict]:
    """A picture through the code of any PCA, autoencoder or VAE, of whatever size and colours it was trained on.

    Args:
        picture: "0" to "9" for one of ten drawn digits, a drawn house's name ("ten rectangles", "a town house", "a long facade"), or a data
            URL of a picture, of which a model takes the middle square; one of digits takes it for a drawing.
        model: name of such a model.
        seed: of the random codes, from 0 to 2147483647.

    Returns the picture as the model sees it, and rebuilt, in the model's own size; sixteen pictures decoded from random codes, four a row
    (z of a VAE's prior; of the others normal, with the mean and the spread of the training codes); and figures: "error", the squared
    error, mean over pixels in [-1, 1], and "dimensions" of the code.
    """
    import torch

    from playground.imaging import to_image
    from playground.models.autoencoder import squared_error

    net = named_model(model, *CODERS)
    x, noise = _pixels(picture, net.size, net.planes), checked_seed(seed)
    with torch.inference_mode():
        z, rebuilt = _coded(net, x)
        made = _decoded(net, _random(net, model, RANDOM, noise, z.shape[1]))
    said = {"error": round(squared_error(rebuilt, x).item(), 5), "dimensions": z.shape[1]}
    return to_image(x), to_image(rebuilt), tiles(made, 4), said


def _pixels(picture: str, size: int, planes: int):
    """A drawn picture by its name, or a data URL, as images of a model's size, (1, planes, size, size) in [-1, 1]."""
    from torch.nn.functional import interpolate

    from playground.api.sketch import facade_photo
    from playground.drawing.digit_strokes import DIGITS
    from playground.drawing.facades import FACADES

    if picture not in FACADES and (picture in DIGITS or (size, planes) == (28, 1)):
        return interpolate(digit_tensor(picture), (size, size), mode="bilinear", antialias=True).expand(-1, planes, -1, -1)
    x = facade_photo(picture, size)
    return x if planes == 3 else x.mean(1, keepdim=True)


def _coded(net, x):
    """The code of images in [-1, 1], (N, d), and what it becomes again."""
    if net.system != "vae":
        z = net.encode(x)
        return z, _decoded(net, z)
    z, _ = net.encode(x if net.likelihood_kind == "gaussian" else (x + 1) / 2)
    return z, _decoded(net, z)


def _decoded(net, z):
    return net.grey(z) if net.system == "vae" else net.decode(z).clamp(-1, 1)


def _random(net, name: str, count: int, seed: int, dimensions: int):
    from playground.models.base import normals

    z = normals(seed, count, dimensions)
    if net.system == "pca":
        return z * net.variances.sqrt()
    mean, spread = _spread(name) if net.system == "autoencoder" else (0, 1)
    return mean + spread * z


@gives("seen", "beta_0_1", "beta_1", "beta_4", "beta_16", "figures")
def latent_betas(digit: Picture, seed: int = 1) -> tuple[Image, Image, Image, Image, Image, dict]:
    """A digit rebuilt by four VAEs with two latent dimensions that were trained alike, but for beta, the weight of the KL term.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black.
        seed: of the binarisation and of the noise behind z, the same for all, from 0 to 2147483647.

    Returns what the encoders saw and the means of p(x|z) with beta 0.1, 1, 4 and 16, 28 x 28 each, and figures in nats, a list each in
    that order: "reconstruction", log p(x|z), and "kl", KL(q(z|x) || p(z)), unweighted.
    """
    made = [latent_rebuild(digit, beta_model(beta), seed) for beta in BETAS]
    said = {name: [figures[name] for _, _, figures in made] for name in ("reconstruction", "kl")}
    return made[0][0], *(rebuilt for _, rebuilt, _ in made), said


@gives("posterior", "figures")
def latent_bounds(digit: Picture, model: str = "vae-mnist-2d", seed: int = 1) -> tuple[Image, dict]:
    """Bounds on log p(x) of a digit beside its exact value, which a latent space of two dimensions lets one integrate.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black.
        model: name of a VAE with two latent dimensions.
        seed: of the binarisation and of the samples of z, from 0 to 2147483647.

    Returns the true posterior p(z|x) on a square window of the latent space, 40 x 40, white where it is largest, and figures in nats:
    "reconstruction", E_q[log p(x|z)] by samples, "kl" and "elbo"; "bounds", a list of [k, mean, spread] of the importance-weighted bound;
    "log_p", the integral of p(x|z) p(z) over z in [-4, 4]^2; and "window", [left, bottom, side] in z, with "mu" and "sigma" of q(z|x).
    """
    import torch

    from playground.analysis import bounds
    from playground.imaging import to_image
    from playground.models.base import normals
    from playground.models.vae import kl_to_standard_normal

    vae = named_model(model, "vae")
    if vae.latent != 2:
        raise UserError(f"The posterior is integrated over two latent dimensions; {model} has {vae.latent}.")
    x = observed(vae, digit, checked_seed(seed))
    mu, log_var = vae.encode(x)
    noise = normals(seed, 1, WEIGHTS, 2)
    weights = torch.cat([vae.log_weights(x, part) for part in noise.split(512, dim=1)], 1)[0]  # (WEIGHTS,)
    kl = kl_to_standard_normal(mu, log_var).item()
    exact = bounds.posterior(vae, x, REACH)
    sigma = (log_var[0] / 2).exp()
    left, bottom, side = _window(exact, mu[0], sigma)
    inside = bounds.log_joint_on(vae, x, (left, bottom), side, WINDOW)  # (WINDOW, WINDOW), a row is one z2, from below
    picture = (inside - inside.max()).exp().flip(0) * 2 - 1
    steps = [[k, round(mean, 4), None if spread != spread else round(spread, 4)] for k, mean, spread in bounds.nested_bounds(weights)]
    elbo = steps[0][1]
    said = {"reconstruction": elbo + kl, "kl": kl, "elbo": elbo, "bounds": steps, "log_p": exact.log_evidence}
    return to_image(picture[None]), said | {"window": [left, bottom, side], "mu": mu[0].tolist(), "sigma": sigma.tolist()}


@gives("figures")
def latent_gradients(mu: float = 1.0, sigma: float = 1.0, count: int = 64, seed: int = 1) -> dict:
    """The gradient of E[z^2], z ~ N(mu, sigma^2), by (mu, sigma): exactly, and by two estimators from the same samples.

    Args:
        mu: from -2 to 2.
        sigma: from 0.1 to 2.
        count: samples, from 2 to 4096.
        seed: from 0 to 2147483647.

    Returns "exact", (2 mu, 2 sigma); and for "pathwise" (reparameterisation) and "score" (score function) the "mean" of the estimates and
    the "spread" (standard deviation) of a single one, two numbers each.
    """
    from playground.analysis import bounds
    from playground.models.base import normals

    mu, sigma = between("`mu`", mu, -2, 2), between("`sigma`", sigma, 0.1, 2)
    noise = normals(checked_seed(seed), 1, whole("`count`", count, 2, 4096))[0]
    said = {"exact": [2 * mu, 2 * sigma]}
    for name, gradient in (("pathwise", bounds.pathwise_gradient), ("score", bounds.score_function_gradient)):
        found = gradient(lambda z: z.square(), mu, sigma, noise)  # (count, 2)
        said[name] = {"mean": found.mean(0).tolist(), "spread": found.std(0).tolist()}
    return said


def _spread(name: str):
    """The mean and the standard deviation of each dimension of an autoencoder's training codes, (latent,) each."""
    stored = catalog.entry(name).codes
    if not stored:
        raise UserError(f"{name} has no codes.safetensors; train it again.")
    return stored["mean"], stored["std"]


def _window(exact, mu, sigma) -> tuple[float, float, float]:
    """A square (left, bottom, side) that holds q and the cells with all but nothing of the posterior."""
    rows, columns = (exact.log_joint > exact.log_joint.max() - 6).nonzero(as_tuple=True)
    low = [min(float(m - 4 * s), (int(i.min()) - 0.0) * exact.cell - REACH) for m, s, i in zip(mu, sigma, (columns, rows))]
    high = [max(float(m + 4 * s), (int(i.max()) + 1.0) * exact.cell - REACH) for m, s, i in zip(mu, sigma, (columns, rows))]
    side = max(b - a for a, b in zip(low, high))
    left, bottom = ((a + b - side) / 2 for a, b in zip(low, high))
    return left, bottom, side
