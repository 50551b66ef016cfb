"""Doubles whose numbers can be checked by eye, and the rules that every test keeps."""

import ipaddress
import os
import re
import shutil
import socket
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from bifolio.ingest import children, message
from bifolio.library import Library
from bifolio.models import Models
from bifolio.retrieval import (
    EMBEDDERS,
    RERANKERS,
    CrossEncoder,
    ModelEmbedder,
    RerankerRecipe,
    Threshold,
)
from bifolio.retrieval.arrays import Floats

if TYPE_CHECKING:
    from browsing import Reader

# No clock: a busy machine is no failure.
settings.register_profile("bifolio", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bifolio")

# One dimension a line: a word means the same in both languages.
SUBJECTS = (
    ("ferry", "渡轮"),
    ("price", "票价"),
    ("crew", "船员"),
    ("engine", "轮机"),
    ("fire", "火灾"),
    ("refund", "退款"),
)


class WordEmbedder:
    """A vector counts how often the text speaks of each subject, then has its length made 1.

    "ferry price" is (0.71, 0.71, 0, 0, 0, 0, 0); a text about none of them is (0, ..., 0, 1).
    ``embedded`` remembers every passage that was embedded.
    """

    def __init__(self) -> None:
        self.name = "words"
        self.dims = len(SUBJECTS) + 1
        self.fingerprint = "words/1"
        self.embedded: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return np.array([self._vector(text) for text in texts], np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        self.embedded += texts
        return self.embed_queries(texts)

    def count(self, text: str) -> int:
        """Count Latin words and numbers, and every other character that can be seen."""
        return len(re.findall(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]", text))

    def _vector(self, text: str) -> Floats:
        # Real tokenizers refuse what cannot be written as UTF-8, and so does this one.
        text = text.encode().decode().lower()
        counts = [float(sum(text.count(word) for word in subject)) for subject in SUBJECTS]
        vector = np.array([*counts, 0.0 if any(counts) else 1.0], np.float32)
        unit: Floats = vector / np.linalg.norm(vector)
        return unit


class OverlapReranker:
    """A score is the share of the question's words, or Chinese characters, in the passage."""

    def __init__(self) -> None:
        self.name = "overlap"
        self.fingerprint = "overlap/1"
        self.recipe = RerankerRecipe(
            name="overlap",
            source="nowhere",
            threshold=0.5,
            threshold_source=message("double", "conftest.py"),
            languages=("en", "zh"),
            licence="none",
        )

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        asked = _words(question)
        shares = [len(asked & _words(passage)) / max(1, len(asked)) for passage in passages]
        return np.array(shares, np.float32)


def threshold(value: float | None, source: str = "its author") -> Threshold:
    """Give a threshold whose parts can be read in what is shown of it."""
    return Threshold(
        value=value, space=message("space", "shares"), source=message("source", source)
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower()))


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def reranker() -> OverlapReranker:
    return OverlapReranker()


@pytest.fixture
def library(tmp_path: Path, embedder: WordEmbedder, reranker: OverlapReranker) -> Library:
    """Give an empty library whose models are the doubles."""
    return Library(tmp_path / "library", models=Models(embedder, reranker))


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Give a folder of three short documents, each about another subject."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "fares.md").write_text(
        "# Fares\n\n## Adults\n\nThe ferry price is five crowns.\n\n"
        "## Refunds\n\nA refund takes ten days.\n",
        encoding="utf-8",
    )
    (folder / "safety.txt").write_text("In a fire the crew rings the bell.\n", encoding="utf-8")
    (folder / "轮机.txt").write_text("轮机每三个月检修一次。\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def starter_embedder() -> ModelEmbedder:
    """Give the embedder that ships with the package, loaded once."""
    return ModelEmbedder(EMBEDDERS[0])


@pytest.fixture(scope="session")
def starter_reranker() -> CrossEncoder:
    """Give the reranker that ships with the package, loaded once."""
    return CrossEncoder(RERANKERS[0])


MakePdf = Callable[..., bytes]


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Give a function that plants a program where children find it, and tells its name as work."""
    (tmp_path / "modules").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
    # The server has the environment that it was started in.
    children.end_server()

    def plant(program: str) -> str:
        body = textwrap.indent(program, "    ")
        name = f"planted_{len(list((tmp_path / 'modules').iterdir()))}"
        text = f"SEEN = []\n\ndef work(*arguments):\n{body}\n"
        (tmp_path / "modules" / f"{name}.py").write_text(text)
        return f"{name}:work"

    yield plant
    children.end_server()


@pytest.fixture(scope="session")
def make_pdf() -> MakePdf:
    """Give a function from pages to the bytes of a PDF; lines starting with ``#`` are set large."""
    return pdf_bytes


def pdf_bytes(*pages: str, title: str = "") -> bytes:
    """Write a PDF by hand: one page a text, one line a line, 12 points, ``# `` lines 24 points."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        content = _content(page)
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            f" /Resources << /Font << /F 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects.append(f"<< /Title ({title}) >>")
    written, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        f"{written}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\n"
        f"startxref\n{len(written)}\n%%EOF\n"
    ).encode("latin-1")


def _content(page: str) -> str:
    shown = []
    for line in page.split("\n") if page else []:
        size = 24 if line.startswith("# ") else 12
        escaped = re.sub(r"([()\\])", r"\\\1", line.removeprefix("# "))
        shown.append(f"/F {size} Tf ({escaped}) Tj 0 -30 Td")
    return "\n".join(["BT 50 800 Td", *shown, "ET"])


@pytest.fixture(scope="session", autouse=True)
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep converted models out of the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in os.environ:
        if name.startswith(("BIFOLIO_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing leave this machine: loopback and unix sockets only."""
    tried: Counter[str] = Counter()

    def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
                tried[str(address[0])] += 1
                raise OSError(f"a test reached for {address[0]}")
            return method(self, address)

        return connect

    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        if host is not None and not _is_loopback(host):
            tried[str(host)] += 1
            raise socket.gaierror(f"a test asked for the address of {host}")
        return look_up(host, *rest, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    assert not tried, f"a test reached for the network: {dict(tried)}"


def _is_loopback(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in ("localhost", ""):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture
def opened(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Give the empty library that the page of the chat will open."""
    # Only tests of the page load what draws it.
    import streamlit as st

    monkeypatch.setattr(Library, "open", lambda *_, **__: library)
    monkeypatch.setattr("bifolio.ui.entering.st.get_option", lambda _: "127.0.0.1")
    st.cache_resource.clear()
    yield library
    st.cache_resource.clear()


@pytest.fixture
def filled(opened: Library, documents: Path) -> Library:
    """Give the library with three documents in it."""
    opened.add(documents)
    return opened


@pytest.fixture(scope="module")
def chat_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a library with two documents, made with the models that ship."""
    folder = tmp_path_factory.mktemp("browser") / "library"
    samples = Path(__file__).parent.parent / "sample_docs"
    Library.open(folder).add([samples / "passenger-guide.pdf", samples / "码头值班须知.txt"])
    return folder


@pytest.fixture(scope="module")
def chat_address(chat_folder: Path) -> Iterator[str]:
    """Serve the chat and give its address."""
    from chatting import chatting

    with chatting(chat_folder, log=chat_folder.parent / "chat.log") as address:
        yield address


@pytest.fixture
def reader(chat_address: str, tmp_path: Path) -> Iterator["Reader"]:
    """Open the page; in the end, nothing but this machine may have been asked for anything."""
    from browsing import DRIVER, Reader

    if shutil.which(DRIVER) is None:
        pytest.fail("chromium is here but chromedriver is not; apt-get install chromium-driver")
    reader = Reader(chat_address, tmp_path / "profile")
    try:
        yield reader
        reader.driver.save_screenshot(tmp_path / "page.png")
        assert reader.hosts() <= {"127.0.0.1", "localhost"}
    finally:
        reader.driver.quit()
