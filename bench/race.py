"""Ours against its peers: the same random model and texts, one process after the other."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import devsets
import numpy as np
import samples
from measures import Fidelity, kendall_tau, largest_difference, mean, show, top10_overlap
from peers import PEERS, environment
from random_model import Kind, random_model, scratch

from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.tokens import Tokens

OURS, FIRST, EXACT = "bifolio", "bifolio, first use", "bifolio, torch fp32"
QUESTION = "How long before anyone may enter the engine room?"
_SCRIPT = Path(__file__).with_name("programs.py")
# So many texts are ranked against all others to compare vectors.
_ASKED = 100


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one program did.

    ``rate`` is inputs per second, the median of the repeats, None where none was timed; ``start``
    the seconds from the first import to the numbers of the first four inputs; ``peak_mb`` the
    most memory, MiB; ``results`` float32, scores (texts,) or vectors (texts, dims).
    """

    program: str
    rate: float | None
    start: float
    peak_mb: float
    results: Floats


def options(description: str | None, unit: str, count: int) -> Namespace:
    """Read the command line; ``unit`` names what is counted."""
    parser = ArgumentParser(description=description)
    add = parser.add_argument
    add(f"--{unit}", type=int, default=count, dest="count", help=f"default: {count}")
    add("--repeats", type=int, default=1, help="measure so often, take the median")
    add("--threads", type=int, default=os.cpu_count(), help="of each program")
    add("--peers", nargs="*", default=list(PEERS), choices=list(PEERS), help="default: all")
    add("--seed", type=int, default=0)
    add("--json", action="store_true", help="print one object")
    devsets.add_options(parser)
    return parser.parse_args()


def texts(lengths: Sequence[int], tokens: Tokens, *, seed: int) -> list[str]:
    """Give texts of sample_docs, English or Chinese, of so many tokens each or hardly fewer."""
    chance = random.Random(seed)
    parts = list(samples.sentences().values())
    found = []
    for most in lengths:
        text = samples.passage(chance.choice(parts), most, length=tokens.count, chance=chance)
        ends = range(1, len(text) + 1)
        cut = bisect_right(ends, most, key=lambda end: tokens.count(text[:end]))
        found.append(text[:cut])
    return found


def race(kind: Kind, inputs: Sequence[str], chosen: Namespace) -> list[Run]:
    """Run ours for the first time, by torch, and between the peers: its rate is the median.

    Raises:
        SystemExit: a program failed; the message ends with its last words.
    """
    model = random_model(kind)
    if hasattr(os, "sched_setaffinity"):
        # The children inherit it: not every library can be told how many threads to take.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.threads])
    with tempfile.TemporaryDirectory(dir=scratch()) as place:
        folder = Path(place)
        given = {"question": QUESTION, "texts": list(inputs)}
        (folder / "inputs.json").write_text(json.dumps(given), encoding="utf-8")

        def _run(label: str, program: str, repeats: int) -> Run:
            threads = chosen.threads
            return run(label, program, kind, model, folder, repeats=repeats, threads=threads)

        runs = [_run(FIRST, "bifolio", 0), _run(EXACT, "torch", 1)]
        # Machines grow slower and faster by the minute: ours runs before and after each peer.
        ours = [_run(OURS, "bifolio", chosen.repeats)]
        for name in chosen.peers:
            runs.append(_run(name, name, chosen.repeats))
            ours.append(_run(OURS, "bifolio", chosen.repeats))
    middle = statistics.median(one.rate for one in ours if one.rate)
    return [replace(ours[0], rate=middle), *runs]


def run(
    label: str, program: str, kind: Kind, model: Path, folder: Path, *, repeats: int, threads: int
) -> Run:
    """Start one program and wait for it.

    Raises:
        SystemExit: it failed; the message ends with its last words.
    """
    print(f"running {label}", file=sys.stderr)
    python = environment(program) if program in PEERS else Path(sys.executable)
    surroundings = {
        **os.environ,
        "CUDA_VISIBLE_DEVICES": "",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": str(threads),
        "XDG_CACHE_HOME": str(folder),
    }
    # -P: the benches here must not hide modules of the libraries.
    start = [python, "-P", "-W", "ignore", _SCRIPT]
    command = [*map(str, start), program, kind, str(model), str(folder), str(repeats)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{label} failed, its last words:\n{done.stderr[-2000:]}")
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    results = np.load(folder / "results.npy", allow_pickle=False)
    walls = figures["walls"]
    rate = len(results) / statistics.median(walls) if walls else None
    return Run(
        program=label,
        rate=rate,
        start=figures["start"],
        peak_mb=figures["peak_mb"],
        results=results,
    )


def report(runs: Sequence[Run], fidelity: Fidelity | None) -> dict[str, object]:
    """Give what ``--json`` prints: inputs per second, and fidelity of the starter model."""
    by_name = {run.program: run for run in runs}
    ours = by_name[OURS]
    peers = {name: run.rate for name, run in by_name.items() if name in PEERS}
    theirs = peers.get("bcembedding")
    return {
        "ours": ours.rate,
        "peers": peers,
        "ratio_to_bcembedding": ours.rate / theirs if ours.rate and theirs else None,
        "top10_overlap": fidelity.top10_overlap if fidelity else None,
        "kendall_tau": fidelity.kendall_tau if fidelity else None,
        "peak_mb": ours.peak_mb,
    }


def show_race(runs: Sequence[Run], unit: str) -> None:
    """Print a table; the last three columns compare with ours by torch in float32."""
    by_name = {run.program: run for run in runs}
    ours, exact = by_name[OURS], by_name[EXACT]
    heads = (f"{unit}/s", "ours is", "start s", "peak MB", "top-10", "tau", "difference")
    print(f"{'':24}" + "".join(f"{head:>11}" for head in heads))
    for run in runs:
        cells = [f"{run.start:.1f}", f"{run.peak_mb:.0f}"]
        if run.rate and ours.rate:
            cells = [f"{run.rate:.2f}", f"{ours.rate / run.rate:.1f}x", *cells]
            pairs = list(zip(_rankings(run.results), _rankings(exact.results), strict=True))
            cells += [f"{mean(top10_overlap(*pair) for pair in pairs):.3f}"]
            cells += [f"{mean(kendall_tau(*pair) for pair in pairs):.3f}"]
            cells += [f"{largest_difference(run.results, exact.results):.1e}"]
        else:
            cells = ["", "", *cells]
        print(f"{run.program:24}" + "".join(f"{cell:>11}" for cell in cells))


def _rankings(results: Floats) -> Iterator[Floats]:
    """Give the scores as they are; of vectors, how near the others are to each of the first."""
    if results.ndim == 1:
        yield results
        return
    for place, vector in enumerate(results[:_ASKED]):
        yield np.delete(results, place, axis=0) @ vector


def publish(
    runs: Sequence[Run], fidelity: Fidelity | None, *, unit: str, heading: str, as_json: bool
) -> None:
    """Print everything."""
    if as_json:
        print(json.dumps(report(runs, fidelity)))
        return
    print(heading)
    show_race(runs, unit)
    if fidelity:
        show(fidelity)
