"""Where folders stand now that were moved or renamed, told by the files they held."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath

# A name alone says little: so many files at their places in a folder say that it is the same one.
_ENOUGH = 2
# Of folders full of equal names the first moves say enough.
_MOST = 20


def moved_paths(
    gone: Mapping[str, str], files: Mapping[str, str], *, library: tuple[str, str] | None = None
) -> dict[str, str]:
    """Tell where documents whose files are gone belong now: old path to new one.

    ``gone`` and ``files`` map paths to sha256. A folder was moved if a file of its content, or
    several of its names, stand at the same places of another; ``library`` is where the library was
    and where it is, if it moved itself. A new path need not exist: then its file was deleted since.
    For that most of the folder must be found again, or a drive that is not there would be emptied.
    """
    places: dict[str, str] = {}
    for old, new, sure in _moves(gone, files, library):
        inside = {path: _below(path, old, new) for path in gone if _is_below(path, old)}
        found = {path for path, place in inside.items() if place in files}
        most = sure or 2 * len(found) >= len(inside)
        for path, place in inside.items():
            if path not in places and (path in found or most):
                places[path] = place
    return places


def _moves(
    gone: Mapping[str, str], files: Mapping[str, str], library: tuple[str, str] | None
) -> Iterator[tuple[str, str, bool]]:
    """Yield each folder that moved: where it was, where it is, and whether that is certain."""
    if library and (moved := _bases(*library)):
        yield *moved, True
    for (old, new), _ in _counted(gone, _contents(files), lambda _, sha256: (sha256,)):
        yield old, new, False
    for (old, new), count in _counted(gone, _names(files), lambda path, _: _tails(path)):
        inside = sum(_is_below(path, old) for path in gone)
        beside = PurePath(old).parent == PurePath(new).parent
        if 2 * count >= inside and (count >= _ENOUGH or beside):
            yield old, new, False


def _contents(files: Mapping[str, str]) -> Mapping[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for path, sha256 in files.items():
        grouped[sha256].append(path)
    return grouped


def _names(files: Mapping[str, str]) -> Mapping[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for path in files:
        for tail in _tails(path):
            grouped[tail].append(path)
    return grouped


def _tails(path: str) -> tuple[str, ...]:
    """Give a file's name with that of its folder, and by itself."""
    parts = path.split("/")
    return "/".join(parts[-2:]), parts[-1]


def _counted(
    gone: Mapping[str, str],
    groups: Mapping[str, list[str]],
    keys: Callable[[str, str], Iterable[str]],
) -> list[tuple[tuple[str, str], int]]:
    """Count the files that speak for each move, the best first."""
    counts: Counter[tuple[str, str]] = Counter()
    for path, sha256 in gone.items():
        alike = next((groups[key] for key in keys(path, sha256) if key in groups), [])
        counts.update(bases for other in alike[:_MOST] if (bases := _bases(path, other)))
    return counts.most_common(_MOST)


def _bases(old: str, new: str) -> tuple[str, str] | None:
    """Take off what two paths end with alike; None if they do not."""
    olds, news = old.split("/"), new.split("/")
    whole = len(olds)
    while len(olds) > 1 and len(news) > 1 and olds[-1] == news[-1]:
        olds.pop()
        news.pop()
    return ("/".join(olds) or "/", "/".join(news) or "/") if len(olds) < whole else None


def _is_below(path: str, base: str) -> bool:
    return path.startswith(f"{base.rstrip('/')}/")


def _below(path: str, old: str, new: str) -> str:
    return f"{new.rstrip('/')}{path[len(old.rstrip('/')) :]}"
