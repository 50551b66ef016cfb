"""The settings: how much an answer needs, and which language model writes it."""

from dataclasses import replace

import streamlit as st

from bifolio import BifolioError, Settings
from bifolio.language_model import LanguageModel, check_address, try_model
from bifolio.models import open_language_model
from bifolio.ui.entering import is_local
from bifolio.ui.opened import Opened
from bifolio.ui.state import Session
from bifolio.ui.texts import Texts
from bifolio.ui.trouble import acting
from bifolio.ui.view import facts_html, note_html, title_html
from bifolio.ui.words import escaped

_MOST_KEPT = 20
_OWN, _LEAST, _KEEP = "own", "least-score", "keep"
_TRIED, _TOLD = "language-model-tried", "language-model-told"


def show_settings(opened: Opened, now: Session, settings: Settings, texts: Texts) -> None:
    """Show the page of settings."""
    st.html(title_html(texts.views["settings"]))
    _search(opened, now, texts)
    if is_local():
        _language_model(opened, settings, texts)
    _models(opened, settings, texts)


def _search(opened: Opened, now: Session, texts: Texts) -> None:
    """Let this session choose its threshold and how much is kept."""
    _heading(texts.settings_search, texts.settings_search_detail)
    own = opened.library.threshold
    source = texts.say(own.source)
    told = texts.threshold_own.format(threshold=own.value, source=source)
    if own.value is None:
        told = texts.threshold_none.format(source=source)
    keeps = acting(_keep_options, own.value or 0.0, now)
    options = now.options
    st.toggle(
        texts.use_own_threshold, options.threshold is None, help=told, key=_OWN, on_change=keeps
    )
    if options.threshold is not None:
        st.slider(
            texts.least_score,
            0.0,
            1.0,
            options.threshold,
            0.01,
            help=texts.least_score_help,
            key=_LEAST,
            on_change=keeps,
        )
    most = min(options.keep, _MOST_KEPT)
    st.slider(texts.keep, 1, _MOST_KEPT, most, help=texts.keep_help, key=_KEEP, on_change=keeps)


def _keep_options(least: float, now: Session) -> None:
    """Keep what has been chosen for the next question; at first the score is the library's own."""
    state = st.session_state
    threshold = None if state[_OWN] else float(state.get(_LEAST, least))
    now.options = replace(
        now.options, threshold=threshold, keep=int(state.get(_KEEP, now.options.keep))
    )


def _language_model(opened: Opened, settings: Settings, texts: Texts) -> None:
    """Let somebody at this machine choose the language model for all who use this library."""
    _heading(texts.settings_model, texts.settings_model_detail)
    used = opened.library.language_model
    name = used.name if used else settings.llm or ""
    with st.form("language-model"):
        st.text_input(
            texts.model_address,
            settings.base_url or "",
            help=texts.model_address_help,
            key="model-address",
        )
        st.text_input(texts.model_name, name, help=texts.model_name_help, key="model-name")
        st.text_input(
            texts.model_key,
            type="password",
            help=texts.model_key_help,
            autocomplete="off",
            key="model-key",
        )
        st.slider(
            texts.support,
            0.0,
            1.0,
            opened.library.support,
            0.01,
            help=texts.support_help,
            key="support",
        )
        with st.container(horizontal=True):
            st.form_submit_button(texts.model_try, on_click=acting(_note_try, settings))
            uses = acting(_use, opened, settings, texts)
            st.form_submit_button(texts.model_use, type="primary", on_click=uses)
            leaves = acting(_use, opened, settings, texts, leaves=True)
            st.form_submit_button(texts.model_none, on_click=leaves)
    if tried := st.session_state.pop(_TRIED, None):
        st.session_state[_TOLD] = _try(tried, texts)
    if told := st.session_state.pop(_TOLD, None):
        st.html(note_html(*told))


def _given(settings: Settings) -> Settings:
    """Give the settings with what has been typed into the form."""
    state = st.session_state
    return replace(
        settings,
        llm=state["model-name"].strip() or None,
        base_url=state["model-address"].strip() or None,
        api_key=state["model-key"] or settings.api_key,
        support=state["support"],
    )


def _note_try(settings: Settings) -> None:
    """Have the model tried when the page is drawn: it takes its time, and the page shows it."""
    st.session_state[_TRIED] = _given(settings)


def _try(given: Settings, texts: Texts) -> tuple[str, str]:
    """Try a language model; give what is told of it."""
    try:
        model = _model(given)
        if model is None:
            return "warning", texts.model_unnamed
        with st.spinner(texts.model_trying):
            tried = try_model(model)
    except BifolioError as problem:
        return "error", texts.sentence(problem.message)
    return "info", texts.model_answers.format(said=tried.said, seconds=tried.seconds)


def _model(given: Settings) -> LanguageModel | None:
    check_address(given.base_url)
    return open_language_model(given)


def _use(opened: Opened, settings: Settings, texts: Texts, *, leaves: bool = False) -> None:
    """Let a language model write from now on, and save it; a key is kept in memory alone."""
    given = replace(_given(settings), llm=None) if leaves else _given(settings)
    try:
        model = _model(given)
        opened.library.language_model, opened.library.support = model, given.support
        given.save(opened.library.folder)
        told = ("info", texts.model_saved if model else texts.model_left)
    except BifolioError as problem:
        told = ("error", texts.sentence(problem.message))
    except OSError as problem:
        told = ("error", str(problem))
    st.session_state[_TOLD] = told


def _models(opened: Opened, settings: Settings, texts: Texts) -> None:
    """Tell which models search; others need other vectors, which a command makes."""
    _heading(texts.models, texts.settings_models_detail)
    models = opened.library.models
    facts = [
        (texts.pair, settings.models),
        (texts.embedder, models.embedder.name),
        (texts.reranker, models.reranker.name),
        (texts.library_folder, str(opened.library.folder) if is_local() else "…"),
    ]
    st.html(facts_html(facts))


def _heading(title: str, detail: str) -> None:
    st.html(f'<h2>{escaped(title)}</h2><p class="bf-detail">{escaped(detail)}</p>')
