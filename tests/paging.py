"""The page run by Streamlit's test harness, and what tests of it share."""

import time
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from chatting import PATIENCE
from streamlit.testing.v1 import AppTest

import bifolio.ui

SCRIPT = Path(bifolio.ui.__file__).with_name("streamlit_app.py")
HOSTILE = "![a](http://evil.test/a.png) <img src=http://evil.test/b.png> :material/home:"


class ParrotModel:
    """A language model that cites nothing and says what it is told to."""

    name = "parrot"

    def __init__(self, *replies: str | Exception) -> None:
        self.replies = replies
        self.heard: list[Sequence[Any]] = []

    def stream(self, messages: Sequence[Any]) -> Iterator[str]:
        self.heard.append(messages)
        for reply in self.replies:
            if isinstance(reply, Exception):
                raise reply
            yield reply


def page(**asked: str) -> AppTest:
    """Open the page by an address that asks for this."""
    app = AppTest.from_file(str(SCRIPT), default_timeout=PATIENCE)
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def ask(app: AppTest, question: str) -> AppTest:
    return settled(app.chat_input[0].set_value(question).run())


def settled(app: AppTest) -> AppTest:
    """Look again until neither an answer nor an upload is under way."""
    busy = {"stop", "upload-cancel"}
    return awaited(app, lambda: not busy & {one.key for one in app.button})


def awaited(app: AppTest, holds: Callable[[], bool]) -> AppTest:
    """Look again until something holds, as a browser does."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)
        app.run()
    return app


class _Words(HTMLParser):
    words = ""

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


def shown(element: Any) -> str:
    """Give the words that an element and those inside it show."""
    reader = _Words()
    for block in element.get("html"):
        reader.feed(block.proto.body)
    return " ".join(reader.words.split())


def last(app: AppTest) -> str:
    return shown(app.chat_message[-1])


def go_to(app: AppTest, view: str) -> AppTest:
    return app.button(key=f"view-{view}").click().run()
