"""Many clients at once: nothing mixes, batches change nothing, and who hangs up is left."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from serving import PATIENCE, Running, running

from bifolio import Library
from bifolio.batching import Batching, Together, wanted_until
from bifolio.ingest import Chunk, Document, Page, Stopped
from bifolio.retrieval import ModelEmbedder
from bifolio.retrieval.arrays import Floats, Ids
from bifolio.serve import Limits


def awaited(that: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not that():
        assert time.monotonic() < until
        time.sleep(0.01)


class SumEngine:
    """Gives the sum of each row's ids, and remembers the shapes that it was given."""

    name = "sums"
    batch_tokens = 40
    streams = 1
    pools = False

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.free = threading.Event()
        self.free.set()

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        self.shapes.append(ids.shape)
        assert self.free.wait(PATIENCE)
        if (ids < 0).any():
            raise ValueError("a bad row")
        sums: Floats = ids.sum(axis=1, keepdims=True).astype(np.float32)
        return sums


def rows(*numbers: int, width: int = 4) -> Ids:
    return np.array([[number] * width for number in numbers])


class Callers:
    """Threads that ask an engine while it is busy with the first of them."""

    def __init__(self) -> None:
        self.engine, self.batching = SumEngine(), Batching()
        self.together = Together(self.engine, tally=self.batching)
        self.pool = ThreadPoolExecutor(20)

    def ask(self, asked: Sequence[Ids]) -> list[Any]:
        """Ask all, the first one before the others, and give what each got."""
        self.engine.free.clear()
        futures = [self.pool.submit(self._run, asked[0])]
        awaited(lambda: self.engine.shapes)
        for count, one in enumerate(asked[1:], start=1):
            futures.append(self.pool.submit(self._run, one))
            awaited(lambda count=count: len(self.together._waiting) == count)
        self.engine.free.set()
        return [future.exception() or future.result() for future in futures]

    def _run(self, ids: Ids) -> list[float]:
        numbers: list[float] = self.together.run(ids, ids, ids)[:, 0].tolist()
        return numbers


def test_those_who_wait_are_run_together_and_each_gets_its_own() -> None:
    callers = Callers()
    asked = [rows(1), rows(2, 3), rows(4), rows(5, width=2), rows(6)]
    got = callers.ask(asked)
    assert got == [[4.0], [8.0, 12.0], [16.0], [10.0], [24.0]]
    assert callers.engine.shapes == [(1, 4), (4, 4), (1, 2)]
    assert (callers.batching.runs, callers.batching.callers, callers.batching.rows) == (3, 5, 6)


def test_no_more_is_put_together_than_the_engine_likes() -> None:
    callers = Callers()
    got = callers.ask([rows(1), *(rows(number, number) for number in range(2, 10))])
    assert got[1:] == [[4.0 * n, 4.0 * n] for n in range(2, 10)]
    assert callers.engine.shapes == [(1, 4), (10, 4), (6, 4)]


def test_the_fault_of_one_is_not_that_of_the_others() -> None:
    got = Callers().ask([rows(1), rows(2), rows(-3), rows(4)])
    assert [got[0], got[1], got[3]] == [[4.0], [8.0], [16.0]]
    assert isinstance(got[2], ValueError)


def test_nothing_is_run_for_whom_nobody_waits() -> None:
    callers, gone = Callers(), threading.Event()
    gone.set()
    with wanted_until(gone), pytest.raises(Stopped):
        callers.together.run(rows(1), rows(1), rows(1))
    assert callers.engine.shapes == []


def test_batches_change_no_bit_of_what_a_model_gives(starter_embedder: ModelEmbedder) -> None:
    engine, batching = starter_embedder._model.engine, Batching()
    together = Together(engine, tally=batching)
    asked = [rows(*range(number, number + 1 + number % 2), width=6) for number in range(10, 18)]
    with ThreadPoolExecutor(len(asked)) as pool:
        got = list(pool.map(lambda ids: together.run(ids, ids * 0 + 1, ids * 0), asked))
    assert batching.callers > batching.runs
    for ids, numbers in zip(asked, got, strict=True):
        np.testing.assert_array_equal(numbers, engine.run(ids, ids * 0 + 1, ids * 0))


def put(library: Library, name: str, text: str) -> None:
    """Store a text as a document of one chunk, without reading a file."""
    document = Document(name, name, name, text, (Page(1, 0, len(text)),))
    library.add_chunks([Chunk(document, 0, len(text))])


def test_twenty_clients_at_once_get_their_own_answers(library: Library) -> None:
    for number in range(20):
        put(library, f"{number}.txt", f"The canary{number:02} sings song {number:02}00.")

    def _ask(number: int) -> None:
        for turn in range(2):
            question = f"What does canary{number:02} sing?"
            if (number + turn) % 2:
                text = server.chat(question, stream=True).text
            else:
                text = server.chat(question).text
            assert f"song {number:02}00" in text
            others = {other for other in range(20) if f"song {other:02}00" in text}
            assert others == {number}
            given = server.post("/v1/embeddings", json={"input": [question] * (number + 1)}).json()
            assert len(given["data"]) == number + 1

    with running(library) as server, ThreadPoolExecutor(20) as pool:
        list(pool.map(_ask, range(20)))
        assert server.service.answers.running == server.service.answers.waiting == 0
        counted = server.get("/metrics").text
    assert 'route="/v1/chat/completions",status="200"} 40' in counted


class Talker:
    """A language model that goes on and on, until nobody listens."""

    name = "talker"

    def __init__(self) -> None:
        self.left = threading.Event()
        self.said = 0

    def stream(self, messages: Sequence[Any]) -> Iterator[str]:
        try:
            while True:
                self.said += 1
                yield "and "
                time.sleep(0.01)
        finally:
            self.left.set()


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/libraries/library/ask"])
@pytest.mark.parametrize("stream", [True, False])
def test_who_hangs_up_ends_the_answer(library: Library, path: str, stream: bool) -> None:
    put(library, "a.txt", "The ferry price is five crowns.")
    library.language_model = talker = Talker()
    with running(library) as server:
        wire = asking(server, path, stream=stream)
        awaited(lambda: talker.said > 3)
        if stream:
            got = b""
            while b"and " not in got:
                got += wire.recv(65536)
        wire.close()
        assert talker.left.wait(PATIENCE)
        awaited(lambda: server.service.answers.running == 0)
        library.language_model = None
        assert "five crowns" in server.chat("ferry price").text


def asking(server: Running, path: str, *, stream: bool = False) -> socket.socket:
    """Ask on a wire of its own, that can be cut."""
    asked = {
        "question": "ferry price",
        "messages": [{"role": "user", "content": "ferry price"}],
        "stream": stream,
    }
    body = json.dumps(asked).encode()
    host, port = server.url.removeprefix("http://").split(":")
    wire = socket.create_connection((host, int(port)), timeout=PATIENCE)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    wire.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return wire


def test_those_beyond_the_line_are_told_to_come_back(library: Library) -> None:
    put(library, "a.txt", "The ferry price is five crowns.")
    library.language_model = talker = Talker()
    limits = Limits(answers=1, waiting=1, grace=1)
    with running(library, limits=limits) as server:
        gates = server.service.answers
        wires = []
        for now in ((1, 0), (1, 1)):
            wires.append(asking(server, "/v1/chat/completions"))
            awaited(lambda now=now: (gates.running, gates.waiting) == now)
        refused = server.chat("ferry price")
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "too-many-at-once"
        assert int(refused.headers["retry-after"]) >= 1
        assert server.get("/libraries/library/documents").status_code == 200
        for wire in wires:
            wire.close()
        awaited(lambda: (gates.running, gates.waiting) == (0, 0))
    assert talker.left.is_set()


def test_readers_do_not_wait_for_what_is_being_added(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, "a.txt", "The ferry price is five crowns.")
    began, go_on = threading.Event(), threading.Event()
    add = library.add_bytes

    def slow(*given: Any, **more: Any) -> Any:
        with library.store.writing():
            began.set()
            assert go_on.wait(PATIENCE)
        return add(*given, **more)

    monkeypatch.setattr(library, "add_bytes", slow)
    with running(library) as server:
        server.post("/libraries/library/documents", files={"files": ("b.txt", b"The crew.")})
        assert began.wait(PATIENCE)
        assert "five crowns" in server.chat("ferry price").text
        assert len(server.get("/libraries/library/documents").json()["documents"]) == 1
        (job,) = server.get("/libraries/library/jobs").json()["jobs"]
        assert job["state"] == "working"
        go_on.set()
        assert server.service.library("library").uploads.wait(PATIENCE)
        assert len(server.get("/libraries/library/documents").json()["documents"]) == 2


def test_the_command_serves_ends_what_runs_and_takes_nothing_new(tmp_path: Path) -> None:
    (tmp_path / "fares.txt").write_text("The ferry to Skarne costs five crowns.\n")
    command = [sys.executable, "-m", "bifolio.cli", "serve", "--library", str(tmp_path / "new")]
    environ = {**os.environ, "BIFOLIO_API_KEY": "a-key-of-a-test"}
    bearer = {"Authorization": "Bearer a-key-of-a-test"}
    with subprocess.Popen(
        [*command, "--create", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
        cwd=tmp_path,
    ) as process:
        assert process.stderr is not None
        told = process.stderr.readline()
        assert told.startswith("Bifolio serves new at http://127.0.0.1:")
        url = told.split()[4].removesuffix("/v1,")
        with httpx.Client(base_url=url, headers=bearer, timeout=60, trust_env=False) as client:
            files = {"files": ("fares.txt", (tmp_path / "fares.txt").read_bytes())}
            sent = client.post("/libraries/new/documents", files=files)
            assert sent.status_code == 202
            process.send_signal(signal.SIGTERM)
            log = process.stderr.read()
        assert process.wait(60) in (0, -signal.SIGTERM)
    assert "Traceback" not in log
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health", trust_env=False)
    # What was accepted has been read, for there was time.
    listed = subprocess.run(
        [sys.executable, "-m", "bifolio.cli", "list", "--library", str(tmp_path / "new"), "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert [one["path"] for one in json.loads(listed.stdout)["documents"]] == ["fares.txt"]


def test_an_address_that_is_taken_is_told(library: Library, tmp_path: Path) -> None:
    with running(library) as server:
        port = server.url.rpartition(":")[2]
        command = ["serve", "--library", str(tmp_path / "x"), "--create", "--port", port]
        done = subprocess.run(
            [sys.executable, "-m", "bifolio.cli", *command],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened on (Address already in use)" in done.stderr
    assert done.stderr.count("\n") == 1
