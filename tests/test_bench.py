"""The benches draw the same inputs at every run and count what they say they count."""

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import devsets
import embed
import numpy as np
import planted
import pytest
import race
import samples
import variants
from conftest import OverlapReranker
from measures import fidelity, kendall_tau, top10_overlap
from programs import torch_reranker
from race import EXACT, OURS, Run
from tiny_models import tiny_model

from bifolio.evaluation import Place, Question
from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import Hit, Scores, Span
from bifolio.retrieval.models.recipe import STARTER
from bifolio.retrieval.models.tokens import Tokens


def numbers(*values: float) -> Any:
    return np.array(values, np.float32)


def run(program: str, rate: float | None, results: Any = None) -> Run:
    scores = numbers(0.1, 0.2) if results is None else results
    return Run(program=program, rate=rate, start=1.0, peak_mb=500.0, results=scores)


def test_overlap_is_the_share_of_the_best_ten_that_both_have() -> None:
    scores = np.arange(20, dtype=np.float32)
    swapped = scores.copy()
    swapped[[0, 19]] = swapped[[19, 0]]
    assert top10_overlap(scores, scores) == 1
    assert top10_overlap(scores, swapped) == 0.9
    assert top10_overlap(scores, -scores) == 0


def test_tau_is_one_for_the_same_order_and_minus_one_for_the_opposite() -> None:
    scores = numbers(0.3, 0.1, 0.2)
    assert kendall_tau(scores, 10 * scores) == 1
    assert kendall_tau(scores, -scores) == -1
    assert kendall_tau(scores, numbers(0.2, 0.1, 0.3)) == pytest.approx(1 / 3)


def test_fidelity_finds_the_right_candidate_in_both_rankings() -> None:
    found = fidelity([numbers(0.9, 0.5, 0.1)], [numbers(0.4, 0.5, 0.1)], gold=[0])
    assert (found.torch_hit_at_1, found.openvino_hit_at_1) == (1, 0)
    assert (found.torch_mrr_at_10, found.openvino_mrr_at_10) == (1, 0.5)
    assert found.largest_score_difference == pytest.approx(0.5)


def test_a_right_candidate_behind_the_tenth_counts_nothing() -> None:
    scores = np.arange(11, dtype=np.float32)
    assert fidelity([scores], [scores], gold=[0]).torch_mrr_at_10 == 0
    assert fidelity([scores], [scores], gold=[1]).torch_mrr_at_10 == pytest.approx(0.1)


def test_the_sentences_of_the_samples_are_told_apart_by_language() -> None:
    found = samples.sentences()
    assert any("not less than four hours" in part for part in found["en"])
    assert not [part for part in found["en"] if part.endswith("。")]
    assert len([part for part in found["zh"] if part.endswith("。")]) > len(found["zh"]) / 2


def test_texts_have_as_many_tokens_as_asked_and_are_the_same_at_every_run() -> None:
    tokens = Tokens(STARTER / "embedder")
    lengths = [40, 300, 7, 120]
    found = race.texts(lengths, tokens, seed=3)
    assert found == race.texts(lengths, tokens, seed=3)
    for text, length in zip(found, lengths, strict=True):
        assert length - 3 <= tokens.count(text) <= length


def test_the_lengths_of_chunks_spread_around_their_median() -> None:
    found = sorted(embed.lengths(1000, 510, 0))
    assert found[0] >= 20
    assert found[-1] == 510
    assert 200 < found[500] < 240


def test_pools_hold_the_right_context_of_each_question(tmp_path: Path) -> None:
    contexts = [{"context_id": f"c{place}", "text": f"text {place}"} for place in range(30)]
    questions = [{"question": f"ask {place}", "context_id": f"c{place}"} for place in range(9)]
    for name, rows in (("contexts", contexts), ("questions", questions)):
        with gzip.open(tmp_path / f"one.{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    (pool,) = devsets.pools(tmp_path, questions=5, size=12)
    assert len(pool.contexts) == len(set(pool.contexts)) == 12
    right = [pool.contexts[place] for place in pool.gold]
    assert right == [question.replace("ask", "text") for question in pool.questions]


def test_without_development_sets_the_questions_about_the_samples_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devsets, "DEV", tmp_path / "missing")
    (pool,) = devsets.pools(None, questions=70, size=120)
    assert len(pool.questions) == 35
    place = next(i for i, asked in enumerate(pool.questions) if "carbon dioxide" in asked)
    assert "not less than four hours" in " ".join(pool.contexts[pool.gold[place]].split())


def test_a_folder_without_sets_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f"in {tmp_path}; give another --dev"):
        devsets.pools(tmp_path, questions=70, size=120)


def test_each_depth_reranks_only_the_best_of_the_fused_ranks() -> None:
    document = Document("a", "", "a", "far\nferry", (Page(1, 0, 3), Page(2, 4, 9)))
    far, ferry = (Span.of(Chunk(document, *span), span[0]) for span in ((0, 3), (4, 9)))
    hits = [Hit(far, Scores(fused=0.2)), Hit(ferry, Scores())]
    asked = Question(id="1", text="ferry", right=(Place(document="a", pages=(2,)),))
    found = variants.depths([asked], [hits], OverlapReranker(), depths=(2, 1))
    assert found["reranked 2"]["hit@1"] == 1
    assert found["reranked 1"]["hit@10"] == 0


def test_what_stands_around_a_text_is_read_but_not_given() -> None:
    document = Document("a", "", "a", "far away the ferry", (Page(1, 0, 18),))
    chunks = [Chunk(document, *span) for span in ((0, 8), (9, 18))]
    far, ferry = (Hit(Span.of(chunk, chunk.start), Scores()) for chunk in chunks)
    read: list[str] = []

    class Reading(OverlapReranker):
        def scores(self, question: str, passages: Sequence[str]) -> Any:
            read.extend(passages)
            return super().scores(question, passages)

    found = variants.wider(Reading(), chunks, "ferry", [far, ferry])
    assert found == [far, ferry]
    assert [text.strip() for text in read] == ["far away the ferry"] * 2


def test_the_report_has_the_ratio_to_bcembedding() -> None:
    runs = [run(OURS, 8.0), run(EXACT, 1.0), run("bcembedding", 0.5), run("flagembedding", 1.0)]
    assert race.report(runs, None) == {
        "ours": 8.0,
        "peers": {"bcembedding": 0.5, "flagembedding": 1.0},
        "ratio_to_bcembedding": 16.0,
        "top10_overlap": None,
        "kendall_tau": None,
        "peak_mb": 500.0,
    }


def test_the_table_compares_vectors_by_which_are_near(capsys: pytest.CaptureFixture[str]) -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 8)).astype(np.float32)
    race.show_race([run(OURS, 8.0, 2 * vectors), run(EXACT, 2.0, vectors)], "chunks")
    _, ours, exact = capsys.readouterr().out.splitlines()
    assert ours.split()[-3:-1] == ["1.000", "1.000"]
    assert exact.split()[4:5] == ["4.0x"]


def test_a_program_gives_its_scores_in_the_order_of_the_texts(tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "model", "xlm-roberta", "reranker")
    texts = ["The crew rings the bell.", "渡轮九点离开港口。", "A ticket costs five crowns."]
    (tmp_path / "inputs.json").write_text(
        json.dumps({"question": "When?", "texts": texts}), encoding="utf-8"
    )
    done = race.run("ours", "torch", "reranker", model, tmp_path, repeats=1, threads=1)
    expected = torch_reranker(str(model))("When?", texts)
    np.testing.assert_allclose(done.results, expected, atol=1e-6)
    assert done.rate is not None
    assert done.rate > 0
    assert 50 < done.peak_mb < 5000


def test_a_program_that_fails_is_named_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"(?s)^ours failed, its last words:.*inputs\.json"):
        race.run("ours", "torch", "reranker", tmp_path, tmp_path, repeats=1, threads=1)


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        (
            "The ferry to Aro must not carry 80 kg before March 2024.",
            {"number", "unit", "not lost", "date", "opposite"},
        ),
        ("It is built by Kestrel Marine, before May.", {"opposite", "other name"}),
        ("The captain informed the owner yesterday.", {"parties"}),
        ("甲方应当在3月5日前向乙方支付80元。", {"number", "unit", "parties", "date"}),
        ("甲方必须付款。", {"opposite", "invented detail"}),
    ],
)
def test_false_sentences_are_planted_by_kind(sentence: str, kinds: set[str]) -> None:
    chance = random.Random(0)
    other = "Whales sing for Heron." if sentence.isascii() else "鲸鱼唱歌，每天早上在海湾里唱歌。"
    found = list(planted.planted(sentence, sentence, other, chance))
    false = {one.kind: one.text for one in found if not one.true}
    assert kinds | {"other passage"} <= false.keys()
    assert sentence not in false.values()
    assert [one.text for one in found if one.kind == "quote"] == [sentence]
