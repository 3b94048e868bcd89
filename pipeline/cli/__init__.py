"""The command line. Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with part missing, 130 stopped by Ctrl-C."""

from pipeline.cli.main import main

__all__ = ["main"]
