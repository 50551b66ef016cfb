"""Whatever the source tells a reader of the chat can be said in Chinese, by the same facts."""

import ast
import errno
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest

from bifolio.chinese import MESSAGES
from bifolio.ingest import Message, UnreadableDocument, cause, message, read
from bifolio.ingest.formats import FORMATS
from bifolio.ui.texts import CHINESE, ENGLISH

ROOT = Path(__file__).parents[1]
ROOMS = ("ingest", "retrieval", "app")
# What only the command line shows, and where messages are made of what is given.
NOT_SPOKEN = (
    "app/cli",
    "app/compat/",
    "app/evaluation",
    "app/langchain/",
    "app/mcp/",
    "app/llama_index/",
    "app/answers/verifying.py",
)
MAKING = (
    "ingest/message.py",
    "ingest/errors.py",
    "ingest/formats.py:kind",
    "app/serve/problems.py:_why",
)
# With what is raised from these, and with these themselves, the chat tells what went wrong.
ROOTS = {"BifolioError", "Unreadable", "ReplyTrouble", "Skipped", "Warned"}
# Caught where torch takes over, and only written to the log.
LOGGED = {"ConversionFailed"}


@dataclass(frozen=True)
class Told:
    """A message where the source makes it; ``facts`` is None where they are made elsewhere."""

    where: str
    code: str
    english: str
    facts: frozenset[str] | None


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            if not name.startswith(NOT_SPOKEN):
                yield name, ast.parse(file.read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, list[ast.AST]]]:
    """Yield each call with what it stands in, innermost first."""

    def walk(node: ast.AST, around: list[ast.AST]) -> Iterator[tuple[ast.Call, list[ast.AST]]]:
        if isinstance(node, ast.Call):
            yield node, around
        for child in ast.iter_child_nodes(node):
            yield from walk(child, [node, *around])

    yield from walk(tree, [])


def called(call: ast.Call, tree: ast.Module) -> str:
    """Give the name of what is called, as it is called where it comes from."""
    if not isinstance(call.func, ast.Name):
        return ""
    names = (name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names)
    known = {name.asname or name.name: name.name for name in names}
    return known.get(call.func.id, call.func.id)


def given(node: ast.expr, call: ast.Call, around: list[ast.AST]) -> list[ast.expr]:
    """Give what stands in an argument: itself, or all that its name was given before the call."""
    if not isinstance(node, ast.Name):
        return [node]
    scope = next(each for each in around if isinstance(each, ast.FunctionDef | ast.Module))
    found = []
    for assigned in ast.walk(scope):
        if isinstance(assigned, ast.Assign) and assigned.lineno <= call.lineno:
            (target,), value = assigned.targets, assigned.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=True))
            else:
                pairs = [(target, value)]
            found += [v for name, v in pairs if isinstance(name, ast.Name) and name.id == node.id]
    return sorted(found, key=lambda value: value.lineno)


def literal(node: ast.expr, call: ast.Call, around: list[ast.AST]) -> str | None:
    """Give the text of a literal, or of the name that was last given one before the call."""
    found = given(node, call, around)
    last = found[-1] if found else None
    return last.value if isinstance(last, ast.Constant) and isinstance(last.value, str) else None


def told_in(name: str, tree: ast.Module) -> Iterator[Told]:
    for call, around in calls(tree):
        if called(call, tree) not in ("message", "Message"):
            continue
        function = next((each.name for each in around if isinstance(each, ast.FunctionDef)), "")
        if name in MAKING or f"{name}:{function}" in MAKING:
            continue
        where = f"{name}:{call.lineno}"
        assert len(call.args) >= 2, f"{where}: give a message its code and its sentence"
        code, english = (literal(arg, call, around) for arg in call.args[:2])
        assert code is not None, f"{where}: give the code as a literal"
        assert english is not None, f"{where}: give the sentence as a literal"
        named = [keyword.arg for keyword in call.keywords]
        by_name = len(call.args) == 2 and None not in named
        facts = frozenset(each for each in named if each) if by_name else None
        yield Told(where, code, english, facts)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


TOLD = [told for name, tree in sources() for told in told_in(name, tree)]
FORMAT_NAMES = [Told("the table of formats", f.kind.code, f.kind.english, None) for f in FORMATS]


def test_many_messages_are_found() -> None:
    assert len(TOLD) > 150
    assert {"library-busy", "not-utf-8", "gated-model", "server-busy"} <= {one.code for one in TOLD}


@pytest.mark.parametrize("told", [*TOLD, *FORMAT_NAMES], ids=lambda told: told.code)
def test_every_message_has_a_chinese_sentence_of_the_same_facts(told: Told) -> None:
    assert told.code in MESSAGES, f"{told.where}: {told.english}"
    unknown = fields(MESSAGES[told.code]) - fields(told.english)
    assert not unknown, f"{told.where} has no {unknown}"


@pytest.mark.parametrize(
    "told", [one for one in TOLD if one.facts is not None], ids=lambda t: t.code
)
def test_every_sentence_is_given_its_facts(told: Told) -> None:
    assert told.facts == frozenset(fields(told.english)), told.where


def test_a_code_has_one_sentence_that_stands_in_one_place() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for told in TOLD:
        places[told.code].append(told.where)
    assert {code: where for code, where in places.items() if len(where) > 1} == {}


def test_no_chinese_sentence_is_left_over() -> None:
    known = {told.code for told in (*TOLD, *FORMAT_NAMES)} | {"unreadable-document"}
    assert set(MESSAGES) - known == set()


def errors() -> set[str]:
    """Name the classes that end in the chat."""
    classes = [node for _, tree in sources() for node in ast.walk(tree)]
    found, before = set(ROOTS), 0
    while len(found) > before:
        before = len(found)
        found |= {
            node.name
            for node in classes
            if isinstance(node, ast.ClassDef)
            and any(isinstance(base, ast.Name) and base.id in found for base in node.bases)
        }
    return found


def is_finished(node: ast.expr) -> bool:
    """Tell a sentence that only English readers can read."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_no_error_that_the_chat_shows_is_a_finished_sentence() -> None:
    known = errors() - LOGGED
    assert {"LibraryBusy", "Refused", "UnknownModel", "UnreadableDocument"} <= known
    finished = [
        f"{name}:{call.lineno}"
        for name, tree in sources()
        for call, around in calls(tree)
        if called(call, tree) in known
        for argument in call.args
        if any(map(is_finished, given(argument, call, around)))
    ]
    assert finished == []


def test_a_message_within_a_message_is_said_in_chinese_too() -> None:
    reason = message("locked", "it needs a password; save a copy without one")
    told = message("unreadable-document", "{path}: {reason}", path="a.pdf", reason=reason)
    assert str(told) == "a.pdf: it needs a password; save a copy without one"
    assert CHINESE.say(told) == f"a.pdf：{MESSAGES['locked']}"


def test_what_the_system_says_is_said_in_chinese() -> None:
    told = [cause(OSError(code, os.strerror(code))) for code in (errno.ENOSPC, errno.EACCES)]
    assert [CHINESE.say(each) for each in told if isinstance(each, Message)] == [
        "磁盘已满",
        "没有权限",
    ]
    assert cause(OSError(errno.EBADF, "Bad file descriptor")) == "Bad file descriptor"
    assert cause(OSError(errno.EACCES, "Other words")) == "Other words"


def test_what_a_reader_tells_of_a_file_arrives_as_a_message(tmp_path: Path) -> None:
    lines, cut = tmp_path / "a.jsonl", tmp_path / "b.pdf"
    lines.write_text('{"ship": "ferry"}\n{"ship"\n', encoding="utf-8")
    cut.write_bytes(b"%PDF-1.7\n")

    (note,) = read(lines).notes
    with pytest.raises(UnreadableDocument) as caught:
        read(cut, name="b.pdf")

    assert str(note).startswith("left out: line 2 is not JSON (")
    assert CHINESE.say(note).startswith("略去：第 2 行不是 JSON（")
    assert str(caught.value).startswith("b.pdf: it is not a readable PDF (")
    assert CHINESE.say(caught.value.message).startswith("b.pdf：它不是可读的 PDF 文件（")


def test_a_message_of_an_unknown_code_is_said_in_english() -> None:
    assert CHINESE.say(Message("never-heard", "{count} of them", {"count": 2})) == "2 of them"


def test_a_message_that_stands_alone_begins_as_a_sentence_unless_by_a_name() -> None:
    assert ENGLISH.sentence(message("x-plain", "the answer is cut")) == "The answer is cut."
    by_name = message("x-named", "{file} is damaged", file="my file.pdf")
    assert ENGLISH.sentence(by_name) == "my file.pdf is damaged."
    for inner, told in (
        (by_name, "my file.pdf is"),
        (message("x-plain", "the answer is"), "The answer is"),
    ):
        outer = message("x-outer", "{problem}; these are quotes", problem=inner)
        assert ENGLISH.sentence(outer).startswith(told)


def test_a_message_that_stands_alone_ends_as_a_sentence_unless_by_an_address() -> None:
    assert CHINESE.sentence(message("x-plain", "太长")) == "太长。"
    assert ENGLISH.sentence(message("x-asks", "is it?")) == "Is it?"
    address = message("x-address", "see {url}", url="http://127.0.0.1:1/v1")
    assert ENGLISH.sentence(address) == "See http://127.0.0.1:1/v1"
