"""The options of every command that searches, with the limits that all of Bifolio has."""

import argparse

from bifolio.cli.types import score, whole
from bifolio.retrieval import DEFAULT_OPTIONS, KEEP_LIMITS, RECALL_LIMITS, SearchOptions


def add_search_options(parser: argparse.ArgumentParser) -> None:
    """Add how wide to look, what to keep, and from which score on."""
    add_recall(parser)
    add = parser.add_argument
    add(
        "--keep",
        type=whole(*KEEP_LIMITS),
        default=DEFAULT_OPTIONS.keep,
        metavar="N",
        help="chunks kept at most",
    )
    add("--threshold", type=score, metavar="X", help="least score, from 0 to 1")


def add_recall(parser: argparse.ArgumentParser) -> None:
    """Add how wide to look."""
    parser.add_argument(
        "--recall",
        type=whole(*RECALL_LIMITS),
        default=DEFAULT_OPTIONS.recall,
        metavar="N",
        help="chunks reranked at most",
    )


def search_options(options: argparse.Namespace) -> SearchOptions:
    """Give what the command line said of the search."""
    return SearchOptions(
        recall=options.recall,
        keep=options.keep,
        threshold=options.threshold,
        rerank=not getattr(options, "no_rerank", False),
    )
