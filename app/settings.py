"""What a user can set, each setting named once: for Python, environment, flags and files."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bifolio import servers, sources
from bifolio.ingest import BifolioError, Message, message
from bifolio.language_model import FIRST_SECONDS, IDLE_SECONDS
from bifolio.retrieval import POOLINGS, Place, place_of

DEFAULT_MODELS = "starter"
SAVED_AS = "settings.json"  # in a library's folder, or in the user's own for settings
CONTEXT_TOKENS = 3000
# The judge's score, for a sentence and the passage that it cites, from which the passage supports
# it. Sentences beside other passages stay below it, nine in ten; translations of a sentence come
# out above, six in ten (bench/citations.py --judge with the starter).
SUPPORT = 0.1
# What a library's own settings may name, and what stands between two of them.
_LISTS = {"servers": " ", "sources": os.pathsep}
_LEAST_CONTEXT = 200
_MOST_SECONDS = 3600


class BadSetting(BifolioError):  # noqa: N818 - the name says what is wrong
    """A setting has a value that it cannot have, or a file of settings cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """How one setting is called outside Python.

    ``read`` makes its value of a text, and raises ValueError. ``blank`` tells that an empty text is
    a value too, else it says nothing. ``of_models`` are those that decide vectors and scores;
    a ``secret`` has no flag and is never saved; what is the user's ``own`` no library's file says.
    """

    env: str
    help: str
    metavar: str = "NAME"
    choices: tuple[str, ...] | None = None
    read: Callable[[str], Any] = str
    blank: bool = False
    of_models: bool = False
    secret: bool = False
    own: bool = False


def _tokens(text: str) -> int:
    number = int(text)
    if number < _LEAST_CONTEXT:
        raise ValueError(message("too-few", "give {least} at least", least=_LEAST_CONTEXT))
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _MOST_SECONDS:
        raise ValueError(
            message("between-seconds", "give more than 0, at most {most}", most=_MOST_SECONDS)
        )
    return seconds


def _score(text: str) -> float:
    score = float(text)
    if not 0 <= score <= 1:
        raise ValueError(message("between-scores", "give a number from 0 to 1"))
    return score


def _setting(default: Any, **named: Any) -> Any:
    return field(default=default, repr="secret" not in named, metadata={"named": Named(**named)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that commands, the web chat and apps share; None is nothing said.

    ``support`` is the reranker's score, for a sentence of an answer and a passage that it cites,
    from which the sentence is supported. It has nothing to do with a threshold of the search, which
    asks whether a passage answers a question. What the guards find to contradict the passage is not
    supported, whatever it scores; what stands there in the same words always is.
    """

    library: Path = _setting(
        Path(".bifolio"),
        env="BIFOLIO_LIBRARY",
        own=True,
        metavar="DIR",
        read=Path,
        help="the library's folder",
    )
    models: str = _setting(
        DEFAULT_MODELS, env="BIFOLIO_MODELS", of_models=True, help="a pair of models"
    )
    embedder: str | None = _setting(
        None,
        env="BIFOLIO_EMBEDDER",
        of_models=True,
        help="an embedder, hub id, folder or KIND:MODEL@URL in place of the pair's",
    )
    reranker: str | None = _setting(
        None,
        env="BIFOLIO_RERANKER",
        of_models=True,
        help="a reranker, hub id, folder or KIND:MODEL@URL in place of the pair's",
    )
    embedder_key: str | None = _setting(
        None, env="BIFOLIO_EMBEDDER_KEY", secret=True, help="the key that its server wants"
    )
    reranker_key: str | None = _setting(
        None, env="BIFOLIO_RERANKER_KEY", secret=True, help="the key that its server wants"
    )
    pooling: str | None = _setting(
        None,
        env="BIFOLIO_POOLING",
        choices=POOLINGS,
        of_models=True,
        help="the embedder's pooling, if nothing else says it",
    )
    query_prefix: str | None = _setting(
        None,
        env="BIFOLIO_QUERY_PREFIX",
        metavar="TEXT",
        blank=True,
        of_models=True,
        help="the embedder's prefix of questions, '' for none",
    )
    passage_prefix: str | None = _setting(
        None,
        env="BIFOLIO_PASSAGE_PREFIX",
        metavar="TEXT",
        blank=True,
        of_models=True,
        help="the embedder's prefix of passages, '' for none",
    )
    llm: str | None = _setting(
        None,
        env="BIFOLIO_LLM",
        help="the language model, by its name at a server or a GGUF file; else answers are quotes",
    )
    base_url: str | None = _setting(
        None, env="OPENAI_BASE_URL", metavar="URL", help="an OpenAI-compatible server"
    )
    api_key: str | None = _setting(
        None, env="OPENAI_API_KEY", secret=True, help="the key that the server wants"
    )
    servers: str = _setting(
        "",
        env="BIFOLIO_SERVERS",
        own=True,
        metavar="URLS",
        read=servers.listed,
        help="servers that a library's own settings may name, with blanks or commas between them",
    )
    sources: str = _setting(
        "",
        env="BIFOLIO_SOURCES",
        own=True,
        metavar="NAMES",
        read=sources.listed,
        help=f"models that a library's own settings may name, with {os.pathsep!r} between them",
    )
    documents: str | None = _setting(
        None,
        env="BIFOLIO_DOCUMENTS",
        secret=True,
        help="where a library on Milvus keeps its documents: a folder, or a PostgreSQL database",
    )
    milvus_token: str | None = _setting(
        None, env="BIFOLIO_MILVUS_TOKEN", secret=True, help="the token that Milvus wants"
    )
    first_seconds: float = _setting(
        FIRST_SECONDS,
        env="BIFOLIO_FIRST_SECONDS",
        metavar="SECONDS",
        read=_seconds,
        help="how long a language model's server may take to its first word",
    )
    idle_seconds: float = _setting(
        IDLE_SECONDS,
        env="BIFOLIO_IDLE_SECONDS",
        metavar="SECONDS",
        read=_seconds,
        help="how long it may be silent between two words",
    )
    context_tokens: int = _setting(
        CONTEXT_TOKENS,
        env="BIFOLIO_CONTEXT_TOKENS",
        metavar="N",
        read=_tokens,
        help="tokens that passages and history may take of the language model's context",
    )
    support: float = _setting(
        SUPPORT,
        env="BIFOLIO_SUPPORT",
        metavar="X",
        read=_score,
        help="the score, from 0 to 1, from which a passage supports the sentence that cites it",
    )

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] = os.environ, *, given: Mapping[str, Any] | None = None
    ) -> "Settings":
        """Give what is in force: what is ``given`` by name goes before the environment.

        That goes before what was saved in the library's folder, that before what was saved in the
        user's own, and that before the defaults.

        Raises:
            BadSetting: a value is none that the setting can have, or the library's folder names a
                server or a model that nothing else names or allows.
        """
        said = {**_from_environment(environ), **(given or {})}
        saved = _saved(_user_file(environ))
        folder = Path(said.get("library") or saved.get("library") or cls().library)
        own, file = {**saved, **said}, folder / SAVED_AS
        in_force = {**saved, **_saved(file, of_library=True), **said, "library": folder}
        # What the user allowed for good and what is allowed now are allowed both.
        for name, between in _LISTS.items():
            own[name] = between.join([str(saved.get(name, "")), str(said.get(name, ""))])
        for kind in (servers, sources):
            if refusal := kind.refusal(in_force, own, file):
                raise BadSetting(refusal)
        return cls(**in_force)

    def place_of(self, library: str | os.PathLike[str]) -> Place:
        """Give where a library is: its folder, or its address with what reaching it needs.

        Raises:
            StoreError: it looks like an address of Milvus, and is none.
        """
        return place_of(library, documents=self.documents, token=self.milvus_token)

    def environment(self) -> dict[str, str]:
        """Give the variables that make another process have these settings, secrets left out."""
        said = {}
        for name, named in names():
            value = getattr(self, name)
            if not named.secret and (value is not None or not named.blank):
                said[named.env] = "" if value is None else str(value)
        return said | {"BIFOLIO_LIBRARY": str(self.library.absolute())}

    def save(self, folder: Path | None = None) -> Path:
        """Write what differs from the defaults, secrets left out, and give the file.

        ``folder`` is a library's; None is the user's own folder for settings, where the servers
        and models are noted that a library's settings name: elsewhere that folder alone does not
        choose them.
        """
        file = folder / SAVED_AS if folder else _user_file(os.environ)
        kept = {
            name: value
            for name, named in names()
            if not named.secret
            and not (folder and named.own)
            and (value := getattr(self, name)) != getattr(Settings(), name)
        }
        if folder:
            _allow("servers", servers.origins(kept))
            _allow("sources", set(sources.named(kept).values()))
        return _write(kept, file)


def names() -> Iterator[tuple[str, Named]]:
    """Yield each setting's name in Python, and what it is called elsewhere."""
    for one in fields(Settings):
        yield one.name, one.metadata["named"]


def read_setting(name: str, text: str, *, where: str) -> Any:
    """Make the value of a setting of a text; ``where`` is what the text stood in.

    Raises:
        BadSetting: the text is none of its values.
    """
    named = dict(names())[name]
    try:
        value = named.read(text)
        if named.choices and value not in named.choices:
            choices = ", ".join(named.choices)
            raise ValueError(message("choose-among", "choose among {choices}", choices=choices))
    except ValueError as problem:
        told = message(
            "bad-setting",
            "{where}: {value!r} is no {name} ({problem})",
            where=where,
            value=text,
            name=name,
            problem=_why(problem),
        )
        raise BadSetting(told) from problem
    return value


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    said = {}
    for name, named in names():
        text = environ.get(named.env)
        if text or (text is not None and named.blank):
            said[name] = read_setting(name, text, where=named.env)
    return said


def _user_file(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "bifolio" / SAVED_AS


def _allow(name: str, found: Set[str]) -> None:
    """Note servers, or models, in the user's own settings as those that a library's may name."""
    file, between = _user_file(os.environ), _LISTS[name]
    saved = _saved(file)
    known = [one for one in str(saved.get(name, "")).split(between) if one]
    seen = servers.origins({name: saved.get(name)}) if name == "servers" else set(known)
    if new := found - seen:
        _write(saved | {name: between.join([*known, *sorted(new)])}, file)


def _write(kept: Mapping[str, Any], file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(".tmp")
    written.write_text(
        json.dumps(kept, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8"
    )
    written.replace(file)
    return file


def _saved(file: Path, *, of_library: bool = False) -> dict[str, Any]:
    """Read a file of settings; a missing one says nothing."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as problem:
        raise BadSetting(_unreadable(file, str(problem))) from problem
    known = {name for name, named in names() if not named.secret}
    if of_library:
        known -= {name for name, named in names() if named.own}
    if not isinstance(content, dict) or not set(content) <= known:
        sentence = "its names must be some of {names}"
        names_known = message("unknown-names", sentence, names=", ".join(sorted(known)))
        raise BadSetting(_unreadable(file, names_known))
    return {
        name: read_setting(name, str(value), where=str(file))
        for name, value in content.items()
        if value is not None
    }


def _why(problem: ValueError) -> Message | str:
    told = problem.args[0] if problem.args else ""
    return told if isinstance(told, Message) else str(problem)


def _unreadable(file: Path, problem: Message | str) -> Message:
    sentence = "{file} cannot be read as settings ({problem}); mend it or delete it"
    return message("bad-settings-file", sentence, file=file, problem=problem)
