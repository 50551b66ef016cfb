"""Write the golden files of tests/parity anew: the reference libraries' own numbers.

    python bench/parity/golden.py [NAME ...]

Each library runs in an environment of its own, which peers.py makes where it is missing. The
models are tiny (tiny_models.py) or the starter pair, saved for other tools, so a run takes a minute
or two. Needs the environment that Bifolio is installed in.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

_HERE = Path(__file__).resolve().parent
# peers.py lies beside this folder, not in a package.
sys.path.insert(0, str(_HERE.parent))

from peers import PEERS, environment  # noqa: E402

from bifolio.retrieval import save  # noqa: E402


def main() -> None:
    """Run the peers that are named, or all."""
    with tempfile.TemporaryDirectory() as scratch:
        starter = Path(scratch) / "starter"
        save("starter", starter)
        for name in sys.argv[1:] or PEERS:
            script = _HERE / f"run_{name.replace('-', '_')}.py"
            target = _HERE.parent.parent / "tests/parity" / f"{name}.json"
            python = environment(name)
            own = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "STARTER": str(starter)}
            subprocess.run([python, script, target], check=True, env=os.environ | own)
            print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
