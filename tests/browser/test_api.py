"""The API as programs use it: every example of docs/api.md, pictures as files, and pictures as an MCP client gets them."""

import base64
import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playground import api
from tests.playground.ui.test_executor import run

ROOT = Path(__file__).resolve().parents[2]
TABS = ("latent", "game", "digits", "sketch", "worlds", "pixels", "compare")
PUBLIC = {name: f for name, f in vars(api).items() if inspect.isfunction(f) and name.split("_")[0] in TABS}


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("my photos (1)") / "photo.jpg"
    Image.fromarray((np.random.default_rng(0).random((90, 120, 3)) * 255).astype(np.uint8)).resize((480, 360)).save(path)
    return path


def test_every_example_of_the_documentation_runs(address, photo, monkeypatch):
    import gradio_client

    told, predict = {}, gradio_client.Client.predict

    def noted(self, *args, api_name, **said):
        told[api_name.strip("/")] = answer = predict(self, *args, api_name=api_name, **said)
        return answer

    monkeypatch.setattr(gradio_client.Client, "predict", noted)
    monkeypatch.chdir(photo.parent)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/api.md").read_text(encoding="utf-8"), re.DOTALL)
    exec("\n".join(blocks).replace("http://127.0.0.1:7860", address), {})
    assert set(told) == set(PUBLIC)
    described = gradio_client.Client(address, verbose=False).view_api(return_format="dict", print_info=False)["named_endpoints"]
    for name, answer in told.items():
        outputs = described[f"/{name}"]["returns"]
        assert [output["label"] for output in outputs] == list(PUBLIC[name].outputs)
        for output, value in zip(outputs, answer if len(outputs) > 1 else [answer], strict=True):
            if output["python_type"]["type"] == "filepath":
                assert Image.open(value).size > (0, 0)


@pytest.mark.parametrize("value", [None, {"path": "photo.jpg"}, 5])
def test_what_is_no_picture_gets_one_sentence(address, value):
    from gradio_client import Client

    with pytest.raises(Exception, match="A picture must be a data URL or.*, not .*\\.$"):
        Client(address, verbose=False).predict(photo=value, api_name="/sketch_lines")


def test_an_mcp_client_sends_and_gets_pictures(address, photo):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    calls = {
        "sketch_terms": {"sketch": "daisy"},
        "sketch_lines": {"photo": "data:image/jpeg;base64," + base64.b64encode(photo.read_bytes()).decode()},
        "worlds_names": {},
    }

    async def ask():
        async with streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            names = {tool.name.removeprefix(f"{ROOT.name}_"): tool.name for tool in (await session.list_tools()).tools}
            named = {call: next(full for name, full in names.items() if name.endswith(call)) for call in calls}
            answers = {call: await session.call_tool(named[call], said) for call, said in calls.items()}
            answers["inside"] = await session.call_tool(named["sketch_lines"], {"photo": f"{address}/theme.css"})
            return answers

    answers = run(ask(), 120)
    assert {call: [part.type for part in answer.content].count("image") for call, answer in answers.items()} == {
        "sketch_terms": 3,
        "sketch_lines": 1,
        "worlds_names": 0,
        "inside": 0,
    }
    assert "No picture came from this address" in answers["inside"].content[0].text
