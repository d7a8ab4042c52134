from .endpoint import build_endpoint
from .spare_worker import prepare as warm_up
from .tab import NAME, build_tab

__all__ = ["NAME", "build_endpoint", "build_tab", "warm_up"]
