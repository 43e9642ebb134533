"""Starting the page: whatever is in the way is said in one sentence, and libraries write where this user can."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from playground import scratch
from playground.errors import UserError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def app(monkeypatch):
    from playground.ui import page as app

    launched = []
    monkeypatch.delenv("GRADIO_SERVER_PORT", raising=False)
    monkeypatch.setattr(app.catalog, "add_from_hub", lambda name, revision: launched.append((name, revision)))

    class Built:
        def launch(self, **settings):
            launched.append(settings)

    monkeypatch.setattr(app, "build", Built)
    app.launched = launched
    return app


def test_a_taken_port_and_one_that_is_none_are_told_with_port(app, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"Port {port} is taken.*--port"):
            app.main(["--port", str(port)])
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
        with pytest.raises(UserError, match="is taken"):
            app.main([])
    for wrong in ("0", "70000", "many"):
        monkeypatch.setenv("GRADIO_SERVER_PORT", wrong)
        with pytest.raises(UserError, match="must be a whole number from 1 to 65535"):
            app.main([])
    with pytest.raises(UserError, match="not an address of this machine"):
        app.main(["--host", "192.0.2.1", "--port", str(port)])
    assert not app.launched


def test_port_and_host_are_those_that_are_asked_for(app, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    app.main([])
    app.main(["--port", str(port), "--host", "0.0.0.0"])
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
    app.main([])
    assert [(s["server_name"], s["server_port"], s["share"]) for s in app.launched] == [
        ("127.0.0.1", None, False), ("0.0.0.0", port, False), ("127.0.0.1", port, False)
    ]  # fmt: skip


def test_a_model_of_the_hub_may_have_a_revision(app):
    app.main(["--model", "ann/vae@v2", "--model", "ann/gan"])
    assert app.launched[:2] == [("ann/vae", "v2"), ("ann/gan", None)]


def test_share_warns(app, capsys):
    app.main(["--share"])
    assert "whoever knows the address" in capsys.readouterr().out and app.launched[0]["share"]


def test_caches_go_to_a_folder_of_ones_own_where_the_usual_ones_cant_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(scratch, "_writable", lambda folder: False)
    for name in ("GRADIO_TEMP_DIR", "NUMBA_CACHE_DIR"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    scratch.use_writable_caches()
    for name in ("GRADIO_TEMP_DIR", "NUMBA_CACHE_DIR"):
        folder = Path(os.environ[name])
        assert folder.parent == tmp_path and stat.S_IMODE(folder.stat().st_mode) == 0o700
    mine = scratch._own_folder("numba")
    assert mine == scratch._own_folder("numba")
    mine.chmod(0o777)  # somebody else could have put code there
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    assert scratch._own_folder("numba") != mine


def test_sampling_works_where_neither_the_code_nor_home_can_be_written_to(tmp_path):
    code = (
        "from playground import scratch; scratch._writable = lambda folder: False\n"
        "from playground.sampling.backends import numba_backend; import numba; print(numba.config.CACHE_DIR)"
    )
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"} | {"HOME": "/proc", "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and done.stdout.startswith(str(tmp_path)), done.stderr[-2000:]


ZERO = """
import sys
marked = []
assert "torch" not in sys.modules and "gradio" not in sys.modules
def GPU(function):
    marked.append(function.__name__)
    return function
"""


def test_on_zerogpu_heavy_endpoints_are_marked_before_torch_is_there(tmp_path):
    (tmp_path / "spaces.py").write_text(ZERO)
    code = (
        "import app, spaces; from playground.ui.page import HEAVY; named = {d.api_name for d in app.demo.fns.values()}; "
        "print(set(spaces.marked) == set(HEAVY) <= named)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "True", done.stderr[-2000:]
