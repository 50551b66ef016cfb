"""What the server counts, as Prometheus reads it (its text format 0.0.4)."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Seconds; an answer of a language model takes minutes on a small machine.
_BOUNDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)

Labels = tuple[str, ...]


class Figures:
    """Requests by route, and answers by how they ended; any thread may count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[Labels] = Counter()
        self._refused: Counter[Labels] = Counter()
        self._answers: Counter[Labels] = Counter()
        self._seconds: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        self.running = 0

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that has ended."""
        with self._lock:
            self._requests[method, route, str(status)] += 1
            counts = self._seconds.setdefault(route, [0] * (len(_BOUNDS) + 1))
            counts[bisect_left(_BOUNDS, seconds)] += 1
            self._sums[route] = self._sums.get(route, 0.0) + seconds

    def refused(self, code: str) -> None:
        """Count a request that was turned away at the door."""
        with self._lock:
            self._refused[(code,)] += 1

    def answer(self, library: str, mode: str, outcome: str) -> None:
        """Count an answer."""
        with self._lock:
            self._answers[library, mode, outcome] += 1

    def text(self, gauges: Mapping[str, Mapping[Labels, float]]) -> str:
        """Write all figures, and what is measured now: ``gauges`` by name and library."""
        with self._lock:
            lines = [
                *_counter("requests", ("method", "route", "status"), self._requests),
                *_counter("refused", ("code",), self._refused),
                *_counter("answers", ("library", "mode", "outcome"), self._answers),
                *self._histogram(),
            ]
        for name, values in gauges.items():
            lines.append(f"# TYPE bifolio_{name} gauge")
            lines += [_line(name, ("library",), *row) for row in values.items()]
        return "\n".join(lines) + "\n"

    def _histogram(self) -> Iterator[str]:
        yield "# TYPE bifolio_request_seconds histogram"
        for route, counts in self._seconds.items():
            total = 0
            for bound, count in zip((*map(str, _BOUNDS), "+Inf"), counts, strict=True):
                total += count
                yield _line("request_seconds_bucket", ("route", "le"), (route, bound), total)
            yield _line("request_seconds_sum", ("route",), (route,), self._sums[route])
            yield _line("request_seconds_count", ("route",), (route,), total)


def _counter(name: str, names: Labels, counted: Mapping[Labels, int]) -> Iterator[str]:
    yield f"# TYPE bifolio_{name}_total counter"
    for labels, count in counted.items():
        yield _line(f"{name}_total", names, labels, count)


def _line(name: str, names: Iterable[str], labels: Labels, value: float) -> str:
    # What is of no library has no label.
    pairs = ",".join(
        f'{key}="{_escaped(label)}"' for key, label in zip(names, labels, strict=False)
    )
    return f"bifolio_{name}{f'{{{pairs}}}' if pairs else ''} {value:g}"


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
