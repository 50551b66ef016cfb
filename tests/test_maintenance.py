"""A library as a whole: what is damaged is told and mended, and it moves without being embedded."""

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import Library, LibraryBusy, LibraryMismatch, Models, StoreError
from bifolio.cli.commands import main
from bifolio.ingest import Chunk, Document, Page
from bifolio.maintenance import BadArchive, export_library, import_library, rebuild, repair
from bifolio.retrieval import Damage
from bifolio.retrieval.arrays import Floats

UPLOAD = b"The crew of the ferry drills on Mondays.\n"


class OtherEmbedder(WordEmbedder):
    """Another model: the same subjects, and one dimension more."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.fingerprint = "others", "others/1"
        self.dims += 1

    def embed_queries(self, texts: list[str]) -> Floats:  # type: ignore[override]
        vectors = np.array([self._vector(text) for text in texts], np.float32)
        return np.hstack([vectors, np.zeros((len(vectors), 1), np.float32)])


@pytest.fixture
def filled(library: Library, documents: Path) -> Library:
    """Give a library of the three documents and an upload."""
    library.add(documents)
    library.add_bytes("drills.txt", UPLOAD)
    return library


def damage(library: Library, *statements: str) -> None:
    with closing(sqlite3.connect(library.folder / "db.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def parts(damages: tuple[Damage, ...]) -> list[str]:
    return [damage.part for damage in damages]


def mend(library: Library) -> tuple[list[str], list[str]]:
    done = repair(library.store, library.models.embedder)
    return parts(done.mended), parts(done.left)


def best(library: Library, question: str = "ferry price") -> str:
    return library.search(question)[0].document.path


# check and repair


def test_a_library_as_it_was_stored_is_whole(filled: Library) -> None:
    assert filled.store.check(whole=True) == ()


def test_an_empty_library_is_whole(library: Library) -> None:
    with library.store.writing():
        pass
    assert library.store.check(whole=True) == ()


def test_a_changed_vector_is_told_and_made_again_from_the_text(filled: Library) -> None:
    before = best(filled)
    damage(filled, "UPDATE chunks SET vector = zeroblob(length(vector)) WHERE id = 1")

    (found,) = filled.store.check(whole=True)
    assert found.part == "vectors"
    assert str(found.told).startswith("1 vectors of ")
    assert found.document in str(found.told)

    assert mend(filled) == (["vectors"], [])
    assert filled.store.check(whole=True) == ()
    assert best(filled) == before


def test_a_repaired_vector_is_searched_at_once_by_whoever_has_the_library_open(
    filled: Library, embedder: WordEmbedder, reranker: OverlapReranker
) -> None:
    damage(filled, "UPDATE chunks SET vector = zeroblob(length(vector))", "DELETE FROM segments")
    other = Library(filled.folder, models=Models(embedder, reranker))
    blind = other.retrieve("ferry price", legs=("dense",), rerank=False).trace.hits
    assert {hit.scores.dense for hit in blind} == {0.0}

    mend(filled)

    hits = other.retrieve("ferry price", legs=("dense",), rerank=False).trace.hits
    assert (hits[0].scores.dense or 0) > 0.5


def test_words_that_are_not_indexed_are_indexed_again(filled: Library) -> None:
    damage(filled, "DELETE FROM words WHERE rowid IN (SELECT id FROM chunks LIMIT 2)")
    assert parts(filled.store.check()) == ["words"]
    assert mend(filled) == (["words"], [])
    hits = filled.retrieve("crowns", legs=("lexical",), rerank=False).trace.hits
    assert hits[0].span.path.endswith("fares.md")


def test_words_of_a_chunk_that_is_gone_are_taken_out(filled: Library) -> None:
    damage(filled, "INSERT INTO words (rowid, body) VALUES (999, 'crowns')")
    (found,) = filled.store.check()
    assert str(found.told) == "the words of 0 chunks are not indexed, and those of 1 too many"
    assert mend(filled) == (["words"], [])


def test_a_changed_text_is_read_again_from_its_file(filled: Library) -> None:
    damage(filled, "UPDATE texts SET text = replace(text, 'five', 'nine')")
    (found,) = filled.store.check(whole=True)
    assert (found.part, Path(found.document).name) == ("text", "fares.md")

    assert mend(filled) == (["text"], [])
    assert "five crowns" in filled.document(found.document).text


def test_a_changed_text_whose_file_is_gone_is_left_and_told(
    filled: Library, documents: Path
) -> None:
    damage(filled, "UPDATE texts SET text = replace(text, 'five', 'nine')")
    (documents / "fares.md").unlink()
    assert mend(filled) == ([], ["text"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE texts SET text = substr(text, 1, 5) WHERE text LIKE '%five%'",
        "DELETE FROM texts WHERE text LIKE '%five%'",
        "DELETE FROM outlines WHERE document = 1",
        "UPDATE documents SET chunks = chunks + 1 WHERE id = 1",
    ],
)
def test_a_document_of_which_a_part_is_missing_is_read_again(
    filled: Library, statement: str
) -> None:
    damage(filled, statement)
    assert "text" in parts(filled.store.check(whole=True))
    mended, left = mend(filled)
    assert set(mended) == {"text"}
    assert not left


@pytest.mark.parametrize("wreck", [Path.unlink, lambda file: file.write_bytes(b"another")])
def test_an_index_file_that_is_gone_or_another_is_made_again(
    filled: Library, wreck: Callable[[Path], object]
) -> None:
    for file in filled.folder.glob("index-*.faiss"):
        wreck(file)
    filled.close()
    assert parts(filled.store.check()) == ["index"]
    assert mend(filled) == (["index"], [])


def test_an_upload_whose_bytes_changed_is_told_and_not_touched(filled: Library) -> None:
    (kept,) = (filled.folder / "files").iterdir()
    kept.write_bytes(b"another")
    (found,) = filled.store.check(whole=True)
    assert str(found.told) == "drills.txt has changed since it was read; upload it again"
    assert mend(filled) == ([], ["upload"])
    assert kept.read_bytes() == b"another"


def test_a_file_of_a_folder_that_is_gone_is_no_damage(filled: Library, documents: Path) -> None:
    (documents / "safety.txt").unlink()
    assert filled.store.check(whole=True) == ()


def test_a_document_that_never_had_a_file_is_whole(library: Library) -> None:
    document = Document("note", "note", "", "The ferry.", (Page(1, 0, 10),))
    library.add_chunks([Chunk(document, 0, 10)])
    assert library.store.check(whole=True) == ()


# rebuild


def test_a_library_is_made_anew_with_other_models_and_no_file_is_read(
    filled: Library, documents: Path, reranker: OverlapReranker
) -> None:
    before = {entry.path: entry.added for entry in filled.documents()}
    (documents / "fares.md").unlink()
    models = Models(OtherEmbedder(), reranker)

    done = rebuild(filled.folder, models)

    assert (done.documents, done.before, done.now) == (4, "words", "others")
    again = Library(filled.folder, models=models)
    assert Path(best(again)).name == "fares.md"
    assert {entry.path: entry.added for entry in again.documents()} == before
    assert again.store.check(whole=True) == ()
    assert again.file("drills.txt") == UPLOAD
    assert not (filled.folder / "rebuild").exists()
    with pytest.raises(LibraryMismatch, match="made with the embedder others"):
        filled.search("ferry price")


def test_a_library_answers_as_before_while_it_is_made_anew_and_takes_no_other_writer(
    filled: Library, reranker: OverlapReranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    class Slow(OtherEmbedder):
        def embed_passages(self, texts: list[str]) -> Floats:  # type: ignore[override]
            seen.append(Path(best(filled)).name)
            with pytest.raises(LibraryBusy):
                filled.remove("drills.txt")
            return super().embed_passages(texts)

    monkeypatch.setattr("bifolio.retrieval.store.lock.WAIT", 0.05)
    rebuild(filled.folder, Models(Slow(), reranker))
    assert set(seen) == {"fares.md"}


def test_what_was_embedded_before_an_interruption_is_not_embedded_again(
    filled: Library, reranker: OverlapReranker
) -> None:
    class Dying(OtherEmbedder):
        def embed_passages(self, texts: list[str]) -> Floats:  # type: ignore[override]
            if len(self.embedded) > 1:
                raise KeyboardInterrupt
            return super().embed_passages(texts)

    with pytest.raises(KeyboardInterrupt):
        rebuild(filled.folder, Models(dying := Dying(), reranker))
    assert best(filled)

    rebuild(filled.folder, Models(other := OtherEmbedder(), reranker))

    assert not set(dying.embedded) & set(other.embedded)
    assert len(dying.embedded) + len(other.embedded) == 4


def test_a_folder_without_a_library_is_told(tmp_path: Path, reranker: OverlapReranker) -> None:
    with pytest.raises(StoreError, match="there is no library at"):
        rebuild(tmp_path, Models(OtherEmbedder(), reranker))


# export and import


def test_a_library_opens_elsewhere_without_being_embedded_again(
    filled: Library, tmp_path: Path, embedder: WordEmbedder
) -> None:
    archive = tmp_path / "a.bifolio"
    done = export_library(filled.store, archive)
    assert (done.documents, done.originals, done.gone) == (4, 1, ())
    embedder.embedded.clear()

    import_library(archive, tmp_path / "new" / "library", filled.models)

    other = Library(tmp_path / "new" / "library", models=filled.models)
    assert embedder.embedded == []
    assert Path(best(other)).name == "fares.md"
    assert other.file("drills.txt") == UPLOAD
    assert other.store.check(whole=True) == ()


def test_originals_come_along_if_wanted_and_those_that_changed_are_told(
    filled: Library, tmp_path: Path, documents: Path
) -> None:
    (documents / "safety.txt").write_text("changed", encoding="utf-8")
    archive = tmp_path / "a.bifolio"
    done = export_library(filled.store, archive, originals=True)
    assert (done.originals, done.gone) == (3, (str(documents / "safety.txt"),))

    fares = str(documents / "fares.md")
    before = filled.file(fares)
    import_library(archive, tmp_path / "new", filled.models)
    (documents / "fares.md").unlink()

    other = Library(tmp_path / "new", models=filled.models)
    assert other.file(fares) == before
    other.remove("drills.txt")
    assert other.file(fares) == before


def test_a_library_goes_back_to_an_archive_in_one_step(
    filled: Library, tmp_path: Path, embedder: WordEmbedder
) -> None:
    archive = tmp_path / "a.bifolio"
    export_library(filled.store, archive)
    expected = [entry.path for entry in filled.documents()]
    open_all_the_time = Library(filled.folder, models=filled.models)
    filled.remove("drills.txt")
    filled.remove("fares.md")
    filled.add_bytes("later.txt", b"The price of the ferry is another now.")
    assert best(open_all_the_time) == "later.txt"
    embedder.embedded.clear()

    for _ in range(2):
        now = [entry.path for entry in filled.documents()]
        with open_all_the_time.store.reading() as begun:
            import_library(archive, filled.folder, filled.models, replaces=True)
            assert [entry.path for entry in begun.entries()] == now

        for library in (filled, open_all_the_time):
            assert [entry.path for entry in library.documents()] == expected
            assert Path(best(library)).name == "fares.md"
            assert library.file("drills.txt") == UPLOAD
        filled.add_bytes("later.txt", b"The price of the ferry is another now.")

    assert len(embedder.embedded) == 2
    assert filled.store.check(whole=True) == ()


def test_a_library_that_cannot_go_back_stays_what_it_is(
    filled: Library, tmp_path: Path, reranker: OverlapReranker
) -> None:
    archive = tmp_path / "a.bifolio"
    export_library(filled.store, archive)
    damaged = tmp_path / "b.bifolio"
    damaged.write_bytes(archive.read_bytes()[:-3000])
    filled.remove("drills.txt")
    held = [entry.path for entry in filled.documents()]

    with pytest.raises(BadArchive, match="is no library that"):
        import_library(damaged, filled.folder, filled.models, replaces=True)
    with pytest.raises(BadArchive, match="made with the embedder"):
        import_library(archive, filled.folder, Models(OtherEmbedder(), reranker), replaces=True)
    with pytest.raises(StoreError, match="there is no library"):
        import_library(archive, tmp_path, filled.models, replaces=True)

    assert [entry.path for entry in filled.documents()] == held
    assert not list(filled.folder.parent.glob(".bifolio-*"))


def test_two_copies_of_a_library_go_their_own_ways(filled: Library, tmp_path: Path) -> None:
    archive = tmp_path / "a.bifolio"
    export_library(filled.store, archive)
    import_library(archive, tmp_path / "new", filled.models)
    other = Library(tmp_path / "new", models=filled.models)
    other.remove("fares.md")
    assert Path(best(filled)).name == "fares.md"


def test_an_archive_of_other_models_is_refused_and_leaves_nothing(
    filled: Library, tmp_path: Path, reranker: OverlapReranker
) -> None:
    archive = tmp_path / "a.bifolio"
    export_library(filled.store, archive)
    with pytest.raises(BadArchive, match=r"embedder words .* asked for others .* --models"):
        import_library(archive, tmp_path / "new", Models(OtherEmbedder(), reranker))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bifolio", "documents", "library"]


def rewritten(archive: Path, **changes: bytes | None) -> Path:
    """Give the archive with members changed, added or, for None, left out."""
    other = archive.with_name("rewritten.bifolio")
    with ZipFile(archive) as old, ZipFile(other, "w") as new:
        members = {name: old.read(name) for name in old.namelist()}
        for name, data in {**members, **changes}.items():
            if data is not None:
                new.writestr(name, data)
    return other


HASH = "a" * 64


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"../outside": b"x"}, r"it holds '\.\./outside'"),
        ({"/etc/passwd": b"x"}, "it holds '/etc/passwd'"),
        ({"files/../../x": b"x"}, "it holds 'files/"),
        ({f"files/{HASH}.txt": b"x"}, f"files/{HASH}.txt is damaged"),
        ({"db.sqlite": b"SQLite format 3"}, "db.sqlite is damaged"),
        ({"db.sqlite": None}, "its database is missing"),
        ({"bifolio.json": None}, "bifolio.json"),
        ({"bifolio.json": b"[]"}, "indices"),
        ({"bifolio.json": b'{"format": 9}'}, "format 9, this version reads 1"),
        ({"bifolio.json": b" " * (1 << 21)}, "too long"),
    ],
)
def test_an_archive_that_is_not_as_it_was_written_is_refused_and_leaves_nothing(
    filled: Library, tmp_path: Path, changes: dict[str, bytes | None], why: str
) -> None:
    export_library(filled.store, tmp_path / "a.bifolio")
    hostile = rewritten(tmp_path / "a.bifolio", **changes)
    with pytest.raises(BadArchive, match=why):
        import_library(hostile, tmp_path / "new", filled.models)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"a.bifolio", "rewritten.bifolio", "documents", "library"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"plain text"])
def test_a_file_that_is_no_archive_is_told(
    tmp_path: Path, library: Library, content: bytes
) -> None:
    (tmp_path / "a.bifolio").write_bytes(content)
    with pytest.raises(BadArchive, match="is no library that `bifolio export` wrote"):
        import_library(tmp_path / "a.bifolio", tmp_path / "new", library.models)


def test_a_missing_archive_is_told(tmp_path: Path, library: Library) -> None:
    with pytest.raises(BadArchive, match="No such file"):
        import_library(tmp_path / "a.bifolio", tmp_path / "new", library.models)


def test_nothing_is_written_over(filled: Library, tmp_path: Path) -> None:
    archive = tmp_path / "a.bifolio"
    export_library(filled.store, archive)
    with pytest.raises(BadArchive, match="is there already"):
        export_library(filled.store, archive)
    with pytest.raises(BadArchive, match="is not empty"):
        import_library(archive, tmp_path / "documents", filled.models)


def test_a_library_is_exported_while_it_is_written_to(filled: Library, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            filled.add_bytes(f"{number}.txt", f"The crew, number {number}.".encode())
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            archive, place = tmp_path / f"{number}.bifolio", tmp_path / f"new-{number}"
            export_library(filled.store, archive)
            import_library(archive, place, filled.models)
            assert Library(place, models=filled.models).store.check() == ()
    finally:
        stop.set()
        writer.join()


# the commands


def test_the_commands_check_and_move_a_library(
    tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, archive = tmp_path / "library", tmp_path / "a.bifolio"
    here = ["--library", str(folder)]
    assert main(["ingest", *here, str(documents)]) == 0
    assert main(["check", "--whole", *here]) == 0
    for file in folder.glob("index-*.faiss"):
        file.unlink()
    capsys.readouterr()

    assert main(["check", "--json", *here]) == 5
    (found,) = json.loads(capsys.readouterr().out)["damages"]
    assert found["part"] == "index"
    assert main(["repair", *here]) == 0
    assert "mended: the index file is missing" in capsys.readouterr().out
    assert main(["export", *here, str(archive)]) == 0
    assert main(["import", "--library", str(tmp_path / "new"), str(archive)]) == 0
    assert main(["import", "--library", f"milvus+file:{tmp_path}/lite/a", str(archive)]) == 1
    assert "is on Milvus: rebuild, export and import" in capsys.readouterr().err
    assert main(["rebuild", "--library", str(tmp_path / "new")]) == 0
    assert "3 documents" in capsys.readouterr().out
    assert main(["list", "--library", str(tmp_path / "new")]) == 0


def test_the_name_of_kept_bytes_holds_nothing_of_a_path(filled: Library) -> None:
    (entry,) = [entry for entry in filled.documents() if entry.uploaded]
    assert entry.kept_as == f"{entry.sha256}.txt"
    assert replace(entry, path="../../etc/passwd.t/x").kept_as == entry.sha256
