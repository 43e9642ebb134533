"""Pictures by their address: from public hosts only, also after a redirect or a change of mind of the name server, and bounded."""

import asyncio
import base64
import socket
from pathlib import Path

import gradio as gr
import httpx
import pytest
import safehttpx
from gradio import processing_utils
from gradio.utils import get_upload_folder

from playground.errors import UserError
from playground.imaging.decode import MAX_BYTES
from playground.ui import gradio_fetch
from tests.playground.ui.test_executor import run

PUBLIC = "93.184.216.34"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture
def net(monkeypatch, tmp_path):
    """A network of the test's own: `net.names` host -> its addresses, one after another; `net.answers` (host, path) -> a response;
    `net.asked` what was asked of which address."""
    gradio_fetch.apply()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))

    class Net:
        names, answers, asked = {"good.example": [PUBLIC]}, {}, []

    net = Net()

    class Transport(httpx.AsyncBaseTransport):
        def __init__(self, ip):
            self.ip = ip

        async def handle_async_request(self, request):
            net.asked.append((self.ip, request.url.host))
            return net.answers[request.url.host, request.url.path]

    async def lookup(self, host, *args, **kwargs):
        if host in net.names:
            answers = net.names[host]
            host = answers.pop(0) if len(answers) > 1 else answers[0]
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (socket.inet_ntoa(socket.inet_aton(host)) if family == socket.AF_INET else host, 0))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lookup)
    monkeypatch.setattr(safehttpx, "AsyncSecureTransport", Transport)
    monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda: Transport("trusted by name"))
    Net.asked = []
    return net


def fetched(url: str) -> str:
    return run(gradio_fetch.given(url))


def test_a_picture_of_a_public_host_arrives(net):
    net.answers["good.example", "/photo.png"] = httpx.Response(200, content=PNG)
    assert fetched("http://good.example/photo.png") == "data:;base64," + base64.b64encode(PNG).decode()
    assert net.asked == [(PUBLIC, "good.example")]


INSIDE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "224.0.0.1", "127.1", "2130706433"]
INSIDE_6 = ["::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1", "::"]


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("way", ["as it is", "by a name", "by a redirect", "by a redirect of a trusted host"])
def test_nothing_inside_is_asked(net, address, way):
    net.names["inside.example"] = [address]
    inside = f"http://{address}/x.png" if way == "as it is" else "http://inside.example/x.png"
    for host in ("good.example", "huggingface.co"):
        net.answers[host, "/away"] = httpx.Response(302, headers={"Location": inside})
    url = {"by a redirect": "http://good.example/away", "by a redirect of a trusted host": "https://huggingface.co/away"}.get(way, inside)
    with pytest.raises(gr.Error, match="No picture came"):
        fetched(url)
    assert [ip for ip, _ in net.asked if ip not in (PUBLIC, "trusted by name")] == []


@pytest.mark.parametrize("address", [*(a for a in INSIDE if a.count(".") == 3), *INSIDE_6])
def test_what_is_not_public(address):
    assert not gradio_fetch.is_public(address)
    assert gradio_fetch.is_public(PUBLIC) and gradio_fetch.is_public("2606:4700::1111")


def test_who_changes_its_address_after_the_check_is_not_asked_there(net):
    """DNS rebinding: the name is looked up once, and that very address is connected to."""
    net.names["rebound.example"] = [PUBLIC, "127.0.0.1"]
    net.answers["rebound.example", "/x.png"] = httpx.Response(200, content=PNG)
    fetched("http://rebound.example/x.png")
    assert net.asked == [(PUBLIC, "rebound.example")]


@pytest.mark.parametrize("answer", ["large", "compressed", "missing", "a circle", "slow"])
def test_an_answer_without_bound_is_refused(net, answer, monkeypatch):
    async def endless():
        for _ in range(MAX_BYTES // 2**20 + 2):
            yield bytes(2**20)

    async def slow():
        yield PNG
        await asyncio.sleep(60)

    net.answers["good.example", "/x.png"] = {
        "large": lambda: httpx.Response(200, content=endless()),
        "compressed": lambda: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"")),
        "missing": lambda: httpx.Response(404),
        "a circle": lambda: httpx.Response(302, headers={"Location": "http://good.example/x.png"}),
        "slow": lambda: httpx.Response(200, content=slow()),
    }[answer]()
    monkeypatch.setattr(gradio_fetch, "SECONDS", 0.5)
    with pytest.raises(gr.Error, match="No picture came"):
        fetched("http://good.example/x.png?" + answer)
    assert not (Path(get_upload_folder()) / processing_utils.hash_url("http://good.example/x.png?" + answer)).exists()


@pytest.mark.parametrize("value", [None, {"a": 1}, 5, ["daisy"], {"path": "/etc/passwd"}])
def test_what_is_no_picture_gets_a_sentence(value):
    with pytest.raises(UserError, match="must be"):
        run(gradio_fetch.given(value))


def test_an_upload_by_its_address_is_read_where_it_lies(net):
    """As `gradio upload-mcp` names the files that it has uploaded."""
    path = processing_utils.save_bytes_to_cache(PNG, "a picture.png", get_upload_folder())
    url = "http://127.0.0.1:7860/gradio_api/file=" + path.replace(" ", "%20")
    assert fetched(url) == "data:;base64," + base64.b64encode(PNG).decode() and net.asked == []
    for other in ("/etc/passwd", path + "/../../../../../etc/passwd"):
        with pytest.raises(gr.Error, match="No picture came"):
            fetched("http://127.0.0.1:7860/gradio_api/file=" + other)
