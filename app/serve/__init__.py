"""Libraries over HTTP: as models of OpenAI's clients, and with all that Bifolio itself can do."""

from bifolio.serve.application import create_app
from bifolio.serve.guard import Rules
from bifolio.serve.limits import Limits
from bifolio.serve.running import Serving, serve, server_of
from bifolio.serve.served import Served
from bifolio.serve.service import Service

__all__ = [
    "Limits",
    "Rules",
    "Served",
    "Service",
    "Serving",
    "create_app",
    "serve",
    "server_of",
]
