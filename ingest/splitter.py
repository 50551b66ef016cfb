"""A document becomes chunks that end where a section, a paragraph or a sentence ends."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

from bifolio.ingest.document import Chunk, Document

# Changed whenever chunks of the same text would come out differently: libraries store it.
SPLITTER_VERSION = 1

# No language packs more characters into a token.
_CHARACTERS = 10

# Tried in this order; each is a regular expression. A line break counts as the end of a paragraph
# only after a full stop, since PDFs break lines inside sentences.
SEPARATORS = [
    r"\n{2,}",
    r"(?<=[.!?:。！？：；])\n+",
    r"(?<=[。！？])(?![”’」』）])",
    r"(?<=[。！？][”’」』）])",
    r"(?<=[.!?])\s+",
    r"\n",
    r"(?<=[；;，,、])",
    r"\s+",
    "",
]


def split(document: Document, *, size: int = 400, length: Callable[[str], int]) -> list[Chunk]:
    """Cut the document's text into chunks of at most ``size``, as ``length`` measures a text.

    A chunk starts with a section where it can: a new heading opens a new chunk unless the one
    before is still shorter than a quarter of ``size``. Chunks neither overlap nor leave out
    anything but white space. A text never measures less than a tenth of its characters: some
    tokenizers read a thousand letters without a space as one token. A single character longer
    than ``size`` stays a chunk of its own.
    """
    measure = cache(lambda text: max(length(text), len(text) // _CHARACTERS))
    chunks: list[Chunk] = []
    start = end = 0
    for piece_start, piece_end, opens_section in _pieces(document, size, measure):
        joined = measure(document.text[start:piece_end])
        long_enough = opens_section and measure(document.text[start:end]) >= size // 4
        if end > start and (joined > size or long_enough):
            chunks.append(Chunk(document, start, end))
            start = piece_start
        end = piece_end
    chunks.append(Chunk(document, start, end))
    return [trimmed for chunk in chunks if (trimmed := _trim(chunk)).end > trimmed.start]


def _pieces(
    document: Document, size: int, length: Callable[[str], int]
) -> Iterator[tuple[int, int, bool]]:
    """Yield spans no longer than ``size`` that cover the text, and whether each opens a section."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=size,
        chunk_overlap=0,
        # Never 0: the splitter would take what has no length into the next piece once more.
        length_function=lambda text: length(text) or len(text[:1]),
        separators=SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
    )
    bounds = sorted({0, *(heading.start for heading in document.headings), len(document.text)})
    for start, end in pairwise(bounds):
        offset = start
        # The pieces of one section join to exactly its text, so their offsets are sums of lengths.
        for piece in splitter.split_text(document.text[start:end]):
            yield offset, offset + len(piece), offset == start
            offset += len(piece)


def _trim(chunk: Chunk) -> Chunk:
    """Leave out the white space at both ends."""
    text = chunk.text
    start = chunk.start + len(text) - len(text.lstrip())
    return Chunk(chunk.document, start, max(start, chunk.start + len(text.rstrip())))
