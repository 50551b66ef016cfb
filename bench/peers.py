"""The libraries that ours is measured against, each in a virtual environment of its own.

    python bench/peers.py [NAME ...]

They contradict each other and, in part, the transformers that ours uses. The environments lie in
.venv-peers/ at the root; each is made when it is first asked for, from the versions named here.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

_FOLDER = Path(__file__).resolve().parent.parent / ".venv-peers"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """What pip installs: ``alone`` without what it asks for itself, which ``packages`` name."""

    packages: Sequence[str]
    alone: Sequence[str] = ()


PEERS = {
    "bcembedding": Peer(
        packages=(
            "torch==2.13.0",
            "transformers==4.36.2",
            "numpy==1.26.4",
            "sentence-transformers==2.7.0",
            "datasets==2.15.0",
        ),
        alone=("BCEmbedding==0.1.5",),
    ),
    "flagembedding": Peer(
        packages=("torch==2.13.0", "transformers==5.23.0", "FlagEmbedding==1.4.2")
    ),
    "sentence-transformers": Peer(
        packages=("torch==2.13.0", "transformers==5.23.0", "sentence-transformers==6.2.0")
    ),
}


def environment(name: str) -> Path:
    """Give the Python of a peer's environment, and make the environment where need be.

    Raises:
        KeyError: there is no such peer.
        subprocess.CalledProcessError: pip failed; its words are on standard error.
    """
    peer = PEERS[name]
    folder = _FOLDER / name
    python, made = folder / "bin/python", folder / "made"
    wanted = repr(peer)
    _FOLDER.mkdir(exist_ok=True)
    with FileLock(_FOLDER / f"{name}.lock"):
        if made.exists() and made.read_text(encoding="utf-8") == wanted:
            return python
        # A half-made one, or one of other versions.
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, *peer.packages], check=True)
        if peer.alone:
            subprocess.run([*install, "--no-deps", *peer.alone], check=True)
        made.write_text(wanted, encoding="utf-8")
    return python


def main() -> None:
    """Make the environments that are named, or all."""
    for name in sys.argv[1:] or PEERS:
        print(environment(name))


if __name__ == "__main__":
    main()
