"""Gradio's sessions as this page has them: they share the page, and are bounded; and this Gradio is one whose sessions can."""

import asyncio
import subprocess
import sys
import tracemalloc

import gradio as gr
import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from playground.ui import gradio_server
from tests.playground.ui.test_executor import run


@pytest.fixture(scope="module")
def sessions():
    """Sessions of a small page with a number, a state and an event; (sessions, the number's id, the state's)."""
    gradio_server.apply()
    with gr.Blocks() as page:
        number, state = gr.Number(1), gr.State([])
        number.change(lambda value: value, number, number)
    page.state_session_capacity = 100
    found = gradio_server.Sessions()
    found.set_blocks(page)
    return found, number._id, state._id


def test_what_one_session_changes_another_does_not_see(sessions):
    found, number, state = sessions
    one, other = found["one"], found["other"]
    one[number] = gr.Number(2, render=False)
    one[state].append("mine")
    assert one[number].value == 2 and other[number].value == 1
    assert one[state] == ["mine"] and other[state] == []
    assert found.blocks.blocks[number].value == 1


def test_a_session_is_small_and_quick():
    """Whatever the page's size: Gradio's own took 1.4 MB and 60 ms of this page."""
    from app import demo

    gradio_server.apply()
    found = gradio_server.Sessions()
    demo.state_session_capacity = gradio_server.SESSIONS
    found.set_blocks(demo)
    found["first"]
    tracemalloc.start()
    for i in range(200):
        found[f"session {i}"]
    each = tracemalloc.get_traced_memory()[0] / 200
    tracemalloc.stop()
    assert each < 5000  # bytes


def test_who_opens_many_sessions_loses_their_own(sessions):
    found, *_ = sessions
    gradio_server.VISITOR.set("a visitor")
    found["theirs"]
    gradio_server.VISITOR.set("a flood")
    for i in range(300):
        found[f"flood {i}"]
    assert "theirs" in found and len(found.session_data) <= 100
    assert "flood 299" in found and "flood 0" not in found


def test_a_session_dies_of_age(sessions, monkeypatch):
    found, *_ = sessions
    found["old"]
    monkeypatch.setattr(gradio_server, "SESSION_AGE", -1.0)
    found.delete_all_expired_state()
    assert len(found.session_data) == 0 and not found._of and not found._addresses and not found.time_last_used


def test_a_gradio_that_speaks_otherwise_is_refused():
    """Each of Gradio's members that are replaced is asked for first."""
    without = "from gradio import state_holder as s; del s.SessionState._update_config"
    script = f"{without}\nfrom playground.ui import gradio_server as g; g.apply()"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert ended.returncode != 0 and "_update_config" in ended.stderr


def test_the_shared_page_has_its_own_script():
    gradio_server.apply()
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    said = {"config": {"body_css": {}}, "gradio_api_info": {}}
    page = gr.routes.templates.TemplateResponse(request=request, name="frontend/share.html", context=said).body.decode()
    assert "./assets/index-" in page and 'src="https://' not in page


def test_a_movement_is_answered_as_by_gradios_own_route():
    gradio_server.apply()

    async def double(value, request: gr.Request):
        return value * 2, gr.update(value=f"<b>{request.session_hash}</b>", visible=False)

    with gr.Blocks() as page:
        number, words = gr.Number(1), gr.HTML()
        number.change(double, number, [number, words], queue=False)
    page.run_history = False
    app = gr.routes.App.create_app(page)
    said = {"data": [21], "fn_index": 0, "session_hash": "visitor", "trigger_id": number._id, "event_data": None}
    theirs = TestClient(app).post("/gradio_api/run/predict", json=said).json()
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/gradio_api/run/predict", "query_string": b""}
    request = Request({**scope, "headers": [(b"host", b"testserver")]})
    status, ours = run(gradio_server.movement(app, page.fns[0], said, request))
    timed = {"duration": 0, "average_duration": 0}
    assert status == 200 and theirs["data"][0] == 42
    assert {**ours, **timed} == {**theirs, **timed}


def test_names_of_uploads_are_forgotten():
    gradio_server.apply()
    uploads = gr.routes.file_upload_statuses

    async def many():
        for i in range(3000):
            uploads.append(f"upload {i}", "picture.png", b"content")
            uploads._signals[f"asked after {i}"]
        return await asyncio.wait_for(uploads.is_tracked("upload 2999"), 1)

    assert run(many())
    assert len(uploads._statuses) == len(uploads._signals) == 1000
    assert uploads.pop("upload 2999").chunk_size == 7
