"""What the commands print for people."""

import textwrap
from collections.abc import Sequence
from pathlib import PurePath

from bifolio.answers.answer import Answer, Citation
from bifolio.answers.disagreeing import Disagreement, Side
from bifolio.answers.guards import said
from bifolio.answers.verifying import Verified
from bifolio.cli.evaluation.as_text import duration
from bifolio.ingest.lines import width
from bifolio.ingest.sentences import flowed
from bifolio.ingest_report import Ingested, IngestReport
from bifolio.libraries import named
from bifolio.retrieval import (
    EMBEDDERS,
    PAIRS,
    RERANKERS,
    EmbedderRecipe,
    Entry,
    Passage,
    RerankerRecipe,
    Retrieval,
    Trace,
    at_hand,
    dims_at_hand,
)

_WIDTH = 96  # columns
_DIFFERS = {"number": "other numbers", "date": "other dates", "negation": "one says not"}


def report(done: IngestReport, *, dry_run: bool) -> str:
    """Say what an ingestion did, file by file."""
    lines = []
    for verb, files in (("added", done.added), ("updated", done.updated)):
        lines += [f"{verb:8} {file.path}{_size(file)}" for file in files]
    lines += [
        f"reread   {file.path}{_size(file)}: by a newer version of its reader"
        for file in done.reread
    ]
    lines += [f"renamed  {moved.old} -> {moved.new}" for moved in done.renamed]
    lines += [f"removed  {path}" for path in done.removed]
    lines += [
        f"missing  {path} (still in the library; --prune takes it out)" for path in done.missing
    ]
    lines += [f"SKIPPED  {file.path}: {file.reason}" for file in done.skipped]
    for file in done.warnings:
        pages = f" page {', '.join(map(str, file.pages))}:" if file.pages else ""
        lines.append(f"warning  {file.path}:{pages} {file.reason}")
    if done.ignored:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(done.ignored.items()))
        lines.append(f"not read, other kinds of file: {kinds}")
    lines += [f"left out by {rule}: {count}" for rule, count in sorted(done.left_out.items())]
    if done.estimate:
        guess = done.estimate
        lines.append(
            f"to be read: {_count(guess.files, 'file')}, about {_count(guess.pages, 'page')} and"
            f" {_count(guess.chunks, 'chunk')}, {duration(guess.seconds)}"
        )
    reread = f" {len(done.reread)} read again," if done.reread else ""
    done_or_not = "a dry run, nothing was stored: " if dry_run else ""
    lines.append(
        f"{done.library}: {done_or_not}{len(done.added)} added, {len(done.updated)} updated,"
        f"{reread}"
        f" {len(done.renamed)} renamed, {len(done.removed)} removed, {done.unchanged} unchanged,"
        f" {len(done.skipped)} skipped, in {done.seconds:.1f} s"
    )
    return "\n".join(lines)


def answer(given: Answer, *, explain: bool) -> str:
    """Show an answer with its citations."""
    where = _Places(given.trace)
    blocks = [given.text]
    blocks += [_citation(cited, where) for cited in given.citations]
    blocks += [f"OUT OF DATE: {PurePath(one.path).name}: {one.reason}" for one in given.outdated]
    blocks += [_disagreement(one, where) for one in given.disagreements]
    blocks += [f"{where.of(side.passage)}\n{_pointed(side)}" for side in given.pointed]
    if given.outcome == "nothing" and given.nearest:
        near = where.of(given.nearest)
        blocks.append(f"The nearest passage is in {near}; it shares too little.")
    if explain or given.trace.keep:
        blocks.append(_trace(given.trace) if explain else str(given.trace.rule))
    return "\n\n".join(blocks)


def hits(found: Retrieval, *, explain: bool) -> str:
    """Show the passages of a search."""
    where = _Places(found.trace)
    blocks = [
        f"{number}. {where.of(passage)}  {passage.score:.3f}\n{_quoted(passage.text)}"
        for number, passage in enumerate(found.passages, start=1)
    ]
    if not blocks:
        blocks = ["No passage reaches the threshold."]
        if found.nearest:
            near = found.nearest
            blocks.append(f"The nearest, {where.of(near)}  {near.score:.3f}\n{_quoted(near.text)}")
    blocks.append(_trace(found.trace) if explain else str(found.trace.rule))
    return "\n\n".join(blocks)


def verified(found: Verified) -> str:
    """Show the claims of an answer, and why each is supported or not."""
    lines = [
        f"[{quote.marker}] {quote.place:9} {PurePath(quote.document).name}: {quote.quote[:60]}"
        for quote in found.quotes
    ]
    for claim in found.claims:
        sign = "supported" if claim.supported else "DOUBTFUL "
        lines.append(f"{sign}  {claim.reason:12} {claim.text}")
        lines += [f"    {said(finding)}" for finding in claim.findings]
    if not lines:
        return "The answer claims nothing: there was nothing to check."
    lines.append("Sound." if found.sound else "Not sound: see the lines above.")
    return "\n".join(lines)


def documents(entries: Sequence[Entry]) -> str:
    """Show what is in the library."""
    if not entries:
        return "The library holds no documents."
    return "\n".join(
        f"{entry.path}  “{entry.title}”, {_count(entry.pages, 'page')},"
        f" {_count(entry.chunks, 'chunk')}{_stale(entry)}"
        for entry in entries
    )


def _stale(entry: Entry) -> str:
    if entry.stale is None:
        return ""
    return f"  OUT OF DATE since {entry.stale.day}: {entry.stale.reason}"


def models() -> str:
    """Show the models that are known."""
    lines = ["pairs, for --models:"]
    lines += [f"  {pair.name:8} {pair.embedder.name} + {pair.reranker.name}" for pair in PAIRS]
    known: tuple[tuple[str, Sequence[EmbedderRecipe | RerankerRecipe]], ...] = (
        ("embedders", EMBEDDERS),
        ("rerankers, whose scores are sigmoids of the logit, from 0 to 1", RERANKERS),
    )
    wide = max(len(recipe.name) for _, recipes in known for recipe in recipes)
    for title, recipes in known:
        lines.append(f"{title}:")
        for recipe in recipes:
            spoken = " ".join(recipe.languages)
            facts = f"not run: {recipe.refused}" if recipe.refused else _facts(recipe)
            lines.append(f"  {recipe.name:{wide}} {spoken:12} {recipe.licence:13} {facts}")
    return "\n".join(lines)


def _facts(recipe: EmbedderRecipe | RerankerRecipe) -> str:
    where = "at hand" if at_hand(recipe.source) else "to be fetched from the hub"
    if isinstance(recipe, EmbedderRecipe):
        dims = dims_at_hand(recipe.source)
        return f"{where}, {dims} dimensions" if dims else where
    if recipe.threshold is None:
        return f"{where}, no threshold yet"
    return f"{where}, threshold {recipe.threshold:g} ({recipe.threshold_source})"


def _size(file: Ingested) -> str:
    return (
        ""
        if file.pages is None
        else f" ({_count(file.pages, 'page')}, {_count(file.chunks or 0, 'chunk')})"
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _citation(cited: Citation, where: "_Places") -> str:
    doubt = "" if cited.supported else "  NOT SUPPORTED by this passage"
    doubt += "  found by Bifolio, not given by the model" if cited.found else ""
    return f"[{cited.marker}] {where.of(cited)}{doubt}\n{_quoted(cited.quote)}"


def _disagreement(found: Disagreement, where: "_Places") -> str:
    sides = (f"{where.of(side)}\n{_quoted(side.quote)}" for side in (found.one, found.other))
    return "\n".join([f"THE PASSAGES DISAGREE ({_DIFFERS[found.kind]}):", *sides])


class _Places:
    """Says where words stand, and in which library where several were searched."""

    def __init__(self, trace: Trace) -> None:
        self._names = named(trace.libraries) if len(trace.libraries) > 1 else {}

    def of(self, span: Citation | Passage | Side) -> str:
        """Give file, pages, and the library where there are several."""
        first, last = span.pages
        pages = f"page {first}" if first == last else f"pages {first}-{last}"
        labels = span.document.labels_of(span.start, span.end)
        if any(labels) and labels != (str(first), str(last)):
            pages += f" (printed as page {'-'.join(dict.fromkeys(filter(None, labels)))})"
        library = f" in {self._names[span.library]}" if span.library in self._names else ""
        name = PurePath(span.document.path).name
        return f"{span.document.title} ({name}{library}), {pages}"


def _quoted(text: str) -> str:
    return _wrapped(flowed(text)[0])


def _pointed(side: Side) -> str:
    """Show the whole passage, what is pointed at apart from what is around it."""
    passage, text = side.passage, side.document.text
    parts = flowed(text[passage.start : side.start], side.quote, text[side.end : passage.end])
    signs = ("    ", "  > ", "    ")
    shown = [_wrapped(part.strip(" "), sign) for part, sign in zip(parts, signs, strict=True)]
    return "\n".join(part for part in shown if part)


def _wrapped(text: str, sign: str = "    ") -> str:
    """Wrap the lines of a text by the columns that their letters take on average."""
    shown = []
    for line in filter(str.strip, text.splitlines()):
        letters = _WIDTH * len(line) // max(width(line), len(line))
        shown.append(textwrap.fill(line, letters, initial_indent=sign, subsequent_indent="    "))
    return "\n".join(shown)


def _trace(trace: Trace) -> str:
    lines = [f"searched: {trace.question}"]
    for step in trace.steps:
        lines.append(
            f"{step.name:8} {step.count:4} in {step.milliseconds:7.1f} ms  {step.detail or ''}"
        )
    lines += [f"scores: {trace.threshold.space}", str(trace.rule)]
    lines.append(" score rerank  dense lexical  place")
    for hit in trace.hits:
        scores = (hit.score, hit.scores.rerank, hit.scores.dense, hit.scores.lexical)
        numbers = " ".join("     -" if score is None else f"{score:6.3f}" for score in scores)
        place = f"{PurePath(hit.span.path).name} p.{hit.span.pages[0]}"
        lines.append(f"{numbers}  {place} [{hit.span.start}:{hit.span.end}] {hit.reason}")
    return "\n".join(lines)
