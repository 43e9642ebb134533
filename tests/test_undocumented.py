"""What a library does not document is touched in the files that are named for that, each with its reason, and nowhere else."""

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("playground", "training", "benchmarks", "notebooks")
OURS = {*FOLDERS, "app", "tests"}
# Where each library's undocumented parts may be touched
PLACES = {
    "gradio": "playground/ui/gradio_*.py",  # _compat: components, events, API; _server; _page: its scripts; _fetch: its loader of addresses
    "gradio_client": "playground/ui/gradio_*.py",
    "numba": "playground/sampling/backends/llvm_product.py",
}
# Modules, with what is in them, that the libraries document
DOCUMENTED = (
    *("PIL", "numpy", "torch", "torchvision", "torchmetrics", "scipy", "skimage", "sklearn", "starlette", "zopfli"),
    *(
        "gradio.components",
        "gradio.themes",
        "plotly.graph_objects",
        "accelerate.utils",
        "safetensors.torch",
        "onnxscript.optimizer",
        "onnx_ir",
    ),
    *(
        "huggingface_hub.errors",
        "huggingface_hub.utils",
        "playwright.sync_api",
        "playwright.async_api",
        "numba.extending",
        "numba.types",
        "llvmlite.ir",
    ),
)
# Names with an underscore that are documented: of Python, and the hook of `PyTorchModelHubMixin`
UNDERSCORED = {"_exit", "_replace", "_save_pretrained"}
# Names without an underscore that Gradio and Starlette have, but do not document
OF_GRADIO = {
    *("fns", "get_blocks", "get_config_file", "default_config", "blocks_config", "constructor_args", "state_holder", "temp_file_sets"),
    *("process_api", "renderables", "server_app", "user_middleware", "middleware_stack", "build_middleware_stack"),
}


def sources() -> dict[str, ast.Module]:
    files = [ROOT / "app.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def corners(file: str, tree: ast.Module, own: set[str]) -> Iterator[str]:
    """The touches of undocumented parts in a file, but for those that may be there.  own: names that our sources define."""
    for library, name in found(tree, own):
        if not fnmatch(file, PLACES.get(library, "")):
            yield f"{file}: {name}"


def found(tree: ast.Module, own: set[str]) -> Iterator[tuple[str, str]]:
    """(library, what is touched of it) of all undocumented parts in a file; a private attribute may be of any library, say Gradio's."""
    aliases = {"gr": "gradio"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {name.asname: name.name for name in node.names if name.asname}
            yield from undocumented(*(name.name for name in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from undocumented(*(f"{node.module}.{name.name}" for name in node.names))
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id in aliases:
                yield from undocumented(f"{aliases[node.value.id]}.{node.attr}")
            if private(node.attr) and not (node.attr in own and ast.unparse(node.value) in ("self", "cls")) or node.attr in OF_GRADIO:
                yield "gradio", ast.unparse(node)
        elif isinstance(node, ast.Call) and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            name = node.args[1].value
            if isinstance(node.func, ast.Name) and isinstance(name, str) and private(name):  # getattr(x, "_name")
                yield "gradio", ast.unparse(node)


def undocumented(*names: str) -> Iterator[tuple[str, str]]:
    """(library, name) of those of these modules, or members of modules, that a library does not document."""
    for name in names:
        library, _, member = name.partition(".")
        if library in OURS or library in sys.stdlib_module_names:
            continue
        module = name if is_module(name) else name.rpartition(".")[0]
        private_part = any(private(part) for part in name.split("."))
        inner = "." in module and not any(f"{module}.".startswith(f"{public}.") for public in DOCUMENTED)
        if private_part or inner:
            yield library, name


def is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:
        return False


def private(name: str) -> bool:
    return name.startswith("_") and name != "_" and not name.startswith("__") and name not in UNDERSCORED


def defined(trees) -> set[str]:
    names = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            names.add(node.attr)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):  # a field of a dataclass
            names.add(node.target.id)
    return names


def test_undocumented_parts_of_libraries_are_touched_in_the_files_that_are_named_for_them():
    trees = sources()
    own = defined(trees.values())
    elsewhere = [corner for file, tree in trees.items() for corner in corners(file, tree, own)]
    assert not elsewhere
    touched = {library for file, tree in trees.items() for library, _ in found(tree, own)}
    assert touched == PLACES.keys(), "a place that is no longer needed"


@pytest.mark.parametrize(
    "source",
    [
        "from huggingface_hub.utils._http import default_client_factory",
        "from gradio.utils import get_upload_folder",
        "from gradio import processing_utils",
        "from datasets.utils.file_utils import xopen",
        "import safehttpx._core",
        "from gradio_client.utils import is_http_url_like",
        "import gradio as gr\nisinstance(x, gr.blocks.Block)",
        "tab.card._id",
        "p._version",
        "self._queue.clear()",
        "app.get_blocks().fns",
        'getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)',
    ],
)
def test_a_touch_elsewhere_is_found(source):
    assert list(corners("training/publish.py", ast.parse(source), {"_pool"}))
