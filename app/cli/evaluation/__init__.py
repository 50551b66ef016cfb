"""The commands that measure: ``bifolio eval`` and ``bifolio calibrate``."""
