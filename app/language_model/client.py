"""Any OpenAI-compatible language model, streamed."""

import queue
import socket
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from typing import Any

from bifolio.ingest import Message, message
from bifolio.language_model.events import ServerEvent, server_events
from bifolio.language_model.model import ChatMessage
from bifolio.language_model.refusals import Refused, address, refused, reported
from bifolio.language_model.server_reply import ServerReply
from bifolio.language_model.troubles import (
    IncompleteReply,
    LanguageModelError,
    ReplyTrouble,
)
from bifolio.language_model.window import context_window

# Seconds to the first word and between two: a CPU reads thousands of tokens before its first.
FIRST_SECONDS, IDLE_SECONDS = 180.0, 60.0
_CONNECT = 10.0  # seconds
# To tell its window a server has so long for a page, and for all that are asked.
_PAGE_SECONDS, _WINDOW_SECONDS = 3.0, 5.0
# What a server may still send behind its last word: counts of tokens, the closing of the stream.
_GRACE = 1.0
RETRIES = 2


class OpenAIModel:
    """A model behind the chat completions interface of OpenAI, wherever it runs.

    ``first`` seconds may pass before the first word or thought, ``idle`` between two of them.
    What fails before the first word for a while (a busy or a starting server) is tried
    ``retries`` times more, after the pause that the server asks for.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None,
        api_key: str | None,
        first: float = FIRST_SECONDS,
        idle: float = IDLE_SECONDS,
        retries: int = RETRIES,
    ) -> None:
        self.name = name
        self._base_url = base_url
        self._api_key = api_key
        self._first = first
        self._idle = idle
        self._retries = retries

    @cached_property
    def window(self) -> int | None:
        """How many tokens the model reads and writes at once; None where its server is silent."""
        if not self._base_url:
            return None
        told: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        with self._client(_PAGE_SECONDS) as client:
            threading.Thread(
                target=lambda: told.put(context_window(client, self.name)),
                name="context window",
                daemon=True,
            ).start()
            # A page that comes byte by byte keeps the time of each read.
            try:
                return told.get(timeout=_WINDOW_SECONDS)
            except queue.Empty:
                return None

    def stream(self, messages: Sequence[ChatMessage]) -> Iterator[str]:
        """Yield the reply's text as it comes.

        Raises:
            LanguageModelError: before the first piece or between two; IncompleteReply where the
                text so far stands, ContextExceeded where fewer passages may help.
        """
        for attempt in range(self._retries + 1):
            started = False
            try:
                with closing(self._reply(messages)) as pieces:
                    for piece in pieces:
                        started = True
                        yield piece
                return
            except Refused as problem:
                pause = problem.pause(attempt)
                if started or pause is None or attempt == self._retries:
                    raise self._error(problem) from problem
            except ReplyTrouble as problem:
                raise self._error(problem) from problem
            time.sleep(pause)

    def _reply(self, messages: Sequence[ChatMessage]) -> Generator[str, None, None]:
        reply = ServerReply()
        try:
            with closing(self._events(messages, reply)) as events:
                yield from reply.text(events)
        except ReplyTrouble:
            # Behind its last word a server owes nothing.
            if not (reply.ended and reply.progress):
                raise
            yield from reply.text(())

    def _events(
        self, messages: Sequence[ChatMessage], reply: ServerReply
    ) -> Generator[ServerEvent, None, None]:
        """Yield the events, each within its time, which a socket's own time-out cannot hold."""
        exchange = _Exchange(lambda: self._client(max(self._first, self._idle)))
        threading.Thread(
            target=exchange.run, args=(self.name, messages), name="language model", daemon=True
        ).start()
        try:
            seen, since = -1, time.monotonic()
            while True:
                if reply.progress > seen:
                    seen, since = reply.progress, time.monotonic()
                limit = _GRACE if reply.ended else self._idle if seen else self._first
                event = exchange.next(since + limit - time.monotonic())
                if event is None:
                    return
                yield event
        except queue.Empty:
            raise _too_slow(started=reply.progress > 0, limit=limit) from None
        finally:
            exchange.stop()

    def _client(self, seconds: float) -> Any:
        import openai

        timeout = openai.Timeout(seconds, connect=min(_CONNECT, seconds))
        return openai.OpenAI(
            base_url=self._base_url,
            # A local server wants no key, but the client wants one.
            api_key=self._api_key or ("none" if self._base_url else None),
            timeout=timeout,
            # The documents' words go to the server that is set, and to no other.
            http_client=openai.DefaultHttpxClient(timeout=timeout, follow_redirects=False),
            max_retries=0,  # ours know whether a word was said already
        )

    def _error(self, problem: ReplyTrouble) -> LanguageModelError:
        why = _without(self._api_key, problem.why) if self._api_key else problem.why
        if "model" in why.facts:
            why = replace(why, facts={**why.facts, "model": self.name})
        sentence = "the language model at {address} {why}"
        told = message("model-trouble", sentence, address=address(self._base_url), why=why)
        return problem.kind(told)


class _Exchange:
    """One request in a thread of its own, so that no wait for the server is without end."""

    def __init__(self, client: Any) -> None:
        self._make_client = client
        self._inbox: queue.SimpleQueue[ServerEvent | Exception | None] = queue.SimpleQueue()
        self._response: Any = None
        self._stopped = False

    def run(self, model: str, messages: Sequence[ChatMessage]) -> None:
        """Ask, and put what comes into the inbox; None is the end."""
        try:
            with (
                self._make_client() as client,
                client.chat.completions.with_streaming_response.create(
                    model=model, messages=list(messages), stream=True
                ) as response,
            ):
                self._response = response.http_response
                for event in server_events(self._bytes()):
                    self._inbox.put(event)
            self._inbox.put(None)
        except ReplyTrouble as problem:
            self._inbox.put(problem)
        except Exception as problem:  # any, told by the thread that waits
            self._inbox.put(refused(problem))

    def next(self, seconds: float) -> ServerEvent | None:
        """Wait for the next event.

        Raises:
            queue.Empty: none came in time.
            ReplyTrouble: the request failed.
        """
        event = self._inbox.get(timeout=max(seconds, 0.0))
        if isinstance(event, Exception):
            raise event
        return event

    def stop(self) -> None:
        """Cut the connection, which ends the thread; it closes stream and client itself."""
        self._stopped = True
        stream = self._response and self._response.extensions.get("network_stream")
        wire = stream.get_extra_info("socket") if stream else None
        if wire is not None:
            try:
                wire.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it was closed already

    def _bytes(self) -> Iterator[bytes]:
        try:
            for piece in self._response.iter_bytes():
                if self._stopped:
                    return
                yield piece
        except Exception as problem:  # of the network, or of its encoding
            raise reported(problem) from problem


def _too_slow(*, started: bool, limit: float) -> ReplyTrouble:
    if started:
        why = message("reply-stalled", "fell silent for {seconds:g} seconds", seconds=limit)
        return ReplyTrouble(why, IncompleteReply)
    sentence = "did not answer in time ({seconds:g} seconds); try again, or check the server"
    return ReplyTrouble(message("no-answer-in", sentence, seconds=limit))


def _without(secret: str, told: Message) -> Message:
    """Take a secret out of what a server said."""

    def _clear(fact: object) -> object:
        if isinstance(fact, Message):
            return _without(secret, fact)
        return fact.replace(secret, "***") if isinstance(fact, str) else fact

    return replace(told, facts={name: _clear(fact) for name, fact in told.facts.items()})
