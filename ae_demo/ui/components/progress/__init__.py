from ae_demo.ui.components.progress.component import STATES, progress

__all__ = ["STATES", "progress"]
