"""Latent spaces, measured: what PCA, autoencoders and VAEs keep, how close bounds come, and how gradients are sampled."""

from PIL.Image import Image, fromarray

from playground import catalog, graphs
from playground.api.latent import observed, rebuilt
from playground.api.signature import Picture, gives
from playground.api.validation import between, checked_seed, digit_tensor, named_model, one_of, tiles, whole
from playground.errors import UserError
from playground.graphs.recording import noise
from playground.graphs.sizes import RANDOM as RANDOM
from playground.graphs.sizes import STRAIGHT as LINEAR

SIZES = (1, 2, 3, 4, 8, 16, 32)  # dimensions of the ladders of autoencoders and VAEs
BETAS = ("0.1", "1", "4", "16")  # weights of the KL term of the VAEs with two dimensions
CODERS = ("pca", "autoencoder", "vae")  # the systems that have codes
WEIGHTS = 2048  # samples of z behind the importance-weighted bounds
WINDOW = 40  # cells a side of the posterior's picture
REACH = 4.0  # the posterior is integrated over [-4, 4]^2, which holds 0.9999 of the prior


def squeezers(size: int) -> tuple[str, str]:
    """The deep autoencoder and the VAE of the same layers with codes of `size` numbers."""
    return f"ae-mnist-{size}", f"vae-mnist-deep-{size}"


def beta_model(beta: str) -> str:
    """The VAE with two dimensions that was trained with `beta` as the weight of the KL term."""
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

    x = digit_tensor(digit)
    size = one_of("`size`", size, SIZES)
    found = squeezed(x, size)
    errors = {name: round(one.error, 5) for name, one in found.items()}
    return to_image(x), *(fromarray(one.rebuilt) for one in found.values()), errors


def squeezed(digit, size: int) -> dict:
    """The outputs of the graphs behind `latent_squeeze`, for a digit (28, 28) in [-1, 1]."""
    found = {"pca": graphs.run("squeeze", "pca-mnist", digit=digit, size=size)}
    return found | {name: graphs.run("squeeze", model, digit=digit) for name, model in zip(("autoencoder", "vae"), squeezers(size))}


@gives("digit", "by_pca", "by_autoencoder", "by_random_directions", "errors")
def latent_linear(digit: Picture, size: int = 8) -> tuple[Image, Image, Image, Image, dict]:
    """A digit squeezed through a few numbers by straight lines only: by PCA, by a linear autoencoder, and by directions drawn at random.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black.
        size: dimensions of the code, 2 or 8.

    Returns the digit and what the three rebuild, 28 x 28 each, and figures: the squared error of "pca", "linear autoencoder" and "random
    directions" (orthonormal ones around PCA's mean), mean over pixels, which are in [-1, 1].
    """
    from playground.imaging import to_image

    x = digit_tensor(digit)
    found = straight(x, one_of("`size`", size, LINEAR))
    errors = {name: round(one.error, 5) for name, one in found.items()}
    return to_image(x), *(fromarray(one.rebuilt) for one in found.values()), errors


def straight(digit, size: int) -> dict:
    """The outputs of the graphs behind `latent_linear`, for a digit (28, 28) in [-1, 1]."""
    return {
        "pca": graphs.run("squeeze", "pca-mnist", digit=digit, size=size),
        "linear autoencoder": graphs.run("squeeze", f"ae-mnist-linear-{size}", digit=digit),
        "random directions": graphs.run("squeeze-by-chance", "pca-mnist", digit=digit, size=size),
    }


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
    figures = {"angles": [round(angle, 4) for angle in subspaces.principal_angles(columns.T, axes.T).tolist()]}
    for name, encoder in (("pca", axes), ("autoencoder", ae.encoder[1].weight)):
        covariance = subspaces.linear_code_covariance(encoder, pca.axes, pca.variances)
        figures[name] = subspaces.correlations(covariance).tolist()
        figures[f"{name}_largest"] = subspaces.largest_correlation(covariance)
    pictures = ((rows / rows.abs().amax(1, keepdim=True)).view(-1, 1, 28, 28) for rows in (axes, columns))
    return *(tiles(rows, min(size, 4)) for rows in pictures), figures


@gives("picture", "strip", "names")
def latent_line(t: float = 0.0) -> tuple[Image, Image, list[str]]:
    """Sixteen drawn things on one line: the single number that an autoencoder gives each of them, and what it makes of the places between.

    Args:
        t: the place on the line, from 0 to 1, on which the sixteen stand evenly in the order of their codes.

    Returns the picture decoded there, 28 x 28; the sixteen, as decoded from their codes, in that order, as one strip; and their names,
    "bird", "cat", "plane" or "car".
    """
    found = graphs.run("line", "ae-things-1", t=between("t", t, 0, 1))
    return fromarray(found.picture), fromarray(found.strip), things_on_line()


def things_on_line() -> list[str]:
    """The names of the sixteen things in the order of their codes."""
    from playground.drawing.pictures import THINGS

    return [THINGS[i // 4] for i in graphs.load("line", "ae-things-1").order.tolist()]


@gives("by_autoencoder", "by_vae")
def latent_random(size: int = 8, seed: int = 1) -> tuple[Image, Image]:
    """Random codes, decoded by an autoencoder and by a VAE of the same layers.

    Args:
        size: dimensions of the code: 1, 2, 3, 4, 8, 16 or 32.
        seed: from 0 to 2147483647.  Both get the same z ~ N(0, I), which for the autoencoder is scaled to the mean and the spread that
            each dimension of its own training codes has.

    Returns sixteen pictures of each, four of 28 x 28 pixels a row: the autoencoder's, and the means of the VAE's p(x|z).
    """
    return tuple(fromarray(result.sheet) for result in random_codes(one_of("`size`", size, SIZES), checked_seed(seed)))


def random_codes(size: int, seed: int) -> list:
    """The outputs of the graph "random" of the autoencoder and of the VAE, for the same z."""
    return [graphs.run("random", model, z=noise("normals", seed, RANDOM, size)) for model in squeezers(size)]


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
    from playground.models.base import normals

    net = named_model(model, *CODERS)
    x, seed = _pixels(picture, net.size, net.planes), checked_seed(seed)
    with torch.inference_mode():
        z, rebuilt = _coded(net, x)
        samples = _decoded(net, _random(net, model, normals(seed, RANDOM, z.shape[1])))
    figures = {"error": round(squared_error(rebuilt, x).item(), 5), "dimensions": z.shape[1]}
    return to_image(x), to_image(rebuilt), tiles(samples, 4), figures


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
    """The code of images in [-1, 1], (N, d), and its reconstruction."""
    if net.system != "vae":
        z = net.encode(x)
        return z, _decoded(net, z)
    z, _ = net.encode(x if net.likelihood_kind == "gaussian" else (x + 1) / 2)
    return z, _decoded(net, z)


def _decoded(net, z):
    return net.grey(z) if net.system == "vae" else net.decode(z).clamp(-1, 1)


def _random(net, name: str, z):
    """Standard normal z (N, d), scaled to the distribution of the model's own codes."""
    if net.system == "pca":
        return z * net.variances.sqrt()
    if net.system == "vae":
        return z
    if not (stored := catalog.entry(name).codes):
        raise UserError(f"{name} has no codes.safetensors; train it again.")
    return stored["mean"] + stored["std"] * z


@gives("seen", "beta_0_1", "beta_1", "beta_4", "beta_16", "figures")
def latent_betas(digit: Picture, seed: int = 1) -> tuple[Image, Image, Image, Image, Image, dict]:
    """A digit rebuilt by four VAEs with two latent dimensions that were trained alike, but for beta, the weight of the KL term.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black.
        seed: of the binarisation and of the noise behind z, the same for all, from 0 to 2147483647.

    Returns what the encoders saw and the means of p(x|z) with beta 0.1, 1, 4 and 16, 28 x 28 each, and figures in nats, a list each in
    that order: "reconstruction", log p(x|z), and "kl", KL(q(z|x) || p(z)), unweighted.
    """
    results = [rebuilt(digit_tensor(digit), beta_model(beta), checked_seed(seed)) for beta in BETAS]
    figures = {name: [round(getattr(one, name), 3) for one in results] for name in ("reconstruction", "kl")}
    return fromarray(results[0].seen), *(fromarray(one.rebuilt) for one in results), figures


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
    figures = {"reconstruction": elbo + kl, "kl": kl, "elbo": elbo, "bounds": steps, "log_p": exact.log_evidence}
    return to_image(picture[None]), figures | {"window": [left, bottom, side], "mu": mu[0].tolist(), "sigma": sigma.tolist()}


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
    figures = {"exact": [2 * mu, 2 * sigma]}
    for name, gradient in (("pathwise", bounds.pathwise_gradient), ("score", bounds.score_function_gradient)):
        found = gradient(lambda z: z.square(), mu, sigma, noise)  # (count, 2)
        figures[name] = {"mean": found.mean(0).tolist(), "spread": found.std(0).tolist()}
    return figures


def _window(exact, mu, sigma) -> tuple[float, float, float]:
    """A square (left, bottom, side) that holds q and the cells with almost all of the posterior."""
    rows, columns = (exact.log_joint > exact.log_joint.max() - 6).nonzero(as_tuple=True)
    low = [min(float(m - 4 * s), (int(i.min()) - 0.0) * exact.cell - REACH) for m, s, i in zip(mu, sigma, (columns, rows))]
    high = [max(float(m + 4 * s), (int(i.max()) + 1.0) * exact.cell - REACH) for m, s, i in zip(mu, sigma, (columns, rows))]
    side = max(b - a for a, b in zip(low, high))
    left, bottom = ((a + b - side) / 2 for a, b in zip(low, high))
    return left, bottom, side
