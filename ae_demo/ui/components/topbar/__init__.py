from ae_demo.ui.components.topbar.component import topbar

__all__ = ["topbar"]
