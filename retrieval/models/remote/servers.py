"""The kinds of servers that are known, and how a user names a model at one of them."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args
from urllib.parse import SplitResult, parse_qsl, urlsplit

from bifolio.ingest import message
from bifolio.retrieval.models.recipe import UnknownModel
from bifolio.retrieval.models.remote.words import address

Scores = Literal["sigmoid", "logits"]
SCORES: tuple[Scores, ...] = get_args(Scores)

_MOST_SECONDS = 3600
_EXAMPLE = "infinity:BAAI/bge-m3@http://127.0.0.1:7997"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of server is asked.

    ``url`` is where it stands unless the user says otherwise, ``embeds`` and ``reranks`` its two
    routes below that; None where it has none. A request carries at most ``texts`` texts to embed,
    or ``pairs`` passages to score. ``scores`` is what its rerankers give, ``passages`` under what
    name they are given them; ``raw`` tells that they can be asked for logits, ``packs`` that
    vectors may be asked for in base64.
    """

    name: str
    url: str
    embeds: str | None = "/embeddings"
    reranks: str | None = "/rerank"
    texts: int = 32
    pairs: int = 100
    scores: Scores = "sigmoid"
    passages: Literal["documents", "texts"] = "documents"
    raw: bool = False
    packs: bool = False


KINDS = (
    Kind(name="openai", url="https://api.openai.com/v1", reranks=None, packs=True),
    Kind(name="cohere", url="https://api.cohere.com/v2", embeds=None),
    Kind(name="jina", url="https://api.jina.ai/v1"),
    Kind(name="siliconflow", url="https://api.siliconflow.cn/v1"),
    Kind(name="infinity", url="http://127.0.0.1:7997", raw=True),
    Kind(
        name="tei",
        url="http://127.0.0.1:8080",
        embeds="/v1/embeddings",
        pairs=32,
        passages="texts",
        raw=True,
    ),
    Kind(name="vllm", url="http://127.0.0.1:8000/v1"),
    Kind(name="ollama", url="http://127.0.0.1:11434/v1", reranks=None),
    Kind(name="llamacpp", url="http://127.0.0.1:8080/v1", scores="logits"),
    Kind(
        name="youdao",
        url="https://openapi.youdao.com",
        embeds="/textEmbedding/queryTextEmbeddings",
        reranks=None,
        texts=16,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A model at a server, as a user names it: ``KIND:MODEL@URL#OPTIONS``.

    ``dims`` asks for shorter vectors than the model's own, ``tokens`` says how long a text it
    reads, ``batch`` how many texts a request carries, ``seconds`` how long one may take.
    """

    kind: Kind
    model: str
    url: str
    dims: int | None = None
    tokens: int | None = None
    batch: int | None = None
    seconds: float | None = None
    scores: Scores | None = None

    @property
    def here(self) -> bool:
        """Whether the server is on this machine."""
        return _is_loopback(urlsplit(self.url).hostname or "")

    def route(self, path: str) -> str:
        """Give the address of a route, of which the user may have given the end already."""
        parts = urlsplit(self.url)
        base = parts.path.rstrip("/")
        if not base.endswith(path):
            first = "/" + path.split("/")[1]
            base = base.removesuffix(first) + path
        return parts._replace(path=base).geturl()


def is_served(name: str) -> bool:
    """Tell whether the name is that of a model at a server."""
    said, colon, rest = name.partition(":")
    known = said in {kind.name for kind in KINDS} or re.search("@https?://", rest)
    return bool(colon and said.isalpha() and known)


def server_of(name: str) -> str:
    """Give the address of the server at which a model is; empty for one on this machine.

    Raises:
        UnknownModel: as of ``served``.
    """
    return served(name).url if is_served(name) else ""


def served(name: str) -> Served:
    """Read the name of a model at a server.

    Raises:
        UnknownModel: it cannot be meant so; the message says why.
    """
    kind, rest = _kind(name)
    rest, _, options = rest.partition("#")
    found = re.fullmatch(r"(?P<model>.*?)(?:@(?P<url>https?://.*))?", rest, re.S)
    model, url = (found["model"], found["url"]) if found else (rest, None)
    if not model and kind.name == "youdao":
        model = kind.name
    if not model or ("@" in model.strip("@") and url is None):
        sentence = "{name} is not understood; write KIND:MODEL@URL, such as {example}"
        shown = _shown(name)
        raise UnknownModel(message("served-no-model", sentence, name=shown, example=_EXAMPLE))
    whole = (url or kind.url).rstrip("/")
    _check(urlsplit(whole))
    return Served(kind=kind, model=model, url=whole, **_options(options))


def _kind(name: str) -> tuple[Kind, str]:
    said, _, rest = name.partition(":")
    for kind in KINDS:
        if kind.name == said:
            return kind, rest
    raise UnknownModel(
        message(
            "served-unknown-kind",
            "{said} is no kind of server; choose one of {kinds}, as in {example}",
            said=said,
            kinds=", ".join(kind.name for kind in KINDS),
            example=_EXAMPLE,
        )
    )


def _check(parts: SplitResult) -> None:
    """Refuse an address to which nothing should be sent."""
    shown = address(parts.geturl())
    try:
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        sentence = "{address} is no address of a server; give one such as https://example.org/v1"
        raise UnknownModel(message("served-bad-address", sentence, address=shown))
    if "@" in parts.netloc:
        raise UnknownModel(
            message(
                "served-credentials",
                "the address {address} was given with a name or password; leave them out and give"
                " the key by BIFOLIO_EMBEDDER_KEY or BIFOLIO_RERANKER_KEY",
                address=shown,
            )
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise UnknownModel(
            message(
                "served-unencrypted",
                "{address} would be sent your documents and the key unencrypted; give an https"
                " address, or one of this machine (127.0.0.1), to which a tunnel may lead",
                address=shown,
            )
        )


def _options(text: str) -> dict[str, Any]:
    """Read what stands behind the address: ``dims=256&tokens=512``."""
    read: dict[str, Callable[[str], Any]] = {
        "dims": lambda value: _whole(value, 1, 65536),
        "tokens": lambda value: _whole(value, 16, 1_000_000),
        "batch": lambda value: _whole(value, 1, 4096),
        "seconds": _seconds,
        "scores": _scores,
    }
    options = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        try:
            options[name] = read[name](value)
        except (KeyError, ValueError) as problem:
            raise UnknownModel(
                message(
                    "served-bad-option",
                    "#{name}={value} is not understood; give dims, tokens, batch or seconds as a"
                    " number, or scores as sigmoid or logits",
                    name=name,
                    value=value,
                )
            ) from problem
    return options


def _whole(text: str, least: int, most: int) -> int:
    if not least <= int(text) <= most:
        raise ValueError(text)
    return int(text)


def _seconds(text: str) -> float:
    if not 0 < float(text) <= _MOST_SECONDS:
        raise ValueError(text)
    return float(text)


def _scores(text: str) -> Scores:
    for known in SCORES:
        if text == known:
            return known
    raise ValueError(text)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(name: str) -> str:
    """Give what a user wrote, without what may be a password."""
    return re.sub(r"//[^/@]*@", "//", name)
