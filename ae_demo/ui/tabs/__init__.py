"""The tabs, in the order they stand in. To add one: its module, with NAME and build_tab, and a name here."""

from .colorize import tab as colorize
from .denoise import tab as denoise
from .latent_walk import tab as latent_walk
from .reconstruct import tab as reconstruct
from .train import tab as train

TABS = (reconstruct, denoise, colorize, latent_walk, train)
