"""A folder of mixed files, from files to an index: Bifolio against the pipeline LangChain teaches.

    python bench/ingest.py --copies 3 --small 300

Copies of the PDFs of sample_docs, and small files of every kind that tests/written_formats.py
writes, filled with sentences of sample_docs. Both in this process, one after the other, with the
same weights on the CPU: PyPDFLoader, TextLoader and CSVLoader, RecursiveCharacterTextSplitter,
embeddings run by torch as sentence-transformers runs them (itself, where it is installed),
FAISS.from_documents. Prints the seconds of each step and the ratios, of the files that both read:
kinds for which LangChain has no loader without further packages are in the last line alone. Chunks
are 1000 characters there, 400 tokens here. Both have read a file and embedded a text before, so no
start is counted: the process that forks Bifolio's children stays through all figures, as it does
through an ingest. Bifolio reads a file on each core at once, in children whose CPU time is counted
(from /proc, so on Linux alone). On a machine that others use too, look at the CPU seconds.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from samples import ROOT, sentences
from written_formats import WRITERS, Chapter

from bifolio import Library, Models, Settings
from bifolio.ingest import read
from bifolio.ingest.children import server_id
from bifolio.retrieval import save
from bifolio.storing import WORKERS

_BATCH = 32
# What LangChain reads with nothing else installed.
_AS_TEXT = (".md", ".txt", ".html", ".rst", ".json", ".jsonl", ".eml", ".rtf", ".ipynb")


class Spent(NamedTuple):
    """Seconds on the clock, and of the CPU with all children."""

    clock: float
    cpu: float

    @classmethod
    def so_far(cls) -> "Spent":
        """Look at the clocks: of this process, and of the server with its children."""
        own = getrusage(RUSAGE_SELF)
        cpu = own.ru_utime + own.ru_stime
        if server := server_id():
            children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
            cpu += sum(map(_cpu_of, (str(server), *children)))
        return cls(time.perf_counter(), cpu)

    def since(self) -> "Spent":
        """Give what was spent since then."""
        now = Spent.so_far()
        return Spent(now.clock - self.clock, now.cpu - self.cpu)


def _cpu_of(process: str) -> float:
    """Give the seconds that a process and its children that ended have had; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # What follows the name: utime, stime, cutime and cstime are the 12th to 15th.
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


Measured = dict[str, Spent]


def main() -> None:
    """Print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=3, help="of the PDFs of sample_docs")
    parser.add_argument("--small", type=int, default=300, help="files of other kinds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "docs")
        folder.mkdir()
        files = [*copies(folder, options.copies), *small(folder, options.small)]
        loaded = list(filter(_is_loaded, files))
        ours = bifolio(Path(place, "library"), loaded, more=files)
        saved = save("starter", Path(place, "weights"))
        theirs = langchain(loaded, saved[0])
    print(f"{len(loaded)} files that both read, and {len(files) - len(loaded)} of other kinds")
    print(
        f"{'':20} {'clock':>10} {'LangChain':>10} {'ratio':>6} {'CPU':>10} {'LangChain':>10} ratio"
    )
    for step, one in theirs.items():
        pairs = zip(ours[step], one, strict=True)
        shown = (f"{own:10.2f} {other:10.2f} {other / own:6.1f}" for own, other in pairs)
        print(f"{step:20}", *shown)
    print("with the other kinds", *(f"{own:10.2f}{'':18}" for own in ours["with others"]))


def copies(folder: Path, count: int) -> list[Path]:
    """Write copies of the PDFs that differ in a byte, for a second copy is read once."""
    made = []
    for number in range(count):
        for file in sorted((ROOT / "sample_docs").glob("*.pdf")):
            made.append(folder / f"{number}-{file.name}")
            shutil.copy(file, made[-1])
            with made[-1].open("ab") as opened:
                opened.write(b"\n%%%d\n" % number)
    return made


def small(folder: Path, count: int) -> list[Path]:
    """Write small files of every kind in turn, each with other sentences."""
    dice = random.Random(7)
    texts = sentences()
    writers = WRITERS | {".md": _markdown, ".txt": _markdown}
    made = []
    for number in range(count):
        suffix = sorted(writers)[number % len(writers)]
        said = texts[("en", "zh")[number // len(writers) % 2]]
        story = tuple(_chapter(said, dice, f"{number}.{part}") for part in (1, 2))
        made.append(folder / f"small-{number}{suffix}")
        made[-1].write_bytes(writers[suffix](story))
    return made


def _chapter(said: Sequence[str], dice: random.Random, number: str) -> Chapter:
    rows = (("Part", "Price"), *((f"AB-{number}/{row}", f"{dice.random():.2f}") for row in (1, 2)))
    paragraph = " ".join(dice.sample(said, 5))
    return Chapter(f"Chapter {number}", paragraph, tuple(dice.sample(said, 2)), rows)


def _markdown(story: Sequence[Chapter]) -> bytes:
    parts = []
    for chapter in story:
        items = "".join(f"- {item}\n" for item in chapter.items)
        rows = [" | ".join(row) for row in chapter.rows]
        table = "\n".join((rows[0], "---|---", *rows[1:]))
        parts.append(f"# {chapter.title}\n\n{chapter.paragraph}\n\n{items}\n{table}\n")
    return "\n".join(parts).encode()


def bifolio(place: Path, files: Sequence[Path], *, more: Sequence[Path]) -> Measured:
    """Measure ours: reading alone, the whole, and the whole of more files."""
    models = Models.open(Settings(models="starter"))
    models.embedder.embed_passages(["warm"])

    def read_all(chosen: Sequence[Path]) -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            for _ in pool.map(read, chosen):
                pass

    read(files[0])
    seconds = _reading(files, read_all)
    for step, chosen in (("all, to the index", files), ("with others", more)):
        began = Spent.so_far()
        report = Library(place / step, models=models).add(chosen)
        assert len(report.added) == len(chosen), report.skipped
        seconds[step] = began.since()
    return seconds


def langchain(files: Sequence[Path], weights: Path) -> Measured:
    """Measure the pipeline of the tutorials on the same files and weights."""
    warnings.simplefilter("ignore")
    from langchain_community.document_loaders import CSVLoader, PyPDFLoader, TextLoader
    from langchain_community.vectorstores import FAISS
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embeddings = embeddings_of(weights)
    embeddings.embed_documents(["warm"])
    pages: list[Any] = []

    def load(file: Path) -> list[Any]:
        if file.suffix == ".pdf":
            return PyPDFLoader(str(file)).load()
        if file.suffix == ".csv":
            return CSVLoader(str(file), encoding="utf-8-sig").load()
        return TextLoader(str(file), "utf-8").load()

    def load_all(chosen: Sequence[Path]) -> None:
        for file in chosen:
            pages.extend(load(file))

    load(files[0])
    seconds = _reading(files, load_all)
    began = Spent.so_far()
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    FAISS.from_documents(splitter.split_documents(pages), embeddings)
    parts = (*seconds.values(), began.since())
    return seconds | {"all, to the index": Spent(*map(sum, zip(*parts, strict=True)))}


def _is_loaded(file: Path) -> bool:
    return file.suffix in (".pdf", ".csv", *_AS_TEXT)


def _reading(files: Sequence[Path], read_all: Callable[[Sequence[Path]], None]) -> Measured:
    """Give the seconds of the PDFs and of the others."""
    seconds = {}
    for kind, are_pdf in (("reading PDFs", True), ("reading others", False)):
        chosen = [file for file in files if (file.suffix == ".pdf") is are_pdf]
        began = Spent.so_far()
        read_all(chosen)
        seconds[kind] = began.since()
    return seconds


def embeddings_of(weights: Path) -> Any:
    """Give LangChain's embeddings of these weights."""
    try:
        import sentence_transformers  # noqa: F401
    except ImportError:
        return as_sentence_transformers(weights)
    from langchain_community.embeddings import HuggingFaceEmbeddings

    return HuggingFaceEmbeddings(model_name=str(weights), model_kwargs={"device": "cpu"})


def as_sentence_transformers(weights: Path) -> Any:
    """Do by hand what sentence-transformers does: batches by length, the mean, unit length."""
    import torch
    from langchain_core.embeddings import Embeddings
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(weights)
    model = AutoModel.from_pretrained(weights, dtype=torch.float32).eval()

    class Torch(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
            vectors: dict[int, list[float]] = {}
            for start in range(0, len(order), _BATCH):
                places = order[start : start + _BATCH]
                batch = tokenizer(
                    [texts[place] for place in places],
                    padding=True,
                    truncation=True,
                    max_length=512,
                    return_tensors="pt",
                )
                with torch.inference_mode():
                    states = model(**batch).last_hidden_state
                mask = batch["attention_mask"].unsqueeze(-1)
                means = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1))
                vectors |= dict(zip(places, means.tolist(), strict=True))
            return [vectors[place] for place in range(len(texts))]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    return Torch()


if __name__ == "__main__":
    main()
