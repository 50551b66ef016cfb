"""A language model in this process: what its file says, how it streams, stops and takes turns."""

import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bifolio import LanguageModelError, Models, Settings
from bifolio.language_model import (
    ContextExceeded,
    EmptyReply,
    IncompleteReply,
    LocalModel,
    OpenAIModel,
    local,
)
from bifolio.language_model.gguf import GgufHead, gguf_head

ASKED = [{"role": "user", "content": "How long?"}]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf(**entries: str | int | list[str]) -> bytes:
    """Write a GGUF file of one tensor: texts, numbers and lists of texts, then 32 numbers."""
    written = struct.pack("<4sIQQ", b"GGUF", 3, 1, len(entries))
    for key, value in entries.items():
        written += text(key.replace("__", "."))
        if isinstance(value, str):
            written += struct.pack("<I", 8) + text(value)
        elif isinstance(value, int):
            written += struct.pack("<II", 4, value)
        else:
            written += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    written += text("weights") + struct.pack("<IQIQ", 1, 32, 0, 0)
    return written + b"\0" * (-len(written) % 32) + b"\0" * 128


QWEN = gguf(
    general__architecture="qwen2", tokens=["a", "船"], qwen2__context_length=100, general__name="Q"
)


# the head of a file


def test_a_head_tells_the_kind_and_the_window(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(QWEN)
    assert gguf_head(tmp_path / "a.gguf") == GgufHead("qwen2", 100)


def test_a_head_may_be_silent(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(gguf(general__architecture="llama"))
    assert gguf_head(tmp_path / "a.gguf") == GgufHead("llama", None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        QWEN[:40],
        QWEN[:-1],
        QWEN[:24] + b"\xff" * 60,
        struct.pack("<4sIQQ", b"GGUF", 3, 0, 1 << 60),
        struct.pack("<4sIQQ", b"GGUF", 9, 1, 0),
        struct.pack("<4sIQQ", b"GGUF", 3, 1, 1) + struct.pack("<Q", 1 << 50),
        struct.pack("<4sIQQ", b"GGUF", 3, 1, 1) + text("a") + struct.pack("<I", 99),
        struct.pack("<4sIQQ", b"GGUF", 3, 1, 1) + text("a") + struct.pack("<IIQ", 9, 8, 1 << 40),
    ],
)
def test_a_file_that_is_cut_or_damaged_never_reaches_the_library_that_it_would_take_down(
    tmp_path: Path, data: bytes, use: "Callable[[Genai], Genai]"
) -> None:
    double = use(Genai(words(1)))
    (tmp_path / "a.gguf").write_bytes(data)
    with pytest.raises(LanguageModelError, match=r"a\.gguf cannot be used \(.*give a GGUF"):
        list(LocalModel(tmp_path / "a.gguf").stream(ASKED))
    assert double.loaded == []


def test_all_who_name_a_file_share_one_model(tmp_path: Path) -> None:
    name = str(tmp_path / "a.gguf")
    one, two = (Models.open(Settings(llm=name)).language_model for _ in range(2))
    assert one is two


# a double of openvino_genai


class Status(Enum):
    RUNNING = 0
    CANCEL = 1


class Reason(Enum):
    STOP = 0
    LENGTH = 1


class Genai:
    """Says what ``says`` yields, and remembers what it was asked; ``loaded`` counts pipelines."""

    __version__ = "1"
    StreamingStatus = Status
    GenerationFinishReason = Reason

    def __init__(self, says: Callable[[], Iterator[str]], reason: Reason = Reason.STOP) -> None:
        self.says, self.reason = says, reason
        self.loaded: list[str] = []
        self.prompts: list[str] = []
        self.stopped = 0
        self.writing = 0

    def LLMPipeline(self, path: str, device: str, **options: Any) -> "Genai":  # noqa: N802
        assert device == "CPU"
        self.loaded.append(path)
        if options.get("enable_save_ov_model"):
            (Path(path).parent / "openvino_model.xml").write_text("converted")
        return self

    def get_tokenizer(self) -> Any:
        def apply(history: list[dict[str, str]], *, add_generation_prompt: bool) -> str:
            assert add_generation_prompt
            return " ".join(message["content"] for message in history)

        def encode(prompt: str) -> Any:
            ids = SimpleNamespace(shape=(1, len(prompt.split())))
            return SimpleNamespace(input_ids=ids)

        return SimpleNamespace(apply_chat_template=apply, encode=encode)

    def generate(self, prompts: list[str], *, streamer: Any, **options: Any) -> Any:
        assert (options["do_sample"], options["apply_chat_template"]) == (False, False)
        self.prompts += prompts
        self.writing += 1
        assert self.writing == 1
        try:
            for piece in self.says():
                if streamer(piece) is Status.CANCEL:
                    self.stopped += 1
                    break
        finally:
            self.writing -= 1
        return SimpleNamespace(finish_reasons=[self.reason])


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "models" / "small.gguf"
    path.parent.mkdir()
    path.write_bytes(QWEN)
    return path


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Genai], Genai]:
    def _use(double: Genai) -> Genai:
        monkeypatch.setattr(local, "import_openvino", lambda _: double)
        monkeypatch.setattr(local, "LONGEST", 20)
        return double

    return _use


def words(count: int) -> Callable[[], Iterator[str]]:
    return lambda: (f"word{number} " for number in range(count))


def test_a_reply_comes_piece_by_piece(file: Path, use: Callable[[Genai], Genai]) -> None:
    double = use(Genai(words(3)))
    model = LocalModel(file)
    assert list(model.stream(ASKED)) == ["word0 ", "word1 ", "word2 "]
    assert (model.name, model.window, double.prompts) == ("small", 100, ["How long?"])


def test_a_file_is_converted_once_and_nothing_is_written_beside_it(
    file: Path, use: Callable[[Genai], Genai]
) -> None:
    double = use(Genai(words(1)))
    list(LocalModel(file).stream(ASKED))
    list(LocalModel(file).stream(ASKED))
    first, second = map(Path, double.loaded)
    assert first.name == "model.gguf"
    assert [path.name for path in second.iterdir()] == ["openvino_model.xml"]
    assert [path.name for path in file.parent.iterdir()] == ["small.gguf"]
    assert list(second.parent.iterdir()) == [second]


def test_another_file_in_its_place_is_converted_anew(
    file: Path, use: Callable[[Genai], Genai]
) -> None:
    double = use(Genai(words(1)))
    list(LocalModel(file).stream(ASKED))
    file.write_bytes(QWEN + b"more ")
    list(LocalModel(file).stream(ASKED))
    assert [Path(path).name for path in double.loaded] == ["model.gguf", "model.gguf"]


def test_where_no_cache_can_be_kept_the_file_is_read_each_time(
    file: Path, use: Callable[[Genai], Genai], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    double = use(Genai(words(1)))
    assert list(LocalModel(file).stream(ASKED)) == ["word0 "]
    assert double.loaded == [str(file)]


def test_who_stops_reading_stops_the_model(file: Path, use: Callable[[Genai], Genai]) -> None:
    double = use(Genai(words(1_000_000)))
    model = LocalModel(file)
    with closing(model.stream(ASKED)) as pieces:  # type: ignore[type-var]
        assert next(pieces) == "word0 "
    assert double.stopped == 1
    assert next(iter(model.stream(ASKED))) == "word0 "


def test_answers_are_written_one_after_the_other_and_do_not_mix(
    file: Path, use: Callable[[Genai], Genai]
) -> None:
    double = use(Genai(words(5)))
    double.says = lambda: (time.sleep(0.001) or f"{double.prompts[-1]} " for _ in range(5))  # type: ignore[func-returns-value]
    model, found = LocalModel(file), dict[int, str]()

    def ask(number: int) -> None:
        question = [{"role": "user", "content": f"question{number}"}]
        found[number] = "".join(model.stream(question))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"question{number} " * 5 for number in range(20)}


def test_a_reply_that_reached_the_limit_is_told_as_cut(
    file: Path, use: Callable[[Genai], Genai]
) -> None:
    use(Genai(words(2), Reason.LENGTH))
    read = []
    with pytest.raises(IncompleteReply, match="reached the limit of a reply's length"):
        read.extend(LocalModel(file).stream(ASKED))
    # What came before it stands.
    pieces = LocalModel(file).stream(ASKED)
    assert [next(iter(pieces)), next(iter(pieces))] == ["word0 ", "word1 "]


def test_messages_that_do_not_fit_are_refused_before_anything_is_written(
    file: Path, use: Callable[[Genai], Genai]
) -> None:
    double = use(Genai(words(1)))
    long = [{"role": "user", "content": "word " * 95}]
    with pytest.raises(ContextExceeded, match=r"reads 100 tokens at once, .* have 95"):
        list(LocalModel(file).stream(long))
    assert double.prompts == []


def test_a_model_that_writes_nothing_is_told(file: Path, use: Callable[[Genai], Genai]) -> None:
    use(Genai(lambda: iter([" ", "\n"])))
    with pytest.raises(EmptyReply, match="wrote nothing"):
        list(LocalModel(file).stream(ASKED))


def test_a_model_that_fails_ends_in_a_sentence_and_the_next_one_may_ask(
    file: Path, use: Callable[[Genai], Genai]
) -> None:
    def failing() -> Iterator[str]:
        yield "word "
        raise RuntimeError("Check failed\nunknown tensor type")

    double = use(Genai(failing))
    model = LocalModel(file)
    with pytest.raises(LanguageModelError, match=r"cannot be used \(unknown tensor type\)"):
        list(model.stream(ASKED))
    double.says = words(1)
    assert list(model.stream(ASKED)) == ["word0 "]


def test_what_cannot_be_loaded_ends_in_a_sentence(
    tmp_path: Path, use: Callable[[Genai], Genai]
) -> None:
    use(Genai(words(1)))
    with pytest.raises(LanguageModelError, match=r"gone\.gguf cannot be used \(No such file"):
        list(LocalModel(tmp_path / "gone.gguf").stream(ASKED))


def test_a_machine_without_the_extra_is_told_what_to_install(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise ImportError

    monkeypatch.setattr(local, "import_openvino", missing)
    with pytest.raises(LanguageModelError, match=r"pip install 'bifolio\[llm\]'"):
        list(LocalModel(file).stream(ASKED))


# which of the two


def test_a_file_is_a_model_of_this_machine_and_a_name_one_of_a_server(tmp_path: Path) -> None:
    (tmp_path / "openvino_model.xml").write_text("")
    for name in ("models/qwen.gguf", "Q.GGUF", str(tmp_path)):
        assert isinstance(Models.open(Settings(llm=name)).language_model, LocalModel)
    for name in ("qwen3", "Qwen/Qwen3-4B", "gguf"):
        assert isinstance(Models.open(Settings(llm=name)).language_model, OpenAIModel)


def test_a_folder_tells_its_window_or_is_silent(tmp_path: Path) -> None:
    (tmp_path / "openvino_model.xml").write_text("")
    assert LocalModel(tmp_path).window is None
    (tmp_path / "config.json").write_text('{"max_position_embeddings": 4096}')
    assert LocalModel(tmp_path).window == 4096
