"""Digits on demand, by a conditional GAN."""

from PIL.Image import Image, fromarray

from playground import catalog, graphs
from playground.api.signature import Picture, gives
from playground.api.validation import CLASSIFIER, between, checked_class, checked_seed, digit_tensor, named_model, tiles, whole
from playground.errors import UserError
from playground.graphs.recording import known, noise
from playground.graphs.sizes import ROWS

HAND = 78  # the seed with which the tab opens: the classifier reads all digits of its grid as their class
LONGEST_NUMBER = 24


@gives("digit", "judgement")
def digits_ask(digit: int, seed: int = 1, model: str = "cgan-mnist") -> tuple[Image, dict]:
    """A digit of the asked class from a conditional GAN's generator.

    Args:
        digit: the class, from 0 to 9.
        seed: of the latent vector z, from 0 to 2147483647.  The same seed writes all digits in one hand.
        model: name of a conditional GAN.

    Returns a grey picture of 28 x 28 pixels, and what is thought of it: "discriminator", its probability that the digit is real and of
    the asked class; "classifier", the digit classifier's probability of each class (none for a model of other things than digits).
    """
    digit = checked_class("`digit`", digit, named_model(model, "cgan").classes)
    generated = graphs.run("ask", model, label=digit, z=handwriting(checked_seed(seed), model))
    return fromarray(generated.digit), _opinion(generated, model)


@gives("grid")
def digits_grid(seed: int = 1, rows: int = ROWS, model: str = "cgan-mnist") -> Image:
    """All classes in several hands: a row is one z, a column one class.

    Args:
        seed: from 0 to 2147483647.  The first row is the hand with which `digits_ask` writes under this seed.
        rows: how many, from 1 to 20.
        model: name of a conditional GAN.

    Returns a grey picture, 28 x 28 pixels a digit.
    """
    gan = named_model(model, "cgan")
    return draw_grid(gan, checked_seed(seed), whole("`rows`", rows, 1, 20))


@gives("judgement")
def digits_grid_judged(seed: int = 1, rows: int = ROWS, model: str = "cgan-mnist") -> dict:
    """What is thought of the digits of `digits_grid`, which takes the same arguments.

    Returns "digits", how many there are; "real", how many of them the discriminator holds to be real rather than not; and, of a model of
    digits, "as_asked", how many the digit classifier reads as the class that was asked for, and "misread", all others, row by row: "row"
    (the first is 1), "asked", the class of its column, "read", what the classifier reads, and "probability", how sure it is of that.
    """
    gan = named_model(model, "cgan")
    x, y = _grid(gan, checked_seed(seed), whole("`rows`", rows, 1, 20))
    opinions = _opinions(gan, x, y)
    counts = {"digits": len(opinions), "real": sum(one["discriminator"] > 0.5 for one in opinions)}
    if "classifier" not in opinions[0]:
        return counts
    misread = []
    for i, (asked, one) in enumerate(zip(y.tolist(), opinions)):
        p = max(one["classifier"])
        if (read := one["classifier"].index(p)) != asked:
            misread.append({"row": i // gan.classes + 1, "asked": asked, "read": read, "probability": p})
    return counts | {"as_asked": len(opinions) - len(misread), "misread": misread}


@gives("digit", "strip", "judgement")
def digits_blend(a: int, b: int, t: float, seed: int = 1, model: str = "cgan-mnist") -> tuple[Image, Image, dict]:
    """A digit between two classes: the generator gets (1 - t) of one class's code and t of the other's, and one z.

    Args:
        a: a class, from 0 to 9.
        b: another.
        t: how much of b, from 0 to 1.
        seed: of z, from 0 to 2147483647.
        model: name of a conditional GAN.

    Returns the digit at t, 28 x 28 pixels; the whole way as a strip of eleven, 308 x 28; and what is thought of the digit at t, as
    `digits_ask` says it.
    """
    classes = named_model(model, "cgan").classes
    a, b = (checked_class(name, value, classes) for name, value in (("`a`", a), ("`b`", b)))
    generated = graphs.run("blend", model, a=a, b=b, t=between("`t`", t, 0, 1), z=handwriting(checked_seed(seed), model))
    return fromarray(generated.digit), fromarray(generated.strip), _opinion(generated, model)


@gives("number", "judgements")
def digits_write(number: str, seed: int = 1, model: str = "cgan-mnist") -> tuple[Image, list[dict]]:
    """A number in one hand: each of its digits from the same z.

    Args:
        number: 1 to 24 digits, "31415".
        seed: of z, from 0 to 2147483647.
        model: name of a conditional GAN.

    Returns one grey picture, 28 x 28 pixels a digit, and what is thought of each digit, as `digits_ask` says it.
    """
    gan = named_model(model, "cgan")
    if not isinstance(number, str) or not 1 <= len(number) <= LONGEST_NUMBER or not (number.isascii() and number.isdigit()):
        raise UserError(f"A number must be 1 to {LONGEST_NUMBER} digits from 0 to 9, not {str(number)[:40]!r}.")
    x, y = _written(gan, [checked_class("A digit", int(digit), gan.classes) for digit in number], checked_seed(seed))
    return tiles(x, len(x)), _opinions(gan, x, y)


@gives("seen", "probabilities")
def digits_read(digit: Picture, model: str = "digit-classifier") -> tuple[Image, dict[str, float]]:
    """What a digit classifier reads.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black; it is fitted and centred as MNIST's are.
        model: name of a digit classifier.

    Returns the digit as it is seen, 28 x 28 pixels, and the probability of each class, by its name.
    """
    import torch

    classifier, x = named_model(model, "digit-classifier"), digit_tensor(digit)
    with torch.inference_mode():
        p = classifier(x).softmax(1)[0].tolist()
    return tiles(x, 1), {name: round(share, 4) for name, share in zip(classifier.class_names, p)}


def handwriting(seed, model: str, count: int = 1):
    """The z of a seed, (count, latent), for a model's graphs: the handwriting in which all digits are written."""
    return noise("normals", seed, count, catalog.entry(known(model)).config["latent"])


def reads(model: str) -> bool:
    """Whether the digit classifier can read a model's images."""
    return catalog.entry(known(model)).config.get("dataset", "mnist") == "mnist"


def draw_grid(gan, seed: int, rows: int = ROWS) -> Image:
    return tiles(_grid(gan, seed, rows)[0], gan.classes)


def _grid(gan, seed: int, rows: int):
    """Images (rows * classes, 1, 28, 28), one z for each row and one class for each column, and their classes (rows * classes,)."""
    import torch

    from playground.models.base import normals

    z, y = normals(seed, rows, gan.latent).repeat_interleave(gan.classes, 0), torch.arange(gan.classes).repeat(rows)
    with torch.inference_mode():
        return gan.generator(z, y), y


def _opinion(generated, model: str) -> dict:
    """The judgement of a digit that the graph "ask" or "blend" made: D's and the classifier's probabilities."""
    opinion = {"discriminator": generated.real}
    return opinion | {"classifier": graphs.run("read", CLASSIFIER, x=generated.x).classes} if reads(model) else opinion


def _written(gan, y, seed: int):
    """Images (N, 1, 28, 28) of classes y (labels), all from the z of this seed, and y as a tensor."""
    import torch

    from playground.models.base import normals

    y = torch.as_tensor(y)
    with torch.inference_mode():
        return gan.generator(normals(seed, 1, gan.latent).expand(len(y), -1), y), y


def _opinions(gan, x, y) -> list[dict]:
    """Of each image: D's probability of "real", and the digit classifier's of each class."""
    import torch

    from playground.graphs.gan import judged

    with torch.inference_mode():
        opinions = [{"discriminator": p} for p in judged(gan, x, y).tolist()]
        if gan.dataset == "mnist":
            for one, p in zip(opinions, catalog.load(CLASSIFIER)(x).softmax(1).tolist()):
                one["classifier"] = p
    return opinions
