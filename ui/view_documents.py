"""The documents of a library, and what became of uploads, as HTML."""

from collections.abc import Iterable, Sequence

from bifolio import Chunk, Entry, IngestReport
from bifolio.ingest_report import Ingested
from bifolio.ui.texts import Texts
from bifolio.ui.words import button_html, counts_label, escaped, file_name, isolated, whole_html

# A browser is slow with thousands of entries, and nobody reads them; `bifolio list` shows all.
_SHOWN = 200
# So many troubles of one folder are told; `ingest` tells all.
_TROUBLES = 10
# The sidebar shows what came last; all are a page of their own.
_LATEST = 8


def documents_html(
    entries: Sequence[Entry], texts: Texts, *, place: int = 0, library: str = ""
) -> str:
    """Show the latest documents, to be opened, and how many there are.

    ``place`` is the library's among those that are asked; ``library`` is told with their number.
    """
    latest = sorted(entries, key=lambda entry: entry.added, reverse=True)[:_LATEST]
    rows = [_entry(entry, place, texts) for entry in latest]
    if len(entries) > _LATEST:
        more = texts.more.format(count=len(entries) - _LATEST)
        rows.append(f"<li>{button_html('view:documents', more, kind='bf-more')}</li>")
    label = texts.documents.format(count=len(entries))
    if library:
        label = f"{library} · {label}"
    listing = f'<ul class="bf-documents">{"".join(rows)}</ul>' if rows else ""
    return f'<div class="bf-label">{escaped(label)}</div>{listing}'


def library_html(
    entries: Sequence[Entry], total: int, chosen: str, texts: Texts, *, place: int = 0
) -> str:
    """Show documents to be opened: title, file, pages, chunks, and whether one is out of date."""
    rows = [_opened_by(entry, place, entry.path == chosen, texts) for entry in entries[:_SHOWN]]
    if len(entries) > _SHOWN:
        rows.append(f"<li>{escaped(texts.more.format(count=len(entries) - _SHOWN))}</li>")
    if not rows:
        rows = [f"<li>{escaped(texts.nothing_found)}</li>"]
    label = texts.documents.format(count=len(entries))
    if len(entries) != total:
        label = texts.documents_found.format(count=len(entries), total=total)
    listing = f'<ul class="bf-library">{"".join(rows)}</ul>'
    return f'<div class="bf-label">{escaped(label)}</div>{listing}'


def _opened_by(entry: Entry, place: int, is_chosen: bool, texts: Texts) -> str:
    counts = counts_label(entry.pages, entry.chunks, texts)
    current = ' aria-current="true"' if is_chosen else ""
    stale = f'<span class="bf-flag">{escaped(texts.is_stale)}</span>' if entry.stale else ""
    where = "" if entry.uploaded else f" · {whole_html(texts.from_folder)}"
    return (
        f'<li><button type="button" data-bf="{_action(entry, place)}"{current}>'
        f"<strong>{isolated(entry.title)}</strong>{stale}"
        f"<small>{isolated(file_name(entry.path))} · {escaped(counts)}"
        f" · {whole_html(entry.added[:10])}{where}</small></button></li>"
    )


def chunks_html(chunks: Iterable[Chunk]) -> str:
    """Show chunks in the order of the text, each below its headings."""
    rows = "".join(
        f"<li><small>{isolated(chunk.context)}</small>"
        f'<div dir="auto">{escaped(chunk.text)}</div></li>'
        for chunk in chunks
    )
    return f'<ol class="bf-chunks">{rows}</ol>'


def outcome(name: str, report: IngestReport, texts: Texts) -> str:
    """Say in one line what became of a file or a folder; it is not escaped."""
    again = (*report.updated, *report.reread)
    done = (*report.added, *again)
    of_one = len(done) + report.unchanged + len(report.renamed) + len(report.skipped) < 2
    said = [_stored(one, texts.updated if again else texts.added, texts) for one in done]
    said += [texts.unchanged] * bool(report.unchanged)
    if not of_one:
        counts = ((texts.some_added, len(done)), (texts.some_unchanged, report.unchanged))
        said = [sentence.format(count=count) for sentence, count in counts if count]
    if report.renamed:
        said.append(texts.some_renamed.format(count=len(report.renamed)))
    told = [*_skipped(report, of_one, texts), *_warned(report, of_one, texts)]
    said += told[:_TROUBLES]
    if len(told) > _TROUBLES:
        said.append(texts.more.format(count=len(told) - _TROUBLES))
    # Beside another one of its name a file bears a longer one.
    told_of = done[0].path if done and of_one else name
    return f"{file_name(told_of)}{texts.colon}{texts.semicolon.join(said or [texts.nothing_in])}"


def _stored(one: Ingested, sentence: str, texts: Texts) -> str:
    return sentence.format(counts=counts_label(one.pages, one.chunks, texts))


def _skipped(report: IngestReport, of_one: bool, texts: Texts) -> list[str]:
    return [
        _of(one.path, texts.skipped.format(reason=texts.say(one.reason)), of_one, texts)
        for one in report.skipped
    ]


def _warned(report: IngestReport, of_one: bool, texts: Texts) -> list[str]:
    told = []
    for one in report.warnings:
        reason = texts.say(one.reason)
        if one.pages:
            reason = texts.warned.format(pages=texts.comma.join(map(str, one.pages)), reason=reason)
        told.append(_of(one.path, reason, of_one, texts))
    return told


def _of(path: str, told: str, of_one: bool, texts: Texts) -> str:
    """Name the file of a folder that something is told of."""
    return told if of_one else f"{file_name(path)}{texts.colon}{told}"


def _action(entry: Entry, place: int) -> str:
    return escaped(f"document:{place}:{entry.path}")


def _entry(entry: Entry, place: int, texts: Texts) -> str:
    counts = counts_label(entry.pages, entry.chunks, texts)
    name = file_name(entry.path)
    return (
        f'<li><button type="button" data-bf="{_action(entry, place)}">'
        f"<strong>{isolated(entry.title)}</strong>"
        f"<small>{isolated(name)} · {escaped(counts)}</small></button></li>"
    )
