"""What the writing side of a cluster does with what comes back, by a double of Ray."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import Library, Models
from bifolio.cluster import RayEngine, engine


class RayError(Exception):
    pass


class RayTaskError(RayError):
    cause = None


class FakeRay:
    """Does at once what it is given; the first ``deaths`` promises of embedding are broken."""

    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)

    def __init__(self, deaths: int = 0) -> None:
        self.deaths = deaths

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def nodes(self) -> list[dict[str, bool]]:
        return [{"Alive": True}]

    def put(self, value: Any) -> Any:
        return value

    def remote(self, **_: Any) -> Any:
        def wrapped(made: Any) -> Any:
            if isinstance(made, type):
                return SimpleNamespace(remote=lambda *given: self._actor(made(*given)))
            return SimpleNamespace(remote=lambda *given: Promise(lambda: made(*given)))

        return wrapped

    def wait(self, references: Any, **_: Any) -> tuple[list[Any], list[Any]]:
        return list(references)[:1], []

    def get(self, reference: Any) -> Any:
        if isinstance(reference, list):
            return [one.value() for one in reference]
        if self.deaths and reference.embeds:
            self.deaths -= 1
            raise RayError("the worker died")
        return reference.value()

    def kill(self, _: Any) -> None: ...

    def cancel(self, _: Any, **__: Any) -> None: ...

    def _actor(self, one: Any) -> Any:
        def embed(read: Any) -> Any:
            def made() -> Any:
                return one.embed(read.value() if isinstance(read, Promise) else read)

            return Promise(made, embeds=True)

        return SimpleNamespace(
            embed=SimpleNamespace(remote=embed),
            fingerprint=SimpleNamespace(remote=lambda: Promise(one.fingerprint)),
        )


class Promise:
    def __init__(self, value: Any, *, embeds: bool = False) -> None:
        self.value, self.embeds = value, embeds


def add(monkeypatch: pytest.MonkeyPatch, library: Library, folder: Path, ray: FakeRay) -> Any:
    @contextmanager
    def connected(_: str | None) -> Iterator[FakeRay]:
        yield ray

    monkeypatch.setattr(engine, "connected", connected)
    return library.add(folder, engine=RayEngine())


def texts(library: Library) -> dict[str, str]:
    return {one.path: library.document(one.path).text for one in library.documents()}


@pytest.mark.parametrize("deaths", [0, 1, 2])
def test_what_dies_is_sent_out_again_and_stored_once(
    library: Library,
    documents: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    deaths: int,
) -> None:
    (documents / "damaged.pdf").write_bytes(b"%PDF-1.4 no more")
    plain = Library(tmp_path / "plain", models=Models(WordEmbedder(), OverlapReranker()))
    expected = plain.add(documents)

    report = add(monkeypatch, library, documents, FakeRay(deaths))

    assert texts(library) == texts(plain)
    assert {one.path for one in report.added} == {one.path for one in expected.added}
    assert report.skipped == expected.skipped


def test_a_file_whose_workers_always_die_is_skipped_and_tried_again_next_time(
    library: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = add(monkeypatch, library, documents, FakeRay(deaths=10**6))

    assert len(report.skipped) == 3
    assert "died 3 times" in str(report.skipped[0].reason)
    assert len(add(monkeypatch, library, documents, FakeRay()).added) == 3
