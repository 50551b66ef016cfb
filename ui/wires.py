"""The one script in the page: what was pressed in our own HTML reaches Python through it.

``st.html`` shows foreign words safely, and what is pressed in it tells nobody. Each thing to press
has an attribute ``data-bf`` with an action: "source:12:1", "chat:ID", "document:PATH". The script
listens for them on the page as a whole, and so never has to be given foreign words. What arrives
here comes from a browser: it is looked up, never trusted.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import streamlit as st

_KEY = "wires"


@cache
def _script() -> str:
    return Path(__file__).with_name("wires.js").read_text(encoding="utf-8")


def connect(
    *,
    language: str,
    words: Mapping[str, str],
    beside: str = "",
    token: str = "",
    reader: str = "",
    on_press: Callable[[str], object] = lambda _: None,
) -> None:
    """Put the script into the page; ``on_press`` is called with the action, before the next run.

    ``words`` are what Streamlit says in English alone, and what the page says instead.
    """

    def _pressed() -> None:
        action = (st.session_state.get(_KEY) or {}).get("pressed")
        if isinstance(action, str):
            on_press(action)

    wires = st.components.v2.component("bifolio_wires", js=_script())
    told = {"lang": language, "words": dict(words)}
    data = {**told, "beside": beside, "token": token, "reader": reader}
    wires(key=_KEY, data=data, height=0, on_pressed_change=_pressed)
