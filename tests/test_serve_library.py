"""The routes of a library: files come in and are followed, searched, asked, drawn and taken out."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import OverlapReranker, WordEmbedder, pdf_bytes
from serving import PATIENCE, Running, running

from bifolio import BifolioError, Library, LibraryMismatch, Models
from bifolio.serve import Limits, Rules, Service
from bifolio.shelf import by_name

HERE = "/libraries/library"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "fares.md").write_text("# Fares\n\nThe ferry price is five crowns.\n")
    (folder / "plan.pdf").write_bytes(pdf_bytes("The engine room.", "In a fire ring the bell."))
    library = Library(folder / "library", models=Models(WordEmbedder(), OverlapReranker()))
    library.add(folder)
    with running(library) as server:
        yield server


def test_nothing_that_is_answered_tells_where_the_library_is(server: Running) -> None:
    place = str(server.service.library("library").library.folder.parent)
    listed = server.get(f"{HERE}/documents").json()["documents"]
    assert {"fares.md", "plan.pdf"} <= {one["path"] for one in listed}
    question = {"question": "ferry price", "explain": True}
    answer = server.post(f"{HERE}/ask", json=question)
    replies = [
        answer,
        server.get(f"{HERE}/documents"),
        server.get(f"{HERE}/documents/fares.md"),
        server.get(f"{HERE}/documents/fares.md/text"),
        server.get(f"{HERE}/documents/nothing"),
        server.get(f"{HERE}/jobs"),
        server.get("/libraries"),
        server.get("/v1/models"),
        server.post(f"{HERE}/search", json=question),
        server.post(f"{HERE}/ask", json=question | {"stream": True}),
        server.post(f"{HERE}/ask", json={"question": "volcano"}),
        server.post(f"{HERE}/grep", json={"pattern": "e"}),
        server.post(f"{HERE}/verify", json=answer.json()),
        server.chat("ferry price", explain=True),
        server.chat("ferry price", stream=True),
        server.get("/metrics"),
    ]
    assert not [reply.text for reply in replies if place in reply.text]
    assert replies[12].json()["sound"]


def followed(server: Running, job: int) -> Any:
    """Wait until a file has been read."""
    until = time.monotonic() + PATIENCE
    while (now := server.get(f"{HERE}/jobs/{job}").json())["state"] in ("waiting", "working"):
        assert time.monotonic() < until
        time.sleep(0.05)
    return now


def error(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_file_comes_in_is_followed_found_and_taken_out(server: Running) -> None:
    name = "../../etc/退款 ferry.txt"
    sent = server.post(
        f"{HERE}/documents", files={"files": (name, "退款 takes ten days.".encode())}
    )
    assert sent.status_code == 202
    (job,) = sent.json()["jobs"]
    assert sent.headers["location"] == f"{HERE}/jobs/{job['id']}"
    done = followed(server, job["id"])
    assert (done["state"], done["share"], done["problem"]) == ("done", 1.0, None)
    assert done["report"]["library"] == "library"
    assert [one["path"] for one in done["report"]["added"]] == ["退款 ferry.txt"]
    found = server.post(f"{HERE}/ask", json={"question": "退款 takes how long?"}).json()
    assert "ten days" in found["answer"]
    listed = {one["path"]: one["id"] for one in server.get(f"{HERE}/documents").json()["documents"]}
    removed = server.client.delete(f"{HERE}/documents/{listed['退款 ferry.txt']}")
    assert [one["path"] for one in removed.json()["documents"]] == ["退款 ferry.txt"]
    gone = server.get(f"{HERE}/documents/{listed['退款 ferry.txt']}")
    assert error(gone) == (404, "unknown-document")


def test_a_file_that_cannot_be_read_says_why_in_its_job(server: Running) -> None:
    sent = server.post(f"{HERE}/documents", files={"files": ("broken.pdf", b"%PDF-1.4 nothing")})
    done = followed(server, sent.json()["jobs"][0]["id"])
    assert done["state"] == "done"
    (skipped,) = done["report"]["skipped"]
    assert skipped["path"] == "broken.pdf"
    assert skipped["reason"]


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ({"json": {"files": ["/etc/passwd"]}}, (415, "not-multipart")),
        ({"files": {"other": ("a.txt", b"x")}}, (400, "no-file")),
        ({"files": {"files": ("..", b"x")}}, (400, "bad-name")),
        ({"files": {"files": ("a" * 1_000_000, b"x")}}, (400, "malformed")),
        ({"files": [("files", (f"{n}.txt", b"x")) for n in range(101)]}, (400, "many-files")),
        ({"data": {f"f{n}": "x" for n in range(50)}, "files": {"a": b"x"}}, (400, "malformed")),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, (400, "malformed")),
    ],
)  # fmt: skip
def test_what_is_no_upload_is_refused_and_nothing_is_stored(
    server: Running, given: Any, want: tuple[int, str]
) -> None:
    before = server.get(f"{HERE}/jobs").json()
    assert error(server.post(f"{HERE}/documents", **given)) == want
    assert server.get(f"{HERE}/jobs").json() == before


def test_no_more_is_held_than_the_limit_allows(library: Library) -> None:
    with running(library, limits=Limits(held=1000)) as server:
        refused = server.post(f"{HERE}/documents", files={"files": ("a.txt", b"x" * 2000)})
    assert error(refused) == (429, "too-many-files")
    assert int(refused.headers["retry-after"]) > 0


def test_a_server_that_only_reads_changes_nothing(library: Library) -> None:
    with running(library, read_only=True) as server:
        sent = server.post(f"{HERE}/documents", files={"files": ("a.txt", b"x")})
        assert error(sent) == (403, "read-only")
        assert error(server.client.delete(f"{HERE}/documents/a.txt")) == (403, "read-only")


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc%2fpasswd", "%2Fetc%2Fpasswd", "a%00b", "' OR 1=1 --", "x" * 5000, "%ff"]
)
def test_a_document_is_looked_up_and_never_opened_by_a_clients_path(
    server: Running, name: str
) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/pages/1"), ("GET", "/text")):
        response = server.client.request(method, f"{HERE}/documents/{name}{path}")
        assert response.status_code in (400, 404)
        assert set(response.json()) == {"error"}


def test_a_search_tells_every_hit_and_every_step(server: Running) -> None:
    found = server.post(f"{HERE}/search", json={"question": "ferry price", "explain": True}).json()
    assert found["hits"][0]["kept"]
    assert found["hits"][0]["text"].endswith("five crowns.")
    assert {"embed", "recall", "rerank"} <= {step["name"] for step in found["steps"]}
    bad = server.post(f"{HERE}/search", json={"question": "x", "recall": 100_000})
    assert error(bad) == (400, "bad-field")
    assert bad.json()["error"]["param"] == "recall"


def test_an_answer_can_be_streamed_as_events(server: Running) -> None:
    whole = server.post(f"{HERE}/ask", json={"question": "ferry price"}).json()
    stream = server.post(f"{HERE}/ask", json={"question": "ferry price", "stream": True})
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = re.findall(r"event: (\w+)\ndata: (.*)\n\n", stream.text)
    assert [kind for kind, _ in events] == ["passages", "text", "answer"]
    answer = json.loads(events[-1][1])
    assert answer["answer"] == whole["answer"]
    assert answer["citations"] == whole["citations"]


def test_an_answer_of_the_server_is_verified_and_a_forged_one_is_not(server: Running) -> None:
    answer = server.post(f"{HERE}/ask", json={"question": "ferry price"}).json()
    assert server.post(f"{HERE}/verify", json=answer).json()["sound"]
    answer["citations"][0]["quote"] = "The ferry price is nine crowns."
    assert not server.post(f"{HERE}/verify", json=answer).json()["sound"]
    refused = server.post(f"{HERE}/verify", json={"question": "x"})
    assert refused.status_code == 400
    assert "answer" in refused.json()["error"]["message"]


def test_exact_words_are_found_up_to_a_limit(server: Running) -> None:
    found = server.post(f"{HERE}/grep", json={"pattern": "FERRY", "ignore_case": True}).json()
    assert [one["matched"] for one in found["matches"]] == ["ferry"]
    assert found["more"] is False
    some = server.post(f"{HERE}/grep", json={"pattern": "e", "limit": 2}).json()
    assert (len(some["matches"]), some["more"]) == (2, True)
    assert error(server.post(f"{HERE}/grep", json={"pattern": "(", "regex": True})) == (
        400,
        "no-regular-expression",
    )


def test_a_page_is_drawn_with_the_places_of_the_words(server: Running) -> None:
    document = server.get(f"{HERE}/documents/plan.pdf/text").json()
    start = document["text"].index("ring the bell")
    drawn = server.get(
        f"{HERE}/documents/plan.pdf/pages/2", params={"start": start, "end": start + 13}
    )
    assert drawn.headers["content-type"] == "image/webp"
    assert drawn.content[:4] == b"RIFF"
    ((left, top, right, bottom),) = json.loads(drawn.headers["bifolio-areas"])
    assert 0 < left < right < 1
    assert 0 < top < bottom < 1
    assert error(server.get(f"{HERE}/documents/plan.pdf/pages/9")) == (404, "no-such-page")
    assert error(server.get(f"{HERE}/documents/fares.md/pages/1")) == (404, "no-such-page")


def test_an_unknown_library_names_those_that_there_are(server: Running) -> None:
    refused = server.get("/libraries/nothing/documents")
    assert error(refused) == (404, "unknown-library")
    assert "there are: library" in refused.json()["error"]["message"]
    (row,) = server.get("/libraries").json()["libraries"]
    assert (row["name"], row["documents"], row["language_model"]) == ("library", 2, None)


def test_libraries_do_not_leak_into_each_other(library: Library, tmp_path: Path) -> None:
    other = Library(tmp_path / "other", models=library.models)
    library.add_bytes("one.txt", b"The ferry price is one crown.")
    other.add_bytes("two.txt", b"The ferry price is two crowns.")
    with running(library, other) as server:
        for name, word in (("library", "one crown."), ("other", "two crowns.")):
            done = server.chat("ferry price", model=name).json()
            assert word in done["choices"][0]["message"]["content"]
            assert len(done["citations"]) == 1
        assert error(server.chat("ferry price")) == (400, "no-model")


def test_a_wrong_method_is_told_with_all_that_the_address_has(server: Running) -> None:
    for path, methods in (
        (f"{HERE}/documents", "GET, POST"),
        (f"{HERE}/documents/x", "DELETE, GET"),
    ):
        refused = server.client.request("PUT", path)
        assert error(refused) == (405, "wrong-method")
        assert refused.headers["allow"] == methods


def test_a_whole_number_may_be_written_with_a_point(server: Running) -> None:
    asked = {"question": "ferry price", "keep": 1.0, "recall": 20.0}
    assert server.post(f"{HERE}/search", json=asked).status_code == 200
    refused = server.post(f"{HERE}/search", json={**asked, "keep": 1.5})
    assert error(refused) == (400, "bad-field")


def test_figures_are_in_the_form_of_prometheus(server: Running) -> None:
    server.post(f"{HERE}/ask", json={"question": "ferry price"})
    got = server.get("/metrics")
    assert got.headers["content-type"].startswith("text/plain; version=0.0.4")
    line = re.compile(
        r"# TYPE \w+ (counter|gauge|histogram)|\w+(\{(\w+=\"[^\"]*\",?)+\})? [\d.e+-]+"
    )
    assert [one for one in got.text.splitlines() if not line.fullmatch(one)] == []
    assert 'bifolio_documents{library="library"}' in got.text
    assert 'bifolio_answers_total{library="library",mode="quotes",outcome="answered"}' in got.text


def test_models_that_libraries_share_are_opened_once(tmp_path: Path) -> None:
    rules = Rules(limits=Limits())
    folders = by_name([tmp_path / "a", tmp_path / "b"])
    service = Service.open(folders, rules, create=True)
    assert [one.name for one in service] == ["a", "b"]
    models = [one.library.models for one in service]
    assert len({id(one.embedder) for one in models}) == 1
    assert len({id(one.reranker) for one in models}) == 1
    with pytest.raises(BifolioError, match="there is no library at"):
        Service.open({"missing": tmp_path / "missing"}, rules)


def test_a_library_that_others_models_made_anew_is_served_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = WordEmbedder()
    other.fingerprint = "words/2"
    models = {"starter": Models(WordEmbedder(), OverlapReranker())}
    models["bce"] = Models(other, OverlapReranker())
    monkeypatch.setattr(Models, "open", lambda settings, **_: models[settings.models])
    folder = tmp_path / "library"
    Library(folder, models=models["starter"]).add_bytes("fares.md", b"The ferry price is five.")
    service = Service.open({"ferries": folder}, Rules(limits=Limits()))
    served = service.library("ferries")
    shutil.rmtree(folder)
    Library(folder, models=models["bce"]).add_bytes("crew.md", b"The crew is nine strong.")
    with pytest.raises(LibraryMismatch):
        service.library("ferries")
    monkeypatch.setenv("BIFOLIO_MODELS", "bce")
    assert service.library("ferries") is served
    # What waits in its queue goes into the new one.
    served.take("crew2.md", b"The crew has rest.", replaces=False)
    assert served.uploads.wait(30)
    assert {one.path for one in served.library.documents()} == {"crew.md", "crew2.md"}
