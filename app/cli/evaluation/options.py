"""The options of ``bifolio eval`` and ``bifolio calibrate``."""

import argparse
from pathlib import Path

from bifolio.cli.search_options import add_recall, add_search_options
from bifolio.cli.types import names, score, some_of, whole
from bifolio.evaluation import STAGES, WANTED

PRESETS = ("llamaindex", "mteb-reranking")


def add_eval(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``eval``."""
    add = parser.add_argument
    add(
        "--questions",
        type=Path,
        metavar="FILE",
        help="JSON lines: a question and its context_id, or its document and pages",
    )
    add(
        "--contexts",
        type=Path,
        metavar="FILE",
        help="JSON lines: context_id, text, title; without it the library is searched",
    )
    add(
        "--stages",
        type=some_of(STAGES),
        default=STAGES,
        metavar="A,B",
        help=f"some of {','.join(STAGES)}",
    )
    add("--limit", type=whole(1, 10**6), metavar="N", help="a sample of so many questions")
    add_search_options(parser)
    _add_ways(parser)


def _add_ways(parser: argparse.ArgumentParser) -> None:
    """Add what ``eval`` can do beside measuring one configuration."""
    add = parser.add_argument
    add(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="two configurations: names of pairs, or settings such as"
        " models=bge-zh,recall=50,stage=rerank",
    )
    add("--plot", type=Path, metavar="FILE.png", help="write a picture (needs matplotlib)")
    add(
        "--generate",
        type=whole(1, 10**4),
        metavar="N",
        help="let the language model write so many questions about the library, and stop",
    )
    add("--out", type=Path, metavar="FILE", help="where --generate writes them; standard output")
    add(
        "--other-language",
        action="store_true",
        help="--generate asks in Chinese about English chunks, and the reverse",
    )
    add(
        "--preset",
        choices=PRESETS,
        help="the protocol of a published table: an embedder by reranker table over the best 5 of"
        " 10, or MAP over lines of query, positive, negative",
    )
    add("--embedders", type=names, default=(None,), metavar="A,B", help="rows of a preset's table")
    add("--rerankers", type=names, default=(None,), metavar="A,B", help="its columns")


def add_calibrate(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``calibrate``."""
    add = parser.add_argument
    add(
        "--questions",
        type=Path,
        metavar="FILE",
        help="JSON lines: question, document, pages; without it a threshold is estimated from"
        " unrelated texts of the library",
    )
    add(
        "--wanted",
        type=score,
        default=WANTED,
        metavar="X",
        help=f"share of right passages that shall pass, {WANTED:g} unless said",
    )
    add("--limit", type=whole(1, 10**6), metavar="N", help="a sample of so many questions")
    add_recall(parser)
    add("--dry-run", action="store_true", help="show the threshold, do not store it")
    add("--forget", action="store_true", help="go back to the reranker's own threshold")
