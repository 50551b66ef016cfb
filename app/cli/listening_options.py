"""The options of the commands that listen: the chat, tools for agents, the server for programs."""

import argparse

from bifolio.cli.types import whole


def add_chat(parser: argparse.ArgumentParser) -> None:
    """Add where the chat listens, and what else it shows."""
    _add_place(parser, port=8501, wants="BIFOLIO_PASSWORD")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="DIR",
        help="another library to choose from in the page; may be given again",
    )


def add_mcp(parser: argparse.ArgumentParser) -> None:
    """Add by which way agents come; ``--library`` may name a library: NAME=DIR."""
    add = parser.add_argument
    add("--http", action="store_true", help="serve over HTTP instead of standard input and output")
    _add_place(parser, port=8765, wants="BIFOLIO_API_KEY")


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Add where the server listens, what it serves, and what it refuses."""
    _add_place(parser, port=8000, wants="BIFOLIO_API_KEY")
    add = parser.add_argument
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


def _add_place(parser: argparse.ArgumentParser, *, port: int, wants: str) -> None:
    add = parser.add_argument
    add(
        "--address",
        default="127.0.0.1",
        help=f"where it listens; any other than this machine's own wants {wants}",
    )
    add(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which others reach it, if it is not the address itself; may be given again",
    )
    # 0 takes a free one.
    add("--port", type=whole(0, 65535), default=port, metavar="N")
