"""The models in use: opened once, shared by libraries, presets and servers."""

from dataclasses import dataclass

from bifolio.language_model import LanguageModel, OpenAIModel, is_local, local_model
from bifolio.retrieval import (
    ANYWHERE,
    Embedder,
    EmbedderOptions,
    Judge,
    Reranker,
    Run,
    open_embedder,
    open_reranker,
    pair,
)
from bifolio.settings import Settings


@dataclass(frozen=True, slots=True)
class Models:
    """An embedder, a reranker, and a language model or none."""

    embedder: Embedder
    reranker: Reranker
    language_model: LanguageModel | None = None

    @classmethod
    def open(cls, settings: Settings | None = None, *, run: Run = ANYWHERE) -> "Models":
        """Open the models that the settings choose, by default those of the environment.

        Weights are read when they are first needed. ``run`` says where and how they run.

        Raises:
            BifolioError: a model is unknown or not at hand; the message says what to do.
        """
        settings = settings or Settings.from_env()
        chosen = pair(settings.models)
        options = EmbedderOptions(
            pooling=settings.pooling,
            query_prefix=settings.query_prefix,
            passage_prefix=settings.passage_prefix,
        )
        embedder = settings.embedder or chosen.embedder.name
        reranker = settings.reranker or chosen.reranker.name
        return cls(
            open_embedder(embedder, options, key=settings.embedder_key, run=run),
            open_reranker(reranker, key=settings.reranker_key, run=run),
            open_language_model(settings),
        )

    def count(self, text: str) -> int:
        """Count the tokens of a text, as the embedder does."""
        return self.embedder.count(text)

    @property
    def judge(self) -> Judge:
        """Scores a question against any texts as the search scores chunks."""
        return Judge(self.embedder, self.reranker)


def open_language_model(settings: Settings) -> LanguageModel | None:
    """Give the language model that the settings name: a file here, a name at a server, or none."""
    if not settings.llm:
        return None
    if is_local(settings.llm):
        return local_model(settings.llm)
    return OpenAIModel(
        settings.llm,
        base_url=settings.base_url,
        api_key=settings.api_key,
        first=settings.first_seconds,
        idle=settings.idle_seconds,
    )
