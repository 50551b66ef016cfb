"""How many tokens a model reads, asked of servers that tell it and of some that do not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bifolio.language_model import OpenAIModel, client

Pages = dict[str, Any]


@contextmanager
def telling(pages: Pages) -> Iterator[str]:
    """Serve each page as JSON, and 404 for every other."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.dumps(pages.get(self.path, {})).encode()
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name is the base class's

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("pages", "window"),
    [
        ({"/v1/models": {"data": [{"id": "m", "max_model_len": 8192}]}}, 8192),
        ({"/v1/models": {"data": [{"id": "other", "max_model_len": 8192}]}}, None),
        (
            {
                "/v1/models": {"data": [{"id": "m", "meta": {"n_ctx_train": 32768}}]},
                "/props": {"default_generation_settings": {"n_ctx": 4096}},
            },
            4096,
        ),
        ({"/api/v0/models": {"data": [{"id": "m", "loaded_context_length": 2048}]}}, 2048),
        ({"/api/ps": {"models": [{"name": "m:latest", "context_length": 16384}]}}, 16384),
        ({"/api/show": {"parameters": "stop x\nnum_ctx    8192"}}, 8192),
        ({"/api/show": {"model_info": {"qwen2.context_length": 32768}}}, 4096),
        ({"/v1/models": {"data": [{"id": "m", "max_model_len": "many"}]}}, None),
        ({"/v1/models": ["m"]}, None),
        ({}, None),
    ],
)
def test_the_window_is_what_the_server_tells(pages: Pages, window: int | None) -> None:
    with telling(pages) as url:
        assert OpenAIModel("m", base_url=url, api_key=None).window == window


def test_a_server_that_is_not_there_tells_nothing_and_neither_does_none() -> None:
    assert OpenAIModel("m", base_url="http://127.0.0.1:9/v1", api_key=None).window is None
    assert OpenAIModel("m", base_url=None, api_key=None).window is None


def test_a_server_that_never_comes_to_an_end_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "_WINDOW_SECONDS", 0.2)
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            while not ended.wait(0.01):
                self.wfile.write(b" ")

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        assert OpenAIModel("m", base_url=url, api_key=None).window is None
        ended.set()
        server.shutdown()
