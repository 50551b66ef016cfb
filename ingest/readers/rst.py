"""reStructuredText: as it is written, but for tables in lists; headings by the lines under them."""

from bifolio.ingest.headings import adorned_headings
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.plain import parse_text
from bifolio.ingest.readers.rst_tables import with_rows
from bifolio.ingest.tables import plain_tables, with_others


def parse_rst(data: bytes) -> Parsed:
    """Read reStructuredText; the level of a heading is told by which adornment came first."""
    parsed = parse_text(data)
    text, listed = with_rows(parsed.text)
    headings = adorned_headings(text)
    title = headings[0][1] if headings else ""
    return Parsed(
        title=title,
        text=text,
        pages=[(1, 0, len(text))],
        headings=headings,
        tables=with_others(listed, plain_tables(text)),
        notes=parsed.notes,
    )
