"""One reply of a language model, read as it comes: no thoughts, markers for keys, trouble told."""

from collections.abc import Generator, Iterable

from bifolio.answers.citing import Mark, Markers
from bifolio.ingest import Message, message
from bifolio.language_model import EmptyReply, IncompleteReply, LanguageModelError
from bifolio.language_model.thoughts import Thoughts

_AROUND = " \t\n.,;-*"


class Reply:
    """Reads a reply once: iterate to get the pieces to show, then look at what it was.

    ``trouble`` is what ended the reply too early where there is text to keep. Without keys every
    bracket stays.

    Raises, while iterated:
        LanguageModelError: there is no text at all; it says why.
    """

    def __init__(self, pieces: Iterable[str], keys: Iterable[str] = ()) -> None:
        self._pieces = pieces
        self._keys = tuple(keys)
        self._markers = Markers(self._keys)
        self._thoughts = Thoughts()
        self._shown = ""
        # Markers alone are no answer, and wait for its first word.
        self._waiting: str | None = ""
        self.trouble: LanguageModelError | None = None

    @property
    def text(self) -> str:
        """The answer; it lacks what was shown and turned out to be thought."""
        return self._shown.rstrip()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The markers in ``text``, known by their places."""
        return tuple(self._markers.marks)

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each key that was used."""
        return dict(self._markers.numbers)

    def __iter__(self) -> Generator[str, None, None]:
        """Yield what can be shown."""
        try:
            for piece in self._pieces:
                yield from self._show(self._thoughts.feed(piece))
                if self._markers.is_stuck or self._thoughts.tool:
                    break
        except LanguageModelError as problem:
            self.trouble = problem
        finally:
            # Who stops early stops the server too.
            if close := getattr(self._pieces, "close", None):
                close()
        # What is held back of a model that was stopped is a piece of one more key.
        yield from self._show(self._thoughts.finish(), last=not self._markers.is_stuck)
        if self._waiting is not None:
            raise self.trouble or EmptyReply(self._why_empty())
        if self._thoughts.tool:
            self.trouble = self.trouble or IncompleteReply(self._why_empty())

    def whole(self) -> str:
        """Read to the end, and give the text.

        Raises:
            LanguageModelError: there is none, or more was to come.
        """
        for _ in self:
            continue
        if self.trouble:
            raise self.trouble
        return self.text

    def _show(self, spoken: str, *, last: bool = False) -> Generator[str, None, None]:
        if self._thoughts.retracted:
            self._thoughts.retracted = False
            self._markers, self._shown, self._waiting = Markers(self._keys), "", ""
        if not self._shown:
            spoken = spoken.lstrip()
        shown = self._markers.feed(spoken) if spoken else ""
        if last:
            shown += self._markers.finish()
        self._shown += shown
        if self._waiting is not None:
            self._waiting += shown
            if not self._speaks():
                return
            shown, self._waiting = self._waiting, None
        if shown:
            yield shown

    def _speaks(self) -> bool:
        """Tell whether there is more than markers."""
        said, place = "", 0
        for mark in self._markers.marks:
            said, place = said + self._shown[place : mark.start], mark.end
        return bool((said + self._shown[place:]).strip(_AROUND))

    def _why_empty(self) -> Message:
        if self._thoughts.tool:
            sentence = "the language model asked for a tool instead of answering; set another model"
            return message("model-asked-tool", sentence)
        if self._thoughts.thought:
            return message(
                "model-only-thought",
                "the language model thought, but wrote no answer; ask again, or switch its "
                "thinking off",
            )
        sentence = "the language model gave an empty reply; ask again, or try another model"
        return message("model-empty-reply", sentence)
