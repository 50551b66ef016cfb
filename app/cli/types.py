"""What argparse makes of an option's text."""

import argparse
from collections.abc import Callable, Sequence


def whole(least: int, most: int) -> Callable[[str], int]:
    """Give a function that reads a whole number in that range."""

    def _number(text: str) -> int:
        if not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return _number


def score(text: str) -> float:
    """Read a number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return number


def some_of(names: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Give a function that reads some of the names, with commas between them, in their order."""

    def _chosen(text: str) -> tuple[str, ...]:
        asked = {name.strip() for name in text.split(",")}
        if unknown := asked - set(names):
            raise argparse.ArgumentTypeError(
                f"{', '.join(sorted(unknown)) or 'nothing'!r} is none of {', '.join(names)}"
            )
        return tuple(name for name in names if name in asked)

    return _chosen


def names(text: str) -> tuple[str, ...]:
    """Read names with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
