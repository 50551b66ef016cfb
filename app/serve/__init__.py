"""Libraries over HTTP: as models of OpenAI's clients, and with all that Bifolio itself can do."""

from bifolio.serve.application import create_app
from bifolio.serve.limits import Limits
from bifolio.serve.running import NeedsKey, Serving, run, serve
from bifolio.serve.served import Shelf, open_shelf
from bifolio.serve.service import Service

__all__ = [
    "Limits",
    "NeedsKey",
    "Service",
    "Serving",
    "Shelf",
    "create_app",
    "open_shelf",
    "run",
    "serve",
]
