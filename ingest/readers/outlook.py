"""Outlook mail (.msg)."""

from email.utils import format_datetime

from oxmsg import Message

from bifolio.ingest.building import Building
from bifolio.ingest.inside import nothing_inside
from bifolio.ingest.message import message as told
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.readers.mail import (
    append_files,
    append_headers,
    append_html,
    append_text,
)


def parse_msg(data: bytes) -> Parsed:
    """Read a mail that Outlook saved: the plain text if there is one, else the HTML.

    What hangs on it is read behind it.
    """
    message = Message.load(data)
    building = Building()
    sent = message.sent_date
    append_headers(
        building,
        (
            ("Subject", message.subject),
            ("From", message.sender or ""),
            ("To", "; ".join(_address(one.name, one.email_address) for one in message.recipients)),
            ("Date", format_datetime(sent) if sent else ""),
        ),
    )
    if (message.body or "").strip():
        append_text(building, message.body or "")
    elif message.html_body:
        append_html(building, message.html_body)
    else:
        sentence = "its body is in a form that cannot be read; save it as .eml"
        building.notes.append(told("no-body", sentence))
    append_files(
        building, ((one.file_name or "", one.file_bytes or b"") for one in message.attachments)
    )
    return building.parsed(title=message.subject)


def parse_msg_alone(data: bytes) -> Parsed:
    """Read a mail and no file that hangs on it: one of them has crashed its reader."""
    with nothing_inside():
        return parse_msg(data)


def _address(name: str, address: str) -> str:
    if not address or address == name:
        return name
    return f"{name} <{address}>" if name else address
