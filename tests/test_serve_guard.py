"""Who may ask the server, from where, how much and how often."""

import json
import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import OverlapReranker, WordEmbedder
from serving import Running, running

from bifolio import Library, Models
from bifolio.cli.commands import main
from bifolio.entrance import Door, key_from
from bifolio.patience import PatientProtocol
from bifolio.serve import Limits
from bifolio.serve.guard import OPEN
from bifolio.serve.limits import Rate

KEY = "a-key-that-nobody-guesses"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("guarded") / "library"
    library = Library(folder, models=Models(WordEmbedder(), OverlapReranker()))
    with running(library, key=KEY, origins=("https://chat.example",)) as server:
        yield server


@pytest.fixture
def open_server(library: Library) -> Iterator[Running]:
    with running(library, limits=Limits(body=2000, upload=5000, patience=0.3, grace=1)) as server:
        yield server


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_every_route_but_those_named_wants_the_key(guarded: Running) -> None:
    paths = guarded.client.get("/openapi.json", headers=BEARER).json()["paths"]
    asked = 0
    for path, methods in paths.items():
        for method in methods:
            response = guarded.client.request(method, path.replace("{page}", "1"))
            assert path in OPEN or code(response) == (401, "key-wanted"), path
            asked += path not in OPEN
    assert asked > 18
    assert guarded.get("/health").json()["status"] == "ok"
    assert guarded.get("/ready").status_code == 200


@pytest.mark.parametrize("origin", ["http://[::1", "null", "x", "http://a]b", "//", "", "\x80"])
def test_an_origin_that_is_none_is_refused_as_any_other(guarded: Running, origin: str) -> None:
    headers = BEARER | {"Origin": origin}
    sent = [(name, value.encode("latin-1")) for name, value in headers.items()]
    assert code(guarded.get("/v1/models", headers=sent)) == (403, "wrong-origin")


def test_what_watches_may_ask_for_the_head_alone(guarded: Running) -> None:
    for path, headers in (("/health", {}), ("/v1/models", BEARER)):
        whole = guarded.get(path, headers=headers)
        head = guarded.client.request("HEAD", path, headers=headers)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]
    assert guarded.client.request("HEAD", "/v1/models").status_code == 401


def test_a_wrong_method_is_told_the_right_ones(guarded: Running) -> None:
    refused = guarded.client.request("PUT", "/v1/chat/completions", headers=BEARER)
    assert code(refused) == (405, "wrong-method")
    assert refused.headers["allow"] == "POST"


def test_a_head_that_drips_is_not_waited_for(
    open_server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "seconds", 0.2)
    host, port = "127.0.0.1", int(open_server.url.rpartition(":")[2])
    for first in (b"", b"GET /hea", b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /h"):
        with socket.create_connection((host, port), timeout=10) as slow:
            slow.sendall(first)
            got = b""
            while piece := slow.recv(65536):
                got += piece
            assert got.count(b"HTTP/1.1 200") == first.count(b"\r\n\r\n")
    # One that asks in time is answered, whatever its body takes.
    assert open_server.get("/health").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00 no HTTP\r\n\r\n",
        b"POST /rerank HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000,
    ],
)
def test_what_is_no_request_is_told_in_json_too(open_server: Running, sent: bytes) -> None:
    address = ("127.0.0.1", int(open_server.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(sent)
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["error"]["code"] == "not-a-request"


def test_a_client_that_hangs_up_within_its_upload_is_no_fault_of_the_server(
    open_server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    address = ("127.0.0.1", int(open_server.url.rpartition(":")[2]))
    head = (
        b"POST /libraries/library/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
        b"Content-Type: multipart/form-data; boundary=B\r\n\r\n--B\r\n"
        b'Content-Disposition: form-data; name="files"; filename="half.txt"\r\n\r\nhalf'
    )
    with caplog.at_level(logging.INFO, "bifolio.serve"):
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(head)
        until = time.monotonic() + 10
        while not any(" 499 " in one.getMessage() for one in caplog.records):
            assert time.monotonic() < until
            time.sleep(0.01)
    assert [one for one in caplog.records if one.exc_info] == []
    assert open_server.get("/libraries/library/jobs").json() == {"jobs": []}


@pytest.mark.parametrize(
    ("header", "is_chinese"),
    [
        ("zh", True),
        ("zh-CN,zh;q=0.9,en;q=0.8", True),
        ("fr, zh-TW;q=0.7, en;q=0.1", True),
        ("en-US,en;q=0.9,zh;q=0.8", False),
        ("zh;q=0.2, en;q=0.7", False),
        ("zh;q=none, *", False),
        ("de", False),
        ("", False),
    ],
)
def test_what_goes_wrong_is_said_in_the_clients_language(
    open_server: Running, header: str, is_chinese: bool
) -> None:
    headers = {"Accept-Language": header}
    here = "/libraries/library"
    refused = [
        open_server.get("/nothing", headers=headers),
        open_server.get("/libraries/nothing/jobs", headers=headers),
        open_server.get(f"{here}/documents/nothing", headers=headers),
        open_server.get("/health", headers={**headers, "Host": "evil.example"}),
        open_server.post(f"{here}/search", json={"question": 5}, headers=headers),
        open_server.post(f"{here}/search", json={"question": "x", "keep": 0}, headers=headers),
        open_server.post(f"{here}/ask", json={"question": "x", "mode": "llm"}, headers=headers),
        open_server.chat("x", model="nothing"),
    ]
    wanted = ["no-route", "unknown-library", "unknown-document", "wrong-host", "bad-field"]
    wanted += ["bad-field", "no-language-model", "model_not_found"]
    assert [one.json()["error"]["code"] for one in refused] == wanted
    # The last one was asked without the header.
    said = [one.json()["error"]["message"].isascii() for one in refused]
    assert said == [not is_chinese] * 7 + [True]
    assert refused[4].json()["error"]["message"].startswith("question") is True
    assert (refused[0].headers.get("content-language") == "zh") is is_chinese


def test_the_key_is_taken_from_either_header(guarded: Running) -> None:
    for headers in (BEARER, {"X-API-Key": KEY}, {"authorization": f"bearer {KEY}"}):
        assert guarded.get("/v1/models", headers=headers).status_code == 200
    refused = guarded.get("/v1/models", headers={"Authorization": f"Basic {KEY}"})
    assert code(refused) == (401, "key-wanted")
    assert refused.headers["www-authenticate"] == "Bearer"


def test_who_guesses_keys_is_slowed_down(library: Library) -> None:
    with running(library, key=KEY) as server:
        wrong = {"Authorization": "Bearer wrong"}
        codes = [code(server.get("/v1/models", headers=wrong)) for _ in range(4)]
        assert codes == [(401, "wrong-key")] * 3 + [(429, "too-many-tries")]
        slowed = server.get("/v1/models", headers=BEARER)
        assert int(slowed.headers["retry-after"]) >= 1


def test_an_address_that_knew_the_key_is_not_slowed_down_by_others() -> None:
    door = Door(KEY)
    assert door.admits(KEY, "friend")
    for number in range(40):
        door.admits("wrong", f"stranger {number}")
    assert door.wait("anybody") > 0
    assert door.wait("friend") == 0
    assert door.admits(KEY, "friend")
    assert door.wait("anybody") > 0


def test_a_key_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    assert key_from({"BIFOLIO_API_KEY_FILE": str(file)}) == KEY
    assert key_from({"BIFOLIO_API_KEY": "said", "BIFOLIO_API_KEY_FILE": str(file)}) == "said"
    assert key_from({}) is None


def test_the_server_does_not_open_to_others_without_a_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command = ["serve", "--library", str(tmp_path / "new"), "--address", "0.0.0.0", "--create"]
    assert main(command) == 1
    told = capsys.readouterr().err
    assert "0.0.0.0 can be reached from other machines: set BIFOLIO_API_KEY" in told
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("localhost:9", 200), ("LOCALHOST.", 200), ("evil.example", 421),
     ("", 421), ("127.0.0.1.evil.example", 421), ("[", 421), ("localhost@evil.example", 421)],
)  # fmt: skip
def test_a_name_that_is_not_the_servers_reaches_nothing(
    guarded: Running, host: str, status: int
) -> None:
    response = guarded.get("/v1/models", headers={**BEARER, "Host": host})
    assert response.status_code == status


def test_pages_of_other_sites_may_not_use_it_unless_they_are_named(guarded: Running) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", "[", ""):
        refused = guarded.get("/v1/models", headers={**BEARER, "Origin": origin})
        assert code(refused) == (403, "wrong-origin"), origin
        assert "access-control-allow-origin" not in refused.headers
    named = guarded.get("/v1/models", headers={**BEARER, "Origin": "https://chat.example"})
    assert named.headers["access-control-allow-origin"] == "https://chat.example"
    own = guarded.get("/v1/models", headers={**BEARER, "Origin": guarded.url})
    assert own.status_code == 200


def test_a_browser_may_ask_before_it_sends_the_key(guarded: Running) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Origin": "https://chat.example"}
    allowed = guarded.client.options("/v1/chat/completions", headers=asks)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://chat.example"
    foreign = guarded.client.options(
        "/v1/chat/completions", headers=asks | {"Origin": "https://evil.example"}
    )
    assert "access-control-allow-origin" not in foreign.headers


def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(
    open_server: Running,
) -> None:
    large = json.dumps({"input": "x" * 3000}).encode()
    said = open_server.post(
        "/v1/embeddings", content=large, headers={"Content-Type": "application/json"}
    )
    assert code(said) == (413, "body-too-large")
    unsaid = open_server.post(
        "/v1/embeddings",
        content=iter([large[:1500], large[1500:]]),
        headers={"Content-Type": "application/json"},
    )
    assert code(unsaid) == (413, "body-too-large")
    upload = open_server.post(
        "/libraries/library/documents", files={"files": ("a.txt", b"x" * 6000)}
    )
    assert code(upload) == (413, "body-too-large")


def raw(server: Running, request: bytes) -> bytes:
    """Send bytes, and give those that come back."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(request)
        got = b""
        while more := wire.recv(65536):
            got += more
            if b"}" in got:
                break
    return got


def test_a_body_of_two_lengths_is_refused(open_server: Running) -> None:
    head = b"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
    got = raw(open_server, head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    assert b" 400 " in got.split(b"\r\n")[0]
    assert b"two-lengths" in got


def test_a_body_that_does_not_come_is_not_waited_for_for_ever(open_server: Running) -> None:
    head = b"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n"
    got = raw(open_server, head + b"Content-Type: application/json\r\n\r\n{")
    assert b" 408 " in got.split(b"\r\n")[0]


def test_too_many_requests_are_told_when_to_come_back(library: Library) -> None:
    with running(library, limits=Limits(rate=8)) as server:
        codes = [server.get("/v1/models").status_code for _ in range(3)]
        refused = server.get("/v1/models")
        assert codes == [200, 200, 429]
        assert code(refused) == (429, "too-often")
        assert 1 <= int(refused.headers["retry-after"]) <= 8
        assert server.get("/health").status_code == 200


def test_a_rate_fills_up_again() -> None:
    class Clock:
        now = 0.0

        def __call__(self) -> float:
            return self.now

    clock = Clock()
    rate = Rate(60, clock=clock)
    assert [rate.wait("a") for _ in range(15)] == [0.0] * 15
    assert rate.wait("a") == pytest.approx(1.0)
    assert rate.wait("b") == 0.0
    clock.now += 1.0
    assert rate.wait("a") == 0.0
    assert rate.wait("a") > 0


def test_neither_keys_nor_questions_nor_names_are_logged(
    guarded: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="bifolio.serve")
    secret = "canary-question"
    guarded.get("/v1/models", headers={"Authorization": "Bearer canary-key"})
    guarded.post(f"/libraries/library/search?q={secret}", json={"question": secret}, headers=BEARER)
    guarded.get(f"/libraries/library/documents/{secret}", headers=BEARER)
    guarded.post("/v1/chat/completions", json={"messages": secret}, headers=BEARER)
    guarded.get(f"/{secret}", headers=BEARER)
    assert "/libraries/{library}/search" in caplog.text
    assert "canary" not in caplog.text
    assert KEY not in caplog.text
    assert "canary" not in guarded.get("/metrics", headers=BEARER).text


def test_what_should_not_happen_shows_no_traceback(
    guarded: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    library = guarded.service.library("library").library
    monkeypatch.setattr(library.models.embedder, "embed_passages", broken)
    failed = guarded.post("/v1/embeddings", json={"input": "x"}, headers=BEARER)
    assert code(failed) == (500, "unexpected")
    assert "secret detail" not in failed.text
    assert "secret detail" in caplog.text


def test_what_the_address_does_not_know_is_an_error_of_the_same_shape(guarded: Running) -> None:
    assert code(guarded.get("/nothing", headers=BEARER)) == (404, "no-route")
    assert code(guarded.post("/health", headers=BEARER)) == (405, "wrong-method")
