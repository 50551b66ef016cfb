"""What the fields of a form on a web page hold: what was written, chosen or ticked."""

from bifolio.ingest.building import one_line
from bifolio.ingest.markup import Element, descendants, local

FIELDS = ("input", "select")
_WRITTEN = frozenset(("text", "number", "date", "email", "tel", "url", "time", "month", "week"))
_TICKED = frozenset(("checkbox", "radio"))


def filled(field: Element) -> str:
    """Give what a field holds, a box for what may be ticked.

    Boxes and choices outside of a form open menus and change languages: they say nothing.
    """
    if local(field) == "input":
        kind = field.get("type", "text").lower()
        if kind in _WRITTEN:
            return one_line(field.get("value", ""))
        if kind not in _TICKED or not _is_in_form(field):
            return ""
        return "☑" if "checked" in field.attrib else "☐"
    if not _is_in_form(field):
        return ""
    chosen = [one for one in descendants(field, "option") if "selected" in one.attrib]
    return ", ".join(one_line("".join(one.itertext())) for one in chosen)


def _is_in_form(field: Element) -> bool:
    return next(field.iterancestors("{*}form", "form"), None) is not None
