"""A child that stays does one piece of work after the other, and none of them costs another."""

import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bifolio.ingest import Stopped, UnreadableDocument, children, read, reader
from bifolio.ingest.children import Done, TooSlow, ask_child
from bifolio.ingest.fork_server import Request
from bifolio.ingest.talking import Child, Talk

Plant = Callable[[str], str]
# Answers with the child that it is, but for what a name asks of it.
PROGRAM = """
import ctypes, os, signal, time
if "crash" in arguments: os.abort()
if "fill" in arguments: raise MemoryError
if "hang" in arguments: ctypes.PyDLL(None).sleep(60)
if "swell" in arguments: SEEN.append(bytearray(b"x") * 150_000_000)
if "spoil" in arguments: SEEN.append(None)
elif SEEN and SEEN[-1] is None: os.abort()
if "print" in arguments: print("words"); os.write(1, b"more\\n")
return str(os.getpid())
"""


def asked(work: str, *arguments: str, seconds: float = 20, memory_mb: int = 1024) -> Done:
    request = Request(work, arguments, memory_mb)
    return ask_child(request, until=time.monotonic() + seconds)


def test_one_child_answers_again_and_again(planted: Plant) -> None:
    work = planted(PROGRAM)

    assert len({asked(work, name).output for name in "abc"}) == 1


def test_no_more_children_are_there_than_are_asked_at_once(planted: Plant) -> None:
    work = planted(PROGRAM)

    with ThreadPoolExecutor(3) as pool:
        answers = [*pool.map(lambda _: asked(work), range(60))]

    assert all(done.is_answer for done in answers)
    assert len({done.output for done in answers}) <= 3


@pytest.mark.parametrize(
    ("name", "code"), [("crash", -signal.SIGABRT), ("fill", 1), ("swell", 0), ("print", 0)]
)
def test_what_one_does_to_its_child_costs_none_before_and_none_after(
    planted: Plant, name: str, code: int
) -> None:
    work = planted(PROGRAM)

    answers = [asked(work, one) for one in ("a", "b", name, "c", "d")]

    assert [done.is_answer for done in answers] == [True, True, code == 0, True, True]
    assert answers[2].code == code
    assert all(int(done.output) for done in answers if done.is_answer)


def test_one_that_hangs_costs_its_time_alone(planted: Plant) -> None:
    work = planted(PROGRAM)
    first = asked(work)

    with pytest.raises(TooSlow):
        asked(work, "hang", seconds=0.5)

    assert asked(work).is_answer
    assert asked(work).output != first.output


def test_what_was_left_broken_is_not_held_against_the_next(planted: Plant) -> None:
    work = planted(PROGRAM)
    spoilt = asked(work, "spoil")

    after = asked(work)

    assert after.is_answer
    assert after.output != spoilt.output


def test_a_child_that_was_killed_meanwhile_costs_nothing(planted: Plant) -> None:
    work = planted(PROGRAM)
    os.kill(int(asked(work).output), signal.SIGKILL)

    assert asked(work).is_answer


def test_a_child_that_has_swollen_goes(planted: Plant) -> None:
    work = planted(PROGRAM)
    swollen = asked(work, "swell")

    assert asked(work).output != swollen.output


def test_each_has_the_cap_on_memory_that_it_asks_for(planted: Plant) -> None:
    work = planted("import resource; return str(resource.getrlimit(resource.RLIMIT_AS)[0] >> 20)")

    caps = [asked(work, memory_mb=cap).output for cap in (700, 900, 700)]

    assert caps == [b"700\n", b"900\n", b"700\n"] or sys.platform == "darwin"


def test_one_that_is_stopped_leaves_no_answer_to_the_next(planted: Plant) -> None:
    work = planted("import time; time.sleep(float(arguments[0])); return arguments[0]")
    asked(work, "0")
    request = Request(work, ("1",), 1024)

    with pytest.raises(Stopped):
        ask_child(request, until=time.monotonic() + 20, stopped=lambda: True)

    assert asked(work, "0").output == b"0\n"


def test_a_child_goes_when_nobody_asks(planted: Plant) -> None:
    work = planted(PROGRAM)
    soon = planted(
        "from bifolio.ingest import staying\nstaying._IDLE = 0.2\nstaying.serve(*arguments)"
    )
    until = time.monotonic() + 20

    with closing(Child(Request(soon, (work,), 1024), children._server)) as child:
        first = child.talk(Talk(b"[]\n", until, lambda: False, for_line=True))
        then = child.talk(Talk(b"", until, lambda: False, for_line=True))

    assert first.is_answer
    assert (then.code, then.is_answer) == (0, False)


def test_a_fork_of_this_process_asks_none_of_its_children(planted: Plant) -> None:
    work = planted(PROGRAM)
    ours = asked(work).output
    seen, told = os.pipe()
    if (fork := os.fork()) == 0:
        os.write(told, asked(work).output)
        children.end_server()
        os._exit(0)
    os.waitpid(fork, 0)
    os.close(told)
    with os.fdopen(seen, "rb") as theirs:
        assert theirs.read() not in (b"", ours)
    assert asked(work).output == ours


def test_of_files_one_that_crashes_and_one_that_hangs_are_told_and_the_others_read(
    tmp_path: Path, planted: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import ctypes, os\nfrom bifolio.ingest import child\n"
        "if arguments[0].endswith('crash.txt'): os.abort()\n"
        "if arguments[0].endswith('hang.txt'): ctypes.PyDLL(None).sleep(60)\n"
        "return child.main(*arguments)"
    )
    monkeypatch.setattr(reader, "_WORK", planted(program))
    names = [*"abcd", "crash", *"efgh", "hang", *"ijkl"]
    for name in names:
        (tmp_path / f"{name}.txt").write_text(f"words of {name}")

    def told(name: str) -> str:
        try:
            return read(tmp_path / f"{name}.txt", name=name, seconds=3).text
        except UnreadableDocument as problem:
            return str(problem)[:30]

    with ThreadPoolExecutor(2) as pool:
        texts = dict(zip(names, pool.map(told, names), strict=True))

    assert texts.pop("crash") == "crash: the parser crashed on it"[:30]
    assert texts.pop("hang") == "hang: reading it took over 3 s and"[:30]
    assert texts == {name: f"words of {name}" for name in texts}
