"""The commands' names and options: what argparse knows."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bifolio import __version__
from bifolio.adding import WORKERS
from bifolio.cli.evaluation.options import add_calibrate, add_eval
from bifolio.cli.types import score, whole
from bifolio.retrieval import KEEP, PAIRS, POOLINGS, RECALL
from bifolio.settings import Settings

_SETTINGS = (
    "library",
    "models",
    "embedder",
    "reranker",
    "pooling",
    "query_prefix",
    "passage_prefix",
)


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
    _command("list", "show the documents of the library")
    remove = _command("remove", "take documents out of the library")
    remove.add_argument(
        "documents",
        nargs="+",
        metavar="DOCUMENT",
        help="a path as `list` shows it, or a file's name",
    )
    models = _command("models", "show the models that are known, and which are at hand")
    models.add_argument(
        "--save",
        nargs=2,
        metavar=("NAME", "FOLDER"),
        help="write a pair or a model for other tools: a Hugging Face folder of each, in 16 bits",
    )
    add_eval(_command("eval", "measure the search on questions whose answers are known"))
    add_calibrate(_command("calibrate", "choose the threshold of the library's reranker"))
    chat = _command("chat", "open the web chat on this machine")
    chat.add_argument("--port", type=whole(1, 65535), default=8501, metavar="N")
    return parser.parse_args(arguments)


def settings_from(options: argparse.Namespace) -> Settings:
    """Give the environment's settings with those of the command line in their place."""
    given = {
        name: value for name in _SETTINGS if (value := getattr(options, name, None)) is not None
    }
    return replace(Settings.from_env(), **given)


def _add_common(parser: argparse.ArgumentParser) -> None:
    # Suppressed defaults: the options may stand before or behind the command's name.
    def _add(flag: str, **kwargs: object) -> None:
        parser.add_argument(flag, default=argparse.SUPPRESS, **kwargs)  # type: ignore[arg-type]

    names = ", ".join(pair.name for pair in PAIRS)
    _add(
        "--library",
        type=Path,
        metavar="DIR",
        help="the library's folder (BIFOLIO_LIBRARY, .bifolio)",
    )
    _add("--models", metavar="NAME", help=f"a pair of models (BIFOLIO_MODELS): {names}")
    _add("--embedder", metavar="NAME", help="an embedder, hub id or folder in place of the pair's")
    _add("--reranker", metavar="NAME", help="a reranker, hub id or folder in place of the pair's")
    _add("--pooling", choices=POOLINGS, help="the embedder's pooling, if nothing else says it")
    _add("--query-prefix", metavar="TEXT", help="the embedder's prefix of questions, '' for none")
    _add("--passage-prefix", metavar="TEXT", help="the embedder's prefix of passages, '' for none")
    _add("--json", action="store_true", help="print one JSON object and nothing else")
    _add("--debug", action="store_true", help="show tracebacks")


def _add_ingest(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="a PDF, text or Markdown file, or a folder")
    add("--dry-run", action="store_true", help="say what would be done, do nothing")
    add("--prune", action="store_true", help="take out what is gone from the folders")
    add("--workers", type=whole(1, 64), default=WORKERS, metavar="N", help="files read at once")


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question")
    parser.add_argument(
        "--keep", type=whole(1, 100), default=KEEP, metavar="N", help="chunks kept at most"
    )
    parser.add_argument(
        "--recall",
        type=whole(1, 1000),
        default=RECALL,
        metavar="N",
        help="chunks reranked at most",
    )
    parser.add_argument("--threshold", type=score, metavar="X", help="least score, from 0 to 1")
    parser.add_argument("--explain", action="store_true", help="show every decision of the search")
