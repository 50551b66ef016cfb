"""The page of the web chat; Streamlit runs this file from top to bottom at every turn.

Start it by ``bifolio chat``, or by ``python -m streamlit run`` and this file's path.
"""

from pathlib import Path

import streamlit as st

from bifolio import BifolioError, Library, Settings
from bifolio.ui import view
from bifolio.ui.conversation import converse
from bifolio.ui.sidebar import choose_language, offer_new_conversation, show_library, take_uploads


@st.cache_resource(show_spinner=False)
def _open(settings: Settings) -> Library:
    """Open the library once for all sessions: the models are large."""
    return Library.open(settings.library, settings=settings)


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_title="Bifolio", page_icon=view.LEAVES, layout="centered")
    st.html(Path(__file__).with_name("style.css"))
    settings = Settings.from_env()
    with st.sidebar:
        heading = st.empty()
        texts = choose_language()
        heading.html(view.heading_html(texts.tagline))
        offer_new_conversation(texts)
    try:
        with st.spinner(texts.opening):
            library = _open(settings)
        with st.sidebar:
            take_uploads(library, texts)
            count = show_library(library, settings, texts)
        converse(library, empty=not count, texts=texts)
    except BifolioError as problem:
        st.html(view.note_html("error", str(problem)))


main()
