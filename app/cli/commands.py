"""What each command does.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but files were skipped; 4 the answer abstains,
or nothing is found; 5 a verified answer has a claim without support, or a library is damaged.
"""

import argparse
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from bifolio import as_json
from bifolio.askable import Askable
from bifolio.cli import as_text, grep, ingest, maintenance, mcp, models, serve
from bifolio.cli.options import all_settings_from, parse, settings_from
from bifolio.cli.search_options import search_options
from bifolio.ingest import BifolioError
from bifolio.libraries import Libraries
from bifolio.library import Library
from bifolio.retrieval import ModelUnavailable

Command = Callable[[argparse.Namespace], int]

FAILED, ABSTAINED, UNSOUND, INTERRUPTED = 1, 4, 5, 130
_STAYS = "what was stored stays, run again to go on"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    logging.basicConfig(level=logging.WARNING, format="bifolio: %(message)s", stream=sys.stderr)
    options = parse(arguments)
    try:
        code = COMMANDS[options.command](options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has gone, as with `| head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        stays = f"; {_STAYS}" * (options.command == "ingest")
        print(f"bifolio: stopped{stays}", file=sys.stderr)
        if arguments is None:
            # At once: threads of models that still run would crash an interpreter that ends.
            sys.stderr.flush()
            os._exit(INTERRUPTED)
        return INTERRUPTED
    except Exception as problem:
        if "debug" in options:
            traceback.print_exc()
        elif isinstance(problem, ModelUnavailable) and options.command in ("ingest", "rebuild"):
            print(f"bifolio: {problem}; {_STAYS}", file=sys.stderr)
        elif isinstance(problem, BifolioError):
            print(f"bifolio: {problem}", file=sys.stderr)
        else:
            kind = type(problem).__name__
            print(f"bifolio: {kind}: {problem}; --debug shows where it arose", file=sys.stderr)
        return FAILED
    return code


def ingest_main() -> int:
    """Run ``ingest PATH...``, which is ``bifolio ingest PATH...``."""
    sys.argv[1:1] = ["ingest"]
    return main()


def _ask(options: argparse.Namespace) -> int:
    answer = _asked(options).ask(
        options.question,
        mode=options.mode,
        options=search_options(options),
    )
    if answer.notice is not None:
        print(f"bifolio: {answer.notice}", file=sys.stderr)
    _print(
        options,
        as_json.answer(answer, explain=options.explain),
        as_text.answer(answer, explain=options.explain),
    )
    return ABSTAINED if answer.abstained else 0


def _search(options: argparse.Namespace) -> int:
    found = _asked(options).retrieve(options.question, options=search_options(options))
    _print(options, as_json.hits(found), as_text.hits(found, explain=options.explain))
    return 0


def _list(options: argparse.Namespace) -> int:
    entries = _existing(options, empty=True).documents()
    _print(options, as_json.documents(entries), as_text.documents(entries))
    return 0


def _remove(options: argparse.Namespace) -> int:
    library = _existing(options, empty=True)
    entries = {entry.path: entry for entry in library.documents()}
    removed = [entries[path] for path in library.remove(options.documents)]
    text = "\n".join(f"removed {entry.path}" for entry in removed)
    _print(options, as_json.documents(removed), text)
    return 0


def _verify(options: argparse.Namespace) -> int:
    try:
        given = json.loads(options.answer.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BifolioError(
            f"{options.answer} cannot be read ({problem}); give what `bifolio ask --json` printed"
        ) from problem
    verified = _asked(options).verify(given)
    _print(options, as_json.verified(verified), as_text.verified(verified))
    return 0 if verified.sound else UNSOUND


def _told(
    command: Callable[[argparse.Namespace], maintenance.Told], *, unsound: int = UNSOUND
) -> Command:
    def _run(options: argparse.Namespace) -> int:
        told = command(options)
        _print(options, told.json, told.text)
        return 0 if told.sound else unsound

    return _run


def _eval(options: argparse.Namespace) -> int:
    from bifolio.cli.evaluation import compare, evaluate, generate, presets

    chosen = evaluate.evaluation
    if options.generate:
        chosen = generate.generation
    elif options.preset:
        chosen = presets.preset
    elif options.compare:
        chosen = compare.comparison
    report = chosen(options)
    _print(options, report.json, report.text)
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    from bifolio.cli.evaluation.calibrate import calibration

    report = calibration(options)
    _print(options, report.json, report.text)
    return 0


def _chat(options: argparse.Namespace) -> NoReturn:
    from bifolio.cli.chat import serve

    settings = settings_from(options)
    serve(
        settings, address=options.address, hosts=options.host, port=options.port, also=options.also
    )


def _asked(options: argparse.Namespace) -> Askable:
    """Give what is asked: the library, or several as one, and at least one of them not empty."""
    every = all_settings_from(options)
    if len(every) == 1:
        return _existing(options)
    libraries = Libraries.open([one.library for one in every], settings=every[0])
    if not any(library.documents() for library in libraries):
        raise BifolioError("the libraries hold no documents; fill them with `ingest PATH`")
    return libraries


def _existing(options: argparse.Namespace, *, empty: bool = False) -> Library:
    settings = settings_from(options)
    library = Library.open(settings.library, settings=settings, create=False)
    if not empty and not library.documents():
        raise BifolioError(
            f"the library {settings.library} holds no documents; fill it with `ingest PATH`"
        )
    return library


def _print(options: argparse.Namespace, as_json: dict[str, Any], as_text: str) -> None:
    print(json.dumps(as_json, ensure_ascii=False) if "json" in options else as_text)


COMMANDS: dict[str, Command] = {
    "ingest": ingest.run,
    "ask": _ask,
    "search": _search,
    "grep": grep.run,
    "list": _list,
    "remove": _remove,
    "models": _told(models.run, unsound=FAILED),
    "eval": _eval,
    "verify": _verify,
    "calibrate": _calibrate,
    "check": _told(maintenance.checked),
    "repair": _told(maintenance.repaired),
    "rebuild": _told(maintenance.rebuilt),
    "export": _told(maintenance.exported),
    "import": _told(maintenance.imported),
    "chat": _chat,
    "mcp": mcp.run,
    "serve": serve.run,
}
