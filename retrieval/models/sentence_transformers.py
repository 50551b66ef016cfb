"""What a model folder in the layout of sentence-transformers says of itself.

Source: ``modules.json`` and the files it names, as sentence-transformers writes and reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bifolio.ingest import message
from bifolio.retrieval.models.folder import (
    ModelUnavailable,
    fetch_again,
    positions,
    read_json,
    width,
)
from bifolio.retrieval.models.hub import at_hand
from bifolio.retrieval.models.recipe import (
    POOLINGS,
    EmbedderOptions,
    EmbedderRecipe,
    Pooling,
    UnknownModel,
)

# Fewer cannot hold a prefix, special tokens and words.
_LEAST_TOKENS = 16
_MODULES = ("Transformer", "Pooling", "Dense", "Normalize")
# How one mode was written before sentence-transformers 5.4.
_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the folder says; None, or nothing, where it says nothing.

    ``pooling`` is a mode of sentence-transformers, ours or not; ``prompts`` are those of queries
    and of passages; ``dense`` are the folders of the layers after the pooling.
    """

    pooling: str | None = None
    prefix_pooled: bool = True
    prompts: tuple[str, str] | None = None
    max_tokens: int | None = None
    dense: tuple[Path, ...] = ()
    normalizes: bool = False


def declared(folder: Path) -> Declared:
    """Read what the folder says of itself.

    Raises:
        ModelUnavailable: a file that it names is missing or damaged, or it has parts that are not
            run.
    """
    file = folder / "modules.json"
    if not file.is_file():
        return Declared()
    try:
        return _read(folder, read_json(file, list))
    except (AttributeError, KeyError, TypeError) as problem:
        raise ModelUnavailable(
            message(
                "modules-damaged",
                "{file} or what it names is not as sentence-transformers writes it ({kind}:"
                " {problem}); {remedy}",
                file=file,
                kind=type(problem).__name__,
                problem=str(problem),
                remedy=fetch_again(folder),
            )
        ) from problem


def _read(folder: Path, modules: list[dict[str, str]]) -> Declared:
    parts: dict[str, list[Path]] = {kind: [] for kind in _MODULES}
    for module in modules:
        kind = module["type"].rpartition(".")[2]
        if kind not in parts:
            sentence = (
                "{folder} has a part {part}, which Bifolio does not run; choose another embedder"
            )
            raise ModelUnavailable(message("unknown-part", sentence, folder=folder, part=kind))
        parts[kind].append(folder / module["path"])
    pooling = read_json(parts["Pooling"][0] / "config.json") if parts["Pooling"] else {}
    return Declared(
        pooling=_mode(pooling) if pooling else None,
        prefix_pooled=pooling.get("include_prompt", True),
        prompts=_prompts(folder / "config_sentence_transformers.json"),
        max_tokens=_max_tokens(folder),
        dense=tuple(parts["Dense"]),
        normalizes=bool(parts["Normalize"]),
    )


def dims(folder: Path, onnx: Path | None = None) -> int:
    """Read how long the model's vectors are: as its last dense layer, else its hidden states.

    A folder without config.json has but an ``onnx`` file to say so.

    Raises:
        ModelUnavailable: its files do not say.
    """
    if onnx and not (folder / "config.json").is_file():
        from bifolio.retrieval.models.onnx_engine import onnx_width

        return onnx_width(onnx)
    return width([folder, *declared(folder).dense][-1])


def dims_at_hand(source: str) -> int | None:
    """Read how long the model's vectors are, unless its files are to be fetched or damaged."""
    folder = at_hand(source)
    try:
        return dims(folder) if folder else None
    except ModelUnavailable:
        return None


def completed(recipe: EmbedderRecipe, options: EmbedderOptions, folder: Path) -> EmbedderRecipe:
    """Give the recipe as it is in force: the user's word first, then the folder's, then its own.

    Raises:
        ModelUnavailable: the folder's files are damaged or have parts that are not run.
        UnknownModel: nobody says how the vectors are pooled, or it is a way that is not run.
    """
    own = declared(folder)
    query_prefix, passage_prefix = own.prompts or (recipe.query_prefix, recipe.passage_prefix)
    if options.query_prefix is not None:
        query_prefix = options.query_prefix
    if options.passage_prefix is not None:
        passage_prefix = options.passage_prefix
    limits = (own.max_tokens or recipe.max_tokens, positions(folder))
    max_tokens = min(limit for limit in limits if limit)
    if max_tokens < _LEAST_TOKENS:
        sentence = "{folder} reads only {count} tokens at once; choose another embedder"
        raise ModelUnavailable(message("too-few-tokens", sentence, folder=folder, count=max_tokens))
    return replace(
        recipe,
        pooling=_pooling(options.pooling or own.pooling or recipe.pooling, recipe.source),
        prefix_pooled=recipe.prefix_pooled and own.prefix_pooled,
        query_prefix=query_prefix,
        passage_prefix=passage_prefix,
        max_tokens=max_tokens,
    )


def _pooling(mode: str | None, source: str) -> Pooling:
    for known in POOLINGS:
        if mode == known:
            return known
    if mode is None:
        raise UnknownModel(
            message(
                "no-pooling",
                "nothing says how the embedder {model} pools its vectors; give --pooling cls or"
                " --pooling mean (or BIFOLIO_POOLING), as its card says",
                model=source,
            )
        )
    raise UnknownModel(
        message(
            "unknown-pooling",
            "the embedder {model} pools by {mode}, of which Bifolio knows only {first} and"
            " {second}; choose another",
            model=source,
            mode=mode,
            first=POOLINGS[0],
            second=POOLINGS[1],
        )
    )


def _mode(pooling: Mapping[str, Any]) -> str:
    mode = pooling.get("pooling_mode")
    if mode is None:
        mode = [mode for flag, mode in _FLAGS.items() if pooling.get(flag)] or "mean"
    return mode if isinstance(mode, str) else "+".join(mode)


def _prompts(file: Path) -> tuple[str, str] | None:
    """Give the prompts of queries and passages, if there is any that is not empty."""
    config = read_json(file) if file.is_file() else {}
    prompts = config.get("prompts") or {}
    default = prompts.get(config.get("default_prompt_name"), "")
    query = prompts.get("query", default)
    named = (prompts[name] for name in ("document", "passage", "corpus") if name in prompts)
    passage = next(named, default)
    return (query, passage) if query or passage else None


def _max_tokens(folder: Path) -> int | None:
    # sentence_bert_config.json, in old models named after another architecture.
    files = sorted(folder.glob("sentence_*_config.json"))
    return (read_json(files[0]).get("max_seq_length") or None) if files else None
