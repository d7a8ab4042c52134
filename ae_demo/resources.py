"""The paths of `assets` and `checkpoints`: beside the package in a clone of the repository, inside it if installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: str) -> Path:
    """The folder `name`, "assets" or "checkpoints": inside an installed package, or beside it in a clone."""
    installed = PACKAGE / f"_{name}"  # the name given in pyproject.toml
    return installed if installed.is_dir() else PACKAGE.parent / name
