"""Texts become token ids, vectors and scores; what a model cannot read at once it reads in turn."""

import hashlib
import json
import math
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from bifolio.ingest import message
from bifolio.retrieval import (
    EMBEDDERS,
    PAIRS,
    RERANKERS,
    CrossEncoder,
    ModelEmbedder,
    ModelUnavailable,
    UnknownModel,
    embedder_recipe,
    pair,
    reranker_recipe,
)
from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.models import cache
from bifolio.retrieval.models.embedder_recipes import BGE_EN, BGE_ZH
from bifolio.retrieval.models.engine import Batch, batches
from bifolio.retrieval.models.folder import fingerprint
from bifolio.retrieval.models.model import has_gpu
from bifolio.retrieval.models.recipe import STARTER, RerankerRecipe
from bifolio.retrieval.models.tokens import Encoded, Tokens, windows
from bifolio.retrieval.models.torch_engine import TorchEngine

# windows


@pytest.mark.parametrize(("length", "count"), [(505, 1), (926, 2), (2000, 5)])
def test_a_passage_is_cut_into_as_many_windows_as_bcembedding_cuts(length: int, count: int) -> None:
    """A question of 5 tokens leaves 505 of 512; the windows share 80."""
    assert len(windows(list(range(length)), 505, 80)) == count


def test_windows_share_their_ends_with_the_next() -> None:
    assert windows([1, 2, 3, 4, 5, 6, 7], 4, 1) == [[1, 2, 3, 4], [4, 5, 6, 7]]


@given(length=st.integers(0, 300), size=st.integers(2, 60), data=st.data())
def test_windows_lose_nothing_and_all_but_the_last_are_full(
    length: int, size: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    ids = list(range(length))

    *full, last = windows(ids, size, overlap)

    assert all(len(window) == size for window in full)
    assert len(last) <= size
    assert [id_ for window in full for id_ in window[: size - overlap]] + last == ids
    assert len(full) + 1 == max(1, math.ceil((length - overlap) / (size - overlap)))


def test_windows_that_overlap_by_their_size_are_refused() -> None:
    with pytest.raises(ValueError, match="windows of 5 ids cannot overlap by 5"):
        windows([1], 5, 5)


# tokens


@pytest.fixture(scope="module")
def xlm_roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a tokenizer of four words and the special tokens of XLM-R."""
    folder = tmp_path_factory.mktemp("xlm-r")
    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", "when", "does", "it", "leave"]
    backend = Tokenizer(
        models.WordLevel({word: id_ for id_, word in enumerate(vocabulary)}, unk_token="<unk>")
    )
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    backend.enable_truncation(3)
    backend.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "bos_token": "<s>",
                "eos_token": "</s>",
                "pad_token": "<pad>",
                "unk_token": "<unk>",
            }
        )
    )
    (folder / "config.json").write_text(json.dumps({"model_type": "xlm-roberta"}))
    return folder


def test_a_pair_has_the_layout_of_xlm_roberta(xlm_roberta: Path) -> None:
    tokens = Tokens(xlm_roberta)

    encoded = tokens.pair(*tokens.ids(["when", "it leave"]))

    assert encoded.ids == [0, 4, 2, 2, 6, 7, 2]
    assert encoded.types == [0] * 7
    assert tokens.pair_extra == 4


def test_a_single_text_has_the_layout_of_xlm_roberta(xlm_roberta: Path) -> None:
    tokens = Tokens(xlm_roberta)

    assert tokens.single([4, 5, 6, 7]).ids == [0, 4, 5, 6, 7, 2]
    assert (tokens.single_extra, tokens.pad) == (2, 1)


def test_a_tokenizer_that_was_saved_with_truncation_reads_whole_texts(xlm_roberta: Path) -> None:
    tokens = Tokens(xlm_roberta)

    assert tokens.count("when does it leave when does it leave") == 8
    assert len(tokens.ids(["when does it leave when does it leave"])[0]) == 8


@pytest.mark.parametrize("model", ["embedder", "reranker"])
@pytest.mark.parametrize("question", ["When does it leave?", "渡轮几点出发？", "WiFi密码"])
def test_the_layouts_are_those_of_the_starter_tokenizer(model: str, question: str) -> None:
    tokens = Tokens(STARTER / model)
    passage = "At nine o’clock, 九点。"
    whole = tokens._backend.encode(question, passage)
    alone = tokens._backend.encode(question)
    first, second = tokens.ids([question, passage])

    made = tokens.pair(first, second)

    assert (made.ids, made.types) == (whole.ids, whole.type_ids)
    assert tokens.single(first).ids == alone.ids
    assert len(tokens.single(first)) == tokens.count(question) + tokens.single_extra


@pytest.mark.parametrize("damage", ["missing", "cut", "empty"])
def test_a_damaged_tokenizer_is_told(xlm_roberta: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(xlm_roberta, folder)
    file = folder / "tokenizer.json"
    data = file.read_bytes()
    file.unlink()
    if damage != "missing":
        file.write_bytes(data[: len(data) // 2 if damage == "cut" else 0])

    with pytest.raises(ModelUnavailable, match="fetch"):
        Tokens(folder)


# batches


ENCODED = st.lists(st.integers(1, 40).map(lambda n: Encoded([7] * n, [1] * n)), max_size=30)


@given(inputs=ENCODED, budget=st.integers(1, 120))
def test_batches_hold_every_input_once_within_the_budget(
    inputs: list[Encoded], budget: int
) -> None:
    made = list(batches(inputs, pad=9, tokens=budget))

    assert sorted(place for batch in made for place in batch.places) == list(range(len(inputs)))
    assert all(batch.ids.size <= budget or len(batch.places) == 1 for batch in made)


def test_short_rows_are_padded_and_masked() -> None:
    (batch,) = batches([Encoded([5], [1]), Encoded([6, 7, 8], [0, 1, 1])], pad=9)

    assert batch.places == [1, 0]
    assert batch.ids.tolist() == [[6, 7, 8], [5, 9, 9]]
    assert batch.mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch.types.tolist() == [[0, 1, 1], [1, 0, 0]]


def test_the_longest_batch_comes_first() -> None:
    """It takes the most memory: if that is too much, it is known at once."""
    made: Iterator[Batch] = batches([Encoded([1] * n, [0] * n) for n in (1, 5, 3)], pad=0, tokens=6)

    assert [batch.ids.shape[1] for batch in made] == [5, 3]


# embedder


def test_vectors_are_unit_vectors(starter_embedder: ModelEmbedder) -> None:
    vectors = starter_embedder.embed_passages(["ferry", "渡轮九点出发。", ""])

    assert vectors.shape == (3, starter_embedder.dims)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_vectors(starter_embedder: ModelEmbedder) -> None:
    assert starter_embedder.embed_passages([]).shape == (0, starter_embedder.dims)


def test_vectors_come_in_the_order_of_the_texts(starter_embedder: ModelEmbedder) -> None:
    texts = ["short", "a much longer text about ferries and piers", "短", "short"]

    together = starter_embedder.embed_passages(texts)

    for text, vector in zip(texts, together, strict=True):
        assert np.allclose(starter_embedder.embed_passages([text])[0], vector, atol=1e-4)


def test_equal_texts_have_equal_vectors(starter_embedder: ModelEmbedder) -> None:
    first, _, second = starter_embedder.embed_passages(["ferry", "a longer text", "ferry"])

    assert np.array_equal(first, second)


def test_the_end_of_a_long_text_is_read_too(starter_embedder: ModelEmbedder) -> None:
    start = "The ferry leaves at nine. " * 120
    assert starter_embedder.count(start) > 512

    one, other = starter_embedder.embed_passages([start + "Fire! " * 30, start + "退款 " * 30])

    assert np.dot(one, other) < 0.999


def test_a_text_and_its_translation_are_near(starter_embedder: ModelEmbedder) -> None:
    english, chinese, other = starter_embedder.embed_queries(
        ["When does the ferry leave?", "渡轮几点出发？", "The engine needs oil."]
    )

    assert np.dot(english, chinese) > np.dot(english, other)


def test_questions_and_passages_get_the_prefixes_of_the_recipe() -> None:
    assert BGE_ZH.endswith("：")
    assert BGE_EN.endswith(" ")
    assert [embedder_recipe(f"bge-base-{code}-v1.5").query_prefix for code in ("zh", "en")] == [
        BGE_ZH,
        BGE_EN,
    ]


def test_the_fingerprint_changes_with_the_weights(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    weights = tmp_path / "model.safetensors"
    seen = set()
    for data in (b"one", b"two", b"longer"):
        weights.write_bytes(data)
        seen.add(fingerprint(tmp_path))

    assert len(seen) == 3


@pytest.mark.parametrize("place", [0, 3 << 20, -1])
def test_a_difference_anywhere_in_the_weights_is_another_model(tmp_path: Path, place: int) -> None:
    (tmp_path / "config.json").write_text("{}")
    weights = tmp_path / "model.safetensors"
    data = bytearray(6 << 20)
    weights.write_bytes(data)
    before = fingerprint(tmp_path)
    data[place] ^= 1
    weights.write_bytes(data)

    assert fingerprint(tmp_path) != before


def aged(file: Path) -> Path:
    """Wait until a file is no longer taken for one that is being written."""
    while time.time_ns() - file.stat().st_ctime_ns < cache._JUST_NOW:
        time.sleep(0.01)
    return file


@pytest.fixture
def hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Give the list of files that are read to be hashed; the cache is this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache, "_JUST_NOW", 50_000_000)
    files: list[Path] = []
    read_hash = cache._read_hash

    def watched(file: Path) -> str:
        files.append(file)
        return read_hash(file)

    monkeypatch.setattr(cache, "_read_hash", watched)
    return files


def forget() -> None:
    """Begin as a new process does."""
    cache._known_hash.cache_clear()


def test_weights_are_read_once_for_all_processes(tmp_path: Path, hashed: list[Path]) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        file.write_text(file.name)
    first = [cache.file_hash(aged(file)) for file in files]
    forget()

    assert [cache.file_hash(file) for file in files] == first
    assert hashed == files
    assert [path.name for path in (tmp_path / "home" / "bifolio").iterdir()] == ["hashes.json"]


def test_weights_put_in_anothers_place_are_read_again(tmp_path: Path, hashed: list[Path]) -> None:
    """Also when size and time of change are kept, as by ``cp -p``."""
    file = tmp_path / "weights"
    file.write_text("one")
    before, times = cache.file_hash(aged(file)), file.stat()
    file.write_text("two")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert cache.file_hash(aged(file)) != before
    file.unlink()
    with pytest.raises(FileNotFoundError):
        cache.file_hash(file)


def test_weights_being_written_are_not_remembered(tmp_path: Path, hashed: list[Path]) -> None:
    file = tmp_path / "weights"
    file.write_text("one")

    cache.file_hash(file)

    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "null", '{"a": 1}', '{"a": [1, 2]}', '{"a": ["x", 1, 1, 1, "h"]}']
)
def test_a_damaged_memory_of_hashes_is_begun_anew(
    tmp_path: Path, hashed: list[Path], damage: str
) -> None:
    place = tmp_path / "home" / "bifolio"
    place.mkdir(parents=True)
    (place / "hashes.json").write_text(damage)
    file = tmp_path / "weights"
    file.write_text("one")

    assert cache.file_hash(aged(file)) == hashlib.sha256(b"one").hexdigest()

    assert list(json.loads((place / "hashes.json").read_text())) == [str(file)]


def test_hashes_need_no_cache_folder(
    tmp_path: Path, hashed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    file = tmp_path / "weights"
    file.write_text("one")

    assert cache.file_hash(aged(file)) == hashlib.sha256(b"one").hexdigest()
    assert cache.file_hash(file) == hashlib.sha256(b"one").hexdigest()
    assert len(hashed) == 1, "a process remembers for itself"


# reranker


class LastId:
    """An engine whose logit is the last token of the passage, minus 6."""

    batch_tokens = 1024
    streams = 1
    pools = False

    name = "last id"

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        ends = mask.sum(axis=1) - 2
        return (ids[np.arange(len(ids)), ends, None] - 6).astype(np.float32)


@pytest.fixture
def reading_ends(xlm_roberta: Path) -> CrossEncoder:
    """Give a reranker of 110 tokens that likes a window to end in "leave" (7), not "when" (4)."""
    recipe = RerankerRecipe(
        name="ends",
        source=str(xlm_roberta),
        threshold=None,
        threshold_source=message("double", "none"),
        max_tokens=110,
        overlap=10,
        languages=("en",),
        licence="none",
    )
    reranker = CrossEncoder(recipe)
    reranker._model.__dict__["engine"] = LastId()
    return reranker


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_scores_are_sigmoids_in_the_callers_order(reading_ends: CrossEncoder) -> None:
    scores = reading_ends.scores("it", ["when", "when does it leave", "does", "when"])

    assert scores == pytest.approx([sigmoid(-2), sigmoid(1), sigmoid(-1), sigmoid(-2)])


def test_a_blank_passage_scores_nothing(reading_ends: CrossEncoder) -> None:
    assert reading_ends.scores("it", ["", " \n", "leave"]).tolist()[:2] == [0, 0]


def test_no_passages_give_no_scores(reading_ends: CrossEncoder) -> None:
    assert reading_ends.scores("it", []).shape == (0,)


def test_a_long_passage_scores_as_its_best_window(reading_ends: CrossEncoder) -> None:
    """With a question of one token, windows hold 105: the first ends in "leave"."""
    passage = "when " * 104 + "leave " + "when " * 60

    assert reading_ends.scores("it", [passage])[0] == pytest.approx(sigmoid(1))


def test_a_question_longer_than_the_model_leaves_room_for_the_passage(
    reading_ends: CrossEncoder,
) -> None:
    assert reading_ends.scores("it " * 500, ["leave"])[0] == pytest.approx(sigmoid(1))


def test_the_starter_reranker_prefers_the_answer(starter_reranker: CrossEncoder) -> None:
    answer, other, blank = starter_reranker.scores(
        "When does the ferry leave?",
        ["The ferry leaves the pier at nine.", "The engine needs new oil.", ""],
    )

    assert 1 >= answer > other > blank == 0


def test_padding_does_not_change_a_score(starter_reranker: CrossEncoder) -> None:
    passages = ["The ferry leaves at nine.", "A text of quite another length. " * 30]

    together = starter_reranker.scores("When?", passages)

    alone = [starter_reranker.scores("When?", [passage])[0] for passage in passages]
    assert together == pytest.approx(alone, abs=1e-4)


# folders and recipes


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"holds no config\.json"):
        CrossEncoder(recipe_of(tmp_path)).scores("ferry", ["ferry"])


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="there is no model folder"):
        CrossEncoder(recipe_of(tmp_path / "none")).scores("ferry", ["ferry"])


def recipe_of(folder: Path) -> RerankerRecipe:
    return RerankerRecipe(
        name="mine",
        source=str(folder),
        threshold=None,
        threshold_source=message("double", "none"),
        languages=(),
        licence="",
    )


def test_damaged_weights_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(STARTER / "reranker", folder)
    weights = folder / "model.safetensors"
    with weights.open("r+b") as file:
        file.truncate(1000)

    with pytest.raises(ModelUnavailable, match=r"safetensors is damaged .*copy the model"):
        TorchEngine(folder, "reranker")


def test_an_embedder_is_no_reranker() -> None:
    with pytest.raises(ModelUnavailable, match="is no reranker"):
        TorchEngine(STARTER / "embedder", "reranker")


def test_recipes_are_found_by_name_and_by_hub_id() -> None:
    assert embedder_recipe("bge-m3") is embedder_recipe("BAAI/bge-m3")
    assert reranker_recipe("bge-reranker-base") is reranker_recipe("BAAI/bge-reranker-base")
    assert [pair(known.name) for known in PAIRS] == list(PAIRS)


@pytest.mark.parametrize("find", [pair, embedder_recipe, reranker_recipe])
def test_an_unknown_model_is_told_with_those_that_are_known(find: object) -> None:
    assert callable(find)
    with pytest.raises(UnknownModel, match=r"none-such.*; .*(starter|bge)"):
        find("none-such")


def test_recipes_have_names_of_their_own() -> None:
    for recipes in (EMBEDDERS, RERANKERS):
        assert len({recipe.name for recipe in recipes}) == len(recipes)


def test_a_gpu_that_torch_cannot_use_does_not_decide_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "nvidiactl"
    assert not has_gpu(device)

    device.touch()
    for usable in (False, True):
        monkeypatch.setattr("torch.cuda.is_available", lambda usable=usable: usable)
        assert has_gpu(device) is usable
