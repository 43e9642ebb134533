"""The Compare tab in a browser: its sheets are the API's, its numbers those of metrics.json, its neighbours follow a click."""

import base64
import io
import re

import numpy as np
from PIL import Image

from playground import api, catalog
from playground.ui.tabs.compare import figures, shared
from playground.ui.tabs.compare import tab as compare
from tests.browser.conftest import PATIENCE, open_view, opened, said_by, shows


def card(name: str) -> str:
    return f"#compare-sheets [data-name='{name}']"


def neighbours(page) -> list[np.ndarray]:
    pictures = page.locator("#compare-memory img").evaluate_all("(images) => images.map((image) => image.src)")
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(src.partition(",")[2])))) for src in pictures]


def test_opens_with_finished_sheets_a_click_tells_a_digits_neighbours_and_table_and_chart_say_the_files_figures(page):
    opened(page, "/?tab=compare&figure=two_sample_nn")
    for name in shared.plain_models():
        shows(page, card(name), api.drawn(name, 1))
        title = page.locator(f"{card(name)} b")
        assert (title.inner_text(), title.get_attribute("title")) == (shared.named(name), name)
    box = page.locator(f"{card('cgan-mnist')} .frame").bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])  # the third digit of the second row
    strip, said = api.neighbours(api.digit_of(api.drawn("cgan-mnist", 1), 6))
    page.locator("#compare-memory .said b", has_text=re.compile(f"^{said['distances'][0]:.2f}$")).wait_for()
    pictures = neighbours(page)
    assert len(pictures) == 2 + api.NEIGHBOURS
    assert abs(np.hstack(pictures).astype(int) - np.asarray(strip)).max() <= 1
    page.keyboard.press("ArrowLeft")
    distance = api.neighbours(api.digit_of(api.drawn("cgan-mnist", 1), 5))[1]["distances"][0]
    page.locator("#compare-memory .said b", has_text=re.compile(f"^{distance:.2f}$")).wait_for()
    # The table says what metrics.json says, and is sorted by a click
    open_view(page, "compare", "figures")
    names = list(shared.plain_models())
    row = page.locator("#compare-table tbody tr")
    row.nth(len(names) - 1).wait_for()
    for i, name in enumerate(names):
        text = " ".join(row.nth(i).inner_text().split())
        assert text.startswith(shared.named(name)) and name not in text
        for key, _, _ in figures.COLUMNS:
            metric = api.compare_figures(name)[key]
            if metric:
                assert f"{catalog.entry(name).metrics[metric['name']]['value']:.4g}" in text
        assert f"{catalog.entry(name).training['total_minutes']:.0f} min" in text
    page.locator("#compare-table summary").click()
    assert names[0] in row.first.inner_text()
    column = [key for key, _, _ in figures.COLUMNS].index("nats") + 2
    for way in (1, -1):
        page.locator("#compare-table thead th").nth(column).get_by_role("button").click()
        values = page.locator(f"#compare-table tbody td:nth-child({column + 1})").evaluate_all(
            "(cells) => cells.map((cell) => cell.dataset.value)"
        )
        known = [float(value) for value in values if value is not None]
        assert known == sorted(known, reverse=way < 0) and values[: len(known)] == [value for value in values if value is not None]
    # The chart ranks the models by the figure that is chosen
    drawn = """([names, values]) => {
        const plot = document.querySelector('#compare-ranked .js-plotly-plot');
        const ours = plot?.data?.find((trace) => trace.name === 'here');
        return ours && JSON.stringify([...ours.y]) === JSON.stringify(names) && [...ours.x].every((x, i) => Math.abs(x - values[i]) < 1e-9)
            && plot._fullLayout.xaxis.range;
    }"""

    def ranked(figure: str, value) -> list[float]:
        """Waits until the chart has what the files say (`value` of an entry of the catalog, None where there is none); the axis's range."""
        known = {name: found for name in shared.plain_models() if (found := value(catalog.entry(name))) is not None}
        order = sorted(known, key=lambda name: abs(known[name] - figures.IDEAL[figure]) if figure in figures.IDEAL else known[name])
        seen = page.wait_for_function(
            drawn, arg=[[shared.named(name) for name in order], [known[name] for name in order]], timeout=PATIENCE
        ).json_value()
        missing = [shared.named(name) for name in shared.plain_models() if name not in known]
        if missing:
            page.locator("#compare-ranked-said").get_by_text(f"Without this figure: {', '.join(missing)}.").wait_for()
        return seen

    def metric(*names: str):
        return lambda entry: next((entry.metrics[name]["value"] for name in names if name in entry.metrics), None)

    low, high = ranked("two_sample_nn", metric("two_sample_nn"))
    assert low < 50 < high  # the ideal is in sight
    for figure, title in figures.RANKED.items():
        page.locator("#compare-figure").get_by_text(title, exact=True).click()
        if figure == "nats":
            ranked(figure, metric("nats", "iw_bound", "elbo"))
        elif figure == "parameters":
            ranked(figure, lambda entry: sum(entry.training["parameters"].values()) / 1e6)
        elif figure == "minutes":
            ranked(figure, lambda entry: entry.training["total_minutes"])
        else:
            ranked(figure, metric(figure))
    assert said_by(page, compare.Compare).figure == figure


def test_a_link_with_another_seed_is_drawn_model_by_model(page):
    opened(page, "/?tab=compare&seed=7&models=vae-mnist,gated-pixelcnn-mnist&chosen=gated-pixelcnn-mnist,2")
    sheet = api.compare_samples("gated-pixelcnn-mnist", 7)
    shows(page, card("vae-mnist"), api.compare_samples("vae-mnist", 7))
    shows(page, card("gated-pixelcnn-mnist"), sheet)
    distance = api.neighbours(api.digit_of(sheet, 2))[1]["distances"][0]
    page.locator("#compare-memory .said b", has_text=re.compile(f"^{distance:.2f}$")).wait_for()
    page.locator("#compare-models").get_by_text("Conditional GAN", exact=True).click()
    shows(page, card("cgan-mnist"), api.compare_samples("cgan-mnist", 7))
    assert page.locator("#compare-sheets .whole").count() == 3
