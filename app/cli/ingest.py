"""``ingest``: a library is brought into step with files and folders, once or as they change."""

import argparse
import json
import sys
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from bifolio import as_json
from bifolio.cli import as_text
from bifolio.cli.interruptible import interruptible
from bifolio.cli.options import selection_from, settings_from
from bifolio.cli.progress import Ingesting
from bifolio.ingest import BifolioError, Stopped
from bifolio.ingest_report import IngestReport
from bifolio.library import Library
from bifolio.retrieval import has_library
from bifolio.settings import Settings
from bifolio.storing import PutFiles, put_files

SKIPPED = 3


def run(options: argparse.Namespace) -> int:
    """Bring the library into step, and give the exit code."""
    settings = settings_from(options)
    with ExitStack() as stack:
        folder = settings.library
        if options.dry_run and not has_library(settings.place_of(folder)):
            # What a library to be made would take in is told without making it.
            folder = Path(stack.enter_context(TemporaryDirectory()))
        library = Library.open(folder, settings=settings)
        if options.watch:
            interruptible(lambda stop: _watch(library, options, settings, stop))
            return 0
        report = interruptible(lambda stop: _once(library, options, stop))
    _show(report, options, settings)
    return SKIPPED if report.skipped else 0


def _once(
    library: Library, options: argparse.Namespace, stop: Event, busy: Collection[str] = ()
) -> IngestReport:
    with Ingesting(quiet="json" in options) as bar:
        return library.add(
            options.paths,
            prune=options.prune,
            dry_run=options.dry_run,
            selection=selection_from(options),
            workers=options.workers,
            busy=busy,
            engine=_engine(options),
            on_progress=bar.show,
            stop=stop,
        )


def _engine(options: argparse.Namespace) -> PutFiles:
    if options.engine == "here":
        return put_files
    from bifolio.cluster import RayEngine

    return RayEngine(options.address)


def _watch(library: Library, options: argparse.Namespace, settings: Settings, stop: Event) -> None:
    from bifolio.watching import watch

    said: list[object] = []

    def sync(busy: Collection[str]) -> bool:
        """Bring the library into step once; tell whether that succeeded."""
        try:
            report = _once(library, options, stop, busy)
        except Stopped:
            raise
        except BifolioError as problem:
            if str(problem) not in said:
                print(f"bifolio: {problem}", file=sys.stderr)
            said[:] = [str(problem)]
            return False
        # What has been said needs no saying again.
        if _news(report) not in said:
            _show(report, options, settings)
        said[:] = [_news(report)]
        return True

    watch(options.paths, sync, without=library.folder, stop=stop)


def _news(report: IngestReport) -> object:
    changed = (report.added, report.updated, report.reread, report.renamed, report.removed)
    return object() if any(changed) else (report.missing, report.skipped, report.warnings)


def _show(report: IngestReport, options: argparse.Namespace, settings: Settings) -> None:
    report = replace(report, library=str(settings.library))
    text = as_text.report(report, dry_run=options.dry_run)
    shown = json.dumps(as_json.report(report), ensure_ascii=False) if "json" in options else text
    print(shown, flush=True)
