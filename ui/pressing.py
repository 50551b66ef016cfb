"""What happens when something in our own HTML is pressed (wires.py)."""

from urllib.parse import parse_qs

from bifolio.ui.conversation import ask
from bifolio.ui.opened import Shelf
from bifolio.ui.state import VIEWS, Beside, Session


def press(action: str, shelf: Shelf, now: Session) -> None:
    """Do what an action names; one that names nothing does nothing: any browser can send it."""
    kind, _, value = action.partition(":")
    opened = shelf.home
    if kind == "close":
        now.close()
    elif kind == "view" and value in VIEWS:
        now.turn_to(value)
    elif kind == "chat" and opened.chats.conversation(value, owner=now.owner):
        _open_chat(value, shelf, now)
    elif kind == "address":
        _go_to(value, shelf, now)
    elif kind == "source":
        _open_source(value, shelf, now)
    elif kind == "document":
        _open_document(value, shelf, now)
    elif kind == "suggested" and value.isdecimal() and int(value) < len(now.suggestions):
        ask(shelf, now, now.suggestions[int(value)])


def _go_to(query: str, shelf: Shelf, now: Session) -> None:
    """Go where an address of this page leads, as when the browser goes back."""
    asked = parse_qs(query.removeprefix("?"))
    chat, view = asked.get("chat", [""])[-1], asked.get("view", ["chat"])[-1]
    if chat and shelf.home.chats.conversation(chat, owner=now.owner):
        _open_chat(chat, shelf, now)
    else:
        now.open_chat("")
    if view in VIEWS:
        now.view = view


def _open_chat(chat: str, shelf: Shelf, now: Session) -> None:
    """Open a conversation, and choose the libraries again that were asked in it last."""
    now.open_chat(chat)
    replies = [exchange.reply for exchange in shelf.home.chats.exchanges(chat)]
    last = next((reply for reply in reversed(replies) if reply), None)
    if last:
        names = {str(path): name for name, path in shelf.served.items()}
        others = [names[folder] for folder in last.libraries if folder in names]
        now.libraries = (shelf.asked[0], *others)
        now.recalled = True


def _open_document(value: str, shelf: Shelf, now: Session) -> None:
    """Open a document by the place of its library among those that are asked, and its path."""
    place, _, path = value.partition(":")
    if not place.isdecimal() or int(place) >= len(shelf.asked):
        return
    library = shelf.open(shelf.asked[int(place)]).library
    if any(entry.path == path for entry in library.documents()):
        folder = "" if library is shelf.home.library else str(library.folder)
        now.beside = Beside(path=path, page=1, library=folder)


def _open_source(value: str, shelf: Shelf, now: Session) -> None:
    exchange_id, _, marker = value.partition(":")
    for exchange in shelf.home.chats.exchanges(now.chat):
        reply = exchange.reply
        if reply is None or str(exchange.id) != exchange_id:
            continue
        for source in reply.every_source:
            if str(source.marker) == marker:
                now.beside = Beside(
                    path=source.path, page=source.pages[0], source=source, library=source.library
                )
