"""Texts that are longer than a server's model reads, and requests that are larger than it takes."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from bifolio.retrieval.models.recipe import STARTER
from bifolio.retrieval.models.tokens import Tokens

# Characters in a request, whatever the number of its texts.
_MOST_CHARACTERS = 100_000
# A text of fewer characters is not cut any more, whatever the server says.
LEAST = 40


@cache
def counter() -> Tokens:
    """Give the tokenizer that counts where the model's own is at a server: the starter's."""
    return Tokens(STARTER / "embedder")


def fitting(text: str, most: int | None, length: Callable[[str], int]) -> list[str]:
    """Cut a text into halves, and those again, until each is at most ``most`` long."""
    # No tokenizer makes more tokens of a text than it has bytes.
    if most is None or len(text.encode()) <= most or length(text) <= most or len(text) <= LEAST:
        return [text]
    return [part for half in halves(text) for part in fitting(half, most, length)]


def halves(text: str) -> tuple[str, str]:
    """Cut a text in two behind the blank that is nearest to its middle; else in the middle."""
    middle, reach = len(text) // 2, len(text) // 8
    near = sorted(range(middle - reach, middle + reach), key=lambda place: abs(place - middle))
    cut = next((place for place in near if text[place].isspace()), middle)
    return text[:cut].rstrip(), text[cut:].lstrip()


def requests(texts: Sequence[str], most: int) -> Iterator[list[int]]:
    """Share texts between requests, by their places: so many at most, and so many characters."""
    batch: list[int] = []
    characters = 0
    for place, text in enumerate(texts):
        if batch and (len(batch) == most or characters + len(text) > _MOST_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(place)
        characters += len(text)
    if batch:
        yield batch
