"""The door of the page: on this machine nobody is asked, from elsewhere everybody is."""

import math
import re
import secrets

import streamlit as st

from bifolio.entrance import Door, NeedsPassword, check_login, is_loopback, password_from
from bifolio.ui import view
from bifolio.ui.texts import Texts
from bifolio.ui.trouble import acting

COOKIE, READER = "bifolio", "bifolio-reader"
_TOKEN, _REFUSED = "token", "refused"
_READER = re.compile(r"[\w-]{22}", re.ASCII)


@st.cache_resource(show_spinner=False)
def _door(password: str) -> Door:
    return Door(password)


def is_local() -> bool:
    """Tell whether only this machine reaches the page."""
    return is_loopback(st.get_option("server.address"))


def who_enters(texts: Texts) -> str | None:
    """Give the owner of the conversations of who comes in; None while they may not.

    By a login each person has their own, by the password each browser; where nobody is asked there
    is one owner, "".

    Raises:
        NeedsPassword: other machines reach the page, and neither a password nor a login is set.
        LoginUnavailable: a login is set, and its package is not installed.
    """
    if _has_login():
        check_login()
        return _by_login(texts)
    password = password_from()
    if password is None:
        if is_local():
            return ""
        raise NeedsPassword(st.get_option("server.address") or "this address")
    door = _door(password)
    token = st.session_state.get(_TOKEN) or st.context.cookies.get(COOKIE, "")
    if door.knows(token):
        return f"browser:{reader()}"
    _ask(door, texts)
    return None


def _has_login() -> bool:
    """Tell whether Streamlit's own login is set, as the section [auth] of its secrets."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def _by_login(texts: Texts) -> str | None:
    if not st.user.is_logged_in:
        st.html(view.welcome_html("Bifolio", texts.tagline))
        st.button(texts.log_in, key="log-in", type="primary", on_click=st.login)
        return None
    with st.sidebar:
        st.button(texts.log_out, key="log-out", type="tertiary", on_click=st.logout)
    # An address may be given to somebody else one day; what the provider calls a person may not.
    return f"person:{st.user.get('iss', '')}:{st.user.get('sub') or st.user.get('email')}"


def reader() -> str:
    """Give the name of this browser: random, so that who knows the password cannot guess it."""
    state = st.session_state
    if READER not in state:
        known = st.context.cookies.get(READER, "")
        state[READER] = known if _READER.fullmatch(known) else secrets.token_urlsafe(16)
    return str(state[READER])


def token() -> str:
    """Give what the browser shall keep, so that a reload is not asked again."""
    return str(st.session_state.get(_TOKEN, ""))


def _ask(door: Door, texts: Texts) -> None:
    with st.form("enter", width=420):
        st.html(view.welcome_html("Bifolio", texts.door_asks))
        st.text_input(texts.door_field, type="password", key="password")
        st.form_submit_button(texts.enter, type="primary", on_click=acting(_enter, door))
    if not st.session_state.pop(_REFUSED, False):
        return
    seconds = math.ceil(door.wait(st.context.ip_address or ""))
    told = texts.door_wait.format(seconds=seconds) if seconds else texts.door_wrong
    st.html(view.note_html("error", told))


def _enter(door: Door) -> None:
    typed = str(st.session_state.get("password") or "")
    given = door.enter(typed, st.context.ip_address or "")
    if given:
        st.session_state[_TOKEN] = given
    else:
        st.session_state[_REFUSED] = True
