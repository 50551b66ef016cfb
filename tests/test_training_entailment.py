"""Claims are made of translations by rule; a head over the embedder's tokens learns from them."""

import gzip
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import tiny_model

from bifolio.retrieval.models.entailment import Entailment
from training import entailment
from training.aligned import Aligner
from training.changing import Both, denied, opposed, put, renumbered, swapped
from training.claims import Claims
from training.entailment import Head, save

BOTH = Both("The server sends 25 messages to the client.", "服务器向客户端发送25条消息。")
WORDS = [("server", "服务器"), ("client", "客户端"), ("messages", "消息"), ("sends", "发送")]


def write(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write translations of running text, and of single sentences, with their dictionary."""
    folder = tmp_path_factory.mktemp("claims")
    subjects = [("server", "服务器"), ("client", "客户端"), ("manager", "经理"), ("user", "用户")]
    lines = [
        (
            f"The {one} must open the {other} before {place} minutes, because it is required.",
            f"{ein}必须在{place}分钟之前打开{andere}，因为这是必需的。",
        )
        for place in range(10, 30)
        for one, ein in subjects
        for other, andere in subjects
        if one != other
    ]
    rows = [
        {"en": en, "zh": zh, "source": "tatoeba" if place % 3 else "manual"}
        for place, (en, zh) in enumerate(lines)
    ]
    write(folder / "parallel_en_zh.jsonl.gz", rows)
    entries = [{"en": en, "zh": zh, "source": "cc-cedict"} for en, zh in [*subjects, *WORDS]]
    write(folder / "dictionary_en_zh.jsonl.gz", entries)
    return folder


def test_words_that_translate_each_other_are_found_once() -> None:
    aligner = Aligner([{"en": en, "zh": zh} for en, zh in [*WORDS[:2], ("message", "消息")]])

    found = aligner.aligned(BOTH.en, BOTH.zh)

    assert set(found) == {*WORDS[:3], ("25", "25")}
    assert aligner.aligned("the server of the server", "服务器") == []


def test_each_change_says_something_else_in_both_languages() -> None:
    chance = random.Random(0)
    assert swapped(BOTH, WORDS[:2], chance) == Both(
        "The client sends 25 messages to the server.", "客户端向服务器发送25条消息。"
    )
    changed = renumbered(BOTH, chance)
    assert changed
    assert "25" not in changed.en + changed.zh
    assert opposed(Both("It is always open.", "它始终开放。"), chance) == Both(
        "It is never open.", "它从不开放。"
    )
    assert denied(Both("It can move.", "它可以移动。"), chance) == Both(
        "It can not move.", "它不可以移动。"
    )


def test_what_cannot_be_changed_is_left() -> None:
    plain, chance = Both("Stop it now.", "现在停下。"), random.Random(0)
    assert swapped(plain, [], chance) is None
    assert renumbered(plain, chance) is None
    assert denied(plain, chance) is None
    assert put("the servers", "server", "client") == "the servers"


def test_a_claim_is_true_unless_one_side_alone_was_changed(data: Path) -> None:
    claims, chance = Claims(data), random.Random(1)
    drawn = [claims.draw(chance) for _ in range(400)]

    kinds = {one.kind for one in drawn}
    assert {"translation", "swap", "replace", "negation", "number", "more", "other"} <= kinds
    for one in drawn:
        true = one.kind.endswith("of both") or one.kind in ("translation", "two", "summed up")
        assert one.true == true
        # The one is English, the other Chinese.
        sides = [
            any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in (one.claim, one.passage)
        ]
        assert sum(sides) == 1


def test_what_ships_computes_what_was_trained(tmp_path: Path) -> None:
    torch.manual_seed(0)
    head = Head(16, 16).eval()
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    save(head, tmp_path / "head.safetensors")
    head.load_state_dict({name: one.half().float() for name, one in head.state_dict().items()})
    chance = np.random.default_rng(0)
    said, *texts = (chance.normal(size=(size, 32)).astype(np.float32) for size in (5, 1, 9))

    given = Entailment(tmp_path / "head.safetensors").logits(said, texts)

    claims, claimed = (one.expand(2, -1, *one.shape[2:]) for one in entailment._together([said]))
    with torch.inference_mode():
        told = head(claims, claimed, *entailment._together(texts))
    assert given == pytest.approx(told.numpy(), abs=1e-4)


def test_the_stage_trains_and_goes_on_where_it_stopped(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    embedder = tiny_model(tmp_path / "embedder")
    given = ["entailment", f"--embedder={embedder}", f"--data={data}", f"--out={tmp_path / 'out'}"]
    given += ["--claims=160", "--size=16", "--inner=1", "--passes=2"]
    monkeypatch.setattr("sys.argv", [*given, "--minutes=0"])
    entailment.main()
    monkeypatch.setattr("sys.argv", given)
    entailment.main()

    shares = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert shares
    assert all(0 <= share <= 1 for share in shares.values())
    log = (tmp_path / "out" / "log.jsonl").read_text(encoding="utf-8")
    steps = [json.loads(line)["step"] for line in log.splitlines()]
    assert steps == sorted(set(steps))
    assert (tmp_path / "out" / "entailment.safetensors").exists()
