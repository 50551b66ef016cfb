"""Answers that are being made: each in a thread of its own, for whoever looks at it."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bifolio.answers.answer import Answer, Turn
from bifolio.askable import Askable
from bifolio.chats import Chats, Exchange, reply_of
from bifolio.ingest import BifolioError, Message, message
from bifolio.libraries import Libraries
from bifolio.library import Library
from bifolio.retrieval import DEFAULT_OPTIONS, SearchOptions
from bifolio.warming import Ready

# More at once would only make each other slow: a search takes all cores.
_AT_ONCE = 4
# Earlier turns that a language model is told; more would crowd out the passages.
_TURNS = 6
# Seconds after which it is looked whether somebody stopped what waits.
_LOOK = 0.2
UNEXPECTED = message(
    "unexpected", "something went wrong that should not; the details are in the server's log"
)
_log = logging.getLogger(__name__)

Stage = Literal["waiting", "preparing", "searching", "reading", "writing"]


@dataclass(frozen=True, slots=True)
class Coming:
    """How far an answer has come: ``text`` is what there is of it, from ``passages`` passages."""

    exchange: int
    stage: Stage = "waiting"
    passages: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question on its way."""

    conversation: str
    exchange: int
    question: str
    turns: Sequence[Turn]
    others: Sequence[Library]
    options: SearchOptions


class Answers:
    """The answers that one library is making; what comes of them is kept in its conversations.

    They begin when the models are ``ready``.
    """

    def __init__(self, library: Library, chats: Chats, *, ready: Ready | None = None) -> None:
        self._library, self._chats, self._ready = library, chats, ready
        self._lock = threading.Lock()
        self._turn = threading.Semaphore(_AT_ONCE)
        self._coming: dict[str, Coming] = {}
        self._none_left = threading.Condition(self._lock)

    def start(
        self,
        conversation: str,
        question: str,
        *,
        before: Sequence[Exchange] = (),
        others: Sequence[Library] = (),
        options: SearchOptions = DEFAULT_OPTIONS,
    ) -> bool:
        """Put a question to the library, and to ``others`` together with it.

        False if one of this conversation is being answered.
        """
        with self._lock:
            if conversation in self._coming:
                return False
            exchange = self._chats.ask(conversation, question)
            self._coming[conversation] = Coming(exchange)
        turns = [Turn(past.question, past.reply.text) for past in before if past.reply]
        threading.Thread(
            target=self._answer,
            args=(_Asked(conversation, exchange, question, turns[-_TURNS:], others, options),),
            name=f"answer-{exchange}",
            daemon=True,
        ).start()
        return True

    def coming(self, conversation: str) -> Coming | None:
        """Tell how far the answer of a conversation has come, if one is being made."""
        with self._lock:
            return self._coming.get(conversation)

    def stop(self, conversation: str) -> None:
        """Stop an answer; what there is of it stays."""
        with self._lock:
            coming = self._coming.pop(conversation, None)
            self._none_left.notify_all()
        if coming:
            self._chats.finish(coming.exchange, state="stopped", partial=coming.text)

    def wait(self, seconds: float) -> bool:
        """Wait until no answer is being made, so long at most; tell whether that is so."""
        with self._lock:
            return self._none_left.wait_for(lambda: not self._coming, seconds)

    def _answer(self, asked: _Asked) -> None:
        problem: Message | None = None
        answer: Answer | None = None
        try:
            with self._turn:
                answer = self._follow(asked)
        except BifolioError as refused:
            problem = refused.message
        except Exception:
            # A traceback tells a reader nothing, and may tell a stranger too much.
            _log.exception("a question could not be answered")
            problem = UNEXPECTED
        if not self._is_wanted(asked.conversation, asked.exchange):
            return
        try:
            if answer:
                reply = reply_of(answer, home=str(self._library.folder))
                self._chats.finish(asked.exchange, state="done", reply=reply)
            else:
                told = problem or UNEXPECTED
                self._chats.finish(asked.exchange, state="failed", problem=told)
        except Exception:
            _log.exception("an answer could not be kept")
        finally:
            with self._lock:
                self._coming.pop(asked.conversation, None)
                self._none_left.notify_all()

    def _follow(self, asked: _Asked) -> Answer | None:
        """Follow an answer as it comes; None when it was stopped."""
        if not self._prepare(asked):
            return None
        now = Coming(asked.exchange, "searching")
        library: Askable = self._library
        if asked.others:
            library = Libraries([self._library, *asked.others])
        stream = library.stream(asked.question, history=asked.turns, options=asked.options)
        if not self._tell(asked.conversation, now):
            return None
        for event in stream:
            if isinstance(event, Answer):
                return event
            if isinstance(event, str):
                now = replace(now, stage="writing", text=now.text + event)
            else:
                now = replace(now, stage="reading", passages=len(event))
            if not self._tell(asked.conversation, now):
                return None
        return None

    def _prepare(self, asked: _Asked) -> bool:
        """Wait for the models; False if the answer was stopped meanwhile."""
        while self._ready and not self._ready.wait(_LOOK):
            if not self._tell(asked.conversation, Coming(asked.exchange, "preparing")):
                return False
        return True

    def _tell(self, conversation: str, now: Coming) -> bool:
        """Note how far the answer has come; False if nobody wants it any more."""
        with self._lock:
            coming = self._coming.get(conversation)
            if coming is None or coming.exchange != now.exchange:
                return False
            self._coming[conversation] = now
            return True

    def _is_wanted(self, conversation: str, exchange: int) -> bool:
        coming = self.coming(conversation)
        return coming is not None and coming.exchange == exchange
