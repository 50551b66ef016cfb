"""A lexicon is learned from sentences and their translations."""

import gzip
import json
from pathlib import Path

import pytest

from bifolio.retrieval import lexicon as read
from training import lexicon

SENTENCES = [
    ("the ferry leaves", "渡轮 出发"),
    ("the ferry waits", "渡轮 等待"),
    ("the dog waits", "小狗 等待"),
    ("the dog leaves", "小狗 出发"),
    ("a dog and a ferry", "小狗 渡轮"),
]


def sentences() -> tuple[list[list[str]], list[list[str]]]:
    return [one.split() for one, _ in SENTENCES], [other.split() for _, other in SENTENCES]


def test_what_stands_together_translates_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "_LIGHT", 0)
    english, chinese = sentences()

    there, back = lexicon.learn(english, chinese), lexicon.learn(chinese, english)

    assert next(iter(there["ferry"])) == "渡轮"
    assert next(iter(there["dog"])) == "小狗"
    assert next(iter(back["渡轮"])) == "ferry"
    # A character alone is read too.
    assert next(iter(back["狗"])) == "dog"
    assert all(0 < share <= 1 for some in there.values() for share in some.values())


def test_frequent_words_translate_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "_LIGHT", 1)
    english, chinese = sentences()

    back = lexicon.learn(chinese, english)

    assert all("the" not in some for some in back.values())


def test_forms_share_what_their_stem_has() -> None:
    entries = {"bee": {"蜜蜂": 0.6}, "hive": {"蜂房": 0.5}}

    found = lexicon.stems(entries, [["bee", "bee"], ["bees"], ["hive"]])

    assert found["bee"] == {"蜜蜂": 0.6}


def test_a_word_of_many_meanings_has_also_what_it_translates() -> None:
    learned = {
        "deck": {"副纸": 0.2},
        "decks": {},
        "甲板": {"decks": 0.4, "boat": 0.1},
        "板": {"deck": 0.9},
    }

    found = lexicon.both_ways({**learned, "boat": {"船只": 0.5}}, learned)

    assert list(found["deck"]) == ["副纸", "甲板"]
    assert list(found["decks"]) == ["甲板"]
    assert found["boat"] == {"船只": 0.5, "甲板": 0.1}
    assert list(found["甲板"]) == ["decks", "boat"]


def test_the_command_writes_what_the_library_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon, "_LIGHT", 0)
    rows = [{"en": one, "zh": other, "source": "a"} for one, other in SENTENCES]
    for name in ("parallel", "dictionary"):
        with gzip.open(tmp_path / f"{name}_en_zh.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    out = tmp_path / "lexicon.tsv.gz"
    monkeypatch.setattr("sys.argv", ["lexicon", "--data", str(tmp_path), "--out", str(out)])
    lexicon.main()
    monkeypatch.setattr(read, "_FILE", out)
    read._entries.cache_clear()
    try:
        assert read.translations("dog")[0] == "小狗"
        assert read.translations("渡轮")[0] == "ferry"
    finally:
        read._entries.cache_clear()
