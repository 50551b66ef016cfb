"""Words of a document, as an answer shows them."""

from bifolio.ingest import Document
from bifolio.retrieval import Passage


class Quoted:
    """What every span inside a passage knows: ``document.text[start:end]``."""

    __slots__ = ()

    passage: Passage
    start: int
    end: int

    @property
    def document(self) -> Document:
        """The document that is quoted."""
        return self.passage.document

    @property
    def library(self) -> str:
        """The folder of the library that it was found in; empty where that is not known."""
        return self.passage.library

    @property
    def quote(self) -> str:
        """The words, as they stand in the document."""
        return self.document.text[self.start : self.end]

    @property
    def pages(self) -> tuple[int, int]:
        """The numbers of the first and the last page of the quote."""
        return self.document.pages_of(self.start, self.end)
