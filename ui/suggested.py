"""Questions for a beginning, made of the library's own headings."""

import streamlit as st

from bifolio import Library
from bifolio.suggesting import subjects
from bifolio.ui.texts import CHINESE, ENGLISH

_COUNT = 4


def suggest(library: Library) -> tuple[str, ...]:
    """Give some questions; a heading is asked about in its own language."""
    entries = library.documents()
    state = f"{library.folder} {len(entries)} {max((e.added for e in entries), default='')}"
    return _suggest(library, state)


@st.cache_resource(max_entries=8, show_spinner=False)
def _suggest(_library: Library, state: str) -> tuple[str, ...]:
    found = subjects(_library, _COUNT)
    return tuple(
        (CHINESE if one.is_chinese else ENGLISH).about.format(heading=one.heading, title=one.title)
        for one in found
    )
