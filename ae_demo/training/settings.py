"""The settings of a run. Flags, form, links, reports and API convert them with `from_flat` and `to_flat`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..data import DATA_SETS, DataSet, get_data_set
from ..errors import ConfigError
from ..models import Autoencoder, Config, build_model, get_family
from .options import TrainOptions

OF_DATA = ("input_shape", "symbols", "classes")  # fields of configs that the data set determines


@dataclass(frozen=True)
class RunSettings:
    """The settings that determine a run.

    family, data: names in the catalogues of models and of data sets
    config, options: settings of the model and of its training
    limit: number of training samples to use; None: all
    """

    family: str
    data: str
    config: Config
    options: TrainOptions
    limit: int | None = None

    @classmethod
    def options_class(cls) -> type[TrainOptions]:
        """The class of `options`."""
        return TrainOptions

    @classmethod
    def from_flat(cls, family: str, data: str, values: Mapping[str, Any] | None = None, **more: Any) -> RunSettings:
        """Create settings from a mapping with the fields of the config and of the options, and `limit`.

        Missing fields get their defaults, except the fields `OF_DATA`, which are derived from the data set. `more` are
        fields of a subclass. Raises `ConfigError` for unknown names and for values that are out of range.
        """
        values = dict(values or {})
        kind, options_class, entry = get_family(family), cls.options_class(), get_data_set(data)
        if not entry.suits(kind):
            allowed = [e.name for e in DATA_SETS.values() if e.suits(kind)]
            raise ConfigError(
                "{family} cannot be trained on {data}; choose one of {allowed}.",
                family=family,
                data=data,
                allowed=", ".join(allowed),
            )
        limit = values.pop("limit", None)
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise ConfigError(
                "limit is {given!r}; give an integer of 1 or more, or 0 for all training samples.", given=limit
            )
        option_names = [field.name for field in dataclasses.fields(options_class)]
        options = {name: values.pop(name) for name in option_names if name in values}
        config = kind.Config.from_dict({**_fields_of(entry, kind.Config), **values})
        return cls(family, data, config, options_class(**options), limit or None, **more)

    def to_flat(self, changed: bool = False) -> dict[str, Any]:
        """The inverse of `from_flat`, without `input_shape`; `changed`: only values that differ from the defaults."""
        flat = {}
        for part in (self.config, self.options):
            for field in dataclasses.fields(part):
                value = getattr(part, field.name)
                if field.name != "input_shape" and not (changed and value == field.default):
                    flat[field.name] = value
        return {**flat, "limit": self.limit} if self.limit or not changed else flat

    def build_model(self, input_shape: tuple[int, ...] | None = None) -> Autoencoder:
        """A model with randomly initialised weights. `input_shape`, if given, replaces that of the config."""
        config = self.config if input_shape is None else dataclasses.replace(self.config, input_shape=input_shape)
        return build_model(self.family, **config.to_dict())


def _fields_of(entry: DataSet, config: type[Config]) -> dict[str, Any]:
    """The fields of a config that a data set determines, see `OF_DATA`."""
    known = zip(OF_DATA, (entry.train_shape, entry.symbols, len(entry.classes)), strict=True)
    names = {field.name for field in dataclasses.fields(config)}
    return {name: value for name, value in known if value and name in names}
