"""Every error that a user of AE Demo can cause, in one tree: catch `AEDemoError` for all of them.

A message says what was given, what is allowed, and what to do.
"""


class AEDemoError(Exception):
    """The root of the tree. Its message is fit to be shown to a user as it stands."""


class ConfigError(AEDemoError, ValueError):
    """A setting is unknown, of the wrong type or out of range."""


class DataError(AEDemoError):
    """A data set is missing, damaged or empty."""


class PictureError(AEDemoError, ValueError):
    """A file or array is no picture that can be used."""


class ShapeError(AEDemoError, ValueError):
    """A tensor's shape does not fit the model."""


class CheckpointError(AEDemoError):
    """A checkpoint is missing, damaged or foreign."""


class TrainingError(AEDemoError, RuntimeError):
    """A run cannot go on, for example because its loss is no longer a number."""
