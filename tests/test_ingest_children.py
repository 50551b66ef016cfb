"""What reads files is forked by a process that stays: it harms nobody and outlives nobody."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bifolio.ingest import Stopped, child, children, read
from bifolio.ingest.children import Done, TooSlow, run_child
from bifolio.ingest.fork_server import Request
from bifolio.ingest.formats import FORMATS

Plant = Callable[[str], str]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def ran(work: str, *arguments: str, seconds: float = 20, given: bytes = b"") -> Done:
    request = Request(work, arguments, memory_mb=1024)
    return run_child(request, until=time.monotonic() + seconds, given=given)


def server() -> int:
    process = children.server_id()
    assert process is not None
    return process


def is_gone(process: int, *, seconds: float = 5) -> bool:
    """Tell whether a process ends soon; a zombie is one that its new parent has not yet reaped."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_nothing_of_one_file_is_left_for_the_next(planted: Plant) -> None:
    work = planted("SEEN.extend(arguments); print(SEEN)")

    assert [ran(work, name).output for name in "ab"] == [b"['a']\n", b"['b']\n"]


def test_the_same_process_serves_many_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    read(tmp_path / "a.txt")
    first = server()

    with ThreadPoolExecutor(4) as pool:
        texts = [*pool.map(lambda _: read(tmp_path / "a.txt").text, range(20))]

    assert texts == ["words"] * 20
    assert server() == first


def test_a_file_that_crashes_harms_none_that_is_read_beside_it(planted: Plant) -> None:
    work = planted(
        "import os, time\ntime.sleep(0.2)\nif arguments == ('bad',): os.abort()\nprint('good')"
    )

    with ThreadPoolExecutor(3) as pool:
        codes = [done.code for done in pool.map(lambda name: ran(work, name), ("a", "bad", "c"))]

    assert codes == [0, -signal.SIGABRT, 0]


def test_input_and_output_of_any_size_pass(planted: Plant) -> None:
    work = planted(
        "import sys\n"
        "data = sys.stdin.buffer.read()\n"
        "sys.stdout.buffer.write(data[::-1])\n"
        "sys.stderr.write('e' * 1_000_000)"
    )
    given = bytes(range(256)) * 20_000

    done = ran(work, given=given)

    assert (done.code, done.output, len(done.errors)) == (0, given[::-1], 1_000_000)


def test_input_that_is_not_read_holds_nobody(planted: Plant) -> None:
    assert ran(planted("print('done')"), given=b"x" * 5_000_000).output == b"done\n"


def test_a_child_that_never_ends_is_killed_and_reaped(planted: Plant, tmp_path: Path) -> None:
    work = planted(
        "import os, time\n"
        "with open(arguments[0], 'w') as file: file.write(str(os.getpid()))\n"
        "while True: time.sleep(1)"
    )
    ran(planted("pass"))

    with pytest.raises(TooSlow):
        ran(work, str(tmp_path / "id"), seconds=1)

    assert is_gone(int((tmp_path / "id").read_text()))
    assert ran(planted("print(1)")).code == 0
    assert not _zombies()


def _zombies() -> list[int]:
    return [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if (fields := _state(entry)) and fields[0] == "Z" and int(fields[1]) == server()
    ]


def _state(entry: Path) -> list[str]:
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def test_a_child_is_stopped_when_asked(planted: Plant) -> None:
    request = Request(planted("while True: pass"), (), memory_mb=1024)
    began = time.monotonic()

    with pytest.raises(Stopped):
        run_child(request, until=began + 60, stopped=lambda: time.monotonic() > began + 0.5)

    assert time.monotonic() - began < 2


def test_a_child_has_nothing_open_and_knows_no_keys(
    planted: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "canary")
    monkeypatch.setenv("LC_CTYPE", "C.UTF-8")
    children.end_server()
    work = planted(
        "import os, stat\n"
        "for number in range(3, 1024):\n"
        "    try: print('open', number, oct(os.fstat(number).st_mode))\n"
        "    except OSError: pass\n"
        "print(sorted(os.environ))"
    )

    output = ran(work).output.decode()

    assert "open" not in output
    assert "SOME_API_KEY" not in output
    assert "'LC_CTYPE'" in output
    assert "'PATH'" in output


@LINUX
def test_what_is_made_ready_starts_no_thread(planted: Plant) -> None:
    work = planted("import os, sys; print(len(os.listdir('/proc/self/task')), *sys.modules)")
    modules = [entry.parser.split(":")[0] for entry in FORMATS if not entry.needs]

    request = Request(work, (), 1024, (*modules, "bifolio.ingest.pdf.draw"))
    run_child(request, until=time.monotonic() + 20)

    assert len(list(Path(f"/proc/{server()}/task").iterdir())) == 1
    seen = ran(work).output.split()
    assert b"pypdfium2" in seen
    assert not {b"torch", b"openvino"} & set(seen)


@LINUX
def test_a_server_that_dies_takes_its_children_along_and_is_replaced(
    planted: Plant, tmp_path: Path
) -> None:
    work = planted(
        "import os, time\n"
        "with open(arguments[0], 'a') as file: file.write(f'{os.getpid()}\\n')\n"
        "time.sleep(1)\n"
        "print('read')"
    )
    ids = tmp_path / "ids"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(ran, work, str(ids))
        while not (ids.exists() and ids.read_text()):
            time.sleep(0.02)
        dead = server()
        os.kill(dead, signal.SIGKILL)
        assert is_gone(int(ids.read_text().split()[0]))

        # The file was not to blame, and is read again.
        assert running.result().output == b"read\n"
    assert server() != dead
    assert len(ids.read_text().split()) == 2


def test_a_file_that_always_kills_the_server_is_told_at_last(planted: Plant) -> None:
    work = planted("import os, signal; os.kill(os.getppid(), signal.SIGKILL)")

    assert ran(work).code == 1
    assert ran(planted("print('good')")).output == b"good\n"


def test_ctrl_c_ends_no_server_and_no_child(planted: Plant) -> None:
    work = planted(
        "import os, signal\n"
        "for one in (os.getpid(), os.getppid()): os.kill(one, signal.SIGINT)\n"
        "print('on')"
    )

    assert ran(work).output == b"on\n"


KILLED = """
import os, sys, threading, time
from bifolio.ingest import children
from bifolio.ingest.fork_server import Request
def wait():
    children.run_child(Request("planted_0:work", (sys.argv[1],), 1024), until=time.monotonic() + 60)
threading.Thread(target=wait, daemon=True).start()
while not os.path.exists(sys.argv[1]):
    time.sleep(0.02)
print(children.server_id(), flush=True)
time.sleep(60)
"""


@LINUX
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_all_end_with_the_process_that_reads(
    planted: Plant, tmp_path: Path, ending: signal.Signals
) -> None:
    planted(
        "import os, time\n"
        "with open(arguments[0] + '.new', 'w') as file: file.write(str(os.getpid()))\n"
        "os.rename(arguments[0] + '.new', arguments[0])\n"
        "while True: time.sleep(1)"
    )
    command = [sys.executable, "-c", KILLED, str(tmp_path / "id")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        its_server = int(process.stdout.readline())
        process.send_signal(ending)

    assert is_gone(its_server)
    assert is_gone(int((tmp_path / "id").read_text()))


@LINUX
def test_a_fork_of_this_process_has_a_server_of_its_own(planted: Plant) -> None:
    work = planted("import os; print(os.getppid())")
    ours = ran(work).output
    seen, told = os.pipe()
    if (fork := os.fork()) == 0:
        os.write(told, ran(work).output)
        children.end_server()
        os._exit(0)
    os.waitpid(fork, 0)
    os.close(told)
    with os.fdopen(seen, "rb") as theirs:
        assert theirs.read() != ours
    assert ran(work).output == ours


@pytest.mark.parametrize(
    ("writes", "said"), [(1, '"text": "seven eight"'), (9, "it changed while")]
)
def test_a_file_that_is_written_to_meanwhile_is_read_once_more_and_then_named(
    writes: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "growing.txt"
    file.write_text("seven")
    left = iter(range(writes))

    class Growing(io.BufferedReader):
        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            if next(left, None) is not None:
                with file.open("a") as other:
                    other.write(" eight")
            return data

    monkeypatch.setattr(
        child.os, "fdopen", lambda descriptor, mode: Growing(io.FileIO(descriptor, mode))
    )

    assert said in child.main(str(file))
