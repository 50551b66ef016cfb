"""XML of any kind: what stands in its elements, records by the names of their fields."""

import re
from collections.abc import Container, Iterator

from bifolio.ingest.building import Building
from bifolio.ingest.decode import decode
from bifolio.ingest.markup import Element, local, parse_xml
from bifolio.ingest.message import Message, message
from bifolio.ingest.parsed import Parsed

_WHAT = message("xml-text", "XML")
_ENCODING = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)")
_OWN_SPACES = ("{http://www.w3.org/XML/", "{http://www.w3.org/2001/XMLSchema-instance")
_TITLES = ("title", "heading", "head")
# Attributes that say something of their element wherever they stand; of others many only set it.
_NAMING = (*_TITLES, *("name", "label", "caption", "value", "description", "summary", "alt"))
_SETTING = ("class", "style", "href")


def parse_any_xml(data: bytes) -> Parsed:
    """Read the text of all elements, and the attributes that name them or are data.

    An element of several fields, each of another name, is a record: a line for each field, its
    attributes among them.
    """
    building = Building()
    data, building.notes = _mended(data)
    root = parse_xml(data, what=_WHAT)
    _write(building, root, 0, is_data=not any(map(_is_of_prose, root.iter("*"))))
    return building.parsed()


def _mended(data: bytes) -> tuple[bytes, list[Message]]:
    """Replace broken bytes in a file that is, or says that it is, in UTF-8."""
    named = _ENCODING.match(data)
    if b"\0" in data[:4] or (named and named[1].lower() not in (b"utf-8", b"utf8")):
        return data, []
    try:
        data.decode()
    except UnicodeDecodeError:
        text, notes = decode(data)
        return text.encode(), notes
    return data, []


def _write(building: Building, element: Element, depth: int, *, is_data: bool) -> None:
    parts = [part for part in element if local(part)]
    if not parts or _is_mixed(element, parts):
        text = _text(element)
        if local(element).lower() in _TITLES and text:
            building.heading(max(1, min(depth, 6)), text)
        else:
            told = _attributes(element, only=() if is_data or not text else _NAMING)
            building.paragraph(f"{told}\n{text}")
    elif _is_record(parts):
        fields = [*_facts(element), *((local(part), _said(part)) for part in parts)]
        building.paragraph("\n".join(f"{name}: {text}" for name, text in fields if text))
    else:
        building.paragraph(_attributes(element, only=_NAMING))
        for part in parts:
            _write(building, part, depth + 1, is_data=is_data)


def _is_of_prose(element: Element) -> bool:
    """Tell whether an element is of a document that is written and set, and not of records."""
    parts = [part for part in element if local(part)]
    mixed = bool(parts) and _is_mixed(element, parts)
    return mixed or any(name in element.attrib for name in _SETTING)


def _is_mixed(element: Element, parts: list[Element]) -> bool:
    """Tell whether text stands between the elements, which so are words of one paragraph."""
    return any((text or "").strip() for text in (element.text, *(part.tail for part in parts)))


def _is_record(parts: list[Element]) -> bool:
    names = [local(part) for part in parts]
    leaves = all(not len(part) for part in parts)
    return leaves and len(names) > 1 and len(set(names)) == len(names)


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _said(field: Element) -> str:
    text, attributes = _text(field), _attributes(field)
    return f"{text} ({attributes})" if text and attributes else text or attributes


def _attributes(element: Element, *, only: Container[str] = ()) -> str:
    """Give the attributes in one line; with ``only`` those of these names."""
    facts = _facts(element)
    return ", ".join(f"{name}: {text}" for name, text in facts if not only or name.lower() in only)


def _facts(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the attributes, but for those of XML itself."""
    for key, value in element.attrib.items():
        space, _, name = str(key).rpartition("}")
        if not space.startswith(_OWN_SPACES):
            yield name, str(value)
