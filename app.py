"""Starts the demo: what `python app.py`, `make demo` and Hugging Face Spaces run."""

import sys

from ae_demo.cli import main

if __name__ == "__main__":
    sys.exit(main(["serve"]))
