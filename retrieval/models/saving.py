"""A model written for other tools: an ordinary Hugging Face folder in 16 bits."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from bifolio.ingest import BifolioError, cause, message
from bifolio.retrieval.models.embedder_recipes import EMBEDDERS, embedder_recipe
from bifolio.retrieval.models.folder import read_json, weight_files, width
from bifolio.retrieval.models.hub import locate
from bifolio.retrieval.models.loading import check, read_tensors
from bifolio.retrieval.models.pairs import PAIRS
from bifolio.retrieval.models.recipe import (
    EmbedderOptions,
    EmbedderRecipe,
    RerankerRecipe,
    UnknownModel,
)
from bifolio.retrieval.models.reranker_recipes import RERANKERS, reranker_recipe
from bifolio.retrieval.models.sentence_transformers import completed

Kind = Literal["embedder", "reranker"]
Recipes = Mapping[Kind, EmbedderRecipe | RerankerRecipe]

_DESCRIPTIONS = (".json", ".txt", ".model", ".md")
_INDEX = ".index.json"
_PARTS = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))


class NotSaved(BifolioError):  # noqa: N818 - the name says what is wrong
    """A model's folder could not be written where it was asked for."""


def save(name: str, folder: Path) -> list[Path]:
    """Write a pair, or one model, into ``folder``/embedder and ``folder``/reranker.

    ``name`` is that of a pair or of a recipe. Numbers of 32 bits become float16; an embedder gets
    the layout of sentence-transformers with what its recipe knows.

    Raises:
        UnknownModel: no pair and no model has this name, or it is not run.
        ModelUnavailable: its files are not at hand or damaged.
        NotSaved: the folder holds something already, or cannot be written.
    """
    chosen = _chosen(name)
    sources = {kind: locate(recipe.source) for kind, recipe in chosen.items()}
    try:
        if folder.exists() and next(folder.iterdir(), None):
            sentence = "{folder} is not empty; give a new folder"
            raise NotSaved(message("folder-not-empty", sentence, folder=folder))
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder) as scratch:
            for kind, recipe in chosen.items():
                _write(recipe, sources[kind], Path(scratch) / kind)
            return [(Path(scratch) / kind).rename(folder / kind) for kind in chosen]
    except OSError as problem:
        sentence = "{folder} cannot be written ({problem}); give another folder"
        raise NotSaved(
            message("folder-not-written", sentence, folder=folder, problem=cause(problem))
        ) from problem


def write_layout(
    folder: Path,
    *,
    pooling: str,
    prompts: tuple[str, str],
    max_tokens: int,
    prefix_pooled: bool = True,
) -> None:
    """Write beside an encoder what sentence-transformers keeps there.

    ``prompts`` are those of questions and of passages, ``max_tokens`` counts special ones too.
    """
    modes = {
        f"pooling_mode_{mode}": mode.startswith(pooling) for mode in ("cls_token", "mean_tokens")
    }
    dimension = {"word_embedding_dimension": width(folder)}
    (folder / "1_Pooling").mkdir(exist_ok=True)
    _put(
        folder / "1_Pooling" / "config.json",
        {**dimension, **modes, "include_prompt": prefix_pooled},
    )
    library = "sentence_transformers.models"
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"{library}.{kind}"}
        for place, (path, kind) in enumerate(_PARTS)
    ]
    _put(folder / "modules.json", modules)
    limits = {"max_seq_length": max_tokens, "do_lower_case": False}
    _put(folder / "sentence_bert_config.json", limits)
    write_prompts(folder, prompts)


def write_prompts(folder: Path, prompts: tuple[str, str]) -> None:
    """Write what sentence-transformers puts before questions and before passages."""
    query, document = prompts
    named = {"query": query, "document": document}
    facts = {"prompts": named, "default_prompt_name": None, "similarity_fn_name": "cosine"}
    _put(folder / "config_sentence_transformers.json", facts)


def _chosen(name: str) -> Recipes:
    for pair in PAIRS:
        if pair.name == name:
            return {"embedder": pair.embedder, "reranker": pair.reranker}
    if any(name in (known.name, known.source) for known in EMBEDDERS):
        return {"embedder": embedder_recipe(name)}
    if any(name in (known.name, known.source) for known in RERANKERS):
        return {"reranker": reranker_recipe(name)}
    sentence = (
        "no pair and no model is called {name!r}; `bifolio models` lists those that are known"
    )
    raise UnknownModel(message("unknown-model", sentence, name=name))


def _write(recipe: EmbedderRecipe | RerankerRecipe, source: Path, out: Path) -> None:
    from safetensors.torch import save_file

    check(source)
    out.mkdir()
    for file in source.iterdir():
        if file.suffix in _DESCRIPTIONS and not file.name.endswith(_INDEX):
            shutil.copyfile(file, out / file.name)
    weights: dict[str, Any] = {}
    for file in weight_files(source):
        weights |= {name: _short(tensor) for name, tensor in read_tensors(file).items()}
    save_file(weights, out / "model.safetensors", {"format": "pt"})
    shutil.copymode(out / "config.json", out / "model.safetensors")  # else it is the owner's alone
    config = read_json(source / "config.json")
    config.pop("torch_dtype", None)
    dtypes = {str(tensor.dtype).removeprefix("torch.") for tensor in weights.values()}
    _put(out / "config.json", config | {"dtype": "bfloat16" if "bfloat16" in dtypes else "float16"})
    if isinstance(recipe, EmbedderRecipe):
        _write_embedder(completed(recipe, EmbedderOptions(), source), source, out)


def _write_embedder(recipe: EmbedderRecipe, source: Path, out: Path) -> None:
    prompts = (recipe.query_prefix, recipe.passage_prefix)
    if not (source / "modules.json").is_file():
        write_layout(
            out,
            pooling=str(recipe.pooling),
            prompts=prompts,
            max_tokens=recipe.max_tokens,
            prefix_pooled=recipe.prefix_pooled,
        )
        return
    parts = {module["path"] for module in read_json(source / "modules.json", list)}
    for part in source.iterdir():  # a path that leads elsewhere is none of these
        if part.is_dir() and part.name in parts:
            shutil.copytree(part, out / part.name)
    if any(prompts):
        write_prompts(out, prompts)


def _short(tensor: Any) -> Any:
    """Give numbers of 32 bits in 16, all others as they are, in memory of their own."""
    import torch

    if tensor.dtype != torch.float32:
        return tensor.clone()
    half = tensor.half()
    return half if half.isfinite().all() else tensor.bfloat16()  # of greater reach


def _put(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
