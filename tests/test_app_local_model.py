"""A language model in the process: what a file is, one answer at a time, sentences for faults."""

import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bifolio import LanguageModelError
from bifolio.language_model import ContextExceeded, EmptyReply, IncompleteReply
from bifolio.language_model.gguf import NotGguf, gguf_head
from bifolio.language_model.local import LocalModel, is_local, local_model
from bifolio.models import Models
from bifolio.settings import Settings

ASK = [{"role": "user", "content": "a question"}]


def text(words: str) -> bytes:
    return struct.pack("<Q", len(words.encode())) + words.encode()


def gguf(*, window: int = 4096, weights: int = 64) -> bytes:
    """Give a file with one tensor of 16 floats, and ``weights`` bytes for it."""
    facts = [
        text("general.architecture") + struct.pack("<I", 8) + text("qwen2"),
        text("tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
        text("scores") + struct.pack("<IIQ", 9, 6, 2) + struct.pack("<ff", 1.0, 2.0),
        text("qwen2.context_length") + struct.pack("<II", 4, window),
    ]
    tensor = text("weights") + struct.pack("<IQIQ", 1, 16, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(facts)) + b"".join(facts) + tensor
    return head + b"\0" * (-len(head) % 32) + b"\0" * weights


def test_a_file_tells_its_kind_and_its_window(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(gguf(window=8192))

    head = gguf_head(tmp_path / "model.gguf")

    assert (head.architecture, head.window) == ("qwen2", 8192)


@pytest.mark.parametrize("length", [0, 3, 4, 20, 60, 150, 250])
def test_a_file_that_ends_too_early_is_never_given_to_the_library(
    tmp_path: Path, length: int
) -> None:
    (tmp_path / "model.gguf").write_bytes(gguf()[:length])

    with pytest.raises(NotGguf):
        gguf_head(tmp_path / "model.gguf")
    with pytest.raises(LanguageModelError, match=r"model\.gguf (is no GGUF|ends too early)"):
        list(LocalModel(tmp_path / "model.gguf").stream(ASK))


def test_weights_that_are_cut_off_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(gguf(weights=63))

    with pytest.raises(NotGguf, match="ends too early"):
        gguf_head(tmp_path / "model.gguf")


def test_a_file_that_is_missing_and_a_folder_without_a_model_are_told(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match=r"gone\.gguf cannot be read"):
        list(LocalModel(tmp_path / "gone.gguf").stream(ASK))
    with pytest.raises(LanguageModelError, match=r"holds no openvino_model\.xml"):
        list(LocalModel(tmp_path).stream(ASK))


def test_without_the_extra_its_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.gguf").write_bytes(gguf())
    monkeypatch.setitem(sys.modules, "openvino_genai", None)

    with pytest.raises(LanguageModelError, match=r"install bifolio\[llm\]"):
        list(LocalModel(tmp_path / "model.gguf").stream(ASK))


def test_a_path_is_known_from_a_servers_name(tmp_path: Path) -> None:
    assert is_local("/models/qwen.gguf")
    assert is_local("qwen.gguf")
    assert is_local(str(tmp_path))
    assert not is_local("qwen3")
    assert not is_local("qwen/qwen3-8b")
    assert not is_local("qwen.gguf", "http://127.0.0.1:1234/v1")


def test_a_path_is_opened_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    settings = Settings(llm=str(tmp_path / "model.gguf"))

    model = Models.open(settings).language_model

    assert isinstance(model, LocalModel)
    assert model is Models.open(settings).language_model is local_model(settings.llm or "")
    assert model.name == "model"


Write = Callable[[str, Callable[[str], Any]], int]


class Pipeline:
    """A model whose reply is what ``write`` sends to the streamer; it counts the tokens."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.loaded = 0

    def get_tokenizer(self) -> Any:
        def encode(asked: str, **_: object) -> Any:
            return SimpleNamespace(input_ids=SimpleNamespace(shape=(1, len(asked))))

        def template(chat: list[dict[str, str]], **_: object) -> str:
            return chat[-1]["content"]

        return SimpleNamespace(apply_chat_template=template, encode=encode)

    def generate(self, chat: Any, *, streamer: Any, max_new_tokens: int, do_sample: bool) -> Any:
        assert not do_sample
        count = self.write(chat[-1]["content"], streamer)
        metrics = SimpleNamespace(get_num_generated_tokens=lambda: min(count, max_new_tokens))
        return SimpleNamespace(perf_metrics=metrics)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Write], LocalModel]:
    def make(write: Write) -> LocalModel:
        pipeline = Pipeline(write)

        def load(*_: object, **options: object) -> Pipeline:
            pipeline.loaded += 1
            assert pipeline.loaded <= 2, "it is loaded once, and converted once"
            if options.get("enable_save_ov_model"):
                folder = Path(str(_[0])).parent
                (folder / "openvino_model.xml").write_text("converted")
            return pipeline

        library = ModuleType("openvino_genai")
        status = SimpleNamespace(RUNNING=0, CANCEL=2)
        vars(library).update(
            ChatHistory=list, LLMPipeline=load, StreamingStatus=status, __version__="0"
        )
        monkeypatch.setitem(sys.modules, "openvino_genai", library)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        (tmp_path / "model.gguf").write_bytes(gguf(window=100))
        return LocalModel(tmp_path / "model.gguf", most_tokens=50)

    return make


def says(*pieces: str, tokens: int = 2) -> Write:
    def write(_: str, streamer: Callable[[str], Any]) -> int:
        for piece in pieces:
            streamer(piece)
        return tokens

    return write


def test_what_it_writes_comes_piece_by_piece_and_the_conversion_is_kept(
    model: Callable[[Write], LocalModel], tmp_path: Path
) -> None:
    local = model(says("It is ", "four."))

    assert list(local.stream(ASK)) == ["It is ", "four."]
    assert list(local.stream(ASK)) == ["It is ", "four."]
    (kept,) = (tmp_path / "cache/bifolio/llm").glob("model-*/openvino_model.xml")
    assert [path.name for path in kept.parent.iterdir()] == ["openvino_model.xml"]


def test_what_is_too_long_is_told_as_such(model: Callable[[Write], LocalModel]) -> None:
    with pytest.raises(ContextExceeded, match="reads 100 tokens at once and was given 120"):
        list(model(says("x")).stream([{"role": "user", "content": "x" * 120}]))


def test_the_room_that_is_left_ends_a_reply_and_its_text_stands(
    model: Callable[[Write], LocalModel],
) -> None:
    pieces = model(says("half", tokens=99)).stream([{"role": "user", "content": "x" * 90}])

    assert next(pieces) == "half"
    with pytest.raises(IncompleteReply, match="10 tokens"):
        next(pieces)


def test_an_empty_reply_and_a_failure_are_told(model: Callable[[Write], LocalModel]) -> None:
    with pytest.raises(EmptyReply):
        list(model(says(" ")).stream(ASK))

    def fail(_: str, __: object) -> int:
        raise RuntimeError("Exception from /src/a.cpp:1:\nno memory is left.\nat all")

    with pytest.raises(LanguageModelError, match=r"failed \(no memory is left\)"):
        list(model(fail).stream(ASK))


def test_twenty_questions_at_once_do_not_mix_and_a_stopped_one_lets_the_next_go_on(
    model: Callable[[Write], LocalModel],
) -> None:
    running = threading.Lock()

    def echo(asked: str, streamer: Callable[[str], Any]) -> int:
        assert running.acquire(blocking=False), "two answers at once"
        try:
            for number in range(1000 if asked == "endless" else 5):
                if streamer(f"{asked}.{number} "):
                    break
        finally:
            running.release()
        return 2

    local = model(echo)
    endless = local.stream([{"role": "user", "content": "endless"}])
    assert next(endless) == "endless.0 "
    endless.close()
    replies: dict[str, str] = {}

    def ask(name: str) -> None:
        replies[name] = "".join(local.stream([{"role": "user", "content": name}]))

    threads = [threading.Thread(target=ask, args=(f"q{number}",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    wanted = {f"q{n}": "".join(f"q{n}.{k} " for k in range(5)) for n in range(20)}
    assert replies == wanted
