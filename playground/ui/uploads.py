"""Bodies and files that visitors send: bounded in size, in total, and in time; the oldest files are deleted first."""

import asyncio
import os
import time
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from playground.ui.gradio_compat import get_upload_folder
from playground.ui.gradio_server import VISITOR

LARGEST_BODY = 8 * 2**20  # bytes; enough for a phone's photograph
TOO_LARGE = "This is more than 8 MB; send a smaller picture."
TOO_SLOW = "This came too slowly; try again over a better connection."
GRACE, SLOWEST = 20.0, 16 * 2**10  # seconds that a body may take, and the bytes per second that it needs after that
LARGE = 256 * 2**10  # bytes above which a body waits for one of a few places
PLACES, OF_ONE = 8, 3  # large bodies that are read at once: in all, and of one address
FILES_AT_MOST, BYTES_AT_MOST = 4096, 256 * 2**20  # pictures on the disk
PAUSE = 0.5  # seconds at least between two listings of the disk


class BodyLimit:
    """ASGI middleware that answers 413 to a body over `largest` bytes, whether or not it says its length, and 408 to one too slow.

    Only a few large bodies are read at once, so that memory and disk are bounded: an address that sends many waits for its own ones.
    """

    def __init__(self, app, largest: int = LARGEST_BODY):
        self.app, self.largest = app, largest
        self._free = asyncio.Semaphore(PLACES)
        self._of: dict[str, asyncio.Semaphore] = {}
        self._using: Counter[str] = Counter()
        self._looked = 0.0

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self.largest:
            return await PlainTextResponse(TOO_LARGE, 413)(scope, receive, send)
        if int(length) <= LARGE and b"transfer-encoding" not in headers:
            return await self._read(scope, receive, send)
        async with self._place(VISITOR.get()):
            await self._read(scope, receive, send)
        if scope["path"] == "/gradio_api/upload":
            await self.tidy()

    @asynccontextmanager
    async def _place(self, address: str):
        """Holds one of the places for large bodies."""
        mine = self._of.setdefault(address, asyncio.Semaphore(OF_ONE))
        self._using[address] += 1
        try:
            async with mine, self._free:
                yield
        finally:
            self._using[address] -= 1
            if not self._using[address]:
                del self._using[address], self._of[address]

    async def _read(self, scope, receive, send):
        seen, began, whole, answered = 0, time.monotonic(), False, False

        async def counted():
            nonlocal seen, whole
            if whole:
                return await receive()
            left = began + GRACE + seen / SLOWEST - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0))
            except TimeoutError:
                raise _Refused(408, TOO_SLOW) from None
            seen += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if seen > self.largest:
                raise _Refused(413, TOO_LARGE)
            return message

        async def noted(message):
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except _Refused as refused:
            if not answered:
                headers = {"connection": "close"}
                await PlainTextResponse(refused.detail, refused.status_code, headers)(scope, receive, send)

    async def tidy(self) -> None:
        """Deletes the oldest files if there are too many, in number or in bytes; lists the disk at intervals only."""
        if time.monotonic() - self._looked > PAUSE:
            self._looked = time.monotonic()
            await asyncio.to_thread(tidy, Path(get_upload_folder()))


class _Refused(HTTPException):  # FastAPI lets this kind through where it reads a body
    pass


def tidy(folder: Path, files: int = FILES_AT_MOST, size: int = BYTES_AT_MOST) -> None:
    """Deletes the oldest files under a folder until at most this many, with this many bytes in all, are left."""
    found = []
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            try:
                status = os.lstat(path)
            except OSError:  # another process has deleted it
                continue
            found.append((status.st_mtime_ns, status.st_size, path))
    found.sort(reverse=True)  # the newest first
    sum_of, kept = 0, 0
    for _, bytes_of, path in found:
        sum_of, kept = sum_of + bytes_of, kept + 1
        if sum_of > size or kept > files:
            Path(path).unlink(missing_ok=True)
            try:
                os.rmdir(os.path.dirname(path))  # Gradio gives each file a folder
            except OSError:
                pass
