"""The tabs, in their order. To add one: its folder, with NAME, build_tab and build_endpoint, and a name here."""

from . import anomaly, colorize, denoise, features, latent_walk, models, reconstruct, sequences, style, train

TABS = (reconstruct, denoise, colorize, latent_walk, style, anomaly, sequences, features, train, models)
