"""Numbers as lists write them before their items: "iv", "d", "四", "04", "4"."""

from functools import cache

_DIGITS = "零一二三四五六七八九"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
# So far numerals are read; no list is longer.
_LETTERS, _ROMANS, _HAN = 26, 50, 999


def written(number: int, kind: str) -> str:
    """Write a number as a list of the kind does, which is named as in Word documents."""
    if kind.endswith("Roman"):
        roman = _roman(number)
        return roman.upper() if kind.startswith("upper") else roman
    if kind.endswith("Letter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if kind.startswith("upper") else letter
    if kind.startswith(("chinese", "ideograph", "japanese", "taiwanese")) and 0 < number <= _HAN:
        return _chinese(number)
    return f"{number:02d}" if kind == "decimalZero" else str(number)


def values_of(numeral: str) -> frozenset[int]:
    """Give what a numeral may stand for: "i" is the first and the ninth; empty for none."""
    if numeral.isascii() and numeral.isdigit():
        return frozenset((int(numeral),))
    return frozenset(_values().get(numeral.lower(), ()))


@cache
def _values() -> dict[str, set[int]]:
    values: dict[str, set[int]] = {}
    for kind, most in (("lowerRoman", _ROMANS), ("lowerLetter", _LETTERS), ("chinese", _HAN)):
        for number in range(1, most + 1):
            values.setdefault(written(number, kind), set()).add(number)
    return values


def _roman(number: int) -> str:
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (min(number, 9999) // worth)
        number %= worth
    return text


def _chinese(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if hundreds:
        between = "零" if 0 < rest < 10 else "一" if 10 <= rest < 20 else ""
        return f"{_DIGITS[hundreds]}百{between}{_chinese(rest) if rest else ''}"
    tens, ones = divmod(rest, 10)
    if not tens:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")
