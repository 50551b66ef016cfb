"""The documents of a library, and what became of uploads, as HTML."""

from collections.abc import Iterable, Sequence

from bifolio import Chunk, Entry, IngestReport
from bifolio.ui.texts import Texts
from bifolio.ui.words import button_html, counts_label, escaped, file_name, isolated

# A browser is slow with thousands of entries, and nobody reads them; `bifolio list` shows all.
_SHOWN = 200
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
    where = "" if entry.uploaded else f" · {escaped(texts.from_folder)}"
    return (
        f'<li><button type="button" data-bf="{_action(entry, place)}"{current}>'
        f"<strong>{isolated(entry.title)}</strong>{stale}"
        f"<small>{isolated(file_name(entry.path))} · {escaped(counts)}"
        f" · {escaped(entry.added[:10])}{where}</small></button></li>"
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
    """Say in one line what became of an uploaded file; it is not escaped."""
    said = [
        texts.added.format(counts=counts_label(done.pages, done.chunks, texts))
        for done in (*report.added, *report.updated)
    ]
    said += [texts.unchanged] * bool(report.unchanged)
    said += [texts.skipped.format(reason=skipped.reason) for skipped in report.skipped]
    said += [
        texts.warned.format(pages=", ".join(map(str, warned.pages)), reason=warned.reason)
        for warned in report.warnings
    ]
    return f"{file_name(name)}: {'; '.join(said)}"


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
