"""Starts the demo: what `python app.py`, `make demo` and Hugging Face Spaces run."""

from ae_demo.ui.app import launch

if __name__ == "__main__":
    launch()
