"""Changes inside Gradio's server for which it has no setting, each with its reason and a test on the real server.

`apply()` is called before the page is launched.  It raises RuntimeError if the installed Gradio lacks what is changed here.
"""

import asyncio
import functools
import logging
import time
from collections import ChainMap, OrderedDict
from contextvars import ContextVar
from types import SimpleNamespace

import gradio as gr
from gradio import blocks, mcp, queueing, route_utils, routes, state_holder, utils
from gradio.blocks import BlocksConfig
from gradio.brotli_middleware import BrotliMiddleware
from gradio.context import LocalContext
from gradio.data_classes import PredictBodyInternal
from gradio_client.utils import is_file_obj_with_meta
from starlette.middleware import Middleware
from starlette.requests import Request

log = logging.getLogger(__name__)

SESSIONS = 2000  # kept at most; beyond these, the address with most sessions loses its least recently used one
SESSION_AGE = 7200.0  # seconds without a request after which a session is forgotten

VISITOR: ContextVar[str] = ContextVar("visitor", default="")  # the address of the present request

NOT_READ = "This call could not be read; `/gradio_api/info` says what can be asked."


@functools.cache
def apply() -> None:
    _errors_are_sentences()
    _sessions_share_the_page()
    _no_script_of_another_host()
    _several_outputs_reach_mcp_clients()
    _values_are_read_where_they_are()
    _uploads_are_forgotten()


def visitor(request: gr.Request | None = None) -> tuple[str, str]:
    """The address and the session of a request, by default the present one; "" where there is none."""
    request = request or LocalContext.request.get(None)
    client = getattr(request, "request", None) and request.request.client
    return (client.host if client else "", getattr(request, "session_hash", None) or "")


def surround(app, ours: list[Middleware]) -> None:
    """Puts our middleware around Gradio's, which would otherwise be the outer one; without Gradio's compression, as `Kept` compresses."""
    classes = {middleware.cls for middleware in ours} | {BrotliMiddleware}
    app.user_middleware = [*ours, *(middleware for middleware in app.user_middleware if middleware.cls not in classes)]
    app.middleware_stack = app.build_middleware_stack()


def functions_of(app) -> dict:
    """The functions of the page that an app serves, by the `fn_index` of a call; each has `api_name`, `inputs` and `queue`."""
    return app.get_blocks().fns


def _errors_are_sentences() -> None:
    """Gradio's report of an error in reading a call (names of its classes, paths of this machine) becomes one sentence, and the traceback
    that it prints for each becomes a line of the log.  Errors of our own functions are `gr.Error` before Gradio sees them."""
    theirs = of(utils, "error_payload")

    def error_payload(error, show_error):
        if not isinstance(error, gr.Error):
            log.warning("a call could not be read: %s", type(error).__name__)
            error = gr.Error(NOT_READ, title="", print_exception=False)
        return theirs(error, show_error)

    of(queueing, "error_payload")
    utils.error_payload = queueing.error_payload = error_payload
    for module in (routes, queueing):
        of(module, "traceback")
        module.traceback = SimpleNamespace(print_exc=lambda: None)


def _no_script_of_another_host() -> None:
    """Under `--share` Gradio's page takes its script from one of Gradio's servers, which the content policy forbids: ours serves its
    own."""
    theirs = of(routes.templates, "TemplateResponse")
    routes.templates.TemplateResponse = lambda *, name, **context: theirs(name=name.replace("share.html", "index.html"), **context)


def _several_outputs_reach_mcp_clients() -> None:
    """Gradio passes an MCP client the outputs of a queued function as one text.  Here, pictures among them are sent as pictures."""
    theirs = of(mcp.GradioMCPServer, "postprocess_output_data")

    def postprocess(self, data: list, root_url: str) -> list:
        parts = []
        for output in data:
            several = isinstance(output, list | tuple) and any(map(is_file_obj_with_meta, output))
            parts += output if several else [output]
        return theirs(self, parts, root_url)

    mcp.GradioMCPServer.postprocess_output_data = postprocess


def _values_are_read_where_they_are() -> None:
    """Gradio passes each value of a call to another thread for decoding, and each value of the answer for encoding: eight times per
    movement, half of its time.  Our components' values take microseconds, so they are handled in place."""
    theirs = of(of(blocks.anyio, "to_thread"), "run_sync")

    async def run_sync(function, *args, **how):
        if getattr(function, "__name__", "") in ("preprocess", "postprocess", "<lambda>"):
            return function(*args)
        return await theirs(function, *args, **how)

    blocks.anyio = SimpleNamespace(to_thread=SimpleNamespace(run_sync=run_sync))


async def movement(app, function, event: dict, request: Request) -> tuple[int, dict]:
    """The status and the answer of a call of one of the page's own listeners: what Gradio's route `run/predict` does, without FastAPI's
    second reading and checking of what `doors.py` has already checked.  That took a quarter of a movement's time."""
    body = PredictBodyInternal(**event, request=request)
    body.event_id = None
    try:
        session, _ = route_utils.restore_session_state(app, body)
        answer = await app.get_blocks().process_api(
            block_fn=function,
            inputs=body.data,
            state=session,
            request=route_utils.compile_gr_request(body, function, None, request),
            session_hash=body.session_hash,
            event_data=route_utils.prepare_event_data(session.blocks_config, body),
            root_path=f"{request.scope['scheme']}://{request.headers['host']}",
        )
        answer.pop("iterator")
        return 200, answer
    except Exception as error:
        return 500, utils.error_payload(error, True)


def _uploads_are_forgotten() -> None:
    """Gradio keeps an entry for each upload name that is sent or queried, for ever.  Ours keeps the latest ones."""
    for name in ("_statuses", "_signals"):
        of(routes.file_upload_statuses, name)
    routes.file_upload_statuses._statuses = _Last()
    routes.file_upload_statuses._signals = _LastSignals()


class _Last(dict):
    """Keeps the `MOST` keys that were set last."""

    MOST = 1000

    def __setitem__(self, key, value) -> None:
        super().__setitem__(key, value)
        if len(self) > self.MOST:
            del self[next(iter(self))]


class _LastSignals(_Last):
    def __missing__(self, key) -> asyncio.Event:
        self[key] = asyncio.Event()
        return self[key]


def _sessions_share_the_page() -> None:
    """Gradio copies the configuration of all components for each session, and for each call without one: 60 ms and 1.4 MB for ours.  It
    does so for deep links, which are disabled here (`doors.py`).  Our sessions keep only their changes to the components that all share."""
    for name in ("__init__", "__setitem__", "_update_config", "_update_value_in_config"):
        of(state_holder.SessionState, name)
    of(routes, "StateHolder")

    def begin(self, page) -> None:
        shared = page.default_config
        self.blocks_config = BlocksConfig(shared.root_block)
        self.blocks_config.blocks = ChainMap({}, shared.blocks)
        self.blocks_config.fns, self.blocks_config.fn_id = shared.fns, shared.fn_id
        self.blocks_config.renderables = shared.renderables
        self.config_values, self.state_data, self._state_ttl, self.is_closed = {}, {}, {}, False
        self.STATE_TTL_WHEN_CLOSED = SESSION_AGE

    def put(self, key: int, value) -> None:
        block = self.blocks_config.blocks.get(key)
        if isinstance(block, gr.State):
            self.state_data[key] = value
        elif value is not block:
            self.blocks_config.blocks[key] = value

    state_holder.SessionState.__init__ = begin
    state_holder.SessionState.__setitem__ = put
    state_holder.SessionState._update_config = state_holder.SessionState._update_value_in_config = lambda *of_deep_links: None
    routes.StateHolder = Sessions


class Sessions(state_holder.StateHolder):
    """Gradio's sessions, bounded in number and in age.  All its methods run in the server's event loop."""

    def __init__(self):
        super().__init__()
        self.session_data: OrderedDict[str, state_holder.SessionState] = OrderedDict()  # least recently used first
        self.time_last_used: dict[str, float] = {}
        self._addresses: dict[str, str] = {}  # session -> its address
        self._of: dict[str, OrderedDict[str, None]] = {}  # address -> its sessions, least recently used first

    def __getitem__(self, session_id: str) -> state_holder.SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = state_holder.SessionState(self.blocks)
            address = self._addresses[session_id] = VISITOR.get()
            self._of.setdefault(address, OrderedDict())[session_id] = None
            if len(self.session_data) > self.capacity:
                self.forget(next(iter(max(self._of.values(), key=len))))
        self.update(session_id)
        return self.session_data[session_id]

    def update(self, session_id: str) -> None:
        if session_id in self.session_data:
            self.session_data.move_to_end(session_id)
            self._of[self._addresses[session_id]].move_to_end(session_id)
            self.time_last_used[session_id] = time.monotonic()

    def forget(self, session_id: str) -> None:
        """Drops the session and everything kept for it."""
        session = self.session_data.pop(session_id, None)
        if session is None:
            return
        for key in list(session.state_data):
            session.blocks_config.blocks[key].delete_callback(session.state_data.pop(key))
        self.time_last_used.pop(session_id, None)
        address = self._addresses.pop(session_id)
        self._of[address].pop(session_id)
        if not self._of[address]:
            del self._of[address]
        queue = self.blocks._queue
        if not queue.pending_event_ids_session.get(session_id):
            queue.pending_event_ids_session.pop(session_id, None)

    def delete_all_expired_state(self) -> None:
        """Gradio calls it every second."""
        now = time.monotonic()
        while self.session_data and now - self.time_last_used[oldest := next(iter(self.session_data))] > SESSION_AGE:
            self.forget(oldest)


def of(owner, name: str):
    """The member of Gradio's that will be replaced.  Raises RuntimeError if this Gradio has none."""
    if not hasattr(owner, name):
        raise RuntimeError(f"This version of Gradio has no {name} in {owner}; see playground/ui/gradio_server.py.")
    return getattr(owner, name)
