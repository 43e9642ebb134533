"""The views of the latent tab in which its claims are put to the test: PCA, autoencoder and VAE side by side, bounds, and gradients."""

import html

import gradio as gr
from PIL import Image, ImageDraw

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS
from playground.drawing.palettes import CLASSES
from playground.drawing.pictures import THINGS, thing
from playground.errors import UserError
from playground.ui.builder import TabBuilder
from playground.ui.charts import curves, in_a_row
from playground.ui.components.controls import strip
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.tabs.latent.codes import codes_of
from playground.ui.values import figures, measure, shown, side_by_side

LADDERS = {  # what the page calls it -> (model of a size, colour of its curve)
    "PCA": ("pca-mnist", "quiet"),
    "AE": ("ae-mnist-{}", "generator"),
    "VAE": ("vae-mnist-deep-{}", "generated"),
}
WITHIN = "vae-mnist-2d"  # of which bounds are shown first
FAR = 2  # an autoencoder's random codes are far from real digits where they are so many times as far as the VAE's
SAMPLES = 64  # behind the arrows of the two gradient estimators


# --- squeeze: one digit through codes of 1 to 32 numbers ---


def squeeze(tab: TabBuilder) -> None:
    with tab.view("squeeze", "Squeeze"):
        with tab.controls():
            mine, hands = digit_canvas(tab, "mine", elem_id="latent-squeeze-canvas", hands_id="latent-squeeze-hands")
            tab.control("size", gr.Radio(label="Dimensions of the code", elem_id="latent-size"))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                captions = {"x": "your digit", "pca": "PCA", "ae": "autoencoder", "vae": "VAE"}
                actors = {"x": "visitor"}
                pictures = [
                    tab.picture(actors.get(name, "generated"), pixelated=True, caption=caption, elem_id=f"latent-squeeze-{name}")
                    for name, caption in captions.items()
                ]
            numbers = tab.numbers(("squared error, PCA", "", ""), ("autoencoder", "", ""), ("VAE", "", ""))
            ladder = gr.HTML(elem_id="latent-curves", apply_default_css=False)

    @on_digit_change(tab, "mine", mine, hands, *pictures, numbers, on=("size",))
    def rebuild_all(state):
        try:
            *images, errors = api.latent_squeeze(state.mine, int(state.size))
        except UserError as error:  # an empty canvas, while one draws, is no error
            return (*(gr.skip(),) * 4, f'<p class="empty">{html.escape(str(error))}</p>')
        makers = ("PCA", "the autoencoder", "the VAE")
        names = ("Your digit.", *(f"The digit rebuilt from {state.size} numbers by {maker}." for maker in makers))
        rows = zip(("squared error, PCA", "autoencoder", "VAE"), errors.values())
        return (*map(shown, images, names), figures(*((what, value, "") for what, value in rows)))

    @tab.on_change(ladder, on=("size",))
    def draw_curves(state):
        place = api.SIZES.index(int(state.size))
        error, probe = ({name: _ladder(name, metric) for name in LADDERS} for metric in ("mse", "probe_accuracy"))
        colours = {name: colour for name, (_, colour) in LADDERS.items()}
        return in_a_row(
            curves("squared error on test digits", "dimensions", api.SIZES, place, error, colours),
            curves("% of test codes next to one of their class", "dimensions", api.SIZES, place, probe, colours),
        )


def _ladder(name: str, metric: str) -> list[float | None]:
    """A figure at each of `SIZES`, None where it was not measured."""
    model = LADDERS[name][0]
    found = []
    for size in api.SIZES:
        try:
            entry = catalog.entry(model.format(size)).metrics[metric]
            found.append(entry["by_dimensions"][str(size)] if "by_dimensions" in entry else entry["value"])
        except (UserError, KeyError):
            found.append(None)
    return found


# --- axes: PCA's, and a linear autoencoder's ---


def axes(tab: TabBuilder) -> None:
    with tab.view("axes", "Axes"):
        with tab.controls():
            tab.control("axes", gr.Radio(label="Dimensions of the code", elem_id="latent-axes-size"))
            gr.HTML(
                "<p>Left of the diagonal, a square says how far two numbers of a code go together over all training digits: "
                "empty is not at all, full is always.</p>",
                elem_classes="hint",
                apply_default_css=False,
            )
            matrices = gr.HTML(elem_id="latent-correlations", apply_default_css=False)
        with tab.outputs():
            pca = tab.picture("generated", aspect=2, pixelated=True, caption="PCA: the axes are orthogonal", elem_id="latent-axes-pca")
            ae = tab.picture(
                "generated",
                aspect=2,
                pixelated=True,
                caption="a linear autoencoder: the columns of its decoder",
                elem_id="latent-axes-ae",
            )
            numbers = tab.numbers(("largest angle between the two spaces", "", "degrees"))

    @tab.on_change(pca, ae, numbers, matrices, on=("axes",))
    def draw_axes(state):
        size = int(state.axes)
        left, right, said = api.latent_axes(size)
        return (
            shown(left, f"The first {size} axes of PCA as pictures."),
            shown(right, f"The {size} axes of the linear autoencoder as pictures."),
            figures(
                ("largest angle between the two spaces", f"{said['angles'][-1]:.3f}", "degrees"),
                ("largest correlation of two codes, PCA", f"{said['pca_largest']:.2f}", ""),
                ("linear autoencoder", f"{said['autoencoder_largest']:.2f}", ""),
            ),
            _matrix("PCA", said["pca"]) + _matrix("linear autoencoder", said["autoencoder"]),
        )


def _matrix(name: str, values: list[list[float]]) -> str:
    """Correlations below the diagonal as squares whose area is their size, SVG."""
    n = len(values)
    cells = "".join(
        f'<rect x="{j + 0.5 - r / 2:.3f}" y="{i + 0.5 - r / 2:.3f}" width="{r:.3f}" height="{r:.3f}"/>'
        for i in range(n)
        for j in range(i)
        if (r := abs(values[i][j]) ** 0.5) > 0.02
    )
    frames = "".join(f'<rect class="cell" x="{j}" y="{i}" width="1" height="1"/>' for i in range(n) for j in range(i))
    return f"""<figure class="chart matrix"><svg viewBox="0 0 {n} {n}" role="img" aria-label="Correlations of the codes of {name}">
        {frames}{cells}</svg><figcaption>{name}</figcaption></figure>"""


# --- line: sixteen things on one number ---


def line(tab: TabBuilder) -> None:
    with tab.view("line", "One number"):
        with tab.controls():
            place = tab.control("line", strip(label="Place on the line", tiles=16, elem_id="latent-line"))
            gr.HTML(elem_id="latent-plane", value=_meaning(), apply_default_css=False)
        with tab.outputs():
            picture = tab.picture("generated", pixelated=True, caption="decoded from one number", elem_id="latent-thing")
            numbers = tab.numbers(("nearest on the line", "", ""))

    @tab.on_change(picture, place, numbers, on=("line",))
    def along(state):
        image, all_of_them, names = api.latent_line(state.line)
        nearest = names[round(state.line * (len(names) - 1))]
        alive, flies = nearest in ("bird", "cat"), nearest in ("bird", "plane")
        return (
            shown(image, f"What the autoencoder makes of this number; nearest to it: a {nearest}."),
            gr.update(picture=shown(all_of_them, "")["src"]),
            figures(("nearest on the line", nearest, ""), ("alive", "yes" if alive else "no", ""), ("flies", "yes" if flies else "no", "")),
        )


def _meaning() -> str:
    """The chapter's picture: four things by one property, and by two."""
    sources = {name: shown(thing(name), "")["src"] for name in THINGS}

    def at(name: str, x: float, y: float) -> str:
        return f'<image href="{sources[name]}" x="{x}" y="{y}" width="22" height="22"/><text x="{x + 11}" y="{y + 27}">{name}</text>'

    one = at("car", 4, 4) + at("plane", 30, 4) + at("cat", 62, 4) + at("bird", 88, 4)
    two = at("car", 12, 34) + at("plane", 12, 2) + at("cat", 72, 34) + at("bird", 72, 2)
    return f"""<figure class="chart"><svg viewBox="0 0 114 46" role="img"
        aria-label="Four things on a line: car and plane left, cat and bird right">
        {one}<line x1="2" x2="112" y1="37" y2="37"/><text x="57" y="44">more and more alive</text></svg>
        <svg viewBox="0 0 114 76" role="img" aria-label="Four things in a plane: alive to the right, flies to the top">
        {two}<line x1="2" x2="112" y1="66" y2="66"/><line x1="4" x2="4" y1="2" y2="70"/><text x="57" y="73">alive</text>
        <text x="58" y="8">flies</text></svg>
        <figcaption>What one would wish for: a number that says &ldquo;alive&rdquo;, and a second one that says &ldquo;flies&rdquo;
        </figcaption></figure>"""


# --- random codes ---


def random_codes(tab: TabBuilder) -> None:
    with tab.view("random", "Random codes"):
        with tab.controls():
            tab.control("codes", gr.Radio(label="Dimensions of the code", elem_id="latent-codes-size"))
            gr.HTML(
                "<p>Both decoders get the same z ~ N(0, I). For the autoencoder, which has no prior, each dimension is scaled to the mean "
                "and the spread of its own codes of 50,000 training digits.</p>",
                elem_classes="hint",
                apply_default_css=False,
            )
            numbers = tab.numbers(("feature distance to real digits, autoencoder", "", ""))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                ae = tab.picture("generated", pixelated=True, caption="autoencoder", elem_id="latent-random-ae")
                vae = tab.picture("generated", pixelated=True, caption="VAE, the same layers", elem_id="latent-random-vae")

    @tab.on_change(ae, vae, numbers, on=("codes", "seed"))
    def decode_random(state):
        left, right = api.latent_random(int(state.codes), state.seed)
        place = api.SIZES.index(int(state.codes))
        distances = {name: _ladder(name, "feature_distance")[place] for name in ("AE", "VAE")}
        said = {name: "not measured" if value is None else float(value) for name, value in distances.items()}
        return (
            shown(left, f"Sixteen random codes of {state.codes} numbers, decoded by an autoencoder."),
            shown(right, f"The same sixteen, decoded by a VAE: {state.codes} numbers from its prior."),
            figures(("feature distance to real digits, autoencoder", said["AE"], ""), ("VAE", said["VAE"], "(0 is ideal)")),
        )


# --- beta ---


def beta(tab: TabBuilder) -> None:
    with tab.view("beta", "Weigh the KL"):
        with tab.controls():
            pulled, hands = digit_canvas(tab, "pulled", elem_id="latent-beta-canvas", hands_id="latent-beta-hands")
            tab.control("beta", gr.Radio(label="Map of the VAE whose KL term weighed, in training", elem_id="latent-beta"))
            numbers = tab.numbers(("KL", "", "nats"))
            chart = gr.HTML(elem_id="latent-beta-curves", apply_default_css=False)
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", pixelated=True, caption="your digit", elem_id="latent-beta-x")
                rebuilt = [
                    tab.picture("generated", pixelated=True, caption=f"beta {beta}", elem_id=f"latent-beta-rebuilt-{i}")
                    for i, beta in enumerate(api.BETAS)
                ]
            terms = gr.HTML(elem_id="latent-beta-terms", apply_default_css=False)
            picture = tab.picture("generated", caption="2,000 training digits over the map, in class colours", elem_id="latent-beta-map")

    @on_digit_change(tab, "pulled", pulled, hands, seen, *rebuilt, terms, on=("seed",))
    def rebuild_by_all(state):
        try:
            *images, said = api.latent_betas(state.pulled, state.seed)
        except UserError as error:  # an empty canvas, while one draws, is no error
            return (*(gr.skip(),) * 5, f'<p class="empty">{html.escape(str(error))}</p>')
        names = ("Your digit as the encoders see it.", *(f"The digit rebuilt by the VAE trained with beta {beta}." for beta in api.BETAS))
        rows = {"log p(x|z)": said["reconstruction"], "KL": said["kl"]}
        cells = {
            what: [f"{value:.1f}".replace("-", "\u2212") for value in values] for what, values in rows.items()
        }  # a phone holds no more
        note = (
            "Reconstruction and KL(q(z|x) || p(z)) of your digit, in nats. The four VAEs were trained alike but for beta, and get the same "
            "digit and the same noise."
        )
        return *map(shown, images, names), side_by_side([f"beta {beta}" for beta in api.BETAS], cells, note)

    @tab.on_change(picture, numbers, chart, on=("beta",))
    def weigh(state):
        model = api.beta_model(state.beta)
        kls, errors = ([_figure(api.beta_model(beta), metric) for beta in api.BETAS] for metric in ("kl", "mse"))
        place = api.BETAS.index(state.beta)
        rows = [("KL(q(z|x) || p(z)), test digits", kls[place], "nats"), ("squared error", errors[place], "")]
        return (
            shown(dotted_map(model), f"The latent map of {model} with the codes of training digits on it."),
            figures(*((what, "not measured" if value is None else value, unit) for what, value, unit in rows)),
            in_a_row(
                curves("KL in nats", "beta", api.BETAS, place, {"KL": kls}, {"KL": "visitor"}),
                curves("squared error on test digits", "beta", api.BETAS, place, {"error": errors}, {"error": "generated"}),
            ),
        )


def _figure(model: str, metric: str) -> float | None:
    try:
        return catalog.entry(model).metrics[metric]["value"]
    except (UserError, KeyError):
        return None


def dotted_map(model: str) -> Image.Image:
    """The map of a VAE with two dimensions, darkened, with the codes of training digits as dots in class colours: 588 x 588, RGB."""
    image = api.latent_map(model).convert("L").point(lambda level: level * 0.45).convert("RGB")
    draw = ImageDraw.Draw(image)
    half = image.width / 2
    for (x, y), label in zip(*codes_of(model)):
        left, top = half * (1 + x / api.MAP_REACH), half * (1 - y / api.MAP_REACH)
        draw.ellipse([left - 2.5, top - 2.5, left + 2.5, top + 2.5], fill=CLASSES[label])
    return image


# --- bounds ---


def bounds(tab: TabBuilder) -> None:
    with tab.view("bounds", "Bounds"):
        with tab.controls():
            weighed, hands = digit_canvas(tab, "weighed", elem_id="latent-bounds-canvas", hands_id="latent-bounds-hands")
            tab.control("within", gr.Dropdown(label="Model with two latent dimensions"))
        with tab.outputs():
            posterior = gr.HTML(elem_id="latent-posterior", apply_default_css=False)
            numbers = tab.numbers(("ELBO", "", "nats"))
            bars = gr.HTML(elem_id="latent-bounds-bars", apply_default_css=False)

    @on_digit_change(tab, "weighed", weighed, hands, posterior, numbers, bars, on=("within", "seed"))
    def bound(state):
        try:
            picture, said = api.latent_bounds(state.weighed, state.within, state.seed)
        except UserError as error:
            return gr.skip(), f'<p class="empty">{html.escape(str(error))}</p>', gr.skip()
        return (
            _posterior(picture, said),
            figures(
                ("ELBO", _nats(said["elbo"]), "nats"),
                (f"bound with k = {said['bounds'][-1][0]:,}", _nats(said["bounds"][-1][1]), "nats"),
                ("log p(x), by integration", _nats(said["log_p"]), "nats"),
                ("KL(q(z|x) || p(z|x)), the gap", _nats(said["log_p"] - said["elbo"]), "nats"),
            ),
            _bars(said) + _tightening(said),
        )


def _nats(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")


def _posterior(picture: Image.Image, said: dict) -> str:
    """The window of the latent space: the true posterior as grey levels, q as the ellipses of one and two sigma, SVG."""
    left, bottom, side = said["window"]
    x, y = ((m - low) / side * 100 for m, low in zip(said["mu"], (left, bottom)))
    radii = [s / side * 100 for s in said["sigma"]]
    rings = "".join(f'<ellipse cx="{x:.2f}" cy="{100 - y:.2f}" rx="{k * radii[0]:.2f}" ry="{k * radii[1]:.2f}"/>' for k in (1, 2))
    source = shown(picture, "")["src"]
    return f"""<figure class="chart posterior"><svg viewBox="0 0 100 100" role="img"
        aria-label="The true posterior as a white cloud, and q as two ellipses centred at {said["mu"][0]:.2f}, {said["mu"][1]:.2f}">
        <image href="{source}" width="100" height="100" preserveAspectRatio="none"/>{rings}</svg>
        <figcaption>white: the true p(z|x); <b class="visitor">ellipses</b>: q(z|x) at one and two sigma. z from
        ({left:.2f}, {bottom:.2f}) to ({left + side:.2f}, {bottom + side:.2f})</figcaption></figure>"""


def _bars(said: dict) -> str:
    """What the image costs in nats: by the ELBO, as reconstruction and KL, and by log p(x) itself; HTML."""
    most = max(-said["elbo"], -said["log_p"])

    def part(what: str, nats: float, kind: str) -> str:
        return f'<i class="{kind}" style="width:{max(100 * nats / most, 0):.2f}%" title="{what}: {nats:.1f} nats"></i>'

    rows = (
        ("minus the ELBO", part("reconstruction", -said["reconstruction"], "generated") + part("KL", said["kl"], "visitor")),
        ("minus log p(x)", part("log p(x)", -said["log_p"], "real")),
    )
    cells = "".join(f"<div><span>{what}</span><p>{bar}</p></div>" for what, bar in rows)
    return f"""<figure class="chart costs">{cells}<figcaption><b class="generated">reconstruction</b> {-said["reconstruction"]:.1f} and
        <b class="visitor">KL</b> {said["kl"]:.1f} nats; <b class="real">the truth</b> {-said["log_p"]:.1f} nats</figcaption></figure>"""


def _tightening(said: dict) -> str:
    """The importance-weighted bound against k, a logarithmic axis, with the spread of one estimate, and log p(x); SVG."""
    steps, exact = said["bounds"], said["log_p"]
    low = min(mean - (spread or 0) for _, mean, spread in steps)
    high = max(exact, *(mean + (spread or 0) for _, mean, spread in steps))
    margin = 0.08 * (high - low) + 1e-6
    x = [14 + 82 * i / (len(steps) - 1) for i in range(len(steps))]
    y = lambda nats: 4 + 46 * (high + margin - nats) / (high - low + 2 * margin)  # noqa: E731
    band = [f"{a:.2f},{y(mean + (spread or 0)):.2f}" for a, (_, mean, spread) in zip(x, steps)]
    band += [f"{a:.2f},{y(mean - (spread or 0)):.2f}" for a, (_, mean, spread) in reversed(list(zip(x, steps)))]
    points = " ".join(f"{a:.2f},{y(mean):.2f}" for a, (_, mean, _) in zip(x, steps))
    ticks = "".join(f'<text x="{a:.2f}" y="56">{k:,}</text>' for a, (k, *_) in zip(x, steps) if k in (1, 16, 256, 2048))
    return f"""<figure class="chart"><svg viewBox="0 0 100 58" role="img"
        aria-label="From {steps[0][1]:.1f} nats with one sample to {steps[-1][1]:.1f} with {steps[-1][0]:,}; log p(x) is {exact:.1f}">
        <polygon class="band visitor" points="{" ".join(band)}"/><polyline class="visitor" points="{points}"/>
        <line class="real" x1="14" x2="96" y1="{y(exact):.2f}" y2="{y(exact):.2f}"/>
        <text class="left" x="1" y="{y(exact) + 1.2:.2f}">log p(x)</text>
        <text class="left" x="1" y="{y(steps[0][1]) + 1.2:.2f}">ELBO</text>{ticks}</svg>
        <figcaption>the bound with k samples of z, and the spread of one such estimate; chance may put it
        above log p(x)</figcaption></figure>"""


# --- noise outside: two gradient estimators ---


def noise(tab: TabBuilder) -> None:
    with tab.view("noise", "Noise outside"):
        with tab.controls():
            tab.control("mu", gr.Slider(-2, 2, step=0.05, label="mu", elem_id="latent-mu"))
            tab.control("sigma", gr.Slider(0.1, 2, step=0.05, label="sigma", elem_id="latent-sigma"))
            gr.HTML(_GRAPH, apply_default_css=False)
        with tab.outputs():
            arrows = gr.HTML(elem_id="latent-arrows", apply_default_css=False)
            numbers = tab.numbers(("d E[z²] / d mu", "", ""))

    @tab.on_change(arrows, numbers, on=("mu", "sigma", "seed"))
    def estimate(state):
        said = api.latent_gradients(state.mu, state.sigma, SAMPLES, state.seed)
        ratio = [said["score"]["spread"][i] / said["pathwise"]["spread"][i] for i in range(2)]
        return _arrows(said), figures(
            ("gradient of E[z\u00b2] by mu", said["exact"][0], "exactly"),
            ("by sigma", said["exact"][1], "exactly"),
            ("spread, score function over pathwise, by mu", ratio[0], "times"),
            ("by sigma", ratio[1], "times"),
        )


_GRAPH = """<figure class="chart graph"><svg viewBox="0 0 120 56" role="img"
    aria-label="mu and sigma lead to z; the noise z0 comes from outside; z leads to z squared">
    <defs><marker id="latent-tip" viewBox="0 0 6 6" refX="5.5" refY="3" markerWidth="5" markerHeight="5" orient="auto">
    <path d="M0 0 6 3 0 6z"/></marker></defs>
    <path d="M22 13 L46 25" marker-end="url(#latent-tip)"/><path d="M22 43 L46 31" marker-end="url(#latent-tip)"/>
    <path d="M74 28 L92 28" marker-end="url(#latent-tip)"/>
    <path d="M60 4 L60 18" class="noise"/>
    <rect x="4" y="5" width="18" height="14" rx="3"/><rect x="4" y="37" width="18" height="14" rx="3"/>
    <rect x="47" y="20" width="27" height="16" rx="3"/><rect x="93" y="20" width="22" height="16" rx="3"/>
    <text x="13" y="14">\u03bc</text><text x="13" y="46">\u03c3</text>
    <text x="60.5" y="30">\u03bc + \u03c3 z\u2080</text><text x="104" y="30">z\u00b2</text>
    <text x="64" y="9" class="left">z\u2080 ~ N(0, 1), outside</text></svg>
    <figcaption>the gradient flows back along the solid arrows; no chance stands in its way</figcaption></figure>"""


def _arrows(said: dict) -> str:
    """Both estimators' mean and spread of 64 samples on one axis for mu and one for sigma, and the exact value; SVG."""
    reach = 12.0
    x = lambda value: 50 + 46 * max(-1, min(1, value / reach))  # noqa: E731
    rows = []
    for i, name in enumerate(("\u03bc", "\u03c3")):
        top = 6 + 34 * i
        rows.append(f'<text class="left" x="2" y="{top + 2}">by {name}</text><line x1="4" x2="96" y1="{top + 22}" y2="{top + 22}"/>')
        exact = x(said["exact"][i])
        rows.append(f'<line class="real" x1="{exact:.2f}" x2="{exact:.2f}" y1="{top + 3}" y2="{top + 24}"/>')
        for j, (estimator, kind) in enumerate((("pathwise", "visitor"), ("score", "generator"))):
            mean, spread = said[estimator]["mean"][i], said[estimator]["spread"][i]
            y = top + 8 + 8 * j
            rows.append(f'<line class="{kind} wide" x1="{x(mean - spread):.2f}" x2="{x(mean + spread):.2f}" y1="{y}" y2="{y}"/>')
            rows.append(f'<circle class="{kind}" cx="{x(mean):.2f}" cy="{y}" r="1.6"/>')
        rows += [f'<text x="{x(tick):.2f}" y="{top + 27}">{tick}</text>'.replace("-", "\u2212") for tick in (-10, -5, 0, 5, 10)]
    return f"""<figure class="chart"><svg viewBox="0 0 100 72" role="img" aria-label="Two estimators of the gradient and their spread">
        {"".join(rows)}</svg><figcaption><b class="real">line</b>: the exact gradient; <b class="visitor">pathwise</b> and
        <b class="generator">score function</b>: mean of {SAMPLES} samples, and the spread of one</figcaption></figure>"""


# --- the claims ---


def claims(tab: TabBuilder) -> None:
    question = (
        "PCA, a deep autoencoder and a VAE may keep eight numbers of a digit each. Whose picture is nearest to yours, whose farthest?"
    )
    tab.claim("C1", question, _c1, view="squeeze", size="8")
    question = "A linear autoencoder was trained, not solved. Does it find PCA's space? Are its axes PCA's axes?"
    tab.claim("C2", question, _c2, view="axes", axes="8")
    question = "With two numbers a digit, how much less is the deep autoencoder's error than PCA's?"
    tab.claim("C3", question, _c3, view="squeeze", size="2", mine=DIGITS["4"])
    question = "Can a single number hold sixteen pictures? If so, what does the number mean?"
    tab.claim("C4", question, _c4, view="line", line=0.5)
    question = "Decode random codes: will an autoencoder make digits of them, as a VAE does?"
    tab.claim("C5", question, _c5, view="random", codes="32", seed=3)
    question = "The ELBO is a lower bound. How far below the truth is it for a drawn 1, and why?"
    tab.claim("C6", question, _c6, view="bounds", weighed=DIGITS["1"])
    question = "Weigh the KL term sixteen-fold. What becomes of the map, what of the pictures?"
    tab.claim("C7", question, _c7, view="beta", beta="16")
    question = "Two ways to sample the same gradient from the same noise. Are both right? Which one scatters more?"
    tab.claim("C8", question, _c8, view="noise", mu=1.0, sigma=0.5)


def _at(model: str, metric: str, size: int) -> float:
    return catalog.entry(model).metrics[metric]["by_dimensions"][str(size)]


def _c1() -> str:
    pca, ae, vae = _at("pca-mnist", "mse", 8), measure("ae-mnist-8", "mse"), measure("vae-mnist-deep-8", "mse")
    return (
        f"On 10,000 test digits the squared error is {pca:.4f} for PCA, {ae} for the deep autoencoder, {vae} for the VAE. No linear way "
        f"has less than PCA on the digits it was fitted to; whatever goes below is not linear."
    )


def _c2() -> str:
    said = api.latent_axes(8)[2]
    return (
        f"The same space: the largest angle between the two is {said['angles'][-1]:.2f} degrees. Other axes: two of the autoencoder's "
        f"numbers correlate by {said['autoencoder_largest']:.2f}, PCA's by {said['pca_largest']:.2f}."
    )


def _c3() -> str:
    return (
        f"On test digits, {_at('pca-mnist', 'mse', 2):.3f} for PCA and {measure('ae-mnist-2', 'mse')} for the deep autoencoder: a bent "
        f"surface passes nearer to the digits than any plane."
    )


def _c4() -> str:
    probe = {size: measure(f"ae-mnist-{size}", "probe_accuracy") for size in (1, 8)}
    return (
        f"All sixteen come back, with a squared error of {measure('ae-things-1', 'mse')}, and the order on the line means nothing: living "
        f"and dead things take turns. On MNIST, the nearest code is of the same class for {probe[8]} of test digits with eight numbers, "
        f"for {probe[1]} with one."
    )


def _c5() -> str:
    distances = zip(api.SIZES, _ladder("AE", "feature_distance"), _ladder("VAE", "feature_distance"))
    known = [(size, ae, vae) for size, ae, vae in distances if None not in (ae, vae)]
    sizes = lambda holds: ", ".join(str(size) for size, ae, vae in known if holds(ae, vae)) or "none"  # noqa: E731
    return (
        f"The distance to real digits, in the digit classifier's features, of the AE and of the VAE with so many dimensions: "
        f"{'; '.join(f'{size}: {ae:.4g} and {vae:.4g}' for size, ae, vae in known)}. The VAE's is less than half of the AE's with "
        f"{sizes(lambda ae, vae: vae < ae / FAR)}; smaller, but by less, with {sizes(lambda ae, vae: ae / FAR <= vae < ae)}; and the claim "
        f"fails with {sizes(lambda ae, vae: vae >= ae)}. Nothing in the autoencoder's loss says what lies between the codes that it uses; "
        "but a few dimensions they may fill."
    )


def _c6() -> str:
    said = api.latent_bounds("1", WITHIN)[1]
    return (
        f"The ELBO is {said['elbo']:.1f} nats, log p(x) is {said['log_p']:.1f}: the gap of {said['log_p'] - said['elbo']:.1f} nats is "
        f"KL(q(z|x) || p(z|x)). For this digit the encoder looks where the true posterior is not; many samples find only part of the way."
    )


def _c7() -> str:
    low, high = (api.beta_model(beta) for beta in (api.BETAS[0], api.BETAS[-1]))
    return (
        f"From beta {api.BETAS[0]} to {api.BETAS[-1]} the KL falls from {measure(low, 'kl')} to {measure(high, 'kl')}, and the squared "
        f"error rises from {measure(low, 'mse')} to {measure(high, 'mse')}: every q(z|x) is pulled to the prior, and says less of x."
    )


def _c8() -> str:
    said = api.latent_gradients(1.0, 0.5, 4096)
    ratios = [said["score"]["spread"][i] / said["pathwise"]["spread"][i] for i in range(2)]
    return (
        f"Both are right on average. With mu 1 and sigma 0.5 a sample of the score function's scatters {ratios[0]:.1f} times as much "
        f"by mu and {ratios[1]:.1f} times by sigma; with more dimensions it gets worse, and an encoder is trained on one sample an image."
    )
