"""Figures that are set higher or lower than the line: 10⁶ is no 106, and 40¹ is 40 with a note."""

_SUPERSCRIPT = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def raised(text: str) -> str:
    """Write figures that are set higher with the signs for such; other words stay as they are."""
    return _written(text, _SUPERSCRIPT)


def lowered(text: str) -> str:
    """Write figures that are set lower with the signs for such."""
    return _written(text, _SUBSCRIPT)


def _written(text: str, signs: dict[int, int]) -> str:
    bare = text.strip()
    known = bool(bare) and any(map(str.isdigit, bare)) and all(ord(sign) in signs for sign in bare)
    return text.translate(signs) if known else text
