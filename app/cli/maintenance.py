"""The commands about a library as a whole: check, repair, rebuild, export, import."""

import argparse
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bifolio.cli.options import settings_from
from bifolio.cli.progress import Ingesting
from bifolio.library import Library
from bifolio.maintenance import Archived, export_library, import_library, rebuild, repair
from bifolio.models import Models
from bifolio.retrieval import Damage, folder_at

_PUT_BACK = "put its file back and repair again, or remove the document"


@dataclass(frozen=True, slots=True)
class Told:
    """What a command prints, for programs and for people; ``sound`` is False where damage is."""

    json: dict[str, Any]
    text: str
    sound: bool = True


def checked(options: argparse.Namespace) -> Told:
    """Tell what is damaged in the library."""
    library = _open(options)
    damages = library.store.check(whole=options.whole)
    text = [str(damage.told) for damage in damages]
    if damages:
        text.append("`bifolio repair` mends what can be mended")
    else:
        looked = (
            "every byte" if options.whole else "counts and the index file; --whole looks at all"
        )
        text.append(f"{library.store.address}: nothing is damaged ({looked})")
    return Told({"damages": list(_listed(damages))}, "\n".join(text), sound=not damages)


def repaired(options: argparse.Namespace) -> Told:
    """Mend the library, and tell what is left."""
    library = _open(options)
    done = repair(library.store, library.models.embedder)
    text = [f"mended: {damage.told}" for damage in done.mended]
    for damage in done.left:
        remedy = f"; {_PUT_BACK}" if damage.part == "text" else ""
        text.append(f"NOT mended: {damage.told}{remedy}")
    if not done.mended and not done.left:
        text.append(f"{library.store.address}: nothing is damaged")
    told = {"mended": list(_listed(done.mended)), "left": list(_listed(done.left))}
    return Told(told, "\n".join(text), sound=not done.left)


def rebuilt(options: argparse.Namespace) -> Told:
    """Make the library anew with the models in force."""
    settings = settings_from(options)
    models = Models.open(settings)
    with Ingesting(quiet="json" in options) as bar:
        done = rebuild(settings.place_of(settings.library), models, on_progress=bar.show)
    text = (
        f"{settings.library}: {done.documents} documents, {done.chunks} chunks, now by {done.now}"
        f" (before: {done.before})"
    )
    return Told(asdict(done), text)


def exported(options: argparse.Namespace) -> Told:
    """Write the library to one file."""
    library = _open(options)
    done = export_library(library.store, options.archive, originals=options.originals)
    return _archived(done, f"{library.store.address} -> {done.file}")


def imported(options: argparse.Namespace) -> Told:
    """Make a library of one file, or go back to what it holds."""
    settings = settings_from(options)
    folder = folder_at(settings.place_of(settings.library))
    models = Models.open(settings)
    done = import_library(options.archive, folder, models, replaces=options.replace)
    return _archived(done, f"{done.file} -> {settings.library}")


def _open(options: argparse.Namespace) -> Library:
    settings = settings_from(options)
    return Library.open(settings.library, settings=settings, create=False)


def _listed(damages: Iterable[Damage]) -> Iterable[dict[str, str]]:
    for damage in damages:
        yield {"part": damage.part, "document": damage.document, "said": str(damage.told)}


def _archived(done: Archived, ways: str) -> Told:
    text = [f"{ways}: {done.documents} documents, {done.originals} of their files"]
    text += [f"left out, its file is not what was read: {path}" for path in done.gone]
    return Told(asdict(done), "\n".join(text))
