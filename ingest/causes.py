"""What the operating system says when it refuses, as messages."""

import errno

from bifolio.ingest.message import Message, message

_KNOWN = {
    errno.ENOENT: message("system-missing", "No such file or directory"),
    errno.EACCES: message("system-denied", "Permission denied"),
    errno.EPERM: message("system-forbidden", "Operation not permitted"),
    errno.EROFS: message("system-read-only", "Read-only file system"),
    errno.ENOSPC: message("system-disk-full", "No space left on device"),
    errno.EDQUOT: message("system-quota", "Disk quota exceeded"),
    errno.EFBIG: message("system-too-large", "File too large"),
    errno.EIO: message("system-failure", "Input/output error"),
    errno.EEXIST: message("system-exists", "File exists"),
    errno.EISDIR: message("system-is-folder", "Is a directory"),
    errno.ENOTDIR: message("system-no-folder", "Not a directory"),
    errno.ENAMETOOLONG: message("system-long-name", "File name too long"),
    errno.ELOOP: message("system-links", "Too many levels of symbolic links"),
    errno.EMFILE: message("system-open-files", "Too many open files"),
}


def cause(problem: OSError) -> Message | str:
    """Say why the system refused; in its own words where they are none of the common ones."""
    known = _KNOWN.get(problem.errno or 0)
    said = problem.strerror or str(problem)
    return known if known and known.english == said else said
