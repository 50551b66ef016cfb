"""Results as JSON: what users' scripts rely on, wherever it is sent."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bifolio.answers.answer import Answer, Citation, Claim
from bifolio.answers.disagreeing import Disagreement, Side
from bifolio.answers.verifying import Verified
from bifolio.ingest import Message
from bifolio.ingest_report import IngestReport
from bifolio.retrieval import (
    EMBEDDERS,
    RERANKERS,
    EmbedderRecipe,
    Entry,
    Hit,
    Passage,
    RerankerRecipe,
    Retrieval,
    Threshold,
    Trace,
    at_hand,
    dims_at_hand,
)

Json = dict[str, Any]


def report(done: IngestReport) -> Json:
    """Give what ``ingest`` prints."""
    return {
        "library": done.library,
        "added": [asdict(file) for file in done.added],
        "updated": [asdict(file) for file in done.updated],
        "reread": [asdict(file) for file in done.reread],
        "renamed": [{"from": moved.old, "to": moved.new} for moved in done.renamed],
        "unchanged": done.unchanged,
        "removed": list(done.removed),
        "missing": list(done.missing),
        "skipped": [{"path": file.path, "reason": str(file.reason)} for file in done.skipped],
        "warnings": [asdict(file) | {"reason": str(file.reason)} for file in done.warnings],
        "ignored": dict(done.ignored),
        "left_out": dict(done.left_out),
        "estimate": asdict(done.estimate) if done.estimate else None,
        "seconds": done.seconds,
    }


def answer(given: Answer, *, explain: bool) -> Json:
    """Give what ``ask`` prints."""
    shown: Json = {
        "question": given.question,
        "libraries": list(given.trace.libraries),
        "answer": given.text,
        "outcome": given.outcome,
        "abstained": given.abstained,
        "mode": given.mode,
        "model": given.model,
        "citations": [
            _citation(cited) | {"outdated": _said(given.why_outdated(cited))}
            for cited in given.citations
        ],
        "claims": [_claim(claim) for claim in given.claims],
        "nearest": passage(given.nearest) if given.nearest else None,
        "disagreements": [_disagreement(one) for one in given.disagreements],
        "shown": [passage(one) for one in given.shown],
        "pointed": [_side(one) for one in given.pointed],
        "outdated": [asdict(one) | {"reason": str(one.reason)} for one in given.outdated],
        "notice": _said(given.notice),
        **_threshold(given.trace.threshold),
        "timings_ms": _timings(given.trace),
    }
    if given.mode == "llm":
        shown["marks"] = [[mark.start, mark.number] for mark in given.marks]
    if explain:
        shown["trace"] = _trace(given.trace)
    return shown


def hits(found: Retrieval, *, explain: bool = False) -> Json:
    """Give what ``search`` prints."""
    shown: Json = {
        "question": found.trace.question,
        "libraries": list(found.trace.libraries),
        "hits": [_hit(hit) for hit in found.trace.hits],
        **_threshold(found.trace.threshold),
        "timings_ms": _timings(found.trace),
    }
    if explain:
        shown["steps"] = _steps(found.trace)
    return shown


def documents(entries: Sequence[Entry]) -> Json:
    """Give what ``list`` and ``remove`` print."""
    return {"documents": [_entry(entry) for entry in entries]}


def _entry(entry: Entry) -> Json:
    stale = entry.stale
    shown = {"reason": str(stale.reason), "day": stale.day} if stale else None
    return asdict(entry) | {"stale": shown}


def models() -> Json:
    """Give what ``models`` prints."""
    rows: list[Json] = []
    recipes: tuple[EmbedderRecipe | RerankerRecipe, ...] = (*EMBEDDERS, *RERANKERS)
    for recipe in recipes:
        facts = asdict(recipe)
        row = {"id": facts.pop("source"), "kind": "embedder", **facts}
        row["refused"] = _said(recipe.refused)
        if isinstance(recipe, RerankerRecipe):
            row |= {
                "kind": "reranker",
                "score_space": str(recipe.score_space),
                "threshold_source": str(recipe.threshold_source),
            }
        else:
            row["dims"] = dims_at_hand(recipe.source)
        rows.append(row | {"at_hand": at_hand(recipe.source) is not None})
    return {"models": rows}


def _citation(cited: Citation) -> Json:
    return {
        "marker": cited.marker,
        **_place(cited),
        "quote": cited.quote,
        "score": round(cited.score, 4),
        "supported": cited.supported,
        "found": cited.found,
    }


def verified(found: Verified) -> Json:
    """Give what ``verify`` prints."""
    return {
        "sound": found.sound,
        "quotes": [asdict(quote) for quote in found.quotes],
        "claims": [_claim(claim) for claim in found.claims],
    }


def _claim(claim: Claim) -> Json:
    return {
        "text": claim.text,
        "start": claim.start,
        "end": claim.end,
        "markers": list(claim.markers),
        "supported": claim.supported,
        "reason": claim.reason,
        "findings": [asdict(finding) for finding in claim.findings],
        "score": None if claim.score is None else round(claim.score, 4),
    }


def _disagreement(found: Disagreement) -> Json:
    return {"kind": found.kind, "sides": [_side(found.one), _side(found.other)]}


def _side(side: Side) -> Json:
    return {**_place(side), "quote": side.quote}


def passage(found: Passage) -> Json:
    """Give one passage."""
    return {**_place(found), "text": found.text, "score": round(found.score, 4)}


def _place(span: Citation | Passage | Side) -> Json:
    first, last = span.pages
    return {
        "library": span.library,
        "document": span.document.path,
        "title": span.document.title,
        "page_start": first,
        "page_end": last,
        "page_labels": list(span.document.labels_of(span.start, span.end)),
        "start": span.start,
        "end": span.end,
    }


def _hit(hit: Hit) -> Json:
    first, last = hit.span.pages
    return {
        "library": hit.span.library,
        "document": hit.span.path,
        "title": hit.span.title,
        "page_start": first,
        "page_end": last,
        "start": hit.span.start,
        "end": hit.span.end,
        "text": hit.span.text,
        "scores": asdict(hit.scores),
        "kept": hit.kept,
        "reason": str(hit.reason),
        "reason_code": hit.reason.code,
    }


def _threshold(threshold: Threshold) -> Json:
    return {
        "threshold": threshold.value,
        "threshold_source": str(threshold.source),
        "score_space": str(threshold.space),
    }


def _said(told: Message | None) -> str:
    return str(told) if told else ""


def _trace(trace: Trace) -> Json:
    return {
        "searched": trace.question,
        "steps": _steps(trace),
        **_threshold(trace.threshold),
        "hits": [_hit(hit) for hit in trace.hits],
    }


def _steps(trace: Trace) -> list[Json]:
    return [asdict(step) | {"detail": _said(step.detail)} for step in trace.steps]


def _timings(trace: Trace) -> Json:
    timings = {step.name: round(step.milliseconds, 1) for step in trace.steps}
    return {**timings, "total": round(sum(timings.values()), 1)}
