"""Zip files of office programs and books: counted and capped before anything is unpacked."""

import io
import posixpath
import zipfile
from urllib.parse import unquote

from bifolio.ingest.message import message
from bifolio.ingest.parsed import Unreadable
from bifolio.ingest.reasons import CUT_OFF, LOCKED

MAX_MEMBERS = 20_000
MAX_MEMBER = 256 * 1024 * 1024
MAX_TOTAL = 1024 * 1024 * 1024


class Archive:
    """The members of a zip file by name. Nothing is written to disk, so no name can lead astray.

    Raises:
        Unreadable: it is no zip file, needs a password, or would unpack to too much.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as problem:
            raise Unreadable(CUT_OFF) from problem
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            sentence = "it packs {count} files, over {most}; split it"
            raise Unreadable(
                message("too-many-members", sentence, count=len(members), most=MAX_MEMBERS)
            )
        largest = max((member.file_size for member in members), default=0)
        total = sum(member.file_size for member in members)
        if largest > MAX_MEMBER or total > MAX_TOTAL:
            raise Unreadable(
                message(
                    "unpacks-too-large",
                    "it would unpack to {size:.0f} MB, which a document of its kind never does;"
                    " do not trust it, or split it",
                    size=total / 1e6,
                )
            )
        if any(member.flag_bits & 1 for member in members):
            raise Unreadable(LOCKED)
        self.names = dict.fromkeys(member.filename for member in members)

    def read(self, name: str) -> bytes:
        """Give the bytes of a member, never more than its entry says; none if it is not there."""
        if name not in self.names:
            return b""
        try:
            with self._zip.open(name) as member:
                return member.read(MAX_MEMBER)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as problem:
            sentence = "its part {name} is damaged; save or fetch it anew"
            raise Unreadable(message("member-damaged", sentence, name=name[:80])) from problem


def resolve(target: str, *, base: str) -> str:
    """Give the member that a link in the member ``base`` names; empty if it leads elsewhere."""
    path = unquote(target.split("#")[0])
    if not path or "://" in path:
        return ""
    joined = posixpath.join(posixpath.dirname(base), path)
    return posixpath.normpath(joined).lstrip("/")
