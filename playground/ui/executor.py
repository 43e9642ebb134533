"""The bounded executor through which every model call of the page, the API and the MCP tools runs.

Two cores serve all visitors, so at most `WORKERS` calls run at once and `WAITING` more may wait, in turns.  While a visitor drags, only the
newest request of that gesture matters: an older one with the same key that still waits is dropped.
"""

import asyncio
import functools
import html
import inspect
import logging
import re
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import gradio as gr
from PIL.Image import Image

from playground.errors import UserError
from playground.ui.gradio_compat import picture_file, pictures
from playground.ui.gradio_fetch import given
from playground.ui.gradio_server import visitor

WORKERS = 2
WAITING = 512
FULL = "Many visitors are here at the moment; try again in a few seconds."

log = logging.getLogger(__name__)


class Superseded(Exception):
    """A newer request with the same key has come, so this one needs no answer."""


Visitor = tuple[str, str]  # a request's address and session


class _Call:
    """A waiting or running call."""

    def __init__(self, key: Hashable, who: Visitor, call: Callable, args: tuple):
        self.key, self.who, self.call, self.args = key, who, call, args
        self.answer = asyncio.get_running_loop().create_future()


class Executor:
    """At most `workers` calls run and at most `waiting` wait; a new call replaces a waiting one with the same key.

    Addresses take turns, and so do the sessions of an address: whoever sends many requests waits longer, others don't.  Everything but the
    calls themselves runs in one event loop.
    """

    def __init__(self, workers: int = WORKERS, waiting: int = WAITING):
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="model")
        self._free, self._most, self._waiting = workers, waiting, 0
        self._lines: OrderedDict[str, OrderedDict[str, deque[_Call]]] = OrderedDict()  # address -> session -> its calls, in turn order
        self._newest: dict[Hashable, _Call] = {}  # key -> its newest waiting call
        self._streams: dict[Hashable, object] = {}  # key -> its newest stream

    async def run(self, key: Hashable, call: Callable, *args, who: Visitor = ("", "")):
        """Runs `call(*args)` on one of the workers; with `key` None it replaces no other call.

        Raises Superseded if a newer call of the same key came while this one waited, UserError if too many wait and this visitor has
        most of them.
        """
        mine = _Call(key, who, call, args)
        if key is not None:
            if older := self._newest.get(key):
                self._drop(older, Superseded())
            self._newest[key] = mine
        self._lines.setdefault(who[0], OrderedDict()).setdefault(who[1], deque()).append(mine)
        self._waiting += 1
        self._begin()
        if self._waiting > self._most:
            longest = max(self._lines.values(), key=lambda sessions: sum(map(len, sessions.values())))
            self._drop(max(longest.values(), key=len)[-1], UserError(FULL))
        try:
            return await mine.answer
        except asyncio.CancelledError:  # the visitor has gone
            self._drop(mine, None)
            raise

    def _drop(self, call: _Call, error: Exception | None) -> None:
        """Takes a call that still waits out of its queue."""
        address, session = call.who
        line = self._lines.get(address, {}).get(session, ())
        if call in line:
            line.remove(call)
            self._left(call)
            if error is not None:
                call.answer.set_exception(error)

    def _left(self, call: _Call) -> None:
        """Updates the counts for a call that no longer waits."""
        self._waiting -= 1
        if self._newest.get(call.key) is call:
            del self._newest[call.key]
        address, session = call.who
        if not self._lines[address][session]:
            del self._lines[address][session]
        if not self._lines[address]:
            del self._lines[address]

    def _begin(self) -> None:
        """Starts the calls whose turn it is, as many as there are free workers."""
        while self._free and self._lines:
            address = next(iter(self._lines))
            session = next(iter(self._lines[address]))
            call = self._lines[address][session].popleft()
            self._lines.move_to_end(address)
            self._lines[address].move_to_end(session)
            self._left(call)
            self._free -= 1
            running, loop = self._pool.submit(call.call, *call.args), call.answer.get_loop()
            running.add_done_callback(lambda done, call=call, loop=loop: loop.call_soon_threadsafe(self._ended, call, done))

    def _ended(self, call: _Call, done: Future) -> None:
        self._free += 1
        if not call.answer.done():  # it is done if the visitor has gone
            if (error := done.exception()) is not None:
                call.answer.set_exception(error)
            else:
                call.answer.set_result(done.result())
        self._begin()

    async def stream(self, key: Hashable, call: Callable[..., Iterator], *args, who: Visitor = ("", "")) -> AsyncIterator:
        """The items of the generator `call(*args)`, each step a call of its own, so that other calls can run between the steps of a long
        one.

        Raises Superseded at the first step after a newer generator of the same key has begun.
        """
        mine, end = object(), object()
        self._streams[key] = mine
        items = call(*args)
        try:
            while (item := await self.run(None, next, items, end, who=who)) is not end:
                if self._streams.get(key) is not mine:
                    raise Superseded
                yield item
        finally:
            if self._streams.get(key) is mine:
                del self._streams[key]


EXECUTOR = Executor()


def _message(error: Exception, name: str) -> gr.Error:
    if isinstance(error, gr.Error):
        return error
    if isinstance(error, UserError):
        return gr.Error(str(error), title="", duration=8, print_exception=False)
    log.exception("%s failed", name, exc_info=error)
    return gr.Error("Something went wrong on the server and was written to its log; try another setting.", title="", print_exception=False)


def _served(value):
    """A picture as a file that Gradio serves; anything else as it is."""
    return picture_file(value) if isinstance(value, Image) else value


def _with(answer, notice):
    """A listener's answer (component -> value, or the values in order) with an empty `notice`."""
    if isinstance(answer, dict) and not any(isinstance(key, str) for key in answer):  # those of a `gr.update` are names
        return answer | {notice: ""}
    return (*answer, "") if isinstance(answer, tuple) else (answer, "")


def endpoint(fn: Callable) -> Callable:
    """The public function `fn` through the executor, with the same signature and docstring, for `gr.api`.

    Pictures may be passed as files, too; errors become one sentence, and returned pictures become files, which programs fetch and MCP
    clients see.
    """
    of_pictures = pictures(fn)

    @functools.wraps(fn)
    async def call(*args):
        try:
            read = [await given(value) if i in of_pictures else value for i, value in enumerate(args)]
            answer = await EXECUTOR.run(None, fn, *read, who=visitor())
        except Exception as error:
            raise _message(error, fn.__name__) from None
        return tuple(map(_served, answer)) if isinstance(answer, tuple) else _served(answer)

    return call


def event_name(name: str) -> str:
    """The name by which the page's scripts know the event of a `listener`: "latent.walk" -> "latent-walk"."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower())  # Gradio drops all other characters of a function's name


def listener(fn: Callable, name: str, nothing, notice=None) -> Callable:
    """`fn` through the executor as an event listener of the page: only the newest call of (visitor, `fn`) is answered, the others get
    `nothing`.

    Gradio shows no error of an event outside its queue.  Instead, `notice`, an output after those of `fn`, says what went wrong until the
    next answer.  A generator function becomes a stream whose steps pass the executor one by one; a stream without any step yields
    `nothing`, as Gradio would clear its outputs.
    """

    async def once(request: gr.Request, *args):
        try:
            answer = await EXECUTOR.run((request.session_hash, fn), fn, *args, who=visitor(request))
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
            async for item in EXECUTOR.stream((request.session_hash, fn), fn, *args, who=visitor(request)):
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
