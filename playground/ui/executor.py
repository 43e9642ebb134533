"""The one door to the models: a bounded executor that every model call of the page, the API and the MCP tools passes.

Two cores serve everybody, so at most `WORKERS` calls run at once and `WAITING` more may wait.  While a visitor drags, only the
newest request of that gesture is worth its time: an older one with the same key that still waits is dropped.
"""

import asyncio
import functools
import html
import inspect
import logging
import re
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import gradio as gr
from gradio.data_classes import FileData
from gradio.processing_utils import save_pil_to_cache
from gradio.utils import get_upload_folder
from PIL.Image import Image

from playground.errors import UserError

WORKERS = 2
WAITING = 32

FILES: set[str] = set()  # pictures that programs asked for; `delete_cache` of the page's Blocks clears them away

log = logging.getLogger(__name__)


class Superseded(Exception):
    """A newer request with the same key has come; nobody wants this answer."""


class Gate:
    """At most `workers` calls run, at most `waiting` wait; the newest call of a key wins over those that still wait."""

    def __init__(self, workers: int = WORKERS, waiting: int = WAITING):
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="model")
        self._places = workers + waiting
        self._newest: dict[Hashable, Future] = {}
        self._taken: set[Future] = set()
        self._streams: dict[Hashable, object] = {}  # the newest stream of each key

    async def run(self, key: Hashable, call: Callable, *args):
        """`call(*args)` on one of the workers; `key` None never supersedes.  To be called from one event loop.

        Raises Superseded if a newer call of the same key came while this one waited, UserError if the line is full.
        """
        older = self._newest.get(key)
        if older is not None and older.cancel():  # only a call that has not begun can be dropped
            self._taken.discard(older)  # and its place is free at once
        if len(self._taken) >= self._places:
            raise UserError("Many visitors are here at the moment; try again in a few seconds.")
        future = self._pool.submit(call, *args)
        self._taken.add(future)
        if key is not None:
            self._newest[key] = future
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError as error:
            if self._newest.get(key) is future:  # the visitor has gone; the request was not replaced
                raise
            raise Superseded from error
        finally:
            self._taken.discard(future)
            if self._newest.get(key) is future:
                del self._newest[key]

    async def steps(self, key: Hashable, call: Callable[..., Iterator], *args) -> AsyncIterator:
        """The items of the generator `call(*args)`, each step a call of its own, so that a long one lets others in between.

        Raises Superseded at the first step after a newer generator of the same key has begun.
        """
        mine, end = object(), object()
        self._streams[key] = mine
        items = call(*args)
        try:
            while (item := await self.run(None, next, items, end)) is not end:
                if self._streams.get(key) is not mine:
                    raise Superseded
                yield item
        finally:
            if self._streams.get(key) is mine:
                del self._streams[key]


GATE = Gate()


def _message(error: Exception, name: str) -> gr.Error:
    if isinstance(error, gr.Error):
        return error
    if isinstance(error, UserError):
        return gr.Error(str(error), title="", duration=8, print_exception=False)
    log.exception("%s failed", name, exc_info=error)
    return gr.Error("Something went wrong on the server and was written to its log; try another setting.", title="", print_exception=False)


def _file(value):
    """A picture as a file that Gradio serves; anything else as it is."""
    if not isinstance(value, Image):
        return value
    path = save_pil_to_cache(value, get_upload_folder(), name="picture", format="png")
    FILES.add(path)
    return FileData(path=path, mime_type="image/png").model_dump()


def _with(answer, notice):
    """A listener's answer (component -> value, or the values in order) with nothing to say in `notice`."""
    if isinstance(answer, dict) and all(isinstance(key, gr.blocks.Block) for key in answer):
        return answer | {notice: ""}
    return (*answer, "") if isinstance(answer, tuple) else (answer, "")


def guarded(fn: Callable) -> Callable:
    """The public function `fn` behind the gate, with the same signature and docstring, for `gr.api`.

    Errors become one sentence, and pictures become files, which programs fetch and MCP clients see.
    """

    @functools.wraps(fn)
    async def call(*args, **kwargs):
        try:
            answer = await GATE.run(None, functools.partial(fn, *args, **kwargs))
        except Exception as error:
            raise _message(error, fn.__name__) from None
        return tuple(map(_file, answer)) if isinstance(answer, tuple) else _file(answer)

    return call


def event_name(name: str) -> str:
    """The name by which the page's scripts know the event of a `listener`: "latent.walk" -> "latent-walk"."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower())  # Gradio leaves out what else is in a function's name


def listener(fn: Callable, name: str, nothing, notice=None) -> Callable:
    """`fn` behind the gate as an event listener of the page: the newest call of (visitor, `fn`) wins, `nothing` answers the others.

    Gradio shows no error of an event outside its queue.  There `notice`, an output after those of `fn`, says what went wrong, until an
    answer comes.  A generator function becomes a stream whose steps pass the gate one by one; `nothing` stands for one without any, for
    which Gradio would empty its outputs.
    """

    async def once(request: gr.Request, *args):
        try:
            answer = await GATE.run((request.session_hash, fn), fn, *args)
        except Superseded:
            return nothing
        except Exception as error:
            wrong = _message(error, name)
            if notice is None:
                raise wrong from None
            return {notice: f'<p role="alert">{html.escape(wrong.message)}</p>'}
        return answer if notice is None else _with(answer, notice)

    async def stream(request: gr.Request, *args):
        silent = True
        try:
            async for item in GATE.steps((request.session_hash, fn), fn, *args):
                silent = False
                yield item
        except Superseded:
            pass
        except Exception as error:
            raise _message(error, name) from None
        if silent:
            yield nothing

    listening = stream if inspect.isgeneratorfunction(fn) else once
    listening.__name__ = event_name(name)
    return listening
