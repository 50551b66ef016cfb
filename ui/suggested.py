"""Questions for a beginning, made of the library's own headings."""

from collections.abc import Sequence
from itertools import chain, zip_longest

import streamlit as st

from bifolio import Library
from bifolio.suggesting import Subject, subjects
from bifolio.ui.texts import CHINESE, ENGLISH, Texts

_COUNT = 4
# So many are looked at, so that some in the reader's language are among them.
_KNOWN = 40


def suggest(libraries: Sequence[Library], texts: Texts) -> tuple[str, ...]:
    """Give some questions, of each library in turn; a heading is asked in its own language.

    Others than those in the reader's language are given only where those are too few.
    """
    of_each = [_suggest(library, _state(library)) for library in libraries]
    turns = chain.from_iterable(zip_longest(*of_each))
    known = (one for one in turns if one)
    chosen = sorted(known, key=lambda one: one.is_chinese is not (texts is CHINESE))[:_COUNT]
    return tuple(
        (CHINESE if one.is_chinese else ENGLISH).about.format(heading=one.heading, title=one.title)
        for one in chosen
    )


def _state(library: Library) -> str:
    entries = library.documents()
    return f"{library.folder} {len(entries)} {max((e.added for e in entries), default='')}"


@st.cache_resource(max_entries=8, show_spinner=False)
def _suggest(_library: Library, state: str) -> tuple[Subject, ...]:
    return tuple(subjects(_library, _KNOWN))
