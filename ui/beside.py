"""What is open beside the conversation: a page of a document with the quoted words marked."""

import streamlit as st

from bifolio import BifolioError, Document, Entry, Library, PagePicture
from bifolio.chats import Source
from bifolio.ui.documents import offer_for_document
from bifolio.ui.markdown import blocks_around
from bifolio.ui.opened import Opened, Shelf
from bifolio.ui.state import Beside, Session
from bifolio.ui.texts import Texts
from bifolio.ui.trouble import acting
from bifolio.ui.view import note_html
from bifolio.ui.view_documents import chunks_html
from bifolio.ui.view_sources import is_markdown, marked_html, passage_html, picture_html
from bifolio.ui.words import escaped, file_name, isolated

# Characters of a document without pages that are shown on each side of the quote.
_AROUND, _MOST_READ = 3000, 40_000
# A file without pages may be one of thousands of chunks.
_CHUNKS = 40


def show_beside(shelf: Shelf, now: Session, texts: Texts) -> None:
    """Show the place that is open, if one is."""
    if now.beside is None:
        return
    with st.container(key="beside"):
        place = now.beside
        # A library that is served no more has gone, with all that was in it.
        opened = shelf.holding(place.library)
        entries = opened.library.documents() if opened else []
        entry = next((e for e in entries if e.path == place.path), None)
        _head(opened, entry, now, place, texts)
        if opened is None or entry is None:
            _as_it_was(texts.source_gone, place.source, texts)
        elif place.source and place.source.sha256 != entry.sha256:
            _as_it_was(texts.source_changed, place.source, texts)
        else:
            if now.view == "documents":
                offer_for_document(opened, entry, now, texts)
            if entry.stale:
                told = texts.stale.format(reason=texts.say(entry.stale.reason))
                st.html(note_html("warning", told))
            _body(opened.library, entry, place, texts)


def _head(
    opened: Opened | None, entry: Entry | None, now: Session, place: Beside, texts: Texts
) -> None:
    """Show what the document is called, and what can be done: turn pages, save, close."""
    title = entry.title if entry else place.source.title if place.source else place.path
    name = isolated(file_name(place.path))
    st.html(f'<div class="bf-beside"><h2 tabindex="-1">{isolated(title)}</h2><p>{name}</p></div>')
    with st.container(horizontal=True, key="beside-tools"):
        if entry and entry.pages > 1:
            _turn(entry, now, place, texts)
        if opened and entry:
            st.download_button(
                texts.save_file,
                data=lambda: opened.library.file(entry.path),
                file_name=file_name(entry.path),
                mime="application/octet-stream",
                key="beside-save",
                on_click="ignore",
            )
        st.button(texts.close, key="beside-close", on_click=acting(now.close))


def _turn(entry: Entry, now: Session, place: Beside, texts: Texts) -> None:
    st.button(
        texts.page_before,
        key="beside-before",
        disabled=place.page <= 1,
        on_click=acting(now.show_page, place.page - 1),
    )
    shown = texts.page_of.format(page=place.page, count=entry.pages)
    st.html(f'<span class="bf-page">{escaped(shown)}</span>', width="content")
    st.button(
        texts.page_after,
        key="beside-after",
        disabled=place.page >= entry.pages,
        on_click=acting(now.show_page, place.page + 1),
    )


def _as_it_was(told: str, source: Source | None, texts: Texts) -> None:
    """Show what was quoted when the document was another, and say that it is."""
    st.html(note_html("warning", told))
    if source:
        st.html(passage_html(source))


def _body(library: Library, entry: Entry, place: Beside, texts: Texts) -> None:
    document = library.document(entry.path)
    start, end = _span(place)
    if document.path.lower().endswith(".pdf"):
        try:
            with st.spinner(texts.drawing):
                picture = _picture(library, entry.path, place.page, start, end, state=entry.sha256)
        except BifolioError as problem:
            st.html(note_html("warning", texts.sentence(problem.message)))
        else:
            label = texts.page_of.format(page=place.page, count=entry.pages)
            if end > start and not picture.marked and _is_on(document, place.page, start, end):
                st.html(note_html("info", texts.not_found_on_page))
            st.html(picture_html(picture, f"{entry.title}: {label}"))
            with st.expander(texts.page_as_text):
                _text(document, place.page, start, end)
            _chunks(library, document, place.page, texts)
            return
    _text(document, place.page, start, end)
    _chunks(library, document, place.page, texts)


def _chunks(library: Library, document: Document, number: int, texts: Texts) -> None:
    """Show what a search finds: the chunks of a page, each with what is read before its words."""
    page = next((page for page in document.pages if page.number == number), document.pages[0])
    with library.store.reading() as view:
        every = view.chunks_of(document.path)
    found = [chunk for chunk in every if chunk.start < page.end and chunk.end > page.start]
    with st.expander(texts.page_in_chunks.format(count=len(found))):
        st.html(chunks_html(found[:_CHUNKS]))
        if len(found) > _CHUNKS:
            st.html(f"<p>{escaped(texts.more.format(count=len(found) - _CHUNKS))}</p>")


def _span(place: Beside) -> tuple[int, int]:
    return (place.source.start, place.source.end) if place.source else (0, 0)


def _is_on(document: Document, number: int, start: int, end: int) -> bool:
    first, last = document.pages_of(start, end)
    return first <= number <= last


def _text(document: Document, number: int, start: int, end: int) -> None:
    """Show the text of a page, or of the words around the quote where pages are long."""
    page = next((page for page in document.pages if page.number == number), document.pages[0])
    if not page.start <= start < page.end:
        start = end = page.start
    first, last = max(page.start, start - _AROUND), min(page.end, end + _AROUND)
    end = min(end, last)
    text = document.text
    reads = is_markdown(document.path)
    if reads:
        wide = blocks_around(text, first, last)
        # A table or a list of many pages is shown as it is written.
        reads = wide[1] - wide[0] < _MOST_READ
        first, last = wide if reads else (first, last)
    before = ("…\n\n" if first > page.start else "") + text[first:start]
    after = text[end:last] + ("\n\n…" if last < page.end else "")
    st.html(marked_html(before, text[start:end], after, as_markdown=reads))


@st.cache_resource(max_entries=64, show_spinner=False)
def _picture(
    _library: Library, path: str, page: int, start: int, end: int, *, state: str
) -> PagePicture:
    """Draw a page once for all who look at it; ``state`` tells editions of the file apart."""
    return _library.page_picture(path, page, start=start, end=end)
