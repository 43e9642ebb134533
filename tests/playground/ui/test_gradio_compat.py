"""Each thing that this page does with Gradio and Gradio does not document, held against the Gradio that is installed."""

import socket

import gradio as gr
import pytest
from PIL import Image

from playground.ui import gradio_compat, gradio_page, gradio_server


def made_anew(component):
    """As Gradio makes a component that is an output: of its class, from its arguments."""
    return component.__class__(**{**component.constructor_args, "render": False})


def test_a_component_keeps_its_own_preprocess_when_it_is_made_anew():
    slider = gradio_compat.with_preprocess(gr.Slider(0, 10), lambda payload: ("mine", payload))
    assert slider.preprocess(99) == ("mine", 99) and made_anew(slider).preprocess(99) == ("mine", 99)
    assert isinstance(slider, gr.Slider) and slider.get_config()["name"] == "slider"


def test_choices_that_came_later_stay_when_the_component_is_made_anew():
    radio = gr.Radio(label="Digit")
    gradio_compat.set_choices(radio, [("three", "3")])
    assert radio.choices == made_anew(radio).choices == [("three", "3")]


def test_components_are_named_by_the_numbers_of_the_page():
    with gr.Blocks() as page:
        with gr.Column() as column:
            slider = gr.Slider(0, 10, label="z", elem_id="dial")
    described = {component["id"]: component["type"] for component in page.get_config_file()["components"]}
    assert described[gradio_compat.number(slider)] == "slider" and described[gradio_compat.number(column)] == "column"
    (props,) = (props for kind, props in gradio_compat.components(page) if kind == "slider")
    assert (props["label"], props["elem_id"]) == ("z", "dial")


def test_a_served_page_is_asked_as_it_asks_itself():
    with gr.Blocks() as page:
        number, same, doubled = gr.Number(), gr.Number(), gr.HTML()
        number.input(lambda n: (gr.skip(), f"{2 * n:g}"), number, [same, doubled], api_name="double", queue=False)
        page.unload(lambda: None)  # for which Gradio's page sends its heartbeat
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True)
    try:
        server = gradio_compat.Server(f"http://127.0.0.1:{port}", page)
        assert server.ask("double", [21]) == {gradio_compat.number(doubled): "42"}, "what is skipped is left out"
        html = server.get("/")
        assert gradio_page.without_heartbeat(html).count(b'"connect_heartbeat":false') == 1 + html.count(b'"connect_heartbeat":false')
    finally:
        page.close()


@pytest.mark.parametrize(("kind", "event"), [(gr.Dropdown, "blur"), (gr.Textbox, "change"), (gr.Slider, "input"), (gr.HTML, "input")])
def test_a_control_says_once_that_it_was_moved(kind, event):
    with gr.Blocks() as page:
        gradio_compat.moved(kind())(lambda: None)
    assert [name for dependency in page.fns.values() for _, name in dependency.targets] == [event]


def test_an_event_begins_a_chain_that_does_nothing_but_begin_it():
    with gr.Blocks() as page:
        button = gr.Button()
        gradio_compat.after([button.click]).then(lambda: 1, None, None, trigger_mode="always_last")
    first, second = page.config["dependencies"] if "dependencies" in page.config else page.get_config_file()["dependencies"]
    assert first["targets"] == [(button._id, "click")] and not first["backend_fn"] and first["js"]
    assert second["trigger_after"] == first["id"] and second["trigger_mode"] == "always_last"


def test_no_sign_of_progress_is_laid_over_what_an_event_changes():
    with gr.Blocks() as page:
        button, picture, notice = gr.Button(), gr.HTML(), gr.HTML()
        button.click(lambda: "", None, picture, **gradio_compat.hidden_progress(notice))
    (event,) = page.get_config_file()["dependencies"]
    assert event["show_progress"] == "hidden" and event["show_progress_on"] == [notice._id]


def test_a_picture_of_an_endpoint_is_a_file_that_the_cache_clears(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    served = gradio_compat.picture_file(Image.new("L", (3, 2), 7))
    assert served["path"] in gradio_compat.PICTURES and served["path"].startswith(str(tmp_path)) and served["mime_type"] == "image/png"
    assert Image.open(served["path"]).getpixel((0, 0)) == 7
    with gr.Blocks(delete_cache=(3600, 3600)) as page:
        gradio_compat.clear_pictures_with_cache(page)
    assert any(files is gradio_compat.PICTURES for files in page.temp_file_sets)


def test_what_was_kept_for_a_visitor_who_has_gone_is_dropped():
    gradio_server.apply()
    gone = []
    with gr.Blocks() as page:
        kept = gr.State(1, delete_callback=gone.append)
    page.app = gr.routes.App.create_app(page)
    session = page.app.state_holder["visitor"]
    session[kept._id] = "a match"
    gradio_compat.forget_session(page, "visitor")
    assert gone == ["a match"] and kept._id not in session.state_data
