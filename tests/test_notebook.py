"""The notebook of the docs: its source becomes cells, cells are executed, and what they show is a valid notebook."""

import json
import sys
from pathlib import Path

import pytest
from tools import render_notebook
from tools.render_notebook import Cell, cells_of, execute, notebook, page, stale

SOURCE = """# Title

Some text.

```python
print("said")
total = 1 + 1
```

More text.

```python
from IPython.display import display
class Shown:
    def _repr_html_(self): return "<b>bold</b>\\n\\n<i>x</i>"
    def __repr__(self): return "plain"
handle = display("first", display_id=True)
handle.update(Shown())
total + 1
```
"""


def test_a_page_becomes_cells() -> None:
    cells = cells_of(SOURCE)
    assert [cell.code for cell in cells] == [False, True, False, True]
    assert cells[0].source == "# Title\n\nSome text." and cells[1].source.startswith("print(")
    assert len({cell.id for cell in cells}) == 4


def test_cells_are_executed_in_one_namespace_and_their_outputs_collected() -> None:
    there = Path.cwd()
    _, first, _, second = execute(cells_of(SOURCE))
    assert first == [{"output_type": "stream", "name": "stdout", "text": ["said\n"]}]
    assert [each["output_type"] for each in second] == ["display_data", "execute_result"]
    assert second[0]["data"]["text/html"] == ["<b>bold</b>\n", "\n", "<i>x</i>"], "the first display was replaced"
    assert second[1]["data"] == {"text/plain": ["3"]}
    assert Path.cwd() == there and "IPython" not in sys.modules


def test_a_cell_that_fails_is_not_written() -> None:
    with pytest.raises(ZeroDivisionError):
        execute([Cell(True, "1 / 0")])


def test_the_notebook_is_of_format_4_5(tmp_path: Path) -> None:
    cells = cells_of(SOURCE)
    made = json.loads(notebook(cells, execute(cells)))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    code = [cell for cell in made["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [1, 2]
    assert all(set(cell) == {"id", "metadata", "source", "cell_type", "execution_count", "outputs"} for cell in code)
    assert code[1]["outputs"][1]["execution_count"] == 2


def test_a_page_keeps_html_in_one_block_and_says_when_it_is_stale(tmp_path: Path) -> None:
    cells = cells_of(SOURCE)
    outputs = execute(cells)
    told = page(cells, outputs)
    assert "<b>bold</b>\n<i>x</i>" in told and "```text\nsaid\n```" in told
    source, book, site = (tmp_path / name for name in ("source.md", "book.ipynb", "site.md"))
    source.write_text(SOURCE, encoding="utf-8")
    assert stale(source, book, site) == ["book.ipynb", "site.md"]
    book.write_text(notebook(cells, outputs), encoding="utf-8")
    site.write_text(told, encoding="utf-8")
    assert stale(source, book, site) == []
    source.write_text(SOURCE.replace("1 + 1", "1 + 2"), encoding="utf-8")
    assert stale(source, book, site) == ["book.ipynb", "site.md"]


@pytest.mark.slow
@pytest.mark.encoder
def test_every_cell_of_the_docs_runs() -> None:
    cells = cells_of(render_notebook.SOURCE.read_text("utf-8"))
    shown = [each for outputs in execute(cells) for each in outputs]
    assert any("Ship " in "".join(each["data"].get("text/html", [])) for each in shown if "data" in each)
