"""Mail: who wrote to whom, what, and what the files say that hang on it."""

import email
import email.policy
import re
from collections.abc import Iterable
from email.message import EmailMessage, MIMEPart

from bifolio.ingest.building import Building, page_label
from bifolio.ingest.decode import decode
from bifolio.ingest.inside import MOST_INSIDE, nothing_inside, out_of_time, read_inside
from bifolio.ingest.markup import parse_html
from bifolio.ingest.message import Message
from bifolio.ingest.message import message as told
from bifolio.ingest.parsed import Parsed, Unreadable, clean
from bifolio.ingest.plain import parse_text
from bifolio.ingest.readers.delimited import parse_delimited
from bifolio.ingest.readers.html import HtmlWriter, decode_page

_SHOWN = ("Subject", "From", "To", "Cc", "Date")
# Parts of these kinds are read also without the name of a file: pictures are not.
_KINDS = ("application", "message", "text")


def parse_eml(data: bytes) -> Parsed:
    """Read a mail or a web page saved as one: the plain text if there is one, else the HTML.

    What hangs on it is read behind it.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise ValueError("no header lines")
    building = Building()
    _append_mail(building, message, depth=0)
    return building.parsed(title=_header(message, "Subject"))


def parse_eml_alone(data: bytes) -> Parsed:
    """Read a mail and no file that hangs on it: one of them has crashed its reader."""
    with nothing_inside():
        return parse_eml(data)


def _append_mail(building: Building, message: EmailMessage, *, depth: int) -> None:
    append_headers(building, ((name, _header(message, name)) for name in _SHOWN))
    for body in _bodies(message):
        building.parsed_block(body)
    files: list[tuple[str, bytes]] = []
    for part in _attached(message):
        name = part.get_filename() or ""
        inner = _inner(part) if depth < MOST_INSIDE else None
        if inner is not None:
            building.paragraph(f"Attached mail: {_header(inner, 'Subject')}")
            _append_mail(building, inner, depth=depth + 1)
        elif part.get_content_maintype() == "text":
            building.paragraph(f"Attachment: {name}" if name else "")
            _append_text_file(building, part)
        else:
            payload = part.get_payload(decode=True)
            files.append((name, payload if isinstance(payload, bytes) else b""))
    append_files(building, files)


def _bodies(message: EmailMessage) -> list[Parsed]:
    """Read the plain text of a mail and its page.

    If they say the same it is the text, or the page where only that has words or tables.
    """
    plain, page = (message.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    read = []
    for body in (plain, page):
        building = Building()
        if body is not None:
            _append_body(building, body)
        read.append(building.parsed())
    words, shown = read
    # Without a head they may only lay the page out.
    headed = any(has_head for *_, has_head in shown.tables)
    if all(part.get_content_subtype() != "alternative" for part in message.walk()):
        return read
    return [shown if headed or not words.text else words]


def _inner(part: MIMEPart) -> EmailMessage | None:
    """Give the mail that hangs on a mail."""
    if part.get_content_type() != "message/rfc822":
        return None
    held = part.get_payload()
    inner = held[0] if isinstance(held, list) and held else None
    return inner if isinstance(inner, EmailMessage) else None


def _append_text_file(building: Building, part: MIMEPart) -> None:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    kind = part.get_content_subtype()
    if kind == "html":
        _append_body(building, part)
    elif data.strip():
        parse = parse_delimited if kind in ("csv", "tab-separated-values") else parse_text
        building.parsed_block(parse(data))


def append_headers(building: Building, headers: Iterable[tuple[str, str]]) -> None:
    """Append the lines that stand above a mail."""
    lines = [f"{name}: {' '.join(value.split())}" for name, value in headers if value.strip()]
    building.paragraph("\n".join(lines))


def append_html(building: Building, text: str) -> None:
    """Append a body in HTML."""
    root, _ = parse_html(text)
    if root is not None:
        HtmlWriter(building).write(root)


def append_text(building: Building, text: str) -> None:
    """Append a body of plain text, its paragraphs apart."""
    for paragraph in re.split(r"\n\s*\n", clean(text)):
        building.paragraph(paragraph)


def append_files(building: Building, files: Iterable[tuple[str, bytes]]) -> None:
    """Append the files that hang on a mail as if each were read by itself; name those that cannot.

    Each is given as (name, bytes).
    """
    closed: list[str] = []
    try:
        with out_of_time():
            left = [(name or "without a name", data) for name, data in files]
            while left:
                name, data = left[0]
                try:
                    parsed = read_inside(data, name)
                except Unreadable:
                    closed.append(name)
                else:
                    _append_file(building, name, parsed)
                del left[0]
    except Unreadable:
        closed += [name for name, _ in left]
    if closed and building.has_pages:
        building.page()
    for name in closed:
        building.item(f"Attachment: {name}")
    if closed:
        sentence = "{count} attached files are named but not read; save and add them on their own"
        building.notes.append(told("attached-files", sentence, count=len(closed)))


def _append_file(building: Building, name: str, parsed: Parsed) -> None:
    paged = len(parsed.pages) > 1
    if paged or building.has_pages:
        building.page(page_label(name, parsed.pages[0]) if paged else name)
    building.paragraph(f"Attachment: {name}")
    building.parsed_block(parsed, pages_of=name if paged else "")


def _append_body(building: Building, body: MIMEPart) -> None:
    payload = body.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = body.get_content_charset()
    text, notes = "", list[Message]()
    is_page = body.get_content_type() == "text/html"
    try:
        text = data.decode(charset) if charset else ""
    except (LookupError, UnicodeDecodeError):
        text = ""
    if not text and data.strip():
        text, notes = decode_page(data) if is_page else decode(data)
    building.notes += notes
    if is_page:
        append_html(building, text)
    elif text.strip():
        append_text(building, _unfold(text, body))


def _unfold(text: str, body: MIMEPart) -> str:
    """Join the lines that end with a space where the mail says that they flow (RFC 3676)."""
    if body.get_param("format") != "flowed":
        return text
    return re.sub(r"(?<!^--) \r?\n(?!>)", " ", text, flags=re.MULTILINE)


def _attached(message: EmailMessage) -> Iterable[MIMEPart]:
    return (
        part
        for part in message.iter_attachments()
        # What bears an address belongs to a page that was saved.
        if not part["Content-Location"]
        and (part.get_filename() or part.get_content_maintype() in _KINDS)
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    # The parser of addresses stumbles over some broken ones.
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""
