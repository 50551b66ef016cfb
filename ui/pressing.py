"""What happens when something in our own HTML is pressed (wires.py)."""

from itertools import chain

from bifolio.ui.conversation import ask
from bifolio.ui.opened import Opened
from bifolio.ui.state import Beside, Session


def press(action: str, opened: Opened, now: Session) -> None:
    """Do what an action names; one that names nothing does nothing: any browser can send it."""
    kind, _, value = action.partition(":")
    if kind == "close":
        now.beside = None
    elif kind == "chat" and opened.chats.conversation(value, owner=now.owner):
        now.open_chat(value)
    elif kind == "source":
        _open_source(value, opened, now)
    elif kind == "document":
        if any(entry.path == value for entry in opened.library.documents()):
            now.beside = Beside(path=value, page=1)
    elif kind == "suggested" and value.isdecimal() and int(value) < len(now.suggestions):
        ask(opened, now, now.suggestions[int(value)])


def _open_source(value: str, opened: Opened, now: Session) -> None:
    exchange_id, _, marker = value.partition(":")
    for exchange in opened.chats.exchanges(now.chat):
        reply = exchange.reply
        if reply is None or str(exchange.id) != exchange_id:
            continue
        sources = (*reply.sources, *reply.shown, *chain.from_iterable(reply.disagreements))
        for source in sources:
            if str(source.marker) == marker:
                now.beside = Beside(path=source.path, page=source.pages[0], source=source)
