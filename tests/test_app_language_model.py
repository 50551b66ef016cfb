"""The OpenAI client against a scripted server on loopback: what users read when it fails."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from bifolio import LanguageModelError, Settings
from bifolio.language_model import (
    ContextExceeded,
    EmptyReply,
    IncompleteReply,
    OpenAIModel,
)

KEY = "sk-canary-0123456789"
ASKED = [{"role": "user", "content": "Hello?"}]


Script = Sequence[bytes | float]


class Served:
    """A server that plays one script for each request, the last one again and again.

    A script is bytes to send as they are and seconds to wait; behind it the connection ends.
    """

    def __init__(self, scripts: Sequence[Script]) -> None:
        self.scripts = scripts
        self.requests: list[bytes] = []
        self.left = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            script = self.scripts[min(len(self.requests), len(self.scripts) - 1)]
            self._threads.append(threading.Thread(target=self._play, args=(wire, script)))
            self._threads[-1].start()

    def _play(self, wire: socket.socket, script: Script) -> None:
        with wire:
            self.requests.append(_request(wire))
            try:
                for step in script:
                    if isinstance(step, bytes):
                        wire.sendall(step)
                        continue
                    wire.settimeout(step)
                    try:
                        if not wire.recv(1):
                            self.left.set()
                            return
                    except TimeoutError:
                        continue
            except OSError:
                self.left.set()


def _request(wire: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += wire.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    while length and len(body) < int(length[1]):
        body += wire.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def playing(*scripts: Script) -> Iterator[Served]:
    """Serve the scripts, one for each request."""
    served = Served(scripts)
    try:
        yield served
    finally:
        served.stop()


def head(status: int = 200, kind: str = "text/event-stream", more: str = "") -> bytes:
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{more}Connection: close\r\n\r\n".encode()
    )


@contextmanager
def serving(status: int, body: str, kind: str = "text/event-stream") -> Iterator[str]:
    """Serve one reply to every request; gives the base URL."""
    with playing([head(status, kind), body.encode()]) as served:
        yield served.url


def event(text: str) -> str:
    return chunk({"content": text})


def chunk(delta: Any, finish: Any = None, **more: Any) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, **more}
    return line({"id": "1", "object": "chat.completion.chunk", "choices": [choice]})


def line(data: Any) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


DONE = "data: [DONE]\n\n"
STOP = chunk({}, "stop")


def ask(url: str, **options: Any) -> str:
    return "".join(OpenAIModel("m", base_url=url, api_key=KEY, **options).stream(ASKED))


def broken(url: str, **options: Any) -> tuple[str, LanguageModelError]:
    """Give the text that came, and the trouble behind it."""
    pieces: list[str] = []
    stream = OpenAIModel("m", base_url=url, api_key=KEY, **options).stream(ASKED)
    with pytest.raises(LanguageModelError) as caught:
        pieces.extend(stream)
    assert str(caught.value).startswith(f"the language model at {url} ")
    return "".join(pieces), caught.value


def test_a_reply_comes_in_pieces() -> None:
    with serving(200, event("七") + event(" o'clock") + "data: [DONE]\n\n") as url:
        pieces = list(OpenAIModel("m", base_url=url, api_key=None).stream(ASKED))
    assert pieces == ["七", " o'clock"]


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "OPENAI_API_KEY"),
        (403, "OPENAI_API_KEY"),
        (404, "BIFOLIO_LLM"),
        (429, "later"),
        (500, "log"),
    ],
)
def test_each_refusal_says_what_to_check_and_never_the_key(status: int, remedy: str) -> None:
    body = json.dumps({"error": {"message": f"no, {KEY}"}})
    with (
        serving(status, body, "application/json") as url,
        pytest.raises(LanguageModelError) as caught,
    ):
        ask(url)
    assert remedy in str(caught.value)
    assert KEY not in str(caught.value)
    assert KEY not in repr(caught.value.message)


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(LanguageModelError, match=r"127\.0\.0\.1:9/v1 cannot be reached"):
        ask("http://127.0.0.1:9/v1")


def test_a_page_of_html_is_no_reply() -> None:
    with serving(200, "data: <html>\n\n") as url, pytest.raises(LanguageModelError, match="page"):
        ask(url)


def test_settings_do_not_show_the_key() -> None:
    assert KEY not in repr(Settings.from_env({"OPENAI_API_KEY": KEY}))


@pytest.mark.parametrize(
    "body",
    [
        event("80 euros") + STOP,
        event("80 euros") + DONE,
        event("80 euros") + chunk(None, "stop") + DONE,
        chunk({"role": "assistant", "content": None}) + event("80 ") + event("euros") + DONE,
        event("80 euros") + line({"choices": None, "usage": {"total_tokens": 3}}) + DONE,
        event("80 euros") + line({"choices": [], "usage": None}) + DONE,
        chunk({"reasoning_content": "Hm."}) + event("80 euros") + DONE,
        chunk({"content": "", "reasoning": "Hm."}) + event("80 euros") + DONE,
        chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]})
        + chunk({"content": [{"type": "text", "text": "80 euros"}]})
        + DONE,
        chunk({"content": ["80 ", {"type": "output_text", "text": "euros"}]}) + DONE,
        line({"choices": [{"index": 0, "message": {"content": "80 euros"}}]}) + DONE,
        line({"choices": [{"message": {"content": "80 "}}]})
        + line({"choices": [{"message": {"content": "euros"}}]})
        + DONE,
        event("80 euros") + line({"choices": [{"message": {"content": "80 euros"}}]}) + DONE,
        line({"choices": [{"index": 0, "text": "80 euros", "finish_reason": "stop"}]}),
        line({"choices": [{"index": 1, "delta": {"content": "no"}}]}) + event("80 euros") + DONE,
        ": ping\n\nevent: ping\ndata: {}\n\n" + event("80 euros") + DONE,
        (event("80 ") + event("euros") + DONE).replace("\n\n", "\n"),
        (event("80 ") + event("euros") + DONE).replace("\n", "\r\n"),
        (event("80 euros") + DONE).replace("data: ", "data:"),
        "\ufeff" + event("80 euros") + DONE,
        event("80 euros") + chunk({}, "stop", error=None) + DONE,
        json.dumps({"choices": [{"message": {"content": "80 euros"}, "finish_reason": "stop"}]}),
        json.dumps(
            {"choices": [{"message": {"content": "80 euros"}, "finish_reason": "stop"}]}, indent=2
        ),
        '{"message": {"content": "80 "}, "done": false}\n'
        '{"message": {"content": "euros"}, "done": true, "done_reason": "stop"}\n',
        line({"content": "80 ", "stop": False}) + line({"content": "euros", "stop": True}),
        chunk({"content": "80 "}, "null") + chunk({"content": "euros"}, "null") + STOP,
        chunk("80 euros", None) + chunk("", "stop"),
        line({"choices": {"index": "0", "delta": {"content": "80 euros"}, "finishReason": "stop"}}),
        line({"output": {"choices": [{"message": {"content": "80 euros"}}]}}) + DONE,
        event("80 euros") + "data: [done]\n\n",
        event("80 euros") + 'data: "[DONE]"\n\n',
        event("80 euros") + "[DONE]\n",
        event("80\x1b\x07 eu\u202eros") + STOP,
        "data: ping\n\n" + event("80 euros") + "data: : PROCESSING\n\n" + STOP,
        event("80 ") + event("euros") + chunk({"content": "80 euros"}, "stop") + DONE,
        chunk({"content": 80}) + event(" euros") + STOP,
        line({"code": 0, "message": "Success", "choices": [{"delta": {"content": "80 euros"}}]})
        + DONE,
        event("80 euros")
        + line({"choices": [], "base_resp": {"status_code": 0, "status_msg": "success"}})
        + DONE,
        # With each piece all that came before.
        event("8") + event("80") + event("80 euro") + event("80 euros") + event("80 euros") + DONE,
        event("80 e") + event("80 euros") + DONE,
        # Pieces that only begin alike.
        event("8") + event("0") + event(" euros") + DONE,
        "\0\0" + event("80 ") + "\0\n\n" + event("euros") + "\0" + DONE,
    ],
)
def test_every_form_of_a_whole_reply_is_read(body: str) -> None:
    with serving(200, body) as url:
        assert ask(url) == "80 euros"


@pytest.mark.parametrize(
    "error",
    [
        line({"error": "the runner has stopped"}),
        line({"error": {"message": "the runner has stopped", "code": 500}}),
        "event: error\n" + line({"message": "the runner has stopped"}),
        line({"object": "error", "message": "the runner has stopped", "code": 400}),
        line({"type": "error", "error": {"type": "x", "message": "the runner has stopped"}}),
        line({"detail": [{"msg": "the runner has stopped"}]}),
        json.dumps({"error": {"message": "the runner has stopped"}}),
        json.dumps({"code": 17, "message": "the runner has stopped"}, indent=1),
        chunk({}, "error", error={"message": "the runner has stopped"}),
        'error: {"code": 500, "message": "the runner has stopped"}\n\n' + DONE,
        "error: the runner has stopped\n\n",
        "data: [ERROR] the runner has stopped\n\n" + DONE,
        "data: Error: the runner has stopped\n\n" + DONE,
        line({"choices": None, "base_resp": {"status_code": 1, "status_msg": "it has stopped"}}),
        line({"retcode": 102, "retmsg": "it has stopped", "data": None}),
    ],
)
def test_an_error_with_status_200_is_told_in_the_servers_words(error: str) -> None:
    with serving(200, error) as url:
        assert "has stopped" in str(broken(url)[1])
    if error.startswith(("data", "event", "error")):
        with serving(200, event("80 ") + error) as url:
            text, problem = broken(url)
        assert (text, "has stopped" in str(problem)) == ("80 ", True)


@pytest.mark.parametrize(
    ("body", "text", "why"),
    [
        (event("80 eu") + chunk({}, "length") + DONE, "80 eu", "length"),
        (event("80 eu") + chunk({}, "content_filter") + DONE, "80 eu", "content filter"),
        (event("80 eu") + chunk({}, "abort") + DONE, "80 eu", "stopped within its reply (abort)"),
        (event("80 eu"), "80 eu", "before its reply was complete"),
        (event("80 eu") + 'data: {"choices": [{"del', "80 eu", "broke off"),
        (event("80 eu") + 'data: {"choices": [\n\n', "80 eu", "broken reply"),
        (event("80 eu") + chunk({}, "content_filtered") + DONE, "80 eu", "content filter"),
        (event("80 eu") + chunk({}, "sensitive") + DONE, "80 eu", "content filter"),
        (event("80 eu") + chunk({}, "network_error") + DONE, "80 eu", "(network_error)"),
        (event("80 eu") + chunk({}, "error") + DONE, "80 eu", "with an error"),
        (event("80 eu") + chunk({}, "max_output_tokens") + DONE, "80 eu", "length"),
        ("data: ping\n\n", "", "no reply"),
        ("", "", "without a reply"),
        (DONE, "", "empty reply"),
        (event(" \n") + STOP, " \n", "empty reply"),
        (chunk({}, "content_filter") + DONE, "", "content filter"),
        (chunk({"reasoning_content": "Hm."}) + STOP, "", "thought, but wrote no answer"),
        (chunk({"reasoning": "Hm."}) + chunk({}, "length"), "", "length before its first word"),
        (chunk({"refusal": "I will not."}) + STOP, "", "declined to answer: I will not."),
        (chunk({"tool_calls": []}, "tool_calls"), "", "tool"),
        (chunk({"tool_calls": [{"index": 0, "function": {"name": "s"}}]}) + STOP, "", "tool"),
        (chunk({"function_call": {"name": "s"}}, "function_call"), "", "tool"),
        (event("80 eu") + chunk({}, "tool_calls"), "80 eu", "tool"),
        (chunk({"content": [{"type": "refusal", "refusal": "I will not."}]}) + STOP, "", "declin"),
        (event("80 eu") + chunk({}, {"type": "length"}), "80 eu", "length"),
        (line({"candidates": [{"content": {"parts": [{"text": "80"}]}}]}), "", "completions"),
        (line({"type": "content_block_delta", "delta": {"text": "80"}}), "", "completions"),
        ("<!doctype html><p>Welcome", "", "web page"),
        ("Internal Server Error", "", "no reply"),
        ("data: " + "[" * 100_000 + "\n\n", "", "broken reply"),
        (line({"error": "the request exceeds the available context size"}), "", "fewer"),
    ],
)
def test_each_broken_reply_says_what_the_server_did(body: str, text: str, why: str) -> None:
    with serving(200, body) as url:
        came, problem = broken(url, retries=0)
    assert came == text
    assert why in str(problem)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_question_is_not_sent_on_to_another_server(status: int) -> None:
    with playing([head(), (event("80") + STOP).encode()]) as other:
        there = other.url.replace("127.0.0.1", "localhost")
        with playing([head(status, more=f"Location: {there}/chat/completions?k=1\r\n")]) as served:
            _, problem = broken(served.url, retries=0)
    assert f"sends requests on to {there}/chat/completions; set OPENAI_BASE_URL" in str(problem)
    assert not other.requests


def test_a_refusal_in_html_is_told_without_its_page() -> None:
    with playing([head(405, "text/html"), b"<html><h1>Not Allowed</h1></html>"]) as served:
        _, problem = broken(served.url, retries=0)
    assert "refused the request (HTTP 405)" in str(problem)
    assert "<" not in str(problem)


def test_what_does_not_speak_http_is_no_server_that_is_away() -> None:
    with playing([b"SSH-2.0-OpenSSH\r\n"]) as served:
        _, problem = broken(served.url, retries=0)
    assert "gave no reply that can be read" in str(problem)


def test_white_space_without_end_is_no_first_word() -> None:
    with playing([head(), *([event("\n \n").encode(), 0.05] * 60)]) as served:
        text, problem = broken(served.url, first=0.5, idle=0.2, retries=0)
    assert not text.strip()
    assert "in time" in str(problem)


def test_a_connection_that_is_cut_keeps_the_text() -> None:
    begun = f"{len(event('80 ').encode()):x}\r\n{event('80 ')}\r\n".encode()
    with playing([head(more="Transfer-Encoding: chunked\r\n"), begun, b"ff\r\nda"]) as served:
        text, problem = broken(served.url)
    assert (text, isinstance(problem, IncompleteReply)) == ("80 ", True)
    assert len(served.requests) == 1


def test_a_byte_that_is_no_text_costs_one_character() -> None:
    spoilt = event("caf#").encode().replace(b"#", b"\xe9") + STOP.encode()
    with playing([head(), spoilt]) as served:
        assert ask(served.url) == "caf\ufffd"


def test_a_character_may_be_cut_in_two() -> None:
    whole = (event("七点") + STOP).encode()
    with playing([head(), *(bytes([byte]) for byte in whole)]) as served:
        assert ask(served.url) == "七点"


def test_a_letter_whose_halves_come_in_two_events_is_one_letter() -> None:
    halves = ("a\ud83d", "\ude00b\ud83d")
    # Escaped, as a server sends them that writes JSON by its own hand.
    body = "".join(
        f"data: {json.dumps({'choices': [{'delta': {'content': half}}]})}\n\n" for half in halves
    )
    with serving(200, body + DONE) as url:
        assert ask(url) == "a😀b"


def test_a_first_word_with_a_finish_of_null_does_not_end_the_wait() -> None:
    slow = [head(), chunk({"content": "80 "}, "null").encode(), 1.5, event("euros").encode()]
    with playing([*slow, STOP.encode()]) as served:
        assert ask(served.url) == "80 euros"


def test_a_busy_server_is_asked_again_after_the_pause_it_wants() -> None:
    busy = [head(429, more="Retry-After: 1\r\n"), b"{}"]
    with playing(busy, [head(), (event("80") + STOP).encode()]) as served:
        since = time.monotonic()
        assert ask(served.url) == "80"
    assert time.monotonic() - since >= 1
    assert len(served.requests) == 2


def test_who_wants_a_long_pause_is_not_waited_for() -> None:
    with playing([head(503, more="Retry-After: 3600\r\n"), b"{}"]) as served:
        broken(served.url)
    assert len(served.requests) == 1


def test_tries_have_an_end_and_a_refusal_is_not_tried_again() -> None:
    with playing([head(500), b"{}"]) as served:
        broken(served.url, retries=1)
    with playing([head(400), b'{"error": {"message": "no such option"}}']) as refusing:
        assert "no such option" in str(broken(refusing.url)[1])
    assert (len(served.requests), len(refusing.requests)) == (2, 1)


def test_a_context_that_is_too_small_has_an_error_of_its_own() -> None:
    said = b'{"error": {"message": "This model\'s maximum context length is 2048 tokens."}}'
    with playing([head(400, "application/json"), said]) as served:
        assert isinstance(broken(served.url)[1], ContextExceeded)


@pytest.mark.parametrize(
    "said",
    ["`inputs` must have less than 4096 tokens.", "Range of input length is [1, 6000]", "输入超长"],
)
def test_a_context_that_is_too_small_is_told_in_many_words(said: str) -> None:
    with serving(422, json.dumps({"error": said}), "application/json") as url:
        assert isinstance(broken(url)[1], ContextExceeded)


def test_a_limit_of_tokens_a_minute_is_no_small_context() -> None:
    said = json.dumps({"error": {"message": "Limit of 6000 tokens per minute reached."}})
    with serving(429, said, "application/json") as url:
        assert "try again later" in str(broken(url, retries=0)[1])


def test_the_first_word_and_the_next_have_times_of_their_own() -> None:
    alive = chunk({"role": "assistant"}).encode()
    with playing([head(), alive, *([0.2, b": ping\n\n"] * 10)]) as served:
        _, problem = broken(served.url, first=0.6, idle=0.1)
    assert "in time" in str(problem)
    assert len(served.requests) == 1
    with playing([head(), 0.5, event("80 ").encode(), *([0.2, b": ping\n\n"] * 20)]) as served:
        text, problem = broken(served.url, first=5, idle=0.6)
    assert (text, isinstance(problem, IncompleteReply)) == ("80 ", True)
    assert "silent" in str(problem)


def test_a_server_that_never_hangs_up_has_still_answered() -> None:
    with playing([head(), (event("80") + STOP).encode(), 30.0]) as served:
        assert ask(served.url, idle=20) == "80"


def test_who_stops_reading_hangs_up() -> None:
    with playing([head(), event("80").encode(), 30.0]) as served:
        pieces = OpenAIModel("m", base_url=served.url, api_key=None).stream(ASKED)
        assert next(pieces) == "80"
        pieces.close()  # type: ignore[attr-defined]
        assert served.left.wait(5)


def test_a_reply_without_end_is_cut() -> None:
    with playing([head(), *([event("x" * 30_000).encode()] * 20), 30.0]) as served:
        text, problem = broken(served.url)
    assert 200_000 < len(text) < 250_000
    assert isinstance(problem, IncompleteReply)


def test_a_servers_words_are_shortened_and_hold_neither_key_nor_escape() -> None:
    said = json.dumps({"error": {"message": f"\x1b[31m{KEY} " + "no " * 1000}})
    with serving(400, said, "application/json") as url:
        _, problem = broken(url)
    assert KEY not in str(problem)
    assert "\x1b" not in str(problem)
    assert len(str(problem)) < 400


def test_an_empty_reply_is_an_error_of_its_own() -> None:
    with serving(200, STOP) as url:
        assert isinstance(broken(url)[1], EmptyReply)


@pytest.mark.parametrize(
    "pieces", [["1", "10", " euros"], ["1", "10"], ["ha", "ha", " euros"], ["I", "In", "deed"]]
)
def test_pieces_that_begin_like_those_before_are_kept(pieces: list[str]) -> None:
    with serving(200, "".join(map(event, pieces)) + DONE) as url:
        assert ask(url) == "".join(pieces)
