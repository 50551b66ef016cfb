"""The OpenAI client against a scripted server on loopback: what users read when it fails."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bifolio import LanguageModelError, Settings
from bifolio.language_model import OpenAIModel

KEY = "sk-canary-0123456789"
ASKED = [{"role": "user", "content": "Hello?"}]


@contextmanager
def serving(status: int, body: str, kind: str = "text/event-stream") -> Iterator[str]:
    """Serve one reply to every request; gives the base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def event(text: str) -> str:
    chunk = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
    }
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def ask(url: str) -> str:
    return "".join(OpenAIModel("m", base_url=url, api_key=KEY).stream(ASKED))


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


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(LanguageModelError, match=r"127\.0\.0\.1:9/v1 cannot be reached"):
        ask("http://127.0.0.1:9/v1")


def test_a_page_of_html_is_no_reply() -> None:
    with serving(200, "data: <html>\n\n") as url, pytest.raises(LanguageModelError, match="reply"):
        ask(url)


def test_settings_do_not_show_the_key() -> None:
    assert KEY not in repr(Settings.from_env({"OPENAI_API_KEY": KEY}))
