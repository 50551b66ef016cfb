"""reStructuredText: as it is written, but for tables in lists; headings by the lines under them."""

from bifolio.ingest.headings import adorned_headings, plain_headings
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.plain import parse_text
from bifolio.ingest.readers.rst_tables import with_rows
from bifolio.ingest.tables import plain_tables, with_others


def parse_rst(data: bytes) -> Parsed:
    """Read reStructuredText; the level of a heading is told by which adornment came first."""
    parsed = parse_text(data, paged=False)
    text, listed = with_rows(parsed.text)
    tables = with_others(listed, plain_tables(text))
    adorned = adorned_headings(text)
    spans = [(start, end) for start, end, *_ in tables]
    return Parsed(
        title=adorned[0][1] if adorned else "",
        text=text,
        pages=[(1, 0, len(text))],
        headings=adorned or plain_headings(text, spans),
        tables=tables,
        notes=parsed.notes,
    )
