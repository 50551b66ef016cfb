"""Replies and messages as JSON, and back: what stands in the file of conversations."""

import json
from dataclasses import asdict, fields
from typing import Any, TypeVar

from bifolio.answers.citing import Mark
from bifolio.chats.reply import Doubt, Looked, Reply, Searched, Source
from bifolio.ingest import Message, from_json
from bifolio.retrieval import Step

Made = TypeVar("Made")
Json = dict[str, Any]


def write_reply(reply: Reply) -> str:
    """Write a reply as one line of JSON."""
    shown = asdict(reply) | {
        "notice": _message(reply.notice),
        "searched": _searched(reply.searched),
    }
    return json.dumps(shown, ensure_ascii=False)


def read_reply(text: str) -> Reply:
    """Read what :func:`write_reply` wrote; fields of other versions are passed over."""
    row = json.loads(text)
    row |= {
        "notice": _read_message(row["notice"]),
        "sources": tuple(_read_source(source) for source in row["sources"]),
        "shown": tuple(_read_source(source) for source in row["shown"]),
        "doubts": tuple(_known(Doubt, doubt) for doubt in row["doubts"]),
        "marks": tuple(_known(Mark, mark) for mark in row["marks"]),
        "searched": _read_searched(row["searched"]),
        "disagreements": tuple(
            (_read_source(one), _read_source(other)) for one, other in row.get("disagreements", ())
        ),
        "libraries": tuple(row.get("libraries", ())),
    }
    return _known(Reply, row)


def write_message(told: Message | None) -> str:
    """Write a message; nothing is written of none."""
    return json.dumps(_message(told), ensure_ascii=False) if told else ""


def read_message(text: str) -> Message | None:
    """Read what :func:`write_message` wrote."""
    return _read_message(json.loads(text)) if text else None


def _message(told: Message | None) -> Json | None:
    if told is None:
        return None
    facts = {name: _fact(fact) for name, fact in told.facts.items()}
    return {"code": told.code, "english": told.english, "facts": facts}


def _fact(fact: object) -> object:
    if isinstance(fact, Message):
        return _message(fact)
    return fact if fact is None or isinstance(fact, bool | int | float) else str(fact)


def _read_message(row: Json | None) -> Message | None:
    return from_json(row) if row else None


def _searched(searched: Searched) -> Json:
    return asdict(searched) | {
        "threshold_source": _message(searched.threshold_source),
        "space": _message(searched.space),
        "steps": [asdict(step) | {"detail": _message(step.detail)} for step in searched.steps],
        "looked": [asdict(hit) | {"reason": _message(hit.reason)} for hit in searched.looked],
    }


def _read_searched(row: Json) -> Searched:
    row |= {
        "threshold_source": from_json(row["threshold_source"]),
        "space": from_json(row["space"]),
        "steps": tuple(
            _known(Step, step | {"detail": _read_message(step["detail"])}) for step in row["steps"]
        ),
        "looked": tuple(map(_read_looked, row["looked"])),
    }
    return _known(Searched, row)


def _read_looked(row: Json) -> Looked:
    # Earlier ones tell the first page alone.
    first, last = row.get("pages") or (row["page"], row["page"])
    return _known(Looked, row | {"pages": (first, last), "reason": from_json(row["reason"])})


def _read_source(row: Json) -> Source:
    first, last = row["pages"]
    return _known(Source, row | {"pages": (first, last), "cut": tuple(row["cut"])})


def _known(kind: type[Made], row: Json) -> Made:
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in row.items() if name in names})
