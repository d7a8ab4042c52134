from .endpoint import build_endpoint
from .fitting import warm_up
from .tab import NAME, build_tab

__all__ = ["NAME", "build_endpoint", "build_tab", "warm_up"]
