"""What the tab "Latent space" says."""

import numpy as np
import torch

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS, SPIRAL
from playground.drawing.palettes import CLASSES
from playground.ui.tabs.latent.codes import codes_of
from playground.ui.tabs.latent.noise import SAMPLES
from tests.words.page import film, grey, ink, numbers, read, says, sharp, sure, tiles


@says(
    "latent",
    "view map",
    "Each place of the map is a code z, and the digit beside it is what the decoder makes of it. Move over the map: digits flow into each "
    "other, and between two classes they blur.",
    "E[x|z], what the decoder makes of this place",
)
def _(seen):
    whole = api.latent_map(seen.state.plane)
    p = read(whole)
    assert len(p) == 21 * 21 and len(set(p.argmax(1).tolist())) >= 9  # digits of nearly all classes
    unsure = p.max(1).values < 0.7
    white = tiles(whole).amax((1, 2, 3))
    assert 10 < unsure.sum() < 150 and white[unsure].mean() < white[~unsure].mean()  # between classes they blur
    alone = api.latent_decode(list(seen.state.z), seen.state.plane)
    assert tiles(seen.picture("latent-digit")).equal(tiles(alone)) and sure(alone) == 1


@says(
    "latent",
    "view rebuild",
    "Left your digit, right what comes back from its code. Draw, and watch the terms of the ELBO: what the code keeps, and what it costs.",
    "x, as the encoder sees it",
    "x rebuilt from z",
)
def _(seen):
    x, again = tiles(seen.picture("latent-seen")), tiles(seen.picture("latent-rebuilt"))
    assert set(x.unique().tolist()) == {-1, 1}  # as the encoder sees it: black or white
    assert read(seen.picture("latent-rebuilt")).argmax() == read(seen.picture("latent-seen")).argmax()
    assert (again - x).square().mean() < 0.25 * x.square().mean()
    rebuilt, kl, elbo = (seen.figure(f) for f in ("reconstruction, log p(x|z)", "KL(q(z|x) || p(z))", "ELBO, their difference"))
    assert abs(rebuilt - kl - elbo) < 0.2


@says(
    "latent",
    "view between",
    "The codes of two drawn digits, and what the decoder makes of the way between them. Drag along the strip, and look for the place "
    "where one class becomes the other.",
    "decoded on the way",
)
def _(seen):
    strip = read(*seen.pictures("latent-strip"))
    assert strip[0, int(seen.state.a)] > 0.9 and strip[-1, int(seen.state.b)] > 0.9
    assert tiles(seen.picture("latent-way")).equal(tiles(*seen.pictures("latent-strip"))[5:6])  # half way


@says(
    "latent",
    "view dials",
    "The code of a drawn digit, dimension by dimension. Turn one dial at a time: the first few change the digit most.",
    "decoded from the changed code",
)
def _(seen):
    model, start = seen.state.model, tiles(seen.picture("latent-varied"))
    moved = []
    for place in range(12):
        turned = [0.0] * 12
        turned[place] = 3.0
        moved.append((tiles(api.latent_vary(seen.state.hand, turned, model)[0]) - start).square().mean().item())
    assert np.mean(moved[:4]) > 1.2 * np.mean(moved[8:])
    assert read(seen.picture("latent-varied"))[0, int(seen.state.hand)] > 0.9


@says(
    "latent",
    "view fashion",
    "Sixteen new digits and sixteen new clothes, decoded from random z. Switch between the mean of p(x|z), which is smooth, and a sample "
    "of it, which is noisy.",
    "digits",
    "fashion",
)
def _(seen):
    assert seen.state.show == "mean" and "fashion" in catalog.entry(seen.state.beside).config["dataset"]
    assert catalog.entry(seen.state.model).config["dataset"] == "mnist"
    rough = lambda picture: tiles(picture).diff(dim=3).abs().mean().item()  # noqa: E731
    for elem_id, name in (("latent-digits", seen.state.model), ("latent-clothes", seen.state.beside)):
        assert len(tiles(seen.picture(elem_id))) == 16
        assert rough(api.latent_samples(name, "sample", seen.state.spread, seen.state.seed)) > 1.3 * rough(seen.picture(elem_id))


@says(
    "latent",
    "view squeeze",
    "One digit through a code of a few numbers, by PCA, by an autoencoder and by a VAE. Turn the number of dimensions down, and see who "
    "loses the digit first.",
    "your digit",
    "PCA",
    "autoencoder",
    "VAE",
)
def _(seen):
    ids = {"pca": "latent-squeeze-pca", "autoencoder": "latent-squeeze-ae", "vae": "latent-squeeze-vae"}
    *pictures, _ = api.latent_squeeze(seen.state.mine, int(seen.state.size))
    for elem_id, picture in zip(("latent-squeeze-x", *ids.values()), pictures):
        assert tiles(seen.picture(elem_id)).equal(tiles(picture))
    lost = {}  # the first size, going down, at which the classifier no longer reads the digit
    for maker, place in zip(ids, (1, 2, 3)):
        right = [size for size in api.SIZES if read(api.latent_squeeze("4", size)[place])[0].argmax() == 4]
        lost[maker] = min(right, default=64)
    assert lost["pca"] > lost["autoencoder"]


@says(
    "latent",
    "view axes",
    "The axes of PCA beside those of a linear autoencoder, and a digit rebuilt from each. The axes differ; what they rebuild does not.",
    "PCA: the axes are orthogonal",
    "a linear autoencoder: the columns of its decoder",
    "your digit",
    "PCA",
    "a linear autoencoder",
    "directions drawn at random",
)
def _(seen):
    axes, columns = (tiles(seen.picture(f"latent-axes-{name}")).flatten(1) for name in ("pca", "ae"))
    alike = torch.nn.functional.cosine_similarity(axes[:, None], axes[None], dim=2) - torch.eye(8)
    assert alike.abs().max() < 0.1  # orthogonal, up to the grey that stands for 0
    assert torch.nn.functional.cosine_similarity(axes[:, None], columns[None], dim=2).abs().max(1).values.median() < 0.9
    x, pca, linear, chance = (tiles(seen.picture(f"latent-linear-{place}")) for place in range(4))
    assert (pca - linear).abs().max() < 0.02 and (chance - x).square().mean() > 1.4 * (pca - x).square().mean()


@says(
    "latent",
    "view line",
    "Sixteen pictures that an autoencoder keeps in a single number. Drag along the line: what lives and what does not, what flies and "
    "what does not, take turns.",
    "decoded from one number",
)
def _(seen):
    *_, names = api.latent_line(seen.state.line)
    assert catalog.load("ae-things-1").latent == 1 and len(names) == 16
    for kinds in (("bird", "cat"), ("bird", "plane")):
        has = [name in kinds for name in names]
        assert sum(a != b for a, b in zip(has, has[1:])) >= 5
    assert (tiles(seen.picture("latent-thing")) - tiles(*seen.pictures("latent-line"))[:1]).abs().mean() < 0.02


@says(
    "latent",
    "view random",
    "Random codes, decoded by an autoencoder and by a VAE with the same layers. Roll the dice, and count the digits on either side.",
    "autoencoder",
    "VAE, the same layers",
)
def _(seen):
    of_ae, of_vae = (sure(seen.picture(f"latent-random-{maker}")) for maker in ("ae", "vae"))
    assert of_vae > of_ae
    layers = [catalog.load(name).decoder for name in (f"ae-mnist-{seen.state.codes}", f"vae-mnist-deep-{seen.state.codes}")]
    assert [p.shape for p in layers[0].parameters()] == [p.shape for p in layers[1].parameters()]


@says(
    "latent",
    "view beta",
    "One digit rebuilt by four VAEs whose KL term weighed more and more in training. Choose a weight to see its map, and notice how the "
    "codes draw together.",
    "your digit",
    "beta 0.1",
    "beta 1",
    "beta 4",
    "beta 16",
    "2,000 training digits over the map, in class colours",
)
def _(seen):
    spreads = [codes_of(api.beta_model(beta))[0].std() for beta in api.BETAS]
    assert spreads == sorted(spreads, reverse=True) and spreads[0] > 1.5 * spreads[-1]  # the codes draw together
    *pictures, _ = api.latent_betas(seen.state.pulled, seen.state.seed)
    for place, picture in enumerate(pictures[1:]):
        assert tiles(seen.picture(f"latent-beta-rebuilt-{place}")).equal(tiles(picture))
    assert len(codes_of(api.beta_model(seen.state.beta))[0]) == 2000
    colours = {tuple(colour) for colour in np.asarray(seen.picture("latent-beta-map")).reshape(-1, 3)}
    assert len({tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in CLASSES} & colours) == 10


@says(
    "latent",
    "view bounds",
    "The true posterior of a digit as a white cloud, the encoder's answer q as two ellipses, and what the difference costs. Draw a 1, and "
    "see q point beside the cloud.",
)
def _(seen):
    gap = seen.figure("KL(q(z|x) || p(z|x)), the gap")
    assert abs(seen.figure("log p(x), by integration") - seen.figure("ELBO") - gap) < 0.02 and 0 < gap < 2
    cloud = np.asarray(seen.picture("latent-posterior"))
    assert cloud.max() > 250 and np.median(cloud) < 30


@says(
    "latent",
    "view noise",
    "Two estimators of one gradient, from the same samples. Move mu and sigma: both find the exact value, and one of them scatters more.",
)
def _(seen):
    said = api.latent_gradients(seen.state.mu, seen.state.sigma, SAMPLES, seen.state.seed)
    assert [seen.figure(f"gradient of E[z\u00b2] by {name}") for name in ("mu", "sigma")] == said["exact"]
    assert all(seen.figure(f"spread, score function over pathwise, by {name}") > 1.3 for name in ("mu", "sigma"))


@says(
    "latent",
    "view own",
    "Any PCA, autoencoder or VAE, one that you trained too, in its own size and colours: a picture through its code, and what it makes of "
    "random codes. Upload a picture, and see what its code can't say.",
    "x, as the encoder sees it",
    "x rebuilt from its code",
    "decoded from random codes",
)
def _(seen):
    x, rebuilt, made, said = api.latent_picture("3", seen.state.through, seen.state.seed)
    assert read(seen.picture("latent-own-rebuilt"))[0, 3] > 0.9 and seen.figure("squared error") < 0.1
    assert tiles(seen.picture("latent-own-samples")).equal(tiles(made))
    spiral, squared = api.latent_picture(SPIRAL, seen.state.through)[3]["error"], said["error"]
    assert spiral > 3 * squared  # which a code of digits can't say


@says(
    "latent",
    "view film",
    "What the model made of the same input, from its first step of training to its last. Drag the slider from noise to digits.",
    "the same input all along",
)
def _(seen):
    first, last = film(seen, 0), seen.picture("latent-film")
    assert last.tobytes() != first.tobytes() and seen.figure("after") > 0
    assert sharp(last) > 2 * sharp(first)  # digits, out of noise


@says(
    "latent",
    "Where 4 turns into 9",
    "One stroke closes at the top, and here the digit is both: the digit classifier gives a 4 and a 9 about half each.",
)
def _(seen):
    p = read(seen.picture("latent-way"))[0]
    assert 0.35 < p[4] < 0.65 and 0.35 < p[9] < 0.65
    ends = read(*seen.pictures("latent-strip"))[[0, -1]]
    assert ends[0, 4] > 0.9 and ends[1, 9] > 0.9


@says(
    "latent",
    "From 0 to 1, straight",
    "Half way along the straight line z is shorter than at either end, and a stroke fades into grey. Along the great circle z keeps its "
    "length.",
)
def _(seen):
    here, a, b = (seen.figure(what) for what in ("length of z here", "of the code of 0", "of the code of 1"))
    assert seen.state.path == "linear" and here < 0.8 * min(a, b)
    strip = tiles(*seen.pictures("latent-strip"))
    greys = [((x > -0.8) & (x < 0.8)).sum().item() / (x > -0.8).sum().item() for x in strip]
    assert greys[5] > 1.1 * max(greys[0], greys[-1])
    assert min(a, b) * 0.95 < api.length_between("0", "1", 0.5, "spherical", seen.state.model) < max(a, b) * 1.05


@says("latent", "Pull one dial", "The first dial is the dimension that carries most: turn this one number, and the 7 becomes a 9.")
def _(seen):
    assert [dial != 0 for dial in seen.state.dials] == [True] + [False] * 11
    assert read(api.latent_vary("7", [0.0], seen.state.model)[0])[0, 7] > 0.9
    assert read(seen.picture("latent-varied"))[0, 9] > 0.9


@says(
    "latent",
    "What is no digit",
    "This fails: the model has seen digits only, so it answers a spiral with a 0, and the reconstruction term falls by many nats.",
)
def _(seen):
    assert read(seen.picture("latent-rebuilt"))[0, 0] > 0.9
    usual = [api.latent_rebuild(digit, seen.state.model)[2]["reconstruction"] for digit in DIGITS]
    assert seen.figure("reconstruction, log p(x|z)") < min(usual) - 100


@says(
    "latent",
    "One number for all digits",
    "This fails: squeezed into one number, most digits come back as another one. This 4 is a blur to PCA, and a 9 to the other two.",
)
def _(seen):
    rebuilt = [api.latent_squeeze(digit, 1)[1:4] for digit in DIGITS]
    for maker in range(3):
        right = [read(pictures[maker])[0].argmax() == int(digit) for digit, pictures in zip(DIGITS, rebuilt)]
        assert sum(right) < 5
    assert ink(seen.picture("latent-squeeze-pca")) < 0.25 * ink(seen.picture("latent-squeeze-x"))
    assert all(read(seen.picture(f"latent-squeeze-{maker}"))[0, 9] > 0.9 for maker in ("ae", "vae"))


@says(
    "latent",
    "An autoencoder has no prior",
    "This fails: between the codes that it was trained on, an autoencoder's decoder makes strokes, few of which are a digit.",
)
def _(seen):
    of_ae, of_vae = (sure(seen.picture(f"latent-random-{maker}")) for maker in ("ae", "vae"))
    assert of_ae <= 5 and of_vae >= 2 * of_ae
    assert (of_ae, of_vae) == (seen.figure("the digit classifier is sure of, autoencoder"), seen.figure("VAE"))


@says(
    "latent",
    "A sample is noisy",
    "Each pixel is drawn from p(x|z) on its own, and knows nothing of the next. The mean is smooth; a sample is what the model says.",
)
def _(seen):
    rough = lambda picture: tiles(picture).diff(dim=3).abs().mean().item()  # noqa: E731
    for elem_id, name in (("latent-digits", seen.state.model), ("latent-clothes", seen.state.beside)):
        mean = api.latent_samples(name, "mean", seen.state.spread, seen.state.seed)
        assert rough(seen.picture(elem_id)) > 1.3 * rough(mean)


@says(
    "latent",
    "C1",
    "Keep eight numbers of a digit by straight lines only: along PCA's eight directions, along those that a linear autoencoder learnt, "
    "along eight drawn at random. Does any of them come nearer to the digit than PCA?",
    "None of them",
    "Those of the linear autoencoder",
    "Those drawn at random",
)
def _(seen):
    of = {what: seen.figure(f"squared error, {what}") for what in ("pca", "linear autoencoder", "random directions")}
    assert of["pca"] == of["linear autoencoder"] < 0.7 * of["random directions"]
    assert numbers(seen.answer)[1:4] == list(of.values())
    x, pca, linear, chance = (tiles(seen.picture(f"latent-linear-{place}")) for place in range(4))
    assert (pca - linear).abs().max() < 0.02  # of 2: no eye tells them apart
    assert (chance - x).square().mean() > 1.4 * (pca - x).square().mean()
    for digit in DIGITS:
        *_, errors = api.latent_linear(digit, 8)
        assert errors["pca"] < errors["random directions"] and abs(errors["pca"] - errors["linear autoencoder"]) < 1e-4
    assert read(seen.picture("latent-linear-1"))[0, 3] > 0.9


@says(
    "latent",
    "C2",
    "A linear autoencoder was trained, not solved. Does it find PCA's space? Are its axes PCA's axes?",
    "The same space, other axes",
    "The same space, the same axes",
    "Another space",
)
def _(seen):
    angle, linear, pca = (
        seen.figure(what)
        for what in ("largest angle between the two spaces", "linear autoencoder", "largest correlation of two codes, PCA")
    )
    assert angle < 1 and linear > 0.3 and pca < 0.01
    assert f"correlate by {linear:.2f}, PCA's by {pca:.2f}" in seen.answer
    axes, columns = (tiles(seen.picture(f"latent-axes-{name}")) for name in ("pca", "ae"))
    alike = torch.nn.functional.cosine_similarity(axes.flatten(1)[:, None], columns.flatten(1)[None], dim=2).abs()
    assert alike.max(1).values.median() < 0.9  # no column is an axis


@says(
    "latent",
    "C3",
    "With two numbers a digit, how much less is the deep autoencoder's error than PCA's?",
    "It is less than half",
    "It is about the same",
    "It is larger",
)
def _(seen):
    digit = int(read(seen.picture("latent-squeeze-x")).argmax())
    assert read(seen.picture("latent-squeeze-ae"))[0, digit] > 0.9 > 0.5 > read(seen.picture("latent-squeeze-pca"))[0, digit]
    pca, ae = seen.figure("squared error, PCA"), seen.figure("autoencoder")
    assert ae < 0.5 * pca and numbers(seen.answer)[:3] == [digit, pca, ae]


@says(
    "latent",
    "C4",
    "Can a single number hold sixteen pictures? If so, what does the number mean?",
    "Yes, and the number means nothing",
    "Yes, and it means how alive they are",
    "No, one number can't hold them",
)
def _(seen):
    *_, names = api.latent_line(seen.state.line)
    alive = [name in ("bird", "cat") for name in names]
    assert len(names) == 16 and sum(a != b for a, b in zip(alive, alive[1:])) >= 6  # living and dead things take turns
    strip = tiles(*seen.pictures("latent-line"))
    nearest = strip[round(seen.state.line * 15)]
    assert (tiles(seen.picture("latent-thing")) - nearest).abs().mean() < 0.02  # on a thing, not between two
    assert grey(seen.picture("latent-thing")) < 0.35


@says(
    "latent",
    "C5",
    "Decode random codes: will an autoencoder make digits of them, as a VAE does?",
    "Far fewer than the VAE",
    "As many as the VAE",
    "More than the VAE",
)
def _(seen):
    of_ae, of_vae = (sure(seen.picture(f"latent-random-{maker}")) for maker in ("ae", "vae"))
    assert of_ae <= 4 and of_vae >= 10
    assert f"is sure what {of_vae} of the VAE's sixteen are, and {of_ae} of the autoencoder's" in seen.answer


@says(
    "latent",
    "C6",
    "The ELBO is a lower bound. How far below the truth is it for a drawn 1, and why?",
    "By more than 10 nats",
    "By less than 1 nat",
    "Not at all",
)
def _(seen):
    elbo, truth, gap = (seen.figure(what) for what in ("ELBO", "log p(x), by integration", "KL(q(z|x) || p(z|x)), the gap"))
    assert gap > 10 and abs(truth - elbo - gap) < 0.02
    assert numbers(seen.answer)[:3] == [round(elbo, 1), round(truth, 1), round(gap, 1)]
    assert elbo + 5 < seen.figure("bound with k = 2,048") < truth - 5  # many samples find part of the way
    picture, said = api.latent_bounds(seen.state.weighed, seen.state.within, seen.state.seed)
    mass = np.asarray(picture.convert("L"), float)
    left, bottom, side = said["window"]
    centres = (np.arange(40) + 0.5) / 40 * side
    x, y = (mass.sum(0) @ (left + centres)) / mass.sum(), (mass.sum(1) @ (bottom + side - centres)) / mass.sum()
    away = np.hypot((x - said["mu"][0]) / said["sigma"][0], (y - said["mu"][1]) / said["sigma"][1])
    assert away > 3  # q's ellipses lie beside the cloud


@says(
    "latent",
    "C7",
    "Weigh the KL term sixteen-fold. What becomes of the map, what of the pictures?",
    "The codes draw together, the pictures blur",
    "The codes spread out, the pictures get sharper",
    "Neither changes",
)
def _(seen):
    digit = int(read(seen.picture("latent-beta-x")).argmax())
    rebuilt = [read(seen.picture(f"latent-beta-rebuilt-{place}"))[0, digit] for place in range(4)]
    assert min(rebuilt[:3]) > 0.9 and rebuilt[3] < 0.1
    assert tiles(seen.picture("latent-beta-rebuilt-3")).max() < tiles(seen.picture("latent-beta-rebuilt-1")).max() - 0.2
    low, high = (catalog.entry(api.beta_model(beta)).metrics for beta in ("1", seen.state.beta))
    assert seen.state.beta == "16" and seen.figure("KL(q(z|x) || p(z)), test digits") == float(f"{high['kl']['value']:.3g}")
    assert f"From beta 1 to 16 the KL on test digits falls from {low['kl']['value']:.4g}" in seen.answer
    assert high["kl"]["value"] < low["kl"]["value"] / 3 and high["mse"]["value"] > 1.2 * low["mse"]["value"]
    assert high["probe_accuracy"]["value"] < low["probe_accuracy"]["value"] - 15  # classes run into one another
    assert abs(codes_of(api.beta_model("16"))[0]).max() < 4


@says(
    "latent",
    "C8",
    "Two ways to sample the same gradient from the same noise. Are both right? Which one scatters more?",
    "Both are right, the score function scatters more",
    "Both are right and scatter alike",
    "Only one is right",
)
def _(seen):
    scatter = [seen.figure(f"spread, score function over pathwise, by {name}") for name in ("mu", "sigma")]
    assert numbers(seen.answer)[2:4] == scatter and min(scatter) > 2
    said = api.latent_gradients(seen.state.mu, seen.state.sigma, SAMPLES, seen.state.seed)
    for estimator in ("pathwise", "score"):
        of = {what: np.array(said[estimator][what]) for what in ("mean", "spread")}
        assert (np.abs(of["mean"] - said["exact"]) < 3 * of["spread"] / SAMPLES**0.5).all()
