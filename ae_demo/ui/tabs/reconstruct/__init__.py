from .endpoint import build_endpoint
from .tab import NAME, build_tab, warm_up

__all__ = ["NAME", "build_endpoint", "build_tab", "warm_up"]
