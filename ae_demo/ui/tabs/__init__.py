"""The tabs, in the order they stand in. To add one: its module, with NAME and build_tab, and a name here."""

from . import colorize, denoise, latent_walk, reconstruct, train

TABS = (reconstruct, denoise, colorize, latent_walk, train)
