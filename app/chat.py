"""Serves the web chat: Streamlit in a process of its own, on this machine alone."""

import os
import subprocess
import sys
from importlib.resources import as_file, files

from bifolio.settings import Settings

_OPTIONS = {
    "server.address": "127.0.0.1",
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.enableStaticServing": "false",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
}


def serve(settings: Settings, *, port: int) -> int:
    """Serve until interrupted; give the exit code of the server."""
    chosen = {
        "BIFOLIO_LIBRARY": str(settings.library.absolute()),
        "BIFOLIO_MODELS": settings.models,
        "BIFOLIO_EMBEDDER": settings.embedder or "",
        "BIFOLIO_RERANKER": settings.reranker or "",
    }
    options = [f"--{name}={value}" for name, value in _OPTIONS.items()]
    with as_file(files("bifolio.ui") / "streamlit_app.py") as script:
        # -P: the folder a user stands in must not supply modules.
        command = [sys.executable, "-P", "-m", "streamlit", "run", str(script), *options]
        try:
            done = subprocess.run(  # noqa: S603 - no shell, nothing of a user's but a number
                [*command, f"--server.port={port}"], env=os.environ | chosen, check=False
            )
        except KeyboardInterrupt:
            return 0
    return done.returncode
