"""A folder of files, from files to an index: Bifolio against the pipeline that LangChain teaches.

    python bench/ingest.py --copies 3

Both in this process, one after the other, on copies of sample_docs, with the same weights on the
CPU: PyPDFLoader or TextLoader, RecursiveCharacterTextSplitter, embeddings run by torch as
sentence-transformers runs them (itself, where it is installed), FAISS.from_documents. Prints the
seconds of each step and the ratios. Chunks are 1000 characters there, 400 tokens here.
"""

import argparse
import shutil
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from samples import ROOT

from bifolio import Library, Models, Settings
from bifolio.ingest import read
from bifolio.retrieval import save

_BATCH = 32


def main() -> None:
    """Print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=3, help="of sample_docs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "docs")
        files = copies(folder, options.copies)
        ours = bifolio(folder, Path(place, "library"), files)
        saved = save("starter", Path(place, "weights"))
        theirs = langchain(files, saved[0])
    print(f"{len(files)} files; seconds: {'Bifolio':>10} {'LangChain':>10}   times as fast")
    for step, seconds in theirs.items():
        print(f"{step:22} {ours[step]:10.1f} {seconds:10.1f}   {seconds / ours[step]:.1f}")


def copies(folder: Path, count: int) -> list[Path]:
    """Write copies of sample_docs that differ in a byte, for a second copy is read once."""
    folder.mkdir()
    made = []
    for number in range(count):
        for file in sorted((ROOT / "sample_docs").iterdir()):
            made.append(folder / f"{number}-{file.name}")
            shutil.copy(file, made[-1])
            with made[-1].open("ab") as opened:
                opened.write(b"\n%%%d\n" % number)
    return made


def bifolio(folder: Path, place: Path, files: list[Path]) -> dict[str, float]:
    """Measure ours: reading alone, and the whole."""
    models = Models.open(Settings(models="starter"))
    models.embedder.embed_passages(["warm"])
    began = time.perf_counter()
    for file in files:
        read(file)
    reading = time.perf_counter() - began
    began = time.perf_counter()
    report = Library(place, models=models).add(folder)
    assert len(report.added) == len(files), report.skipped
    return {"reading": reading, "all": time.perf_counter() - began}


def langchain(files: list[Path], weights: Path) -> dict[str, float]:
    """Measure the pipeline of the tutorials on the same files and weights."""
    warnings.simplefilter("ignore")
    from langchain_community.document_loaders import PyPDFLoader, TextLoader
    from langchain_community.vectorstores import FAISS
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embeddings = embeddings_of(weights)
    embeddings.embed_documents(["warm"])
    began = time.perf_counter()
    pages: list[Any] = []
    for file in files:
        is_pdf = file.suffix == ".pdf"
        pages += (PyPDFLoader(str(file)) if is_pdf else TextLoader(str(file), "utf-8")).load()
    reading = time.perf_counter() - began
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    FAISS.from_documents(splitter.split_documents(pages), embeddings)
    return {"reading": reading, "all": time.perf_counter() - began}


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
