"""The notebooks: each is committed with what it gives, ends in a figure of the page, and runs."""

import re

import nbformat
import pytest

from notebooks.execute import HERE, execute
from tests.browser.test_api import TABS
from training.publish import INSTALLED

BOOKS = sorted(HERE.glob("*.ipynb"))


def test_there_is_one_for_each_tab():
    assert {path.stem for path in BOOKS} == set(TABS)


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_each_is_committed_with_its_outputs_and_ends_in_a_picture(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells) and "image/png" in cells[-1].outputs[-1].data
    assert not any(output.output_type == "error" or output.get("name") == "stderr" for cell in cells for output in cell.outputs)
    assert path.stat().st_size < 200 * 1024
    first = nbformat.read(path, as_version=4).cells[0].source
    assert INSTALLED in first and "](.)" in first, "which a Space's notebooks have otherwise"


def test_they_run():
    """All in one kernel, with few steps."""
    all_of_them = nbformat.v4.new_notebook()
    for path in BOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                source = re.sub(r"^(STEPS|ROUNDS|COUNT) = \d+", r"\1 = 3", cell.source, flags=re.MULTILINE)
                all_of_them.cells.append(nbformat.v4.new_code_cell(source))
    pictures = [cell for cell in execute(all_of_them).cells if any("image/png" in output.get("data", {}) for output in cell.outputs)]
    assert len(pictures) >= len(BOOKS)
