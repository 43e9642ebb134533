"""Visitors of the page without a browser: real HTTP sessions over loopback, for `benchmarks.load` and `benchmarks.soak`."""

import asyncio
import json
import time
from urllib.parse import urlsplit

JSON = {"Content-Type": "application/json"}


class Visitor:
    """One keep-alive connection and one session."""

    def __init__(self, address: str, session: str, source: str = "127.0.0.1"):
        """source: the loopback address that the visitor comes from."""
        place = urlsplit(address)
        self.host, self.port, self.session, self.source = place.hostname, place.port, session, source
        self._reader = self._writer = None

    async def ask(self, method: str, path: str, body: bytes = b"", headers: dict | None = None) -> tuple[int, bytes]:
        """The status and the body of one request, made anew once where the server had closed the connection."""
        for again in (True, False):
            try:
                if self._writer is None:
                    opened = asyncio.open_connection(self.host, self.port, local_addr=(self.source, 0), limit=2**24)
                    self._reader, self._writer = await opened
                return await self._ask(method, path, body, headers or {})
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
                if not again:
                    raise

    async def _ask(self, method: str, path: str, body: bytes, headers: dict) -> tuple[int, bytes]:
        said = {"Host": f"{self.host}:{self.port}", "Accept-Encoding": "br", "Content-Length": len(body), **headers}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in said.items()) + "\r\n"
        self._writer.write(head.encode() + body)
        await self._writer.drain()
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        answered = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if answered.get("transfer-encoding") != "chunked":
            return int(status.split()[1]), await self._reader.readexactly(int(answered.get("content-length", 0)))
        parts = []
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            parts.append((await self._reader.readexactly(size + 2))[:-2])
        await self._reader.readexactly(2)
        return int(status.split()[1]), b"".join(parts)

    async def call(self, function: "Function", **values) -> tuple[int, str]:
        """The status and the text of the answer of one of the page's functions; values: of the components with these ids in the page."""
        said = {"data": function.data(values), "fn_index": function.index, "session_hash": self.session, "trigger_id": None}
        status, body = await self.ask("POST", "/gradio_api/run/predict", json.dumps(said).encode(), JSON)
        return status, body.decode()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


class Function:
    """A function of the page, as its configuration has it."""

    def __init__(self, dependency: dict, components: dict[int, dict]):
        self.index = dependency["id"]
        self._inputs = [components[i]["props"] for i in dependency["inputs"]]

    def data(self, values: dict) -> list:
        """The arguments: what the page opens with, and `values` by the components' ids (`elem_id`, - as _)."""
        return [values.get(str(props.get("elem_id")).replace("-", "_"), props.get("value")) for props in self._inputs]


class Functions:
    """The functions of the page that these visitors use."""

    def __init__(self, config: dict):
        self._components = {component["id"]: component for component in config["components"]}
        self._all = config["dependencies"]
        self._id = {component["props"].get("elem_id"): component["id"] for component in config["components"]}
        digit, board = self._id["latent-digit"], self._id["game-board"]
        self.move = self._least([d for d in self._all if self._id["latent-map"] in d["inputs"] and digit in d["outputs"]])
        states = {i for i, component in self._components.items() if component["type"] == "state"}
        both = [d for d in self._all if board in d["outputs"] and states & set(d["outputs"]) and len(d["outputs"]) == 3]
        self.begin = [Function(d, self._components) for d in both]  # other points, or a match that has come so far: one of them answers
        self.play = self._of("game-play", "click")
        self.frame = self._of("game-board", "input")

    def _least(self, dependencies: list[dict]) -> Function:
        return Function(min(dependencies, key=lambda dependency: len(dependency["outputs"])), self._components)

    def _of(self, name: str, event: str) -> Function:
        """The function that the server runs at this event of the component `name`."""
        wanted = [self._id[name], event]
        return self._least([d for d in self._all if wanted in [list(target) for target in d["targets"]] and d["backend_fn"]])


async def functions(address: str) -> Functions:
    visitor = Visitor(address, "configuration")
    status, body = await visitor.ask("GET", "/config", headers={"Accept-Encoding": "identity"})
    assert status == 200, f"The page's configuration can't be read: {status}."
    visitor.close()
    return Functions(json.loads(body))


def place(step: int) -> str:
    """A place on the map, another at each step."""
    return f"{((step * 37) % 600) / 100 - 3:.2f},{((step * 61) % 600) / 100 - 3:.2f}"


async def timed(call) -> tuple[float, int, str]:
    """Milliseconds, status and text of an awaited call."""
    began = time.perf_counter()
    status, text = await call
    return 1000 * (time.perf_counter() - began), status, text


def refused(status: int, text: str) -> bool:
    """Whether a visitor was turned away, and not only overtaken by their own newer movement."""
    return status != 200 or 'role=\\"alert' in text or "Many visitors" in text
