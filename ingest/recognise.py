"""What a file is, told by its content; its suffix decides only where the content does not."""

import codecs
import io
import re
import zipfile

from bifolio.ingest.formats import BY_NAME, BY_SUFFIX, OLE, OTHER_KIND, RTF, ZIP, Format, other_kind
from bifolio.ingest.message import Message, message
from bifolio.ingest.parsed import Unreadable
from bifolio.ingest.reasons import CUT_OFF, LOCKED

# What the first bytes tell of kinds that are not read, as the suffix that says what to do.
_OTHERS = (
    (b"PK\x05\x06", ".zip"),
    (b"\x1f\x8b", ".gz"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"Rar!\x1a\x07", ".rar"),
    (b"BZh", ".bz2"),
    (b"\xfd7zXZ\x00", ".xz"),
    (b"ID3", ".mp3"),
    (b"OggS", ".ogg"),
    (b"fLaC", ".flac"),
    (b"\x1aE\xdf\xa3", ".mkv"),
    (b"GIF8", ".gif"),
    (b"AT&TFORM", ".djvu"),
    (b"\x7fELF", ".bin"),
)
_HTML = re.compile(rb"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html)[\s>]", re.I | re.S)
# What stands in no text.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def recognise(data: bytes, suffix: str) -> tuple[Format, Message | None]:
    """Give the format in which to read the bytes, and a note where the suffix misleads.

    Raises:
        Unreadable: it is of a kind that is not read, or encrypted.
    """
    named = BY_SUFFIX.get(suffix.lower())
    found = _by_content(data)
    if found is None and named is not None and named.magic and _is_text(data, named):
        found = BY_NAME["text"]
    if found is None:
        if named is None:
            raise Unreadable(other_kind(suffix))
        return named, None
    if found is named:
        return found, None
    sentence = "named {suffix} but its content is that of a {kind}; it was read as one"
    return found, message("other-content", sentence, suffix=suffix, kind=found.kind)


def _by_content(data: bytes) -> Format | None:
    """Give the format that the first bytes tell, if they tell any."""
    head = data[:1024]
    if head.startswith(ZIP):
        return _in_zip(data)
    if head.startswith(OLE):
        return _in_ole(data)
    if head.startswith(RTF):
        return BY_NAME["rtf"]
    if _HTML.match(data[:4096].removeprefix(b"\xef\xbb\xbf")):
        return BY_NAME["html"]
    for entry in BY_NAME.values():
        if any(head.startswith(magic) for magic in entry.magic):
            return entry
    for magic, suffix in _OTHERS:
        if head.startswith(magic) and not _is_text(data):
            raise Unreadable(other_kind(suffix))
    return None


def _in_zip(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            kind = archive.open("mimetype").read(200) if "mimetype" in names else b""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError) as problem:
        raise Unreadable(CUT_OFF) from problem
    for mark, name in (
        (b"epub", "epub"),
        (b"opendocument.text", "odt"),
        (b"opendocument.presentation", "odp"),
        (b"opendocument.spreadsheet", "ods"),
    ):
        if mark in kind:
            return BY_NAME[name]
    for member, name in (
        ("word/", "docx"),
        ("ppt/", "pptx"),
        ("xl/workbook.bin", "xlsb"),
        ("xl/", "xlsx"),
        ("META-INF/container.xml", "epub"),
    ):
        if any(entry.startswith(member) for entry in names):
            return BY_NAME[name]
    raise Unreadable(other_kind(".zip"))


def _in_ole(data: bytes) -> Format:
    import olefile

    try:
        with olefile.OleFileIO(data) as container:
            names = {entry[0] for entry in container.listdir()}
    except (OSError, ValueError, IndexError, TypeError) as problem:
        damaged = message("ole-damaged", "it is damaged; open and save it anew")
        raise Unreadable(damaged) from problem
    if "EncryptedPackage" in names:
        raise Unreadable(LOCKED)
    if "Workbook" in names or "Book" in names:
        return BY_NAME["xls"]
    if "WordDocument" in names:
        raise Unreadable(other_kind(".doc"))
    if "PowerPoint Document" in names:
        raise Unreadable(other_kind(".ppt"))
    if any(name.startswith("__properties_version1.0") for name in names):
        return BY_NAME["msg"]
    raise Unreadable(OTHER_KIND)


def _is_text(data: bytes, named: Format | None = None) -> bool:
    """Tell whether the bytes are words, and no damaged file of the format that the name says."""
    head = data[:65536]
    if _CONTROL.search(head) or (named and any(magic in head[:1024] for magic in named.magic)):
        return False
    try:
        # Not final: a character that is cut in two is not a broken one.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
