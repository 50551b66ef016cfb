"""Jupyter notebooks: Markdown with its headings, code, and what the code printed."""

import json
import re
from typing import Any

from bifolio.ingest.building import Building
from bifolio.ingest.decode import decode
from bifolio.ingest.message import message
from bifolio.ingest.parsed import Parsed, Unreadable, clean
from bifolio.ingest.plain import get_ready as get_ready
from bifolio.ingest.plain import parse_markdown
from bifolio.ingest.readers.html import parse_html_page
from bifolio.ingest.reasons import too_deep

# What Python calls a thing that is shown otherwise, or nothing.
_OBJECT = re.compile(r"(?:<[\w.]+ (?:object\b|size )[^<>]*>)?")
# The lines of a bar that grows.
_WRITTEN_OVER = re.compile(r"[^\n]*\r(?!\n)")


def parse_notebook(data: bytes) -> Parsed:
    """Read the cells of a notebook in order; pictures among the outputs are left out.

    Raises:
        Unreadable: it is no notebook.
    """
    try:
        notebook = json.loads(decode(data)[0])
        cells = notebook.get("cells") or [
            cell for sheet in notebook["worksheets"] for cell in sheet["cells"]
        ]
    except RecursionError as problem:
        raise Unreadable(too_deep(message("the-notebook", "the notebook"))) from problem
    except (ValueError, AttributeError, KeyError, TypeError) as problem:
        sentence = "it is not a notebook; open and save it anew in Jupyter"
        raise Unreadable(message("not-a-notebook", sentence)) from problem
    building = Building()
    for cell in cells:
        _append_cell(building, cell)
    return building.parsed()


def _append_cell(building: Building, cell: dict[str, Any]) -> None:
    source = _text(cell.get("source", cell.get("input")))
    if cell.get("cell_type") == "markdown":
        building.parsed_block(parse_markdown(source.encode(errors="replace")))
        return
    if cell.get("cell_type") == "heading":
        building.heading(int(cell.get("level", 1)), source)
        return
    _append_code(building, source)
    for output in cell.get("outputs", ()):
        if "ename" in output:
            _append_code(building, f"{output['ename']}: {output.get('evalue', '')}")
        else:
            _append_output(building, output, output.get("data") or output)


def _append_output(building: Building, output: dict[str, Any], found: dict[str, Any]) -> None:
    """Append what an output shows in the form that says most of it."""
    plain = _text(output.get("text") or found.get("text/plain"))
    says = not _OBJECT.fullmatch(plain.strip())
    page, marked = _text(found.get("text/html")), _text(found.get("text/markdown"))
    if tables := _tables(page):
        building.parsed_block(tables)
    elif says:
        _append_code(building, _WRITTEN_OVER.sub("", plain))
    elif marked:
        building.parsed_block(parse_markdown(marked.encode(errors="replace")))
    elif page:
        building.parsed_block(parse_html_page(page.encode(errors="replace")))
    elif any(kind.startswith("image/") for kind in found):
        building.left_out += 1


def _tables(page: str) -> Parsed | None:
    """Read an output as a page if that has tables, which are mere blanks in its plain form."""
    parsed = parse_html_page(page.encode(errors="replace")) if "<table" in page else None
    return parsed if parsed and parsed.tables else None


def _append_code(building: Building, text: str) -> None:
    # Not as a paragraph: in code the space before a line counts.
    text = clean(text).strip("\n").rstrip()
    building.parsed_block(Parsed(title="", text=text, pages=[], headings=[]))


def _text(source: Any) -> str:
    """Give what a notebook holds as one string or as a list of lines."""
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")
