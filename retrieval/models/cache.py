"""The user's cache folder, and the hashes of large files that are remembered there."""

import hashlib
import json
import os
import secrets
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

# Size, times of change of content and of the file's entry (both in nanoseconds), and inode: none
# of them stays when other bytes are put in a file's place.
Stamp = tuple[int, int, int, int]
_JUST_NOW = 2_000_000_000


def cache_home() -> Path:
    """Give ``$XDG_CACHE_HOME/bifolio``, and make it when it is missing.

    Raises:
        OSError: it cannot be made.
    """
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = Path(base) / "bifolio"
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    return home


def file_hash(file: Path) -> str:
    """Give the sha256 of a file; of one that is as it was before, without reading it again.

    Raises:
        OSError: the file cannot be read.
    """
    file = file.resolve()
    status = file.stat()
    stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    # A file system's clock ticks: a file written this moment may be written again at the same time.
    if abs(time.time_ns() - status.st_ctime_ns) < _JUST_NOW:
        return _read_hash(file)
    return _known_hash(file, stamp)


@lru_cache(maxsize=64)
def _known_hash(file: Path, stamp: Stamp) -> str:
    known = _remembered().get(str(file))
    if known is not None and known[0] == stamp:
        return known[1]
    digest = _read_hash(file)
    _remember(file, stamp, digest)
    return digest


def _read_hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _remembered() -> dict[str, tuple[Stamp, str]]:
    """Read what is remembered; nothing of a damaged file."""
    try:
        rows = json.loads((cache_home() / "hashes.json").read_text(encoding="utf-8"))
        return {
            path: ((int(size), int(changed), int(moved), int(inode)), str(digest))
            for path, (size, changed, moved, inode, digest) in rows.items()
        }
    except (OSError, ValueError, TypeError, AttributeError, RuntimeError):
        return {}


def _remember(file: Path, stamp: Stamp, digest: str) -> None:
    """Best effort: where no cache can be kept, the next start reads the file again."""
    known = {path: row for path, row in _remembered().items() if Path(path).is_file()}
    known[str(file)] = (stamp, digest)
    rows = {path: [*marks, found] for path, (marks, found) in known.items()}
    with suppress(OSError, RuntimeError):
        place = cache_home() / "hashes.json"
        temporary = place.with_name(f"hashes-{secrets.token_hex(4)}.tmp")
        try:
            temporary.write_text(json.dumps(rows), encoding="utf-8")
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
