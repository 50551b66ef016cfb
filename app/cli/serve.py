"""``bifolio serve``: the options, and what they mean to the server."""

import argparse
import logging
from pathlib import Path

from bifolio.cli.types import whole
from bifolio.entrance import is_loopback
from bifolio.ingest import BifolioError, message
from bifolio.settings import Settings, names


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    try:
        from bifolio.serve import Limits, Serving, serve
        from bifolio.serve.limits import MB
        from bifolio.serve.running import RATE
    except ImportError as problem:
        sentence = "{problem}; the server is an extra: pip install 'bifolio[serve]'"
        raise BifolioError(message("no-server", sentence, problem=str(problem))) from problem
    logging.getLogger("bifolio.serve").setLevel(logging.INFO)
    rate = options.rate
    if rate is None:
        rate = 0 if is_loopback(options.host) else RATE
    limits = Limits(
        upload=options.max_upload * MB, answers=options.answers, rate=rate, grace=options.grace
    )
    serving = Serving(
        host=options.host,
        port=options.port,
        hosts=options.allow_host,
        origins=options.origin,
        limits=limits,
        create=options.create,
        read_only=options.read_only,
    )
    serve(_chosen(options), serving)
    return 0


def _chosen(options: argparse.Namespace) -> list[Settings]:
    """Give the settings of each library: what was said for all, and its own where nothing was."""
    said = {name: getattr(options, name, None) for name, _ in names()}
    given = {name: value for name, value in said.items() if value is not None}
    folders = options.libraries or [Settings.from_env(given=given).library]
    return [Settings.from_env(given={**given, "library": _folder(one)}) for one in folders]


def _folder(said: str | Path) -> Path:
    """Give the folder of a library: a path, or the name of one in ``.bifolio``."""
    folder, named = Path(said), Path(".bifolio") / said
    return named if not folder.exists() and named.is_dir() else folder


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add where it listens, what it serves, and what it refuses."""
    add = parser.add_argument
    add(
        "--library",
        dest="libraries",
        action="append",
        metavar="DIR",
        help="a library's folder, or its name in .bifolio; may be given again",
    )
    add(
        "--host",
        default="127.0.0.1",
        help="where it listens; any other than this machine's own wants BIFOLIO_API_KEY",
    )
    add("--port", type=whole(0, 65535), default=8000, metavar="N")
    known = "a name by which clients reach it, if it is not the address itself; may be given again"
    add("--allow-host", action="append", default=[], metavar="NAME", help=known)
    pages = "pages that may use it from a browser, as https://chat.example; may be given again"
    add("--origin", action="append", default=[], metavar="ORIGIN", help=pages)
    add("--create", action="store_true", help="make a library that is missing")
    add("--read-only", action="store_true", help="take no files, remove none")
    add("--answers", type=whole(1, 256), default=4, metavar="N", help="answers made at once (4)")
    add(
        "--rate",
        type=whole(0, 1_000_000),
        metavar="N",
        help="requests a minute from one address, 0 for any number; by default 0 on this machine"
        " alone, else 600",
    )
    add(
        "--max-upload",
        type=whole(1, 10_000),
        default=100,
        metavar="MB",
        help="of one request with files (100)",
    )
    add(
        "--grace",
        type=whole(1, 3600),
        default=30,
        metavar="SECONDS",
        help="how long what runs may take to end, when it is stopped (30)",
    )
