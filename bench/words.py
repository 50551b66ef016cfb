"""What the words of a question find in a large library when few chunks may be ranked.

    python bench/words.py --library large-library --ranked 20000 2000

Texts of the development sets take the place of chunks of a library that bench/large.py has made,
anywhere in it, and are taken out again. Prints hit@1, hit@10 and hit@100 of the words alone, and
the milliseconds of one core that a question takes.
"""

import argparse
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import numpy as np
from devsets import DEV, SETS, labelled
from measures import mean

from bifolio.retrieval.store.lexical import Frequent, Lexical, body
from bifolio.retrieval.words import LANGUAGES, Language, words

_FOUND = 100
_DEPTHS = (1, 10, 100)
# A question, the language of the right text, and its chunk.
Asked = tuple[str, Language, int]


def main() -> None:
    """Put the texts in, ask with each limit, print, and put things back."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--library", type=Path, default=Path("large-library"))
    add("--dev", type=Path, default=DEV)
    add("--questions", type=int, default=50, help="of each set")
    add("--ranked", type=int, nargs="+", default=[20_000, 5_000, 2_000])
    options = parser.parse_args()
    database = f"{(options.library / 'db.sqlite').resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(database, uri=True, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        try:
            asked = _hidden(connection, options.dev, options.questions)
            for most in options.ranked:
                _measure(connection, asked, most)
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


def _measure(connection: sqlite3.Connection, asked: list[Asked], most: int) -> None:
    ranks, taken, frequent = [], [], Frequent()
    for question, language, right in asked:
        began = time.thread_time()
        asked_of = Lexical(connection, most=most, frequent=frequent)
        found = asked_of.ranked(words(question), _FOUND, language=language)
        taken.append(1000 * (time.thread_time() - began))
        ids = [id_ for id_, _ in found]
        ranks.append(ids.index(right) + 1 if right in ids else _FOUND + 1)
    hits = "/".join(f"{mean(rank <= depth for rank in ranks):.3f}" for depth in _DEPTHS)
    p50, p95 = np.percentile(taken, [50, 95])
    print(f"{most:7} ranked: {hits} of {len(asked)}, {p50:.0f} ms, p95 {p95:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
