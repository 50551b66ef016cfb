"""Which files of a folder are wanted: patterns in the form of .gitignore, and such files."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from bifolio.ingest.errors import BifolioError
from bifolio.ingest.message import message

_IGNORE = ".gitignore"


class BadGlob(BifolioError):  # noqa: N818 - the name says what is wrong
    """A pattern for files cannot be understood."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files of a folder are taken; one that is named by itself always is.

    ``include`` and ``exclude`` are patterns in the form of .gitignore, relative to the folder that
    was asked for; ``gitignore`` lets the .gitignore files that stand there say so too.

    Raises:
        BadGlob: a pattern cannot be understood.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    gitignore: bool = True

    def __post_init__(self) -> None:
        """Refuse patterns early."""
        for pattern in (*self.include, *self.exclude):
            _spec([pattern])


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class _Rules:
    """Patterns that hold below a folder, and how they are called in a report."""

    folder: str
    called: str
    spec: GitIgnoreSpec

    def decides(self, path: str, *, is_folder: bool) -> bool | None:
        """Tell whether a path is left out, taken back in (False), or not spoken of."""
        if not path.startswith(f"{self.folder.rstrip('/')}/"):
            return None
        below = os.path.relpath(path, self.folder)
        return self.spec.check_file(f"{below}/" if is_folder else below).include


class Sieve:
    """What a selection means for one folder that is walked."""

    def __init__(self, root: Path, selection: Selection) -> None:
        self._root = str(root)
        self._selection = selection
        self._include = _spec(selection.include) if selection.include else None
        self._rules = list(_above(root)) if selection.gitignore else []
        # Whoever asks for a folder wants it, whatever is said of it further up.
        if any(rules.decides(self._root, is_folder=True) for rules in self._rules):
            self._rules = []
        self._exclude = _Rules(self._root, "--exclude", _spec(selection.exclude))

    def enter(self, folder: str) -> None:
        """Take in what a folder says of its own files; folders come before what they hold."""
        if self._selection.gitignore:
            self._rules += _written(Path(folder))

    def leaves_out(self, path: str, *, is_folder: bool = False) -> str:
        """Name what leaves a path out; empty if it is taken."""
        if self._exclude.decides(path, is_folder=is_folder):
            return self._exclude.called
        for rules in reversed(self._rules):
            if (decided := rules.decides(path, is_folder=is_folder)) is not None:
                if decided:
                    return rules.called
                break
        if self._include is None or is_folder:
            return ""
        below = os.path.relpath(path, self._root)
        return "" if self._include.match_file(below) else "not in --include"


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    try:
        return _understood(patterns)
    except ValueError as problem:
        sentence = "{pattern} is no pattern for files ({problem}); write it as in a .gitignore"
        told = message("bad-glob", sentence, pattern=" ".join(patterns), problem=str(problem))
        raise BadGlob(told) from problem


def _above(root: Path) -> Iterator[_Rules]:
    """Give the rules of the folders above, as far as a repository goes."""
    parents = list(root.parents)
    tops = [place for place, parent in enumerate(parents) if (parent / ".git").exists()]
    if (root / ".git").exists() or not tops:
        return
    for parent in reversed(parents[: tops[0] + 1]):
        yield from _written(parent)


def _written(folder: Path) -> Iterator[_Rules]:
    try:
        lines = (folder / _IGNORE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    yield _Rules(str(folder), str(folder / _IGNORE), _understood([*filter(_is_pattern, lines)]))


def _is_pattern(line: str) -> bool:
    """Tell whether a line can be understood; one that cannot says nothing."""
    try:
        _understood([line])
    except ValueError:
        return False
    return True


def _understood(lines: Sequence[str]) -> GitIgnoreSpec:
    # To git "old/**/" names the folders in old, to pathspec old itself.
    bare = [line.rstrip() for line in lines]
    return GitIgnoreSpec.from_lines(
        f"{short}*/" if short.endswith("/**/") else line
        for line, short in zip(lines, bare, strict=True)
    )
