"""Libraries over HTTP: as models of OpenAI's clients, and with all that Bifolio itself can do."""

from bifolio.serve.application import create_app
from bifolio.serve.guard import Rules
from bifolio.serve.limits import Limits
from bifolio.serve.running import NeedsKey, Serving, listen, serve, server_of
from bifolio.serve.served import Served, Shelf, open_shelf
from bifolio.serve.service import Service

__all__ = [
    "Limits",
    "NeedsKey",
    "Rules",
    "Served",
    "Service",
    "Serving",
    "Shelf",
    "create_app",
    "listen",
    "open_shelf",
    "serve",
    "server_of",
]
