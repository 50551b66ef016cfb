"""Ids that are put together from parts are those that each kind of tokenizer gives whole pairs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from parity.golden import EMBEDDED, MODELS
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from bifolio.retrieval.models.tokens import Tokens

TEXTS = [*EMBEDDED[0].texts, "", " ", "Gut’s naïve—“quotes”", "e\u0301 \u200b\ufeff zero width"]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def _bert() -> Tokenizer:
    return Tokenizer.from_file(str(MODELS / "bert/tokenizer.json"))


def _xlm_roberta() -> Tokenizer:
    return Tokenizer.from_file(str(MODELS / "xlm-r/tokenizer.json"))


def _gemma() -> Tokenizer:
    return Tokenizer.from_file(str(MODELS / "gemma/tokenizer.json"))


def _roberta(*, prefix_space: bool) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(TEXTS, trainer)
    # The mask takes the space before it along, as in RoBERTa's own file.
    made.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    made.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=prefix_space
    )
    return made


def _metaspace(scheme: str) -> Tokenizer:
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    made.train_from_iterator(
        TEXTS,
        trainers.UnigramTrainer(
            vocab_size=400, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False
        ),
    )
    made.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B:1 </s>:1", special_tokens=[("</s>", 2)]
    )
    return made


def _bare() -> Tokenizer:
    made = _metaspace("always")
    made.post_processor = processors.TemplateProcessing(single="$A", pair="$A $B:1")
    return made


KINDS: dict[str, Callable[[], Tokenizer]] = {
    "WordPiece of BERT": _bert,
    "Unigram of XLM-R": _xlm_roberta,
    "byte-level BPE of RoBERTa": lambda: _roberta(prefix_space=False),
    "byte-level BPE with a space before each text": lambda: _roberta(prefix_space=True),
    "BPE with bytes of Gemma": _gemma,
    "Unigram of T5, a space before each text": lambda: _metaspace("always"),
    "Unigram with a space before the first piece": lambda: _metaspace("first"),
    "Unigram without a space before": lambda: _metaspace("never"),
    "no special tokens": _bare,
}


@pytest.fixture(params=KINDS, ids=[name.replace(" ", "-") for name in KINDS])
def whole(request: pytest.FixtureRequest) -> Tokenizer:
    return KINDS[request.param]()


@pytest.fixture
def tokens(whole: Tokenizer, tmp_path: Path) -> Tokens:
    whole.save(str(tmp_path / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    return Tokens(tmp_path)


def test_pairs_are_laid_out_as_the_tokenizer_does_it(whole: Tokenizer, tokens: Tokens) -> None:
    for question in ("How long?", "渡轮几点出发？", "", " a"):
        asked, read = tokens.read(question, TEXTS)
        for passage, ids in zip(TEXTS, read, strict=True):
            expected = whole.encode(question, passage)
            made = tokens.pair(asked, ids)
            assert (made.ids, made.types) == (expected.ids, expected.type_ids)
            assert len(made) == len(asked) + len(ids) + tokens.pair_extra


def test_single_texts_are_laid_out_as_the_tokenizer_does_it(
    whole: Tokenizer, tokens: Tokens
) -> None:
    for text, ids in zip(TEXTS, tokens.ids(TEXTS), strict=True):
        expected = whole.encode(text)
        made = tokens.single(ids)
        assert (made.ids, made.types) == (expected.ids, expected.type_ids)
        assert len(made) == tokens.count(text) + tokens.single_extra


def test_the_parts_of_a_batch_are_those_of_texts_alone(tokens: Tokens) -> None:
    assert tokens.ids(TEXTS) == [tokens.ids([text])[0] for text in TEXTS]
