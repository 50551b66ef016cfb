"""A server of models on loopback, shaped as infinity, TEI and OpenAI are; and one of Youdao's."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import numpy as np

from bifolio.retrieval.arrays import Floats

KEY = "sk-canary-0123456789"


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Scripted:
    """What is given back instead of an answer: bytes as they are, anything else as JSON."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()


Embed = Callable[[Sequence[str]], Floats]
Score = Callable[[str, Sequence[str]], Floats]


class ModelServer(ThreadingHTTPServer):
    """Answers with its models, after what is ``scripted`` has been given back."""

    daemon_threads = True

    def __init__(self, embed: Embed, score: Score) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.embed, self.score = embed, score
        self.asked: list[Asked] = []
        self.scripted: list[Scripted | Callable[[Asked], Scripted | None]] = []
        self.always: Callable[[Asked], Scripted | None] | None = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def texts(self) -> list[list[str]]:
        """The texts of each request for vectors."""
        return [asked.body["input"] for asked in self.asked if "input" in asked.body]

    def answer(self, asked: Asked) -> Scripted:
        self.asked.append(asked)
        if self.always and (given := self.always(asked)):
            return given
        if self.scripted:
            step = self.scripted.pop(0)
            given = step if isinstance(step, Scripted) else step(asked)
            if given:
                return given
        if asked.path.endswith("/embeddings"):
            return Scripted(body=self._vectors(asked.body))
        if asked.path.endswith("/rerank"):
            return Scripted(body=self._scores(asked.body))
        if asked.path.endswith("/queryTextEmbeddings"):
            return Scripted(body=self._signed(asked.body))
        return Scripted(404, {"detail": "Not Found"})

    def _vectors(self, body: dict[str, Any]) -> Any:
        rows = []
        for index, vector in enumerate(self.embed(body["input"])):
            given: Any = [float(number) for number in vector]
            if body.get("encoding_format") == "base64":
                given = base64.b64encode(np.asarray(vector, "<f4").tobytes()).decode()
            rows.append({"object": "embedding", "index": index, "embedding": given})
        return {"object": "list", "data": rows[::-1], "model": body["model"]}

    def _scores(self, body: dict[str, Any]) -> Any:
        passages = body.get("texts") or body["documents"]
        scores = self.score(body["query"], passages)
        best = [int(place) for place in np.argsort(-scores, kind="stable")]
        if "texts" in body:
            return [{"index": place, "score": float(scores[place])} for place in best]
        rows = [{"index": place, "relevance_score": float(scores[place])} for place in best]
        return {"object": "rerank", "results": rows}

    def _signed(self, body: dict[str, list[str]]) -> Any:
        """Check the signature as the service documents it, with the secret of ``ID:SECRET``."""
        joined, (name,) = "".join(body["q"]), body["appKey"]
        part = joined if len(joined) <= 20 else f"{joined[:10]}{len(joined)}{joined[-10:]}"
        whole = name + part + body["salt"][0] + body["curtime"][0] + "SECRET"
        if body["sign"] != [hashlib.sha256(whole.encode()).hexdigest()] or name != "ID":
            return {"errorCode": "202"}
        vectors = [[float(number) for number in row] for row in self.embed(body["q"])]
        return {"errorCode": "0", "result": {"embeddingList": vectors}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        form = "form" in self.headers.get("content-type", "")
        headers = {name.lower(): value for name, value in self.headers.items()}
        given = self.server.answer(
            Asked(self.path.partition("?")[0], headers, parse_qs(raw) if form else json.loads(raw))
        )
        body = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
        try:
            self.send_response(given.status)
            for name, value in given.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(embed: Embed, score: Score) -> Iterator[ModelServer]:
    """Serve until the block ends."""
    server = ModelServer(embed, score)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
