"""What the web chat says, in one language or the other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bifolio import Message
from bifolio.chinese import translated

# Somebody may copy it, and would copy a stop behind it too.
_FACT_AT_START = re.compile(r"\{(\w*)")
_ADDRESS_AT_END = re.compile(r"://[!-~]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The chat's own words in one language; names in braces are filled in by ``str.format``."""

    tagline: str
    log_in: str
    log_out: str
    library_choice: str
    library_help: str
    library_shown: str
    all_done: str
    all_cancelled: str
    language: str
    ask: str
    greeting: str
    greeting_detail: str
    empty: str
    empty_upload: str
    empty_command: str
    opening: str
    searching: str
    writing: str
    stopped: str
    page: str
    pages: str
    score: str
    section: str
    sources: str
    disagree: str
    unsupported: str
    underlined: str
    found: str
    nearest: str
    nearest_too: str
    how_found: str
    step: str
    chunks_out: str
    milliseconds: str
    threshold: str
    no_threshold: str
    no_reranker: str
    hits: str
    document: str
    vectors: str
    words: str
    reranked: str
    verdict: str
    kept: str
    dropped: str
    new_conversation: str
    upload: str
    upload_help: str
    adding: str
    added: str
    updated: str
    unchanged: str
    skipped: str
    some_added: str
    some_unchanged: str
    some_renamed: str
    nothing_in: str
    warned: str
    documents: str
    one_page: str
    some_pages: str
    one_chunk: str
    some_chunks: str
    comma: str
    semicolon: str
    colon: str
    stops: tuple[str, ...]
    more: str
    show_more: str
    answers: str
    by_model: str
    by_quotes: str
    models: str
    html_language: str
    views: Mapping[str, str]
    space: str
    waiting: str
    preparing: str
    stop: str
    show_page: str
    in_numbers: str
    detail: str
    story_found: str
    story_read: str
    story_kept: str
    story_none: str
    story_best: str
    story_time: str
    copy: str
    regenerate: str
    edit: str
    edit_cuts: str
    ask_again: str
    cancel: str
    note: str
    suggested: str
    about: str
    history: str
    search_history: str
    nothing_found: str
    this_conversation: str
    rename: str
    delete: str
    delete_asks: str
    delete_yes: str
    export: str
    export_rated: str
    export_rated_help: str
    known_name: str
    replace_old: str
    keep_both: str
    forget: str
    files_of: str
    cancelled: str
    some_kept: str
    cancelling: str
    source_gone: str
    source_changed: str
    stale: str
    save_file: str
    close: str
    page_before: str
    page_after: str
    page_of: str
    drawing: str
    not_found_on_page: str
    page_as_text: str
    page_in_chunks: str
    door_asks: str
    door_field: str
    enter: str
    door_wrong: str
    door_wait: str
    search_documents: str
    documents_found: str
    is_stale: str
    out_of_date: str
    from_folder: str
    add_samples: str
    add_samples_help: str
    folder: str
    folder_path: str
    folder_help: str
    add_folder: str
    no_folder: str
    pages_empty: str
    pages_failed: str
    pages_ocr: str
    read_again: str
    remove: str
    remove_asks: str
    remove_yes: str
    settings_search: str
    settings_search_detail: str
    threshold_own: str
    threshold_none: str
    use_own_threshold: str
    least_score: str
    least_score_help: str
    keep: str
    keep_help: str
    settings_model: str
    settings_model_detail: str
    model_address: str
    model_address_help: str
    model_name: str
    model_name_help: str
    model_key: str
    model_key_help: str
    support: str
    support_help: str
    model_try: str
    model_use: str
    model_none: str
    model_unnamed: str
    model_trying: str
    model_answers: str
    model_saved: str
    model_left: str
    settings_models_detail: str
    pair: str
    embedder: str
    reranker: str
    library_folder: str
    of_streamlit: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, told: Message) -> str:
        """Say a message that stands alone: it begins as a sentence does, unless by a name."""
        said = self.say(told)
        by_name = self._begins_by_name(told)
        closed = said.endswith(self.stops) or _ADDRESS_AT_END.search(said)
        ended = said if closed else said + self.stops[0]
        return ended if by_name else ended[:1].upper() + ended[1:]

    def _begins_by_name(self, told: Message) -> bool:
        begins = _FACT_AT_START.match(self.messages.get(told.code, told.english))
        fact = told.facts.get(begins[1]) if begins else None
        return self._begins_by_name(fact) if isinstance(fact, Message) else begins is not None

    def say(self, told: Message) -> str:
        """Say a message in this language; one that has no translation is said in English."""
        return translated(told, self.messages)
