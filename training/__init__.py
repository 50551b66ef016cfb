"""How the starter models are made: one command a stage, see README.md. Not part of the wheel."""
