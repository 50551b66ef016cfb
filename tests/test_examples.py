"""The example apps run, with doubles in place of language models."""

import importlib.util
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult

from bifolio import Library

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class ChatModel(GenericFakeChatModel):
    """Says what it is told to, and remembers what it was asked."""

    asked: list[list[BaseMessage]]

    def _generate(self, messages: list[BaseMessage], *rest: Any, **options: Any) -> ChatResult:
        self.asked.append(messages)
        return super()._generate(messages, *rest, **options)

    def bind_tools(self, tools: Any, **options: Any) -> Any:
        return self


def chat_model(*says: AIMessage) -> ChatModel:
    return ChatModel(messages=iter(says), asked=[])


@pytest.fixture
def filled(library: Library, documents: Path) -> Iterator[Library]:
    library.add(documents / "fares.md")
    yield library
    library.close()


def test_every_example_is_named_and_short() -> None:
    files = sorted(file.name for file in EXAMPLES.glob("*.py"))
    assert files
    told = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for name in files:
        assert f"`{name}`" in told
        assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) < 50


def test_a_web_app_answers_with_citations(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.testclient import TestClient

    monkeypatch.setattr(Library, "open", lambda *_, **__: filled)
    client = TestClient(example("web_app").app)
    found = client.get("/ask", params={"question": "What is the ferry price?"}).json()
    assert "five crowns" in found["answer"]
    assert found["citations"][0]["title"] == "Fares"
    assert client.get("/ask", params={"question": " "}).status_code == 422
    page = client.get("/", params={"question": "What is the <b>ferry price</b>?"}).text
    assert "five crowns" in page
    assert "<b>" not in page
    assert "<form>" in client.get("/").text


def test_a_chain_of_langchain_is_given_the_passages(filled: Library) -> None:
    model = chat_model(AIMessage("Five crowns (Fares, page 1)."))
    answer = example("langchain_rag").chain(filled, model).invoke("What is the ferry price?")
    assert answer == "Five crowns (Fares, page 1)."
    assert "[Fares, page 1]\n" in str(model.asked[0][0].content)
    assert "five crowns" in str(model.asked[0][0].content)


def test_an_agent_of_langchain_searches_the_library(filled: Library) -> None:
    call = {"name": "search_library", "args": {"question": "ferry price"}, "id": "1"}
    model = chat_model(AIMessage("", tool_calls=[call]), AIMessage("Five crowns."))
    answer = example("langchain_agent").ask(filled, model, "What does the ferry cost?")
    assert answer == "Five crowns."
    assert "The ferry price is five crowns." in str(model.asked[1][-1].content)


def test_an_engine_of_llama_index_answers_with_sources(filled: Library) -> None:
    with warnings.catch_warnings():
        # It looks for LangChain's archived package, which warns.
        warnings.simplefilter("ignore", DeprecationWarning)
        from llama_index.core.llms import MockLLM

        made = example("llama_index_engine")
        response = made.engine(filled, MockLLM()).query("What is the ferry price?")
    assert "five crowns" in made.shown(response)
    assert "- fares.md, page 1 (0.80)" in made.shown(response)
