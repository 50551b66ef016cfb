"""The evaluation that LlamaIndex and BCEmbedding published: embedders by rerankers.

The ten chunks nearest by vectors, the best five of them after the reranker, or the first five
without one: hit rate and MRR over those five (BCEmbedding, tools/eval_rag).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory

from bifolio.evaluation.measures import Bootstrap, Figure, hit, reciprocal_rank
from bifolio.evaluation.questions import Question
from bifolio.evaluation.running import OnProgress, run
from bifolio.ingest import Chunk, Document, split
from bifolio.library import Library
from bifolio.retrieval import SearchOptions
from bifolio.settings import Settings

CHUNK_TOKENS, OVERLAP_TOKENS = 512, 200
RECALL, KEEP = 10, 5
# Chunks begin and end where such a piece does.
_PIECE_TOKENS = 50

Length = Callable[[str], int]  # the tokens of a text, as the embedder counts them
Cut = Callable[[Length], Sequence[Chunk]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One embedder with one reranker, or with none."""

    embedder: str
    reranker: str | None
    hit_rate: Figure
    mrr: Figure


def rag_table(
    cut: Cut,
    questions: Sequence[Question],
    *,
    settings: Settings,
    embedders: Sequence[str | None],
    rerankers: Sequence[str | None],
    on_progress: OnProgress | None = None,
) -> Iterator[Cell]:
    """Yield a cell for each embedder without a reranker, then with each of the rerankers.

    ``cut`` gives the chunks to search; None in place of a name is what the settings choose.
    """
    asked = [question for question in questions if question.answerable]
    for embedder in embedders:
        with TemporaryDirectory() as folder:
            library = _opened(folder, settings, embedder, None)
            library.add_chunks(cut(library.models.count))
            yield _cell(library, asked, reranked=False, on_progress=on_progress)
            for reranker in rerankers:
                # The same folder: the chunks are embedded once.
                library = _opened(folder, settings, embedder, reranker)
                yield _cell(library, asked, reranked=True, on_progress=on_progress)


def overlapping(document: Document, length: Length) -> list[Chunk]:
    """Cut a document into chunks of at most 512 tokens, of which up to 200 are the last one's."""
    pieces = split(document, size=_PIECE_TOKENS, length=length)
    sizes = [length(piece.text) for piece in pieces]
    chunks: list[Chunk] = []
    first = 0
    while first < len(pieces):
        end, total = first + 1, sizes[first]
        while end < len(pieces) and total + sizes[end] <= CHUNK_TOKENS:
            total += sizes[end]
            end += 1
        chunks.append(Chunk(document, pieces[first].start, pieces[end - 1].end))
        if end == len(pieces):
            break
        back, shared = end, 0
        while back - 1 > first and shared + sizes[back - 1] <= OVERLAP_TOKENS:
            back -= 1
            shared += sizes[back]
        first = back
    return chunks


def _opened(folder: str, settings: Settings, embedder: str | None, reranker: str | None) -> Library:
    chosen = replace(
        settings,
        embedder=embedder or settings.embedder,
        reranker=reranker or settings.reranker,
    )
    return Library.open(folder, settings=chosen)


def _cell(
    library: Library,
    questions: Sequence[Question],
    *,
    reranked: bool,
    on_progress: OnProgress | None,
) -> Cell:
    outcomes = run(
        library,
        questions,
        stages=["rerank" if reranked else "dense"],
        options=SearchOptions(recall=RECALL, keep=KEEP, legs=["dense"]),
        on_progress=on_progress,
    )
    best = [next(iter(outcome.stages.values())).right for outcome in outcomes]
    bootstrap = Bootstrap(len(questions))
    hit_rate = bootstrap.figure([hit(right, KEEP) for right in best])
    mrr = bootstrap.figure([reciprocal_rank(right, KEEP) for right in best])
    return Cell(
        embedder=library.models.embedder.name,
        reranker=library.models.reranker.name if reranked else None,
        hit_rate=hit_rate,
        mrr=mrr,
    )
