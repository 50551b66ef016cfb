"""The documents of the library: found, opened, added, read again, removed."""

import shlex
from pathlib import Path

import streamlit as st

from bifolio import Entry
from bifolio.ui import view
from bifolio.ui.entering import is_local
from bifolio.ui.opened import Opened, Shelf
from bifolio.ui.state import Session
from bifolio.ui.texts import Texts
from bifolio.ui.trouble import acting
from bifolio.ui.uploading import take_uploads, tell_task
from bifolio.ui.view_documents import library_html
from bifolio.ui.words import escaped

_NO_FOLDER = "no-folder"


def show_documents(shelf: Shelf, now: Session, texts: Texts) -> None:
    """Show the page of documents, of one library at a time."""
    st.html(view.title_html(texts.views["documents"]))
    if now.shelf not in shelf.asked:
        now.shelf = shelf.asked[0]
    place = shelf.asked.index(now.shelf)
    if len(shelf.asked) > 1:
        now.shelf = st.radio(texts.library_shown, shelf.asked, place, horizontal=True)
        place = shelf.asked.index(now.shelf)
    opened = shelf.open(now.shelf)
    tasks = opened.uploads.tasks()
    entries = opened.library.documents()
    take_uploads(opened, tasks, texts)
    offer_folder(opened, texts)
    if not entries:
        st.html(view.note_html("info", texts.empty))
        offer_samples(opened, texts)
        return
    words = st.text_input(
        texts.search_documents,
        key="search-documents",
        placeholder=texts.search_documents,
        label_visibility="collapsed",
    )
    found = [entry for entry in entries if _holds(entry, words)]
    chosen = now.beside.path if now.beside else ""
    st.html(library_html(found, len(entries), chosen, texts, place=place))


def _holds(entry: Entry, words: str) -> bool:
    told = f"{entry.title} {entry.path}".casefold()
    return all(word in told for word in words.casefold().split())


def offer_samples(opened: Opened, texts: Texts) -> None:
    """Offer to fill an empty library with the samples that ship with the program."""
    if any(task.is_open for task in opened.uploads.tasks()):
        return
    with st.container(key="offer-samples", gap="small"):
        adds = acting(opened.uploads.samples)
        st.button(texts.add_samples, key="samples", type="primary", on_click=adds)
        st.html(f'<p class="bf-detail">{escaped(texts.add_samples_help)}</p>')


def offer_folder(opened: Opened, texts: Texts) -> None:
    """Offer, to somebody at this machine, to add a whole folder, here or from a terminal."""
    if not is_local():
        return
    with st.expander(texts.folder):
        _take_folder(opened, texts)
        st.html(f'<p class="bf-detail">{escaped(texts.empty_command)}</p>')
        folder = shlex.quote(str(opened.library.folder))
        st.code(f"ingest FOLDER --library {folder}", language=None, wrap_lines=True)


def _take_folder(opened: Opened, texts: Texts) -> None:
    # A new key empties the field once its folder is taken; a slip of the keys stays to be mended.
    taken = st.session_state.setdefault("folders-taken", 0)
    with st.form("folder", border=False):
        st.text_input(texts.folder_path, help=texts.folder_help, key=f"folder-path-{taken}")
        st.form_submit_button(texts.add_folder, on_click=acting(_add_folder, opened, taken))
    if no_folder := st.session_state.pop(_NO_FOLDER, ""):
        st.html(view.note_html("error", texts.no_folder.format(path=no_folder)))


def _add_folder(opened: Opened, taken: int) -> None:
    typed = str(st.session_state.get(f"folder-path-{taken}") or "").strip()
    folder = Path(typed).expanduser()
    if not folder.is_absolute() or not folder.exists():
        st.session_state[_NO_FOLDER] = typed
        return
    opened.uploads.folder(folder)
    st.session_state["folders-taken"] = taken + 1


def offer_for_document(opened: Opened, entry: Entry, now: Session, texts: Texts) -> None:
    """Tell of the document that is open how it was read; offer to read it again or remove it."""
    document = opened.library.document(entry.path)
    told = [texts.sentence(note) for note in document.notes]
    for pages, sentence in (
        (document.empty_pages, texts.pages_empty),
        (document.failed_pages, texts.pages_failed),
        ([page.number for page in document.pages if page.reading == "ocr"], texts.pages_ocr),
    ):
        if pages:
            told.append(sentence.format(pages=", ".join(map(str, pages[:20]))))
    for sentence in told:
        st.html(view.note_html("info", sentence))
    with st.container(horizontal=True, key="document-tools"):
        again = acting(_read_again, opened, entry.path, now)
        st.button(texts.read_again, key="read-again", on_click=again)
        with st.popover(texts.remove, key="remove-menu"):
            st.html(view.note_html("warning", texts.remove_asks))
            removes = acting(_remove, opened, entry.path, now)
            st.button(texts.remove_yes, key="remove", on_click=removes)
    # The queue is at the top of the page, which may be far away.
    tell_task(opened, now.again, entry.path, texts)


def _read_again(opened: Opened, path: str, now: Session) -> None:
    now.again = opened.uploads.again(path)


def _remove(opened: Opened, path: str, now: Session) -> None:
    opened.library.remove(path)
    now.close()
