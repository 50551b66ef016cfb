"""Mail: who wrote to whom, what, and which files hang on it; those are not opened."""

import email
import email.policy
import re
from collections.abc import Iterable
from email.message import EmailMessage, MIMEPart

from bifolio.ingest.building import Building
from bifolio.ingest.decode import decode
from bifolio.ingest.markup import parse_html
from bifolio.ingest.message import message as told
from bifolio.ingest.parsed import Parsed, clean
from bifolio.ingest.readers.html import HtmlWriter, decode_page

_SHOWN = ("Subject", "From", "To", "Cc", "Date")


def parse_eml(data: bytes) -> Parsed:
    """Read a mail or a web page saved as one: the plain text if there is one, else the HTML."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise ValueError("no header lines")
    headers = [(name, _header(message, name)) for name in _SHOWN]
    building = Building()
    append_headers(building, headers)
    body = message.get_body(preferencelist=("plain", "html"))
    if body is not None:
        _append_body(building, body)
    append_attachments(building, (part.get_filename() or "" for part in _attached(message)))
    return building.parsed(title=headers[0][1])


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


def append_attachments(building: Building, names: Iterable[str]) -> None:
    """Name the files that hang on a mail, and say that they are not read."""
    named = [name or "without a name" for name in names]
    for name in named:
        building.item(f"Attachment: {name}")
    if named:
        sentence = "{count} attached files are named but not read; save and add them on their own"
        building.notes.append(told("attached-files", sentence, count=len(named)))


def _append_body(building: Building, body: MIMEPart) -> None:
    payload = body.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = body.get_content_charset()
    try:
        text = data.decode(charset) if charset else ""
    except (LookupError, UnicodeDecodeError):
        text = ""
    if body.get_content_type() == "text/html":
        append_html(building, text or decode_page(data))
    elif data.strip():
        append_text(building, _unfold(text or decode(data)[0], body))


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
        and (part.get_filename() or part.get_content_maintype() in ("application", "message"))
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    # The parser of addresses stumbles over some broken ones.
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""
