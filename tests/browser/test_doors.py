"""What the server shuts, what it says with every answer, and that what a request says of this server changes nothing."""

import ast
import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import playground


def ask(address: str, method: str, path: str, body: bytes | str | None = None, headers: dict | None = None) -> tuple:
    """(status, headers as a dict of lower-case names, body) of one request, sent as it stands: `path` is not normalised."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def call(address: str, name: str, data: list, **said) -> tuple[int, str]:
    """(status, text) of a call of the API; `name` is an endpoint's, or "predict"."""
    body = json.dumps({"data": data, **said})
    status, _, text = ask(address, "POST", f"/gradio_api/run/{name}", body, {"Content-Type": "application/json"})
    return status, text.decode()


SHUT = [
    *("/openapi.json", "/docs", "/redoc", "/monitoring", "/monitoring/summary", "/monitoring/key", "/pwa_icon", "/login", "/logout"),
    *("/gradio_api/openapi.json", "/gradio_api/deep_link?session_hash=x", "/gradio_api/runs", "/gradio_api/vibe-code"),
    *("/gradio_api/run-history/records", "/gradio_api/proxy=https://example.hf.space/", "/gradio_api/custom_component/x/client/y/z.js"),
    *("/gradio_api/file=https://example.com/", "/gradio_api/file=http://127.0.0.1/", "/gradio_api/file/https://example.com/"),
    *("/gradio_api/stream/a/b/1/playlist-file", "/gradio_api/dev/reload", "/gradio_api/user", "/gradio_api/token"),
]


@pytest.mark.parametrize("path", SHUT)
def test_a_route_that_the_page_does_not_need_is_shut(address, path):
    assert ask(address, "GET", path)[0] == 404


@pytest.mark.parametrize("path", ["/gradio_api/vibe-edit", "/gradio_api/component_server", "/gradio_api/process_recording", "/login", "/"])
def test_nothing_is_posted_where_the_page_posts_nothing(address, path):
    assert ask(address, "POST", path, "{}", {"Content-Type": "application/json"})[0] == 404


def test_every_route_of_this_gradio_was_considered():
    """A new Gradio may have new routes: they are shut until somebody has looked at them."""
    import app

    served = app.demo.app if hasattr(app.demo, "app") else None
    from gradio.routes import App

    served = served or App.create_app(app.demo)
    paths = {getattr(route, "path", "") for route in served.routes}
    known = {"/", "/login", "/login/", "/logout", "/config", "/config/", "/openapi.json", "/gradio_api/deep_link", "/gradio_api/mcp"}
    known |= {"/svelte/{path:path}", "/static/{path:path}", "/assets/{path:path}", "/favicon.ico", "/theme.css", "/robots.txt"}
    known |= {"/pwa_icon", "/pwa_icon/{size}", "/manifest.json", "/monitoring", "/monitoring/summary", "/monitoring/{key}", ""}
    assert paths <= known


@pytest.mark.parametrize("path", ["/", "/theme.css", "/gradio_api/info", "/nothing", "/gradio_api/file=nothing.png"])
def test_every_answer_names_only_this_origin_and_sets_no_cookie(address, path):
    _, headers, _ = ask(address, "GET", path)
    policy = headers["content-security-policy"]
    assert "://" not in policy and "*" not in policy and "default-src" in policy
    assert "frame-ancestors" not in policy and "x-frame-options" not in headers  # a Space shows the page in a frame
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


FORGED = {
    "Host": "evil.example",
    "Forwarded": "host=evil.example;proto=https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Prefix": "/evil",
    "X-Gradio-Server": "http://evil.example",
    "X-Original-URL": "/gradio_api/openapi.json",
    "Cookie": "access-token-unsecure-x=evil",
}


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/manifest.json"])
@pytest.mark.parametrize("name", FORGED)
def test_a_forged_header_changes_nothing(address, path, name):
    plain = ask(address, "GET", path)
    forged = ask(address, "GET", path, headers={name: FORGED[name]})
    assert forged[0] == plain[0] == 200
    assert forged[2] == plain[2] and b"evil" not in forged[2]


def test_the_address_of_a_picture_is_this_server_whatever_the_host_is_called(address):
    body = json.dumps({"data": [[0.6, -0.6], "vae-mnist-2d", "mean", 1]})
    headers = {"Content-Type": "application/json", **FORGED}
    status, _, text = ask(address, "POST", "/gradio_api/run/latent_decode", body, headers)
    assert status == 200 and json.loads(text)["data"][0]["url"].startswith(f"{address}/gradio_api/file=")


@pytest.mark.parametrize(
    "name, said, sentence",
    [
        ("predict", {"data": [], "fn_index": 10**5}, "no function"),
        ("predict", {"data": [], "fn_index": "5"}, "no function"),
        ("nothing", {"data": []}, "no function named nothing"),
        ("latent_decode", {"data": [1]}, "4 arguments"),
        ("latent_decode", {"data": {"z": 1}}, "a list named data"),
        ("latent_decode", {}, "a list named data"),
        ("latent_decode", {"data": [], "session_hash": "x" * 100}, "session hash"),
        ("latent_decode", {"data": [], "session_hash": {"a": 1}}, "session hash"),
        ("latent_decode", [1, 2], "JSON object"),
        ("latent_decode", {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "", "", 1]}, "could not be read"),
    ],
)
def test_a_call_that_is_none_gets_a_sentence_and_no_trace(address, name, said, sentence):
    status, _, text = ask(address, "POST", f"/gradio_api/run/{name}", json.dumps(said), {"Content-Type": "application/json"})
    assert status in (422, 500) and sentence in text.decode()
    assert "Traceback" not in text.decode() and "/etc" not in text.decode() and "object at 0x" not in text.decode()


def test_a_message_of_an_error_is_escaped_where_it_becomes_html():
    """In the page's modules no f-string with a tag has an `error` in it as it stands."""
    root = Path(playground.__file__).parent
    wrong = []
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.Constant) and "<" in part.value for part in node.values):
                bare = [ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue)]
                wrong += [f"{path.name}:{node.lineno}" for said in bare if said in ("error", "str(error)", "error.message")]
    assert wrong == []
