"""Why a file cannot be read, where several readers say the same."""

from bifolio.ingest.message import Message, message

CUT_OFF = message("cut-off", "its end is missing or damaged; save or fetch it anew")
LOCKED = message("locked", "it needs a password; save a copy without one")
NOT_A_FILE = message("not-a-file", "not a regular file; give a document")
NO_TEXT = message("no-text", "there is no text in it")


def too_deep(what: Message) -> Message:
    """Say that things stand in each other without end."""
    return message("too-deep", "{what} is nested too deeply; simplify it", what=what)


def not_readable(kind: Message, problem: BaseException) -> Message:
    """Say that a library could not read a file of its kind."""
    return message(
        "not-readable",
        "it is not a readable {kind} ({problem}); open and save it anew",
        kind=kind,
        problem=" ".join(str(problem).split())[:120] or type(problem).__name__,
    )


def hidden(count: int) -> Message:
    """Say how many pieces of text nobody was meant to see."""
    return message("hidden-text", "{count} pieces of hidden text were left out", count=count)


def struck(count: int) -> Message:
    """Say how many pieces of text were struck out, and so hold no longer."""
    return message("struck-out", "{count} pieces of struck-out text were left out", count=count)
