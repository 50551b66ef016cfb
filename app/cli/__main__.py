"""Runs the command line: ``python -m bifolio.cli COMMAND``."""

import sys

from bifolio.cli.commands import main

sys.exit(main())
