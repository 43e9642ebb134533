"""Bodies and files of visitors are bounded: too large, too slow, too many."""

import asyncio
import os
import time

import pytest

from playground.ui import uploads
from playground.ui.gradio_server import VISITOR
from tests.playground.ui.test_executor import run


def test_the_oldest_files_go_first(tmp_path):
    for i in range(10):
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / "picture.png").write_bytes(bytes(100))
        os.utime(folder / "picture.png", (i, i))
    uploads.tidy(tmp_path, files=6)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["4", "5", "6", "7", "8", "9"]
    uploads.tidy(tmp_path, size=250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["8", "9"]


async def status_of(limit, messages, headers=((b"transfer-encoding", b"chunked"),), path="/gradio_api/run/predict") -> int:
    """The status that a body in these messages, (seconds before it, its bytes, whether more come), is answered with."""
    sent, left = [], list(messages)

    async def receive():
        pause, body, more = left.pop(0)
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(message):
        sent.append(message)

    await limit({"type": "http", "method": "POST", "path": path, "headers": list(headers)}, receive, send)
    return sent[0]["status"]


async def reads(scope, receive, send):
    """An application that reads the body."""
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_a_body_that_trickles_is_given_up(monkeypatch):
    monkeypatch.setattr(uploads, "GRACE", 0.2)
    slow = [(0.05, b"x", True)] * 100
    began = time.monotonic()
    assert run(status_of(uploads.BodyLimit(reads), slow)) == 408
    assert time.monotonic() - began < 1
    assert run(status_of(uploads.BodyLimit(reads), [(0.05, b"x" * 10**5, True), (0.4, b"x", False)])) == 200


def test_who_sends_many_large_bodies_waits_for_their_own():
    """Twenty large bodies of one address do not keep another's waiting."""
    most, now = 0, 0

    async def holds(scope, receive, send):
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.1)
        now -= 1
        await reads(scope, receive, send)

    async def several():
        limit, whole = uploads.BodyLimit(holds), [(0, b"x", False)]
        VISITOR.set("a flood")
        flood = [asyncio.ensure_future(status_of(limit, whole)) for _ in range(20)]
        await asyncio.sleep(0.01)
        VISITOR.set("a visitor")
        began = time.monotonic()
        assert await status_of(limit, whole) == 200
        waited = time.monotonic() - began
        assert await asyncio.gather(*flood) == [200] * 20
        return waited, limit._of, limit._using

    waited, of, using = run(several())
    assert waited < 0.3 and most == uploads.OF_ONE + 1 and not of and not using


@pytest.mark.parametrize("length, status", [(b"8388609", 413), (b"-1", 413), (b"1e3", 413), (b"3", 200)])
def test_a_length_is_believed_only_if_it_is_small(length, status):
    limit = uploads.BodyLimit(reads)
    assert run(status_of(limit, [(0, b"abc", False)], [(b"content-length", length)])) == status
