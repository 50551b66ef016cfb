"""What the words of a question find in a large library: by its lists of words, and by FTS5.

    python bench/words.py --library large-library --ranked 20000 5000

FTS5 is asked as it is while there are no lists: no more chunks are ranked than it is told.

Texts of the development sets take the place of chunks of a library that bench/large.py has made,
anywhere in it, and are taken out again. Prints hit@1, hit@10 and hit@100 of the words alone, and
the milliseconds of one core that a question takes.
"""

import argparse
import json
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from devsets import DEV, SETS, labelled
from measures import mean

from bifolio.retrieval.store.collecting import lists_of
from bifolio.retrieval.store.inverted import Inverted, Piece, inverted_in_step
from bifolio.retrieval.store.layout import DEFAULT_LAYOUT
from bifolio.retrieval.store.lexical import Frequent, Lexical, body
from bifolio.retrieval.store.segments import Range
from bifolio.retrieval.words import LANGUAGES, Language, words

_FOUND = 100
_DEPTHS = (1, 10, 100)
# A question, the language of the right text, and its chunk.
Asked = tuple[str, Language, int]
Ask = Callable[[Sequence[str], Language], list[tuple[int, float]]]


def main() -> None:
    """Put the texts in, ask with each limit, print, and put things back."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--library", type=Path, default=Path("large-library"))
    add("--dev", type=Path, default=DEV)
    add("--questions", type=int, default=50, help="of each set")
    add("--ranked", type=int, nargs="*", default=[5_000], help="by FTS5")
    options = parser.parse_args()
    database = f"{(options.library / 'db.sqlite').resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(database, uri=True, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        try:
            layout = replace(DEFAULT_LAYOUT, small=1 << 40)  # What no file holds is read as well.
            lists = inverted_in_step(connection, options.library, None, layout)
            asked = _hidden(connection, options.dev, options.questions)
            if lists:
                _measure("lists", asked, _by_lists(_with_hidden(connection, lists, asked)))
            for most in options.ranked:
                _measure(f"FTS5, {most} ranked", asked, _by_fts5(connection, most))
        finally:
            connection.execute("ROLLBACK")


def _hidden(connection: sqlite3.Connection, dev: Path, count: int) -> list[Asked]:
    chance = random.Random(0)
    free: dict[str, list[int]] = {}
    for known in LANGUAGES:
        rows = connection.execute("SELECT id FROM chunks WHERE language = ?", (known,))
        free[known] = [id_ for (id_,) in rows]
        chance.shuffle(free[known])
    asked: list[Asked] = []
    for name, contexts, questions in SETS:
        if "->" in name:
            continue  # Words of the other language find nothing.
        language: Language = "zh" if "zh" in name else "en"
        pool, labels = labelled(dev, contexts, questions, count=count)
        places = {chunk.document.path: free[language].pop() for chunk in pool}
        for chunk in pool:
            row = (body(chunk.searched), places[chunk.document.path])
            connection.execute("UPDATE words SET body = ? WHERE rowid = ?", row)
        asked += [(one.text, language, places[one.right[0].document]) for one in labels]
    return asked


def _with_hidden(
    connection: sqlite3.Connection, lists: Inverted, asked: Sequence[Asked]
) -> Inverted:
    """Let the words of the chunks that were put in the place of others be theirs."""
    pieces = []
    for language in LANGUAGES:
        ids = sorted({id_ for _, own, id_ in asked if own == language})
        body_of = "SELECT rowid, body FROM words WHERE rowid IN (SELECT value FROM json_each(?))"
        rows = connection.execute(f"{body_of} ORDER BY rowid", (json.dumps(ids),)).fetchall()
        gone = np.array(ids, np.int64)
        pieces += [one.without(gone) for one in lists.pieces if one.range.language == language]
        pieces.append(Piece(Range(language, 0, 0, len(rows)), lists_of([rows])))
    return Inverted(lists.library, lists.generation, tuple(pieces))


def _by_lists(lists: Inverted) -> Ask:
    return lambda asked, language: lists.ranked(lists.weighed(asked), _FOUND, language)


def _by_fts5(connection: sqlite3.Connection, most: int) -> Ask:
    frequent = Frequent()

    def _ask(asked: Sequence[str], language: Language) -> list[tuple[int, float]]:
        # Anew for each question, as a reader is; what is frequent is known of earlier ones.
        reading = Lexical(connection, most=most, frequent=frequent)
        return reading.ranked(asked, _FOUND, language=language)

    return _ask


def _measure(label: str, asked: Sequence[Asked], ask: Ask) -> None:
    ranks, taken = [], []
    for question, language, right in asked:
        began = time.thread_time()
        found = ask(words(question), language)
        taken.append(1000 * (time.thread_time() - began))
        ids = [id_ for id_, _ in found]
        ranks.append(ids.index(right) + 1 if right in ids else _FOUND + 1)
    hits = "/".join(f"{mean(rank <= depth for rank in ranks):.3f}" for depth in _DEPTHS)
    p50, p95 = np.percentile(taken, [50, 95])
    print(f"{label}: {hits} of {len(asked)}, {p50:.0f} ms, p95 {p95:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
