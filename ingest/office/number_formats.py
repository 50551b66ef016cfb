"""How a sheet shows its numbers: 0.155 as 15.5%, 12 as 00012, 1234.5 as 1,234.50 €."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

from bifolio.ingest.markup import Element, attribute, child, children

Cells = dict[tuple[int, int], "NumberFormat"]

# Those that every program knows by number.
_KNOWN = {"9": "0%", "10": "0.00%"}
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<sign>[^\]-]*)[^\]]*\]|\[(?:[A-Z][a-z]+|>=?0)\]'
    r"|(?P<digits>[#0][#0,]*(?:\.0+)?)|(?P<plain>[%$€£¥￥元 ()+-])"
)
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
# More would take longer than all else that is read of the sheet.
_MOST = 500_000


class NumberFormat(NamedTuple):
    """What stands before and behind a number, and how many figures it has at the least."""

    before: str
    figures: int
    grouped: bool
    decimals: int
    percent: bool
    behind: str

    def written(self, value: float) -> str:
        """Write a number as the sheet shows it."""
        try:
            exact = Decimal(repr(value)) * (100 if self.percent else 1)
            exact = exact.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)
        except InvalidOperation:
            return f"{value:.15g}"
        whole, _, rest = f"{abs(exact):f}".partition(".")
        whole = whole.zfill(self.figures)
        if self.grouped and whole.isdigit():
            whole = f"{int(whole):,}"
        sign = "-" if exact < 0 else ""
        return f"{sign}{self.before}{whole}{'.' if rest else ''}{rest}{self.behind}".strip()


def read_format(code: str) -> NumberFormat | None:
    """Read the code of a format; None for dates, and for those that add nothing to the number."""
    before, digits, behind = "", "", ""
    place, code = 0, code.split(";")[0]
    while place < len(code):
        found = _PART.match(code, place)
        if not found or (found["digits"] and digits):
            return None
        place = found.end()
        digits = digits or found["digits"] or ""
        literal = "".join(found[name] or "" for name in ("quoted", "escaped", "sign", "plain"))
        before, behind = (before, behind + literal) if digits else (before + literal, behind)
    whole, _, decimals = digits.partition(".")
    figures, percent = whole.count("0"), "%" in before + behind
    if not digits or not ((before + behind).strip(" ()+-") or figures > 1):
        return None
    return NumberFormat(
        before.replace("(", ""), figures, "," in whole, len(decimals), percent, behind.rstrip(")")
    )


def read_formats(styles: Element | None) -> dict[bytes, NumberFormat]:
    """Give the formats that show a number otherwise, by the number of the cells' style."""
    codes = dict(_KNOWN)
    for entry in children(child(styles, "numFmts"), "numFmt"):
        codes[attribute(entry, "numFmtId")] = attribute(entry, "formatCode")
    found: dict[bytes, NumberFormat] = {}
    for number, style in enumerate(children(child(styles, "cellXfs"), "xf")):
        code = codes.get(attribute(style, "numFmtId"), "")
        if code and (known := read_format(code)):
            found[b"%d" % number] = known
    return found


def formatted_cells(sheet: bytes, formats: dict[bytes, NumberFormat]) -> Cells:
    """Give the cells of a sheet that bear one of the formats, by row and column from 0."""
    found: Cells = {}
    if not formats:
        return found
    style = re.compile(rb'\bs="(%b)"' % b"|".join(formats))
    for cell in _CELL.finditer(sheet):
        styled = style.search(cell[1])
        place = _PLACE.search(cell[1]) if styled else None
        if styled and place and len(found) < _MOST:
            found[int(place[2]) - 1, _column(place[1])] = formats[styled[1]]
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
