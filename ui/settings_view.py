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
from bifolio.ui.view import facts_html, note_html, title_html
from bifolio.ui.words import escaped

_MOST_KEPT = 20
_CHOSEN = "language-model-chosen"


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
    options = now.options
    uses_own = st.toggle(texts.use_own_threshold, options.threshold is None, help=told, key="own")
    threshold = None
    if not uses_own:
        least = options.threshold if options.threshold is not None else own.value or 0.0
        threshold = st.slider(
            texts.least_score, 0.0, 1.0, float(least), 0.01, help=texts.least_score_help
        )
    keep = st.slider(texts.keep, 1, _MOST_KEPT, min(options.keep, _MOST_KEPT), help=texts.keep_help)
    now.options = replace(options, threshold=threshold, keep=keep)


def _language_model(opened: Opened, settings: Settings, texts: Texts) -> None:
    """Let somebody at this machine choose the language model for all who use this library."""
    _heading(texts.settings_model, texts.settings_model_detail)
    used = opened.library.language_model
    name = used.name if used else settings.llm or ""
    with st.form("language-model"):
        address = st.text_input(
            texts.model_address, settings.base_url or "", help=texts.model_address_help
        )
        name = st.text_input(texts.model_name, name, help=texts.model_name_help)
        key = st.text_input(
            texts.model_key, type="password", help=texts.model_key_help, autocomplete="off"
        )
        support = st.slider(
            texts.support, 0.0, 1.0, opened.library.support, 0.01, help=texts.support_help
        )
        with st.container(horizontal=True):
            tried = st.form_submit_button(texts.model_try)
            kept = st.form_submit_button(texts.model_use, type="primary")
            left = st.form_submit_button(texts.model_none)
    given = replace(
        settings,
        llm=name.strip() or None,
        base_url=address.strip() or None,
        api_key=key or settings.api_key,
        support=support,
    )
    if tried:
        _try(given, texts)
    elif kept:
        _use(opened, given, texts)
    elif left:
        _use(opened, replace(given, llm=None), texts)
    elif told := st.session_state.pop(_CHOSEN, ""):
        st.html(note_html("info", told))


def _try(given: Settings, texts: Texts) -> None:
    try:
        model = _model(given)
        if model is None:
            st.html(note_html("warning", texts.model_unnamed))
            return
        with st.spinner(texts.model_trying):
            tried = try_model(model)
    except BifolioError as problem:
        st.html(note_html("error", texts.sentence(problem.message)))
    else:
        told = texts.model_answers.format(said=tried.said, seconds=tried.seconds)
        st.html(note_html("info", told))


def _model(given: Settings) -> LanguageModel | None:
    check_address(given.base_url)
    return open_language_model(given)


def _use(opened: Opened, given: Settings, texts: Texts) -> None:
    """Let a language model write from now on, and save it; a key is kept in memory alone."""
    try:
        model = _model(given)
        opened.library.language_model, opened.library.support = model, given.support
        given.save(opened.library.folder)
    except (BifolioError, OSError) as problem:
        told = (
            texts.sentence(problem.message) if isinstance(problem, BifolioError) else str(problem)
        )
        st.html(note_html("error", told))
    else:
        # The page tells in another place too who answers, and has drawn that place already.
        st.session_state[_CHOSEN] = texts.model_saved if model else texts.model_left
        st.rerun()


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
