"""`python app.py` as a person starts it, for tests and benchmarks; and how Chromium is started beside it."""

import functools
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),  # a camera, which may be used without a question
    # Without the pages behind Chromium's own address bar, made anew with each window, which take a fifth of what it takes to open ours; the
    # others are Playwright's own, whose switch this one replaces
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch",
]


@contextmanager
def serving(port: int | None = None, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[tuple[str, subprocess.Popen]]:
    """Starts the page on this port, by default a free one, and gives its address and process at once; `answers` waits for it.  Stops it
    at the end.  arguments: more of its command line.  environment: in place of this process's."""
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    environment = {**(environment or os.environ), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "app.py", "--port", str(port), *arguments]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait(30)


def answers(address: str, server: subprocess.Popen) -> None:
    """Waits until the page answers.  Raises RuntimeError if the process ends before."""
    while server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=10).read()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"app.py ended with code {server.returncode}")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def file_server() -> Iterator[str]:
    """The address of a plain file server of the repository."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=ROOT)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
