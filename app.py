"""Starts the demo, as `python app.py`, `make demo` and Hugging Face Spaces do. Takes the flags of `ae-demo serve`."""

import sys

from ae_demo.cli import main

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
