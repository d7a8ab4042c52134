from ae_demo.ui.components.link.component import link

__all__ = ["link"]
