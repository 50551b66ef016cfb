"""The sidebar: language, new conversation, uploads, the documents, and how answers are made."""

import logging
from typing import TYPE_CHECKING

import streamlit as st

from bifolio import BifolioError, Library, Progress, Settings
from bifolio.ui import view
from bifolio.ui.texts import LANGUAGES, Texts, preferred
from bifolio.ui.view_documents import documents_html, outcome

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_log = logging.getLogger(__name__)


def choose_language() -> Texts:
    """Let the reader choose a language; the browser's is the first choice."""
    state = st.session_state
    if "language" not in state:
        state.language = preferred(st.context.locale)
    st.radio(
        LANGUAGES[state.language].language,
        list(LANGUAGES),
        key="language",
        horizontal=True,
        label_visibility="collapsed",
    )
    return LANGUAGES[state.language]


def offer_new_conversation(texts: Texts) -> None:
    """Show a button that starts the conversation afresh."""
    if st.button(texts.new_conversation, key="new", width="stretch"):
        st.session_state.exchanges = []
        st.session_state.outcomes = []


def take_uploads(library: Library, texts: Texts) -> None:
    """Take files, add each once, and say what became of them."""
    state = st.session_state
    round_ = state.setdefault("uploads", 0)
    outcomes: list[tuple[str, str]] = state.setdefault("outcomes", [])
    files = st.file_uploader(
        texts.upload,
        accept_multiple_files=True,
        key=f"upload-{round_}",
        help=texts.upload_help,
    )
    if files:
        outcomes.clear()
        for file in files:
            outcomes.append(_add(library, file, texts))
        # A new key empties the field, so that no rerun finds the same files again.
        state.uploads = round_ + 1
        st.rerun()
    for kind, sentence in outcomes:
        st.html(view.note_html(kind, sentence))


def _add(library: Library, file: "UploadedFile", texts: Texts) -> tuple[str, str]:
    """Add one file; give the kind of note and the sentence that tell what became of it."""
    place = st.empty()

    def _show(progress: Progress) -> None:
        with place.container():
            st.html(view.status_html(texts.adding.format(name=view.file_name(file.name))))
            st.progress(min(max(progress.share, 0.0), 1.0))

    _show(Progress(file.name, 0, 1, 0.0))
    try:
        report = library.add_bytes(file.name, file.getvalue(), on_progress=_show)
    except BifolioError as problem:
        return "error", f"{view.file_name(file.name)}: {problem}"
    except Exception:
        _log.exception("an upload could not be added")
        return "error", f"{view.file_name(file.name)}: {texts.unexpected}"
    finally:
        place.empty()
    kind = "warning" if report.skipped or report.warnings else "info"
    return kind, outcome(file.name, report, texts)


def show_library(library: Library, settings: Settings, texts: Texts) -> int:
    """Show the documents and how answers are made; give the number of documents."""
    entries = library.documents()
    st.html(documents_html(entries, texts))
    model = library.language_model
    made = texts.by_model.format(name=model.name) if model else texts.by_quotes
    st.html(view.facts_html([(texts.answers, made), (texts.models, settings.models)]))
    return len(entries)
