"""``bifolio grep``: exact words and codes, with document, page and line."""

import argparse
import json
from dataclasses import asdict
from pathlib import PurePath

from bifolio.cli.options import settings_from
from bifolio.matching import Match, grep
from bifolio.retrieval import open_store, stored_fingerprint

NOT_FOUND = 4


def run(options: argparse.Namespace) -> int:
    """Print every place that holds the pattern; no model is loaded."""
    settings = settings_from(options)
    folder, place = settings.library, settings.place_of(settings.library)
    store = open_store(place, stored_fingerprint(place), create=False)
    found = grep(
        store,
        options.pattern,
        regex=options.regex,
        ignore_case=options.ignore_case,
        whole_words=options.word,
        seconds=options.seconds,
    )
    if "json" in options:
        matches = [asdict(match) for match in found]
        print(json.dumps({"pattern": options.pattern, "matches": matches}, ensure_ascii=False))
        return 0 if matches else NOT_FOUND
    code = NOT_FOUND
    for match in found:
        print(_told(match))
        code = 0
    if code:
        print(f"{options.pattern} does not stand in the library {folder}.")
    return code


def _told(match: Match) -> str:
    printed = f" (printed as page {match.label})" * (match.label not in ("", str(match.page)))
    place = f"{PurePath(match.document).name}, page {match.page}{printed}, line {match.line}"
    return f"{place}: {' '.join(match.text.split())}"
