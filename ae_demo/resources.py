"""Where `assets` and `checkpoints` lie: beside the package in a clone of the repository, inside it once installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: str) -> Path:
    """The folder `name`, "assets" or "checkpoints": inside an installed package, or beside it in a clone."""
    installed = PACKAGE / f"_{name}"  # so named by the build, see pyproject.toml
    return installed if installed.is_dir() else PACKAGE.parent / name
