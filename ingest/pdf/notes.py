"""What lies upon a page: the values of its form, and notes."""

from collections.abc import Iterator, Sequence
from typing import Any

from pypdf.generic import ArrayObject, DictionaryObject

from bifolio.ingest.parsed import clean
from bifolio.ingest.pdf.line import Line

# Links and what only opens another note say nothing; fields are read as such.
_SILENT = frozenset({"/Link", "/Popup", "/Widget"})
_HIDDEN = 2
_PASSWORD = 1 << 13
# No page holds more; a hostile one might.
MAX_NOTES = 5000
_MAX_DEPTH = 20
MAX_LABEL = 120


def notes_of(
    page: DictionaryObject, lines: Sequence[Line] = (), corner: tuple[float, float] = (0.0, 0.0)
) -> tuple[str, ...]:
    """Give a line for each form field that is filled in ("label: value") and each note.

    A field without a name for people is called what is printed beside or above it: ``lines`` are
    those of the page, whose left upper ``corner`` is (x, y) in points.
    """
    notes = []
    done: set[tuple[str, str]] = set()
    for entry in _annotations(page):
        # One broken note must not cost the page, and pypdf raises many kinds of errors on it.
        try:
            if entry.get("/Subtype") == "/Widget":
                text = _field(entry, _Printed(lines, corner), done)
            else:
                text = _note(entry)
        except MemoryError:
            raise
        except Exception:
            text = ""
        if text:
            notes.append(text)
    return tuple(notes)


def _annotations(page: DictionaryObject) -> Iterator[DictionaryObject]:
    entries: Any = page.get("/Annots", ArrayObject()).get_object()
    for entry in list(entries or ())[:MAX_NOTES]:
        found: Any = entry.get_object()
        if isinstance(found, DictionaryObject) and not int(found.get("/F", 0)) & _HIDDEN:
            yield found


def _note(entry: DictionaryObject) -> str:
    if entry.get("/Subtype") in _SILENT:
        return ""
    return _line(entry.get("/Contents", ""))


class _Printed:
    """What is printed beside the fields of a form."""

    def __init__(self, lines: Sequence[Line], corner: tuple[float, float]) -> None:
        self._lines, self._corner = lines, corner

    def label(self, entry: DictionaryObject, *, right: bool) -> str:
        """Give the line left of a field, or right of a button, or else above it."""
        rectangle: Any = entry.get("/Rect", ())
        if len(rectangle) != 4:
            return ""
        left, low, end, high = (float(number) for number in rectangle)
        x, y = self._corner
        left, end = min(left, end) - x, max(left, end) - x
        top, bottom = y - max(low, high), y - min(low, high)
        near: list[tuple[float, str]] = []
        for line in self._lines:
            gap = line.left - end if right else left - line.right
            if line.top < (top + bottom) / 2 < line.bottom and -3 < gap < (40 if right else 300):
                near.append((gap, line.text))
            above = top - line.bottom
            if not right and -3 < above < line.size and line.left < end and line.right > left:
                near.append((300 + above, line.text))
        return min(near, default=(0.0, ""))[1].strip(" :：_.")[-MAX_LABEL:]


def _field(entry: DictionaryObject, printed: _Printed, done: set[tuple[str, str]]) -> str:
    kind, flags = _inherited(entry, "/FT"), int(_inherited(entry, "/Ff") or 0)
    value: Any = _inherited(entry, "/V")
    if kind == "/Sig" or value is None or (kind == "/Tx" and flags & _PASSWORD):
        return ""
    if kind == "/Btn":
        shown = str(value).lstrip("/")
        if shown in ("", "Off"):
            return ""
        shown = {"Yes": "yes", "On": "yes", "1": "yes"}.get(shown, shown)
    elif isinstance(value, ArrayObject):
        shown = ", ".join(_line(one.get_object()) for one in value)
    else:
        shown = _line(value)
    label = _line(_inherited(entry, "/TU") or "")
    label = label or printed.label(entry, right=kind == "/Btn") or _line(_name(entry))
    if not shown or (label, shown) in done:
        return ""
    done.add((label, shown))
    return f"{label}: {shown}" if label else shown


def _inherited(entry: DictionaryObject, key: str) -> Any:
    field: Any = entry
    for _ in range(_MAX_DEPTH):
        if key in field:
            return field[key]
        if "/Parent" not in field:
            return None
        field = field["/Parent"]
    return None


def _name(entry: DictionaryObject) -> str:
    """Give the last part of the field's name that is one: "form1[0].name[0]" is "name"."""
    name = str(_inherited(entry, "/T") or "")
    return name.rsplit(".", maxsplit=1)[-1].split("[")[0].replace("_", " ")


def _line(value: Any) -> str:
    if hasattr(value, "get_data"):
        value = value.get_data().decode("utf-8", errors="replace")
    return " ".join(clean(str(value)).split())
