"""What `playground/ui/gradio_page.py` changes in Gradio's scripts is there in this Gradio, is sent, and finds what theirs finds."""

from pathlib import Path

import gradio
import pytest

from playground.ui import gradio_page

ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
CORE = gradio_page.CHANGES["core"]


def script(name: str) -> Path:
    """The one script of Gradio's page of this name that has what is changed."""
    (found,) = [path for path in ASSETS.glob(f"{name}-*.js") if gradio_page.CHANGES[name][0][0] in path.read_text(encoding="utf-8")]
    return found


@pytest.mark.parametrize("name", gradio_page.CHANGES)
def test_each_change_has_its_place_in_this_gradio(name):
    theirs = script(name).read_text(encoding="utf-8")
    ours = gradio_page.quicker(script(name).name, theirs)
    assert ours.startswith(gradio_page.NOTE)
    assert all(theirs.count(old) == 1 and old not in ours and new in ours for old, new in gradio_page.CHANGES[name])


def test_a_script_that_is_not_known_is_sent_as_it_is():
    assert gradio_page.quicker("core-12345678.js", "export const a = 1;") == "export const a = 1;"
    assert gradio_page.quicker("Index-12345678.js", CORE[0][0]) == CORE[0][0]


def test_the_page_gets_the_changed_scripts(page, address):
    for name in gradio_page.CHANGES:
        answer = page.request.get(f"{address}/assets/{script(name).name}")
        assert answer.text() == gradio_page.quicker(script(name).name, script(name).read_text(encoding="utf-8"))


def test_what_is_found_is_what_gradio_finds(page, address):
    config = page.request.get(f"{address}/config").json()
    page.goto("about:blank")
    (theirs_events, ours_events), (theirs_found, ours_found), _ = CORE
    different = page.evaluate(
        """([config, events, find]) => {
            const [theirs, ours] = events.map((method) => eval(`({${method}})`)), [search, look] = find.map((code) => eval(`${code}; Z`));
            const attached = (object, id) => object.find_attached_events({ id, props: { shared_props: {} } }, config.dependencies);
            const of = (node) => node.props.shared_props.attached_events;
            const ids = [...config.components.map(({ id }) => id), -1], root = config.layout;
            return {
                events: ids.filter((id) => `${of(attached(theirs, id))}` !== `${of(attached(ours, id))}`),
                nodes: ids.filter((id) => search(root, id) !== look(root, id)),
                components: ids.filter((id) => look(root, id)).length,
                listened: ids.filter((id) => of(attached(ours, id)).length).length,
            };
        }""",
        [config, [theirs_events, ours_events], [theirs_found, ours_found]],
    )
    assert different["events"] == different["nodes"] == []
    assert different["components"] > 500 and different["listened"] > 100  # it is this page's, whole
