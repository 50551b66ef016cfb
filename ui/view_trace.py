"""Why an answer is as it is, as HTML: what was found, read and kept, in words and in bars."""

from bifolio.chats import Looked, Searched
from bifolio.ui.texts import Texts
from bifolio.ui.words import escaped, file_name, isolated, pages_html, table_html


def trace_html(searched: Searched, texts: Texts) -> str:
    """Show a search in plain words, the best hits as bars, and each step for those who ask."""
    shown = searched.looked
    hits = texts.hits.format(shown=len(shown), total=searched.total)
    return (
        f'<details class="bf-trace"><summary>{escaped(texts.how_found)}</summary>'
        f"<p>{escaped(_story(searched, texts))}</p>"
        f"{_chart(searched, texts)}"
        f"<details><summary>{escaped(texts.in_numbers)}</summary>"
        f"<p>{isolated(_threshold(searched, texts))}</p>{_steps(searched, texts)}"
        f"<p>{escaped(hits)}</p>{_hits(shown, texts)}</details></details>"
    )


def _story(searched: Searched, texts: Texts) -> str:
    kept = sum(looked.kept for looked in searched.looked)
    said = [texts.story_found.format(count=searched.total)]
    if searched.reranker:
        said.append(texts.story_read)
    if searched.threshold is not None and searched.reranker:
        template = texts.story_kept if kept else texts.story_none
        said.append(template.format(count=kept, threshold=searched.threshold))
    elif kept:
        said.append(texts.story_best.format(count=kept))
    milliseconds = sum(step.milliseconds for step in searched.steps)
    said.append(texts.story_time.format(seconds=milliseconds / 1000))
    return texts.space.join(said)


def _chart(searched: Searched, texts: Texts) -> str:
    """Draw a bar for the score of each of the best hits, and the line of the threshold."""
    if not searched.reranker or not searched.looked:
        return ""
    rows = "".join(_bar(looked, searched.threshold, texts) for looked in searched.looked)
    return f'<div class="bf-chart">{rows}</div>'


def _bar(looked: Looked, threshold: float | None, texts: Texts) -> str:
    score = min(max(looked.score, 0.0), 1.0)
    line = "" if threshold is None else f'<i style="left:{min(max(threshold, 0.0), 1.0):.1%}"></i>'
    kind = "bf-bar bf-kept" if looked.kept else "bf-bar"
    verdict = texts.kept if looked.kept else texts.dropped
    return (
        f'<div class="{kind}"><span>{_place(looked, texts)}</span>'
        f'<span class="bf-scale"><b style="width:{score:.1%}"></b>{line}</span>'
        f"<span>{looked.score:.2f} · {escaped(verdict)}</span></div>"
    )


def _threshold(searched: Searched, texts: Texts) -> str:
    template = texts.no_threshold if searched.threshold is None else texts.threshold
    if not searched.reranker:
        template = texts.no_reranker
    return template.format(
        threshold=searched.threshold,
        source=texts.say(searched.threshold_source),
        space=texts.say(searched.space),
        reranker=searched.reranker,
        keep=searched.keep,
    )


def _steps(searched: Searched, texts: Texts) -> str:
    rows = [
        [
            escaped(texts.steps.get(step.name, step.name)),
            str(step.count),
            f"{step.milliseconds:,.0f}",
            escaped(texts.say(step.detail) if step.detail else ""),
        ]
        for step in searched.steps
    ]
    return table_html([texts.step, texts.chunks_out, texts.milliseconds, texts.detail], rows)


def _hits(hits: tuple[Looked, ...], texts: Texts) -> str:
    head = ["#", texts.document, texts.vectors, texts.words, texts.reranked, texts.verdict]
    rows = [
        [
            str(rank),
            _place(hit, texts),
            _score(hit.dense),
            _score(hit.lexical),
            _score(hit.score),
            escaped(
                f"{texts.kept if hit.kept else texts.dropped}{texts.colon}{texts.say(hit.reason)}"
            ),
        ]
        for rank, hit in enumerate(hits, start=1)
    ]
    return table_html(head, rows)


def _place(hit: Looked, texts: Texts) -> str:
    return f"{isolated(file_name(hit.path))}{texts.comma}{pages_html(hit.pages, texts)}"


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}"
