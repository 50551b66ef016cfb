"""Serves the web chat: Streamlit, on this machine alone."""

import os
import sys
from importlib.resources import as_file, files
from typing import NoReturn

from bifolio.settings import Settings

# Loopback only, no other site may drive the page, nothing is reported to anybody.
_OPTIONS = (
    "server.address=127.0.0.1",
    "server.allowedHosts=localhost",
    "server.allowedHosts=127.0.0.1",
    "server.headless=true",
    "server.fileWatcherType=none",
    "server.enableStaticServing=false",
    "browser.serverAddress=127.0.0.1",
    "browser.gatherUsageStats=false",
    "client.toolbarMode=minimal",
    "client.showErrorDetails=none",
    "client.showErrorLinks=false",
    "logger.hideWelcomeMessage=true",
    "runner.magicEnabled=false",
    "theme.light.primaryColor=#2c6e6a",
    "theme.light.backgroundColor=#fdfcfa",
    "theme.light.secondaryBackgroundColor=#f2f0eb",
    "theme.light.textColor=#24292c",
    "theme.dark.primaryColor=#7fb5ae",
    "theme.dark.backgroundColor=#15191b",
    "theme.dark.secondaryBackgroundColor=#1f2527",
    "theme.dark.textColor=#e4e4de",
)


def serve(settings: Settings, *, port: int) -> NoReturn:
    """Serve until interrupted; the server takes this process's place, and so gets its signals."""
    options = [f"--{option}" for option in (*_OPTIONS, f"server.port={port}")]
    with as_file(files("bifolio.ui") / "streamlit_app.py") as script:
        # -P: the folder a user stands in must not supply modules.
        command = [sys.executable, "-P", "-m", "streamlit", "run", str(script), *options]
        os.execve(sys.executable, command, os.environ | settings.environment())  # noqa: S606 - no shell
