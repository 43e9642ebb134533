"""What the page's server gives to programs, and what it refuses."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playground import api
from playground.ui.uploads import LARGEST_BODY, TOO_LARGE


@pytest.fixture(scope="module")
def client(address):
    from gradio_client import Client

    return Client(address, verbose=False, httpx_kwargs={"timeout": 60})


def test_every_public_function_is_an_endpoint_with_its_text(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    public = {f"/{name}" for name, value in vars(api).items() if name.startswith("latent_") and callable(value)}
    assert public <= set(endpoints)
    tabs = ("latent", "game", "digits", "sketch", "worlds", "pixels", "compare")
    assert all(name.lstrip("/").split("_")[0] in tabs for name in endpoints)


def test_a_program_gets_the_picture_that_the_page_shows(client):
    path = client.predict([0.6, -0.6], "vae-mnist-2d", "mean", 1, api_name="/latent_decode")
    path = path["path"] if isinstance(path, dict) else path
    assert np.array_equal(np.asarray(Image.open(path)), np.asarray(api.latent_decode([0.6, -0.6])))


@pytest.mark.parametrize(
    "call, arguments, sentence",
    [
        ("/latent_decode", ([0.0], "vae-mnist-2d", "mean", 1), "2 latent dimensions"),
        ("/latent_decode", ([0.0, 1e9], "vae-mnist-2d", "mean", 1), "from -6 to 6"),
        ("/latent_decode", ([0.0, 0.0], "../vae-mnist-2d", "mean", 1), "not a vae model"),
        ("/latent_samples", ("vae-mnist", "mean", 1.0, -1, 4), "seed"),
        ("/latent_samples", ("vae-mnist", "mean", 1.0, 1, 10_000), "1 to 64"),
        ("/latent_rebuild", ("10", "vae-mnist", 1), "drawing"),
    ],
)
def test_a_wrong_argument_gets_a_sentence(client, call, arguments, sentence):
    with pytest.raises(Exception, match=sentence):
        client.predict(*arguments, api_name=call)


def test_the_functions_are_mcp_tools(address):
    listing = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    answer = urllib.request.urlopen(urllib.request.Request(f"{address}/gradio_api/mcp/", listing, headers)).read().decode()
    tools = json.loads(answer[answer.index("{") :])["result"]["tools"]
    decode = next(tool for tool in tools if tool["name"].endswith("latent_decode"))
    assert "latent vector" in decode["description"]
    assert set(decode["inputSchema"]["properties"]) == {"z", "model", "show", "seed"}


@pytest.mark.parametrize(
    "name", ["app.py", "README.md", "playground/catalog.py", "pretrained/vae-mnist/model.safetensors", "../../etc/passwd"]
)
@pytest.mark.parametrize("absolute", [True, False])
def test_files_of_the_server_stay_there(address, name, absolute):
    path = str(Path(__file__).resolve().parents[2] / name) if absolute else name
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/gradio_api/file={path}")
    assert refused.value.code in (403, 404)


@pytest.mark.parametrize("route", ["/gradio_api/upload", "/gradio_api/run/predict", "/gradio_api/mcp/"])
def test_a_body_over_the_limit_is_refused_before_it_is_read(address, route):
    import http.client

    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.putrequest("POST", route)
    connection.putheader("Content-Length", str(LARGEST_BODY + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.read().decode()) == (413, TOO_LARGE)


def test_a_body_that_hides_its_length_is_cut_off(address):
    import http.client

    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    chunks = (b"x" * 2**20 for _ in range(12))
    try:
        connection.request("POST", "/gradio_api/run/predict", chunks, {"Content-Type": "application/json"}, encode_chunked=True)
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # the server answered and hung up while we still sent
    assert urllib.request.urlopen(address).status == 200  # and goes on serving others
