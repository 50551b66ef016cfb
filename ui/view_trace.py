"""How an answer was found, as HTML: the steps of the search and what became of the best hits."""

from bifolio import Hit, Trace
from bifolio.ui.texts import Texts
from bifolio.ui.view import escaped, file_name, isolated

SHOWN_HITS = 10


def trace_html(trace: Trace, total: int, texts: Texts) -> str:
    """Show a search step by step; ``total`` says how many hits there were before any was cut."""
    shown = trace.hits[:SHOWN_HITS]
    hits = texts.hits.format(shown=len(shown), total=total)
    return (
        f'<details class="bf-trace"><summary>{escaped(texts.how_found)}</summary>'
        f"{_steps(trace, texts)}<p>{isolated(_threshold(trace, texts))}</p>"
        f"<p>{escaped(hits)}</p>{_hits(shown, texts)}</details>"
    )


def _threshold(trace: Trace, texts: Texts) -> str:
    threshold = trace.threshold
    template = texts.no_threshold if threshold.value is None else texts.threshold
    if not trace.reranker:
        template = texts.no_reranker
    return template.format(
        threshold=threshold.value,
        source=texts.say(threshold.source),
        space=texts.say(threshold.space),
        reranker=trace.reranker,
        keep=trace.keep,
    )


def _steps(trace: Trace, texts: Texts) -> str:
    rows = [
        [
            escaped(texts.steps.get(step.name, step.name)),
            str(step.count),
            f"{step.milliseconds:,.0f}",
            escaped(texts.say(step.detail) if step.detail else ""),
        ]
        for step in trace.steps
    ]
    return _table([texts.step, texts.chunks_out, texts.milliseconds, ""], rows)


def _hits(hits: tuple[Hit, ...], texts: Texts) -> str:
    head = ["", texts.document, texts.vectors, texts.words, texts.reranked, texts.verdict]
    rows = [
        [
            str(rank),
            _place(hit, texts),
            _score(hit.scores.dense),
            _score(hit.scores.lexical),
            _score(hit.score),
            escaped(f"{texts.kept if hit.kept else texts.dropped}: {texts.say(hit.reason)}"),
        ]
        for rank, hit in enumerate(hits, start=1)
    ]
    return _table(head, rows)


def _place(hit: Hit, texts: Texts) -> str:
    page = texts.page.format(first=hit.span.pages[0])
    return f"{isolated(file_name(hit.span.path))}, {escaped(page)}"


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Make a table; the cells of ``rows`` are HTML already."""
    heading = "".join(f"<th>{escaped(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="bf-wide"><table><tr>{heading}</tr>{body}</table></div>'
