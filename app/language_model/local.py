"""A language model that runs in this process: a GGUF file, or a folder that OpenVINO reads."""

import json
import logging
import os
import queue
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from filelock import FileLock

from bifolio.ingest import message
from bifolio.language_model.gguf import NotGguf, gguf_head
from bifolio.language_model.model import ChatMessage
from bifolio.language_model.troubles import (
    ContextExceeded,
    EmptyReply,
    IncompleteReply,
    LanguageModelError,
)

_log = logging.getLogger(__name__)
MOST_TOKENS = 1024
_MODEL = "openvino_model.xml"


def is_local(name: str, base_url: str | None = None) -> bool:
    """Tell whether a model's name is a file or a folder of this machine, and none of a server."""
    if name.startswith(("/", "./", "../", "~", ".\\", "..\\")) or Path(name).is_dir():
        return True
    return name.lower().endswith(".gguf") and (base_url is None or Path(name).exists())


@cache
def local_model(path: str) -> "LocalModel":
    """Give the model of a path, the same one for all who ask: it is loaded once."""
    return LocalModel(Path(path).expanduser().absolute())


@dataclass(slots=True)
class _Job:
    """Messages to answer, and where what comes of them is put; None is the end."""

    messages: Sequence[ChatMessage]
    inbox: "queue.SimpleQueue[str | Exception | None]" = field(default_factory=queue.SimpleQueue)
    stopped: bool = False


class LocalModel:
    """A model in this process. It answers one at a time; others wait in the order they came.

    It is loaded when it is first asked. A GGUF file is converted once, and the conversion kept in
    ``$XDG_CACHE_HOME/bifolio``.
    """

    def __init__(self, path: Path, *, most_tokens: int = MOST_TOKENS) -> None:
        self.path = path
        self.name = path.stem
        self._most = most_tokens
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._worker: threading.Thread | None = None

    @cached_property
    def window(self) -> int | None:
        """How many tokens the model reads and writes at once; None where its files do not tell."""
        try:
            return gguf_head(self.path).window if self.path.is_file() else _folder_window(self.path)
        except (NotGguf, OSError):
            return None

    def stream(self, messages: Sequence[ChatMessage]) -> Iterator[str]:
        """Yield the reply's text as it comes; it ends when nobody takes it any more.

        Raises:
            LanguageModelError: the model cannot be loaded or run; ContextExceeded where fewer
                passages may help, IncompleteReply where the text so far stands.
        """
        job = _Job(messages)
        self._jobs.put(job)
        self._work()
        try:
            while (piece := job.inbox.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            job.stopped = True

    def _work(self) -> None:
        with self._starting:
            if self._worker is None:
                self._worker = threading.Thread(
                    target=self._run, name="language model", daemon=True
                )
                self._worker.start()

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            if job.stopped:
                continue
            try:
                self._answer(job)
                job.inbox.put(None)
            except LanguageModelError as problem:
                job.inbox.put(problem)
            except Exception as problem:  # any of the library's, told by the thread that waits
                job.inbox.put(self._cannot(f"failed ({_first_line(problem)})"))

    def _answer(self, job: _Job) -> None:
        genai, pipeline = self._loaded
        chat = genai.ChatHistory([dict(one) for one in job.messages])
        tokenizer = pipeline.get_tokenizer()
        asked = tokenizer.apply_chat_template(chat, add_generation_prompt=True)
        length = tokenizer.encode(asked, add_special_tokens=False).input_ids.shape[1]
        room = self._most if self.window is None else min(self._most, self.window - length)
        if room <= 0:
            raise ContextExceeded(
                message(
                    "local-context",
                    "{path} reads {window} tokens at once and was given {length}; set"
                    " BIFOLIO_CONTEXT_TOKENS lower",
                    path=self.path,
                    window=self.window,
                    length=length,
                )
            )

        said = False

        def _take(piece: str) -> Any:
            nonlocal said
            if job.stopped:
                return genai.StreamingStatus.CANCEL
            said = said or bool(piece.strip())
            job.inbox.put(piece)
            return genai.StreamingStatus.RUNNING

        done = pipeline.generate(chat, streamer=_take, max_new_tokens=room, do_sample=False)
        if job.stopped:
            return
        if not said:
            raise EmptyReply(
                message("local-empty", "{path} gave an empty reply; ask again", path=self.path)
            )
        if done.perf_metrics.get_num_generated_tokens() >= room:
            raise IncompleteReply(
                message(
                    "local-length",
                    "{path} wrote the most that it may ({room} tokens)",
                    path=self.path,
                    room=room,
                )
            )

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        """Load the library and the model. Only the worker asks: nothing is loaded twice."""
        self._check()
        try:
            genai = _genai()
        except ImportError as problem:
            raise LanguageModelError(
                message(
                    "no-genai",
                    "{path} needs openvino-genai to run; install bifolio[llm]",
                    path=self.path,
                )
            ) from problem
        try:
            if self.path.is_dir():
                return genai, genai.LLMPipeline(str(self.path), "CPU")
            return genai, _converted(genai, self.path)
        except Exception as problem:  # whatever it says of a kind of model that it does not know
            raise self._cannot(f"cannot be loaded ({_first_line(problem)})") from problem

    def _check(self) -> None:
        if self.path.is_dir():
            if not (self.path / _MODEL).exists():
                raise self._cannot(f"holds no {_MODEL}")
            return
        try:
            head = gguf_head(self.path)
        except OSError as problem:
            raise self._cannot(f"cannot be read ({problem.strerror})") from problem
        except NotGguf as problem:
            raise self._cannot(str(problem)) from problem
        if not head.architecture:
            raise self._cannot("does not tell which kind of model it is")

    def _cannot(self, why: str) -> LanguageModelError:
        return LanguageModelError(
            message(
                "local-model",
                "the language model {path} {why}; give a GGUF file of a Qwen or Llama model, a"
                " folder that OpenVINO reads, or a server's model",
                path=self.path,
                why=why,
            )
        )


def _folder_window(folder: Path) -> int | None:
    try:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        window = told.get("max_position_embeddings")
    except (OSError, ValueError, AttributeError):
        return None
    return window if isinstance(window, int) and window > 0 else None


def _genai() -> Any:
    # OpenVINO would report its import to its makers, unasked.
    modules: dict[str, Any] = sys.modules
    before = modules.get("openvino_telemetry")
    modules["openvino_telemetry"] = None
    try:
        return import_module("openvino_genai")
    finally:
        modules.pop("openvino_telemetry", None)
        if before is not None:
            modules["openvino_telemetry"] = before


def _converted(genai: Any, file: Path) -> Any:
    """Load a GGUF file, from its conversion where one is kept."""
    try:
        return genai.LLMPipeline(str(_kept(genai, file)), "CPU")
    except OSError as problem:
        _log.warning("%s is converted at every start: no cache can be kept (%s)", file, problem)
        return genai.LLMPipeline(str(file), "CPU")


def _kept(genai: Any, file: Path) -> Path:
    """Give the folder of the conversion, which the library writes beside the file that it reads."""
    facts = file.stat()
    key = f"{file} {facts.st_size} {facts.st_mtime_ns} {genai.__version__}"
    home = _home()
    place = home / f"{file.stem[:40]}-{sha256(key.encode()).hexdigest()[:16]}"
    with FileLock(home / f"{place.name}.lock"):
        if not (place / _MODEL).exists():
            with tempfile.TemporaryDirectory(dir=home) as scratch:
                written = Path(scratch) / "model"
                written.mkdir()
                link = written / "model.gguf"
                link.symlink_to(file)
                # Written while it loads; dropped, for the same files are loaded from their place.
                genai.LLMPipeline(str(link), "CPU", enable_save_ov_model=True)
                link.unlink()
                written.replace(place)
    return place


def _home() -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bifolio" / "llm"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def _first_line(problem: Exception) -> str:
    """Give what a library says, without the place in its own source."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return (told or lines or [type(problem).__name__])[0][:200].rstrip(".")
