"""The documents of a library, and what became of uploads, as HTML."""

from collections.abc import Sequence

from bifolio import Entry, IngestReport
from bifolio.ui.texts import Texts
from bifolio.ui.words import counts_label, escaped, file_name, isolated

# A browser is slow with thousands of entries, and nobody reads them; `bifolio list` shows all.
_SHOWN = 200


def documents_html(entries: Sequence[Entry], texts: Texts) -> str:
    """Show the documents: title, file, pages and chunks."""
    rows = [_entry(entry, texts) for entry in entries[:_SHOWN]]
    if len(entries) > _SHOWN:
        rows.append(f"<li>{escaped(texts.more.format(count=len(entries) - _SHOWN))}</li>")
    label = texts.documents.format(count=len(entries))
    listing = f'<ul class="bf-documents">{"".join(rows)}</ul>' if rows else ""
    return f'<div class="bf-label">{escaped(label)}</div>{listing}'


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


def _entry(entry: Entry, texts: Texts) -> str:
    counts = counts_label(entry.pages, entry.chunks, texts)
    name = file_name(entry.path)
    return (
        f"<li><strong>{isolated(entry.title)}</strong>"
        f"<small>{isolated(name)} · {escaped(counts)}</small></li>"
    )
