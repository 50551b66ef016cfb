"""Which files of a folder are taken: globs, .gitignore files, and what is told of the rest."""

from pathlib import Path

import pytest
from conftest import MakePdf

from bifolio.ingest import BadGlob, Selection, find
from bifolio.ingest.counting import count_pages
from bifolio.library import Library


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for name in ("a.md", "b.txt", "drafts/c.md", "drafts/keep.md", "sub/d.md", "sub/old/e.txt"):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"This is {name}.\n")
    return root


def found(root: Path, **wanted: object) -> list[str]:
    selection = Selection(**wanted)  # type: ignore[arg-type]
    return [str(Path(path).relative_to(root)) for path in find([root], selection=selection).files]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"include": ("*.txt",)}, ["b.txt", "sub/old/e.txt"]),
        ({"include": ("/*.md", "sub/**")}, ["a.md", "sub/d.md", "sub/old/e.txt"]),
        ({"exclude": ("sub/**/", "drafts/")}, ["a.md", "b.txt", "sub/d.md"]),
        ({"exclude": ("drafts/", "old")}, ["a.md", "b.txt", "sub/d.md"]),
        (
            {"exclude": ("drafts/*", "!drafts/keep.md", "*.txt")},
            ["a.md", "drafts/keep.md", "sub/d.md"],
        ),
        ({"include": ("*.md",), "exclude": ("sub/**",)}, ["a.md", "drafts/c.md", "drafts/keep.md"]),
    ],
)
def test_globs_are_those_of_a_gitignore(
    tree: Path, wanted: dict[str, tuple[str, ...]], names: list[str]
) -> None:
    assert found(tree, **wanted) == names


def test_gitignore_files_hold_below_their_folder_and_the_deeper_one_decides(tree: Path) -> None:
    (tree / ".gitignore").write_text("*.txt\n/a.md\n# words\n\n")
    (tree / "sub" / ".gitignore").write_text("!e.txt\nd.md\n")

    assert found(tree) == ["drafts/c.md", "drafts/keep.md", "sub/old/e.txt"]
    assert len(found(tree, gitignore=False)) == 6


def test_a_repository_speaks_for_the_folders_in_it_unless_one_is_asked_for(tree: Path) -> None:
    (tree / ".git").mkdir()
    (tree / ".gitignore").write_text("drafts/\n*.txt\n")

    assert found(tree / "sub") == ["d.md"]
    assert found(tree / "drafts") == ["c.md", "keep.md"]


def test_a_file_that_is_named_is_taken_whatever_leaves_it_out(tree: Path) -> None:
    (tree / ".gitignore").write_text("*\n")

    assert len(find([tree / "a.md"], selection=Selection(exclude=("*",))).files) == 1


def test_a_gitignore_that_is_no_text_or_no_pattern_stops_nobody(tree: Path) -> None:
    (tree / ".gitignore").write_bytes(b"\xff\xfe\x00!\n!\n*.txt\n")

    assert "a.md" in found(tree)
    assert "b.txt" not in found(tree)


def test_what_was_left_out_is_counted_by_what_said_so(tree: Path) -> None:
    (tree / ".gitignore").write_text("b.txt\n")

    finding = find([tree], selection=Selection(include=("*.md", "b.txt"), exclude=("drafts/",)))

    assert finding.left_out == {
        f"{tree}/.gitignore": 1,
        "--exclude (folders)": 1,
        "not in --include": 1,
    }


def test_a_pattern_that_means_nothing_is_refused() -> None:
    with pytest.raises(BadGlob, match="is no pattern for files"):
        Selection(exclude=("!",))


def test_what_is_left_out_later_stays_in_the_library_and_is_told(
    library: Library, tree: Path
) -> None:
    library.add(tree)

    report = library.add(tree, prune=True, selection=Selection(exclude=("*.txt",)))

    assert (report.removed, report.missing) == ((), ())
    assert len(library.documents()) == 6
    assert "left out now: 2 that the library holds" in str(report.warnings[0].reason)


def test_a_dry_run_tells_pages_chunks_and_time(
    library: Library, tree: Path, make_pdf: MakePdf
) -> None:
    (tree / "long.pdf").write_bytes(make_pdf(*["The ferry leaves at seven."] * 30))
    (tree / "long.txt").write_text("The ferry leaves at seven.\n" * 1000)

    estimate = library.add(tree, dry_run=True).estimate

    assert estimate is not None
    assert (estimate.files, estimate.pages) == (8, 37)
    assert 50 < estimate.chunks < 100
    assert estimate.seconds > 0
    assert library.documents() == []
    assert library.add(tree).estimate is None


def test_pages_are_counted_past_a_broken_file(tmp_path: Path, make_pdf: MakePdf) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 and nothing")
    (tmp_path / "bad.pptx").write_bytes(b"PK and nothing")
    (tmp_path / "good.pdf").write_bytes(make_pdf("One.", "Two.", "Three."))
    paths = [str(tmp_path / name) for name in ("bad.pdf", "bad.pptx", "good.pdf", "none.pdf")]

    assert list(count_pages(paths).values()) == [1, 1, 3, 1]
