"""One file per command of `python -m core`; each gets the parsed options and gives an exit code."""
