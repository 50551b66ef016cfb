"""The sign of a currency belongs to its amount, however far from it a table sets it."""

import re
from collections.abc import Sequence

from bifolio.ingest.pdf.pieces import Piece, join_words, piece_of

_SIGN = re.compile(r"(?:US|HK|NT|C|A|S|R)?\$|[€£¥￥₹]|RMB|EUR|USD")
_AMOUNT = re.compile(r"[(（\-–—+]?\d[\d.,]*[)）]?%?|[-–—]+")
# In units of the type's size.
_FAR = 8.0
# So many rows above a sign may hold the name of its own column.
_ABOVE = 12


def with_signs(rows: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Join each sign with the amount at its right, unless its column has a name of its own."""
    return [_signed(row, rows[max(0, at - _ABOVE) : at]) for at, row in enumerate(rows)]


def _signed(row: list[Piece], above: Sequence[list[Piece]]) -> list[Piece]:
    if not any(_SIGN.fullmatch(piece.text) for piece in row[:-1]):
        return row
    signed: list[Piece] = []
    for piece in row:
        if signed and _is_of(signed[-1], piece, above):
            sign = signed.pop()
            words = (*sign.words, *piece.words)
            piece = piece_of(words)._replace(order=min(sign.order, piece.order))
            piece = piece._replace(text=join_words(words))
        signed.append(piece)
    return signed


def _is_of(sign: Piece, amount: Piece, above: Sequence[list[Piece]]) -> bool:
    if not (_SIGN.fullmatch(sign.text) and _AMOUNT.fullmatch(amount.text)):
        return False
    names = (piece for row in above if len(row) > 1 for piece in row)
    is_named = any(
        one.left < sign.right and one.right > sign.left and one.right <= amount.left
        for one in names
        if not _SIGN.fullmatch(one.text)
    )
    return amount.left - sign.right < _FAR * amount.size and not is_named
