"""XML and HTML, all through parsers that follow no entity and fetch nothing."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from bifolio.ingest.message import Message, message
from bifolio.ingest.parsed import Unreadable

Element = Any  # lxml has no types

_PAGE_BREAKS = frozenset(("pagebreak", "doc-pagebreak"))
_PAGE_WORD = re.compile(r"(?:page|pg|p)\b[.\s]*(?=\w)", re.IGNORECASE)
_TOO_DEEP = re.compile(r"excessive depth|too deep|depth in document", re.IGNORECASE)


def parse_xml(data: bytes, *, what: Message) -> Element:
    """Parse XML; ``what`` is what the error calls it.

    Raises:
        Unreadable: it is damaged, nested too deeply, or declares entities: a bomb or a trap.
    """
    # A parser each time: one that met an error keeps it.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as problem:
        brief = " ".join(str(problem).split())[:120]
        sentence = "its {what} is damaged ({problem}); open and save it anew"
        raise Unreadable(message("part-damaged", sentence, what=what, problem=brief)) from problem
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(declared.iterentities()):
        raise Unreadable(
            message(
                "declares-entities",
                "its {what} declares entities, which no office program does; do not trust it",
                what=what,
            )
        )
    return root


def part(name: str) -> Message:
    """Name a part of an office file in a message."""
    return message("part", "part {name}", name=name[:80])


def parse_html(text: str) -> tuple[Element | None, bool]:
    """Parse HTML however broken; tell also whether it was nested too deeply to be read whole."""
    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_pis=True
    )
    root = etree.fromstring(text.encode(errors="replace"), parser) if text.strip() else None
    cut = any(_TOO_DEEP.search(entry.message) for entry in parser.error_log)
    return root, cut


def local(element: Element) -> str:
    """Give the name of an element without its namespace; empty for comments and entities."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str, default: str = "") -> str:
    """Give an attribute by its name without its namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return default


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """Yield the children of these names, whatever their namespace."""
    if element is not None:
        yield from (child for child in element if not names or local(child) in names)


def child(element: Element | None, *path: str) -> Element | None:
    """Give the first child of the name, and of that the first of the next name, and so on."""
    for name in path:
        element = next(children(element, name), None)
    return element


def descendants(element: Element | None, *names: str) -> Iterator[Element]:
    """Yield all elements below of these names, in document order."""
    if element is not None:
        yield from (entry for entry in element.iterdescendants() if local(entry) in names)


def link_of(element: Element) -> str:
    """Give the id of the part that an element of an office file links to."""
    links = (
        str(value)
        for key, value in element.attrib.items()
        if key.endswith("}id") and "relationships" in key
    )
    return next(links, "")


def roles(element: Element) -> frozenset[str]:
    """Give what an element of a book or a page says that it is."""
    said = (attribute(element, "type"), element.get("epub:type"), element.get("role"))
    return frozenset(" ".join(filter(None, said)).split())


def printed_page(element: Element) -> str | None:
    """Give the number of the printed page that begins with an element; None if none does."""
    if not element.attrib or not _PAGE_BREAKS & roles(element):
        return None
    shown = "".join(element.itertext()).strip()
    label = element.get("aria-label") or element.get("title") or shown
    return _PAGE_WORD.sub("", " ".join(label.split()), count=1)
