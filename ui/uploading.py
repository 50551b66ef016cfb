"""Files that are given to the library, and the queue in which they are added."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from bifolio import Entry
from bifolio.jobs import Task
from bifolio.ui.opened import Opened
from bifolio.ui.texts import Texts
from bifolio.ui.trouble import acting
from bifolio.ui.view import note_html, status_html
from bifolio.ui.view_documents import outcome
from bifolio.ui.words import escaped, file_name

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_PAUSE, _SELDOM = 0.5, 3
# So many outcomes are told one by one, and so many of those that are good.
_TOLD, _FEW = 30, 3


def take_uploads(opened: Opened, tasks: Sequence[Task], texts: Texts) -> None:
    """Take files and put them into the queue; of a name that is known it is asked what to do.

    ``tasks`` are those of before the page read its documents: what ends after that is drawn again.
    """
    state = st.session_state
    round_ = state.setdefault("upload-round", 0)
    held: list[tuple[str, bytes]] = state.setdefault("held", [])
    taken: set[str] = state.setdefault("taken", set())
    key = f"upload-{round_}"

    def _take_all() -> None:
        # A browser that has not been given the next field yet tells of the same files once more.
        files = [file for file in state.get(key) or [] if file.file_id not in taken]
        taken.update(file.file_id for file in files)
        # A new key empties the field.
        state["upload-round"] = round_ + 1
        with opened.uploads.together():
            known = [entry for entry in opened.library.documents() if entry.uploaded]
            for file in files:
                _take(file, known, held, opened)

    st.file_uploader(
        texts.upload,
        accept_multiple_files=True,
        key=key,
        help=texts.upload_help,
        on_change=acting(_take_all),
    )
    if held:
        _ask_about(held, opened, texts)
    show_queue(opened, tasks, texts)


def _take(
    file: "UploadedFile", known: Sequence[Entry], held: list[tuple[str, bytes]], opened: Opened
) -> None:
    name, data = file_name(file.name), file.getvalue()
    is_there = any(entry.sha256 == hashlib.sha256(data).hexdigest() for entry in known)
    if not is_there and any(entry.path == name for entry in known):
        held.append((file.name, data))
    else:
        opened.uploads.upload(file.name, data)


def _ask_about(held: list[tuple[str, bytes]], opened: Opened, texts: Texts) -> None:
    names = texts.comma.join(dict.fromkeys(file_name(name) for name, _ in held[:5]))
    st.html(note_html("warning", texts.known_name.format(names=names, count=len(held))))
    with st.container(horizontal=True):
        replaces = acting(_upload, held, opened, replaces=True)
        st.button(texts.replace_old, key="upload-replace", type="primary", on_click=replaces)
        keeps = acting(_upload, held, opened, replaces=False)
        st.button(texts.keep_both, key="upload-keep", on_click=keeps)
        st.button(texts.cancel, key="upload-leave", on_click=acting(held.clear))


def _upload(held: list[tuple[str, bytes]], opened: Opened, *, replaces: bool) -> None:
    with opened.uploads.together():
        while held:
            name, data = held.pop(0)
            opened.uploads.upload(name, data, replaces=replaces)


def show_queue(opened: Opened, tasks: Sequence[Task], texts: Texts) -> None:
    """Show the queue; while something is in it, it is drawn again and again by itself."""
    if any(task.is_open for task in tasks):
        _watch(opened, texts, has_stored=_has_stored(tasks))
    elif tasks:
        _tell(tasks, texts)
        forgets = acting(opened.uploads.forget)
        st.button(texts.forget, key="upload-forget", type="tertiary", on_click=forgets)


@st.fragment(run_every=_SELDOM)
def await_first(opened: Opened) -> None:
    """Draw the page anew when somebody else begins to fill the library that it shows as empty."""
    if opened.library.documents() or any(task.is_open for task in opened.uploads.tasks()):
        st.rerun()


def _has_stored(tasks: Sequence[Task]) -> bool:
    """Tell whether something is in the library already of what is being added."""
    round_ = tasks[-1].round if tasks else 0
    return any(task.stored for task in tasks if task.round == round_)


@st.fragment(run_every=_PAUSE)
def _watch(opened: Opened, texts: Texts, *, has_stored: bool) -> None:
    tasks = opened.uploads.tasks()
    left = [task for task in tasks if task.is_open]
    # With the first of many an empty library can be asked.
    if not left or (_has_stored(tasks) and not has_stored):
        st.rerun()
    st.html(status_html(_progress(tasks, texts)))
    # What ended before these came is no part of their progress.
    tasks = tuple(task for task in tasks if task.round == left[0].round)
    working = _working(left)
    if working.leaving:
        return
    st.progress((len(tasks) - len(left) + working.share) / len(tasks))
    st.button(texts.cancel, key="upload-cancel", on_click=acting(opened.uploads.cancel))


@st.fragment(run_every=_PAUSE)
def tell_progress(opened: Opened, texts: Texts) -> None:
    """Tell how far uploads have come where a telephone hides the sidebar, in which they stand."""
    tasks = opened.uploads.tasks()
    if any(task.is_open for task in tasks):
        st.html(status_html(_progress(tasks, texts)))


def _progress(tasks: Sequence[Task], texts: Texts) -> str:
    """Say what is being added, and how many of those that came with it are done."""
    left = [task for task in tasks if task.is_open]
    working = _working(left)
    if working.leaving:
        return texts.cancelling
    said = texts.adding.format(name=file_name(working.name))
    if working.total > 1:
        said += f" ({texts.files_of.format(done=working.done + 1, total=working.total)})"
    total = sum(task.round == left[0].round for task in tasks)
    if total > 1:
        said = f"{texts.files_of.format(done=total - len(left) + 1, total=total)} · {said}"
    return said


def _working(left: Sequence[Task]) -> Task:
    return next((task for task in left if task.state == "working"), left[0])


def _tell(tasks: Sequence[Task], texts: Texts) -> None:
    """Tell what became of each file; of many, what went wrong comes first.

    What was added or cancelled before the last of them came has been told.
    """
    last = tasks[-1].round
    tasks = tuple(
        task
        for task in tasks
        if task.round == last or not (task.is_good or task.state == "cancelled")
    )
    cancelled = [task for task in tasks if task.state == "cancelled" and not task.stored]
    if len(cancelled) > _FEW:
        st.html(note_html("warning", texts.all_cancelled.format(count=len(cancelled))))
        tasks = tuple(task for task in tasks if task not in cancelled)
    told = sorted((_told(task, texts) for task in tasks), key=lambda one: one[0] == "info")
    good = sum(kind == "info" for kind, _ in told)
    if good > _FEW:
        told = [*told[: len(told) - good], ("info", texts.all_done.format(count=good))]
    for kind, sentence in told[:_TOLD]:
        st.html(note_html(kind, sentence))
    if len(told) > _TOLD:
        rest = escaped(texts.more.format(count=len(told) - _TOLD))
        st.html(f'<p class="bf-facts">{rest}</p>')


def tell_task(opened: Opened, id_: int, name: str, texts: Texts) -> None:
    """Tell what became of one task, where there is one of that name."""
    task = next((task for task in opened.uploads.tasks() if task.id == id_), None)
    if task and task.name == name and not task.is_open:
        st.html(note_html(*_told(task, texts)))


def _told(task: Task, texts: Texts) -> tuple[str, str]:
    if task.report is None:
        said = texts.say(task.problem) if task.problem else texts.cancelled
        if task.stored:
            kept = texts.some_kept.format(count=task.stored, total=task.total)
            said = f"{said}{texts.semicolon}{kept}"
        kind = "error" if task.problem else "warning"
        return kind, f"{file_name(task.name)}{texts.colon}{said}"
    return "info" if task.is_good else "warning", outcome(task.name, task.report, texts)
