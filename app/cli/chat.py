"""Serves the web chat: Streamlit, on this machine alone unless a password is set."""

import os
import sys
import tomllib
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import NoReturn

from bifolio.entrance import (
    NeedsPassword,
    check_login,
    host_names,
    is_loopback,
    password_from,
)
from bifolio.settings import Settings

# No other site may drive the page, nothing is reported to anybody.
_OPTIONS = (
    "server.headless=true",
    "server.fileWatcherType=none",
    "server.enableStaticServing=false",
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


def serve(
    settings: Settings,
    *,
    port: int,
    address: str = "127.0.0.1",
    hosts: Sequence[str] = (),
    also: Sequence[str] = (),
) -> NoReturn:
    """Serve until interrupted; the server takes this process's place, and so gets its signals.

    ``also`` are the folders of further libraries.

    Raises:
        NeedsPassword: other machines would reach it, and neither a password nor a login is set.
        LoginUnavailable: a login is set, and its package is not installed.
        BadSetting: the file of the password cannot be read.
    """
    if has_login():
        check_login()
    elif password_from() is None and not is_loopback(address):
        raise NeedsPassword(address)
    shown = next(iter(hosts), f"[{address}]" if ":" in address else address)
    print(f"Bifolio: http://{shown}:{port} (Ctrl-C stops it)", file=sys.stderr)
    own = [*_OPTIONS, f"server.address={address}", f"server.port={port}"]
    own += [f"server.allowedHosts={name}" for name in host_names(address, hosts)]
    options = [f"--{option}" for option in own]
    with as_file(files("bifolio.ui") / "streamlit_app.py") as script:
        # -P: the folder a user stands in must not supply modules.
        command = [sys.executable, "-P", "-m", "streamlit", "run", str(script), *options]
        more = {"BIFOLIO_ALSO": os.pathsep.join(str(Path(one).absolute()) for one in also)}
        environ = os.environ | settings.environment() | (more if also else {})
        os.execve(sys.executable, command, environ)  # noqa: S606 - no shell


def has_login() -> bool:
    """Tell whether Streamlit's own login is set, as [auth] in a secrets.toml that it reads."""
    for folder in (Path.cwd(), Path.home()):
        try:
            told = tomllib.loads((folder / ".streamlit/secrets.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if "auth" in told:
            return True
    return False
