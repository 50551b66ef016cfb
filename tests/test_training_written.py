"""What a language model writes for the training is kept where it has the form, and in chunks."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from tiny_training import write as write_rows

from training import gguf_file, write, written
from training.lexical import Pieces
from training.subjects import KINDS, PLACED
from training.write import Section
from training.writer import Task, register

TEXT = "The barge moors at the quay. The crew sleeps until the ebb comes. Nobody wakes. Rain falls."
ANSWER = "English: When does the barge leave?\nChinese: 驳船何时离开？\nSearch: barge leaves"


class Told:
    """A writer that knows its answers beforehand."""

    def __init__(self, *answers: str) -> None:
        self.prompts: list[str] = []
        self._answers = answers

    def answers(
        self, task: Task, prompts: Sequence[str], *, longest: int
    ) -> Iterator[tuple[int, str]]:
        assert task.told
        assert longest > 0
        self.prompts += prompts
        # Longest first, not in the order of the prompts.
        yield from reversed(list(enumerate(self._answers)))


def asked(*answers: str) -> list[write.Written]:
    every = [Section("en", "Barge", TEXT, "here")] * len(answers)
    return list(write.questions(Told(*answers), every, chance=random.Random(0)))  # type: ignore[arg-type]


def test_questions_come_in_both_languages_and_as_search_words() -> None:
    (one,) = asked(ANSWER)

    assert (one.en, one.zh) == ("When does the barge leave?", "驳船何时离开？")
    assert one.search == "barge leaves"
    assert one.sentence in TEXT


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot.",
        ANSWER.replace("驳船何时离开？", "When?"),
        ANSWER.replace("the barge", "驳船"),
        ANSWER.replace("the barge", "it, in this passage,"),
        ANSWER.replace("驳船", "文中的驳船"),
    ],
)
def test_what_keeps_not_to_the_form_is_left_out(answer: str) -> None:
    kept = asked(answer, ANSWER)

    assert [one.place for one in kept] == [1]


def test_written_pages_lose_their_marks_and_the_sentence_that_was_cut() -> None:
    body = "The pool opens at nine. Children under six swim with an adult. " * 3
    writer = Told(f"# **Opening times**\n\n{body}The next", "标题：泳池\n" + body)
    chance = random.Random(0)
    while True:  # until both are to be in English
        state = chance.getstate()
        if [chance.choice(["en", "zh"]) for _ in range(2)] == ["en", "en"]:
            chance.setstate(state)
            break

    pages = list(write.documents(writer, count=2, chance=chance))  # type: ignore[arg-type]

    assert [page.title for page in pages] == ["泳池", "Opening times"]
    assert all(page.text == body.strip() for page in pages)
    assert all(page.source.removeprefix("written: ") in KINDS for page in pages)


def test_a_page_in_the_wrong_language_is_left_out() -> None:
    writer = Told("泳池\n" + "游泳池九点开门。" * 30)

    pages = list(write.documents(writer, count=1, chance=random.Random(1)))  # type: ignore[arg-type]

    wanted = "Chinese" if "everything in Chinese" in writer.prompts[0] else "English"
    assert [page.lang for page in pages] == (["zh"] if wanted == "Chinese" else [])


def test_a_third_of_the_written_pages_are_of_no_company() -> None:
    share = sum(kind not in PLACED for kind in KINDS) / len(KINDS)

    assert share == pytest.approx(1 / 3, abs=0.05)


def test_sections_of_a_page_stay_together_up_to_the_cap(tmp_path: Path) -> None:
    rows = [
        {"lang": "en", "query": f"Page {page} - {part}", "passage": f"{page} {part} {TEXT}"}
        | {"source": "manual", "xid": f"{page}{part}"}
        for page in range(9)
        for part in range(3)
    ]
    write_rows(tmp_path / "heading_passage.jsonl.gz", rows)
    for name in ("qa_en", "qa_zh"):
        write_rows(tmp_path / f"{name}.jsonl.gz", [])

    found = list(write.sections(tmp_path, cap=6, chance=random.Random(0)))

    pages = [one.title.split(" - ")[0] for one in found]
    assert len(found) == 6
    assert len(set(pages)) == 2
    assert pages == sorted(pages, key=pages.index)


def test_texts_without_a_title_are_pages_of_their_own_and_none_is_lost(tmp_path: Path) -> None:
    asked = [
        {"lang": "zh", "title": "", "context": f"{number} {TEXT}", "source": "clinic"}
        for number in range(20)
    ]
    write_rows(tmp_path / "heading_passage.jsonl.gz", [])
    write_rows(tmp_path / "qa_en.jsonl.gz", [])
    write_rows(tmp_path / "qa_zh.jsonl.gz", asked)
    file = tmp_path / "written.jsonl.gz"

    found = list(write.sections(tmp_path, cap=99, chance=random.Random(0)))
    told = {"sentence": "Rain falls.", "en": "Rain?", "zh": "雨？", "search": "rain"}
    write_rows(file, [asdict(one) | {"place": at} | told for at, one in enumerate(found)])

    assert {one.text for one in found} == {row["context"] for row in asked}
    assert all(one.passage.count("The barge") == 1 for one in written.examples(file, seed=0))


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Write a page of four sections as the stage does, not in order."""
    file = tmp_path / "written.jsonl.gz"
    rows = [
        {"lang": "en", "title": f"Barge - {part}", "text": f"{part} {TEXT}", "source": "here"}
        | {"xid": f"x{part}", "place": part, "sentence": "Rain falls."}
        | {"en": f"Rain {part}?", "zh": f"雨{part}？", "search": f"rain {part}"}
        for part in (2, 0, 3, 1)
    ]
    write_rows(file, rows)
    return file


def test_chunks_hold_the_sections_that_their_questions_ask_about(told: Path) -> None:
    sizes = set()
    for seed in range(8):
        for one in written.examples(told, seed=seed):
            number = one.question.strip("Rain雨?？ ").removeprefix("rain ")
            assert f"{number} The barge" in one.passage
            assert f"x{number}" in one.xids
            assert one.direction == ("zh-en" if "雨" in one.question else "en")
            sizes.add(len(one.xids))
    assert sizes == {1, 4}


def test_a_written_question_has_its_sentence_and_the_others(told: Path) -> None:
    found = written.sentences(told, count=9, seed=0)

    assert len(found) == 4
    for one in found:
        assert one.right == "Rain falls."
        assert one.right not in one.wrong
        assert len(one.wrong) == 3


def test_rare_pieces_find_their_text() -> None:
    texts = [np.array(row, np.uint16) for row in ([1, 2, 3], [1, 2, 2], [1, 4, 3], [1])]
    questions = [np.array(row, np.uint16) for row in ([1, 4], [2], [1, 9])]

    best = [found.tolist() for found in Pieces(texts).best(questions, 2)]

    assert best[0][0] == 2
    assert best[1] == [1, 0]  # twice in a text of the same length
    assert len(best[2]) == 2


def test_a_gguf_file_gives_the_weights_that_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    held = gguf_of(file)

    model = gguf_file.read(file, "eager")

    state = model.state_dict()
    named = {
        "blk.0.ffn_up.weight": "mlp.up_proj.weight",
        "blk.0.attn_q.bias": "self_attn.q_proj.bias",
    }
    for name, own in named.items():
        expected = torch.from_numpy(held[name]).to(torch.bfloat16)
        assert torch.equal(state[f"model.layers.0.{own}"], expected)
    assert state["lm_head.weight"].data_ptr() == state["model.embed_tokens.weight"].data_ptr()
    assert model(torch.tensor([[1, 2]])).logits.shape == (1, 2, 5)


def test_keys_that_heads_share_are_read_once_and_the_same_is_written(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    gguf_of(file)
    register()
    asked = torch.tensor([[0, 0, 1, 2, 3], [1, 2, 3, 4, 1]])
    mask = torch.tensor([[0, 0, 1, 1, 1], [1] * 5])  # the shorter one begins later

    written_by = [
        gguf_file.read(file, attention)
        .float()
        .eval()
        .generate(input_ids=asked, attention_mask=mask, max_new_tokens=8, do_sample=False)
        for attention in ("eager", "grouped")
    ]

    assert written_by[0].shape == (2, 13)
    assert torch.equal(*written_by)


def gguf_of(file: Path) -> dict[str, Any]:
    """Write a Qwen2 of one layer, random."""
    chance = np.random.default_rng(0)
    shapes = {
        "output.weight": (5, 8),
        "token_embd.weight": (5, 8),
        "output_norm.weight": (8,),
        "blk.0.attn_norm.weight": (8,),
        "blk.0.ffn_norm.weight": (8,),
        "blk.0.attn_q.weight": (8, 8),
        "blk.0.attn_q.bias": (8,),
        "blk.0.attn_k.weight": (4, 8),
        "blk.0.attn_k.bias": (4,),
        "blk.0.attn_v.weight": (4, 8),
        "blk.0.attn_v.bias": (4,),
        "blk.0.attn_output.weight": (8, 8),
        "blk.0.ffn_gate.weight": (16, 8),
        "blk.0.ffn_up.weight": (16, 8),
        "blk.0.ffn_down.weight": (8, 16),
    }
    held = {name: chance.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    writer = gguf.GGUFWriter(file, "qwen2")
    writer.add_embedding_length(8)
    writer.add_feed_forward_length(16)
    writer.add_block_count(1)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_context_length(32)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_token_list([b"a", b"b", b"c", b"d", b"e"])
    for name, value in held.items():
        writer.add_tensor(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return held
