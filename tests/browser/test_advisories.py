"""One test for each kind of advisory of 2024 to 2026 against Gradio, Starlette, python-multipart and uvicorn that could concern this page.

Pillow's stand in tests/playground/test_hostile_pictures.py.
"""

import http.client
import json
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from playground.ui.server import SETTINGS
from tests import fuzz
from tests.browser.test_doors import ask, call
from tests.playground.ui.test_executor import run

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0  # seconds; each of these takes milliseconds on a machine that is idle, and minutes where the fault is there
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def upload(
    address: str, name: str, content: bytes, part_headers: str = "", boundary: str = "edge", before: bytes = b"", after: bytes = b""
) -> tuple:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n{part_headers}\r\n'.encode(
        "utf-8", "replace"
    )
    body = before + head + content + f"\r\n--{boundary}--".encode() + after + b"\r\n"
    return ask(address, "POST", "/gradio_api/upload", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})


@pytest.fixture
def quickly():
    """What the test does ends soon."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE


@pytest.fixture
def trap():
    """A port of this machine that notes who knocks: (port, list of what was sent)."""
    knocked = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def listen():
            while not over.is_set():
                try:
                    visitor, _ = server.accept()
                except TimeoutError:
                    continue
                knocked.append("somebody")
                visitor.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], knocked
        over.set()
        thread.join()


WAYS = [  # CVE-2024-0964, -1561, -1728, -4941, -10648, CVE-2025-23042 and their like
    "/etc/passwd",
    "//etc/passwd",
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "....//....//etc/passwd",
    "/tmp/gradio/../../etc/passwd",
    "file:///etc/passwd",
    "/proc/self/environ",
    "%00/etc/passwd",
    str(ROOT / "app.py"),
    str(ROOT / "APP.PY").upper(),
    quote(str(ROOT / "pretrained/vae-mnist/../../app.py")),
]


@pytest.mark.parametrize("route", ["/gradio_api/file=", "/gradio_api/file/", "/static/", "/assets/", "/svelte/", "/kept/", "/browser/"])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_to_a_file_of_the_server(address, route, way):
    status, _, body = ask(address, "GET", route + way)
    assert status in (400, 403, 404) and b"root:" not in body and b"import" not in body


@pytest.mark.parametrize(
    "name", ["../../../../tmp/evil.png", "/etc/cron.d/evil", "..\\..\\evil.png", "a/b/../../../evil.png", "x\x00.png", "." * 255]
)
def test_an_uploaded_file_stays_in_the_folder_of_uploads(address, name, quickly):  # CVE-2024-1728, CVE-2024-47867
    status, _, body = upload(address, name, PNG)
    if status == 200:
        (path,) = json.loads(body)
        assert "playground-" in path and ".." not in Path(path).parts and Path(path).resolve() == Path(path)
        assert len(Path(path).relative_to(next(p for p in Path(path).parents if p.name.startswith("playground-"))).parts) == 2
    else:
        assert status == 400


def test_a_file_of_the_server_is_no_argument(address):  # CVE-2024-34510, -47166, -10569: FileData that was never uploaded
    for path in ("/etc/passwd", str(ROOT / "app.py"), "/proc/self/environ"):
        for extra in ({}, {"url": f"/gradio_api/file={path}"}, {"orig_name": "x.png", "size": 3, "is_stream": True}):
            status, text = call(address, "latent_rebuild", [{"path": path, "meta": {"_type": "gradio.FileData"}, **extra}, "vae-mnist", 1])
            assert status == 500 and path not in text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433"])
def test_nothing_is_fetched_from_an_address_in_a_call(address, trap, host):  # CVE-2024-1183, -4325, -47167: SSRF
    port, knocked = trap
    url = f"http://{host}:{port}/picture.png"
    for said in ({"path": url}, {"path": "x.png", "url": url}, {"path": url, "url": url, "orig_name": "x.png"}):
        call(address, "latent_rebuild", [{**said, "meta": {"_type": "gradio.FileData"}}, "vae-mnist", 1])
        body = {"data": [{**said, "meta": {"_type": "gradio.FileData"}}, "vae-mnist", 1], "fn_index": 0, "session_hash": "ssrf"}
        ask(address, "POST", "/gradio_api/queue/join", json.dumps(body), {"Content-Type": "application/json"})
    assert "No picture came from this address" in call(address, "latent_rebuild", [url, "vae-mnist", 1])[1]
    for path in (f"/gradio_api/file={url}", f"/gradio_api/proxy={url}", f"/gradio_api/file/{url}"):
        assert ask(address, "GET", path)[0] == 404
    time.sleep(0.3)
    assert knocked == []


def test_a_page_of_another_site_may_not_ask_a_server_of_this_machine(address):  # CVE-2024-1727, -47084, -47165: CORS
    for origin in ("null", "https://evil.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example"):
        for method in ("GET", "OPTIONS"):
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Host": "evil.example"}
            assert "access-control-allow-origin" not in ask(address, method, "/gradio_api/info", headers=asked)[1]


def test_what_an_advisory_needs_stays_switched_off():  # CVE-2026-134825: a forged Host, with SSR or run history; monitoring
    off = ("ssr_mode", "run_history", "enable_monitoring", "share")
    assert {name: SETTINGS[name] for name in off} == dict.fromkeys(off, False)
    assert SETTINGS["allowed_paths"] == [] and SETTINGS["blocked_paths"]


def test_a_file_name_of_fifty_megabytes_is_refused(address, quickly):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.putrequest("POST", "/gradio_api/upload")
    connection.putheader("Content-Type", "multipart/form-data; boundary=edge")
    connection.putheader("Content-Length", str(50 * 2**20))
    connection.endheaders()
    assert connection.getresponse().status == 413
    assert upload(address, "a" * (7 * 2**20), PNG)[0] in (400, 413)


@pytest.mark.parametrize(
    "headers",
    ["X: y\r\n" * 50_000, f"X: {'y' * 10**6}\r\n", f"{'x' * 10**6}: y\r\n", f"Content-Disposition: form-data; {'a=b;' * 10**5}\r\n"],
    ids=["many", "long value", "long name", "many options"],
)
def test_a_flood_of_headers_of_a_part_is_refused(address, headers, quickly):  # of python-multipart
    assert upload(address, "x.png", PNG, headers)[0] in (400, 413)


@pytest.mark.parametrize("before", [b"\r\n" * 2_000_000, b"x" * 4_000_000], ids=["empty lines", "preamble"])
def test_what_stands_before_the_first_part_costs_little(address, before, quickly):  # CVE-2024-53981
    assert upload(address, "x.png", PNG, before=before)[0] in (200, 400)


@pytest.mark.parametrize("after", [b"-" * 4_000_000, b"\r\n" * 2_000_000, b"x" * 4_000_000], ids=["dashes", "empty lines", "letters"])
def test_what_stands_after_the_last_part_costs_little(address, after, quickly):  # CVE-2024-8966
    assert upload(address, "x.png", PNG, after=after)[0] in (200, 400)


def test_large_uploads_on_their_way_to_the_disk_keep_nobody_out(address, quickly):  # CVE-2025-54121
    answers = []
    senders = [threading.Thread(target=lambda: answers.append(upload(address, "x.png", PNG + bytes(7 * 2**20))[0])) for _ in range(6)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        assert call(address, "latent_decode", [[0.6, -0.6], "vae-mnist-2d", "mean", 1])[0] == 200
    assert answers == [200] * 6


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; " + "\\" * 20_000, 'x; !="' + "\\" * 20_000, "multipart/form-data; boundary=" + "b" * 20_000]
)
def test_an_odd_content_type_costs_little(address, kind, quickly):  # CVE-2024-24762: a slow regular expression
    status, _, _ = ask(address, "POST", "/gradio_api/upload", b"--b\r\n", {"Content-Type": kind})
    assert status in (400, 422)


def test_ten_thousand_fields_are_refused(address, quickly):  # CVE-2024-47874
    part = b'--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'
    body = part * 10_000 + b"--edge--\r\n"
    assert ask(address, "POST", "/gradio_api/upload", body, {"Content-Type": "multipart/form-data; boundary=edge"})[0] == 400


@pytest.mark.parametrize("path", ["/static/img/logo.svg", "/theme.css", "/"])
def test_many_ranges_cost_little(address, path, quickly):  # CVE-2025-62727
    ranges = ",".join(f"{i}-{i}" for i in range(4000))
    assert ask(address, "GET", path, headers={"Range": f"bytes={ranges}"})[0] in (200, 206, 400, 416, 431)


def test_a_thousand_idle_connections_keep_nobody_out(address, quickly):
    place = urlsplit(address)
    with ExitStack() as idle:
        for _ in range(700):  # as many as a process may open here, and those of this one
            idle.enter_context(socket.create_connection((place.hostname, place.port), timeout=20))
        assert ask(address, "GET", "/theme.css")[0] == 200
        status, _ = call(address, "latent_decode", [[0.6, -0.6], "vae-mnist-2d", "mean", 1])
        assert status == 200


def test_a_request_that_never_ends_keeps_nobody_out(address, quickly):
    place = urlsplit(address)
    with ExitStack() as slow:
        for _ in range(50):
            connection = slow.enter_context(socket.create_connection((place.hostname, place.port), timeout=20))
            connection.sendall(b"POST /gradio_api/run/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        assert call(address, "latent_decode", [[0.6, -0.6], "vae-mnist-2d", "mean", 1])[0] == 200


def test_an_id_of_an_upload_is_not_kept_for_ever(address):
    """Gradio waits for an upload of any name; afterwards nothing of it is left in the answer."""
    status, _, body = ask(address, "GET", "/gradio_api/upload_progress?upload_id=nothing")
    assert status == 404 and b"not found" in body.lower()


def test_mutated_calls_get_an_answer_or_a_sentence(address):
    """A sample; `python -m tests.fuzz` has ten thousand."""
    assert run(fuzz.bodies(address, 150, seed=2), 120).count == 150
