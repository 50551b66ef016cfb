"""A lexicon of both languages: which words of the one stand where a word of the other does.

    python -m training.lexicon --data ../shared/data/train --out retrieval/starter/lexicon.tsv.gz

IBM model 1 (Brown et al., Computational Linguistics 19, 1993) over the words of the index, which
are pairs of Chinese characters, in sentences and their translations and in dictionaries. A Chinese
character alone is read as well, since 狗 is a word and no pair. Each line of the file is a word and
its translations, with how probable each is: what ``bifolio.retrieval.lexicon`` reads.
"""

import argparse
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bifolio.retrieval.words import is_unspaced, stem, words
from training.data import rows

# Half of the memory: there are hundreds of millions of links.
Ints = NDArray[np.int32]
Sentence = list[str]

_ROUNDS = 5
# So many sentences of a source: manuals would outvote all else.
_CAP = 25_000
_LONGEST = 24  # words
# A word that was seen once says nothing; of a rare one little is believed.
_FEWEST, _DOUBT = 2, 0.5
# A translation must be so probable, and beside the best one; so many are kept.
_LEAST, _SHARE, _MOST = 0.06, 0.25, 4
_FAINT = 0.015
# A word that says many things has its share spread among them; so many of those that it translates
# itself fill up its own: deck says little of 甲板, 甲板 says deck.
_BOTH = 6
# A character stands for itself if no pair with it has so much of its share.
_PART = 0.6
# So many of the most frequent words translate nothing: the, of, 的是.
_LIGHT = 80


def main() -> None:
    """Learn both directions and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cap", type=int, default=_CAP, help="sentences of a source")
    options = parser.parse_args()
    both = list(_both(options.data, options.cap))
    english, chinese = [one for one, _ in both], [other for _, other in both]
    learned = learn(english, chinese) | learn(chinese, english)
    entries = both_ways(stems(learned, english) | learned, learned)
    write(options.out, entries)
    print(f"{len(both)} sentences and terms, {len(entries)} words")


def learn(sources: Sequence[Sentence], targets: Sequence[Sentence]) -> dict[str, dict[str, float]]:
    """Give each word of the sources the words that translate it, by how probable they are.

    ``targets`` are the sources' translations, in the same order.
    """
    asked, said = _Words(map(_with_single, sources)), _Words(map(_with_single, targets))
    links = _Links(asked.rows, said.rows)
    keys = links.asked.astype(np.int64) * len(said.names) + links.said
    pairs, place = np.unique(keys, return_inverse=True)
    source, target = np.divmod(pairs, len(said.names))
    probable = np.full(len(pairs), 1e-3, np.float32)
    for _ in range(_ROUNDS):
        weights = probable[place]
        # For each word of a translation: how much its sentence has for it.
        share = weights / np.bincount(links.said_at, weights)[links.said_at]
        expected = np.bincount(place, share, len(pairs))
        probable = (expected / (np.bincount(source, expected)[source] + _DOUBT)).astype(np.float32)
    light = said.most_frequent(_LIGHT)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for pair in np.flatnonzero(probable >= _FAINT).tolist():
        if target[pair] not in light:
            found[asked.names[source[pair]]][said.names[target[pair]]] = float(probable[pair])
    return {word: _best(some) for word, some in found.items()}


def stems(
    entries: dict[str, dict[str, float]], sentences: Iterable[Sentence]
) -> dict[str, dict[str, float]]:
    """Give the stems of English words what their forms have: for bees what bee has."""
    often = Counter(word for sentence in sentences for word in sentence)
    joined: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for word in often:
        for other, share in entries.get(word, {}).items():
            joined[stem(word)][other] += share * often[word]
    total = Counter[str]()
    for word, count in often.items():
        total[stem(word)] += count * (word in entries)
    return {
        name: _best({other: mass / total[name] for other, mass in some.items()})
        for name, some in joined.items()
    }


def both_ways(
    entries: dict[str, dict[str, float]], learned: dict[str, dict[str, float]]
) -> dict[str, dict[str, float]]:
    """Give each word also what it translates, behind what translates it.

    ``learned`` are the entries of words as texts have them, and not of stems alone.
    """
    back: dict[str, dict[str, float]] = defaultdict(dict)
    for word, some in learned.items():
        for other, share in some.items():
            for form in {other, stem(other)}:
                back[form][word] = max(share, back[form].get(word, 0.0))
    joined = {word: dict(some) for word, some in entries.items()}
    for word, some in back.items():
        own = joined.setdefault(word, {})
        # A character alone stands for little, beside a pair.
        more = {other: share for other, share in some.items() if len(other) > 1 or not own}
        for other, share in sorted(more.items(), key=lambda entry: (-entry[1], entry[0])):
            if len(own) < _BOTH:
                own.setdefault(other, share)
    return joined


def write(out: Path, entries: dict[str, dict[str, float]]) -> None:
    """Write a line for each word: itself, then each translation and its share of a hundred."""
    with gzip.GzipFile(out, "wb", mtime=0) as file:
        for word, some in sorted((word, some) for word, some in entries.items() if some):
            cells = [word, *(f"{other} {round(100 * share)}" for other, share in some.items())]
            file.write(("\t".join(cells) + "\n").encode())


class _Words:
    """Sentences as rows of the ids of their words; those seen too seldom are left out."""

    def __init__(self, sentences: Iterable[Sentence]) -> None:
        held = [list(dict.fromkeys(sentence)) for sentence in sentences]
        self._often = Counter(word for sentence in held for word in sentence)
        self.names = sorted(word for word, count in self._often.items() if count >= _FEWEST)
        ids = {word: place for place, word in enumerate(self.names)}
        self.rows = [[ids[word] for word in sentence if word in ids] for sentence in held]

    def most_frequent(self, count: int) -> set[int]:
        ids = {word: place for place, word in enumerate(self.names)}
        return {ids[word] for word, _ in self._often.most_common(count) if word in ids}


class _Links:
    """Every word of a sentence beside every word of its translation, as arrays of one length.

    ``asked`` and ``said`` are their ids; ``said_at`` numbers the words of all translations.
    """

    def __init__(self, asked: Sequence[Sequence[int]], said: Sequence[Sequence[int]]) -> None:
        heights, widths = _lengths(asked), _lengths(said)
        counts = heights * widths
        row = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        within: Ints = np.arange(counts.sum(), dtype=np.int32)
        within = within - np.repeat(_firsts(counts), counts)
        self.said_at: Ints = _firsts(widths)[row] + within % widths[row]
        self.asked: Ints = _joined(asked)[_firsts(heights)[row] + within // widths[row]]
        self.said: Ints = _joined(said)[self.said_at]


def _lengths(rows_: Sequence[Sequence[int]]) -> Ints:
    return np.fromiter(map(len, rows_), np.int32, len(rows_))


def _firsts(lengths: Ints) -> Ints:
    return (np.cumsum(lengths) - lengths).astype(np.int32)


def _joined(rows_: Sequence[Sequence[int]]) -> Ints:
    return np.fromiter((id_ for row in rows_ for id_ in row), np.int32)


def _both(folder: Path, cap: int) -> Iterator[tuple[Sentence, Sentence]]:
    """Yield the English and the Chinese words of each sentence and term."""
    chance = random.Random(0)
    every: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(folder / "parallel_en_zh.jsonl.gz"):
        every[row["source"]].append(row)
    some = [row for one in every.values() for row in chance.sample(one, min(cap, len(one)))]
    for row in (*some, *rows(folder / "dictionary_en_zh.jsonl.gz")):
        english = [word for word in words(row["en"]) if not is_unspaced(word)]
        chinese = [word for word in words(row["zh"]) if is_unspaced(word)]
        english = [word for word in english if not word.isdigit()]
        if english and chinese and max(len(english), len(chinese)) <= _LONGEST:
            yield english, chinese


def _with_single(sentence: Sentence) -> Sentence:
    """Add the characters that pairs are made of: 狗 stands in 只狗 and in 狗在."""
    single = {character for word in sentence if is_unspaced(word) for character in word}
    return [*sentence, *sorted(single - set(sentence))]


def _best(some: dict[str, float]) -> dict[str, float]:
    """Give the most probable translations, best first; of Chinese ones a character last.

    It stands for itself if no pair with it has much of its share: 狗 does, 保 is there for 保修.
    The index holds pairs, so those with it are kept however small their shares are.
    """
    pairs = {word: share for word, share in some.items() if len(word) > 1}
    single = {
        word: share
        for word, share in some.items()
        if len(word) == 1
        and share >= _LEAST
        and all(_PART * share > other for pair, other in pairs.items() if word in pair)
    }
    likely = {
        word: share for word, share in pairs.items() if share >= _LEAST or set(word) & set(single)
    }
    return _first(likely, _MOST) | _first(single, 1)


def _first(some: dict[str, float], count: int) -> dict[str, float]:
    ranked = sorted(some.items(), key=lambda entry: (-entry[1], entry[0]))[:count]
    return {other: share for other, share in ranked if share >= _SHARE * ranked[0][1]}


if __name__ == "__main__":
    main()
