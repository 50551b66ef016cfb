"""A language model in this process: a GGUF file or an OpenVINO folder, without a server."""

import hashlib
import json
import queue
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bifolio.ingest import Message, cause, message
from bifolio.language_model.gguf import gguf_head
from bifolio.language_model.model import ChatMessage
from bifolio.language_model.troubles import (
    ContextExceeded,
    EmptyReply,
    IncompleteReply,
    LanguageModelError,
)
from bifolio.retrieval.models.cache import cache_home
from bifolio.retrieval.models.openvino_engine import import_openvino

# Tokens: more than any answer from eight passages, less than a model that repeats itself writes.
LONGEST = 1024
_CONVERTED = "openvino_model.xml"


def is_local(name: str) -> bool:
    """Tell a file or a folder of this machine from the name of a model at a server."""
    return name.lower().endswith(".gguf") or (Path(name) / _CONVERTED).is_file()


@cache
def local_model(path: str) -> "LocalModel":
    """Give the model of a path, the same one to all who ask: it is loaded once."""
    return LocalModel(Path(path).expanduser().absolute())


class LocalModel:
    """A language model on this machine's processor, by OpenVINO GenAI.

    It is loaded when it is first asked, which takes seconds; a GGUF file is converted then and the
    conversion kept in the user's cache folder. It writes one answer at a time: who asks meanwhile
    waits. The likeliest word is always taken, so that an answer can be had again.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self.name = self._path.stem or str(path)
        self._turn = threading.Lock()

    @cached_property
    def window(self) -> int | None:
        """How many tokens the model reads and writes at once; None where its files don't say.

        Raises:
            LanguageModelError: the file is missing, or no model.
        """
        try:
            if self._path.is_dir():
                told = json.loads((self._path / "config.json").read_text(encoding="utf-8"))
                window = told.get("max_position_embeddings")
                return window if isinstance(window, int) else None
            return gguf_head(self._path).window
        except (OSError, ValueError, AttributeError) as problem:
            if self._path.is_dir():
                return None
            raise self._unusable(problem) from problem

    def stream(self, messages: Sequence[ChatMessage]) -> Iterator[str]:
        """Yield the reply's text as it comes; closing the generator stops the model.

        Raises:
            LanguageModelError: the model cannot be used; IncompleteReply where the text so far
                stands, ContextExceeded where fewer passages may help.
        """
        with self._turn:
            prompt = self._prompt(messages)
            writing = _Writing(self._pipeline, prompt)
            try:
                yield from writing.pieces()
            finally:
                writing.stop()
        if writing.problem is not None:
            raise self._unusable(writing.problem) from writing.problem
        if writing.cut:
            told = "the language model {model} reached the limit of a reply's length"
            raise IncompleteReply(message("local-cut", told, model=str(self._path)))
        if not writing.wrote:
            told = "the language model {model} wrote nothing; try again"
            raise EmptyReply(message("local-empty", told, model=str(self._path)))

    def _prompt(self, messages: Sequence[ChatMessage]) -> str:
        tokenizer = self._pipeline.get_tokenizer()
        history = [dict(message) for message in messages]
        prompt = str(tokenizer.apply_chat_template(history, add_generation_prompt=True))
        if self.window is not None:
            length = int(tokenizer.encode(prompt).input_ids.shape[1])
            if length + LONGEST // 2 > self.window:
                told = "{model} reads {window} tokens at once, and the passages have {length}"
                facts = {"window": self.window, "length": length}
                raise ContextExceeded(
                    Message("local-too-long", told, {"model": str(self._path), **facts})
                )
        return prompt

    @cached_property
    def _pipeline(self) -> Any:
        genai = self._genai
        folder = self._path
        try:
            if self._path.is_dir():
                return genai.LLMPipeline(str(folder), "CPU")
            gguf_head(self._path)
            return _from_gguf(genai, self._path)
        except (OSError, RuntimeError, ValueError) as problem:
            raise self._unusable(problem) from problem

    @cached_property
    def _genai(self) -> Any:
        try:
            return import_openvino("openvino_genai")
        except ImportError as problem:
            told = (
                "{model} is a file of this machine: `pip install 'bifolio[llm]'` runs language"
                " models without a server"
            )
            raise LanguageModelError(
                message("local-not-installed", told, model=str(self._path))
            ) from problem

    def _unusable(self, problem: Exception) -> LanguageModelError:
        why: object = cause(problem) if isinstance(problem, OSError) else str(problem).strip()
        if isinstance(why, str):
            why = (why.splitlines() or [type(problem).__name__])[-1][:200]
        told = (
            "the language model {model} cannot be used ({why}); give a GGUF file or an OpenVINO"
            " folder of Llama or Qwen"
        )
        return LanguageModelError(message("local-unusable", told, model=str(self._path), why=why))


class _Writing:
    """One reply, written by a thread of its own, so that whoever reads it can stop it."""

    def __init__(self, pipeline: Any, prompt: str) -> None:
        self.problem: Exception | None = None
        self.cut = self.wrote = False
        self._pieces: queue.Queue[str | None] = queue.Queue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(pipeline, prompt), name="language model", daemon=True
        )
        self._thread.start()

    def pieces(self) -> Iterator[str]:
        """Yield the reply as it comes."""
        while (piece := self._pieces.get()) is not None:
            self.wrote = self.wrote or bool(piece.strip())
            yield piece

    def stop(self) -> None:
        """Let the model write no further word, and wait until it has noticed."""
        self._stopped.set()
        self._thread.join()

    def _run(self, pipeline: Any, prompt: str) -> None:
        genai = import_openvino("openvino_genai")

        def _tell(piece: str) -> Any:
            self._pieces.put(piece)
            stop = self._stopped.is_set()
            return genai.StreamingStatus.CANCEL if stop else genai.StreamingStatus.RUNNING

        try:
            found = pipeline.generate(
                [prompt],
                max_new_tokens=LONGEST,
                do_sample=False,
                # The prompt holds the model's own marks already.
                apply_chat_template=False,
                streamer=_tell,
            )
            self.cut = found.finish_reasons[0] == genai.GenerationFinishReason.LENGTH
        except Exception as problem:  # whatever it is, the reader must be told
            self.problem = problem
        finally:
            self._pieces.put(None)


def _from_gguf(genai: Any, file: Path) -> Any:
    """Load a GGUF file: converted the first time, from the cache folder after that."""
    status = file.stat()
    stamp = f"{file.resolve()}\n{status.st_size}\n{status.st_mtime_ns}\n{genai.__version__}"
    try:
        home = cache_home() / "language-models"
        home.mkdir(exist_ok=True)
    except OSError:
        return genai.LLMPipeline(str(file), "CPU")
    kept = home / hashlib.sha256(stamp.encode()).hexdigest()[:32]
    if (kept / _CONVERTED).is_file():
        return genai.LLMPipeline(str(kept), "CPU")
    temporary = Path(tempfile.mkdtemp(prefix="converting-", dir=home))
    try:
        # The conversion is written beside the file that is read, and that is not our folder.
        link = temporary / "model.gguf"
        link.symlink_to(file.resolve())
        try:
            pipeline = genai.LLMPipeline(str(link), "CPU", enable_save_ov_model=True)
        except OSError:
            return genai.LLMPipeline(str(file), "CPU")
        link.unlink()
        with suppress(OSError):
            temporary.rename(kept)
        return pipeline
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
