"""The game's tab in a browser: samples of two generators, and the search for a digit's z."""

from playground import api, catalog, snapshots
from playground.drawing.digit_strokes import DIGITS
from tests.browser.conftest import PATIENCE, changed, open_view, opened, shows, source


def test_samples_of_both_models_follow_the_slider_the_film_of_either_is_watched_and_a_search_ends_where_the_api_ends(page):
    opened(page, "/?tab=game&view=pair&model=gan-mnist&frame=4")
    for side, model in (("left", "gan-mnist"), ("right", "dcgan-mnist")):
        shows(page, f"#game-{side}", api.game_samples(model=model))
        found = catalog.entry(model).metrics["feature_distance"]["value"]
        words = page.locator(f"#game-view-pair .numbers:below(#game-{side})").first.inner_text()
        assert f"{found:#.3g}" in words
    page.locator("#game-t input[type=number]").fill("0.5")
    for side, model in (("left", "gan-mnist"), ("right", "dcgan-mnist")):
        half_way = api.game_samples(1, 2, 0.5, model)
        shows(page, f"#game-{side}", half_way)
        shows(page, f"#game-{side}-memory", half_way.crop((0, 0, 28, 28)))
        assert page.locator(f"#game-{side}-memory img").count() == 2 + api.NEIGHBOURS
    # The film
    open_view(page, "game", "film")
    shows(page, "#game-film", snapshots.load(catalog.entry("gan-mnist").folder / "film.webp")[4], photo=True)
    # A search
    open_view(page, "game", "search")
    page.wait_for_function("() => document.querySelector('#game-found img')?.src", timeout=PATIENCE)
    before = source(page, "#game-found")
    page.locator("#game-hands").get_by_text("7", exact=True).click()
    changed(page, "#game-found", before)
    end = page.locator("#game-view-search .figures dd", has_text=f"{api.STEPS} of {api.STEPS}")
    end.wait_for(timeout=PATIENCE)
    sought, rebuilt, found, said = api.game_search("7")
    for place, image in (("sought", sought), ("rebuilt", rebuilt), ("found", found)):
        shows(page, f"#game-{place}", image)
    assert f"{said['gan_error']:#.3g}" in page.locator("#game-view-search .numbers").last.inner_text()


def test_a_link_opens_a_finished_search(page):
    opened(page, "/?tab=game&view=search&within=gan-mnist&seed=5")
    shows(page, "#game-found", api.game_search(DIGITS["4"], "gan-mnist", seed=5)[2])
