"""``bifolio serve``: the library for other programs, over HTTP."""

import argparse
import logging
from pathlib import Path

from bifolio.cli.options import given_settings
from bifolio.entrance import is_loopback
from bifolio.ingest import BifolioError, message
from bifolio.settings import Settings
from bifolio.shelf import by_name, settings_of


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
        rate = 0 if is_loopback(options.address) else RATE
    limits = Limits(
        upload=options.max_upload * MB, answers=options.answers, rate=rate, grace=options.grace
    )
    serving = Serving(
        host=options.address,
        port=options.port,
        hosts=options.host,
        origins=options.origin,
        limits=limits,
        create=options.create,
        read_only=options.read_only,
    )
    given = given_settings(options)
    folders = given.pop("library", []) or [Settings.from_env(given=given).library]
    serve(by_name(map(_folder, folders)), serving, settings=settings_of(given))
    return 0


def _folder(said: Path) -> Path:
    """Give the folder of a library: a path, or the name of one in ``.bifolio``."""
    named = Path(".bifolio") / said
    return named if not said.exists() and named.is_dir() else said
