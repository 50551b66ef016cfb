"""The pieces of a reply, of which some servers send with each all that came before."""

from dataclasses import dataclass

# Characters: with fewer the next piece may well begin by chance.
_TELLING = 4


@dataclass(slots=True)
class Deltas:
    """Gives of each piece what is new; the third one tells whether pieces grow.

    A second piece that begins with the first waits for it.
    """

    _said: str = ""
    _waiting: str = ""
    _grow: bool | None = None

    def new(self, piece: str) -> str:
        """Take the next piece, and give what is to be read now."""
        if not piece or self._grow is False:
            return piece
        if self._grow:
            return self._behind(piece)
        if not self._said:
            self._said = piece
            return piece
        if self._waiting:
            self._grow = piece.startswith(self._waiting)
            held, self._waiting = self._waiting, ""
            return self._behind(piece) if self._grow else held + piece
        if piece.startswith(self._said) and piece != self._said:
            self._waiting = piece
            return ""
        self._grow = False
        return piece

    def rest(self) -> str:
        """Give what still waits where the reply ends."""
        held, self._waiting = self._waiting, ""
        return held if len(self._said) < _TELLING else held.removeprefix(self._said)

    def _behind(self, piece: str) -> str:
        """Give a piece without what it says again; it may also be one by itself."""
        new = "" if self._said.startswith(piece) else piece.removeprefix(self._said)
        self._said = piece if piece.startswith(self._said) else self._said + new
        return new
