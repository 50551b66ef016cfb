"""What clients send; strict, so that a wrong kind of value is told and not guessed at."""

import json
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bifolio.answers.answer import Turn
from bifolio.answers.answering import AskMode
from bifolio.retrieval import (
    DEFAULT_OPTIONS,
    KEEP_LIMITS,
    RECALL_LIMITS,
    SearchOptions,
)
from bifolio.retrieval import LEGS as _LEGS

# Characters.
LONGEST_QUESTION = 20_000
MOST_TEXTS = 2048
# Earlier turns that count.
TURNS = 6


def _filled(text: str) -> str:
    if not text.strip():
        sentence = "give some text"
        raise PydanticCustomError("field-no-text", sentence)
    return text


Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION), AfterValidator(_filled)]
Model = Annotated[
    str | None, Field(max_length=1000, description="a name that GET /v1/models lists")
]


def _whole(given: object) -> object:
    """Take 3.0 for 3, which to JSON are the same number."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


Whole = Annotated[int, BeforeValidator(_whole)]


class Given(BaseModel):
    """A body; names that are not known are left alone, as clients of OpenAI send many."""

    model_config = ConfigDict(strict=True, protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _is_unicode(cls, given: object) -> object:
        try:
            json.dumps(given, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError as problem:
            # Half of a character, which JSON can spell and no model can read.
            raise PydanticCustomError(
                "field-unicode", "a text in it is no valid unicode; send whole characters"
            ) from problem
        return given


class Search(Given):
    """How to search: the fields of Python's SearchOptions."""

    recall: Whole = Field(DEFAULT_OPTIONS.recall, ge=RECALL_LIMITS[0], le=RECALL_LIMITS[1])
    keep: Whole = Field(DEFAULT_OPTIONS.keep, ge=KEEP_LIMITS[0], le=KEEP_LIMITS[1])
    threshold: float | None = Field(None, ge=0, le=1)
    rerank: bool = True
    legs: list[Literal["dense", "lexical"]] = Field(list(_LEGS), min_length=1, max_length=2)

    @property
    def options(self) -> SearchOptions:
        """The same, as a library takes it."""
        return SearchOptions(
            recall=self.recall,
            keep=self.keep,
            threshold=self.threshold,
            rerank=self.rerank,
            legs=tuple(dict.fromkeys(self.legs)),
        )


class SearchAsked(Search):
    """A question whose passages are wanted."""

    question: Question
    explain: bool = Field(False, description="tell every step of the search too")


class Said(Given):
    """A question and its answer, earlier in the conversation."""

    question: str
    answer: str


class AskAsked(Search):
    """A question whose answer is wanted."""

    question: Question
    history: list[Said] = Field([], max_length=1000, description="earlier turns, oldest first")
    mode: AskMode = Field("auto", description="who writes: quotes, llm, or whoever there is")
    explain: bool = False
    stream: bool = Field(False, description="send server-sent events")

    @property
    def turns(self) -> list[Turn]:
        """The latest turns."""
        return [Turn(one.question, one.answer) for one in self.history[-TURNS:]]


_TEXT = {"type": "string"}
_CITED = {
    "type": "object",
    "required": ["marker", "document", "quote"],
    "properties": {"marker": {"type": "integer"}, "document": _TEXT, "quote": _TEXT},
}
# Anybody's answer; what else ``ask`` gives may stand in it. It is read by the library itself.
Answered = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "required": ["answer", "citations"],
            "properties": {"answer": _TEXT, "citations": {"type": "array", "items": _CITED}},
        }
    ),
]


class GrepAsked(Given):
    """Exact words that are looked for."""

    pattern: str = Field(min_length=1, max_length=1000)
    regex: bool = False
    ignore_case: bool = False
    whole_words: bool = False
    limit: Whole = Field(1000, ge=1, le=10_000)


class Part(Given):
    """A part of a message; text alone is read."""

    type: str
    text: str | None = None


class ChatMessage(Given):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class StreamOptions(Given):
    """What a stream tells at its end."""

    include_usage: bool | None = None


class ResponseFormat(Given):
    """The form of an answer: text."""

    type: str

    @field_validator("type")
    @classmethod
    def _is_text(cls, given: str) -> str:
        if given != "text":
            raise PydanticCustomError(
                "field-text-answer", "an answer is text with citations; leave response_format out"
            )
        return given


class ChatAsked(Search):
    """A conversation whose last question is to be answered; ``model`` names the library."""

    model: Model = None
    messages: list[ChatMessage] = Field(min_length=1, max_length=1000)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Whole | None = Field(None, ge=1, le=1, description="one answer")
    response_format: ResponseFormat | None = None
    tool_choice: str | dict[str, object] | None = None
    mode: AskMode = "auto"
    explain: bool = False

    @field_validator("tool_choice")
    @classmethod
    def _calls_nothing(cls, given: object) -> object:
        if given not in (None, "auto", "none"):
            raise PydanticCustomError(
                "field-tool", "a library calls no tools; leave tool_choice out, or give none"
            )
        return given


class EmbeddingsAsked(Given):
    """Texts whose vectors are wanted.

    ``model`` names an embedder or a library; its passage prefix stands before each text, its query
    prefix if ``input_type`` says query or the name ends in ":query".
    """

    model: Model = None
    input: str | Annotated[list[str], Field(min_length=1, max_length=MOST_TEXTS)]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Whole | None = Field(None, ge=1)
    input_type: (
        Literal["query", "passage", "document", "search_query", "search_document"] | None
    ) = None

    @field_validator("input", mode="before")
    @classmethod
    def _no_tokens(cls, given: object) -> object:
        if isinstance(given, list) and any(isinstance(one, int | list) for one in given):
            sentence = (
                "ids of tokens are of another model; send texts (OpenAIEmbeddings of LangChain:"
                " check_embedding_ctx_length=False)"
            )
            raise PydanticCustomError("field-ids", sentence)
        return given

    @property
    def texts(self) -> list[str]:
        """The texts."""
        return [self.input] if isinstance(self.input, str) else self.input


class Rankable(Given):
    """A text in an object, as Cohere takes them too."""

    text: str


class RerankAsked(Given):
    """Documents that are to be put in order for a question."""

    model: Model = None
    query: Question
    documents: list[str | Rankable] = Field(min_length=1, max_length=MOST_TEXTS)
    top_n: Whole | None = Field(None, ge=1)
    return_documents: bool | None = None
    raw_scores: bool = Field(False, description="logits instead of scores from 0 to 1")

    @property
    def texts(self) -> list[str]:
        """The documents' texts."""
        return [one if isinstance(one, str) else one.text for one in self.documents]
