"""The commands' names and options: what argparse knows."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bifolio import __version__
from bifolio.cli.evaluation.options import add_calibrate, add_eval
from bifolio.cli.listening_options import add_chat, add_mcp, add_serve
from bifolio.cli.search_options import add_search_options
from bifolio.cli.types import whole
from bifolio.ingest import BifolioError, Selection, message
from bifolio.matching import SECONDS
from bifolio.retrieval import PAIRS
from bifolio.settings import BadSetting, Settings, names, read_setting
from bifolio.storing import WORKERS


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="bifolio",
        description="Answers from your own documents, with citations to the very words.",
    )
    parser.add_argument("--version", action="version", version=f"bifolio {__version__}")
    _add_common(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def _command(name: str, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        _add_common(added)
        return added

    _add_ingest(_command("ingest", "bring the library into step with files and folders"))
    _add_search(ask := _command("ask", "answer a question from the documents"))
    ask.add_argument(
        "--mode", choices=("auto", "quotes", "llm"), default="auto", help="who writes the answer"
    )
    _add_search(search := _command("search", "find the passages for a question"))
    search.add_argument("--no-rerank", action="store_true", help="leave out the cross-encoder")
    _add_grep(_command("grep", "find exact words and codes, with page and line"))
    _command("list", "show the documents of the library")
    _add_remove(_command("remove", "take documents out of the library"))
    _add_models(_command("models", "show the models that are known, and which are at hand"))
    checked = _command("verify", "check an answer against the library, quotes first, then claims")
    checked.add_argument("answer", type=Path, metavar="ANSWER.json", help="as `ask --json` prints")
    _add_maintenance(_command)
    add_eval(_command("eval", "measure the search on questions whose answers are known"))
    add_calibrate(_command("calibrate", "choose the threshold of the library's reranker"))
    add_chat(_command("chat", "open the web chat on this machine"))
    add_mcp(_command("mcp", "give agents the library, as tools"))
    add_serve(_command("serve", "answer other programs over HTTP, as OpenAI's server does"))
    return parser.parse_args(arguments)


def settings_from(options: argparse.Namespace) -> Settings:
    """Give the environment's settings with those of the command line in their place.

    Raises:
        BifolioError: several libraries are named; :func:`all_settings_from` is for those.
    """
    all_ = all_settings_from(options)
    if len(all_) > 1:
        sentence = "`{command}` works on one library; give --library once"
        raise BifolioError(message("one-library", sentence, command=options.command))
    return all_[0]


def all_settings_from(options: argparse.Namespace) -> list[Settings]:
    """Give the settings for each library that is named, or for the one that is meant if none is."""
    given = given_settings(options)
    folders = given.pop("library", [])
    if not folders:
        return [Settings.from_env(given=given)]
    return [Settings.from_env(given=given | {"library": folder}) for folder in folders]


def given_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Give the settings that the command line says, by name."""
    said = {name: getattr(options, name, None) for name, _ in names()}
    return {name: value for name, value in said.items() if value is not None}


def selection_from(options: argparse.Namespace) -> Selection:
    """Give which files of the folders are wanted."""
    return Selection(tuple(options.include), tuple(options.exclude), options.gitignore)


def _read(name: str, text: str) -> Any:
    try:
        return read_setting(name, text, where="--" + name.replace("_", "-"))
    except BadSetting as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


def _add_common(parser: argparse.ArgumentParser) -> None:
    # Suppressed defaults: the options may stand before or behind the command's name.
    def _add(flag: str, **kwargs: object) -> None:
        parser.add_argument(flag, default=argparse.SUPPRESS, **kwargs)  # type: ignore[arg-type]

    pairs = ", ".join(pair.name for pair in PAIRS)
    for name, named in names():
        if not named.secret:
            known = f" ({named.env}): {pairs}" if name == "models" else f" ({named.env})"
            _add(
                f"--{name.replace('_', '-')}",
                # Asked may be several libraries; other commands refuse more than one.
                action="append" if name == "library" else "store",
                type=partial(_read, name),
                choices=named.choices,
                metavar=None if named.choices else named.metavar,
                help=f"{named.help}{known}",
            )
    _add("--json", action="store_true", help="print one JSON object and nothing else")
    _add("--debug", action="store_true", help="show tracebacks")


def _add_grep(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("pattern", help="the words as they stand in the documents")
    add("--regex", action="store_true", help="the pattern is a regular expression")
    add("-i", "--ignore-case", action="store_true", help="capitals or not is the same")
    add("-w", "--word", action="store_true", help="only whole words: AB-1 is not in AB-12")
    add(
        "--seconds",
        type=whole(1, 3600),
        default=int(SECONDS),
        metavar="N",
        help=f"how long a regular expression may take ({SECONDS:g})",
    )


def _add_remove(parser: argparse.ArgumentParser) -> None:
    known = "a path as `list` shows it, or a file's name"
    parser.add_argument("documents", nargs="+", metavar="DOCUMENT", help=known)


def _add_models(parser: argparse.ArgumentParser) -> None:
    known = "call the chosen embedder and reranker, and tell what they give and how fast"
    parser.add_argument("--check", action="store_true", help=known)
    parser.add_argument(
        "--save",
        nargs=2,
        metavar=("NAME", "FOLDER"),
        help="write a pair or a model for other tools: a Hugging Face folder of each, in 16 bits",
    )


def _add_ingest(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a document of any kind, or a folder",
    )
    add("--dry-run", action="store_true", help="say what would be done, do nothing")
    add("--watch", action="store_true", help="go on whenever something changes, until Ctrl-C")
    add("--prune", action="store_true", help="take out what is gone from the folders")
    form = "as in a .gitignore: '*.pdf', 'drafts/', '/old/**'; may be given again"
    for name, does in (("include", "take only these files"), ("exclude", "leave these out")):
        told = f"of a folder {does}, {form}"
        add(f"--{name}", action="append", default=[], metavar="GLOB", help=told)
    add(
        "--no-gitignore",
        dest="gitignore",
        action="store_false",
        help="take also what the .gitignore files in the folders leave out",
    )
    add("--workers", type=whole(1, 64), default=WORKERS, metavar="N", help="files read at once")
    told = "where files are read and embedded: in this process, or on a Ray cluster"
    add("--engine", choices=("here", "ray"), default="here", help=told)
    told = "the Ray cluster's address, or auto; left out, this machine alone is one"
    add("--address", metavar="HOST:PORT", help=told)


def _add_maintenance(command: Callable[..., argparse.ArgumentParser]) -> None:
    check = command("check", "tell what is damaged in the library")
    check.add_argument("--whole", action="store_true", help="look at every byte")
    command("repair", "mend what is damaged, from what is stored")
    command("rebuild", "make the library anew with other models, from the stored text")
    export = command("export", "write the library to one file that opens elsewhere")
    export.add_argument("archive", type=Path, metavar="FILE")
    export.add_argument("--originals", action="store_true", help="with the documents' own files")
    taken = command("import", "make a library of a file that export wrote, or go back to it")
    taken.add_argument("archive", type=Path, metavar="FILE")
    told = "in the place of the library that is there, all in one step"
    taken.add_argument("--replace", action="store_true", help=told)


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question")
    add_search_options(parser)
    parser.add_argument("--explain", action="store_true", help="show every decision of the search")
