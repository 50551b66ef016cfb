"""The door of the page: on this machine nobody is asked, from elsewhere everybody."""

import math

import streamlit as st

from bifolio.entrance import Door, NeedsPassword, is_loopback, password_from
from bifolio.ui import view
from bifolio.ui.texts import Texts

COOKIE = "bifolio"
_TOKEN = "token"  # noqa: S105 - a key


@st.cache_resource(show_spinner=False)
def _door(password: str) -> Door:
    return Door(password)


def is_local() -> bool:
    """Tell whether only this machine reaches the page."""
    return is_loopback(st.get_option("server.address"))


def may_enter(texts: Texts) -> bool:
    """Let in who may come in; others are asked for the password.

    Raises:
        NeedsPassword: other machines reach the page, and none is set.
    """
    password = password_from()
    if password is None:
        if is_local():
            return True
        raise NeedsPassword(st.get_option("server.address") or "this address")
    door = _door(password)
    token = st.session_state.get(_TOKEN) or st.context.cookies.get(COOKIE, "")
    return door.knows(token) or _ask(door, texts)


def token() -> str:
    """Give what the browser shall keep, so that a reload is not asked again."""
    return str(st.session_state.get(_TOKEN, ""))


def _ask(door: Door, texts: Texts) -> bool:
    address = st.context.ip_address or ""
    with st.form("enter", width=420):
        st.html(view.welcome_html("Bifolio", texts.door_asks))
        typed = st.text_input(texts.door_field, type="password", key="password")
        tried = st.form_submit_button(texts.enter, type="primary")
    if not tried:
        return False
    given = door.enter(typed, address)
    if given:
        st.session_state[_TOKEN] = given
        st.rerun()
    seconds = math.ceil(door.wait(address))
    told = texts.door_wait.format(seconds=seconds) if seconds else texts.door_wrong
    st.html(view.note_html("error", told))
    return False
